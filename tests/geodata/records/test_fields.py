"""What a field takes, and that its text is its value."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.records.fields import LONDON, Field, as_text, clean
from geodata.records.kinds import KINDS
from geodata.records.vocabularies import LISTS, MONITORING, STREETSAFE_ISSUES, label

UTC_MOMENTS = st.datetimes(
    dt.datetime(1990, 1, 1), dt.datetime(2090, 1, 1), timezones=st.just(dt.UTC)
)
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80)
VALUES = st.one_of(
    st.tuples(st.just(Field("prose")), TEXT),
    st.tuples(st.just(Field("text")), TEXT),
    st.tuples(st.just(Field("whole", low=-5, high=5)), st.integers(-5, 5)),
    st.tuples(st.just(Field("yes_no")), st.booleans()),
    st.tuples(st.just(Field("date")), st.dates(dt.date(1900, 1, 1))),
    st.tuples(st.just(Field("moment")), UTC_MOMENTS),
    st.tuples(st.just(Field("metres")), st.floats(0, 1_300_000)),
    st.tuples(st.just(Field("number")), st.floats(allow_nan=False, allow_infinity=False)),
    st.tuples(st.just(Field("codes", options="behaviour")),
              st.lists(st.sampled_from(list(LISTS["behaviour"])))),
    st.tuples(st.just(Field("words")), st.lists(TEXT, max_size=4)),
    st.tuples(st.just(Field("json")),
              st.dictionaries(TEXT, st.one_of(st.integers(-9, 9), TEXT), max_size=3)),
)  # fmt: skip


@given(VALUES)
def test_the_text_of_a_value_gives_the_value_back(case: tuple[Field, Any]) -> None:
    field, given_value = case
    stored = clean(field, given_value)
    assert clean(field, as_text(field, stored)) == stored
    assert clean(field, stored) == stored


@pytest.mark.parametrize(
    ("shape", "text", "expected"),
    [
        ("date", "30/1/25", dt.date(2025, 1, 30)),
        ("date", "03/04/2024", dt.date(2024, 4, 3)),
        ("date", "2024-04-03 00:00:00", dt.date(2024, 4, 3)),
        ("date", dt.datetime(2024, 6, 30, 23, 30, tzinfo=dt.UTC), dt.date(2024, 7, 1)),
        ("moment", "02/10/2024 17:00", dt.datetime(2024, 10, 2, 17, tzinfo=LONDON)),
        ("moment", "2024-10-27T01:30+00:00", dt.datetime(2024, 10, 27, 1, 30, fold=1,
                                                         tzinfo=LONDON)),
        ("whole", "5.0", 5),
        ("whole", 5.0, 5),
        ("yes_no", "Yes", True),
        ("yes_no", 0, False),
        ("ward", "e05009327", "E05009327"),
        ("words", ["a; b", " a, b ", "c"], ("a, b", "c")),
        ("wkt", "POINT(530000.04 180000)", "POINT (530000 180000)"),
        ("json", '{"a": [1, null]}', {"a": [1, None]}),
    ],
)  # fmt: skip
def test_what_people_write_is_understood(shape: Any, text: object, expected: object) -> None:
    assert clean(Field(shape), text) == expected


def test_the_two_half_past_ones_of_the_autumn_stay_apart() -> None:
    field = Field("moment")
    first, second = (clean(field, f"2024-10-27T0{hour}:30Z") for hour in (0, 1))
    assert [as_text(field, m) for m in (first, second)] == [
        "2024-10-27T01:30:00+01:00", "2024-10-27T01:30:00+00:00",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("shape", "text", "said"),
    [
        ("date", "31/2/2024", "is no date"),
        ("date", "4/13/2024", "is no date"),
        ("moment", "2024-03-31 01:30", "clocks had been put forward"),
        ("moment", "2024-03-31", "is no time"),
        ("moment", dt.datetime(2024, 3, 31, 12), "lacks its time zone"),
        ("whole", "2.5", "no whole number"),
        ("whole", True, "no whole number"),
        ("whole", -1, "goes from 0"),
        ("yes_no", "perhaps", "neither yes nor no"),
        ("ward", "Mile End", "a ward's code is written as"),
        ("metres", -0.06, "go from 0"),
        ("metres", "nan", "no finite number"),
        ("wkt", "POINT (51.5 -0.1)", "outside the British National Grid"),
        ("wkt", "POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))", "broken shape"),
        ("wkt", "POINT (", "no shape"),
        ("json", "{", "is not JSON"),
        ("id", "../etc", "is no id"),
        ("text", "x" * 501, "501 characters"),
        ("prose", "bell \x07", "no text has"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(shape: Any, text: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        clean(Field(shape), text)


def test_nothing_said_is_refused_where_something_must_be() -> None:
    for nothing in (None, "", "  ", [], float("nan")):
        assert clean(Field("date"), nothing) is None
        with pytest.raises(ValueError, match="must be filled in"):
            clean(Field("date", required=True), nothing)


def test_every_coded_column_has_its_list() -> None:
    for kind in KINDS.values():
        for name, field in kind.fields.items():
            coded = field.shape in ("code", "codes")
            assert coded == (field.options in LISTS), f"{kind.name}.{name}"


def test_the_lists_are_those_of_the_reference() -> None:
    assert len(LISTS["environment_issue"]) == 28
    assert len(LISTS["behaviour"]) == 15
    assert len(LISTS["agency"]) == 16
    assert len(LISTS["event_type"]) == 9
    assert len(STREETSAFE_ISSUES) == 14
    assert set(LISTS["issue"]) >= STREETSAFE_ISSUES
    assert all("prefer_not" in answers for answers in MONITORING.values())
    for options in LISTS.values():
        assert len(set(options.values())) == len(options)
        assert all(code == code.casefold() and ";" not in code for code in options)


def test_a_label_is_found_or_refused() -> None:
    assert label("agency", "police_snt") == "Police Safer Neighbourhood Team"
    assert label("agency", "") == ""
    with pytest.raises(Exception, match="not in its list"):
        label("agency", "fire")


def test_what_people_said_and_who_they_are_is_never_open() -> None:
    for kind in ("responses", "requests", "contacts", "alerts", "users"):
        for name, field in KINDS[kind].fields.items():
            if field.shape in ("prose", "metres"):
                assert field.seen in ("restricted", "contact", "safeguarding"), f"{kind}.{name}"
    assert KINDS["responses"].fields["behaviours"].seen == "restricted"
    assert all(f.hidden for f in KINDS["contacts"].fields.values() if f.seen != "open")
