"""Reference systems: known points, spellings of the grid, and mistakes named."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj.network import is_network_enabled

from geodata import crs
from geodata.crs import (
    BNG,
    BNG_EXTENT,
    GRID_ACCURACY_M,
    LONLAT_EXTENT,
    WGS84,
    crs_name,
    grid_note,
    is_bng,
    likely_cause,
    require_bng,
    shapes_to_bng,
    to_bng,
    to_lonlat,
)
from geodata.errors import CrsError

# Ordnance Survey's own test points for OSTN15: ETRS89 degrees, and the National Grid.
OSTN15 = {
    "St Mary's, Scilly": (-6.29977752014, 49.92226393730, 91_492.146, 11_318.804),
    "Plymouth": (-4.10864563561, 50.43885825610, 250_359.811, 62_016.569),
    "London": (-0.11992557180, 51.48936564950, 530_624.974, 178_388.464),
}


def one(value: float) -> np.ndarray:
    return np.array([value])


def test_the_network_is_off():
    assert not is_network_enabled()


@pytest.mark.parametrize("place", OSTN15)
def test_known_points_are_within_the_stated_accuracy(place):
    lon, lat, easting, northing = OSTN15[place]
    e, n = to_bng(one(lon), one(lat))
    assert np.hypot(e[0] - easting, n[0] - northing) < GRID_ACCURACY_M


def test_the_projection_alone_is_the_ordnance_surveys_worked_example():
    # "A guide to coordinate systems in Great Britain", annexe C: Airy 1830 degrees to the grid.
    lat, lon = 52 + 39 / 60 + 27.2531 / 3600, 1 + 43 / 60 + 4.5177 / 3600
    triangle = shapely.Polygon([(lon, lat), (lon + 0.001, lat), (lon, lat + 0.001)])
    moved = shapes_to_bng(gpd.GeoSeries([triangle], crs="EPSG:4277"), "x", ["row 1"])
    corner = moved.iloc[0].exterior.coords[0]
    assert corner == pytest.approx((651_409.903, 313_177.270), abs=0.001)


@given(st.floats(-6, 1.7), st.floats(50, 58.5))
def test_there_and_back(lon, lat):
    back = to_lonlat(*to_bng(one(lon), one(lat)))
    assert (back[0][0], back[1][0]) == pytest.approx((lon, lat), abs=2e-7)


def test_missing_and_infinite_numbers_stay_missing():
    e, n = to_bng(np.array([0.0, np.nan, 0.0, np.inf]), np.array([51.5, 51.5, np.nan, 51.5]))
    assert np.isfinite(e).tolist() == [True, False, False, False]
    assert np.isnan(n).tolist() == [False, True, True, True]
    assert to_bng(np.array([]), np.array([]))[0].tolist() == []
    assert to_bng([0], [51])[0].dtype == "float64"


def test_many_points_shared_among_threads_are_those_of_one(monkeypatch):
    lon, lat = np.linspace(-6, 2, 1000), np.linspace(50, 60, 1000)
    lon[::7] = np.nan
    whole = to_bng(lon, lat)
    monkeypatch.setattr(crs, "_WORTH_A_THREAD", 3)
    np.testing.assert_array_equal(to_bng(lon, lat), whole)


def test_the_input_is_left_alone():
    lon, lat = one(0.1), one(51.5)
    to_bng(lon, lat)
    assert (lon[0], lat[0]) == (0.1, 51.5)


# --- the grid in other words --------------------------------------------------------------------

GRID = pyproj.CRS(BNG)
PROJ_STRING = (
    "+proj=tmerc +lat_0=49 +lon_0=-2 +k={k} +x_0={x} +y_0=-100000 +ellps={e} +units={u} +no_defs"
)


@pytest.mark.parametrize(
    "crs",
    [
        BNG,
        27700,
        "urn:ogc:def:crs:EPSG::27700",
        GRID,
        GRID.to_wkt("WKT1_ESRI"),
        GRID.to_wkt("WKT1_GDAL"),
        GRID.to_wkt("WKT2_2019"),
        GRID.to_json(),
        PROJ_STRING.format(k=0.9996012717, x=400_000, e="airy", u="m"),
        PROJ_STRING.format(k=0.999601272, x=400_000, e="airy", u="m"),
        PROJ_STRING.format(k=0.9996012717, x=400_000, e="airy", u="m").replace(
            "+ellps=airy", "+datum=OSGB36"
        ),
        PROJ_STRING.format(k=0.9996012717, x=400_000, e="airy", u="m")
        + " +towgs84=446.448,-125.157,542.06,0.15,0.247,0.842,-20.489",
        "EPSG:7405",
    ],
)
@pytest.mark.filterwarnings("ignore:You will likely lose important projection information")
def test_spellings_of_the_grid(crs):
    assert is_bng(crs)


@pytest.mark.parametrize(
    "crs",
    [
        None,
        WGS84,
        "EPSG:4277",
        "EPSG:3857",
        "EPSG:32630",
        "EPSG:29903",
        PROJ_STRING.format(k=0.9996, x=400_000, e="airy", u="m"),
        PROJ_STRING.format(k=0.9996012717, x=500_000, e="airy", u="m"),
        PROJ_STRING.format(k=0.9996012717, x=400_000, e="WGS84", u="m"),
        PROJ_STRING.format(k=0.9996012717, x=400_000, e="airy", u="km"),
        PROJ_STRING.format(k=0.9996012717, x=400_000, e="airy", u="m").replace("-2", "-3"),
        PROJ_STRING.format(k=0.9996012717, x=400_000, e="airy", u="m").replace("tmerc", "merc")
        .replace("+lat_0=49 ", "").replace("+k=0.9996012717", "+k=1"),
    ],
)  # fmt: skip
def test_what_is_not_the_grid(crs):
    assert not is_bng(crs)


def test_require_bng_says_what_came():
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0], [51]), crs=WGS84)
    with pytest.raises(CrsError, match=r"The things must be in .* \(EPSG:27700\)\. Got: EPSG:4326"):
        require_bng(frame, "The things")
    with pytest.raises(CrsError, match="Got: no reference system"):
        require_bng(frame.set_crs(None, allow_override=True), "The things")
    require_bng(frame.to_crs(BNG).geometry, "The things")


def test_names_and_notes():
    assert crs_name(WGS84) == "WGS 84 (EPSG:4326)"
    assert crs_name(None) == "none given"
    assert crs_name(PROJ_STRING.format(k=0.9996, x=1, e="airy", u="m")) == "unknown"
    assert "nothing was converted" in grid_note(GRID.to_wkt("WKT1_ESRI"))
    assert f"about {GRID_ACCURACY_M:g} m" in grid_note(WGS84)


# --- likely causes ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "y", "cause"),
    [
        (-0.03, 51.5, ""),
        (-7.5, 57.5, ""),
        (1.7, 52.6, ""),
        (51.5, -0.03, "latitude and longitude look swapped"),
        (57.5, -7.5, "latitude and longitude look swapped"),
        (536_540.0, 182_543.0, "these look like British National Grid metres, not degrees"),
        (
            182_543.0,
            1_136_540.0,
            "these look like British National Grid metres, not degrees",
        ),
        (
            1_136_540.0,
            182_543.0,
            "these look like British National Grid metres, not degrees, with easting and "
            "northing swapped",
        ),
        (-90.1, 35.1, "these points are not in Great Britain"),
        (0.0, 0.0, "these points are not in Great Britain"),
        (2.35, 48.85, "these points are not in Great Britain"),
    ],
)
def test_causes(x, y, cause):
    assert likely_cause(one(x), one(y)) == cause


def test_the_majority_decides_and_gaps_are_passed_over():
    x = np.array([-0.03, -0.04, 51.5, np.nan])
    y = np.array([51.5, 51.5, -0.03, 51.5])
    assert likely_cause(x, y) == ""
    assert likely_cause(np.array([np.nan]), np.array([np.nan])) == ""
    assert likely_cause(np.array([]), np.array([])) == ""


def test_things_are_called_by_their_name():
    assert likely_cause(one(-90), one(35), things="shapes") == (
        "these shapes are not in Great Britain"
    )


@given(st.floats(LONLAT_EXTENT[0], LONLAT_EXTENT[2]), st.floats(LONLAT_EXTENT[1], LONLAT_EXTENT[3]))
def test_a_place_is_never_mistaken_and_its_swap_always_known(lon, lat):
    assert likely_cause(one(lon), one(lat)) == ""
    assert likely_cause(one(lat), one(lon)) == "latitude and longitude look swapped"


# --- shapes -------------------------------------------------------------------------------------


def shapes(*boxes: tuple[float, float, float, float], crs: object) -> gpd.GeoSeries:
    return gpd.GeoSeries([shapely.box(*b) for b in boxes], crs=crs)


def test_shapes_on_the_grid_are_not_touched():
    before = shapes((530_000, 180_000, 531_000, 181_000), crs=GRID.to_wkt("WKT1_ESRI"))
    after = shapes_to_bng(before, "x", ["row 1"])
    assert after.crs.to_epsg() == 27700
    assert shapely.equals_exact(after.to_numpy(), before.to_numpy(), 0).all()


def test_the_edge_of_the_grid_is_on_it():
    shapes_to_bng(shapes(BNG_EXTENT, crs=BNG), "x", ["row 1"])
    with pytest.raises(CrsError, match="not in Great Britain"):
        shapes_to_bng(shapes((0, -1, 900, 900), crs=BNG), "x", ["row 1"])


def test_the_first_bad_shape_is_named():
    good, bad = (530_000, 180_000, 531_000, 181_000), (530_000, -9, 531_000, 181_000)
    with pytest.raises(CrsError, match=r"First: row 2\."):
        shapes_to_bng(shapes(good, bad, bad, crs=BNG), "x", ["row 1", "row 2", "row 3"])


def test_an_undefined_system_is_no_system():
    local = pyproj.CRS.from_wkt('LOCAL_CS["Undefined Cartesian SRS",UNIT["metre",1]]')
    unnamed = shapes((530_000, 180_000, 531_000, 181_000), crs=local)
    with pytest.raises(CrsError, match="x does not name its reference system"):
        shapes_to_bng(unnamed, "x", ["row 1"])
    named = shapes_to_bng(unnamed.set_crs(None, allow_override=True), "x", ["row 1"], assume=BNG)
    assert is_bng(named.crs)
    assert is_bng(shapes_to_bng(unnamed, "x", ["row 1"], assume=BNG).crs)


def test_a_system_that_leads_nowhere_near_is_said():
    moon = pyproj.CRS.from_proj4("+proj=longlat +a=1737400 +b=1737400 +no_defs")
    with pytest.raises(CrsError, match="cannot be turned into British National Grid"):
        shapes_to_bng(shapes((-0.1, 51.4, 0.1, 51.6), crs=moon), "x", ["row 1"])
