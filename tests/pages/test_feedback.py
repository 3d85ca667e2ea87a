"""The Feedback page: the way to the forms, kinds of answer kept apart, and safeguarding."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from geodata.records.database import open_records
from geodata.records.feedback import raise_alert
from geodata.workspace import VARIABLE
from pages.components import concerns
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


def test_the_page_leads_to_the_forms_that_lose_nothing(walk: Walk) -> None:
    said = html(opened())
    for address in ("phone", "phone-audit", "phone-paper", "paper"):
        assert f'href="{address}?walk={walk.event_id}&amp;lang=en-GB"' in said
    assert not opened().text_area


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


def test_a_lead_without_walks_is_told_what_to_do(
    walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = Visitor("person", "x@y.uk", "X", frozenset({"walk_lead"}), "USR-2026-0099")
    monkeypatch.setattr(sessions, "visitor", lambda cookies: lead)
    assert "There is no walk to record" in html(opened())


def test_a_concern_is_an_alert_until_somebody_acknowledges_it(
    walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = opened()
    (risk,) = (one for one in at.checkbox if one.label == "Somebody may be at risk of harm")
    risk.check().run()
    assert "<dt>Sam Green</dt><dd>020 7364 0000</dd>" in html(at)
    assert "#risk" in html(at)
    with open_records(walk.workspace).changing(by="t", at=NOW) as change:
        raise_alert(change, {"event_id": walk.event_id, "detail": "Followed home"})

    officer = Visitor("person", "sam", "Sam", frozenset({"safeguarding_officer"}))
    monkeypatch.setattr(sessions, "visitor", lambda cookies: officer)
    for at_hand in (True, False):  # False: a server that has just started draws the page first
        monkeypatch.setattr(concerns, "at_hand", lambda known=at_hand: known)
        at = AppTest.from_file(str(ROOT / "pages" / "router.py"), default_timeout=60).run()
        assert "1 safeguarding concern waits" in html(at)  # on top of any page
        assert "No reports are stored" in html(at)  # ... and of one that ends early
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
