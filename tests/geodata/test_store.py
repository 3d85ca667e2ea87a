from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.errors
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata import durable, store, undoing
from geodata.batches import Batch, ImportReport, Mode, Skipped
from geodata.corrections import point_keys
from geodata.crs import BNG
from geodata.errors import (
    ReportFileError,
    SaferWalksError,
    StoreConflictError,
    VintageError,
    WorkspaceError,
)
from geodata.forces import AREA_SEARCH
from geodata.incidents import INCIDENT_SCHEMA, empty_incidents
from geodata.police_uk import read_street_file
from geodata.store import change_wards, commit, months_missing, read_incidents, stored_months
from geodata.workspace import Workspace
from tests.builders import EAST, ORIGIN, WEST, batch, incidents, two_wards, workspace_of
from tests.street_files import HEADER, along, lonlat, row, street_csv

NAME = "2026-04-metropolitan-street.csv"


def street(*rows: str, name: str = NAME) -> Batch:
    return read_street_file(name, street_csv(rows).encode())


def api(found: Batch, name: str = "api") -> Batch:
    """The same rows, as if they had come by the API."""
    uids = name + ":" + found.incidents["incident_uid"]
    rows = found.incidents.assign(incident_uid=uids)
    return Batch(name, name, found.source, "api", rows, found.rejected, found.rows_in)


def put(path: Path, *batches: Batch, mode: Mode = "correct") -> ImportReport:
    return commit(Workspace.open(path), batches, mode=mode)


def state(path: Path) -> dict[str, bytes]:
    """Every file of a workspace but the lock."""
    files = (p for p in path.rglob("*") if p.is_file() and p.name != durable.LOCK_NAME)
    return {p.relative_to(path).as_posix(): p.read_bytes() for p in files}


