"""A region built by one process, by two, and by two of which one is killed in the middle.

    python benchmarks/build.py [--rows 18_000_000] [--points 750_000] [--wards 7_000] [--seed 1]

Made-up reports on made-up snap points, in 36 monthly files. The three builds are compared byte by
byte. Peak memory is that of one process for the first, and of the largest worker for the second.
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from analysis.jobs.build import build
from benchmarks.ward_join import made_up_wards

MONTHS = [f"{year}-{month:02d}" for year in (2024, 2025, 2026) for month in range(1, 13)]
SIDE_M = 300_000.0
CATEGORIES = ["police_uk_unspecified", "drugs", "burglary", "robbery", "other_theft"]


def write_reports(folder: Path, rows: int, points: int, seed: int) -> None:
    """Write one parquet file a month."""
    chance = np.random.default_rng(seed)
    x = chance.uniform(530_000 - 2000, 530_000 + SIDE_M + 2000, points).round(1)
    y = chance.uniform(180_000 - 2000, 180_000 + SIDE_M + 2000, points).round(1)
    each = rows // len(MONTHS)
    for month in MONTHS:
        point = chance.integers(0, points, each)
        category = pd.Categorical.from_codes(chance.integers(0, len(CATEGORIES), each), CATEGORIES)
        frame = pd.DataFrame({"category": category, "easting": x[point], "northing": y[point]})
        frame.assign(month=pd.Categorical([month] * each)).to_parquet(folder / f"{month}.parquet")


def timed(
    wards: gpd.GeoDataFrame, source: Path, out: Path, **how: object
) -> tuple[float, dict[str, bytes]]:
    """Build, and give the seconds and every table."""
    started = time.perf_counter()
    build(wards, str(source), str(out), **how)
    seconds = time.perf_counter() - started
    tables = {str(p.relative_to(out)): p.read_bytes() for p in sorted(out.rglob("*.parquet"))}
    return seconds, tables


def main() -> None:
    """Build three times and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=18_000_000)
    parser.add_argument("--points", type=int, default=750_000)
    parser.add_argument("--wards", type=int, default=7_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    from distributed import LocalCluster

    wards = made_up_wards(asked.wards, SIDE_M, asked.seed)
    with tempfile.TemporaryDirectory() as held:
        folder = Path(held)
        (folder / "reports").mkdir()
        write_reports(folder / "reports", asked.rows, asked.points, asked.seed)
        alone, tables = timed(wards, folder / "reports", folder / "one")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"| one process | {alone:.1f} s | {peak:,.0f} MiB | |")
        with LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, protocol="tcp"
        ) as cluster:
            how = {"scheduler": cluster.scheduler_address}
            seconds, theirs = timed(wards, folder / "reports", folder / "two", **how)
            print(f"| two processes | {seconds:.1f} s | | same: {theirs == tables} |")
            killed: list[int] = []

            def kill_one(share: float, _what: str) -> None:
                if share > 0.3 and not killed:
                    killed.append(next(iter(cluster.workers.values())).pid)
                    os.kill(killed[0], signal.SIGKILL)

            seconds, theirs = timed(
                wards, folder / "reports", folder / "three", progress=kill_one, **how
            )
            print(f"| two, one killed | {seconds:.1f} s | | same: {theirs == tables} |")


if __name__ == "__main__":
    main()
