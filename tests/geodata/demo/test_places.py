import re

import shapely

from geodata.crs import BNG
from geodata.demo import borough
from geodata.demo.places import places, roads

NAMED_BY_THE_PROGRAMME = [
    "site-mile-end-station",
    "site-gowers-walk",
    "site-langdon-park",
    "site-bethnal-green-gardens",
    "site-salmon-lane",
    "site-clinton-road",
    "site-st-katharine-docks",
    "site-tower-hamlets-town-hall",
]


def test_places_are_points_with_stable_ids():
    known = places()
    assert list(known.columns) == ["place_id", "name", "kind", "geometry"]
    assert known.crs == BNG
    assert known["place_id"].is_unique
    assert known["name"].is_unique
    assert known["place_id"].is_monotonic_increasing
    assert all(re.fullmatch(r"site(-[a-z0-9]+)+", place) for place in known["place_id"])
    assert set(known["kind"]) == {"station", "park", "street", "market", "landmark"}


def test_positions_are_typed_to_100_metres():
    assert (shapely.get_coordinates(places().geometry) % 100 == 0).all()


def test_places_of_the_programme_are_there():
    assert set(NAMED_BY_THE_PROGRAMME) <= set(places()["place_id"])


def test_every_ward_has_a_named_place_and_few_lie_outside():
    whole = borough.wards()
    joined = places().sjoin(whole[["ward_code", "geometry"]], how="left")
    assert joined["ward_code"].nunique() == 20
    outside = set(places()["place_id"]) - set(joined.dropna()["place_id"])
    assert outside <= {
        "site-hackney-wick-station",
        "site-pudding-mill-lane-station",
        "site-three-mills",
    }


def test_roads_run_where_they_are_named_after():
    lines = roads().set_index("name").geometry
    stations = places().set_index("place_id").geometry
    assert lines.index.is_unique
    assert lines["Mile End Road"].distance(stations["site-mile-end-station"]) < 100
    assert lines["Whitechapel Road"].distance(stations["site-whitechapel-station"]) < 100
