"""Statistical process control: which months are out of the ordinary, and which are just months."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geodata import months as m

FEWEST = 8
"""Fewer months with data than this in a stretch give no limits."""
_MOVING_RANGE = 1.128  # mean range of two standard normal values, 2/sqrt(pi)
_CLEAR = 1e-9

RULES: dict[str, str] = {
    "beyond": "beyond the limits (three standard deviations)",
    "two_of_three": "two of three months beyond two standard deviations on one side",
    "run": "eight months in a row on one side of the centre",
    "trend": "six months in a row each higher, or each lower, than the one before",
}
"""The usual run rules (Western Electric's, with a run of eight), by name."""


@dataclass(frozen=True)
class Break:
    """A month from which a series is no longer comparable; `geodata.breaks` lists those known.

    Attributes
    ----------
    month : str
        First month of the new series, 'YYYY-MM'.
    label : str
        What changed, in words.
    """

    month: str
    label: str


def control_chart(
    counts: pd.Series,
    *,
    exposure: pd.Series | None = None,
    breaks: Sequence[Break] = (),
    baseline: int | None = None,
) -> pd.DataFrame:
    r"""Draw limits between which months vary by themselves, and name what falls outside.

    Laney's u' chart: with :math:`u_i = c_i / n_i` the count per unit of exposure,

    .. math::

        \bar u = \frac{\sum c_i}{\sum n_i}, \quad
        z_i = \frac{u_i - \bar u}{\sqrt{\bar u / n_i}}, \quad
        \sigma_z = \max\left(1, \frac{\overline{|z_i - z_{i-1}|}}{1.128}\right)

    and limits at :math:`n_i (\bar u \pm 3 \sigma_z \sqrt{\bar u / n_i})`, the lower one at least 0.
    Reports vary more than Poisson counts; :math:`\sigma_z` widens the limits by as much as one
    month differs from the next, and is never less than chance alone (1). Where exposures are equal
    and :math:`\sigma_z > 1` this is the chart of individual values (XmR). Source: Laney, D. B.
    (2002), Improved control charts for attributes, Quality Engineering 14(4).

    Parameters
    ----------
    counts : pandas.Series
        Reports by month ('YYYY-MM'). A month that no file covers is missing or NaN, not zero.
    exposure : pandas.Series, optional
        What a month's count is in proportion to. Days in the month by default; days times a
        seasonal index takes the seasons out.
    breaks : sequence of Break
        Where the series starts anew: centre and limits are worked out on each side by itself.
    baseline : int, optional
        Months with data, from the start of each stretch, that centre and limits come from. All of
        the stretch by default; fix it when watching for change from here on.

    Returns
    -------
    pandas.DataFrame
        One row for every month from the first to the last: `count`, `centre`, `low`, `high`
        (reports a month), `z` (standard deviations from the centre), `signals` (names of `RULES`
        that the month completes, joined by a space), `stretch` (0, 1, ...). No centre and limits
        where a stretch has fewer than 8 months with data.

    Raises
    ------
    ValueError
        If a count is negative, a month is not one, or an exposure is missing or not positive.

    Notes
    -----
    The rules are meant to be sensitive. On 36 months in which nothing happens some month is marked
    on about 1 chart in 6 where counts are Poisson, and on 1 in 3 where they come in bursts
    (variance six times the mean); by `beyond` alone on 1 in 25 and 1 in 5 (simulated). A signal is
    a reason to look, not a finding. A season makes runs and trends: take it out first.

    Examples
    --------
    >>> months = m.span("2025-01", "2025-12")
    >>> counts = pd.Series([30, 31, 29, 33, 28, 30, 31, 30, 29, 75, 31, 30], months)
    >>> chart = control_chart(counts, baseline=9)
    >>> chart.loc[chart["signals"] != "", ["count", "signals"]].to_numpy().tolist()
    [[75.0, 'beyond']]
    """
    series = _monthly(counts)
    share = _exposure(series, exposure)
    stretch = stretches(series.index, breaks)
    drawn = drawn_chart(series.to_numpy(), share.to_numpy(), stretch, baseline=baseline)
    return pd.DataFrame({"count": series, **drawn, "stretch": stretch}, index=series.index)


def drawn_chart(
    counts: np.ndarray, exposure: np.ndarray, stretch: np.ndarray, *, baseline: int | None = None
) -> dict[str, Any]:
    """Work out `control_chart` for months in a row that have been checked already.

    Parameters
    ----------
    counts, exposure : numpy.ndarray
        One value a month, NaN where no file covers it.
    stretch : numpy.ndarray
        Which stretch each month belongs to.
    baseline : int, optional
        As `control_chart`.

    Returns
    -------
    dict
        `centre`, `low`, `high`, `z` and `signals`, one value a month.
    """
    columns = {name: np.full(len(counts), np.nan) for name in ("centre", "low", "high", "z")}
    named = np.full(len(counts), "", dtype=object)
    for number in np.unique(stretch):
        part = stretch == number
        for name, values in _stretch(counts[part], exposure[part], baseline).items():
            columns[name][part] = values
        named[part] = _signals(columns["z"][part])
    return {**columns, "signals": pd.array(named, dtype="str")}


def stretches(months: pd.Index, breaks: Sequence[Break]) -> np.ndarray:
    """Give each month the number of its stretch between breaks.

    Examples
    --------
    >>> stretches(pd.Index(["2026-01", "2026-02"]), [Break("2026-02", "new rules")]).tolist()
    [0, 1]
    """
    start = np.zeros(len(months), dtype="int64")
    return sum(((months >= each.month).astype("int64") for each in breaks), start=start)


def signals(z: pd.Series) -> pd.Series:
    """Name the run rules that each month completes.

    Parameters
    ----------
    z : pandas.Series
        Standard deviations from the centre, month by month, NaN where a month is missing: a gap
        ends every run.

    Returns
    -------
    pandas.Series
        Names of `RULES` joined by a space, '' for none.

    Examples
    --------
    >>> signals(pd.Series([0.1, 2.5, 0.2, 2.1, -3.5])).tolist()
    ['', '', '', 'two_of_three', 'beyond']
    """
    return pd.Series(_signals(z.to_numpy(dtype="float64")), index=z.index, dtype="str")


def _signals(z: np.ndarray) -> list[str]:
    # In plain numbers: a chart has 36 months, for which arrays are slower.
    named, since = [], list[float]()
    for value in z.tolist():
        since = [] if value != value else [*since[-7:], value]
        named.append(" ".join(name for name, test in _TESTS.items() if since and test(since)))
    return named


def _two_of_three(since: Sequence[float]) -> bool:
    last = since[-3:]
    return any(
        side * last[-1] > 2 + _CLEAR and sum(side * x > 2 + _CLEAR for x in last) >= 2
        for side in (1, -1)
    )


def _run(since: Sequence[float]) -> bool:
    last = since[-8:]
    return len(last) == 8 and (all(x > 0 for x in last) or all(x < 0 for x in last))


def _trend(since: Sequence[float]) -> bool:
    steps = [b - a for a, b in itertools.pairwise(since[-6:])]
    return len(steps) == 5 and (
        all(x > _CLEAR for x in steps) or all(x < -_CLEAR for x in steps)
    )  # fmt: skip


_TESTS: dict[str, Callable[[Sequence[float]], bool]] = {
    "beyond": lambda since: abs(since[-1]) > 3 + _CLEAR,
    "two_of_three": _two_of_three,
    "run": _run,
    "trend": _trend,
}


def _monthly(counts: pd.Series) -> pd.Series:
    if not all(m.is_month(month) for month in counts.index) or counts.index.has_duplicates:
        raise ValueError("the index must be months 'YYYY-MM', each once")
    if (counts < 0).any():
        raise ValueError("counts must not be negative")
    every = m.span(min(counts.index), max(counts.index)) if len(counts) else []
    return counts.reindex(every).astype("float64")


def _exposure(series: pd.Series, exposure: pd.Series | None) -> pd.Series:
    if exposure is None:
        days = pd.PeriodIndex(series.index, freq="M").days_in_month
        return pd.Series(np.asarray(days, dtype="float64"), index=series.index)
    share = exposure.reindex(series.index).astype("float64")
    if not (share[series.notna()] > 0).all():
        raise ValueError("the exposure of a month with data is missing or not positive")
    return share


def _stretch(
    counts: np.ndarray, exposure: np.ndarray, baseline: int | None
) -> dict[str, np.ndarray]:
    """Work out centre, limits and z of one stretch; nothing where too few months have data."""
    known = ~np.isnan(counts)
    base = known & (known.cumsum() <= (baseline or len(counts)))
    total = float(counts[base].sum())
    if base.sum() < FEWEST or total == 0:
        return {}
    mean = total / float(exposure[base].sum())
    spread = np.sqrt(mean / exposure)
    poisson_z = (counts / exposure - mean) / spread
    ranges = np.abs(np.diff(poisson_z[: np.flatnonzero(base)[-1] + 1]))
    ranges = ranges[~np.isnan(ranges)]
    sigma = max(1.0, float(ranges.mean()) / _MOVING_RANGE) if len(ranges) else 1.0
    return {
        "centre": mean * exposure,
        "low": (exposure * (mean - 3 * sigma * spread)).clip(min=0.0),
        "high": exposure * (mean + 3 * sigma * spread),
        "z": poisson_z / sigma,
    }
