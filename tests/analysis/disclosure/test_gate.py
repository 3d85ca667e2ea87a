"""The gate: what an audience may see, worked out by hand and against every possibility."""

from __future__ import annotations

from itertools import product

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.components import COMPONENT_CODES
from analysis.disclosure import NEVER, THRESHOLD, for_audience, marking
from geodata.crs import BNG
from geodata.errors import CrsError, SaferWalksError
from geodata.hexagons import cover
from geodata.incidents import COUNCIL_COLUMNS
from tests.drawings import grid_wards

OPEN, CLOSED = ["police_uk"], ["council_asb"]


def _table(counts, **columns):
    names = [chr(65 + n) for n in range(len(counts))]
    return pd.DataFrame({"ward_name": names, "count": counts, **columns})


def _seen(counts, groups=((),), **columns):
    found = for_audience(_table(counts, **columns), "public", sources=CLOSED, groups=groups)
    shown = [None if pd.isna(c) else int(c) for c in found.frame["count"]]
    return shown, found.frame["withheld"].tolist(), found


# What passes as it is


def test_open_counts_pass_for_the_public_however_small():
    found = for_audience(_table([0, 1, 4, 900]), "public", sources=OPEN)
    assert found.frame["count"].tolist() == [0, 1, 4, 900]
    assert "withheld" not in found.frame
    assert (found.notes, found.masked, found.marking) == ((), 0, "")


def test_internal_readers_get_everything_but_what_no_file_holds():
    frame = _table([1, 2], secret_column="x", **dict.fromkeys(NEVER, "x"))
    found = for_audience(frame, "internal", sources=CLOSED)
    assert list(found.frame) == ["ward_name", "count", "secret_column"]
    assert found.frame["count"].tolist() == [1, 2]
    assert found.marking == marking("internal") == "INTERNAL: not for publication"


def test_the_callers_frame_is_never_changed():
    frame = _table([1, 9, 30], why="x")
    before = frame.copy()
    for audience, sources in (("public", CLOSED), ("public", OPEN), ("internal", CLOSED)):
        for_audience(frame, audience, sources=sources)
        pd.testing.assert_frame_equal(frame, before)


def test_rows_and_index_are_kept():
    frame = _table([1, 9, 30]).set_axis(["c", "a", "b"])
    found = for_audience(frame, "public", sources=CLOSED).frame
    assert found.index.tolist() == ["c", "a", "b"]
    assert found["ward_name"].tolist() == ["A", "B", "C"]


# Columns


@pytest.mark.parametrize(
    "name", [*sorted({*NEVER, *COUNCIL_COLUMNS}), "reporter", "notes", "COUNT", "address"]
)
@pytest.mark.parametrize("sources", [OPEN, CLOSED])
def test_a_column_nobody_listed_does_not_leave_the_building(name, sources):
    found = for_audience(_table([9, 9], **{name: "x"}), "public", sources=sources)
    assert name not in found.frame
    assert any(name in note for note in found.notes)


def test_raw_values_and_sentences_of_closed_sources_stay_in():
    columns = {f"{code}_raw": 1.0 for code in COMPONENT_CODES} | {"why": "3 reports in May"}
    assert set(columns).isdisjoint(
        for_audience(_table([9, 9], **columns), "public", sources=CLOSED).frame
    )
    assert set(columns) <= set(
        for_audience(_table([9, 9], **columns), "public", sources=OPEN).frame
    )


def test_open_and_other_sources_are_never_added_up_for_the_public():
    with pytest.raises(SaferWalksError, match="never added up"):
        for_audience(_table([20, 90, 30]), "public", sources=[*OPEN, *CLOSED])
    found = for_audience(_table([2, 9, 30]), "internal", sources=[*OPEN, *CLOSED])
    assert found.frame["count"].tolist() == [2, 9, 30]


# Masking, by hand


def test_small_counts_are_masked_and_zeros_are_not():
    # 3 + 2 masked: their sum 5 could be 1+4, 2+3, 3+2, 4+1, so nothing more is needed.
    shown, why, found = _seen([0, 3, 2, 5, 40])
    assert shown == [0, None, None, 5, 40]
    assert why == ["", "1 to 4", "1 to 4", "", ""]
    assert found.masked == 2
    assert found.totals_withheld == ()


def test_exactly_one_masked_count_takes_the_next_smallest_with_it():
    shown, why, _ = _seen([3, 8, 20])
    assert shown == [None, None, 20]
    assert why == ["1 to 4", "withheld", ""]


def test_two_masked_ones_that_must_both_be_one_take_another_with_them():
    # 1 + 1 = 2 can only be 1 and 1. With 7 withheld the sum of 9 leaves room: 1+1+7, 1+2+6, 2+2+5.
    shown, why, _ = _seen([1, 1, 7, 50])
    assert shown == [None, None, None, 50]
    assert why == ["1 to 4", "1 to 4", "withheld", ""]


def test_four_and_four_must_both_be_four():
    assert _seen([4, 4, 6, 50])[1] == ["1 to 4", "1 to 4", "withheld", ""]


