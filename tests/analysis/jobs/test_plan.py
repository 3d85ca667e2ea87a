"""A programme from a list with blanks, on a made-up borough and on the real one."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.jobs.avoiding import avoid, avoid_no_more, avoided, dates_to_avoid
from analysis.jobs.imports import import_files
from analysis.jobs.initialise import initialise
from analysis.jobs.plan import accept, plan, plan_file, plan_stored
from analysis.jobs.presets import preset_of, save_preset
from analysis.planning.assignment import AT_A_VENUE
from analysis.planning.wishes import Wishes
from geodata import months as m
from geodata.errors import RecordError, SaferWalksError
from geodata.records.database import open_records
from geodata.records.events_list import read_calendar, read_events
from geodata.records.fields import LONDON
from geodata.workspace import Workspace
from tests.builders import EAST, ORIGIN, WEST, batch, incidents, two_wards, workspace_of

TODAY = dt.date(2026, 5, 1)
NOW = dt.datetime(2026, 5, 1, 12, tzinfo=LONDON)
LIST = """event_id,event_type,ward,location_name,planned_date,planned_start
s1,safety_surgery,West,Location TBC,,
s2,safety_surgery,,Location TBC,,
s3,safety_surgery,East,Outside the library,2026-06-01,
w1,womens_walk,West,,2026-10-06,2026-10-06 17:00
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    rows = [(month, 200, 200) for month in m.window("2026-04", 12)] * 3
    rows += [(month, 1700, 700) for month in m.window("2026-04", 12)]
    return workspace_of(tmp_path / "w", batch("met", incidents(rows)))


@pytest.fixture
def listed(tmp_path: Path) -> pd.DataFrame:
    path = tmp_path / "list.csv"
    path.write_text(LIST)
    return read_events(path, two_wards())


def test_every_line_is_kept_and_every_blank_is_filled(
    workspace: Workspace, listed: pd.DataFrame
) -> None:
    period = (dt.date(2026, 6, 1), dt.date(2026, 7, 31))
    found = plan(workspace, listed, today=TODAY, period=period)
    table = found.table.set_index("event_id")
    assert list(table.index) == ["s1", "s2", "s3", "w1"]
    assert table["location_name"].ne("").all()
    assert table["planned_date"].notna().all()
    assert table["place_proposed"].tolist() == [True, True, False, True]
    assert table["ward_proposed"].tolist() == [False, True, False, False]
    assert table.loc["s1", "ward_codes"] == (WEST,)
    assert table.loc["s3", "location_name"] == "Outside the library"
    assert table.loc["w1", "light"].endswith("so this walk begins in daylight.")
    assert table.loc[["s1", "s2", "w1"], ["alternative_1", "alternative_2"]].ne("").all(axis=None)
    assert found.to_json()["begin_in_daylight"] == 1
    assert any("Women's safety walks start after dark" in said for said in found.not_kept)


def test_the_busy_corner_is_proposed_with_its_own_numbers(
    workspace: Workspace, listed: pd.DataFrame
) -> None:
    alone = listed[listed["event_id"].eq("w1")]
    table = plan(workspace, alone, today=TODAY, wishes=Wishes(coverage_share=0)).table
    row = table.set_index("event_id").loc["w1"]
    assert row["reason"].startswith("Number 1 of the ")
    assert "36 ASB reports in 12 months" in row["reason"]


def test_a_ward_without_an_event_for_longest_is_chosen_and_it_is_said(
    workspace: Workspace, listed: pd.DataFrame
) -> None:
    past = pd.DataFrame(
        {
            "easting": [np.nan], "northing": [np.nan], "ward_codes": [(WEST,)],
            "planned_date": [pd.Timestamp("2026-03-01")],
        }
    )  # fmt: skip
    wishes = Wishes(coverage_share=1.0)
    table = plan(workspace, listed, today=TODAY, wishes=wishes, past=past).table
    row = table.set_index("event_id").loc["s2"]
    assert row["ward_codes"] == (EAST,)
    assert row["reason"].startswith("Chosen for coverage: East has been longest without a walk.")


