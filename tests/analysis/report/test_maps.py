"""What folium writes for us asks nobody for anything and runs nothing that came from a file."""

from __future__ import annotations

import re

import pytest
from streamlit_folium import generate_leaflet_string

from analysis.report.maps import LEAFLET_CSS, LEAFLET_JS, base_map
from geodata.errors import CrsError
from tests.drawings import grid_wards, hostile_areas, some_places


def test_the_whole_page_names_no_outside_address():
    page = base_map(grid_wards(), some_places()).get_root().render()
    assert sorted(re.findall(r'(?:src|href)="([^"]*)"', page)) == [LEAFLET_CSS, LEAFLET_JS]
    assert not re.search(r"https?:|//\w+\.\w|@import|url\((?!#)", page)


def test_what_st_folium_hands_to_the_browser_names_no_outside_address():
    drawn = base_map(grid_wards(), some_places())
    drawn.get_root().render()
    script = generate_leaflet_string(drawn)
    assert drawn.default_js == [("leaflet", LEAFLET_JS)]
    assert drawn.default_css == [("leaflet_css", LEAFLET_CSS)]
    assert not re.search(r"https?:|//\w+\.\w", script)
    assert "$(" not in script  # jQuery is not there


@pytest.mark.parametrize("address", [LEAFLET_JS, LEAFLET_CSS])
def test_leaflet_is_found_from_the_components_frame(address):
    # /component/streamlit_folium.st_folium/index.html, with or without a base path before it
    assert address.startswith("../../vendor/leaflet/leaflet.")


def test_hostile_names_are_inert_in_the_script():
    names = hostile_areas()
    page = base_map(names, names, label="</script>${x}").get_root().render()
    script = page[page.rindex("<script>") :]
    assert not re.search(r"<(img|script|svg|iframe)|\$\{|\{\{", script.removeprefix("<script>"))


@pytest.mark.parametrize(
    "text", ["{{ 7919*7927 }}", "{% set x = 7919*7927 %}{{ x }}", "{# gone #}"]
)
def test_nothing_from_a_file_runs_in_the_template_folium_makes_of_its_script(text):
    wards = grid_wards().assign(ward_name=text, ward_code=[text, f"{text}2"])
    places = some_places().assign(name=text, place_id=text)
    rendered = base_map(wards, places, label=text).get_root().render()
    assert "62773913" not in rendered  # too long to stand in one of folium's own random names
    assert "\\u0026#123;" in rendered  # there as text
    assert rendered.count("gone") > 0 or "gone" not in text


def test_the_map_is_framed_on_the_wards_and_kept_near_them():
    drawn = base_map(grid_wards())
    [south, west], [north, east] = drawn.options["max_bounds"]
    lat, lon = drawn.location
    assert south < lat < north
    assert west < lon < east
    assert north - south < 0.06  # three times a kilometre and its margin
    assert drawn.options["max_zoom"] == 18


def test_the_frame_has_a_name_for_screen_readers():
    drawn = base_map(grid_wards(), label="Reports by hexagon")
    drawn.get_root().render()
    assert '"aria-label", "Reports by hexagon"' in generate_leaflet_string(drawn)


def test_frames_in_degrees_are_refused():
    with pytest.raises(CrsError):
        base_map(grid_wards().to_crs(4326))