def test_a_withheld_count_at_the_threshold_may_not_be_enough():
    # 1 with 5 withheld sum to 6: if the withheld one is at least 5, the other is 1. 9 must go too.
    assert _seen([1, 5, 9, 50])[1] == ["1 to 4", "withheld", "withheld", ""]


def test_a_total_that_gives_all_away_must_not_be_shown():
    shown, why, found = _seen([4, 4, 0])
    assert shown == [None, None, 0]
    assert found.totals_withheld == ("the grand total",)
    assert any("the grand total" in note for note in found.notes)


def test_missing_counts_stay_missing_and_are_not_called_withheld():
    shown, why, _ = _seen([np.nan, 3, 2, 9])
    assert (shown, why) == ([None, None, None, 9], ["", "1 to 4", "1 to 4", ""])


def test_nothing_small_masks_nothing():
    shown, why, found = _seen([0, 5, 12])
    assert (shown, why, found.notes) == ([0, 5, 12], ["", "", ""], ())


def test_each_group_whose_total_is_shown_is_made_safe():
    wards = ["W1", "W1", "W1", "W2", "W2", "W2"]
    shown, why, _ = _seen([3, 8, 30, 2, 3, 60], groups=((), ("ward_code",)), ward_code=wards)
    # In W1 the 3 stands alone, so 8 goes with it; in W2 2 and 3 hide each other.
    assert why == ["1 to 4", "withheld", "", "1 to 4", "1 to 4", ""]
    assert shown == [None, None, 30, None, None, 60]


def test_a_cell_withheld_for_one_total_may_need_another_for_the_next():
    frame = pd.DataFrame(
        {
            "ward_code": ["W1", "W1", "W2", "W2"],
            "category": ["noise", "rowdy", "noise", "rowdy"],
            "count": [3, 9, 20, 30],
        }
    )
    found = for_audience(
        frame, "public", sources=CLOSED, groups=[("ward_code",), ("category",)]
    ).frame
    # Row W1: 3 takes 9. Column noise: 3 takes 20. Then row W2 and column rowdy take 30.
    assert found["withheld"].tolist() == ["1 to 4", "withheld", "withheld", "withheld"]


def test_what_was_made_from_a_masked_count_goes_with_it():
    found = for_audience(
        _table([3, 2, 50], per_km2=[28.9, 19.2, 481.0], rank=[3, 2, 1], ward_code=list("xyz")),
        "public",
        sources=CLOSED,
    ).frame
    assert found["per_km2"].isna().tolist() == [True, True, False]
    assert found["rank"].isna().tolist() == [True, True, False]
    assert found["ward_code"].tolist() == list("xyz")


def test_several_counts_are_masked_each_by_itself():
    frame = _table([3, 2, 50], count_last_year=[9, 3, 2])
    found = for_audience(frame, "public", sources=CLOSED, counts=("count", "count_last_year")).frame
    assert found["count"].isna().tolist() == [True, True, False]
    assert found["count_last_year"].isna().tolist() == [False, True, True]
    assert found["withheld"].tolist() == ["1 to 4", "1 to 4", "1 to 4"]


def test_a_higher_threshold_masks_more():
    found = for_audience(_table([7, 5, 40]), "public", sources=CLOSED, threshold=10)
    assert found.frame["withheld"].tolist() == ["1 to 9", "1 to 9", ""]


# Against every possibility


def _possible(shown, why, total):
    """Every list of counts a reader could think of, given what is shown and the total."""
    small, large = range(1, THRESHOLD), range(THRESHOLD, total + 1)
    choices = [
        [s] if w == "" else list(small if w == "1 to 4" else large)
        for s, w in zip(shown, why, strict=True)
    ]
    return [guess for guess in product(*choices) if sum(guess) == total]


@settings(max_examples=25)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=5))
def test_no_masked_count_can_be_worked_out_from_the_total(counts):
    shown, why, found = _seen(counts)
    if found.totals_withheld:
        return  # then the reader has no total to work with
    possible = _possible(shown, why, sum(counts))
    assert tuple(counts) in possible
    for n, reason in enumerate(why):
        if reason:
            assert len({guess[n] for guess in possible}) >= 3


@settings(max_examples=25)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=12))
def test_every_small_count_is_masked_and_what_is_shown_is_true(counts):
    shown, why, found = _seen(counts)
    for count, seen, reason in zip(counts, shown, why, strict=True):
        assert (seen is None) == (reason != "")
        assert seen in (None, count)
        assert (reason == "1 to 4") == (0 < count < THRESHOLD)
    assert found.masked == sum(reason != "" for reason in why)


