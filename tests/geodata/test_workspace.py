from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geodata.crs import BNG, WGS84, is_bng
from geodata.errors import CrsError, WardFileError, WorkspaceError
from geodata.store import commit
from geodata.workspace import Workspace, default_path
from tests.builders import EAST, ORIGIN, WEST, batch, incidents, two_wards, workspace_of

PLACES = gpd.GeoDataFrame(
    {"place_id": ["p1"], "name": ["A Station"], "kind": ["station"]},
    geometry=[shapely.Point(ORIGIN)],
    crs=BNG,
)
POPULATION = pd.DataFrame(
    {"ward_code": [WEST, EAST], "residents": [100, 200], "source": "made up", "year": 2024}
)


def test_a_new_workspace_gives_back_what_it_was_made_of(tmp_path: Path) -> None:
    info = {"source": Path("wards.gpkg"), "overlap_m2": np.float64(1.5), "gap_m2": np.nan,
            "renamed": (("a", "b"),)}  # fmt: skip
    made = Workspace.create(
        tmp_path / "deep/workspace", kind="real", wards=two_wards().iloc[::-1], ward_info=info,
        places=PLACES, population=POPULATION,
    )  # fmt: skip
    opened = Workspace.open(tmp_path / "deep/workspace")
    assert opened == made
    assert opened.kind == "real"
    wards = opened.wards()
    assert list(wards) == ["ward_code", "ward_name", "area_km2", "geometry"]
    assert wards["ward_code"].tolist() == [WEST, EAST]
    assert wards["area_km2"].tolist() == [1.0, 1.0]
    assert wards.index.equals(pd.RangeIndex(2))
    assert is_bng(wards.crs)
    assert wards.geometry.geom_equals(two_wards().geometry).all()
    assert opened.ward_info() == {
        "source": "wards.gpkg", "overlap_m2": 1.5, "gap_m2": None, "renamed": [["a", "b"]],
    }  # fmt: skip
    assert opened.places().drop(columns="geometry").to_dict("records") == [
        {"place_id": "p1", "name": "A Station", "kind": "station"}
    ]
    pd.testing.assert_frame_equal(opened.population(), POPULATION, check_dtype=False)


def test_layers_that_are_not_there_are_empty_frames(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path)
    assert list(workspace.places()) == ["place_id", "name", "kind", "geometry"]
    assert is_bng(workspace.places().crs)
    assert list(workspace.population()) == ["ward_code", "residents", "source", "year"]
    assert len(workspace.places()) == len(workspace.population()) == 0
    assert workspace.manifest().live == ()


def test_the_same_again_changes_nothing_not_even_the_version(tmp_path: Path) -> None:
    def create() -> Workspace:
        return Workspace.create(
            tmp_path, kind="demo", wards=two_wards(), ward_info={"a": 1}, places=PLACES,
            population=POPULATION,
        )  # fmt: skip

    first = create()
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*") if p.name != "lock"}
    assert create().version == first.version
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*") if p.name != "lock"} == before


def test_the_version_changes_with_the_content_and_only_then(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path)
    assert workspace.reopen().version == workspace.version
    commit(workspace, [batch("a", incidents([("2026-04", 500, 500)]))])
    assert workspace.version != workspace.reopen().version
    assert workspace.manifest().live == ()
    assert len(workspace.reopen().manifest().live) == 1


def test_invented_and_real_reports_never_share_a_folder(tmp_path: Path) -> None:
    Workspace.create(tmp_path / "demo", kind="demo", wards=two_wards(), ward_info={})
    Workspace.create(tmp_path / "real", kind="real", wards=two_wards(), ward_info={})
    with pytest.raises(WorkspaceError, match="holds the invented reports of a demo"):
        Workspace.create(tmp_path / "demo", kind="real", wards=two_wards(), ward_info={})
    with pytest.raises(WorkspaceError, match="holds real data"):
        Workspace.create(tmp_path / "real", kind="demo", wards=two_wards(), ward_info={})
    Workspace.open(tmp_path / "real").require_real("Importing files")
    with pytest.raises(WorkspaceError, match=r"Importing files is not possible.*init --wards"):
        Workspace.open(tmp_path / "demo").require_real("Importing files")


def test_stored_reports_are_never_left_with_other_wards(tmp_path: Path) -> None:
    workspace_of(tmp_path, batch("a", incidents([("2026-04", 500, 500)])))
    one = two_wards().iloc[:1]
    with pytest.raises(WorkspaceError, match="joined to other wards"):
        Workspace.create(tmp_path, kind="real", wards=one, ward_info={})
    Workspace.create(tmp_path / "new", kind="real", wards=two_wards(), ward_info={})
    changed = Workspace.create(tmp_path / "new", kind="real", wards=one, ward_info={})
    assert changed.wards()["ward_code"].tolist() == [WEST]


def test_wards_must_be_joinable_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(CrsError):
        Workspace.create(tmp_path / "a", kind="real", wards=two_wards().to_crs(WGS84), ward_info={})
    twice = two_wards().assign(ward_code=WEST)
    with pytest.raises(WardFileError):
        Workspace.create(tmp_path / "a", kind="real", wards=twice, ward_info={})
    nameless = two_wards().drop(columns="ward_name")
    with pytest.raises(WardFileError, match="lack a column"):
        Workspace.create(tmp_path / "a", kind="real", wards=nameless, ward_info={})
    assert not (tmp_path / "a").exists()


def test_wards_whose_grid_has_no_code_are_stored_as_the_grid(tmp_path: Path) -> None:
    spelt = two_wards().set_crs(two_wards().crs.to_wkt("WKT1_ESRI"), allow_override=True)
    Workspace.create(tmp_path, kind="real", wards=spelt.rename_geometry("shape"), ward_info={})
    assert Workspace.open(tmp_path).wards().crs == BNG


def test_a_missing_layer_is_an_error_that_says_so(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path)
    for path in (tmp_path / "layers").iterdir():
        path.unlink()
    with pytest.raises(WorkspaceError, match="file of the workspace is missing"):
        workspace.wards()


def test_exists(tmp_path: Path) -> None:
    assert not Workspace.exists(tmp_path / "nowhere")
    assert not Workspace.exists(tmp_path)
    workspace_of(tmp_path)
    assert Workspace.exists(tmp_path)
    assert Workspace.exists(str(tmp_path))


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(WorkspaceError, match="no workspace here"):
        Workspace.open(tmp_path / "file")
    with pytest.raises(WorkspaceError, match="cannot be made"):
        workspace_of(tmp_path / "file")


def test_the_default_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SAFER_WALKS_WORKSPACE", raising=False)
    assert default_path() == Path("workspace")
    monkeypatch.setenv("SAFER_WALKS_WORKSPACE", "/data/borough")
    assert default_path() == Path("/data/borough")


def test_names_of_files_suit_every_system(tmp_path: Path) -> None:
    rows = incidents([("2026-04", 500, 500)], force='a:b/c"<>|?*\\')
    workspace_of(tmp_path / "w", batch("x", rows))
    for path in (tmp_path / "w").rglob("*"):
        relative = path.relative_to(tmp_path / "w").as_posix()
        assert not set(relative) & set('<>:"\\|?*')
        assert len(relative) < 120
