"""Ward join: our `assign_wards_xy` beside a plain `geopandas.sjoin`, on made-up wards and points.

    python benchmarks/ward_join.py [--small]

Two cases, after two kinds of data. police.uk repeats its snap points: 1.27 million rows on 32,000
points, 654 wards. Council reports do not: a million distinct points, 20 wards. sjoin gives the ward
alone (the lowest code where a point meets several); ours gives also the rows near a boundary and in
the collar. "same" compares the wards row by row. Trust the ratio, not the seconds.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.crs import BNG
from geodata.ward_join import assign_wards_xy

Points = tuple[pd.Series, pd.Series]


def made_up_wards(count: int, side_m: float, seed: int) -> gpd.GeoDataFrame:
    """Draw wards that tile a square and share winding borders, about 200 corners each."""
    rng = np.random.default_rng(seed)
    seeds = shapely.multipoints(rng.uniform(0, side_m, (count, 2)))
    square = shapely.box(0, 0, side_m, side_m)
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=square))
    step = side_m / count**0.5 / 45
    cells = shapely.segmentize(shapely.intersection(cells, square), step)

    def wind(xy: np.ndarray) -> np.ndarray:
        # A function of the place alone, so that wards which share a border still do.
        x, y = xy[:, 0], xy[:, 1]
        shift = np.column_stack([np.sin(y / (6 * step)), np.cos(x / (5 * step))])
        return np.asarray((xy + shift * 2 * step).round(1) + (530_000, 180_000))

    shapes = shapely.transform(cells, wind)
    codes = [f"E059{n:05d}" for n in range(len(shapes))]
    return gpd.GeoDataFrame({"ward_code": codes}, geometry=shapes, crs=BNG)


def made_up_points(wards: gpd.GeoDataFrame, rows: int, distinct: int, seed: int) -> Points:
    """Scatter points over the wards and 2 km round them; rows repeat points where asked to."""
    rng = np.random.default_rng(seed)
    minx, miny, maxx, maxy = wards.total_bounds
    x = rng.uniform(minx - 2000, maxx + 2000, distinct).round(1)
    y = rng.uniform(miny - 2000, maxy + 2000, distinct).round(1)
    row = rng.integers(0, distinct, rows) if distinct < rows else np.arange(rows)
    return pd.Series(x[row]), pd.Series(y[row])


def by_sjoin(x: pd.Series, y: pd.Series, wards: gpd.GeoDataFrame) -> pd.Series:
    """Join with geopandas alone; the lowest code where a point meets several wards."""
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y, crs=BNG))
    met = gpd.sjoin(points, wards, how="left", predicate="intersects")["ward_code"]
    if met.index.is_unique:
        return met
    met = met.sort_values(kind="stable")
    return met[~met.index.duplicated()].sort_index()


def best_of(times: int, work: Callable[[], object]) -> float:
    """Give the shortest of several runs, seconds."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return min(taken)


def main() -> None:
    """Run both cases and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", action="store_true", help="a hundredth of the rows")
    scale = 100 if parser.parse_args().small else 1
    cases = {
        "repeated snap points": (654, 52_000.0, 1_270_000 // scale, 32_000 // scale),
        "distinct points": (20, 6_500.0, 1_000_000 // scale, 1_000_000 // scale),
    }
    print(f"{'case':22}{'rows':>11}{'wards':>7}{'sjoin s':>9}{'ours s':>9}{'ratio':>7}  same")
    for name, (count, side_m, rows, distinct) in cases.items():
        wards = made_up_wards(count, side_m, seed=1)
        x, y = made_up_points(wards, rows, distinct, seed=2)
        theirs = best_of(2, lambda x=x, y=y, wards=wards: by_sjoin(x, y, wards))
        ours = best_of(3, lambda x=x, y=y, wards=wards: assign_wards_xy(x, y, wards))
        answer = assign_wards_xy(x, y, wards)["ward_code"].astype(object).fillna("")
        same = bool((answer == by_sjoin(x, y, wards).astype(object).fillna("")).all())
        print(f"{name:22}{rows:11,}{count:7}{theirs:9.2f}{ours:9.2f}{theirs / ours:7.1f}  {same}")


if __name__ == "__main__":
    main()
