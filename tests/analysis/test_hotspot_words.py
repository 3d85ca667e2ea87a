"""The word of a hot spot: a change worked out by hand, and what it does not take for one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from analysis.hotspot_words import WORDS, hotspot_words, recent_change
from analysis.neighbours import square_neighbourhoods

ALONE = sparse.csr_array(np.eye(2))


def test_the_change_by_hand() -> None:
    """Ratios 4, 1, 1 and .25: r = 1. z = 2 (sqrt 100 - sqrt 25) / sqrt 2 = 7.0711, 0, 0, -7.0711.

    The median of the squares 0, 0, 50, 50 is 25, so phi = 25 / .454936 = 54.953, its root 7.4130.
    """
    near = sparse.csr_array(np.eye(4))
    found = recent_change(pd.Series([100.0, 9, 9, 25]), pd.Series([25.0, 9, 9, 100]), near)
    assert found["expected"].tolist() == [25, 9, 9, 100]
    assert found["z"].round(4).tolist() == [0.9539, 0, 0, -0.9539]


def test_a_place_that_holds_most_reports_does_not_set_the_boroughs_change() -> None:
    near = sparse.csr_array(np.eye(5))
    before, now = pd.Series([900.0, 9, 16, 25, 36]), pd.Series([9.0, 9, 16, 25, 36])
    assert recent_change(now, before, near)["z"].round(2).tolist() == [-38.18, 0, 0, 0, 0]


def test_the_boroughs_own_rise_is_no_rise() -> None:
    found = recent_change(pd.Series([60.0, 30.0]), pd.Series([20.0, 10.0]), ALONE)
    assert found["z"].tolist() == [0.0, 0.0]


def test_nothing_before_gives_no_change() -> None:
    assert recent_change(pd.Series([3.0, 1.0]), pd.Series([0.0, 0.0]), ALONE)["z"].isna().all()


def test_neighbours_count() -> None:
    row = square_neighbourhoods(1, 3, rings=(1,)).sizes[0]
    found = recent_change(pd.Series([1.0, 2, 4]), pd.Series([1.0, 2, 4]), row)
    assert found["now"].tolist() == [3, 7, 6]


def test_where_nothing_changes_hardly_any_place_does() -> None:
    """Rates differ and months come in bursts; beyond 3 is then rare, whichever way."""
    rng, near = np.random.default_rng(3), square_neighbourhoods(20, 20)
    level = rng.gamma(0.7, 20, 400)
    beyond = 0
    for _ in range(20):
        now, before = (rng.poisson(level * rng.gamma(2, 0.5, 400)) for _ in range(2))
        z = recent_change(pd.Series(now), pd.Series(before), near.sizes[0])["z"]
        beyond += int((z.abs() > 3).sum())
    assert beyond / (20 * 400) < 0.02


@pytest.mark.parametrize(
    ("hot", "before", "z", "year_before", "word"),
    [
        (True, False, 3.1, np.nan, "new"),
        (True, True, 3.1, np.nan, "persistent"),
        (True, False, 3.0, np.nan, "persistent"),
        (True, True, -3.1, np.nan, "fading"),
        (True, False, -3.1, 0.0, "fading"),
        (True, True, -3.1, -3.1, "persistent"),  # it falls every year at this season
        (True, True, np.nan, np.nan, ""),
        (False, True, -9.0, np.nan, ""),
    ],
)
def test_the_words(hot: bool, before: bool, z: float, year_before: float, word: str) -> None:
    said = hotspot_words(*(pd.Series([x]) for x in (hot, before, z, year_before)))
    assert said.tolist() == [word]
    if np.isnan(year_before):
        assert hotspot_words(*(pd.Series([x]) for x in (hot, before, z))).tolist() == [word]


@given(st.booleans(), st.booleans(), st.floats(-50, 50))
def test_every_certified_hexagon_with_a_change_has_one_word(
    hot: bool, before: bool, z: float
) -> None:
    (word,) = hotspot_words(pd.Series([hot]), pd.Series([before]), pd.Series([z]))
    assert (word in WORDS) == hot
