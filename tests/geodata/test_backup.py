"""A backup holds everything and comes back whole, or not at all."""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from geodata import backup, durable
from geodata.errors import BackupError
from geodata.records import feedback
from geodata.records.database import Records, open_records
from geodata.records.kinds import KINDS
from geodata.store import commit, read_incidents
from geodata.workspace import Workspace
from tests.builders import batch, incidents, two_wards
from tests.databases import AT

LATER = AT + dt.timedelta(days=10)
WALK = {"event_type": "womens_walk", "status": "planned_tbc"}


def fill(records: Records) -> None:
    with records.changing(by="anna", at=AT) as change:
        site = change.create("sites", {"name": "A street", "kind": "street"})
        other = change.create("sites", {"name": "B", "kind": "street", "merged_into": site.id,
                                        "status": "merged"})  # fmt: skip
        change.create("sites", {"name": "x", "kind": "park"}, key="k")
        when = {"planned_start": AT, "planned_date": AT.date(), "note": "é\u2028\x85'x'\n=1"}
        walk = change.create("events", WALK | when | {"site_id": other.id})
        change.update("events", walk.id, {"easting": 530_100.5, "northing": 180_000}, version=1)
        said = {"event_id": walk.id, "mode": "individual", "n_people": 1, "consent_store": True}
        feedback.record(change, said | {"consent_quote": False}, monitoring={"gender": "woman"})
    records.secret()


def everything(records: Records) -> dict[str, object]:
    held: dict[str, object] = {kind: records.list(kind) for kind in KINDS}
    held["history"] = records.history().to_dict("records")
    with records.reading() as connection:
        held["monitoring"] = feedback.monitoring(connection).to_dict("records")
    return held


@pytest.fixture
def full(workspace: Workspace, records: Records) -> Records:
    commit(workspace, [batch("one", incidents([("2026-01", 100, 100)]))], mode="add")
    durable.write_file(workspace.path / "profiles" / "noise.toml", b"name = 'noise'")
    fill(records)
    return records


def test_a_backup_comes_back_elsewhere_as_it_was(
    workspace: Workspace, full: Records, database_url: str, new_url: Callable[[], str],
    tmp_path: Path,
) -> None:  # fmt: skip
    made = backup.back_up(workspace, tmp_path / "b.zip", at=AT, url=database_url)
    with full.changing(by="bob", at=AT) as change:
        change.create("events", WALK)  # after the backup: must not be in it
    url = new_url()
    found = backup.restore(made.path, tmp_path / "new", at=LATER, url=url)
    assert (found.scope, found.kind, found.made_on) == ("workspace", "real", AT.date())
    assert found.expires_on == AT.date() + dt.timedelta(days=backup.KEEP_DAYS)
    restored = Workspace.open(tmp_path / "new")
    assert restored.version == workspace.reopen().version
    assert read_incidents(restored).equals(read_incidents(workspace.reopen()))
    again = open_records(restored, url=url)
    expected = everything(full)
    expected["events"] = expected["events"][:1]
    expected["history"] = expected["history"][1:]
    assert everything(again) == expected
    assert again.secret() == full.secret()
    assert (restored.path / "profiles" / "noise.toml").read_text() == "name = 'noise'"
    with again.changing(by="bob", at=AT) as change:  # numbers go on where they were
        assert change.create("events", WALK).id == "EVT-2026-0002"
    assert again.history()["history_id"].is_unique


def test_a_workspace_without_records_is_backed_up_too(workspace: Workspace, tmp_path: Path) -> None:
    made = backup.back_up(workspace, tmp_path / "b.zip", at=AT, url="")
    assert made.records["database"] == "none"
    backup.restore(made.path, tmp_path / "new", at=AT, url="")
    assert Workspace.open(tmp_path / "new").version == workspace.version


def test_what_is_there_is_replaced_only_when_told_and_kept_beside(
    workspace: Workspace, full: Records, database_url: str, tmp_path: Path
) -> None:
    before = everything(full)
    made = backup.back_up(workspace, tmp_path / "b.zip", at=AT, url=database_url)
    with full.changing(by="bob", at=AT) as change:
        change.create("events", WALK)
    with pytest.raises(BackupError, match="already"):
        backup.restore(made.path, workspace.path, at=AT, url=database_url)
    assert len(full.list("events")) == 2
    backup.restore(made.path, workspace.path, at=AT, replace=True, url=database_url)
    assert everything(full) == before
    kept = list(tmp_path.glob("workspace-before-restore-*"))
    assert len(kept) == 1
    assert Workspace.exists(kept[0])


