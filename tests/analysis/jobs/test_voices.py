"""What records say of hexagons, as they stood on a day, and what the public may not learn of it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from analysis.jobs.candidates import candidates
from analysis.jobs.maps import map_file
from analysis.jobs.score import score
from analysis.jobs.voices import Near, last_day, records_stamp, voices_of
from geodata import months as m
from geodata.hexagons import cover
from geodata.records.database import FILE_NAME, open_records
from geodata.workspace import Workspace
from tests.builders import ORIGIN, batch, incidents, two_wards, workspace_of

NOW = dt.datetime(2026, 5, 1, 12, tzinfo=ZoneInfo("Europe/London"))
HERE = {"easting": ORIGIN[0] + 200, "northing": ORIGIN[1] + 200}
AWAY = {"easting": ORIGIN[0] + 1800, "northing": ORIGIN[1] + 800}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    rows = [(month, 200, 200) for month in m.window("2026-04", 12)] * 3
    return workspace_of(tmp_path / "w", batch("met", incidents(rows)))


def places() -> pd.Index:
    return pd.Index(cover(two_wards(), 200)["hexagon"])


def near(workspace: Workspace) -> Near:
    return candidates(workspace, "hexagons", side=200).near


def hexagon(workspace: Workspace, where: dict[str, float]) -> str:
    from geodata.hexagons import hexagon_ids_of

    return str(hexagon_ids_of(*(pd.Series([v]).to_numpy() for v in where.values()), 200)[0])


def fill(workspace: Workspace) -> None:
    """Three answers, two people asking, a priority, an open action and one completed in April."""
    with open_records(workspace).changing(by="test", at=NOW) as change:
        site = change.create("sites", {"name": "The corner", "kind": "street", **HERE})
        event = change.create(
            "events",
            {"event_type": "womens_walk", "status": "held", "planned_date": "2026-03-10"},
        )
        stop = change.create("stops", {"event_id": event.id, "seq": 1, "name": "1", **HERE})
        for feel, day in ((1, "2026-03-10"), (2, "2026-03-10"), (5, "2026-05-10")):
            change.create(
                "responses",
                {
                    "event_id": event.id, "stop_id": stop.id, "form": "quick", "n_people": 1,
                    "mode": "individual", "experience": "today_on_site", "feel_now": feel,
                    "said_on": day, "consent_store": True, "consent_quote": False,
                },
            )  # fmt: skip
        for mark in ("x", "x", "y"):
            change.create(
                "asks",
                {"asked_on": "2026-02-01", "asker": "resident", "site_id": site.id,
                 "person_mark": mark},
            )  # fmt: skip
        action = {"origin": "walkabout", "action_text": "Mend the light", "site_id": site.id,
                  "agreed_on": "2026-03-11"}  # fmt: skip
        change.create("actions", {**action, "status": "in_progress", "owner_agency": "theo"})
        change.create(
            "actions", {**action, "status": "completed", "completed_on": "2026-04-20",
                        "owner_agency": "theo"},
        )  # fmt: skip


def test_without_records_everything_is_missing_and_none_are_made(workspace: Workspace) -> None:
    heard = voices_of(workspace, places(), "2026-04", near(workspace))
    assert all(reading.is_missing for reading in heard.readings.values())
    assert heard.facts.isna().all(axis=None)
    assert not (workspace.path / FILE_NAME).exists()
    assert records_stamp(workspace) == ""


def test_records_count_as_they_stood_at_the_end_of_the_month(workspace: Workspace) -> None:
    fill(workspace)
    here = hexagon(workspace, HERE)
    april = voices_of(workspace, places(), "2026-04", near(workspace))
    assert april.facts.loc[here].to_dict() == {"answers": 2, "unsafe": 2, "asking": 2, "owed": 1}
    march = voices_of(workspace, places(), "2026-03", near(workspace))
    assert march.facts.loc[here, "owed"] == 2  # one was completed only in April
    january = voices_of(workspace, places(), "2026-01", near(workspace))
    assert january.readings["concern"].is_missing
    assert january.readings["requests"].raw.sum() == 0
    away = hexagon(workspace, AWAY)
    assert april.readings["requests"].raw[[here, away]].tolist() == [2.0, 0.0]
    assert april.readings["concern"].raw.notna().sum() == 1


def test_each_register_is_a_true_zero_only_once_it_is_in_use(workspace: Workspace) -> None:
    """Whoever only wrote down requests has said nothing of actions, nor the other way round."""
    with open_records(workspace).changing(by="test", at=NOW) as change:
        change.create("asks", {"asked_on": "2026-02-01", "asker": "resident", "place_text": "x"})
    heard = voices_of(workspace, places(), "2026-04", near(workspace))
    assert heard.readings["requests"].raw.eq(0).all()
    assert heard.readings["unresolved"].is_missing
    assert heard.facts["asking"].eq(0).all()
    assert heard.facts[["answers", "unsafe", "owed"]].isna().all(axis=None)


def test_the_score_hears_them_and_says_so(workspace: Workspace) -> None:
    before = score(workspace, as_at="2026-04", draws=20)
    fill(workspace)
    found = score(workspace, as_at="2026-04", draws=20)
    assert (before.mode, found.mode) == ("reports_only", "all_evidence")
    row = found.table.set_index("location_id").loc[hexagon(workspace, HERE)]
    assert row["why"].endswith(
        " 2 of 2 people felt unsafe there; 2 people have asked for a walk; 1 action is still open."
    )
    assert row["coverage"] > before.table["coverage"].max()
    used = found.components.set_index("component")["status"]
    assert used[["concern", "requests", "unresolved"]].eq("used").all()


def test_the_public_map_is_the_same_whoever_spoke_up(workspace: Workspace) -> None:
    said_nothing = map_file(workspace, layer="locations", as_at="2026-04", audience="public")
    fill(workspace)
    assert (
        map_file(workspace, layer="locations", as_at="2026-04", audience="public") == said_nothing
    )
    internal = map_file(workspace, layer="locations", as_at="2026-04", audience="internal")
    assert "people felt unsafe there" in internal


def test_the_stamp_changes_with_every_change(workspace: Workspace) -> None:
    fill(workspace)
    first = records_stamp(workspace)
    with open_records(workspace).changing(by="test", at=NOW) as change:
        change.create("asks", {"asked_on": "2026-04-01", "asker": "councillor", "place_text": "x"})
    assert records_stamp(workspace) != first


@pytest.mark.parametrize(("month", "day"), [("2024-02", 29), ("2026-12", 31)])
def test_the_last_day_of_a_month(month: str, day: int) -> None:
    assert last_day(month).day == day
