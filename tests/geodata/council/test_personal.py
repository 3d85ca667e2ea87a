import pandas as pd
import pyarrow as pa
import pytest

from geodata.council.personal import blank_personal, left_out, without_house_numbers


@pytest.mark.parametrize(
    "column",
    [
        *("Complainant name", "Surname", "reporter_phone", "Email", "E-mail address", "DOB"),
        *("Date of birth", "Perpetrator address", "Address 1", "Notes", "Description", "Mobile"),
        *("Victim", "perpetratorName", "complainant_id", "NINO", "Tenant", "Free text", "Gender"),
        *("Assigned officer", "Vehicle registration", "rooms / effect"),
    ],
)
def test_columns_about_people_are_known_by_their_names(column):
    (found,) = left_out(pd.DataFrame({column: ["x", "y"]}), [])
    assert found.personal
    assert found.reason.startswith("looks like")


@pytest.mark.parametrize("column", ["Ward name", "Street name", "Batch", "Estate name", "Team"])
def test_columns_about_places_are_not(column):
    (found,) = left_out(pd.DataFrame({column: ["x", "y"]}), [])
    assert (found.reason, found.personal) == ("is not mapped", False)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (["ann@example.org", "bob@example.org"], "looks like e-mail addresses"),
        (["07700 900123", "020 7946 0123"], "looks like telephone numbers"),
        (["Ann Smith", "Bob O'Neil", "Mr Carl Jung", "Dee Lee"], "looks like people's names"),
        (["They were shouting again outside until two in the morning"], "looks like free text"),
        (["", " "], "is blank in the first rows"),
        (["1", "2"], "is not mapped"),
    ],
)
def test_others_are_known_by_their_values_which_are_never_shown(values, reason):
    (found,) = left_out(pd.DataFrame({"Field 7": values}), [])
    assert found.reason == reason
    assert not any(v.strip() and v in f"{found.column}{found.reason}" for v in values)


def test_mapped_columns_are_not_listed():
    assert left_out(pd.DataFrame({"Date": ["x"], "Notes": ["y"]}), ["Date", "Notes"]) == ()


@pytest.mark.parametrize(
    "value",
    [
        *("call 020 7946 0123", "07700900123", "+44 7700 900123", "(020) 7946-0123"),
        *("write to a.b@example.org", "QQ 12 34 56 C".replace("QQ", "AB"), "AB123456C"),
        *("Mr Smith", "mrs. jones next door"),
    ],
)
def test_values_that_look_personal_are_blanked(value):
    text, rows = blank_personal(pa.array(["Noise", value]))
    assert text.to_pylist() == ["Noise", ""]
    assert rows.tolist() == [False, True]


@pytest.mark.parametrize(
    "value", ["Noise", "2024-04-03", "100023456789", "E1 6AN", "Misses Lane", "A1234567", "45-50"]
)
def test_values_that_do_not_are_kept(value):
    assert blank_personal(pa.array([value]))[0].to_pylist() == [value]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("12 Gowers Walk", "Gowers Walk"),
        ("12a, Gowers Walk", "Gowers Walk"),
        ("Flat 3, 12-14 Gowers Walk", "Gowers Walk"),
        ("Flat B 7 Gowers Walk", "Gowers Walk"),
        ("Flat 3", ""),
        ("12", ""),
        ("Flat Iron Square", "Flat Iron Square"),
        ("1st Avenue", "1st Avenue"),
        ("Mile End Road", "Mile End Road"),
        ("Units Way", "Units Way"),
        ("", ""),
    ],
)
def test_a_location_is_never_an_address(given, kept):
    text, changed = without_house_numbers(pa.array([given]))
    assert (text.to_pylist(), changed.tolist()) == ([kept], [given != kept])
