"""The Programme page: what is open is said, lists come in whole, what is accepted is stored."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analysis.jobs.events import import_programme
from analysis.jobs.presets import preset_of, save_preset
from analysis.jobs.records import add_record, list_records
from geodata.records.fields import LONDON
from geodata.workspace import Workspace
from pages.server import clock
from tests.pages.conftest import Open, html

NOW = dt.datetime(2026, 9, 1, 12, tzinfo=LONDON)
LISTED = """Safer engagement days
West
Location TBC
Safety surgery
East
Outside the library
Safety surgery
Women's safety walks
- The corner: 2nd October 2026 for a 5pm start
"""


@pytest.fixture
def listed(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two wards with a short list of events."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    path = tmp_path / "list.txt"
    path.write_text(LISTED)
    import_programme(Workspace.open(small), path, by="test", at=NOW)
    return small


def press(at: AppTest, label: str) -> None:
    next(b for b in at.button if b.label == label).click().run()
    assert not at.exception


def test_what_is_open_is_said(open_page: Open, listed: Path) -> None:
    at = open_page("Programme", listed)
    assert not at.exception
    said = html(at)
    assert "Location TBC" in said
    assert "Daylight: not the dark it is meant for" in said
    assert "The programme is not settled yet" in said
    assert "October 2026" in said
    assert "Women&#x27;s safety walks that begin in daylight:</strong> 1<" in said


def test_what_is_to_come_stands_first_and_what_was_is_not_to_be_settled(
    open_page: Open, listed: Path
) -> None:
    later = NOW + dt.timedelta(days=1)
    here, walk = Workspace.open(listed), {"event_type": "womens_walk", "status": "planned_tbc"}
    for name, days in (("Past", -30), ("Soon", 3), ("Long ago", -60)):
        day = (later + dt.timedelta(days=days)).date()
        start = dt.datetime.combine(day, dt.time(12), NOW.tzinfo)
        values = {"location_name": name, "planned_date": day, "planned_start": start}
        add_record(here, "events", walk | values, by="test", at=NOW)
    said = html(open_page("Programme", listed))
    named = ["Soon", "The corner", "Outside the library", "Past", "Long ago"]
    assert [said.index(f"<td>{name}") for name in named] == sorted(
        said.index(f"<td>{name}") for name in named
    )
    assert "begin in daylight:</strong> 2<" in said  # not those that have been


def test_an_empty_programme_says_what_to_do(open_page: Open, small: Path) -> None:
    at = open_page("Programme", small)
    assert "No event is in the programme yet" in html(at)
    assert not at.exception


def test_an_event_is_added_by_the_form(open_page: Open, small: Path) -> None:
    at = open_page("Programme", small)
    at.text_input[0].input("By the pond")
    at.time_input[0].set_value(dt.time(18))
    press(at, "Save the event")
    assert "Give the date too" in html(at)
    at.time_input[0].set_value(None)
    press(at, "Save the event")
    assert "is saved" in html(at)
    assert list_records(Workspace.open(small), "events")["location_name"].tolist() == [
        "By the pond"
    ]
    next(s for s in at.selectbox if s.label == "Repeats").select("EVT-2026-0001")
    press(at, "Save the event")
    events = list_records(Workspace.open(small), "events")
    assert events["repeat_of_event_id"].fillna("").tolist() == ["", "EVT-2026-0001"]


def test_proposals_are_stored_when_accepted(open_page: Open, listed: Path) -> None:
    here = Workspace.open(listed)
    weights = preset_of(here, "engagement", weights={"volume": 1.0})
    save_preset(here, "Surgeries", weights, reason="Trial", by="test", at=NOW)
    at = open_page("Programme", listed)
    next(s for s in at.selectbox if s.label == "Score places by").select("PST-2026-0001")
    next(b for b in at.button if b.label == "Propose a programme").click().run()
    assert not at.exception
    assert "No better plan exists for these wishes." in html(at)
    next(b for b in at.button if b.label == "Accept all").click().run()
    assert "1 event has what was proposed for it." in html(at)
    events = list_records(Workspace.open(listed), "events").set_index("event_id")
    given = events[events["selected_by"].ne("")].iloc[0]
    assert given["location_name"] not in ("", "Location TBC")
    assert given["score_snapshot"]["as_at"] == "2026-06"
    assert given["selection_reasons"] == ("asb_reports",)


def test_filters_narrow_the_list(open_page: Open, demo_folder: Path, tmp_path: Path) -> None:
    own = tmp_path / "demo"
    shutil.copytree(demo_folder, own)
    at = open_page("Programme", own)
    every = html(at)
    kind = next(s for s in at.selectbox if s.label == "Kind of event")
    kind.select("womens_walk").run()
    assert not at.exception
    assert len(html(at)) < len(every)


def test_who_gets_walks_is_shown_by_ward_in_order_of_name(open_page: Open, listed: Path) -> None:
    at = open_page("Programme", listed)
    said = html(at)
    assert "0 walks in 12 months, in 0 of 2 wards. 2 wards had none" in said
    assert said.index('<th scope="row">East') < said.index('<th scope="row">West')
    assert "no walk on record" in said
    assert "Wards in order of name; 12 months to June 2026" in said


def test_dates_to_keep_off_are_kept_and_taken_away(open_page: Open, listed: Path) -> None:
    at = open_page("Programme", listed)
    next(t for t in at.text_input if t.label == "What it is").set_value("Half-term")
    press(at, "Keep off these days")
    assert "Give the first day." in html(at)
    next(t for t in at.text_input if t.label == "What it is").set_value("Half-term")
    next(d for d in at.date_input if d.label == "First day").set_value(dt.date(2026, 10, 26))
    press(at, "Keep off these days")
    assert "Half-term is kept off." in html(at)
    assert [e.label for e in at.expander if e.label.startswith("Dates")] == [
        "Dates to keep off (1)"
    ]
    next(s for s in at.selectbox if s.label == "Take away").select("AVD-2026-0001").run()
    press(at, "Take it away")
    assert "Half-term is kept off no more." in html(at)
