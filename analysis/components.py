"""The components of a location's score that reports alone can feed.

Each takes a matrix of counts by place and month and returns a Series on the same index, missing
(NaN) throughout where the months cannot carry it: too short a history is never read as zero.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import overload

import numpy as np
import pandas as pd

from analysis.change import poisson_z
from analysis.coverage import MonthCover, compared_months
from analysis.smoothing import empirical_bayes
from geodata import months as m

VOLUME_MONTHS = 12
VOLUME_LEAST = 3
PERSISTENCE_WINDOWS = 24
PERSISTENCE_LEAST = 6
PERSISTENCE_LENGTH = 3
TREND_MONTHS = 3
TOP_SHARE = 0.10


@dataclass(frozen=True)
class Component:
    """One part of the score.

    Attributes
    ----------
    code : str
        Column prefix: `<code>_raw`, `<code>_score`, `<code>_weight`.
    label : str
        What people see.
    from_reports : bool
        Whether it is known without asking anybody: from reports, or from the map.
    evidence : str
        What feeds it, in words that complete "not known: ...".
    """

    code: str
    label: str
    from_reports: bool
    evidence: str


COMPONENTS: tuple[Component, ...] = (
    Component("volume", "Reports received", True, "reports over the last 12 months"),
    Component("persistence", "Stays busy", True, "reports over 26 months"),
    Component("trend", "Rising", True, "reports for the same months a year before"),
    Component("after_dark", "After dark", False, "reports with the hour they happened"),
    Component(
        "vawg",
        "Harassment and threats",
        False,
        "reports of harassment and threats, StreetSafe pins",
    ),
    Component("concern", "What people told us", False, "what people told us on walks"),
    Component("requests", "Asked for", False, "requests for a walk and ward priorities"),
    Component("unresolved", "Unfinished actions", False, "actions still open at the place"),
    Component("access", "Easy to reach", True, "stations and stops near by"),
    Component("venue", "Somewhere to meet", True, "public places to meet at near by"),
)
COMPONENT_CODES: tuple[str, ...] = tuple(c.code for c in COMPONENTS)


@dataclass(frozen=True)
class Reading:
    """A component worked out for all places.

    Attributes
    ----------
    raw : pandas.Series
        Raw values on the index of the places; all NaN when it is missing.
    used : int
        Months (volume, trend) or windows (persistence) that went in.
    note : str
        What went in, or what it needs, in words.
    """

    raw: pd.Series
    used: int
    note: str

    @property
    def is_missing(self) -> bool:
        """Whether no place has a value."""
        return bool(self.raw.isna().all())


def volume(
    matrix: pd.DataFrame, cover: MonthCover, as_at: str, months: int = VOLUME_MONTHS
) -> Reading:
    """Count reports over the 12 months ending with `as_at`, shrunk by empirical Bayes.

    The count of each place over those of the months that data cover, then
    `analysis.smoothing.empirical_bayes` with equal exposure. All places share the same months, so
    a month that is missing lowers every place alike. Fewer than 3 covered months: missing.

    Parameters
    ----------
    matrix : pandas.DataFrame
        Counts, places by months; every month that data cover has a column.
    cover : MonthCover
        The months that data cover.
    as_at : str
        Last month, included.
    months : int, default 12
        Length of the window.

    Returns
    -------
    Reading
        Raw values are reports.

    Examples
    --------
    >>> counts = pd.DataFrame([[5, 5], [0, 0]], index=["a", "b"], columns=["2026-01", "2026-02"])
    >>> volume(counts, MonthCover(("2026-01", "2026-02"), ()), "2026-02").note
    'needs 3 months of reports; 2 of the last 12 are stored'
    """
    window = volume_months(cover, as_at, months)
    if len(window) < VOLUME_LEAST:
        note = (
            f"needs {VOLUME_LEAST} months of reports; {len(window)} of the last {months} are stored"
        )
        return _absent(matrix, len(window), note)
    return Reading(
        empirical_bayes(matrix[window].sum(axis=1)), len(window),
        f"reports received in {len(window)} of the {months} months to {m.label(as_at)}",
    )  # fmt: skip


def persistence(matrix: pd.DataFrame, cover: MonthCover, as_at: str) -> Reading:
    """Share of rolling three-month windows in which a place is among the busiest tenth.

    The last 24 windows, the newest ending with `as_at`; windows that touch a month that is missing
    or only partly covered are left out, and at least 6 must remain. A place is in the busiest tenth
    when its count is not zero and its percentile rank (ties averaged, 0-100 over all places) is 90
    or more, so a large block of places tied at the top of a sparse map is not called busy.

    Returns
    -------
    Reading
        Raw values 0-1.

    Examples
    --------
    >>> counts = pd.DataFrame([[9] * 9] + [[0] * 9] * 10, columns=m.window("2026-04", 9))
    >>> reading = persistence(counts, MonthCover(tuple(counts.columns), ()), "2026-04")
    >>> reading.raw.tolist()[:2], reading.used
    ([1.0, 0.0], 7)
    """
    usable = persistence_windows(cover, as_at)
    if len(usable) < PERSISTENCE_LEAST:
        needed = PERSISTENCE_LEAST + PERSISTENCE_LENGTH - 1
        return _absent(
            matrix, len(usable), f"needs {needed} months in a row; there are {len(usable)} windows"
        )
    counts, column = matrix.to_numpy(), {month: n for n, month in enumerate(matrix)}
    totals = np.column_stack([sum(counts[:, column[x]] for x in window) for window in usable])
    in_top = (percentile_rank(pd.DataFrame(totals)).to_numpy() >= 100 * (1 - TOP_SHARE)) & (
        totals > 0
    )
    raw = pd.Series(in_top.mean(axis=1), index=matrix.index)
    note = f"{len(usable)} of {PERSISTENCE_WINDOWS} three-month windows to {m.label(as_at)}"
    return Reading(raw, len(usable), note)


def trend(matrix: pd.DataFrame, cover: MonthCover, as_at: str) -> Reading:
    """Poisson z of the last three months against the same months a year before; falls count as 0.

    See `analysis.change.poisson_z`. All six months must be covered by every force that should
    cover them.

    Returns
    -------
    Reading
        Raw values: z, 0 or more.

    Examples
    --------
    >>> months = m.window("2026-04", 15)
    >>> counts = pd.DataFrame([[25, 0, 0] + [0] * 9 + [49, 0, 0]], columns=months)
    >>> trend(counts, MonthCover(tuple(months), ()), "2026-04").raw.tolist()
    [4.0]
    """
    now = m.window(as_at, TREND_MONTHS)
    before = compared_months(now)
    lacking = [x for x in [*before, *now] if not cover.is_complete(x)]
    if lacking:
        needed = TREND_MONTHS + 12
        return _absent(
            matrix, 6 - len(lacking), f"needs {needed} months; {', '.join(lacking)} not covered"
        )
    z = poisson_z(matrix[now].sum(axis=1), matrix[before].sum(axis=1))
    note = f"the three months to {m.label(as_at)} against the same months a year before"
    return Reading(pd.Series(z, index=matrix.index).clip(lower=0.0), 6, note)


def volume_months(cover: MonthCover, as_at: str, months: int = VOLUME_MONTHS) -> list[str]:
    """Give the months that volume adds up: those of the last 12, or so many, that data cover."""
    return [x for x in m.window(as_at, months) if x in cover.present]


def persistence_windows(cover: MonthCover, as_at: str) -> list[list[str]]:
    """Give the three-month windows that persistence compares, the newest first.

    Of the last 24, those that touch no month that is missing or only partly covered.
    """
    ends = [m.shift(as_at, -back) for back in range(PERSISTENCE_WINDOWS)]
    windows = [m.window(end, PERSISTENCE_LENGTH) for end in ends]
    return [w for w in windows if all(cover.is_complete(x) for x in w)]


@overload
def percentile_rank(values: pd.Series) -> pd.Series: ...
@overload
def percentile_rank(values: pd.DataFrame) -> pd.DataFrame: ...
def percentile_rank(values: pd.Series | pd.DataFrame) -> pd.Series | pd.DataFrame:
    """Rank values from 0 (lowest) to 100 (highest) among those known; ties share their mean rank.

    (rank - 1) / (n - 1) · 100 with n the number of known values, per column. With one known value
    there is nothing to compare it with: it gets 50. Missing stays missing.

    Examples
    --------
    >>> percentile_rank(pd.Series([1.0, 1.0, 3.0, None])).tolist()
    [25.0, 25.0, 100.0, nan]
    """
    if isinstance(values, pd.Series):
        return pd.Series(percentile_rank(values.to_frame("x"))["x"], name=values.name)
    known = values.notna().sum()
    ranked = (values.rank(method="average") - 1) / (known - 1).clip(lower=1) * 100
    return ranked.where(values.isna() | (known != 1), 50.0)


def months_needed() -> dict[str, int]:
    """Months in a row that each report component needs, by code."""
    return {
        "volume": VOLUME_LEAST,
        "persistence": PERSISTENCE_LEAST + PERSISTENCE_LENGTH - 1,
        "trend": TREND_MONTHS + 12,
    }


def _absent(matrix: pd.DataFrame, used: int, note: str) -> Reading:
    return Reading(pd.Series(math.nan, index=matrix.index), used, note)
