import pandas as pd
import pytest

from geodata.council.columns import THRESHOLD, guess_columns
from geodata.council.fields import FIELDS, fold
from geodata.council.tables import open_table


def _guess(columns):
    return {g.field: g.column for g in guess_columns(pd.DataFrame(columns, dtype="str"))}


DATES = ["03/04/2026", "13/04/2026", "14/04/2026"]
METRES = (["536501", "536502", "536503"], ["182501", "182502", "182503"])
DEGREES = (["-0.0331", "-0.0332", "-0.0333"], ["51.5241", "51.5242", "51.5243"])


def test_a_noise_system_s_cases():
    # The columns of Hackney's NoiseWorks.
    found = _guess(
        {
            "id": ["11", "12", "13"],
            "created": ["2026-04-03T14:05:00Z"] * 3,
            "created_by_id": ["4", "4", "5"],
            "kind": ["music-pub", "diy", "animal"],
            "kind_other": ["", "", ""],
            "uprn": ["100023456789", "", "10008"],
            "easting": METRES[0],
            "northing": METRES[1],
            "radius": ["30", "30", "800"],
            "location_cache": ["Mile End Road", "Roman Road", "Bow Road"],
            "ward": ["E05009327", "outside", "E05009319"],
            "where": ["residence", "business", "residence"],
            "estate": ["y", "n", "?"],
            "assigned_id": ["7", "7", "7"],
        }
    )
    assert found == {
        "source_ref": "id",
        "reported_at": "created",
        "category": "kind",
        "uprn": "uprn",
        "easting": "easting",
        "northing": "northing",
        "street": "location_cache",
        "setting": "where",
        "ward_code_source": "ward",
        "category_detail": "kind_other",
    }


def test_a_case_management_system_s_incidents():
    found = _guess(
        {
            "Case No": ["C1", "C1", "C2"],
            "Incident Date": DATES,
            "Incident Time": ["14:05", "", "2pm"],
            "Date Reported": DATES,
            "Type": ["Vehicles", "Noise", "Noise"],
            "Category Detail": ["Abandoned car", "Party", "Party"],
            "Complainant": ["A Person", "B Person", "C Person"],
            "Complainant Postcode": ["E1 6AN"] * 3,
            "Incident Location": ["Roman Road"] * 3,
            "Closed Date": DATES,
            "Status": ["Open", "Closed", "Closed"],
        }
    )
    assert found == {
        "case_ref": "Case No",
        "occurred_from": "Incident Date",
        "occurred_from_time": "Incident Time",
        "reported_at": "Date Reported",
        "category": "Type",
        "category_detail": "Category Detail",
        "street": "Incident Location",
        "status": "Status",
    }


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (METRES, {"easting": "X", "northing": "Y"}),
        (DEGREES, {"lon": "X", "lat": "Y"}),
        (DEGREES[::-1], {"lon": "Y", "lat": "X"}),
    ],
)
def test_x_and_y_are_what_their_values_say(values, expected):
    found = _guess({"Date": DATES, "X": values[0], "Y": values[1]})
    assert {f: c for f, c in found.items() if f != "occurred_from"} == expected


def test_half_a_pair_is_no_place():
    assert "easting" not in _guess({"Date": DATES, "Easting": METRES[0]})


def test_values_speak_where_names_do_not():
    found = _guess(
        {
            "A": DATES,
            "B": ["Noise", "Fly tipping", "Graffiti"],
            "C": ["TQ 36 82"] * 3,
            "D": ["E1 6AN", "E2 7AA", "E14 5AB"],
            "E": ["POINT (536500 182500)"] * 3,
        }
    )
    assert found == {
        "occurred_from": "A",
        "category": "B",
        "grid_reference": "C",
        "postcode": "D",
        "geometry": "E",
    }


def test_a_second_date_is_not_guessed_from_its_values_alone():
    assert _guess({"Created": DATES, "Acknowledged": DATES}) == {"reported_at": "Created"}
    assert _guess({"Acknowledged": DATES}) == {"occurred_from": "Acknowledged"}


def test_a_date_of_another_kind_is_never_the_date():
    for name in ("Closed date", "Date of birth", "Last updated", "Due date"):
        assert _guess({name: DATES}) == {}


def test_month_first_dates_are_recognised_so_that_they_can_be_refused():
    assert _guess({"Date": ["04/13/2026", "04/14/2026"]}) == {"occurred_from": "Date"}


def test_a_column_that_repeats_is_no_reference_of_rows():
    assert "source_ref" not in _guess({"Date": DATES, "ID": ["1", "1", "1"]})


def test_every_guess_says_how_sure_and_why():
    guesses = guess_columns(pd.DataFrame({"Date": DATES, "Odd date": DATES, "B": ["Noise"] * 3}))
    by_field = {g.field: g for g in guesses}
    assert by_field["occurred_from"].confidence > 0.95
    assert by_field["occurred_from"].reason == (
        "its name means when it happened, or began, and 100% of its values look so"
    )
    assert "though its name does not say" in by_field["category"].reason
    assert all(THRESHOLD <= g.confidence <= 1 for g in guesses)


def test_names_are_compared_by_their_words():
    assert fold("Grid squaresX") == "grid squares x"
    assert fold("dateReported*") == "date reported"
    spelt = {fold(name) for field in FIELDS for name in field.names}
    assert spelt == {name for field in FIELDS for name in field.names}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "th_no2_sites_2020_bng.csv",
            {"easting": "Grid squaresX", "northing": "Grid squaresY", "street": "Location"},
        ),
        (
            "police_uk_2012-04_easting_northing_sample.csv",
            {
                "occurred_from": "Month",
                "easting": "Easting",
                "northing": "Northing",
                "category": "Crime type",
                "street": "Location",
            },
        ),
        (
            "met_vso_2024_pandas_reexport.csv.gz",
            {
                "source_ref": "Crime ID",
                "occurred_from": "Month",
                "lon": "Longitude",
                "lat": "Latitude",
                "category": "Crime type",
                "street": "Location",
                "lsoa_code": "LSOA code",
            },
        ),
        ("cp1252_uk_spend_july_2014.csv", {"occurred_from": "GL Date"}),
    ],
)
def test_real_files(shared_data, name, expected):
    with open_table(shared_data / "messy" / name) as table:
        found = {g.field: g.column for g in guess_columns(table.head())}
    assert expected.items() <= found.items()
