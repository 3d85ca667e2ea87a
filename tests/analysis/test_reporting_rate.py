"""The rate at which people report, told apart from how much happens, in planted worlds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import poisson

from analysis.reporting_rate import ratio, reporting_rates


def world(rng: np.random.Generator, **groups: tuple[int, float, float]) -> pd.DataFrame:
    """Events of each group: how many, how often each is reported again in 28 days, how unevenly."""
    parts = []
    for name, (events, rate, uneven) in groups.items():
        own = rng.gamma(1 / uneven, rate * uneven, events) if uneven else np.full(events, rate)
        parts.append(pd.DataFrame({"group": name, "repeats": rng.poisson(own), "days": 28.0}))
    return pd.concat(parts, ignore_index=True)


def test_a_planted_threefold_ratio_is_found_however_much_happens() -> None:
    """The silent place has twice the events and a third of the reporting: counts would mislead."""
    rng = np.random.default_rng(5)
    rates = reporting_rates(world(rng, ready=(600, 0.9, 0.0), silent=(1200, 0.3, 0.0)))
    found = ratio(rates, "ready", "silent")
    assert found is not None
    assert found.ratio == pytest.approx(3, rel=0.25)
    assert found.low < 3 < found.high


@pytest.mark.parametrize("uneven", [0.0, 1.0])
def test_the_interval_of_the_ratio_holds_the_planted_one(uneven: float) -> None:
    rng, held, near = np.random.default_rng(8), 0, 0
    for _ in range(200):
        made = world(rng, ready=(300, 0.9, uneven), silent=(300, 0.3, uneven))
        found = ratio(reporting_rates(made), "ready", "silent")
        assert found is not None
        held += found.low <= 3 <= found.high
        near += abs(found.ratio - 3) <= 0.75
    assert 0.9 <= held / 200 <= 1
    assert near / 200 >= 0.9


def test_a_rate_and_its_interval_by_hand() -> None:
    events = pd.DataFrame({"group": "a", "repeats": [1] * 30, "days": 14.0})
    row = reporting_rates(events).loc["a"]
    assert row["rate"] == 2.0  # 30 repeats in 30 times half of 28 days
    # Garwood's limits of a count of 30: the counts at which 30 lies at the 2.5 % of either tail.
    for limit, tail in ((row["low"], poisson.sf(29, row["low"] * 15)), (row["high"], None)):
        assert tail is None or tail == pytest.approx(0.025, abs=1e-6)
        assert limit > 0
    assert poisson.cdf(30, row["high"] * 15) == pytest.approx(0.025, abs=1e-6)


def test_few_events_or_repeats_give_no_rate() -> None:
    few = pd.DataFrame({"group": "a", "repeats": [1] * 15, "days": 28.0})
    still = pd.DataFrame({"group": "b", "repeats": [0] * 100, "days": 28.0})
    rates = reporting_rates(pd.concat([few, still]))
    assert rates["rate"].isna().all()
    assert rates["events"].tolist() == [15, 100]
    assert ratio(rates, "a", "b") is None
    with pytest.raises(ValueError, match="some time"):
        reporting_rates(few.assign(days=0.0))
