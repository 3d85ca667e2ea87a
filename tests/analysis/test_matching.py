"""Places to compare with: as busy, moving alike, each once, and chosen by the months before."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.matching import match_places

ROW = st.lists(st.integers(0, 20), min_size=4, max_size=4)


def frame(rows: dict[str, list[int]]) -> pd.DataFrame:
    return pd.DataFrame.from_dict(rows, orient="index", columns=["1", "2", "3", "4"])


def test_distance_by_hand() -> None:
    """t had 4 then 5, a had 9 then 0: levels are alike, trends are not."""
    found = match_places(frame({"t": [2, 2, 3, 2], "a": [5, 4, 0, 0]}), ["t"], ["a"]).table
    trend_t = math.sqrt(5.25) - math.sqrt(4.25)
    trend_a = math.sqrt(0.25) - math.sqrt(9.25)
    assert found["distance"].tolist() == pytest.approx([math.sqrt(2) * (trend_t - trend_a)])
    assert found[["before", "first", "second"]].to_numpy().tolist() == [[9, 9, 0]]


def test_the_trend_decides_between_places_of_one_level() -> None:
    rows = {"t": [1, 1, 5, 5], "rises": [0, 2, 5, 5], "falls": [5, 5, 1, 1], "flat": [3, 3, 3, 3]}
    found = match_places(frame(rows), ["t"], ["falls", "flat", "rises"]).table
    assert found["place"].tolist() == ["rises", "flat", "falls"]


def test_no_place_is_used_twice_and_the_busiest_chooses_first() -> None:
    rows = {"t": [9] * 4, "u": [8] * 4, "a": [9] * 4, "b": [8] * 4, "c": [1] * 4}
    found = match_places(frame(rows), ["u", "t"], ["a", "b", "c"], each=2)
    assert found.table[["place", "matched_to"]].to_numpy().tolist() == [
        ["a", "t"], ["b", "t"], ["c", "u"],
    ]  # fmt: skip
    assert found.treated["place"].tolist() == ["t", "u"]
    assert found.is_out_of_reach  # nothing left is as busy as u


@settings(max_examples=15)
@given(st.lists(ROW, min_size=6, max_size=6), st.permutations(list("abcde")))
def test_the_order_of_rows_and_candidates_changes_nothing(
    rows: list[list[int]], order: list[str]
) -> None:
    counts = frame(dict(zip("tabcde", rows, strict=True)))
    one = match_places(counts, ["t"], list("abcde"), each=3).table
    other = match_places(counts.loc[["t", *order][::-1]], ["t"], order, each=3).table
    pd.testing.assert_frame_equal(one, other)


def test_faults_are_said() -> None:
    counts = frame({"t": [1] * 4, "a": [1] * 4})
    with pytest.raises(ValueError, match="no places"):
        match_places(counts, ["t"], [])
    with pytest.raises(ValueError, match="with itself"):
        match_places(counts, ["t"], ["a", "t"])