@pytest.mark.parametrize("where", ["workspace/manifest.json", "records/", "backup.json"])
def test_a_damaged_backup_changes_nothing(
    workspace: Workspace, full: Records, database_url: str, tmp_path: Path, where: str
) -> None:
    made = backup.back_up(workspace, tmp_path / "b.zip", at=AT, url=database_url)
    broken = tmp_path / "broken.zip"
    with zipfile.ZipFile(made.path) as source, zipfile.ZipFile(broken, "w") as to:
        for name in source.namelist():
            data = bytearray(source.read(name))
            if name.startswith(where) and data:
                data[len(data) // 2] ^= 1
            to.writestr(name, bytes(data))
    before = everything(full)
    with pytest.raises(BackupError, match="damaged"):
        backup.restore(broken, workspace.path, at=AT, replace=True, url=database_url)
    truncated = tmp_path / "short.zip"
    truncated.write_bytes(made.path.read_bytes()[:-2000])
    with pytest.raises(BackupError, match="no backup that can be read|damaged"):
        backup.restore(truncated, workspace.path, at=AT, replace=True, url=database_url)
    assert everything(full) == before
    assert not list(tmp_path.glob("*before-restore*"))
    assert not list(tmp_path.glob(".tmp-*"))


def test_a_file_that_would_lie_outside_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    made = backup.back_up(workspace, tmp_path / "b.zip", at=AT, url="")
    evil = tmp_path / "evil.zip"
    with zipfile.ZipFile(made.path) as source, zipfile.ZipFile(evil, "w") as to:
        about = json.loads(source.read("backup.json"))
        about["files"].append({"path": "workspace/../../evil", "bytes": 0, "sha256": ""})
        for name in source.namelist():
            data = json.dumps(about) if name == "backup.json" else source.read(name)
            to.writestr(name, data)
        to.writestr("workspace/../../evil", b"")
    with pytest.raises(BackupError, match="outside"):
        backup.restore(evil, tmp_path / "new", at=AT, url="")
    assert not (tmp_path / "new").exists()


def test_a_backup_expires(workspace: Workspace, tmp_path: Path) -> None:
    made = backup.back_up(workspace, tmp_path / "b.zip", at=AT, url="")
    too_late = AT + dt.timedelta(days=backup.KEEP_DAYS + 1)
    with pytest.raises(BackupError, match="time of this backup is over"):
        backup.restore(made.path, tmp_path / "new", at=too_late, url="")
    backup.restore(made.path, tmp_path / "new", at=too_late, expired=True, url="")


def test_the_programs_own_backups_are_deleted_in_time(
    workspace: Workspace, full: Records, tmp_path: Path
) -> None:
    own = backup.back_up_records(full.engine, workspace.path, label="before-x", kind="real")
    second = backup.back_up_records(full.engine, workspace.path, label="before-x", kind="real")
    assert own != second
    held = backup.read_backup(own)
    assert held.scope == "records"
    assert backup.expire(workspace.path, at=AT.replace(year=2020)) == 0
    days = dt.timedelta(days=backup.KEEP_DAYS + 1)
    late = dt.datetime.combine(held.made_on + days, dt.time(12), tzinfo=AT.tzinfo)
    assert backup.expire(workspace.path, at=late) == 2
    assert not own.exists()


def test_records_alone_come_back_into_their_workspace(
    workspace: Workspace, full: Records, database_url: str
) -> None:
    before = everything(full)
    own = backup.back_up_records(full.engine, workspace.path, label="x", kind="real")
    with full.changing(by="bob", at=AT) as change:
        change.create("events", WALK)
    with pytest.raises(BackupError, match="would be replaced"):
        backup.restore(own, workspace.path, at=AT, url=database_url)
    now = AT.replace(year=2020)
    backup.restore(own, workspace.path, at=now, replace=True, url=database_url)
    assert everything(full) == before


@pytest.fixture
def other_url(database_url: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the address of a fresh database of the sort that `database_url` is not."""
    server = request.getfixturevalue("postgres")
    address = "" if database_url else server.database()
    yield address
    if address:
        server.drop(address)


def test_a_backup_crosses_from_one_database_to_the_other_and_back(
    workspace: Workspace, full: Records, database_url: str, new_url: Callable[[], str],
    other_url: str, tmp_path: Path,
) -> None:  # fmt: skip
    before = everything(full)
    made = backup.back_up(workspace, tmp_path / "b.zip", at=AT, url=database_url)
    backup.restore(made.path, tmp_path / "new", at=AT, url=other_url)
    crossed = open_records(Workspace.open(tmp_path / "new"), url=other_url)
    assert crossed.engine.dialect.name != full.engine.dialect.name
    assert everything(crossed) == before
    assert crossed.secret() == full.secret()
    home = backup.back_up(
        Workspace.open(tmp_path / "new"), tmp_path / "c.zip", at=AT, url=other_url
    )
    url = new_url()
    backup.restore(home.path, tmp_path / "home", at=AT, url=url)
    again = open_records(Workspace.open(tmp_path / "home"), url=url)
    assert everything(again) == before
    for records in (crossed, again):  # numbers, keys and the history go on where they were
        with records.changing(by="bob", at=AT) as change:
            assert change.create("events", WALK).id == "EVT-2026-0002"
            assert change.create("sites", {"name": "x", "kind": "park"}, key="k").id == known(full)
        assert records.history()["history_id"].is_unique
        with pytest.raises(sa.exc.DatabaseError), records.engine.begin() as connection:
            connection.execute(sa.text("UPDATE history SET by = 'nobody'"))


def known(records: Records) -> str:
    return records.list("sites", name="x")[0].id


def test_records_alone_cross_into_a_workspace_that_uses_the_other_database(
    workspace: Workspace, full: Records, other_url: str
) -> None:
    before = everything(full)
    own = backup.back_up_records(full.engine, workspace.path, label="x", kind="real")
    early = AT.replace(year=2020)
    backup.restore(own, workspace.path, at=early, replace=True, url=other_url)
    assert everything(open_records(workspace, url=other_url)) == before


def test_a_crossing_that_loses_rows_changes_nothing(
    workspace: Workspace, full: Records, database_url: str, other_url: str, tmp_path: Path
) -> None:
    made = backup.back_up(workspace, tmp_path / "b.zip", at=AT, url=database_url)
    with zipfile.ZipFile(made.path) as source, zipfile.ZipFile(tmp_path / "x.zip", "w") as to:
        about = json.loads(source.read("backup.json"))
        about["records"]["rows"]["sites"] += 1
        for name in source.namelist():
            data = source.read(name)
            to.writestr(name, json.dumps(about) if name == "backup.json" else data)
    with pytest.raises(BackupError, match="Not every row"):
        backup.restore(tmp_path / "x.zip", tmp_path / "new", at=AT, url=other_url)
    assert not (tmp_path / "new").exists()


def test_no_room_for_a_backup_is_told_and_leaves_nothing(
    workspace: Workspace, full: Records, database_url: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def no_room(path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(durable, "flush_file", no_room)
    with pytest.raises(BackupError, match="No space left on device"):
        backup.back_up(workspace, tmp_path / "b.zip", at=AT, url=database_url)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["workspace"]


def test_a_backup_does_not_lie_in_what_it_backs_up(workspace: Workspace) -> None:
    with pytest.raises(BackupError, match="must not lie in the workspace"):
        backup.back_up(workspace, workspace.path / "b.zip", at=AT, url="")


def test_a_demo_is_not_restored_as_real(workspace: Workspace, tmp_path: Path) -> None:
    made = Workspace.create(tmp_path / "demo", kind="demo", wards=two_wards(), ward_info={})
    own = backup.back_up_records(open_records(made).engine, made.path, label="x", kind="demo")
    with pytest.raises(BackupError, match="other kind"):
        backup.restore(own, workspace.path, at=AT.replace(year=2020), replace=True, url="")
