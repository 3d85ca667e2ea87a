"""Ward join and import, ours and the plain way, as lines of `python -m benchmarks`.

What is run is what `ward_join.py`, `import_police_uk.py` and `import_council.py` run by themselves.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import geopandas as gpd
import pandas as pd

from benchmarks import import_council, import_police_uk, ward_join
from benchmarks.measure import Work, digest
from geodata.ward_join import assign_wards_xy

SEED = 20_260_401


def write_points(folder: Path, wards: int, side_m: int, rows: int, distinct: int) -> None:
    """Write wards and the points of every row."""
    shapes = ward_join.made_up_wards(wards, float(side_m), seed=1)
    x, y = ward_join.made_up_points(shapes, rows, distinct, seed=2)
    shapes.to_parquet(folder / "wards.parquet")
    pd.DataFrame({"x": x, "y": y}).to_parquet(folder / "points.parquet")


def _points(folder: Path) -> tuple[pd.Series, pd.Series, gpd.GeoDataFrame]:
    points = pd.read_parquet(folder / "points.parquet")
    return points["x"], points["y"], gpd.read_parquet(folder / "wards.parquet")


def ours_join(folder: Path) -> tuple[str, float]:
    """Join every row; with its nearness to an edge and the collar, which sjoin does not give."""
    x, y, wards = _points(folder)
    start = time.perf_counter()
    ward = assign_wards_xy(x, y, wards)["ward_code"]
    return _told(ward, time.perf_counter() - start)


def sjoin(folder: Path) -> tuple[str, float]:
    """Join every row with geopandas."""
    x, y, wards = _points(folder)
    start = time.perf_counter()
    ward = ward_join.by_sjoin(x, y, wards)
    return _told(ward, time.perf_counter() - start)


def _told(ward: pd.Series, seconds: float) -> tuple[str, float]:
    return digest(ward.astype("object").fillna("").astype(str).to_numpy().astype("S9")), seconds


def write_police(folder: Path, rows: int) -> None:
    """Write a year of police.uk files."""
    import_police_uk.write_months(folder, rows, 12, 30_000, SEED)


def ours_police(folder: Path) -> tuple[str, float]:
    """Import them."""
    return _imported(import_police_uk.ours, sorted(folder.glob("*.csv")), import_police_uk)


def plain_police(folder: Path) -> tuple[str, float]:
    """Read, join, write."""
    return _imported(import_police_uk.plain, sorted(folder.glob("*.csv")), import_police_uk)


def write_council(folder: Path, rows: int) -> None:
    """Write one council file."""
    import_council.write_file(folder / "council.csv", rows, SEED)


def ours_council(folder: Path) -> tuple[str, float]:
    """Import it."""
    return _imported(import_council.whole, folder / "council.csv", import_council)


def plain_council(folder: Path) -> tuple[str, float]:
    """Read, join, write."""
    return _imported(import_council.plain, folder / "council.csv", import_council)


def _imported(way: object, what: object, module: object) -> tuple[str, float]:
    with tempfile.TemporaryDirectory() as inner:
        told = way(what, module.made_up_wards(), Path(inner))  # type: ignore[attr-defined, operator]
    return f"{told['rows']:,.0f} rows, {told['inside']:,.0f} inside", told["seconds"]


def works(quick: bool) -> list[Work]:
    """List the lines of the table."""
    scale = 10 if quick else 1

    def times(peer: str, most: float) -> object:
        return lambda taken, peers: taken.seconds <= most * peers[peer].seconds

    def cases(wards: int, side_m: int, rows: int, distinct: int) -> dict[str, dict[str, int]]:
        return {
            f"{rows // by:,} rows": {"wards": wards, "side_m": side_m, "rows": rows // by,
                                     "distinct": distinct // by}
            for by in ((100, 10) if quick else (100, 10, 1))
        }  # fmt: skip

    plain = "pandas, sjoin, to_parquet"
    imported = {f"{n // scale:,} rows": {"rows": n // scale} for n in (100_000, 1_000_000)}
    return [
        Work("join-snap", "ward join, snap points, 654 wards", "ours_join",
             {"geopandas.sjoin": "sjoin"}, cases(654, 52_000, 1_270_000, 32_000),
             ">= 10x sjoin, same rows", times("geopandas.sjoin", 0.1), "write_points"),
        Work("join-distinct", "ward join, distinct points, 20 wards", "ours_join",
             {"geopandas.sjoin": "sjoin"}, cases(20, 6_500, 1_000_000, 1_000_000),
             ">= 2x sjoin, same rows", times("geopandas.sjoin", 0.5), "write_points"),
        Work("import-police", "import of police.uk files", "ours_police", {plain: "plain_police"},
             imported, "<= 1x its time", times(plain, 1.0), "write_police"),
        Work("import-council", "import of a council's file", "ours_council",
             {plain: "plain_council"}, imported, "<= 2x its time", times(plain, 2.0),
             "write_council"),
    ]  # fmt: skip
