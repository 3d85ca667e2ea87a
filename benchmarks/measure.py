"""What a measurement is: one side of a piece of work, alone in a process of its own.

A module of this folder that has a function `works(quick)` gives a list of `Work`; `python -m
benchmarks` finds them all. A side is a function of this module's file that takes the folder with
the input and gives its answer as text, or a function that gives it once the clock is stopped; or
answer, seconds and megabytes if it measures itself.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Taken:
    """What one side took.

    Attributes
    ----------
    seconds, cpu : float
        On the clock, and of all processors, of the work itself.
    memory_mb : float
        Most that the process held beyond what it held before the work.
    answer : str
        What came out; sides that answer the same question are compared by it.
    """

    seconds: float
    cpu: float
    memory_mb: float
    answer: str


@dataclass(frozen=True)
class Work:
    """A line of the table.

    Attributes
    ----------
    name : str
        For the command line.
    words : str
        For the table.
    ours : str
        Name of the function of the module that is our side.
    peers : dict of str to str
        What a user would pick instead -> name of the function.
    sizes : dict of str to dict
        Words for a size -> what `prepare` is given; the last is the one of the goal.
    goal : str
        In words.
    met : callable
        Our `Taken` and the peers' -> whether the goal is met.
    prepare : str
        Name of the function that writes the input: folder, **size.
    same : bool
        Whether the answers must be equal.
    floor : str
        A peer that does the least that anybody must do; in the table as times the floor.
    """

    name: str
    words: str
    ours: str
    peers: dict[str, str]
    sizes: dict[str, dict[str, int]]
    goal: str
    met: Callable[[Taken, dict[str, Taken]], bool]
    prepare: str
    same: bool = True
    floor: str = ""
    module: str = ""
    only: dict[str, int] = field(default_factory=dict)
    """Peers that are too slow for the larger sizes -> how many of the sizes they are given."""


def digest(*arrays: object) -> str:
    """Give a short name of what came out, for comparing."""
    whole = hashlib.sha256()
    for array in arrays:
        whole.update(np.ascontiguousarray(np.asarray(array)).tobytes())
    return whole.hexdigest()[:12]


def alone(module: str, function: str, folder: Path, repeat: int) -> Taken:
    """Run a side in a process of its own and give the best of several runs."""
    words = [sys.executable, "-m", "benchmarks.measure", module, function, str(folder)]
    found = []
    for _ in range(repeat):
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{module}.{function}: {done.stderr.strip()[-800:]}")
        found.append(Taken(**json.loads(done.stdout.splitlines()[-1])))
    return min(found, key=lambda taken: taken.seconds)


def main() -> None:
    """Run one side in this process and print what it took."""
    module, function, folder = sys.argv[1:4]
    side = getattr(importlib.import_module(module), function)
    before = _held()
    start, cpu = time.perf_counter(), sum(os.times()[:4])
    answer = side(Path(folder))
    seconds, cpu = time.perf_counter() - start, sum(os.times()[:4]) - cpu
    memory = _held() - before
    if isinstance(answer, tuple):
        answer, seconds, *other = answer
        memory = other[0] if other else memory
    if callable(answer):
        answer = answer()
    told = {"seconds": seconds, "cpu": cpu, "memory_mb": memory, "answer": str(answer)}
    print(json.dumps(told))


def _held() -> float:
    """Most that this process held so far; its parent's peak, which getrusage takes over, is not."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return int(status.read_text("ascii").split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    main()
