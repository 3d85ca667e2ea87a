"""Records by job and by command: list, add, hand out, bring in, back up, restore."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from analysis.cli import main
from analysis.jobs import actions, events, records, requests, walk_forms
from geodata.errors import SaferWalksError, StaleRecordError
from geodata.records.kinds import KINDS
from geodata.records.tabular import read_sheets
from geodata.workspace import Workspace
from tests.builders import workspace_of
from tests.databases import AT

WHO = {"by": "anna", "at": AT}
ANNA = walk_forms.Sender("anna", every_walk=True)
WALK = {"event_type": "womens_walk", "status": "planned_tbc"}
SAID = {"mode": "individual", "n_people": 1, "consent_store": True, "consent_quote": False}
SECRET = "he lives at number nine"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.delenv("SAFER_WALKS_DATABASE_URL", raising=False)
    return workspace_of(tmp_path / "w")


def run(workspace: Workspace, *words: object, capsys: Any, code: int = 0) -> dict[str, Any]:
    said = ["--workspace", str(workspace.path), *map(str, words), "--json"]
    assert main(said) == code
    return dict(json.loads(capsys.readouterr().out))


def test_every_group_lists_adds_exports_and_imports(
    workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    event = run(workspace, "events", "add", "event_type=walkabout", "status=proposed",
                "--key", "k", capsys=capsys)  # fmt: skip
    assert run(workspace, "events", "add", "event_type=walkabout", "status=proposed",
               "--key", "k", capsys=capsys) == event  # fmt: skip
    added = {
        "feedback": [f"event_id={event['id']}", "mode=individual", "n_people=1",
                     "consent_store=yes", "consent_quote=no"],
        "actions": ["origin=walkabout", "status=proposed", "action_text==mend"],
        "requests": ["received_on=2026-01-01", "status=received"],
    }  # fmt: skip
    for group, words in added.items():
        run(workspace, group, "add", *words, capsys=capsys)
    other = workspace_of(tmp_path / "other")
    for group in ("events", "feedback", "actions", "requests"):
        assert run(workspace, group, "list", capsys=capsys)["count"] == 1
        out = tmp_path / f"{group}.xlsx"
        run(workspace, group, "export", "--out", out, capsys=capsys)
        done = run(other, group, "import", out, capsys=capsys)
        assert sum(done["added"].values()) == 1
        assert run(other, group, "list", capsys=capsys) == run(
            workspace, group, "list", capsys=capsys
        )
    everything = tmp_path / "all.xlsx"
    run(workspace, "records", "export", "--out", everything, capsys=capsys)
    same = run(other, "records", "import", everything, capsys=capsys)
    assert sum(same["unchanged"].values()) == 4


def test_faults_are_told_by_exit_code(
    workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = run(workspace, "events", "add", "event_type=party", capsys=capsys, code=1)
    assert "'event_type' cannot be" in answer["error"]
    run(workspace, "events", "add", "walkabout", capsys=capsys, code=2)
    run(workspace, "events", "export", "--out", tmp_path / "x.pdf", capsys=capsys, code=2)
    run(workspace, "events", "import", tmp_path / "none.csv", capsys=capsys, code=1)
    run(workspace, "actions", "standing", "--as-at", "soon", capsys=capsys, code=2)
    answer = run(workspace, "events", "list", "--where", "colour=red", capsys=capsys, code=1)
    assert "is no column" in answer["error"]


def test_a_published_list_comes_in_by_command(
    workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "list.txt"
    text.write_text(
        "West\nLocation TBC\nSafety surgery\n- The square: 2nd July 2026 for a 5pm start\n"
    )
    told = run(workspace, "events", "import", text, capsys=capsys)
    assert (told["rows"], told["added"], told["to_be_confirmed"], told["without_date"]) == (
        2,
        2,
        1,
        1,
    )
    assert run(workspace, "events", "import", text, capsys=capsys)["known"] == 2


def test_backup_and_restore_by_command(
    workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(workspace, "events", "add", "event_type=walkabout", "status=proposed", capsys=capsys)
    told = run(workspace, "backup", tmp_path / "b.zip", capsys=capsys)
    assert told["records"]["events"] == 1
    answer = run(workspace, "restore", tmp_path / "b.zip", capsys=capsys, code=1)
    assert "--replace" in answer["error"]
    run(workspace, "restore", tmp_path / "b.zip", "--replace", capsys=capsys)
    assert run(workspace, "events", "list", capsys=capsys)["count"] == 1
    history = run(workspace, "records", "history", "EVT-2026-0001", capsys=capsys)
    assert [row["doing"] for row in history["history"]] == ["create"]


def full(workspace: Workspace) -> str:
    """Store something secret in every restricted column there is."""
    event = records.add_record(workspace, "events", WALK, **WHO)
    said = SAID | {"event_id": event.id, "open_reason": SECRET, "place_text": SECRET}
    walk_forms.send_full(workspace, ANNA, said, monitoring={"gender": "woman"}, key="k" * 16, at=AT)
    concern = {"event_id": event.id, "detail": SECRET}
    walk_forms.raise_concern(workspace, ANNA, concern, key="k" * 16, at=AT)
    contact = {"name": SECRET, "email": "x@example.org"}
    requests.receive_request(workspace, {"route_text": SECRET}, contact=contact, **WHO)
    asked = {"asker": "resident", "place_text": "x", "reason_text": SECRET}
    requests.register_ask(workspace, asked, person=SECRET, **WHO)
    return event.id


def test_what_is_restricted_leaves_in_internal_lists_only(
    workspace: Workspace, tmp_path: Path
) -> None:
    full(workspace)
    inside = tmp_path / "internal.xlsx"
    records.export_records(workspace, "records", inside)
    sheets = {sheet.name: sheet for sheet in read_sheets(inside)}
    assert not set(sheets) & {"users", "contacts", "alerts"}
    assert SECRET in str(sheets["responses"].rows)
    for group, kinds in records.TOGETHER.items():
        if group in ("feedback", "requests", "records"):
            with pytest.raises(SaferWalksError, match="no list of these for the public"):
                records.record_sheets(workspace, group, audience="public")
            continue
        for kind, frame in records.record_sheets(workspace, group, audience="public").items():
            assert SECRET not in frame.to_csv()
            for column in set(frame.columns) - {"version"}:
                assert KINDS[kind].fields[column].seen == "open"
        assert kinds
    for kind in KINDS:
        assert SECRET not in str(records.plain_rows(workspace, kind)), kind
    assert SECRET not in records.read_history(workspace).to_csv()


def test_the_programme_says_where_when_and_in_what_light(workspace: Workspace) -> None:
    rows: list[dict[str, Any]] = [
        {"planned_start": "2024-10-24 17:00", "planned_date": "2024-10-24", "location_name": "A"},
        {"planned_start": "2024-10-24 18:00", "planned_date": "2024-10-24"},
        {"planned_start": "2024-10-28 18:00", "planned_date": "2024-10-28",
         "ward_codes": "E05999991; E05999999"},
        {"location_name": "Location TBC", "planned_date": "2024-01-02"},
        {"planned_start": "2024-06-28 18:00", "planned_date": "2024-06-28",
         "light_override": "dark", "light_reason": "under a roof"},
        {},
    ]  # fmt: skip
    for row in rows:
        records.add_record(workspace, "events", WALK | row, **WHO)
    told = events.programme(workspace)
    shown = told[["event_id", "light", "light_basis", "place_to_be_confirmed"]].to_numpy().tolist()
    assert shown == [
        ["EVT-2026-0004", "", "", True],
        ["EVT-2026-0005", "dark", "set by hand", True],
        ["EVT-2026-0001", "day", "planned", False],
        ["EVT-2026-0002", "dusk", "planned", True],
        ["EVT-2026-0003", "dark", "planned", True],  # the clocks went back the day before
        ["EVT-2026-0006", "", "", True],
    ]
    assert told["ward_names"].tolist()[4] == "West, E05999999"
    assert set(told["type_name"]) == {"Women's safety walk"}


def test_the_action_log_of_a_day(workspace: Workspace) -> None:
    made = records.add_record(
        workspace, "actions", {"origin": "walkabout", "status": "agreed", "owner_agency": "tfl",
                               "action_text": "mend", "due_on": "2026-11-01",
                               "ward_code": "E05999991"}, **WHO,
    )  # fmt: skip
    log = actions.action_log(workspace, AT.date())
    row = log.actions.iloc[0]
    assert (row["rag"], row["ward_name"], row["agency_name"]) == (
        "red",
        "West",
        "Transport for London",
    )
    assert log.to_json()["overdue"] == 1
    json.dumps(log.to_json(), allow_nan=False)
    actions.update_action(workspace, made.id, {"status": "completed"}, version=1, **WHO)
    assert actions.action_log(workspace, AT.date()).actions["rag"].tolist() == ["green"]
    with pytest.raises(StaleRecordError):
        actions.update_action(workspace, made.id, {"status": "blocked"}, version=1, **WHO)


def test_an_empty_workspace_answers_everything(workspace: Workspace) -> None:
    assert events.programme(workspace).empty
    assert actions.action_log(workspace, AT.date()).actions.empty
    assert requests.asked_for(workspace).empty
    assert requests.deletion_schedule(workspace).empty
    assert records.state(workspace) == "0-0"


def test_contact_details_go_on_their_day(workspace: Workspace) -> None:
    full(workspace)
    due = requests.deletion_schedule(workspace)
    assert due["delete_after"].dt.date.tolist() == [AT.date() + dt.timedelta(days=90)]
    later = {"by": "clock", "at": AT + dt.timedelta(days=91)}
    assert requests.delete_due_contacts(workspace, **later) == 1
    assert requests.deletion_schedule(workspace).empty


def test_one_record_is_changed_deleted_and_remembered(workspace: Workspace) -> None:
    event_id = full(workspace)
    before = records.state(workspace)
    records.change_record(workspace, "events", event_id, {"status": "cancelled"}, version=1, **WHO)
    assert records.get_record(workspace, "events", event_id)["status"] == "cancelled"
    assert records.state(workspace) != before
    assert records.delete_record(workspace, "events", event_id, version=2, **WHO) == 2
    assert len(records.list_records(workspace, "events")) == 0
    told = records.read_history(workspace, record_id=event_id)
    assert told["doing"].tolist() == ["delete", "change", "create"]
    assert told["new"].isna().all()