def test_the_plan_is_written_and_faults_name_their_line(
    workspace: Workspace, tmp_path: Path
) -> None:
    path, out = tmp_path / "list.csv", tmp_path / "plan.csv"
    path.write_text(LIST)
    plan_file(workspace, path, out, today=TODAY)
    written = pd.read_csv(out, dtype=str, keep_default_na=False)
    assert written["event_id"].tolist() == ["s1", "s2", "s3", "w1"]
    assert written.loc[3, "planned_start"] == "2026-10-06 17:00"
    path.write_text(
        LIST.replace("2026-06-01", "soon").replace(",West,Location", ",Atlantis,Location")
    )
    with pytest.raises(RecordError, match=r"line 2: .*Atlantis.*line 4: planned_date"):
        plan_file(workspace, path, out, today=TODAY)


def test_nothing_to_plan_is_said(workspace: Workspace, listed: pd.DataFrame) -> None:
    with pytest.raises(SaferWalksError, match="no event to plan"):
        plan(workspace, listed.assign(status="held"), today=TODAY)
    with pytest.raises(SaferWalksError, match="ends before it begins"):
        plan(workspace, listed, today=TODAY, period=(TODAY, dt.date(2026, 4, 1)))


def test_a_calendar_of_dates_to_avoid(tmp_path: Path) -> None:
    path = tmp_path / "avoid.csv"
    path.write_text("first,last,name\n18/2/2026,19/3/2026,Ramadan\n2026-03-20,,Eid al-Fitr\n")
    assert read_calendar(path) == (
        (dt.date(2026, 2, 18), dt.date(2026, 3, 19), "Ramadan"),
        (dt.date(2026, 3, 20), dt.date(2026, 3, 20), "Eid al-Fitr"),
    )
    path.write_text("first,last,name\n2026-03-20,2026-03-19,backwards\n")
    with pytest.raises(RecordError, match="line 2"):
        read_calendar(path)


def test_the_published_list_on_the_real_wards(shared_data: Path, tmp_path: Path) -> None:
    """Sixteen surgeries kept, twelve of them given a place, four walks told of the light."""
    initialise(tmp_path / "w", shared_data / "wards/tower_hamlets_wards_2014_bng.gpkg")
    workspace = Workspace.open(tmp_path / "w")
    import_files(workspace, [shared_data / "police/tower-hamlets-2025-05_2026-04"], at="2026-05-01")
    workspace = workspace.reopen()
    lists = sorted((shared_data.parent / "seeds").glob("*.txt"))
    listed = read_events(lists[0], workspace.wards())
    surgeries = listed["event_type"].isin(AT_A_VENUE)
    assert (surgeries.sum(), listed["event_type"].eq("womens_walk").sum()) == (16, 4)
    tbc = listed["location_name"].eq("Location TBC")
    found = plan(workspace, listed, today=dt.date(2024, 9, 1))
    table = found.table
    assert (len(table), int(tbc.sum()), int(table["place_proposed"].sum())) == (20, 12, 12)
    assert found.proven
    assert table.loc[tbc, ["alternative_1", "alternative_2", "reason"]].ne("").all(axis=None)
    assert table.loc[~tbc, "location_name"].tolist() == listed.loc[~tbc, "location_name"].tolist()
    assert table["light"].str.contains("begins in daylight").sum() == 4
    spots = table.dropna(subset=["easting"])[["easting", "northing"]].to_numpy()
    apart = np.hypot(*(spots[:, None, :] - spots[None, :, :]).transpose(2, 0, 1))
    assert apart[np.triu_indices(len(spots), 1)].min() >= 150


def test_an_event_at_a_known_site_has_its_place(workspace: Workspace) -> None:
    """It names no place in words: the site is its place, and no other is proposed."""
    with open_records(workspace).changing(by="t", at=NOW) as change:
        east, north = ORIGIN[0] + 300, ORIGIN[1] + 300
        site = change.create(
            "sites", {"name": "The pond", "kind": "park", "easting": east, "northing": north}
        )
        event = {"event_type": "walkabout", "status": "planned_tbc"}
        change.create("events", {**event, "site_id": site.id, "ward_codes": (WEST,)})
        change.create("events", {**event, "location_name": "Location TBC", "ward_codes": (WEST,)})
    table = plan_stored(workspace, today=TODAY).table
    assert table["place_proposed"].tolist() == [False, True]
    assert table.loc[0, "location_name"] == "The pond"
    assert table.loc[1, "location_name"] not in ("", "The pond")


