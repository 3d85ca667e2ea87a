"""Day of the week by hour of the day, for reports that happened some time within an interval.

Hours are those of the local clock (Europe/London), so that "Friday, 22:00" means the same in
winter and summer. Reports known only by their month or day have no hour and are left out and
counted, never spread over hours they say nothing about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from geodata.incidents import TIMEZONE

Block = Literal[1, 4]
WEEKDAYS: tuple[str, ...] = (
    *("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
)
CAP_HOURS = 24
CAP_DAYS = 7

NO_TIME = "no time is given"
ONLY_MONTH = "only the month is known"
ONLY_DAY = "only the day is known"
NO_END = "a part of the day without an end"
BACKWARDS = "it ends before it begins"

_HOUR = 3_600_000_000  # microseconds
_USED = ""


@dataclass(frozen=True)
class Spread:
    """Reports spread over the hours they may have happened in.

    Attributes
    ----------
    table : pandas.DataFrame
        Weights, the expected number of reports. They add up to `used`.
    used : int
        Reports that went in.
    left_out : mapping of str to int
        Reports that could not be used, by reason.
    """

    table: pd.DataFrame
    used: int
    left_out: Mapping[str, int]

    def sentence(self) -> str:
        """Say what went in and what could not.

        Examples
        --------
        >>> Spread(pd.DataFrame(), 8, {ONLY_MONTH: 2}).sentence()
        '8 of 10 reports have a time. Left out: 2 because only the month is known.'
        """
        total = self.used + sum(self.left_out.values())
        said = f"{self.used:,} of {total:,} reports have a time."
        if not self.left_out:
            return said
        why = "; ".join(f"{n:,} because {reason}" for reason, n in self.left_out.items())
        return f"{said} Left out: {why}."


def day_by_hour(incidents: pd.DataFrame, *, block: Block = 1, cap_hours: int = CAP_HOURS) -> Spread:
    r"""Spread reports over the days of the week and the hours of the day.

    A report that happened between a and b gives every hour h it touches the weight

    .. math:: w_h = \frac{|[a, b) \cap h|}{b - a},

    to the minute and beyond; one with a single time gives all its weight to that hour. Source:
    Ratcliffe, J. H. (2002), Aoristic signatures and the spatio-temporal analysis of high volume
    crime patterns, Journal of Quantitative Criminology 18; Ashby, M. P. J. and Bowers, K. J.
    (2013), A comparison of methods for temporal analysis of aoristic crime, Crime Science 2.

    Parameters
    ----------
    incidents : pandas.DataFrame
        `occurred_from`, `occurred_to` (times with a zone, `occurred_to` may be missing),
        `time_precision`.
    block : {1, 4}, default 1
        Hours in a column: 24 columns or 6.
    cap_hours : int, default 24
        Longer intervals are left out.

    Returns
    -------
    Spread
        `table` has the weekdays as index, Monday first, and first hours as columns.

    Raises
    ------
    ValueError
        If times have no zone.

    Notes
    -----
    Even spreading blurs: a sharp peak among exact times may be hidden by long intervals beside it.
    Read the share with exact times first. An hour that the clock repeats in autumn counts as one
    hour of the day; the hour it skips in spring receives nothing.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "occurred_from": pd.to_datetime(["2026-05-01 22:30", "2026-05-02 03:10"]),
    ...     "occurred_to": pd.to_datetime(["2026-05-02 00:30", None]),
    ...     "time_precision": ["exact", "exact"]})
    >>> rows = rows.assign(**{c: rows[c].dt.tz_localize("Europe/London") for c in rows.columns[:2]})
    >>> table = day_by_hour(rows).table
    >>> table.loc["Friday", [22, 23]].tolist(), table.loc["Saturday", [0, 3]].tolist()
    ([0.25, 0.5], [0.25, 1.0])
    """
    found = hour_pieces(incidents, cap_hours=cap_hours)
    flat = np.bincount(found.weekday * 24 + found.hour, found.weight, minlength=7 * 24)
    return spread_by_hour(flat, found.used, found.left_out, block=block)


def spread_by_hour(
    weights: np.ndarray, used: int, left_out: Mapping[str, int], *, block: Block = 1
) -> Spread:
    """Lay weights out as `day_by_hour` does, where they were added up before.

    Parameters
    ----------
    weights : numpy.ndarray
        Of the 168 hours of a week, from Monday's midnight.
    used, left_out
        As in `Spread`.
    block : {1, 4}, default 1
        Hours in a column.

    Examples
    --------
    >>> spread_by_hour(np.ones(168), 168, {}, block=4).table.loc["Monday"].tolist()
    [4.0, 4.0, 4.0, 4.0, 4.0, 4.0]
    """
    summed = weights.reshape(7, 24 // block, block).sum(axis=2)
    table = pd.DataFrame(summed, list(WEEKDAYS), list(range(0, 24, block)))
    return Spread(table, used, left_out)


def known_block(incidents: pd.DataFrame, *, block: Block = 4) -> pd.DataFrame:
    """Say in which block of hours of which day each report happened, where that is certain.

    For counts that must be whole numbers: a report that may belong to two blocks is given to none,
    where `day_by_hour` would share it out.

    Parameters
    ----------
    incidents : pandas.DataFrame
        As `day_by_hour`.
    block : {1, 4}, default 4
        Hours in a block, the first beginning at midnight of the local clock.

    Returns
    -------
    pandas.DataFrame
        `weekday` (0 is Monday) and `hour` (the first of the block) on the index of `incidents`;
        -1 in both where it is not certain.

    Raises
    ------
    ValueError
        If times have no zone.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "occurred_from": pd.to_datetime(["2026-05-01 22:30", "2026-05-01 22:30"]),
    ...     "occurred_to": pd.to_datetime(["2026-05-02 00:00", "2026-05-02 00:30"]),
    ...     "time_precision": ["exact", "exact"]})
    >>> rows = rows.assign(**{c: rows[c].dt.tz_localize("Europe/London") for c in rows.columns[:2]})
    >>> known_block(rows).to_numpy().tolist()
    [[4, 20], [-1, -1]]
    """
    began, ended, reason = _intervals(incidents, day_is_enough=False)
    used = reason == _USED
    # What has no time is not certain. The last moment of an interval is just before its end.
    began, ended = np.where(used, began, 0), np.where(used, ended, 0)
    first, last = (
        pd.to_datetime(at, unit="us", utc=True).tz_convert(TIMEZONE)
        for at in (began, np.maximum(began, ended - 1))
    )
    certain = used & (ended - began <= block * _HOUR)
    certain &= (first.normalize() == last.normalize()) & (first.hour // block == last.hour // block)
    return pd.DataFrame(
        {
            "weekday": np.where(certain, first.day_of_week, -1),
            "hour": np.where(certain, first.hour // block * block, -1),
        },
        index=incidents.index,
    )


def by_weekday(incidents: pd.DataFrame, *, cap_days: int = CAP_DAYS) -> Spread:
    """Spread reports over the days of the week.

    As `day_by_hour`, but a report known only by its day counts fully, and intervals up to a week
    are used.

    Returns
    -------
    Spread
        `table` has the weekdays as index, Monday first, and one column, `reports`.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "occurred_from": pd.to_datetime(["2026-05-01"]).tz_localize("Europe/London"),
    ...     "occurred_to": pd.to_datetime([None]).tz_localize("Europe/London"),
    ...     "time_precision": ["day"]})
    >>> by_weekday(rows).table["reports"].round(9).tolist()
    [0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0]
    """
    found = weekday_pieces(incidents, cap_days=cap_days)
    weights = np.bincount(found.weekday, found.weight, minlength=7)
    return spread_by_weekday(weights, found.used, found.left_out)


def spread_by_weekday(weights: np.ndarray, used: int, left_out: Mapping[str, int]) -> Spread:
    """Lay weights out as `by_weekday` does, where they were added up before.

    Examples
    --------
    >>> spread_by_weekday(np.arange(7.0), 21, {}).table["reports"].tolist()
    [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    """
    return Spread(pd.DataFrame({"reports": weights}, index=list(WEEKDAYS)), used, left_out)


@dataclass(frozen=True)
class Pieces:
    """Reports cut at the hours they may have happened in.

    Attributes
    ----------
    row : numpy.ndarray
        Position of the report that each piece is of.
    weekday, hour : numpy.ndarray
        When: 0 is Monday, 0 is midnight of the local clock.
    weight : numpy.ndarray
        Share of the report; those of a report add up to one.
    reason : numpy.ndarray
        For each report, why it could not be used; '' where it could.
    """

    row: np.ndarray
    weekday: np.ndarray
    hour: np.ndarray
    weight: np.ndarray
    reason: np.ndarray

    @property
    def used(self) -> int:
        """Reports that could be used."""
        return int((self.reason == _USED).sum())

    @property
    def left_out(self) -> dict[str, int]:
        """Reports that could not, by reason."""
        return _counted(self.reason)


def hour_pieces(incidents: pd.DataFrame, *, cap_hours: int = CAP_HOURS) -> Pieces:
    """Cut reports at the hours that `day_by_hour` spreads them over.

    Parameters
    ----------
    incidents, cap_hours
        As `day_by_hour`.
    """
    too_long = f"it spans more than {cap_hours} hours"
    return _cut(*_intervals(incidents, day_is_enough=False), cap_hours, too_long)


def weekday_pieces(incidents: pd.DataFrame, *, cap_days: int = CAP_DAYS) -> Pieces:
    """Cut reports at the hours that `by_weekday` spreads them over.

    Parameters
    ----------
    incidents, cap_days
        As `by_weekday`.
    """
    too_long = f"it spans more than {cap_days} days"
    return _cut(*_intervals(incidents, day_is_enough=True), cap_days * 24, too_long)


def _cut(
    began: np.ndarray, ended: np.ndarray, reason: np.ndarray, cap_hours: int, too_long: str
) -> Pieces:
    reason = np.where((reason == _USED) & (ended - began > cap_hours * _HOUR), too_long, reason)
    used = np.flatnonzero(reason == _USED)
    row, weekday, hour, weight = _pieces(began[used], ended[used])
    return Pieces(used[row], weekday, hour, weight, reason)


def _intervals(
    incidents: pd.DataFrame, *, day_is_enough: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Begin and end in microseconds of UTC, and why a row cannot be used ('' where it can)."""
    first, last = incidents["occurred_from"], incidents["occurred_to"]
    if getattr(first.dtype, "tz", None) is None or getattr(last.dtype, "tz", None) is None:
        raise ValueError("times must carry a time zone")
    precision = incidents["time_precision"].astype("str")
    open_ended = last.isna()
    is_day = precision.eq("day")
    day = first.dt.tz_convert(TIMEZONE).dt.normalize()
    last = last.mask(open_ended, first)
    last = last.mask(open_ended & precision.eq("hour"), first + pd.Timedelta(hours=1))
    # The local noon of the next day, back to its midnight: right on days of 23 and 25 hours too.
    next_day = (day + pd.Timedelta(hours=36)).dt.normalize()
    last = last.mask(open_ended & is_day, next_day)
    first = first.mask(open_ended & is_day, day)
    reason = np.select(
        [
            precision.isin(["month", "unknown"]),
            first.isna(),
            is_day & (not day_is_enough),
            precision.eq("part_of_day") & open_ended,
            last < first,
        ],
        [ONLY_MONTH, NO_TIME, ONLY_DAY, NO_END, BACKWARDS],
        _USED,
    )
    return _microseconds(first), _microseconds(last), reason


def _microseconds(times: pd.Series) -> np.ndarray:
    return times.dt.tz_convert("UTC").dt.as_unit("us").astype("int64").to_numpy()


def _pieces(
    began: np.ndarray, ended: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Cut intervals at the hours of UTC, which are those of the local clock too."""
    first = began // _HOUR
    last = np.where(ended > began, (ended - 1) // _HOUR, first)
    touched = last - first + 1
    row = np.repeat(np.arange(len(began)), touched)
    hour = first[row] + np.arange(len(row)) - np.repeat(np.cumsum(touched) - touched, touched)
    length = np.maximum(ended - began, 1)[row]
    overlap = np.minimum(ended[row], (hour + 1) * _HOUR) - np.maximum(began[row], hour * _HOUR)
    weight = np.where(ended[row] > began[row], overlap / length, 1.0)
    local = pd.to_datetime(hour * 3600, unit="s", utc=True).tz_convert(TIMEZONE)
    return row, local.day_of_week.to_numpy(), local.hour.to_numpy(), weight


def _counted(reason: np.ndarray) -> dict[str, int]:
    names, times = np.unique(reason[reason != _USED].astype("str"), return_counts=True)
    return {str(name): int(n) for name, n in zip(names, times, strict=True)}