def stored_uids(path: Path) -> set[str]:
    return set(read_incidents(Workspace.open(path), columns=["incident_uid"])["incident_uid"])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A workspace of the two wards with nothing in it."""
    return workspace_of(tmp_path / "workspace").path


class TestAccounting:
    def test_every_row_is_accounted_for(self, path: Path) -> None:
        report = put(
            path,
            street(
                row(500, 500),  # inside West
                row(10, 500),  # inside West, near its outer edge
                row(1990, 990),  # inside East, near a corner
                row(2400, 500),  # outside, in the collar
                row(5000, 500),  # outside
                row(None),  # no location
                row(at=("0", "0")),  # no location
                row(month="April"),  # rejected
                row(at=("51.5", "-0.1")),  # rejected
            ),
        )
        assert report.to_json() | {"import_id": ""} == {
            "rows_in": 9, "inside": 3, "outside": 2, "no_location": 2, "near_boundary": 2,
            "in_collar": 1, "rejected": 2, "already_imported": 0, "replaced": 0,
            "months": ["2026-04"], "months_missing": [], "import_id": "", "files": [NAME],
            "skipped": [], "flags": [], "left_out": [], "unmapped": [], "dry_run": False,
            "placed": 0, "merged": 0, "duplicates": 0, "unchanged": False,
            "message": "7 of 9 rows stored, 3 of them inside the wards, 2 rejected.",
        }  # fmt: skip
        found = read_incidents(Workspace.open(path))
        assert (
            found["ward_code"].astype("object").fillna("").tolist() == [WEST, WEST, EAST] + [""] * 4
        )
        assert found["near_boundary"].tolist() == [False, True, True, False, False, False, False]
        assert found["in_collar"].tolist() == [False, False, False, True, False, False, False]

    def test_a_point_on_the_edge_between_wards_goes_to_the_lowest_code(self, path: Path) -> None:
        put(path, batch("a", incidents([("2026-04", 1000, 500)])))
        assert read_incidents(Workspace.open(path))["ward_code"].tolist() == [WEST]

    def test_identical_rows_all_count(self, path: Path) -> None:
        assert put(path, street(*[row()] * 40)).inside == 40
        assert len(read_incidents(Workspace.open(path))) == 40

    def test_rejected_rows_are_kept_with_file_line_reason_and_words(self, path: Path) -> None:
        bad = row(month="soon")
        report = put(path, street(row(), bad))
        kept = store.read_rejected(Workspace.open(path))
        assert kept.to_dict("records") == [
            {"source": "police_uk", "file": NAME, "line": 3, "import_id": report.import_id,
             "reason": "the month is not written YYYY-MM", "row": bad}
        ]  # fmt: skip
        assert len(store.read_rejected(workspace_of(path.parent / "other"))) == 0

    def test_skipped_files_are_in_the_report(self, path: Path) -> None:
        skipped = [Skipped("a-outcomes.csv", "not a street-level file")]
        report = commit(Workspace.open(path), [street(row())], skipped=skipped)
        assert report.to_json()["skipped"] == [
            {"file": "a-outcomes.csv", "reason": "not a street-level file"}
        ]

    def test_a_batch_that_loses_a_row_cannot_be_made(self) -> None:
        good = street(row(), row())
        with pytest.raises(ValueError, match="3 rows came in, 2 are usable and 0 rejected"):
            Batch(good.file, "d", "police_uk", "file", good.incidents, good.rejected, 3)

    def test_what_a_reader_got_wrong_never_enters(self, path: Path) -> None:
        wrong = batch("a", incidents([("2026-04", 500, 500)], category="mischief"))
        before = state(path)
        with pytest.raises(pandera.errors.SchemaErrors):
            put(path, wrong)
        assert state(path) == before


class TestReading:
    def test_types_are_those_of_the_schema(self, path: Path) -> None:
        put(path, street(row(), row(None)), street(row(month="2026-05"), name="b.csv"))
        found = read_incidents(Workspace.open(path))
        assert found.dtypes.map(str).equals(empty_incidents().dtypes.map(str))
        nothing = read_incidents(Workspace.open(path), months=["1999-01"])
        assert nothing.dtypes.map(str).equals(empty_incidents().dtypes.map(str))
        assert len(nothing) == 0

    def test_sources_months_and_columns_can_be_chosen(self, path: Path) -> None:
        council = incidents([("2026-04", 600, 500), ("2026-05", 600, 500)],
                            source="council_asb", force="tower-hamlets")  # fmt: skip
        put(path, street(row(), row(month="2026-05")), batch("c", council))
        workspace = Workspace.open(path)
        chosen = read_incidents(
            workspace, sources=["council_asb"], months=["2026-05"], columns=["month", "source"]
        )
        assert chosen.astype("object").to_dict("list") == {
            "month": ["2026-05"], "source": ["council_asb"],
        }  # fmt: skip
        assert len(read_incidents(workspace, sources=["police_uk"])) == 2
        assert len(read_incidents(workspace, sources=[])) == 0
        with pytest.raises(SaferWalksError, match="no such column"):
            read_incidents(workspace, columns=["month", "hour"])

    def test_rows_come_by_source_month_force_and_row(self, path: Path) -> None:
        put(path, street(row(100, month="2026-05"), row(200), row(300, force="BTP"), row(400)))
        found = read_incidents(Workspace.open(path), columns=["month", "force", "easting"])
        assert found["month"].tolist() == ["2026-04"] * 3 + ["2026-05"]
        assert found["force"].tolist() == ["btp"] + ["metropolitan"] * 3
        assert (found["easting"] - ORIGIN[0]).round().tolist() == [300, 200, 400, 100]

    def test_any_gis_opens_a_partition(self, path: Path) -> None:
        put(path, street(row(), row(None), row(1500)))
        files = list((path / "incidents").rglob("*.parquet"))
        assert [f.parent.relative_to(path).as_posix() for f in files] == [
            "incidents/source=police_uk/month=2026-04"
        ]
        opened = gpd.read_parquet(files[0])
        assert opened.crs == BNG
        assert opened.geometry.isna().tolist() == [False, True, False]
        assert opened.geometry.x.dropna().tolist() == opened["easting"].dropna().tolist()
        assert set(INCIDENT_SCHEMA.names) | {"geometry"} == set(opened.columns)

    def test_a_reader_keeps_the_state_it_opened(self, path: Path) -> None:
        put(path, street(*along(10)))
        reader = Workspace.open(path)
        before = read_incidents(reader)
        put(path, street(*along(30, first=50)), mode="replace")
        put(path, street(row(month="2026-05")))
        pd.testing.assert_frame_equal(read_incidents(reader), before)
        assert len(read_incidents(reader.reopen())) == 31

    def test_a_reader_that_slept_too_long_is_told(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put(path, street(*along(10)))
        reader = Workspace.open(path)
        put(path, street(*along(30, first=50)), mode="replace")
        monkeypatch.setattr(undoing, "KEPT_IMPORTS", 1)
        put(path, street(row(month="2026-05"), name="later.csv"))
        durable.sweep(path, Workspace.open(path).manifest().named(), grace=-60)
        with pytest.raises(WorkspaceError, match="open the workspace again"):
            read_incidents(reader)
        assert len(read_incidents(reader.reopen())) == 31


class TestMonths:
    def test_a_header_only_file_is_zero_and_not_missing(self, path: Path) -> None:
        report = put(
            path,
            street(row(month="2026-01"), name="2026-01-metropolitan-street.csv"),
            street(name="2026-02-metropolitan-street.csv"),
            street(row(month="2026-04")),
        )
        assert report.months == ("2026-01", "2026-02", "2026-04")
        assert report.months_missing == ("2026-03",)
        workspace = Workspace.open(path)
        table = stored_months(workspace)
        assert table[["source", "force", "month", "rows", "inside"]].to_numpy().tolist() == [
            ["police_uk", "metropolitan", "2026-01", 1, 1],
            ["police_uk", "metropolitan", "2026-02", 0, 0],
            ["police_uk", "metropolitan", "2026-04", 1, 1],
        ]
        assert months_missing(workspace) == ["2026-03"]

    def test_a_header_only_file_may_come_alone_and_twice(self, path: Path) -> None:
        report = put(path, street())
        assert (report.rows_in, report.months, report.unchanged) == (0, ("2026-04",), False)
        assert stored_months(Workspace.open(path))["rows"].tolist() == [0]
        before = state(path)
        assert put(path, street()).unchanged
        assert state(path) == before

    def test_missing_months_are_found_per_force_and_then_united(self, path: Path) -> None:
        met = [row(month=m) for m in ("2026-01", "2026-02", "2026-04")]
        btp = [row(month=m, force="BTP") for m in ("2026-02", "2026-05")]
        council = incidents([("2020-01", 1, 1), ("2020-03", 1, 1)], source="council_asb")
        put(path, street(*met), street(*btp, name="b.csv"), batch("c", council))
        workspace = Workspace.open(path)
        assert months_missing(workspace, source="police_uk") == ["2026-03", "2026-04"]
        assert months_missing(workspace, source="council_asb") == ["2020-02"]
        assert months_missing(workspace) == ["2020-02", "2026-03", "2026-04"]
        assert stored_months(workspace, source="council_asb")["month"].tolist() == [
            "2020-01", "2020-03",
        ]  # fmt: skip
        # An import of one source speaks of that source alone.
        again = put(path, street(row(month="2026-06"), name="c.csv"))
        assert again.months_missing == ("2026-03", "2026-04", "2026-05")

    def test_nothing_stored_has_no_months(self, path: Path) -> None:
        assert months_missing(Workspace.open(path)) == []
        assert len(stored_months(Workspace.open(path))) == 0


class TestTransaction:
    @pytest.mark.parametrize(
        ("bad", "message"),
        [
            (lambda: street(row(month="x"), name="b.csv"), "No row of a file can be used"),
            (lambda: street(name="b.csv"), "its name does not say of what force and month"),
            (lambda: street(row(600, month="2026-03"), name="b.csv"), "Two different files"),
        ],
    )
    def test_one_bad_file_keeps_the_good_ones_out(
        self, path: Path, bad: object, message: str
    ) -> None:
        put(path, street(row(month="2026-01"), name="old.csv"))
        before = state(path)
        good = street(row(month="2026-03"), name="a.csv")
        with pytest.raises(SaferWalksError, match=message) as caught:
            put(path, good, bad())  # type: ignore[operator]
        assert "b.csv" in str(caught.value)
        assert caught.value.todo
        assert state(path) == before

    def test_all_rows_rejected_names_the_reason_and_the_first_row(self, path: Path) -> None:
        with pytest.raises(ReportFileError) as caught:
            put(path, street(row(month="x"), row(month="y")))
        assert caught.value.got == f"{NAME}: the month is not written YYYY-MM"
        assert caught.value.first_bad == f"line 2: {row(month='x')}"

    def test_another_area_is_refused_and_the_distance_named(self, path: Path) -> None:
        before = state(path)
        # 2 km east of East's outer edge; the other is farther.
        with pytest.raises(ReportFileError, match="within 500 m of any ward") as caught:
            put(path, street(row(4000, 500), row(9000, 500), row(None)))
        assert "2 places is 2.0 km from the wards" in caught.value.got
        assert "same area" in caught.value.todo
        assert state(path) == before

    def test_the_collar_is_near_enough(self, path: Path) -> None:
        report = put(path, street(row(2499, 500), row(4000, 500)))
        assert report.in_collar == 1
        assert report.flags == (
            "No report of this import lies inside a ward: all are beside them.",
        )

    def test_rows_without_a_place_say_nothing_of_the_area(self, path: Path) -> None:
        assert put(path, street(row(None), row(None))).no_location == 2

    def test_one_file_in_the_area_is_enough_for_the_call(self, path: Path) -> None:
        # A download of several forces: the others' reports are kept as outside.
        far = street(row(90_000, 500, force="Kent Police"), name="2026-04-kent-street.csv")
        assert put(path, street(row()), far).outside == 1


class TestAgain:
    def test_the_same_file_twice_changes_nothing_and_says_so(self, path: Path) -> None:
        one = street(*along(20), row(None), row(month="x"))
        put(path, one)
        before = state(path)
        version = Workspace.open(path).version
        for mode in ("correct", "replace", "add"):
            report = put(path, one, mode=mode)
            assert (report.rows_in, report.already_imported, report.rejected) == (22, 22, 0)
            assert (report.inside, report.replaced, report.unchanged) == (0, 0, True)
            assert report.message == "Nothing changed: all 22 rows had been imported before."
        assert state(path) == before
        assert Workspace.open(path).version == version

    def test_the_same_content_under_another_name_is_the_same_file(self, path: Path) -> None:
        put(path, street(row()))
        assert put(path, street(row(), name="april.csv")).unchanged

    def test_the_same_content_twice_in_one_call_counts_once(self, path: Path) -> None:
        report = put(
            path, street(row(), row(month="x")), street(row(), row(month="x"), name="b.csv")
        )
        assert (report.rows_in, report.inside, report.rejected, report.already_imported) == (
            4,
            1,
            1,
            2,
        )
        assert len(read_incidents(Workspace.open(path))) == 1

    def test_old_and_new_files_in_one_call(self, path: Path) -> None:
        old = street(row(), row(None))
        put(path, old)
        new = street(row(month="2026-05"), name="2026-05-metropolitan-street.csv")
        report = put(path, new, old)
        assert (report.rows_in, report.inside, report.already_imported) == (3, 1, 2)
        assert report.months == ("2026-04", "2026-05")

    def test_the_order_of_files_does_not_matter(self, path: Path) -> None:
        files = [street(row(i, month=f"2026-0{i}"), name=f"{i}.csv") for i in range(1, 6)]
        other = workspace_of(path.parent / "other").path
        first, second = put(path, *files), put(other, *reversed(files))
        assert Workspace.open(path).version == Workspace.open(other).version
        assert first.import_id == second.import_id


class TestCorrections:
    """Points lie 10 m apart in a row: `along(n, first)` holds n of them."""

    def test_a_later_edition_replaces(self, path: Path) -> None:
        put(path, street(*along(10)))
        report = put(path, street(*along(12), name="new.csv"))
        assert (report.inside, report.replaced, report.already_imported) == (12, 10, 0)
        assert len(read_incidents(Workspace.open(path))) == 12
        assert len(Workspace.open(path).manifest().live) == 1

    @pytest.mark.parametrize(("held", "corrects"), [(9, True), (8, False)])
    def test_nine_in_ten_distinct_points_make_a_correction(
        self, path: Path, held: int, corrects: bool
    ) -> None:
        # Ten distinct points, the first one a hundred times: rows do not count, points do.
        put(path, street(*along(10), *along(1) * 99))
        new = street(*along(held, first=10 - held), *along(20, first=40), name="new.csv")
        if corrects:
            assert put(path, new).replaced == 109
        else:
            before = state(path)
            with pytest.raises(StoreConflictError):
                put(path, new)
            assert state(path) == before

    def test_the_conflict_says_what_meets_what_and_what_to_say(self, path: Path) -> None:
        put(path, street(*along(10)))
        with pytest.raises(StoreConflictError) as caught:
            put(path, street(*along(20, first=7), name="new.csv"))
        assert str(caught.value) == (
            "new.csv is not a correction of what is stored for metropolitan, April 2026. "
            "Got: it holds 3 of the 10 places stored (30%; a correction holds at least 90%). "
            "What to do: say --replace if it stands for the whole month (10 stored rows would "
            "retire and 20 come in), or --add if it covers another area and both should count."
        )

    def test_replace_and_add_do_what_they_say(self, path: Path) -> None:
        other = workspace_of(path.parent / "other").path
        for folder in (path, other):
            put(folder, street(*along(10)))
        cut = street(*along(10, first=100), name="east.csv")
        added, replaced = put(path, cut, mode="add"), put(other, cut, mode="replace")
        assert (added.inside, added.replaced, added.flags) == (10, 0, ())
        assert (replaced.inside, replaced.replaced) == (10, 10)
        assert stored_months(Workspace.open(path))["rows"].tolist() == [20]
        assert stored_months(Workspace.open(other))["rows"].tolist() == [10]

    def test_adding_what_is_partly_there_is_flagged(self, path: Path) -> None:
        put(path, street(*along(10)))
        report = put(path, street(*along(10, first=6), name="b.csv"), mode="add")
        assert report.flags == (
            "b.csv shares 4 of 10 points with what stays stored for metropolitan, April 2026: "
            "reports there may count twice.",
        )

    def test_a_correction_of_one_part_that_reaches_into_another_is_flagged(
        self, path: Path
    ) -> None:
        put(path, street(*along(10)))
        put(path, street(*along(10, first=100), name="east.csv"), mode="add")
        report = put(path, street(*along(10), *along(5, first=105), name="b.csv"))
        assert report.replaced == 10
        assert [flag[:33] for flag in report.flags] == ["b.csv shares 5 of 10 points with "]

    def test_after_an_add_a_correction_replaces_only_what_it_holds(self, path: Path) -> None:
        put(path, street(*along(10)))
        put(path, street(*along(10, first=100), name="east.csv"), mode="add")
        assert put(path, street(*along(11), name="west2.csv")).replaced == 10
        rows = read_incidents(Workspace.open(path))["ward_code"].value_counts()
        assert rows.to_dict() == {WEST: 11, EAST: 10}
        whole = street(*along(11), *along(10, first=100), name="whole.csv")
        assert put(path, whole).replaced == 21
        with pytest.raises(StoreConflictError):
            put(path, street(*along(10, first=50), name="middle.csv"))

    def test_other_months_forces_and_sources_are_left_alone(self, path: Path) -> None:
        put(path, street(*along(10)))
        for i, rows in enumerate([along(3, month="2026-05"), [row(force="BTP")]]):
            assert put(path, street(*rows, name=f"{i}.csv")).replaced == 0
        council = incidents([("2026-04", 900, 900)], source="council_asb")
        assert put(path, batch("c", council)).replaced == 0
        assert len(read_incidents(Workspace.open(path))) == 15

    def test_a_file_saved_again_with_other_decimals_is_a_correction(self, path: Path) -> None:
        lon, lat = lonlat(500, 500)
        put(path, street(row(at=(lon, lat))))
        blurred = street(row(at=(f"{float(lon) - 4e-16:.18f}", f"{lat}000000000001")), name="b.csv")
        assert blurred.incidents["lon"].tolist() != [float(lon)]
        assert put(path, blurred).replaced == 1

    def test_a_stored_month_without_places_is_held_by_any_file(self, path: Path) -> None:
        put(path, street(row(None), row(None)))
        assert put(path, street(row(), name="b.csv")).replaced == 2
        empty = workspace_of(path.parent / "empty").path
        put(empty, street())
        assert put(empty, street(row(), name="b.csv")).inside == 1
        assert stored_months(Workspace.open(empty))["rows"].tolist() == [1]

    def test_a_file_without_places_corrects_no_places(self, path: Path) -> None:
        put(path, street(row()))
        for name, rows in {"b.csv": [row(None)], NAME: []}.items():
            with pytest.raises(StoreConflictError, match="holds 0 of the 1 places"):
                put(path, street(*rows, name=name))
        assert put(path, street(), mode="replace").replaced == 1
        assert stored_months(Workspace.open(path))["rows"].tolist() == [0]

    def test_two_files_of_one_month_in_one_call_contradict_each_other(self, path: Path) -> None:
        pair = street(*along(3), name="a.csv"), street(*along(4), name="b.csv")
        modes: list[Mode] = ["correct", "replace"]
        for mode in modes:
            with pytest.raises(StoreConflictError) as caught:
                put(path, *pair, mode=mode)
            assert caught.value.got == "a.csv (3 rows) and b.csv (4 rows)"
            assert "metropolitan, April 2026" in str(caught.value)
        assert put(path, *pair, mode="add").inside == 7

    def test_a_file_that_was_replaced_comes_back_only_if_said(self, path: Path) -> None:
        old, new = street(*along(10), row(month="x")), street(*along(11), name="new.csv")
        put(path, old)
        put(path, new)
        assert len(store.read_rejected(Workspace.open(path))) == 0
        before = state(path)
        modes: list[Mode] = ["correct", "add"]
        for mode in modes:
            with pytest.raises(StoreConflictError, match="has since been replaced"):
                put(path, old, mode=mode)
        assert state(path) == before
        back = put(path, old, mode="replace")
        # Its rejected row was here before; the ten others count anew.
        assert (back.rows_in, back.inside, back.already_imported, back.replaced) == (11, 10, 1, 11)
        assert len(read_incidents(Workspace.open(path))) == 10
        assert len(store.read_rejected(Workspace.open(path))) == 1

    def test_a_file_of_two_months_may_be_replaced_in_part(self, path: Path) -> None:
        both = street(*along(10), *along(5, month="2026-05"), name="both.csv")
        put(path, both)
        put(path, street(*along(11), name="april.csv"))
        assert stored_months(Workspace.open(path))["rows"].tolist() == [11, 5]
        with pytest.raises(StoreConflictError, match=r"both\.csv.*since been replaced"):
            put(path, both)
        back = put(path, both, mode="replace")
        assert (back.inside, back.already_imported, back.replaced) == (10, 5, 11)


class TestChannels:
    """What came by the API and what came from a file never both count for one area."""

    def test_the_same_area_is_refused_even_with_add(self, path: Path) -> None:
        put(path, street(*along(10)))
        fetched = api(street(*along(5)))
        before = state(path)
        modes: list[Mode] = ["correct", "add"]
        for mode in modes:
            with pytest.raises(StoreConflictError):
                put(path, fetched, mode=mode)
        assert state(path) == before
        assert put(path, fetched, mode="replace").replaced == 10

    def test_one_ward_is_one_area_even_where_no_point_is_shared(self, path: Path) -> None:
        put(path, street(*along(10)))
        with pytest.raises(StoreConflictError, match=r"already stored from a file.*count twice"):
            put(path, api(street(*along(5, first=50))), mode="add")

    def test_another_area_may_be_added(self, path: Path) -> None:
        put(path, street(*along(10)))
        assert put(path, api(street(*along(5, first=120))), mode="add").inside == 5

    def test_an_area_that_is_not_known_may_not(self, path: Path) -> None:
        put(path, street())
        with pytest.raises(StoreConflictError, match="already stored from a file"):
            put(path, api(street(*along(5))), mode="add")

    def test_a_fetch_that_holds_the_file_replaces_it(self, path: Path) -> None:
        put(path, street(*along(10)))
        assert put(path, api(street(*along(10)))).replaced == 10

    def test_both_in_one_call_are_refused(self, path: Path) -> None:
        with pytest.raises(StoreConflictError, match="Two different files"):
            put(path, street(*along(5)), api(street(*along(5))), mode="add")

    def test_a_correction_does_not_slip_past_the_other_channel(self, path: Path) -> None:
        put(path, street(*along(10)))
        put(path, api(street(*along(10, first=120))), mode="add")
        with pytest.raises(StoreConflictError, match="already stored from the police.uk API"):
            put(path, street(*along(10), *along(3, first=120), name="b.csv"))


class TestAreaSearch:
    """A search of an area by the API brings every force's reports without saying whose they are."""

    def search(self, *rows: str) -> Batch:
        found = street(*rows)
        nameless = found.incidents.assign(force=AREA_SEARCH)
        return api(dataclasses.replace(found, incidents=nameless))

    def test_it_meets_the_files_of_every_force(self, path: Path) -> None:
        put(path, street(*along(10)), street(row(700, force="BTP"), name="btp.csv"))
        modes: list[Mode] = ["correct", "add"]
        for mode in modes:
            with pytest.raises(StoreConflictError, match=r"already stored from a file"):
                put(path, self.search(*along(10)), mode=mode)
        assert put(path, self.search(*along(10)), mode="replace").replaced == 11
        assert stored_months(Workspace.open(path))["force"].tolist() == [AREA_SEARCH]

    def test_files_of_every_force_meet_it(self, path: Path) -> None:
        put(path, self.search(*along(10)))
        files = street(*along(9)), street(row(95, force="BTP"), name="btp.csv")
        with pytest.raises(StoreConflictError, match="already stored from the police.uk API"):
            put(path, *files, mode="add")
        report = put(path, *files, mode="replace")
        assert (report.inside, report.replaced) == (10, 10)

    def test_elsewhere_and_in_other_months_both_count(self, path: Path) -> None:
        put(path, street(*along(5, first=120)), street(row(month="2026-05"), name="b.csv"))
        assert put(path, self.search(*along(10))).replaced == 0
        assert len(read_incidents(Workspace.open(path))) == 16

    def test_a_later_search_replaces_an_earlier_one_whatever_it_found(self, path: Path) -> None:
        put(path, self.search(*along(10)))
        later = dataclasses.replace(self.search(*along(3, first=50)), digest="later")
        assert put(path, later).replaced == 10


