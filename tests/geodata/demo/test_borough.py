"""The drawn borough fits together exactly and is nobody's map but ours."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geodata.crs import BNG
from geodata.demo import borough
from geodata.ward_names import TOWER_HAMLETS_NAMES
from geodata.ward_vintages import vintage_of


@pytest.fixture(scope="module")
def wards():
    return borough.wards()


def test_names_and_codes_are_the_real_ones(wards):
    assert dict(zip(wards["ward_code"], wards["ward_name"], strict=True)) == TOWER_HAMLETS_NAMES
    assert wards["ward_code"].is_monotonic_increasing
    assert vintage_of(wards["ward_code"].tolist()).status == "current"


def test_frame_is_a_ward_frame(wards):
    assert list(wards.columns) == ["ward_code", "ward_name", "area_km2", "geometry"]
    assert wards.crs == BNG
    assert np.allclose(wards["area_km2"], wards.area / 1e6)


def test_every_ward_is_one_valid_polygon_with_its_own_centre_inside(wards):
    assert wards.is_valid.all()
    assert set(wards.geom_type) == {"Polygon"}
    assert not any(len(shape.interiors) for shape in wards.geometry)
    centres = {code: shapely.Point(e * 100, n * 100) for code, (e, n), _ in borough.WARDS}
    held = {
        code: [w for w, g in zip(wards["ward_code"], wards.geometry, strict=True) if g.covers(at)]
        for code, at in centres.items()
    }
    assert held == {code: [code] for code in centres}


def test_wards_share_edges_without_overlap_or_gap(wards):
    whole = shapely.union_all(wards.geometry.to_numpy())
    assert whole.geom_type == "Polygon"
    assert len(whole.interiors) == 0
    # Corners are whole metres, so these sums carry no rounding error worth the name.
    assert whole.area == pytest.approx(wards.area.sum(), abs=1e-3)
    assert shapely.coverage_is_valid(wards.geometry.to_numpy())
    corners = shapely.get_coordinates(wards.geometry.to_numpy())
    assert np.array_equal(corners, np.rint(corners))


def test_size_and_extent_are_those_of_the_borough(wards):
    assert 19.0 < wards["area_km2"].sum() < 22.0
    assert wards["area_km2"].between(0.3, 3.0).all()
    minx, miny, maxx, maxy = wards.total_bounds
    assert 533_000 < minx < 533_700
    assert 178_000 < miny < 178_500
    assert 539_300 < maxx < 539_900
    assert 184_500 < maxy < 185_000


@pytest.mark.parametrize(
    ("place", "easting", "northing", "ward"),
    [
        ("the south tip of the Isle of Dogs", 537_900, 178_400, "Island Gardens"),
        ("west of Millwall is the river", 536_900, 179_000, None),
        ("south of Wapping is the river", 534_700, 179_850, None),
        ("Rotherhithe", 536_000, 179_800, None),
        ("Greenwich", 538_300, 177_700, None),
        ("east of the Lea", 538_600, 183_000, None),
        ("Hackney Wick", 537_100, 184_400, "Bow East"),
        ("the Town Hall", 534_700, 181_700, "Whitechapel"),
        ("Brick Lane", 533_900, 181_900, "Spitalfields & Banglatown"),
        ("Canada Square", 537_600, 180_200, "Canary Wharf"),
        ("Wapping station", 535_000, 180_200, "St Katharine's & Wapping"),
    ],
)
def test_a_resident_finds_their_way(wards, place, easting, northing, ward):
    found = wards.loc[wards.covers(shapely.Point(easting, northing)), "ward_name"].tolist()
    assert found == ([ward] if ward else []), place


def test_the_thames_runs_along_the_wards_and_over_none_of_them(wards):
    water = borough.water().set_index("name").geometry
    whole = shapely.union_all(wards.geometry.to_numpy())
    thames = water["River Thames"]
    assert thames.is_valid
    assert thames.intersection(whole).area == 0
    shared = thames.intersection(whole)
    assert shared.length > 10_000  # Tower to Bow Creek, round the Isle of Dogs
    assert whole.covers(water["Docks"].centroid)


def test_every_shared_chain_meets_others_at_both_ends():
    ends = [chain[i] for chain in (*borough._outer(), *borough._inner()) for i in (0, -1)]
    assert set(ends) <= borough._nodes()


def test_residents_are_round_and_plausible():
    population = borough.population()
    assert population["ward_code"].tolist() == sorted(TOWER_HAMLETS_NAMES)
    assert (population["residents"] % 500 == 0).all()
    assert 280_000 < population["residents"].sum() < 340_000
    assert set(population["source"]) == {"demo"}


def test_nothing_equals_the_real_boundaries(wards, shared_data):
    real = gpd.read_file(shared_data / "wards" / "tower_hamlets_wards_2014_bng.gpkg")
    real = real.set_index("GSS_CODE").geometry
    ours = wards.set_index("ward_code").geometry
    differ = ours.symmetric_difference(real[ours.index])
    assert differ.area.sum() > 300_000
    assert (differ.area / real[ours.index].area).min() > 0.05
    corners = {tuple(c) for c in shapely.get_coordinates(ours.to_numpy()).round().tolist()}
    theirs = {tuple(c) for c in shapely.get_coordinates(real.to_numpy()).round().tolist()}
    assert len(corners & theirs) <= 2  # no more than chance
