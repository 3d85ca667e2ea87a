"""Repairs, overlaps and gaps, measured on squares."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from geodata.errors import WardFileError
from geodata.ward_shapes import measure_fit, repair, require_polygons

ROWS = ["row 1", "row 2", "row 3"]


def fit(*shapes):
    return measure_fit(np.array(shapes))


def test_tiles_that_fit_have_neither_overlap_nor_gap():
    found = fit(box(0, 0, 100, 100), box(100, 0, 200, 100), box(0, 100, 200, 200))
    assert (found.area_ha, found.overlap_m2, found.overlaps, found.gap_m2) == (4.0, 0.0, (), 0.0)


def test_overlaps_are_listed_by_pair_largest_first():
    found = fit(box(0, 0, 100, 100), box(98, 0, 200, 100), box(0, 95, 200, 200))
    # A and B share 2 x 100; A and C 100 x 5; B and C 102 x 5. All three share 2 x 5.
    assert found.overlaps == ((1, 2, 510.0), (0, 2, 500.0), (0, 1, 200.0))
    assert found.overlap_m2 == 1210.0
    assert found.area_ha == 4.0  # counted once: 200 x 200


def test_one_ward_inside_another_is_an_overlap():
    assert fit(box(0, 0, 100, 100), box(40, 40, 60, 60)).overlap_m2 == 400.0


def test_a_hole_between_wards_is_a_gap_however_wide():
    ring = (box(0, 0, 300, 100), box(0, 100, 100, 200), box(200, 100, 300, 200),
            box(0, 200, 300, 300))  # fmt: skip
    assert fit(*ring).gap_m2 == 10_000.0


def test_a_hole_in_one_ward_that_no_other_fills_is_a_gap():
    assert fit(box(0, 0, 100, 100).difference(box(40, 40, 60, 60))).gap_m2 == 400.0
    filled = fit(box(0, 0, 100, 100).difference(box(40, 40, 60, 60)), box(40, 40, 60, 60))
    assert filled.gap_m2 == 0.0


@pytest.mark.parametrize(("width", "gap"), [(0.5, 50.0), (2, 200.0), (9, 900.0), (11, 0.0)])
def test_a_sliver_open_at_its_ends_counts_up_to_ten_metres(width, gap):
    assert fit(box(0, 0, 100, 100), box(100 + width, 0, 300, 100)).gap_m2 == gap


def test_a_notch_in_the_outline_is_no_gap():
    # Two wards whose outer sides meet at a sharp angle, 20 m wide at 60 m.
    left = shapely.Polygon([(0, 0), (-10, 60), (-100, 60), (-100, -100), (0, -100)])
    right = shapely.Polygon([(0, 0), (0, -100), (100, -100), (100, 60), (10, 60)])
    assert fit(left, right).gap_m2 == 0.0


def test_an_inlet_of_one_ward_is_no_gap():
    assert (
        fit(box(0, 0, 100, 100).difference(box(40, 50, 44, 100)), box(100, 0, 200, 100)).gap_m2 == 0
    )


@given(st.lists(st.integers(1, 400), min_size=1, max_size=8, unique=True))
def test_cutting_a_square_leaves_it_whole(cuts):
    edges = [0, *sorted(cuts), 401]
    strips = [box(a, 0, b, 401) for a, b in zip(edges, edges[1:], strict=False)]
    found = fit(*strips)
    assert (found.area_ha, found.overlap_m2, found.gap_m2) == (16.08, 0.0, 0.0)


def test_invalid_outlines_are_mended_and_marked():
    bowtie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    spike = shapely.Polygon([(0, 0), (4, 0), (4, 4), (4, 9), (4, 4), (0, 4)])
    fine = box(0, 0, 1, 1)
    mended, bad = repair(np.array([bowtie, fine, spike]), ROWS)
    assert bad.tolist() == [True, False, True]
    assert shapely.is_valid(mended).all()
    assert shapely.area(mended).tolist() == [2.0, 1.0, 16.0]
    assert {g.geom_type for g in mended} <= {"Polygon", "MultiPolygon"}
    assert mended[1] is fine


def test_a_row_without_area_is_named():
    flat = shapely.Polygon([(0, 0), (1, 1), (2, 2), (0, 0)])
    with pytest.raises(WardFileError, match=r"has no area\. First: row 2\."):
        repair(np.array([box(0, 0, 1, 1), flat]), ROWS)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=4, max_size=12))
def test_whatever_is_mended_is_valid_polygons_or_refused(corners):
    shape = shapely.Polygon(corners)
    if shapely.make_valid(shape).area == 0:
        with pytest.raises(WardFileError, match="no area"):
            repair(np.array([shape]), ROWS)
        return
    mended, _ = repair(np.array([shape]), ROWS)
    assert mended[0].is_valid
    assert mended[0].geom_type in {"Polygon", "MultiPolygon"}
    assert mended[0].area > 0


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (None, "has no geometry. Got: 1 such rows. First: row 2."),
        (shapely.Polygon(), "has no geometry. Got: 1 such rows. First: row 2."),
        (shapely.Point(0, 0), "is not a polygon. Got: 1 such rows, Point. First: row 2."),
        (shapely.LineString([(0, 0), (1, 1)]), "Got: 1 such rows, LineString. First: row 2."),
        (
            shapely.GeometryCollection([box(0, 0, 1, 1), shapely.Point(0, 0)]),
            "GeometryCollection. First: row 2.",
        ),
    ],
)
def test_rows_that_are_not_polygons_are_named(shape, words):
    shapes = gpd.GeoSeries([box(0, 0, 1, 1), shape, box(0, 0, 1, 1)])
    with pytest.raises(WardFileError) as caught:
        require_polygons(shapes, ROWS)
    assert words in str(caught.value)


def test_polygons_and_multipolygons_pass():
    both = shapely.MultiPolygon([box(0, 0, 1, 1), box(2, 2, 3, 3)])
    require_polygons(gpd.GeoSeries([box(0, 0, 1, 1), both]), ROWS)
