"""Did it work? Reports at a place after something was done there, against what was to be expected.

A place is usually chosen because its count was high, and a high count is partly luck: it falls
back by itself. Here the place starts from its likely level (empirical Bayes, from the months
before alone), moves on as comparable places did, and what came is set against that. How far such
an expectation can be off is learnt from the places where nothing was done.

Places are hexagons of one side; nothing here has coordinates.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.optimize import brentq, nnls
from scipy.special import betainc, gammaincc
from scipy.stats import norm

from analysis.coverage import MonthCover
from analysis.displacement import Estimate, Pair, Quotient, wdd, wdq
from analysis.matching import Matched, match_places
from analysis.neighbours import hexagon_neighbourhoods
from analysis.posterior import fit_counts
from geodata import months as m
from geodata.errors import NotEnoughDataError

Floats = npt.NDArray[np.float64]
Positions = npt.NDArray[np.int64]

MONTHS = 12
LEAST_BEFORE = 6
LEAST_AFTER = 3
LEAST_COMPARED = 20
"""Places outside that are needed to learn how far an expectation can be off."""
RING = 1
"""Steps of hexagons around a place where trouble may move to or calm may spread."""
LEVEL = 0.95
REACH = float(norm.ppf(0.5 + LEVEL / 2))
POWER = 0.8
ROUNDS = 5
SLOPE_SPREAD = 0.25
"""How far the slope may be from the growth of all places before anything is known, as a share."""
LEAST_EXPECTED = 0.01
"""Reports; keeps the line above zero at the quietest places."""
LEAST_TIMES = 0.5
"""Least that what the months before told of chance is multiplied by."""
NO_SPREAD = 1e-6
"""Variance beyond Poisson, as a share of the mean, that is taken for none."""

Verdict = str
"""'fewer', 'moved', 'more' or 'no_sign'."""


@dataclass(frozen=True)
class Periods:
    """The months before and after.

    Attributes
    ----------
    before, after : tuple of str
        Wholly covered months; the month in which something was done is in neither.
    done : str
        That month.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    done: str


@dataclass(frozen=True)
class Effect:
    """What came, beside what was to be expected.

    Attributes
    ----------
    before : float
        Reports before, scaled to the length of the time after.
    likely : float
        The level that lies under those by empirical Bayes, for the same length of time.
    expected : float
        Reports to be expected after, had nothing been done.
    observed : float
        Reports after.
    change : Estimate
        Observed less expected, with its 95 % interval.
    smallest : float
        The smallest fall, in reports, that would have shown four times in five.
    """

    before: float
    likely: float
    expected: float
    observed: float
    change: Estimate
    smallest: float

    @property
    def smallest_share(self) -> float:
        """The smallest fall that would have shown, over what was expected; at most 1."""
        return min(1.0, self.smallest / self.expected) if self.expected > 0 else 1.0


@dataclass(frozen=True)
class Evaluation:
    """Before and after at one place, or at several taken together.

    Attributes
    ----------
    verdict : str
        'fewer' (at the place beyond chance, and in all), 'moved' (fewer there, but not in all),
        'more', or 'no_sign'.
    here, around, together : Effect
        At the place, in the ring around it, and both.
    periods : Periods
        The months compared.
    places, ring : tuple of str
        Hexagons of the place and of the ring.
    matched : Matched
        The places compared with.
    ring_compared : tuple of str
        Their rings.
    counts : pandas.DataFrame
        The eight counts: `group`, `before`, `after`, `hexagons`.
    plain : Estimate
        WDD with the published variance, for the length of the time after.
    plain_spread : Estimate
        WDD with the variance of real reports.
    quotient : Quotient or None
        WDQ; None where the comparison has no reports.
    dispersion : float
        Variance over mean of the counts.
    months : pandas.DataFrame
        `month`, `period` ('before', 'done', 'after'), `observed`, `expected` at the place.
    """

    verdict: Verdict
    here: Effect
    around: Effect
    together: Effect
    periods: Periods
    places: tuple[str, ...]
    ring: tuple[str, ...]
    matched: Matched
    ring_compared: tuple[str, ...]
    counts: pd.DataFrame
    plain: Estimate
    plain_spread: Estimate
    quotient: Quotient | None
    dispersion: float
    months: pd.DataFrame


