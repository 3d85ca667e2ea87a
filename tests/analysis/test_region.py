"""Counts of partitions added up: nothing lost, nothing twice, in whatever pieces they come."""

from __future__ import annotations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.region import HEXAGON_KEYS, add_up, baselines, stretches

row = st.tuples(
    st.integers(-3, 3), st.integers(-900, 900), st.sampled_from(["2026-01", "2026-02"]),
    st.sampled_from(["drugs", "burglary", "other"]), st.integers(1, 2**31 - 1),
)  # fmt: skip
columns = st.dictionaries(st.integers(-60, 60), st.integers(1, 99), max_size=9)


@settings(max_examples=50, deadline=None)
@given(st.lists(row, max_size=40), st.integers(1, 5))
def test_pieces_add_up_to_the_whole_in_the_order_of_the_keys(
    rows: list[tuple[int, int, str, str, int]], pieces: int
) -> None:
    """Beside pandas' groupby; a piece knows only its own words."""
    frame = pd.DataFrame(rows, columns=[*HEXAGON_KEYS, "count"]).astype({"count": "int64"})
    words = {"month": "category", "category": "category"}
    cut = [frame.iloc[n::pieces].astype(words) for n in range(pieces)]
    found = add_up(cut, HEXAGON_KEYS)
    plain = frame.groupby(list(HEXAGON_KEYS))["count"].sum().sort_index()
    keys = list(found[list(HEXAGON_KEYS)].itertuples(index=False, name=None))
    assert keys == list(plain.index)
    assert found["count"].tolist() == plain.tolist()
    if rows:
        assert list(found["category"].cat.categories) == sorted(frame["category"].unique())


@given(st.lists(columns, max_size=5), st.integers(1, 12))
def test_each_column_is_in_one_stretch_however_reports_are_dealt_out(
    reports: list[dict[int, int]], many: int
) -> None:
    found = stretches(reports, many)
    assert len(found) == many
    met = sorted({q for partition in reports for q in partition})
    for q in met:
        assert sum(low <= q < high for low, high in found) == 1
    whole = [{q: sum(partition.get(q, 0) for partition in reports) for q in met}]
    assert stretches(whole, many) == found
    most = max(whole[0].values(), default=0)
    total = sum(whole[0].values())
    for low, high in found:
        assert sum(n for q, n in whole[0].items() if low <= q < high) <= total / many + most


def test_baselines_by_hand() -> None:
    """Two years end in June 2026; what is older counts in neither, and has no row."""
    table = pd.DataFrame(
        [(0, 0, "2026-06", "a", 7), (0, 0, "2025-07", "a", 5), (0, 0, "2025-06", "a", 4),
         (0, 0, "2024-07", "a", 2), (0, 0, "2024-06", "a", 99), (1, 0, "2024-06", "a", 3),
         (1, 0, "2026-07", "a", 3)],
        columns=["q", "r", "month", "category", "count"],
    )  # fmt: skip
    found = baselines(table, "2026-06")
    assert found.to_dict("records") == [
        {"q": 0, "r": 0, "category": "a", "last_12": 12, "previous_12": 6, "a_month": 1.0}
    ]