class TestWards:
    def test_other_wards_join_everything_again_in_one_step(self, path: Path) -> None:
        put(path, street(row(500), row(1500), row(2100), row(None), row(month="x")))
        old = Workspace.open(path)
        halves = gpd.GeoDataFrame(
            {"ward_code": ["E05999995"], "ward_name": ["Both"]},
            geometry=[shapely.union_all(two_wards().geometry)],
            crs=BNG,
        )
        change = change_wards(old, halves, {"source": "new.gpkg"})
        assert (change.changed, change.rows) == (True, 4)
        assert change.by_ward.to_numpy().tolist() == [
            ["", 2, 2], [WEST, 1, 0], [EAST, 1, 0], ["E05999995", 0, 2],
        ]  # fmt: skip
        new = old.reopen()
        assert new.wards()["ward_name"].tolist() == ["Both"]
        assert new.ward_info()["source"] == "new.gpkg"
        assert stored_months(new)[
            ["rows", "inside", "outside", "in_collar"]
        ].to_numpy().tolist() == [[4, 2, 1, 1]]
        before, after = read_incidents(old), read_incidents(new)
        kept = [c for c in before if c not in ("ward_code", "near_boundary")]
        pd.testing.assert_frame_equal(before[kept], after[kept])
        assert before["ward_code"].astype("object").tolist()[:2] == [WEST, EAST]
        assert len(store.read_rejected(new)) == 1

    def test_the_same_wards_again_change_nothing(self, path: Path) -> None:
        put(path, street(row()))
        before = state(path)
        workspace = Workspace.open(path)
        change = change_wards(workspace, workspace.wards(), workspace.ward_info())
        assert (change.changed, change.rows) == (False, 1)
        assert state(path) == before

    def test_wards_that_cannot_be_joined_to_change_nothing(self, path: Path) -> None:
        put(path, street(row()))
        before = state(path)
        old = two_wards().assign(ward_code=["E05000573", "E05000574"])
        with pytest.raises(VintageError):
            change_wards(Workspace.open(path), old, {})
        assert state(path) == before

    def test_imports_go_on_after_a_change(self, path: Path) -> None:
        put(path, street(*along(10)))
        change_wards(Workspace.open(path), two_wards().iloc[:1], {})
        report = put(path, street(*along(10), row(1400), name="b.csv"))
        assert (report.inside, report.in_collar, report.replaced) == (10, 1, 10)


