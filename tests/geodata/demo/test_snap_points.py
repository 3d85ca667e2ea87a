import numpy as np
import pytest
import shapely

from geodata.crs import to_bng
from geodata.demo import borough
from geodata.demo.snap_points import COLLAR_M, snap_points, station_points


@pytest.fixture(scope="module")
def points():
    return snap_points(np.random.default_rng(7))


def test_a_few_thousand_points_each_in_its_own_place(points):
    assert 5_000 < points["inside"].sum() < 8_000
    assert 1_500 < (~points["inside"]).sum() < 4_500
    assert not points.duplicated(["easting", "northing"]).any()
    assert (points[["easting", "northing"]] % 1 == 0).all(axis=None)


def test_points_lie_on_land_in_the_borough_or_its_collar(points):
    whole = shapely.union_all(borough.wards().geometry.to_numpy())
    wet = shapely.union_all(borough.water().geometry.to_numpy())
    at = shapely.points(points["easting"], points["northing"])
    assert shapely.distance(whole, at).max() <= COLLAR_M
    assert np.array_equal(shapely.intersects(whole, at), points["inside"])
    stations = (points["kind"] == "station").to_numpy()
    assert not shapely.intersects(wet, at[~stations]).any()


def test_degrees_are_those_of_the_metres_to_six_decimals(points):
    easting, northing = to_bng(points["lon"].to_numpy(), points["lat"].to_numpy())
    assert np.abs(easting - points["easting"]).max() < 0.2
    assert np.abs(northing - points["northing"]).max() < 0.2
    assert np.array_equal(points["lon"], points["lon"].round(6))


def test_shares_add_up_and_keep_one_curve_whatever_the_seed(points):
    inside = points.loc[points["inside"], "asb"]
    assert inside.sum() == pytest.approx(1)
    other = snap_points(np.random.default_rng(8))
    theirs = other.loc[other["inside"], "asb"]
    top, their_top = inside.nlargest(60).sum(), theirs.nlargest(60).sum()
    assert top == pytest.approx(their_top, rel=0.1)


def test_locations_read_like_the_real_ones_and_stations_are_among_them(points):
    assert points["location"].str.startswith("On or near ").all()
    assert {"On or near Parking Area", "On or near Whitechapel Road"} <= set(points["location"])
    assert 25 < len(station_points(points)) < 40


def test_the_city_lies_over_the_western_edge(points):
    city = points[points["city"]]
    assert len(city) > 50
    assert not city["inside"].any()
    assert city["easting"].max() < 533_900
