"""The records as files of a backup, and back: SQLite as its own file, PostgreSQL table by table.

Both are one consistent state, taken while others write. A dump says what layout it has; an older
one is put back as it was and then upgraded, in the same transaction. `geodata.records.crossing`
turns a dump of one database into one of the other.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from geodata.errors import BackupError
from geodata.manifest import Kind
from geodata.records.tables import Base
from geodata.records.upgrades import HEAD, known_layouts, revision, run_steps

SQLITE_FILE = "records.sqlite"


def dump(engine: sa.Engine, folder: Path) -> dict[str, Any]:
    """Write the records into a folder.

    Returns
    -------
    dict
        `database` ('sqlite' or 'postgresql'), `layout`, `tables` (in an order in which they can be
        filled) and `rows` (table -> rows).
    """
    layout = revision(engine)
    if engine.dialect.name == "sqlite":
        rows = _copy_sqlite(Path(str(engine.url.database)), folder / SQLITE_FILE)
    else:
        rows = _dump_postgres(engine, folder)
    return {
        "database": engine.dialect.name, "layout": layout, "tables": list(rows), "rows": rows,
    }  # fmt: skip


def check_dump(about: Mapping[str, Any], folder: Path) -> None:
    """Make sure that a dump can be put back: it is whole, and of a layout this version knows.

    Raises
    ------
    BackupError
        If not.
    """
    if about["database"] == "none":
        return
    if about["layout"] not in known_layouts():
        raise BackupError(
            "A newer version of Safer Walks made this backup", got=f"layout {about['layout']}",
            todo=f"use that version; this one knows layouts up to {HEAD}",
        )  # fmt: skip
    if about["database"] == "sqlite":
        _check_sqlite(folder / SQLITE_FILE)


def load(engine: sa.Engine, about: Mapping[str, Any], folder: Path, *, kind: Kind) -> None:
    """Put a dump in the place of whatever records there are, whole or not at all.

    Raises
    ------
    BackupError
        If it belongs to the other kind of workspace.
    """
    with engine.connect() as raw, raw.execution_options(writing=True).begin():
        load_into(raw, about, folder, kind=kind)


def load_into(
    connection: sa.Connection, about: Mapping[str, Any], folder: Path, *, kind: Kind
) -> None:
    """Put a dump into PostgreSQL, in a transaction that somebody else commits."""
    connection.execute(sa.text("SELECT pg_advisory_xact_lock(7205117)"))
    _drop_ours(connection)
    run_steps(connection, about["layout"])
    for table in about["tables"]:
        _fill(connection, table, folder / f"{table}.jsonl")
    longest = "SELECT setval(pg_get_serial_sequence('history', 'history_id'), max(history_id)) "
    connection.execute(sa.text(longest + "FROM history HAVING max(history_id) IS NOT NULL"))
    run_steps(connection, HEAD)
    found = connection.execute(sa.text("SELECT value FROM about WHERE name = 'kind'")).scalar_one()
    if found != kind:
        raise BackupError("This backup is of the other kind of workspace", got=f"{found} records")


def put_back_sqlite(path: Path, folder: Path) -> None:
    """Put a dump into an SQLite file that others may have open, in one transaction of SQLite's."""
    dumped, live = sqlite3.connect(folder / SQLITE_FILE), sqlite3.connect(path, timeout=30)
    with closing(dumped), closing(live):
        dumped.backup(live)


def settle_sqlite(dumped: Path, to: Path) -> None:
    """Put a dump where no records are yet, in the mode in which they are used."""
    dumped.rename(to)
    with closing(sqlite3.connect(to)) as settled:
        settled.execute("PRAGMA journal_mode=WAL")


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Read the rows of a table as they were dumped, one a line."""
    # Not `splitlines`, which also parts text at signs that people paste (U+2028, U+0085).
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def _copy_sqlite(path: Path, to: Path) -> dict[str, int]:
    with closing(sqlite3.connect(path, timeout=30)) as live, closing(sqlite3.connect(to)) as copy:
        live.backup(copy)
        # A copy in write-ahead mode would need two more files to be read from.
        copy.execute("PRAGMA journal_mode=DELETE")
    _check_sqlite(to)
    return _count_sqlite(to)


def _count_sqlite(path: Path) -> dict[str, int]:
    with closing(sqlite3.connect(path)) as copy:
        names = copy.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        return {
            name: copy.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
            for (name,) in sorted(names)
        }


def _check_sqlite(path: Path) -> None:
    try:
        with closing(sqlite3.connect(path)) as copy:
            said = copy.execute("PRAGMA integrity_check").fetchone()[0]
            lost = copy.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as fault:
        said, lost = str(fault), None
    if said != "ok" or lost:
        raise BackupError(
            "The records in this backup are damaged", got=said if said != "ok" else "lost links",
            todo="take another backup",
        )  # fmt: skip


def _dump_postgres(engine: sa.Engine, folder: Path) -> dict[str, int]:
    rows = {}
    with engine.connect() as raw:
        connection = raw.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            for table in _tables(connection):
                columns = ", ".join(f't."{c}"' for c in _columns(connection, table))
                query = sa.text(
                    f'SELECT row_to_json(r)::text FROM (SELECT {columns} FROM "{table}" t) r'  # noqa: S608
                )
                lines = connection.scalars(query).all()
                text = "".join(f"{line}\n" for line in lines)
                (folder / f"{table}.jsonl").write_text(text, encoding="utf-8")
                rows[table] = len(lines)
    return rows


def _tables(connection: sa.Connection) -> list[str]:
    """List our tables that are there, those that others name first."""
    found = set(sa.inspect(connection).get_table_names())
    ours = [table.name for table in Base.metadata.sorted_tables]
    return [name for name in ours if name in found]


def _columns(connection: sa.Connection, table: str) -> list[str]:
    query = sa.text(
        "SELECT column_name FROM information_schema.columns WHERE table_name = :table"
        " AND table_schema = current_schema() AND is_generated = 'NEVER' ORDER BY ordinal_position"
    )
    return list(connection.scalars(query, {"table": table}).all())


def _fill(connection: sa.Connection, table: str, path: Path) -> None:
    # One statement a table, so that rows may name rows of the same table in any order.
    rows = read_lines(path)
    if not rows:
        return
    connection.execute(sa.text(f'DELETE FROM "{table}"')) if table == "about" else None  # noqa: S608
    columns = ", ".join(f'"{c}"' for c in rows[0])
    connection.execute(
        sa.text(
            f'INSERT INTO "{table}" ({columns}) SELECT {columns} FROM '  # noqa: S608
            f'json_populate_recordset(NULL::"{table}", CAST(:rows AS json))'
        ),
        {"rows": json.dumps(rows)},
    )


def _drop_ours(connection: sa.Connection) -> None:
    for view in ("map_sites", "map_events", "map_stops", "map_actions"):
        connection.execute(sa.text(f"DROP VIEW IF EXISTS {view}"))
    for table in [*reversed(_tables(connection)), "alembic_version"]:
        connection.execute(sa.text(f'DROP TABLE IF EXISTS "{table}"'))
    connection.execute(sa.text("DROP FUNCTION IF EXISTS history_guard"))
