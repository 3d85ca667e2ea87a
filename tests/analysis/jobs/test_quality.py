from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from analysis.jobs.imports import import_files
from analysis.jobs.initialise import initialise
from analysis.jobs.quality import quality
from geodata.store import commit
from geodata.workspace import Workspace
from tests.builders import EAST, WEST, batch, incidents, workspace_of
from tests.street_files import along, row, write


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """April and July of the Met (May is zero, June missing), one month of a council."""
    opened = workspace_of(tmp_path / "w")
    april = [
        row(500), row(10), row(1500), row(2100), row(9000), row(None), row(None),
        row(crime="Mischief"), row(month="soon"), row(month="later"), row(at=("-0.1", "")),
    ]  # fmt: skip
    files = [
        write(tmp_path, "2026-04-metropolitan-street.csv", april),
        write(tmp_path, "2026-05-metropolitan-street.csv", []),
        write(tmp_path, "2026-07-metropolitan-street.csv", along(10, month="2026-07")),
    ]
    import_files(opened, files)
    import_files(opened, [write(tmp_path, "new.csv", along(11, month="2026-07"))])
    council = incidents(
        [("2026-04", 1500, 500, "noise_domestic")], source="council_asb", force="borough"
    )
    commit(opened, [batch("c", council)])
    return opened.reopen()


def test_totals_balance_by_source(workspace: Workspace) -> None:
    totals = quality(workspace).totals
    assert totals["source"].tolist() == ["council_asb", "police_uk"]
    police = totals.set_index("source").loc["police_uk"].to_dict()
    # April: 4 inside (one of them 10 m from the edge), 2 outside (one in the collar), 2 without a
    # place, 3 rejected. July: 11 inside, those at 5, 15 and 25 m from the edge near it.
    assert police == {
        "rows_in": 22, "inside": 15, "outside": 2, "in_collar": 1, "no_location": 2,
        "near_boundary": 4, "merged": 0, "duplicates": 0, "rejected": 3,
        "near_boundary_share": pytest.approx(4 / 15), "no_location_share": pytest.approx(2 / 19),
    }  # fmt: skip
    assert totals.set_index("source").loc["council_asb", "rows_in"] == 1


def test_every_ward_shows_its_share_near_a_boundary(workspace: Workspace) -> None:
    table = quality(workspace).by_ward
    assert list(table) == [
        "source", "ward_code", "ward_name", "reports", "near_boundary", "near_boundary_share",
    ]  # fmt: skip
    police = table[table["source"] == "police_uk"]
    assert police.iloc[:, 1:5].to_numpy().tolist() == [[WEST, "West", 14, 4], [EAST, "East", 1, 0]]
    assert police["near_boundary_share"].tolist() == [pytest.approx(4 / 14), 0]
    council = table[table["source"] == "council_asb"]
    assert council["reports"].tolist() == [0, 1]
    assert np.isnan(council["near_boundary_share"].iloc[0])


def test_months_are_present_zero_or_missing_and_the_outer_ones_may_be_partial(
    workspace: Workspace,
) -> None:
    report = quality(workspace)
    months = report.months[report.months["source"] == "police_uk"]
    assert months["month"].tolist() == ["2026-04", "2026-05", "2026-06", "2026-07"]
    assert months["status"].tolist() == ["present", "zero", "missing", "present"]
    assert months["edge"].tolist() == [True, False, False, True]
    assert months["rows"].fillna(-1).tolist() == [8, 0, -1, 11]
    sources = report.sources.set_index("source").loc["police_uk"].to_dict()
    assert sources == {
        "force": "metropolitan", "force_name": "Metropolitan Police Service", "first": "2026-04",
        "last": "2026-07", "present": 2, "zero": 1, "missing": 1, "rows": 19,
    }  # fmt: skip


def test_rejected_rows_by_reason_with_the_first_one(workspace: Workspace) -> None:
    report = quality(workspace)
    assert report.rejected.to_dict("records") == [
        {"source": "police_uk", "reason": "only one of the two coordinates is given", "rows": 1,
         "file": "2026-04-metropolitan-street.csv", "line": 12, "row": row(at=("-0.1", ""))},
        {"source": "police_uk", "reason": "the month is not written YYYY-MM", "rows": 2,
         "file": "2026-04-metropolitan-street.csv", "line": 10, "row": row(month="soon")},
    ]  # fmt: skip
    assert report.rejected_rows["line"].tolist() == [10, 11, 12]


def test_files_tell_what_became_of_them(workspace: Workspace) -> None:
    files = quality(workspace).files.drop(columns="import_id")
    assert files.to_numpy().tolist() == [
        ["2026-04-metropolitan-street.csv", "police_uk", "file", 11, 8, 3, "counts"],
        ["2026-05-metropolitan-street.csv", "police_uk", "file", 0, 0, 0, "counts"],
        ["2026-07-metropolitan-street.csv", "police_uk", "file", 10, 0, 0, "replaced"],
        ["new.csv", "police_uk", "file", 11, 11, 0, "counts"],
        ["c.csv", "council_asb", "file", 1, 1, 0, "counts"],
    ]


