"""Lists of records go out and come back equal; nothing that others changed is overwritten."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.report.spreadsheets import sheet_bytes
from geodata.demo.borough import wards
from geodata.demo.records import add_records
from geodata.errors import RecordError, SaferWalksError
from geodata.records import exchange
from geodata.records.database import Records, open_records
from geodata.records.kinds import KINDS
from geodata.records.tabular import read_sheets, without_apostrophe
from geodata.workspace import Workspace
from tests.databases import AT

NEVER = ("users", "contacts", "alerts")
ACTION = {"origin": "walkabout", "status": "proposed", "action_text": "Mend it"}
CELL = st.text(
    st.one_of(
        st.sampled_from("=+-@|%'\"\n;, \t0.x"), st.characters(exclude_categories=["Cs", "Cc"])
    ),
    max_size=12,
)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Records:
    folder = tmp_path_factory.mktemp("story") / "w"
    workspace = Workspace.create(folder, kind="demo", wards=wards(), ward_info={})
    add_records(workspace, seed=3, last_month="2026-06")
    return open_records(workspace)


def sheets_of(records: Records, kinds: list[str]) -> dict[str, pd.DataFrame]:
    return {kind: exchange.texts(records, kind, KINDS[kind].fields) for kind in kinds}


def bring(records: Records, path: Path, kind: str = "") -> exchange.Imported:
    with records.changing(by="bob", at=AT) as change:
        return exchange.bring_in(change, read_sheets(path), kind=kind)


def test_out_and_into_an_empty_workspace_gives_an_equal_store(
    story: Records, records: Records, tmp_path: Path
) -> None:
    kinds = [kind for kind in KINDS if kind not in NEVER]
    path = tmp_path / "all.xlsx"
    sheets = sheets_of(story, kinds)
    sheets["responses"] = sheets["responses"][:60]  # enough to try every column
    path.write_bytes(sheet_bytes(sheets, ".xlsx"))
    done = bring(records, path)
    assert sum(done.added.values()) == sum(map(len, sheets.values())) > 200
    assert done.left_out == ()
    for kind in kinds:
        sent = set(sheets[kind].iloc[:, 0])
        expected = [(r.id, r.version, r.values) for r in story.list(kind) if r.id in sent]
        assert [(r.id, r.version, r.values) for r in records.list(kind)] == expected
    again = bring(records, path)
    assert sum(again.added.values()) == sum(again.changed.values()) == 0
    with records.changing(by="bob", at=AT.replace(year=2024)) as change:
        new = change.create("events", {"event_type": "walkabout", "status": "proposed"})
    taken = [e.id for e in story.list("events")]
    assert new.id not in taken
    assert new.id > max(i for i in taken if i.startswith("EVT-2024"))


@given(st.lists(CELL, min_size=1, max_size=5), st.sampled_from([".csv", ".xlsx"]))
def test_any_text_comes_back_from_a_spreadsheet(cells: list[str], ending: str) -> None:
    import tempfile

    frame = pd.DataFrame({"id": [str(n) for n in range(len(cells))], "text": cells}, dtype="str")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"list{ending}"
        path.write_bytes(sheet_bytes({"list": frame}, ending))
        (sheet,) = read_sheets(path)
    assert [row["text"] for _, row in sheet.rows] == cells


@given(CELL)
def test_no_cell_of_a_csv_runs(text: str) -> None:
    frame = pd.DataFrame({"note": [text]}, dtype="str")
    body = sheet_bytes({"x": frame}, ".csv").decode("utf-8-sig").split("\n", 1)[1]
    start = body.lstrip('"').lstrip(" \xa0\u200b\ufeff")
    number = text.strip(" ").lstrip("+-").replace(".", "", 1).isdigit()
    assert number or not start.startswith(("=", "+", "-", "@", "|", "%", "\t"))


def test_a_workbook_holds_text_and_no_formula(tmp_path: Path) -> None:
    import zipfile

    frame = pd.DataFrame({"note": ["=1+1", "http://example.org", "0012"]})
    path = tmp_path / "x.xlsx"
    path.write_bytes(sheet_bytes({"actions": frame}, ".xlsx"))
    with zipfile.ZipFile(path) as book:
        names = book.namelist()
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert not [n for n in names if "external" in n.lower()]


def test_several_lists_do_not_fit_in_a_csv() -> None:
    frame = pd.DataFrame({"a": ["1"]})
    with pytest.raises(SaferWalksError, match="do not fit in one CSV"):
        sheet_bytes({"a": frame, "b": frame}, ".csv")


def made(records: Records, count: int = 1) -> list[str]:
    with records.changing(by="anna", at=AT) as change:
        return [change.create("actions", ACTION).id for _ in range(count)]


def test_a_sheet_that_comes_back_changes_what_was_changed_in_it(
    records: Records, tmp_path: Path
) -> None:
    first, second = made(records, 2)
    path = tmp_path / "actions.csv"
    path.write_text(
        "action_id,version,Status,owner_agency,due_on,notes of mine\n"
        f"{first},1,Agreed,Transport for London,30/4/2026,x\n"
        f"{second},1,proposed,,,\n"
        ",,proposed,,,\n"
    )
    frame = path.read_text().replace(",,proposed,,,\n", "")
    path.write_text(frame)
    done = bring(records, path, "actions")
    assert (done.added, done.changed, done.unchanged) == (
        {"actions": 0}, {"actions": 1}, {"actions": 1},
    )  # fmt: skip
    assert done.left_out == ("column notes of mine of actions",)
    changed = records.get("actions", first)
    assert (changed["owner_agency"], str(changed["due_on"])) == ("tfl", "2026-04-30")
    assert changed["status"] == "agreed"  # headed by its label
    assert changed["action_text"] == "Mend it"  # a column that is not in the sheet stays


def test_what_others_changed_meanwhile_is_told_and_nothing_is_stored(
    records: Records, tmp_path: Path
) -> None:
    first, second = made(records, 2)
    path = tmp_path / "a.xlsx"
    frame = exchange.texts(records, "actions", ["due_on", "status"]).assign(due_on="2026-05-01")
    path.write_bytes(sheet_bytes({"actions": frame}, ".xlsx"))
    with records.changing(by="carol", at=AT) as change:
        change.update("actions", first, {"due_on": "2026-06-01"}, version=1)
    before = records.stamp()
    with pytest.raises(RecordError, match="1 rows have a fault") as caught:
        bring(records, path)
    assert f"line 2: {first} was changed since" in str(caught.value)
    assert "due_on: stored '2026-06-01', in the file '2026-05-01'" in str(caught.value)
    assert records.stamp() == before
    assert records.get("actions", second)["due_on"] is None


def test_every_fault_is_told_with_its_line(records: Records, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "origin;status;action_text;due_on\n"
        "walkabout;proposed;fine;\n"
        "moon;proposed;x;\n"
        "walkabout;proposed;;soon\n"
    )
    with pytest.raises(RecordError) as caught:
        bring(records, path, "actions")
    said = str(caught.value)
    assert "2 rows have a fault" in said
    assert "line 3: 'origin' cannot be 'moon'" in said
    assert "line 4: " in said
    assert records.list("actions") == []


def test_rows_may_name_rows_further_down(records: Records, tmp_path: Path) -> None:
    path = tmp_path / "sites.csv"
    path.write_text(
        "site_id,name,kind,status,merged_into\n"
        "SIT-2026-0002,Old,park,merged,SIT-2026-0001\n"
        "SIT-2026-0001,New,park,,\n"
    )
    assert bring(records, path, "sites").added == {"sites": 2}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04nothing", "cannot be read"),
        (b"a,a\n1,2\n", "two columns are called 'a'"),
        (b"", "no list of records"),
    ],
)
def test_what_is_no_list_is_refused(
    records: Records, tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(RecordError, match=said):
        bring(records, path, "actions")


def test_a_csv_as_excel_on_windows_saves_it(records: Records, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    text = "origin;status;action_text\r\nwalkabout;proposed;café – ‘now’\r\n"
    path.write_bytes(text.encode("cp1252"))
    bring(records, path, "actions")
    assert records.list("actions")[0]["action_text"] == "café – ‘now’"


def test_dates_that_a_spreadsheet_made_real_are_read(
    records: Records, tmp_path: Path, new_url: Callable[[], str]
) -> None:
    import datetime as dt

    import xlsxwriter

    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as book:
        sheet = book.add_worksheet("actions")
        sheet.write_row(0, 0, ["origin", "status", "action_text", "due_on", "revisions"])
        sheet.write_row(1, 0, ["walkabout", "proposed", "x", dt.date(2026, 4, 3), 2.0])
    bring(records, path)
    (stored,) = records.list("actions")
    assert (str(stored["due_on"]), stored["revisions"]) == ("2026-04-03", 2)


def test_the_apostrophe_of_a_person_stays() -> None:
    assert without_apostrophe("'til late") == "'til late"
