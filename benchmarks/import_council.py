"""Import of a council file against the plain way: pandas.read_csv, geopandas.sjoin, to_parquet.

Made-up reports at distinct points, as councils have them, in made-up wards; the same CSV for both.
The plain way answers less: it trusts dates, coordinates and kinds as they stand, rejects nothing,
knows no line of the file and no repeat, and its one write is not safe against a crash. Run it:

    python benchmarks/import_council.py [--rows 1000000] [--repeat 3]

The promise is a ratio of at most 2 for reading and storing together.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.council import Profile, read_council
from geodata.council.batches import reading_council_files
from geodata.crs import BNG, WGS84, to_lonlat
from geodata.store import commit
from geodata.workspace import Workspace

LIMIT = 2.0
WEST, SOUTH, STEP, ACROSS, DOWN = 530_000, 176_000, 1_500, 5, 4
KINDS = ["Noise", "Fly-tipping", "Rowdy behaviour", "Drug dealing", "Street drinking", "Zorbing"]
PROFILE = Profile(
    "benchmark",
    "council_asb",
    provider="barsetshire",
    columns={"occurred_from": "Date", "category": "Type", "lon": "Longitude", "lat": "Latitude"},
)


def made_up_wards() -> gpd.GeoDataFrame:
    """Draw a grid of wards whose outlines have as many corners as real ones."""
    squares = [
        shapely.segmentize(shapely.box(x, y, x + STEP, y + STEP), 10)
        for x in WEST + STEP * np.arange(ACROSS)
        for y in SOUTH + STEP * np.arange(DOWN)
    ]
    codes = [f"E05{number:06d}" for number in range(900_000, 900_000 + len(squares))]
    return gpd.GeoDataFrame({"ward_code": codes, "ward_name": codes}, geometry=squares, crs=BNG)


def write_file(path: Path, rows: int, seed: int) -> None:
    """Write three years of reports, day first, to the minute, 2 % of them without a place."""
    rng = np.random.default_rng(seed)
    east = rng.uniform(WEST - 300, WEST + STEP * ACROSS + 300, rows)
    north = rng.uniform(SOUTH - 300, SOUTH + STEP * DOWN + 300, rows)
    lon, lat = (axis.round(6) for axis in to_lonlat(east, north))
    minutes = rng.integers(0, 3 * 365 * 24 * 60, rows).astype("m8[m]")
    when = pd.Series(np.datetime64("2023-01-01T00:00") + minutes)
    placed = rng.random(rows) > 0.02
    pd.DataFrame(
        {
            "Date": when.dt.strftime("%d/%m/%Y %H:%M"),
            "Type": rng.choice(KINDS, rows),
            "Longitude": np.where(placed, lon, np.nan),
            "Latitude": np.where(placed, lat, np.nan),
        }
    ).to_csv(path, index=False)


def reading(path: Path, _wards: gpd.GeoDataFrame, _folder: Path) -> dict[str, float]:
    """Read the file, with all checks."""
    start = time.perf_counter()
    file = read_council(path, PROFILE, as_at="2026-11-22")
    return {"seconds": time.perf_counter() - start, "rows": file.rows_in}


def whole(path: Path, wards: gpd.GeoDataFrame, folder: Path) -> dict[str, float]:
    """Read the file, join it to the wards and store it."""
    workspace = Workspace.create(folder / "workspace", kind="real", wards=wards, ward_info={})
    start = time.perf_counter()
    with reading_council_files(
        [path], source="council_asb", profile=PROFILE, as_at="2026-11-22"
    ) as (readings, _):
        report = commit(workspace, [r.batch for r in readings])
    spent = time.perf_counter() - start
    return {"seconds": spent, "rows": report.rows_in, "inside": report.inside}


def plain(path: Path, wards: gpd.GeoDataFrame, folder: Path) -> dict[str, float]:
    """Do what a notebook would do."""
    start = time.perf_counter()
    frame = pd.read_csv(path)
    frame["Date"] = pd.to_datetime(frame["Date"], format="%d/%m/%Y %H:%M")
    points = gpd.points_from_xy(frame["Longitude"], frame["Latitude"], crs=WGS84).to_crs(BNG)
    located = gpd.GeoDataFrame(frame, geometry=points)
    joined = located.sjoin(wards, how="left", predicate="intersects")
    joined.drop(columns="index_right").to_parquet(folder / "plain.parquet")
    spent = time.perf_counter() - start
    inside = int(joined["ward_code"].notna().sum())
    return {"seconds": spent, "rows": len(joined), "inside": inside}


def main() -> int:
    """Run each in turn, print the best of each; leave with 1 if the promise is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--seed", type=int, default=20_260_401)
    said = parser.parse_args()
    ways: dict[str, Callable[..., dict[str, float]]] = {
        "plain": plain,
        "reading": reading,
        "reading and storing": whole,
    }
    best: dict[str, dict[str, float]] = {}
    wards = made_up_wards()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "reports.csv"
        write_file(path, said.rows, said.seed)
        for _ in range(said.repeat):
            for name, way in ways.items():
                with tempfile.TemporaryDirectory() as inner:
                    result = way(path, wards, Path(inner))
                if name not in best or result["seconds"] < best[name]["seconds"]:
                    best[name] = result
    print(f"{'way':<20} {'rows':>10} {'inside':>10} {'seconds':>8} {'ratio':>6}")
    for name, result in best.items():
        ratio = result["seconds"] / best["plain"]["seconds"]
        inside = f"{result['inside']:,.0f}" if "inside" in result else ""
        line = f"{name:<20} {result['rows']:>10,.0f} {inside:>10} {result['seconds']:>8.2f}"
        print(f"{line} {ratio:>6.2f}")
    ratio = best["reading and storing"]["seconds"] / best["plain"]["seconds"]
    print("within" if ratio <= LIMIT else "OVER", f"the ratio of {LIMIT:g} promised")
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    raise SystemExit(main())
