"""Funnel limits against exact Poisson chances and scipy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.funnel import funnel, overdispersion, poisson_limit
from analysis.smoothing import empirical_bayes
from geodata.errors import NotEnoughDataError


def test_a_limit_by_hand() -> None:
    # Poisson of mean 1: P(<=2) = .919699, P(<=3) = .981012. The 97.5 % point lies between them:
    # 3 - (.981012 - .975) / (.981012 - .919699) = 2.90195.
    assert poisson_limit(np.array([1.0]), 0.975)[0] == pytest.approx(2.90195, abs=1e-5)
    # P(0) = .3679 is already over 2.5 %: 0 - (.3679 - .025) / .3679 is below 0.
    assert poisson_limit(np.array([1.0]), 0.025)[0] == 0.0


@given(st.floats(0.01, 5000), st.sampled_from([0.001, 0.025, 0.5, 0.975, 0.999]))
def test_a_limit_lies_within_one_of_the_exact_one(mean: float, chance: float) -> None:
    whole = stats.poisson.ppf(chance, mean)
    limit = poisson_limit(np.array([mean]), chance)[0]
    assert max(whole - 1, 0) - 1e-9 <= limit <= whole + 1e-9


@given(st.sampled_from([0.001, 0.025, 0.975, 0.999]))
def test_limits_rise_smoothly_with_what_is_expected(chance: float) -> None:
    limits = poisson_limit(np.linspace(0.1, 60, 1500), chance)
    assert (np.diff(limits) >= -1e-9).all()
    assert np.diff(limits).max() < 0.5  # without interpolation it jumps by a whole count


def test_overdispersion_by_hand_and_without_extremes() -> None:
    # z = 2 (2 - 3) = -2 and 2 (4 - 3) = 2: mean square 4, over .6787 for the winsorising.
    assert overdispersion(np.array([4.0, 16.0] * 5), np.full(10, 9.0)) == pytest.approx(5.894, 1e-3)
    # One of twenty moves the tenth at the top hardly at all.
    calm = np.array([9.0] * 19 + [900.0])
    assert overdispersion(calm, np.full(20, 9.0)) == 1.0


def test_chance_alone_is_seldom_called_overdispersion() -> None:
    rng = np.random.default_rng(1)
    called = sum(
        overdispersion(rng.poisson(40, 20).astype("float64"), np.full(20, 40.0)) > 1
        for _ in range(400)
    )
    assert called <= 35  # 5 % of 400 is 20; more than 35 has a chance under 1 in 1,000


def test_wards_that_differ_by_chance_alone_seldom_stand_out() -> None:
    rng = np.random.default_rng(2)
    area = pd.Series(np.linspace(0.5, 3, 20))
    outside = [
        (funnel(pd.Series(rng.poisson(60 * area)), area).table["stands_out"] != "").mean()
        for _ in range(80)
    ]
    assert np.mean(outside) < 0.004  # nominal 0.002


def test_wards_as_uneven_as_real_ones_do_not_all_stand_out() -> None:
    rng = np.random.default_rng(3)
    area = pd.Series(rng.uniform(0.5, 2, 20))
    results = [funnel(pd.Series(rng.poisson(rng.gamma(4, 150 * area))), area) for _ in range(50)]
    assert min(result.overdispersion for result in results) > 20
    outside = np.mean([(result.table["stands_out"] != "").mean() for result in results])
    assert outside < 0.04


def test_the_winsorised_spread_is_that_of_all() -> None:
    rng = np.random.default_rng(6)
    expected = np.full(4_000, 400.0)
    events = np.square(20 + rng.normal(0, 1.5, 4_000))
    assert overdispersion(events, expected) == pytest.approx(9.0, rel=0.05)


def test_one_ward_of_many_stands_out_and_the_words_say_so() -> None:
    rng = np.random.default_rng(4)
    area = pd.Series([1.0] * 20)
    events = pd.Series(rng.poisson(100, 20))
    events.iloc[7] = 220
    result = funnel(events, area)
    assert result.table.index[result.table["stands_out"] == "higher"].tolist() == [7]
    assert result.sentence().startswith("1 of the 20 places differs")
    assert "None of the 20" in funnel(pd.Series([100] * 20), area).sentence()


def test_columns_agree_with_their_parts() -> None:
    events, residents = pd.Series([5, 9, 30, 2, 14]), pd.Series([100.0, 150, 400, 90, 260])
    result = funnel(events, residents)
    table = result.table
    assert result.rate == pytest.approx(60 / 1000)
    assert table["rate"].tolist() == (events / residents).tolist()
    assert table["shrunk"].tolist() == empirical_bayes(events.astype(float), residents).tolist()
    assert (table["low998"] <= table["low95"]).all()
    assert (table["low95"] <= result.rate).all()
    assert (table["high95"] <= table["high998"]).all()
    assert (table["high95"] >= result.rate).all()


def test_the_funnel_narrows_with_exposure() -> None:
    residents = pd.Series([100.0, 1_000, 10_000, 100_000, 1_000_000])
    table = funnel((residents / 10).astype(int), residents).table
    assert table["high95"].is_monotonic_decreasing
    assert table["low95"].is_monotonic_increasing


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(NotEnoughDataError, match="at least 5"):
        funnel(pd.Series([1, 2]), pd.Series([1, 1]))
    with pytest.raises(NotEnoughDataError, match="0 reports"):
        funnel(pd.Series([0] * 6), pd.Series([1] * 6))
    for events, exposure in (
        ([-1.0] * 6, [1.0] * 6),
        ([1.5] * 6, [1.0] * 6),
        ([1.0] * 6, [0.0] * 6),
    ):
        with pytest.raises(ValueError, match="whole and not negative"):
            funnel(pd.Series(events), pd.Series(exposure))
