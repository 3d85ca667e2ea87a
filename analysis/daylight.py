"""Daylight, twilight and dark, and what darkness does to reports once exposure is allowed for.

Light is worked out from the height of the sun, in UTC, so the change of the clocks plays no part.
Latitude and longitude are decimal degrees (WGS84); within a borough the sun stands at the same
height to a twentieth of a degree, so one point serves for all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from geodata.errors import NotEnoughDataError
from geodata.incidents import TIMEZONE

Light = Literal["day", "twilight", "dark"]
LIGHTS: tuple[str, ...] = ("day", "twilight", "dark")
SUNSET = -0.833
"""Height of the sun's centre at sunset, degrees: half its width and the bending of light."""
CIVIL_DUSK = -6.0
"""Height of the sun at the end of civil twilight, degrees: from here on it is dark."""

FEWEST_DATES = 30
FEWEST_REPORTS = 20
HOUR_UNKNOWN = "the hour is not known"
OVER_AN_HOUR = "it spans more than an hour"
_HOUR = pd.Timedelta(hours=1)


@dataclass(frozen=True)
class DarkEffect:
    """Reports in the dark against daylight at the same hours of the clock.

    Attributes
    ----------
    odds_ratio, low, high : float
        Odds ratio and its 95 % interval: 1.2 means a fifth more in the dark than daylight and
        season lead one to expect.
    case_hours, control_hours : tuple of int
        Hours of the clock that are dark on some dates and light on others; hours that never change.
    dark, light, control_dark, control_light : int
        Reports in the case hours when dark and when light. Reports in the control hours, on dates
        on which some case hour is dark, and is light; a date can be both.
    """

    odds_ratio: float
    low: float
    high: float
    case_hours: tuple[int, ...]
    control_hours: tuple[int, ...]
    dark: int
    light: int
    control_dark: int
    control_light: int

    def sentence(self) -> str:
        """Say it in plain words.

        Examples
        --------
        >>> DarkEffect(1.4, 1.1, 1.8, (17, 18), (2, 13), 140, 100, 90, 90).sentence()
        'Between 17:00 and 19:00 reports are more frequent when it is dark than when it is light \
at the same hour (odds ratio 1.40, 95% interval 1.10 to 1.80).'
        """
        if self.low > 1:
            said = "are more frequent when it is dark than when it is light at the same hour"
        elif self.high < 1:
            said = "are less frequent when it is dark than when it is light at the same hour"
        else:
            said = "show no sign either way of a difference between dark and light"
        hours = f"Between {' and between '.join(_spans(self.case_hours))}"
        return (
            f"{hours} reports {said} (odds ratio {self.odds_ratio:.2f}, 95% interval "
            f"{self.low:.2f} to {self.high:.2f})."
        )


def _spans(hours: tuple[int, ...]) -> list[str]:
    """Write hours as spans of the clock: (5, 17, 18) is 05:00 and 06:00, 17:00 and 19:00."""
    first = [h for h in hours if h - 1 not in hours]
    last = [h for h in hours if h + 1 not in hours]
    return [f"{a:02d}:00 and {b + 1:02d}:00" for a, b in zip(first, last, strict=True)]


def solar_elevation(when: pd.DatetimeIndex, lat: float, lon: float) -> np.ndarray:
    """Work out the height of the sun's centre above the horizon, degrees, without refraction.

    The low-precision solar coordinates of the Astronomical Almanac as the US National Oceanic and
    Atmospheric Administration's solar calculator uses them (after Meeus, J., Astronomical
    algorithms), good to about 0.01 degrees between 1950 and 2050.

    Parameters
    ----------
    when : pandas.DatetimeIndex
        Times with a zone. NaT gives NaN.
    lat, lon : float
        Decimal degrees.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    ValueError
        If times have no zone.

    Examples
    --------
    >>> noon = pd.DatetimeIndex(["2026-06-21 12:02"], tz="UTC")
    >>> solar_elevation(noon, 51.51, -0.02).round(1).tolist()
    [61.9]
    """
    if when.tz is None:
        raise ValueError("times must carry a time zone")
    utc = when.tz_convert("UTC")
    days = ((utc - pd.Timestamp("2000-01-01 12:00", tz="UTC")) / pd.Timedelta(days=1)).to_numpy()
    t = days / 36525
    longitude = 280.46646 + t * (36000.76983 + t * 0.0003032)
    anomaly = np.radians(357.52911 + t * (35999.05029 - 0.0001537 * t))
    declination, equation = _sun(t, longitude, anomaly)
    minutes = ((days + 0.5) % 1) * 1440 + equation + 4 * lon
    hour_angle = np.radians(minutes / 4 - 180)
    phi = np.radians(lat)
    height = np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.cos(
        hour_angle
    )
    return np.degrees(np.arcsin(np.clip(height, -1, 1)))


