"""Places on a map: dots and outlines that tell their id, inert text, and what is being drawn."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from analysis.report.place_map import corners_shapes, place_layer
from geodata.crs import BNG
from tests.builders import ORIGIN

X, Y = ORIGIN
EVIL = "<img onerror=x>${1}{{2}}"


def places() -> gpd.GeoDataFrame:
    shapes = [shapely.Point(X, Y), shapely.box(X, Y, X + 50, Y + 80)]
    columns = {"site_id": ["SIT-1", "SIT-2"], "name": ["A", EVIL], "kind_name": ["Park", "Estate"]}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=BNG)


def features(layer: object) -> dict[str, dict[str, object]]:
    children = layer._children.values()  # type: ignore[attr-defined]
    return {f["id"]: f for child in children for f in child.data["features"]}


def test_points_and_outlines_tell_their_id_and_their_name() -> None:
    drawn = features(place_layer(places(), chosen="SIT-1"))
    assert list(drawn) == ["SIT-2", "SIT-1"]  # dots lie over outlines
    assert drawn["SIT-1"]["properties"]["id"] == "SIT-1"  # type: ignore[index]
    assert drawn["SIT-1"]["properties"]["tip"] == "A (Park)"  # type: ignore[index]
    assert drawn["SIT-2"]["geometry"]["type"] == "Polygon"  # type: ignore[index]
    tip = str(drawn["SIT-2"]["properties"]["tip"])  # type: ignore[index]
    assert not set(tip) & set("<>${}")


def test_the_chosen_one_looks_different_in_more_than_colour() -> None:
    points = list(place_layer(places(), chosen="SIT-1")._children.values())[1]
    style = points.style_function
    chosen, other = style({"id": "SIT-1"}), style({"id": "SIT-2"})
    assert chosen["radius"] > other["radius"]
    assert chosen["weight"] > other["weight"]


def test_what_is_drawn_lets_clicks_through() -> None:
    drawn = gpd.GeoSeries([shapely.Point(X, Y)], crs=BNG)
    [only] = place_layer(places().iloc[:0], drawn=drawn)._children.values()
    assert only.options["interactive"] is False
    assert features(place_layer(places().iloc[:0], drawn=drawn))["d0"]["properties"] == {}


def test_three_corners_close_and_two_do_not() -> None:
    corners = np.array([[0.0, 0.0], [100.0, 0.0], [100.0, 100.0]])
    *dots, line = corners_shapes(corners)
    assert [dot.coords[0] for dot in dots] == [tuple(corner) for corner in corners]
    assert line.is_ring
    assert not corners_shapes(corners[:2])[-1].is_closed
    assert corners_shapes(corners[:1]) == [shapely.Point(0, 0)]
