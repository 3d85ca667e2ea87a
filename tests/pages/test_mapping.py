"""The mapping step: guessed, corrected, tried on real rows, saved, used again with one click."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analysis.jobs.imports import import_files
from geodata.council.fields import FIELD_NAMES
from geodata.store import read_incidents
from geodata.workspace import Workspace
from pages.data import mapping_words
from tests.builders import two_wards
from tests.pages.conftest import Open, html
from tests.pages.council_files import Upload, council_file
from tests.pages.test_data import press, upload

AT = "2026-11-22"


@pytest.fixture
def at(open_page: Open, empty: Path) -> AppTest:
    """Bring in reports, on a workspace with no report."""
    return open_page("Bring in reports", empty)


def select(at: AppTest, label: str) -> object:
    (box,) = [box for box in at.selectbox if box.label == label]
    return box


def choose(at: AppTest, label: str, value: str) -> AppTest:
    select(at, label).set_value(value)  # type: ignore[attr-defined]
    return at.run()


def saved(path: Path, name: str) -> dict[str, object]:
    return tomllib.loads((path / "profiles" / f"{name}.toml").read_text("utf-8"))


def rows(path: Path) -> pd.DataFrame:
    return read_incidents(Workspace.open(path))


def test_every_field_is_in_one_group_and_explained() -> None:
    grouped = [name for names in mapping_words.GROUPS.values() for name in names]
    assert sorted(grouped) == sorted(FIELD_NAMES)
    assert set(mapping_words.HELP) == set(FIELD_NAMES)
    assert set(mapping_words.ALWAYS) <= set(FIELD_NAMES)


def test_a_first_file_is_guessed_and_tried_on_its_rows(at: AppTest) -> None:
    upload(at, council_file())
    said = html(at)
    assert not at.exception
    assert select(at, "When it happened, or began").value == "Incident date"  # type: ignore[attr-defined]
    assert "Of the first 8 rows 6 come in, 1 are rejected, 1 repeat another row" in said
    assert "5 have a place on the map, 5 of them inside the wards" in said
    assert "“03/04/2026 21:15” in the column “Incident date” is 3 April 2026, 21:15" in said
    assert "metres of the British National Grid" in said
    assert "Rejected: the date &#x27;31/04/2026x&#x27; cannot be read" in said
    assert "Repeats a row: repeats line 2: the same reference" in said
    assert "Noise: neighbours (“Noise”)" in said
    assert "Example" not in said  # nobody's name, not even as an example of a column's values


def test_what_is_left_out_is_said_with_the_reason(at: AppTest) -> None:
    upload(at, council_file())
    said = html(at)
    assert "Complainant name" in said
    assert "looks like people&#x27;s names" in said
    assert [e.label for e in at.expander if "do not come in" in e.label] == [
        "Columns that do not come in: 1, 1 of them because they look personal"
    ]


def test_kinds_are_mapped_and_the_preview_follows(at: AppTest, empty: Path) -> None:
    upload(at, council_file())
    assert "1 kinds are not matched" in html(at)
    choose(at, "“Gong farming” (1 rows)", "flytipping_litter")
    assert "Fly-tipping or litter (“Gong farming”)" in html(at)
    press(at, "Save and bring in")
    assert not at.exception
    assert "flytipping_litter" in rows(empty)["category"].tolist()
    assert saved(empty, "council-reports")["categories"] == {
        "Begging": "begging", "Gong farming": "flytipping_litter", "Noise": "noise_domestic"
    }  # fmt: skip


def test_an_import_says_what_became_of_rows_columns_and_kinds(at: AppTest, empty: Path) -> None:
    press(upload(at, council_file()), "Save and bring in")
    said = html(at)
    assert "Done: 6 of 8 rows stored, 5 of them inside the wards" in said
    assert "<dt>Without a location: kept, not counted</dt><dd>1</dd>" in said
    assert "Gong farming" in said
    assert "rows of a kind that is not mapped to ours" in said
    assert "Complainant name" in said
    assert "Example" not in said
    assert rows(empty)["category"].tolist().count("unknown") == 1


def test_a_wrong_column_is_answered_in_one_sentence_and_nothing_can_be_saved(at: AppTest) -> None:
    upload(at, council_file())
    choose(at, "When it happened, or began", "")
    said = html(at)
    assert said.count('role="alert"') == 1
    assert "No column is chosen for the date" in said
    assert all(b.disabled for b in at.button if b.label.startswith("Save"))
    choose(at, "When it happened, or began", "Incident date")
    choose(at, "Northing", "Easting")
    assert "The column &#x27;Easting&#x27; is chosen twice" in html(at)


def test_a_column_about_people_comes_in_only_if_somebody_says_so(at: AppTest, empty: Path) -> None:
    upload(at, council_file())
    choose(at, "Street or place", "Complainant name")
    assert "The column “Complainant name” looks personal" in html(at)
    assert all(b.disabled for b in at.button if b.label.startswith("Save"))
    (yes,) = at.checkbox
    yes.check().run()
    press(at, "Save the profile only")
    assert saved(empty, "council-reports")["keep_personal"] == ["Complainant name"]
    assert rows(empty).empty


def make_profile(at: AppTest, name: str = "ASB") -> AppTest:
    upload(at, council_file())
    (box,) = [box for box in at.text_input if box.label == "Name of the profile"]
    box.set_value(name).run()
    return press(at, "Save and bring in")


def test_the_second_month_is_one_click(at: AppTest, empty: Path) -> None:
    make_profile(at)
    upload(at, council_file(5))
    assert select(at, "Saved profile").value == "ASB"  # type: ignore[attr-defined]
    assert [b.label for b in at.button][:1] == ["Bring in reports"]
    press(at, "Bring in reports")
    assert "Done: 6 of 8 rows stored" in html(at)
    assert rows(empty)["month"].astype("str").unique().tolist() == ["2026-04", "2026-05"]


MOVED = "Northing,Batch,Type,EASTING,Complainant name,Incident date,Ref"


def test_columns_may_move_and_be_added_next_month(at: AppTest, empty: Path) -> None:
    make_profile(at)
    name, content, kind = council_file(5, header=MOVED.replace("EASTING", "Easting"))
    upload(at, (name, content.replace(b"Easting", b"EASTING", 1), kind))
    assert "Columns that are new since the profile was made: Batch" in html(at)
    press(at, "Bring in reports")
    assert "Done: 6 of 8 rows stored, 5 of them inside the wards" in html(at)


def test_a_column_that_is_gone_stops_with_a_clear_message(at: AppTest, empty: Path) -> None:
    make_profile(at)
    before = Workspace.open(empty).version
    name, content, kind = council_file(5)
    upload(at, (name, content.replace(b",Type,", b",Heading of ASB,", 1), kind))
    said = html(at)
    assert said.count('role="alert"') == 1
    assert "lacks the column that the profile &#x27;ASB&#x27; needs" in said
    assert "no &#x27;Type&#x27;" in said
    assert "Bring in reports" not in [b.label for b in at.button]
    # The way on is on the same page: choose the column anew, and save the profile under its name.
    choose(at, "Kind of report", "Heading of ASB")
    assert Workspace.open(empty).version == before
    press(at, "Save and bring in")
    assert "Done: 6 of 8 rows stored" in html(at)
    assert saved(empty, "asb")["columns"]["category"] == "Heading of ASB"  # type: ignore[index]


def test_page_and_command_give_the_same_rows(at: AppTest, empty: Path, tmp_path: Path) -> None:
    name, content, _ = file = council_file()
    press(upload(at, file), "Save and bring in")
    other = Workspace.create(tmp_path / "other", kind="real", wards=two_wards(), ward_info={})
    (other.path / "profiles").mkdir()
    text = (empty / "profiles" / "council-reports.toml").read_bytes()
    (other.path / "profiles" / "council-reports.toml").write_bytes(text)
    (tmp_path / name).write_bytes(content)
    import_files(other, [tmp_path / name], profile="Council reports", at=AT)
    pd.testing.assert_frame_equal(rows(empty), rows(other.path))


def test_a_profile_is_not_replaced_unasked(at: AppTest, empty: Path) -> None:
    make_profile(at)
    upload(at, council_file(5))
    choose(at, "Saved profile", "")
    (box,) = [box for box in at.text_input if box.label == "Name of the profile"]
    box.set_value("asb").run()
    assert all(b.disabled for b in at.button if b.label.startswith("Save"))
    at.checkbox[0].check().run()
    assert not any(b.disabled for b in at.button if b.label.startswith("Save"))


def test_a_conflict_is_asked_about_with_the_same_profile(at: AppTest, empty: Path) -> None:
    bare = "Incident date,Type,Easting,Northing"  # no reference: months are compared by places
    press(upload(at, council_file(header=bare)), "Save and bring in")
    name, content, kind = council_file(name="more.csv", header=bare)
    press(upload(at, (name, content.replace(b",5305", b",5309"), kind)), "Bring in reports")
    assert "is not a correction of what is stored" in html(at)
    at.radio[0].set_value("add").run()
    press(at, "Bring in like this")
    assert "Done: 7 of 8 rows stored" in html(at)
    assert len(rows(empty)) == 14


def test_a_sheet_is_chosen(at: AppTest, tmp_path: Path) -> None:
    path = tmp_path / "both.xlsx"
    dated = pd.DataFrame({"Date": ["03/04/2026"], "Type": ["Noise"]})
    with pd.ExcelWriter(path) as book:
        pd.concat([dated] * 3).to_excel(book, sheet_name="Noise", index=False)
        dated.to_excel(book, sheet_name="Begging", index=False)
    upload(at, ("both.xlsx", path.read_bytes(), "application/vnd.ms-excel"))
    assert "Of the first 3 rows 3 come in" in html(at)
    choose(at, "Sheet or layer to read", "Begging")
    assert "Of the first 1 rows 1 come in" in html(at)


def test_a_profile_is_listed_downloaded_and_deleted(at: AppTest, empty: Path) -> None:
    make_profile(at)
    assert "ASB: Council reports, 5 columns" in [e.label for e in at.expander]
    assert "Download (TOML)" in [b.label for b in at.get("download_button")]
    press(at, "Delete this profile")
    assert "Delete the profile “ASB”?" in html(at)
    press(at, "Keep it")
    press(press(at, "Delete this profile"), "Delete it")
    assert not (empty / "profiles" / "asb.toml").exists()
    assert len(rows(empty)) == 6


@pytest.mark.parametrize(
    "file",
    [
        ("empty.csv", b"", "text/csv"),
        ("page.csv", b"<!DOCTYPE html><html></html>", "text/csv"),
        ("cases.xlsx", b"PK\x03\x04 not a workbook", "application/vnd.ms-excel"),
        ("nodate.csv", b"Name,Amount\nx,1\ny,2\n", "text/csv"),
    ],
)
def test_a_file_that_is_no_table_is_one_clear_box(file: Upload, at: AppTest, empty: Path) -> None:
    upload(at, file)
    said = html(at)
    assert not at.exception
    assert said.count('role="alert"') == 1
    assert "What to do:" in said
    assert rows(empty).empty
