"""The demo's streets: connected, dry, where the invented reports lie, the same each time."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from geodata.demo import SEED, borough
from geodata.demo.snap_points import snap_points
from geodata.demo.streets import LAMPLIT, DemoStreets, draw_streets
from geodata.street_network import STREET_FRAME


@pytest.fixture(scope="module")
def drawn() -> DemoStreets:
    return draw_streets(SEED)


def test_every_street_can_be_reached_from_every_other(drawn: DemoStreets) -> None:
    beside = defaultdict(set)
    for a, b in drawn.streets[["from_node", "to_node"]].to_numpy().tolist():
        beside[a].add(b)
        beside[b].add(a)
    reached, waiting = {0}, [0]
    while waiting:
        new = beside[waiting.pop()] - reached
        reached |= new
        waiting += new
    assert len(reached) == len(beside) == drawn.streets[["from_node", "to_node"]].max().max() + 1


def test_pieces_meet_where_their_numbers_say(drawn: DemoStreets) -> None:
    place = {}
    for row in drawn.streets.itertuples():
        for node, corner in (
            (row.from_node, row.geometry.coords[0]), (row.to_node, row.geometry.coords[-1])
        ):  # fmt: skip
            assert place.setdefault(node, corner) == corner
        assert row.length_m == pytest.approx(row.geometry.length, abs=0.01)
    assert len(set(place.values())) == len(place)


def test_each_ward_has_streets_enough_to_walk(drawn: DemoStreets) -> None:
    for ward in borough.wards().itertuples():
        metres = shapely.intersection(drawn.streets.geometry.to_numpy(), ward.geometry)
        assert 15 < shapely.length(metres).sum() / 1000 / ward.area_km2 < 30, ward.ward_name


def test_side_streets_keep_out_of_the_water(drawn: DemoStreets) -> None:
    wet = drawn.water.union_all()
    side = drawn.streets[drawn.streets["kind"] == "residential"]
    assert not side.intersects(wet.buffer(-2)).any()


def test_there_is_something_of_every_kind(drawn: DemoStreets) -> None:
    streets = drawn.streets
    assert list(streets.columns) == list(STREET_FRAME)
    kinds = {"primary", "secondary", "tertiary", "residential", "footway", "path", "steps"}
    assert set(streets["kind"]) == kinds
    assert streets["tunnel"].sum() == 5
    assert streets.loc[streets["steps"], "kind"].eq("steps").all()
    metres = streets.groupby("lit")["length_m"].sum() / streets["length_m"].sum()
    assert metres["yes"] > 0.5
    assert metres["no"] > 0.03
    assert metres["unknown"] > 0.15
    towpath = streets[streets["name"] == "Regent's Canal towpath"]
    canal = borough.canals().set_index("name").geometry["Regent's Canal"]
    assert towpath["length_m"].sum() > 1_500
    assert towpath.distance(canal).max() < 20
    assert streets["name"].eq("Victoria Park path").any()


def test_lamps_and_crossings_lie_on_the_streets(drawn: DemoStreets) -> None:
    lit = drawn.streets[drawn.streets["name"].isin(LAMPLIT)].union_all()
    assert 80 < len(drawn.lamps) < 300
    assert drawn.lamps.distance(lit).max() < 8
    main = drawn.streets[drawn.streets["kind"].isin(["primary", "secondary"])].union_all()
    assert set(drawn.crossings["kind"]) == {"signals", "marked", "unmarked"}
    assert drawn.crossings.distance(main).max() < 1


def test_reports_lie_on_the_street_they_name(drawn: DemoStreets) -> None:
    points = snap_points(np.random.default_rng(SEED))
    points = points[points["inside"] & points["kind"].isin(["street", "road"])]
    lines = drawn.streets.dissolve("name").geometry
    named = points["location"].str.removeprefix("On or near ")
    known = named.isin(lines.index)
    assert known.mean() > 0.9
    at = shapely.points(points["easting"], points["northing"])[known]
    away = shapely.distance(at, lines[named[known]].to_numpy())
    assert np.quantile(away, 0.9) < 30


def test_the_same_seed_draws_the_same(drawn: DemoStreets) -> None:
    again, other = draw_streets(SEED), draw_streets(SEED + 1)
    for name in ("streets", "lamps", "crossings", "water"):
        assert_geodataframe_equal(getattr(again, name), getattr(drawn, name))
    assert not other.streets["lit"].equals(drawn.streets["lit"])
    assert (shapely.get_coordinates(drawn.streets.geometry) % 1 == 0).all()
