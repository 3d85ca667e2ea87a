"""The gate: what an audience may see, worked out by hand and against every possibility."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from analysis.components import COMPONENT_CODES, COMPONENTS
from analysis.disclosure import NEVER, for_audience, marking
from geodata.crs import BNG
from geodata.errors import SaferWalksError
from geodata.incidents import COUNCIL_COLUMNS

OPEN, CLOSED = ["police_uk"], ["council_asb"]


def _table(counts, **columns):
    names = [chr(65 + n) for n in range(len(counts))]
    return pd.DataFrame({"ward_name": names, "count": counts, **columns})


def _scored(**told):
    scores = {f"{code}_score": None for code in COMPONENT_CODES}
    return pd.DataFrame({"location_id": ["h"], "total": [80.0], "rank": [1], **scores, **told})


# What passes as it is


def test_open_counts_pass_for_the_public_however_small():
    found = for_audience(_table([0, 1, 4, 900]), "public", sources=OPEN)
    assert found.frame["count"].tolist() == [0, 1, 4, 900]
    assert "withheld" not in found.frame
    assert (found.notes, found.marking) == ((), "")


def test_internal_readers_get_everything_but_what_no_file_holds():
    frame = _table([1, 2], secret_column="x", **dict.fromkeys(NEVER, "x"))
    found = for_audience(frame, "internal", sources=CLOSED)
    assert list(found.frame) == ["ward_name", "count", "secret_column"]
    assert found.frame["count"].tolist() == [1, 2]
    assert found.marking == marking("internal") == "INTERNAL: not for publication"


def test_the_callers_frame_is_never_changed():
    frame = _table([1, 9, 30], why="x")
    before = frame.copy()
    for audience, sources in (("public", OPEN), ("internal", CLOSED)):
        for_audience(frame, audience, sources=sources)
        pd.testing.assert_frame_equal(frame, before)


def test_rows_and_index_are_kept():
    frame = _table([1, 9, 30]).set_axis(["c", "a", "b"])
    found = for_audience(frame, "public", sources=OPEN).frame
    assert found.index.tolist() == ["c", "a", "b"]
    assert found["ward_name"].tolist() == ["A", "B", "C"]


@pytest.mark.parametrize(
    "name", [*sorted({*NEVER, *COUNCIL_COLUMNS}), "reporter", "notes", "COUNT", "address"]
)
def test_a_column_nobody_listed_does_not_leave_the_building(name):
    found = for_audience(_table([9, 9], **{name: "x"}), "public", sources=OPEN)
    assert name not in found.frame
    assert any(name in note for note in found.notes)


def test_anonymised_points_of_open_sources_pass():
    frame = gpd.GeoDataFrame(
        {"month": ["2026-04"], "lon": [0.0], "incident_uid": ["x"], "location": ["On or near A"]},
        geometry=[shapely.Point(530_000, 180_000)],
        crs=BNG,
    )
    found = for_audience(frame, "public", sources=OPEN).frame
    assert list(found) == ["month", "lon", "location", "geometry"]


def test_what_tests_found_of_open_data_is_open() -> None:
    frame = pd.DataFrame({"hexagon": ["h"], "count": [9], "hot": [True], "p": [0.01], "z": [3.4]})
    assert list(for_audience(frame, "public", sources=OPEN).frame) == list(frame)


# What is refused


@pytest.mark.parametrize("columns", [{"count": [900]}, {"month": ["2026-04"]}, {"p": [0.2]}])
def test_nothing_of_a_closed_source_passes_here_for_the_public(columns):
    """Each table may be safe by itself; two of them, cut differently, are not."""
    with pytest.raises(SaferWalksError, match="only by ward, over 12 months") as caught:
        for_audience(pd.DataFrame({"ward_name": ["A"], **columns}), "public", sources=CLOSED)
    assert "publish a panel pack" in str(caught.value)


def test_open_and_other_sources_are_never_added_up_for_the_public():
    with pytest.raises(SaferWalksError, match="never added up"):
        for_audience(_table([20, 90, 30]), "public", sources=[*OPEN, *CLOSED])
    found = for_audience(_table([2, 9, 30]), "internal", sources=[*OPEN, *CLOSED])
    assert found.frame["count"].tolist() == [2, 9, 30]


@pytest.mark.parametrize("code", [c.code for c in COMPONENTS if not c.from_reports])
@pytest.mark.parametrize("end", ["score", "raw"])
def test_a_rank_that_weighs_what_somebody_said_is_not_for_the_public(code, end):
    frame = _scored(**{f"{code}_{end}": [12.0]})
    with pytest.raises(SaferWalksError, match="made from reports alone"):
        for_audience(frame, "public", sources=OPEN)
    assert for_audience(frame, "internal", sources=OPEN).frame["rank"].tolist() == [1]


def test_a_rank_from_reports_alone_passes_and_one_that_does_not_say_is_refused():
    alone = _scored(volume_score=[80.0])
    assert for_audience(alone, "public", sources=OPEN).frame["rank"].tolist() == [1]
    with pytest.raises(SaferWalksError, match="made from reports alone"):
        for_audience(alone[["location_id", "rank"]], "public", sources=OPEN)


@pytest.mark.parametrize("sources", [[], ["police"], "police_uk", ["police_uk", "x"]])
def test_numbers_of_unknown_origin_are_refused(sources):
    with pytest.raises(ValueError, match="name every source"):
        for_audience(_table([1]), "public", sources=sources)


@pytest.mark.parametrize("audience", ["Public", "", None, "everyone"])
def test_an_audience_that_is_none_is_refused(audience):
    with pytest.raises(ValueError, match="audience"):
        for_audience(_table([1]), audience, sources=OPEN)
