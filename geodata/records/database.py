"""Open the records: SQLite in the workspace, or PostgreSQL with PostGIS where the operator says so.

SQLite: one file, `records.sqlite`, write-ahead log, every writing transaction begun as IMMEDIATE
so that it waits its turn instead of failing half way, foreign keys on, and what is acknowledged is
on the disk. No connection is kept open between two uses, so a restored file is seen at once.
PostgreSQL: the address in SAFER_WALKS_DATABASE_URL, for workspaces of real data; a demo always
keeps its invented records in its own folder.
"""

from __future__ import annotations

import atexit
import datetime as dt
import os
import re
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from geodata import durable
from geodata.errors import RecordError, WorkspaceError
from geodata.incidents import TIMEZONE
from geodata.manifest import Kind as WorkspaceKind
from geodata.records import history
from geodata.records.changes import Change, Record, find, london, record_of
from geodata.records.fields import clean
from geodata.records.kinds import Kind, kind_of
from geodata.workspace import Workspace

VARIABLE = "SAFER_WALKS_DATABASE_URL"
FILE_NAME = "records.sqlite"
SECRET_NAME = "records.key"
BUSY_S = 30.0
"""Seconds a writer waits for others before it gives up."""

_PRAGMAS = ("foreign_keys=ON", "synchronous=FULL")


@dataclass(frozen=True)
class Records:
    """The records of one workspace, open for reading and changing.

    Attributes
    ----------
    folder : Path
        The workspace.
    engine : sqlalchemy.Engine
        Its database.
    """

    folder: Path
    engine: sa.Engine

    @property
    def where(self) -> str:
        """Say where they are kept, without a password."""
        if self.engine.dialect.name == "sqlite":
            return str(self.folder / FILE_NAME)
        return self.engine.url.render_as_string(hide_password=True)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Give a connection that sees one state of the records.

        Raises
        ------
        WorkspaceError
            If they cannot be read.
        """
        with _told(self.where), self.engine.connect() as connection:
            if self.engine.dialect.name != "sqlite":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def changing(self, *, by: str, at: dt.datetime) -> Iterator[Change]:
        """Give a change whose steps are stored together at the end, or not at all.

        Parameters
        ----------
        by : str
            Who does it: a user's id or e-mail address, or what program.
        at : datetime
            When; must know its time zone.

        Raises
        ------
        RecordError, StaleRecordError
            If a step cannot be done; nothing has been stored then.
        WorkspaceError
            If the records cannot be written to.
        """
        when = london(at)
        with _told(self.where), self.engine.connect() as connection:
            writing = connection.execution_options(writing=True)
            with writing.begin():
                yield Change(writing, by, when)

    def get(self, kind: str, record_id: str) -> Record:
        """Read one record.

        Raises
        ------
        RecordError
            If there is none of that id.
        """
        with self.reading() as connection:
            return find(connection, kind, record_id)

    def list(self, kind: str, **equal: object) -> list[Record]:
        """Read the records of a kind, by id.

        Parameters
        ----------
        kind : str
            One of `geodata.records.kinds.KINDS`.
        **equal
            Only those whose columns have these values.
        """
        which = kind_of(kind)
        with self.reading() as connection:
            return [record_of(which, dict(row)) for row in _rows(connection, which, equal)]

    def frame(self, kind: str, **equal: object) -> pd.DataFrame:
        """Read the records of a kind as a table, by id.

        Returns
        -------
        pandas.DataFrame
            The columns of the kind, then `version`, `updated_at`, `updated_by`. Several codes are
            tuples; numbers are Int64 or float64, dates datetime64, moments in Europe/London.
        """
        which = kind_of(kind)
        with self.reading() as connection:
            rows = _rows(connection, which, equal)
        stamps = ("version", "updated_at", "updated_by")
        return pd.DataFrame(
            {name: _series(rows, name, about.shape) for name, about in which.fields.items()}
            | {
                "version": _series(rows, "version", "whole"),
                **{
                    s: _series(rows, s, "moment" if s.endswith("at") else "text")
                    for s in stamps[1:]
                },
            }
        )

    def tally(self, columns: Iterable[tuple[Kind, str]]) -> dict[str, int]:
        """Count how often each value stands in any of some columns of text, without blanks.

        Parameters
        ----------
        columns : iterable of (Kind, str)
            As `geodata.records.kinds.links_to` gives them.
        """
        found: Counter[str] = Counter()
        with self.reading() as connection:
            for kind, column in columns:
                value = kind.table.c[column]
                query = sa.select(value, sa.func.count()).where(value.is_not(None)).group_by(value)
                found.update({each: number for each, number in connection.execute(query)})  # noqa: C416
        return dict(found)

    def history(self, *, kind: str = "", record_id: str = "", limit: int = 0) -> pd.DataFrame:
        """Read who changed what, latest first (`geodata.records.history.read`)."""
        with self.reading() as connection:
            return history.read(connection, kind=kind, record_id=record_id, limit=limit)

    def stamp(self) -> str:
        """Name the present state: the cache key of everything made from the records."""
        with self.reading() as connection:
            return history.stamp(connection)

    def secret(self) -> bytes:
        """Give the workspace's key for marks that cannot be undone; it is made when first asked."""
        path = self.folder / SECRET_NAME
        with durable.locked(self.folder):
            if not path.is_file():
                durable.write_file(path, secrets.token_hex(32).encode())
                path.chmod(0o600)
            return durable.read_file(path)


