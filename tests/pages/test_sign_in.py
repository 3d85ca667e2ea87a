"""The frame knows who is looking: the menu, the pages and what may be done, by role."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from geodata.errors import SaferWalksError
from geodata.roles import PAGES as TABLE
from geodata.roles import Role
from geodata.workspace import VARIABLE
from pages.components import sign_in
from pages.server import sessions
from pages.server.sessions import LAPTOP, Visitor
from tests.builders import batch, incidents, workspace_of
from tests.pages.conftest import PAGES, SIX_MONTHS, html
from tests.serving import ROOT


def as_seen_by(
    visitor: Visitor, folder: Path, monkeypatch: pytest.MonkeyPatch, page: str = ""
) -> AppTest:
    """Open a page of the app as somebody."""
    monkeypatch.setenv(VARIABLE, str(folder))
    monkeypatch.setattr(sessions, "visitor", lambda cookies: visitor)
    at = AppTest.from_file(str(ROOT / "pages" / "router.py"), default_timeout=60).run()
    return at.switch_page(page).run() if page else at


def menu(at: AppTest) -> set[str]:
    return {link.proto.page or "overview" for link in at.get("page_link")}


def somebody(*roles: Role) -> Visitor:
    return Visitor("person", "amina@council.uk", "Amina <b>", frozenset(roles))


@pytest.mark.parametrize(
    "roles", [("viewer",), ("walk_lead",), ("analyst", "safeguarding_officer")]
)
def test_the_menu_holds_what_the_roles_may_open(
    roles: tuple[Role, ...], small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = as_seen_by(somebody(*roles), small, monkeypatch)
    assert not at.exception
    shown = menu(at)
    assert shown == {page for page in menu(_laptop(small, monkeypatch)) if TABLE[page] & {*roles}}
    assert "Amina &lt;b&gt;" in html(at)


def _laptop(small: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    return as_seen_by(LAPTOP, small, monkeypatch)


def test_every_page_of_the_app_is_in_the_table(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = _laptop(small, monkeypatch)
    assert not at.exception
    assert len(menu(at)) >= len(PAGES)
    assert menu(at) <= set(TABLE)
    assert "<dt>Sign-in is off</dt>" in html(at)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_that_is_for_others_shows_nothing_of_itself(
    page: str, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = somebody()
    at = as_seen_by(nobody, small, monkeypatch, PAGES[page] if page != "Overview" else "")
    assert not at.exception
    assert [t.value for t in at.title] == ["Your roles do not include this page"]
    assert "Looking at" not in html(at)
    assert menu(at) == set()


def test_whose_sign_in_has_ended_is_asked_to_sign_in(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = as_seen_by(Visitor("stranger"), small, monkeypatch)
    assert [t.value for t in at.title] == ["Sign in"]
    assert "your sign-in has ended" in html(at)


def test_what_is_done_is_asked_about_just_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "visitor", lambda cookies: somebody("walk_lead"))
    monkeypatch.setattr(sign_in.st, "session_state", {})
    sign_in.require("record feedback")
    with pytest.raises(SaferWalksError, match="None of your roles may do this. Got: grant roles"):
        sign_in.require("grant roles")
    with pytest.raises(SaferWalksError, match="no such thing"):
        sign_in.require("no such thing")


def test_a_half_set_up_sign_in_is_said_in_one_box(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(cookies: object) -> Visitor:
        raise SaferWalksError("Sign-in is not fully set up, so nobody can be let in")

    monkeypatch.setenv(VARIABLE, str(small))
    monkeypatch.setattr(sessions, "visitor", broken)
    at = AppTest.from_file(str(ROOT / "pages" / "router.py"), default_timeout=60).run()
    assert not at.exception
    assert html(at).count('role="alert"') == 1
    assert "not fully set up" in html(at)


def test_small_counts_and_internal_files_are_for_those_who_may_have_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A council's own reports are few at a place: viewers get open data and public files."""
    rows = [(month, x, 500) for month in SIX_MONTHS for x in (300, 1300, 1300)]
    council = incidents(rows, source="council_asb")
    made = workspace_of(tmp_path / "w", batch("street", incidents(rows)), batch("council", council))

    def offered(*roles: Role) -> tuple[bool, bool]:
        at = as_seen_by(somebody(*roles), made.path, monkeypatch, PAGES["Hotspots"])
        assert not at.exception
        labels = [one.label for one in [*at.selectbox, *at.get("button_group")]]
        return "Source" in labels, "Who the files are for" in labels

    assert offered("analyst") == (True, True)
    assert offered("viewer") == (False, False)
    assert offered("panel_chair") == (False, False)
