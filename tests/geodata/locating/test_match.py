"""Matching by hand on a small borough: two wards, a few streets, all distances written down."""

from __future__ import annotations

import functools

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.crs import BNG, WGS84
from geodata.errors import CrsError
from geodata.locating.gazetteer import Gazetteer
from geodata.locating.match import MATCHED, METHODS, REASONS, match, match_one, precision_of
from tests.builders import EAST, ORIGIN, WEST, two_wards

X, Y = ORIGIN

LINES = {
    # Both wards, 1600 m: too long to be one spot. Its middle is on the ward's edge at 1000.
    "Long Road": [[(200, 500), (1800, 500)]],
    # Crosses Long Road at (400, 500), all in West; 400 m, in two pieces 100 m apart.
    "Short Street": [[(400, 400), (400, 550)], [(400, 650), (400, 800)]],
    "Side Street": [[(600, 500), (600, 700)]],
    "High Street": [[(100, 100), (200, 100)], [(1700, 100), (1800, 100)]],  # one in either ward
    "Lone Lane": [[(2200, 500), (2300, 500)]],  # outside, in the collar
    "Far Lane": [[(300, 900), (400, 900)], [(2200, 900), (2300, 900)]],  # only one inside
    "Lamb and Flag Court": [[(900, 300), (950, 300)]],
    "Ring Road": [[(420, 300), (380, 450), (420, 600), (700, 650), (650, 450)]],
}  # fmt: skip


def lines() -> gpd.GeoDataFrame:
    rows = [
        (name, shapely.LineString([(X + a, Y + b) for a, b in part]))
        for name, parts in LINES.items()
        for part in parts
    ]
    return gpd.GeoDataFrame({"name": [r[0] for r in rows]}, geometry=[r[1] for r in rows], crs=BNG)


def places() -> gpd.GeoDataFrame:
    known = {
        "Mid Town": ("station", 410, 480), "East Town DLR station": ("station", 1500, 800),
        "Great Park": ("park", 1600, 300), "The Hall": ("landmark", 1580, 480),
        "Old Mill": ("landmark", 100, 900), "Point Street": ("street", 800, 800),
    }  # fmt: skip
    return gpd.GeoDataFrame(
        {"name": list(known), "kind": [k for k, _, _ in known.values()]},
        geometry=[shapely.Point(X + a, Y + b) for _, a, b in known.values()], crs=BNG,
    )  # fmt: skip


def entry(name: str, kind: str, x: float, y: float, **more: object) -> dict[str, object]:
    key = name.replace(" ", "") if kind == "postcode" else name.upper()
    place = {"easting": X + x, "northing": Y + y}
    return {"key": key, "name": name, "kind": kind, **place, **more}


def box(west: float, south: float, east: float, north: float) -> dict[str, float]:
    return {"west": X + west, "south": Y + south, "east": X + east, "north": Y + north,
            "radius_m": float(np.hypot(east - west, north - south) / 2)}  # fmt: skip


def entries() -> pd.DataFrame:
    return pd.DataFrame(
        [
            entry("E1 6AN", "postcode", 500, 500), entry("E1 6AP", "postcode", 540, 500),
            entry("E1 9ZZ", "postcode", 540, 1500),
            entry("E2 1AA", "postcode", 1500, 500, radius_m=250.0),
            {"key": "100021", "kind": "uprn", "easting": X + 10, "northing": Y + 20},
            entry("Box Street", "street", 300, 300, district="E1", **box(250, 290, 350, 310)),
            entry("Box Road", "street", 340, 330, district="E1", **box(330, 280, 350, 380)),
            entry("Twin Street", "street", 100, 700, district="E1"),
            entry("Twin Street", "street", 700, 100, district="E2"),
            entry("Soho Town", "area", 700, 700), entry("Big Wood", "place", 900, 900,
                                                        radius_m=600.0),
        ]
    )  # fmt: skip


@functools.cache
def borough() -> Gazetteer:
    return Gazetteer(two_wards(), entries(), places(), lines())


@pytest.fixture
def known() -> Gazetteer:
    return borough()


def look(known: Gazetteer, text: str = "", postcode: str = "", uprn: str = "",
         ward: str = "") -> dict[str, object]:  # fmt: skip
    wanted = pd.DataFrame([{"text": text, "postcode": postcode, "uprn": uprn, "ward": ward}])
    return match(wanted, known).iloc[0].to_dict()


def spot(found: dict[str, object]) -> tuple[object, ...]:
    """Method, metres from the corner, radius."""
    return (found["method"], round(found["easting"] - X, 1), round(found["northing"] - Y, 1),
            round(found["radius_m"], 1))  # fmt: skip


def test_a_property_number_wins(known: Gazetteer) -> None:
    found = look(known, "Lone Lane", "E1 6AN", "000000100021")
    assert spot(found) == ("uprn", 10, 20, 15)
    assert found["precision"] == "uprn"


