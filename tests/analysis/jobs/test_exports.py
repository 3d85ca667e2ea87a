"""Tables to take away: marked in a demo, masked for the public, safe in a spreadsheet."""

from __future__ import annotations

import io
import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from analysis.jobs.exports import ENDINGS, rejected_file, table_file
from geodata.errors import SaferWalksError
from tests.builders import two_wards


@pytest.fixture
def areas() -> gpd.GeoDataFrame:
    return two_wards().assign(count=[3, 20], uprn=["1", "2"])


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_row_of_a_demo_says_so(ending: str, areas: gpd.GeoDataFrame) -> None:
    made = table_file(areas, ending, kind="demo", source="police_uk", audience="internal")
    real = table_file(areas, ending, kind="real", source="police_uk", audience="internal")
    assert made.count(b"DEMO: an invented borough") >= 2
    assert b"DEMO" not in real


def test_the_public_gets_no_table_of_a_source_that_is_not_open_from_here(
    areas: gpd.GeoDataFrame,
) -> None:
    with pytest.raises(SaferWalksError, match="checked against everything published before"):
        table_file(areas, ".geojson", kind="real", source="council_asb", audience="public")
    police = table_file(areas, ".geojson", kind="real", source="police_uk", audience="public")
    assert [f["properties"]["count"] for f in json.loads(police)["features"]] == [3, 20]


@pytest.mark.parametrize("audience", ["internal", "public"])
def test_what_names_a_person_or_a_home_never_leaves(audience: str, areas: gpd.GeoDataFrame) -> None:
    made = table_file(areas, ".csv", kind="real", source="police_uk", audience=audience)
    assert "uprn" not in pd.read_csv(io.BytesIO(made)).columns


def test_the_shapes_are_where_they_were(areas: gpd.GeoDataFrame, tmp_path: Path) -> None:
    made = table_file(areas, ".gpkg", kind="real", source="police_uk", audience="internal")
    (tmp_path / "areas.gpkg").write_bytes(made)
    back = gpd.read_file(tmp_path / "areas.gpkg")
    assert back.geometry.area.round().tolist() == [1_000_000, 1_000_000]
    assert back.crs.to_epsg() == 27700


def test_a_rejected_row_is_text_in_a_spreadsheet() -> None:
    rejected = pd.DataFrame(
        {"file": ["a.csv"], "line": [2], "reason": ["no month"], "row": ["=HYPERLINK(1)"]}
    )
    made = rejected_file(rejected, kind="real").decode()
    assert "'=HYPERLINK(1)" in made
