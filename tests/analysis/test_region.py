"""Counts a partition at a time: nothing lost, nothing twice, in whatever pieces they come."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.region import (
    HEXAGON_KEYS,
    WARD_KEYS,
    Places,
    add_up,
    baselines,
    bucket_of,
    count_partition,
)
from analysis.tally import inside_rows, tally
from geodata.hexagons import cover, hexagon_ids, hexagon_ids_of
from geodata.ward_join import assign_wards_xy
from tests.builders import ORIGIN, two_wards

WARDS = two_wards()
CELLS = list(cover(WARDS, 200)["hexagon"])
MONTHS = ["2026-01", "2026-02", "2026-03"]

row = st.tuples(
    st.sampled_from(MONTHS),
    st.sampled_from(["drugs", "burglary"]),
    st.one_of(st.none(), st.sampled_from([0.0, 999.9, 1000.0, 1500.0, 2000.0, 2300.0, 9000.0])),
    st.sampled_from([-1.0, 0.0, 500.0, 1000.0]),
)


def _reports(rows: list[tuple[str, str, float | None, float]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["month", "category", "easting", "northing"])
    place = {"easting": "float64", "northing": "float64"}
    frame = frame.astype({"month": "category", "category": "category", **place})
    frame["easting"] += ORIGIN[0]
    frame["northing"] += ORIGIN[1]
    return frame


@settings(max_examples=30)
@given(st.lists(row, min_size=1, max_size=60), st.integers(1, 5))
def test_pieces_add_up_to_the_whole_and_every_row_is_accounted_for(
    rows: list[tuple[str, str, float | None, float]], pieces: int
) -> None:
    reports = _reports(rows)
    whole = count_partition(reports, Places(WARDS), 100)
    assert whole.rows == len(reports) == whole.inside + whole.outside + whole.no_location
    assert whole.hexagons["count"].sum() == whole.wards["count"].sum() == whole.inside
    cuts = np.array_split(np.arange(len(reports)), min(pieces, len(reports)))
    known = Places(WARDS, most=2)  # what the pieces share is remembered, and forgotten, on the way
    parts = [count_partition(reports.iloc[cut], known, 100) for cut in cuts]
    for name, keys in (("hexagons", HEXAGON_KEYS), ("wards", WARD_KEYS)):
        together = add_up([getattr(part, name) for part in parts], keys)
        pd.testing.assert_frame_equal(together, add_up([getattr(whole, name)], keys))


@settings(max_examples=30)
@given(st.lists(row, min_size=1, max_size=60))
def test_the_counts_are_those_of_the_app(
    rows: list[tuple[str, str, float | None, float]],
) -> None:
    """The second way of counting: the join and the tally that every page uses."""
    reports = _reports(rows)
    part = count_partition(reports, Places(WARDS), 200)
    joined = assign_wards_xy(reports["easting"], reports["northing"], WARDS)
    kept = inside_rows(pd.concat([reports.astype({"month": str, "category": str}), joined], axis=1))
    levels = {
        "hexagon": CELLS, "month": MONTHS,
        "category": ["burglary", "drugs"],
    }  # fmt: skip
    x, y = kept["easting"].to_numpy(), kept["northing"].to_numpy()
    kept = kept.assign(hexagon=hexagon_ids_of(x, y, 200), count=1)
    theirs = tally(kept, ["hexagon", "month", "category"], levels)
    theirs = theirs[theirs["count"].gt(0)]
    q, r = (part.hexagons[c].to_numpy() for c in ("q", "r"))
    ours = part.hexagons.assign(hexagon=hexagon_ids(q, r, 200))
    keys = ["hexagon", "month", "category"]
    assert (
        ours.set_index(keys)["count"].sort_index().to_dict()
        == theirs.astype(dict.fromkeys(keys, str)).set_index(keys)["count"].sort_index().to_dict()
    )


def test_many_combinations_and_few_count_alike() -> None:
    """Few are counted into a table, many are sorted: the same answer on either side."""
    place = {"easting": [100.0, 100.0, 1100.0], "northing": [500.0] * 3}
    few = pd.DataFrame({"month": ["2026-01"] * 3, "category": ["a", "a", "b"], **place})
    many = few.astype({"month": pd.CategoricalDtype([f"{y}-01" for y in range(1000, 3100)])})
    frames = [_shifted(frame) for frame in (few.astype({"month": "category"}), many)]
    parts = (count_partition(frame, Places(WARDS), 200) for frame in frames)
    ours, theirs = (part.hexagons.astype({"month": str, "category": str}) for part in parts)
    pd.testing.assert_frame_equal(ours, theirs)
    assert ours["count"].tolist() == [2, 1]


def _shifted(frame: pd.DataFrame) -> pd.DataFrame:
    east, north = frame["easting"] + ORIGIN[0], frame["northing"] + ORIGIN[1]
    return frame.assign(easting=east, northing=north, category=frame["category"].astype("category"))


@given(st.lists(st.tuples(st.integers(-900, 900), st.integers(-900, 900)), max_size=50))
def test_a_hexagon_goes_to_one_bucket_wherever_it_is_met(cells: list[tuple[int, int]]) -> None:
    table = pd.DataFrame(cells, columns=["q", "r"]).astype("int64")
    found = bucket_of(table, 7)
    assert ((found >= 0) & (found < 7)).all()
    again = bucket_of(table.iloc[::-1], 7)[::-1]
    assert found.tolist() == again.tolist()


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
