"""Streets and places: from the service, from a file, near the wards and no further."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest

from geodata.crs import is_bng, to_lonlat
from geodata.errors import FetchError, ReportFileError
from geodata.fetch.cache import Cache
from geodata.fetch.http import Client, Patience
from geodata.fetch.sources import OVERPASS
from geodata.fetch.streets import fetch_streets, read_streets
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
    assert streets["kind"].tolist() == ["residential", "footway", "path"]
    assert streets["lit"].tolist() == ["yes", "no", "unknown"]
    assert streets["name"].tolist() == ["A St", "", ""]
    assert streets["length_m"].tolist() == pytest.approx([500, 100, 100], abs=0.2)
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
    with pytest.raises(ReportFileError, match="not GeoJSON"):
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
]  # fmt: skip


def client(address: str, folder: Path) -> Client:
    source = replace(OVERPASS, address=f"{address}/api/interpreter")
    return Client(source, Cache(folder / "cache"), patience=Patience(tries=2, pause_s=0.01))


def test_the_service_is_asked_for_the_wards_and_their_surroundings(tmp_path: Path) -> None:
    with replaying(lambda _a: json_reply({"elements": ELEMENTS})) as server:
        found = fetch_streets(client(server.address, tmp_path), two_wards())
    assert found.streets["street_id"].tolist() == ["way/1"]
    assert found.streets["lit"].tolist() == ["yes"]
    assert found.places["name"].tolist() == ["Halt", "Green"]
    asked = server.asked[0].said("data")
    south, west, north, east = map(float, re.search(r"\(([\d.,-]+)\)", asked)[1].split(","))
    for lon, lat in line((-500, -500), (2500, -500), (-500, 1500), (2500, 1500)):
        assert west - 1e-5 <= lon <= east + 1e-5
        assert south - 1e-5 <= lat <= north + 1e-5


def test_a_service_that_gave_up_is_asked_again(tmp_path: Path) -> None:
    gave_up = json.dumps({"elements": [], "remark": "runtime error: Query timed out"}).encode()
    with replaying(lambda _a: Reply(body=gave_up)) as server, pytest.raises(FetchError):
        fetch_streets(client(server.address, tmp_path), two_wards())


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
