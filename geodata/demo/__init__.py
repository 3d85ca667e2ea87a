"""The demo borough: a synthetic Tower Hamlets from a fixed seed, marked DEMO wherever it shows.

The names and codes of the wards are real, and so is where stations and parks are, to 100 m.
Everything else is invented here: boundaries, streets, residents and every report. Nothing is
copied from any data set.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.batches import REJECTED_COLUMNS, Batch
from geodata.demo import borough
from geodata.demo.council import council_cases
from geodata.demo.frames import digest_of
from geodata.demo.places import places
from geodata.demo.police import police_reports
from geodata.demo.snap_points import snap_points

__all__ = ["LAST_MONTH", "LENGTH", "SEED", "Demo", "demo"]

SEED = 20_260_630
LAST_MONTH = "2026-06"
LENGTH = 36


@dataclass(frozen=True)
class Demo:
    """Everything a demo workspace holds.

    Attributes
    ----------
    wards, places : geopandas.GeoDataFrame
        Layers in BNG.
    population : pandas.DataFrame
        Invented residents.
    ward_info : dict
        Where the boundaries come from: `schematic` is True.
    batches : tuple of Batch
        One for each force and one for the council, as if read from files.
    """

    wards: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    population: pd.DataFrame
    ward_info: dict[str, Any]
    batches: tuple[Batch, ...]


def demo(*, seed: int = SEED, last_month: str = LAST_MONTH) -> Demo:
    """Invent the demo borough.

    Parameters
    ----------
    seed : int, default 20260630
        The same seed and month give the same borough, on every machine.
    last_month : str, default '2026-06'
        YYYY-MM; the reports cover 36 months up to it.

    Returns
    -------
    Demo
        Layers and reports, not stored anywhere yet.

    Raises
    ------
    ValueError
        If `last_month` is not a month.

    Examples
    --------
    >>> invented = demo()
    >>> len(invented.wards), [batch.file for batch in invented.batches]
    (20, ['demo metropolitan', 'demo city-of-london', 'demo btp', 'demo council cases'])
    """
    rng = np.random.default_rng(seed)
    points = snap_points(rng)
    police = police_reports(points, rng, last_month=last_month, length=LENGTH)
    council = council_cases(points, rng, last_month=last_month, length=LENGTH)
    batches = [_batch(f"demo {force}", frame) for force, frame in police.items()]
    batches.append(_batch("demo council cases", council))
    return Demo(borough.wards(), places(), borough.population(), _ward_info(seed), tuple(batches))


def _batch(name: str, incidents: pd.DataFrame) -> Batch:
    digest, source = digest_of(incidents), str(incidents["source"].iloc[0])
    uid = [f"{source}:{digest[:16]}:{row}" for row in range(len(incidents))]
    rejected = pd.DataFrame({c: pd.Series(dtype="str") for c in REJECTED_COLUMNS})
    return Batch(
        file=name,
        digest=digest,
        source=source,
        channel="file",
        incidents=incidents.assign(incident_uid=pd.Series(uid, dtype="str")),
        rejected=rejected.astype({"line": "int64"}),
        rows_in=len(incidents),
    )


def _ward_info(seed: int) -> dict[str, Any]:
    wards = borough.wards()
    return {
        "source": borough.SOURCE_NAME,
        "schematic": True,
        "demo_seed": seed,
        "crs": str(wards.crs.to_string()),
        "wards": len(wards),
        "area_ha": round(float(wards.area.sum()) / 1e4, 1),
        "overlap_m2": 0.0,
        "gap_m2": 0.0,
        "repaired": 0,
        "vintage": "current",
        "vintage_note": "The codes of the 20 wards in force since 2014, on schematic boundaries.",
        "notes": [borough.SOURCE_NAME],
    }
