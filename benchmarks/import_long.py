"""Memory and time of importing a council file that is longer than anybody should hold in memory.

Made-up cases with a reference, a date, a kind, a point, a postcode, a status and some words, about
90 bytes a row, over three years; a few rows merged, repeated, undated or without a place. The
import runs in a process of its own, whose highest memory use is asked of the system. Run it:

    python benchmarks/import_long.py [--rows 10000000] [--limit 1000]

It leaves with 1 if more than `--limit` MiB were used. The limit does not depend on the rows: only
of a repeated reference some 16 bytes stay in memory.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.import_council import ACROSS, DOWN, KINDS, SOUTH, STEP, WEST, made_up_wards
from geodata.council import Profile
from geodata.council.batches import reading_council_files
from geodata.crs import to_lonlat
from geodata.store import commit, stored_months
from geodata.workspace import Workspace

CHUNK = 500_000
MIB = 2**20
PROFILE = Profile(
    "long",
    "council_asb",
    provider="barsetshire",
    columns={
        "source_ref": "Ref", "occurred_from": "Date", "category": "Type", "lon": "Longitude",
        "lat": "Latitude", "postcode": "Postcode", "status": "Status", "street": "Where",
    },
)  # fmt: skip


def write_file(path: Path, rows: int, seed: int) -> None:
    """Write the cases, chunk by chunk."""
    with path.open("w", encoding="utf-8", newline="") as file:
        for start in range(0, rows, CHUNK):
            frame = _chunk(start, min(CHUNK, rows - start), seed)
            frame.to_csv(file, index=False, header=start == 0)


def _chunk(start: int, rows: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng([seed, start])
    lon, lat = (
        axis.round(6)
        for axis in to_lonlat(
            rng.uniform(WEST, WEST + STEP * ACROSS, rows),
            rng.uniform(SOUTH, SOUTH + STEP * DOWN, rows),
        )
    )
    minutes = rng.integers(0, 3 * 365 * 24 * 60, rows).astype("m8[m]")
    when = pd.Series(np.datetime64("2023-01-01T00:00") + minutes).dt.strftime("%d/%m/%Y %H:%M")
    number = np.arange(start, start + rows)
    number[rng.random(rows) < 0.001] -= 1  # repeats
    placed = rng.random(rows) > 0.02
    return pd.DataFrame(
        {
            "Ref": np.char.add("ASB/", np.char.zfill(number.astype(str), 9)),
            "Date": when.where(rng.random(rows) > 0.001, "not known"),
            "Type": rng.choice(KINDS, rows),
            "Longitude": np.where(placed, lon, np.nan),
            "Latitude": np.where(placed, lat, np.nan),
            "Postcode": np.char.add(
                "E1 ", np.char.add(rng.integers(0, 10, rows).astype(str), "AN")
            ),
            "Status": rng.choice(["Open", "Closed", "Merged"], rows, p=[0.3, 0.69, 0.01]),
            "Where": rng.choice(["near the station", "by the canal bridge", "in the park"], rows),
        }
    )


def bring(path: Path, folder: Path, answer: Connection) -> None:
    """Import the file and tell rows, seconds and the highest memory use in MiB."""
    workspace = Workspace.create(folder, kind="real", wards=made_up_wards(), ward_info={})
    before = _peak()
    start = time.perf_counter()
    with reading_council_files(
        [path], source="council_asb", profile=PROFILE, as_at="2026-11-22"
    ) as (readings, _):
        read = time.perf_counter() - start, _peak()
        report = commit(workspace, [r.batch for r in readings])
    spent = time.perf_counter() - start
    stored = int(stored_months(workspace.reopen())["rows"].sum())
    answer.send((report.to_json(), stored, before, *read, spent, _peak()))


def _peak() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (MIB if sys.platform == "darwin" else 1024)


def main() -> int:
    """Make the file, import it elsewhere, print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--limit", type=float, default=1_000, help="MiB")
    parser.add_argument("--seed", type=int, default=20_260_401)
    said = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cases.csv"
        write_file(path, said.rows, said.seed)
        size = path.stat().st_size / MIB
        ours, theirs = multiprocessing.get_context("spawn").Pipe()
        worker = multiprocessing.get_context("spawn").Process(
            target=bring, args=(path, Path(folder) / "workspace", theirs)
        )
        worker.start()
        theirs.close()
        report, stored, before, read, read_peak, spent, peak = ours.recv()
        worker.join()
    print(f"{said.rows:,} rows, {size:,.0f} MiB: read in {read:.0f} s, stored in {spent:.0f} s")
    names = ("rows_in", "inside", "no_location", "merged", "duplicates", "rejected")
    print(", ".join(f"{name} {report[name]:,}" for name in names), f"stored {stored:,}")
    print(f"highest memory use: {before:,.0f} MiB before, {read_peak:,.0f} reading, {peak:,.0f}")
    print("within" if peak <= said.limit else "OVER", f"the limit of {said.limit:,.0f} MiB")
    return 0 if peak <= said.limit else 1


if __name__ == "__main__":
    raise SystemExit(main())
