"""Which months the data cover."""

from __future__ import annotations

import pandas as pd

from analysis.coverage import MonthCover, compared_months, month_cover


def _stored(**forces: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        [(force, month) for force, months in forces.items() for month in months],
        columns=["force", "month"],
    )


def test_a_gap_is_looked_for_within_each_force_and_united() -> None:
    cover = month_cover(
        _stored(met=["2016-01", "2016-02", "2016-04"], btp=["2016-02", "2016-03", "2016-04"])
    )
    assert cover.present == ("2016-01", "2016-02", "2016-03", "2016-04")
    assert cover.missing == ("2016-03",)
    assert cover.partial == ("2016-03",)
    assert cover.absent == ()


def test_a_month_no_force_covers_is_absent() -> None:
    cover = month_cover(_stored(met=["2016-01", "2016-03"]))
    assert cover.absent == cover.missing == ("2016-02",)
    assert not cover.is_complete("2016-02")


def test_a_force_that_starts_later_leaves_no_gap_before() -> None:
    cover = month_cover(_stored(met=["2016-01", "2016-02"], btp=["2016-02"]))
    assert cover.missing == ()
    assert cover.is_complete("2016-01")


def test_cutting_keeps_both_ends() -> None:
    cover = MonthCover(("2016-01", "2016-02", "2016-03"), ("2016-02",))
    assert cover.within("2016-02", "2016-03") == MonthCover(("2016-02", "2016-03"), ("2016-02",))
    assert cover.within(None, "2016-01") == MonthCover(("2016-01",), ())


def test_nothing_stored_covers_nothing() -> None:
    assert month_cover(_stored()) == MonthCover((), ())


def test_same_months_a_year_before() -> None:
    assert compared_months(["2026-01", "2025-12"]) == ["2025-01", "2024-12"]
