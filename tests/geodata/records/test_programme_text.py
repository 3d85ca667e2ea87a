"""A published list is read as far as it goes, and every line of it is kept."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.records.database import Records
from geodata.records.fields import LONDON
from geodata.records.programme_text import Programme, add_listed, read_programme
from geodata.ward_names import TOWER_HAMLETS_NAMES
from tests.databases import AT

WARDS = pd.DataFrame(
    {"ward_code": list(TOWER_HAMLETS_NAMES), "ward_name": list(TOWER_HAMLETS_NAMES.values())}
)
TEXT = """Our programme
We go out again this year, to meet residents wherever they would like to be met.
Safer communities engagement days
Outside the library
Safety surgery
Weavers
Columbia Road, E2 (near the school)
Safety surgery
12/3/25 |
10am-12 noon |
Poplar |
Location TBC |
Safety surgery |
St Katherines and Wapping
By the lock
Safety Surgery
Location TBC
Safety Surgery
Location TBC
Safety Surgery
St. Dunstan’s
Location TBC
Safety surgery

Women's safety walks
Come and join us.
- Shadwell station: 5th November 2024 for a 6.30pm start
• Ben Jonson Road: Thursday 14 November 2024, 17:00 to 18:30
Walkabouts
3/12/24 | 2-4pm | Lansbury | Chrisp Street | Walkabout
Useful information
Call 101: for anything that is not urgent
14/1/25
"""


def read(text: str = TEXT) -> Programme:
    return read_programme(text, WARDS)


def test_rows_are_read_as_far_as_they_go() -> None:
    told = [
        (
            row.line, row.values["event_type"], row.values["ward_codes"],
            row.values["location_name"], row.values["status"],
        )
        for row in read().rows
    ]  # fmt: skip
    assert told == [
        (4, "safety_surgery", (), "Outside the library", "planned_tbc"),
        (6, "safety_surgery", ("E05009335",), "Columbia Road, E2 (near the school)", "planned_tbc"),
        (9, "safety_surgery", ("E05009328",), "Location TBC", "planned_tbc"),
        (14, "safety_surgery", ("E05009330",), "By the lock", "planned_tbc"),
        (17, "safety_surgery", (), "Location TBC", "planned_tbc"),
        (19, "safety_surgery", (), "Location TBC", "planned_tbc"),
        (21, "safety_surgery", ("E05009329",), "Location TBC", "planned_tbc"),
        (27, "womens_walk", (), "Shadwell station", "confirmed"),
        (28, "womens_walk", (), "Ben Jonson Road", "confirmed"),
        (30, "walkabout", ("E05009325",), "Chrisp Street", "confirmed"),
        (33, "walkabout", (), "Location TBC", "planned_tbc"),
    ]


def test_dates_and_times_are_londons() -> None:
    told = [
        (row.values["planned_start"], row.values["planned_end"])
        for row in read().rows
        if row.values["planned_date"]
    ]
    assert told == [
        (_at(2025, 3, 12, 10), _at(2025, 3, 12, 12)),
        (_at(2024, 11, 5, 18, 30), None),
        (_at(2024, 11, 14, 17), _at(2024, 11, 14, 18, 30)),
        (_at(2024, 12, 3, 14), _at(2024, 12, 3, 16)),
        (None, None),
    ]
    assert read().rows[-1].values["planned_date"] == dt.date(2025, 1, 14)


def _at(*when: int) -> dt.datetime:
    return dt.datetime(*when, tzinfo=LONDON)  # type: ignore[arg-type, misc]


def lines_kept(found: Programme) -> list[str]:
    rows = [(row.line + n, t) for row in found.rows for n, t in enumerate(row.text.split("\n"))]
    return [text for _, text in sorted([*rows, *found.other])]


def test_every_line_is_kept() -> None:
    assert lines_kept(read()) == [line for line in TEXT.splitlines() if line.strip()]


PIECES = st.sampled_from(
    ["Location TBC", "Safety surgery", "Mile End", "30/1/25 |", "6pm-8pm |", "31/2/25", "99pm",
     "Women's safety walks", "- Bow Road: 9th October 2024 for a 5pm start", "A sentence. Or two.",
     "|", "x" * 120, "Safety Surgery |", "25pm-26pm"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=14))
def test_every_line_of_any_list_is_kept(lines: list[str]) -> None:
    found = read("\n".join(lines))
    telling = sorted(line for line in lines if line.strip(" |"))
    texts = [t for row in found.rows for t in row.text.split("\n")] + [t for _, t in found.other]
    assert sorted(texts) == telling
    kinds = sum(line.casefold().rstrip(" |") == "safety surgery" for line in lines)
    assert len(found.rows) >= kinds


def test_the_same_list_again_adds_nothing_and_a_longer_one_only_what_is_new(
    records: Records,
) -> None:
    with records.changing(by="anna", at=AT) as change:
        assert add_listed(change, read()) == (11, 0)
    with records.changing(by="anna", at=AT) as change:
        assert add_listed(change, read()) == (0, 11)
        row = "Location TBC\nSafety Surgery\n"
        assert add_listed(change, read(TEXT.replace(row, row * 2, 1))) == (1, 11)
    events = records.list("events")
    assert len(events) == 12
    assert {e["listed_line"] for e in events} >= {4, 33}
    assert events[0]["listed_as"] == "Outside the library\nSafety surgery"


def test_the_councils_own_page_comes_in_whole(shared_data: Path) -> None:
    page = next((shared_data.parent / "seeds").glob("000_*.txt"))
    text = page.read_text(encoding="utf-8")
    found = read(text)
    assert lines_kept(found) == [line for line in text.splitlines() if line.strip()]
    kinds = pd.Series([row.values["event_type"] for row in found.rows]).value_counts()
    assert kinds.to_dict() == {"safety_surgery": 16, "womens_walk": 4}
    stray = next(row for row in found.rows if row.values["planned_date"] == dt.date(2025, 1, 30))
    assert stray.values["ward_codes"] == ("E05009323",)
    assert stray.values["planned_end"] == _at(2025, 1, 30, 20)
    wards = [row.values["ward_codes"] for row in found.rows]
    assert wards.count(()) == 9  # five surgeries and the four walks
    assert ("E05009330",) in wards


def test_a_text_of_nothing_is_no_programme() -> None:
    assert read("") == Programme((), ())
    with pytest.raises(KeyError):
        read_programme("x", pd.DataFrame())
