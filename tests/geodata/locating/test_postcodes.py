"""Postcodes as people write them: what is put right, and what never is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.locating.postcodes import Postcode, read_postcode, take_postcodes


@pytest.mark.parametrize(
    ("written", "unit", "district"),
    [
        ("E1 6AN", "E1 6AN", "E1"),
        ("e16an", "E1 6AN", "E1"),
        ("E1  6AN.", "E1 6AN", "E1"),
        ("E14 5AB", "E14 5AB", "E14"),
        ("EC1A 1BB", "EC1A 1BB", "EC1A"),
        ("W1A 0AX", "W1A 0AX", "W1A"),
        ("E1 OAA", "E1 0AA", "E1"),  # a digit must stand there
        ("EI 6AN", "E1 6AN", "E1"),  # there is no area EI
        ("S01 1AA", "SO1 1AA", "SO1"),  # there is no district S01
        ("0X1 2JD", "OX1 2JD", "OX1"),  # a letter must stand there
        ("E1O 5AA", "E10 5AA", "E10"),  # no district ends in the letter O
        ("E1", "", "E1"),
        ("E1 6", "", "E1"),
        ("SW1A", "", "SW1A"),
    ],
)
def test_a_postcode_is_read(written: str, unit: str, district: str) -> None:
    assert read_postcode(written) == Postcode(unit, district)


@pytest.mark.parametrize(
    "written",
    ["", "Whitechapel", "E1 6CN", "E1 60N", "XX1 1AA", "12345", "E", "TQ3465", "E1 6ANN", "A13"],
)
def test_what_is_no_postcode_is_none(written: str) -> None:
    assert read_postcode(written) is None


_UNITS = st.from_regex(r"(E|N|SW|EC|OX|S)[1-9][0-9]? [0-9][ABDEFGHJLNP]{2}", fullmatch=True)


@given(_UNITS, st.sampled_from(["{}", " {} ", "{}."]), st.booleans())
def test_case_and_blanks_never_matter(unit: str, around: str, tight: bool) -> None:
    written = around.format(unit.replace(" ", "") if tight else unit)
    assert read_postcode(written.lower()) == read_postcode(unit) == Postcode(unit, unit.split()[0])


@given(_UNITS)
def test_a_nought_written_as_o_means_the_same(unit: str) -> None:
    outward, inward = unit.split()
    slipped = outward + " " + inward.replace("0", "O").replace("1", "I")
    assert read_postcode(slipped) == read_postcode(unit)


@given(st.text(max_size=12))
def test_any_text_gives_a_postcode_or_none(text: str) -> None:
    found = read_postcode(text)
    if found and found.unit:
        assert re.fullmatch(r"[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}", found.unit)
        assert read_postcode(found.unit) == found
    assert take_postcodes(text)[0] == " ".join(take_postcodes(text)[0].split())


def test_postcodes_are_taken_out_of_a_text() -> None:
    rest, found = take_postcodes("REAR OF BRICK LANE E1, NEAR E1 6QR AND E2 7DJ")
    assert rest == "REAR OF BRICK LANE , NEAR AND"
    assert [p.district for p in found] == ["E1", "E2", "E1"]
    assert [p.unit for p in found] == ["E1 6QR", "E2 7DJ", ""]
    assert take_postcodes("BLOCK B2 CAR PARK") == ("BLOCK B2 CAR PARK", ())
