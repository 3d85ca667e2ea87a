"""Components of the score, by hand on matrices small enough to check in the head."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import components as c
from analysis.coverage import MonthCover
from geodata import months as m


def _matrix(rows: list[list[int]], last: str = "2026-04") -> tuple[pd.DataFrame, MonthCover]:
    months = m.window(last, len(rows[0]))
    return pd.DataFrame(rows, columns=months), MonthCover(tuple(months), ())


def test_volume_counts_twelve_months_and_shrinks() -> None:
    # 13 months stored: the first lies outside the window. Sums 9 and 1 shrink to 7.75 and 2.25.
    matrix, cover = _matrix([[100] + [0] * 11 + [9], [100] + [0] * 11 + [1]])
    reading = c.volume(matrix, cover, "2026-04")
    assert reading.raw.tolist() == [7.75, 2.25]
    assert reading.used == 12


def test_volume_says_how_many_months_it_used() -> None:
    matrix, cover = _matrix([[3, 3, 3], [0, 0, 1]])
    assert c.volume(matrix, cover, "2026-04").note.startswith("reports received in 3 of the 12")


def test_volume_needs_three_months() -> None:
    matrix, cover = _matrix([[3, 3]])
    assert c.volume(matrix, cover, "2026-04").is_missing


def test_persistence_by_hand() -> None:
    # Eleven places, eight months, so six windows. Place 0 is busiest in months 1-3 only: the
    # windows that hold one of those months are windows 1, 2 and 3 of six. Place 1 is busiest later.
    rows = [[9, 9, 9, 0, 0, 0, 0, 0], [0, 0, 0, 5, 5, 5, 5, 5]] + [[0] * 8 for _ in range(9)]
    reading = c.persistence(*_matrix(rows), "2026-04")
    # window 1: 27 v 0; 2: 18 v 5; 3: 9 v 10; 4: 0 v 15. In window 3 place 1 leads and place 0 is
    # second of eleven, at percentile 90, so it still counts as the busiest tenth; place 1 was
    # second in window 2.
    assert reading.raw.tolist()[:2] == pytest.approx([3 / 6, 5 / 6])
    assert reading.used == 6


def test_persistence_needs_six_windows() -> None:
    matrix, cover = _matrix([[1] * 7, [0] * 7])
    reading = c.persistence(matrix, cover, "2026-04")
    assert reading.is_missing
    assert "needs 8 months" in reading.note


def test_persistence_leaves_out_windows_that_touch_a_gap() -> None:
    months = m.window("2026-04", 12)
    matrix = pd.DataFrame([[1] * 12, [0] * 12], columns=months)
    cover = MonthCover(tuple(months), (months[1],))
    assert c.persistence(matrix, cover, "2026-04").used == 8


def test_persistence_never_calls_a_block_of_ties_busy() -> None:
    matrix, cover = _matrix([[1] * 12 for _ in range(10)])
    assert c.persistence(matrix, cover, "2026-04").raw.tolist() == [0.0] * 10


def test_persistence_looks_back_over_24_windows_at_most() -> None:
    matrix, cover = _matrix([[1] * 36, [0] * 36])
    assert c.persistence(matrix, cover, "2026-04").used == 24


def test_trend_by_hand_and_a_fall_counts_as_zero() -> None:
    same = [0] * 9
    rows = [[25, 0, 0, *same, 49, 0, 0], [49, 0, 0, *same, 25, 0, 0], [0, 0, 0, *same, 1, 0, 0]]
    assert c.trend(*_matrix(rows), "2026-04").raw.tolist() == [4.0, 0.0, 2.0]


def test_trend_names_the_months_it_lacks() -> None:
    matrix, cover = _matrix([[1] * 12])
    reading = c.trend(matrix, cover, "2026-04")
    assert reading.is_missing
    assert reading.note == "needs 15 months; 2025-02, 2025-03, 2025-04 not covered"


def test_trend_refuses_a_month_that_one_force_lacks() -> None:
    months = m.window("2026-04", 15)
    matrix = pd.DataFrame([[1] * 15], columns=months)
    assert c.trend(matrix, MonthCover(tuple(months), ("2026-03",)), "2026-04").is_missing


def test_percentile_rank_by_hand() -> None:
    assert c.percentile_rank(pd.Series([5.0, 1.0, 1.0, 9.0, np.nan])).tolist()[:4] == pytest.approx(
        [200 / 3, 50 / 3, 50 / 3, 100.0]
    )


def test_percentile_rank_of_one_value_is_the_middle() -> None:
    assert c.percentile_rank(pd.Series([7.0])).tolist() == [50.0]
    frame = pd.DataFrame({"a": [7.0, np.nan], "b": [1.0, 2.0]})
    assert c.percentile_rank(frame)["a"].tolist()[0] == 50.0
    assert c.percentile_rank(frame)["b"].tolist() == [0.0, 100.0]


@given(st.lists(st.integers(0, 30), min_size=2, max_size=50), st.integers(2, 100))
def test_percentile_rank_ignores_the_unit(values: list[int], factor: int) -> None:
    raw = pd.Series(values, dtype="float64")
    pd.testing.assert_series_equal(c.percentile_rank(raw), c.percentile_rank(raw * factor))
    assert c.percentile_rank(raw).mean() == pytest.approx(50.0)


def test_months_needed_match_what_the_components_accept() -> None:
    for code, needed in c.months_needed().items():
        function = getattr(c, code)
        enough, short = _matrix([[1] * needed]), _matrix([[1] * (needed - 1)])
        assert not function(*enough, "2026-04").is_missing, code
        assert function(*short, "2026-04").is_missing, code
