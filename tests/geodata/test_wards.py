"""Reading ward boundaries, from the file to the frame that everything else joins to."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata.crs import BNG, WGS84, is_bng
from geodata.errors import CrsError, SaferWalksError, VintageError, WardFileError
from geodata.ward_join import assign_wards_xy, check_wards
from geodata.ward_names import TOWER_HAMLETS_NAMES
from geodata.ward_vintages import TOWER_HAMLETS_CURRENT, TOWER_HAMLETS_SUPERSEDED
from geodata.wards import WARD_COLUMNS, WardInfo, read_wards
from tests.geodata.ward_samples import (
    CODES,
    FORMATS,
    NAMES,
    geojson,
    pack,
    polygon,
    save,
    three_wards,
    vrt,
)

UTM_30 = "EPSG:32630"
WEB_MERCATOR = "EPSG:3857"
ETRS89 = "EPSG:4258"


def read(frame: gpd.GeoDataFrame, folder: Path, kind: str = "gpkg", **options: object):
    return read_wards(save(frame, folder, kind), **options)


def refused(kind: type[SaferWalksError], path: Path, **options: object) -> str:
    with pytest.raises(kind) as caught:
        read_wards(path, **options)
    return str(caught.value)


def assert_wards(wards: gpd.GeoDataFrame) -> None:
    """Check the contract of the WARDS frame."""
    assert tuple(wards.columns) == WARD_COLUMNS
    assert wards.crs.to_epsg() == 27700
    pd.testing.assert_index_equal(wards.index, pd.RangeIndex(len(wards)))
    assert wards["ward_code"].is_unique
    assert wards["ward_code"].is_monotonic_increasing
    assert wards["ward_code"].dtype == wards["ward_name"].dtype == pd.Series(["x"]).dtype
    assert not wards.isna().any().any()
    assert wards.geometry.is_valid.all()
    assert not wards.geometry.has_z.any()
    assert set(wards.geom_type) <= {"Polygon", "MultiPolygon"}
    assert np.allclose(wards["area_km2"], wards.area / 1e6, rtol=1e-12)
    check_wards(wards)


# --- formats and reference systems -------------------------------------------------------------


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_the_same_wards(tmp_path, kind):
    wards, info = read(three_wards(), tmp_path, kind)
    assert_wards(wards)
    assert wards["ward_code"].tolist() == list(CODES)
    assert wards["ward_name"].tolist() == list(NAMES)
    assert wards["area_km2"].tolist() == [1.0, 1.0, 1.0]
    assert (info.wards, info.area_ha, info.overlap_m2, info.gap_m2) == (3, 300.0, 0.0, 0.0)
    assert info.source == f"wards.{kind}"
    assert (info.code_column, info.name_column) == ("GSS_CODE", "NAME")
    assert "British National Grid" in info.crs
    assert info.grid_note == "Already in British National Grid: nothing was converted."


@pytest.mark.parametrize("crs", [WGS84, ETRS89, UTM_30, WEB_MERCATOR, "EPSG:4277", "EPSG:29903"])
def test_every_reference_system_ends_in_the_national_grid(tmp_path, crs):
    wards, info = read(three_wards().to_crs(crs), tmp_path)
    assert_wards(wards)
    moved = shapely.hausdorff_distance(wards.geometry.to_numpy(), three_wards().geometry.to_numpy())
    # There and back by one and the same transformation.
    assert moved.max() < 0.05
    assert (info.overlap_m2, info.gap_m2, info.repaired) == (0.0, 0.0, 0)
    assert info.area_ha == pytest.approx(300, abs=0.02)
    assert info.grid_note.endswith("good to about 5 m.")
    assert crs in info.crs


@pytest.mark.parametrize(
    "crs",
    [
        "+proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=airy "
        "+units=m +no_defs",
        "EPSG:7405",
    ],
)
def test_the_grid_without_its_code_is_the_grid(tmp_path, crs):
    wards, info = read(three_wards().set_crs(crs, allow_override=True), tmp_path, "shp")
    assert_wards(wards)
    assert wards.total_bounds.tolist() == [530_000, 180_000, 533_000, 181_000]
    assert info.area_ha == 300.0


def test_heights_are_dropped_and_said(tmp_path):
    wards = three_wards()
    wards["geometry"] = shapely.force_3d(wards.geometry.to_numpy(), 12.5)
    for kind in ("gpkg", "geojson", "shp.zip", "parquet", "fgb"):
        flat, info = read(wards.to_crs(WGS84) if kind == "geojson" else wards, tmp_path, kind)
        assert_wards(flat)
        assert info.flattened
        assert "Heights in the file were dropped." in info.notes
    assert not read(three_wards(), tmp_path)[1].flattened


def test_multipolygons_stay_one_ward(tmp_path):
    wards = three_wards()
    wards.loc[0, "geometry"] = wards.geometry[0].union(
        shapely.box(529_000, 180_000, 529_500, 180_100)
    )
    read_back, info = read(wards, tmp_path, "geojson")
    assert read_back["area_km2"].round(9).tolist() == [1.05, 1.0, 1.0]
    assert info.dissolved == 0


# --- reference systems that cannot be -----------------------------------------------------------

LON, LAT = -0.0332, 51.5253


def box_geojson(path: Path, west: float, south: float, east: float, north: float, **more: object):
    shape = polygon(west, south, east, north)
    return geojson(path, (shape, {"code": "E05999991", "name": "A"}), **more)


def test_swapped_latitude_and_longitude_is_named(tmp_path):
    path = box_geojson(tmp_path / "w.geojson", LAT, LON, LAT + 0.01, LON + 0.01)
    said = refused(CrsError, path)
    assert "w.geojson are not what its reference system says" in said
    assert "latitude and longitude look swapped" in said
    assert "First: row 1 (E05999991)." in said


def test_grid_metres_in_geojson_are_named(tmp_path):
    path = box_geojson(tmp_path / "w.geojson", 536_000, 182_000, 537_000, 183_000)
    assert "these look like British National Grid metres, not degrees" in refused(CrsError, path)


def test_grid_metres_in_geojson_that_says_so_are_read(tmp_path):
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    path = box_geojson(tmp_path / "w.geojson", 536_000, 182_000, 537_000, 183_000, crs=crs)
    wards, info = read_wards(path)
    assert info.area_ha == 100.0
    assert wards.total_bounds.tolist() == [536_000, 182_000, 537_000, 183_000]


def test_degrees_that_say_they_are_metres_are_named(tmp_path):
    for west in (LON, 0.1):  # east of Greenwich both numbers lie within the grid's extent
        frame = gpd.GeoDataFrame(
            {"code": ["E05999991"], "name": ["A"]},
            geometry=[shapely.box(west, LAT, west + 0.01, LAT + 0.01)],
            crs=BNG,
        )
        said = refused(CrsError, save(frame, tmp_path, "gpkg"))
        assert "these look like degrees, not British National Grid metres" in said


@pytest.mark.parametrize("crs", [WGS84, WEB_MERCATOR, UTM_30, BNG])
def test_a_place_outside_great_britain_is_named(tmp_path, crs):
    memphis = gpd.GeoDataFrame(
        {"code": ["E05999991"], "name": ["A"]},
        geometry=[shapely.box(-90.1, 35.0, -90.0, 35.1)],
        crs=WGS84,
    )
    frame = memphis.to_crs(UTM_30 if crs == BNG else crs)
    frame = frame.set_crs(crs, allow_override=True)
    said = refused(CrsError, save(frame, tmp_path, "gpkg"))
    assert "these shapes are not in Great Britain" in said


def test_one_row_far_away_is_named(tmp_path):
    path = geojson(
        tmp_path / "w.geojson",
        (polygon(-0.03, 51.5, -0.02, 51.51), {"code": "E05999991", "name": "A"}),
        (polygon(-0.02, 51.5, -0.01, 51.51), {"code": "E05999992", "name": "B"}),
        (polygon(0, 0, 0.01, 0.01), {"code": "E05999993", "name": "C"}),
    )
    said = refused(CrsError, path)
    assert "these shapes are not in Great Britain" in said
    assert "First: row 3 (E05999993)." in said


@pytest.mark.parametrize("kind", ["shp", "shp.zip", "fgb", "parquet", "gpkg"])
@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_a_file_that_names_no_system_is_not_guessed(tmp_path, kind):
    wards = three_wards().set_crs(None, allow_override=True)
    path = save(wards, tmp_path, kind)
    said = refused(CrsError, path)
    assert f"wards.{kind} does not name its reference system" in said
    assert "look like British National Grid metres (EPSG:27700)" in said
    assert "What to do: save it again with its reference system" in said
    told, info = read_wards(path, crs=BNG)
    assert_wards(told)
    assert info.area_ha == 300.0
    assert "EPSG:27700" in info.crs
    assert info.grid_note.startswith("Already in British National Grid")


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_degrees_without_a_system_are_said_to_look_like_degrees(tmp_path):
    wards = three_wards().to_crs(WGS84).set_crs(None, allow_override=True)
    assert "look like longitude and latitude (EPSG:4326)" in refused(
        CrsError, save(wards, tmp_path, "shp")
    )
    wards = three_wards().to_crs(WEB_MERCATOR).set_crs(None, allow_override=True)
    said = refused(CrsError, save(wards, tmp_path, "fgb"))
    assert "look like" not in said


def test_what_a_file_says_of_itself_is_believed_before_the_caller(tmp_path):
    wards, info = read(three_wards().to_crs(WGS84), tmp_path, "gpkg", crs=BNG)
    assert info.area_ha == pytest.approx(300, abs=0.02)
    assert "EPSG:4326" in info.crs


def test_tower_hamlets_codes_on_shapes_elsewhere_are_noticed(tmp_path):
    square = gpd.GeoDataFrame(
        {"code": ["E05009317"], "name": ["x"]},
        geometry=[shapely.box(182_000, 536_000, 183_000, 537_000)],
        crs=BNG,
    )
    said = refused(CrsError, save(square, tmp_path, "gpkg"))
    assert "have Tower Hamlets codes but do not lie there" in said
    assert "easting and northing look swapped" in said
    square["geometry"] = [shapely.box(400_000, 300_000, 401_000, 301_000)]
    said = refused(CrsError, save(square, tmp_path, "fgb"))
    assert "do not lie there" in said
    assert "swapped" not in said


# --- codes and names ----------------------------------------------------------------------------


def test_columns_named_by_a_person_in_any_case(tmp_path):
    wards = three_wards(POLY_ID=[3.0, 1.0, 2.0], Label=["c", "a", "b"])
    out, info = read(wards, tmp_path, code="poly_id", name="LABEL")
    assert_wards(out)
    assert out["ward_code"].tolist() == ["1", "2", "3"]
    assert out["ward_name"].tolist() == ["a", "b", "c"]
    assert (info.code_column, info.name_column) == ("POLY_ID", "Label")
    assert (info.vintage, info.vintage_year) == ("unknown", None)
    assert "not GSS ward codes" in info.vintage_note


def test_missing_columns_list_those_that_are_there(tmp_path):
    wards = three_wards().rename(columns={"GSS_CODE": "x1"})
    wards["x1"] = ["a", "b", "c"]
    path = save(wards, tmp_path, "gpkg")
    said = refused(WardFileError, path)
    assert "No column holds ward codes" in said
    assert "Got: columns x1, NAME." in said
    assert "--code" in said
    path = save(three_wards().rename(columns={"NAME": "x2"}), tmp_path, "fgb")
    said = refused(WardFileError, path)
    assert "No column looks like ward names. Got: columns GSS_CODE, x2." in said


def test_codes_are_trimmed_and_put_in_capitals(tmp_path):
    out, _ = read(three_wards(GSS_CODE=[" e05999993", "E05999992 ", "E05999991"]), tmp_path)
    assert out["ward_code"].tolist() == list(CODES)
    assert out["ward_name"].tolist() == ["East", "Middle", "West"]


@pytest.mark.parametrize("bad", [None, "", "  "])
def test_a_ward_without_a_code_is_named(tmp_path, bad):
    path = save(three_wards(GSS_CODE=[CODES[0], bad, CODES[2]]), tmp_path, "gpkg")
    said = refused(WardFileError, path)
    assert "A ward has no code. Got: 1 rows without one. First: row 2 (Middle)." in said


def test_a_code_unlike_the_others_is_named(tmp_path):
    path = save(three_wards(GSS_CODE=[CODES[0], "E0599999", CODES[2]]), tmp_path, "gpkg")
    said = refused(WardFileError, path)
    assert "A ward's code is not like the others. Got: 'E0599999'. First: row 2 (E0599999)." in said


def test_a_borough_merged_into_one_row_is_kept_and_said(tmp_path):
    names = ["West", "Middle", "City of London"]
    out, info = read(three_wards(GSS_CODE=[*CODES[:2], "E09000001"], NAME=names), tmp_path)
    assert_wards(out)
    assert out["ward_code"].tolist() == [*CODES[:2], "E09000001"]
    said = "Kept, though their codes are not those of wards: City of London (E09000001)."
    assert said in info.notes


def test_a_ward_without_a_name_shows_its_code(tmp_path):
    out, _ = read(three_wards(NAME=["West", None, "East"]), tmp_path)
    assert out["ward_name"].tolist() == ["West", CODES[1], "East"]


def test_rows_of_one_code_become_one_ward_and_that_is_said(tmp_path):
    code, name = [CODES[0], CODES[0], CODES[2]], ["St. Ann's", "St Anns ward", "East"]
    out, info = read(three_wards(GSS_CODE=code, NAME=name), tmp_path)
    assert_wards(out)
    assert out["ward_code"].tolist() == [CODES[0], CODES[2]]
    assert out["area_km2"].tolist() == [2.0, 1.0]
    assert (info.wards, info.dissolved, info.dissolved_wards) == (2, 1, ("St Ann's",))
    assert "Joined from several rows: St Ann's." in info.notes


def test_one_code_with_two_names_is_an_error(tmp_path):
    path = save(three_wards(GSS_CODE=[CODES[0], CODES[0], CODES[2]]), tmp_path, "gpkg")
    said = refused(WardFileError, path)
    assert "Rows with one ward code have different names. Got: West, Middle." in said
    assert f"First: {CODES[0]}, row 1 ({CODES[0]})." in said


def test_names_are_tidied_and_the_change_is_said(tmp_path):
    out, info = read(three_wards(NAME=["St. Ann’s", "Middle", "East Ward"]), tmp_path)
    assert out["ward_name"].tolist() == ["St Ann's", "Middle", "East"]
    assert info.names_changed == 2
    assert info.renamed == (("St. Ann’s", "St Ann's"), ("East Ward", "East"))
    assert "Names: St. Ann’s is shown as St Ann's; East Ward is shown as East." in info.notes


# --- shapes -------------------------------------------------------------------------------------


def test_a_mended_outline_is_counted_and_named(tmp_path):
    wards = three_wards()
    wards.loc[1, "geometry"] = shapely.Polygon(
        [(531_000, 180_000), (532_000, 181_000), (532_000, 180_000), (531_000, 181_000)]
    )
    out, info = read(wards, tmp_path)
    assert_wards(out)
    assert (info.repaired, info.repaired_wards) == (1, ("Middle",))
    assert out["area_km2"].tolist() == [1.0, 0.5, 1.0]
    assert "Outlines mended: Middle." in info.notes


def test_overlaps_and_gaps_are_measured_and_said(tmp_path):
    wards = three_wards()
    wards.loc[0, "geometry"] = shapely.box(530_000, 180_000, 531_010, 181_000)
    wards.loc[2, "geometry"] = shapely.box(532_004, 180_000, 533_000, 181_000)
    out, info = read(wards, tmp_path)
    assert_wards(out)
    assert info.overlap_m2 == 10_000.0
    assert info.overlaps == ((CODES[0], CODES[1], 10_000.0),)
    assert info.gap_m2 == 4_000.0
    assert info.area_ha == 299.6
    assert f"Wards overlap by 10,000.0 m2 in all, most between {CODES[0]} and {CODES[1]}." in (
        info.notes
    )
    assert any(n.startswith("Gaps between wards measure 4,000.0 m2.") for n in info.notes)


def test_rows_without_polygons_are_named(tmp_path):
    for geometry, words in (
        (None, "A row of the boundary file has no geometry. Got: 1 such rows. First: row 2 (E"),
        ({"type": "Point", "coordinates": [LON, LAT]}, "is not a polygon. Got: 1 such rows, Point"),
    ):
        path = geojson(
            tmp_path / "w.geojson",
            (polygon(LON, LAT, LON + 0.01, LAT + 0.01), {"code": "E05999991", "name": "A"}),
            (geometry, {"code": "E05999992", "name": "B"}),
        )
        assert words in refused(WardFileError, path)


def test_an_empty_file_is_an_error(tmp_path):
    assert "w.geojson holds no wards" in refused(WardFileError, geojson(tmp_path / "w.geojson"))
    path = save(three_wards().iloc[:0], tmp_path, "gpkg")
    assert "wards.gpkg holds no wards" in refused(WardFileError, path)


def test_nested_properties_do_no_harm(tmp_path):
    path = geojson(
        tmp_path / "w.geojson",
        (polygon(LON, LAT, LON + 0.01, LAT + 0.01),
         {"meta": {"a": [1]}, "tags": ["x"], "code": "E05999991", "name": "A"}),
    )  # fmt: skip
    assert read_wards(path)[0]["ward_code"].tolist() == ["E05999991"]


# --- vintage ------------------------------------------------------------------------------------


def th_squares(codes: tuple[str, ...], **columns: object) -> gpd.GeoDataFrame:
    boxes = [shapely.box(534_000 + 100 * k, 180_000, 534_100 + 100 * k, 181_000)
             for k in range(len(codes))]  # fmt: skip
    return gpd.GeoDataFrame(
        {"code": list(codes), "name": [f"n{k}" for k in range(len(codes))], **columns},
        geometry=boxes, crs=BNG,
    )  # fmt: skip


def test_current_codes_are_current_whole_or_in_part(tmp_path):
    out, info = read(th_squares(TOWER_HAMLETS_CURRENT), tmp_path)
    assert info.vintage == "current"
    assert out["ward_name"].tolist() == list(TOWER_HAMLETS_NAMES.values())
    assert info.names_changed == 20
    _, info = read(th_squares(TOWER_HAMLETS_CURRENT[:5]), tmp_path, "fgb")
    assert info.vintage == "current"
    assert "5 of the 20 Tower Hamlets wards" in info.notes[0]


def test_superseded_codes_are_refused(tmp_path):
    path = save(th_squares(TOWER_HAMLETS_SUPERSEDED), tmp_path, "gpkg")
    said = refused(VintageError, path)
    assert "the 17 Tower Hamlets wards from before May 2014" in said
    assert "17 old codes, E05000573, E05000574, E05000575, ...; expected E05009317" in said


def test_the_old_wards_without_codes_are_known_by_name_whatever_column_is_said_to_be_the_code(
    tmp_path,
):
    names = ["BethnalGreenNorth", "Millwall", "MileEndEast", "BowEast"]
    frame = th_squares(tuple(names)).rename(columns={"code": "ward"}).drop(columns="name")
    frame["id"] = [1, 2, 3, 4]
    path = save(frame, tmp_path, "gpkg")
    assert "no codes, and the names BethnalGreenNorth" in refused(VintageError, path)
    assert "before May 2014" in refused(VintageError, path, code="id", name="ward")


def test_a_year_in_the_columns_name_is_told(tmp_path):
    wards = three_wards().rename(columns={"GSS_CODE": "WD18CD", "NAME": "WD18NM"})
    _, info = read(wards, tmp_path)
    assert (info.vintage, info.vintage_year) == ("unknown", 2018)
    assert "The column WD18CD says 2018" in info.notes[0]


def test_a_register_or_the_codes_of_the_data_decide(tmp_path):
    path = save(three_wards(), tmp_path, "gpkg")
    assert read_wards(path)[1].vintage == "unknown"
    assert read_wards(path, register=CODES)[1].vintage == "current"
    assert read_wards(path, codes_in_data=iter(CODES))[1].vintage == "matches data"
    assert "the register does not hold" in refused(VintageError, path, register=CODES[:2])
    assert "different years or places" in refused(VintageError, path, codes_in_data=["E05013904"])


# --- the whole ----------------------------------------------------------------------------------


def test_the_info_goes_through_json(tmp_path):
    _, info = read(three_wards(NAME=["St. Ann's", "Middle", "East"]), tmp_path)
    assert isinstance(info, WardInfo)
    plain = json.loads(json.dumps(info.to_json()))
    assert plain == info.to_json()
    assert {
        "wards", "crs", "area_ha", "overlap_m2", "repaired", "gap_m2", "vintage", "vintage_note",
        "names_changed", "dissolved", "source", "code_column", "name_column", "grid_note",
    } <= set(plain)  # fmt: skip
    assert plain["wards"] == 3
    assert plain["renamed"] == [["St. Ann's", "St Ann's"]]
    assert str(tmp_path) not in json.dumps(plain)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(range(3)))
def test_the_order_of_rows_and_columns_does_not_matter(tmp_path, order):
    frame = three_wards().iloc[list(order)]
    wards, info = read(frame[["NAME", "GSS_CODE", "geometry"]], tmp_path, "parquet")
    expected, _ = read(three_wards(), tmp_path, "parquet")
    pd.testing.assert_frame_equal(pd.DataFrame(wards), pd.DataFrame(expected))
    assert info.wards == 3


def test_a_trap_is_refused_by_the_whole_reading_too(tmp_path):
    trap = vrt(tmp_path / "wards.geojson", save(three_wards(), tmp_path, "gpkg", "x"), "x")
    assert "an OGR VRT" in refused(WardFileError, trap)
    packed = pack(tmp_path / "wards.zip", {"wards.geojson": trap.read_bytes()})
    assert "an OGR VRT" in refused(WardFileError, packed)


# --- real files ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["tower_hamlets_wards_2014_bng.gpkg",
                                  "tower_hamlets_wards_2014_wgs84.geojson"])  # fmt: skip
def test_real_tower_hamlets(shared_data, name):
    wards, info = read_wards(shared_data / "wards" / name)
    assert_wards(wards)
    assert wards["ward_code"].tolist() == list(TOWER_HAMLETS_CURRENT)
    assert wards["ward_name"].tolist() == list(TOWER_HAMLETS_NAMES.values())
    assert (info.wards, info.area_ha, info.overlap_m2, info.gap_m2) == (20, 2157.498, 0.0, 0.0)
    assert (info.repaired, info.dissolved, info.vintage) == (0, 0, "current")
    assert dict(info.renamed)["St. Peter's"] == "Bethnal Green West"


def test_real_london_whose_grid_has_no_code(shared_data):
    wards, info = read_wards(shared_data / "wards" / "london_wards.zip")
    assert_wards(wards)
    assert info.wards == 654
    assert info.crs == "OSGB36 / British National Grid"
    assert info.grid_note.startswith("Already in British National Grid")
    assert (info.overlap_m2, info.gap_m2) == (0.0, 0.0)
    assert info.repaired_wards == ("Colville", "Pembridge")
    assert info.vintage == "unknown"
    assert "20 Tower Hamlets wards are current" in info.vintage_note
    own, _ = read_wards(shared_data / "wards" / "tower_hamlets_wards_2014_bng.gpkg")
    same = wards[wards["ward_code"].isin(own["ward_code"])]
    assert same["area_km2"].round(6).tolist() == own["area_km2"].round(6).tolist()


def test_real_newham(shared_data):
    wards, info = read_wards(shared_data / "wards" / "newham_wards_bng.gpkg")
    assert_wards(wards)
    assert (info.wards, info.overlap_m2, info.vintage) == (20, 0.0, "unknown")


def test_the_real_old_wards_are_recognised_though_they_have_no_codes(shared_data):
    path = shared_data / "wards" / "tower_hamlets_wards_pre2014_17_wgs84.geojson"
    for options in ({}, {"code": "ward", "name": "ward"}):
        said = refused(VintageError, path, **options)
        assert "the 17 Tower Hamlets wards from before May 2014, not the 20 in force" in said
        assert "expected E05009317 to E05009336" in said


def test_real_lsoas_are_not_taken_for_wards(shared_data):
    path = shared_data / "lsoa" / "tower_hamlets_lsoa_2021_full_bng.gpkg"
    assert "These look like LSOAs" in refused(WardFileError, path)


def test_real_precincts_of_memphis_are_not_in_great_britain(shared_data):
    path = shared_data / "memphis" / "memphis_precincts.geojson"
    assert "these shapes are not in Great Britain" in refused(CrsError, path)


def test_both_real_files_of_tower_hamlets_join_points_alike(shared_data):
    bng, _ = read_wards(shared_data / "wards" / "tower_hamlets_wards_2014_bng.gpkg")
    wgs, _ = read_wards(shared_data / "wards" / "tower_hamlets_wards_2014_wgs84.geojson")
    assert is_bng(wgs.crs)
    rng = np.random.default_rng(5)
    x, y = pd.Series(rng.uniform(533e3, 54e4, 20_000)), pd.Series(rng.uniform(178e3, 185e3, 20_000))
    one, two = assign_wards_xy(x, y, bng), assign_wards_xy(x, y, wgs)
    differ = one["ward_code"].astype(object).ne(two["ward_code"].astype(object)) & (
        one["ward_code"].notna() | two["ward_code"].notna()
    )
    # The files differ by millimetres.
    assert differ.sum() <= 2