def open_records(workspace: Workspace, *, url: str | None = None) -> Records:
    """Open the records of a workspace; they are made, or brought up to date, when first opened.

    Parameters
    ----------
    workspace : Workspace
        Where they belong.
    url : str, optional
        PostgreSQL to use; $SAFER_WALKS_DATABASE_URL unless given. A demo ignores both.

    Raises
    ------
    WorkspaceError
        If the database cannot be opened, or a newer version of Safer Walks wrote it, or it holds
        the records of the other kind of workspace (real or demo).
    """
    from geodata.records.upgrades import bring_up_to_date

    records = records_at(workspace.path, workspace.kind, url=url)
    with _told(records.where):
        bring_up_to_date(records.engine, workspace.path, kind=workspace.kind)
    return records


def records_at(folder: Path, kind: WorkspaceKind, *, url: str | None = None) -> Records:
    """Say where the records of a workspace are, without looking whether they are there."""
    address = os.environ.get(VARIABLE, "") if url is None else url
    is_real = kind == "real"
    engine = _postgres(address) if address and is_real else sqlite_engine(folder / FILE_NAME)
    return Records(folder, engine)


@lru_cache(maxsize=32)
def sqlite_engine(path: Path) -> sa.Engine:
    """Make the engine of an SQLite file; nothing is opened yet.

    It is kept, with what it has learnt of the statements; no connection outlives its use.
    """
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(path)), poolclass=NullPool,
        connect_args={"timeout": BUSY_S},
    )  # fmt: skip
    sa.event.listen(engine, "connect", _prepare)
    sa.event.listen(engine, "begin", _begin)
    return engine


_servers: dict[str, sa.Engine] = {}


def _postgres(address: str) -> sa.Engine:
    """Give the one engine of an address; it keeps a few connections open between uses."""
    if address not in _servers:
        _servers[address] = _server(address)
        atexit.register(disconnect, address)
    return _servers[address]


def disconnect(address: str) -> None:
    """Close the connections that are kept open to a server."""
    if address in _servers:
        _servers.pop(address).dispose()


