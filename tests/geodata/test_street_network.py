"""Streets cut where they meet: by hand, by property, and against cutting one line at a time."""

from __future__ import annotations

from collections import Counter

import geopandas as gpd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.crs import BNG, WGS84
from geodata.errors import CrsError
from geodata.street_network import STREET_FRAME, network_of

Line = list[tuple[float, float]]


def ways(*lines: Line) -> gpd.GeoDataFrame:
    names = [f"way/{n:03d}" for n in range(len(lines))]
    content = {"way_id": names, "name": names, "kind": "path", "lit": "unknown", "steps": False,
               "tunnel": False}  # fmt: skip
    shapes = [shapely.LineString(line) for line in lines]
    return gpd.GeoDataFrame(content, geometry=shapes, crs=BNG)


def test_a_bridge_over_a_road_is_no_junction() -> None:
    found = network_of(ways([(0, 0), (100, 0)], [(50, -50), (50, 50)]))
    assert len(found) == 2
    assert len(set(found["from_node"]) | set(found["to_node"])) == 4


def test_a_ring_is_cut_where_a_street_leaves_it() -> None:
    ring: Line = [(0, 0), (30, 0), (30, 40), (0, 40), (0, 0)]
    found = network_of(ways(ring, [(30, 40), (90, 120)]))
    assert found["street_id"].tolist() == ["way/000:1", "way/000:2", "way/001:1"]
    assert found["length_m"].tolist() == [70.0, 70.0, 100.0]
    assert list(zip(found["from_node"], found["to_node"], strict=True)) == [(0, 1), (1, 0), (1, 2)]


def test_a_ring_by_itself_ends_where_it_began() -> None:
    found = network_of(ways([(0, 0), (30, 0), (30, 40), (0, 0)]))
    assert found[["from_node", "to_node", "length_m"]].to_numpy().tolist() == [[0, 0, 120.0]]


def test_corners_a_hair_apart_are_one_and_a_line_of_no_length_is_none() -> None:
    found = network_of(
        ways([(0, 0), (10, 0)], [(10.004, 0), (20, 0)], [(5, 5), (5, 5)], [(7, 7), (7.001, 7)])
    )
    assert found["street_id"].tolist() == ["way/000:1", "way/001:1"]
    assert found["to_node"].iloc[0] == found["from_node"].iloc[1]


def test_nothing_gives_an_empty_table_of_the_same_columns() -> None:
    found = network_of(ways())
    assert list(found.columns) == list(STREET_FRAME)
    assert found.empty


def test_degrees_are_refused() -> None:
    with pytest.raises(CrsError):
        network_of(ways([(0, 0), (1, 1)]).set_crs(WGS84, allow_override=True))


spots = st.tuples(st.integers(0, 6), st.integers(0, 6))
drawings = st.lists(st.lists(spots, min_size=2, max_size=8), min_size=1, max_size=8)


def one_at_a_time(lines: list[Line]) -> Counter[tuple[tuple[float, float], ...]]:
    """Cut each line by itself at every corner that is an end or is used more than once."""
    lines = [[p for n, p in enumerate(line) if n == 0 or p != line[n - 1]] for line in lines]
    used = Counter(p for line in lines for p in line)
    ends = {p for line in lines for p in (line[0], line[-1])}
    pieces: Counter[tuple[tuple[float, float], ...]] = Counter()
    for line in lines:
        piece = [line[0]]
        for p in line[1:]:
            piece.append(p)
            if p in ends or used[p] > 1:
                pieces[tuple(piece)] += 1
                piece = [p]
    return pieces


@settings(max_examples=40)
@given(drawings)
def test_it_agrees_with_cutting_one_line_at_a_time(lines: list[Line]) -> None:
    found = network_of(ways(*lines))
    assert Counter(tuple(g.coords) for g in found.geometry) == one_at_a_time(lines)
    # Same node, same place; and nothing of the length is lost but by rounding.
    places = [(n, g.coords[0]) for n, g in zip(found["from_node"], found.geometry, strict=True)]
    places += [(n, g.coords[-1]) for n, g in zip(found["to_node"], found.geometry, strict=True)]
    assert len({n for n, _ in places}) == len({p for _, p in places}) == len(set(places))
    assert found["length_m"].sum() == pytest.approx(ways(*lines).length.sum(), abs=0.5)


@settings(max_examples=25)
@given(drawings, st.randoms())
def test_the_order_of_ways_does_not_matter(lines: list[Line], chance: object) -> None:
    given_ways = ways(*lines)
    mixed = given_ways.sample(frac=1, random_state=chance.randrange(2**31))
    assert network_of(given_ways).equals(network_of(mixed))
