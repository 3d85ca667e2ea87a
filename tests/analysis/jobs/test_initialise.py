from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from analysis.jobs.imports import import_files
from analysis.jobs.initialise import initialise
from geodata.crs import BNG
from geodata.errors import VintageError, WardFileError, WorkspaceError
from geodata.store import read_incidents
from geodata.workspace import Workspace
from tests.builders import EAST, WEST, two_wards
from tests.street_files import row, write


@pytest.fixture
def wards_file(tmp_path: Path) -> Path:
    path = tmp_path / "wards.gpkg"
    two_wards().rename(columns={"ward_code": "WD24CD", "ward_name": "WD24NM"}).to_file(path)
    return path


def test_a_new_workspace_says_what_the_wards_are(tmp_path: Path, wards_file: Path) -> None:
    report = initialise(tmp_path / "w", wards_file)
    said = json.loads(json.dumps(report.to_json(), allow_nan=False))
    assert (said["wards"], said["area_ha"], said["overlap_m2"], said["repaired"]) == (2, 200, 0, 0)
    assert "British National Grid" in said["crs"]
    assert (said["unchanged"], said["rejoined"]) == (False, 0)
    workspace = Workspace.open(tmp_path / "w")
    assert workspace.kind == "real"
    assert workspace.wards()["ward_code"].tolist() == [WEST, EAST]
    assert workspace.ward_info()["source"] == "wards.gpkg"


def test_the_same_wards_again_change_nothing(tmp_path: Path, wards_file: Path) -> None:
    initialise(tmp_path / "w", wards_file)
    version = Workspace.open(tmp_path / "w").version
    report = initialise(tmp_path / "w", wards_file)
    assert report.unchanged
    assert report.message == "Nothing changed: the workspace has these wards already."
    assert Workspace.open(tmp_path / "w").version == version


def test_other_wards_take_the_stored_reports_along(tmp_path: Path, wards_file: Path) -> None:
    initialise(tmp_path / "w", wards_file)
    reports = write(tmp_path, "2026-04-btp-street.csv", [row(500), row(1500), row(None)])
    import_files(Workspace.open(tmp_path / "w"), [reports])
    one = gpd.GeoDataFrame(
        {"code": ["E05999995"], "name": ["Whole"]},
        geometry=[shapely.union_all(two_wards().geometry)], crs=BNG,
    )  # fmt: skip
    one.to_file(tmp_path / "one.geojson")
    report = initialise(tmp_path / "w", tmp_path / "one.geojson", code="code", name="name")
    assert report.rejoined == 3
    assert report.to_json()["by_ward"] == [
        {"ward_code": "", "before": 1, "after": 1},
        {"ward_code": WEST, "before": 1, "after": 0},
        {"ward_code": EAST, "before": 1, "after": 0},
        {"ward_code": "E05999995", "before": 0, "after": 2},
    ]
    assert "2 of the 3 stored reports lie inside them" in report.message
    workspace = Workspace.open(tmp_path / "w")
    assert read_incidents(workspace)["ward_code"].dropna().tolist() == ["E05999995"] * 2
    assert import_files(workspace, [reports]).unchanged


def test_a_demo_never_gets_real_wards(tmp_path: Path, wards_file: Path) -> None:
    Workspace.create(tmp_path / "w", kind="demo", wards=two_wards(), ward_info={})
    with pytest.raises(WorkspaceError, match="in a demo workspace"):
        initialise(tmp_path / "w", wards_file)


def test_wards_that_cannot_be_read_leave_no_workspace(tmp_path: Path) -> None:
    bad = tmp_path / "wards.geojson"
    bad.write_text("{}", encoding="utf-8")
    with pytest.raises(WardFileError):
        initialise(tmp_path / "w", bad)
    assert not (tmp_path / "w").exists()


def test_wards_of_another_year_leave_the_old_ones(tmp_path: Path, shared_data: Path) -> None:
    folder = shared_data / "wards"
    initialise(tmp_path / "w", folder / "tower_hamlets_wards_2014_bng.gpkg")
    version = Workspace.open(tmp_path / "w").version
    with pytest.raises(VintageError):
        initialise(tmp_path / "w", folder / "tower_hamlets_wards_pre2014_17_wgs84.geojson")
    assert Workspace.open(tmp_path / "w").version == version


def test_real_reports_survive_a_change_of_wards_and_back(tmp_path: Path, shared_data: Path) -> None:
    path, wards = tmp_path / "w", shared_data / "wards"
    reports = shared_data / "police/tower-hamlets-2025-05_2026-04"
    initialise(path, wards / "tower_hamlets_wards_2014_bng.gpkg")
    import_files(Workspace.open(path), [reports / "2025-05-metropolitan-street.csv.gz"])
    first = read_incidents(Workspace.open(path))
    london = initialise(path, wards / "london_wards.zip")
    assert london.rejoined == len(first)
    assert (london.by_ward["before"].sum(), london.by_ward["after"].sum()) == (len(first),) * 2
    initialise(path, wards / "tower_hamlets_wards_2014_bng.gpkg")
    again = read_incidents(Workspace.open(path))
    assert first["ward_code"].astype("str").equals(again["ward_code"].astype("str"))
    assert first.drop(columns="ward_code").equals(again.drop(columns="ward_code"))
