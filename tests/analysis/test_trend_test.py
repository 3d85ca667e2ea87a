"""Mann-Kendall against a golden value, scipy's tau and pymannkendall."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.trend_test import mann_kendall

SERIES = st.lists(st.integers(-4, 4), min_size=4, max_size=20)


def test_golden_value() -> None:
    # Falls: 6, 7 and 8 stand before 3, 4 and 5 (nine), 10 before 5 and 9 (two). So 34 rises and
    # 11 falls: S = 23, Var = 10 * 9 * 25 / 18 = 125, z = 22 / sqrt(125), tau = 23 / 45.
    result = mann_kendall(np.array([[1, 2, 6, 7, 8, 3, 4, 10, 5, 9.0]]))
    assert result.s[0] == 23.0
    assert result.variance[0] == 125.0
    assert result.z[0] == pytest.approx(1.9677, abs=5e-5)
    assert result.p[0] == pytest.approx(0.0491, abs=5e-5)
    assert result.tau[0] == pytest.approx(0.5111, abs=5e-5)


def test_ties_by_hand() -> None:
    # 1 1 2 2 2: six rises. Var = (5*4*15 - 2*1*9 - 3*2*11) / 18 = (300 - 18 - 66) / 18 = 12.
    result = mann_kendall(np.array([[1.0, 1, 2, 2, 2]]))
    assert (result.s[0], result.variance[0]) == (6.0, 12.0)
    assert result.z[0] == pytest.approx(5 / np.sqrt(12))


def test_a_flat_series_and_a_single_value_have_no_trend() -> None:
    assert mann_kendall(np.full((1, 6), 3.0)).p.tolist() == [1.0]
    assert mann_kendall(np.array([[7.0]])).z.tolist() == [0.0]


@given(SERIES)
def test_scipy_counts_the_same_pairs(values: list[int]) -> None:
    ours = mann_kendall(np.array([values], dtype="float64"))
    theirs = stats.somersd(np.arange(len(values)), values).statistic if len(set(values)) > 1 else 0
    assert ours.tau[0] == pytest.approx(theirs, abs=1e-12)


@given(SERIES)
def test_pymannkendall_agrees(values: list[int]) -> None:
    pmk = pytest.importorskip("pymannkendall", reason="pymannkendall is not installed")
    ours = mann_kendall(np.array([values], dtype="float64"))
    if len(set(values)) == 1:
        return
    theirs = pmk.original_test(values)
    assert (ours.s[0], ours.variance[0]) == (theirs.s, pytest.approx(theirs.var_s))
    assert (ours.z[0], ours.p[0]) == (pytest.approx(theirs.z), pytest.approx(theirs.p))


@given(SERIES)
def test_turning_the_series_round_turns_the_trend_round(values: list[int]) -> None:
    x = np.array([values], dtype="float64")
    there, back = mann_kendall(x), mann_kendall(x[:, ::-1])
    assert back.z.tolist() == (-there.z).tolist()
    assert mann_kendall(3 * x + 1).z.tolist() == there.z.tolist()


def test_rows_are_tested_one_by_one() -> None:
    x = np.random.default_rng(1).integers(0, 4, (30, 9)).astype("float64")
    assert mann_kendall(x).z.tolist() == [float(mann_kendall(row[None]).z[0]) for row in x]


def test_a_gap_is_refused() -> None:
    with pytest.raises(ValueError, match="missing"):
        mann_kendall(np.array([[1.0, np.nan, 2.0]]))
