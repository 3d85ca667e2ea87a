"""Presets people save: found by name, next versions, refusals, and what stays when one goes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from analysis.jobs.presets import preset_of, presets, retire_preset, save_preset
from analysis.score import PRESETS
from geodata.errors import RecordError, SaferWalksError, StaleRecordError
from geodata.records.database import open_records
from geodata.records.fields import LONDON
from geodata.workspace import Workspace
from tests.builders import workspace_of

WHO: dict[str, Any] = {"by": "Manager", "at": dt.datetime(2026, 5, 1, 12, tzinfo=LONDON)}
WEIGHTS = {"concern": 60.0, "volume": 40.0}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_of(tmp_path / "w")


def save(workspace: Workspace, name: str = "Dark evenings", **more: Any) -> Any:
    weights = preset_of(workspace, "womens_walk", weights=WEIGHTS, normaliser="z", window=24)
    return save_preset(workspace, name, weights, reason="The panel asked", **WHO, **more)


def test_without_records_there_are_the_three_and_none_are_made(workspace: Workspace) -> None:
    listed = presets(workspace)
    assert listed["preset"].tolist() == list(PRESETS)
    assert listed.loc[0, ["volume", "concern", "normaliser", "window"]].tolist() == [
        30.0, 15.0, "rank", 12,
    ]  # fmt: skip
    assert not (workspace.path / "records.sqlite").exists()


def test_a_saved_preset_is_found_by_name_and_by_id(workspace: Workspace) -> None:
    made = save(workspace)
    for name in ("Dark evenings", "dark  EVENINGS", made.id):
        found = preset_of(workspace, name)
        assert dict(found.weights) == WEIGHTS
        assert (found.normaliser, found.window, found.purpose) == ("z", 24, "womens_walk")
        assert (found.name, found.label) == (made.id, "Dark evenings")
        assert found.collect == PRESETS["womens_walk"].collect
    row = presets(workspace).iloc[-1]
    assert row[["preset", "base", "reason", "by", "on", "version"]].tolist() == [
        "Dark evenings", "womens_walk", "The panel asked", "Manager", "2026-05-01", 1,
    ]  # fmt: skip
    assert (row["concern"], row["trend"]) == (60.0, 0.0)


def test_saving_again_is_the_next_version_and_the_first_stays_in_the_history(
    workspace: Workspace,
) -> None:
    made = save(workspace)
    other = preset_of(workspace, "Dark evenings", weights={"concern": 1.0})
    assert other.label == "Dark evenings, changed"
    again = save_preset(workspace, "dark evenings", other, reason="Simpler", **WHO, version=1)
    assert (again.id, again.version) == (made.id, 2)
    history = open_records(workspace).history(kind="presets", record_id=made.id)
    change = history[history["field"].eq("weights") & history["doing"].eq("change")].iloc[0]
    assert change["old"] == '{"concern":60.0,"volume":40.0}'
    reason = history[history["field"].eq("reason")].iloc[0]
    assert (reason["old"], reason["new"]) == ("The panel asked", "Simpler")
    with pytest.raises(StaleRecordError):
        save_preset(workspace, "Dark evenings", other, reason="Late", **WHO, version=1)
    with pytest.raises(RecordError, match="There is a preset of this name"):
        save(workspace, version=0)


def test_one_that_goes_is_offered_no_more(workspace: Workspace) -> None:
    made = save(workspace)
    retire_preset(workspace, "Dark evenings", reason="Not used", **WHO)
    assert len(presets(workspace)) == 3
    with pytest.raises(SaferWalksError, match="use one of: walkabout, womens_walk, engagement"):
        preset_of(workspace, "Dark evenings")
    assert save(workspace).id != made.id  # its name is free again
    with pytest.raises(SaferWalksError, match="stays"):
        retire_preset(workspace, "walkabout", reason="", **WHO)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"weights": {"sightings": 1.0}}, "no such component"),
        ({"weights": {"volume": -1.0}}, "0 or more"),
        ({"normaliser": "log"}, "no such normaliser"),
        ({"window": 5}, "6, 12 or 24 months"),
    ],
)
def test_what_cannot_be_scored_with_is_refused(
    workspace: Workspace, asked: dict[str, Any], said: str
) -> None:
    with pytest.raises(SaferWalksError, match=said):
        preset_of(workspace, "walkabout", **asked)


def test_one_that_came_in_from_a_list_with_a_part_no_score_has_is_told(
    workspace: Workspace,
) -> None:
    values = {"name": "Odd", "status": "current", "base": "walkabout", "window": 12,
              "weights": {"sightings": 1}, "normaliser": "rank", "reason": "x"}  # fmt: skip
    with open_records(workspace).changing(**WHO) as change:
        change.create("presets", values)
    with pytest.raises(SaferWalksError, match="Odd: no such component: sightings"):
        preset_of(workspace, "odd")


def test_what_is_as_the_preset_has_it_changes_nothing(workspace: Workspace) -> None:
    same = preset_of(workspace, "walkabout", weights=dict(PRESETS["walkabout"].weights), window=12)
    assert same is PRESETS["walkabout"]