def light_condition(when: pd.Series, lat: float, lon: float) -> pd.Series:
    """Tell daylight, civil twilight and dark apart.

    Day: the sun higher than -0.833 degrees. Twilight: from there to -6. Dark: below.

    Parameters
    ----------
    when : pandas.Series
        Times with a zone, precise to the hour or better; NaT gives NaN.
    lat, lon : float
        Decimal degrees.

    Returns
    -------
    pandas.Series
        Categories 'day', 'twilight', 'dark', on the index of `when`.

    Examples
    --------
    >>> when = pd.Series(pd.to_datetime(["2024-10-24 17:30", "2024-10-24 18:05",
    ...     "2024-10-24 18:30"]).tz_localize("Europe/London"))
    >>> light_condition(when, 51.51, -0.02).tolist()
    ['day', 'twilight', 'dark']
    """
    height = solar_elevation(pd.DatetimeIndex(when), lat, lon)
    code = np.select([np.isnan(height), height > SUNSET, height >= CIVIL_DUSK], [-1, 0, 1], 2)
    kind = pd.CategoricalDtype(list(LIGHTS), ordered=True)
    return pd.Series(pd.Categorical.from_codes(code, dtype=kind), index=when.index)


def civil_dusk(days: Sequence[dt.date], lat: float, lon: float) -> dict[dt.date, dt.time]:
    """Tell when it is dark on each day: the first minute with the sun below -6 degrees.

    Parameters
    ----------
    days : sequence of datetime.date
        Days in Europe/London.
    lat, lon : float
        Decimal degrees, in Britain: the sun is up at noon and sets before midnight.

    Returns
    -------
    dict of datetime.date to datetime.time
        Local time of the clock, summer time included. Where it does not grow dark before midnight
        (the far north in June), 23:59.

    Examples
    --------
    >>> civil_dusk([dt.date(2024, 10, 2), dt.date(2024, 10, 27)], 51.51, -0.02)
    {datetime.date(2024, 10, 2): datetime.time(19, 8), datetime.date(2024, 10, 27): \
datetime.time(17, 17)}
    """
    return _first_below(CIVIL_DUSK, days, lat, lon)


def sunset(days: Sequence[dt.date], lat: float, lon: float) -> dict[dt.date, dt.time]:
    """Tell when the sun has set on each day: the first minute with all of it below the horizon.

    Parameters
    ----------
    days, lat, lon
        As `civil_dusk`.

    Examples
    --------
    >>> sunset([dt.date(2024, 10, 2), dt.date(2024, 10, 24)], 51.51, -0.02)
    {datetime.date(2024, 10, 2): datetime.time(18, 35), datetime.date(2024, 10, 24): \
datetime.time(17, 48)}
    """
    return _first_below(SUNSET, days, lat, lon)


