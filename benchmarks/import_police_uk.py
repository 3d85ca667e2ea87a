"""Import of police.uk files against the plain way: pandas.read_csv, geopandas.sjoin, to_parquet.

Made-up reports on made-up snap points and made-up wards, the same files for both. The plain way
answers less: no digest, no rejected rows, no accounting, no correction, nothing atomic. Run it:

    python benchmarks/import_police_uk.py [--rows 1000000] [--months 12] [--points 30000]
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

from analysis.jobs.imports import import_files
from geodata.crs import BNG, WGS84, to_lonlat
from geodata.months import window
from geodata.workspace import Workspace

WEST, SOUTH, STEP, ACROSS, DOWN = 530_000, 176_000, 1_500, 6, 4
CRIME_TYPES = ["Anti-social behaviour", "Burglary", "Drugs", "Other theft", "Vehicle crime"]


def made_up_wards() -> gpd.GeoDataFrame:
    """Draw a grid of wards whose outlines have as many corners as real ones."""
    squares = [
        shapely.segmentize(shapely.box(x, y, x + STEP, y + STEP), 10)
        for x in WEST + STEP * np.arange(ACROSS)
        for y in SOUTH + STEP * np.arange(DOWN)
    ]
    codes = [f"E05{number:06d}" for number in range(900_000, 900_000 + len(squares))]
    return gpd.GeoDataFrame({"ward_code": codes, "ward_name": codes}, geometry=squares, crs=BNG)


def write_months(folder: Path, rows: int, months: int, points: int, seed: int) -> list[Path]:
    """Write files as police.uk lays them out; 2 % of rows have no place."""
    rng = np.random.default_rng(seed)
    east = rng.uniform(WEST - 400, WEST + STEP * ACROSS + 400, points)
    north = rng.uniform(SOUTH - 400, SOUTH + STEP * DOWN + 400, points)
    lon, lat = (axis.round(6) for axis in to_lonlat(east, north))
    weight = rng.pareto(1.2, points) + 1
    paths = []
    for month in window("2026-04", months):
        count = rows // months
        at = rng.choice(points, count, p=weight / weight.sum())
        crime = rng.choice(CRIME_TYPES, count, p=[0.3, 0.1, 0.1, 0.3, 0.2])
        placed = rng.random(count) > 0.02
        frame = pd.DataFrame(
            {
                "Crime ID": [f"{word:016x}" * 4 for word in rng.integers(0, 2**63, count)],
                "Month": month,
                "Reported by": "Metropolitan Police Service",
                "Falls within": "Metropolitan Police Service",
                "Longitude": np.where(placed, lon[at], np.nan),
                "Latitude": np.where(placed, lat[at], np.nan),
                "Location": [f"On or near Street {n}" for n in at],
                "LSOA code": [f"E01{n:06d}" for n in at // 20],
                "LSOA name": [f"Borough {n:03d}A" for n in at // 20],
                "Crime type": crime,
                "Last outcome category": np.where(
                    crime == CRIME_TYPES[0], "", "Under investigation"
                ),
                "Context": "",
            }
        )
        frame.loc[crime == CRIME_TYPES[0], "Crime ID"] = ""
        path = folder / f"{month}-metropolitan-street.csv"
        frame.to_csv(path, index=False)
        paths.append(path)
    return paths


def ours(paths: list[Path], wards: gpd.GeoDataFrame, folder: Path) -> dict[str, float]:
    """Import the files into a new workspace."""
    workspace = Workspace.create(folder / "workspace", kind="real", wards=wards, ward_info={})
    start = time.perf_counter()
    report = import_files(workspace, paths)
    spent = time.perf_counter() - start
    return {"seconds": spent, "inside": report.inside, "rows": report.rows_in}


def plain(paths: list[Path], wards: gpd.GeoDataFrame, folder: Path) -> dict[str, float]:
    """Do what a notebook would do."""
    start = time.perf_counter()
    frame = pd.concat([pd.read_csv(p) for p in paths], ignore_index=True)
    points = gpd.points_from_xy(frame["Longitude"], frame["Latitude"], crs=WGS84).to_crs(BNG)
    located = gpd.GeoDataFrame(frame, geometry=points)
    joined = located.sjoin(wards, how="left", predicate="intersects")
    joined.drop(columns="index_right").to_parquet(folder / "plain.parquet")
    spent = time.perf_counter() - start
    return {"seconds": spent, "inside": int(joined["ward_code"].notna().sum()), "rows": len(joined)}


def main() -> None:
    """Run both, in turn, and print a table of the best of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--points", type=int, default=30_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--seed", type=int, default=20_260_401)
    said = parser.parse_args()
    wards = made_up_wards()
    ways: dict[str, Callable[..., dict[str, float]]] = {"safer-walks": ours, "plain": plain}
    best: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        paths = write_months(Path(folder), said.rows, said.months, said.points, said.seed)
        for _ in range(said.repeat):
            for name, way in ways.items():
                with tempfile.TemporaryDirectory() as inner:
                    result = way(paths, wards, Path(inner))
                if name not in best or result["seconds"] < best[name]["seconds"]:
                    best[name] = result
    print(f"{'way':<12} {'rows':>10} {'inside':>10} {'seconds':>8}")
    for name, result in best.items():
        rows, inside, seconds = (result[key] for key in ("rows", "inside", "seconds"))
        print(f"{name:<12} {rows:>10,.0f} {inside:>10,.0f} {seconds:>8.2f}")
    print(f"ratio {best['safer-walks']['seconds'] / best['plain']['seconds']:.2f}")


if __name__ == "__main__":
    main()