def test_categories_on_no_list_and_places_missing_by_category(workspace: Workspace) -> None:
    report = quality(workspace)
    assert report.unknown.to_dict("records") == [
        {"source": "police_uk", "source_category": "Mischief", "rows": 1}
    ]
    asb = report.by_category.set_index("category").loc["police_uk_unspecified"]
    assert (asb["rows"], asb["no_location"]) == (18, 2)
    assert asb["no_location_share"] == pytest.approx(2 / 18)


def test_the_json_has_the_sums_and_every_table(workspace: Workspace) -> None:
    said = json.loads(json.dumps(quality(workspace).to_json(), allow_nan=False))
    assert said["rows_in"] == 23
    assert (
        said["rows_in"] == said["inside"] + said["outside"] + said["no_location"] + said["rejected"]
    )
    assert said["near_boundary_share"] == pytest.approx(4 / 16)
    assert said["months"] == ["2026-04", "2026-05", "2026-07"]
    assert said["months_missing"] == ["2026-06"]
    assert said["edge_months"] == ["2026-04", "2026-07"]
    assert [r["line"] for r in said["rejected_rows"]] == [10, 11, 12]
    assert len(said["by_ward"]) == 4
    assert said["flags"] == [
        "Metropolitan Police Service: no file covers 2026-06; these months are missing, not zero.",
        "The first and last stored months may be partial: 2026-04, 2026-07.",
        "Rows whose category is on no list: 1 (Mischief).",
        "Rows that were rejected and are in no count: 3.",
        "Files that later ones replaced, wholly or in part: 1.",
    ]


def test_nothing_stored_gives_empty_tables(tmp_path: Path) -> None:
    report = quality(workspace_of(tmp_path / "w"))
    said = json.loads(json.dumps(report.to_json(), allow_nan=False))
    assert (said["rows_in"], said["months"], said["near_boundary_share"]) == (0, [], None)
    assert not any(
        len(getattr(report, name)) for name in ("totals", "by_ward", "months", "rejected", "files")
    )


def test_real_months_reconcile(tmp_path: Path, shared_data: Path) -> None:
    initialise(tmp_path / "w", shared_data / "wards/newham_wards_bng.gpkg")
    workspace = Workspace.open(tmp_path / "w")
    imported = import_files(workspace, [shared_data / "police/newham-2016-01_2018-06"])
    said = quality(workspace.reopen()).to_json()
    for key in ("rows_in", "inside", "outside", "in_collar", "no_location", "near_boundary"):
        assert said[key] == getattr(imported, key)
    assert said["rows_in"] == 97_530
    assert said["months_missing"] == ["2016-03"]
    assert said["edge_months"] == ["2016-01", "2018-06"]
    assert sum(ward["reports"] for ward in said["by_ward"]) == imported.inside
    assert sum(ward["near_boundary"] for ward in said["by_ward"]) == imported.near_boundary


def test_files_that_stop_short_are_noticed(tmp_path: Path) -> None:
    # March is whole; April's rows all lie east of the wards: another borough's file.
    march = [("2026-03", 500, 500), ("2026-03", 1500, 500)] * 120
    april = [("2026-04", 2300, 500)] * 50
    made = workspace_of(tmp_path / "w", batch("m", incidents(march)), batch("a", incidents(april)))
    flags = " ".join(quality(made).flags)
    assert "in 2026-04 up to 2 of 2 wards have no report of any kind" in flags
    assert "seem cut at the boundary" not in flags
    cut = workspace_of(tmp_path / "cut", batch("m", incidents(march)))
    assert "no reports lie in the 500 m around the wards" in " ".join(quality(cut).flags)


def test_the_ward_a_file_gives_is_compared_with_the_ward_of_the_place(tmp_path: Path) -> None:
    rows = [("2026-04", x, y, "rowdy") for x, y in [(500, 500)] * 4 + [(9000, 500), (9000, 500)]]
    rows += [("2026-04", None, None, "rowdy")]
    given = [WEST, "west ward", "East", "Old Ward", "outside", "East", "East"]
    council = incidents(rows, source="council_asb").assign(ward_code_source=given)
    report = quality(workspace_of(tmp_path / "w", batch("c", council)))
    assert report.ward_given.to_numpy().tolist() == [
        ["council_asb", "E05999991", 1, 0], ["council_asb", "East", 2, 2],
        ["council_asb", "Old Ward", 1, 1], ["council_asb", "outside", 1, 0],
        ["council_asb", "west ward", 1, 0],
    ]  # fmt: skip
    assert any("3 of 6 rows that name a ward lie in another one" in f for f in report.flags)
    assert report.to_json()["ward_given"][1]["differ"] == 2
    nothing = quality(workspace_of(tmp_path / "empty"))
    assert len(nothing.ward_given) == 0