def _first_below(
    height: float, days: Sequence[dt.date], lat: float, lon: float
) -> dict[dt.date, dt.time]:
    """Find the first minute after noon at which the sun's centre is below a height."""
    if not len(days):
        return {}
    noons = pd.DatetimeIndex([dt.datetime.combine(day, dt.time(12)) for day in days])
    start = noons.tz_localize(TIMEZONE).tz_convert("UTC")
    minutes = pd.to_timedelta(np.arange(12 * 60), unit="min").to_numpy()
    when = start.tz_localize(None).to_numpy()[:, None] + minutes[None, :]
    flat = pd.DatetimeIndex(when.ravel()).tz_localize("UTC")
    below = (solar_elevation(flat, lat, lon) < height).reshape(when.shape)
    first = np.where(below.any(axis=1), below.argmax(axis=1), when.shape[1] - 1)
    local = (start + pd.to_timedelta(first, unit="min")).tz_convert(TIMEZONE)
    return dict(zip(days, [moment.time() for moment in local], strict=True))


def clock_times(incidents: pd.DataFrame) -> tuple[pd.Series, dict[str, int]]:
    """Take the time of every report that is precise to the hour.

    Parameters
    ----------
    incidents : pandas.DataFrame
        `occurred_from`, `occurred_to`, `time_precision`.

    Returns
    -------
    tuple of pandas.Series and dict
        The middle of each interval of at most an hour (local time), on the index of its row; and
        how many rows are left out, by reason.

    Examples
    --------
    >>> began = pd.to_datetime(["2026-05-01 22:00", "2026-05-01 00:00"]).tz_localize("UTC")
    >>> ended = pd.to_datetime(["2026-05-01 23:00", None]).tz_localize("UTC")
    >>> rows = pd.DataFrame({"occurred_from": began, "occurred_to": ended,
    ...                      "time_precision": ["hour", "month"]})
    >>> times, left_out = clock_times(rows)
    >>> times.dt.strftime("%H:%M").tolist(), left_out
    (['23:30'], {'the hour is not known': 1})
    """
    began, span = _span(incidents)
    why = why_no_hour(incidents)
    middle = (began + span / 2)[why.eq("")].dt.tz_convert(TIMEZONE)
    reasons = {reason: int(why.eq(reason).sum()) for reason in (HOUR_UNKNOWN, OVER_AN_HOUR)}
    return middle, {reason: n for reason, n in reasons.items() if n}


def why_no_hour(incidents: pd.DataFrame) -> pd.Series:
    """Say why reports are not precise to the hour; '' for those that are.

    Parameters
    ----------
    incidents : pandas.DataFrame
        As `clock_times`.

    Examples
    --------
    >>> began, ended = (pd.to_datetime([at]).tz_localize("UTC") for at in ("2026-05-01", None))
    >>> rows = pd.DataFrame({"occurred_from": began, "occurred_to": ended,
    ...                      "time_precision": ["day"]})
    >>> why_no_hour(rows).tolist()
    ['the hour is not known']
    """
    began, span = _span(incidents)
    precise = incidents["time_precision"].isin(["exact", "hour"]) & began.notna()
    short = precise & (span >= pd.Timedelta(0)) & (span <= _HOUR)
    said = np.select([~precise, ~short], [HOUR_UNKNOWN, OVER_AN_HOUR], "")
    return pd.Series(said, index=incidents.index)


