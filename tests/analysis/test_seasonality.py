"""Seasonal indices against planted seasons and statsmodels."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.seasonality import seasonal_index
from geodata import months as m
from geodata.errors import NotEnoughDataError


def _counts(values: np.ndarray | list[float], first: str = "2023-01") -> pd.Series:
    return pd.Series(values, index=m.span(first, m.shift(first, len(values) - 1)))


def test_a_planted_season_comes_back_exactly() -> None:
    season = np.array([0.5, 0.7, 0.9, 1, 1.1, 1.3, 1.6, 1.5, 1.1, 0.9, 0.8, 0.6])
    table = seasonal_index(_counts(np.tile(100 * season / season.mean(), 3)))
    assert table["index"].tolist() == pytest.approx((season / season.mean()).tolist())
    assert table["years"].tolist() == [2] * 12
    assert (table["lowest"] - table["highest"]).abs().max() < 1e-12


def test_a_level_that_rises_is_not_a_season() -> None:
    index = seasonal_index(_counts(np.arange(100, 148)))["index"]
    assert (index - 1).abs().max() < 0.01


def test_statsmodels_agrees() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seasonal = pytest.importorskip(
            "statsmodels.tsa.seasonal", reason="statsmodels is not installed"
        )
        counts = _counts(np.random.default_rng(1).poisson(60, 40))
        theirs = seasonal.seasonal_decompose(
            counts.to_numpy(dtype="float64"), model="multiplicative", period=12
        ).seasonal[:12]
    assert seasonal_index(counts)["index"].tolist() == pytest.approx(theirs.tolist())


@given(st.lists(st.integers(1, 200), min_size=24, max_size=50), st.integers(0, 11))
@settings(max_examples=25)
def test_indices_average_one_and_do_not_depend_on_level(values: list[int], late: int) -> None:
    counts = _counts(np.array(values, dtype="float64"), m.shift("2020-01", late))
    table = seasonal_index(counts)
    assert table.index.tolist() == list(range(1, 13))
    assert table["index"].mean() == pytest.approx(1)
    assert (table["lowest"] <= table["index"] + 1e-12).all()
    assert (table["highest"] >= table["index"] - 1e-12).all()
    twice = seasonal_index(counts * 2)
    assert twice["index"].tolist() == pytest.approx(table["index"].tolist())


def test_a_missing_month_takes_its_years_out_and_no_more() -> None:
    counts = _counts(np.tile(np.arange(10.0, 22.0), 5))
    gap = counts.copy()
    gap["2025-06"] = np.nan
    table = seasonal_index(gap)
    assert table["years"].sum() == 48 - 13
    assert table["index"].tolist() == pytest.approx(seasonal_index(counts)["index"].tolist())


def test_less_than_two_years_is_declined() -> None:
    with pytest.raises(NotEnoughDataError, match="24 months in a row"):
        seasonal_index(_counts([5.0] * 23))
    with pytest.raises(NotEnoughDataError):
        seasonal_index(pd.Series([], index=pd.Index([], dtype="str"), dtype="float64"))


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        seasonal_index(_counts([-1.0] * 24))
