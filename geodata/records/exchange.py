"""Records out to spreadsheets and back: stable ids, every column as text, nothing overwritten.

A row that comes back with its id and version changes that record, unless somebody changed it
meanwhile; a row with an id that is not known is added under it; a row without an id is new. A
file is brought in whole or not at all, and every fault in it is told with its line.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd
import sqlalchemy as sa

from geodata.errors import RecordError, SaferWalksError, StaleRecordError
from geodata.records.changes import Change
from geodata.records.database import Records
from geodata.records.fields import as_text
from geodata.records.kinds import KINDS, Kind, kind_of
from geodata.records.tabular import Sheet

VERSION = "version"
_SHOWN = 20


@dataclass
class Imported:
    """What became of the rows of a file.

    Attributes
    ----------
    added, changed, unchanged : dict
        Rows by kind.
    left_out : tuple of str
        Columns and sheets that no kind has.
    """

    added: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    unchanged: dict[str, int] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


def texts(records: Records, kind: str, columns: Collection[str]) -> pd.DataFrame:
    """Write the records of a kind as text: id, version, then the columns asked for, by id.

    Parameters
    ----------
    records : Records
        Open.
    kind : str
        Which.
    columns : collection of str
        Which columns may leave; the id and the version always do.
    """
    which = kind_of(kind)
    names = [n for n in which.fields if n in columns and n != which.id_column]
    rows = []
    for record in records.list(kind):
        told = record.texts()
        rows.append([record.id, str(record.version), *(told[name] for name in names)])
    return pd.DataFrame(rows, columns=[which.id_column, VERSION, *names], dtype="str")


def bring_in(change: Change, sheets: Sequence[Sheet], *, kind: str = "") -> Imported:
    """Bring in the tables of a file, in one change.

    Parameters
    ----------
    change : Change
        Of whoever brings them in.
    sheets : sequence of Sheet
        Each named after a kind, unless there is one and `kind` says which.
    kind : str, optional
        What a table without a name holds.

    Raises
    ------
    RecordError
        With every fault and its line, records that somebody changed meanwhile among them. Let it
        leave the change, so that nothing is stored.
    """
    done, left_out, faults = Imported(), [], []
    by_kind: dict[str, Sheet] = {}
    for sheet in sheets:
        name = sheet.name if sheet.name in KINDS else kind if len(sheets) == 1 else ""
        if name:
            by_kind[name] = sheet
        else:
            left_out.append(f"sheet {sheet.name}")
    if not by_kind:
        raise RecordError("The file holds no list of records", got=", ".join(left_out) or "nothing",
                          todo=f"name its sheets after {', '.join(KINDS)}")  # fmt: skip
    for name, which in KINDS.items():  # those that others name before those that name them
        if name in by_kind:
            found = _Table(change, which, by_kind[name])
            faults += found.store(done)
            left_out += found.left_out
    if faults:
        more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        raise RecordError(
            f"Nothing was brought in: {len(faults)} rows have a fault",
            got="; ".join(faults[:_SHOWN]) + more,
            todo="correct these rows and bring the file in again",
        )
    done.left_out = tuple(left_out)
    return done


class _Table:
    """One sheet on its way in."""

    def __init__(self, change: Change, kind: Kind, sheet: Sheet) -> None:
        self._kind, self._sheet = kind, sheet
        known = {*kind.fields, VERSION}
        labels = {about.label.casefold(): name for name, about in kind.fields.items()}
        self._columns = {
            column: name
            for column in sheet.columns
            if (name := column if column in known else labels.get(column.casefold(), ""))
        }
        headings = {name: column for column, name in self._columns.items()}
        self._change = replace(change, headings=headings)
        gone = [c for c in sheet.columns if c not in self._columns]
        self.left_out = [f"column {column} of {kind.name}" for column in gone]

    def store(self, done: Imported) -> list[str]:
        """Store its rows and count them; give the faults, each with its line."""
        counts = {"added": 0, "changed": 0, "unchanged": 0}
        faults = []
        for line, row in self._in_order():
            try:
                counts[self._store(row)] += 1
            except StaleRecordError as fault:
                differing = ", ".join(
                    f"{n}: stored {self._text(n, fault.theirs)}, "
                    f"in the file {self._text(n, fault.yours)}"
                    for n in fault.differing
                )
                faults.append(f"line {line}: {fault.record_id} was changed since ({differing})")
            except SaferWalksError as fault:
                faults.append(f"line {line}: {fault.got or fault.what}")
        for name, rows in counts.items():
            getattr(done, name)[self._kind.name] = rows
        return faults

    def _text(self, column: str, values: Mapping[str, Any]) -> str:
        return repr(as_text(self._kind.fields[column], values.get(column)))

    def _in_order(self) -> list[tuple[int, dict[str, str]]]:
        """Put rows that others of the same sheet name before those."""
        rows = [
            (line, {name: row[column] for column, name in self._columns.items()})
            for line, row in self._sheet.rows
        ]
        own = [c for c, other in self._kind.links.items() if other == self._kind.name]
        ids = {row.get(self._kind.id_column, "") for _, row in rows}
        waiting, ordered = rows, list[tuple[int, dict[str, str]]]()
        while waiting:
            still = {row.get(self._kind.id_column, "") for _, row in waiting} & ids - {""}
            free = [pair for pair in waiting if not any(pair[1].get(c, "") in still for c in own)]
            free = free or waiting
            ordered += free
            waiting = [pair for pair in waiting if pair not in free]
        return ordered

    def _store(self, row: Mapping[str, str]) -> str:
        kind, change = self._kind, self._change
        record_id = row.get(kind.id_column, "").strip()
        seen = row.get(VERSION, "").strip()
        values = {n: v for n, v in row.items() if n not in (kind.id_column, VERSION)}
        if seen and not seen.isdigit():
            raise RecordError("A version is no number", got=f"version {seen!r}")
        column = kind.table.c[kind.id_column]
        known = (
            bool(record_id)
            and change.connection.execute(sa.select(column).where(column == record_id)).first()
        )
        if not known:
            change.create(kind.name, values, record_id=record_id, version=int(seen or 1))
            return "added"
        if not seen:
            raise RecordError("", got=f"{record_id} is there already, and its version is missing")
        before = change.get(kind.name, record_id)
        after = change.update(kind.name, record_id, values, version=int(seen))
        return "unchanged" if after.version == before.version else "changed"
