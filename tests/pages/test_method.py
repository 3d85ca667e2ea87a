"""The Method page says the settings that the program really runs with."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis import components
from analysis.jobs import settings
from geodata import ward_join
from tests.pages.conftest import Open, html, words


def test_the_settings_are_the_programs_own(
    open_page: Open, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "25 m of the edge of its ward" in html(open_page("Method", small))
    monkeypatch.setattr(ward_join, "NEAR_BOUNDARY_M", 40.0)
    monkeypatch.setattr(components, "TREND_MONTHS", 4)
    said = html(open_page("Method", small))
    assert "40 m of the edge of its ward" in said
    assert "4 months with the same ones a year before" in said


def test_weights_add_up_and_every_part_is_named() -> None:
    table = settings.weights()
    assert table["Walkabout"].tolist() == [30, 15, 10, 5, 5, 15, 15, 5, 0, 0]
    assert table["Women's safety walk"].sum() == 100
    assert table["months"].tolist() == ["3", "8", "15", *["not from reports"] * 7]


def test_limits_and_licences_are_said(open_page: Open, small: Path, demo_folder: Path) -> None:
    real = words(open_page("Method", small))
    assert "What was never reported" in real
    assert "Open Government Licence" in real
    assert "Open Government Licence" not in words(open_page("Method", demo_folder))


def test_the_data_log_names_sources_months_and_breaks(open_page: Open, small: Path) -> None:
    said = html(open_page("Method", small))
    log = said[said.index("Data log: reports stored here") :]
    assert "Police reports (police.uk)" in log
    assert "June 2026" in log
    assert "November 2023" in log[log.index("Known breaks") :]
