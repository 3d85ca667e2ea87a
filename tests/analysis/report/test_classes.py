"""Few classes, zero by itself, ties together, and words that say exactly what is inside."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.report.classes import NO_DATA, WITHHELD, legend_for, number_text

COUNTS = st.lists(st.one_of(st.none(), st.integers(0, 400)), max_size=120)


def _labels(values, **options):
    legend = legend_for(pd.Series(values, dtype="float64"), title="Reports", **options)
    return [band.label for band in legend.bands]


def test_twenty_distinct_numbers_make_four_a_class():
    # Fifths end at 4, 8, 12 and 16. Rounding 12 or 16 to 10 or 15 would move too many.
    assert _labels(range(1, 21)) == ["1 to 4", "5 to 8", "9 to 12", "13 to 16", "17 to 20"]


def test_zero_is_a_class_of_its_own():
    assert _labels([0, 0, 7, 9]) == ["0", "7", "8 to 9"]


def test_all_zero_is_one_class():
    legend = legend_for(pd.Series([0, 0]), title="Reports")
    assert [(b.number, b.shade, b.areas) for b in legend.bands] == [(0, 0, 2)]


def test_all_equal_is_one_class_in_the_middle_shade():
    legend = legend_for(pd.Series([6, 6, 6]), title="Reports")
    assert [(b.number, b.shade, b.label, b.areas) for b in legend.bands] == [(1, 3, "6", 3)]


def test_one_area_is_one_class():
    assert _labels([17]) == ["17"]


def test_nothing_known_leaves_a_zero_class_and_counts_the_gaps():
    legend = legend_for(pd.Series([None, np.nan]), title="Reports")
    assert ([b.areas for b in legend.bands], legend.no_data) == ([0], 2)


def test_an_empty_frame_has_a_legend():
    assert [b.areas for b in legend_for(pd.Series([], dtype="float64"), title="R").bands] == [0]


def test_ties_are_never_split_even_when_most_are_equal():
    legend = legend_for(pd.Series([1] * 90 + list(range(2, 12))), title="Reports")
    assert [(b.label, b.areas) for b in legend.bands][0] == ("1", 90)
    assert sum(b.areas for b in legend.bands) == 100


def test_limits_are_rounded_where_that_moves_few_areas():
    # Three a class: 14 -> 15, 52 stays (50 would move one of three), 109 -> 110, 290 -> 300.
    values = [12, 13, 14, 48, 49, 52, 101, 103, 109, 230, 260, 290, 700, 900, 977]
    assert _labels(values) == ["12 to 15", "16 to 52", "53 to 110", "111 to 300", "301 to 977"]


def test_rates_have_limits_that_can_be_read():
    assert _labels([0.4, 1.3, 2.2, 3.7, 9.81]) == [
        "up to 0.4",
        *("over 0.4 to 1.3", "over 1.3 to 2.2", "over 2.2 to 3.7", "over 3.7 to 9.81"),
    ]
    # The top of a rate is rounded up, never down: the highest must lie inside its own class.
    assert _labels([0.5, *np.linspace(1, 9, 30), 12.345678])[-1].endswith("to 12.4")


def test_the_legend_of_one_month_colours_another():
    legend = legend_for(pd.Series([1, 2, 3]), title="Reports")
    seen = legend.class_of(pd.Series([0, 2, 50, None]))
    assert seen.tolist() == [0, 2, 3, NO_DATA]


def test_withheld_is_neither_zero_nor_missing():
    values, held = pd.Series([0, 3, None, None]), pd.Series([False, True, True, False])
    legend = legend_for(values, title="Reports", withheld=held)
    assert (legend.no_data, legend.withheld) == (1, 2)
    assert legend.class_of(values, held).tolist() == [0, WITHHELD, WITHHELD, NO_DATA]
    assert [b.label for b in legend.bands] == ["0"]


def test_the_index_of_the_values_is_kept():
    values = pd.Series([5, 0], index=["b", "a"])
    assert legend_for(values, title="R").class_of(values).to_dict() == {"b": 1, "a": 0}


@pytest.mark.parametrize("bad", [[-1.0], [float("inf")]])
def test_a_number_no_class_can_hold_is_refused(bad):
    with pytest.raises(ValueError, match="finite"):
        legend_for(pd.Series(bad), title="Reports")


@pytest.mark.parametrize("classes", [0, 6])
def test_a_map_has_one_to_five_classes(classes):
    with pytest.raises(ValueError, match="1 to 5"):
        legend_for(pd.Series([1]), title="Reports", classes=classes)


@given(COUNTS, st.integers(1, 5))
def test_every_count_is_in_exactly_the_class_its_label_names(values, classes):
    series = pd.Series(values, dtype="float64")
    legend = legend_for(series, title="Reports", classes=classes)
    seen = legend.class_of(series)
    rising = [b for b in legend.bands if b.number]
    assert len(rising) <= classes
    assert [b.number for b in rising] == list(range(1, len(rising) + 1))
    for value, number in zip(series, seen, strict=True):
        if np.isnan(value):
            assert number == NO_DATA
            continue
        label = next(b.label for b in legend.bands if b.number == number)
        low, _, high = label.partition(" to ")
        assert float(low) <= value <= float(high or low)
    for band in rising:
        assert band.areas == int((seen == band.number).sum()) > 0
    assert legend.no_data + sum(b.areas for b in legend.bands) == len(series)


@given(st.lists(st.floats(0, 1e6, allow_nan=False), min_size=1, max_size=60))
def test_rates_keep_their_order_and_no_class_is_empty(values):
    series = pd.Series(values)
    legend = legend_for(series, title="Rate")
    seen = legend.class_of(series)
    ordered = seen[series.sort_values().index]
    assert ordered.is_monotonic_increasing
    assert all(band.areas > 0 for band in legend.bands)
    assert sum(band.areas for band in legend.bands) == len(series)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1000, "1,000"), (-2, "-2"), (0.5, "0.5"), (1234.5, "1,234"), (12.345, "12.3")],
)
def test_numbers_are_written_for_people(value, text):
    assert number_text(value) == text
