"""Opening boundary files: five formats, packed or not, and the ones that are not what they say."""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geodata.crs import BNG
from geodata.errors import SaferWalksError, UnsafeArchiveError, WardFileError
from geodata.ward_files import open_boundaries
from tests.geodata.ward_samples import (
    CODES,
    FORMATS,
    geojson,
    pack,
    polygon,
    save,
    three_wards,
    vrt,
)

NAMES_OF = {
    "gpkg": "GeoPackage", "geojson": "GeoJSON", "fgb": "FlatGeobuf", "parquet": "GeoParquet",
    "shp": "Shapefile", "shp.zip": "Shapefile",
}  # fmt: skip


def refused(path: Path, kind: type[SaferWalksError] = WardFileError) -> str:
    with pytest.raises(kind) as caught:
        open_boundaries(path)
    said = str(caught.value)
    assert str(path.parent) not in said, "a message must not name folders of the machine"
    assert "/tmp" not in said
    return said


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_opens(tmp_path, kind):
    opened = open_boundaries(save(three_wards(), tmp_path, kind))
    assert sorted(opened.frame["GSS_CODE"]) == list(CODES)
    assert opened.format == NAMES_OF[kind]
    assert opened.notes == ()


@pytest.mark.parametrize("kind", [k for k in FORMATS if k != "shp.zip"])
@pytest.mark.parametrize("folder", ["", "some/folder/"])
def test_every_format_opens_inside_a_zip(tmp_path, kind, folder):
    source = tmp_path / "source"
    source.mkdir()
    save(three_wards(), source, kind)
    files = {folder + p.name: p.read_bytes() for p in source.iterdir()}
    files |= {"readme.txt": b"", "__MACOSX/._wards." + kind: b"\0"}
    opened = open_boundaries(pack(tmp_path / "wards.zip", files))
    assert sorted(opened.frame["GSS_CODE"]) == list(CODES)
    assert opened.format == NAMES_OF[kind]


@pytest.mark.parametrize(
    "name", ["a!b.gpkg", "wards.zip", "wards.shp.zip", "http:x.gpkg", "résumé (1).gpkg", "wards",
             "wards.geojson", "GPKG.gpkg", "s3+zip.gpkg", "%20.gpkg"]
)  # fmt: skip
def test_content_decides_not_the_name(tmp_path, name):
    save(three_wards(), tmp_path, "gpkg").rename(tmp_path / name)
    opened = open_boundaries(tmp_path / name)
    assert opened.format == "GeoPackage"
    assert len(opened.frame) == 3
    assert opened.notes == ()


def test_an_odd_name_does_not_lose_the_parts_of_a_shapefile(tmp_path):
    save(three_wards(), tmp_path, "shp")
    for part in list(tmp_path.glob("wards.*")):
        part.rename(part.with_name("a!b" + part.suffix.upper()))
    opened = open_boundaries(tmp_path / "a!b.SHP")
    assert opened.format == "Shapefile"
    assert opened.frame.crs is not None


def test_a_relative_path_and_a_folder_with_an_odd_name(tmp_path, monkeypatch):
    folder = tmp_path / "http:!zip"
    folder.mkdir()
    shutil.copy(save(three_wards(), tmp_path, "geojson"), folder)
    monkeypatch.chdir(folder)
    assert len(open_boundaries(Path("wards.geojson")).frame) == 3


# --- what must not be opened -------------------------------------------------------------------


def test_a_vrt_that_calls_itself_geojson_is_not_followed(tmp_path):
    trap = vrt(tmp_path / "wards.geojson", save(three_wards(), tmp_path, "gpkg", "x"), "x")
    assert "an OGR VRT, which points at other files" in refused(trap)


@pytest.mark.parametrize(
    "name", ["wards.geojson", "wards.gpkg", "wards.fgb", "wards.shp", "w.json"]
)
def test_nor_is_one_inside_a_zip(tmp_path, name):
    trap = vrt(tmp_path / "trap", save(three_wards(), tmp_path, "gpkg", "x"), "x")
    packed = pack(tmp_path / "wards.shp.zip", {name: trap.read_bytes()})
    assert "an OGR VRT, which points at other files" in refused(packed)


def test_a_vrt_under_its_own_name_inside_a_zip_is_no_boundary_file(tmp_path):
    trap = vrt(tmp_path / "trap", save(three_wards(), tmp_path, "gpkg", "x"), "x")
    said = refused(pack(tmp_path / "w.zip", {"wards.vrt": trap.read_bytes()}))
    assert "w.zip holds no boundary file" in said


