"""Neighbourhoods against hand-drawn maps and against distances worked out one by one."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from analysis.neighbours import (
    collar_cells,
    hexagon_neighbourhoods,
    point_neighbourhoods,
    share_as_exposure,
    square_neighbourhoods,
)
from geodata.crs import BNG
from geodata.errors import CrsError
from geodata.hexagons import cover, hexagon_ids, hexagon_polygons

FLOWER = [(0, 0), (1, 0), (0, 1), (-1, 1), (-1, 0), (0, -1), (1, -1)]


def _names(cells: list[tuple[int, int]]) -> list[str]:
    q, r = np.array(cells).T
    return hexagon_ids(q, r, 200).tolist()


def test_a_flower_of_seven() -> None:
    # Everything touches the middle; a petal touches the middle and the petals beside it.
    near = hexagon_neighbourhoods(_names(FLOWER), rings=(0, 1, 2))
    assert near.sizes[0].sum(axis=1).tolist() == [1.0] * 7
    assert near.sizes[1].sum(axis=1).tolist() == [7.0] + [4.0] * 6
    assert near.sizes[2].sum(axis=1).tolist() == [7.0] * 7


@given(st.sets(st.tuples(st.integers(-6, 6), st.integers(-6, 6)), min_size=1, max_size=60))
def test_one_step_is_a_shared_edge(cells: set[tuple[int, int]]) -> None:
    listed = sorted(cells)
    q, r = np.array(listed).T
    shapes = hexagon_polygons(q, r, 100)
    shared = shapely.length(shapely.intersection(shapes[:, None], shapes[None, :]))
    touching = (shared > 1) | np.eye(len(listed), dtype=bool)
    near = hexagon_neighbourhoods(hexagon_ids(q, r, 100).tolist(), rings=(1,))
    assert (near.sizes[0].toarray() > 0).tolist() == touching.tolist()


@given(st.integers(1, 3), st.permutations(range(30)))
def test_the_order_of_hexagons_changes_nothing(ring: int, order: list[int]) -> None:
    cells = [(a, b) for a in range(6) for b in range(5)]
    plain = hexagon_neighbourhoods(_names(cells), rings=(ring,)).sizes[0].toarray()
    mixed = hexagon_neighbourhoods(_names([cells[i] for i in order]), rings=(ring,))
    assert (mixed.sizes[0].toarray() == plain[np.ix_(order, order)]).all()


def test_two_rings_hold_nineteen_cells() -> None:
    cells = [(a, b) for a in range(-4, 5) for b in range(-4, 5)]
    near = hexagon_neighbourhoods(_names(cells))
    middle = cells.index((0, 0))
    assert [int(m.sum(axis=1)[middle]) for m in near.sizes] == [7, 19]


def test_cells_that_cannot_be_neighbours_are_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        hexagon_neighbourhoods(["h200_0_0", "h200_0_0"])
    with pytest.raises(ValueError, match="different sides"):
        hexagon_neighbourhoods(["h200_0_0", "h100_0_0"])
    with pytest.raises(ValueError, match="not the name"):
        hexagon_neighbourhoods(["x200_0_0"])


def test_squares_do_not_wrap_round_the_edge() -> None:
    near = square_neighbourhoods(2, 3, rings=(1,)).sizes[0].toarray().astype(int)
    assert near[2].tolist() == [0, 1, 1, 0, 1, 1]
    assert near[3].tolist() == [1, 1, 0, 1, 1, 0]


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=30),
    st.integers(1, 30),
)
def test_points_by_distance(points: list[tuple[int, int]], distance: int) -> None:
    x, y = np.array(points, dtype="float64").T
    apart = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2
    near = point_neighbourhoods(x, y, float(distance)).sizes[0].toarray() > 0
    assert near.tolist() == (apart <= distance**2).tolist()


def test_some_places_taken_out() -> None:
    near = square_neighbourhoods(1, 4, rings=(1,)).among(np.array([True, False, True, True]))
    assert near.places.tolist() == [0, 2, 3]
    assert near.sizes[0].toarray().astype(int).tolist() == [[1, 0, 0], [0, 1, 1], [0, 1, 1]]


def test_the_collar_and_the_borough_share_no_cell_and_leave_no_gap() -> None:
    wards = gpd.GeoDataFrame(
        {"ward_code": ["E05000001"], "ward_name": ["A"]},
        geometry=[shapely.box(530_000, 180_000, 531_500, 181_300)],
        crs=BNG,
    )
    inside, collar = cover(wards, 100), collar_cells(wards, 100)
    assert not set(inside["hexagon"]) & set(collar["hexagon"])
    reach = wards.geometry.iloc[0].buffer(500, quad_segs=32)
    assert collar.geometry.within(reach).all()
    # Nothing whole within reach is left out: what neither covers is a rim under one cell deep.
    rim = reach.difference(inside.union_all().union(collar.union_all()))
    assert rim.difference(reach.boundary.buffer(200)).area < 1


def test_the_collar_wants_metres() -> None:
    wards = gpd.GeoDataFrame(geometry=[shapely.box(0, 51, 1, 52)], crs="WGS84")
    with pytest.raises(CrsError):
        collar_cells(wards)


def test_slivers_take_no_part() -> None:
    wards = gpd.GeoDataFrame(
        {"ward_code": ["E05000001"], "ward_name": ["A"]},
        geometry=[shapely.box(530_000, 180_000, 532_000, 182_000)],
        crs=BNG,
    )
    cells = cover(wards, 200)
    exposure = share_as_exposure(cells)
    assert exposure.index.tolist() == cells["hexagon"].tolist()
    assert exposure.isna().tolist() == (cells["inside_share"] < 1 / 3).tolist()
    assert exposure.isna().any()
    assert exposure.notna().any()
