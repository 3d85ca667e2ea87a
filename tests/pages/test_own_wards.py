"""Panel members see what is of their own wards, action owners what is of their own agency."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.jobs.actions import action_log, actions_file, import_own_actions
from analysis.jobs.done import walks_and_actions
from analysis.jobs.pack import Wanted, make_packs, publish_packs
from analysis.jobs.records import add_record, get_record
from geodata.errors import SaferWalksError
from geodata.records.fields import LONDON
from geodata.roles import OWN, ROLES, TABLE, Reach, reach
from geodata.workspace import Workspace
from pages.server.sessions import Visitor
from tests.builders import EAST, WEST
from tests.pages.conftest import PAGES, html
from tests.pages.test_sign_in import as_seen_by

NOW = dt.datetime(2026, 9, 1, 12, tzinfo=LONDON)
WORDS = {"hedge": (WEST, "tfl"), "lamp": (EAST, "tfl"), "bins": (EAST, "council_parks"),
         "talk": ("", "council_parks")}  # fmt: skip


@pytest.fixture
def made(small: Path) -> Workspace:
    """Actions of two wards and two agencies, one of no ward; a walk in either ward."""
    here = Workspace.open(small)
    for text, (ward, agency) in WORDS.items():
        values = {"origin": "walkabout", "action_text": text, "owner_agency": agency,
                  "ward_code": ward, "status": "agreed", "agreed_on": "2026-01-05",
                  "due_on": "2026-02-01"}  # fmt: skip
        add_record(here, "actions", values, by="test", at=NOW)
    for ward, x in ((WEST, 500.0), (EAST, 1500.0)):
        values = {"event_type": "walkabout", "status": "held", "ward_codes": [ward],
                  "planned_date": "2026-04-01", "location_name": f"Corner of {ward}",
                  "easting": x, "northing": 500.0}  # fmt: skip
        add_record(here, "events", values, by="test", at=NOW)
    return here


def seen(made: Workspace, monkeypatch: pytest.MonkeyPatch, page: str, *roles: Any,
         wards: tuple[str, ...] = (), agency: str = "") -> str:  # fmt: skip
    who = Visitor("person", "a@b.uk", "A", frozenset(roles), agency=agency, wards=frozenset(wards))
    at = as_seen_by(who, made.path, monkeypatch, PAGES[page])
    assert not at.exception
    return html(at)


def told(said: str) -> set[str]:
    return {word for word in WORDS if f"<td>{word}" in said}


@pytest.mark.parametrize("role", ["panel_member", "panel_chair"])
def test_a_panel_sees_the_actions_of_its_own_wards(
    role: str, made: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    west = seen(made, monkeypatch, "Actions", role, wards=(WEST,))
    assert told(west) == {"hedge"}
    assert "Only what is of your wards is shown and counted." in west
    assert "1 of 1 actions" in west
    both = seen(made, monkeypatch, "Actions", role, wards=(WEST, EAST))
    assert told(both) == {"hedge", "lamp", "bins"}
    none = seen(made, monkeypatch, "Actions", role)
    assert told(none) == set()
    assert "No ward or agency is set for you" in none


def test_staff_see_every_action_whatever_else_they_are(
    made: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told(seen(made, monkeypatch, "Actions", "manager", "panel_member")) == set(WORDS)
    owner = seen(made, monkeypatch, "Actions", "action_owner", agency="tfl")
    assert told(owner) == {"hedge", "lamp"}
    both = seen(made, monkeypatch, "Actions", "action_owner", "panel_member", agency="tfl",
                wards=(EAST,))  # fmt: skip
    assert told(both) == {"hedge", "lamp", "bins"}


def test_the_programme_of_a_panel_is_that_of_its_wards(
    made: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    west = seen(made, monkeypatch, "Programme", "panel_member", wards=(WEST,))
    assert f"Corner of {WEST}" in west
    assert f"Corner of {EAST}" not in west
    assert "No event is in the programme yet" in seen(
        made, monkeypatch, "Programme", "panel_member"
    )
    every = seen(made, monkeypatch, "Programme", "walk_lead")
    assert f"Corner of {EAST}" in every


def test_what_was_done_elsewhere_is_not_offered_to_a_panel(
    made: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sorted(map(tuple, walks_and_actions(made)["wards"])) == sorted([(WEST,), (EAST,)])
    who = Visitor("person", "a@b.uk", "A", frozenset({"panel_member"}), wards=frozenset({WEST}))
    at = as_seen_by(who, made.path, monkeypatch, PAGES["Did it work?"])
    offered = [box for box in at.selectbox if box.label == "Walk or action"]
    options = [option for box in offered for option in box.options]
    assert all(WEST in option for option in options)


def test_a_chair_makes_and_fetches_packs_of_the_own_wards(
    made: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for ward in (WEST, EAST):
        packs = make_packs(made.reopen(), Wanted((ward,), "panel", None, None), at=NOW, draft=False)
        publish_packs(made.reopen(), packs, by="test", at=NOW)
    manager = Visitor("person", "m@b.uk", "M", frozenset({"manager"}))
    chair = Visitor("person", "c@b.uk", "C", frozenset({"panel_chair"}), wards=frozenset({WEST}))
    for who, wards, readers in (
        (manager, ["East", "West"], ["Anybody", "Ward panel", "Colleagues"]),
        (chair, ["West"], ["Anybody", "Ward panel"]),
    ):
        at = as_seen_by(who, made.path, monkeypatch, PAGES["Panel packs"])
        assert not at.exception
        assert at.multiselect[0].options == wards
        assert [option.content for option in at.get("button_group")[0].proto.options] == readers
        versions = next(box for box in at.selectbox if box.label == "Version").options
        assert sorted(name.split(",")[0] for name in versions) == wards
    nowhere = seen(made, monkeypatch, "Panel packs", "panel_chair")
    assert "No ward or agency is set for you" in nowhere
    assert "Published packs" not in nowhere


def test_the_spreadsheet_holds_no_more_than_the_page(made: Workspace) -> None:
    mine = Reach(False, frozenset({WEST}))
    sheet = pd.read_csv(io.BytesIO(actions_file(made, ".csv", reach=mine)), dtype="str")
    assert sheet["action_text"].tolist() == ["hedge"]
    log = action_log(made, NOW.date(), reach=mine)
    assert (len(log.actions), log.agencies["actions"].tolist()) == (1, [1])


def test_an_agency_brings_its_own_actions_back_and_no_others(
    made: Workspace, tmp_path: Path
) -> None:
    own = Reach(False, agency="tfl")

    def back(sheet: pd.DataFrame) -> Any:
        path = tmp_path / "actions.csv"
        sheet.to_csv(path, index=False)
        return import_own_actions(made, path, own="tfl", by="t", at=NOW)

    mine = pd.read_csv(io.BytesIO(actions_file(made, ".csv", reach=own)), dtype="str")
    done = back(mine.assign(public_update="Ordered"))
    assert done.changed == {"actions": 2}
    every = pd.read_csv(io.BytesIO(actions_file(made, ".csv")), dtype="str")
    others = every[every["owner_agency"].ne("tfl")]
    for wrong in (
        every.assign(public_update="Not ours"),
        others.assign(owner_agency="tfl"),
        every[every["owner_agency"].eq("tfl")].assign(owner_agency="council_parks"),
        every[:1].drop(columns=["action_id", "version"]).assign(owner_agency="council_parks"),
    ):
        with pytest.raises(SaferWalksError, match=r"not an action of your agency|fault"):
            back(wrong)
    kept = get_record(made, "actions", str(others["action_id"].iloc[0]))
    assert (kept["owner_agency"], kept["public_update"]) == ("council_parks", "")


def test_a_limit_is_of_a_thing_that_exists_and_a_role_that_has_it() -> None:
    for (kind, name), limits in OWN.items():
        assert set(limits) <= TABLE[kind][name]
    for role in ROLES:
        mine = reach({role}, "page", "actions", wards=[WEST], agency="tfl")
        may_see = role in TABLE["page"]["actions"]
        assert mine.covers([WEST]) == (may_see and role != "action_owner")
        assert mine.covers([EAST], "tfl") == (may_see and "panel" not in role)
