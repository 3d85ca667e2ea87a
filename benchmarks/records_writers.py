"""Eight writers for a minute, and ten kills while writing: is every acknowledged row there?

    python benchmarks/records_writers.py [--seconds 60] [--url postgresql://user@127.0.0.1/database]

Writes to a workspace of its own in a temporary folder: SQLite, or the PostgreSQL database named
(an empty one: it is written to). Prints what was acknowledged, what is stored, and the rate; ends
with exit code 1 if a row is missing or a writer met an error.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from geodata.records.database import Records, open_records  # noqa: E402
from tests.builders import workspace_of  # noqa: E402
from tests.record_workers import AT, WALK, die_while_writing, write_for  # noqa: E402

WRITERS = 8
KILLS = 10
SHARED = "EVT-2000-0001"


def told(answers: Path) -> list[str]:
    """List the ids that writers were told; a line without its end was cut off."""
    lines = [line for p in answers.iterdir() for line in p.read_text().splitlines(keepends=True)]
    return [line.strip() for line in lines if line.endswith("\n")]


def missing(records: Records, answers: Path) -> int:
    """Count the acknowledged events that are not stored."""
    stored = {event.id for event in records.list("events")}
    return len(set(told(answers)) - stored)


def write_together(records: Records, url: str, seconds: float, answers: Path) -> int:
    """Let eight processes write at once; say how many met an error."""
    workers = [
        multiprocessing.Process(
            target=write_for, args=(records.folder, url, f"writer-{n}", seconds, answers)
        )
        for n in range(WRITERS)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(worker.exitcode != 0 for worker in workers)


def kill_while_writing(records: Records, url: str, answers: Path) -> None:
    """Start a writer and kill it without warning, ten times."""
    moments = random.Random(1)
    for kill in range(KILLS):
        name = f"killed-{kill}"
        worker = multiprocessing.Process(
            target=die_while_writing, args=(records.folder, url, name, answers)
        )
        worker.start()
        while not (answers / name).exists():
            time.sleep(0.01)
        time.sleep(moments.uniform(0.05, 0.6))
        worker.kill()
        worker.join()


def main() -> int:
    """Run both and print the outcome."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--seconds", type=float, default=60)
    asked.add_argument("--url", default="")
    words = asked.parse_args()
    multiprocessing.set_start_method("spawn")
    with tempfile.TemporaryDirectory() as folder:
        answers = Path(folder) / "answers"
        answers.mkdir()
        records = open_records(workspace_of(Path(folder) / "workspace"), url=words.url)
        with records.changing(by="benchmark", at=AT) as change:
            change.create("events", WALK, record_id=SHARED)
        failed = write_together(records, words.url, words.seconds, answers)
        rows = len(told(answers))
        shared = records.get("events", SHARED)["attendees_residents"]
        print(f"{WRITERS} writers, {words.seconds:g} s: {rows:,} changes acknowledged "
              f"({rows / words.seconds:,.0f} a second), {missing(records, answers)} missing, "
              f"{failed} writers failed, shared count {shared:,} of {rows:,}")  # fmt: skip
        lost = missing(records, answers) or failed or shared != rows
        kill_while_writing(records, words.url, answers)
        print(f"{KILLS} kills: {len(told(answers)) - rows:,} changes acknowledged, "
              f"{missing(records, answers)} missing")  # fmt: skip
        return int(bool(lost or missing(records, answers)))


if __name__ == "__main__":
    raise SystemExit(main())
