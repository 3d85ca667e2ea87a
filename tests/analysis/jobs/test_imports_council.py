"""Council files come in by the same door as police.uk files, and by the same rules."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analysis.jobs.counts import counts
from analysis.jobs.imports import import_files, list_imports, undo_import
from analysis.jobs.profiles import folder, save_guessed
from geodata.batches import ImportReport
from geodata.errors import ProfileError, ReportFileError, StoreConflictError, WorkspaceError
from geodata.incidents import INCIDENT_COLUMNS
from geodata.store import read_incidents, read_rejected, stored_months
from geodata.workspace import Workspace
from tests.builders import EAST, WEST, two_wards, workspace_of
from tests.street_files import along, write

AT = "2026-11-22T09:00:00+00:00"
HEADER = "Ref,Incident date,Complainant name,Type,Easting,Northing"
ROWS = [
    "A1,03/04/2026 21:15,Ann Example,Noise,530500,180500",  # 3 April, inside West
    "A2,04/04/2026 22:10,Bob Example,Noise,531500,180500",  # inside East
    "A3,05/04/2026 23:05,Cat Example,Gong farming,530990,180500",  # West, 10 m from East
    "A4,13/04/2026 20:20,Dan Example,Begging,532300,180500",  # 300 m beyond East
    "A5,14/05/2026 19:40,Eve Example,Begging,,",  # no place
    "A6,31/02/2026,Fay Example,Begging,530500,180500",  # no such day
]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_of(tmp_path / "workspace")


def council(tmp_path: Path, rows: list[str] | None = None, *, name: str = "asb.csv") -> Path:
    path = tmp_path / name
    path.write_text("\n".join([HEADER, *(ROWS if rows is None else rows)]) + "\n", "utf-8")
    return path


def bring(workspace: Workspace, path: Path, **said: object) -> ImportReport:
    options: dict[str, object] = {"source": "council_asb", "at": AT, **said}
    return import_files(workspace, [path], **options)  # type: ignore[arg-type]


def edit(workspace: Workspace, name: str, old: str, new: str) -> None:
    """Correct a saved profile by hand, as a person would."""
    path = folder(workspace) / f"{name}.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_every_row_and_column_is_accounted_for(workspace: Workspace, tmp_path: Path) -> None:
    report = bring(workspace, council(tmp_path))
    assert report.accounted_for == report.rows_in
    said = json.loads(json.dumps(report.to_json(), allow_nan=False))
    counted = ("rows_in", "inside", "outside", "in_collar", "no_location", "near_boundary")
    assert [said[key] for key in counted] == [6, 3, 1, 1, 1, 1]
    assert (said["rejected"], said["already_imported"], said["replaced"]) == (1, 0, 0)
    assert said["months"] == ["2026-04", "2026-05"]
    assert said["unmapped"] == [{"value": "Gong farming", "rows": 1}]
    assert [(c["file"], c["column"]) for c in said["left_out"]] == [("asb.csv", "Complainant name")]
    assert said["flags"]["category_unmapped"] == said["flags"]["date_unreadable"] == 1
    assert said["flags"]["without_location"] == 1
    assert 0 not in said["flags"].values()
    assert "'Incident date' as occurred_from" in said["notes"][0]
    assert said["notes"] == list(report.flags)


def test_what_is_stored_is_ours_and_holds_no_name(workspace: Workspace, tmp_path: Path) -> None:
    bring(workspace, council(tmp_path))
    stored = read_incidents(workspace.reopen())
    assert stored["month"].astype("str").tolist() == ["2026-04"] * 4 + ["2026-05"]
    assert stored["category"].astype("str").tolist() == [
        *("noise_domestic", "noise_domestic", "unknown", "begging", "begging")
    ]
    assert stored["source"].astype("str").unique().tolist() == ["council_asb"]
    assert stored["ward_code"].astype("object").tolist()[:3] == [WEST, EAST, WEST]
    rejected = read_rejected(workspace.reopen())
    assert rejected[["file", "line"]].to_numpy().tolist() == [["asb.csv", 7]]
    assert "Example" not in stored.to_csv() + rejected.to_csv()


def test_what_the_case_system_knows_is_stored_and_read_by_name(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(
        "Case ref,Incident date,Type,Easting,Northing,UPRN,Postcode,Status,Setting\n"
        "C1,03/04/2026 21:15,Noise,530512,180537,000123456789,e16an,NFA,Car park\n"
    )
    bring(workspace, path)
    columns = ["case_ref", "uprn", "postcode", "status", "setting", "geo_radius_m", "dq_flags"]
    [row] = read_incidents(workspace.reopen(), columns=columns).to_dict("records")
    assert [row[c] for c in columns[:6]] == [
        *("C1", "000123456789", "E1 6AN", "no_further_action", "car_park", 10.0)
    ]
    assert tuple(read_incidents(workspace.reopen())) == INCIDENT_COLUMNS


def test_a_dry_run_says_the_same_and_stores_nothing(workspace: Workspace, tmp_path: Path) -> None:
    before = {p.name for p in workspace.path.rglob("*")}
    dry = bring(workspace, council(tmp_path), dry_run=True)
    assert workspace.reopen().version == workspace.version
    assert {p.name for p in workspace.path.rglob("*")} - before <= {"lock"}
    assert dry.message.startswith("Dry run, nothing is stored: 5 of 6 rows usable")
    wet = bring(workspace, council(tmp_path)).to_json()
    differing = {key for key, value in dry.to_json().items() if wet[key] != value}
    assert differing == {"import_id", "dry_run", "message", "unchanged"}


def test_a_dry_run_of_police_files_stores_nothing(workspace: Workspace, tmp_path: Path) -> None:
    path = write(tmp_path, "2026-04-metropolitan-street.csv", along(5))
    dry = import_files(workspace, [path], dry_run=True)
    assert (dry.inside, dry.import_id, dry.flags) == (5, "", ())
    assert isinstance(dry.to_json()["flags"], list)
    assert workspace.reopen().version == workspace.version
    import_files(workspace, [path])
    again = import_files(workspace, [path], dry_run=True)
    assert (again.already_imported, again.inside) == (5, 0)
    assert again.message.startswith("Nothing changed")


def test_a_saved_profile_gives_the_same_rows(workspace: Workspace, tmp_path: Path) -> None:
    path = council(tmp_path)
    bring(workspace, path)
    save_guessed(workspace, "ASB", path, source="council_asb")
    report = import_files(workspace, [path], profile="ASB", at=AT)
    assert (report.already_imported, report.unchanged) == (6, True)
    assert not any("guessed" in flag for flag in report.flags)


def test_a_corrected_profile_replaces_the_earlier_reading(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = council(tmp_path)
    bring(workspace, path)
    save_guessed(workspace, "ASB", path, source="council_asb")
    edit(workspace, "asb", "[categories]", '[categories]\n"Gong farming" = "flytipping_litter"')
    edit(workspace, "asb", 'provider = ""', 'provider = "tower-hamlets"')
    report = import_files(workspace, [path], profile="ASB", at=AT)
    assert (report.replaced, report.inside, report.unmapped) == (5, 3, ())
    stored = read_incidents(workspace.reopen())
    assert len(stored) == 5  # not ten: one file counts once, whoever is said to have recorded it
    assert stored["force"].astype("str").unique().tolist() == ["tower-hamlets"]
    assert "flytipping_litter" in stored["category"].tolist()
    assert len(read_rejected(workspace.reopen())) == 1
    back = bring(workspace, path)  # and back to the first way of reading it
    assert (back.replaced, len(read_incidents(workspace.reopen()))) == (5, 5)


def test_columns_may_move_and_be_added(workspace: Workspace, tmp_path: Path) -> None:
    save_guessed(workspace, "ASB", council(tmp_path), source="council_asb")
    moved = tmp_path / "june.csv"
    moved.write_text(
        "Northing,Officer,Type,EASTING,Batch,Incident date,Ref\n"
        "180500,Guy Example,Noise,530500,7,03/06/2026 21:15,B1\n",
        "utf-8",
    )
    report = import_files(workspace, [moved], profile="ASB", at=AT)
    assert (report.inside, report.months) == (1, ("2026-06",))
    assert {c.column for c in report.left_out} == {"Officer", "Batch"}
    assert any("new since the profile was made: Officer, Batch" in f for f in report.flags)


def test_a_column_that_is_gone_stops_the_import(workspace: Workspace, tmp_path: Path) -> None:
    save_guessed(workspace, "ASB", council(tmp_path), source="council_asb")
    cut = tmp_path / "june.csv"
    cut.write_text("Ref,Incident day,Type,Easting,Northing\nB1,03/06/2026,Noise,530500,180500\n")
    with pytest.raises(ProfileError, match=r"june.csv lacks the column.*'Incident date'"):
        import_files(workspace, [council(tmp_path), cut], profile="ASB", at=AT)
    assert workspace.reopen().version == workspace.version


def test_council_and_police_stand_side_by_side(workspace: Workspace, tmp_path: Path) -> None:
    import_files(workspace, [write(tmp_path, "2026-04-metropolitan-street.csv", along(5))])
    bring(workspace, council(tmp_path))
    both = workspace.reopen()
    assert set(stored_months(both)["source"]) == {"council_asb", "police_uk"}
    for source, expected in {None: 5, "police_uk": 5, "council_asb": 3}.items():
        found = counts(both, ["ward"], categories=["all"], source=source)
        assert found.table["count"].sum() == expected, source


def test_a_merged_case_is_listed_and_not_counted(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(
        "Ref,Incident date,Type,Easting,Northing,Merged into\n"
        "C1,03/04/2026 21:15,Noise,530500,180500,\n"
        "C2,03/04/2026 21:40,Noise,530510,180500,C1\n"
    )
    report = bring(workspace, path)
    assert (report.rows_in, report.inside, report.rejected) == (2, 1, 1)
    [row] = read_rejected(workspace.reopen()).to_dict("records")
    assert (row["line"], row["reason"]) == (3, "it was merged into C1, which counts instead")
    assert json.loads(row["row"]) == {"source_ref": "C2", "merged_into": "C1"}


class TestMeetingStoredMonths:
    def test_a_fuller_export_corrects_and_another_does_not(
        self, workspace: Workspace, tmp_path: Path
    ) -> None:
        bring(workspace, council(tmp_path, ROWS[:2]))
        assert bring(workspace, council(tmp_path, ROWS[:4])).replaced == 2
        other = council(tmp_path, ["Z1,09/04/2026 11:11,X,Noise,530100,180100"], name="other.csv")
        with pytest.raises(StoreConflictError, match="--replace.*--add"):
            bring(workspace, other)
        assert bring(workspace, other, mode="add").inside == 1
        assert bring(workspace, council(tmp_path, ROWS[:1]), mode="replace").replaced == 5

    def test_a_month_without_places_is_never_replaced_silently(
        self, workspace: Workspace, tmp_path: Path
    ) -> None:
        bring(workspace, council(tmp_path, [ROWS[0], "A5,14/05/2026 19:40,Eve,Begging,,"]))
        other = council(tmp_path, ["Z1,15/05/2026 11:11,Guy,Noise,530100,180100"], name="other.csv")
        with pytest.raises(StoreConflictError, match="no places to compare by"):
            bring(workspace, other)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"profile": "Nobody's"}, "No profile is called"),
        ({"profile": "ASB", "source": "housing"}, "for another source.*council_asb, not housing"),
        ({"profile": "ASB", "source": "police_uk"}, "for another source"),
    ],
)
def test_a_profile_that_does_not_fit_is_refused(
    workspace: Workspace, tmp_path: Path, said: dict[str, str], message: str
) -> None:
    path = council(tmp_path)
    save_guessed(workspace, "ASB", path, source="council_asb")
    with pytest.raises(ProfileError, match=message):
        bring(workspace, path, **said)


def test_a_file_without_rows_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    path = council(tmp_path)
    save_guessed(workspace, "ASB", path, source="council_asb")
    with pytest.raises(ReportFileError, match=r"has no rows.*blank.csv"):
        bring(workspace, council(tmp_path, [], name="blank.csv"), profile="ASB")


def test_imports_are_listed_with_their_files(workspace: Workspace, tmp_path: Path) -> None:
    import_files(workspace, [write(tmp_path, "2026-04-metropolitan-street.csv", along(5))])
    report = bring(workspace, council(tmp_path))
    first, second = list_imports(workspace.reopen())
    assert (first["at"], first["rows"], first["sources"]) == ("", 5, ["police_uk"])
    assert second == {
        "import_id": report.import_id, "at": AT, "mode": "correct", "sources": ["council_asb"],
        "files": ["asb.csv"], "rows": 6,
    }  # fmt: skip


class TestUndo:
    def test_an_import_is_taken_out_and_can_come_again(
        self, workspace: Workspace, tmp_path: Path
    ) -> None:
        import_files(workspace, [write(tmp_path, "2026-04-metropolitan-street.csv", along(5))])
        before = read_incidents(workspace.reopen())
        done = bring(workspace, council(tmp_path))
        undone = undo_import(workspace, done.import_id, at=AT)
        assert (undone["import_id"], undone["removed"]) == (done.import_id, 5)
        assert read_incidents(workspace.reopen()).equals(before)
        assert read_rejected(workspace.reopen()).empty
        first, second = list_imports(workspace.reopen())
        assert (first["mode"], second["mode"], second["files"]) == ("correct", "undone", [])
        again = bring(workspace, council(tmp_path))
        assert (again.inside, again.already_imported) == (3, 0)
        assert again.import_id != done.import_id

    def test_one_that_replaced_or_was_replaced_stays(
        self, workspace: Workspace, tmp_path: Path
    ) -> None:
        early = bring(workspace, council(tmp_path, ROWS[:2]))
        late = bring(workspace, council(tmp_path, ROWS[:4]))
        version = workspace.reopen().version
        with pytest.raises(
            StoreConflictError, match=f"later import has replaced.*{late.import_id}"
        ):
            undo_import(workspace, early.import_id)
        with pytest.raises(StoreConflictError, match="2 rows of earlier files"):
            undo_import(workspace, late.import_id)
        with pytest.raises(StoreConflictError, match="no such import to undo.*00009-x"):
            undo_import(workspace, "00009-x")
        assert workspace.reopen().version == version

    def test_undone_twice_is_refused(self, workspace: Workspace, tmp_path: Path) -> None:
        done = bring(workspace, council(tmp_path))
        undo_import(workspace, done.import_id)
        with pytest.raises(StoreConflictError, match="undone before"):
            undo_import(workspace, done.import_id)

    def test_a_demo_is_left_alone(self, tmp_path: Path) -> None:
        demo = Workspace.create(tmp_path / "demo", kind="demo", wards=two_wards(), ward_info={})
        with pytest.raises(WorkspaceError, match="demo workspace"):
            undo_import(demo, "00001-x")