@pytest.mark.parametrize(
    ("written", "east", "radius"),
    [
        ("E1 6AN", 500, 75),  # its neighbour is 40 m away: the usual radius
        ("e16an", 500, 75),
        ("E2 1AA", 1500, 960),  # the next postcode is 960 m away, further than 250 m imputed
    ],
)
def test_a_postcode_reaches_to_the_next(
    known: Gazetteer, written: str, east: float, radius: float
) -> None:
    found = look(known, postcode=written)
    assert spot(found) == ("postcode", east, 500, radius)
    assert found["precision"] == "postcode"


def test_a_postcode_inside_the_words_counts(known: Gazetteer) -> None:
    assert look(known, "somewhere by the bins, E1 6AN")["method"] == "postcode"


@pytest.mark.parametrize(
    ("given_", "reason"),
    [
        ({"postcode": "E1"}, "postcode_partial"), ({"postcode": "E1 6"}, "postcode_partial"),
        ({"postcode": "E1 6ZZ"}, "postcode_unknown"), ({"uprn": "77"}, "number_unknown"),
        ({}, "nothing"),
        ({"text": "Nowhere Lane", "postcode": "E1"}, "unknown_text"),
        ({"text": "High Street"}, "ambiguous"), ({"text": "Long Road"}, "long_street"),
        ({"text": "Soho Town"}, "area_only"), ({"text": "Big Wood"}, "area_only"),
        ({"text": "Short Street, Side Street"}, "several_streets"),
        ({"text": "junction of Short Street and Side Street"}, "junction_unclear"),
        ({"text": "junction of Long Road"}, "junction_unclear"),
        ({"text": "Side Street", "postcode": "E2 1AA"}, "contradiction"),
        ({"text": "Great Park, Short Street"}, "several_streets"),
        ({"text": "Old Mill and The Hall"}, "several_streets"),
    ],
)  # fmt: skip
def test_what_is_not_sure_is_not_placed(
    known: Gazetteer, given_: dict[str, str], reason: str
) -> None:
    found = look(known, **given_)
    assert (found["method"], found["reason"], found["precision"]) == ("", reason, "none")
    assert np.isnan(found["easting"])
    assert reason in REASONS


@pytest.mark.parametrize(
    "text",
    ["Side Street", "SIDE ST.", "the Side Street", "Side  Street, London", "o/s Tesco, Side St",
     "Side Street (by the bins)", "near Side Street", "behind the shops on Side Street"],
)  # fmt: skip
def test_a_street_is_found_by_its_name(known: Gazetteer, text: str) -> None:
    # 200 m long: its middle, and never better than a street is usually known.
    assert spot(look(known, text)) == ("street", 600, 600, 100)


def test_pieces_near_each_other_are_one_street(known: Gazetteer) -> None:
    # 400 m with a gap of 100 m in the middle: the point is the end of a piece next to the gap.
    method, east, north, radius = spot(look(known, "Short Street"))
    assert (method, east) == ("street", 400)
    assert north in (550, 650)
    assert radius == 250
    assert look(known, "Short Street")["precision"] == "street"


def test_a_name_with_and_in_it_is_one_street(known: Gazetteer) -> None:
    assert spot(look(known, "Lamb & Flag Court")) == ("street", 925, 300, 100)


def test_a_long_street_is_cut_at_the_ward_that_the_file_gives(known: Gazetteer) -> None:
    found = look(known, "Long Road", ward="East")  # 1000 to 1800
    assert spot(found) == ("street", 1400, 500, 400)
    assert found["precision"] == "ward_only"
    assert spot(look(known, "Long Road", ward=WEST)) == ("street", 600, 500, 400)
    assert look(known, "Long Road", ward="Elsewhere")["reason"] == "long_street"


def test_the_parts_of_a_long_street_are_its_candidates(known: Gazetteer) -> None:
    found = match_one("Long Road", "", "", "", known)
    assert [c.name for c in found.candidates] == ["Long Road in West", "Long Road in East"]
    assert [(c.easting - X, c.radius_m) for c in found.candidates] == [(600, 400), (1400, 400)]


def test_the_ward_or_the_district_decides_between_streets_of_one_name(known: Gazetteer) -> None:
    assert spot(look(known, "High Street", ward="West")) == ("street", 150, 100, 100)
    assert spot(look(known, "High St", ward=EAST)) == ("street", 1750, 100, 100)
    assert spot(look(known, "Twin Street", postcode="E2")) == ("street", 700, 100, 100)
    assert spot(look(known, "Twin Street E1")) == ("street", 100, 700, 100)
    assert look(known, "Twin Street")["reason"] == "ambiguous"
    assert look(known, "Twin Street")["candidates"] == 2
    assert look(known, "Twin Street", postcode="E3")["reason"] == "ambiguous"


def test_of_two_streets_the_one_in_the_wards_is_meant(known: Gazetteer) -> None:
    found = look(known, "Far Lane")
    assert spot(found) == ("street", 350, 900, 100)
    assert found["candidates"] == 2  # and it is said that there was another
    assert spot(look(known, "Lone Lane")) == ("street", 2250, 500, 100)


