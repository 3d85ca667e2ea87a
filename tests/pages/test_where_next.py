"""The Where next page: a provisional list with reasons, or why there is none."""

from __future__ import annotations

import re
from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.builders import batch, incidents, workspace_of
from tests.pages.conftest import Open, html, words


def press(at: AppTest, label: str) -> None:
    next(b for b in at.button if b.label == label).click().run()
    assert not at.exception


def test_reports_alone_give_a_provisional_list(open_page: Open, small: Path) -> None:
    at = open_page("Where next", small)
    said = html(at)
    assert "Please note: This list is provisional" in said
    assert "what people told us on walks" in said
    assert "Places in order of score, to June 2026" in said


def test_what_people_said_and_are_owed_is_heard(open_page: Open, demo_folder: Path) -> None:
    at = open_page("Where next", demo_folder)
    said = html(at)
    assert "This list is provisional" not in said
    assert at.selectbox(key="place").options[0].startswith("1. ")
    assert "ASB reports in 12 months, more than at" in said
    assert "people felt unsafe there" in said
    assert "Chosen so far" in words(at)


def test_a_place_is_chosen_with_a_reason(open_page: Open, small: Path) -> None:
    at = open_page("Where next", small)
    next(m for m in at.multiselect if m.label == "Reasons").select("asb_reports")
    next(b for b in at.button if b.label == "Choose this place").click().run()
    assert not at.exception
    assert "is recorded" in html(at)
    assert "Reports of anti-social behaviour" in html(at)
    press(at, "Work it out again")
    assert "The stored score follows from its own parts" in html(at)


def test_the_womens_walk_is_not_ranked_and_says_what_to_collect(
    open_page: Open, small: Path
) -> None:
    at = open_page("Where next", small, preset="womens_walk")
    said = html(at)
    assert not at.exception
    assert "Please note: No place is ranked" in said
    assert "Collect first: virtual walks" in said
    assert at.get("bidi_component") == []
    assert [s.key for s in at.selectbox if s.key == "place"] == []
    assert "Unfinished actions" not in said  # weighs nothing in this preset


def test_too_few_months_are_said_with_what_they_need(open_page: Open, tmp_path: Path) -> None:
    rows = [("2026-05", 300, 500), ("2026-06", 300, 500)]
    made = workspace_of(tmp_path / "two", batch("street", incidents(rows)))
    at = open_page("Where next", made.path)
    said = html(at)
    assert not at.exception
    assert "No place is ranked" in said
    assert "needs 3 months of reports; 2 of the last 12 are stored" in said


def test_short_data_rank_with_what_there_is(open_page: Open, small: Path) -> None:
    """Six months carry the volume only; the list is there, and says what the rest needs."""
    at = open_page("Where next", small)
    said = html(at)
    assert not at.exception
    assert "needs 15 months" in said


def test_a_place_picked_shows_its_own_reason(open_page: Open, demo_folder: Path) -> None:
    at = open_page("Where next", demo_folder)
    second = at.selectbox(key="place").options[1]
    at.selectbox(key="place").select_index(1).run()
    assert not at.exception
    assert f"<dt>Place</dt><dd>{second.removeprefix('2. ')}</dd>" in html(at)
    assert "<dt>Rank</dt><dd>2</dd>" in html(at)


def test_how_many_places_are_listed_is_in_the_address(open_page: Open, demo_folder: Path) -> None:
    few = html(open_page("Where next", demo_folder)).count("<tr>")
    more = html(open_page("Where next", demo_folder, show="25")).count("<tr>")
    assert more == few + 15


def test_every_rank_is_said_with_its_range(open_page: Open, demo_folder: Path) -> None:
    said = html(open_page("Where next", demo_folder))
    assert "nine ranks in ten are within it" in said
    assert re.search(r"1 \((between \d+ and \d+|no other likely|more likely [^)]+)\)", said)
    assert re.search(r"<dt>Rank by chance</dt><dd>between \d+ and \d+</dd>", said)
    assert re.search(r"<dt>Chance of the first 10</dt><dd>\d+ %</dd>", said)


def test_weights_are_changed_saved_with_a_reason_used_and_removed(
    open_page: Open, small: Path
) -> None:
    at = open_page("Where next", small)
    part = {n.label: n for n in at.number_input}
    part["Reports received"].set_value(60.0)
    at.selectbox(key="scale").select("min-max")
    at.selectbox(key="window").select("6").run()
    assert "Parts of the score: walkabout, changed" in html(at)
    {t.label: t for t in at.text_input}["Name"].set_value("Busy streets")
    press(at, "Save as preset")
    assert "&#x27;Reason, fit to be read out&#x27; must be filled in" in html(at)
    {t.label: t for t in at.text_input}["Reason, fit to be read out"].set_value("Agreed in May")
    press(at, "Save as preset")
    assert "The preset Busy streets is saved, version 1." in html(at)
    assert "Agreed in May" in html(at)
    assert "Busy streets" in at.get("button_group")[0].options
    at = open_page("Where next", small, preset="PST-2026-0001")
    assert "Parts of the score: busy streets" in html(at)
    assert {n.label: n.value for n in at.number_input}["Reports received"] == 60.0
    press(at, "Remove the preset Busy streets")
    assert "Busy streets is offered no more." in html(at)


def test_places_stand_side_by_side(open_page: Open, demo_folder: Path) -> None:
    at = open_page("Where next", demo_folder)
    codes = at.selectbox(key="place").options
    picker = at.multiselect(key="compare")
    picker.select(picker.options[0]).select(picker.options[1]).run()
    said = html(at)
    assert "2 places side by side" in said
    assert codes[0].split(". ", 1)[1] in said
    for fact in ("Ward", "Last visit", "People who asked for a walk", "Not known", "Pick"):
        assert f'<th scope="row">{fact}' in said


def test_named_places_are_compared_with_what_overlaps_said(
    open_page: Open, demo_folder: Path
) -> None:
    at = open_page("Where next", demo_folder, places="sites", catchment="150")
    assert not at.exception
    assert "What lies within 150 m of a place counts for it." in html(at)
    assert at.selectbox(key="place").options[0].startswith("1. ")


def test_without_named_places_it_is_said_what_to_do(open_page: Open, small: Path) -> None:
    at = open_page("Where next", small, places="sites")
    assert not at.exception
    assert "No place has been named yet" in html(at)
    assert "Places page" in html(at)
