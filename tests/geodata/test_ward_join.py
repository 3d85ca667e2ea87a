"""The ward join, against squares done in the head, a brute force, geopandas.sjoin and real data."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.crs import BNG, WGS84, to_bng
from geodata.errors import CrsError, VintageError, WardFileError
from geodata.ward_join import assign_wards, assign_wards_xy, check_wards, covering_wards
from geodata.wards import read_wards

A, B, C, D = (f"E0590000{n}" for n in "1234")


def squares() -> gpd.GeoDataFrame:
    """Four squares of 1 km, A and B below, C and D above; rows out of order on purpose."""
    return gpd.GeoDataFrame(
        {"ward_code": [D, B, A, C]},
        geometry=[
            shapely.box(1000, 1000, 2000, 2000),
            shapely.box(1000, 0, 2000, 1000),
            shapely.box(0, 0, 1000, 1000),
            shapely.box(0, 1000, 1000, 2000),
        ],
        crs=BNG,
    )


def join(points: list[tuple[float | None, float | None]], wards: gpd.GeoDataFrame) -> pd.DataFrame:
    frame = pd.DataFrame(points, columns=["x", "y"], dtype="float64")
    return assign_wards_xy(frame["x"], frame["y"], wards)


def assert_contract(out: pd.DataFrame, index: pd.Index) -> None:
    pd.testing.assert_index_equal(out.index, index)
    assert list(out.columns) == ["ward_code", "ward_match", "near_boundary", "in_collar"]
    inside = out["ward_match"] == "inside"
    assert out["ward_match"].isin(["inside", "outside", "no_location"]).all()
    assert (out["ward_code"].notna() == inside).all()
    assert not (out["near_boundary"] & ~inside).any()
    assert not (out["in_collar"] & (out["ward_match"] != "outside")).any()
    assert out["ward_match"].value_counts().sum() == len(index)


def by_sjoin(x: np.ndarray, y: np.ndarray, wards: gpd.GeoDataFrame) -> pd.Series:
    """The second implementation: a plain sjoin, lowest code where a point meets several wards."""
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y, crs=BNG))
    met = gpd.sjoin(points, wards[["ward_code", "geometry"]], how="left", predicate="intersects")
    codes = met["ward_code"].sort_values(kind="stable")
    return codes[~codes.index.duplicated()].sort_index().astype(object)


def assert_same_as_sjoin(x: np.ndarray, y: np.ndarray, wards: gpd.GeoDataFrame) -> pd.DataFrame:
    out = assign_wards_xy(pd.Series(x), pd.Series(y), wards)
    assert_contract(out, pd.RangeIndex(len(x)))
    ours = out["ward_code"].astype(object).fillna("none")
    theirs = by_sjoin(x, y, wards).fillna("none")
    assert ours.tolist() == theirs.tolist()
    return out


# --- squares ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("point", "code"),
    [
        ((500, 500), A),
        ((1500, 500), B),
        ((500, 1500), C),
        ((1500, 1500), D),
        ((1000, 500), A),  # edge of A and B
        ((1500, 1000), B),  # edge of B and D
        ((1000, 1500), C),  # edge of C and D
        ((1000, 1000), A),  # corner of all four
        ((0, 500), A),  # outer edge is inside
        ((2000, 2000), D),  # outer corner is inside
        ((2000, 1000), B),  # corner of B and D on the outer edge
    ],
)
def test_edges_go_to_the_lowest_code(point, code):
    out = join([point], squares())
    assert out["ward_code"].tolist() == [code]
    assert out["ward_match"].tolist() == ["inside"]


def test_the_lowest_code_wins_where_wards_overlap():
    wards = gpd.GeoDataFrame(
        {"ward_code": [B, A]},
        geometry=[shapely.box(0, 0, 1000, 1000), shapely.box(900, 0, 2000, 1000)],
        crs=BNG,
    )
    assert join([(950, 500), (899, 500)], wards)["ward_code"].tolist() == [A, B]


def test_lowest_code_is_by_text_also_for_categories_in_another_order():
    wards = squares()
    wards["ward_code"] = pd.Categorical(wards["ward_code"], categories=[D, C, B, A], ordered=True)
    assert join([(1000, 1000)], wards)["ward_code"].tolist() == [A]


@pytest.mark.parametrize(
    ("x", "near"),
    [(0, True), (24.9, True), (25, True), (25.001, False), (500, False), (975, True), (1000, True)],
)
def test_near_is_within_25_metres_of_the_wards_own_edge_inclusive(x, near):
    out = join([(x, 500)], squares())
    assert out["ward_code"].tolist() == [A]
    assert out["near_boundary"].tolist() == [near]


def test_near_counts_the_edge_of_a_hole():
    doughnut = shapely.box(0, 0, 1000, 1000).difference(shapely.box(400, 400, 600, 600))
    wards = gpd.GeoDataFrame({"ward_code": [A]}, geometry=[doughnut], crs=BNG)
    out = join([(380, 500), (370, 500), (500, 500)], wards)
    assert out["near_boundary"].tolist() == [True, False, False]
    assert out["ward_match"].tolist() == ["inside", "inside", "outside"]
    assert out["in_collar"].tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("point", "in_collar"),
    [
        ((-0.001, 500), True),
        ((-500, 500), True),
        ((-500.001, 500), False),
        ((2500, 2000), True),
        ((2300, 2400), True),  # 300, 400: 500 m from the corner
        ((2300.01, 2400), False),
        ((2400, 2400), False),  # in the wider box, but 566 m from the corner
        ((9000, 9000), False),
    ],
)
def test_the_collar_is_500_metres_wide_inclusive(point, in_collar):
    out = join([point], squares())
    assert out["ward_match"].tolist() == ["outside"]
    assert out["in_collar"].tolist() == [in_collar]
    assert out["near_boundary"].tolist() == [False]


def test_a_row_without_either_coordinate_has_no_location():
    out = join([(None, 500), (500, None), (None, None), (np.inf, 5), (500, 500)], squares())
    assert out["ward_match"].tolist() == ["no_location"] * 4 + ["inside"]
    assert out["ward_code"].isna().tolist() == [True] * 4 + [False]


def test_one_row_out_per_row_in_on_the_same_index():
    index = pd.Index(["b", "a", "b", "c"], name="row")
    x = pd.Series([500.0, 500.0, np.nan, 5000.0], index)
    y = pd.Series([500.0, 500.0, 1.0, 500.0], index)
    out = assign_wards_xy(x, y, squares())
    assert_contract(out, index)
    assert out["ward_match"].tolist() == ["inside", "inside", "no_location", "outside"]


def test_no_rows_give_no_rows():
    out = join([], squares())
    assert_contract(out, pd.RangeIndex(0))


def test_points_as_geometry_with_missing_and_empty_ones():
    shapes = [shapely.Point(500, 500), None, shapely.Point(), shapely.Point(-100, 0)]
    points = gpd.GeoDataFrame({"n": range(4)}, geometry=shapes, crs=BNG, index=[9, 8, 7, 6])
    out = assign_wards(points, squares())
    assert_contract(out, points.index)
    assert out["ward_match"].tolist() == ["inside", "no_location", "no_location", "outside"]
    assert assign_wards(points.geometry, squares()).equals(out)


def test_the_frames_are_left_as_they_were():
    wards, before = squares(), squares()
    join([(500, 500)], wards)
    pd.testing.assert_frame_equal(pd.DataFrame(wards), pd.DataFrame(before))
    assert not shapely.is_prepared(wards.geometry.to_numpy()).any()


def test_two_threads_may_join_to_one_frame():
    wards = squares()
    rng = np.random.default_rng(3)
    points = [tuple(p) for p in rng.uniform(-900, 2900, (20_000, 2))]
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: join(points, wards), range(8)))
    assert all(r.equals(results[0]) for r in results)


# --- refusals --------------------------------------------------------------------------------


def test_degrees_are_refused_on_either_side():
    points = gpd.GeoSeries.from_xy([-0.03], [51.5], crs=WGS84)
    with pytest.raises(CrsError, match=r"The points must be in British National Grid.*EPSG:4326"):
        assign_wards(points, squares())
    with pytest.raises(CrsError, match="The ward boundaries must be in British National Grid"):
        join([(1, 1)], squares().to_crs(WGS84))
    with pytest.raises(CrsError, match="no reference system"):
        join([(1, 1)], squares().set_crs(None, allow_override=True))


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        ([A, A, B, C], f"'{A}' more than once or blank"),
        ([A, None, B, C], "more than once or blank"),
    ],
)
def test_wards_without_a_code_of_their_own_are_refused(codes, message):
    wards = squares()
    wards["ward_code"] = codes
    with pytest.raises(WardFileError, match=message):
        check_wards(wards)


def test_no_wards_and_wards_without_shape_are_refused():
    with pytest.raises(WardFileError, match="no wards to join to"):
        join([(1, 1)], squares().iloc[:0])
    wards = squares()
    wards.loc[1, "geometry"] = None
    with pytest.raises(WardFileError, match=f"A ward has no shape. First: {B}"):
        join([(1, 1)], wards)


def test_superseded_wards_are_refused_saying_what_was_expected_and_what_came():
    wards = squares()
    wards["ward_code"] = ["E05000573", "E05000574", "E05000575", "E05000576"]
    with pytest.raises(VintageError) as refused:
        join([(1, 1)], wards)
    assert "E05000573" in str(refused.value)
    assert "expected E05009317 to E05009336" in str(refused.value)
    assert "before May 2014" in str(refused.value)


# --- properties ------------------------------------------------------------------------------

coordinate = st.integers(-1200, 3200).map(lambda n: n / 1.0) | st.floats(-1200, 3200)
scattered = st.lists(st.tuples(coordinate, coordinate), max_size=60)


def by_hand(x: float, y: float, wards: gpd.GeoDataFrame) -> tuple[str | None, bool, bool]:
    """The third implementation: one point, one ward after another, by distance."""
    point = shapely.Point(x, y)
    ordered = wards.sort_values("ward_code")
    for code, shape in zip(ordered["ward_code"], ordered.geometry, strict=True):
        if shape.intersects(point):
            return code, shape.boundary.distance(point) <= 25, False
    return None, False, min(s.distance(point) for s in wards.geometry) <= 500


def wobbly() -> gpd.GeoDataFrame:
    """Four wards with a winding border between them, a hole and an island."""
    wards = squares()
    wind = [(1000 + 60 * np.sin(t / 40), t) for t in range(0, 1001, 10)]
    west = shapely.Polygon([(0, 0), *wind, (0, 1000)])
    east = shapely.Polygon([(2000, 0), (2000, 1000), *reversed(wind)])
    wards.loc[wards["ward_code"] == A, "geometry"] = west.difference(
        shapely.box(300, 300, 350, 350)
    )
    wards.loc[wards["ward_code"] == B, "geometry"] = east.union(shapely.box(2100, 0, 2200, 50))
    return wards


@settings(max_examples=60, deadline=None)
@given(scattered)
def test_every_point_is_as_by_hand(points):
    wards = wobbly()
    out = join(points, wards)
    assert_contract(out, pd.RangeIndex(len(points)))
    for (x, y), row in zip(points, out.itertuples(), strict=True):
        code = None if pd.isna(row.ward_code) else row.ward_code
        assert (code, row.near_boundary, row.in_collar) == by_hand(x, y, wards)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_coarse_test_changes_nothing(seed):
    # Many points over few corners, so that buffers spare the exact test.
    wards = wobbly()
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(-1200, 3200, 40_000), rng.uniform(-1200, 3200, 40_000)
    out = assign_wards_xy(pd.Series(x), pd.Series(y), wards)
    points = shapely.points(x, y)
    edge = dict(zip(wards["ward_code"], wards.geometry.boundary, strict=True))
    own = np.array([edge.get(c) for c in out["ward_code"].astype(object)], dtype=object)
    inside = (out["ward_match"] == "inside").to_numpy()
    near = shapely.distance(points[inside], own[inside]) <= 25
    assert out["near_boundary"].to_numpy()[inside].tolist() == near.tolist()
    collar = shapely.distance(points[~inside], shapely.union_all(wards.geometry.to_numpy())) <= 500
    assert out["in_collar"].to_numpy()[~inside].tolist() == collar.tolist()


@settings(max_examples=30, deadline=None)
@given(scattered, st.randoms(use_true_random=False))
def test_order_and_repetition_of_rows_do_not_matter(points, random):
    wards = wobbly()
    once = join(points, wards)
    twice = join(points + points, wards)
    pd.testing.assert_frame_equal(twice.iloc[: len(points)], once)
    pd.testing.assert_frame_equal(twice.iloc[len(points) :].reset_index(drop=True), once)
    order = list(range(len(points)))
    random.shuffle(order)
    shuffled = join([points[i] for i in order], wards)
    pd.testing.assert_frame_equal(shuffled, once.iloc[order].reset_index(drop=True))


@settings(max_examples=30, deadline=None)
@given(scattered)
def test_the_ward_alone_is_that_of_the_whole_join(points):
    located = [point for point in points if None not in point and np.isfinite(point).all()]
    x, y = (np.array([point[i] for point in located], dtype="float64") for i in (0, 1))
    wards = squares()
    alone = covering_wards(x, y, wards)
    codes = [wards["ward_code"].iloc[n] if n >= 0 else None for n in alone]
    whole = assign_wards_xy(pd.Series(x), pd.Series(y), wards)["ward_code"]
    assert codes == [code if isinstance(code, str) else None for code in whole.astype(object)]


@settings(max_examples=30, deadline=None)
@given(scattered)
def test_same_as_sjoin_on_squares_with_many_edge_points(points):
    x = np.array([p[0] for p in points], dtype="float64")
    y = np.array([p[1] for p in points], dtype="float64")
    # Half the points are moved onto lines that wards share.
    x[::2] = np.round(x[::2] / 500) * 500
    y[::3] = np.round(y[::3] / 500) * 500
    assert_same_as_sjoin(x, y, squares())


# --- real data -------------------------------------------------------------------------------


@cache
def police_points(folder: Path, pattern: str) -> tuple[np.ndarray, np.ndarray]:
    files = sorted(folder.rglob(pattern))
    assert files, f"no {pattern} under {folder}"
    parts = [pd.read_csv(f, usecols=["Longitude", "Latitude"]) for f in files]
    frame = pd.concat(parts).dropna()
    return to_bng(frame["Longitude"].to_numpy(), frame["Latitude"].to_numpy())


@pytest.fixture(scope="module")
def london(shared_data):
    return read_wards(shared_data / "wards" / "london_wards.zip")[0]


@pytest.fixture(scope="module")
def tower_hamlets(shared_data):
    return read_wards(shared_data / "wards" / "tower_hamlets_wards_2014_bng.gpkg")[0]


@pytest.fixture(scope="module")
def newham(shared_data):
    return read_wards(shared_data / "wards" / "newham_wards_bng.gpkg")[0]


@pytest.mark.parametrize(
    ("folder", "pattern", "area"),
    [
        ("tower-hamlets-2025-05_2026-04", "*.csv*", "tower_hamlets"),
        ("tower-hamlets-2025-05_2026-04", "*.csv*", "london"),
        ("newham-2016-01_2018-06", "*.csv*", "newham"),
        ("city-of-london", "*-street.csv", "london"),
    ],
)
def test_real_police_points_join_as_with_sjoin(shared_data, request, folder, pattern, area):
    wards = request.getfixturevalue(area)
    x, y = police_points(shared_data / "police" / folder, pattern)
    assert len(x) > 10_000
    assert_same_as_sjoin(x, y, wards)


@pytest.mark.parametrize("area", ["tower_hamlets", "newham", "london"])
def test_points_on_shared_corners_and_edges_join_as_with_sjoin(request, area):
    wards = request.getfixturevalue(area)
    corners = shapely.get_coordinates(shapely.boundary(wards.geometry.to_numpy()))
    rng = np.random.default_rng(11)
    some = corners[rng.choice(len(corners), min(len(corners), 20_000), replace=False)]
    start = rng.choice(len(corners) - 1, 5_000)
    middles = (corners[start] + corners[start + 1]) / 2
    points = np.vstack([some, middles])
    out = assert_same_as_sjoin(points[:, 0], points[:, 1], wards)
    assert (out["ward_match"].iloc[: len(some)] == "inside").all()


def test_a_corner_of_several_real_wards_goes_to_the_lowest_code(tower_hamlets):
    corners = pd.DataFrame(
        shapely.get_coordinates(shapely.boundary(tower_hamlets.geometry.to_numpy())),
        columns=["x", "y"],
    )
    owner = np.repeat(
        tower_hamlets["ward_code"].to_numpy(),
        shapely.get_num_coordinates(shapely.boundary(tower_hamlets.geometry.to_numpy())),
    )
    lowest = corners.assign(code=owner).groupby(["x", "y"])["code"].agg(["min", "nunique"])
    shared = lowest[lowest["nunique"] >= 2].reset_index()
    assert (shared["nunique"] >= 3).sum() > 10
    out = assign_wards_xy(shared["x"], shared["y"], tower_hamlets)
    assert out["ward_code"].astype(str).tolist() == shared["min"].tolist()


def test_swapped_coordinates_lie_outside_every_ward(tower_hamlets):
    out = assign_wards_xy(pd.Series([182_543.0]), pd.Series([536_540.0]), tower_hamlets)
    assert out["ward_match"].tolist() == ["outside"]
