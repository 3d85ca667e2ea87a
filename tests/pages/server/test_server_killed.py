"""The server is killed while phones send: what it acknowledged is there, and everything once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from tests.server_kills import SENDERS, kill_often, lost
from tests.walks import a_walk

NOW = dt.datetime(2026, 11, 22, 18, tzinfo=dt.UTC)


def test_no_acknowledged_answer_is_lost_to_a_kill(tmp_path: Path) -> None:
    """The short version of benchmarks/server_kills.py, which kills it ten times."""
    walk = a_walk(tmp_path / "w", at=NOW)
    sent = kill_often(walk, kills=1, seed=2)
    assert sent.errors == []
    assert len(sent.keys) > SENDERS
    assert lost(walk, sent) == []
    assert len(walk.answers()) == len(sent.keys)
