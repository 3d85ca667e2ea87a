"""What other processes do in the tests of the store: import, be killed, import at the same time.

In a module of its own, because a process that is started anew imports it by name.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path

from geodata import durable
from geodata.batches import Batch, Mode
from geodata.police_uk import read_street_file
from geodata.store import commit
from geodata.workspace import Workspace
from tests.street_files import along, row, street_csv

MONTHS = ("2026-01", "2026-02")
ROWS = 30
STEPS = ("flush_file", "swap", "flush_folder")
"""Functions of `durable` between which an import may be killed."""


def edition(number: int) -> list[Batch]:
    """Make three months of reports whose every row names the edition it belongs to."""
    batches = []
    for month in MONTHS:
        rows = [r.replace("A Street", f"Street {number}") for r in along(ROWS, month=month)]
        rows.append(row(month=f"never {number}"))  # rejected
        name = f"{month}-metropolitan-street.csv"
        batches.append(read_street_file(name, street_csv(rows).encode()))
    return batches


def import_edition(path: Path, number: int, mode: Mode = "replace") -> None:
    """Import one edition whole."""
    commit(Workspace.open(path), edition(number), mode=mode)


def count_steps(stop_at: int, stop: Callable[[], None]) -> list[str]:
    """Make the `stop_at`th step call `stop` first; give the list in which steps are noted."""
    seen: list[str] = []

    def counted(name: str, real: Callable[..., None]) -> Callable[..., None]:
        def step(*args: object) -> None:
            seen.append(name)
            if len(seen) == stop_at:
                stop()
            real(*args)

        return step

    for name in STEPS:
        setattr(durable, name, counted(name, getattr(durable, name)))
    return seen


def die_at_step(path: Path, number: int, stop_at: int) -> None:
    """Import an edition and die at a step, with no chance to tidy up."""
    count_steps(stop_at, lambda: os._exit(9))
    import_edition(path, number)


def import_for_ever(path: Path, started: Event, acknowledged: Path) -> None:
    """Import edition after edition, noting each one that was acknowledged."""
    for number in range(1, 1_000_000):
        import_edition(path, number)
        with acknowledged.open("a", encoding="utf-8") as log:
            log.write(f"{number}\n")
        started.set()


def import_months(path: Path, months: list[str], gate: Barrier, answers: Path) -> None:
    """Import one file a month, each in a call of its own, with others at the same time."""
    gate.wait(timeout=60)
    for month in months:
        data = street_csv([row(month=month)]).encode()
        batch = read_street_file(f"{month}-metropolitan-street.csv", data)
        report = commit(Workspace.open(path), [batch])
        answers.mkdir(exist_ok=True)
        name = f"{month}-{os.getpid()}-{time.monotonic_ns()}"
        (answers / name).write_text(str(report.unchanged), encoding="utf-8")
