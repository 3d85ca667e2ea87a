"""Months as text: arithmetic that agrees with the calendar."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata import months

any_month = st.builds("{:04d}-{:02d}".format, st.integers(1900, 2099), st.integers(1, 12))


@pytest.mark.parametrize("text", ["1900-01", "2026-04", "2099-12", "2000-10"])
def test_months(text):
    assert months.is_month(text)


@pytest.mark.parametrize(
    "text",
    ["", "2026", "2026-4", "2026-00", "2026-13", "26-04", "04-2026", "2026-04-01", " 2026-04",
     "2026-04\n", "2026/04", "1899-12", "2100-01", "2026-٠٤", "20２6-04", None, 202604],
)  # fmt: skip
def test_what_is_no_month(text):
    assert not months.is_month(text)


@given(any_month, st.integers(-600, 600))
def test_shifting_agrees_with_pandas(month, by):
    assert months.shift(month, by) == str(pd.Period(month, "M") + by)


@given(any_month, any_month)
def test_text_sorts_as_time(one, two):
    assert (one < two) == (months.number(one) < months.number(two))
    assert months.from_number(months.number(one)) == one


@given(any_month, st.integers(0, 60))
def test_a_span_has_every_month_once(first, length):
    last = months.shift(first, length)
    span = months.span(first, last)
    assert span == [str(p) for p in pd.period_range(first, last, freq="M")]
    assert len(span) == length + 1
    assert months.span(last, first) == ([first] if length == 0 else [])


@given(any_month, st.integers(0, 40))
def test_a_window_ends_with_its_month(last, length):
    window = months.window(last, length)
    assert len(window) == length
    assert window[-1:] == ([last] if length else [])


def test_a_year_ends_where_the_next_begins():
    assert months.shift("2025-12", 1) == "2026-01"
    assert months.shift("2026-01", -1) == "2025-12"
    assert months.shift("2026-02", -12) == "2025-02"
    assert months.window("2026-04", 12)[0] == "2025-05"


@given(st.sets(st.integers(24_000, 24_060), min_size=1))
def test_present_and_missing_make_up_the_span(numbers):
    present = [months.from_number(n) for n in numbers]
    missing = months.missing(present)
    assert sorted([*present, *missing]) == months.span(min(present), max(present))
    assert not set(present) & set(missing)


def test_nothing_is_missing_from_nothing():
    assert months.missing([]) == []
    assert months.missing(iter(["2016-01", "2016-04", "2016-01"])) == ["2016-02", "2016-03"]


def test_labels():
    assert [months.label(f"2026-{m:02d}").split()[0][:3] for m in range(1, 13)] == [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]  # fmt: skip
    assert months.label("2026-09") == "September 2026"