def site(name: str, x: float, **more: object) -> dict[str, object]:
    at = {"easting": ORIGIN[0] + x, "northing": ORIGIN[1] + 700}
    return {"name": name, "kind": "library", **at, **more}


def test_a_meeting_point_without_steps_is_one_that_somebody_said_is(
    workspace: Workspace,
) -> None:
    with open_records(workspace).changing(by="test", at=NOW) as change:
        known = change.create("sites", site("Library", 1700, step_free=True, kerb_space=False))
        change.create("sites", site("Hall", 1300, step_free=False))
        surgery = {"event_type": "safety_surgery", "status": "planned_tbc",
                   "location_name": "Location TBC", "ward_codes": (EAST,)}  # fmt: skip
        event = change.create("events", surgery)
    wishes = Wishes(step_free=True)
    found = plan_stored(workspace, today=TODAY, wishes=wishes)
    row = found.table.iloc[0]
    assert (row["location_id"], row["location_name"]) == (known.id, "Library")
    assert row["reason"].endswith("A van cannot stand there.")
    assert found.not_kept == ()
    accept(workspace, found, [event.id], by="Manager", at=NOW)
    assert open_records(workspace).get("events", event.id)["site_id"] == known.id


def test_the_calendar_of_the_team_is_kept_to(workspace: Workspace, listed: pd.DataFrame) -> None:
    period = (dt.date(2026, 5, 4), dt.date(2026, 5, 8))
    avoid(workspace, "Half-term", period[0], dt.date(2026, 5, 7), by="test", at=NOW)
    one = listed[listed["event_id"].eq("s1")]
    found = plan(workspace, one, today=TODAY, period=period)
    assert found.table["planned_date"].dt.date.tolist() == [dt.date(2026, 5, 8)]
    kept = dates_to_avoid(workspace)
    assert avoided(workspace) == ((period[0], dt.date(2026, 5, 7), "Half-term"),)
    blocked = plan(workspace, one, today=TODAY, period=(period[0], period[0]))
    assert any("Half-term" in said for said in blocked.not_kept)
    free = plan(workspace, one, today=TODAY, period=(period[0], period[0]), calendar=False)
    assert free.not_kept == ()
    gone = avoid_no_more(workspace, kept["avoid_id"][0], by="test", at=NOW)
    assert gone["name"] == "Half-term"
    assert avoided(workspace) == ()


def test_a_pair_is_planned_at_one_place_by_day_and_after_dark(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "pair.csv"
    path.write_text(
        "event_id,event_type,ward,planned_date,repeat_of_event_id\n"
        "a,womens_walk,West,2026-10-06,\nb,womens_walk,West,2026-10-07,a\n"
    )
    found = plan(workspace, read_events(path, two_wards()), today=TODAY)
    table = found.table.set_index("event_id")
    assert table.loc["a", "location_id"] == table.loc["b", "location_id"]
    assert table.loc["b", "reason"].startswith("The same place as a: the two are a pair")
    assert "it is dark from" in table.loc["a", "light"]
    assert table.loc["b", "light"].startswith("Starts at 14:00 by day, as one of a pair")
    assert found.not_kept == ()


def test_a_saved_preset_takes_the_place_of_the_one_it_is_from(
    workspace: Workspace, listed: pd.DataFrame
) -> None:
    weights = preset_of(workspace, "engagement", weights={"volume": 1.0})
    save_preset(workspace, "Surgeries", weights, reason="Trial", by="test", at=NOW)
    one = listed[listed["event_id"].eq("s1")]
    usual, own = (plan(workspace, one, today=TODAY, preset=name) for name in ("", "Surgeries"))
    assert own.table["score"][0] == 100.0  # the busiest corner, by reports alone
    assert usual.table["score"][0] < 100.0
    with pytest.raises(SaferWalksError, match="No preset"):
        plan(workspace, one, today=TODAY, preset="None such")
