"""Wards of another year are recognised, and what is not known is said to be unknown."""

from __future__ import annotations

import pytest

from geodata.errors import VintageError
from geodata.ward_vintages import (
    TOWER_HAMLETS_CURRENT,
    TOWER_HAMLETS_OLD_NAMES,
    TOWER_HAMLETS_SUPERSEDED,
    require_current,
    require_current_names,
    vintage_of,
)

NEWHAM = [f"E05000{n}" for n in range(475, 495)]


def test_the_two_lists():
    assert len(TOWER_HAMLETS_CURRENT) == 20
    assert TOWER_HAMLETS_CURRENT[0] == "E05009317"
    assert TOWER_HAMLETS_CURRENT[-1] == "E05009336"
    assert len(TOWER_HAMLETS_SUPERSEDED) == 17
    assert TOWER_HAMLETS_SUPERSEDED[0] == "E05000573"
    assert TOWER_HAMLETS_SUPERSEDED[-1] == "E05000589"
    assert not set(TOWER_HAMLETS_SUPERSEDED) & set(NEWHAM)


@pytest.mark.parametrize("code", TOWER_HAMLETS_SUPERSEDED)
def test_a_single_superseded_code_is_enough(code):
    with pytest.raises(VintageError) as caught:
        require_current(["E05009317", code, *NEWHAM])
    said = str(caught.value)
    assert f"Got: 1 old codes, {code}; expected E05009317 to E05009336." in said
    assert f"First: {code}." in said
    assert "What to do: load ward boundaries of 2014 or later." in said


def test_codes_that_are_not_known_to_be_old_pass():
    require_current([*TOWER_HAMLETS_CURRENT, *NEWHAM, "00BGFX", "E05000572", "E05000590"])
    require_current([])


def test_the_old_wards_are_known_by_names_in_any_spelling():
    glued = [n.replace(" ", "") for n in TOWER_HAMLETS_OLD_NAMES]
    with pytest.raises(VintageError, match="no codes, and the names BethnalGreenNorth, Bethnal"):
        require_current_names([*glued, "BowEast"])
    with pytest.raises(VintageError, match="before May 2014"):
        require_current_names(["St. Dunstan’s & Stepney Green", "MILE END EAST", "Millwall Ward"])


def test_two_old_names_may_be_chance_and_the_current_names_pass():
    require_current_names(["Millwall", "Mile End East", "Bow East"])
    require_current_names(["Limehouse", "Bow East", "Bow West", "Shadwell", "Weavers"])


def test_all_or_some_of_the_current_wards_are_current():
    whole = vintage_of(TOWER_HAMLETS_CURRENT)
    assert (whole.status, whole.year) == ("current", None)
    assert whole.note == "These are the 20 Tower Hamlets wards in force since 2014."
    part = vintage_of(TOWER_HAMLETS_CURRENT[3:8])
    assert part.status == "current"
    assert part.note.startswith("5 of the 20 Tower Hamlets wards")


def test_elsewhere_without_evidence_it_is_unknown_and_said():
    for codes, column, words in (
        (NEWHAM, "", "not known here: no register"),
        (NEWHAM, "WD18CD", "WD18CD says 2018"),
        (NEWHAM, "wd18cd", "wd18cd says 2018"),
        ([*TOWER_HAMLETS_CURRENT, *NEWHAM], "", "20 Tower Hamlets wards are current; whether the "
         "other 20 are"),
        (["00BGFX", "1"], "", "not GSS ward codes"),
    ):  # fmt: skip
        found = vintage_of(codes, column=column)
        assert found.status == "unknown"
        assert words in found.note
        assert found.year == (2018 if column else None)


def test_a_register_of_current_codes_decides():
    assert vintage_of(NEWHAM, register=[*NEWHAM, "E05000001"]).status == "current"
    with pytest.raises(VintageError) as caught:
        vintage_of(NEWHAM, register=NEWHAM[2:])
    said = str(caught.value)
    assert "2 of 20 codes that the register does not hold, E05000475, E05000476" in said
    assert "expected codes such as E05000477, E05000478, E05000479, ..." in said
    assert "First: E05000475." in said


def test_the_codes_of_the_data_are_a_witness():
    assert vintage_of(NEWHAM, codes_in_data=[*NEWHAM, "E05000001"]).status == "matches data"
    some = vintage_of(NEWHAM, codes_in_data=NEWHAM[:19])
    assert some.status == "unknown"
    assert some.note == "19 of 20 codes occur in the data; missing there: E05000494."
    with pytest.raises(VintageError, match=r"the data use E05013904, E05013905\."):
        vintage_of(NEWHAM, codes_in_data=["E05013904", "E05013905"])
    with pytest.raises(VintageError, match="before May 2014"):
        vintage_of(NEWHAM, codes_in_data=["E05000573"])


def test_superseded_codes_are_refused_whatever_else_is_given():
    with pytest.raises(VintageError, match="17 old codes"):
        vintage_of(TOWER_HAMLETS_SUPERSEDED, register=TOWER_HAMLETS_SUPERSEDED)
