"""Files for anybody: of what is not open data only wards are offered, and they are registered."""

from __future__ import annotations

from pathlib import Path

import pytest

from geodata import months as m
from tests.builders import batch, incidents, workspace_of
from tests.pages.conftest import Open, html


@pytest.fixture
def council(tmp_path: Path) -> Path:
    rows = [(month, x, 500, "rowdy") for month in m.span("2024-07", "2026-06") for x in (300, 1300)]
    cases = incidents(rows, source="council_asb", force="")
    return workspace_of(tmp_path / "w", batch("c", cases)).path


def _offered(at: object) -> list[str]:
    return [b.label for b in at.get("download_button")]  # type: ignore[attr-defined]


def test_wards_are_offered_and_hexagons_are_not(open_page: Open, council: Path) -> None:
    at = open_page("Hotspots", council, layer="wards", audience="public")
    assert not at.exception
    assert "entered in the register of releases" in html(at)
    files = ["Table (CSV)", "Shapes (GeoJSON)", "Shapes (GeoPackage)", "Map (one HTML file)"]
    assert [label for label in files if label not in _offered(at)] == []
    at = open_page("Hotspots", council, audience="public")
    assert "anybody gets counts by ward over 12 months" in html(at)
    assert not set(files) & set(_offered(at))


def test_another_page_says_what_anybody_gets_instead(open_page: Open, council: Path) -> None:
    at = open_page("Trends", council, audience="public")
    assert not at.exception
    assert "anybody gets counts by ward over 12 months" in html(at)
    assert "Table (CSV)" not in _offered(at)


def test_the_public_ranking_is_made_from_reports_alone(open_page: Open, small: Path) -> None:
    at = open_page("Where next", small, audience="public")
    assert not at.exception
    assert "Table (CSV)" in _offered(at)
