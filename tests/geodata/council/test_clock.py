from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.council.clock import localise
from geodata.council.dates import NO_OFFSET

LONDON = ZoneInfo("Europe/London")


def _seconds(*texts):
    return np.array(texts, "M8[s]").astype("i8")


@pytest.mark.parametrize(
    ("wall", "utc", "twice", "never"),
    [
        ("2026-07-01T12:00", "2026-07-01T11:00:00", False, False),
        ("2026-01-01T12:00", "2026-01-01T12:00:00", False, False),
        # Autumn: 01:00 to 02:00 happens twice; the first is meant.
        ("2026-10-25T00:59", "2026-10-24T23:59:00", False, False),
        ("2026-10-25T01:00", "2026-10-25T00:00:00", True, False),
        ("2026-10-25T01:59", "2026-10-25T00:59:00", True, False),
        ("2026-10-25T02:00", "2026-10-25T02:00:00", False, False),
        # Spring: 01:00 to 02:00 does not happen; an hour later is meant.
        ("2026-03-29T00:59", "2026-03-29T00:59:00", False, False),
        ("2026-03-29T01:00", "2026-03-29T01:00:00", False, True),
        ("2026-03-29T01:59", "2026-03-29T01:59:00", False, True),
        ("2026-03-29T02:00", "2026-03-29T01:00:00", False, False),
        # A Sunday at one that is not the last of its month.
        ("2026-10-18T01:30", "2026-10-18T00:30:00", False, False),
    ],
)
def test_both_sides_of_the_clock_change(wall, utc, twice, never):
    found = localise(_seconds(wall))
    assert found.utc.astype("M8[s]").astype(str).tolist() == [utc]
    assert (found.twice.tolist(), found.never.tolist()) == ([twice], [never])


def test_a_stated_offset_holds_and_moves_the_wall_clock():
    wall = _seconds("2026-04-02T23:00", "2026-10-25T01:30", "2026-10-25T01:30")
    found = localise(wall, np.array([0, 0, NO_OFFSET], "i2"))
    assert found.wall.astype("M8[s]").astype("M8[m]").astype(str).tolist() == [
        "2026-04-03T00:00",
        "2026-10-25T01:30",
        "2026-10-25T01:30",
    ]
    assert found.utc.astype("M8[s]").astype("M8[m]").astype(str).tolist()[1:] == [
        "2026-10-25T01:30",
        "2026-10-25T00:30",
    ]
    assert found.twice.tolist() == [False, False, True]


@settings(max_examples=300)
@given(st.datetimes(datetime(1996, 1, 1), datetime(2036, 12, 31)))
def test_any_time_is_what_zoneinfo_says(when):
    when = when.replace(microsecond=0)
    found = localise(np.array([when], "M8[s]").astype("i8"))
    aware = when.replace(tzinfo=LONDON, fold=0)
    expected = aware.astimezone(UTC)
    back = expected.astimezone(LONDON).replace(tzinfo=None)
    assert found.never[0] == (back != when)
    second = aware.replace(fold=1)
    assert found.twice[0] == (aware.utcoffset() != second.utcoffset() and back == when)
    utc = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(found.utc[0]))
    # zoneinfo and we both move a time that never was an hour on.
    assert utc == expected
