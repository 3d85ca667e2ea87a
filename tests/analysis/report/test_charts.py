"""What a chart holds: gaps stay gaps, wards stay in order, parts add up, words say the same."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.components import COMPONENT_CODES
from analysis.report.charts import (
    contribution_chart,
    contribution_summary,
    contributions,
    monthly_chart,
    monthly_rows,
    monthly_summary,
    ward_chart,
    ward_summary,
)
from analysis.score import PRESETS, score_locations
from geodata import months as m


@pytest.fixture
def two_years() -> pd.DataFrame:
    """2024-05 to 2026-04: 1, 2, 3 ...; 2025-09 is missing and one force lacks 2026-01."""
    months = m.span("2024-05", "2026-04")
    frame = pd.DataFrame({"month": months, "count": np.arange(1.0, 25.0), "is_partial": False})
    frame.loc[frame["month"] == "2025-09", "count"] = np.nan
    frame.loc[frame["month"] == "2026-01", "is_partial"] = True
    return frame


def _rows(chart):
    drawn = chart.to_dict()
    return [layer.get("data", drawn.get("data"))["values"] for layer in drawn["layer"]]


def test_a_missing_month_is_null_and_never_zero(two_years):
    line, *_, gaps = _rows(monthly_chart(two_years))
    september = [r for r in line if r["month"] == "2025-09"]
    assert [r["count"] for r in september] == [None]
    assert [r["month"] for r in gaps] == ["2025-09"]
    assert 0 not in [r["count"] for r in line]


def test_a_missing_month_breaks_the_line_and_carries_words(two_years):
    drawn = monthly_chart(two_years).to_dict()
    line, full, hollow, gaps = drawn["layer"]
    assert line["mark"]["invalid"] == "break-paths-show-domains"
    assert gaps["mark"]["text"] == "no data"
    assert full["transform"] == [{"filter": "!datum.is_partial"}]
    assert hollow["transform"] == [{"filter": "datum.is_partial"}]


def test_the_year_before_stands_under_the_same_months(two_years):
    rows = monthly_rows(two_years)
    assert rows["count"].tolist()[:4] == [13, 14, 15, 16]
    assert rows["count"].tolist()[12:16] == [1, 2, 3, 4]
    assert rows["label"].tolist()[:12] == rows["label"].tolist()[12:]
    assert rows["label"].iloc[0] == "May 2025"
    assert rows["full"].iloc[12] == "May 2024"


def test_colour_is_not_the_only_cue(two_years):
    line = monthly_chart(two_years).to_dict()["layer"][0]
    assert line["encoding"]["strokeDash"]["scale"]["range"] == [[1, 0], [6, 4]]


def test_without_a_year_before_only_one_line_is_named(two_years):
    drawn = monthly_chart(two_years.tail(12)).to_dict()["layer"][0]
    assert drawn["encoding"]["color"]["scale"]["domain"] == ["These months"]
    assert {r["series"] for r in drawn["data"]["values"]} == {"These months"}


def test_the_months_are_said_in_words(two_years):
    assert monthly_summary(two_years, what="ASB reports") == (
        "ASB reports by month, May 2025 to April 2026: fewest 13 in May 2025, most 24 in April "
        "2026. No data for September 2025. One police force is missing in January 2026. In the 11 "
        "months with data in both years: 205, against 73 a year before."
    )


@pytest.mark.parametrize("frame", [
    pd.DataFrame({"month": [], "count": []}),
    pd.DataFrame({"month": ["2026-04"], "count": [np.nan]}),
])  # fmt: skip
def test_nothing_known_is_said_and_drawn_empty(frame):
    assert monthly_summary(frame) == "Reports by month: there are no data."
    assert monthly_chart(frame).to_dict()["description"] == "Reports by month: there are no data."


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_chart_has_a_description_and_fetches_nothing(two_years, theme):
    wards = pd.DataFrame({"ward_name": ["A"], "count": [3.0]})
    row = pd.Series({"volume_score": 80.0, "volume_weight": 30.0})
    for chart in (
        monthly_chart(two_years, theme=theme),
        ward_chart(wards, theme=theme),
        contribution_chart(row, theme=theme),
    ):
        drawn = chart.to_dict()
        assert len(drawn["description"]) > 20
        plain = json.dumps({k: v for k, v in drawn.items() if k != "$schema"})
        assert "url" not in plain
        assert "http" not in plain


def test_wards_stand_in_the_order_of_their_names_not_of_their_counts():
    frame = pd.DataFrame({"ward_name": ["Weavers", "Bow", "Lansbury"], "count": [9.0, 1.0, 5.0]})
    bars, words = _rows(ward_chart(frame))
    assert [r["ward_name"] for r in bars] == ["Bow", "Lansbury", "Weavers"]
    assert [r["words"] for r in words] == ["1", "5", "9"]
    assert ward_chart(frame).to_dict()["layer"][0]["encoding"]["y"]["sort"] is None


def test_a_ward_without_a_number_says_why():
    frame = pd.DataFrame(
        {"ward_name": list("ABCD"), "count": [None, None, 0, 7], "withheld": ["1 to 4", "", "", ""]}
    )
    bars, _ = _rows(ward_chart(frame))
    assert [r["words"] for r in bars] == ["1 to 4", "no data", "0", "7"]
    assert ward_summary(frame) == (
        "Reports by ward, in the order of their names: 0 to 7 in 2 wards. No data for B. "
        "Withheld for 1."
    )


def test_no_ward_is_called_the_worst():
    frame = pd.DataFrame({"ward_name": ["A", "B"], "count": [1.0, 99.0]})
    assert not any(word in ward_summary(frame).lower() for word in ("worst", "highest", "top"))


_RAW = st.one_of(st.none(), st.floats(0, 1000, allow_nan=False))


@given(st.lists(st.tuples(_RAW, _RAW, _RAW, _RAW), min_size=2, max_size=6))
def test_what_the_components_add_is_the_total(rows):
    codes = list(COMPONENT_CODES[:4])
    evidence = pd.DataFrame(rows, columns=codes, index=[f"h{n}" for n in range(len(rows))])
    scored = score_locations(evidence.astype("float64"), PRESETS["walkabout"])
    for _, row in scored[scored["total"].notna()].iterrows():
        parts = contributions(row)
        assert parts["points"].sum() == pytest.approx(row["total"], abs=1e-9)
        assert parts["most"].sum() == pytest.approx(100)
        assert (parts["points"] <= parts["most"] + 1e-9).all()


def test_a_component_without_evidence_is_named_and_adds_nothing():
    scored = score_locations(
        pd.DataFrame({"volume": [5.0, 1.0]}, index=["a", "b"]), PRESETS["walkabout"]
    )
    parts = contributions(scored.loc["a"])
    weighted = [c for c in COMPONENT_CODES if PRESETS["walkabout"].of(c) > 0]
    assert len(parts) == len(weighted)
    assert (parts["words"] == "not known").sum() == len(weighted) - 1
    assert contribution_summary(scored.loc["a"]).startswith(
        "Points of the total: Reports received 100 of 100. Not known: "
    )


def test_a_place_nothing_is_known_of_says_so():
    row = pd.Series({"volume_score": None, "volume_weight": 30.0})
    assert contribution_summary(row) == "Nothing is known that could be scored here."
    assert contribution_chart(row).to_dict()["layer"]
