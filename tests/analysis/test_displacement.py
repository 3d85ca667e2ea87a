"""WDD and WDQ: published vectors, and a second way to the same numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.genmod import families
from statsmodels.genmod.generalized_linear_model import GLM

from analysis.displacement import Pair, wdd, wdq

counts = st.integers(0, 400)
pairs = st.builds(Pair, counts, counts)


def test_the_vector_with_surroundings() -> None:
    found = wdd(Pair(207, 110), Pair(308, 318), Pair(178, 157), Pair(150, 140))
    assert found.value == -118
    assert found.se == pytest.approx(39.598, abs=5e-4)
    assert found.z == pytest.approx(-2.98, abs=5e-3)
    assert (found.low, found.high) == pytest.approx((-195.6, -40.4), abs=0.05)


def test_the_vector_with_weights_of_area() -> None:
    found = wdd(
        Pair(207, 110), Pair(308, 318), Pair(178, 157), Pair(150, 140),
        area_weights=(1.2, 0.9, 1.5, 1.6),
    )  # fmt: skip
    assert (found.value, found.se) == pytest.approx((-99.694, 35.428), abs=5e-4)


def test_the_vector_with_weights_of_time() -> None:
    found = wdd(Pair(80, 20), Pair(100, 50), time_weights=Pair(2, 1))
    assert (found.value, found.se) == pytest.approx((-20, 10.724), abs=5e-4)


@given(pairs, pairs, pairs, pairs, st.floats(1, 5))
def test_swapping_before_and_after_turns_the_sign_and_scatter_widens(
    t: Pair, c: Pair, d: Pair, dc: Pair, scatter: float
) -> None:
    found = wdd(t, c, d, dc, dispersion=scatter)
    back = wdd(*(Pair(x.after, x.before) for x in (t, c, d, dc)), dispersion=scatter)
    assert back.value == -found.value
    assert found.se == pytest.approx(math.sqrt(scatter * sum(map(sum, (t, c, d, dc)))))


@pytest.mark.filterwarnings("ignore:The Identity link")
def test_a_poisson_regression_gives_the_same_difference_and_error() -> None:
    """Each of eight counts as two halves with half the mean, and the contrast of the WDD."""
    eight = np.array([207, 110, 308, 318, 178, 157, 150, 140], dtype="float64")
    halves = np.concatenate([np.floor(eight / 2) + 3, eight - np.floor(eight / 2) - 3])
    signs = np.array([-1, 1, 1, -1, -1, 1, 1, -1])
    family = families.Poisson(link=families.links.Identity())
    fitted = GLM(halves, np.vstack([np.eye(8) / 2] * 2), family=family).fit()
    test = fitted.t_test(signs)
    found = wdd(Pair(207, 110), Pair(308, 318), Pair(178, 157), Pair(150, 140))
    assert float(test.effect[0]) == pytest.approx(found.value)
    assert float(test.sd[0, 0]) == pytest.approx(found.se)


@pytest.mark.parametrize(
    ("treated", "near", "control", "quotient", "total"),
    [
        (Pair(100, 50), Pair(100, 150), Pair(100, 100), -1, 0),
        (Pair(207, 110), Pair(178, 157), Pair(308, 318), 0.2582, 130.5),
    ],
)
def test_the_vectors_of_the_quotient(
    treated: Pair, near: Pair, control: Pair, quotient: float, total: float
) -> None:
    found = wdq(treated, near, control)
    assert found.wdq == pytest.approx(quotient, abs=5e-5)
    assert found.total_net == pytest.approx(total, abs=0.05)


def test_the_quotient_is_said_only_where_the_place_fell() -> None:
    found = wdq(Pair(50, 60), Pair(10, 10), Pair(100, 100))
    assert math.isnan(found.wdq)
    assert (found.gross, found.net) == (-10, pytest.approx(-0.1))
    assert (found.low, found.high) == (-math.inf, math.inf)


def test_an_uncertain_fall_leaves_the_quotient_open() -> None:
    found = wdq(Pair(10, 9), Pair(100, 100), Pair(100, 100))
    assert found.wdq == pytest.approx(0)
    assert (found.low, found.high) == (-math.inf, math.inf)


def test_fieller_holds_the_true_quotient_nineteen_times_in_twenty() -> None:
    """Counts drawn anew round a known quotient; 3 standard errors of 1,000 trials is .02."""
    rng = np.random.default_rng(5)
    means = [(600.0, 300.0), (400.0, 350.0), (900.0, 900.0)]
    true = wdq(*(Pair(*x) for x in means)).wdq
    held = 0
    for _ in range(1000):
        drawn = [Pair(*map(float, rng.poisson(x))) for x in means]
        found = wdq(*drawn)
        held += found.low <= true <= found.high
    assert held / 1000 == pytest.approx(0.95, abs=0.02)


def test_a_comparison_without_reports_has_no_quotient() -> None:
    with pytest.raises(ValueError, match="both before and after"):
        wdq(Pair(5, 1), Pair(1, 1), Pair(3, 0))
