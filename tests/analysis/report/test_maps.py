"""What folium writes for us asks nobody for anything and holds no more than it needs."""

from __future__ import annotations

import json
import re

import pytest
from streamlit_folium import generate_leaflet_string

from analysis.report.classes import legend_for
from analysis.report.maps import LEAFLET_CSS, LEAFLET_JS, area_map, base_map, layer
from analysis.report.palette import DARK, LIGHT
from geodata.errors import CrsError
from tests.drawings import grid_wards, hexagons, hostile_areas, some_places, with_withheld

NAMESPACE = "http://www.w3.org/2000/svg"


def _legend(areas):
    withheld = areas["withheld"].ne("") if "withheld" in areas else None
    return legend_for(areas["count"], title="Reports", withheld=withheld)


def _drawn(group):
    """The GeoJSON of a layer and the style of each feature, as Leaflet will get them."""
    [geojson] = group._children.values()
    return geojson.data["features"], geojson.style_function


@pytest.fixture(scope="module")
def areas():
    return with_withheld(hexagons(grid_wards()))


def test_the_whole_page_names_no_outside_address(areas):
    drawn = area_map(
        areas, value="count", legend=_legend(areas), wards=grid_wards(), places=some_places()
    )
    page = drawn.get_root().render()
    assert sorted(re.findall(r'(?:src|href)="([^"]*)"', page)) == [LEAFLET_CSS, LEAFLET_JS]
    assert not re.search(r"https?:|//\w+\.\w|@import|url\((?!#)", page.replace(NAMESPACE, ""))


def test_what_st_folium_hands_to_the_browser_names_no_outside_address(areas):
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


def test_two_hundred_and_fifty_hexagons_take_less_than_200_kb():
    wards = grid_wards(6, 5)
    areas = hexagons(wards).head(253)
    assert len(areas) == 253
    drawn = area_map(areas, value="count", legend=_legend(areas), wards=wards)
    assert len(drawn.get_root().render().encode()) < 200_000


def test_a_feature_holds_its_id_and_its_tooltip_and_nothing_else(areas):
    features, _ = _drawn(layer(areas, value="count", legend=_legend(areas)))
    first = features[0]
    assert first["id"] == areas["area_id"].iloc[0]
    assert set(first["properties"]) == {"id", "tip"}
    assert first["properties"]["tip"] == f"<b>{areas['name'].iloc[0]}</b><br>Reports: 0"
    assert len(features) == len(areas)


def test_no_data_and_withheld_say_so_and_are_hatched_differently(areas):
    features, style = _drawn(layer(areas, value="count", legend=_legend(areas)))
    assert features[2]["properties"]["tip"].endswith("Reports: No data")
    assert features[4]["properties"]["tip"].endswith("Reports: Withheld: too few to show")
    assert style(features[2])["fillColor"] == "url(#sw-no-data)"
    assert style(features[4])["fillColor"] == "url(#sw-withheld)"
    page = area_map(areas, value="count", legend=_legend(areas), wards=grid_wards())
    rendered = page.get_root().render()
    assert 'id="sw-no-data"' in rendered
    assert 'id="sw-withheld"' in rendered


@pytest.mark.parametrize(("theme", "palette"), [("light", LIGHT), ("dark", DARK)])
def test_areas_take_the_colour_of_their_class(theme, palette):
    areas = hexagons(grid_wards()).head(3).assign(count=[0.0, 3.0, 9.0])
    legend = legend_for(areas["count"], title="Reports")
    features, style = _drawn(layer(areas, value="count", legend=legend, theme=theme))
    fills = [style(feature)["fillColor"] for feature in features]
    assert fills == [palette.shades[0], palette.shades[2], palette.shades[4]]


def test_the_chosen_area_is_drawn_last_and_marked():
    areas = hexagons(grid_wards())
    chosen = areas["area_id"].iloc[7]
    features, style = _drawn(layer(areas, value="count", legend=_legend(areas), selected=chosen))
    assert features[-1]["id"] == chosen
    assert style(features[-1])["color"] == LIGHT.accent
    assert {style(f)["color"] for f in features[:-1]} == {LIGHT.outline}
    assert sorted(f["id"] for f in features) == sorted(areas["area_id"])


def test_further_lines_of_the_tooltip_are_taken_from_their_columns():
    areas = hexagons(grid_wards()).head(1).assign(per_km2=12.345, ward_shares="Ward 1: 60 %")
    tip = [("per_km2", "Per km²"), ("ward_shares", "Lies in")]
    features, _ = _drawn(layer(areas, value="count", legend=_legend(areas), tip=tip))
    assert features[0]["properties"]["tip"].endswith("Per km²: 12.3<br>Lies in: Ward 1: 60 %")


def test_an_empty_frame_gives_an_empty_group():
    areas = hexagons(grid_wards()).head(0)
    group = layer(areas, value="count", legend=_legend(areas))
    assert len(group._children) == 0


def test_hostile_names_are_inert_in_the_script():
    areas = hostile_areas()
    drawn = area_map(
        areas,
        value="count",
        legend=_legend(areas),
        wards=areas,
        places=areas,
        label="</script>${x}",
    )
    page = drawn.get_root().render()
    script = page[page.rindex("<script>") :]
    assert not re.search(r"<(img|script|svg|iframe)|\$\{|\{\{", script.removeprefix("<script>"))
    features, _ = _drawn(layer(areas, value="count", legend=_legend(areas)))
    for feature in features:
        tip = feature["properties"]["tip"].replace("<b>", "").replace("</b>", "")
        assert not re.search(r"<(?!br>)|[`${}\\\"']", tip)


@pytest.mark.parametrize(
    "text", ["{{ 7919*7927 }}", "{% set x = 7919*7927 %}{{ x }}", "{# gone #}"]
)
def test_nothing_from_a_file_runs_in_the_template_folium_makes_of_its_script(text):
    wards = grid_wards().assign(ward_name=text, ward_code=[text, f"{text}2"])
    places = some_places().assign(name=text, place_id=text)
    areas = hexagons(grid_wards()).assign(name=text, area_id=lambda a: text + a["area_id"])
    page = area_map(
        areas, value="count", legend=_legend(areas), wards=wards, places=places, label=text
    )
    rendered = page.get_root().render()
    assert "62773913" not in rendered  # too long to stand in one of folium's own random names
    assert "\\u0026#123;" in rendered  # there as text
    assert rendered.count("gone") > 0 or "gone" not in text


def test_coordinates_are_rounded_to_six_decimals(areas):
    features, _ = _drawn(layer(areas, value="count", legend=_legend(areas)))
    assert max(len(d) for d in re.findall(r"\.(\d+)", json.dumps(features[0]["geometry"]))) <= 6


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