def test_another_driver_than_the_four_is_refused_before_reading(tmp_path, monkeypatch):
    path = save(three_wards(), tmp_path, "gpkg")
    monkeypatch.setattr("pyogrio.read_info", lambda *_, **__: {"driver": "OGR_VRT"})
    monkeypatch.setattr("pyogrio.read_dataframe", lambda *_, **__: pytest.fail("it was read"))
    assert "wards.gpkg is not a boundary file. Got: OGR_VRT." in refused(path)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("w.kml", '<?xml version="1.0"?><kml></kml>', "KML; save it as GeoJSON"),
        ("w.json", '{"type": "Topology", "objects": {}, "arcs": []}', "TopoJSON"),
        ("w.geojson", "<!DOCTYPE html><html>Not found", "a web page"),
        ("w.gpkg", "version https://git-lfs.github.com/spec/v1\noid", "Git LFS"),
        ("w.csv", "code,name\nE05009317,x\n", "a file of another kind"),
        ("w.geojson", '{"a": 1}', "a file of another kind"),
        ("w.geojson", "", "w.geojson is empty"),
        ("w.geojson.gz", b"\x1f\x8b\x08", "packed with gzip"),
        ("w.parquet", b"PAR1....PAR1", "cannot be read as GeoParquet"),
        ("w.zip", b"PK\x03\x04....", "damaged"),
    ],
)
def test_other_files_are_named_for_what_they_are(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    kind = UnsafeArchiveError if name == "w.zip" else WardFileError
    assert words in refused(path, kind)


def test_a_missing_file_and_a_folder_are_said(tmp_path):
    assert "wards.gpkg is not there" in refused(tmp_path / "wards.gpkg")
    assert "is a folder, not a file" in refused(tmp_path)
    for address in ("http://example.org/w.geojson", "/vsicurl/http://example.org/w.geojson",
                    "zip://w.zip!w.shp"):  # fmt: skip
        with pytest.raises(WardFileError, match="is not there"):
            open_boundaries(Path(address))


# --- zips --------------------------------------------------------------------------------------


def test_a_zip_with_several_boundary_files_asks_which(tmp_path):
    source = save(three_wards(), tmp_path, "geojson").read_bytes()
    said = refused(pack(tmp_path / "w.zip", {"a.geojson": source, "b.geojson": source}))
    assert "w.zip holds several boundary files. Got: a.geojson, b.geojson." in said


def test_a_json_beside_a_boundary_file_is_its_description(tmp_path):
    source = save(three_wards(), tmp_path, "geojson").read_bytes()
    packed = pack(tmp_path / "w.zip", {"wards.geojson": source, "metadata.json": b"{}"})
    assert len(open_boundaries(packed).frame) == 3
    packed = pack(tmp_path / "w.zip", {"wards.json": source})
    assert len(open_boundaries(packed).frame) == 3


def test_a_zip_inside_is_refused_also_under_another_name(tmp_path):
    inner = pack(tmp_path / "inner.zip", {"a.geojson": b"{}"}).read_bytes()
    said = refused(pack(tmp_path / "w.zip", {"inner.zip": inner}), UnsafeArchiveError)
    assert "holds another archive" in said
    said = refused(pack(tmp_path / "w.zip", {"a.gpkg": inner}))
    assert "holds an archive under another name. First: a.gpkg." in said


def test_an_unsafe_zip_is_refused(tmp_path):
    assert "leads out" in refused(
        pack(tmp_path / "w.zip", {"../a.geojson": b"{}"}), UnsafeArchiveError
    )
    bomb = pack(tmp_path / "b.zip", {"a.geojson": bytes(40 * 2**20)})
    assert "far more than a real file" in refused(bomb, UnsafeArchiveError)


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    open_boundaries(save(three_wards(), tmp_path, "shp.zip"))
    with pytest.raises(UnsafeArchiveError):
        open_boundaries(pack(tmp_path / "b.zip", {"a.geojson": bytes(40 * 2**20)}))
    assert list((tmp_path / "scratch").iterdir()) == []


# --- shapefiles --------------------------------------------------------------------------------


@pytest.mark.parametrize("part", [".shx", ".dbf"])
def test_a_shapefile_without_a_part_is_told_so(tmp_path, part):
    path = save(three_wards(), tmp_path, "shp")
    path.with_suffix(part).unlink()
    said = refused(path)
    assert f"wards.shp is only one part of a Shapefile. Got: no {part}" in said
    assert "put all its parts (.shp, .shx, .dbf, .prj) into one zip" in said


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "CP1252", "UTF-8"])
@pytest.mark.parametrize("with_cpg", [True, False])
def test_accents_survive_whatever_the_shapefile_says_of_its_encoding(tmp_path, encoding, with_cpg):
    from geodata.ward_names import display_name

    wards = three_wards(NAME=["Ynys Môn", "Bôn-y-maen", "Plain"])
    wards.to_file(tmp_path / "wards.shp", encoding=encoding)
    if not with_cpg:
        (tmp_path / "wards.cpg").unlink()
    frame = open_boundaries(tmp_path / "wards.shp").frame
    assert [display_name(n) for n in frame["NAME"]] == ["Ynys Môn", "Bôn-y-maen", "Plain"]


