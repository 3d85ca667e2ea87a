"""The Day and hour page: the week and the light of council reports; why not of the police's."""

from __future__ import annotations

from pathlib import Path

from tests.pages.conftest import Open, html, words


def test_police_reports_have_no_hours_and_the_page_says_what_helps(
    open_page: Open, demo_folder: Path, small: Path
) -> None:
    at = open_page("Day and hour", demo_folder)
    assert not at.exception
    assert "These reports have no time of day" in html(at)
    assert "council cases, noise complaints" in html(at)
    assert "Also stored here: Council reports" in html(at)
    assert "Through the week" not in words(at)
    assert "Also stored here" not in html(open_page("Day and hour", small))


def test_council_reports_show_the_week_the_light_and_the_dark(
    open_page: Open, demo_folder: Path
) -> None:
    at = open_page("Day and hour", demo_folder, source="council_asb")
    assert not at.exception
    said = words(at)
    assert "reports have a time. Left out:" in said
    assert "reports over the week: most on" in said
    assert '<th scope="col" class=n>23:00' in html(at)
    assert "Does dark add anything?" in said
    assert "95% interval" in said
    at.button_group(key="grid").set_value("blocks").run()
    assert "20-24" in html(at)
    assert at.query_params["grid"] == "blocks"


def test_one_ward_and_too_short_a_time(open_page: Open, demo_folder: Path) -> None:
    at = open_page("Day and hour", demo_folder, source="council_asb", first="2026-01")
    assert "What darkness adds can only be told from whole years" in html(at)
    everything = html(at)
    at.selectbox(key="ward").select_index(3).run()
    assert not at.exception
    assert html(at) != everything
