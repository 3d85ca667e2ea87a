"""Residuals against sums over exact distributions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.residuals import (
    _moments,
    dispersion,
    expected_counts,
    residuals,
    strata,
)


def test_reports_are_shared_out_by_exposure() -> None:
    assert expected_counts(np.array([6.0, 0.0]), np.array([1.0, 2.0])).tolist() == [2.0, 4.0]


def test_no_more_spread_than_chance_is_no_dispersion() -> None:
    assert dispersion(np.array([4.0, 4.0]), np.array([4.0, 4.0])) == 0.0
    # ((2-4)^2 - 4 + (10-4)^2 - 4) / 32 = (0 + 32) / 32
    assert dispersion(np.array([2.0, 10.0]), np.array([4.0, 4.0])) == 1.0


@pytest.mark.parametrize("overdispersion", [0.0, 0.5, 2.0])
@pytest.mark.parametrize("mean", [0.05, 0.9, 30.0])
def test_moments_of_the_root_are_those_of_the_distribution(
    mean: float, overdispersion: float
) -> None:
    k = 1 / overdispersion if overdispersion else np.inf
    law = stats.poisson(mean) if overdispersion == 0 else stats.nbinom(k, k / (k + mean))
    counts = np.arange(int(law.ppf(1 - 1e-15)) + 50)
    first = float((law.pmf(counts) * np.sqrt(counts)).sum())
    centre, spread, _ = _moments(np.array([mean, mean * 3]), overdispersion, "root")
    assert centre[0] == pytest.approx(first, rel=2e-3)
    assert spread[0] == pytest.approx(np.sqrt(mean - first**2), rel=2e-3)


def test_equal_exposure_assumes_no_distribution() -> None:
    given_counts = np.array([0.0, 1.0, 9.0, 2.0])
    field = residuals(given_counts, np.full(4, 3.0), "count")
    assert field.value.tolist() == pytest.approx(((given_counts - 3) / np.sqrt(12.5)).tolist())
    assert field.weight.tolist() == [1.0] * 4


def test_counts_all_alike_say_nothing() -> None:
    field = residuals(np.full(5, 2.0), np.ones(5), "root")
    assert field.value.tolist() == [0.0] * 5
    assert field.skewness == 0.0


def test_a_poisson_count_weighs_by_the_root_of_its_exposure() -> None:
    # No dispersion: slope over spread is mu / sqrt(mu), so four times the exposure weighs double.
    field = residuals(np.array([1.0, 4.0]), np.array([1.0, 4.0]), "count")
    assert field.weight[1] / field.weight[0] == pytest.approx(2.0)


@given(
    st.lists(st.integers(0, 60), min_size=2, max_size=80),
    st.integers(0, 2**32 - 1),
    st.sampled_from(["count", "root"]),
)
def test_residuals_are_standard(counts: list[int], seed: int, kind: str) -> None:
    exposure = np.random.default_rng(seed).uniform(0.2, 3, len(counts))
    if not sum(counts):
        counts[0] = 1
    field = residuals(np.array(counts, dtype="float64"), exposure, kind)  # type: ignore[arg-type]
    assert field.value.mean() == pytest.approx(0, abs=1e-9)
    assert field.value.std() == pytest.approx(1, abs=1e-9) or not field.value.any()
    assert (field.weight > 0).all()


@given(st.lists(st.sampled_from([0.1, 0.5, 1.0, 1.0, 2.0, 7.5]), min_size=1, max_size=300))
def test_groups_of_like_exposure(exposure: list[float]) -> None:
    values = np.array(exposure)
    groups = strata(values)
    assert sorted(np.concatenate(groups).tolist()) == list(range(len(values)))
    assert len(groups) <= 10
    assert len(groups) == 1 or min(map(len, groups)) >= 20
    for low, high in zip(groups, groups[1:], strict=False):
        assert values[low].max() < values[high].min()
