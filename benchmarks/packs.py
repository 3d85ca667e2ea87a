"""Ward panel packs of the demo by the command line, starting included: `-m benchmarks packs`."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.measure import ROOT, Taken, Work


def write_demo(folder: Path, wards: int) -> None:
    """Make the demo, and note for how many wards packs are wanted."""
    from analysis.jobs.demo import make_demo

    make_demo(folder / "workspace")
    (folder / "wards").write_text(str(wards))


def ours_packs(folder: Path) -> tuple[str, float, float]:
    """Make public packs as cron would: page, tagged PDF, tables, map and zip of each ward."""
    from geodata.workspace import Workspace

    wanted = int((folder / "wards").read_text())
    known = sorted(Workspace.open(folder / "workspace").wards()["ward_code"])
    named = ["--all"] if wanted == len(known) else [f"--ward={code}" for code in known[:wanted]]
    words = [sys.executable, "-m", "analysis", "--workspace", str(folder / "workspace"), "pack"]
    words += [*named, "--audience", "public", "--out", str(folder / "packs"), "--json"]
    start = time.perf_counter()
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    seconds = time.perf_counter() - start
    held = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return f"{len(json.loads(done.stdout)['out'])} packs", seconds, held


def works(_quick: bool) -> list[Work]:
    """List the line of the table."""

    def in_time(taken: Taken, _peers: dict[str, Taken]) -> bool:
        return taken.seconds <= 20

    sizes = {f"{n} wards": {"wards": n} for n in (2, 20)}
    return [Work("packs", "ward panel packs, by command", "ours_packs", {}, sizes, "<= 20 s",
                 in_time, "write_demo")]  # fmt: skip
