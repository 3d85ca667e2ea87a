from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.council.dates import NO_OFFSET, Grain, read_dates, read_times


def _one(text, **options):
    found = read_dates(pa.array([text]), **options)
    day = datetime(1970, 1, 1) + timedelta(days=int(found.day[0]), seconds=int(found.second[0]))
    return day.isoformat(" ", "minutes"), Grain(found.grain[0]).name


@pytest.mark.parametrize(
    ("text", "when", "grain"),
    [
        ("03/04/2024", "2024-04-03 00:00", "DAY"),
        ("3/4/24", "2024-04-03 00:00", "DAY"),
        ("03-04-2024", "2024-04-03 00:00", "DAY"),
        ("3.4.2024", "2024-04-03 00:00", "DAY"),
        ("03 04 2024", "2024-04-03 00:00", "DAY"),
        ("3/4/98", "1998-04-03 00:00", "DAY"),
        ("2024-04-03", "2024-04-03 00:00", "DAY"),
        ("2024/4/3", "2024-04-03 00:00", "DAY"),
        ("20240403", "2024-04-03 00:00", "DAY"),
        ("03/04/2024 14:05", "2024-04-03 14:05", "MINUTE"),
        ("03/04/2024\u00a014:05", "2024-04-03 14:05", "MINUTE"),
        ("03/04/2024 14:05:59", "2024-04-03 14:05", "MINUTE"),
        ("03/04/2024, 2.05pm", "2024-04-03 14:05", "MINUTE"),
        ("03/04/2024 12:05 am", "2024-04-03 00:05", "MINUTE"),
        ("03/04/2024 2pm", "2024-04-03 14:00", "HOUR"),
        ("03/04/2024 1405hrs", "2024-04-03 14:05", "MINUTE"),
        ("03/04/2024 24:00", "2024-04-04 00:00", "MINUTE"),
        ("03/04/2024 evening", "2024-04-03 18:00", "PART"),
        ("2024-04-03T14:05:00", "2024-04-03 14:05", "MINUTE"),
        ("2024-04-03T14:05:00.123Z", "2024-04-03 14:05", "MINUTE"),
        ("20240403T140500Z", "2024-04-03 14:05", "MINUTE"),
        ("3 Apr 2024", "2024-04-03 00:00", "DAY"),
        ("3rd of April, 2024", "2024-04-03 00:00", "DAY"),
        ("03-APR-24 14:05", "2024-04-03 14:05", "MINUTE"),
        ("April 3, 2024", "2024-04-03 00:00", "DAY"),
        ("Wed 3 April 2024", "2024-04-03 00:00", "DAY"),
        ("Wednesday, 03/04/2024", "2024-04-03 00:00", "DAY"),
        ("Apr 2024", "2024-04-01 00:00", "MONTH"),
        ("Apr-24", "2024-04-01 00:00", "MONTH"),
        ("Sept 2024", "2024-09-01 00:00", "MONTH"),
        ("2024-04", "2024-04-01 00:00", "MONTH"),
        ("04/2024", "2024-04-01 00:00", "MONTH"),
        ("45385", "2024-04-03 00:00", "DAY"),
        ("45385.586805555555", "2024-04-03 14:05", "MINUTE"),
        ("29/02/2024", "2024-02-29 00:00", "DAY"),
    ],
)
def test_dates_as_people_write_them(text, when, grain):
    assert _one(text) == (when, grain)


@pytest.mark.parametrize(
    "text",
    [
        *("Lockdown", "missing", "31/02/2024", "29/02/2023", "13/13/2024", "2024-13-01", "24/04"),
        *("0/4/2024", "12345", "99999", "3/4/124", "20241340", "Foo 2024", "32 Apr 2024"),
        *("2024-04-03T", "1/2/3/4", "03/Banana/2024"),
    ],
)
def test_what_is_no_date(text):
    assert _one(text)[1] == "UNREADABLE"


def test_days_may_count_from_1904():
    assert _one("43923", excel_1904=True) == ("2024-04-03 00:00", "DAY")
    assert read_dates(pa.array(["43923", "x"])).serial.tolist() == [True, False]


