"""The Hotspots page: layers, the place picked, the table twin, files to take away."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from analysis.jobs.hotspots import hotspots
from analysis.report.map_lines import DASHES, LINE
from analysis.report.palette import LIGHT
from geodata import layers
from geodata.crs import to_lonlat
from geodata.hexagons import hexagon_ids_of
from geodata.workspace import Workspace
from pages.components.maps import _take_corner
from tests.builders import ORIGIN
from tests.pages.conftest import Open, html, map_told, words


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


def test_a_long_table_is_shown_in_full_where_a_person_asks(
    open_page: Open, demo_folder: Path
) -> None:
    at = open_page("Hotspots", demo_folder, side="100")
    (every,) = (t for t in at.toggle if t.label.startswith("Show all "))
    (table,) = (t for t in tables_of(at) if "Reports by place" in t)
    assert "the 300 with most" in table
    assert table.count("<tr>") == 1 + 300
    every.set_value(True).run()
    (table,) = (t for t in tables_of(at) if "Reports by place" in t)
    assert f"Show all {table.count('<tr>') - 1:,} rows" == every.label


def tables_of(at: AppTest) -> list[str]:
    return [element.proto.body for element in at.get("html") if "<table" in element.proto.body]


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
    told = map_told(open_page("Hotspots", small, area=busy))
    assert told["shapes_pack"]["ids"][told["selected"]] == busy
    assert told["colours"]["accent"] == LIGHT.accent
    assert map_told(open_page("Hotspots", small))["selected"] == -1


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


def test_a_map_names_whose_boundaries_and_streets_it_shows(
    open_page: Open, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched = {"streets": {"attribution": "© OpenStreetMap contributors"}}
    monkeypatch.setattr(layers, "origins", lambda _workspace: fetched)
    said = html(open_page("Hotspots", small))
    assert "Ward boundaries: Office for National Statistics" in said
    assert "Map: © OpenStreetMap contributors." in said


def test_a_filter_changes_the_areas_and_leaves_the_map_beneath(
    open_page: Open, small: Path
) -> None:
    """What lies beneath is the map's identity: if it changed, the view would be lost."""
    at = open_page("Hotspots", small)
    first = map_told(at)
    ids = [element.proto.id for element in at.get("bidi_component")]
    at.selectbox(key="first").set_value("2026-06").run()
    later = map_told(at)
    assert (later["ground"], later["shapes"]) == (first["ground"], first["shapes"])
    assert later["tip"] != first["tip"]
    at.selectbox(key="side").set_value("350").run()
    wider = map_told(at)
    assert (wider["ground"], wider["name"]) == (first["ground"], first["name"])
    assert wider["shapes"] != first["shapes"]
    assert [element.proto.id for element in at.get("bidi_component")] == ids


def test_what_a_filter_sends_is_small_and_holds_no_shape(
    open_page: Open, demo_folder: Path
) -> None:
    at = open_page("Hotspots", demo_folder)
    (change,) = (e.proto for e in at.get("bidi_component") if not e.proto.bytes)
    assert len(change.SerializeToString()) < 12_000
    # Packs are large enough for Streamlit to send each to a browser once, then its name.
    packs = [e.proto.SerializeToString() for e in at.get("bidi_component") if e.proto.bytes]
    assert [len(pack) > 10_000 for pack in packs] == [True, True]


SQUARE = "530000 180000\n531000 180000\n531000 181000\n530000 181000"


def test_certified_hot_spots_come_by_themselves_with_both_tests_defined(
    open_page: Open, demo_folder: Path
) -> None:
    at = open_page("Hotspots", demo_folder)
    assert not at.exception
    said = words(at)
    assert "Outlined: hot spots beyond chance" in said
    assert "hexagons (" in said
    assert "are certified hot spots; they hold" in said
    assert "The word beside it" in said
    assert "Certified hot spots, 12 months to June 2026" in said
    told = map_told(at)
    assert told["colours"]["line"] == LINE["light"]
    assert told["over"]["dashes"] == [DASHES["persistent"]]
    assert "Hot spot, persistent" in html(at)
    assert "Classes over" in html(at)
    assert "Class, older reading" in html(at)


