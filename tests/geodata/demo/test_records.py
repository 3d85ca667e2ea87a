"""The demo's records tell a story that hangs together, the same each time."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from geodata.demo.borough import wards
from geodata.demo.records import PROGRAMME, add_records
from geodata.records.database import Records, open_records
from geodata.records.kinds import KINDS
from geodata.workspace import Workspace


def made(folder: Path, last_month: str = "2026-06") -> Records:
    workspace = Workspace.create(folder, kind="demo", wards=wards(), ward_info={})
    add_records(workspace, seed=7, last_month=last_month)
    return open_records(workspace)


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Records:
    return made(tmp_path_factory.mktemp("demo"))


def test_the_same_seed_tells_the_same_story(invented: Records, tmp_path: Path) -> None:
    again = made(tmp_path / "again")
    for kind in KINDS:
        assert [r.values for r in again.list(kind)] == [r.values for r in invented.list(kind)]


def test_two_years_of_events_with_the_published_programme_among_them(invented: Records) -> None:
    events = invented.frame("events")
    held = events[events["status"] == "held"]
    assert held["actual_start"].min().date() == dt.date(2024, 7, 18)
    assert held["actual_start"].max().date() == dt.date(2026, 5, 9)
    assert set(held["event_type"]) >= {
        "virtual_walk", "womens_walk", "walkabout", "walk_and_talk", "community_action_day",
    }  # fmt: skip
    listed = events[events["listed_as"] != ""]
    assert len(listed) == 20
    assert len(PROGRAMME.strip().splitlines()) == 22  # two headings
    assert (listed["event_type"] == "safety_surgery").sum() == 16
    first = listed[listed["location_name"] == "Mile End station"].iloc[0]
    assert str(first["planned_start"]) == "2024-10-02 17:00:00+01:00"
    open_places = events[events["location_name"] == "Location TBC"]
    assert len(open_places) == 14
    assert set(events.loc[events["planned_date"] > "2026-06-30", "status"]) <= {
        "confirmed", "planned_tbc",
    }  # fmt: skip


def test_the_thread_from_concern_to_recheck(invented: Records) -> None:
    park = invented.list("sites", name="Langdon Park")[0]
    walks = {e.id: e for e in invented.list("events", site_id=park.id)}
    by_day = sorted(walks.values(), key=lambda e: e["actual_start"])
    assert [e["event_type"] for e in by_day] == [
        "virtual_walk", "womens_walk", "womens_walk", "community_action_day", "womens_walk",
    ]  # fmt: skip
    _, light, dark, action_day, again = by_day
    assert dark["repeat_of_event_id"] == light.id
    assert again["repeat_of_event_id"] == dark.id
    assert action_day["follows_event_id"] == dark.id
    assert action_day["actual_start"] - dark["actual_start"] >= dt.timedelta(weeks=4)
    said = invented.frame("responses")
    feel = said[said["mode"] == "individual"].groupby("event_id")["feel_dark"].mean()
    assert feel[again.id] - feel[dark.id] > 1
    promised = invented.list("actions", event_id=dark.id)
    assert sorted(a["status"] for a in promised) == ["cannot_do"] + 3 * ["verified"]
    lamps = next(a for a in promised if a["action_type"] == "lighting")
    assert lamps["agreed_on"] < lamps["due_on"] < lamps["completed_on"] < lamps["verified_on"]
    assert (lamps["revisions"], lamps["verified_by"]) == (1, "repeat_walk")
    assert lamps["verified_on"] > again["actual_start"].date()
    told = invented.history(kind="actions", record_id=lamps.id)
    assert told["at"].dt.date.min() == lamps["agreed_on"]
    assert told["at"].dt.date.max() == lamps["verified_on"]
    shown = {p["event_id"] for p in invented.list("published")}
    assert shown >= {dark.id, again.id}


def test_some_promises_are_late_blocked_or_done(invented: Records) -> None:
    actions = invented.frame("actions")
    assert set(actions["status"]) >= {
        "agreed", "in_progress", "blocked", "completed", "verified", "cannot_do",
    }  # fmt: skip
    assert (actions["ward_code"] != "").all()
    assert (actions["agreed_on"] <= actions["due_on"]).all()


def test_nobody_is_marked_and_nobody_said_anything_without_consent(invented: Records) -> None:
    assert invented.frame("responses")["consent_store"].all()
    assert invented.list("contacts") == invented.list("users") == invented.list("alerts") == []


def test_another_last_month_moves_the_story(tmp_path: Path, invented: Records) -> None:
    moved = made(tmp_path / "moved", "2025-12")
    held = moved.frame("events").query("status == 'held'")
    assert held["actual_start"].min().date() == dt.date(2024, 1, 18)
    assert held["actual_start"].max().date() == dt.date(2025, 11, 9)
    assert len(moved.list("responses")) == len(invented.list("responses"))


def test_panels_decide_agencies_answer_and_residents_are_told(invented: Records) -> None:
    park = invented.list("sites", name="Langdon Park")[0]
    ward = park["ward_code"]
    lit = invented.list("priorities", ward_code=ward, status="achieved")[0]
    assert lit["site_ids"] == (park.id,)
    meeting = invented.get("meetings", lit["meeting_id"])
    assert (meeting["held_on"], meeting["votes"][:21]) == (
        lit["period_start"],
        "Lit paths in the park",
    )
    its = invented.list("actions", priority_id=lit.id)
    assert sorted(a["status"] for a in its) == ["cannot_do"] + 3 * ["verified"]
    meetings = invented.frame("meetings")
    assert len(meetings) == 32
    assert (meetings["decisions"] != "").all()
    assert (meetings["held_on"] < meetings["next_on"]).all()
    answers = invented.frame("plan_answers")
    assert set(answers["answer"]) == {"agreed", "declined", "asked"}
    assert (answers.loc[answers["answer"] == "declined", "reason"] != "").all()
    told = invented.frame("published")
    assert (told["text"] != "").all()
    for words in ("You said: ", "We did: ", "Not yet: ", "We cannot: "):
        assert told["text"].str.contains(words, regex=False).any()
    assert set(invented.frame("sites")["status"]) == {"current"}
