"""Routes on real streets: a town's extract of OpenStreetMap, most of it without a word on lamps."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from analysis.routing.network import Rules, Walkable, on_streets, walkable
from analysis.routing.orienteering import Problem, best_tour
from geodata.crs import BNG
from geodata.fetch.streets import read_streets

START = np.array([331_000.0, 188_200.0])


@pytest.fixture(scope="module")
def newport(shared_data: Path) -> Walkable:
    box = shapely.box(*(START - 2_000), *(START + 2_000))
    wards = gpd.GeoDataFrame({"ward_code": ["W"]}, geometry=[box], crs=BNG)
    found = read_streets(shared_data / "osm" / "newport_2023-06-13.osm.pbf", wards)
    return walkable(found.streets, found.lamps)


@pytest.mark.parametrize("rules", [Rules(), Rules(prefer_lit=True, step_free=True)])
def test_eighty_stops_on_real_streets(newport: Walkable, rules: Rules) -> None:
    rng = np.random.default_rng(1)
    points = np.vstack([START, START + rng.uniform(-1_500, 1_500, (80, 2))])
    ground = on_streets(newport, points, rules)
    assert ground is not None
    metres = ground.metres
    there = np.isfinite(metres[0])
    assert 60 <= there.sum() <= 80  # the river bank, the hill and the docks have no street
    straight = np.hypot(*(points[there] - START).T)
    assert (metres[0, there] >= straight - 0.01).all()
    minutes = metres / 75
    problem = Problem(
        minutes[0, 1:], minutes[1:, 1:], minutes[1:, 0], np.full(80, 7.0), 1 + 60 * rng.random(80),
        0.0, 90.0,
    )  # fmt: skip
    tour = best_tour(problem, rounds=10)
    assert len(tour.order) >= 3
    assert tour.minutes <= 90
    path = [0, *(n + 1 for n in tour.order), 0]
    ways = [ground.way(a, b) for a, b in zip(path[:-1], path[1:], strict=True)]
    for way, (a, b) in zip(ways, zip(path[:-1], path[1:], strict=True), strict=True):
        assert way.line.length == pytest.approx(way.metres, abs=0.1)
        assert way.metres == pytest.approx(metres[a, b], abs=0.1)
        assert shapely.get_coordinates(way.line)[0] == pytest.approx(points[a], abs=0.1)


def test_lit_streets_are_taken_where_they_are_known(newport: Walkable) -> None:
    ends = np.vstack([START, START + (-600, 500), START + (500, -400), START + (300, 700)])

    def lit_share(rules: Rules) -> float:
        ground = on_streets(newport, ends, rules)
        assert ground is not None
        ways = [ground.way(0, n) for n in (1, 2, 3) if np.isfinite(ground.metres[0, n])]
        return sum(w.lit_m for w in ways) / sum(w.metres for w in ways)

    assert lit_share(Rules(prefer_lit=True)) > lit_share(Rules())
