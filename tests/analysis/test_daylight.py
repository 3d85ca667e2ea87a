"""The sun against astral and published sunsets; the dark effect against planted ones."""

from __future__ import annotations

import datetime as dt
import warnings
import zoneinfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.daylight import (
    CIVIL_DUSK,
    SUNSET,
    DarkEffect,
    _mantel_haenszel,
    civil_dusk,
    clock_times,
    dark_effect,
    light_condition,
    solar_elevation,
)
from geodata.errors import NotEnoughDataError

ZONE = "Europe/London"
LAT, LON = 51.51, -0.02
FIRST, LAST = dt.date(2024, 1, 1), dt.date(2025, 12, 31)


@pytest.mark.parametrize(
    "sunset",
    [
        "2026-06-21 21:20",
        "2026-12-21 15:52",
        "2026-10-25 16:45",
        "2024-10-02 18:34",
        "2024-10-24 17:47",
    ],
)
def test_published_sunsets_of_east_london(sunset: str) -> None:
    minute = pd.DatetimeIndex([sunset], tz=ZONE)
    at, rate = (
        solar_elevation(minute + pd.Timedelta(minutes=later), LAT, LON)[0] for later in (0, 1)
    )
    assert at == pytest.approx(SUNSET, abs=1.5 * abs(rate - at))


def test_civil_dusk_of_a_walk_that_began_in_daylight() -> None:
    dusk = pd.DatetimeIndex(["2024-10-24 18:22"], tz=ZONE)
    assert solar_elevation(dusk, LAT, LON)[0] == pytest.approx(CIVIL_DUSK, abs=0.25)


