"""Concentration against hand-made maps and the exact Gini of Poisson counts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.concentration import concentration, gini, lorenz, poisson_gini

COUNTS = st.lists(st.integers(0, 30), min_size=1, max_size=60)


def test_gini_by_hand() -> None:
    # All in one of n places: 1 - 1/n. 1, 3: mean difference 1 over twice the mean 2 -> 1/4.
    assert gini(np.array([0, 0, 0, 0, 5])).tolist() == pytest.approx([0.8])
    assert gini(np.array([[1, 3], [2, 2]])).tolist() == pytest.approx([0.25, 0.0])
    assert np.isnan(gini(np.zeros(4))).all()


@given(COUNTS)
def test_gini_is_half_the_mean_difference_over_the_mean(counts: list[int]) -> None:
    x = np.array(counts, dtype="float64")
    if x.sum():
        apart = np.abs(x[:, None] - x).mean()
        assert gini(x)[0] == pytest.approx(apart / 2 / x.mean(), abs=1e-12)


def test_poisson_gini_is_that_of_the_distribution() -> None:
    # e^-2 (I0(2) + I1(2)) = 0.1353353 * (2.2795853 + 1.5906369)
    assert poisson_gini(1.0) == pytest.approx(0.1353353 * 3.8702222, abs=1e-6)
    chances = np.array([np.exp(-0.3) * 0.3**k / np.prod(np.arange(1.0, k + 1)) for k in range(25)])
    apart = np.abs(np.arange(25)[:, None] - np.arange(25))
    assert poisson_gini(0.3) == pytest.approx(chances @ apart @ chances / 2 / 0.3, abs=1e-12)


@pytest.mark.parametrize("mean", [0.2, 2.0, 20.0])
def test_chance_alone_comes_to_the_poisson_gini(mean: float) -> None:
    counts = pd.Series(np.random.default_rng(1).poisson(mean, 2000))
    result = concentration(counts, seed=2, draws=99)
    assert result.chance == pytest.approx(poisson_gini(mean), rel=0.03)
    assert result.chance_low <= result.chance <= result.chance_high


def test_reports_at_random_are_seldom_called_concentrated() -> None:
    rng = np.random.default_rng(3)
    called = sum(
        concentration(pd.Series(rng.poisson(0.4, 150)), seed=i, draws=199).is_beyond_chance
        for i in range(100)
    )
    assert called <= 8  # 2.5 % of 100 is 2.5; 9 or more has a chance of about 1 in 1,000


def test_sparse_counts_look_concentrated_and_are_not() -> None:
    result = concentration(pd.Series([1] * 20 + [0] * 180), seed=1)
    assert result.gini == pytest.approx(0.9)
    assert not result.is_beyond_chance
    assert "no more than chance alone could give" in result.sentence()


def test_exposure_explains_what_it_explains() -> None:
    street = pd.Series([10.0] * 20 + [1.0] * 180)
    counts = pd.Series(np.random.default_rng(5).poisson(3 * street))
    assert concentration(counts, seed=1).is_beyond_chance
    assert not concentration(counts, seed=1, exposure=street).is_beyond_chance


def test_the_busiest_places() -> None:
    top = concentration(pd.Series([50, 30, 10, 10] + [0] * 16), seed=1).top.set_index(
        "places_share"
    )["reports_share"]
    assert top.tolist() == pytest.approx([0.2 * 0.5, 0.5, 0.8, 1.0])


@given(COUNTS, st.randoms())
def test_order_of_places_changes_nothing(counts: list[int], random: object) -> None:
    mixed = list(counts)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    one, two = (concentration(pd.Series(c), seed=1, draws=9) for c in (counts, mixed))
    assert one.gini == two.gini or np.isnan(one.gini)
    pd.testing.assert_frame_equal(one.top, two.top)


@given(COUNTS)
def test_the_curve_rises_ever_more_slowly(counts: list[int]) -> None:
    curve = lorenz(pd.Series(counts), seed=1, draws=9)
    if not sum(counts):
        assert curve["reports_share"].isna().all()
        return
    for column in ("reports_share", "chance_share"):
        assert curve[column].iloc[[0, -1]].tolist() == pytest.approx([0, 1])
        steps = curve[column].diff().dropna()
        assert (steps >= -1e-12).all()
        assert (steps.diff().dropna() <= 1e-9).all()


@pytest.mark.parametrize("bad", [-1.0, 0.5, np.nan])
def test_impossible_counts_are_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="whole and not negative"):
        concentration(pd.Series([1.0, bad]), seed=1)


def test_no_reports_say_nothing() -> None:
    result = concentration(pd.Series([0, 0, 0]), seed=1)
    assert np.isnan(result.gini)
    assert not result.is_beyond_chance
    assert "no reports" in result.sentence()


def test_impossible_exposures_are_refused() -> None:
    for bad in ([0.0, 0.0], [-1.0, 1.0], [np.nan, 1.0]):
        with pytest.raises(ValueError, match="exposures"):
            concentration(pd.Series([1, 2]), seed=1, exposure=pd.Series(bad))
