"""The register of what was published lies in the workspace, whole, and in its backups."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from geodata import releases
from geodata.backup import back_up, restore
from geodata.errors import SaferWalksError, StoreConflictError
from geodata.workspace import Workspace
from tests.builders import batch, incidents, workspace_of

ABOUT = {"release": "r1", "title": "Pack", "at": "2026-07-01T09:00", "digest": "d", "minimum": 5}
NUMBERS = pd.DataFrame(
    {
        "measure": "cases", "first": "2025-07", "last": "2026-06", "where": ['{"w": "A"}', "{}"],
        "shown": [False, True], "value": [None, 30.0], "mark": ["1 to 4", ""],
        "low": [1.0, 0.0], "high": [4.0, float("inf")],
    }
)  # fmt: skip


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_of(tmp_path / "w", batch("met", incidents([("2026-04", 200, 200)])))


def test_the_register_is_empty_until_something_is_published(workspace: Workspace) -> None:
    assert releases.register(workspace).empty
    releases.add_release(workspace, NUMBERS, known=0, about=ABOUT)
    found = releases.register(workspace.reopen())
    assert found["shown"].tolist() == [False, True]
    assert found["value"].isna().tolist() == [True, False]
    assert found["high"].tolist() == [4.0, float("inf")]
    assert set(found["release"]) == {"r1"}


BY = {"by": "anna", "at": "2026-07-01T09:00:00+00:00"}


def test_a_release_checked_against_an_older_register_is_refused(workspace: Workspace) -> None:
    releases.add_release(workspace, NUMBERS, known=0, about=ABOUT)
    with pytest.raises(StoreConflictError, match="published while"):
        releases.add_release(workspace.reopen(), NUMBERS, known=0, about={**ABOUT, "release": "x"})
    assert len(releases.register(workspace.reopen())) == 2
    releases.add_release(workspace.reopen(), NUMBERS.head(0), known=2, about=ABOUT)
    assert releases.register(workspace.reopen())["measure"].tolist() == ["cases", "cases", ""]


def test_the_register_is_in_a_backup(workspace: Workspace, tmp_path: Path) -> None:
    releases.add_release(workspace, NUMBERS, known=0, about=ABOUT)
    releases.set_minimum_cell(workspace.path, 7, **BY)
    now = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)
    back_up(workspace.reopen(), tmp_path / "b.zip", at=now)
    restore(tmp_path / "b.zip", tmp_path / "again", at=now)
    again = Workspace.open(tmp_path / "again")
    pd.testing.assert_frame_equal(releases.register(again), releases.register(workspace.reopen()))
    assert releases.minimum_cell(again.path) == 7


def test_the_minimum_is_five_unless_raised_to_ten_at_most(workspace: Workspace) -> None:
    assert releases.minimum_cell(workspace.path) == 5
    releases.set_minimum_cell(workspace.path, 10, **BY)
    assert releases.minimum_cell(workspace.path) == 10
    for wrong in (4, 11, True):
        with pytest.raises(SaferWalksError, match="5 to 10"):
            releases.set_minimum_cell(workspace.path, wrong, **BY)


def test_every_change_of_the_minimum_is_kept(workspace: Workspace) -> None:
    assert releases.minimum_changes(workspace.path) == []
    assert not releases.set_minimum_cell(workspace.path, 5, **BY)
    assert releases.set_minimum_cell(workspace.path, 10, **BY)
    assert releases.set_minimum_cell(workspace.path, 6, by="ben", at="2026-08-01T09:00:00+00:00")
    assert releases.minimum_changes(workspace.path) == [
        {"at": BY["at"], "by": "anna", "before": 5, "minimum_cell": 10},
        {"at": "2026-08-01T09:00:00+00:00", "by": "ben", "before": 10, "minimum_cell": 6},
    ]


@pytest.mark.parametrize("text", ["minimum_cell = 3", "minimum_cell = '5'", "[", "x = 1"])
def test_settings_mended_by_hand_are_checked(workspace: Workspace, text: str) -> None:
    releases.set_minimum_cell(workspace.path, 6, **BY)
    (workspace.path / "settings" / "publishing.toml").write_text(text)
    with pytest.raises(SaferWalksError):
        releases.minimum_cell(workspace.path)