@given(
    st.integers(0, 60 * 24 * 365 * 60),
    st.floats(49, 61, allow_nan=False),
    st.floats(-8, 2, allow_nan=False),
)
@settings(max_examples=150)
def test_astral_agrees(minute: int, lat: float, lon: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sun = pytest.importorskip("astral.sun", reason="astral is not installed")
        astral = pytest.importorskip("astral", reason="astral is not installed")
    when = pd.Timestamp("1985-01-01", tz="UTC") + pd.Timedelta(minutes=minute)
    place = astral.Observer(latitude=lat, longitude=lon)
    theirs = sun.elevation(place, when.to_pydatetime(), with_refraction=False)
    ours = solar_elevation(pd.DatetimeIndex([when]), lat, lon)[0]
    assert ours == pytest.approx(theirs, abs=0.02)


def test_light_at_the_two_lines_it_is_drawn_by() -> None:
    minutes = pd.Series(pd.date_range("2026-03-10 15:00", periods=300, freq="min", tz=ZONE))
    height = solar_elevation(pd.DatetimeIndex(minutes), LAT, LON)
    light = light_condition(minutes, LAT, LON)
    assert light[height > SUNSET].eq("day").all()
    assert light[(height <= SUNSET) & (height >= CIVIL_DUSK)].eq("twilight").all()
    assert light[height < CIVIL_DUSK].eq("dark").all()
    assert set(light) == {"day", "twilight", "dark"}


def test_the_clock_change_moves_the_clock_and_not_the_sun() -> None:
    summer = pd.Series(pd.DatetimeIndex(["2026-10-24 17:30", "2026-10-25 16:30"], tz=ZONE))
    assert light_condition(summer, LAT, LON).tolist() == ["day", "day"]
    same_clock = pd.Series(pd.DatetimeIndex(["2026-10-24 17:30", "2026-10-25 17:30"], tz=ZONE))
    assert light_condition(same_clock, LAT, LON).tolist() == ["day", "dark"]


def test_no_time_has_no_light() -> None:
    when = pd.Series(pd.DatetimeIndex([pd.NaT, "2026-06-01 12:00"], tz=ZONE), index=["a", "b"])
    light = light_condition(when, LAT, LON)
    assert light.isna().tolist() == [True, False]
    with pytest.raises(ValueError, match="zone"):
        solar_elevation(pd.DatetimeIndex(["2026-06-01"]), LAT, LON)


def test_only_times_precise_to_the_hour_are_used() -> None:
    began = pd.Series(pd.DatetimeIndex(["2026-05-01 22:00"] * 5, tz=ZONE))
    ended = pd.Series(
        pd.DatetimeIndex(
            ["2026-05-01 22:10", pd.NaT, "2026-05-02 01:00", pd.NaT, "2026-05-01 21:00"], tz=ZONE
        )
    )
    rows = pd.DataFrame(
        {
            "occurred_from": began,
            "occurred_to": ended,
            "time_precision": ["exact", "hour", "exact", "day", "exact"],
        }
    )
    times, left_out = clock_times(rows)
    assert times.dt.strftime("%H:%M").tolist() == ["22:05", "22:30"]
    assert times.index.tolist() == [0, 1]
    assert left_out == {"the hour is not known": 1, "it spans more than an hour": 2}


def _reports(
    rng: np.random.Generator, effect: float, *, a_day: float = 6.0, winter: float = 1.0
) -> pd.Series:
    """Make reports at half past, multiplied in the dark by `effect` and in winter by `winter`."""
    hours = pd.date_range(FIRST, LAST + dt.timedelta(days=1), freq="h", inclusive="left")
    local = hours.tz_localize(ZONE, ambiguous=True, nonexistent="shift_forward")
    half = local + pd.Timedelta(minutes=30)
    dark = light_condition(pd.Series(half), LAT, LON).eq("dark").to_numpy()
    season = np.where(np.isin(hours.month, [11, 12, 1, 2]), winter, 1.0)
    evening = 1 + 2 * np.exp(-((hours.hour - 19) ** 2) / 12)
    rate = a_day / 24 * evening * season * np.where(dark, effect, 1.0)
    return pd.Series(half.repeat(rng.poisson(rate)))


def _effect(times: pd.Series, seed: int = 1, draws: int = 299) -> DarkEffect:
    return dark_effect(times, FIRST, LAST, lat=LAT, lon=LON, seed=seed, draws=draws)


def test_by_hand_where_one_hour_changes_with_the_light() -> None:
    # 17:00 only, by hand: A = 120 dark, B = 60 light; the control is one report at noon each day.
    days = pd.date_range(FIRST, LAST, freq="D")
    half = pd.Series((days + pd.Timedelta(hours=17, minutes=30)).tz_localize(ZONE))
    light = light_condition(half, LAT, LON)
    dark, lit = half[light.eq("dark")], half[light.eq("day")]
    noon = pd.Series((days + pd.Timedelta(hours=12)).tz_localize(ZONE))
    found = _effect(pd.concat([dark.iloc[:120], lit.iloc[:60], noon]))
    assert (found.dark, found.light) == (120, 60)
    assert 17 in found.case_hours
    assert 12 in found.control_hours
    assert found.odds_ratio == pytest.approx((120 * len(lit)) / (60 * len(dark)))


def test_a_planted_effect_is_recovered_and_winter_does_not_fake_one() -> None:
    rng = np.random.default_rng(3)
    planted = _effect(_reports(rng, 1.6, a_day=60, winter=0.6))
    assert planted.odds_ratio == pytest.approx(1.6, rel=0.1)
    assert planted.low < 1.6 < planted.high
    none = _effect(_reports(rng, 1.0, a_day=60, winter=0.6))
    assert none.odds_ratio == pytest.approx(1.0, rel=0.08)


def test_the_interval_covers_what_it_should() -> None:
    rng = np.random.default_rng(4)
    found = [_effect(_reports(rng, 1.3, winter=0.7), seed, draws=149) for seed in range(60)]
    # A control hour that is dark all year shifts with the effect, not with the light: no bias.
    covered = sum(f.low <= 1.3 <= f.high for f in found)
    assert covered >= 50  # 95 % of 60 is 57; under 50 has a chance of about 1 in 1,000


def test_statsmodels_pools_the_same_tables() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tables = pytest.importorskip(
            "statsmodels.stats.contingency_tables", reason="statsmodels is not installed"
        )
        cells = np.random.default_rng(5).integers(5, 60, (4, 4))
        stratified = tables.StratifiedTable([[[a, b], [c, d]] for a, b, c, d in cells.tolist()])
    assert _mantel_haenszel(cells[None])[0] == pytest.approx(stratified.oddsratio_pooled)


def test_words_follow_the_interval() -> None:
    def say(low: float, high: float) -> str:
        return DarkEffect(1.0, low, high, (17,), (12,), 1, 1, 1, 1).sentence()

    assert "more frequent when it is dark" in say(1.01, 2)
    assert "less frequent when it is dark" in say(0.5, 0.99)
    assert "no sign either way" in say(0.9, 1.1)
    assert say(0.9, 1.1).startswith("Between 17:00 and 18:00")


def test_too_little_is_declined() -> None:
    noon = pd.Series(pd.date_range("2025-01-01 12:00", periods=200, freq="D", tz=ZONE))
    with pytest.raises(NotEnoughDataError, match="0 in the dark"):
        _effect(noon)
    summer = dt.date(2025, 6, 1), dt.date(2025, 7, 31)
    with pytest.raises(NotEnoughDataError, match="No hour of the clock"):
        dark_effect(noon, *summer, lat=LAT, lon=LON, seed=1)


def test_civil_dusk_is_astrals_to_the_minute_across_both_clock_changes() -> None:
    """The first whole minute that is dark, so up to a minute after the moment astral gives."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sun = pytest.importorskip("astral.sun", reason="astral is not installed")
        astral = pytest.importorskip("astral", reason="astral is not installed")
    place = astral.Observer(latitude=LAT, longitude=LON)
    days = [dt.date(2026, 1, 1) + dt.timedelta(days=n) for n in range(0, 365, 7)]
    days += [dt.date(2026, 3, 28), dt.date(2026, 3, 29), dt.date(2026, 10, 24)]
    found = civil_dusk(days, LAT, LON)
    for day in days:
        theirs = sun.dusk(place, date=day, tzinfo=zoneinfo.ZoneInfo(ZONE))
        ours = dt.datetime.combine(day, found[day], theirs.tzinfo)
        assert abs((ours - theirs).total_seconds()) <= 90, day


def test_where_it_never_grows_dark_the_last_minute_stands() -> None:
    assert civil_dusk([dt.date(2026, 6, 21)], 60.2, -1.1) == {dt.date(2026, 6, 21): dt.time(23, 59)}
    assert civil_dusk([], LAT, LON) == {}
