"""The demo borough: a synthetic Tower Hamlets from a fixed seed, marked DEMO wherever it shows.

The names and codes of the wards are real, and so is where stations and parks are, to 100 m.
Everything else is invented here: boundaries, streets, lamps, residents and every report. Nothing is
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
from geodata.demo.streets import DemoStreets, draw_streets
from geodata.ward_shapes import GAP_METHOD, measure_fit
from geodata.wards import WardInfo

__all__ = ["LAST_MONTH", "LENGTH", "SEED", "Demo", "demo"]

SEED = 20_260_630
LAST_MONTH = "2026-06"
LENGTH = 36
RECORDS_EDITION = 2
"""Raised when what `geodata.demo.records` invents changes, so that older demos are made anew."""


@dataclass(frozen=True)
class Demo:
    """Everything a demo workspace holds.

    Attributes
    ----------
    wards, places : geopandas.GeoDataFrame
        Layers in BNG.
    population : pandas.DataFrame
        Invented residents.
    network : DemoStreets
        Streets to walk along, lamps, crossings and water, of our own drawing.
    ward_info : dict
        Where the boundaries come from: `schematic` is True, and `demo_digest` names everything
        the demo holds.
    batches : tuple of Batch
        One for each force and one for the council, as if read from files.
    """

    wards: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    population: pd.DataFrame
    network: DemoStreets
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
    layers = (borough.wards(), places(), borough.population())
    network = draw_streets(seed)
    digest = _digest(layers[:2], layers[2], network, batches)
    whole = f"{digest}-{RECORDS_EDITION}"
    about = _ward_info(layers[0]) | {"demo_seed": seed, "demo_digest": whole}
    return Demo(*layers, network, about, tuple(batches))


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


def _digest(
    known: tuple[gpd.GeoDataFrame, ...],
    residents: pd.DataFrame,
    network: DemoStreets,
    batches: list[Batch],
) -> str:
    drawn = (*known, network.streets, network.lamps, network.crossings, network.water)
    flat = [
        pd.DataFrame(layer).assign(geometry=layer.geometry.to_wkb(hex=True).astype("str"))
        for layer in drawn
    ]
    parts = [digest_of(frame) for frame in (*flat, residents)] + [b.digest for b in batches]
    return digest_of(pd.DataFrame({"digest": parts}))


def _ward_info(wards: gpd.GeoDataFrame) -> dict[str, Any]:
    """Describe the boundaries as a file's would be, and mark them schematic."""
    fit = measure_fit(wards.geometry.to_numpy())
    info = WardInfo(
        source=borough.SOURCE_NAME,
        format="drawn by hand",
        layer="",
        crs="British National Grid",
        grid_note="The corners are whole metres; what they are drawn from is good to 100 m.",
        code_column="ward_code",
        name_column="ward_name",
        wards=len(wards),
        area_ha=fit.area_ha,
        overlap_m2=fit.overlap_m2,
        overlaps=(),
        gap_m2=fit.gap_m2,
        gap_note=GAP_METHOD,
        repaired=0,
        repaired_wards=(),
        dissolved=0,
        dissolved_wards=(),
        names_changed=0,
        renamed=(),
        vintage="current",
        vintage_note="The codes of the 20 wards in force since 2014, on schematic boundaries.",
        vintage_year=None,
        flattened=False,
        notes=(borough.SOURCE_NAME,),
    )
    return info.to_json() | {"schematic": True}
