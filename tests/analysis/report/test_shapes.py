"""Shapes are simplified, rounded and named without moving anything a reader would notice."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from analysis.report.shapes import (
    TOLERANCE_M,
    context_places,
    drawable,
    feature_collection,
    label_points,
    lonlat,
    padded_bounds,
    wrapped,
)
from geodata.crs import BNG, WGS84
from geodata.errors import CrsError
from tests.drawings import grid_wards, some_places


def _wavy_halves():
    """Two shapes that share a wavy edge with far more corners than a map needs."""
    y = np.linspace(0, 1000, 201)
    wave = np.column_stack([500 + 60 * np.sin(y / 120), y])
    west = shapely.Polygon([(0, 0), *wave, (0, 1000)])
    east = shapely.Polygon([*wave, (1000, 1000), (1000, 0)])
    return gpd.GeoSeries([west, east], crs=BNG)


def test_neighbours_still_share_their_edge_after_simplifying():
    before = _wavy_halves()
    after = drawable(before)
    assert shapely.get_num_coordinates(after).sum() < 60 < shapely.get_num_coordinates(before).sum()
    assert shapely.intersection(after[0], after[1]).area == 0
    assert shapely.union_all(after).area == pytest.approx(1e6)


def test_no_edge_moves_further_than_said():
    before = _wavy_halves()
    for a, b in zip(before, drawable(before), strict=True):
        assert shapely.hausdorff_distance(a.boundary, b.boundary) <= 1.5 * TOLERANCE_M


def test_overlapping_shapes_are_simplified_one_by_one():
    ring = shapely.Point(0, 0).buffer(500, quad_segs=64)
    overlapping = gpd.GeoSeries([ring, shapely.affinity.translate(ring, 300)], crs=BNG)
    after = drawable(overlapping)
    assert all(a.is_valid and a.area > 0.95 * ring.area for a in after)
    assert shapely.get_num_coordinates(after).max() < 50


def test_plain_shapes_are_left_as_they_are():
    wards = grid_wards(2, 2).geometry
    assert list(drawable(wards)) == list(wards)


def test_shapes_in_degrees_are_refused():
    with pytest.raises(CrsError, match="must be in British National Grid"):
        drawable(gpd.GeoSeries([shapely.box(0, 51, 1, 52)], crs=WGS84))


def test_coordinates_have_six_decimals():
    shapes = lonlat(grid_wards().geometry.to_numpy())
    numbers = shapely.get_coordinates(shapes)
    assert np.array_equal(numbers, numbers.round(6))
    assert -0.2 < numbers[:, 0].min() < numbers[:, 0].max() < 0


def test_features_carry_their_id_and_those_without_a_shape_are_left_out():
    shapes = np.array([shapely.box(530_000, 180_000, 530_100, 180_100), None, shapely.Polygon()])
    made = feature_collection(shapes, ["a", "b", "c"], [{"tip": "x"}, {}, {}])
    assert [(f["id"], f["properties"]) for f in made["features"]] == [("a", {"tip": "x"})]


def test_a_name_stands_inside_its_shape_even_where_the_middle_is_not():
    horseshoe = shapely.box(0, 0, 900, 900) - shapely.box(200, 0, 700, 800)
    assert not horseshoe.contains(horseshoe.centroid)
    assert horseshoe.contains(label_points(np.array([horseshoe]))[0])
    assert len(label_points(np.array([]))) == 0


def test_a_frame_has_a_margin_on_every_side():
    assert padded_bounds([shapely.box(0, 0, 100, 50)], 0.1) == (-10, -10, 110, 60)


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("Bow East", ["Bow East"]),
        ("Blackwall & Cubitt Town", ["Blackwall &", "Cubitt Town"]),
        ("Supercalifragilistic", ["Supercalifragilistic"]),
        ("", []),
    ],
)
def test_long_names_are_broken_at_blanks(name, lines):
    assert wrapped(name) == lines


def test_stations_come_before_parks_and_streets_are_not_drawn():
    assert context_places(some_places())["kind"].tolist() == ["station", "park"]
    assert context_places(None) is None
    assert context_places(some_places().query("kind == 'street'")) is None
