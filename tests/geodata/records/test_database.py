"""The records on either database: who writes when, what is refused, what a full disk does."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from multiprocessing.context import BaseContext
from pathlib import Path

import pytest
import sqlalchemy as sa

from geodata.errors import WorkspaceError
from geodata.records import database
from geodata.records.database import FILE_NAME, Records, open_records
from geodata.workspace import Workspace
from tests.builders import two_wards
from tests.databases import AT
from tests.record_workers import WALK, die_while_writing, write_for

WRITERS = 8


@pytest.fixture(scope="module")
def processes() -> BaseContext:
    """Real processes: forked from one that has the libraries loaded, where that can be."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.record_workers", "psycopg"])
    return context


@pytest.fixture
def shared(records: Records) -> Records:
    """Records with one event that every writer changes."""
    with records.changing(by="anna", at=AT) as change:
        change.create("events", WALK, record_id="EVT-2000-0001")
    return records


def acknowledged(answers: Path) -> list[str]:
    """List the ids that were acknowledged; a line without its end was cut off."""
    lines = [line for p in answers.iterdir() for line in p.read_text().splitlines(keepends=True)]
    return [line.strip() for line in lines if line.endswith("\n")]


def test_eight_writers_lose_nothing_and_see_no_lock(
    shared: Records, database_url: str, tmp_path: Path, processes: BaseContext
) -> None:
    answers = tmp_path / "answers"
    answers.mkdir()
    arguments = (shared.folder, database_url)
    workers = [
        processes.Process(target=write_for, args=(*arguments, f"w{n}", 1.5, answers))
        for n in range(WRITERS)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    told = acknowledged(answers)
    assert {p.name for p in answers.iterdir()} == {f"w{n}" for n in range(WRITERS)}
    stored = {e.id: e for e in shared.list("events")}
    assert len(told) == len(set(told)) >= WRITERS
    assert set(stored) == {*told, "EVT-2000-0001"}
    assert stored["EVT-2000-0001"]["attendees_residents"] == len(told)
    assert stored["EVT-2000-0001"].version == len(told) + 1
    assert len(shared.history()) == 1 + 2 * len(told)


def test_a_kill_while_writing_loses_nothing_acknowledged(
    shared: Records, database_url: str, tmp_path: Path, processes: BaseContext
) -> None:
    answers, moments = tmp_path / "answers", random.Random(4)
    answers.mkdir()
    for kill in range(4):
        worker = processes.Process(
            target=die_while_writing, args=(shared.folder, database_url, f"w{kill}", answers)
        )
        worker.start()
        while not (answers / f"w{kill}").exists() or not (answers / f"w{kill}").stat().st_size:
            time.sleep(0.002)
        time.sleep(moments.uniform(0, 0.05))
        worker.kill()
        worker.join(60)
        told = acknowledged(answers)
        stored = {e.id for e in shared.list("events")} - {"EVT-2000-0001"}
        assert stored >= set(told)
        assert len(stored) <= len(told) + kill + 1  # at most one a kill that was not told any more
    count = shared.get("events", "EVT-2000-0001")["attendees_residents"]
    assert count == len(stored)


def test_a_failing_change_leaves_nothing(shared: Records) -> None:
    before = shared.stamp()

    def fail() -> None:
        with shared.changing(by="anna", at=AT) as change:
            change.create("events", WALK)
            raise RuntimeError("of ours")

    with pytest.raises(RuntimeError, match="of ours"):
        fail()
    assert shared.stamp() == before
    assert len(shared.list("events")) == 1


def test_links_and_durability_are_the_databases_own(workspace: Workspace) -> None:
    records = open_records(workspace, url="")
    with records.reading() as connection:
        said = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("foreign_keys", "journal_mode", "synchronous", "busy_timeout")
        }
    assert said == {
        "foreign_keys": 1, "journal_mode": "wal", "synchronous": 2, "busy_timeout": 30_000,
    }  # fmt: skip


def test_a_reader_sees_one_state(shared: Records) -> None:
    with shared.reading() as connection:
        events = sa.select(sa.func.count()).select_from(sa.text("events"))
        before = connection.scalar(events)
        with shared.changing(by="bob", at=AT) as change:
            change.create("events", WALK)
        assert connection.scalar(events) == before
    assert len(shared.list("events")) == before + 1