# --- layers ------------------------------------------------------------------------------------


def test_the_one_polygon_layer_is_chosen(tmp_path):
    import pyogrio

    path = tmp_path / "w.gpkg"
    wards = three_wards()
    wards.set_geometry(wards.centroid).to_file(path, layer="centres")
    pyogrio.write_dataframe(pd.DataFrame({"a": [1]}), path, layer="notes")
    wards.to_file(path, layer="wards")
    opened = open_boundaries(path)
    assert opened.layer == "wards"
    assert len(opened.frame) == 3
    assert opened.notes == ()


def test_several_polygon_layers_are_listed(tmp_path):
    for layer in ("wards_2014", "wards_2024"):
        three_wards().to_file(tmp_path / "w.gpkg", layer=layer)
    said = refused(tmp_path / "w.gpkg")
    assert "w.gpkg holds several polygon layers. Got: wards_2014, wards_2024." in said


def test_no_polygon_layer_lists_what_there_is(tmp_path):
    wards = three_wards()
    wards.set_geometry(wards.centroid).to_file(tmp_path / "w.gpkg", layer="centres")
    assert "holds no polygons. Got: centres (Point)." in refused(tmp_path / "w.gpkg")


def test_a_geopackage_without_layers(tmp_path):
    path = save(three_wards(), tmp_path, "gpkg")
    with sqlite3.connect(path) as database:
        database.execute("DELETE FROM gpkg_contents")
        database.execute("DELETE FROM gpkg_geometry_columns")
        database.execute("DROP TABLE wards")
    database.close()
    assert "w" in refused(path)


def test_a_layer_of_unknown_kind_is_looked_into(tmp_path):
    wards = three_wards()
    mixed = gpd.GeoDataFrame(
        {"GSS_CODE": ["E05999994"]}, geometry=[shapely.Point(530_000, 180_000)], crs=BNG
    )
    pd.concat([wards, mixed]).to_file(tmp_path / "w.gpkg")
    assert len(open_boundaries(tmp_path / "w.gpkg").frame) == 4


# --- damage ------------------------------------------------------------------------------------


def test_parquet_without_geometry(tmp_path):
    pd.DataFrame({"code": ["E05009317"]}).to_parquet(tmp_path / "w.parquet")
    said = refused(tmp_path / "w.parquet")
    assert "cannot be read as GeoParquet. Got: Missing geo metadata" in said


def test_a_feature_of_geojson_alone_and_a_byte_order_mark(tmp_path):
    path = geojson(tmp_path / "w.geojson", (polygon(-0.03, 51.5, -0.02, 51.51), {"code": "x"}))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(open_boundaries(path).frame) == 1


@pytest.mark.parametrize("kind", ["gpkg", "geojson", "fgb", "parquet", "shp.zip"])
def test_damaged_files_open_whole_or_give_one_plain_error(tmp_path, kind):
    # Bytes flipped, zeroed or cut off, from a fixed seed: no other exception, no lost rows.
    good = save(three_wards(), tmp_path, kind).read_bytes()
    rng = random.Random(f"damage {kind}")
    path = tmp_path / f"bad.{kind}"
    errors = []
    for n in range(25):
        raw = bytearray(good)
        if n % 3 == 0:
            raw = raw[: rng.randrange(1, len(raw))]
        elif n % 3 == 1:
            for _ in range(rng.choice([1, 5, 40])):
                raw[rng.randrange(len(raw))] = rng.randrange(256)
        else:
            start = rng.randrange(len(raw))
            raw[start : start + 100] = bytes(len(raw[start : start + 100]))
        path.write_bytes(raw)
        try:
            assert len(open_boundaries(path).frame) == 3
        except SaferWalksError as said:
            errors.append(str(said))
    assert len(errors) > 5
    assert not [e for e in errors if re.search(r"/tmp|Traceback", e)]


def test_rows_lost_in_reading_are_noticed(tmp_path, monkeypatch):
    import pyogrio

    path = save(three_wards(), tmp_path, "geojson")
    whole = pyogrio.read_dataframe
    monkeypatch.setattr("pyogrio.read_dataframe", lambda *a, **k: whole(*a, **k).iloc[:2])
    assert "wards.geojson is damaged or incomplete. Got: 2 of 3 rows." in refused(path)


def test_the_real_zip_of_london_opens(shared_data, tmp_path):
    source = shared_data / "wards" / "london_wards.zip"
    assert len(open_boundaries(source).frame) == 654
    with zipfile.ZipFile(source) as archive:
        archive.extractall(tmp_path)
    (loose,) = tmp_path.rglob("*.shp")
    assert len(open_boundaries(loose).frame) == 654
    shutil.copyfile(source, tmp_path / "London.SHP.ZIP")
    assert len(open_boundaries(tmp_path / "London.SHP.ZIP").frame) == 654
