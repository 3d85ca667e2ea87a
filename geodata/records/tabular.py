"""Read spreadsheets of records: CSV and XLSX, every cell as the text a person would read.

Nothing is guessed: the first row names the columns, and what a cell means is for the column to
say (`geodata.records.fields.clean`).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import python_calamine

from geodata.errors import RecordError, how_to_open

LARGEST_BYTES = 200 * 1024 * 1024
"""Larger than any list of records; a file that unpacks to more was made to do harm."""

_APOSTROPHED = tuple("=+-@\t\r\n|%\uff1d\uff0b\uff0d\uff20")
"""What `analysis.report.escaping.csv_cell` disarms."""


@dataclass(frozen=True)
class Sheet:
    """One table of a file.

    Attributes
    ----------
    name : str
        The sheet's name; '' in a CSV.
    columns : tuple of str
        As the first row names them.
    rows : tuple
        Pairs of the line (from 1, the header's line included) and the row's cells by column.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]


def read_sheets(path: Path | str) -> list[Sheet]:
    """Read every table of a spreadsheet.

    Parameters
    ----------
    path : Path or str
        A .csv file (UTF-8, or as Excel on Windows saves it; comma, semicolon or tab), or a .xlsx.

    Raises
    ------
    RecordError
        If it cannot be read as such, is too large, or two columns have one name.
    """
    file = Path(path)
    try:
        if file.stat().st_size > LARGEST_BYTES:
            raise _unreadable(file, "it is too large to be a list of records")
        data = file.read_bytes()
        sheets = _workbook(data) if data[:2] == b"PK" else [("", _delimited(data))]
    except OSError as fault:
        raise RecordError(
            f"{file.name} cannot be read", got=fault.strerror or str(fault),
            todo=how_to_open(fault),
        ) from fault  # fmt: skip
    except (zipfile.BadZipFile, python_calamine.CalamineError, csv.Error) as fault:
        raise _unreadable(file, str(fault)) from fault
    return [sheet for name, rows in sheets if (sheet := _sheet(file, name, rows))]


def without_apostrophe(text: str) -> str:
    r"""Undo the apostrophe that keeps a spreadsheet from running a cell as a formula.

    Examples
    --------
    >>> without_apostrophe("'=1+1"), without_apostrophe("'til late"), without_apostrophe("''=1")
    ('=1+1', "'til late", "'=1")
    """
    return text[1:] if looks_disarmed(text) else text


def looks_disarmed(text: str) -> bool:
    """Tell whether an apostrophe stands before what a spreadsheet would run."""
    inside = text.lstrip("'").lstrip(" \xa0\u200b\ufeff")
    return text.startswith("'") and inside.startswith(_APOSTROPHED)


def _workbook(data: bytes) -> list[tuple[str, list[list[str]]]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(info.file_size for info in archive.infolist()) > LARGEST_BYTES:
            raise zipfile.BadZipFile("it would unpack to more than a list of records can be")
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    return [
        (name, [[_cell(v) for v in row] for row in _rows(book.get_sheet_by_name(name))])
        for name in book.sheet_names
    ]


def _rows(sheet: python_calamine.CalamineSheet) -> Sequence[Sequence[object]]:
    # Blank rows at the top are kept, so that line numbers are those a person sees.
    return sheet.to_python(skip_empty_area=False)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, dt.datetime):
        text = value.isoformat(sep=" ", timespec="seconds")
        return text.removesuffix(" 00:00:00")
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)


def _delimited(data: bytes) -> list[list[str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return [[without_apostrophe(cell) for cell in row] for row in rows]


def _sheet(file: Path, name: str, rows: list[list[str]]) -> Sheet | None:
    top = next((i for i, row in enumerate(rows) if any(c.strip() for c in row)), None)
    if top is None:
        return None
    columns = tuple(cell.strip() for cell in rows[top])
    named = [c for c in columns if c]
    twice = sorted({c for c in named if named.count(c) > 1})
    if twice:
        raise _unreadable(file, f"two columns are called {twice[0]!r}")
    found = (
        (number, _by_column(columns, row)) for number, row in enumerate(rows[top + 1 :], top + 2)
    )
    return Sheet(name, tuple(named), tuple((n, row) for n, row in found if any(row.values())))


def _by_column(columns: Iterable[str], row: list[str]) -> dict[str, str]:
    cells = [*row, *[""] * 200]
    return {column: cell for column, cell in zip(columns, cells, strict=False) if column}


def _unreadable(file: Path, said: str) -> RecordError:
    return RecordError(
        f"{file.name} cannot be read as a list of records", got=said,
        todo="save it as CSV (UTF-8) or XLSX, with one row of column names at the top",
    )  # fmt: skip
