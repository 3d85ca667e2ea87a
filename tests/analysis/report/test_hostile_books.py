"""Workbooks and tables of what people wrote: hostile words stay words, in cells and headings."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from analysis.report.escaping import safe_filename
from analysis.report.spreadsheets import book_bytes, sheet_bytes
from analysis.report.tables import table_bytes
from tests.drawings import HOSTILE

FORMULAS = (
    "=1+1", "+1+1", "-1+1", "@SUM(1)", "=HYPERLINK(\"http://x.example\",\"y\")", "\t=1+1", "\r=1+1",
    "=cmd|' /C calc'!A0", "=DDE(\"cmd\";\"/C calc\";\"x\")", "=IMPORTXML(\"http://x.example\")",
    "http://x.example", "internal:Sheet1!A1", "external:c:\\x.xlsx", "{=1+1}", "＝1+1", " =1+1",
)  # fmt: skip
EVERY = [*HOSTILE, *FORMULAS]
# What XML cannot hold is left out by the writer; line ends come back as one.
READABLE = [t for t in EVERY if not re.search(r"[\x00-\x1f]", t)]


@pytest.mark.parametrize("form", ["pack", "records"])
def test_a_workbook_holds_words_and_neither_formulas_nor_links(form: str) -> None:
    frame = pd.DataFrame({"Note": EVERY, "=1+1": EVERY})
    content = (
        book_bytes({"notes": frame}, made_on=dt.date(2026, 7, 1))
        if form == "pack"
        else sheet_bytes({"notes": frame}, ".xlsx")
    )
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        names = book.namelist()
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert not [n for n in names if "_rels/sheet" in n or "external" in n or "vba" in n]
    assert not re.search(r"<(f|hyperlink|extLst|drawing|oleObject)\b", sheet)
    assert len(re.findall(r'<c [^>]*t="s"', sheet)) == 2 * (len(EVERY) + 1)
    rows = (
        CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("notes").to_python()
    )
    said = {str(row[0]) for row in rows}
    assert [text for text in READABLE if text not in said] == []


@pytest.mark.parametrize("text", FORMULAS)
def test_a_csv_of_areas_begins_no_cell_as_a_formula(text: str) -> None:
    lines = table_bytes(pd.DataFrame({"name": [text], "count": [3]}), ".csv").decode()
    [cell] = pd.read_csv(io.StringIO(lines), dtype=str)["name"]
    assert cell[:1] not in set("=+-@\t\r")
    assert cell.lstrip("'").strip() == text.strip()


@pytest.mark.parametrize("text", EVERY)
def test_a_file_is_never_called_what_a_shell_or_a_page_would_run(text: str) -> None:
    name = safe_filename(f"safer-walks {text}", ".csv")
    assert re.fullmatch(r"[\w.-]+\.csv", name, re.ASCII), name
    assert not name.startswith((".", "-"))
