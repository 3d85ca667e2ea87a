"""Every benchmark beside its peer, in one run, to docs/performance.md.

    python -m benchmarks [NAME ...] [--quick] [--repeat 2] [--write docs/performance.md] [--list]
    python -m benchmarks --join RUN.json ... --write docs/performance.md

Each side of each line runs in a process of its own; the best of the runs counts. Seconds are of
this machine and of what else it did: trust the ratios of one run. `--quick` takes a tenth of the
rows and takes some minutes; without it the largest inputs of the goals are made.
"""

from __future__ import annotations

import argparse
import atexit
import importlib
import importlib.metadata
import json
import math
import os
import platform
import re
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.measure import ROOT, Taken, Work, alone

MODULES = ("many_rows", "joins", "borough", "pages", "route", "packs")
"""Modules with a `works`; one that is not there is left out."""
LIBRARIES = ("pandas", "geopandas", "numpy", "pyarrow", "shapely", "streamlit", "duckdb", "polars")
HEAD = (
    *("work", "size", "ours, s", "cpu, s", "MB", "beside", "its s", "its cpu", "its MB"),
    *("ratio", "cpu ratio", "goal", "met"),
)


def found(quick: bool) -> list[Work]:
    """Collect the lines of all modules."""
    works = []
    for name in MODULES:
        if not (ROOT / "benchmarks" / f"{name}.py").is_file():
            continue
        module = importlib.import_module(f"benchmarks.{name}")
        if hasattr(module, "works"):
            works += [replace(w, module=f"benchmarks.{name}") for w in module.works(quick)]
    return works


MADE: dict[tuple[object, ...], tempfile.TemporaryDirectory[str]] = {}


def prepared(work: Work, size: dict[str, int]) -> Path:
    """Write the input of a size, once for all lines that share it; gone when the run ends."""
    key = (work.module, work.prepare, *sorted(size.items()))
    if key not in MADE:
        MADE[key] = tempfile.TemporaryDirectory()
        atexit.register(MADE[key].cleanup)
        module = importlib.import_module(work.module)
        getattr(module, work.prepare)(Path(MADE[key].name), **size)
    return Path(MADE[key].name)


def measured(work: Work, repeat: int) -> list[list[str]]:
    """Measure one line at all its sizes."""
    rows, ours, first = [], [], 0.0
    for number, (words, size) in enumerate(work.sizes.items()):
        last = number == len(work.sizes) - 1
        folder = prepared(work, size)
        mine = alone(work.module, work.ours, folder, repeat)
        peers = {
            name: alone(work.module, side, folder, repeat)
            for name, side in work.peers.items()
            if number < work.only.get(name, len(work.sizes))
        }
        ours.append(mine.seconds)
        first = mine.cpu if number == 0 else first
        rows += lines(work, words, mine, peers, last=last)
        for row in rows[-max(1, len(peers)) :]:
            print(" | ".join(row), file=sys.stderr, flush=True)
    if len(ours) > 1:
        power = math.log10(ours[-1] / ours[0]) / (len(ours) - 1)
        cpu = math.log10(max(mine.cpu, 0.01) / max(first, 0.01)) / (len(ours) - 1)
        rows.append([work.words, "growth", f"x^{power:.2f}", f"x^{cpu:.2f}", *[""] * 9])
    return rows


def lines(
    work: Work, size: str, mine: Taken, peers: dict[str, Taken], *, last: bool
) -> list[list[str]]:
    """Write the lines of one size: one a peer."""
    said = ("yes" if work.met(mine, peers) else "no") if last else ""
    start = [work.words, size, f"{mine.seconds:.2f}", f"{mine.cpu:.2f}", f"{mine.memory_mb:,.0f}"]
    rows = []
    goal = [work.goal if last else "", said]
    for name, peer in peers.items():
        differs = name != work.floor and work.same and peer.answer != mine.answer
        its = [f"{peer.seconds:.2f}", f"{peer.cpu:.2f}", f"{peer.memory_mb:,.0f}"]
        times = [f"{mine.seconds / peer.seconds:.2f}", f"{mine.cpu / max(peer.cpu, 0.01):.2f}"]
        rows.append([*start, f"{name}{' (answers differ)' * differs}", *its, *times, *goal])
    return rows or [[*start, *[""] * 6, *goal]]


def machine() -> str:
    """Say on what it ran."""
    with Path("/proc/cpuinfo").open(encoding="utf-8") as file:
        names = re.findall(r"model name\s*: (.*)", file.read())
    busy = os.getloadavg()[0]
    versions = []
    for name in LIBRARIES:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            versions.append(f"{name} not installed")
    chip = f", {names[0]}" if names else ""
    return (
        f"{os.cpu_count()} processors{chip}, {platform.system()}, Python "
        f"{platform.python_version()}; {', '.join(versions)}. Load when it began: {busy:.1f}."
    )


def page(rows: list[list[str]], ran: str, path: Path) -> None:
    """Put table and machine between the marks of the page."""
    table = "\n".join("| " + " | ".join(r) + " |" for r in [HEAD, ["---"] * len(HEAD), *rows])
    text = path.read_text(encoding="utf-8")
    marked = re.compile(r"(<!-- table: performance -->\n).*?(<!-- end -->)", re.DOTALL)
    path.write_text(marked.sub(lambda m: f"{m[1]}\n{ran}\n\n{table}\n\n{m[2]}", text), "utf-8")


def main() -> None:
    """Read the options, measure, print or write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help="only these lines")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--repeat", type=int, default=2)
    parser.add_argument("--write", type=Path, help="Markdown page with the mark")
    parser.add_argument("--json", type=Path, help="file for the rows, for instance to join runs")
    parser.add_argument("--join", type=Path, nargs="*", help="rows of earlier runs, not new ones")
    parser.add_argument("--list", action="store_true")
    said = parser.parse_args()
    works = [w for w in found(said.quick) if not said.names or w.name in said.names]
    if said.list:
        print("\n".join(f"{w.name:12} {w.words}" for w in works))
        return
    if said.join:
        earlier = [json.loads(each.read_text("utf-8")) for each in said.join]
        rows = [row for run in earlier for row in run["rows"]]
        page(rows, earlier[0]["machine"], said.write)
        return
    ran, rows = machine(), []
    for work in works:
        try:
            rows += measured(work, said.repeat)
        except (RuntimeError, ImportError) as error:
            print(f"{work.name}: {error}", file=sys.stderr)
            rows.append([work.words, "", "not measured", *[""] * 8, work.goal, ""])
    if said.json:
        said.json.write_text(json.dumps({"machine": ran, "rows": rows}), "utf-8")
    if said.write:
        page(rows, ran, said.write)
    else:
        print(ran, *("| " + " | ".join(r) + " |" for r in [HEAD, *rows]), sep="\n")


if __name__ == "__main__":
    main()
