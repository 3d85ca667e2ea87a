"""Read XLSX, XLS and ODS sheets as tables of text; Excel's dates stay dates.

The reading itself (python-calamine, MIT) happens in another process: see
`geodata.council.sheet_worker`. A workbook that is a zip is unpacked once beforehand, only to count
what it unpacks to.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from geodata.archives import GIB, MIB, Limits, is_zip, open_members
from geodata.council.headers import Header, find_header
from geodata.council.table import CHUNK_ROWS, Chunk, Table, damaged, text_table
from geodata.errors import ReportFileError

LIMITS = Limits(members=5_000, total_bytes=2 * GIB, member_bytes=2 * GIB)

_WORKER = Path(__file__).with_name("sheet_worker.py")


@dataclass(frozen=True)
class _Sheet:
    name: str
    height: int
    rows: list[list[str]]


def open_spreadsheet(
    path: Path, name: str, *, sheet: str = "", wanted: Collection[str] = ()
) -> Table:
    """Open a sheet of a workbook.

    Parameters
    ----------
    path : pathlib.Path
        XLSX, XLS or ODS.
    name : str
        What to call it in messages.
    sheet : str
        The sheet to read; if '', the one sheet that holds a table, or the longest of several.
    wanted : collection of str
        Column names that a profile asks for: a sheet that has them is preferred.

    Raises
    ------
    ReportFileError
        If it is damaged, protected with a password, has no such sheet or no table.
    UnsafeArchiveError
        If it unpacks to more than allowed.
    """
    _check_size(path)
    answer: dict[str, Any] = next(_ask(path, name, "preview", sheet), {"sheets": []})
    sheets = [_Sheet(**s) for s in answer["sheets"]]
    chosen, header, notes = _choose(sheets, name, sheet, wanted)
    first = _position_below(chosen, header)

    def read(columns: Sequence[int]) -> Iterator[Chunk]:
        rows = _ask(path, name, "rows", chosen.name)
        return _chunks(rows, tuple(columns), first)

    return Table(
        f"{name}, sheet {chosen.name}" if len(sheets) > 1 else name, "spreadsheet",
        header.columns, _digest(path), path.stat().st_size, (*notes, *header.notes),
        excel_1904=bool(answer["excel_1904"]), _read=read,
    )  # fmt: skip


def sheet_names(path: Path, name: str) -> list[str]:
    """List the sheets of a workbook that hold a table, in its order.

    Raises
    ------
    ReportFileError, UnsafeArchiveError
        As `open_spreadsheet`, but a workbook without a table has an empty list.
    """
    _check_size(path)
    answer: dict[str, Any] = next(_ask(path, name, "preview", ""), {"sheets": []})
    sheets = [_Sheet(**s) for s in answer["sheets"]]
    return [s.name for s in sheets if _header_or_none(s, name, ())]


def _check_size(path: Path) -> None:
    if not is_zip(path):
        return
    for member in open_members(path, suffixes=[""], limits=LIMITS):
        with member.open() as file:
            while file.read(4 * MIB):
                pass


def _ask(path: Path, name: str, task: str, sheet: str) -> Iterator[Any]:
    """Step through the worker's answers; whatever ends it, ends in one clear error here."""
    command = [sys.executable, "-P", str(_WORKER), str(path.resolve()), task, sheet]
    finished = False
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        try:
            for line in process.stdout or ():
                answer = json.loads(line)
                if isinstance(answer, dict) and "error" in answer:
                    raise damaged(name, answer["error"])
                yield answer
            finished = True
        finally:
            if not finished:
                process.kill()  # nobody wants the remaining rows
    if process.returncode:
        raise damaged(name, "the reader gave up on it: it is broken, or asks for too much memory")


def _choose(
    sheets: Sequence[_Sheet], name: str, asked: str, wanted: Collection[str]
) -> tuple[_Sheet, Header, tuple[str, ...]]:
    names = ", ".join(s.name for s in sheets)
    if asked:
        for found in sheets:
            if found.name.strip().casefold() == asked.strip().casefold():
                return found, _header(found, name, wanted), ()
        raise ReportFileError(
            f"{name} has no sheet called {asked!r}", got=names, todo="name one of these"
        )
    tables = [(s, h) for s in sheets if (h := _header_or_none(s, name, wanted))]
    if not tables:
        raise ReportFileError(
            f"No sheet of {name} holds a table", got=names or "no sheets",
            todo="put the names of the columns in a row above the first row of data",
        )  # fmt: skip
    chosen, header = max(tables, key=lambda t: (set(wanted) <= set(t[1].columns), t[0].height))
    others = [s.name for s, _ in tables if s is not chosen]
    if not others:
        return chosen, header, ()
    note = f"only the sheet {chosen.name!r} is read; these hold tables too: {', '.join(others)}"
    return chosen, header, (note,)


def _header_or_none(sheet: _Sheet, name: str, wanted: Collection[str]) -> Header | None:
    try:
        header = _header(sheet, name, wanted)
    except ReportFileError:
        return None
    return header if sheet.height > _position_below(sheet, header) else None


def _header(sheet: _Sheet, name: str, wanted: Collection[str]) -> Header:
    return find_header(_filled(sheet), name=f"{name}, sheet {sheet.name}", wanted=wanted)


def _filled(sheet: _Sheet) -> list[list[str]]:
    return [row for row in sheet.rows if any(cell.strip() for cell in row)]


def _position_below(sheet: _Sheet, header: Header) -> int:
    """Give the number of rows down to and including the column names."""
    filled = [i for i, row in enumerate(sheet.rows) if any(cell.strip() for cell in row)]
    return filled[header.row] + 1


def _chunks(rows: Iterator[list[str]], columns: tuple[int, ...], first: int) -> Iterator[Chunk]:
    held: list[list[str]] = []
    lines: list[int] = []
    for number, row in enumerate(rows, start=1):
        if number <= first or not any(row):
            continue
        held.append(row)  # every row of a sheet is as wide as the sheet
        lines.append(number)
        if len(held) >= CHUNK_ROWS:
            yield _chunk(held, lines, columns)
            held, lines = [], []
    yield _chunk(held, lines, columns)


def _chunk(rows: list[list[str]], lines: list[int], columns: tuple[int, ...]) -> Chunk:
    data = text_table([[row[c] for row in rows] for c in columns])
    return Chunk(data, np.array(lines, dtype="int64"))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]
