"""The Did it work? page: words first, its tables, and what it says where it cannot."""

from __future__ import annotations

from pathlib import Path

from tests.pages.conftest import Open, html


def test_without_a_place_the_page_says_what_to_do(open_page: Open, demo_folder: Path) -> None:
    at = open_page("Did it work?", demo_folder)
    assert not at.exception
    assert "Click a place on the map, or pick one from the list" in html(at)
    assert "What came of it" not in [h.value for h in at.header]


def test_a_place_picked_is_judged_in_words_and_tables(open_page: Open, demo_folder: Path) -> None:
    at = open_page("Did it work?", demo_folder)
    options = at.selectbox(key="area").options
    at.selectbox(key="area").select_index(len(options) // 2).run()
    assert not at.exception
    said = html(at)
    assert "were to be expected had nothing been done" in said
    assert "more reports can be a success" in said
    assert "Places compared with" in [e.label for e in at.expander]
    assert "The eight counts" in said
    assert "Nobody has told us how they felt here" in said
    assert at.selectbox(key="done").options[0].split()[1].isdigit()


def test_too_few_months_are_said(open_page: Open, small: Path) -> None:
    at = open_page("Did it work?", small)
    assert not at.exception
    assert "need 6 months of reports before and 3 after" in html(at)
    assert "6 months" in html(at)


def test_where_next_shows_how_such_lists_did(open_page: Open, demo_folder: Path) -> None:
    at = open_page("Where next", demo_folder)
    assert "How such lists did in the past" in [h.value for h in at.header]
    assert "A plain count of 12 months held" in html(at)
    assert "Plain count of 12 months" in html(at)


def test_where_next_says_what_looking_back_needs(open_page: Open, small: Path) -> None:
    at = open_page("Where next", small)
    assert not at.exception
    assert "Looking back needs 9 months of reports" in html(at)