def test_a_hexagon_says_what_the_test_found(open_page: Open, demo_folder: Path) -> None:
    at = open_page("Hotspots", demo_folder)
    table = hotspots(Workspace.open(demo_folder)).table
    hot, cold = (table.loc[table["hot"] == x, "hexagon"].iloc[0] for x in (True, False))
    at.selectbox(key="area").set_value(hot).run()
    assert "<dt>Hot spot</dt><dd>certified, " in html(at)
    at.selectbox(key="area").set_value(cold).run()
    assert "<dt>Hot spot</dt><dd>not certified; " in html(at)


def test_too_few_hexagons_are_no_error(open_page: Open, small: Path) -> None:
    at = open_page("Hotspots", small, side="350")
    assert not at.exception
    assert "Hot spots need at least 30 hexagons" in html(at)
    assert "How concentrated are reports?" in words(at)


def test_wards_have_no_certified_hot_spots(open_page: Open, small: Path) -> None:
    at = open_page("Hotspots", small, layer="wards")
    assert "Hot spots beyond chance" not in words(at)


def test_how_many_are_in_the_place_picked(open_page: Open, small: Path, busy: str) -> None:
    at = open_page("Hotspots", small)
    assert "Pick a place on the map or from the list above it." in html(at)
    at.selectbox(key="area").set_value(busy).run()
    assert f"12 ASB reports from January 2026 to June 2026 lie in hexagon {busy}" in html(at)


def test_how_many_are_in_a_ward(open_page: Open, small: Path) -> None:
    at = open_page("Hotspots", small, **{"in": "ward"})
    assert "12 ASB reports from January 2026 to June 2026 lie in East ward" in html(at)
    at.selectbox(key="in-ward").set_value("E05999991").run()
    assert "6 ASB reports from January 2026 to June 2026 lie in West ward" in html(at)
    assert at.query_params["in-ward"] == "E05999991"


def test_how_many_are_round_a_place(open_page: Open, small: Path, demo_folder: Path) -> None:
    at = open_page("Hotspots", small, **{"in": "site"})
    assert "No named places are stored yet" in html(at)
    at = open_page("Hotspots", demo_folder, **{"in": "site"})
    at.selectbox(key="in-site").select_index(1).run()
    assert "lie in 200 m round" in html(at)


def test_how_many_are_in_an_outline_typed_in(open_page: Open, small: Path) -> None:
    at = open_page("Hotspots", small, **{"in": "text"})
    at.text_area[0].set_value(SQUARE).run()
    assert not at.exception
    assert "6 ASB reports from January 2026 to June 2026 lie in the area typed in" in html(at)
    at.text_area[0].set_value("somewhere").run()
    assert "A corner is two numbers" in html(at)
    assert "As a table" in words(at)  # the page goes on


def test_how_many_are_in_what_was_drawn(open_page: Open, small: Path) -> None:
    """Corners come from clicks, which AppTest has none of: they are put where clicks go."""
    at = open_page("Hotspots", small, **{"in": "draw"})
    assert "So far: 0 corners." in html(at)
    lonlat = to_lonlat(*zip(*[map(float, x.split()) for x in SQUARE.split("\n")], strict=True))
    at.session_state["corners"] = list(zip(*(a.tolist() for a in lonlat), strict=True))
    at.run()
    assert "6 ASB reports from January 2026 to June 2026 lie in the area drawn" in html(at)
    told = map_told(at)
    assert "Drawn by you" in html(at)
    assert told["over"]["dashes"] == [DASHES["drawn"]]
    assert told["drawing"] is True
    next(b for b in at.button if b.label == "Take the last corner back").click().run()
    assert len(at.session_state["corners"]) == 3
    next(b for b in at.button if b.label == "Start again").click().run()
    assert "So far: 0 corners." in html(at)


def test_a_click_is_a_corner_once() -> None:
    st.session_state.clear()
    for at in (
        {"lng": -0.03, "lat": 51.5},
        {"lng": -0.03, "lat": 51.5},
        {"lng": 0, "lat": 51},
    ):
        _take_corner(at, "corners")
    assert st.session_state["corners"] == [(-0.03, 51.5), (0, 51)]
    st.session_state.clear()


def test_near_repeats_run_where_days_and_places_are_exact(
    open_page: Open, demo_folder: Path
) -> None:
    at = open_page("Hotspots", demo_folder)
    at.toggle(key="near-repeats").set_value(True).run()
    assert "Near repeats need exact dates and places" in html(at)
    at = open_page("Hotspots", demo_folder, source="council_asb")
    at.toggle(key="near-repeats").set_value(True).run()
    assert "pairs of" in html(at)
    assert "Expected by chance" in html(at)
