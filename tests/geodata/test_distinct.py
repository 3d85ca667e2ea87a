"""Rows reduced to distinct points: what a dictionary of pairs gives, whatever the numbers are."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata import distinct
from geodata.distinct import DistinctPoints, distinct_points

odd = st.one_of(
    st.floats(),  # with NaN, both infinities, -0.0 and numbers that differ in their last bit
    st.sampled_from([0.0, -0.0, 1.0, math.nextafter(1.0, 2.0), 5e-324, 1.7e308, math.nan]),
    st.integers(0, 8).map(lambda n: 530_000.0 + 100 * n),
)
batches = st.lists(st.lists(st.tuples(odd, odd), max_size=30), max_size=5)


def _checked(calls: list[list[tuple[float, float]]], points: DistinctPoints) -> None:
    """The second way: a dictionary of the pairs, row by row."""
    seen: dict[tuple[float, float], int] = {}
    for rows in calls:
        x, y = (np.array([row[i] for row in rows], dtype="float64") for i in (0, 1))
        number = points.number(x, y)
        for row, given_number in zip(rows, number.tolist(), strict=True):
            if not (math.isfinite(row[0]) and math.isfinite(row[1])):
                assert given_number == -1
                continue
            assert seen.setdefault(row, given_number) == given_number
            assert (points.x[given_number], points.y[given_number]) == row
    assert sorted(seen.values()) == list(range(len(points)))


@settings(max_examples=150, deadline=None)
@given(batches)
def test_every_pair_has_one_number_and_every_number_one_pair(
    calls: list[list[tuple[float, float]]],
) -> None:
    _checked(calls, DistinctPoints())


@settings(max_examples=60, deadline=None)
@given(batches)
def test_points_that_are_all_looked_for_in_one_place_are_still_told_apart(
    calls: list[list[tuple[float, float]]],
) -> None:
    """The worst that coordinates can do: every pair wants the last slot, and goes round the end."""
    points = DistinctPoints()
    points._home = lambda x, y: np.full(len(x), len(points._slots) - 1)
    _checked(calls, points)


def test_a_table_that_grows_keeps_its_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """From 4 slots upward, seven rows at a time: growing happens in the middle of a batch too."""
    monkeypatch.setattr(distinct, "_FIRST_BITS", 2)
    monkeypatch.setattr(distinct, "CHUNK", 7)
    chance = np.random.default_rng(5)
    points = DistinctPoints()
    x, y = chance.integers(0, 40, (2, 4000)).astype("float64")
    first = points.number(x[:100], y[:100])
    every = points.number(x, y)
    assert every[:100].tolist() == first.tolist()
    assert len(points) == len(set(zip(x, y, strict=True)))
    assert (points.x[every] == x).all()
    assert (points.y[every] == y).all()
    assert points.number(x[::-1], y[::-1]).tolist() == every[::-1].tolist()


def test_columns_of_other_kinds_and_no_rows() -> None:
    whole = np.array([[3, 4], [3, 4], [5, 4]], dtype="int32")
    number, x, y = distinct_points(whole[:, 0], whole[:, 1])
    assert (x[number].tolist(), y[number].tolist(), len(x)) == ([3, 3, 5], [4, 4, 4], 2)
    number, x, y = distinct_points(np.empty(0), np.empty(0))
    assert (len(number), len(x), len(y)) == (0, 0, 0)