@pytest.mark.parametrize(
    "text",
    ["junction of Long Road and Short Street", "Long Rd / Short St", "Short St j/w Long Rd",
     "Long Road & Short Street", "corner of Short Street, Long Road", "Short Street at Long Road"],
)  # fmt: skip
def test_a_junction_is_where_two_streets_meet(known: Gazetteer, text: str) -> None:
    # Two bands 30 m wide cross in a square, rounded at no corner: 42.4 m across, 30 m at least.
    assert spot(look(known, text)) == ("junction", 400, 500, 30)
    assert look(known, text)["precision"] == "street"


def test_streets_that_meet_twice_have_no_one_junction(known: Gazetteer) -> None:
    # Ring Road crosses Long Road at about 393 and 667 m east.
    found = match_one("junction of Long Road and Ring Road", "", "", "", known)
    assert found.reason == "junction_unclear"
    assert sorted(round(c.easting - X, -1) for c in found.candidates) == [390, 660]
    assert {c.kind for c in found.candidates} == {"junction"}


def test_the_junction_of_two_boxes_is_where_they_overlap(known: Gazetteer) -> None:
    # 20 m wide boxes grown by 15 m each: they share 330-365 by 275-325.
    method, east, north, radius = spot(look(known, "Box Street and Box Road"))
    assert method == "junction"
    assert abs(east - 340) < 15
    assert abs(north - 300) < 15
    assert radius < 50


@pytest.mark.parametrize(
    ("text", "east", "north", "radius"),
    [
        ("Mid Town station", 410, 480, 100), ("Mid Town tube", 410, 480, 100),
        ("outside Mid Town Underground Stn", 410, 480, 100), ("East Town station", 1500, 800, 100),
        ("East Town DLR", 1500, 800, 100), ("Great Park", 1600, 300, 200),
        ("The Hall, Long Road", 1580, 480, 100),  # 20 m off the road: both are right
    ],
)  # fmt: skip
def test_places_are_found_by_name(
    known: Gazetteer, text: str, east: float, north: float, radius: float
) -> None:
    assert spot(look(known, text)) == ("place", east, north, radius)


def test_a_street_among_the_places_is_a_street(known: Gazetteer) -> None:
    assert spot(look(known, "Point St")) == ("street", 800, 800, 100)


def test_a_postcode_near_its_street_is_taken(known: Gazetteer) -> None:
    assert look(known, "Side Street", "E1 6AN")["method"] == "postcode"  # 100 m off
    assert look(known, "Nowhere Lane", "E1 6AN")["method"] == "postcode"
    assert look(known, "Side Street", "E1 6ZZ")["method"] == "street"  # it is not known


def test_names_like_it_are_offered_and_never_taken(known: Gazetteer) -> None:
    found = match_one("Syde Stret", "", "", "", known)
    assert (found.method, found.reason) == ("", "unknown_text")
    assert "Side Street" in [c.name for c in found.candidates]
    assert look(known, "Syde Stret")["candidates"] == 0


def test_without_a_gazetteer_nothing_is_placed_and_it_says_so() -> None:
    empty = Gazetteer(two_wards())
    assert empty.empty
    assert look(empty, "Side Street", "E1 6AN", "100021")["reason"] == "no_gazetteer"


def test_wards_must_be_on_the_grid() -> None:
    with pytest.raises(CrsError, match="The wards"):
        Gazetteer(two_wards().to_crs(WGS84))


def test_precision_follows_from_the_radius() -> None:
    assert [precision_of(r) for r in (5, 10, 11, 250, 251, 9e9)] == [
        "exact", "exact", "street", "street", "ward_only", "ward_only",
    ]  # fmt: skip


_TEXTS = st.sampled_from(
    ["", "Side Street", "High St", "Long Road / Short Street", "E1 6AN", "Mid Town", "Great Park"]
)
_POSTCODES = st.sampled_from(["", "E1", "E1 6AN"])
_NUMBERS = st.sampled_from(["", "100021"])
_WARDS = st.sampled_from(["", "West", EAST])


@settings(max_examples=30)
@given(st.lists(st.tuples(_TEXTS, _POSTCODES, _NUMBERS, _WARDS), max_size=8))
def test_every_row_gets_the_answer_it_would_get_alone(rows: list[tuple[str, ...]]) -> None:
    known = borough()
    wanted = pd.DataFrame(rows, columns=["text", "postcode", "uprn", "ward"], dtype="str")
    wanted.index = pd.Index(range(100, 100 + len(rows)))
    found = match(wanted, known)
    assert tuple(found.columns) == MATCHED
    assert found.index.equals(wanted.index)
    for row, (_, one) in zip(rows, found.iterrows(), strict=True):
        alone = look(known, *row)
        assert one["method"] == alone["method"]
        assert one["reason"] == alone["reason"]
        placed = one["method"] != ""
        assert placed == (one["reason"] == "") == np.isfinite(one["easting"])
        assert placed == (one["precision"] != "none") == (one["radius_m"] > 0)
        assert one["method"] in {"", *METHODS}


@settings(max_examples=50)
@given(st.text(max_size=60), st.text(max_size=10), st.text(max_size=14), st.text(max_size=12))
def test_any_text_at_all_is_answered(text: str, postcode: str, uprn: str, ward: str) -> None:
    assert look(borough(), text, postcode, uprn, ward)["reason"] in {"", *REASONS}
