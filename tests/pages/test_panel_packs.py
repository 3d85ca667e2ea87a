"""The Panel packs page: drafts are made and shown, a word publishes, versions are checked."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from analysis.jobs.pack import published_packs
from geodata import releases
from geodata.records.fields import LONDON
from geodata.workspace import Workspace
from pages.server import clock
from pages.server.sessions import Visitor
from tests.builders import WEST
from tests.pages.conftest import PAGES, Open, html
from tests.pages.test_sign_in import as_seen_by

NOW = dt.datetime(2026, 9, 1, 12, tzinfo=LONDON)


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def labelled(elements: Any, label: str) -> Any:
    return next(e for e in elements if e.label.startswith(label))


def press(at: AppTest, label: str) -> AppTest:
    labelled(at.button, label).click().run()
    assert not at.exception
    return at


def test_nothing_stored_says_where_to_bring_reports_in(open_page: Open, empty: Path) -> None:
    at = open_page("Panel packs", empty)
    assert not at.exception
    assert "Go to Bring in reports" in [link.proto.label for link in at.get("page_link")]


def test_a_draft_is_made_shown_published_and_checked(open_page: Open, small: Path) -> None:
    at = open_page("Panel packs", small)
    assert "Nothing is made yet for this choice" in html(at)
    assert "Nothing is published yet" in html(at)
    at.multiselect[0].set_value(["West"])
    press(at, "Make drafts")
    said = html(at)
    assert "6 ASB reports in the ward" in said
    assert "No action has been promised here yet" in said
    assert [b.label for b in at.get("download_button")] == ["West (zip)", "Calendar (.ics)"]
    assert "No walk has been held yet" in said

    press(at, "Publish 1 pack")
    assert "Type “publish” first" in html(at)
    labelled(at.text_input, "Type").input("Publish")
    press(at, "Publish 1 pack")
    assert "1 pack is published" in html(at)
    found = published_packs(Workspace.open(small))
    assert found[["ward", "audience", "version"]].to_numpy().tolist() == [["West", "panel", 1]]
    press(at, "Check its numbers")
    assert "version 1: the same; reports and records are as they were" in html(at)


def test_a_draft_is_no_file_for_those_outside_the_council(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is handed out is in the register; a draft is not."""
    chair = Visitor("person", "c@b.uk", "C", frozenset({"panel_chair"}), wards=frozenset({WEST}))
    at = press(as_seen_by(chair, small, monkeypatch, PAGES["Panel packs"]), "Make drafts")
    assert "fetched, below, once it is published" in html(at)
    assert "West (zip)" not in [b.label for b in at.get("download_button")]


def test_months_the_wrong_way_round_are_said(open_page: Open, small: Path) -> None:
    at = open_page("Panel packs", small)
    labelled(at.selectbox, "From").set_value("2026-06")
    labelled(at.selectbox, "To").set_value("2026-01")
    press(at, "Make drafts")
    assert "The first month is after the last one" in html(at)


def test_the_smallest_number_is_set_told_and_listed(open_page: Open, small: Path) -> None:
    at = open_page("Panel packs", small)
    assert "Numbers of people from 1 to 4 are withheld" in html(at)
    labelled(at.selectbox, "Smallest number").set_value(8)
    press(at, "Set it")
    said = html(at)
    assert "The smallest number published is 8 from now on" in said
    assert "Numbers of people from 1 to 7 are withheld" in said
    assert "1 September 2026, 12:00" in said
    assert releases.minimum_cell(small) == 8
