"""Very many reports on few snap points, a Parquet file a month: hexagons, months, wards.

Sides count the same rows to the last one; answers are compared. The plain way is a GeoDataFrame of
every row. DuckDB and polars group by distinct point, and from there on go the way we go. Every side
ends with whole numbers in memory: naming hexagons to compare them is not timed, nor is importing a
library.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
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
from geodata.hexagons import hexagon_codes, hexagon_ids, hexagon_of

with contextlib.suppress(ImportError):  # the extra "bench": without it their sides fail, ours runs
    import duckdb
    import polars as pl

Told = Callable[[], str]

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


def ours_hexagons(folder: Path) -> Told:
    """Count by hexagon: what `build` does with each partition, here with all and no categories."""
    places = counting.Places(SIDE)
    points = counting.count_points(files(folder), places, apart=False)
    return _told_files(counting.count_hexagons(points, places))


def ours_months(folder: Path) -> Told:
    """Count by hexagon and month."""
    places = counting.Places(SIDE)
    points = counting.count_points(files(folder), places)
    return _told_files(counting.count_hexagons(points, places))


def ours_wards(folder: Path) -> Told:
    """Count by ward."""
    wards = gpd.read_parquet(folder / "wards.geoparquet")
    places = counting.Places(SIDE, wards)
    points = counting.count_points(files(folder), places, apart=False)
    [found] = counting.count_wards(points, places)
    return lambda: _told(wards["ward_code"].to_numpy()[found.ward], found.count[:, None])


def duckdb_hexagons(folder: Path) -> Told:
    """DuckDB groups by distinct point."""
    return _hexagons(_duckdb(folder, "lon, lat"), 1)


def duckdb_months(folder: Path) -> Told:
    """DuckDB groups by distinct point and file."""
    return _hexagons(_duckdb(folder, "lon, lat, filename"), MONTHS)


def duckdb_wards(folder: Path) -> Told:
    """DuckDB groups, geopandas joins the distinct points."""
    found = _duckdb(folder, "lon, lat")
    wards = gpd.read_parquet(folder / "wards.geoparquet")
    points = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy(found["lon"], found["lat"], crs=WGS84)
    ).to_crs(BNG)
    met = points.sjoin(wards, predicate="intersects")["index_right"].sort_values()
    ward = met[~met.index.duplicated()]
    counts = np.bincount(ward, found["n"][ward.index], minlength=len(wards)).astype("int64")
    return _told_wards(wards, counts[:, None])


def polars_hexagons(folder: Path) -> Told:
    """Polars groups by distinct point."""
    lazy = pl.scan_parquet(str(folder / "*.parquet"))
    return _hexagons(lazy.group_by("lon", "lat").len("n").collect().to_pandas(), 1)


def geopandas_hexagons(folder: Path) -> Told:
    """Make a point of every row, project it, find its hexagon, count."""
    rows = pd.concat([pd.read_parquet(p) for p in files(folder)], ignore_index=True)
    points = gpd.GeoSeries(gpd.points_from_xy(rows["lon"], rows["lat"], crs=WGS84)).to_crs(BNG)
    cell = pd.DataFrame(dict(zip("qr", hexagon_of(points.x, points.y, SIDE), strict=True)))
    told = cell.value_counts(sort=False)
    return _told_hexagons(*told.index.to_frame().to_numpy().T, told.to_numpy()[:, None])


def _duckdb(folder: Path, by: str) -> pd.DataFrame:
    source = f"read_parquet('{folder}/*.parquet', filename={'filename' in by})"
    return duckdb.sql(f"SELECT {by}, count(*) AS n FROM {source} GROUP BY {by}").df()


def _hexagons(found: pd.DataFrame, months: int) -> Told:
    if months == 1:
        east, north = to_bng(found["lon"].to_numpy(), found["lat"].to_numpy())
        code, q, r = hexagon_codes(east, north, SIDE)
        return _told_hexagons(q, r, np.bincount(code, found["n"]).astype("int64")[:, None])
    pair, distinct = _pairs(found)
    code, q, r = hexagon_codes(*to_bng(*distinct), SIDE)
    return _told_hexagons(q, r, _table(code[pair], len(q), found))


def _pairs(found: pd.DataFrame) -> tuple[np.ndarray, list[np.ndarray]]:
    """Give distinct points a number, the pandas way."""
    pair = found.groupby(["lon", "lat"], sort=False).ngroup().to_numpy()
    first = found[["lon", "lat"]].drop_duplicates()
    return pair, [first[axis].to_numpy() for axis in ("lon", "lat")]


def _table(area: np.ndarray, areas: int, found: pd.DataFrame) -> np.ndarray:
    """Add rows up by area and month."""
    month = pd.factorize(found["filename"], sort=True)[0]
    flat = np.bincount(area * MONTHS + month, found["n"], minlength=areas * MONTHS)
    return flat.astype("int64").reshape(-1, MONTHS)


def _told_files(found: list[counting.HexagonCounts]) -> Told:
    """Put the counts of the files beside one another, a column each."""

    def told() -> str:
        rows = [
            pd.Series(one.count, pd.MultiIndex.from_arrays([one.q, one.r]), name=which)
            for which, one in enumerate(found)
        ]
        table = pd.concat(rows, axis=1).fillna(0).astype("int64")
        q, r = (table.index.get_level_values(n).to_numpy() for n in (0, 1))
        return _told(hexagon_ids(q, r, SIDE), table.to_numpy())

    return told


def _told_hexagons(q: np.ndarray, r: np.ndarray, table: np.ndarray) -> Told:
    return lambda: _told(hexagon_ids(q, r, SIDE), table)


def _told_wards(wards: gpd.GeoDataFrame, table: np.ndarray) -> Told:
    return lambda: _told(wards["ward_code"], table)


def _told(names: object, table: np.ndarray) -> str:
    words = np.asarray(names).astype(str)
    order = np.argsort(words)
    order = order[table[order].any(axis=1)]
    return f"{len(order):,} areas, {int(table.sum()):,} rows, {digest(words[order], table[order])}"


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
