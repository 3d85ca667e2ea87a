"""Charts of time: gaps stay gaps, marks carry words, the same is said in a sentence."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from analysis.aoristic import WEEKDAYS, Spread
from analysis.concentration import lorenz
from analysis.control_chart import RULES
from analysis.report import time_charts as tc
from geodata import months as m


@pytest.fixture
def series() -> pd.DataFrame:
    """Twelve months: April has no data, a file lacks May, December is marked."""
    months = m.span("2025-01", "2025-12")
    frame = pd.DataFrame(
        {
            "month": months, "count": 20.0, "is_partial": False, "centre": 20.0, "low": 7.0,
            "high": 33.0, "signals": "", "note": "",
        }
    )  # fmt: skip
    frame.loc[3, "count"] = np.nan
    frame.loc[4, "is_partial"] = True
    frame.loc[11, ["count", "signals", "note"]] = [60.0, "beyond", "beyond the limits"]
    return frame


def _layers(chart) -> list[dict]:
    return chart.to_dict()["layer"]


def test_a_control_chart_has_gaps_rings_and_hollow_months(series) -> None:
    layers = _layers(tc.control_picture(series))
    assert [each["mark"]["type"] for each in layers] == [
        "area", "line", "line", "point", "point", "point", "text",
    ]  # fmt: skip
    rows = layers[0]["data"]["values"] if "data" in layers[0] else None
    if rows is None:
        rows = tc.control_picture(series).to_dict()["data"]["values"]
    assert [row["month"] for row in rows if row["count"] is None] == ["2025-04"]
    assert rows[4]["note"] == "a file is missing: not judged"
    assert layers[6]["mark"]["text"] == "no data"
    assert layers[5]["transform"] == [{"filter": "datum.signals !== ''"}]


def test_a_break_is_a_line_with_its_words(series) -> None:
    breaks = pd.DataFrame({"month": ["2025-06"], "label": ["A new form"]})
    layers = _layers(tc.control_picture(series, breaks=breaks))
    assert layers[-2]["mark"]["type"] == "rule"
    assert layers[-1]["mark"]["text"] == "break"
    assert "A new form" in json.dumps(tc.control_picture(series, breaks=breaks).to_dict())
    assert len(_layers(tc.control_picture(series, breaks=breaks.iloc[:0]))) == 7


def test_a_control_chart_in_words(series) -> None:
    assert tc.control_summary(series) == (
        "Reports by month, January 2025 to December 2025: marked: December 2025 (beyond the "
        "limits); about 20 a month is usual, 7 to 33 without anything happening. No data for "
        "April 2025."
    )
    assert "too few months" in tc.control_summary(series.assign(centre=np.nan))
    assert tc.control_summary(series.assign(count=np.nan)).endswith("there are no data.")


def test_every_chart_has_its_words_for_screen_readers(series) -> None:
    season = pd.DataFrame(
        {"index": 1.0, "lowest": 0.9, "highest": 1.1, "years": 2}, index=pd.RangeIndex(1, 13)
    ).rename_axis("month_of_year")
    week = Spread(pd.DataFrame(1.0, list(WEEKDAYS), range(24)), 168, {})
    wards = pd.DataFrame(
        {
            **{"ward_name": ["A", "B"], "count": [5, 9], "exposure": [1.0, 2.0], "rate": [5, 4.5]},
            **{"shrunk": 4.7, "low95": 1.0, "high95": 8.0, "low998": 0.5, "high998": 9.0},
            **{"stands_out": ["", "higher"]},
        }
    )
    curve = lorenz(pd.Series([9, 1, 0, 0]), seed=1)
    funnel = tc.funnel_picture(wards, common=4.6, per="reports per km²", exposure="km²")
    for theme in ("light", "dark"):
        for chart in (
            tc.control_picture(series, theme=theme), tc.season_picture(season, theme=theme),
            tc.week_picture(week, theme=theme), tc.concentration_picture(curve, theme=theme),
            funnel,
        ):  # fmt: skip
            drawn = chart.to_dict()
            assert len(drawn["description"]) > 40
            assert "NaN" not in json.dumps(drawn)
    assert "Beyond the outer limits: B (higher)." in funnel.to_dict()["description"]


def test_the_week_in_blocks_carries_its_numbers() -> None:
    blocks = Spread(pd.DataFrame(2.0, list(WEEKDAYS), range(0, 24, 4)), 84, {})
    kinds = [each["mark"]["type"] for each in _layers(tc.week_picture(blocks))]
    assert kinds == ["rect", "text"]
    nothing = Spread(pd.DataFrame(0.0, list(WEEKDAYS), range(0, 24, 4)), 0, {})
    assert tc.week_summary(nothing) == "No report has a time of day."


def test_the_rules_are_said() -> None:
    assert all(words in tc.rule_words() for words in RULES.values())
    assert "eight months in a row" in tc.rule_words()
