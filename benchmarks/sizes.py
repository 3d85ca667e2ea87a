"""What a borough, London, and England and Wales take: bytes stored, processor time, memory.

    python -m benchmarks.sizes [--months 36]

Made-up reports as the police publish them, in monthly files, are imported into a workspace, then
built (`safer-walks build`) from what is stored. Each step runs in a process of its own. What the
country takes as plain partitions is measured by `benchmarks.build`. For docs/operations.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from analysis.jobs.build import build_workspace
from analysis.jobs.imports import import_files
from benchmarks import import_police_uk as made_up
from benchmarks.measure import ROOT
from geodata.workspace import Workspace

PLACES = {
    # Reports a month, snap points, wards across and down, 1.5 km each. A borough is about as busy
    # as Tower Hamlets (May 2025 to April 2026); the others have the area and the wards of all.
    "a borough": (4_000, 2_500, 6, 4),
    "London": (100_000, 60_000, 34, 20),
    "England and Wales": (500_000, 750_000, 84, 84),
}


def shaped(place: str) -> None:
    """Draw the grid of wards as large as the place."""
    made_up.ACROSS, made_up.DOWN = PLACES[place][2:]


def step(name: str, folder: Path) -> dict[str, float]:
    """Do one step in this process, and say what it took."""
    if name == "import":
        wards = made_up.made_up_wards()
        held = Workspace.create(folder / "w", kind="real", wards=wards, ward_info={})
        before = sum(os.times()[:4])
        rows = import_files(held, sorted(folder.glob("*-street.csv"))).rows_in
    else:
        held, before = Workspace.open(folder / "w"), sum(os.times()[:4])
        rows = build_workspace(held, str(folder / "built")).rows
    cpu, status = sum(os.times()[:4]) - before, Path("/proc/self/status").read_text("ascii")
    return {"rows": rows, "cpu": cpu, "peak": int(status.split("VmHWM:")[1].split()[0]) / 1024}


def megabytes(folder: Path) -> float:
    """Add up what lies below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def main() -> None:
    """Import and build each place and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--months", type=int, default=36)
    parser.add_argument("--step", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.step:
        place, name, folder = asked.step
        shaped(place)
        print(json.dumps(step(name, Path(folder))))
        return
    print("| place | step | rows | cpu, s | most held, MB | written, MB | bytes a row |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for place, (rows, points, *_) in PLACES.items():
        shaped(place)
        with tempfile.TemporaryDirectory() as held:
            folder = Path(held)
            made_up.write_months(folder, rows * asked.months, asked.months, points, seed=1)
            for name, written in (("import", "w"), ("build", "built")):
                words = [sys.executable, "-m", "benchmarks.sizes", "--step", place, name, held]
                done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
                took, size = json.loads(done.stdout.splitlines()[-1]), megabytes(folder / written)
                print(
                    f"| {place} | {name} | {took['rows']:,} | {took['cpu']:.1f} "
                    f"| {took['peak']:,.0f} | {size:.1f} | {size * 1e6 / took['rows']:.0f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
