"""Small worlds to test in: wards drawn by hand, incidents written as one line each."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.crs import BNG, to_lonlat
from geodata.incidents import INCIDENT_SCHEMA, WARD_COLUMNS, empty_incidents
from geodata.store import Batch, commit
from geodata.workspace import Workspace

# Two wards of 1 km2 side by side, west of the middle line at 531000, far from any real ward.
WEST, EAST = "E05999991", "E05999992"
ORIGIN = (530_000.0, 180_000.0)


def two_wards() -> gpd.GeoDataFrame:
    """West and East: squares of 1 km side by side."""
    x, y = ORIGIN
    return gpd.GeoDataFrame(
        {"ward_code": [WEST, EAST], "ward_name": ["West", "East"]},
        geometry=[
            shapely.box(x, y, x + 1000, y + 1000),
            shapely.box(x + 1000, y, x + 2000, y + 1000),
        ],
        crs=BNG,
    )


def incidents(rows: Sequence[tuple[Any, ...]], **columns: object) -> pd.DataFrame:
    """Build incidents from (month, metres east of ORIGIN, metres north of it); None has no place.

    A fourth item names the category, police.uk's anti-social behaviour by default.
    """
    frame = pd.DataFrame(
        [
            (row[0], row[1], row[2], row[3] if len(row) > 3 else "police_uk_unspecified")
            for row in rows
        ],
        columns=["month", "easting", "northing", "category"],
    ).astype({"easting": "float64", "northing": "float64"})
    frame["easting"] += ORIGIN[0]
    frame["northing"] += ORIGIN[1]
    frame["lon"], frame["lat"] = to_lonlat(
        frame["easting"].to_numpy(), frame["northing"].to_numpy()
    )
    located = frame["easting"].notna()
    given: dict[str, object] = {
        "source": "police_uk", "record_level": "incident", "force": "metropolitan",
        "time_precision": "month", "date_basis": "recorded",
        "geo_precision": np.where(located, "snap_point", "none"), **columns,
    }  # fmt: skip
    frame = frame.assign(**given)
    named = zip(frame["source"], frame["force"], strict=True)
    frame["incident_uid"] = [f"{source}:{force}:{i}" for i, (source, force) in enumerate(named)]
    wanted = [c for c in INCIDENT_SCHEMA.names if c not in WARD_COLUMNS]
    types = _types()
    blank = {
        c: pd.Series(None, index=frame.index, dtype=types[c]) for c in wanted if c not in frame
    }
    return pd.concat([frame, pd.DataFrame(blank, index=frame.index)], axis=1)[wanted]


@cache
def _types() -> dict[str, Any]:
    return dict(empty_incidents().dtypes)


def batch(name: str, rows: pd.DataFrame, *, empty_months: Sequence[tuple[str, str]] = ()) -> Batch:
    """Wrap incidents as one parsed file without rejected rows."""
    rejected = pd.DataFrame({c: pd.Series(dtype="str") for c in ("file", "line", "reason", "row")})
    rows = rows.assign(incident_uid=[f"{name}:{uid}" for uid in rows["incident_uid"]])
    source = str(rows["source"].iloc[0]) if len(rows) else "police_uk"
    return Batch(
        file=f"{name}.csv", digest=name, source=source, channel="file", incidents=rows,
        rejected=rejected, rows_in=len(rows), empty_months=tuple(empty_months),
    )  # fmt: skip


def workspace_of(folder: Path, *batches: Batch) -> Workspace:
    """Make a real workspace of the two wards and store the batches in it, or copy it if known."""

    def make() -> None:
        made = Workspace.create(folder, kind="real", wards=two_wards(), ward_info={})
        if batches:
            commit(made, batches, mode="add")

    once(folder, make, "workspace", batches)
    return Workspace.open(folder)


_MADE: dict[bytes, tuple[Any, list[tuple[Path, int, bytes | None]]]] = {}
"""What was said of each folder made so far, its folders, and its files with what is in them."""


def once(folder: Path, make: Callable[[], Any], *told: object) -> Any:
    """Have a new folder filled, the first time, and filled with copies from then on.

    To write the files of a workspace takes a fiftieth of the time it takes to make it. What `make`
    answers is said again; all that it does must follow from what is `told`.
    """
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        return make()
    key = hashlib.sha256(pickle.dumps(told)).digest()
    if key in _MADE:
        said, content = _MADE[key]
        _write(folder, content)
        return said
    said = make()
    paths = (folder, *sorted(folder.rglob("*")))
    content = [
        (p.relative_to(folder), p.stat().st_mode, p.read_bytes() if p.is_file() else None)
        for p in paths
    ]
    _MADE[key] = (said, content)
    return said


def _write(folder: Path, content: Sequence[tuple[Path, int, bytes | None]]) -> None:
    for path, mode, data in content:
        if data is None:
            (folder / path).mkdir(parents=True, exist_ok=True)
        else:
            (folder / path).write_bytes(data)
            (folder / path).chmod(mode)
