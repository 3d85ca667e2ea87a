"""A region built by one process, by two, and by two of which one is killed in the middle.

    python -m benchmarks.build [--rows 18_000_000] [--points 750_000] [--wards 7_000] [--seed 1]

Made-up reports on made-up snap points, in 36 monthly files. Each build runs in a process of its
own; every table that it writes is compared byte by byte with that of one process, also where the
same rows lie in half as many files. Processor time is that of all processes. Memory is the most
that one process held, for two processes the larger worker, beside what it held before the build:
with a tenth of the rows in as many files, and with all of them in half as many, so that what it
follows can be seen.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from analysis.jobs.build import build
from benchmarks.measure import ROOT
from benchmarks.ward_join import made_up_wards

MONTHS = [f"{year}-{month:02d}" for year in (2024, 2025, 2026) for month in range(1, 13)]
SIDE_M = 300_000.0
CATEGORIES = ["police_uk_unspecified", "drugs", "burglary", "robbery", "other_theft"]


def write_reports(folder: Path, rows: int, points: int, seed: int, *, together: int = 1) -> None:
    """Write a parquet file for so many months `together`."""
    chance = np.random.default_rng(seed)
    x = chance.uniform(530_000 - 2000, 530_000 + SIDE_M + 2000, points).round(1)
    y = chance.uniform(180_000 - 2000, 180_000 + SIDE_M + 2000, points).round(1)
    each = rows // len(MONTHS)
    folder.mkdir(parents=True, exist_ok=True)
    held = []
    for month in MONTHS:
        point = chance.integers(0, points, each)
        category = pd.Categorical.from_codes(chance.integers(0, len(CATEGORIES), each), CATEGORIES)
        frame = pd.DataFrame({"category": category, "easting": x[point], "northing": y[point]})
        held.append(frame.assign(month=pd.Categorical([month] * each, categories=MONTHS)))
        if len(held) == together:
            pd.concat(held).to_parquet(folder / f"{month}.parquet")
            held = []


def one_build(
    wards: Path, source: Path, out: Path, workers: int, *, kill: bool
) -> dict[str, object]:
    """Build in this process, and say what it took and what came out."""
    shapes, killed = gpd.read_parquet(wards), []
    start, before, cpu = _held(os.getpid()), time.perf_counter(), sum(os.times()[:4])
    if not workers:
        build(shapes, str(source), str(out))
        peak = _held(os.getpid())
    else:
        from distributed import LocalCluster

        with LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address=None
        ) as all_of:

            def kill_one(share: float, _what: str) -> None:
                if kill and share > 0.3 and not killed:
                    killed.append(next(iter(all_of.workers.values())).pid)
                    os.kill(killed[0], signal.SIGKILL)

            address = all_of.scheduler_address
            build(shapes, str(source), str(out), scheduler=address, progress=kill_one)
            peak = max(_held(worker.pid) for worker in all_of.workers.values())
    told = hashlib.sha256()
    for path in sorted(out.rglob("*.parquet")):
        told.update(str(path.relative_to(out)).encode() + path.read_bytes())
    return {
        "seconds": time.perf_counter() - before, "cpu": sum(os.times()[:4]) - cpu, "peak": peak,
        "start": start, "tables": told.hexdigest()[:12], "killed": len(killed),
    }  # fmt: skip


def _held(process: int) -> float:
    """Most that a process held, megabytes."""
    status = Path(f"/proc/{process}/status").read_text("ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main() -> None:
    """Build each way and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=18_000_000)
    parser.add_argument("--points", type=int, default=750_000)
    parser.add_argument("--wards", type=int, default=7_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--one", nargs=5, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        *places, workers, kill = asked.one
        print(json.dumps(one_build(*map(Path, places), int(workers), kill=kill == "kill")))
        return
    with tempfile.TemporaryDirectory() as held:
        folder = Path(held)
        made_up_wards(asked.wards, SIDE_M, asked.seed).to_parquet(folder / "wards.parquet")
        kinds = {"a tenth": (asked.rows // 10, 1), "all": (asked.rows, 1), "wide": (asked.rows, 2)}
        for name, (rows, together) in kinds.items():
            write_reports(folder / name, rows, asked.points, asked.seed, together=together)
        print("| rows | files | processes | seconds | cpu, s | most of one, MB | at first | same |")
        print("| --- | --- | --- | --- | --- | --- | --- | --- |")
        first = ""
        for source, workers, kill in (
            ("a tenth", 0, ""), ("all", 0, ""), ("wide", 0, ""), ("all", 2, ""), ("all", 2, "kill"),
        ):  # fmt: skip
            out = folder / f"out {source} {workers} {kill}"
            words = [folder / "wards.parquet", folder / source, out, workers, kill]
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.build", "--one", *map(str, words)],
                cwd=ROOT, capture_output=True, text=True, check=True,
            )  # fmt: skip
            took = json.loads(done.stdout.splitlines()[-1])
            first = first or (took["tables"] if source == "all" else "")
            ways = f"{workers or 1}{', one killed' * took['killed']}"
            same = "" if source == "a tenth" else took["tables"] == first
            files = len(list((folder / source).iterdir()))
            print(
                f"| {kinds[source][0]:,} | {files} | {ways} | {took['seconds']:.1f} "
                f"| {took['cpu']:.1f} | {took['peak']:,.0f} | {took['start']:,.0f} | {same} |",
                flush=True,
            )  # fmt: skip


if __name__ == "__main__":
    main()
