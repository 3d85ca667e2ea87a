"""The People page: roles given and taken with a reason, two editors, and what managers read."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analysis.jobs.people import change_person, find_person, grant, list_people, role_changes
from analysis.jobs.records import list_records
from analysis.jobs.requests import receive_request
from geodata.reporting import ways
from geodata.workspace import Workspace
from pages.server.sessions import LAPTOP, Visitor
from tests.builders import WEST
from tests.pages.conftest import PAGES, html
from tests.pages.test_sign_in import as_seen_by

NOW = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
KIM, AMINA = "kim@council.uk", "amina@council.uk"


@pytest.fixture
def made(small: Path) -> Workspace:
    """Kim looks after people; Amina leads walks."""
    here = Workspace.open(small)
    about = {"name": "Kim"}
    grant(here, KIM, ["information_governance"], by="test", at=NOW, about=about)
    grant(here, AMINA, ["walk_lead", "analyst"], by="test", at=NOW, about={"name": "Amina"})
    return here


def seen(made: Workspace, monkeypatch: pytest.MonkeyPatch, *roles: str) -> AppTest:
    visitor = Visitor("person", KIM, "Kim", frozenset(roles)) if roles else LAPTOP  # type: ignore[arg-type]
    at = as_seen_by(visitor, made.path, monkeypatch, PAGES["People"])
    assert not at.exception
    return at


def press(at: AppTest, label: str) -> AppTest:
    next(button for button in at.button if button.label == label).click().run()
    assert not at.exception
    return at


def pick(at: AppTest, made: Workspace, email: str) -> AppTest:
    person = find_person(made.path, email).user_id
    return next(box for box in at.selectbox if box.label == "Person").set_value(person).run()


def roles_box(at: AppTest) -> object:
    return next(box for box in at.multiselect if box.label == "Roles")


def test_somebody_is_put_on_the_list_with_a_ward(
    made: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = seen(made, monkeypatch, "information_governance")
    next(t for t in at.text_input if t.label.startswith("E-mail")).set_value(" Ben@Panel.org ")
    roles_box(at).set_value(["panel_member"])  # type: ignore[attr-defined]
    next(box for box in at.multiselect if box.label == "Wards").set_value([WEST])
    press(at, "Put on the list")
    assert "ben@panel.org is on the list." in html(at)
    person = find_person(made.path, "ben@panel.org")
    assert (person.roles, person.wards) == ({"panel_member"}, {WEST})
    assert "Ward panel member" in html(at)


def test_a_role_is_taken_away_with_a_reason_and_the_history_says_so(
    made: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = pick(seen(made, monkeypatch, "information_governance"), made, AMINA)
    roles_box(at).set_value(["walk_lead"])  # type: ignore[attr-defined]
    press(at, "Save")
    assert "Say why a role is taken away" in html(at)
    assert find_person(made.path, AMINA).roles == {"walk_lead", "analyst"}
    next(box for box in at.selectbox if box.label.startswith("Why")).set_value("moved")
    press(at, "Save")
    assert find_person(made.path, AMINA).roles == {"walk_lead"}
    latest = role_changes(made).iloc[0]
    assert (latest["person"], latest["before"], latest["after"], latest["why"], latest["by"]) == (
        AMINA, "walk_lead; analyst", "walk_lead", "Moved to other work", "Kim",
    )  # fmt: skip
    assert "Moved to other work" in html(at)


def test_who_loses_every_role_may_no_longer_sign_in(
    made: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = pick(seen(made, monkeypatch, "information_governance"), made, AMINA)
    roles_box(at).set_value([])  # type: ignore[attr-defined]
    next(box for box in at.selectbox if box.label.startswith("Why")).set_value("left")
    press(at, "Save")
    assert f"{AMINA} may no longer sign in." in html(at)
    assert "1 may no longer sign in" in html(at)
    assert find_person(made.path, AMINA).is_shut_out


def test_the_last_who_may_manage_people_stays(
    made: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = pick(seen(made, monkeypatch, "information_governance"), made, KIM)
    roles_box(at).set_value(["manager"])  # type: ignore[attr-defined]
    next(box for box in at.selectbox if box.label.startswith("Why")).set_value("moved")
    press(at, "Save")
    assert "Nobody would be left who may manage people" in html(at)
    assert find_person(made.path, KIM).roles == {"information_governance"}


def test_the_second_of_two_editors_is_shown_both(
    made: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = pick(seen(made, monkeypatch, "information_governance"), made, AMINA)
    amina = next(one for one in list_people(made) if one["email"] == AMINA)
    other = {"roles": ["walk_lead", "analyst", "manager"], "phone": "020 1"}
    change_person(made, amina["user_id"], other, version=amina["version"], by="Other", at=NOW)
    next(t for t in at.text_input if t.label == "Name").set_value("Amina Khan")
    roles_box(at).set_value(["walk_lead", "analyst", "panel_chair"])  # type: ignore[attr-defined]
    press(at, "Save")
    said = html(at)
    assert "Nothing was overwritten" in said
    assert "Both versions" in said
    assert "Amina Khan" in said
    assert find_person(made.path, AMINA).roles == {"walk_lead", "analyst", "manager"}
    press(at, "Begin again from what is stored")
    assert "manager" in roles_box(at).value  # type: ignore[attr-defined]
    next(t for t in at.text_input if t.label == "Name").set_value("Amina Khan")
    press(at, "Save")
    kept = next(one for one in list_people(made) if one["email"] == AMINA)
    assert (kept["name"], kept["phone"]) == ("Amina Khan", "020 1")


def test_managers_read_the_list_and_change_nothing(
    made: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = seen(made, monkeypatch, "manager")
    assert f"Amina ({AMINA})" in html(at)
    assert "Only people with the role Information governance change this list." in html(at)
    assert "Put on the list" not in [button.label for button in at.button]


def test_the_days_of_deletion_and_the_table_of_roles_are_shown(
    made: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact = {"phone": "01234 567"}
    receive_request(made, {"received_on": "2020-01-01"}, contact=contact, by="t",
                    at=NOW.replace(year=2020))  # fmt: skip
    said = html(seen(made, monkeypatch, "information_governance"))
    assert "overdue by" in said
    assert "01234 567" not in said
    assert ">Safeguarding<" in said
    assert "Hotspots" in said
    assert len(list_records(made, "contacts")) == 1


def test_the_lists_the_forms_show_are_changed_here_with_their_history(
    made: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = seen(made, monkeypatch, "manager")
    box = next(t for t in at.text_area if t.label == "Support that is not the police")
    box.set_value("Our own line | 020 7946 0000")
    press(at, "Save the lists")
    assert [way.how for way in ways(made.path)["support"]] == ["020 7946 0000"]
    assert "Victim Support" in html(at)  # what it was, in the history
    assert "What the forms show" not in [
        h.value for h in seen(made, monkeypatch, "information_governance").header
    ]
