"""Ward boundaries replaced: seen before, the same after, nothing lost, and back again."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from analysis import cli
from analysis.jobs.imports import import_files
from analysis.jobs.initialise import initialise
from analysis.jobs.ward_boundaries import (
    counts_by_vintage,
    list_vintages,
    preview_wards,
    replace_wards,
    use_vintage,
)
from geodata import durable, ward_editions
from geodata.crs import BNG
from geodata.errors import WardFileError, WorkspaceError
from geodata.store import commit, read_incidents
from geodata.workspace import Workspace
from tests.builders import EAST, ORIGIN, WEST, batch, incidents, two_wards

NORTH, SOUTH = "E05999993", "E05999994"
AT, LATER = "2026-11-22T10:00:00+00:00", "2026-11-23T10:00:00+00:00"
# West 2, East 3, nowhere 1, outside 1. Cut the other way: South 4, North 1.
ROWS = [
    ("2026-03", 100, 100), ("2026-03", 900, 900), ("2026-03", 1500, 100), ("2026-04", 1500, 200),
    ("2026-04", 1600, 300), ("2026-04", None, None), ("2026-04", -100, 500),
]  # fmt: skip


def saved(wards: gpd.GeoDataFrame, path: Path, year: int) -> Path:
    names = {"ward_code": f"WD{year}CD", "ward_name": f"WD{year}NM"}
    wards.rename(columns=names).to_file(path)
    return path


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return saved(two_wards(), tmp_path / "old.gpkg", 24)


@pytest.fixture
def new(tmp_path: Path) -> Path:
    x, y = ORIGIN
    halves = gpd.GeoDataFrame(
        {"ward_code": [NORTH, SOUTH], "ward_name": ["North", "South"]},
        geometry=[
            shapely.box(x, y + 500, x + 2000, y + 1000),
            shapely.box(x, y, x + 2000, y + 500),
        ],
        crs=BNG,
    )
    return saved(halves, tmp_path / "new.gpkg", 26)


@pytest.fixture
def folder(tmp_path: Path, old: Path) -> Path:
    initialise(tmp_path / "w", old, at=AT)
    commit(Workspace.open(tmp_path / "w"), [batch("a", incidents(ROWS))])
    return tmp_path / "w"


def numbers(table: pd.DataFrame) -> dict[str, tuple[int, int]]:
    return {r.ward_code: (r.before, r.after) for r in table.itertuples()}


CHANGE = {WEST: (2, 0), EAST: (3, 0), NORTH: (0, 1), SOUTH: (0, 4), "": (2, 2)}


def test_before_it_is_done_the_change_is_shown_and_nothing_is_stored(
    folder: Path, new: Path
) -> None:
    version = Workspace.open(folder).version
    shown = preview_wards(Workspace.open(folder), new)
    assert numbers(shown.by_ward) == CHANGE
    assert shown.by_ward["change"].tolist() == [-3, 1, 4, -2, 0]
    assert shown.by_ward["ward_name"].tolist()[-1] == "Outside, or no place"
    assert (shown.moved, shown.rows, shown.dry_run, shown.unchanged) == (5, 7, True, False)
    assert "5 would be counted elsewhere" in shown.message
    assert json.loads(json.dumps(shown.to_json()))["moved"] == 5
    assert Workspace.open(folder).version == version


def test_after_it_is_done_it_is_what_was_shown(folder: Path, new: Path) -> None:
    done = replace_wards(folder, new, at=LATER)
    assert numbers(done.by_ward) == CHANGE
    assert (done.name, done.rows, done.dry_run) == ("2026", 7, False)
    rows = read_incidents(Workspace.open(folder))
    assert rows["ward_code"].value_counts().to_dict() == {SOUTH: 4, NORTH: 1}
    assert len(rows) == 7


def test_both_stay_with_their_dates_and_shapes(folder: Path, new: Path) -> None:
    replace_wards(folder, new, at=LATER)
    now = Workspace.open(folder)
    listed = list_vintages(now)
    assert listed[["name", "in_use", "wards", "stored_at"]].to_numpy().tolist() == [
        ["2026", True, 2, LATER], ["2024", False, 2, AT],
    ]  # fmt: skip
    durable.sweep(folder, now.manifest().named(), grace=-1.0)
    kept = ward_editions.shapes(now, ward_editions.find(now, "2024"))
    assert kept["ward_code"].tolist() == [WEST, EAST]
    assert kept.geometry.area.tolist() == [1e6, 1e6]


def test_counts_can_be_shown_by_either(folder: Path, new: Path) -> None:
    replace_wards(folder, new)
    now = Workspace.open(folder)
    by_old, by_new = counts_by_vintage(now, "2024"), counts_by_vintage(now, "2026")
    assert by_old.to_numpy().tolist() == [[EAST, "East", 3], [WEST, "West", 2]]
    assert by_new.to_numpy().tolist() == [[NORTH, "North", 1], [SOUTH, "South", 4]]
    assert counts_by_vintage(now, "2024", last="2026-03")["count"].tolist() == [1, 2]


def test_going_back_gives_the_very_same_rows(folder: Path, new: Path) -> None:
    before = Workspace.open(folder)
    rows = read_incidents(before)
    replace_wards(folder, new, at=LATER)
    done = use_vintage(folder, "2024", at=LATER)
    assert numbers(done.by_ward) == {code: (b, a) for code, (a, b) in CHANGE.items()}
    after = Workspace.open(folder)
    pd.testing.assert_frame_equal(read_incidents(after), rows, check_categorical=False)
    assert after.manifest().layers["wards"] == before.manifest().layers["wards"]
    assert list_vintages(after)[["name", "in_use", "stored_at"]].to_numpy().tolist() == [
        ["2024", True, AT], ["2026", False, LATER],
    ]  # fmt: skip
    assert use_vintage(folder, "2024").unchanged
    assert Workspace.open(folder).version == after.version
    again = use_vintage(folder, "2026")
    assert numbers(again.by_ward) == CHANGE


def test_the_same_file_again_under_another_name_is_no_new_edition(
    folder: Path, old: Path, tmp_path: Path
) -> None:
    copy = old.rename(tmp_path / "copy.gpkg")
    assert replace_wards(folder, copy, at=LATER).unchanged
    assert preview_wards(Workspace.open(folder), copy).unchanged
    (only,) = list_vintages(Workspace.open(folder)).to_dict("records")
    assert (only["name"], only["stored_at"]) == ("2024", AT)


def test_two_of_one_year_get_names_of_their_own(folder: Path, tmp_path: Path) -> None:
    moved = two_wards()
    moved.geometry = moved.geometry.translate(10, 0)
    replace_wards(folder, saved(moved, tmp_path / "other.gpkg", 24))
    assert list_vintages(Workspace.open(folder))["name"].tolist() == ["2024-2", "2024"]


def test_a_file_that_is_none_changes_nothing(folder: Path, tmp_path: Path) -> None:
    version = Workspace.open(folder).version
    bad = tmp_path / "bad.geojson"
    bad.write_text("{}")
    for wrong in (
        lambda: preview_wards(Workspace.open(folder), bad),
        lambda: replace_wards(folder, bad),
    ):
        with pytest.raises(WardFileError):
            wrong()
    with pytest.raises(WorkspaceError, match=r"no ward boundaries called '2019'"):
        use_vintage(folder, "2019")
    assert Workspace.open(folder).version == version


def test_the_commands_say_the_same(
    folder: Path, new: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*words: object) -> dict:
        assert cli.main(["--workspace", str(folder), "wards", *map(str, words), "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    shown = run("replace", new, "--dry-run")
    assert (shown["dry_run"], shown["moved"]) == (True, 5)
    assert run("replace", new)["by_ward"] == shown["by_ward"]
    assert [v["name"] for v in run("list")["vintages"]] == ["2026", "2024"]
    assert run("counts", "2024")["by_ward"][0]["count"] == 3
    assert run("use", "2024")["wards"] == 2
    assert cli.main(["--workspace", str(folder), "wards", "use", "2019"]) == cli.DATA_AT_FAULT


def test_a_real_borough_on_wards_made_of_its_lsoas_and_back(
    shared_data: Path, tmp_path: Path
) -> None:
    """The 2014 wards against wards put together from LSOAs by the official best fit."""
    files = sorted((shared_data / "police" / "tower-hamlets-2025-05_2026-04").glob("*.csv.gz"))[:2]
    initialise(tmp_path / "w", shared_data / "wards" / "tower_hamlets_wards_2014_bng.gpkg")
    import_files(Workspace.open(tmp_path / "w"), files)
    rows = read_incidents(Workspace.open(tmp_path / "w"))
    areas = gpd.read_file(shared_data / "lsoa" / "tower_hamlets_lsoa_2021_full_bng.gpkg")
    lookup = pd.read_csv(
        shared_data / "lsoa" / "tower_hamlets_lsoa11_ward21_lookup.csv", encoding="utf-8-sig"
    )
    joined = areas.merge(lookup, left_on="lsoa21cd", right_on="LSOA11CD")
    made = joined.dissolve("WD21CD", as_index=False)[["WD21CD", "WD21NM", "geometry"]]
    path = tmp_path / "best_fit.gpkg"
    made.to_file(path)
    shown = preview_wards(Workspace.open(tmp_path / "w"), path)
    assert shown.rows == len(rows) > 7_000
    assert 0 < shown.moved < 0.35 * shown.rows  # LSOAs that were split since leave gaps
    done = replace_wards(tmp_path / "w", path)
    pd.testing.assert_frame_equal(done.by_ward, shown.by_ward)
    assert done.by_ward["before"].sum() == done.by_ward["after"].sum() == len(rows)
    first = list_vintages(Workspace.open(tmp_path / "w"))["name"].iloc[1]
    use_vintage(tmp_path / "w", first)
    again = read_incidents(Workspace.open(tmp_path / "w"))
    pd.testing.assert_frame_equal(again, rows, check_categorical=False)
