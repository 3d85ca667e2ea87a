"""Lists of records as spreadsheets that a person can work in and bring back: CSV and XLSX.

Every cell is text, so that no spreadsheet turns an id into a date or runs what somebody wrote; the
same text comes back (`geodata.records.tabular`).
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping

import pandas as pd
import xlsxwriter  # type: ignore[import-untyped]

from analysis.report.escaping import csv_cell
from geodata.errors import SaferWalksError
from geodata.records.tabular import looks_disarmed

ENDINGS = (".csv", ".xlsx")
_WIDEST = 50
_LONGEST_CELL = 32_767


def sheet_bytes(tables: Mapping[str, pd.DataFrame], ending: str) -> bytes:
    r"""Write tables of text as the content of a file.

    Parameters
    ----------
    tables : mapping
        Name of a sheet -> its rows, all text.
    ending : {'.csv', '.xlsx'}
        A CSV holds one table.

    Raises
    ------
    SaferWalksError
        If the ending is neither, or several tables are to go into a CSV.

    Examples
    --------
    >>> sheet_bytes({"actions": pd.DataFrame({"action_id": ["A-1"], "note": ["=1"]})}, ".csv")
    b"\xef\xbb\xbfaction_id,note\nA-1,'=1\n"
    """
    if ending.lower() == ".xlsx":
        return _workbook(tables)
    if ending.lower() != ".csv" or len(tables) != 1:
        raise SaferWalksError(
            "Several lists do not fit in one CSV file"
            if ending.lower() == ".csv"
            else "A list is written as CSV or XLSX",
            got=", ".join(tables) if ending.lower() == ".csv" else ending,
            todo="end the name in .xlsx" if len(tables) != 1 else "end the name in .csv or .xlsx",
        )
    frame = next(iter(tables.values()))
    safe = frame.map(_csv_text)
    # With the mark at the start, Excel reads the file as UTF-8.
    return safe.to_csv(index=False, lineterminator="\n").encode("utf-8-sig")


def book_bytes(tables: Mapping[str, pd.DataFrame], *, made_on: dt.date) -> bytes:
    """Write tables as one workbook, a sheet each: numbers as numbers, everything else as text.

    Parameters
    ----------
    tables : mapping
        Name of a sheet -> its rows.
    made_on : date
        Written into the file; the same tables give the same bytes.

    Examples
    --------
    >>> table = pd.DataFrame({"Place": ["=1+1"], "Number": [3]})
    >>> book_bytes({"places": table}, made_on=dt.date(2026, 4, 30))[:2]
    b'PK'
    """
    file = io.BytesIO()
    book = xlsxwriter.Workbook(
        file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"created": dt.datetime.combine(made_on, dt.time())})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    cell = book.add_format({"text_wrap": True, "valign": "top"})
    for name, frame in tables.items():
        sheet = book.add_worksheet(name[:31])
        sheet.freeze_panes(1, 1)
        for at, column in enumerate(frame.columns):
            values = frame[column].tolist()
            widest = max([len(str(column)), *(len(str(v)) for v in values)])
            sheet.set_column(at, at, min(max(widest, 8) + 2, _WIDEST), cell)
            sheet.write_string(0, at, str(column), bold)
            for row, value in enumerate(values, start=1):
                if isinstance(value, (int, float)) and value == value:
                    sheet.write_number(row, at, value, cell)
                elif isinstance(value, str) and value:
                    sheet.write_string(row, at, value[:_LONGEST_CELL], cell)
    book.close()
    return file.getvalue()


def _csv_text(text: str) -> object:
    """Disarm a formula so that reading can undo it: also where an apostrophe stood already."""
    return f"'{text}" if looks_disarmed(text) else csv_cell(text)


def _workbook(tables: Mapping[str, pd.DataFrame]) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(
        file,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
    )
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    cell = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    for name, frame in tables.items():
        sheet = book.add_worksheet(name[:31])
        sheet.freeze_panes(1, 1)
        for at, column in enumerate(frame.columns):
            texts = [str(v) for v in frame[column]]
            _require_room(texts)
            widest = max([len(column), *(len(t) for t in texts)])
            sheet.set_column(at, at, min(max(widest, 8) + 2, _WIDEST), cell)
            sheet.write_string(0, at, column, bold)
            for row, text in enumerate(texts, start=1):
                if text:
                    sheet.write_string(row, at, text, cell)
    book.close()
    return file.getvalue()


def _require_room(texts: list[str]) -> None:
    longest = max(map(len, texts), default=0)
    if longest > _LONGEST_CELL:
        raise SaferWalksError(
            "A text is longer than a cell of a spreadsheet holds", got=f"{longest:,} characters",
            todo="write a .csv file",
        )  # fmt: skip