def _span(incidents: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    began, ended = incidents["occurred_from"], incidents["occurred_to"]
    open_ended = ended.isna()
    ended = ended.mask(open_ended, began)
    ended = ended.mask(open_ended & incidents["time_precision"].eq("hour"), began + _HOUR)
    return began, ended - began


def clock_hours(times: pd.Series) -> np.ndarray:
    """Count the hours of the local clock from the first one of 1970, summer time included.

    Parameters
    ----------
    times : pandas.Series
        Times with a zone.

    Examples
    --------
    >>> clock_hours(pd.Series(pd.to_datetime(["1970-07-02 03:10"]).tz_localize("Europe/London")))
    array([4371])
    """
    local = times.dt.tz_convert(TIMEZONE).dt.tz_localize(None)
    return (local.dt.as_unit("us").astype("int64") // 3_600_000_000).to_numpy()


def dark_effect(
    times: pd.Series,
    first: dt.date,
    last: dt.date,
    *,
    lat: float,
    lon: float,
    seed: int,
    draws: int = 1999,
) -> DarkEffect:
    r"""Compare dark with light at the same hour of the clock, across the year.

    The raw share of reports in the dark says little: in winter more hours are dark, and at night
    fewer people are about. So only hours of the clock count that are dark on some dates and light
    on others (case hours; light judged at half past, twilight left out), and the reports in hours
    whose light never changes, on the same dates, stand for the season (control hours). Over the
    case hours h, with A dark, B light, C and D the control reports on the dates that are dark and
    light at h, and T = A + B + C + D (Mantel and Haenszel):

    .. math:: OR = \frac{\sum_h A_h D_h / T_h}{\sum_h B_h C_h / T_h}

    The interval is the middle 95 % of the ratio over whole weeks drawn with replacement, because
    case hours share their controls and reports come in bursts. Source: Uttley, J. and Fotios, S.
    (2017), Using the daylight savings clock change to show ambient light conditions significantly
    influence active travel, Journal of Environmental Psychology 53 (case and control hours).

    Parameters
    ----------
    times : pandas.Series
        Times of reports with a zone, precise to the hour, as from `clock_times`.
    first, last : datetime.date
        The dates that data cover, both included: whole years, or season enters by the back door.
    lat, lon : float
        Decimal degrees, of the borough's middle.
    seed : int
        Seed of the drawing of weeks.
    draws : int, default 1999
        Drawings.

    Returns
    -------
    DarkEffect

    Raises
    ------
    NotEnoughDataError
        If no hour is both dark and light on at least 30 dates, or reports are too few.

    Notes
    -----
    If people are out later in summer in the evening hours in particular, not just more throughout
    the day, the controls cannot know it and some of that remains. It says nothing about how
    afraid people are.

    Examples
    --------
    >>> dates = pd.date_range("2025-01-01", "2025-12-31", freq="D")
    >>> times = pd.concat([pd.Series(dates + pd.Timedelta(hours=h)) for h in (2, 13, 17, 18)])
    >>> effect = dark_effect(times.dt.tz_localize("Europe/London"), dates[0].date(),
    ...                      dates[-1].date(), lat=51.51, lon=-0.02, seed=1)
    >>> effect.case_hours, effect.odds_ratio
    ((5, 6, 17, 18, 19, 20), 1.0)
    """
    days = pd.date_range(first, last, freq="D")
    reports = _reports_by_hour(times, days)
    return dark_effect_by_hour(reports, first, last, lat=lat, lon=lon, seed=seed, draws=draws)


def dark_effect_by_hour(
    reports: np.ndarray,
    first: dt.date,
    last: dt.date,
    *,
    lat: float,
    lon: float,
    seed: int,
    draws: int = 1999,
) -> DarkEffect:
    """Compare dark with light as `dark_effect` does, where reports were counted before.

    Parameters
    ----------
    reports : numpy.ndarray
        One row a date from `first` to `last`, one column an hour of the local clock.
    first, last, lat, lon, seed, draws
        As `dark_effect`.

    Raises
    ------
    NotEnoughDataError
        As `dark_effect`.
    """
    days = pd.date_range(first, last, freq="D")
    light = _light_by_hour(days, lat, lon)
    dark, lit = light == LIGHTS.index("dark"), light == LIGHTS.index("day")
    case = (dark.sum(axis=0) >= FEWEST_DATES) & (lit.sum(axis=0) >= FEWEST_DATES)
    control = dark.all(axis=0) | lit.all(axis=0)
    steady = reports[:, control].sum(axis=1)[:, None]
    cells = np.stack(
        [reports * dark, reports * lit, steady * dark, steady * lit], axis=2
    )[:, case]  # fmt: skip
    total = cells.sum(axis=0)
    _check_enough(case, total)
    ratios = _drawn(cells, np.random.default_rng(seed), draws)
    low, high = np.nanquantile(ratios, [0.025, 0.975])
    return DarkEffect(
        float(_mantel_haenszel(total[None])[0]), float(low), float(high),
        tuple(np.flatnonzero(case).tolist()), tuple(np.flatnonzero(control).tolist()),
        int(total[:, 0].sum()), int(total[:, 1].sum()),
        int((steady[:, 0] * dark[:, case].any(axis=1)).sum()),
        int((steady[:, 0] * lit[:, case].any(axis=1)).sum()),
    )  # fmt: skip


def _sun(
    t: np.ndarray, longitude: np.ndarray, anomaly: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Declination (radians) and equation of time (minutes)."""
    eccentricity = 0.016708634 - t * (0.000042037 + 0.0000001267 * t)
    centre = (
        np.sin(anomaly) * (1.914602 - t * (0.004817 + 0.000014 * t))
        + np.sin(2 * anomaly) * (0.019993 - 0.000101 * t)
        + np.sin(3 * anomaly) * 0.000289
    )
    node = np.radians(125.04 - 1934.136 * t)
    apparent = np.radians(longitude + centre - 0.00569 - 0.00478 * np.sin(node))
    seconds = 21.448 - t * (46.815 + t * (0.00059 - t * 0.001813))
    tilt = np.radians(23 + (26 + seconds / 60) / 60 + 0.00256 * np.cos(node))
    y, twice = np.tan(tilt / 2) ** 2, 2 * np.radians(longitude)
    equation = 4 * np.degrees(
        y * np.sin(twice)
        - 2 * eccentricity * np.sin(anomaly)
        + 4 * eccentricity * y * np.sin(anomaly) * np.cos(twice)
        - 0.5 * y**2 * np.sin(2 * twice)
        - 1.25 * eccentricity**2 * np.sin(2 * anomaly)
    )
    return np.arcsin(np.sin(tilt) * np.sin(apparent)), equation


def _light_by_hour(days: pd.DatetimeIndex, lat: float, lon: float) -> np.ndarray:
    """Light at half past each hour of the local clock: days by hours, as positions in LIGHTS."""
    halves = days.repeat(24) + pd.to_timedelta(
        np.tile(np.arange(24), len(days)) * 60 + 30, unit="m"
    )
    local = halves.tz_localize(TIMEZONE, ambiguous=True, nonexistent="shift_forward")
    light = light_condition(pd.Series(local), lat, lon)
    return light.cat.codes.to_numpy().reshape(len(days), 24)


def _reports_by_hour(times: pd.Series, days: pd.DatetimeIndex) -> np.ndarray:
    local = times.dropna().dt.tz_convert(TIMEZONE)
    day = days.get_indexer(pd.DatetimeIndex(local.dt.tz_localize(None).dt.normalize()))
    known = day >= 0
    flat = day[known] * 24 + local.dt.hour.to_numpy()[known]
    return np.bincount(flat, minlength=len(days) * 24).reshape(len(days), 24)


def _check_enough(case: np.ndarray, total: np.ndarray) -> None:
    if not case.any():
        raise NotEnoughDataError(
            f"No hour of the clock is dark on {FEWEST_DATES} dates and light on as many.",
            todo="Use reports of a whole year",
        )
    dark, light = int(total[:, 0].sum()), int(total[:, 1].sum())
    if dark + light < FEWEST_REPORTS or not dark or not light or not total[:, 2:].any():
        raise NotEnoughDataError(
            "There are too few reports at hours that are dark in winter and light in summer.",
            got=f"{dark} in the dark, {light} in daylight",
            todo="Use more months, or sources that record the hour",
        )


def _drawn(cells: np.ndarray, rng: np.random.Generator, draws: int) -> np.ndarray:
    weeks = np.arange(len(cells)) // 7
    weekly = np.zeros((int(weeks[-1]) + 1, *cells.shape[1:]))
    np.add.at(weekly, weeks, cells)
    n = len(weekly)
    times = rng.multinomial(n, np.full(n, 1 / n), size=draws)
    return _mantel_haenszel(np.tensordot(times, weekly, axes=1))


def _mantel_haenszel(tables: np.ndarray) -> np.ndarray:
    """Pool tables of A, B, C, D (last axis) over hours (the axis before)."""
    a, b, c, d = np.moveaxis(tables.astype("float64"), -1, 0)
    total = np.maximum(a + b + c + d, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return (a * d / total).sum(axis=-1) / (b * c / total).sum(axis=-1)
