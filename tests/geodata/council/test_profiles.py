import dataclasses
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.council.fields import FIELD_NAMES
from geodata.council.profiles import (
    Profile,
    from_toml,
    guess_profile,
    list_profiles,
    load_profile,
    save_profile,
    to_toml,
)
from geodata.council.tables import open_table
from geodata.errors import ProfileError
from geodata.vocabularies import CATEGORY_BY_CODE, SOURCES

CASES = Profile(
    "Civica: ASB cases",
    "council_asb",
    provider="tower-hamlets",
    record_level="case",
    columns={"occurred_from": "Incident Date", "category": "Type", "street": "Location"},
    categories={"Zorbing": "rowdy"},
)


def test_a_file_a_person_can_read():
    # Columns stand in the order of the fields and kinds by name, whatever order they were given in.
    profile = dataclasses.replace(
        CASES,
        keep_personal=("Location",),
        columns={"street": "Location", "occurred_from": 'The "date"', "category": "Type"},
        categories={"Zorbing": "rowdy", "Café noise": "noise_street_commercial"},
    )
    assert (
        to_toml(profile)
        == """\
name = "Civica: ASB cases"
source = "council_asb"
provider = "tower-hamlets"
record_level = "case"
date_basis = "occurred"
sheet = ""
time_precision = ""
geo_precision = ""
excel_1904 = false
keep_personal = [
    "Location",
]
known_columns = []

[columns]
occurred_from = 'The "date"'
category = "Type"
street = "Location"

[categories]
"Café noise" = "noise_street_commercial"
Zorbing = "rowdy"
""".replace("'The \"date\"'", '"The \\"date\\""')
    )


TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
NAMES = st.text(string.ascii_letters + " :éß", min_size=1, max_size=12).filter(str.strip)


@given(
    st.builds(
        Profile,
        name=NAMES,
        source=st.sampled_from(list(SOURCES)),
        provider=TEXTS,
        record_level=st.sampled_from(["incident", "complaint", "case"]),
        date_basis=st.sampled_from(["occurred", "reported", "recorded"]),
        sheet=TEXTS,
        time_precision=st.sampled_from(["", "day", "hour"]),
        geo_precision=st.sampled_from(["", "street", "postcode"]),
        excel_1904=st.booleans(),
        keep_personal=st.lists(TEXTS, max_size=3).map(tuple),
        known_columns=st.lists(TEXTS, max_size=3).map(tuple),
        columns=st.dictionaries(st.sampled_from(FIELD_NAMES), TEXTS, max_size=5).map(
            lambda columns: {**columns, "occurred_from": "Date"}
        ),
        categories=st.dictionaries(TEXTS, st.sampled_from(list(CATEGORY_BY_CODE)), max_size=4),
    )
)
def test_every_profile_comes_back_as_it_was_and_is_written_the_same_again(profile):
    text = to_toml(profile)
    back = from_toml(text)
    assert back == profile
    assert to_toml(back) == text


def test_saved_and_loaded_by_name(tmp_path):
    folder = tmp_path / "profiles"
    assert list_profiles(folder) == []
    path = save_profile(folder, CASES)
    assert path.name == "civica-asb-cases.toml"
    assert load_profile(folder, "civica: asb  CASES") == CASES
    save_profile(folder, dataclasses.replace(CASES, provider="hackney"))
    assert load_profile(folder, CASES.name).provider == "hackney"
    (folder / "broken.toml").write_text("name = [")
    assert list_profiles(folder) == ["broken", CASES.name]
    with pytest.raises(ProfileError, match=r"No profile is called 'x'\. Got: broken, Civica"):
        load_profile(folder, "x")
    with pytest.raises(ProfileError, match="needs a name with letters"):
        save_profile(folder, dataclasses.replace(CASES, name="!?"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name = [", "cannot be read"),
        ("colour = 'red'", "settings that are not known. Got: colour"),
        ("columns = 'Date'", "of another type. Got: columns"),
        ("excel_1904 = 'yes'", "of another type. Got: excel_1904"),
        ("keep_personal = [1]", "of another type. Got: keep_personal"),
        ("[columns]\noccurred_from = 1", "of another type. Got: columns"),
        (
            'source = "mars"\n[columns]\nwhen = "Date"\n[categories]\nx = "y"',
            "source is 'mars'.*no field is called 'when'.*'y', which is no category.*no column",
        ),
        ('source = "other"\nrecord_level = "row"', "record_level is 'row'"),
        ('source = "other"\n[columns]\ncategory = "Type"', "no column is mapped to a date"),
    ],
)
def test_what_is_wrong_with_a_profile_is_said_all_at_once(text, words):
    with pytest.raises(ProfileError, match=words):
        from_toml(text, name="mine")


def test_columns_may_move_be_added_or_spelt_a_little_otherwise():
    found = CASES.resolve(["New", "type", "LOCATION ", "Incident_Date"], "may.csv")
    assert found == {"occurred_from": "Incident_Date", "category": "type", "street": "LOCATION "}


def test_an_exact_name_goes_before_one_spelt_otherwise():
    profile = Profile("a", "other", columns={"occurred_from": "date"})
    assert profile.resolve(["Date", "date"], "a")["occurred_from"] == "date"


def test_all_columns_that_are_gone_are_named_with_what_they_may_be_called_now():
    with pytest.raises(ProfileError) as error:
        CASES.resolve(["Incident Dates", "Place"], "june.csv")
    assert str(error.value) == (
        "june.csv lacks 3 columns that the profile 'Civica: ASB cases' needs. Got: no 'Incident "
        "Date' (perhaps 'Incident Dates'), no 'Type', no 'Location'. What to do: export it with "
        "these columns, or change the profile's mapping."
    )


def _table(tmp_path, text):
    path = tmp_path / "a.csv"
    path.write_text(text)
    return open_table(path)


def test_a_first_look_at_a_file_makes_a_profile(tmp_path):
    with _table(
        tmp_path,
        "Complaint ID,Date,Kind,Surname\n1,03/04/2026,Noise,X\n2,13/04/2026,Zorbing,Y\n"
        "3,14/04/2026,FLY TIPPING,Z\n",
    ) as table:
        profile = guess_profile(table, "council_noise", provider="hackney")
    assert profile == Profile(
        "council noise",
        "council_noise",
        provider="hackney",
        record_level="complaint",
        known_columns=("Complaint ID", "Date", "Kind", "Surname"),
        columns={"source_ref": "Complaint ID", "occurred_from": "Date", "category": "Kind"},
        categories={"FLY TIPPING": "flytipping_litter", "Noise": "noise_domestic"},
    )


def test_rows_of_cases_and_dates_of_report_are_recognised(tmp_path):
    with _table(tmp_path, "Case ref,Created\nC1,03/04/2026\nC2,13/04/2026\n") as table:
        profile = guess_profile(table, "council_asb")
    assert (profile.record_level, profile.date_basis) == ("case", "reported")


def test_a_file_without_dates_makes_none(tmp_path, shared_data):
    with (
        _table(tmp_path, "Site,Type\nA,Noise\nB,Litter\n") as table,
        pytest.raises(ProfileError, match=r"No column of a\.csv looks like a date"),
    ):
        guess_profile(table, "other")
    path = shared_data / "messy" / "th_no2_sites_2020_bng.csv"
    with open_table(path) as table, pytest.raises(ProfileError, match="looks like a date"):
        guess_profile(table, "other")