def periods(cover: MonthCover, done: str, as_at: str, *, length: int = MONTHS) -> Periods:
    """Choose the months before and after.

    Parameters
    ----------
    cover : MonthCover
        The months that data cover.
    done : str
        Month in which something was done, 'YYYY-MM'; it is in neither period.
    as_at : str
        Last month that may be looked at.
    length : int, default 12
        Months to use on either side, as far as they are there.

    Raises
    ------
    NotEnoughDataError
        If fewer than 6 months before or 3 after are wholly covered.

    Examples
    --------
    >>> cover = MonthCover(tuple(m.span("2025-01", "2026-04")), ())
    >>> chosen = periods(cover, "2025-12", "2026-04")
    >>> chosen.before[0], chosen.before[-1], chosen.after
    ('2025-01', '2025-11', ('2026-01', '2026-02', '2026-03', '2026-04'))
    """
    before = [x for x in m.window(m.shift(done, -1), length) if cover.is_complete(x)]
    later = m.span(m.shift(done, 1), min(m.shift(done, length), as_at))
    after = [x for x in later if cover.is_complete(x)]
    if len(before) < LEAST_BEFORE or len(after) < LEAST_AFTER:
        raise NotEnoughDataError(
            f"Before and after need {LEAST_BEFORE} whole months before and {LEAST_AFTER} after",
            got=f"{len(before)} before {m.label(done)} and {len(after)} after it",
            todo="choose another date, or wait for or import the months that are missing",
        )
    return Periods(tuple(before), tuple(after), done)


def evaluate(
    matrix: pd.DataFrame,
    places: Sequence[str],
    when: Periods,
    *,
    avoid: Collection[str] = (),
    steps: int = RING,
) -> Evaluation:
    r"""Set the reports after against what was to be expected.

    .. math::

        E_i = \hat m_i \frac{\sum_{j \in C} a_j}{\sum_{j \in C} \hat m_j}, \qquad
        \text{change} = \sum_i a_i - \sum_i E_i

    with a the reports after, C the matched places (or, for the ring, the rings of the matched
    places) and :math:`\hat m` the empirical Bayes level of a place given its months before
    (`analysis.posterior.fit_counts`: gamma rates over places, months that scatter more than
    Poisson). Both the place and its comparison start from :math:`\hat m`, so neither is credited
    with falling back from a lucky count. After Hauer (1997), Observational Before-After Studies in
    Road Safety, whose method this is, with the comparison matched on level and trend.

    The interval holds every change that what came does not speak against: with a mean of
    :math:`\mu = E + \text{change}` and a variance of :math:`\varphi\mu + v`, neither tail of a
    negative binomial count holds what was observed with less than 2.5 % (mid-p). Scatter
    :math:`\varphi` and v, how far the expectation can be off, are learnt where nothing was done:
    :math:`(a_j - E_j)^2` is :math:`\varphi E_j`, the uncertainty of the level, and rates that move
    (:math:`\sigma^2 E_j^2`), by non-negative least squares. Rates of neighbours move together:
    their covariance over :math:`E_i E_j` is learnt one step apart and two, and counts in v wherever
    several hexagons are taken together.

    Parameters
    ----------
    matrix : pandas.DataFrame
        Reports, hexagons of the whole borough by months; those without reports included.
    places : sequence of str
        The hexagons of the place, or of several places taken together.
    when : Periods
        From `periods`.
    avoid : collection of str
        Further hexagons that must not be compared with, because something was done there too.
    steps : int, default 1
        Width of the ring.

    Returns
    -------
    Evaluation

    Raises
    ------
    NotEnoughDataError
        If fewer than 20 hexagons are left to compare with, or they have no reports.
    ValueError
        If a place is not in `matrix`.

    Notes
    -----
    It compares; it does not prove. What else happened at the place at the same time is in the
    change too. Where no place was as busy before, the comparison leans on less busy ones.
    """
    unknown = sorted(set(places) - set(matrix.index))
    if unknown:
        raise ValueError(f"{unknown[0]!r} is not among the hexagons")
    near = hexagon_neighbourhoods(matrix.index, rings=(1, steps, 2 * steps))
    here = matrix.index.isin(list(places))
    ring = _around(near.sizes[1], here)
    touched = here | ring | matrix.index.isin(list(avoid))
    # Rings of the matched places must not meet the ring here.
    free = ~(touched | _around(near.sizes[2], touched))
    before, after = matrix[list(when.before)], matrix[list(when.after)]
    _check_enough(free, before.to_numpy(), after.to_numpy())
    matched = match_places(before, list(places), list(matrix.index[free]))
    compared = matrix.index.isin(matched.table["place"])
    outer = _around(near.sizes[1], compared) & ~touched
    groups = tuple(map(np.flatnonzero, (here, ring, compared, outer)))
    world = _World.of(before, after, free, _by_distance(matrix.index))
    effects = _effects(world, groups)
    pairs = [Pair(*(float(world.counts[side][g].sum()) for side in (0, 1))) for g in groups]
    spread, sizes = world.dispersion, [len(g) for g in groups]
    return Evaluation(
        _verdict(effects[0], effects[2]), *effects, when, tuple(places), tuple(matrix.index[ring]),
        matched, tuple(matrix.index[outer]), _counts(pairs, sizes), _wdd(pairs, sizes, when, 1.0),
        _wdd(pairs, sizes, when, spread), _wdq(pairs, spread), spread,
        _months(matrix, groups[0], groups[2], when, world),
    )  # fmt: skip


