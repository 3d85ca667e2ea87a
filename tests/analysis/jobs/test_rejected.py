"""Rejected rows go round: handed out, corrected in a spreadsheet, brought in; sums stay sums."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest

from analysis.jobs.exports import rejected_file
from analysis.jobs.imports import import_files, undo_import
from analysis.jobs.profiles import folder, save_guessed
from analysis.jobs.quality import quality
from analysis.jobs.rejected import by_reason, correct, rejected_table
from geodata.errors import ProfileError, ReportFileError, StoreConflictError
from geodata.quarantine import read_standing, read_waiting
from geodata.store import read_incidents
from geodata.workspace import Workspace
from tests.builders import workspace_of
from tests.street_files import along, write

AT = "2026-11-22T09:00:00+00:00"
HEADER = "Ref,Incident date,Complainant name,Type,Easting,Northing,Street"
ROWS = [
    "A1,03/04/2026 21:15,Ann Example,Noise,530500,180500,High Street",
    "A2,31/04/2026,Bob Example,Noise,530510,180500,=HYPERLINK(1)",  # no such day
    "A3,04/04/2026 22:10,Cat Example,Begging,531500,180500,High Street",
    "A4,,Dan Example,Begging,531510,180500,-",  # no date
]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Two of four rows wait to be corrected: lines 3 and 5."""
    made = workspace_of(tmp_path / "workspace")
    path = tmp_path / "asb.csv"
    path.write_text("\n".join([HEADER, *ROWS]) + "\n", "utf-8")
    save_guessed(made, "ASB", path, source="council_asb", provider="tower-hamlets")
    import_files(made, [path], profile="ASB", at=AT)
    return made.reopen()


def handed_out(workspace: Workspace) -> pd.DataFrame:
    """What a spreadsheet shows of the file as it is downloaded."""
    content = rejected_file(rejected_table(workspace), kind="real")
    table = pd.read_csv(io.BytesIO(content), dtype="str", keep_default_na=False)
    return table[table["row_id"] != ""]


def corrected(table: pd.DataFrame, folder: Path, **dates: str) -> Path:
    """Write the dates of some lines, and save the file as a spreadsheet program does."""
    for line, date in dates.items():
        table.loc[table["rejected_line"] == line.removeprefix("line"), "Incident date"] = date
    path = folder / "corrected.csv"
    table.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")
    return path


def sums(workspace: Workspace) -> tuple[int, int, int]:
    [row] = quality(workspace.reopen()).totals.to_dict("records")
    assert row["rows_in"] >= row["inside"] + row["outside"] + row["no_location"] + row["rejected"]
    return row["rows_in"], row["inside"], row["rejected"]


def test_the_table_has_the_mapped_columns_and_nobodys_name(workspace: Workspace) -> None:
    table = handed_out(workspace)
    assert table["rejected_line"].tolist() == ["3", "5"]
    assert table.columns[:5].tolist() == [
        "row_id", "source", "rejected_from", "rejected_line", "rejected_because"
    ]  # fmt: skip
    assert set(table.columns[5:]) == {
        "Ref", "Incident date", "Type", "Easting", "Northing", "Street"
    }  # fmt: skip
    assert table["Street"].tolist() == ["'=HYPERLINK(1)", ""]
    assert "Example" not in table.to_csv()


def test_reasons_are_grouped_whatever_values_they_name(workspace: Workspace) -> None:
    found = by_reason(workspace)
    kinds = dict(zip(found["kind"], found["waiting"], strict=True))
    assert kinds["the date … cannot be read"] == 1
    assert kinds["the row has no date"] == 1


def test_corrected_rows_count_and_the_sum_stays(workspace: Workspace, tmp_path: Path) -> None:
    rows_in, inside, rejected = sums(workspace)
    path = corrected(handed_out(workspace), tmp_path, line3="30/04/2026", line5="06/04/2026 20:00")
    report = correct(workspace, path, at=AT)
    assert (report.rows_in, report.inside, report.rejected) == (2, 2, 0)
    assert sums(workspace) == (rows_in, inside + 2, rejected - 2)
    assert read_waiting(workspace.reopen()).empty
    stored = read_incidents(workspace.reopen())
    assert stored["incident_uid"].is_unique
    assert stored["force"].astype("str").unique().tolist() == ["tower-hamlets"]
    street = stored.loc[stored["source_ref"].eq("A2"), "location"]
    assert street.tolist() == ["=HYPERLINK(1)"]  # the apostrophe was the spreadsheet's


