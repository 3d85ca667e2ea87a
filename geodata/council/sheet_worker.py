"""Read a spreadsheet in a process of its own: `python sheet_worker.py FILE preview|rows SHEET`.

A 2 kB workbook whose last cell is XFD1048576 makes the reader ask for 550 GB, and a damaged one
can end it outright; neither may end the program that asked. This script imports nothing of ours, so
that it starts fast, caps its own memory where the system lets it, and answers in lines of JSON.
"""

from __future__ import annotations

import datetime
import itertools
import json
import re
import sys
import zipfile
from collections.abc import Iterator

import python_calamine

MEMORY_BYTES = 4 * 2**30
PREVIEW_ROWS = 200
_DATE_1904 = re.compile(rb'date1904\s*=\s*"(1|true)"', re.IGNORECASE)


def cell_text(value: object) -> str:
    """Write a cell as text: dates as ISO, whole numbers without a point.

    Examples
    --------
    >>> cell_text(100023456789.0), cell_text(-0.0332), cell_text(datetime.date(2026, 4, 3))
    ('100023456789', '-0.0332', '2026-04-03')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, datetime.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"
    return value.isoformat() if isinstance(value, datetime.date | datetime.time) else str(value)


def preview(path: str, asked: str) -> Iterator[object]:
    """Give every sheet with its size and its first rows; hidden ones unread unless asked for.

    Add-ins keep their settings in hidden sheets, sometimes in the very last cell.
    """
    book = python_calamine.load_workbook(path)
    sheets = []
    for data in book.sheets_metadata:
        if data.typ != python_calamine.SheetTypeEnum.WorkSheet:
            continue
        found: dict[str, object] = {"name": data.name, "height": 0, "rows": []}
        if data.visible == python_calamine.SheetVisibleEnum.Visible or data.name == asked:
            sheet = book.get_sheet_by_name(data.name)
            rows = itertools.islice(sheet.iter_rows(), PREVIEW_ROWS)
            found["rows"] = [[cell_text(cell) for cell in row] for row in rows]
            found["height"] = (sheet.start or (0, 0))[0] + sheet.height
        sheets.append(found)
    yield {"sheets": sheets, "excel_1904": _counts_from_1904(path)}


def all_rows(path: str, sheet: str) -> Iterator[object]:
    """Give every row of one sheet."""
    for row in python_calamine.load_workbook(path).get_sheet_by_name(sheet).iter_rows():
        yield [cell_text(c) for c in row]


def _counts_from_1904(path: str) -> bool:
    try:
        with zipfile.ZipFile(path) as archive, archive.open("xl/workbook.xml") as book:
            return _DATE_1904.search(book.read(65_536)) is not None
    except (zipfile.BadZipFile, KeyError, OSError):
        return False


def _cap_memory() -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    except (ImportError, ValueError, OSError):
        return


def main() -> int:
    """Answer on standard output; 1 if the file is at fault."""
    path, task, sheet = sys.argv[1:]
    _cap_memory()
    write = sys.stdout.buffer.write
    try:
        answers = preview(path, sheet) if task == "preview" else all_rows(path, sheet)
        for answer in answers:
            write(json.dumps(answer).encode() + b"\n")
    except (python_calamine.CalamineError, OSError, MemoryError) as error:
        write(json.dumps({"error": str(error) or type(error).__name__}).encode() + b"\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
