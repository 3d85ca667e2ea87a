"""Where a stop is worth it: one a hexagon, promises and requests beside the score, in words."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from analysis.routing.network import StraightLines
from analysis.routing.spots import ALWAYS, HEXES, NAMED, OWED, SAID, Known, spot_at, spots_near
from analysis.routing.timetable import timetable
from analysis.routing.wishes import RouteWishes
from geodata.errors import SaferWalksError
from geodata.hexagons import centre, hexagon_ids_of

HOME = tuple(float(c[0]) for c in centre(np.array([10]), np.array([10]), 200))
NEXT = tuple(float(c[0]) for c in centre(np.array([11]), np.array([10]), 200))


def known(**changed: object) -> Known:
    places = [HOME, NEXT]
    east, north = (np.array([p[i] for p in places]) for i in (0, 1))
    hexes = pd.DataFrame(
        {
            "location_id": list(hexagon_ids_of(east, north, 200)), "easting": east,
            "northing": north, "name": ["West: near the park", "West: around TQ 1 1"],
            "worth": [30.0, 12.0], "why": ["40 reports.", "20 reports."],
            "tags": ["never visited in the dark", ""],
        }
    )[list(HEXES)]  # fmt: skip
    frames = {
        "named": pd.DataFrame(columns=list(NAMED)), "owed": pd.DataFrame(columns=[*OWED, "at"]),
        "asked": {}, "said": pd.DataFrame(columns=list(SAID)),
    }  # fmt: skip
    return Known(hexes, side=200, **{**frames, **changed})  # type: ignore[arg-type]


def named(*rows: tuple[str, str, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(NAMED))


def test_a_hexagon_is_one_spot_worth_what_it_has_above_the_middle() -> None:
    found = spots_near(known(), HOME, 1_000)
    assert [(s.name, s.worth, s.is_area) for s in found] == [
        ("near the park", 30.0, True), ("around TQ 1 1", 12.0, True),
    ]  # fmt: skip
    assert found[0].look_at == (
        "No walk has been here after dark: how does it differ from daylight?", ALWAYS,
    )  # fmt: skip
    assert spots_near(known(), HOME, 100)[0].why == "40 reports."
    assert len(spots_near(known(), HOME, 100)) == 1


def test_a_place_people_know_stands_for_its_hexagon() -> None:
    east, north = HOME
    places = named(("a", "The gate", east + 50, north), ("b", "The pond", east - 50, north))
    found = spots_near(known(named=places, asked={"b": 3}), HOME, 150)
    assert [(s.name, s.worth, s.is_area) for s in found] == [("The pond", 45.0, False)]


def test_a_promise_adds_to_its_spot_and_asks_whether_it_was_kept() -> None:
    owed = pd.DataFrame(
        [(*HOME, "Mend the lamp", "Parks", dt.date(2026, 7, 1), "the corner")] * 3,
        columns=[*OWED, "at"],
    )
    spot = spot_at(known(owed=owed), *HOME)
    assert spot.worth == 30 + 2 * 10
    assert spot.look_at[0] == "Has it been done? “Mend the lamp” (Parks by 1 July 2026)."
    alone = spots_near(
        known(owed=owed.assign(easting=HOME[0] + 3_000)), (HOME[0] + 3_000, HOME[1]), 50
    )
    assert [(s.name, s.worth) for s in alone] == [("the corner", 10.0)]


def test_what_people_said_is_counted_and_only_near_by() -> None:
    said = pd.DataFrame(
        [(*HOME, "Poor lighting", 4), (*HOME, "Poor lighting", 2), (*HOME, "No CCTV", 1),
         (HOME[0] + 500, HOME[1], "Noise", 9)], columns=list(SAID),
    )  # fmt: skip
    looks = spot_at(known(said=said), *HOME).look_at
    assert looks[0] == (
        "People said on earlier walks (how many): poor lighting (6); no CCTV (1). Is it still so?"
    )  # fmt: skip


def test_a_place_that_is_not_scored_may_be_passed_and_never_counts_as_safe() -> None:
    spot = spot_at(known(), HOME[0] + 9_000, HOME[1], name="Somewhere")
    assert (spot.worth, spot.why, spot.look_at) == (1.0, "", (ALWAYS,))


@pytest.mark.parametrize(
    "wrong", [{"minutes": 5}, {"stay_minutes": 0}, {"pace_kmh": 9}, {"shape": "star"}]
)
def test_wishes_no_walk_can_keep_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(SaferWalksError):
        RouteWishes(**wrong)  # type: ignore[arg-type]


def test_a_timetable_adds_walks_and_stays() -> None:
    ground = StraightLines(np.array([[0.0, 0], [0, 300 / 1.3], [0, 600 / 1.3]]))
    found = timetable(ground, [1, 2], 0, RouteWishes(pace_kmh=6, stay_minutes=5))
    assert [(round(a.arrive, 6), round(a.leave, 6)) for a in found] == [(3, 8), (11, 16), (22, 22)]