def test_what_is_still_wrong_keeps_waiting(workspace: Workspace, tmp_path: Path) -> None:
    rows_in, inside, rejected = sums(workspace)
    table = handed_out(workspace)
    report = correct(workspace, corrected(table, tmp_path, line3="30/04/2026"), at=AT)
    assert (report.rows_in, report.inside, report.rejected) == (2, 1, 1)
    assert sums(workspace) == (rows_in, inside + 1, rejected - 1)
    [waiting] = read_waiting(workspace.reopen()).to_dict("records")
    assert (waiting["file"], waiting["line"]) == ("asb.csv", 5)
    # The first file once more, now with the other row in order too: nothing counts twice.
    again = correct(
        workspace.reopen(),
        corrected(table, tmp_path, line3="29/04/2026", line5="06/04/2026"),
        at=AT,
    )
    assert (again.rows_in, again.inside, again.already_imported) == (2, 1, 1)
    assert again.accounted_for == again.rows_in
    assert sums(workspace) == (rows_in, inside + 2, rejected - 2)
    assert correct(workspace.reopen(), tmp_path / "corrected.csv", at=AT).unchanged


def test_undoing_the_correction_lets_the_rows_wait_again(
    workspace: Workspace, tmp_path: Path
) -> None:
    before = sums(workspace)
    first = workspace.manifest().imports[0].import_id
    report = correct(
        workspace, corrected(handed_out(workspace), tmp_path, line3="30/04/2026"), at=AT
    )
    with pytest.raises(StoreConflictError, match="corrected rows"):
        undo_import(workspace.reopen(), first, at=AT)
    undo_import(workspace.reopen(), report.import_id, at=AT)
    assert sums(workspace) == before
    assert read_waiting(workspace.reopen())["line"].tolist() == [3, 5]


def test_a_dry_run_stores_nothing(workspace: Workspace, tmp_path: Path) -> None:
    path = corrected(handed_out(workspace), tmp_path, line3="30/04/2026")
    report = correct(workspace, path, dry_run=True, at=AT)
    assert (report.inside, report.rejected, report.import_id) == (1, 1, "")
    assert workspace.reopen().version == workspace.version


def test_another_edition_of_the_profile_still_reads_the_rows(
    workspace: Workspace, tmp_path: Path
) -> None:
    file = folder(workspace) / "asb.toml"
    file.write_text(file.read_text("utf-8").replace("[categories]", '[categories]\nZorb = "rowdy"'))
    path = corrected(handed_out(workspace), tmp_path, line3="30/04/2026")
    assert correct(workspace, path, at=AT).inside == 1


def test_without_any_profile_somebody_must_say_how(workspace: Workspace, tmp_path: Path) -> None:
    (folder(workspace) / "asb.toml").unlink()
    path = corrected(handed_out(workspace), tmp_path, line3="30/04/2026")
    with pytest.raises(ProfileError, match="No saved profile reads the rows"):
        correct(workspace, path, at=AT)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("Ref,Date\nA1,03/04/2026\n", "is not a file of rejected rows"),
        ("row_id,Incident date,Ref,Type,Easting,Northing,Street\ncouncil_asb:0:3,,,,,,\n",
         "is none of those that wait"),
    ],
)  # fmt: skip
def test_a_file_of_other_rows_is_refused(
    content: str, said: str, workspace: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "other.csv").write_text(content, "utf-8")
    with pytest.raises(ReportFileError, match=said):
        correct(workspace, tmp_path / "other.csv", at=AT)


def test_a_row_twice_and_no_row_in_order_are_refused(workspace: Workspace, tmp_path: Path) -> None:
    table = handed_out(workspace)
    with pytest.raises(ReportFileError, match="holds a row twice"):
        correct(workspace, corrected(pd.concat([table, table]), tmp_path), at=AT)
    with pytest.raises(ReportFileError, match="in order yet.*line 2: the date"):
        correct(workspace, corrected(table, tmp_path), at=AT)
    assert workspace.reopen().version == workspace.version


def test_rows_of_police_files_stay_in_one_piece(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path / "workspace")
    path = write(tmp_path, "2026-04-metropolitan-street.csv", along(5))
    path.write_text(path.read_text("utf-8").replace("2026-04,", "2026-14,", 1), "utf-8")
    import_files(workspace, [path])
    table = rejected_table(workspace.reopen())
    assert table["row_id"].tolist() == [""]
    assert "2026-14" in table["row"][0]
    assert read_waiting(workspace.reopen()).empty
    assert len(read_standing(workspace.reopen())) == 1


def test_nothing_rejected_is_an_empty_table(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path / "workspace")
    assert rejected_table(workspace).empty
    assert by_reason(workspace).empty
