"""Empirical Bayes against values worked out by hand and against esda's clipped form."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.smoothing import empirical_bayes


def test_spread_no_greater_than_chance_gives_every_place_the_mean() -> None:
    # Between-place variance comes out at -.00037336 and is clipped: nothing is left of differences.
    events = pd.Series([30, 25, 25, 15, 33, 21, 30, 20])
    base = pd.Series([100, 100, 110, 90, 100, 90, 110, 90])
    shrunk = empirical_bayes(events, base)
    assert shrunk.tolist() == pytest.approx([199 / 790] * 8, abs=1e-12)


def test_two_places_by_hand() -> None:
    # m = 5, s2 = 16, A = 16 - 5 = 11, w = 11/16: 9 -> 5 + 4 * 11/16, 1 -> 5 - 4 * 11/16.
    assert empirical_bayes(pd.Series([9, 1])).tolist() == [7.75, 2.25]


def test_unequal_exposure_shrinks_the_small_place_more() -> None:
    # m = 60/20 = 3; rates 1, 5 with exposure 10 each would tie; exposure 2 pulls harder.
    shrunk = empirical_bayes(pd.Series([0.0, 0.0, 60.0]), pd.Series([1.0, 10.0, 9.0]))
    assert shrunk[0] > shrunk[1]


def test_missing_stays_missing_and_takes_no_part() -> None:
    shrunk = empirical_bayes(pd.Series([9, np.nan, 1], index=["a", "b", "c"]))
    assert shrunk[["a", "c"]].tolist() == [7.75, 2.25]
    assert np.isnan(shrunk["b"])


def test_nothing_known_gives_nothing() -> None:
    assert empirical_bayes(pd.Series([np.nan, np.nan])).isna().all()


@pytest.mark.parametrize(("events", "base"), [([-1.0], [1.0]), ([1.0], [0.0])])
def test_impossible_counts_and_exposures_are_refused(
    events: list[float], base: list[float]
) -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        empirical_bayes(pd.Series(events), pd.Series(base))


@given(st.lists(st.integers(0, 500), min_size=1, max_size=40))
def test_shrinking_keeps_order_and_total(counts: list[int]) -> None:
    events = pd.Series(counts, dtype="float64")
    shrunk = empirical_bayes(events)
    assert shrunk.sum() == pytest.approx(events.sum())
    low, high = events.min(), events.max()
    assert ((shrunk >= low - 1e-9) & (shrunk <= high + 1e-9)).all()
    order = events.argsort(kind="stable").to_numpy()
    assert (np.diff(shrunk.to_numpy()[order]) >= -1e-9).all()
