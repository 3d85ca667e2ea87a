"""Names brought to one form, and texts taken apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.locating.words import cut, name_key, station_key, without_meeting


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mile End Rd", "MILE END ROAD"),
        ("Mile End Rd.", "mile  end road"),
        ("St Katharine's Way", "Saint Katharines Wy"),
        ("St. Paul’s Way", "St Pauls Way"),
        ("High St", "High Street"),
        ("Upper St Martins Ln", "Upper Saint Martins Lane"),
        ("High St South", "High Street South"),
        ("The Highway", "Highway"),
        ("Gt Eastern St", "Great Eastern Street"),
        ("Bromley-by-Bow", "Bromley by Bow"),
        ("Lamb & Flag Court", "Lamb and Flag Ct"),
        ("Roman Rd Mkt", "Roman Rd Market"),
        ("Swedenborg Gdns", "Swedenborg Gardens"),
    ],
)
def test_two_ways_of_writing_one_name(one: str, other: str) -> None:
    assert name_key(one) == name_key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Brick Lane", "Brick Street"), ("High Street North", "High Street South"),
        ("St James Street", "Street James Saint"), ("Globe Road", "Globe Town"),
    ],
)  # fmt: skip
def test_other_names_stay_apart(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


_WORDS = st.sampled_from(
    ["ST", "St.", "The", "Rd", "ROAD", "North", "N", "&", "Gt", "o'clock", "Ave", "Mile", "2"]
)


@given(st.lists(_WORDS, max_size=6).map(" ".join) | st.text(max_size=30))
def test_a_key_is_its_own_key(text: str) -> None:
    assert name_key(name_key(text)) == name_key(text)


def test_stations_of_any_railway() -> None:
    for written in ("Mile End Station", "Mile End tube stn", "Mile End Underground Station"):
        assert station_key(name_key(written)) == "MILE END STATION"
    assert station_key("CANARY WHARF ELIZABETH LINE STATION") == "CANARY WHARF STATION"
    assert station_key("STATION ROAD") == station_key("") == ""


@pytest.mark.parametrize(
    "text",
    [
        "JUNCTION OF BOW ROAD AND FAIRFIELD ROAD", "BOW ROAD J/W FAIRFIELD ROAD",
        "BOW ROAD JCT WITH FAIRFIELD ROAD", "CNR BOW ROAD & FAIRFIELD ROAD",
        "CORNER OF BOW ROAD, FAIRFIELD ROAD",
    ],
)  # fmt: skip
def test_a_junction_is_heard(text: str) -> None:
    rest, meets = without_meeting(text)
    pieces = [piece for part in cut(rest, 0) for piece in cut(part, 2)]
    assert meets
    assert pieces == ["BOW ROAD", "FAIRFIELD ROAD"]


def test_no_junction_is_heard_in_a_name() -> None:
    assert without_meeting("CORNERSTONE WALK") == ("CORNERSTONE WALK", False)
