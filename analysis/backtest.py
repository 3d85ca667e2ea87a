"""How a list of places, as it was then, would have done over the months that followed.

For every past month from which enough was known (an origin), places are ranked by what the data
said up to and including that month, and the reports of the following months are counted in the
places that come first. Beside each list stand the plain count of 12 months, the last month, and
chance: a list that does not beat the plain count is no forecast.

Coordinates play no part here; areas are square kilometres, streets kilometres.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.coverage import MonthCover
from analysis.evidence import report_evidence
from analysis.score import ScoreWeights, can_rank, score_totals
from geodata import months as m

Floats = npt.NDArray[np.float64]
Ranker = Callable[[pd.DataFrame, MonthCover, str], pd.Series]
"""Takes counts (places by months), the months that data cover and the origin, and gives a number a
place: the higher, the earlier it comes. It is only ever shown months up to the origin."""

HISTORY_MONTHS = 12
SHORT_HISTORY_MONTHS = 6
"""Where the stored months do not reach for a year before and the horizon after, lists made from
this many months are tested instead, and that is said."""
HALF_LIFE_MONTHS = 9.0
DRAWS = 2000
LEAST_BLOCKS = 4
"""Separate periods needed for an interval: fewer say nothing about how periods differ."""
COUNT = "count_12"
CHANCE = "chance"

COLUMNS = (
    *("coverage", "method", "label", "periods", "reports", "hit_rate", "hit_low", "hit_high"),
    *("pai", "pai_low", "pai_high", "pai_street", "pei", "pei_low", "pei_high"),
    *("difference", "difference_low", "difference_high", "verdict"),
)


@dataclass(frozen=True)
class Method:
    """One way of putting places in order.

    Attributes
    ----------
    code, label : str
        Name for machines, name for people.
    rank : Ranker
        Gives the numbers to order by.
    """

    code: str
    label: str
    rank: Ranker


def count_12(matrix: pd.DataFrame, _cover: MonthCover, origin: str) -> pd.Series:
    """Count the reports of the 12 months that end with the origin.

    Examples
    --------
    >>> counts = pd.DataFrame([[9, 1, 2]], columns=["2025-01", "2025-02", "2026-01"])
    >>> count_12(counts, MonthCover(tuple(counts.columns), ()), "2026-01").tolist()
    [3.0]
    """
    year = set(m.window(origin, HISTORY_MONTHS))
    return matrix[[x for x in matrix if x in year]].sum(axis=1).astype("float64")


def last_month(matrix: pd.DataFrame, _cover: MonthCover, _origin: str) -> pd.Series:
    """Count the reports of the newest month."""
    return matrix.iloc[:, -1].astype("float64")


def recent_weighted(matrix: pd.DataFrame, _cover: MonthCover, origin: str) -> pd.Series:
    r"""Count all months, each weighing half as much as one nine months later.

    .. math:: \sum_t y_t \, 2^{-(T - t) / 9}

    with T the origin. Nine months were chosen on the first 18 months of Newham; see
    docs/method_backtest.md for how it did on data not used to choose it.

    Examples
    --------
    >>> counts = pd.DataFrame([[8, 1]], columns=["2025-04", "2026-01"])
    >>> recent_weighted(counts, MonthCover(tuple(counts.columns), ()), "2026-01").tolist()
    [5.0]
    """
    age = np.array([m.number(origin) - m.number(str(x)) for x in matrix], dtype="float64")
    return pd.Series(matrix.to_numpy() @ 0.5 ** (age / HALF_LIFE_MONTHS), matrix.index)


def by_score(weights: ScoreWeights) -> Ranker:
    """Give the ranker that orders places by the score, from reports alone."""

    def rank(matrix: pd.DataFrame, cover: MonthCover, origin: str) -> pd.Series:
        evidence = report_evidence(matrix, cover, origin).table()
        # Rounded as the rank is, so that the order of a sum cannot break a tie.
        return score_totals(evidence, weights).round(9)

    return rank


def methods(weights: ScoreWeights | None) -> tuple[Method, ...]:
    """List what is compared: the score where reports alone can rank, and the plain counts."""
    plain = (
        Method(COUNT, "Plain count of 12 months", count_12),
        Method("recent_weighted", "All months, recent ones weighing more", recent_weighted),
        Method("last_month", "The last month alone", last_month),
    )
    if weights is None or not can_rank(weights, "reports_only"):
        return plain
    return (Method("score", "This list: the score", by_score(weights)), *plain)


def taken(
    score: Floats, area: Floats, coverage: float, *, worst_for: Floats | None = None
) -> Floats:
    """Say how much of each place is taken when the first ones add up to a share of the area.

    Parameters
    ----------
    score : numpy.ndarray
        Higher comes first; NaN comes last.
    area : numpy.ndarray
        Area of each place, positive.
    coverage : float
        Share of the whole area to take, above 0 to 1.
    worst_for : numpy.ndarray, optional
        What will be counted. Places with equal scores then come in the order that counts least
        first (the worst case); without it they share alike what is left of the area, which is what
        a tie broken by lot gives on average and favours no list for having few ties.

    Returns
    -------
    numpy.ndarray
        0 to 1 a place; the last place is taken in part, so every list covers the very same area.

    Examples
    --------
    >>> taken(np.array([5.0, 2.0, 2.0]), np.ones(3), 2 / 3).tolist()
    [1.0, 0.5, 0.5]
    """
    key = np.nan_to_num(-score, nan=np.inf)
    if worst_for is None:
        _, group = np.unique(key, return_inverse=True)
    else:
        order = np.lexsort((worst_for / area, key))
        group = np.empty(len(key), dtype="int64")
        group[order] = np.arange(len(key))
    held = np.bincount(group, weights=area)
    before = np.concatenate([[0.0], np.cumsum(held)[:-1]])
    left = coverage * float(area.sum()) - before
    return np.asarray(np.clip(left / held, 0.0, 1.0)[group])


def pai(hits: float, reports: float, covered: float, whole: float) -> float:
    r"""Predictive accuracy index: how much denser in reports the chosen places are than all.

    .. math:: \mathrm{PAI} = \frac{n / N}{a / A}

    Based on Chainey, Tompson and Uhlig (2008), The utility of hotspot mapping for predicting
    spatial patterns of crime, Security Journal 21. 1 is chance. Areas can be kilometres of street.

    Examples
    --------
    >>> pai(6, 9, 1, 3)
    2.0
    """
    return (hits / reports) / (covered / whole) if reports and covered else math.nan


def origins(cover: MonthCover, *, horizon: int, as_at: str, history: int) -> list[str]:
    """List the past months from which a list could have been made and can now be judged.

    Parameters
    ----------
    cover : MonthCover
        The months that data cover.
    horizon : int
        Months after the origin; all must be wholly covered.
    as_at : str
        Last month that may be looked at.
    history : int
        Months from the first one covered to the origin, both included, at least.

    Examples
    --------
    >>> cover = MonthCover(tuple(m.span("2025-01", "2026-04")), ())
    >>> origins(cover, horizon=3, as_at="2026-04", history=12)
    ['2025-12', '2026-01']
    """
    if not cover.present:
        return []
    first = m.number(cover.present[0]) + history - 1
    return [
        x
        for x in cover.present
        if m.number(x) >= first
        and m.shift(x, horizon) <= as_at
        and all(cover.is_complete(t) for t in _after(x, horizon))
    ]


def backtest(
    matrix: pd.DataFrame,
    cover: MonthCover,
    areas: pd.DataFrame,
    compared: Sequence[Method],
    starts: Sequence[str],
    *,
    horizon: int,
    coverages: Sequence[float],
    seed: int,
    draws: int = DRAWS,
) -> pd.DataFrame:
    """Judge every method by the months that followed each origin.

    Parameters
    ----------
    matrix : pandas.DataFrame
        Reports, places by months.
    cover : MonthCover
        The months that data cover.
    areas : pandas.DataFrame
        On the same places: `area_km2`, and `street_km` where a network is known.
    compared : sequence of Method
        The plain 12-month count (`COUNT`) among them.
    starts : sequence of str
        From `origins`.
    horizon : int
        Months that follow each origin.
    coverages : sequence of float
        Shares of the area that is chosen, 0-1.
    seed, draws : int
        Of the bootstrap.

    Returns
    -------
    pandas.DataFrame
        One row a coverage and method, chance last: `COLUMNS`. `hit_rate` is the share of the
        reports of all periods together that fell in the chosen places; `pai` is by km2,
        `pai_street` by km of street; `pei` is the hits over the most any choice of the same area
        could have had; `difference` is the hit rate less that of the 12-month count, with
        `verdict` 'better', 'worse', 'no clear difference' or '' (no interval).

    Notes
    -----
    Intervals (95 %) draw whole stretches of time with replacement: the periods of neighbouring
    origins overlap and busy months come together, so single origins are no independent trials.
    They show how much the past periods differ, and are short where there are few. There is none
    with fewer than four periods that do not overlap.
    """
    seen = _outcomes(matrix, cover, areas, compared, starts, horizon, coverages)
    picks = _time_blocks(len(starts), horizon, draws, np.random.default_rng(seed))
    rows = []
    for coverage in coverages:
        for code, label in [*((x.code, x.label) for x in compared), (CHANCE, "Chance")]:
            got = seen[coverage, code]
            count = seen[coverage, COUNT]
            rows.append(_row(coverage, code, label, got, count, picks, areas))
    return pd.DataFrame(rows, columns=list(COLUMNS))


@dataclass(frozen=True)
class _Outcomes:
    """What one method had at one coverage: an entry an origin."""

    hits: Floats
    reports: Floats
    best: Floats
    covered: Floats
    street: Floats


def _outcomes(
    matrix: pd.DataFrame,
    cover: MonthCover,
    areas: pd.DataFrame,
    compared: Sequence[Method],
    starts: Sequence[str],
    horizon: int,
    coverages: Sequence[float],
) -> Mapping[tuple[float, str], _Outcomes]:
    area = areas["area_km2"].to_numpy(dtype="float64")
    lengths = areas["street_km"].to_numpy(dtype="float64") if "street_km" in areas else 0 * area
    found: dict[tuple[float, str], list[tuple[float, ...]]] = {}
    for start in starts:
        # As it was then: nothing after the origin is handed on.
        known = matrix[[x for x in matrix if str(x) <= start]]
        then = cover.within(None, start)
        after = matrix[_after(start, horizon)].sum(axis=1).to_numpy(dtype="float64")
        scores = {x.code: x.rank(known, then, start).to_numpy("float64") for x in compared}
        for coverage in coverages:
            best = float(taken(after / area, area, coverage) @ after)
            shares = {code: taken(score, area, coverage) for code, score in scores.items()}
            shares[CHANCE] = np.full(len(area), coverage)
            for code, share in shares.items():
                one = (share @ after, after.sum(), best, share @ area, share @ lengths)
                found.setdefault((coverage, code), []).append(tuple(map(float, one)))
    return {key: _Outcomes(*np.array(rows).T) for key, rows in found.items()}


def _row(
    coverage: float,
    code: str,
    label: str,
    got: _Outcomes,
    count: _Outcomes,
    picks: npt.NDArray[np.int64] | None,
    areas: pd.DataFrame,
) -> dict[str, object]:
    reports = float(got.reports.sum())
    rate = _ratio(got.hits, got.reports)
    times = _ratio(got.reports, got.reports) / coverage
    streets = float(areas["street_km"].sum()) if "street_km" in areas else 0.0
    by_street = pai(got.hits.sum(), reports, got.street.mean(), streets) if streets else math.nan
    hit = _interval(got.hits, got.reports, picks)
    pei = _interval(got.hits, got.best, picks)
    apart = _interval(got.hits - count.hits, got.reports, picks)
    return {
        "coverage": coverage, "method": code, "label": label, "periods": len(got.hits),
        "reports": int(reports), "hit_rate": rate, "hit_low": hit[0], "hit_high": hit[1],
        "pai": rate * times, "pai_low": hit[0] * times, "pai_high": hit[1] * times,
        "pai_street": by_street, "pei": _ratio(got.hits, got.best), "pei_low": pei[0],
        "pei_high": pei[1], "difference": rate - _ratio(count.hits, count.reports),
        "difference_low": apart[0], "difference_high": apart[1],
        "verdict": "" if code == COUNT else _verdict(*apart),
    }  # fmt: skip


def _verdict(low: float, high: float) -> str:
    if math.isnan(low):
        return ""
    return "better" if low > 0 else "worse" if high < 0 else "no clear difference"


def _ratio(top: Floats, bottom: Floats) -> float:
    whole = float(bottom.sum())
    return float(top.sum()) / whole if whole else math.nan


def _interval(
    top: Floats, bottom: Floats, picks: npt.NDArray[np.int64] | None
) -> tuple[float, float]:
    if picks is None or not bottom.sum():
        return math.nan, math.nan
    above, below = top[picks].sum(axis=1), bottom[picks].sum(axis=1)
    drawn = above[below > 0] / below[below > 0]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def _time_blocks(
    length: int, block: int, draws: int, generator: np.random.Generator
) -> npt.NDArray[np.int64] | None:
    """Draw origins in runs as long as the horizon; the end is joined to the beginning."""
    if length < LEAST_BLOCKS * block:
        return None
    runs = math.ceil(length / block)
    starts = generator.integers(0, length, (draws, runs))
    picks = (starts[:, :, None] + np.arange(block)) % length
    return picks.reshape(draws, -1)[:, :length]


def _after(origin: str, horizon: int) -> list[str]:
    return m.span(m.shift(origin, 1), m.shift(origin, horizon))
