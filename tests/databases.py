"""A PostgreSQL server that the tests start themselves on loopback, and records on either database.

Import the fixtures into a conftest. One server a process of the test run; each test gets a
database of its own, copied from one that has the tables already.
"""

from __future__ import annotations

import datetime as dt
import itertools
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest
import sqlalchemy as sa

from geodata.records import database
from geodata.records.database import Records, open_records
from geodata.records.upgrades import HEAD, migrate
from geodata.workspace import Workspace
from tests.builders import workspace_of

AT = dt.datetime(2026, 11, 22, 9, 30, tzinfo=ZoneInfo("Europe/London"))
"""When everything in a test happens."""

_REQUIRED = "SAFER_WALKS_TEST_POSTGRES"  # set where a missing server is a failure, as in CI


def _binaries() -> Path | None:
    on_path = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in [*([Path(on_path).parent] if on_path else []), *folders]:
        if (folder / "initdb").is_file() and (folder / "pg_ctl").is_file():
            return folder
    return None


def _as_postgres() -> list[str]:
    """PostgreSQL refuses to run as root."""
    if os.name == "nt" or os.geteuid() != 0:
        return []
    return ["runuser", "-u", "postgres", "--"]


class Server:
    """One running server; `database()` makes a database and gives its address."""

    def __init__(self, folder: Path, binaries: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._numbers = itertools.count()
        self._folder, self._binaries = folder / "data", binaries
        options = (
            f"-c listen_addresses=127.0.0.1 -p {self.port} -c unix_socket_directories= -c fsync=off"
            " -c full_page_writes=off -c synchronous_commit=off -c shared_buffers=16MB"
            " -c max_wal_size=64MB"
        )
        self._run("initdb", "-D", self._folder, "-U", "tests", "--auth=trust", "-E", "UTF8",
                  "--no-sync", "--locale=C")  # fmt: skip
        self._run("pg_ctl", "-D", self._folder, "-w", "-l", folder / "log", "-o", options, "start")
        self._sql("CREATE DATABASE ready")
        engine = sa.create_engine(f"postgresql+psycopg://tests@127.0.0.1:{self.port}/ready")
        migrate(engine, HEAD)
        engine.dispose()

    def _run(self, name: str, *words: object) -> None:
        command = [*_as_postgres(), str(self._binaries / name), *map(str, words)]
        done = subprocess.run(  # noqa: S603
            command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            cwd=self._folder.parent, text=True,
        ) if name != "pg_ctl" else subprocess.run(  # a server that inherits a pipe keeps it open
            command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            cwd=self._folder.parent, text=True,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{name} failed: {done.stdout}")

    def _sql(self, statement: str) -> None:
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="tests", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement.encode())

    def database(self, *, empty: bool = False) -> str:
        """Make a database, with the tables unless it is to be empty, and give its address."""
        name = f"test_{next(self._numbers)}"
        template = "template1" if empty else "ready"
        self._sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return f"postgresql://tests@127.0.0.1:{self.port}/{name}"

    def drop(self, address: str) -> None:
        """Close what we hold of a database and delete it."""
        database.disconnect(address)
        self._sql(f"DROP DATABASE {address.rsplit('/', 1)[1]} WITH (FORCE)")

    def stop(self) -> None:
        """Stop it, at once."""
        self._run("pg_ctl", "-D", self._folder, "-m", "immediate", "stop")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Give a server of our own; skip where PostgreSQL is not installed."""
    binaries = _binaries()
    if binaries is None:
        if os.environ.get(_REQUIRED):
            pytest.fail("PostgreSQL is required here and not installed (postgresql-15-postgis-3)")
        pytest.skip("PostgreSQL is not installed (Debian: postgresql-15-postgis-3)")
    # Not in pytest's own folder: only its owner may enter that, and the server is another user.
    folder = Path(tempfile.mkdtemp(prefix="safer-walks-postgres-"))
    try:
        if _as_postgres():
            shutil.chown(folder, "postgres")
        server = Server(folder, binaries)
        yield server
        server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the address of a fresh database: '' is SQLite in the workspace."""
    if request.param == "sqlite":
        yield ""
        return
    server: Server = request.getfixturevalue("postgres")
    address = server.database()
    yield address
    server.drop(address)


@pytest.fixture
def new_url(database_url: str, request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    """Give a maker of further fresh databases of the same sort."""
    made: list[str] = []

    def make() -> str:
        if database_url:
            made.append(request.getfixturevalue("postgres").database())
        return made[-1] if made else ""

    yield make
    for address in made:
        request.getfixturevalue("postgres").drop(address)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Give an empty real workspace of two wards."""
    return workspace_of(tmp_path / "workspace")


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a file of empty records to copy: making the tables takes longer than most tests."""
    path = tmp_path_factory.mktemp("empty") / database.FILE_NAME
    migrate(database.sqlite_engine(path), HEAD)
    return path


@pytest.fixture
def records(workspace: Workspace, database_url: str, empty_sqlite: Path) -> Records:
    """Give the empty records of a workspace, on each database in turn."""
    if not database_url:
        shutil.copy(empty_sqlite, workspace.path)
    return open_records(workspace, url=database_url)
