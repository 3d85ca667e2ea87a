"""Sites as people bring them: numbers, names, hexagons and shapes, all in BNG metres."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geodata.crs import BNG, WGS84
from geodata.errors import ReportFileError
from geodata.hexagons import hexagon_polygons
from geodata.site_files import MOST_SITES, read_sites
from tests.drawings import some_places


def written(folder: Path, text: str) -> Path:
    path = folder / "sites.csv"
    path.write_text(text)
    return path


def test_a_table_may_say_where_in_every_way(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "Name,Easting,Northing,Hexagon\n"
        "Corner,530100,180200,\n"
        "mill station,,,\n"
        ",,,h200_1788_-367\n"
        "h200_1788_-367,,,\n",
    )
    found = read_sites(path, some_places())
    assert found.crs == BNG
    assert found["name"].tolist() == ["Corner", "mill station", "h200_1788_-367", "h200_1788_-367"]
    cell = hexagon_polygons(np.array([1788]), np.array([-367]), 200)[0]
    assert list(found.geometry) == [
        shapely.Point(530_100, 180_200), shapely.Point(530_700, 180_500), cell, cell,
    ]  # fmt: skip


@pytest.mark.parametrize(("ending", "crs"), [(".geojson", WGS84), (".gpkg", BNG), (".gpkg", WGS84)])
def test_shapes_come_out_in_metres(tmp_path: Path, ending: str, crs: str) -> None:
    park = shapely.box(530_000, 180_000, 530_400, 180_300)
    frame = gpd.GeoDataFrame({"name": ["Park", "Gate"]}, geometry=[park, park.centroid], crs=BNG)
    path = tmp_path / f"sites{ending}"
    frame.to_crs(crs).to_file(path)
    found = read_sites(path, some_places())
    assert found["name"].tolist() == ["Park", "Gate"]
    assert found.geometry[0].hausdorff_distance(park) < 0.1
    assert found.geometry[1].distance(park.centroid) < 0.1


def test_degrees_are_understood(tmp_path: Path) -> None:
    found = read_sites(written(tmp_path, "lat,lon\n51.5203,-0.0293\n"), some_places())
    assert found["name"].tolist() == ["Site 1"]
    assert found.geometry[0].distance(shapely.Point(536_800, 182_000)) < 1_500


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("kind,when\na,b\n", "does not say where"),
        ("name\nNowhere Street\n", "1 of 1 sites of sites.csv cannot be found"),
        ("easting,northing\n530100,180200\n5,x\n", "1 of 2 sites"),
        ("easting,northing\n", "must list 1 to 1,000 sites"),
        ("name\n" + "Green Park\n" * (MOST_SITES + 1), "must list 1 to 1,000 sites"),
    ],
)
def test_faults_are_said(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ReportFileError, match=words):
        read_sites(written(tmp_path, text), some_places())
