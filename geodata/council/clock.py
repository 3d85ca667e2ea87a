"""Turn local dates and times into moments in Europe/London, on both sides of the clock change.

In autumn the hour from 01:00 to 02:00 happens twice: such a time is taken as the first of the two
(summer time). In spring it does not happen at all: such a time was written by a clock that had not
been changed, so it is moved an hour on. Both are counted and known to the hour at best.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geodata.council.dates import DAY_S, NO_OFFSET
from geodata.incidents import TIMEZONE


@dataclass(frozen=True)
class Moments:
    """Moments. All arrays have one entry a row.

    Attributes
    ----------
    utc : numpy.ndarray
        Seconds since 1970-01-01T00:00Z; 0 where there is none.
    wall : numpy.ndarray
        Seconds since 1970-01-01T00:00 on a clock in London: the given ones, unless they state
        another offset.
    twice, never : numpy.ndarray
        True where the clock change makes the time happen twice, or not at all.
    """

    utc: np.ndarray
    wall: np.ndarray
    twice: np.ndarray
    never: np.ndarray


def localise(seconds: np.ndarray, offset: np.ndarray | None = None) -> Moments:
    """Place local times in Europe/London.

    Parameters
    ----------
    seconds : numpy.ndarray
        Local seconds since 1970-01-01T00:00, as a clock on the wall shows them.
    offset : numpy.ndarray, optional
        Minutes ahead of UTC where the value states them, else `NO_OFFSET`: stated offsets hold,
        whatever the date.

    Examples
    --------
    >>> import numpy as np
    >>> wall = np.array(["2026-10-25T01:30", "2026-03-29T01:30"], "M8[s]").astype("i8")
    >>> found = localise(wall)
    >>> found.utc.astype("M8[s]").astype(str).tolist()
    ['2026-10-25T00:30:00', '2026-03-29T01:30:00']
    >>> found.twice.tolist(), found.never.tolist()
    ([True, False], [False, True])
    """
    seconds = np.asarray(seconds, dtype="i8")
    stated = np.zeros(len(seconds), bool) if offset is None else offset != NO_OFFSET
    near = _near_a_change(seconds) & ~stated
    utc = np.empty(len(seconds), dtype="i8")
    utc[~near] = _plain(seconds[~near])
    twice, never = np.zeros(len(seconds), bool), np.zeros(len(seconds), bool)
    if near.any():
        utc[near], twice[near], never[near] = _careful(seconds[near])
    if offset is None or not stated.any():
        return Moments(utc, seconds, twice, never)
    utc[stated] = seconds[stated] - offset[stated].astype("i8") * 60
    local = pd.DatetimeIndex(utc[stated].astype("M8[s]"), tz="UTC").tz_convert(TIMEZONE)
    wall = seconds.copy()
    wall[stated] = local.tz_localize(None).to_numpy().astype("M8[s]").astype("i8")
    return Moments(utc, wall, twice, never)


def _near_a_change(seconds: np.ndarray) -> np.ndarray:
    """Find times from 01:00 to 02:00 on the last Sundays of March and October."""
    days = np.floor_divide(seconds, DAY_S)
    hour = (seconds - days * DAY_S) // 3600
    sunday = (days + 4) % 7 == 0  # 1970-01-01 was a Thursday
    near = (hour == 1) & sunday
    if near.any():
        dates = days[near].astype("M8[D]")
        months = dates.astype("M8[M]")
        number = months.astype("i8") % 12 + 1
        near[near] = np.isin(number, (3, 10)) & ((dates - months).astype("i8") >= 24)
    return near


def _plain(seconds: np.ndarray) -> np.ndarray:
    local = pd.DatetimeIndex(seconds.astype("M8[s]"))
    # Before 1996 the clocks changed on other Sundays: there, too, the first of two hours is meant.
    zoned = local.tz_localize(
        TIMEZONE, ambiguous=np.ones(len(local), bool), nonexistent=pd.Timedelta(hours=1)
    )
    return _utc_seconds(zoned)


def _careful(seconds: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    local = pd.DatetimeIndex(seconds.astype("M8[s]"))
    choices = [
        local.tz_localize(
            TIMEZONE, ambiguous=np.full(len(local), summer), nonexistent=pd.Timedelta(hours=1)
        )
        for summer in (True, False)
    ]
    never = choices[0].tz_localize(None) != local
    return _utc_seconds(choices[0]), np.asarray(choices[0] != choices[1]), np.asarray(never)


def _utc_seconds(zoned: pd.DatetimeIndex) -> np.ndarray:
    return zoned.tz_convert("UTC").tz_localize(None).to_numpy().astype("M8[s]").astype("i8")
