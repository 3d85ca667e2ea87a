"""Near repeats: whether one report makes another nearby soon after more likely."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special
from scipy.spatial import KDTree

from geodata.errors import NotEnoughDataError

EXACT_DATES = frozenset({"exact", "hour", "part_of_day", "day"})
EXACT_PLACES = frozenset({"exact", "uprn", "postcode"})
FEWEST = 20
MOST_PAIRS = 20_000_000
_BLOCK = 1_000_000


@dataclass(frozen=True)
class NearRepeats:
    """What the test of Knox found.

    Attributes
    ----------
    reports : int
        Reports with an exact date and place: those tested.
    left_out : int
        Reports without.
    pairs, near_space, near_time : int
        All pairs; pairs near in space; pairs near in time.
    both : int
        Pairs near in both.
    expected : float
        Pairs near in both if place and time had nothing to do with each other.
    ratio : float
        `both` over its mean where times are dealt out anew; NaN where that mean is 0.
    p : float
        Share of the dealings, the data among them, with at least as many pairs near in both.
    p_poisson : float
        Chance of at least `both` in a Poisson variable of mean `expected`; only to compare with
        other tools, because pairs that share a report are not independent.
    metres, days : float
        What counted as near.
    """

    reports: int
    left_out: int
    pairs: int
    near_space: int
    near_time: int
    both: int
    expected: float
    ratio: float
    p: float
    p_poisson: float
    metres: float
    days: float

    def sentence(self, *, alpha: float = 0.05) -> str:
        """Say it in plain words."""
        near = f"within {self.metres:g} m and {self.days:g} days of each other"
        counted = (
            f"{self.both:,} pairs of {self.reports:,} reports lie {near}; "
            f"{self.expected:,.1f} would if place and time had nothing to do with each other"
        )
        if self.p <= alpha:
            return f"{counted}. That is more than chance gives (p = {self.p:.3f})."
        return f"{counted}. That is no more than chance could give (p = {self.p:.3f})."


def near_repeats(
    incidents: pd.DataFrame,
    *,
    seed: int,
    metres: float = 200.0,
    days: float = 14.0,
    permutations: int = 999,
) -> NearRepeats:
    r"""Test for near repeats among reports with exact dates and places.

    See `knox` for the statistic. A month is not a date: reports known only by their month would
    all be "near in time" to those of the same month. A police.uk snap point is not a place: many
    streets share one, so reports would be "at the same place" that were hundreds of metres apart.
    Such rows are left out, and if too few remain the test is declined.

    Parameters
    ----------
    incidents : pandas.DataFrame
        `occurred_from`, `occurred_to` (times; an interval of over a day is no date), `easting`,
        `northing` (BNG metres), `time_precision`, `geo_precision`.
    seed : int
        Seed of the dealing.
    metres, days : float
        Pairs at most so far apart are near.
    permutations : int, default 999
        Dealings of the times.

    Returns
    -------
    NearRepeats

    Raises
    ------
    NotEnoughDataError
        If fewer than 20 reports have an exact date and place, or more pairs are near in space than
        can be looked through.

    Notes
    -----
    One distance and one span, chosen before looking. The times are those at which reports began;
    several reports of one event look like repeats, and so do reports in a season or at a place
    that opened within the period.

    Examples
    --------
    >>> rows = pd.DataFrame({"occurred_from": pd.to_datetime(["2026-01-01"] * 3, utc=True),
    ...     "easting": 0.0, "northing": 0.0, "time_precision": "month",
    ...     "geo_precision": "snap_point"})
    >>> near_repeats(rows, seed=1)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    geodata.errors.NotEnoughDataError: Near repeats need exact dates and places. Got: 0 of 3 ...
    """
    dated = _is_dated(incidents)
    placed = incidents["geo_precision"].isin(EXACT_PLACES) & incidents["easting"].notna()
    used = incidents[dated & placed]
    if len(used) < FEWEST:
        raise NotEnoughDataError(
            "Near repeats need exact dates and places.",
            got=f"{len(used)} of {len(incidents)} reports have both; {(~dated).sum()} are not "
            f"known to the day (most often only to the month), {(~placed).sum()} not closer than a "
            "snap point or street",
            todo="Use a source that records the day and the address, such as council cases",
        )
    when = _day_numbers(used)
    xy = used[["easting", "northing"]].to_numpy(dtype="float64")
    found = knox(xy, when, seed=seed, metres=metres, days=days, permutations=permutations)
    return NearRepeats(**{**found.__dict__, "left_out": len(incidents) - len(used)})


def knox(
    xy: np.ndarray,
    when: np.ndarray,
    *,
    seed: int,
    metres: float,
    days: float,
    permutations: int = 999,
) -> NearRepeats:
    r"""Count pairs near in space and time, beside how many chance gives.

    Chance is seen by dealing the times out anew over the places. With N = n(n-1)/2 pairs, of which
    :math:`n_s` are near in space and :math:`n_t` in time,

    .. math:: E = \frac{n_s n_t}{N}, \quad p = \frac{1 + \#\{b : X_b \ge X\}}{1 + R}

    The 1 in the numerator counts the data themselves among the dealings, so p is never 0. Source:
    Knox, E. G. (1964), The detection of space-time interactions, Applied Statistics 13.

    Parameters
    ----------
    xy : numpy.ndarray
        Places, BNG metres, two columns.
    when : numpy.ndarray
        Days, as numbers.
    seed : int
        Seed of the dealing.
    metres, days : float
        Pairs at most so far apart are near.
    permutations : int, default 999
        Dealings.

    Returns
    -------
    NearRepeats

    Raises
    ------
    NotEnoughDataError
        If there are fewer than 2 places, or over 20 million pairs near in space.

    Examples
    --------
    >>> xy = np.array([[0.0, 0], [10, 0], [5000, 0], [5010, 0]])
    >>> found = knox(xy, np.array([1.0, 2, 90, 91]), seed=1, metres=50, days=7)
    >>> found.both, round(found.expected, 3), found.near_space, found.near_time
    (2, 0.667, 2, 2)
    """
    n = len(xy)
    tree = KDTree(xy)
    close = (int(tree.count_neighbors(tree, metres)) - n) // 2 if n > 1 else 0
    if n < 2 or close > MOST_PAIRS:
        raise NotEnoughDataError(
            "Near repeats cannot be counted.",
            got=f"{n:,} reports, {close:,} pairs within {metres:g} m",
            todo="Choose a shorter distance or fewer reports",
        )
    pairs = tree.query_pairs(metres, output_type="ndarray")
    near_time = _near_in_time(when, days)
    both = int((np.abs(when[pairs[:, 0]] - when[pairs[:, 1]]) <= days).sum())
    dealt = _dealt(pairs, when, days, np.random.default_rng(seed), permutations)
    expected = close * near_time / (n * (n - 1) / 2)
    mean = float(dealt.mean()) if len(dealt) else 0.0
    return NearRepeats(
        reports=n, left_out=0, pairs=n * (n - 1) // 2, near_space=close, near_time=near_time,
        both=both, expected=expected, ratio=both / mean if mean else float("nan"),
        p=(1 + int((dealt >= both).sum())) / (1 + permutations),
        p_poisson=float(special.pdtrc(both - 1, expected)) if both else 1.0,
        metres=metres, days=days,
    )  # fmt: skip


def _is_dated(incidents: pd.DataFrame) -> pd.Series:
    began = pd.to_datetime(incidents["occurred_from"])
    precise = incidents["time_precision"].isin(EXACT_DATES) & began.notna()
    if "occurred_to" not in incidents:
        return precise
    return precise & ~(pd.to_datetime(incidents["occurred_to"]) - began > pd.Timedelta(days=1))


def _near_in_time(when: np.ndarray, days: float) -> int:
    ordered = np.sort(when)
    reach = np.searchsorted(ordered, ordered + days, side="right")
    return int((reach - np.arange(len(when)) - 1).sum())


def _dealt(
    pairs: np.ndarray, when: np.ndarray, days: float, rng: np.random.Generator, permutations: int
) -> np.ndarray:
    """Count the close pairs of each dealing, a block of dealings at a time."""
    at_once = max(1, _BLOCK // max(len(pairs), len(when)))
    counts = []
    for start in range(0, permutations, at_once):
        maps = min(at_once, permutations - start)
        times = np.column_stack([rng.permutation(when) for _ in range(maps)])
        counts.append((np.abs(times[pairs[:, 0]] - times[pairs[:, 1]]) <= days).sum(axis=0))
    return np.concatenate(counts) if counts else np.zeros(0)


def _day_numbers(rows: pd.DataFrame) -> np.ndarray:
    """Count whole days on the local calendar: a day has no hour to be precise about."""
    local = pd.to_datetime(rows["occurred_from"]).dt.tz_localize(None)
    return (local.dt.normalize() - pd.Timestamp(2000, 1, 1)).dt.days.to_numpy(dtype="float64")
