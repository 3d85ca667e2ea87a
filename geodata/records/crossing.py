"""A dump of one sort of database as a dump of the other, so that a backup crosses between them.

What SQLite keeps without a type of its own (yes and no as 1 and 0, moments in UTC without a zone)
is turned by the type each column was declared with, so that it works for every layout. The copy is
counted against what was dumped; nothing is put anywhere before that.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from geodata.errors import BackupError
from geodata.manifest import Kind
from geodata.records.database import sqlite_engine
from geodata.records.dumps import SQLITE_FILE, read_lines
from geodata.records.tables import Base
from geodata.records.upgrades import HEAD, migrate

_BATCH = 2_000


def fitted(about: Mapping[str, Any], folder: Path, to: str, *, kind: Kind) -> Mapping[str, Any]:
    """Turn a dump that lies in a folder into one for another sort of database, if it is not.

    Parameters
    ----------
    about : mapping
        What `geodata.records.dumps.dump` said of it.
    folder : Path
        Where it lies; the other form is written beside it.
    to : {'sqlite', 'postgresql'}
        What it will be put into.
    kind : {'real', 'demo'}
        What the records belong to.

    Returns
    -------
    mapping
        What to say of the dump now.

    Raises
    ------
    BackupError
        If not every row came across, or the rows do not hang together.
    """
    if about["database"] in (to, "none"):
        return about
    if to == "sqlite":
        made = _into_file(about, folder, kind)
    else:
        made = _into_lines(folder / SQLITE_FILE, folder, kind)
    ours = {table.name for table in Base.metadata.sorted_tables}
    before = {name: n for name, n in about["rows"].items() if n and name in ours}
    after = {name: n for name, n in made["rows"].items() if n}
    if before != after:
        lost = sorted(n for n in before | after if before.get(n) != after.get(n))
        raise BackupError(
            "Not every row of this backup could be put into the other sort of database",
            got=", ".join(f"{n}: {before.get(n, 0)} became {after.get(n, 0)}" for n in lost),
            todo="restore it into a database of the sort it was made from, then move the records "
            "with `safer-walks records export` and `records import`",
        )  # fmt: skip
    return made


def _into_lines(file: Path, folder: Path, kind: Kind) -> dict[str, Any]:
    """Write a file of SQLite table by table, as PostgreSQL's own dump is, in today's layout."""
    migrate(sqlite_engine(file), HEAD, kind=kind)
    rows = {}
    with closing(sqlite3.connect(file)) as dumped:
        for table in [t.name for t in Base.metadata.sorted_tables]:
            turn = {name: _OUT.get(sort, _as_it_is) for name, sort in _columns(dumped, table)}
            names = ", ".join(f'"{name}"' for name in turn)
            found = dumped.execute(f'SELECT {names} FROM "{table}"')  # noqa: S608
            rows[table] = 0
            with (folder / f"{table}.jsonl").open("w", encoding="utf-8") as lines:
                for row in found:
                    told = {n: turn[n](v) for n, v in zip(turn, row, strict=True)}
                    lines.write(f"{json.dumps(told)}\n")
                    rows[table] += 1
    return {"database": "postgresql", "layout": HEAD, "tables": list(rows), "rows": rows}


def _into_file(about: Mapping[str, Any], folder: Path, kind: Kind) -> dict[str, Any]:
    """Write a dump of PostgreSQL as a file of SQLite, then bring that to today's layout."""
    file = folder / SQLITE_FILE
    engine = sqlite_engine(file)
    migrate(engine, about["layout"], kind=kind)
    with closing(sqlite3.connect(file)) as made:  # foreign keys are off until all is there
        for table in about["tables"]:
            _fill(made, table, folder / f"{table}.jsonl")
        made.commit()
        rows = {
            name: made.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
            for name in about["tables"]
        }
        lost = made.execute("PRAGMA foreign_key_check").fetchone()
        found = made.execute("SELECT value FROM about WHERE name = 'kind'").fetchone()
    if lost or found != (kind,):
        raise BackupError(
            "The records in this backup are damaged",
            got="lost links" if lost else "they belong to the other kind of workspace",
            todo="take another backup",
        )  # fmt: skip
    migrate(engine, HEAD, kind=kind)
    with closing(sqlite3.connect(file)) as made:
        made.execute("PRAGMA journal_mode=DELETE")  # one file, which can be moved
    return {"database": "sqlite", "layout": HEAD, "tables": list(rows), "rows": rows}


def _fill(made: sqlite3.Connection, table: str, file: Path) -> None:
    rows = read_lines(file)
    if not rows:
        return
    if table == "about":
        made.execute('DELETE FROM "about"')
    turn = {name: _IN.get(sort, _as_it_is) for name, sort in _columns(made, table)}
    names = [name for name in turn if name in rows[0]]
    marks, columns = ", ".join("?" * len(names)), ", ".join(f'"{name}"' for name in names)
    statement = f'INSERT INTO "{table}" ({columns}) VALUES ({marks})'  # noqa: S608
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        made.executemany(statement, [[turn[n](row[n]) for n in names] for row in batch])


def _columns(file: sqlite3.Connection, table: str) -> list[tuple[str, str]]:
    """List the columns of a table, each with the type it was declared with."""
    found = file.execute(f'PRAGMA table_info("{table}")').fetchall()
    return [(str(name), str(sort).upper()) for _, name, sort, *_ in found]


def _as_it_is(value: Any) -> Any:  # noqa: ANN401 - each column has its own
    return value


def _said(value: int | None) -> bool | None:
    return None if value is None else bool(value)


def _zoned(value: str | None) -> str | None:
    return None if value is None else f"{value}+00:00"


def _unzoned(value: str | None) -> str | None:
    if value is None:
        return None
    moment = dt.datetime.fromisoformat(value).astimezone(dt.UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S.%f}"


_OUT: Mapping[str, Callable[[Any], Any]] = {"BOOLEAN": _said, "DATETIME": _zoned}
_IN: Mapping[str, Callable[[Any], Any]] = {"DATETIME": _unzoned}