def test_a_demo_never_leaves_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(database.VARIABLE, "postgresql://nobody@127.0.0.1:1/none")
    demo = Workspace.create(tmp_path / "demo", kind="demo", wards=two_wards(), ward_info={})
    assert open_records(demo).where == str(demo.path / FILE_NAME)
    real = Workspace.create(tmp_path / "real", kind="real", wards=two_wards(), ward_info={})
    with pytest.raises(WorkspaceError, match="does not answer"):
        open_records(real)


def test_invented_records_are_not_opened_as_real(tmp_path: Path) -> None:
    demo = Workspace.create(tmp_path / "demo", kind="demo", wards=two_wards(), ward_info={})
    real = Workspace.create(tmp_path / "real", kind="real", wards=two_wards(), ward_info={})
    open_records(demo)
    shutil.copy(demo.path / FILE_NAME, real.path / FILE_NAME)
    with pytest.raises(WorkspaceError, match="another kind of workspace"):
        open_records(real, url="")


@pytest.mark.parametrize("url", ["sqlite://", "mysql://a:secret@b/c", "nonsense"])
def test_an_address_that_is_none_is_told_without_its_password(
    workspace: Workspace, url: str
) -> None:
    with pytest.raises(WorkspaceError, match="no address of a PostgreSQL database") as caught:
        open_records(workspace, url=url)
    assert "secret" not in str(caught.value)


def test_a_password_is_never_told(workspace: Workspace) -> None:
    with pytest.raises(WorkspaceError, match="does not answer") as caught:
        open_records(workspace, url="postgresql://anna:secret@127.0.0.1:1/records")
    assert "secret" not in str(caught.value)


def test_a_damaged_file_is_told(workspace: Workspace) -> None:
    open_records(workspace, url="")
    (workspace.path / FILE_NAME).write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    with pytest.raises(WorkspaceError, match="damaged"):
        open_records(workspace, url="")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[tuple[Path, Callable[[str], None]]]:
    """A disk of one megabyte, and how to mount it again with other options."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mount(*words: str) -> bool:
        command = ["mount", "-t", "tmpfs", *words, "tmpfs", str(folder)]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0

    if os.name == "nt" or os.geteuid() != 0 or not mount("-o", "size=1m"):
        pytest.skip("a disk of our own can be mounted by root only")
    try:
        yield (
            folder,
            lambda how: subprocess.run(["mount", "-o", f"remount,{how}", folder], check=True),
        )  # type: ignore[func-returns-value]
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_is_told_and_nothing_is_torn(
    small_disk: tuple[Path, Callable[[str], None]],
) -> None:
    folder, _ = small_disk
    workspace = Workspace.create(folder / "w", kind="real", wards=two_wards(), ward_info={})
    records = open_records(workspace, url="")
    stored = []

    def fill() -> None:
        for number in range(10_000):
            text = {"note": f"{number:06d}" * 400}
            with records.changing(by="anna", at=AT) as change:
                first = change.create("events", WALK | text)
                second = change.create("events", WALK | text)
            stored.extend([first.id, second.id])

    with pytest.raises(WorkspaceError, match="no room left"):
        fill()
    assert stored
    assert [e.id for e in records.list("events")] == stored
    with closing(sqlite3.connect(workspace.path / FILE_NAME)) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_read_only_folder_is_told_and_nothing_is_torn(
    small_disk: tuple[Path, Callable[[str], None]],
) -> None:
    folder, remount = small_disk
    workspace = Workspace.create(folder / "w", kind="real", wards=two_wards(), ward_info={})
    records = open_records(workspace, url="")
    with records.changing(by="anna", at=AT) as change:
        change.create("events", WALK)
    remount("ro")

    def write() -> None:
        with open_records(workspace, url="").changing(by="anna", at=AT) as change:
            change.create("events", WALK)

    with pytest.raises(WorkspaceError, match="cannot be written to"):
        write()
    remount("rw")
    assert len(records.list("events")) == 1


def test_a_lock_that_nobody_lets_go_is_told(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_S", 0.1)
    records = open_records(workspace, url="")

    def write() -> None:
        with records.changing(by="anna", at=AT) as change:
            change.create("events", WALK)

    with closing(sqlite3.connect(workspace.path / FILE_NAME)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(WorkspaceError, match="too long"):
            write()
    write()


def test_the_secret_is_made_once_and_kept_from_others(workspace: Workspace) -> None:
    records = open_records(workspace, url="")
    secret = records.secret()
    assert len(secret) == 64
    assert records.secret() == secret
    if os.name != "nt":
        assert (workspace.path / database.SECRET_NAME).stat().st_mode & 0o077 == 0