@settings(max_examples=20)
@given(
    st.lists(
        st.tuples(st.sampled_from("xyz"), st.sampled_from("pq"), st.integers(0, 12)),
        min_size=1, max_size=8, unique_by=lambda t: t[:2],
    )
)  # fmt: skip
def test_each_of_several_totals_gives_nothing_away(rows):
    frame = pd.DataFrame(rows, columns=["ward_code", "category", "count"])
    groups = [(), ("ward_code",), ("category",)]
    found = for_audience(frame, "public", sources=CLOSED, groups=groups)
    held = " ".join(found.totals_withheld)
    for column in (None, "ward_code", "category"):
        parts = [("grand", frame)] if column is None else list(frame.groupby(column))
        for name, part in parts:
            if f"total of {name}" in held or (column is None and "grand total" in held):
                continue
            after = found.frame.loc[part.index]
            shown = [None if pd.isna(c) else int(c) for c in after["count"]]
            why = after["withheld"].tolist()
            if sum(w != "" for w in why) > 5:
                continue  # too many to try them all, and then plenty are possible
            possible = _possible(shown, why, int(part["count"].sum()))
            for n, reason in enumerate(why):
                assert not reason or len({guess[n] for guess in possible}) >= 3


# Where


def _cells():
    return cover(grid_wards(2, 1), 200).assign(count=9).head(20)


def test_hexagons_and_their_centres_are_areas_and_pass():
    found = for_audience(_cells(), "public", sources=CLOSED).frame
    assert isinstance(found, gpd.GeoDataFrame)
    assert {"geometry", "easting", "northing", "hexagon"} <= set(found)


def test_coordinates_that_are_not_the_centre_of_the_named_hexagon_are_left_out():
    moved = _cells()
    moved.loc[3, "easting"] += 5
    found = for_audience(moved, "public", sources=CLOSED)
    assert {"easting", "northing"}.isdisjoint(found.frame)
    assert "Left out: easting, northing." in found.notes
    assert "easting" in for_audience(moved, "public", sources=OPEN).frame


@pytest.mark.parametrize("columns", [["easting"], ["easting", "northing"]])
def test_coordinates_without_a_hexagon_are_left_out(columns):
    frame = _table([9, 9], **dict.fromkeys(columns, 530_123.0))
    assert set(columns).isdisjoint(for_audience(frame, "public", sources=CLOSED).frame)


def test_a_name_that_is_no_hexagon_vouches_for_no_coordinates():
    frame = _table([9], location_id="site-1", easting=530_123.0, northing=180_000.0)
    assert "easting" not in for_audience(frame, "public", sources=CLOSED).frame


@pytest.mark.parametrize(
    "shape",
    [
        shapely.Point(530_000, 180_000),
        shapely.Point(530_000, 180_000).buffer(20),
        shapely.LineString([(530_000, 180_000), (531_000, 180_000)]),
        None,
    ],
)
def test_points_and_slivers_of_closed_sources_are_left_out(shape):
    frame = gpd.GeoDataFrame(_table([9, 9]), geometry=[shape, shapely.box(0, 0, 900, 900)], crs=BNG)
    found = for_audience(frame, "public", sources=CLOSED)
    assert "geometry" not in found.frame
    assert "Left out: geometry." in found.notes


def test_anonymised_points_of_open_sources_pass():
    frame = gpd.GeoDataFrame(
        {"month": ["2026-04"], "lon": [0.0], "incident_uid": ["x"], "location": ["On or near A"]},
        geometry=[shapely.Point(530_000, 180_000)],
        crs=BNG,
    )
    found = for_audience(frame, "public", sources=OPEN).frame
    assert list(found) == ["month", "lon", "location", "geometry"]


# What is refused


@pytest.mark.parametrize("columns", [{"month": ["2026-04"]}, {"total": [80.0], "rank": [1]}])
def test_rows_and_scores_of_closed_sources_without_counts_are_refused(columns):
    frame = pd.DataFrame({"ward_name": ["A"], **columns})
    with pytest.raises(SaferWalksError, match="only beside the counts"):
        for_audience(frame, "public", sources=CLOSED)


def test_shapes_in_degrees_are_refused():
    with pytest.raises(CrsError):
        for_audience(_cells().to_crs(4326), "public", sources=CLOSED)


@pytest.mark.parametrize("sources", [[], ["police"], "police_uk", ["police_uk", "x"]])
def test_numbers_of_unknown_origin_are_refused(sources):
    with pytest.raises(ValueError, match="name every source"):
        for_audience(_table([1]), "public", sources=sources)


@pytest.mark.parametrize("audience", ["Public", "", None, "everyone"])
def test_an_audience_that_is_none_is_refused(audience):
    with pytest.raises(ValueError, match="audience"):
        for_audience(_table([1]), audience, sources=OPEN)


@pytest.mark.parametrize("bad", [-1, 2.5])
def test_what_is_no_count_cannot_be_masked_as_one(bad):
    with pytest.raises(ValueError, match="other than counts"):
        for_audience(_table([bad, 9.0]), "public", sources=CLOSED)


def test_an_empty_frame_passes():
    found = for_audience(_table([]), "public", sources=CLOSED)
    assert len(found.frame) == 0
    assert found.masked == 0


def test_what_tests_found_of_open_data_is_open_and_of_others_is_not() -> None:
    frame = pd.DataFrame({"hexagon": ["h"], "count": [9], "hot": [True], "p": [0.01], "z": [3.4]})
    assert list(for_audience(frame, "public", sources=["police_uk"]).frame) == list(frame)
    seen = for_audience(frame, "public", sources=["council_asb"]).frame
    assert [c for c in ("hot", "p", "z") if c in seen] == []
