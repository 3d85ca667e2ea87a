"""Tags beside the score, each by hand."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from analysis import tags as t

ON = dt.date(2026, 6, 30)
PLACES = pd.Index(["a", "b", "c"])
SCORED = pd.DataFrame({"volume_score": [10, 90, 30.0], "concern_score": [80, 90, None]}, PLACES)
WARDS = pd.Series(["W", "W", "E"], PLACES)
NOTHING = pd.Series([0.0, 0.0, 0.0], PLACES)


def visits(*rows: tuple[str | None, str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=["place", "ward", "on", "light"])
    codes = [(ward,) if ward else () for ward in frame["ward"]]
    return frame.assign(ward_codes=codes, on=pd.to_datetime(frame["on"]))


def test_without_records_of_walks_nothing_is_said_of_visits() -> None:
    assert t.tags(SCORED, WARDS, visits(), NOTHING, ON).tolist() == [t.QUIET, "", ""]


def test_a_place_visited_lately_waits_unless_something_is_unfinished() -> None:
    held = visits(("a", "W", "2026-02-01", "dark"), ("b", "W", "2026-01-15", "day"))
    owed = pd.Series([0.0, 2.0, 0.0], PLACES)
    said = t.tags(SCORED, WARDS, held, owed, ON)
    assert said["a"] == f"{t.RECENT}; {t.QUIET}"
    assert said["b"] == f"{t.UNFINISHED}; {t.NEVER_DARK}"
    assert said["c"] == f"{t.NEVER_DARK}; {t.EQUITY}"


def test_half_a_year_ago_is_not_lately_and_later_walks_are_not_known_yet() -> None:
    held = visits(("a", "W", "2025-12-30", "dark"), ("c", "E", "2026-07-01", "dark"))
    said = t.tags(SCORED, WARDS, held, NOTHING, ON)
    assert said["a"] == t.QUIET
    assert t.EQUITY in said["c"]


def test_what_a_leader_should_know_of_lamps_and_steps() -> None:
    lamps = pd.Series([3, 0, 1], PLACES)
    steps = pd.Series([True, False, None], PLACES, dtype="object")
    said = t.tags(SCORED, WARDS, visits(), NOTHING, ON, lamps=lamps, step_free=steps)
    assert said["a"] == f"{t.QUIET}; {t.LIT}; {t.STEP_FREE}"
    assert said["b"] == f"{t.UNLIT}; {t.STEPS}"
    assert said["c"] == t.LIT  # nobody has said anything of steps