class TestHousekeeping:
    def test_files_of_retired_rows_go_at_a_later_import(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put(path, street(*along(10)))
        first = set(state(path))
        put(path, street(*along(11), name="b.csv"))
        assert first <= set(state(path))  # to be brought back, or for an older reader
        monkeypatch.setattr(undoing, "KEPT_IMPORTS", 1)
        put(path, street(row(month="2026-05"), name="c.csv"))
        assert first <= set(state(path))  # only for an older reader
        later = time.time() + 2 * durable.GRACE_S
        monkeypatch.setattr(durable.time, "time", lambda: later)
        put(path, street(row(month="2026-06"), name="d.csv"))
        gone = {Path(name).parts[0] for name in first - set(state(path))}
        assert gone == {"incidents", "cache"}  # its rows, and what was counted of them
        assert len(read_incidents(Workspace.open(path))) == 13

    def test_what_a_killed_import_left_is_used_or_swept(self, path: Path) -> None:
        good = street(*along(10))
        other = workspace_of(path.parent / "other").path
        put(other, good)
        for name, data in state(other).items():
            if name.startswith("incidents"):
                durable.write_file(path / name, data)
                durable.write_file(path / name.replace(".parquet", "x.parquet"), data[:50])
                (path / name).with_name(f"{durable.TEMPORARY}y.parquet").write_bytes(b"x")
        put(path, good)
        assert len(read_incidents(Workspace.open(path))) == 10
        assert not list(path.rglob(f"{durable.TEMPORARY}*"))

    def test_a_half_written_file_of_that_name_is_written_again(self, path: Path) -> None:
        other = workspace_of(path.parent / "other").path
        good = street(*along(10))
        put(other, good)
        for name, data in state(other).items():
            if name.startswith("incidents"):
                durable.write_file(path / name, data[:-9])
        put(path, good)
        assert len(read_incidents(Workspace.open(path))) == 10

    def test_the_log_remembers_every_import(self, path: Path) -> None:
        commit(Workspace.open(path), [street(*along(10))], at="2026-05-01T09:00:00Z")
        put(path, street(*along(11), name="b.csv"))
        first, second = Workspace.open(path).manifest().imports
        assert (first.at, first.mode, first.counts["inside"]) == (
            "2026-05-01T09:00:00Z",
            "correct",
            10,
        )
        assert (second.counts["replaced"], second.import_id[:5]) == (10, "00002")

    def test_progress_goes_up_to_one(self, path: Path) -> None:
        told: list[float] = []
        files = [street(row(month=f"2026-0{i}"), name=f"{i}.csv") for i in range(1, 5)]
        commit(Workspace.open(path), files, progress=lambda share, _: told.append(share))
        assert told == sorted(told)
        assert (told[0], told[-1]) == (0, 1)


def test_point_keys_tell_points_apart_at_six_decimals() -> None:
    lon = np.array([-0.1, -0.1 + 4e-7, -0.100001, np.nan, 0.1, -8.9])
    lat = np.array([51.5, 51.5, 51.5, 51.5, 51.5, 61.4])
    assert len(point_keys(lon, lat)) == 4
    assert len(np.intersect1d(point_keys(lon, lat), point_keys(lat, lon))) == 0


FAULTS = [
    *("nothing", "nothing", "nothing", "nothing", "no place", "zero", "month", "swapped", "words"),
    *("metres", "far", "quote", "short", "blank line", "unknown", "one blank"),
]


def faulty(kind: str, number: int, month: str) -> str:
    good = row(5 + 7 * number, 400, month=month)
    return {
        "nothing": good,
        "no place": row(None, month=month),
        "zero": row(at=("0", "0"), month=month),
        "month": row(month="2026-00"),
        "swapped": row(at=lonlat(500, 500)[::-1], month=month),
        "words": row(at=("here", "there"), month=month),
        "metres": row(at=("530500", "180500")),
        "far": row(90_000, month=month),
        "quote": good.replace("On or", '"On or'),
        "short": "a,b",
        "blank line": "",
        "unknown": row(crime="Mischief", month=month),
        "one blank": row(at=("", "51.5"), month=month),
    }[kind]


@settings(max_examples=15)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["2026-01", "2026-02", "2026-03"]),
            st.lists(st.sampled_from(FAULTS), max_size=12),
        ),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from(["correct", "replace", "add"]),
)
def test_whatever_comes_is_accounted_for_or_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, files: Sequence[tuple[str, list[str]]], mode: Mode
) -> None:
    path = workspace_of(tmp_path_factory.mktemp("w") / "w").path
    for number, (month, kinds) in enumerate(files):
        lines = [faulty(kind, i + 3 * number, month) for i, kind in enumerate(kinds)]
        before = state(path)
        uids = stored_uids(path)
        try:
            made = street(*lines, name=f"{month}-metropolitan-street.csv")
            report = put(path, made, mode=mode)
        except SaferWalksError:
            assert state(path) == before
            continue
        rows = len([line for line in lines if line])
        assert report.rows_in == rows
        assert rows == (report.inside + report.outside + report.no_location + report.rejected
                        + report.already_imported)  # fmt: skip
        assert report.near_boundary <= report.inside
        new = len(stored_uids(path)) - len(uids)
        assert new == report.inside + report.outside + report.no_location - report.replaced
        table = stored_months(Workspace.open(path))
        assert table["rows"].sum() == len(stored_uids(path))
        assert put(path, made, mode=mode).unchanged


def test_every_partition_has_its_row_in_the_schema_of_its_month(path: Path) -> None:
    put(path, street(row(), HEADER, row(month="2026-05")))
    for month in ("2026-04", "2026-05"):
        found = read_incidents(Workspace.open(path), months=[month])
        assert set(found["month"]) == {month}
