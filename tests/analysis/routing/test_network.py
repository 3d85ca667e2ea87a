"""Ways on the streets: by length, by light, round what is left out, from where one stands."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.routing.network import (
    DETOUR,
    Rules,
    StraightLines,
    Walkable,
    area_of,
    on_streets,
    walkable,
    weights,
)
from geodata.crs import BNG
from geodata.errors import CrsError
from geodata.street_network import network_of

# A square of 300 m with a short unlit path across it, and an island that nothing leads to.
WAYS = (
    ("south", "South Street", "residential", "yes", [(0, 0), (300, 0)]),
    ("east", "East Street", "residential", "yes", [(300, 0), (300, 300)]),
    ("north", "North Street", "residential", "unknown", [(300, 300), (0, 300)]),
    ("west", "West Street", "residential", "yes", [(0, 300), (0, 0)]),
    ("across", "Back Path", "footway", "no", [(0, 0), (300, 300)]),
    ("island", "Island", "residential", "yes", [(1000, 0), (1600, 0)]),
)


def streets(*, steps: str = "", tunnel: str = "") -> Walkable:
    ways = gpd.GeoDataFrame(
        {
            "way_id": [w[0] for w in WAYS], "name": [w[1] for w in WAYS],
            "kind": ["steps" if w[0] == steps else w[2] for w in WAYS],
            "lit": [w[3] for w in WAYS], "steps": [w[0] == steps for w in WAYS],
            "tunnel": [w[0] == tunnel for w in WAYS],
        },
        geometry=[shapely.LineString(w[4]) for w in WAYS], crs=BNG,
    )  # fmt: skip
    return walkable(network_of(ways))


def points(*places: tuple[float, float]) -> np.ndarray:
    return np.array(places, dtype="float64")


def metres(rules: Rules, *places: tuple[float, float]) -> float:
    ground = on_streets(streets(), points(*places), rules)
    assert ground is not None
    return float(ground.metres[0, 1])


DIAGONAL = 300 * 2**0.5


def test_by_day_the_short_way_is_taken_whatever_its_light() -> None:
    assert metres(Rules(), (0, 0), (300, 300)) == pytest.approx(DIAGONAL)


def test_after_dark_the_longer_lit_way_is_taken_and_its_own_length_told() -> None:
    # The path counts 424 x (2.0 + 0.7) = 1,146; two lit sides count 600.
    ground = on_streets(streets(), points((0, 0), (300, 300)), Rules(prefer_lit=True))
    assert ground is not None
    assert ground.metres[0, 1] == pytest.approx(600)
    way = ground.way(0, 1)
    assert way.streets == ("South Street", "East Street")
    assert (way.metres, way.lit_m, way.unlit_m, way.hidden_m) == (600, 600, 0, 0)


def test_what_the_map_does_not_know_is_neither_lit_nor_unlit() -> None:
    ground = on_streets(streets(), points((0, 300), (300, 300)), Rules())
    assert ground is not None
    way = ground.way(0, 1)
    assert (way.metres, way.lit_m, way.unlit_m) == (300, 0, 0)


def test_weights_of_each_sort_of_street() -> None:
    known = streets(tunnel="across")
    by_name = dict(zip(known.streets["name"], weights(known, Rules(prefer_lit=True)), strict=True))
    assert by_name["South Street"] == 1.0
    assert by_name["North Street"] == 1.3
    assert by_name["Back Path"] == pytest.approx(3.7)
    assert set(weights(known, Rules())) == {1.0}


def test_steps_streets_and_areas_are_gone_round() -> None:
    across = ((0.0, 0.0), (300.0, 300.0))
    known = streets(steps="across")
    ground = on_streets(known, points(*across), Rules(step_free=True))
    assert ground is not None
    assert ground.metres[0, 1] == pytest.approx(600)
    assert metres(Rules(avoid_streets=frozenset({"back path"})), *across) == pytest.approx(600)
    assert metres(Rules(avoid_area=area_of([(150, 150, 20)])), *across) == pytest.approx(600)


def test_a_point_goes_to_the_street_and_the_bit_between_counts() -> None:
    ground = on_streets(streets(), points((100, -20), (200, 30)), Rules())
    assert ground is not None
    assert ground.away_m.tolist() == [20, 30]
    assert ground.street == ("South Street", "South Street")
    assert ground.metres[0, 1] == pytest.approx(20 + 100 + 30)
    way = ground.way(0, 1)
    assert way.metres == pytest.approx(150)
    assert way.line.length == pytest.approx(150)
    assert shapely.get_coordinates(way.line).tolist() == [
        [100, -20], [100, 0], [200, 0], [200, 30],
    ]  # fmt: skip


def test_ways_run_backwards_and_several_points_share_a_street() -> None:
    ground = on_streets(streets(), points((250, 0), (50, 0), (150, 0)), Rules())
    assert ground is not None
    assert ground.metres.tolist() == [[0, 200, 100], [200, 0, 100], [100, 100, 0]]
    assert shapely.get_coordinates(ground.way(0, 1).line)[[0, -1]].tolist() == [[250, 0], [50, 0]]


def test_another_part_of_the_network_is_out_of_reach() -> None:
    ground = on_streets(streets(), points((0, 0), (1100, 0), (300, 0)), Rules())
    assert ground is not None
    assert np.isinf(ground.metres[0, 1])
    assert ground.metres[0, 2] == pytest.approx(300)
    with pytest.raises(ValueError, match="no way"):
        ground.way(0, 1)


def test_the_start_settles_which_part_counts() -> None:
    ground = on_streets(streets(), points((1000, 10), (0, 0), (1500, 0)), Rules())
    assert ground is not None
    assert np.isinf(ground.metres[0, 1])
    assert ground.metres[0, 2] == pytest.approx(510)


def test_no_street_near_the_start_or_none_left() -> None:
    assert on_streets(streets(), points((5000, 5000), (0, 0)), Rules()) is None
    assert on_streets(
        streets(), points((0, 0)), Rules(avoid_area=shapely.box(-9, -9, 2e3, 9e2))
    ) is (None)


def test_two_streets_between_the_same_corners_are_not_added_up() -> None:
    ways = gpd.GeoDataFrame(
        {"way_id": ["a", "b"], "name": ["Straight", "Round"], "kind": "residential", "lit": "yes",
         "steps": False, "tunnel": False},
        geometry=[shapely.LineString([(0, 0), (600, 0)]),
                  shapely.LineString([(0, 0), (300, 400), (600, 0)])], crs=BNG,
    )  # fmt: skip
    ground = on_streets(walkable(network_of(ways)), points((0, 0), (600, 0)), Rules())
    assert ground is not None
    assert ground.metres[0, 1] == pytest.approx(600)


def test_a_pavement_is_overlooked_and_lamps_say_what_a_tag_does_not() -> None:
    known = streets()
    assert known.is_hidden.tolist() == [w[0] == "across" for w in sorted(WAYS)]
    lamps = gpd.GeoDataFrame(geometry=gpd.points_from_xy(range(20, 300, 55), [305] * 6), crs=BNG)
    lit = walkable(known.streets, lamps)
    north = lit.streets["name"].eq("North Street").to_numpy()
    assert lit.lit[north].tolist() == ["yes"]
    few = walkable(known.streets, lamps.iloc[:2])
    assert few.lit[north].tolist() == ["unknown"]
    with pytest.raises(CrsError):
        walkable(known.streets, lamps.set_crs(None, allow_override=True))


def test_straight_lines_where_there_are_no_streets() -> None:
    ground = StraightLines(points((0, 0), (300, 400)))
    way = ground.way(0, 1)
    assert way.metres == ground.metres[0, 1] == 500 * DETOUR
    assert (way.lit_m, way.unlit_m, ground.lit) == (0, 0, ("unknown", "unknown"))


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.booleans())
def test_lengths_are_those_of_the_ways_themselves(seed: int, prefer_lit: bool) -> None:
    rng = np.random.default_rng(seed)
    ground = on_streets(streets(), rng.uniform(-20, 320, (4, 2)), Rules(prefer_lit=prefer_lit))
    assert ground is not None
    matrix = ground.metres
    assert np.allclose(matrix, matrix.T)
    for a in range(4):
        for b in range(4):
            if a != b:
                way = ground.way(a, b)
                assert way.metres == pytest.approx(matrix[a, b], abs=0.1)
                assert way.line.length == pytest.approx(matrix[a, b], abs=0.1)