@pytest.mark.parametrize(
    ("text", "day_first", "month_first"),
    [
        ("13/04/2024", True, False),
        ("04/13/2024", False, True),
        ("04/13/24 9:00 AM", False, True),
        ("12/12/2024", False, False),
        ("13/13/2024", False, False),
        ("2024-04-13", False, False),
        ("00/13/2024", False, False),
        ("13 Apr 2024", False, False),
    ],
)
def test_which_order_a_date_proves(text, day_first, month_first):
    found = read_dates(pa.array([text]))
    assert (found.day_first[0], found.month_first[0]) == (day_first, month_first)
    assert not month_first or found.grain[0] == Grain.UNREADABLE


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("2024-04-03T14:05:00Z", 0),
        ("2024-04-03 14:05:00+01:00", 60),
        ("2024-04-03 14:05-0530", -330),
        ("03/04/2024 14:05 BST", 60),
        ("03/04/2024 14:05", NO_OFFSET),
    ],
)
def test_a_stated_offset_is_kept(text, offset):
    assert read_dates(pa.array([text])).offset.tolist() == [offset]


def test_a_date_keeps_its_day_when_its_time_cannot_be_read():
    found = read_dates(pa.array(["03/04/2024 soon", "03/04/2024 25:00", "03/04/2024"]))
    assert found.bare_time.tolist() == [True, True, False]
    assert [Grain(g) for g in found.grain] == [Grain.DAY] * 3


@pytest.mark.parametrize(
    ("text", "second", "grain"),
    [
        ("14:05", 50_700, "MINUTE"),
        ("14.05", 50_700, "MINUTE"),
        ("1405", 50_700, "MINUTE"),
        ("905", 32_700, "MINUTE"),
        ("2:05 p.m.", 50_700, "MINUTE"),
        ("12am", 0, "HOUR"),
        ("12 noon", 43_200, "HOUR"),
        ("noon", 43_200, "HOUR"),
        ("midnight", 0, "HOUR"),
        ("14", 50_400, "HOUR"),
        ("0.5868055555555556", 50_700, "MINUTE"),
        ("45385.5", 43_200, "MINUTE"),
        ("30/12/1899 14:05:00", 50_700, "MINUTE"),
        ("1900-01-00 14:05", 50_700, "MINUTE"),
        ("Late evening", 75_600, "PART"),
        ("25:00", 0, "UNREADABLE"),
        ("14:60", 0, "UNREADABLE"),
        ("soon", 0, "UNREADABLE"),
        ("", 0, "BLANK"),
    ],
)
def test_times_of_day(text, second, grain):
    found = read_times(pa.array([text]))
    assert (found.second.tolist(), Grain(found.grain[0]).name) == ([second], grain)


def test_a_part_of_the_day_has_an_end_which_may_be_next_morning():
    assert read_times(pa.array(["evening", "night"])).until.tolist() == [86_400, 108_000]


# Two digits: Python's %y puts 69 and later in the last century, which no date of a report is in.
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2068, 12, 31))
LAYOUTS = [
    "%d/%m/%Y",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%Y-%m-%d",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%d.%m.%Y",
    "%d %b %Y",
    "%A, %d %B %Y %I:%M %p",
    "%b %d, %Y %H:%M",
    "%d-%b-%y",
    "%Y%m%d",
]


@settings(max_examples=200)
@given(st.lists(st.tuples(MOMENTS, st.sampled_from(LAYOUTS)), max_size=30))
def test_every_layout_is_read_as_datetime_reads_it(cases):
    # The year is padded by hand: %Y does not pad on every system, and %y must not cross 1990.
    texts = [when.strftime(layout) for when, layout in cases]
    found = read_dates(pa.array(texts, pa.string()))
    expected = [datetime.strptime(t, layout) for t, (_, layout) in zip(texts, cases, strict=True)]
    days = [(when - datetime(1970, 1, 1)).days for when in expected]
    seconds = [when.hour * 3600 + when.minute * 60 + when.second for when in expected]
    assert found.day.tolist() == days
    assert found.second.tolist() == seconds


@given(st.lists(st.text(max_size=25), max_size=20))
def test_no_text_whatever_is_misread_as_a_day_that_is_not(texts):
    found = read_dates(pa.array(texts, pa.string()))
    assert (found.grain[[t == "" for t in texts]] == Grain.BLANK).all()
    sound = (found.grain >= Grain.MONTH) == (
        (found.grain != Grain.BLANK) & (found.grain != Grain.UNREADABLE)
    )
    assert sound.all()
    assert (found.second <= 86_400).all()
    assert (found.second >= 0).all()


def test_a_long_column_mixes_layouts_without_mixing_rows():
    texts = ["03/04/2024", "Lockdown", "2024-04-03 14:05", "", "3 Apr 2024 2pm"] * 1_000
    found = read_dates(pa.array(texts))
    assert np.bincount(found.grain).tolist() == [1000, 1000, 0, 1000, 0, 1000, 1000]
    assert (found.day[found.grain >= Grain.DAY] == 19_816).all()
