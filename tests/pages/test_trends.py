"""The Trends page: series, marks, breaks a team adds, ASB with drugs, files."""

from __future__ import annotations

from pathlib import Path

import pytest

from geodata import months as m
from geodata.breaks import own_breaks
from tests.builders import batch, incidents, workspace_of
from tests.pages.conftest import Open, html, words

MONTHS = m.span("2023-07", "2026-06")


@pytest.fixture
def three_years(tmp_path: Path) -> Path:
    """20 a month in West and 10 in East; 60 in West in March 2026; a drug report a month."""
    rows = []
    for month in MONTHS:
        rows += [(month, 300, 500)] * (60 if month == "2026-03" else 20)
        rows += [(month, 1300, 500)] * 10 + [(month, 300, 500, "drugs")]
    return workspace_of(tmp_path / "w", batch("street", incidents(rows))).path


def test_the_borough_with_its_marks_and_its_break(open_page: Open, three_years: Path) -> None:
    at = open_page("Trends", three_years)
    assert not at.exception
    said = words(at)
    assert [metric.value for metric in at.metric] == ["400", "360", "2.1"]
    assert "March 2026 (beyond the limits" in said
    assert "The series starts anew in November 2023" in said
    assert "nitrous oxide" in said
    assert "Months are never compared with the month before" in said
    assert "%" not in "".join(metric.value for metric in at.metric)


def test_wards_in_order_of_name_and_one_picked(open_page: Open, three_years: Path) -> None:
    at = open_page("Trends", three_years, by="ward")
    assert at.selectbox(key="series").options == ["East", "West"]
    assert "no month is marked" in html(at)
    at.selectbox(key="series").set_value("E05999991").run()
    assert "March 2026 (beyond the limits" in html(at)
    assert "Wards one by one" in words(at)


def test_asb_with_drugs_is_one_series_without_the_break(open_page: Open, three_years: Path) -> None:
    at = open_page("Trends", three_years)
    at.selectbox(key="drugs").set_value("with").run()
    assert not at.exception
    assert [metric.value for metric in at.metric][:2] == ["412", "372"]
    assert "starts anew" not in html(at)
    assert at.query_params["drugs"] == "with"


def test_places_that_are_not_there_are_said(open_page: Open, three_years: Path) -> None:
    at = open_page("Trends", three_years, by="site")
    assert not at.exception
    assert "no named places to follow" in html(at)


def test_a_team_adds_a_break_and_takes_it_out(open_page: Open, three_years: Path) -> None:
    at = open_page("Trends", three_years)
    label = "What changed"
    next(box for box in at.text_input if box.label == label).set_value("A new form")
    next(b for b in at.selectbox if b.label.startswith("First month")).set_value("2025-07")
    next(b for b in at.button if b.label == "Add this break").click().run()
    assert [each.month for each in own_breaks(three_years)] == ["2025-07"]
    assert "The series starts anew in July 2025" in html(at)
    next(b for b in at.button if b.label.startswith("Remove July 2025")).click().run()
    assert own_breaks(three_years) == ()
    assert "The series starts anew in July 2025" not in html(at)
    next(b for b in at.button if b.label == "Add this break").click().run()
    assert "a month and a few words" in html(at)


def test_short_data_say_what_cannot_be_told(open_page: Open, small: Path) -> None:
    at = open_page("Trends", small)
    assert not at.exception
    assert "cannot be compared with the year before" in html(at)
    assert "Seasons need about 24 months" in html(at)
    labels = [button.label for button in at.get("download_button")]
    assert labels == [*["Chart as picture (PNG)"] * 2, "Table (CSV)"]
