"""Streets and places: from the service, from a file, near the wards and no further."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geodata.crs import BNG, is_bng, to_lonlat
from geodata.errors import FetchError, ReportFileError
from geodata.fetch.cache import Cache
from geodata.fetch.http import Client, Patience
from geodata.fetch.osm import Streets
from geodata.fetch.sources import OVERPASS
from geodata.fetch.streets import fetch_streets, read_streets
from geodata.street_network import STREET_FRAME
from tests.builders import ORIGIN, two_wards
from tests.replay_server import Reply, json_reply, replaying


def line(*places: tuple[float, float]) -> list[list[float]]:
    lon, lat = to_lonlat([ORIGIN[0] + e for e, _ in places], [ORIGIN[1] + n for _, n in places])
    return [[float(x), float(y)] for x, y in zip(lon, lat, strict=True)]


def feature(kind: str, coordinates: object, **tags: object) -> dict:
    shape = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": tags, "geometry": shape}


FEATURES = [
    feature("LineString", line((0, 0), (300, 400)), highway="residential", name="A St", lit="yes"),
    feature("LineString", line((0, 0), (100, 0)), highway="footway", lit="no"),
    feature("LineString", line((0, 0), (100, 0)), highway="path"),
    feature("LineString", line((0, 0), (100, 0)), highway="motorway"),
    feature("LineString", line((0, 0), (100, 0)), highway="service", foot="no"),
    feature("LineString", line((0, 0), (100, 0)), waterway="canal"),
    feature("LineString", line((9000, 0), (9100, 0)), highway="path"),
    feature("Point", line((500, 500))[0], name="Halt", railway="halt"),
    feature("Point", line((600, 500))[0], name="West Stop"),
    feature("Point", line((9000, 500))[0], name="Far"),
    feature("Point", line((700, 500))[0], amenity="bench"),
    feature("Polygon", [line((0, 0), (100, 0), (100, 100), (0, 0))], name="Green", leisure="park"),
    {"type": "Feature", "properties": {}, "geometry": None},
]


def write(folder: Path, features: list[dict]) -> Path:
    path = folder / "area.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def test_a_file_gives_streets_and_places_near_the_wards(tmp_path: Path) -> None:
    found = read_streets(write(tmp_path, FEATURES), two_wards())
    streets, places = found.streets, found.places
    assert is_bng(streets.crs)
    assert streets["street_id"].tolist() == ["000000:1", "000001:1", "000002:1"]
    assert streets["kind"].tolist() == ["residential", "footway", "path"]
    assert streets["lit"].tolist() == ["yes", "no", "unknown"]
    assert streets["name"].tolist() == ["A St", "", ""]
    assert streets["length_m"].tolist() == pytest.approx([500, 100, 100], abs=0.2)
    assert streets[["from_node", "to_node"]].to_numpy().tolist() == [[0, 2], [0, 1], [0, 1]]
    assert dict(zip(places["name"], places["kind"], strict=True)) == {
        "Halt": "station", "West Stop": "station", "Green": "park",
    }  # fmt: skip
    assert places.geometry.geom_type.eq("Point").all()


def test_the_kind_of_plain_points_can_be_said(tmp_path: Path) -> None:
    found = read_streets(write(tmp_path, FEATURES[8:9]), two_wards(), kind="landmark")
    assert found.places["kind"].tolist() == ["landmark"]


@pytest.mark.parametrize(
    "content", ["", "[]", "<osm/>", '{"features": 3}', '{"features": [{"geometry": {"type": 1}}]}']
)
def test_what_is_no_such_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "area.geojson"
    path.write_text(content)
    with pytest.raises(ReportFileError, match="no GeoJSON"):
        read_streets(path, two_wards())


def test_a_file_of_elsewhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReportFileError, match="near the wards"):
        read_streets(write(tmp_path, FEATURES[6:7]), two_wards())


ELEMENTS = [
    {"type": "way", "id": 1, "tags": {"highway": "footway", "lit": "24/7"},
     "geometry": [{"lon": x, "lat": y} for x, y in line((0, 0), (100, 0))]},
    {"type": "way", "id": 2, "tags": {"leisure": "park", "name": "Green"},
     "geometry": [{"lon": x, "lat": y} for x, y in line((0, 0), (90, 0), (90, 90), (0, 0))]},
    {"type": "node", "id": 3, "tags": {"railway": "station", "name": "Halt"},
     **dict(zip(("lon", "lat"), line((500, 500))[0], strict=True))},
    {"type": "relation", "id": 4, "tags": {"railway": "station", "name": "Nowhere"}},
    {"type": "relation", "id": 5, "tags": {"leisure": "park", "name": "Two Lawns"},
     "bounds": dict(zip(("minlon", "minlat", "maxlon", "maxlat"),
                        [*line((200, 200))[0], *line((300, 300))[0]], strict=True))},
    {"type": "node", "id": 6, "tags": {"highway": "street_lamp"},
     **dict(zip(("lon", "lat"), line((50, 5))[0], strict=True))},
    {"type": "node", "id": 7, "tags": {"highway": "crossing", "crossing": "zebra"},
     **dict(zip(("lon", "lat"), line((60, 0))[0], strict=True))},
]  # fmt: skip


def client(address: str, folder: Path) -> Client:
    source = replace(OVERPASS, address=f"{address}/api/interpreter")
    return Client(source, Cache(folder / "cache"), patience=Patience(tries=2, pause_s=0.01))


def test_the_service_is_asked_for_the_wards_and_their_surroundings(tmp_path: Path) -> None:
    with replaying(lambda _a: json_reply({"elements": ELEMENTS})) as server:
        found = fetch_streets(client(server.address, tmp_path), two_wards())
    assert found.streets["street_id"].tolist() == ["way/1:1"]
    assert found.streets["lit"].tolist() == ["yes"]
    assert found.places["name"].tolist() == ["Halt", "Two Lawns", "Green"]
    middle = found.places.geometry.iloc[1]
    assert (middle.x - ORIGIN[0], middle.y - ORIGIN[1]) == pytest.approx((250, 250), abs=0.1)
    assert found.lamps["lamp_id"].tolist() == ["node/6"]
    assert found.crossings[["crossing_id", "kind"]].to_numpy().tolist() == [["node/7", "marked"]]
    asked = server.asked[0].said("data")
    south, west, north, east = map(float, re.search(r"\(([\d.,-]+)\)", asked)[1].split(","))
    for lon, lat in line((-500, -500), (2500, -500), (-500, 1500), (2500, 1500)):
        assert west - 1e-5 <= lon <= east + 1e-5
        assert south - 1e-5 <= lat <= north + 1e-5


def test_a_service_that_gave_up_is_asked_again(tmp_path: Path) -> None:
    gave_up = json.dumps({"elements": [], "remark": "runtime error: Query timed out"}).encode()
    with replaying(lambda _a: Reply(body=gave_up)) as server, pytest.raises(FetchError):
        fetch_streets(client(server.address, tmp_path), two_wards())


def test_a_saved_answer_of_the_service_is_read_like_the_answer(tmp_path: Path) -> None:
    path = tmp_path / "interpreter"
    path.write_text(json.dumps({"version": 0.6, "elements": ELEMENTS}))
    with replaying(lambda _a: json_reply({"elements": ELEMENTS})) as server:
        fetched = fetch_streets(client(server.address, tmp_path), two_wards())
    dropped = read_streets(path, two_wards())
    for name in ("streets", "places", "lamps", "crossings"):
        assert_geodataframe_equal(getattr(dropped, name), getattr(fetched, name))


def test_a_file_of_stations_only_gives_no_street(tmp_path: Path) -> None:
    found = read_streets(write(tmp_path, FEATURES[7:9]), two_wards())
    assert len(found.places) == 2
    assert found.streets.empty
    assert list(found.streets.columns) == list(STREET_FRAME)


@pytest.mark.parametrize("body", [b"", b"\0" * 200, b"\x1a\xff" * 500])
def test_a_damaged_extract_is_refused(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "area.osm.pbf"
    path.write_bytes(b"\0\0\0\x0d\n\tOSMHeader\x18\x10" + body)
    with pytest.raises(ReportFileError, match="cannot be read as an OpenStreetMap extract"):
        read_streets(path, two_wards())


@pytest.fixture(scope="module")
def newport(shared_data: Path) -> Streets:
    wards = gpd.GeoDataFrame(
        {"ward_code": ["W05999999"], "ward_name": ["Newport"]},
        geometry=[shapely.box(325_000, 180_000, 340_000, 195_000)], crs=BNG,
    )  # fmt: skip
    return read_streets(shared_data / "osm" / "newport_2023-06-13.osm.pbf", wards)


def test_a_real_extract_gives_what_was_counted_in_it(newport: Streets) -> None:
    # 8,944 lines with a highway tag: less motorways (44 + 26), construction (18) and what is
    # closed to the public. 162 lamps; 253 crossings and one with signals in the same node.
    ways = newport.streets["street_id"].str.rpartition(":")[0]
    assert 8_000 < ways.nunique() < 8_944 - 44 - 26 - 18
    assert (len(newport.lamps), len(newport.crossings)) == (162, 254)
    assert newport.places["kind"].value_counts().to_dict() == {"park": 15, "station": 3}
    assert newport.streets["steps"].sum() >= 130
    assert newport.streets["tunnel"].any()
    assert set(newport.streets["lit"]) == {"yes", "no", "unknown"}
    assert (newport.streets["length_m"] > 0).all()


def test_nearly_all_of_a_real_network_hangs_together(newport: Streets) -> None:
    ends = newport.streets[["from_node", "to_node"]].to_numpy()
    graph = coo_array((np.ones(len(ends)), tuple(ends.T)), shape=(ends.max() + 1,) * 2)
    _, part = connected_components(graph, directed=False)
    assert np.bincount(part).max() > 0.97 * len(part)


def test_the_real_stations_of_tower_hamlets(shared_data: Path) -> None:
    wards = gpd.read_file(shared_data / "wards" / "tower_hamlets_wards_2014_bng.gpkg")
    found = read_streets(shared_data / "osm" / "tfl_stations.geojson", wards)
    inside = found.places[found.places.within(wards.union_all())]
    assert len(inside) == 30
    assert "Bow Church" in set(inside["name"])


def test_the_real_highways_of_central_london(shared_data: Path) -> None:
    wards = gpd.read_file(f"zip://{shared_data / 'wards' / 'london_wards.zip'}")
    wards = wards.set_crs(two_wards().crs, allow_override=True)
    wards = wards[wards.intersects(two_wards().union_all().buffer(500))]
    found = read_streets(shared_data / "osm" / "osmplotr_central_london_highways.geojson", wards)
    assert len(found.streets) > 1_000
    assert found.streets["length_m"].between(0, 5_000).all()
