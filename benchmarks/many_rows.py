"""Very many reports on few snap points, a Parquet file a month: hexagons, months, wards.

Sides count the same rows to the last one; answers are compared. The plain way is a GeoDataFrame of
every row. DuckDB and polars group by distinct point, and from there on go the way we go.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.measure import Taken, Work, digest
from benchmarks.ward_join import made_up_wards
from geodata import counting
from geodata.crs import BNG, WGS84, to_bng, to_lonlat
from geodata.hexagons import hexagon_codes, hexagon_ids_of
from geodata.ward_join import assign_wards_xy

MONTHS, SIDE, SEED = 36, 200, 20_260_401
ACROSS_M = 300_000.0
SIZES = {"1x": (180_000, 7_500, 70), "10x": (1_800_000, 75_000, 700)}
WHOLE = {**SIZES, "100x": (18_000_000, 750_000, 7_000)}


def write(folder: Path, rows: int, points: int, wards: int) -> None:
    """Write monthly files, coordinates to six places as police.uk has them, and wards."""
    rng = np.random.default_rng(SEED)
    towns = rng.uniform(0, ACROSS_M, (max(4, wards // 12), 2))
    at = towns[rng.integers(0, len(towns), points)] + rng.normal(0, 2_000, (points, 2))
    at = np.clip(at, 0, ACROSS_M) + (380_000, 130_000)
    lon, lat = (axis.round(6) for axis in to_lonlat(at[:, 0], at[:, 1]))
    chance = np.cumsum(rng.pareto(1.5, points) + 1)
    for month in range(MONTHS):
        row = np.searchsorted(chance, rng.random(rows // MONTHS) * chance[-1])
        table = pa.table({"lon": lon[row], "lat": lat[row]})
        pq.write_table(table, folder / f"{month:02d}.parquet")
    shapes = made_up_wards(wards, ACROSS_M, SEED)
    shapes = shapes.set_geometry(shapes.geometry.translate(380_000 - 530_000, 130_000 - 180_000))
    shapes.to_parquet(folder / "wards.geoparquet")


def files(folder: Path) -> list[Path]:
    """List the monthly files."""
    return sorted(folder.glob("*.parquet"))


def scan(folder: Path) -> str:
    """Read the two columns and do nothing with them: the floor."""
    table = pa.concat_tables([pq.read_table(p, columns=["lon", "lat"]) for p in files(folder)])
    return str(table.num_rows)


def ours_hexagons(folder: Path) -> str:
    """Count by hexagon."""
    points = counting.count_points(files(folder))
    names, table = counting.count_hexagons(points, *counting.projected(points), SIDE)
    return _told(names, table.sum(axis=1))


def ours_months(folder: Path) -> str:
    """Count by hexagon and month."""
    points = counting.count_points(files(folder))
    names, table = counting.count_hexagons(points, *counting.projected(points), SIDE)
    return _told(names, table)


def ours_wards(folder: Path) -> str:
    """Count by ward."""
    points = counting.count_points(files(folder))
    east, north = counting.projected(points)
    wards = gpd.read_parquet(folder / "wards.geoparquet")
    joined = assign_wards_xy(pd.Series(east), pd.Series(north), wards)["ward_code"]
    found = points.added_up(joined.cat.codes.to_numpy(), len(joined.cat.categories)).sum(axis=1)
    return _told(joined.cat.categories[found > 0], found[found > 0])


def duckdb_hexagons(folder: Path) -> str:
    """DuckDB groups by distinct point."""
    found = _duckdb(folder, "lon, lat")
    return _hexagons(found, 1)


def duckdb_months(folder: Path) -> str:
    """DuckDB groups by distinct point and file."""
    found = _duckdb(folder, "lon, lat, filename")
    return _hexagons(found, MONTHS)


def duckdb_wards(folder: Path) -> str:
    """DuckDB groups, geopandas joins the distinct points."""
    found = _duckdb(folder, "lon, lat")
    points = gpd.GeoDataFrame(
        {"n": found["n"]}, geometry=gpd.points_from_xy(found["lon"], found["lat"], crs=WGS84)
    ).to_crs(BNG)
    wards = gpd.read_parquet(folder / "wards.geoparquet")
    joined = points.sjoin(wards, predicate="intersects").sort_values("ward_code")
    joined = joined[~joined.index.duplicated()]
    told = joined.groupby("ward_code")["n"].sum()
    return _told(told.index, told.to_numpy())


def polars_hexagons(folder: Path) -> str:
    """Polars groups by distinct point."""
    import polars as pl

    lazy = pl.scan_parquet(str(folder / "*.parquet"))
    return _hexagons(lazy.group_by("lon", "lat").len("n").collect().to_pandas(), 1)


def geopandas_hexagons(folder: Path) -> str:
    """Make a point of every row, project it, name its hexagon, count."""
    rows = pd.concat([pd.read_parquet(p) for p in files(folder)], ignore_index=True)
    points = gpd.GeoSeries(gpd.points_from_xy(rows["lon"], rows["lat"], crs=WGS84)).to_crs(BNG)
    told = pd.Series(hexagon_ids_of(points.x.to_numpy(), points.y.to_numpy(), SIDE)).value_counts()
    return _told(told.index.astype(str), told.to_numpy())


def _duckdb(folder: Path, by: str) -> pd.DataFrame:
    import duckdb

    source = f"read_parquet('{folder}/*.parquet', filename={'filename' in by})"
    return duckdb.sql(f"SELECT {by}, count(*) AS n FROM {source} GROUP BY {by}").df()


def _hexagons(found: pd.DataFrame, months: int) -> str:
    if months == 1:
        east, north = to_bng(found["lon"].to_numpy(), found["lat"].to_numpy())
        code, q, r = hexagon_codes(east, north, SIDE)
        table = np.bincount(code, found["n"]).astype("int64")
    else:
        pair, distinct = pd.factorize(pd.MultiIndex.from_frame(found[["lon", "lat"]]))
        east, north = to_bng(*(distinct.get_level_values(i).to_numpy() for i in (0, 1)))
        code, q, r = hexagon_codes(east, north, SIDE)
        month = pd.factorize(found["filename"], sort=True)[0]
        flat = np.bincount(code[pair] * months + month, found["n"], minlength=len(q) * months)
        table = flat.astype("int64").reshape(-1, months)
    return _told(counting.hexagon_ids(q, r, SIDE), table)


def _told(names: object, table: np.ndarray) -> str:
    words = np.asarray(names).astype(str)
    order = np.argsort(words)
    return f"{len(words):,} areas, {int(table.sum()):,} rows, {digest(words[order], table[order])}"


def works(quick: bool) -> list[Work]:
    """List the lines of the table."""
    sizes = {
        words: {"rows": rows, "points": points, "wards": wards}
        for words, (rows, points, wards) in (SIZES if quick else WHOLE).items()
    }

    def beats(seconds: float, memory: float) -> object:
        def met(taken: Taken, peers: dict[str, Taken]) -> bool:
            fast = taken.seconds <= seconds and taken.memory_mb <= memory
            return fast and taken.seconds <= peers["DuckDB"].seconds

        return met

    peers = {"DuckDB": "duckdb_hexagons", "polars": "polars_hexagons"}
    plain = {"geopandas, a point a row": "geopandas_hexagons"}
    floor = {"scan": "scan"}
    rows = "18 million" if not quick else "1.8 million"
    many = f"{rows} reports, 36 monthly files"
    return [
        Work("hexagons", f"{many} -> 200 m hexagons", "ours_hexagons", peers | plain | floor,
             sizes, "<= 1.3 s, 0.5 GB, 1x DuckDB", beats(1.3, 512), "write", floor="scan",
             only={"geopandas, a point a row": 2}),
        Work("months", "the same, by month", "ours_months", {"DuckDB": "duckdb_months"} | floor,
             sizes, "<= 3 s, 1.3 GB", beats(3.0, 1331), "write", floor="scan"),
        Work("wards", "the same, by ward", "ours_wards", {"DuckDB": "duckdb_wards"} | floor,
             sizes, "<= 5 s", beats(5.0, 4096), "write", floor="scan"),
    ]  # fmt: skip
