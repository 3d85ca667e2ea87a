"""The Feedback page: the full audit, paper by keyboard, and kinds of answer kept apart."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from geodata.records.database import open_records
from geodata.workspace import VARIABLE
from pages.server import sessions
from pages.server.sessions import Visitor
from tests.pages.conftest import html, words
from tests.serving import ROOT
from tests.walks import Walk, a_walk

NOW = dt.datetime(2026, 11, 22, 18, tzinfo=dt.UTC)


@pytest.fixture
def walk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Walk:
    made = a_walk(tmp_path / "w", at=NOW)
    monkeypatch.setenv(VARIABLE, str(made.workspace.path))
    return made


def opened(page: str = "record/feedback.py") -> AppTest:
    at = AppTest.from_file(str(ROOT / "pages" / "router.py"), default_timeout=60).run()
    at.switch_page(page).run()
    assert not at.exception
    return at


def box(at: AppTest, label: str) -> object:
    (found,) = (one for one in at.text_area if one.label.startswith(label))
    return found


def press(at: AppTest, label: str) -> AppTest:
    (button,) = (one for one in at.button if one.label == label)
    button.click().run()
    assert not at.exception
    return at


def choose(at: AppTest, label: str, value: object) -> None:
    (found,) = (one for one in at.selectbox if one.label == label)
    found.set_value(value)


def tick(at: AppTest, label: str) -> None:
    (found,) = (one for one in at.checkbox if one.label == label)
    found.check()


def test_a_full_audit_is_stored_with_memory_apart_from_the_moment(walk: Walk) -> None:
    at = opened()
    feelings = [one for one in at.get("button_group") if "safe" in one.label.lower()]
    assert [len(one.options) for one in feelings] == [6, 6, 6]
    for one, step in zip(feelings, ("2", "5", "2"), strict=True):
        one.set_value(step)
    at.checkbox[1].check()  # after dark: from memory
    choose(at, "Stop of the walk", walk.stops[0])
    choose(at, "Lighting", "0")
    choose(at, "Upkeep", "n")
    choose(at, "What is this from?", "today_on_site")
    choose(at, "Age", "25_34")
    box(at, "Why? In their own words").set_value("It feels forgotten")
    tick(at, "They agree that this is kept")
    press(at, "Store this answer")
    (stored,) = walk.answers()
    assert (stored["feel_now"], stored["feel_day"], stored["feel_dark"]) == (2, 5, 2)
    assert (stored["feel_day_recalled"], stored["feel_dark_recalled"]) == (False, True)
    assert (stored["lighting"], stored["upkeep"], stored["not_applicable"]) == (
        0,
        None,
        ("upkeep",),
    )
    assert (stored["form"], stored["stop_id"]) == ("full", walk.stops[0])
    assert "25_34" not in str(stored)
    assert "is stored. The next one begins empty" in html(at)
    assert box(at, "Why? In their own words").value == ""


def test_without_agreement_nothing_is_stored_and_nothing_typed_is_lost(walk: Walk) -> None:
    at = opened()
    box(at, "Why? In their own words").set_value("Typed at length")
    press(at, "Store this answer")
    assert walk.answers() == []
    assert "without consent nothing is stored" in html(at)
    assert box(at, "Why? In their own words").value == "Typed at length"


def test_paper_is_typed_by_its_numbers(walk: Walk) -> None:
    at = opened()
    for label, text in {
        "Stop: 1": "2", "Feels now": "3", "After dark": "1", "What is wrong": "2 14",
        "What would help: numbers": "1", "Ratings": "3210-n-----", "Agrees to keeping": "y",
        "What would help?": "",
    }.items():  # fmt: skip
        found = [one for one in at.text_input if one.label.startswith(label)]
        found[0].set_value(text)
    press(at, "Store this form")
    (stored,) = walk.answers()
    assert stored["issues"] == ("poor_lighting", "broken_glass")
    assert (stored["feel_now"], stored["feel_dark"], stored["channel"]) == (3, 1, "paper")
    assert (stored["lighting"], stored["people"]) == (3, 0)
    assert stored["not_applicable"] == ("path",)
    assert stored["stop_id"] == walk.stops[1]
    assert [one.value for one in at.text_input if one.label.startswith("Stop: 1")] == [""]


@pytest.mark.parametrize(
    ("label", "text", "said"),
    [
        ("Feels now", "7", "type a number from 1 to 6"),
        ("What is wrong", "99", "this number is not on the list"),
        ("What is wrong", "light", "only the numbers on paper"),
        ("Ratings", "333", "one sign for each of the 11"),
        ("Agrees to keeping", "perhaps", "type y or n"),
        ("Stop: 1", "3", "type a number from 1 to 2"),
    ],
)
def test_what_was_mistyped_is_said_and_the_rest_stays(
    label: str, text: str, said: str, walk: Walk
) -> None:
    at = opened()
    next(one for one in at.text_input if one.label.startswith("By day")).set_value("4")
    next(one for one in at.text_input if one.label.startswith(label)).set_value(text)
    press(at, "Store this form")
    assert said in html(at)
    assert walk.answers() == []
    assert next(one for one in at.text_input if one.label.startswith("By day")).value == "4"


def test_kinds_of_answer_are_counted_apart(walk: Walk) -> None:
    with open_records(walk.workspace).changing(by="t", at=NOW) as change:
        for mode, people, feel in (
            ("individual", 1, 2), ("individual", 1, 4), ("group_consensus", 9, 6),
        ):  # fmt: skip
            change.create(
                "responses",
                {"event_id": walk.event_id, "mode": mode, "n_people": people, "feel_now": feel,
                 "experience": "today_on_site", "consent_store": True, "consent_quote": False},
            )  # fmt: skip
    said = html(opened())
    rows = said[said.index("Answers of") :]
    assert "One person" in rows
    assert "The group agreed" in rows
    assert ">3<" in rows  # the median of two people; the group of nine stays out of it
    assert "no average is made of them together" in rows


def test_a_virtual_walk_is_never_said_to_be_seen_on_site(walk: Walk) -> None:
    with open_records(walk.workspace).changing(by="t", at=NOW) as change:
        change.update("events", walk.event_id, {"event_type": "virtual_walk"}, version=None)
    at = opened()
    (basis,) = (one for one in at.selectbox if one.label == "What is this from?")
    assert basis.options == ["Recent visit", "From a picture only", "From what others say"]


def test_a_lead_without_walks_is_told_what_to_do(
    walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = Visitor("person", "x@y.uk", "X", frozenset({"walk_lead"}), "USR-2026-0099")
    monkeypatch.setattr(sessions, "visitor", lambda cookies: lead)
    assert "There is no walk to record" in html(opened())


def test_a_concern_from_the_page_is_an_alert_until_somebody_acknowledges_it(
    walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = opened()
    (risk,) = (one for one in at.checkbox if one.label == "Somebody may be at risk of harm")
    risk.check().run()
    assert "<dt>Sam Green</dt><dd>020 7364 0000</dd>" in html(at)
    box(at, "What the officer has to know").set_value("Followed home")
    press(at, "Alert the officer")
    assert walk.answers() == []

    officer = Visitor("person", "sam", "Sam", frozenset({"safeguarding_officer"}))
    monkeypatch.setattr(sessions, "visitor", lambda cookies: officer)
    at = AppTest.from_file(str(ROOT / "pages" / "router.py"), default_timeout=60).run()
    assert "1 safeguarding concern waits" in html(at)  # on top of any page
    at = opened("record/safeguarding.py")
    assert "<dd>Followed home</dd>" in html(at)
    press(at, "I have seen this and deal with it")
    assert "Nothing waits." in html(at)
    assert "Followed home" not in html(at)
    (concern,) = walk.concerns()
    assert concern["acknowledged_by"] == "Sam"
    assert concern["acknowledged_at"] is not None


@pytest.mark.parametrize("role", ["manager", "analyst", "walk_lead", "information_governance"])
def test_nobody_else_sees_a_concern(role: str, walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_records(walk.workspace).changing(by="t", at=NOW) as change:
        change.create("alerts", {"raised_at": NOW, "raised_by": "t", "detail": "Followed home"})
    other = Visitor("person", "m", "M", frozenset({role}), walk.lead_id)  # type: ignore[arg-type]
    monkeypatch.setattr(sessions, "visitor", lambda cookies: other)
    for page in ("record/safeguarding.py", "record/feedback.py"):
        said = words(opened(page))
        assert "Followed home" not in said
        assert "safeguarding concern waits" not in said


def test_the_officers_edit_what_the_forms_show(walk: Walk) -> None:
    at = opened("record/safeguarding.py")
    box(at, "How to report a crime").set_value("Emergency | 999\nOur team | 020 7946 0000\n")
    press(at, "Save the lists")
    assert "The forms show the new lists" in html(at)
    assert "020 7946 0000" in html(opened())
    at = opened("record/safeguarding.py")
    box(at, "How to report a crime").set_value("Half a line")
    press(at, "Save the lists")
    assert "needs a name and how" in html(at)
