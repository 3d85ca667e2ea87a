"""Control charts against limits and runs worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.control_chart import RULES, Break, control_chart, signals
from geodata import months as m

LEVEL = pd.Series(1.0, index=m.span("2020-01", "2029-12"))


def _counts(values: list[float], first: str = "2024-01") -> pd.Series:
    return pd.Series(values, index=m.span(first, m.shift(first, len(values) - 1)))


def test_limits_of_individual_values_by_hand() -> None:
    # Equal exposure: mean 100; moving ranges 40 throughout, so sigma = 40 / 1.128 (XmR: 2.66 x 40).
    chart = control_chart(_counts([80, 120] * 6), exposure=LEVEL)
    assert chart["centre"].tolist() == [100.0] * 12
    assert chart["high"].iloc[0] == pytest.approx(100 + 3 * 40 / 1.128)
    assert chart["high"].iloc[0] == pytest.approx(100 + 2.66 * 40, abs=0.05)
    assert chart["low"].iloc[0] == 0.0
    assert chart["signals"].eq("").all()


def test_limits_are_never_narrower_than_chance_alone() -> None:
    # 100, 101, 100 ...: hardly any range, so Poisson limits: mean +- 3 roots of it.
    chart = control_chart(_counts([100, 101] * 5), exposure=LEVEL)
    assert chart["high"].iloc[0] == pytest.approx(100.5 + 3 * np.sqrt(100.5))
    assert chart["low"].iloc[0] == pytest.approx(100.5 - 3 * np.sqrt(100.5))


def test_a_longer_month_may_hold_more() -> None:
    chart = control_chart(_counts([31 * 3, 29 * 3, 31 * 3, 30 * 3] * 3))
    assert chart["centre"].loc["2024-02"] / chart["centre"].loc["2024-01"] == pytest.approx(29 / 31)


def test_a_season_given_as_exposure_is_no_signal() -> None:
    season = np.tile([1, 1, 1, 2, 2, 2, 3, 3, 3, 2, 2, 2.0], 3)
    counts = _counts((40 * season).tolist())
    plain = control_chart(counts)
    adjusted = control_chart(counts, exposure=pd.Series(season, index=counts.index))
    assert (plain["signals"] != "").any()
    assert (adjusted["signals"] == "").all()


@pytest.mark.parametrize(
    ("z", "name", "at"),
    [
        ([0.5, -3.1], "beyond", 1),
        ([2.1, 0.0, 2.1], "two_of_three", 2),
        ([-2.5, -2.5], "two_of_three", 1),
        ([0.1] * 8, "run", 7),
        ([-0.6, -0.4, 0.1, 0.2, 0.4, 0.5], "trend", 5),
        ([1.6, 0.9, 0.4, -0.2, -0.4, -0.9], "trend", 5),
    ],
)
def test_each_rule_names_the_month_that_completes_it(z: list[float], name: str, at: int) -> None:
    named = signals(pd.Series(z))
    assert named.iloc[at] == name
    assert (named.drop(at) == "").all()


@pytest.mark.parametrize(
    "z",
    [
        [3.0, -3.0],
        [2.1, 0.0, 1.9],
        [2.1, -2.1, 0.0],
        [2.5, 2.5, 0.0][:1] + [0.0, 0.0, 2.5],
        [0.1] * 7 + [-0.1],
        [0.1] * 7,
        [-0.5, -0.1, 0.2, 0.2, 0.3, 0.4],
        [0.1] * 4 + [np.nan] + [0.1] * 4,
        [0.1, 0.2, 0.3, np.nan, 0.4, 0.5, 0.6],
    ],
)
def test_almost_a_rule_is_no_signal(z: list[float]) -> None:
    assert signals(pd.Series(z)).eq("").all()


@given(st.lists(st.floats(-4, 4, allow_nan=False), max_size=40))
def test_rules_mirror_and_are_known(z: list[float]) -> None:
    up, down = signals(pd.Series(z, dtype="float64")), signals(-pd.Series(z, dtype="float64"))
    assert up.tolist() == down.tolist()
    assert set(" ".join(up).split()) <= set(RULES)


def test_a_missing_month_is_a_gap_not_a_zero() -> None:
    counts = _counts([50, 52, 48, 51, 49, 50, 47, 53, 50, 51])
    chart = control_chart(counts.drop("2024-05"))
    assert chart.index.tolist() == counts.index.tolist()
    assert np.isnan(chart.loc["2024-05", "count"])
    assert chart.loc["2024-05", "signals"] == ""
    assert chart["centre"].notna().all()


def test_a_break_starts_the_series_anew() -> None:
    counts = _counts([90, 100, 110, 95] * 3 + [30, 35, 25, 30] * 3)
    broken = control_chart(counts, breaks=[Break("2025-01", "reports are counted another way")])
    assert broken["stretch"].tolist() == [0] * 12 + [1] * 12
    assert (broken["signals"] == "").all()
    assert (control_chart(counts)["signals"] != "").any()
    assert broken["centre"].iloc[0] > 2.5 * broken["centre"].iloc[-1]


def test_a_fixed_baseline_does_not_follow_the_change() -> None:
    counts = _counts([50, 48, 52, 51, 49, 50, 53, 47, 50, 51, 49, 50] + [90] * 6)
    chart = control_chart(counts, exposure=LEVEL, baseline=12)
    assert chart["centre"].iloc[-1] == 50.0
    assert chart["signals"].iloc[12].split() == ["beyond"]


def test_too_few_months_give_no_limits() -> None:
    chart = control_chart(_counts([5, 9, 7, 80]))
    assert chart[["centre", "low", "high", "z"]].isna().all(axis=None)
    assert chart["signals"].eq("").all()
    assert control_chart(_counts([0.0] * 12))["centre"].isna().all()


def test_false_alarms_are_as_often_as_the_note_says() -> None:
    rng = np.random.default_rng(1)
    charts = [control_chart(_counts(rng.poisson(50, 36).tolist())) for _ in range(80)]
    marked = np.mean([(chart["signals"] != "").any() for chart in charts])
    assert 0.05 < marked < 0.31


def test_impossible_input_is_refused() -> None:
    with pytest.raises(ValueError, match="months"):
        control_chart(pd.Series([1, 2], index=["2024-01", "2024-13"]))
    with pytest.raises(ValueError, match="negative"):
        control_chart(_counts([1, -1]))
    with pytest.raises(ValueError, match="exposure"):
        control_chart(_counts([1, 1]), exposure=_counts([1, 0]))
