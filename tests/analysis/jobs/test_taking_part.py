"""Who took part: counted once a form, for finished quarters, and no small number shown."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from analysis.cli import main
from analysis.jobs.records import add_record
from analysis.jobs.taking_part import taking_part
from analysis.jobs.walk_forms import Sender, send_full
from geodata.errors import NotEnoughDataError
from geodata.records import feedback
from geodata.records.database import open_records
from geodata.workspace import Workspace
from tests.builders import workspace_of
from tests.databases import AT

TODAY = AT.date()
"""22 November 2026: the last finished quarter is July to September."""
SAID = {"mode": "individual", "n_people": 1, "consent_store": True, "consent_quote": False}


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.delenv("SAFER_WALKS_DATABASE_URL", raising=False)
    return workspace_of(tmp_path / "w")


def count(workspace: Workspace, day: str, **told: int) -> None:
    """Let so many people give an answer about their gender."""
    with open_records(workspace).changing(by="t", at=AT) as change:
        for answer, people in told.items():
            for _ in range(people):
                feedback.count_monitoring(change, {"gender": answer}, on=day)


def test_finished_quarters_of_a_year_are_added_up(workspace: Workspace) -> None:
    count(workspace, "2025-11-01", woman=10, man=5)
    count(workspace, "2026-09-30", woman=10, man=5, another=5, prefer_not=5)
    count(workspace, "2025-09-30", woman=100)  # a quarter too old
    count(workspace, "2026-10-01", woman=100)  # in the quarter that is not over
    found = taking_part(workspace, today=TODAY)
    assert (found.period.first, found.period.last) == ("2025-10", "2026-09")
    assert found.table["question"].unique().tolist() == ["Gender"]
    told = found.table[["answer", "answers", "answered", "share"]].to_numpy().tolist()
    assert told == [
        ["Woman", 20, 40, 50.0], ["Man", 10, 40, 25.0], ["In another way", 5, 40, 12.5],
        ["Prefer not to say", 5, 40, 12.5],
    ]  # fmt: skip


def test_no_small_number_can_be_worked_out(workspace: Workspace) -> None:
    # One man among 30: he is masked, and so are enough others that 30 - 29 does not give him away.
    count(workspace, "2026-05-01", woman=20, man=1, another=9)
    table = taking_part(workspace, today=TODAY).table.set_index("answer")
    assert table["answered"].eq(30).all()
    assert table.loc[["Man", "Prefer not to say"], "answers"].isna().all()
    hidden = table["answers"].isna()
    assert 30 - table["answers"].sum() >= 5
    assert hidden.sum() >= 3
    assert table.loc[hidden, "share"].isna().all()


def test_a_form_sent_twice_is_counted_once(workspace: Workspace) -> None:
    anna, walk = Sender("anna", every_walk=True), {"event_type": "walkabout", "status": "proposed"}
    said = SAID | {"event_id": add_record(workspace, "events", walk, by="anna", at=AT).id}
    for _ in range(2):
        send_full(workspace, anna, said, monitoring={"gender": "woman"}, key="a" * 16, at=AT)
    with open_records(workspace).reading() as connection:
        assert feedback.monitoring(connection)["people"].tolist() == [1]


def test_nothing_said_is_said(workspace: Workspace) -> None:
    count(workspace, "2026-11-01", woman=10)
    with pytest.raises(NotEnoughDataError, match="October 2025 to September 2026"):
        taking_part(workspace, today=TODAY)


def test_the_command_gives_what_the_page_shows(
    demo_folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysis.commands.voice.this_moment", lambda: "2026-07-01T12:00:00+00:00")
    assert main(["--workspace", str(demo_folder), "taking-part", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    found = taking_part(Workspace.open(demo_folder), today=dt.date(2026, 7, 1))
    assert (told["first"], told["last"]) == ("2025-07", "2026-06")
    assert len(told["answers"]) == len(found.table)
    assert "not who lives or walks here" in told["message"]