def _server(address: str) -> sa.Engine:
    url, found = re.subn(r"^postgres(ql)?(\+\w+)?://", "postgresql+psycopg://", address)
    try:
        if not found:
            raise sa.exc.ArgumentError("another sort of database")
        return sa.create_engine(
            url, pool_pre_ping=True, pool_size=5, max_overflow=20,
            connect_args={"options": "-c timezone=UTC", "connect_timeout": 10},
        )  # fmt: skip
    except (sa.exc.ArgumentError, ModuleNotFoundError) as fault:
        raise WorkspaceError(
            f"{VARIABLE} is no address of a PostgreSQL database that can be used",
            got=re.sub(r"//[^@/]*@", "//...@", address).split("?")[0],
            todo="write postgresql://user:password@host/database, and install the extra 'postgis'",
        ) from fault


def _prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - sqlite3's own
    # The driver must not begin transactions by itself: `_begin` says how each one begins.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: sa.Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _rows(connection: sa.Connection, kind: Kind, equal: Mapping[str, object]) -> list[Any]:
    query = sa.select(kind.table).order_by(kind.table.c[kind.id_column])
    for column, value in equal.items():
        if column not in kind.fields:
            raise RecordError(
                f"{column} is no column of this kind of record", got=kind.name,
                todo=f"use one of {', '.join(kind.fields)}",
            )  # fmt: skip
        try:
            wanted = clean(kind.fields[column], value)
        except ValueError as fault:
            raise RecordError("Nothing can have this value", got=f"{column} {fault}") from None
        query = query.where(kind.table.c[column] == wanted)
    return list(connection.execute(query).mappings().all())


def _series(rows: list[Any], name: str, shape: str) -> pd.Series:
    values = [row[name] for row in rows]
    if shape == "moment":
        moments = pd.Series(pd.to_datetime(values, utc=True)).dt.as_unit("us")
        return moments.dt.tz_convert(TIMEZONE)
    if shape == "date":
        return pd.Series(pd.to_datetime(values)).astype("datetime64[us]")
    if shape in ("whole", "yes_no"):
        return pd.Series(values, dtype="Int64" if shape == "whole" else "boolean")
    if shape in ("metres", "number"):
        return pd.Series([np.nan if v is None else v for v in values], dtype="float64")
    if shape in ("codes", "words", "wards", "json"):
        return pd.Series(values, dtype="object")
    return pd.Series(values, dtype="str")


_FAULTS: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (
        re.compile(r"readonly|read-only|unable to open|permission denied", re.IGNORECASE),
        "The records cannot be written to",
        "check who owns the folder and whether the disk is read-only, or choose another folder",
    ),
    (
        re.compile(r"disk is full|disk I/O|No space left|could not extend", re.IGNORECASE),
        "There is no room left for the records; nothing of this change has been stored",
        "make room on the disk, then try again",
    ),
    (
        re.compile(r"locked|busy|deadlock|lock timeout", re.IGNORECASE),
        "Others have been writing to the records for too long; nothing has been stored",
        "try again in a moment",
    ),
    (
        re.compile(r"malformed|not a database|corrupt", re.IGNORECASE),
        "The file of the records is damaged",
        "restore it from a backup with `safer-walks restore FILE`",
    ),
    (
        re.compile(r"connect|closed|terminat|timeout|resolve|refused|password", re.IGNORECASE),
        "The database of the records does not answer",
        "check that it runs, that the address is right, and that it lets this program in",
    ),
)  # fmt: skip


@contextmanager
def _told(where: str) -> Iterator[None]:
    """Turn what a database cannot help into a sentence; a fault of ours keeps its traceback."""
    try:
        yield
    except sa.exc.IntegrityError as fault:
        if "unique" not in str(fault.orig).lower():
            raise
        raise RecordError(
            "A record like this is there already",
            todo="look at the list again; somebody may just have added it",
        ) from fault
    except sa.exc.DatabaseError as fault:
        said = str(fault.orig).strip().splitlines()[0] if fault.orig else str(fault)
        for pattern, what, todo in _FAULTS:
            if pattern.search(said):
                raise WorkspaceError(what, got=f"{where}: {said}", todo=todo) from fault
        raise
