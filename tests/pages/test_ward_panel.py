"""The Ward panel page: meetings, answers, priorities and publications, each in its own ward."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from analysis.jobs.panels import answer_plan, draft_plan
from analysis.jobs.records import add_record, change_record, get_record, list_records
from geodata.records.fields import LONDON
from geodata.workspace import Workspace
from pages.server.sessions import Visitor
from tests.builders import EAST, WEST
from tests.pages.conftest import PAGES, Open, html
from tests.pages.test_sign_in import as_seen_by

NOW = dt.datetime(2026, 9, 1, 12, tzinfo=LONDON)
WHO: dict[str, Any] = {"by": "test", "at": NOW}
ACTION = {"origin": "ward_panel", "ward_code": WEST, "owner_agency": "tfl", "status": "agreed",
          "action_text": "Mend the lamp", "you_said": "It is dark", "agreed_on": "2026-01-05",
          "due_on": "2026-12-31"}  # fmt: skip


@pytest.fixture
def met(small: Path) -> Workspace:
    """West's panel met, has a plan, a priority and a promise; East's met once."""
    here = Workspace.open(small)
    meeting = {"held_on": "2026-06-01", "ward_codes": [WEST], "n_present": 9,
               "decisions": "Lamps first", "votes": "7 for", "note": "staff only"}  # fmt: skip
    add_record(here, "meetings", meeting, **WHO)
    add_record(here, "meetings", {"held_on": "2026-05-01", "ward_codes": [EAST],
                                  "decisions": "Noise in East"}, **WHO)  # fmt: skip
    plan = draft_plan(here, {"ward_code": WEST, "title": "West plan"}, ["tfl", "theo"], **WHO)
    answer_plan(here, plan.id, "theo", "declined", on=NOW.date(), reason="No officers", **WHO)
    aim = {"ward_code": WEST, "title": "Light", "status": "active"}
    priority = add_record(here, "priorities", aim, **WHO)
    add_record(here, "actions", ACTION | {"priority_id": priority.id}, **WHO)
    return here


def labelled(elements: Any, label: str) -> Any:
    return next(e for e in elements if e.label == label)


def press(at: AppTest, label: str) -> None:
    labelled(at.button, label).click().run()
    assert not at.exception


def test_a_ward_without_a_panel_says_what_to_do(open_page: Open, empty: Path) -> None:
    at = open_page("Ward panel", empty)
    said = html(at)
    for words in ("No meeting of this panel is recorded yet", "No plan is written yet",
                  "The panel has set no priority yet", "Nothing has been published",
                  "Nobody has asked for a walk"):  # fmt: skip
        assert words in said
    assert not at.exception


def test_everything_of_the_ward_that_met_last_is_shown(open_page: Open, met: Workspace) -> None:
    said = html(open_page("Ward panel", met.path))
    for words in ("Lamps first", "7 for", "Declined", "No officers", "0 of 2, to the latest plan",
                  "0 of 1 actions done", "It is dark", "0 of 1", "Who may publish"):  # fmt: skip
        assert words in said, words
    assert "Noise in East" not in said
    assert "Noise in East" in html(open_page("Ward panel", met.path, ward=EAST))


def test_a_meeting_is_added_and_a_second_editor_is_told(open_page: Open, met: Workspace) -> None:
    at = open_page("Ward panel", met.path)
    labelled(at.text_area, "Decided").input("A walk in autumn")
    labelled(at.number_input, "People present").set_value(12)
    press(at, "Save the meeting")
    assert "MTG-" in html(at)
    made = list_records(met, "meetings", decisions="A walk in autumn").iloc[0]
    assert (made["ward_codes"], made["n_present"]) == ((WEST,), 12)
    old = list_records(met, "meetings", decisions="Lamps first").iloc[0]
    labelled(at.selectbox, "Meeting").select(old["meeting_id"]).run()
    change_record(met, "meetings", old["meeting_id"], {"votes": "8 for"}, version=1, **WHO)
    labelled(at.text_area, "Votes, with their numbers").input("6 for")
    press(at, "Save the meeting")
    said = html(at)
    assert "Nothing was overwritten" in said
    assert ">8 for<" in said
    assert ">6 for<" in said
    assert get_record(met, "meetings", old["meeting_id"])["votes"] == "8 for"
    press(at, "Begin again from what is stored")
    labelled(at.text_area, "Votes, with their numbers").input("8 for, 1 against")
    press(at, "Save the meeting")
    stored = get_record(met, "meetings", old["meeting_id"])
    assert (stored["votes"], stored["note"]) == ("8 for, 1 against", "staff only")


def test_an_agency_answers_and_a_plan_is_written(open_page: Open, met: Workspace) -> None:
    at = open_page("Ward panel", met.path)
    labelled(at.selectbox, "Agency").select("tfl").run()
    labelled(at.radio, "Its answer").set_value("agreed")
    press(at, "Save the answer")
    assert "Transport for London: agreed." in html(at)
    assert "1 of 2, to the latest plan" in html(at)
    labelled(at.multiselect, "Agencies asked to sign up").set_value(["vcs"])
    labelled(at.text_input, "Title").input("Second plan")
    press(at, "Write the plan")
    assert "Second plan is written. Agencies asked: 1." in html(at)
    assert set(list_records(met, "plan_answers")["answer"]) == {"agreed", "declined", "asked"}


def test_a_priority_is_added_and_told_of(open_page: Open, met: Workspace) -> None:
    at = open_page("Ward panel", met.path)
    labelled(at.text_input, "Priority").input("Quiet nights")
    press(at, "Save the priority")
    assert "Quiet nights" in html(at)
    known = list_records(met, "priorities", title="Light").iloc[0]["priority_id"]
    labelled(at.selectbox, "Priority").select(known).run()
    labelled(at.selectbox, "Status").select("achieved")
    labelled(at.text_input, "Outcome").input("Lamps are in")
    press(at, "Save the priority")
    stored = get_record(met, "priorities", known)
    assert (stored["status"], stored["outcome_text"]) == ("achieved", "Lamps are in")


def test_what_came_of_it_is_published_and_withdrawn(open_page: Open, met: Workspace) -> None:
    at = open_page("Ward panel", met.path)
    text = next(t for t in at.text_area if t.label.startswith("Text (no names"))
    assert "You said: It is dark\nNot yet: Mend the lamp" in text.value
    press(at, "Note that it is published")
    assert "Promises that count as answered: 1." in html(at)
    assert list_records(met, "actions")["outcome_published_on"].notna().all()
    press(at, "Withdraw it")
    assert "is withdrawn" in html(at)
    assert list_records(met, "published")["withdrawn_on"].notna().all()


def seen(met: Workspace, monkeypatch: pytest.MonkeyPatch, *wards: str, role: Any) -> AppTest:
    who = Visitor("person", "a@b.uk", "A", frozenset({role}), wards=frozenset(wards))
    at = as_seen_by(who, met.path, monkeypatch, PAGES["Ward panel"])
    assert not at.exception
    return at


def test_a_panel_member_reads_the_own_ward_and_writes_nothing(
    met: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = seen(met, monkeypatch, EAST, role="panel_member")
    assert "Noise in East" in html(at)
    assert "Lamps first" not in html(at)
    assert [b.label for b in at.button if b.label.startswith(("Save", "Write", "Note"))] == []
    at = seen(met, monkeypatch, WEST, role="panel_member")
    assert "Lamps first" in html(at)
    assert "staff only" not in html(at)
    assert "No ward is set for you" in html(seen(met, monkeypatch, role="panel_member"))


def test_a_chair_writes_of_the_own_ward_only(
    met: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = seen(met, monkeypatch, EAST, role="panel_chair")
    labelled(at.text_area, "Decided").input("Quieter nights")
    press(at, "Save the meeting")
    made = list_records(met, "meetings", decisions="Quieter nights").iloc[0]
    assert made["ward_codes"] == (EAST,)
    assert [b.label for b in at.get("download_button")] == []
