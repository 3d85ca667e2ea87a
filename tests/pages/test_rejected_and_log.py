"""Rejected rows corrected on the page, and imports taken back."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analysis.jobs.exports import rejected_file
from analysis.jobs.imports import import_files
from analysis.jobs.profiles import save_guessed
from analysis.jobs.rejected import rejected_table
from geodata.quarantine import read_standing
from geodata.workspace import Workspace
from tests.pages.conftest import Open, html
from tests.pages.council_files import Upload, council_file
from tests.pages.test_data import press

AT = "2026-11-22T09:30:00+00:00"


@pytest.fixture
def imported(empty: Path, tmp_path: Path) -> Path:
    """One council file, of which a row waits to be corrected."""
    workspace = Workspace.open(empty)
    name, content, _ = council_file()
    (tmp_path / name).write_bytes(content)
    save_guessed(workspace, "ASB", tmp_path / name, source="council_asb")
    import_files(workspace, [tmp_path / name], profile="ASB", at=AT)
    return empty


def corrected(path: Path, date: str) -> Upload:
    """The file that the page hands out, with every date changed, saved by a spreadsheet."""
    content = rejected_file(rejected_table(Workspace.open(path)), kind="real")
    table = pd.read_csv(io.BytesIO(content), dtype="str", keep_default_na=False)
    return ("mine.csv", table.assign(**{"Incident date": date}).to_csv(index=False).encode(), "")


def take_back(at: AppTest, file: Upload) -> AppTest:
    at.file_uploader[0].set_value(file)
    at.run()
    return press(at, "Bring in the corrected rows")


def test_rejected_rows_are_grouped_and_come_back_corrected(open_page: Open, imported: Path) -> None:
    at = open_page("Rejected rows", imported)
    assert "the date … cannot be read" in html(at)
    assert "Example" not in html(at)
    take_back(at, corrected(imported, "31/13/2026"))
    assert "No row of mine.csv is in order yet" in html(at)
    assert len(read_standing(Workspace.open(imported))) == 1
    take_back(at, corrected(imported, "30/04/2026"))
    assert not at.exception
    assert "1 of 1 rows are in order and count now; none is left of them." in html(at)
    assert "No row waits here" in html(at)
    assert read_standing(Workspace.open(imported)).empty


def test_another_file_is_refused_in_one_box(open_page: Open, imported: Path) -> None:
    at = take_back(open_page("Rejected rows", imported), council_file())
    assert html(at).count('role="alert"') == 1
    assert "is not a file of rejected rows" in html(at)


def test_the_log_says_what_came_when_and_an_import_is_undone(
    open_page: Open, imported: Path
) -> None:
    at = open_page("What is stored", imported)
    said = html(at)
    assert "22 November 2026, 09:30" in said
    assert "asb-04.csv" in said
    at.selectbox(key="undo-which").set_value(at.selectbox(key="undo-which").options[0]).run()
    press(at, "Undo this import")
    assert "Its 8 rows are taken out of every count" in html(at)
    press(at, "No, leave it")
    assert "Undo the import of" not in html(at)
    press(press(at, "Undo this import"), "Yes, undo it")
    assert not at.exception
    assert "is undone: 6 rows were taken out" in html(at)
    assert ">Undone<" in html(at)
    assert not Workspace.open(imported).manifest().live


def test_an_import_with_corrected_rows_stays_until_these_are_undone(
    open_page: Open, imported: Path
) -> None:
    take_back(open_page("Rejected rows", imported), corrected(imported, "30/04/2026"))
    first = Workspace.open(imported).manifest().imports[0].import_id
    at = open_page("What is stored", imported)
    at.selectbox(key="undo-which").set_value(first).run()
    press(press(at, "Undo this import"), "Yes, undo it")
    assert "Later imports brought corrected rows of this one" in html(at)
    assert "Nothing has changed." in html(at)
