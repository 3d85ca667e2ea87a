"""Water and main roads for bearings: few corners, nothing to press, no name."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from analysis.jobs.bearings import MOST_CORNERS, bearings, main_roads
from analysis.report.maps import base_map
from geodata import demo, layers
from geodata.crs import BNG, WGS84
from geodata.errors import CrsError
from geodata.workspace import Workspace
from tests.builders import two_wards, workspace_of


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    invented = demo.demo()
    made = Workspace.create(
        tmp_path_factory.mktemp("demo") / "w", kind="demo", wards=invented.wards, ward_info={},
        places=invented.places,
    )  # fmt: skip
    layers.put(made, "streets", {}, **vars(invented.network))
    return made.reopen()


def test_the_demo_shows_its_water_and_main_roads_and_the_map_stays_light(drawn: Workspace) -> None:
    found = bearings(drawn)
    assert set(found.water["name"]) >= {"River Thames", "Regent's Canal"}
    assert set(found.roads["name"]) == {"primary", "secondary"}
    assert 20_000 < found.roads.length.sum() < 60_000
    plain = len(base_map(drawn.wards(), drawn.places()).get_root().render())
    full = base_map(drawn.wards(), drawn.places(), **vars(found)).get_root().render()
    assert len(full) - plain < 40_000
    assert "Regent" not in full.replace("Regent's Canal towpath", "")


def test_a_workspace_without_streets_has_none(tmp_path: Path) -> None:
    found = bearings(workspace_of(tmp_path / "w"))
    assert (found.water, found.roads) == (None, None)


def test_lesser_roads_are_left_out_where_there_are_too_many() -> None:
    zigzag = shapely.LineString([(20 * n, 400 * (n % 2)) for n in range(MOST_CORNERS)])
    short = shapely.LineString([(0, 0), (500, 0)])
    network = gpd.GeoDataFrame(
        {"kind": ["primary_link", "secondary", "footway"]}, geometry=[short, zigzag, short], crs=BNG
    )
    assert main_roads(network)["name"].tolist() == ["primary"]
    assert main_roads(network[2:]) is None


def test_bearings_take_no_click_and_must_be_in_metres() -> None:
    road = gpd.GeoDataFrame(
        {"name": ["<b>x</b>"]},
        geometry=[shapely.LineString([(530_000, 180_000), (531_000, 181_000)])],
        crs=BNG,
    )
    page = base_map(two_wards(), roads=road).get_root().render()
    assert "<b>x</b>" not in page
    assert json.dumps([-0.127, 51.5])[:6] in page
    with pytest.raises(CrsError):
        base_map(two_wards(), roads=road.to_crs(WGS84))
