"""The Hotspots page: layers, the place picked, the table twin, files to take away."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analysis.report.palette import LIGHT
from geodata.hexagons import hexagon_ids_of
from tests.builders import ORIGIN
from tests.pages.conftest import Open, html


@pytest.fixture
def busy() -> str:
    """The hexagon of the place in East, 1,300 m east and 500 m north of the corner."""
    x, y = ORIGIN
    return str(hexagon_ids_of([x + 1300.0], [y + 500.0], 200)[0])


def test_the_table_holds_the_maps_numbers(open_page: Open, small: Path, busy: str) -> None:
    at = open_page("Hotspots", small)
    listed = at.selectbox(key="area").options
    assert listed[0] == "None picked"
    assert listed[1].endswith(" (12)")
    assert listed[2].endswith(" (6)")
    assert listed[3].endswith(" (0)")
    assert at.selectbox(key="area").value == ""
    assert f"{len(listed) - 3} more places had none in these months." in html(at)


def test_a_place_picked_from_the_list_shows_its_numbers(
    open_page: Open, small: Path, busy: str
) -> None:
    at = open_page("Hotspots", small)
    at.selectbox(key="area").set_value(busy).run()
    assert not at.exception
    said = html(at)
    assert "<dt>Reports</dt><dd>12</dd>" in said
    assert "<dt>Lies in</dt><dd>East" in said
    assert dict(at.query_params) == {"area": busy}
    assert "fewest 2 in January 2026" in said


def test_a_place_in_the_address_is_marked_on_the_map(
    open_page: Open, small: Path, busy: str
) -> None:
    at = open_page("Hotspots", small, area=busy)
    (component,) = at.get("component_instance")
    group = json.loads(component.proto.json_args)["feature_group"]
    assert group.count(LIGHT.accent) == 1
    (component,) = open_page("Hotspots", small).get("component_instance")
    assert LIGHT.accent not in json.loads(component.proto.json_args)["feature_group"]


def test_wards_are_coloured_by_a_rate_and_hexagons_by_their_count(
    open_page: Open, small: Path
) -> None:
    at = open_page("Hotspots", small)
    assert at.selectbox(key="measure").value == "count"
    at.button_group(key="layer").set_value("wards").run()
    assert not at.exception
    assert at.selectbox(key="measure").value == "per_km2"
    assert dict(at.query_params) == {"layer": "wards"}
    assert [s.key for s in at.selectbox if s.key == "side"] == []
    # 12 reports on 1 km2, and 6 on 1 km2; no residents are known, so no rate by residents.
    assert "Per 1,000 residents" not in html(at)
    assert at.selectbox(key="area").options == ["None picked", "East (12)", "West (6)"]


def test_the_period_is_counted_and_nothing_else(open_page: Open, small: Path) -> None:
    at = open_page("Hotspots", small, first="2026-05", last="2026-06", layer="wards")
    assert at.selectbox(key="area").options == ["None picked", "East (4)", "West (2)"]


def test_a_filter_changes_the_areas_and_leaves_the_map_beneath(
    open_page: Open, small: Path
) -> None:
    """What lies beneath is the map's identity: if it changed, the view would be lost."""
    at = open_page("Hotspots", small)
    before = json.loads(at.get("component_instance")[0].proto.json_args)
    at.selectbox(key="first").set_value("2026-06").run()
    at.selectbox(key="side").set_value("350").run()
    after = json.loads(at.get("component_instance")[0].proto.json_args)
    assert after["key"] == before["key"]
    assert after["script"] == before["script"]
    assert after["feature_group"] != before["feature_group"]
    assert before["returned_objects"] == ["last_active_drawing", "last_object_clicked"]
