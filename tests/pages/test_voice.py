"""The Voice page: shares with their people, and an empty state that says what to do."""

from __future__ import annotations

from pathlib import Path

from tests.pages.conftest import Open, html


def test_what_people_said_stands_with_how_many_said_it(open_page: Open, demo_folder: Path) -> None:
    at = open_page("Voice", demo_folder)
    assert not at.exception
    said = html(at)
    assert "Langdon Park" in said
    assert "after dark" in said
    assert "People who rated the same stop" in said
    assert "quiet is not safe" in said
    assert "Who took part" in [h.value for h in at.header]


def test_without_feedback_it_says_how_to_record_some(open_page: Open, small: Path) -> None:
    at = open_page("Voice", small)
    assert not at.exception
    assert "Nobody has said anything of a place yet" in html(at)
