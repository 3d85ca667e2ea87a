"""The map for paper: every layer in one SVG, hatched where nothing may be or is known."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from analysis.report.classes import legend_for
from analysis.report.pdf import svg_png
from analysis.report.static_map import Layers, static_map
from geodata.crs import BNG, WGS84
from geodata.errors import CrsError
from tests.builders import ORIGIN, WEST, two_wards

SVG = "{http://www.w3.org/2000/svg}"
X, Y = ORIGIN
HOSTILE = "</svg><script>alert(1)</script>${x}"


def _cells() -> gpd.GeoDataFrame:
    boxes = [shapely.box(X + 200 * n, Y + 200, X + 200 * n + 200, Y + 400) for n in range(4)]
    return gpd.GeoDataFrame({"count": [0, 7, None, None]}, geometry=boxes, crs=BNG)


def _drawn(**more: object) -> ET.Element:
    return ET.fromstring(static_map(Layers(two_wards(), **more), label="A map"))  # type: ignore[arg-type]


def _words(drawing: ET.Element) -> set[str]:
    return {text.text or "" for text in drawing.iter(f"{SVG}text")}


def test_classes_are_numbered_and_gaps_are_hatched_each_in_its_way() -> None:
    cells = _cells()
    held = pd.Series([False, False, False, True])
    legend = legend_for(cells["count"], title="Reports", withheld=held, adds_up=True)
    drawing = _drawn(areas=cells, classes=legend.class_of(cells["count"], held), legend=legend)
    fills = [path.get("fill") or "" for path in drawing.iter(f"{SVG}path")]
    assert "url(#map-none)" in fills
    assert "url(#map-held)" in fills
    assert {"Reports", "1", "7", "No data", "Withheld: too few to show"} <= _words(drawing)


def test_one_ward_is_in_focus_and_its_neighbour_is_named() -> None:
    whole, one = _drawn(), _drawn(focus=[WEST])
    assert {"West", "East"} <= _words(whole)
    assert "West" not in _words(one)
    assert {"Ward boundary", "N"} <= _words(one)


def test_streets_places_route_and_stops_are_drawn_with_their_key() -> None:
    line = shapely.LineString([(X + 50, Y + 500), (X + 950, Y + 500)])
    streets = gpd.GeoDataFrame({"name": [HOSTILE], "kind": ["primary"]}, geometry=[line], crs=BNG)
    places = gpd.GeoDataFrame(
        {"name": ["Bow Road"], "kind": ["station"]},
        geometry=[shapely.Point(X + 500, Y + 600)], crs=BNG,
    )  # fmt: skip
    stops = gpd.GeoDataFrame({"label": ["1"]}, geometry=[shapely.Point(X + 100, Y + 500)], crs=BNG)
    drawing = _drawn(
        streets=streets, places=places, stops=stops,
        route=gpd.GeoDataFrame(geometry=[line], crs=BNG),
    )  # fmt: skip
    assert {"Main road", "Station", "Route", "Bow Road", "1"} <= _words(drawing)
    assert not list(drawing.iter(f"{SVG}script"))


def test_names_never_lie_on_each_other() -> None:
    spots = [shapely.Point(X + 500, Y + 500 + n) for n in range(20)]
    places = gpd.GeoDataFrame(
        {"name": [f"Long name of a station {n}" for n in range(20)], "kind": "station"},
        geometry=spots, crs=BNG,
    )  # fmt: skip
    drawing = _drawn(places=places)
    named = {w for w in _words(drawing) if w.startswith("Long name")}
    assert 1 <= len(named) <= 3


def test_it_can_be_drawn_as_a_picture() -> None:
    assert svg_png(static_map(Layers(two_wards()), label=HOSTILE), width_px=300)[:4] == b"\x89PNG"


def test_another_reference_system_is_refused() -> None:
    with pytest.raises(CrsError):
        static_map(Layers(two_wards().to_crs(WGS84)), label="A map")
