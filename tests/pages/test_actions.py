"""The Actions and Walk requests pages: what is written is stored, and told with its reason."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from analysis.jobs.actions import update_action
from analysis.jobs.records import add_record, get_record, list_records
from geodata.errors import SaferWalksError
from geodata.records.fields import LONDON
from geodata.workspace import Workspace
from pages.server.sessions import Visitor
from tests.builders import WEST
from tests.pages.conftest import PAGES, Open, html
from tests.pages.test_sign_in import as_seen_by

NOW = dt.datetime(2026, 9, 1, 12, tzinfo=LONDON)


@pytest.fixture
def promised(small: Path) -> Path:
    """One action of the parks service, long overdue."""
    values = {
        "origin": "walkabout", "action_text": "Cut the hedge", "ward_code": WEST,
        "owner_agency": "council_parks", "status": "in_progress", "agreed_on": "2026-01-05",
        "due_on": "2026-02-01", "you_said": "The hedge hides the path",
    }  # fmt: skip
    add_record(Workspace.open(small), "actions", values, by="test", at=NOW)
    return small


def press(at: object, label: str) -> None:
    next(b for b in at.button if b.label == label).click().run()  # type: ignore[attr-defined]


def test_an_overdue_action_is_red_in_a_word_and_says_why(open_page: Open, promised: Path) -> None:
    said = html(open_page("Actions", promised))
    assert "Red: " in said
    assert "overdue" in said
    assert "The hedge hides the path" in said
    assert "Council parks" in said


def test_the_board_has_a_lane_for_each_state_and_the_table_the_same(
    open_page: Open, promised: Path
) -> None:
    values = {"origin": "walkabout", "owner_agency": "tfl", "owner_role": "Station manager",
              "action_text": "Mend the sign", "status": "blocked", "blocked_reason": "funding",
              "agreed_on": "2026-08-01", "due_on": "2026-12-01", "revised_due_on": "2026-12-24",
              "revisions": 2, "escalated_to": "snb"}  # fmt: skip
    add_record(Workspace.open(promised), "actions", values, by="test", at=NOW)
    at = open_page("Actions", promised)
    board = html(at)
    for words in ("<h2>In progress (1)</h2>", "<h2>Blocked (1)</h2>", "Station manager",
                  "date moved 2 times; blocked: funding; raised with: Safer Neighbourhood Board",
                  "Red: ", "2 of 2 actions"):  # fmt: skip
        assert words in board
    assert "<h2>Verified" not in board
    next(b for b in at.button_group if b.label == "As").set_value("Table").run()
    assert "date moved 2 times; blocked: funding" in html(at)
    assert 'sw-board" tabindex' not in html(at)


def test_a_second_editor_of_an_action_is_told(open_page: Open, promised: Path) -> None:
    here = Workspace.open(promised)
    action = list_records(here, "actions")["action_id"].iloc[0]
    at = open_page("Actions", promised)
    next(s for s in at.selectbox if s.label == "Action").select(action).run()
    update_action(here, action, {"we_did": "Hers"}, version=1, by="somebody else", at=NOW)
    next(t for t in at.text_input if t.label == "We did").input("Mine")
    press(at, "Save")
    said = html(at)
    assert "Nothing was overwritten" in said
    assert ">Hers<" in said
    assert get_record(here, "actions", action)["we_did"] == "Hers"


def test_an_action_is_added_and_told_of(open_page: Open, small: Path) -> None:
    at = open_page("Actions", small)
    assert "No action is recorded yet" in html(at)
    next(t for t in at.text_input if t.label == "What will be done").input("Mend the lamp")
    press(at, "Add the action")
    assert "is added" in html(at)
    assert list_records(Workspace.open(small), "actions")["action_text"].tolist() == [
        "Mend the lamp"
    ]


def test_telling_how_it_goes_is_stored(open_page: Open, promised: Path) -> None:
    action = list_records(Workspace.open(promised), "actions")["action_id"].iloc[0]
    at = open_page("Actions", promised)
    next(s for s in at.selectbox if s.label == "Action").select(action).run()
    next(t for t in at.text_input if t.label == "We did").input("Cut back in March")
    next(s for s in at.selectbox if s.label == "Status").select("completed")
    press(at, "Save")
    record = get_record(Workspace.open(promised), "actions", action)
    assert (record["status"], record["we_did"]) == ("completed", "Cut back in March")
    assert not at.exception


def test_an_owner_may_change_the_own_agencys_actions_only(promised: Path) -> None:
    here = Workspace.open(promised)
    action = list_records(here, "actions").iloc[0]
    with pytest.raises(SaferWalksError, match="belongs to another agency"):
        update_action(
            here, action["action_id"], {"we_did": "x"}, version=int(action["version"]), by="t",
            at=NOW, own="tfl",
        )  # fmt: skip


def test_a_request_is_recorded_and_its_details_have_a_day_of_deletion(
    open_page: Open, small: Path
) -> None:
    at = open_page("Walk requests", small)
    assert "No request has been received yet." in html(at)
    next(t for t in at.text_area if t.label == "Route or place").input("From the station home")
    next(t for t in at.text_input if t.label == "Phone").input("01234")
    press(at, "Record the request")
    said = html(at)
    assert "is recorded" in said
    assert "01234" not in said
    assert "From the station home" not in said
    assert not at.exception


def test_somebody_who_asks_is_counted_and_not_kept(open_page: Open, small: Path) -> None:
    at = open_page("Walk requests", small)
    for _ in range(2):
        next(t for t in at.text_input if t.label == "Place").input("The underpass")
        next(t for t in at.text_input if t.label.startswith("Name or e-mail")).input("ann@x.org")
        press(at, "Note that somebody asks")
    assert "The underpass" in html(at)
    asks = list_records(Workspace.open(small), "asks")
    assert (len(asks), asks["person_mark"].nunique()) == (2, 1)
    assert "ann@x.org" not in asks.to_csv()


def test_a_request_ends_with_its_outcome_and_the_questions_asked(
    open_page: Open, small: Path
) -> None:
    here = Workspace.open(small)
    values = {"received_on": "2026-08-01", "status": "received", "outcome": "secret so far"}
    request = add_record(here, "requests", values, by="test", at=NOW).id
    at = open_page("Walk requests", small)
    next(s for s in at.selectbox if s.label == "Status").select("held")
    next(s for s in at.selectbox if s.label == "How it felt before the walk").select(2)
    next(s for s in at.selectbox if s.label == "How it felt after it").select(5)
    next(s for s in at.selectbox if s.label == "Would she recommend it").select("yes")
    next(m for m in at.multiselect if m.label == "What would help").set_value(["lighting"])
    next(t for t in at.text_area if t.label.startswith("Outcome")).input("Two lamps reported")
    press(at, "Save")
    assert not at.exception
    made = get_record(here, "requests", request)
    assert (made["status"], made["feel_before"], made["feel_after"]) == ("held", 2, 5)
    assert (made["would_recommend"], made["suggestion_tags"]) == (True, ("lighting",))
    assert made["outcome"] == "Two lamps reported"


def test_who_may_not_read_the_outcome_keeps_it_unless_it_is_written_anew(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Workspace.open(small)
    values = {"received_on": "2026-08-01", "status": "received", "outcome": "secret so far"}
    request = add_record(here, "requests", values, by="test", at=NOW).id
    who = Visitor("person", "a@b.uk", "A", frozenset({"walk_lead"}))
    at = as_seen_by(who, small, monkeypatch, PAGES["Walk requests"])
    outcome = next(t for t in at.text_area if t.label.startswith("Outcome"))
    assert outcome.value == ""
    next(s for s in at.selectbox if s.label == "Status").select("arranged")
    press(at, "Save")
    made = get_record(here, "requests", request)
    assert (made["status"], made["outcome"]) == ("arranged", "secret so far")


def test_who_asks_for_a_named_place_is_counted_there(open_page: Open, small: Path) -> None:
    here = Workspace.open(small)
    place = {"name": "The green", "kind": "park", "ward_code": WEST, "status": "current"}
    site = add_record(here, "sites", place, by="test", at=NOW).id
    at = open_page("Walk requests", small)
    next(s for s in at.selectbox if s.label == "Named place").select(site)
    press(at, "Note that somebody asks")
    [row] = list_records(here, "asks").to_dict("records")
    assert (row["site_id"], row["ward_code"]) == (site, WEST)
    assert "The green" in html(at)
