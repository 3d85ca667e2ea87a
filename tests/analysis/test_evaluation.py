"""Did it work? Exact cases, what may be looked at, and a small simulation from a seed."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import nbinom, poisson
from statsmodels.stats.rates import confint_poisson

from analysis import evaluation as e
from analysis.coverage import MonthCover
from analysis.neighbours import hexagon_neighbourhoods
from geodata import months as m
from geodata.errors import NotEnoughDataError
from geodata.hexagons import hexagon_ids

BEFORE, DONE, AFTER = m.span("2024-01", "2024-12"), "2025-01", m.span("2025-02", "2026-01")
MONTHS = [*BEFORE, DONE, *AFTER]
WHEN = e.Periods(tuple(BEFORE), tuple(AFTER), DONE)


def grid(side: int = 12) -> pd.Index:
    q, row = np.meshgrid(np.arange(side), np.arange(side))
    return pd.Index(hexagon_ids(q.ravel(), (row - q // 2).ravel(), 200))


NAMES = grid()
MIDDLE = "h200_6_3"


def flat(level: float = 5, **places: list[float]) -> pd.DataFrame:
    """The same count everywhere and always, but for some places."""
    frame = pd.DataFrame(float(level), NAMES, MONTHS)
    # A little chance, or the model has nothing to learn from.
    frame += np.random.default_rng(1).poisson(1, frame.shape)
    for name, row in places.items():
        frame.loc[name] = row
    return frame


def test_the_month_it_was_done_is_in_neither_period() -> None:
    cover = MonthCover(tuple(x for x in m.span("2024-01", "2026-06") if x != "2024-10"), ())
    found = e.periods(cover, "2025-01", "2026-06")
    assert (len(found.before), found.before[-1]) == (11, "2024-12")
    assert (found.after[0], found.after[-1], len(found.after)) == ("2025-02", "2026-01", 12)
    short = e.periods(cover, "2025-01", "2025-05", length=8)
    assert short.after == ("2025-02", "2025-03", "2025-04", "2025-05")
    assert short.before[0] == "2024-05"


@pytest.mark.parametrize("done", ["2024-06", "2026-04"])
def test_too_few_months_are_said(done: str) -> None:
    with pytest.raises(NotEnoughDataError, match="6 whole months before and 3 after"):
        e.periods(MonthCover(tuple(m.span("2024-01", "2026-06")), ()), done, "2026-06")


def test_nothing_happened_is_no_sign_either_way() -> None:
    found = e.evaluate(flat(), [MIDDLE], WHEN)
    assert found.verdict == "no_sign"
    assert found.here.change.low < 0 < found.here.change.high
    assert found.here.expected == pytest.approx(72, rel=0.1)
    assert found.here.observed == flat().loc[MIDDLE, AFTER].sum()


def test_each_verdict_is_given_where_it_is_due() -> None:
    quiet = flat()
    quiet.loc[MIDDLE, AFTER] = 0
    found = e.evaluate(quiet, [MIDDLE], WHEN)
    assert found.verdict == "fewer"
    assert found.here.change.value == pytest.approx(-72, rel=0.1)
    moved = quiet.copy()
    moved.loc[list(found.ring), AFTER] += 2
    again = e.evaluate(moved, [MIDDLE], WHEN)
    assert again.verdict == "moved"
    assert again.together.change.value > 0
    loud = flat()
    loud.loc[MIDDLE, AFTER] *= 4
    assert e.evaluate(loud, [MIDDLE], WHEN).verdict == "more"


def test_the_groups_never_touch() -> None:
    avoid = ["h200_1_9", "h200_2_9"]
    found = e.evaluate(flat(), [MIDDLE], WHEN, avoid=avoid)
    groups = [found.places, found.ring, tuple(found.matched.table["place"]), found.ring_compared]
    everything = [name for group in groups for name in group]
    assert len(everything) == len(set(everything))
    assert not set(avoid) & set(everything)
    assert len(found.ring) == 6
    assert found.counts["hexagons"].tolist() == [len(group) for group in groups]


def test_matching_does_not_look_at_what_came_after() -> None:
    one = flat()
    other = one.copy()
    other[AFTER] = np.random.default_rng(2).poisson(9, (len(NAMES), len(AFTER)))
    matched = [e.evaluate(x, [MIDDLE], WHEN).matched.table for x in (one, other)]
    pd.testing.assert_frame_equal(*matched)


def test_the_order_of_hexagons_changes_nothing() -> None:
    rng = np.random.default_rng(4)
    counts = flat(2, **{MIDDLE: [9.0] * len(MONTHS)})
    shuffled = counts.iloc[rng.permutation(len(counts))]
    one, other = (e.evaluate(x, [MIDDLE], WHEN) for x in (counts, shuffled))
    assert one.here.change.low == pytest.approx(other.here.change.low)
    assert one.together.change.high == pytest.approx(other.together.change.high)


def test_a_lucky_count_is_brought_back_and_a_poor_one_up() -> None:
    rng = np.random.default_rng(3)
    rates = rng.gamma(2, 1, (len(NAMES), 1))
    counts = pd.DataFrame(rng.poisson(rates, (len(NAMES), len(MONTHS))), NAMES, MONTHS)
    year = counts[BEFORE].sum(axis=1)
    most, least = (e.evaluate(counts, [name], WHEN).here for name in (year.idxmax(), year.idxmin()))
    assert most.likely < most.before
    assert least.likely > least.before


def test_with_a_known_expectation_the_range_is_the_exact_mid_p_interval() -> None:
    """Poisson, 17 seen: Garwood's equations with half of P(17) in either tail."""
    found = e._difference(17.0, 1.0, 20.0, 0.0)
    for edge, tail in ((found.low, 0.975), (found.high, 0.025)):
        assert poisson.cdf(16, edge + 20) + poisson.pmf(17, edge + 20) / 2 == pytest.approx(tail)
    low, high = confint_poisson(17, 1, method="midp-c")
    assert (found.low, found.high) == pytest.approx((low - 20, high - 20), abs=0.05)
    assert e._difference(0.0, 1.0, 3.0, 0.0).low == -3.0


