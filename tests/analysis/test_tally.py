"""Counts by key: zero where data exist, nothing invented where they do not."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from analysis.tally import counts_by, inside_rows, monthly_matrix, tally

ROWS = pd.DataFrame(
    {
        "ward_code": ["W1", "W1", "W2", "W1"],
        "month": ["2026-01", "2026-02", "2026-02", "2026-02"],
        "category": ["rowdy", "rowdy", "begging", "rowdy"],
        "hexagon": ["h200_0_0", "h200_0_0", "h200_1_0", "h200_0_0"],
        "count": [1, 1, 1, 1],
    }
)


def test_wards_and_months_are_crossed_and_filled_with_zero() -> None:
    levels = {"ward": ["W1", "W2", "W3"], "month": ["2026-01", "2026-02"]}
    table = tally(ROWS, ["ward", "month"], levels)
    assert table["count"].tolist() == [1, 2, 0, 1, 0, 0]
    assert table["ward"].tolist() == ["W1", "W1", "W2", "W2", "W3", "W3"]


def test_hexagons_by_hand() -> None:
    table = tally(ROWS, ["hexagon"], {"hexagon": ["h200_0_0", "h200_0_1"]})
    assert dict(zip(table["hexagon"], table["count"], strict=True)) == {
        "h200_0_0": 3,
        "h200_0_1": 0,
        "h200_1_0": 1,
    }


def test_a_month_that_no_data_cover_gets_no_row() -> None:
    table = tally(ROWS, ["month"], {"month": ["2025-12", "2026-01", "2026-02"]})
    assert table["month"].tolist() == ["2025-12", "2026-01", "2026-02"]
    assert table["count"].tolist() == [0, 1, 3]


def test_a_count_stands_for_as_many_rows() -> None:
    """Two rows of 3 and 4 are 7 reports, in the table, the matrix and the sums."""
    counted = ROWS.iloc[:2].assign(count=[3, 4])
    assert tally(counted, ["ward"], {"ward": ["W1", "W2"]})["count"].tolist() == [7, 0]
    months = monthly_matrix(
        counted["ward_code"], counted["month"], ["2026-01", "2026-02"], counted["count"]
    )
    assert months.loc["W1"].tolist() == [3, 4]
    assert counts_by(counted, "ward_code").to_dict() == {"W1": 7}


def test_only_inside_rows_are_kept() -> None:
    rows = ROWS.assign(ward_match=["inside", "outside", "no_location", "inside"])
    assert inside_rows(rows).index.tolist() == [0, 3]


def test_a_row_with_no_place_is_in_no_row_of_the_matrix() -> None:
    keys = pd.Series(["b", None, "a"])
    matrix = monthly_matrix(keys, pd.Series(["2026-01"] * 3), ["2026-01"])
    assert matrix.index.tolist() == ["a", "b"]
    assert matrix["2026-01"].tolist() == [1, 1]


@given(
    st.lists(
        st.tuples(st.sampled_from("ABC"), st.sampled_from(["2026-01", "2026-02", "2026-03"])),
        max_size=60,
    )
)
def test_counts_add_up_and_agree_with_pandas(rows: list[tuple[str, str]]) -> None:
    frame = pd.DataFrame(rows, columns=["ward_code", "month"], dtype="str").assign(count=1)
    levels = {"ward": list("ABC"), "month": ["2026-01", "2026-02", "2026-03"]}
    table = tally(frame, ["ward", "month"], levels)
    assert len(table) == 9
    assert table["count"].sum() == len(frame)
    matrix = monthly_matrix(frame["ward_code"], frame["month"], levels["month"])
    crossed = pd.crosstab(frame["ward_code"], frame["month"])
    for (ward, month), count in table.set_index(["ward", "month"])["count"].items():
        expected = crossed.get(month, pd.Series(dtype=int)).get(ward, 0)
        assert count == expected
        assert matrix.reindex(list("ABC"), fill_value=0).loc[ward, month] == expected
