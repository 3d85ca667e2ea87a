"""Sheets for those who walked, and the public calendar: nobody is told apart, nothing exact."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import icalendar
import pytest

from analysis.cli import main
from analysis.jobs.feedback_sheet import feedback_sheet
from analysis.jobs.programme_calendar import public_calendar
from analysis.jobs.records import add_record
from analysis.jobs.releases import published, set_minimum
from geodata.errors import SaferWalksError
from geodata.records.fields import LONDON
from geodata.workspace import Workspace
from tests.builders import WEST, batch, incidents, workspace_of

NOW = dt.datetime(2026, 7, 1, 12, tzinfo=LONDON)
WHO: dict[str, Any] = {"by": "test", "at": NOW}
HOSTILE = "<script>alert(1)</script>\r\nBEGIN:VEVENT ${x}"


@pytest.fixture
def here(tmp_path: Path) -> Workspace:
    return workspace_of(tmp_path / "w")


def _event(here: Workspace, kind: str, day: str, **more: object) -> str:
    start = dt.datetime.fromisoformat(f"{day}T18:45").replace(tzinfo=LONDON)
    event = {"event_type": kind, "status": "confirmed", "ward_codes": [WEST],
             "location_name": "The corner", "planned_date": day,
             "planned_start": start, **more}  # fmt: skip
    return add_record(here, "events", event, **WHO).id


def _answers(here: Workspace, event: str, count: int) -> None:
    for _ in range(count):
        said = {"event_id": event, "mode": "individual", "n_people": 1, "feel_now": 1,
                "said_on": "2026-03-04", "issues": ["poor_lighting"], "open_reason": "a secret",
                "consent_store": True, "consent_quote": True, "channel": "paper"}  # fmt: skip
        add_record(here, "responses", said, **WHO)


@pytest.mark.parametrize(
    ("count", "told"),
    [(7, "7 people told us"), (6, "6 people told us"), (4, "Too few people answered")],
)
def test_a_sheet_tells_numbers_only_of_five_and_more(
    count: int, told: str, here: Workspace
) -> None:
    walk = _event(here, "walkabout", "2026-03-04", status="held")
    _answers(here, walk, count)
    promise = {"origin": "walkabout", "ward_code": WEST, "event_id": walk, "status": "agreed",
               "owner_agency": "tfl", "action_text": "Mend the lamp", "you_said": HOSTILE,
               "due_on": "2026-08-01", "agreed_on": "2026-03-05"}  # fmt: skip
    add_record(here, "actions", promise, **WHO)
    sheet = feedback_sheet(here, walk, at=NOW)
    assert told in sheet.page
    # That five of six named it would tell of each of them, or nearly.
    assert ("Poor lighting" in sheet.page) == (count >= 7)
    assert "a secret" not in sheet.page
    assert "<script" not in sheet.page
    assert "Mend the lamp" in sheet.page
    assert "1 August 2026" in sheet.page
    assert sheet.pdf is not None
    assert sheet.pdf.startswith(b"%PDF")


def test_a_walk_and_talk_has_no_sheet(here: Workspace) -> None:
    walk = _event(here, "walk_and_talk", "2026-03-04", status="held")
    with pytest.raises(SaferWalksError, match="never for a Walk and Talk"):
        feedback_sheet(here, walk, at=NOW)
    with pytest.raises(SaferWalksError, match="was held"):
        feedback_sheet(here, _event(here, "walkabout", "2026-09-04"), at=NOW)


def test_the_calendar_holds_what_anybody_may_know(here: Workspace) -> None:
    _event(here, "walk_and_talk", "2026-09-01")
    _event(here, "womens_walk", "2026-09-02", women_only=True)
    _event(here, "walkabout", "2026-09-03", location_name=HOSTILE, public_note="Bring a coat")
    _event(here, "walkabout", "2026-05-03")
    add_record(here, "events", {"event_type": "safety_surgery", "status": "planned_tbc",
                                "ward_codes": [WEST]}, **WHO)  # fmt: skip
    found = public_calendar(here, at=NOW)
    assert (found.events, found.undated) == (1, 1)
    [one] = icalendar.Calendar.from_ical(found.content).walk("VEVENT")
    assert one["DTSTART"].dt == dt.datetime(2026, 9, 3, 17, 45, tzinfo=dt.UTC)
    assert str(one["DESCRIPTION"]) == "Bring a coat"
    assert str(one["SUMMARY"]).startswith("Walkabout: <script>")


def test_the_command_line_writes_both(
    here: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    walk = _event(here, "walkabout", "2026-03-04", status="held")
    base = ["--workspace", str(here.path), "--json"]
    for out, command in (("a.pdf", "feedback-sheet"), ("a.html", "feedback-sheet"),
                         ("a.ics", "public-calendar")):  # fmt: skip
        words = [command, *([walk] if command == "feedback-sheet" else [])]
        assert main([*base, *words, "--out", str(tmp_path / out)]) == 0
        assert json.loads(capsys.readouterr().out)["out"].endswith(out)
        assert (tmp_path / out).stat().st_size > 100
    assert main([*base, "feedback-sheet", walk, "--out", "a.docx"]) == 2


def test_the_smallest_number_is_told_and_set_on_the_command_line(
    here: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    base = ["--workspace", str(here.path), "--json", "minimum-cell"]
    assert main(base) == 0
    assert json.loads(capsys.readouterr().out)["minimum_cell"] == 5
    assert main([*base, "9"]) == 0
    [change] = json.loads(capsys.readouterr().out)["changes"]
    assert (change["by"], change["before"], change["minimum_cell"]) == ("command line", 5, 9)
    for wrong in ("4", "11", "few"):
        assert main([*base, wrong]) == 2


def test_a_sheet_keeps_to_the_minimum_and_is_in_the_register(here: Workspace) -> None:
    walk = _event(here, "walkabout", "2026-03-04", status="held")
    _answers(here, walk, 6)
    assert "6 people told us" in feedback_sheet(here, walk, at=NOW).page
    assert [r.title for r in published(here.reopen())] == [
        "feedback-the-corner-2026-03, feedback sheet"
    ]
    set_minimum(here, 7, by="anna", at=NOW)
    later = NOW + dt.timedelta(days=1)
    assert "Too few people answered" in feedback_sheet(here, walk, at=later).page
    set_minimum(here, 5, by="anna", at=NOW)
    # Under seven it was withheld last, but whoever has the first sheet knows the six.
    assert [r.withheld for r in published(here.reopen())] == [0, 1]


def test_packs_are_made_published_listed_and_checked_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    months = [f"{year}-{n:02d}" for year in (2025, 2026) for n in range(1, 7)]
    rows = [(month, 300, 500) for month in months]
    here = workspace_of(tmp_path / "w", batch("street", incidents(rows)))
    base = ["--workspace", str(here.path), "--json"]
    out = tmp_path / "packs" / "july"  # made by the command
    made = [*base, "pack", "--audience", "public", "--out", str(out), "--as-at", "2026-07-01"]
    assert main(made) == 2  # neither a ward nor all
    capsys.readouterr()
    assert main([*made, "--ward", WEST, "--publish"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["published"] == [f"{WEST}-2025-07-2026-06-public v1"]
    assert [Path(path).is_file() for path in said["out"]] == [True]
    assert main([*base, "packs"]) == 0
    [listed] = json.loads(capsys.readouterr().out)["packs"]
    assert (listed["ward"], listed["version"]) == ("West", 1)
    assert main([*base, "check-pack", listed["name"]]) == 0
    checked = json.loads(capsys.readouterr().out)
    assert (checked["equal"], checked["same_inputs"]) == (True, True)
    assert main([*base, "check-pack", "no-such"]) == 1
    (tmp_path / "file").write_text("")
    assert main([*base, "pack", "--all", "--audience", "public", "--out", f"{tmp_path}/file"]) == 1
