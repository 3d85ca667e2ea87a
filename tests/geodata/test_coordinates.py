from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.coordinates import NOT_A_NUMBER, ONE_BLANK, Places, System, read_places
from geodata.crs import BNG_EXTENT, LONLAT_EXTENT
from geodata.csv_text import TextColumn

SWAPPED = "latitude and longitude look swapped"
METRES = "these look like British National Grid metres, not degrees"
ABROAD = "these points are not in Great Britain"
DEGREES = "these look like degrees, not British National Grid metres"


def places(*pairs: tuple[str, str], system: System = "lonlat") -> Places:
    x, y = ([pair[axis] for pair in pairs] for axis in (0, 1))
    return read_places(TextColumn.from_values(x), TextColumn.from_values(y), system)


def fault_of(x: str, y: str, system: System = "lonlat") -> str:
    found = places((x, y), system=system)
    return "" if found.fault[0] < 0 else found.faults[found.fault[0]]


def test_a_point_is_given_in_both_systems() -> None:
    found = places(("-0.0332", "51.5253"), (" -0.0332 ", "51.5253000"))
    # Mile End station is at 536540, 182543 on the Ordnance Survey's own conversion.
    assert found.easting == pytest.approx([536_540, 536_540], abs=5)
    assert found.northing == pytest.approx([182_543, 182_543], abs=5)
    assert found.fault.tolist() == [-1, -1]
    back = places((str(found.easting[0]), str(found.northing[0])), system="bng")
    assert (back.lon[0], back.lat[0]) == pytest.approx((-0.0332, 51.5253), abs=1e-6)


@pytest.mark.parametrize(
    "pair",
    [("", ""), (" ", "\t"), ("NaN", "nan"), ("NULL", "None"), ("0", "0"), ("0.0", "0.000000")],
)
def test_no_place_is_no_fault(pair: tuple[str, str]) -> None:
    found = places(pair)
    assert found.fault.tolist() == [-1]
    assert np.isnan([found.lon[0], found.lat[0], found.easting[0], found.northing[0]]).all()


@pytest.mark.parametrize(
    ("x", "y", "reason"),
    [
        ("-0.03", "", ONE_BLANK),
        ("", "51.5", ONE_BLANK),
        ("-0.03", "north", NOT_A_NUMBER),
        ("-0,03", "51,5", NOT_A_NUMBER),
        ("inf", "51.5", NOT_A_NUMBER),
        ("51.5", "-0.03", SWAPPED),
        ("536540", "182543", METRES),
        ("182543", "1036540", METRES),
        ("1036540", "182543", f"{METRES}, with easting and northing swapped"),
        ("-74.0", "40.7", ABROAD),
        ("0", "51.5253", ""),  # the meridian of Greenwich is no blank
        ("-0.03", "0", ABROAD),
        ("-8.9", "54.0", ABROAD),  # in the box of degrees, off the National Grid
    ],
)
def test_what_is_wrong_with_degrees(x: str, y: str, reason: str) -> None:
    assert fault_of(x, y) == reason


@pytest.mark.parametrize(
    ("x", "y", "reason"),
    [
        ("536540", "182543", ""),
        ("-0.03", "51.5", DEGREES),
        ("51.5", "-0.03", DEGREES),
        ("-200000", "182543", ABROAD),
        ("182543", "1536540", ABROAD),
        ("536540", "", ONE_BLANK),
        ("0", "0", ""),
    ],
)
def test_what_is_wrong_with_metres(x: str, y: str, reason: str) -> None:
    assert fault_of(x, y, "bng") == reason


def test_each_row_has_its_own_reason() -> None:
    pairs = [
        ("-0.03", "51.5"),
        ("51.5", "-0.03"),
        ("536540", "182543"),
        ("", "51.5"),
        ("51.5", "-0.03"),
    ]
    found = places(*pairs)
    named = [found.faults[code] if code >= 0 else "" for code in found.fault]
    assert named == ["", SWAPPED, METRES, ONE_BLANK, SWAPPED]


numbers = st.one_of(
    st.floats(-10, 62).map(str), st.floats(allow_nan=True).map(str), st.sampled_from(["", "0", "x"])
)


@given(st.lists(st.tuples(numbers, numbers), max_size=20))
def test_a_row_is_placed_faulty_or_blank_and_placed_rows_are_in_britain(
    pairs: list[tuple[str, str]],
) -> None:
    found = places(*pairs)
    placed = np.isfinite(found.lon)
    assert not (placed & (found.fault >= 0)).any()
    for values in (found.lat, found.easting, found.northing):
        assert (np.isfinite(values) == placed).all()
    for x, y, (west, south, east, north) in (
        (found.lon, found.lat, LONLAT_EXTENT),
        (found.easting, found.northing, BNG_EXTENT),
    ):
        assert ((x[placed] >= west) & (x[placed] <= east)).all()
        assert ((y[placed] >= south) & (y[placed] <= north)).all()
    for i, pair in enumerate(pairs):
        alone = places(pair)
        assert np.array_equal(alone.lon, found.lon[[i]], equal_nan=True)
