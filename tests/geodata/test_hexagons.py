"""The hexagon grid: fixed, gapless, and measured against polygons drawn another way."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.crs import BNG, WGS84
from geodata.errors import CrsError
from geodata.hexagons import (
    SIDES,
    centre,
    cover,
    hexagon_area_km2,
    hexagon_ids,
    hexagon_ids_of,
    hexagon_of,
    hexagon_polygons,
    parse_hexagon_id,
    ward_shares,
)
from geodata.wards import read_wards

sides = st.sampled_from(SIDES)
metres = st.floats(0, 1_300_000) | st.integers(-2000, 2000).map(float)
axial = st.integers(-5000, 5000)


def wards_of(*shapes: shapely.Geometry, codes: list[str] | None = None) -> gpd.GeoDataFrame:
    codes = codes or [f"E0590000{n}" for n in range(1, len(shapes) + 1)]
    return gpd.GeoDataFrame(
        {"ward_code": codes, "ward_name": [f"Ward {c[-1]}" for c in codes]},
        geometry=list(shapes), crs=BNG,
    )  # fmt: skip


def drawn_by_angles(x: float, y: float, side: float) -> shapely.Polygon:
    """The second implementation: corners at 0, 60, ... 300 degrees."""
    angles = [math.radians(60 * k) for k in range(6)]
    return shapely.Polygon([(x + side * math.cos(a), y + side * math.sin(a)) for a in angles])


def cell_of(x: float, y: float, side: int) -> tuple[int, int]:
    q, r = hexagon_of(np.array([x]), np.array([y]), side)
    return int(q[0]), int(r[0])


# --- cells -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("side", "km2"), [(100, 0.025980762), (200, 0.103923048), (350, 0.318264336)]
)
def test_areas_by_hand(side, km2):
    # 3 * sqrt(3) / 2 = 2.598076211
    assert hexagon_area_km2(side) == pytest.approx(km2, abs=1e-9)


@pytest.mark.parametrize("side", SIDES)
def test_one_cell_is_centred_on_the_origin_of_the_grid(side):
    assert cell_of(0, 0, side) == (0, 0)
    x, y = centre(np.array([0]), np.array([0]), side)
    assert (x[0], y[0]) == (0.0, 0.0)
    assert hexagon_ids(np.array([0]), np.array([0]), side).tolist() == [f"h{side}_0_0"]


def test_neighbours_of_the_origin_are_where_flat_tops_put_them():
    # r counts north along a column; q counts columns east, each half a height further south.
    height = 200 * math.sqrt(3)
    for (q, r), (x, y) in {
        (0, 1): (0, height), (0, -1): (0, -height), (1, 0): (300, height / 2),
        (1, -1): (300, -height / 2), (-1, 1): (-300, height / 2), (-1, 0): (-300, -height / 2),
    }.items():  # fmt: skip
        cx, cy = centre(np.array([q]), np.array([r]), 200)
        assert (cx[0], cy[0]) == pytest.approx((x, y), abs=1e-9)
        assert cell_of(x, y, 200) == (q, r)


def test_a_cell_has_flat_sides_above_and_below_and_points_east_and_west():
    (shape,) = hexagon_polygons(np.array([0]), np.array([0]), 200)
    corners = set(map(tuple, np.round(shapely.get_coordinates(shape), 6).tolist()))
    top = round(100 * math.sqrt(3), 6)
    assert corners == {
        (200.0, 0.0), (-200.0, 0.0), (100.0, top), (-100.0, top), (100.0, -top), (-100.0, -top),
    }  # fmt: skip
    assert shape.exterior.is_ccw


@given(axial, axial, sides)
def test_a_centre_lies_in_its_own_cell(q, r, side):
    x, y = centre(np.array([q]), np.array([r]), side)
    assert cell_of(x[0], y[0], side) == (q, r)


@given(axial, axial, sides)
def test_polygons_agree_with_corners_drawn_by_angles(q, r, side):
    (shape,) = hexagon_polygons(np.array([q]), np.array([r]), side)
    (x,), (y,) = centre(np.array([q]), np.array([r]), side)
    other = drawn_by_angles(x, y, side)
    assert shapely.hausdorff_distance(shape, other) < 1e-6
    assert shape.area / 1e6 == pytest.approx(hexagon_area_km2(side), rel=1e-9)


@given(axial, axial, sides)
def test_cells_that_touch_share_their_corners_to_the_last_bit(q, r, side):
    around = np.array([(q, r), (q + 1, r), (q, r + 1), (q + 1, r - 1)])
    shapes = hexagon_polygons(around[:, 0], around[:, 1], side)
    own = set(map(tuple, shapely.get_coordinates(shapes[0]).tolist()))
    for other in shapes[1:]:
        shared = own & set(map(tuple, shapely.get_coordinates(other).tolist()))
        assert len(shared) == 2
    assert shapely.union_all(shapes).interiors.__len__() == 0


@settings(max_examples=300)
@given(metres, metres, sides)
def test_a_point_lies_in_the_cell_it_is_given_to_and_no_centre_is_nearer(x, y, side):
    q, r = cell_of(x, y, side)
    (shape,) = hexagon_polygons(np.array([q]), np.array([r]), side)
    assert shape.distance(shapely.Point(x, y)) < 1e-6
    near_q, near_r = np.meshgrid(np.arange(q - 2, q + 3), np.arange(r - 2, r + 3))
    cx, cy = centre(near_q.ravel(), near_r.ravel(), side)
    nearest = np.hypot(cx - x, cy - y).min()
    own_x, own_y = centre(np.array([q]), np.array([r]), side)
    assert math.hypot(own_x[0] - x, own_y[0] - y) <= nearest + 1e-6


def test_points_spread_over_cells_in_equal_shares():
    rng = np.random.default_rng(0)
    x, y = rng.uniform(0, 3e4, 400_000), rng.uniform(0, 3e4, 400_000)
    ids = hexagon_ids_of(x, y, 350)
    inner = pd.Series(ids)[(x > 1000) & (x < 29_000) & (y > 1000) & (y < 29_000)]
    counts = inner.value_counts()
    expected = 400_000 / 900 * hexagon_area_km2(350)
    whole = counts[counts > expected / 2]
    assert whole.mean() == pytest.approx(expected, rel=0.02)
    assert whole.std() < 1.6 * math.sqrt(expected)


@pytest.mark.parametrize("side", [0, 150, 200.5, -100, None])
def test_other_sides_are_refused(side):
    with pytest.raises(ValueError, match="side is one of"):
        hexagon_of(np.array([0.0]), np.array([0.0]), side)
    with pytest.raises(ValueError, match="side is one of"):
        ward_shares(wards_of(shapely.box(0, 0, 1, 1)), side)


# --- names -------------------------------------------------------------------------------------


@given(axial, axial, sides)
def test_names_are_taken_apart_as_they_were_made(q, r, side):
    (name,) = hexagon_ids(np.array([q]), np.array([r]), side)
    assert parse_hexagon_id(name) == (side, q, r)


@pytest.mark.parametrize(
    "text",
    ["", "h200", "h200_1", "h200_1_2_3", "x200_1_2", "h150_1_2", "h200_1.5_2", "h200_01_2",
     "h200_-0_2", " h200_1_2", "h200_1_2\n", "h200_١_2", "H200_1_2"],
)  # fmt: skip
def test_other_texts_are_no_names(text):
    with pytest.raises(ValueError, match="is not the name of a hexagon"):
        parse_hexagon_id(text)


@given(st.lists(st.tuples(metres | st.just(math.nan), metres | st.just(math.nan)), max_size=30))
def test_names_of_points_are_the_names_of_their_cells(points):
    x = np.array([p[0] for p in points], dtype="float64")
    y = np.array([p[1] for p in points], dtype="float64")
    names = list(hexagon_ids_of(x, y, 200))
    for (a, b), name in zip(points, names, strict=True):
        if math.isnan(a) or math.isnan(b):
            assert pd.isna(name)
        else:
            assert parse_hexagon_id(name) == (200, *cell_of(a, b, 200))


# --- cover -------------------------------------------------------------------------------------


def test_a_ward_of_one_cell_is_covered_by_that_cell():
    (shape,) = hexagon_polygons(np.array([1788]), np.array([-367]), 200)
    cells = cover(wards_of(shape), 200)
    assert cells["hexagon"].tolist() == ["h200_1788_-367"]
    assert cells["inside_share"].tolist() == [1.0]
    assert (cells["easting"][0], round(cells["northing"][0], 2)) == (536_400.0, 182_558.16)


def test_the_ward_of_a_cell_is_the_one_with_most_of_it():
    # The line x = 20 leaves more of the middle cell west of it, though west has the higher code.
    wards = wards_of(
        shapely.box(20, -90, 190, 90),
        shapely.box(-190, -90, 20, 90),
        codes=["E05000001", "E05000002"],
    )
    cells = cover(wards, 200).set_index("hexagon")
    assert cells.loc["h200_0_0", "ward_code"] == "E05000002"
    assert cells.loc["h200_0_0", "ward_name"] == "Ward 2"


@pytest.mark.parametrize("side", SIDES)
def test_a_tie_goes_to_the_lowest_code_in_every_cell(side):
    # Along the line x = 0 every second cell is cut into halves that differ in their last bits.
    west, east = shapely.box(-700, 100_000, 0, 130_000), shapely.box(0, 100_000, 700, 130_000)
    for shapes in ((west, east), (east, west)):
        wards = wards_of(*shapes, codes=["E05000002", "E05000001"])
        cells = cover(wards, side)
        halves = cells[(cells["q"] == 0) & cells["northing"].between(101_000, 129_000)]
        assert len(halves) > 40
        assert set(halves["ward_code"]) == {"E05000001"}


def test_cells_that_only_touch_a_ward_are_left_out():
    # The east corner of the middle cell is (200, 0); the ward begins there.
    wards = wards_of(shapely.box(200, -10, 210, 10))
    assert "h200_0_0" not in set(cover(wards, 200)["hexagon"])
    wards = wards_of(shapely.box(199, -10, 210, 10))
    assert "h200_0_0" in set(cover(wards, 200)["hexagon"])


def test_shares_of_squares_by_hand():
    # 100 m squares about the origin lie wholly in the cell, whose area is 103,923.05 m2.
    wards = wards_of(shapely.box(-100, -50, 0, 50), shapely.box(0, -50, 100, 50))
    shares = ward_shares(wards, 200)
    assert shares["ward_code"].tolist() == ["E05900001", "E05900002"]
    assert shares["area_m2"].tolist() == pytest.approx([10_000, 10_000], abs=1e-6)
    assert shares["share"].tolist() == pytest.approx([10_000 / 103_923.0485] * 2, abs=1e-8)
    assert cover(wards, 200)["inside_share"][0] == pytest.approx(20_000 / 103_923.0485, abs=1e-8)


def test_overlapping_wards_never_fill_a_cell_more_than_once():
    wards = wards_of(shapely.box(-900, -900, 900, 900), shapely.box(-900, -900, 900, 900))
    cells = cover(wards, 200)
    assert cells["inside_share"].max() == 1.0
    assert (cells["ward_code"] == "E05900001").all()


@settings(max_examples=25, deadline=None)
@given(
    st.floats(-3000, 3000), st.floats(-3000, 3000), st.floats(1, 2500), st.floats(1, 2500), sides
)
def test_shares_add_up_to_the_area_of_the_wards(x, y, width, height, side):
    box = shapely.box(x, y, x + width, y + height)
    halves = [box.intersection(shapely.box(x, y, x + width / 3, y + height)),
              box.intersection(shapely.box(x + width / 3, y, x + width, y + height))]  # fmt: skip
    wards = wards_of(*halves)
    shares = ward_shares(wards, side)
    by_ward = shares.groupby("ward_code")["area_m2"].sum()
    assert by_ward.tolist() == pytest.approx([h.area for h in halves], rel=1e-6, abs=1e-3)
    cells = cover(wards, side)
    assert cells["hexagon"].is_unique
    assert cells["hexagon"].is_monotonic_increasing
    assert set(cells["hexagon"]) == set(shares["hexagon"])
    # The second implementation: geopandas' overlay of the cells with the wards.
    cut = gpd.overlay(cells[["hexagon", "geometry"]], wards[["ward_code", "geometry"]])
    cut = cut.assign(area=cut.area)[cut.area > 1e-3].set_index(["hexagon", "ward_code"])["area"]
    ours = shares[shares["area_m2"] > 1e-3].set_index(["hexagon", "ward_code"])["area_m2"]
    pd.testing.assert_series_equal(
        ours.sort_index(), cut.sort_index(), check_names=False, rtol=1e-5, atol=1e-2
    )


def test_every_point_of_a_ward_lies_in_a_cell_of_the_cover():
    shape = shapely.Point(530_000, 180_000).buffer(3000)
    cells = cover(wards_of(shape), 100)
    rng = np.random.default_rng(4)
    x, y = rng.uniform(527_000, 533_000, 20_000), rng.uniform(177_000, 183_000, 20_000)
    inside = shapely.contains_xy(shape, x, y)
    assert set(hexagon_ids_of(x[inside], y[inside], 100)) <= set(cells["hexagon"])


def test_two_boroughs_far_apart_do_not_cost_the_land_between():
    wards = wards_of(
        shapely.box(0, 0, 500, 500), shapely.box(650_000, 1_200_000, 650_500, 1_200_500)
    )
    assert 20 < len(cover(wards, 100)) < 60


def test_two_boroughs_agree_on_the_cells_they_share():
    box = shapely.box(530_000, 180_000, 532_000, 182_000)
    one, two = cover(wards_of(box), 200), cover(wards_of(box.buffer(5000)), 200)
    shared = two.set_index("hexagon").loc[one["hexagon"]]
    assert shapely.equals_exact(shared.geometry.to_numpy(), one.geometry.to_numpy(), 0).all()


def test_degrees_are_refused():
    with pytest.raises(CrsError, match="must be in British National Grid"):
        cover(wards_of(shapely.box(0, 0, 1, 1)).set_crs(WGS84, allow_override=True), 200)


def test_real_tower_hamlets_as_the_design_says(shared_data):
    wards, _ = read_wards(shared_data / "wards" / "tower_hamlets_wards_2014_bng.gpkg")
    shares = ward_shares(wards, 200)
    cells = cover(wards, 200)
    assert shares["area_m2"].sum() / 1e4 == pytest.approx(2157.498, abs=0.001)
    # Four in ten straddle wards, a good three in ten the borough's edge.
    assert 0.35 < (shares.groupby("hexagon").size() > 1).mean() < 0.5
    assert 0.25 < (cells["inside_share"] < 0.9999).mean() < 0.4
