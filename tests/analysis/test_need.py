"""Who gets walks: worked out by hand, with its shares, months and sentences."""

from __future__ import annotations

import datetime as dt
from typing import Any

import altair as alt
import pandas as pd
import pytest

from analysis.need import need_by_ward, need_words
from analysis.report.need_charts import shares_chart, walks_chart

WARDS = pd.DataFrame({"ward_code": ["B", "A", "C"], "ward_name": ["Bow", "Ash", "Cubitt"]})
ON = dt.date(2026, 4, 30)


def held(*rows: tuple[str, tuple[str, ...], str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["event_type", "ward_codes", "date"])
    return frame.assign(date=pd.to_datetime(frame["date"]), type_name=frame["event_type"])


EVENTS = held(
    ("walkabout", ("A", "B"), "2025-05-01"),
    ("womens_walk", ("A",), "2026-04-30"),
    ("safety_surgery", ("C",), "2026-01-01"),
    ("walkabout", ("C",), "2025-04-30"),  # a year ago to the day: not within 12 months
    ("walkabout", ("C",), "2026-05-01"),  # after the day
)


def rows_of(chart: alt.LayerChart) -> list[dict[str, Any]]:
    found, left = [], [chart.to_dict()]
    for part in left:
        found += part.get("data", {}).get("values", [])
        left += part.get("layer", [])
    return found


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return need_by_ward(WARDS, pd.Series({"A": 10, "C": 30}), pd.Series({"C": 2}), EVENTS, ON)


def test_by_hand(table: pd.DataFrame) -> None:
    assert table["ward_name"].tolist() == ["Ash", "Bow", "Cubitt"]  # by name: no league table
    assert table["share_reports"].tolist() == [0.25, 0.0, 0.75]
    assert table["share_places"].tolist() == [0.0, 0.0, 1.0]
    assert table["walks"].tolist() == [2, 1, 0]  # one in two wards counts in both
    assert table["others"].tolist() == [0, 0, 1]
    assert table["share_walks"].tolist() == pytest.approx([2 / 3, 1 / 3, 0])
    assert table["months_since"].tolist() == [0, 11, 12]
    assert table["note"].tolist() == ["", "", "no walk in 12 months"]
    quarters = [c for c in table if c.startswith("walks_")]
    assert (quarters[0], quarters[-1]) == ("walks_2024_q3", "walks_2026_q2")
    assert table["walks_2025_q2"].tolist() == [1, 1, 1]
    assert need_words(table).startswith(
        "3 walks in 12 months, in 2 of 3 wards. 1 ward had none; 75"
    )


def test_nothing_held_and_nothing_ranked_shares_nothing() -> None:
    none = need_by_ward(WARDS, pd.Series(dtype="float64"), pd.Series(dtype="float64"), held(), ON)
    assert none[["share_reports", "share_places", "share_walks"]].isna().all(axis=None)
    assert set(none["note"]) == {"no walk on record"}
    assert need_words(none) == "0 walks in 12 months, in 0 of 3 wards. 3 wards had none."


def test_where_every_ward_had_a_walk_it_is_said(table: pd.DataFrame) -> None:
    assert need_words(table[table["walks"] > 0]).endswith("Every ward had one.")


def test_the_charts_hold_every_ward_in_order_of_name(table: pd.DataFrame) -> None:
    shares = rows_of(shares_chart(table))
    assert [row["words"] for row in shares if row["ward_name"] == "Cubitt"] == [
        "30 (75 %)", "0 (0 %)",
    ]  # fmt: skip
    chart = walks_chart(table, EVENTS, pd.Timestamp(ON))
    dots = [row for row in rows_of(chart) if "kind" in row]
    assert len(dots) == 5  # the one after the day is not there; that of two wards stands twice
    assert chart.layer[1].to_dict()["encoding"]["y"]["scale"]["domain"] == ["Ash", "Bow", "Cubitt"]
