"""Results on disk: found by what decides them, forgotten with their data, never in the way."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pandas as pd
import pytest

from geodata import durable, kept
from geodata.store import commit, undo
from geodata.workspace import Workspace
from tests.builders import batch, incidents, workspace_of

TABLE = pd.DataFrame({"hexagon": ["a", "b"], "p": [0.5, float("nan")], "hot": [True, False]})
NOTE = {"notes": ["one"], "windows": []}


@pytest.fixture
def made(tmp_path: Path) -> Workspace:
    return workspace_of(tmp_path / "w", batch("march", incidents([("2026-03", 100, 500)])))


def place(
    workspace: Workspace, *, source: str = "police_uk", code: str = "c", **asked: int
) -> Path:
    return kept.place_of(workspace, "certified", source, asked, code=code)


def stored(workspace: Workspace) -> list[Path]:
    return sorted((workspace.path / kept.FOLDER).rglob("*.parquet"))


def test_what_is_kept_comes_back_as_it_was(made: Workspace) -> None:
    where = place(made, side=200)
    assert kept.read(where) is None
    kept.write(where, TABLE, NOTE)
    found = kept.read(where)
    assert found is not None
    pd.testing.assert_frame_equal(found[0], TABLE)
    assert found[1] == NOTE
    assert stored(made) == [where]  # nothing half written stays


def test_the_name_changes_with_all_that_decides_the_result(made: Workspace) -> None:
    names = [
        place(made, side=200), place(made, side=100), place(made, side=200, code="d"),
        place(made, side=200, source="council_asb"),
    ]  # fmt: skip
    commit(made, [batch("april", incidents([("2026-04", 100, 500)]))], mode="add")
    names.append(place(made.reopen(), side=200))
    assert len(set(names)) == len(names)
    assert place(made, side=200) == names[0]  # who opened it before still sees that state


def test_an_import_of_another_source_leaves_a_result_alone(made: Workspace) -> None:
    before = place(made)
    other = incidents([("2026-04", 100, 500, "rowdy")], source="council_asb", force="council")
    commit(made, [batch("council", other)], mode="add")
    assert place(made.reopen()) == before


def test_a_change_sweeps_what_was_made_of_other_data_after_a_while(made: Workspace) -> None:
    """Those who opened the workspace before it may still read; taken back, it is found again."""
    where = place(made)
    kept.write(where, TABLE, NOTE)
    report = commit(made, [batch("april", incidents([("2026-04", 100, 500)]))], mode="add")
    assert stored(made) == [where]
    undo(made.reopen(), report.import_id)
    assert place(made.reopen()) == where
    long_ago = time.time() - 2 * durable.GRACE_S
    os.utime(where, (long_ago, long_ago))
    kept.sweep(made.reopen())
    assert stored(made) == [where]
    commit(made.reopen(), [batch("may", incidents([("2026-05", 100, 500)]))], mode="add")
    assert stored(made) == []


@pytest.mark.parametrize("content", [b"", b"PAR1 cut short", None])
def test_a_file_that_is_no_result_counts_as_none(made: Workspace, content: bytes | None) -> None:
    where = place(made)
    where.parent.mkdir(parents=True)
    if content is None:
        TABLE.to_parquet(where)  # whole, but with no note of ours
    else:
        where.write_bytes(content)
    assert kept.read(where) is None


def test_a_folder_that_cannot_be_written_to_keeps_nothing_and_stops_nobody(made: Workspace) -> None:
    (made.path / kept.FOLDER).parent.mkdir(exist_ok=True)
    (made.path / kept.FOLDER).write_text("in the way")
    kept.write(place(made), TABLE, NOTE)
    assert kept.read(place(made)) is None
