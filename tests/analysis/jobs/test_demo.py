"""Making the demo: whole or not at all, and never where real data are."""

import os
import subprocess
import sys
import time
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from analysis.jobs import demo as job
from analysis.jobs.demo import demo_path, ensure_workspace, make_demo
from geodata import demo as package
from geodata import store
from geodata.crs import BNG
from geodata.errors import WorkspaceError
from geodata.workspace import Workspace

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def made(demo_folder):
    return Workspace.open(demo_folder)


@pytest.fixture
def short(monkeypatch):
    """Invent three months only, without records: what these hold is shown by `geodata.demo`."""
    monkeypatch.setattr(package, "LENGTH", 3)
    monkeypatch.setattr(job, "add_records", lambda *_args, **_asked: None)


@pytest.fixture(scope="module")
def invented():
    """One such short demo, for all who only ask where it goes."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(package, "LENGTH", 3)
        return package.demo()


@pytest.fixture
def quick(invented, short, monkeypatch):
    """Make that one."""
    monkeypatch.setattr(package, "demo", lambda **_asked: invented)


@pytest.fixture
def real(tmp_path):
    wards = gpd.GeoDataFrame(
        {"ward_code": ["E05000001"], "ward_name": ["Elsewhere"]},
        geometry=[shapely.box(500_000, 200_000, 501_000, 201_000)],
        crs=BNG,
    )
    return Workspace.create(tmp_path / "workspace", kind="real", wards=wards, ward_info={})


def test_everything_is_stored_and_balances(made):
    assert made.kind == "demo"
    assert len(made.wards()) == len(made.population()) == 20
    assert "site-whitechapel-station" in set(made.places()["place_id"])
    assert made.ward_info()["schematic"] is True
    stored = store.stored_months(made)
    rows = stored[["inside", "outside", "no_location"]].sum(axis=1)
    assert (rows == stored["rows"]).all()
    invented = sum(batch.rows_in for batch in package.demo().batches)
    assert stored["rows"].sum() == invented == len(store.read_incidents(made, columns=["month"]))


def test_the_missing_month_shows_as_missing(made):
    assert store.months_missing(made) == ["2025-11"]
    assert store.months_missing(made, source="council_asb") == []


def test_making_it_again_changes_nothing(made):
    before = (made.path / "manifest.json").stat().st_mtime_ns
    assert make_demo(made.path).version == made.version
    assert (made.path / "manifest.json").stat().st_mtime_ns == before


def test_another_seed_replaces_it(short, tmp_path):
    first = make_demo(tmp_path / "w", seed=1, last_month="2025-03")
    second = make_demo(tmp_path / "w", seed=2, last_month="2025-04")
    assert first.version != second.version
    assert store.stored_months(second)["month"].max() == "2025-04"
    assert [p.name for p in tmp_path.iterdir()] == ["w"]


def test_real_data_are_never_touched(real):
    with pytest.raises(WorkspaceError, match="real data"):
        make_demo(real.path)
    assert Workspace.open(real.path).version == real.version


def test_a_folder_that_is_no_workspace_is_refused(tmp_path):
    (tmp_path / "letters.txt").write_text("mine")
    for attempt in (make_demo, ensure_workspace):
        with pytest.raises(WorkspaceError, match=r"not a workspace.*letters\.txt"):
            attempt(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["letters.txt"]


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "w").write_text("mine")
    with pytest.raises(WorkspaceError, match="not a folder"):
        make_demo(tmp_path / "w")


def test_ensure_opens_what_is_there(real):
    assert ensure_workspace(real.path).kind == "real"
    assert not demo_path(real.path).exists()


def test_ensure_makes_the_demo_beside_an_empty_place(quick, tmp_path):
    path = tmp_path / "workspace"
    first = ensure_workspace(path)
    assert first.path == tmp_path / "workspace-demo"
    assert first.kind == "demo"
    assert not path.exists()
    assert ensure_workspace(path).version == first.version


def test_ensure_never_takes_real_data_for_the_demo(real, tmp_path):
    real.path.rename(tmp_path / "other-demo")
    with pytest.raises(WorkspaceError, match="real data"):
        ensure_workspace(tmp_path / "other")


def test_an_empty_folder_is_used_and_what_a_killed_process_left_cleared_away(quick, tmp_path):
    (tmp_path / "w").mkdir()
    old, young = tmp_path / f"{job._UNFINISHED}old", tmp_path / f"{job._UNFINISHED}young"
    for left in (old, young):
        left.mkdir()
        (left / "half").write_text("")
    os.utime(old, (time.time() - 7200,) * 2)
    assert make_demo(tmp_path / "w").kind == "demo"
    assert sorted(p.name for p in tmp_path.iterdir()) == [young.name, "w"]


def test_a_demo_that_fails_leaves_nothing(quick, tmp_path, monkeypatch):
    def fail(*_args, **_kwargs):
        raise RuntimeError("disk on fire")

    monkeypatch.setattr(job.store, "commit", fail)
    with pytest.raises(RuntimeError, match="disk on fire"):
        make_demo(tmp_path / "w")
    assert list(tmp_path.iterdir()) == []


def test_the_loser_of_a_race_uses_what_the_winner_made(quick, tmp_path, monkeypatch):
    commit, winner = store.commit, {}

    def commit_late(workspace, batches):
        report = commit(workspace, batches)
        if not winner:
            winner["version"] = ""
            winner["version"] = make_demo(tmp_path / "w").version
            winner["made"] = (tmp_path / "w" / "manifest.json").stat().st_ino
        return report

    monkeypatch.setattr(job.store, "commit", commit_late)
    loser = make_demo(tmp_path / "w")
    assert loser.version == winner["version"]
    assert (tmp_path / "w" / "manifest.json").stat().st_ino == winner["made"]
    assert [p.name for p in tmp_path.iterdir()] == ["w"]


def test_two_processes_at_once(tmp_path):
    script = (
        "import sys; from geodata import demo; demo.LENGTH = 3\n"
        "from analysis.jobs import demo as job; job.add_records = lambda *_, **__: None\n"
        "print(job.ensure_workspace(sys.argv[1]).version)"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path / "w")],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        for _ in range(2)
    ]
    versions = [process.communicate(timeout=120)[0].strip() for process in running]
    assert [process.returncode for process in running] == [0, 0]
    assert versions[0] == versions[1] == Workspace.open(tmp_path / "w-demo").version
    assert [p.name for p in tmp_path.iterdir()] == ["w-demo"]
