"""Kill the server ten times while phones send: is every acknowledged answer there, and once?

    python benchmarks/server_kills.py [--kills 10] [--seed 1]

A server of the app on a workspace of its own in a temporary folder. Four phones send answers as the
phone form does, each under a key of its own; the server gets signal 9 in the middle, is started
again, and in the end what was not acknowledged is sent once more under its old key. Prints what was
sent and what is stored; ends with exit code 1 if an answer is missing, is there twice, or a phone
was told anything but that it is stored.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.server_kills import kill_often, lost  # noqa: E402
from tests.walks import a_walk  # noqa: E402

AT = dt.datetime(2026, 11, 22, 18, tzinfo=dt.UTC)


def main() -> int:
    """Run it and print the outcome."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--kills", type=int, default=10)
    asked.add_argument("--seed", type=int, default=1)
    words = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        walk = a_walk(Path(folder) / "workspace", at=AT)
        began = time.monotonic()
        sent = kill_often(walk, kills=words.kills, seed=words.seed)
        missing, rows = lost(walk, sent), len(walk.answers())
        took = time.monotonic() - began
        print(f"{words.kills} kills in {took:.0f} s: {len(sent.keys):,} answers sent, "
              f"{len(sent.acknowledged):,} acknowledged, {rows:,} stored, {len(missing)} "
              f"missing or twice, {len(sent.errors)} errors told to a phone")  # fmt: skip
        return int(bool(missing or sent.errors or rows != len(sent.keys)))


if __name__ == "__main__":
    raise SystemExit(main())
