"""A ward's panel: what was met, planned, promised and published, on one day."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from analysis.cli import main
from analysis.jobs.panels import answer_plan, draft_plan, publish, told_text, ward_panel
from analysis.jobs.records import add_record, get_record
from geodata.errors import RecordError, StaleRecordError
from geodata.workspace import Workspace
from tests.builders import EAST, WEST, workspace_of
from tests.databases import AT

WHO: dict[str, Any] = {"by": "chair", "at": AT}
DAY = AT.date()
ACTION = {"origin": "ward_panel", "ward_code": WEST, "owner_agency": "tfl", "action_text": "Mend",
          "agreed_on": "2026-01-05", "due_on": "2026-12-31", "status": "agreed"}  # fmt: skip


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.delenv("SAFER_WALKS_DATABASE_URL", raising=False)
    return workspace_of(tmp_path / "w")


def add(here: Workspace, kind: str, **values: object) -> str:
    return add_record(here, kind, values, **WHO).id


def test_the_panel_of_a_ward_has_its_own_things_of_that_day_only(here: Workspace) -> None:
    first = add(here, "meetings", held_on="2026-03-01", ward_codes=[WEST], next_on="2026-06-01")
    both = add(here, "meetings", held_on="2026-06-01", ward_codes=[EAST, WEST], n_present=9)
    add(here, "meetings", held_on="2026-12-24", ward_codes=[WEST])  # after the day
    add(here, "meetings", held_on="2026-05-01", ward_codes=[EAST])
    panel = ward_panel(here, WEST, DAY)
    assert panel.meetings["meeting_id"].tolist() == [both, first]
    assert (panel.last_met, panel.meets_next) == (dt.date(2026, 6, 1), None)
    early = ward_panel(here, WEST, dt.date(2026, 4, 1))
    assert (early.last_met, early.meets_next) == (dt.date(2026, 3, 1), dt.date(2026, 6, 1))
    never = ward_panel(here, "E05009999", DAY)
    assert (never.ward_name, never.last_met, never.meets_next) == ("E05009999", None, None)


def test_every_agency_of_a_plan_is_asked_and_answers_once(here: Workspace) -> None:
    values = {"ward_code": WEST, "title": "West plan"}
    plan = draft_plan(here, values, ["tfl", "theo", "vcs"], **WHO)
    assert plan["drafted_on"] == DAY
    answer_plan(here, plan.id, "tfl", "agreed", on=DAY, **WHO)
    seen = ward_panel(here, WEST, DAY).answers.set_index("agency").loc["theo"]
    answer_plan(here, plan.id, "theo", "declined", on=DAY, reason="No officers to spare",
                version=int(seen["version"]), **WHO)  # fmt: skip
    panel = ward_panel(here, WEST, DAY)
    assert panel.plans[["asked", "agreed", "declined"]].to_numpy().tolist() == [[1, 1, 1]]
    told = panel.answers.set_index("agency")
    assert told.loc["theo", ["answer_name", "reason"]].tolist() == [
        "Declined", "No officers to spare",
    ]  # fmt: skip
    with pytest.raises(StaleRecordError) as fault:  # a second editor saw it as asked
        answer_plan(here, plan.id, "theo", "agreed", on=DAY, version=int(seen["version"]), **WHO)
    assert fault.value.theirs["answer"] == "declined"
    assert ward_panel(here, EAST, DAY).plans.empty
    with pytest.raises(RecordError, match="'Answered on' must be filled in"):
        answer_plan(here, plan.id, "vcs", "agreed", **WHO)


def test_a_priority_says_how_far_its_actions_have_come(here: Workspace) -> None:
    aim = {"ward_code": WEST, "title": "The park after dark"}
    old = add(here, "priorities", **aim, status="achieved", period_start="2026-07-01")
    new = add(here, "priorities", **aim, status="active", period_start="2026-01-01")
    add(here, "priorities", **aim, status="active", period_start="2027-01-01")  # not yet
    done = {"completed_on": "2026-02-01"}
    add(here, "actions", **ACTION | done | {"priority_id": new, "status": "completed"})
    checked = {"verified_on": "2026-02-02", "verified_by": "photo", "status": "verified"}
    add(here, "actions", **ACTION | done | checked | {"priority_id": new})
    add(here, "actions", **ACTION | {"priority_id": new, "due_on": "2026-02-01"})
    add(here, "actions", **ACTION | {"priority_id": new, "status": "cannot_do", "why_not": "No"})
    add(here, "actions", **ACTION)  # serves none
    shown = ward_panel(here, WEST, DAY).priorities
    assert shown["priority_id"].tolist() == [new, old]
    assert shown["progress"].tolist() == [
        "2 of 4 actions done (1 verified), 1 overdue, 1 cannot be done", "no action serves it yet",
    ]  # fmt: skip


def test_what_is_published_dates_the_outcomes_it_tells(here: Workspace) -> None:
    one = add(here, "actions", **ACTION | {"you_said": "It is dark", "public_update": "Ordered"})
    told = add(here, "actions", **ACTION | {"outcome_published_on": "2026-02-01"})
    panel = ward_panel(here, WEST, DAY)
    text = told_text(panel.told[panel.told["action_id"].eq(one)])
    assert text == "Not yet\nYou said: It is dark\nNot yet: Ordered"
    values = {"kind": "you_said_we_did", "title": "West", "ward_codes": [WEST], "text": text}
    publish(here, values, actions=[one, told], **WHO)
    shown = ward_panel(here, WEST, DAY)
    assert shown.published[["kind_name", "text"]].to_numpy().tolist() == [
        ["You said, we did", text]
    ]
    assert get_record(here, "actions", one)["outcome_published_on"] == DAY
    assert get_record(here, "actions", told)["outcome_published_on"] == dt.date(2026, 2, 1)
    assert ward_panel(here, EAST, DAY).published.empty
    said = json.loads(json.dumps(shown.to_json()))
    assert said["published"][0]["published_on"] == DAY.isoformat()
    assert said["told"][0]["outcome_published_on"] == DAY.isoformat()


def test_a_panel_is_told_by_command(
    here: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(here, "meetings", held_on="2026-03-01", ward_codes=[WEST], decisions="Lamps first")
    draft_plan(here, {"ward_code": WEST, "title": "West plan"}, ["tfl"], **WHO)

    def run(where: Workspace, *words: object) -> dict[str, Any]:
        assert main(["--workspace", str(where.path), "records", "panels", *map(str, words),
                     "--json"]) == 0  # fmt: skip
        return dict(json.loads(capsys.readouterr().out))

    told = run(here, "show", WEST.lower(), "--as-at", DAY)
    assert [m["decisions"] for m in told["meetings"]] == ["Lamps first"]
    assert (told["ward_name"], told["plans"][0]["asked"]) == ("West", 1)
    out = tmp_path / "panels.xlsx"
    run(here, "export", "--out", out)
    other = workspace_of(tmp_path / "other")
    added = run(other, "import", out)["added"]
    assert {kind: n for kind, n in added.items() if n} == {
        "meetings": 1, "plans": 1, "plan_answers": 1,
    }  # fmt: skip
    assert run(other, "show", WEST, "--as-at", DAY) == told
    assert main(["--workspace", str(other.path), "records", "panels", "show", "E05009999"]) == 1
    assert "No ward has that code or name" in capsys.readouterr().err
