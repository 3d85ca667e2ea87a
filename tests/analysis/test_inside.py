"""Points in an area and near its edge, beside a plain second way of asking."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from analysis.inside import lies_inside, lies_near_edge

AREA = shapely.Polygon([(0, 0), (100, 0), (100, 100), (50, 40), (0, 100)])


def test_by_hand() -> None:
    x = np.array([50.0, 50.0, 0.0, -25.0, -26.0, np.nan])
    y = np.array([20.0, 60.0, 50.0, 50.0, 50.0, 50.0])
    assert lies_inside(x, y, AREA).tolist() == [True, False, True, False, False, False]
    assert lies_near_edge(x, y, AREA).tolist() == [True, True, True, True, False, False]


def test_a_hole_has_an_edge_too() -> None:
    ring = shapely.box(0, 0, 1000, 1000).difference(shapely.box(400, 400, 600, 600))
    x, y = np.array([390.0, 500.0, 200.0]), np.array([500.0, 500.0, 500.0])
    assert lies_inside(x, y, ring).tolist() == [True, False, True]
    assert lies_near_edge(x, y, ring).tolist() == [True, False, False]


def test_no_points() -> None:
    assert lies_inside(np.array([]), np.array([]), AREA).tolist() == []


@given(st.lists(st.tuples(st.integers(-140, 240), st.integers(-140, 240)), max_size=20))
def test_as_shapely_point_by_point(points: list[tuple[int, int]]) -> None:
    twice = points * 2
    x, y = (np.array([p[i] for p in twice], dtype="float64") for i in (0, 1))
    assert lies_inside(x, y, AREA).tolist() == [AREA.covers(shapely.Point(p)) for p in twice]
    assert lies_near_edge(x, y, AREA).tolist() == [
        AREA.boundary.distance(shapely.Point(p)) <= 25 for p in twice
    ]