def test_with_more_than_chance_the_range_is_that_of_a_negative_binomial_count() -> None:
    found = e._difference(17.0, 1.5, 20.0, 30.0)
    for edge, tail in ((found.low, 0.975), (found.high, 0.025)):
        mean = edge + 20
        variance = 1.5 * mean + 30
        kind = nbinom(mean**2 / (variance - mean), mean / variance)
        assert kind.cdf(16) + kind.pmf(17) / 2 == pytest.approx(tail)
    wider = e._difference(17.0, 1.5, 20.0, 60.0)
    assert wider.low < found.low < found.high < wider.high


def test_neighbours_that_move_together_widen_the_range_of_all_of_them_not_of_one() -> None:
    """Spells that seven hexagons share, and the same spells dealt out to hexagons far apart."""
    rng = np.random.default_rng(5)
    near = hexagon_neighbourhoods(NAMES, rings=(1,)).sizes[0].toarray()
    spells = near @ rng.normal(0, 0.2, (len(NAMES), 2))
    rates = 20 * np.exp(np.repeat(spells, [13, 12], axis=1))
    counts = rng.poisson(rates)
    alone = counts[rng.permutation(len(NAMES))]
    one, other = (
        e.evaluate(pd.DataFrame(x, NAMES, MONTHS), [MIDDLE], WHEN) for x in (counts, alone)
    )
    share = [x.together.smallest_share / x.here.smallest_share for x in (one, other)]
    assert share[0] > 1.4 * share[1]


def test_faults_are_said() -> None:
    with pytest.raises(ValueError, match="not among"):
        e.evaluate(flat(), ["h200_99_99"], WHEN)
    few = flat().loc[[x for x in NAMES if x.split("_")[1] in "678"]]
    with pytest.raises(NotEnoughDataError, match="20 places"):
        e.evaluate(few, [MIDDLE], WHEN)
    with pytest.raises(NotEnoughDataError, match="no reports"):
        e.evaluate(flat() * 0, [MIDDLE], WHEN)


def test_places_picked_for_being_busy_are_seldom_credited_with_falling_back() -> None:
    """40 boroughs in which nothing is done, 4 of the 10 busiest places of each.

    benchmarks/before_after.py does the same at length; here the share may be up to .05 and the
    coverage .9 at least, which true shares of .02 and .95 miss less than once in a thousand runs.
    """
    rng = np.random.default_rng(2026)
    worked, held = [], []
    for _ in range(40):
        rates = rng.gamma(1, 43 / 12, (len(NAMES), 1)) * np.ones((1, len(MONTHS)))
        rates = rates * np.exp(0.05 * np.cumsum(rng.normal(size=rates.shape), axis=1))
        counts = pd.DataFrame(rng.poisson(rng.gamma(2 * rates) / 2), NAMES, MONTHS)
        busiest = counts[BEFORE].sum(axis=1).nlargest(10).index
        for name in rng.choice(busiest, 4, replace=False):
            found = e.evaluate(counts, [name], WHEN)
            worked.append(found.verdict == "fewer")
            held.append(found.here.change.low <= 0 <= found.here.change.high)
    assert np.mean(worked) <= 0.05
    assert np.mean(held) >= 0.9


def test_the_smallest_fall_that_shows_is_no_more_than_everything() -> None:
    found = e.evaluate(flat(0), [MIDDLE], WHEN)
    assert found.here.smallest_share <= 1
    assert math.isfinite(found.here.smallest)