def _around(near: sparse.csr_array, here: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Mark the neighbours of marked places, without those places."""
    return np.asarray((near @ here.astype("float64") > 0) & ~here)


def _by_distance(places: pd.Index) -> list[sparse.csr_array]:
    """Mark the pairs of places that are one step apart, and those that are two."""
    sizes = hexagon_neighbourhoods(places, rings=(0, 1, 2)).sizes
    return [(far - near).tocsr() for near, far in itertools.pairwise(sizes)]


@dataclass(frozen=True)
class _World:
    """What is known of every place: what it had, what was to come, and how far that can be off.

    `expected` is for a place where nothing was done; its variance has three parts: the scatter of
    counts, `unsure` (the level is not known exactly), and `swing` times its square (rates move).
    Rates of neighbours move together: `common` holds their covariance over both expectations.
    """

    counts: tuple[Floats, Floats]
    months: tuple[int, int]
    likely: Floats
    expected: Floats
    scatter: Floats
    unsure: Floats
    swing: float
    common: sparse.csr_array
    line_variance: Floats

    @classmethod
    def of(
        cls,
        before: pd.DataFrame,
        after: pd.DataFrame,
        free: npt.NDArray[np.bool_],
        near: Sequence[sparse.csr_array],
    ) -> _World:
        counts = before.to_numpy(dtype="float64")
        model = fit_counts(counts, np.array([m.number(str(x)) for x in before], dtype="float64"))
        total, later = counts.sum(axis=1), after.to_numpy(dtype="float64").sum(axis=1)
        shape = model.mean**2 / model.between + total / model.scatter
        pace = model.mean / model.between + counts.shape[1] / model.scatter
        likely, spread = shape / pace * after.shape[1], shape * (after.shape[1] / pace) ** 2
        # One scatter for all: what grows with the level is told better by what came after.
        usual = np.full(len(total), float((model.scatter * likely).sum() / likely.sum()))
        line, inverse, swing, times = _line(likely, spread, usual, later, free)
        scatter = times * usual
        expected, unsure = _on_line(line, likely), times * spread * line[1] ** 2
        variance = scatter * expected + unsure + swing * expected**2
        off = later - expected
        common = sum(_common(off, expected, variance, free, pairs) * pairs for pairs in near)
        return cls(
            (total, later), (before.shape[1], after.shape[1]), likely, expected, scatter,
            unsure, swing, common, inverse,
        )  # fmt: skip

    @property
    def dispersion(self) -> float:
        """Variance over mean of counts, over all places."""
        return float((self.scatter * self.likely).sum() / self.likely.sum())


def _on_line(line: Floats, likely: Floats) -> Floats:
    return np.maximum(line[0] + line[1] * likely, LEAST_EXPECTED)


def _line(
    likely: Floats,
    spread: Floats,
    scatter: Floats,
    after: Floats,
    free: npt.NDArray[np.bool_],
) -> tuple[Floats, Floats, float, float]:
    """Learn from untouched places what follows on a level, and how far rates move by themselves.

    The line takes in what the levels leave of falling back, where busy spells come and go.
    """
    level, came = likely[free], after[free]
    sides = np.column_stack([np.ones(len(level)), level])
    growth = came.sum() / level.sum()
    line, inverse, swing, times = np.array([0.0, growth]), np.zeros((2, 2)), 0.0, 1.0
    # Where all places are alike a slope cannot be learnt: it is then near the growth of all.
    usual = np.diag([0.0, (SLOPE_SPREAD * growth) ** -2])
    for _ in range(ROUNDS):
        expected = _on_line(line, level)
        known = scatter[free] * expected + spread[free] * line[1] ** 2
        weight = 1 / (times * known + swing * expected**2)
        parts = np.column_stack([known, expected**2]) * weight[:, None]
        times, swing = _two_parts(parts, (came - expected) ** 2 * weight)
        trust = 1 / (times * known + swing * expected**2)
        inverse = np.linalg.inv((sides * trust[:, None]).T @ sides + usual)
        line = inverse @ (sides.T @ (trust * came) + usual @ [0.0, growth])
    return line, inverse, swing, times


def _two_parts(parts: Floats, seen: Floats) -> tuple[float, float]:
    """Share squares out between what the months before told and rates that move."""
    found, _ = nnls(parts, seen)
    return max(float(found[0]), LEAST_TIMES), float(found[1])


def _common(
    off: Floats,
    expected: Floats,
    variance: Floats,
    free: npt.NDArray[np.bool_],
    near: sparse.csr_array,
) -> float:
    """Learn how far the rates of neighbours move together, from the places left alone.

    Weighted least squares of the products of what two neighbours are off on the products of their
    expectations; a covariance below zero is taken for none.
    """
    rows = np.flatnonzero(free)
    inner = near[rows][:, rows]
    pull, weight = ((x * expected / variance)[rows] for x in (off, expected))
    against = float(weight @ (inner @ weight))
    return max(0.0, float(pull @ (inner @ pull)) / against) if against else 0.0


def _effects(world: _World, groups: tuple[Positions, ...]) -> tuple[Effect, Effect, Effect]:
    here, ring, compared, outer = groups
    one, two = _expectation(world, here, compared), _expectation(world, ring, outer)
    return _effect(world, [one]), _effect(world, [two]), _effect(world, [one, two])


@dataclass(frozen=True)
class _Expectation:
    """What is expected of a group of places, and what each place brings into being off.

    `sized` is each place's expectation times its part in the difference: positive in the group,
    negative in the comparison, zero elsewhere. `variance` is what neighbours do not share.
    """

    before: float
    likely: float
    expected: float
    observed: float
    scatter: float
    sized: Floats
    variance: float


def _expectation(world: _World, group: Positions, compared: Positions) -> _Expectation:
    expected, base = world.expected[group], world.expected[compared]
    growth = float(world.counts[1][compared].sum() / base.sum()) if len(compared) else 1.0
    expected, base = growth * expected, growth * base
    whole = float(expected.sum())
    scatter = float((world.scatter[group] * expected).sum()) / whole if whole else 1.0
    share = whole / float(base.sum()) if len(base) else 0.0
    sized = np.zeros(len(world.expected))
    sized[group], sized[compared] = expected, -share * base
    # Scatter of what was observed is counted on its own; what is left is the expectation's part.
    unsure = world.unsure[group].sum() + share**2 * world.unsure[compared].sum()
    there = share**2 * float((world.scatter[compared] * base).sum())
    line = _from_line(world, group, compared, growth)
    months, (before, after) = world.months, (counts[group].sum() for counts in world.counts)
    return _Expectation(
        float(before) * months[1] / months[0], float(world.likely[group].sum()), whole,
        float(after), scatter, sized, float(growth**2 * unsure + there + line),
    )  # fmt: skip


def _from_line(world: _World, group: Positions, compared: Positions, growth: float) -> float:
    """Variance that the line brings in where the comparison is not as busy as the place."""
    if not len(group) or not len(compared):
        return 0.0
    here, there = (np.array([len(g), world.likely[g].sum()]) for g in (group, compared))
    ratio = world.expected[group].sum() / world.expected[compared].sum()
    apart = here - there * ratio
    return float(growth**2 * apart @ world.line_variance @ apart)


def _effect(world: _World, parts: list[_Expectation]) -> Effect:
    before, likely, expected, observed = (
        sum(getattr(p, name) for p in parts)
        for name in ("before", "likely", "expected", "observed")
    )
    scatter = sum(p.scatter * p.expected for p in parts) / expected if expected else 1.0
    sized = np.sum([p.sized for p in parts], axis=0)
    moves = world.swing * (sized**2).sum() + sized @ (world.common @ sized)
    variance = sum(p.variance for p in parts) + max(0.0, float(moves))
    change = _difference(observed, scatter, expected, variance)
    smallest = (REACH + float(norm.ppf(POWER))) * math.sqrt(variance + scatter * expected)
    return Effect(before, likely, expected, observed, change, smallest)


def _difference(observed: float, scatter: float, expected: float, variance: float) -> Estimate:
    """Give the range of changes that what was observed does not speak against.

    A rate after is in it if neither tail of a negative binomial count of that mean holds what
    was observed with less than 2.5 % (mid-p: half of the count itself belongs to each tail).
    """
    tail = (1 - LEVEL) / 2
    value, se = observed - expected, math.sqrt(scatter * observed + variance)
    start = max(observed, 1.0)

    def below(mean: float) -> float:
        return _mid_p(observed, mean, scatter * mean + variance)

    low = 0.0 if observed == 0 else _where(below, 1 - tail, start)
    return Estimate(value, se, low - expected, _where(below, tail, start) - expected)


def _where(below: Callable[[float], float], share: float, start: float) -> float:
    """Find the mean at which a falling share is reached."""
    least, most = start, start
    while below(least) < share:
        least /= 2
    while below(most) > share:
        most *= 2
    return float(brentq(lambda mean: below(mean) - share, least, most, xtol=1e-9))


def _mid_p(observed: float, mean: float, variance: float) -> float:
    """P(less) and half of P(as many), of a count with this mean and variance."""
    beyond = variance - mean
    if beyond <= NO_SPREAD * mean:
        upto = [gammaincc(k, mean) if k > 0 else 0.0 for k in (observed, observed + 1)]
    else:
        shape, p = mean**2 / beyond, mean / variance
        upto = [betainc(shape, k, p) if k > 0 else 0.0 for k in (observed, observed + 1)]
    return float(sum(upto) / 2)


def _verdict(here: Effect, together: Effect) -> Verdict:
    if here.change.high < 0:
        return "fewer" if together.change.value < 0 else "moved"
    return "more" if here.change.low > 0 else "no_sign"


def _check_enough(free: npt.NDArray[np.bool_], before: Floats, after: Floats) -> None:
    if free.sum() < LEAST_COMPARED:
        raise NotEnoughDataError(
            f"Comparing needs {LEAST_COMPARED} places where nothing was done",
            got=f"{free.sum()} hexagons away from the place and its surroundings",
            todo="choose smaller hexagons, or fewer places at once",
        )
    if not before[free].sum() or not after[free].sum():
        raise NotEnoughDataError(
            "The places to compare with have no reports",
            todo="choose more kinds of report or other months",
        )


def _counts(pairs: list[Pair], sizes: list[int]) -> pd.DataFrame:
    names = ("The place", "Around it", "Compared with", "Around those")
    rows = [
        (name, int(pair.before), int(pair.after), size)
        for name, pair, size in zip(names, pairs, sizes, strict=True)
    ]
    return pd.DataFrame(rows, columns=["group", "before", "after", "hexagons"])


def _wdd(pairs: list[Pair], sizes: list[int], when: Periods, spread: float) -> Estimate:
    here, ring, compared, outer = pairs
    # Comparison counts are brought to the number of hexagons that they stand for.
    area = (1.0, sizes[2] / sizes[0], 1.0, max(1, sizes[3]) / max(1, sizes[1]))
    lengths = Pair(len(when.before) / len(when.after), 1.0)
    return wdd(
        here, compared, ring, outer, area_weights=area, time_weights=lengths, dispersion=spread
    )


def _wdq(pairs: list[Pair], spread: float) -> Quotient | None:
    here, ring, compared, _ = pairs
    if not compared.before or not compared.after:
        return None
    return wdq(here, ring, compared, dispersion=spread)


def _months(
    matrix: pd.DataFrame, here: Positions, compared: Positions, when: Periods, world: _World
) -> pd.DataFrame:
    """Lay what came beside what the comparison led to expect, month by month."""
    months = sorted([*when.before, when.done, *when.after])
    counts = matrix.reindex(columns=months).to_numpy(dtype="float64")
    own = world.likely[here].sum() / world.likely[compared].sum()
    period = ["before" if x < when.done else "after" if x > when.done else "done" for x in months]
    return pd.DataFrame(
        {
            "month": months,
            "period": period,
            "observed": counts[here].sum(axis=0),
            "expected": own * counts[compared].sum(axis=0),
        }
    )
