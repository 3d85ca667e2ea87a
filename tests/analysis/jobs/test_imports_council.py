"""Council files come in by the same door as police.uk files, and by the same rules."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analysis.jobs.counts import counts
from analysis.jobs.imports import import_files, list_imports, undo_import
from analysis.jobs.profiles import folder, save_guessed
from geodata import undoing
from geodata.batches import ImportReport
from geodata.errors import ProfileError, ReportFileError, StoreConflictError, WorkspaceError
from geodata.incidents import INCIDENT_COLUMNS
from geodata.store import (
    change_wards,
    read_aside,
    read_incidents,
    read_rejected,
    stored_months,
)
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


def test_merged_cases_and_repeats_are_kept_marked_and_not_counted(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "cases.csv"
    start = (
        "Ref,Incident date,Type,Easting,Northing,Merged into\n"
        "ASB/101,03/04/2026 21:15,Noise,530500,180500,\n"
        "ASB/102,03/04/2026 21:40,Noise,530510,180500,ASB/101\n"
    )
    path.write_text(start)
    save_guessed(workspace, "cases", path, source="council_asb")
    path.write_text(
        start + "ASB/101,03/04/2026 21:15,Noise,530500,180500,\n"
        "ASB/103,31/02/2026,Noise,530500,180500,\n"
    )
    dry = bring(workspace, path, profile="cases", dry_run=True)
    report = bring(workspace, path, profile="cases")
    for said in (dry, report):
        assert (said.rows_in, said.inside, said.rejected) == (4, 1, 1)
        assert (said.merged, said.duplicates) == (1, 1)
        assert said.accounted_for == said.rows_in
    assert "2 merged or repeated (kept, not counted)" in report.message
    assert (report.to_json()["merged"], report.to_json()["duplicates"]) == (1, 1)
    stored = workspace.reopen()
    assert read_incidents(stored, columns=["source_ref"])["source_ref"].tolist() == ["ASB/101"]
    aside = read_aside(stored, columns=["source_ref", "merged_into", "dq_flags", "ward_code"])
    assert aside["source_ref"].tolist() == ["ASB/102", "ASB/101"]
    assert aside["merged_into"].astype("object").tolist()[0] == "ASB/101"
    assert ["merged" in aside["dq_flags"][0], "duplicate" in aside["dq_flags"][1]] == [True, True]
    assert aside["ward_code"].tolist() == [WEST, WEST]
    assert read_rejected(stored)["line"].tolist() == [5]
    assert stored_months(stored)[["rows", "merged", "duplicates"]].to_numpy().tolist() == [
        [1, 1, 1]
    ]
    again = bring(workspace, path, profile="cases")
    assert (again.already_imported, again.merged, again.unchanged) == (4, 0, True)


class TestRowsThatComeAgain:
    """A1 and A2 of April; A5 of May."""

    def test_the_newer_row_stands_and_counts_once(
        self, workspace: Workspace, tmp_path: Path
    ) -> None:
        bring(workspace, council(tmp_path, [*ROWS[:2], ROWS[4]]))
        changed = ROWS[1].replace("531500", "530600").replace("Noise", "Begging")
        moved = ROWS[4].replace("14/05/2026", "14/06/2026")  # of another month than before
        late = "A7,28/04/2026 12:34,Gil Example,Noise,530700,180500"
        june = council(tmp_path, [changed, moved, late], name="june.csv")
        report = bring(workspace, june)
        assert (report.inside, report.no_location, report.replaced) == (2, 1, 2)
        assert report.accounted_for == report.rows_in == 3
        assert "2 stored rows came again: the newer ones count instead." in report.flags
        assert any(f.startswith("1 stored rows of the same months did not") for f in report.flags)
        columns = ["source_ref", "month", "ward_code", "category"]
        stored = read_incidents(workspace.reopen(), columns=columns).astype("object")
        found = sorted(map(tuple, stored.where(stored.notna(), "").to_numpy().tolist()))
        assert found == [
            ("A1", "2026-04", WEST, "noise_domestic"), ("A2", "2026-04", WEST, "begging"),
            ("A5", "2026-06", "", "begging"), ("A7", "2026-04", WEST, "noise_domestic"),
        ]  # fmt: skip
        months = stored_months(workspace.reopen()).groupby("month")["rows"].sum()
        assert months.to_dict() == {"2026-04": 3, "2026-05": 0, "2026-06": 1}
        again = bring(workspace, council(tmp_path, [*ROWS[:2], ROWS[4]]))
        assert (again.already_imported, again.unchanged) == (3, True)

    def test_two_files_of_one_call_count_a_row_once(
        self, workspace: Workspace, tmp_path: Path
    ) -> None:
        early = council(tmp_path, ROWS[:2], name="b-early.csv")
        changed = ROWS[0].replace("530500", "531600")
        late = council(tmp_path, [changed, ROWS[4]], name="a-late.csv")  # reaches into May
        report = import_files(workspace, [late, early], source="council_asb", at=AT)
        assert (report.inside, report.no_location, report.duplicates) == (2, 1, 1)
        assert report.accounted_for == report.rows_in == 4
        assert any(flag.startswith("1 rows are in several of these files") for flag in report.flags)
        stored = read_incidents(workspace.reopen(), columns=["source_ref", "ward_code"])
        assert dict(stored.dropna().to_numpy().tolist()) == {"A1": EAST, "A2": EAST}
        aside = read_aside(workspace.reopen(), columns=["source_ref", "dq_flags"])
        assert aside.to_numpy().tolist() == [["A1", "edge_month_partial;duplicate"]]

    def test_a_complaint_is_not_the_case_of_its_number(
        self, workspace: Workspace, tmp_path: Path
    ) -> None:
        rows = {"case": ROWS[:1], "complaint": ROWS[:2]}
        for level in rows:
            path = council(tmp_path, rows[level], name=f"{level}.csv")
            save_guessed(workspace, level, path, source="council_asb")
            edit(workspace, level, 'record_level = "incident"', f'record_level = "{level}"')
            report = import_files(workspace, [path], profile=level, at=AT)
            assert report.replaced == 0
        stored = read_incidents(workspace.reopen(), columns=["record_level", "source_ref"])
        assert (stored["source_ref"] == "A1").sum() == 2
        assert sorted(set(stored["record_level"])) == ["case", "complaint"]

    def test_without_references_case_start_and_kind_tell_rows(
        self, workspace: Workspace, tmp_path: Path
    ) -> None:
        header = "Case ref,Status,Incident date,Type,Easting,Northing\n"
        first, second = tmp_path / "april.csv", tmp_path / "may.csv"
        row = "C1,{},03/04/2026 21:15,{},530500,180500\n"
        first.write_text(header + row.format("Open", "Noise") + row.format("Open", "Begging"))
        second.write_text(header + row.format("Closed", "Noise"))
        bring(workspace, first)
        assert bring(workspace, second).replaced == 1
        stored = read_incidents(workspace.reopen(), columns=["category", "status"])
        assert sorted(stored.to_numpy().tolist()) == [
            ["begging", "open"], ["noise_domestic", "closed"],
        ]  # fmt: skip

    def test_replace_retires_what_does_not_come_again(
        self, workspace: Workspace, tmp_path: Path
    ) -> None:
        bring(workspace, council(tmp_path, ROWS[:5]))
        report = bring(workspace, council(tmp_path, ROWS[:1]), mode="replace")
        assert (report.replaced, report.inside) == (4, 1)
        stored = read_incidents(workspace.reopen(), columns=["source_ref"])
        assert stored["source_ref"].tolist() == ["A1", "A5"]


class TestMeetingStoredMonthsWithoutReferences:
    HEADER = "Incident date,Type,Easting,Northing"
    ROWS = (
        "03/04/2026 21:15,Noise,530500,180500",
        "04/04/2026 22:10,Noise,531500,180500",
        "05/04/2026 23:05,Begging,530990,180500",
    )

    def file(self, tmp_path: Path, *rows: str, name: str = "asb.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join([self.HEADER, *rows]) + "\n")
        return path

    def test_a_fuller_export_corrects_and_another_does_not(
        self, workspace: Workspace, tmp_path: Path
    ) -> None:
        bring(workspace, self.file(tmp_path, *self.ROWS[:2]))
        assert bring(workspace, self.file(tmp_path, *self.ROWS)).replaced == 2
        other = self.file(tmp_path, "09/04/2026 11:11,Noise,530100,180100", name="other.csv")
        with pytest.raises(StoreConflictError, match="--replace.*--add"):
            bring(workspace, other)
        assert bring(workspace, other, mode="add").inside == 1
        assert bring(workspace, self.file(tmp_path, self.ROWS[0]), mode="replace").replaced == 4

    def test_identical_rows_are_rows_of_their_own(
        self, workspace: Workspace, tmp_path: Path
    ) -> None:
        assert bring(workspace, self.file(tmp_path, *[self.ROWS[0]] * 3)).inside == 3

    def test_a_month_without_places_is_never_replaced_silently(
        self, workspace: Workspace, tmp_path: Path
    ) -> None:
        bring(workspace, self.file(tmp_path, self.ROWS[0], "14/05/2026 19:40,Begging,,"))
        other = self.file(tmp_path, "15/05/2026 11:11,Noise,530100,180100", name="other.csv")
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
        "files": ["asb.csv"], "rows": 6, "can_undo": True,
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

    def test_what_was_replaced_comes_back(self, workspace: Workspace, tmp_path: Path) -> None:
        early = bring(workspace, council(tmp_path, ROWS[:5]))
        before = read_incidents(workspace.reopen())
        changed = [ROWS[1].replace("531500", "530600"), ROWS[4].replace("14/05", "14/06")]
        late = bring(workspace, council(tmp_path, changed, name="late.csv"))
        with pytest.raises(
            StoreConflictError, match=f"later import has replaced.*{late.import_id} of 2026-11-22"
        ):
            undo_import(workspace, early.import_id)
        undone = undo_import(workspace, late.import_id, at=AT)
        assert (undone["removed"], undone["restored"]) == (2, 2)
        assert read_incidents(workspace.reopen()).equals(before)
        assert undo_import(workspace, early.import_id)["removed"] == 5
        assert len(read_incidents(workspace.reopen())) == 0
        with pytest.raises(StoreConflictError, match="no such import to undo.*00009-x"):
            undo_import(workspace, "00009-x")

    def test_a_later_import_on_top_is_undone_first(
        self, workspace: Workspace, tmp_path: Path
    ) -> None:
        bring(workspace, council(tmp_path, ROWS[:3]))
        replaced = bring(workspace, council(tmp_path, ROWS[:1]), mode="replace")  # without A2
        top = bring(workspace, council(tmp_path, ROWS[1:2], name="top.csv"))  # A2 again
        version = workspace.reopen().version
        with pytest.raises(StoreConflictError, match=f"stand on top.*{top.import_id}"):
            undo_import(workspace, replaced.import_id)  # A2 would count twice
        assert workspace.reopen().version == version
        undo_import(workspace, top.import_id)
        assert undo_import(workspace, replaced.import_id)["restored"] == 3
        assert len(read_incidents(workspace.reopen())) == 3

    def test_what_comes_back_lies_in_the_wards_of_today(
        self, workspace: Workspace, tmp_path: Path
    ) -> None:
        bring(workspace, council(tmp_path, ROWS[:2]))
        late = bring(workspace, council(tmp_path, ROWS[:1]), mode="replace")
        change_wards(workspace.reopen(), two_wards().iloc[:1].assign(ward_code="E05999999"), {})
        undo_import(workspace, late.import_id)
        codes = read_incidents(workspace.reopen())["ward_code"].astype("object").fillna("")
        assert codes.tolist() == ["E05999999", ""]

    def test_only_so_many_imports_back(
        self, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(undoing, "KEPT_IMPORTS", 1)
        bring(workspace, council(tmp_path, ROWS[:2]))
        late = bring(workspace, council(tmp_path, ROWS[:1]), mode="replace")
        listed = {e["import_id"]: e["can_undo"] for e in list_imports(workspace.reopen())}
        assert listed[late.import_id]
        import_files(workspace, [write(tmp_path, "2026-04-metropolitan-street.csv", along(5))])
        with pytest.raises(StoreConflictError, match="2 rows of earlier files"):
            undo_import(workspace, late.import_id)
        listed = {e["import_id"]: e["can_undo"] for e in list_imports(workspace.reopen())}
        assert not listed[late.import_id]

    def test_undone_twice_is_refused(self, workspace: Workspace, tmp_path: Path) -> None:
        done = bring(workspace, council(tmp_path))
        undo_import(workspace, done.import_id)
        with pytest.raises(StoreConflictError, match="undone before"):
            undo_import(workspace, done.import_id)

    def test_a_demo_is_left_alone(self, tmp_path: Path) -> None:
        demo = Workspace.create(tmp_path / "demo", kind="demo", wards=two_wards(), ward_info={})
        with pytest.raises(WorkspaceError, match="demo workspace"):
            undo_import(demo, "00001-x")
