"""Whose data and software a file rests on is always said."""

from __future__ import annotations

from analysis.report.licences import BOUNDARIES, DEMO, POLICE_UK, licence_lines
from geodata.vocabularies import SOURCES


def test_the_demo_owes_nobody_and_says_that_it_is_invented():
    assert licence_lines(list(SOURCES), demo=True) == (DEMO,)
    assert "invented" in DEMO


def test_open_data_name_their_licence():
    assert licence_lines(["police_uk"], demo=False) == (POLICE_UK, BOUNDARIES)
    assert all("Open Government Licence v3.0" in line for line in (POLICE_UK, BOUNDARIES))
    assert "Contains OS data © Crown copyright and database right" in BOUNDARIES


def test_the_councils_own_records_are_not_passed_off_as_open():
    lines = licence_lines(["council_asb"], demo=False)
    assert lines == ("Council reports: the council's own records.", BOUNDARIES)
