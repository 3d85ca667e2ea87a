"""A region built by one process and by many: the same tables, also when a worker is killed."""

from __future__ import annotations

import json
import os
import signal
import warnings
from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.cli import main
from analysis.jobs import build as jobs
from analysis.jobs.build import FACTS, build, build_workspace
from analysis.jobs.counts import counts
from analysis.jobs.imports import import_files
from analysis.jobs.initialise import initialise
from geodata import shards
from geodata.errors import NotEnoughDataError, ReportFileError, SaferWalksError
from geodata.hexagons import hexagon_ids
from geodata.workspace import Workspace
from tests.builders import ORIGIN, batch, incidents, two_wards, workspace_of

MONTHS = [f"2026-{n:02d}" for n in range(1, 7)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six months of 400 reports each; one in twenty without a place, some outside."""
    made, chance = tmp_path_factory.mktemp("reports"), np.random.default_rng(7)
    for month in MONTHS:
        frame = pd.DataFrame(
            {
                "month": month,
                "category": chance.choice(["drugs", "burglary"], 400),
                "easting": ORIGIN[0] + chance.integers(-5, 45, 400) * 50.0,
                "northing": ORIGIN[1] + chance.integers(0, 20, 400) * 50.0,
            }
        )
        frame.loc[::20, ["easting", "northing"]] = np.nan
        frame.to_parquet(made / f"{month}.parquet")
    return made


@pytest.fixture(scope="module")
def alone(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one process builds of it."""
    out = tmp_path_factory.mktemp("alone") / "built"
    build(two_wards(), str(folder), str(out))
    return out


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """An empty bucket of a server on this machine that speaks S3."""
    server = pytest.importorskip("moto.server", reason="moto is not installed")
    pytest.importorskip("s3fs", reason="s3fs is not installed")
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {
            "AWS_ACCESS_KEY_ID": "anybody", "AWS_SECRET_ACCESS_KEY": "anything",
            "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        }.items():  # fmt: skip
            environment.setenv(name, value)
        files, _path = shards.storage("s3://county")
        files.mkdir("county")
        yield "s3://county"
        running.stop()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two processes on this machine, as two machines would be."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from distributed import LocalCluster

        with LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, protocol="tcp"
        ) as running:
            yield running


def _tables(out: Path) -> dict[str, bytes]:
    return {str(p.relative_to(out)): p.read_bytes() for p in sorted(out.rglob("*.parquet"))}


def _read(folder: Path) -> pd.DataFrame:
    tables = [pd.read_parquet(path) for path in sorted(folder.iterdir())]
    return pd.concat([table for table in tables if len(table)] or tables, ignore_index=True)


def test_every_row_is_accounted_for_and_the_parts_are_gone(folder: Path, alone: Path) -> None:
    facts = shards.read_facts(f"{alone}/{FACTS}")
    assert (facts["partitions"], facts["rows"], facts["no_location"]) == (6, 2400, 120)
    assert facts["inside"] + facts["outside"] + facts["no_location"] == facts["rows"]
    assert facts["months"] == MONTHS
    assert facts["side"] == 200
    hexagons = pd.concat(pd.read_parquet(path) for path in (alone / "hexagons").iterdir())
    wards = pd.read_parquet(alone / "wards.parquet")
    assert hexagons["count"].sum() == wards["count"].sum() == facts["inside"]
    assert (len(hexagons), len(wards)) == (facts["hexagons"], facts["wards"])
    last = pd.concat(pd.read_parquet(path) for path in (alone / "baselines").iterdir())
    assert last["last_12"].sum() == facts["inside"]
    assert sorted(path.name for path in alone.iterdir()) == [
        "baselines", FACTS, "hexagons", "wards.parquet",
    ]  # fmt: skip


def test_many_processes_build_the_same_to_the_byte(
    folder: Path, alone: Path, cluster: Any, tmp_path: Path
) -> None:
    said: list[float] = []
    build(
        two_wards(), str(folder), str(tmp_path / "built"),
        scheduler=cluster.scheduler_address, progress=lambda share, _what: said.append(share),
    )  # fmt: skip
    assert _tables(tmp_path / "built") == _tables(alone)
    assert said[-1] == 1


def test_object_storage_holds_the_same_to_the_byte(
    folder: Path, alone: Path, bucket: str, tmp_path: Path
) -> None:
    """Reports and tables in a bucket; this process, then a worker of its own, reach it."""
    files, path = shards.storage(bucket)
    files.put(f"{folder}/", f"{path}/reports/", recursive=True)
    for out, how in (("one", {}), ("other", {"workers": 1})):
        result = build(two_wards(), f"{bucket}/reports", f"{bucket}/{out}", **how)
        assert result.rows == 2400
        files.invalidate_cache()
        files.get(f"{path}/{out}/", f"{tmp_path}/{out}/", recursive=True)
        assert _tables(tmp_path / out) == _tables(alone)
        assert not files.find(f"{path}/{out}/parts")


def test_a_worker_killed_in_the_middle_changes_nothing(
    folder: Path, alone: Path, cluster: Any, tmp_path: Path
) -> None:
    killed: list[int] = []

    def kill_one(_share: float, _what: str) -> None:
        if not killed:
            worker = next(iter(cluster.workers.values()))
            killed.append(worker.pid)
            os.kill(worker.pid, signal.SIGKILL)

    build(
        two_wards(), str(folder), str(tmp_path / "built"),
        scheduler=cluster.scheduler_address, progress=kill_one,
    )  # fmt: skip
    assert killed
    assert _tables(tmp_path / "built") == _tables(alone)


def test_a_workspace_builds_to_what_the_app_counts(tmp_path: Path) -> None:
    rows = [(m, 100.0 * n, 300.0, c) for m in MONTHS for n, c in enumerate(["drugs"] * 22)]
    workspace = workspace_of(tmp_path / "workspace", batch("one", incidents(rows)))
    result = build_workspace(workspace, str(tmp_path / "built"))
    built = pd.concat(pd.read_parquet(p) for p in (tmp_path / "built" / "hexagons").iterdir())
    theirs = counts(workspace, ["hexagon", "month"], categories=("all",)).table
    theirs = theirs[theirs["count"].gt(0)].set_index(["hexagon", "month"])["count"]
    names = hexagon_ids(built["q"].to_numpy(), built["r"].to_numpy(), 200)
    ours = built.assign(hexagon=names).groupby(["hexagon", "month"])["count"].sum()
    assert ours.to_dict() == {
        (str(cell), str(month)): int(n) for (cell, month), n in theirs.items()
    }
    assert result.inside == int(theirs.sum())


def test_real_reports_build_to_what_the_app_counts(
    shared_data: Path, cluster: Any, tmp_path: Path
) -> None:
    initialise(tmp_path / "w", shared_data / "wards/tower_hamlets_wards_2014_bng.gpkg")
    workspace = Workspace.open(tmp_path / "w")
    import_files(workspace, [shared_data / "police/tower-hamlets-2025-05_2026-04"])
    workspace = workspace.reopen()
    for name, how in (("one", {}), ("two", {"scheduler": cluster.scheduler_address})):
        result = build_workspace(workspace, str(tmp_path / name), **how)
        assert (result.rows, result.inside) == (47_420, 47_420)
    assert _tables(tmp_path / "one") == _tables(tmp_path / "two")
    wards = pd.read_parquet(tmp_path / "one" / "wards.parquet")
    ours = wards.groupby(["ward_code", "month", "category"])["count"].sum()
    theirs = counts(workspace, ["ward", "month", "category"]).table
    theirs = theirs[theirs["count"].gt(0)].astype({"category": str, "month": str, "ward": str})
    assert ours.to_dict() == theirs.set_index(["ward", "month", "category"])["count"].to_dict()


row = st.tuples(
    st.sampled_from([*MONTHS[:2], "2024-06"]), st.sampled_from(["drugs", "burglary", None]),
    st.one_of(st.none(), st.sampled_from([-50.0, 0.0, 480.0, 990.0, 1000.0, 1700.0])),
    st.sampled_from([-1.0, 0.0, 400.0]),
)  # fmt: skip


@settings(max_examples=8, deadline=None)
@given(st.lists(row, min_size=1, max_size=40), st.integers(1, 3), st.integers(8, 40), st.randoms())
def test_neither_partitions_nor_files_change_what_is_built(
    rows: list[tuple[Any, ...]], pieces: int, a_file: int, chance: Random
) -> None:
    """However reports are dealt out, the same bytes; however many files, the same rows in order."""
    frame = pd.DataFrame(rows, columns=["month", "category", "easting", "northing"])
    frame["easting"] = frame["easting"].astype("float64") + ORIGIN[0]
    frame["northing"] += ORIGIN[1]
    mixed = list(range(len(frame)))
    chance.shuffle(mixed)
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        for name, order, many in (("whole", sorted(mixed), 1), ("cut", mixed, pieces)):
            (Path(folder) / name).mkdir()
            for number in range(many):
                part = frame.iloc[order[number::many]]
                part.to_parquet(Path(folder) / name / f"{number}.parquet")
        built = []
        for source, out, size in (
            ("whole", "a", a_file),
            ("cut", "b", a_file),
            ("cut", "c", 10**6),
        ):
            patch.setattr(jobs, "REPORTS_A_FILE", size)
            build(two_wards(), f"{folder}/{source}", f"{folder}/{out}")
            built.append(Path(folder) / out)
        one, other, whole = built
        assert _tables(one) == _tables(other)
        assert len(list((one / "hexagons").iterdir())) == -(-len(frame) // a_file)
        for name in ("hexagons", "baselines"):
            pd.testing.assert_frame_equal(_read(one / name), _read(whole / name))
        assert _tables(one)["wards.parquet"] == _tables(whole)["wards.parquet"]


def test_what_was_interrupted_goes_on_where_it_was(
    folder: Path, alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted, out, count = [], tmp_path / "built", jobs.count_points

    def stop_at_the_third(urls: list[str], *args: Any, **how: Any) -> Any:
        counted.append(urls[0])
        if len(counted) == 3:
            raise KeyboardInterrupt
        return count(urls, *args, **how)

    monkeypatch.setattr(jobs, "count_points", stop_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        build(two_wards(), str(folder), str(out))
    with pytest.raises(SaferWalksError, match="begun here and is not done"):
        build(two_wards(), str(folder), str(out), side=100)
    build(two_wards(), str(folder), str(out))
    assert len(counted) == 3 + 4
    assert _tables(out) == _tables(alone)


def test_it_refuses_what_it_cannot_do(
    folder: Path, alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "CONNECT_S", 1)
    with pytest.raises(SaferWalksError, match="built here before"):
        build(two_wards(), str(folder), str(alone))
    for address in ("tcp://127.0.0.1:1", "10.0.0.5:8786", "http://10.0.0.5"):
        with pytest.raises(SaferWalksError, match="does not answer"):
            build(two_wards(), str(folder), str(tmp_path / "a"), scheduler=address)
    assert not (tmp_path / "a").exists()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").touch()
    with pytest.raises(SaferWalksError, match=r"not empty.*notes\.txt"):
        build(two_wards(), str(folder), str(tmp_path / "full"))
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "a.parquet").write_bytes(b"broken")
    with pytest.raises(ReportFileError):
        build(two_wards(), str(tmp_path / "bad"), str(tmp_path / "b"))
    assert not (tmp_path / "b").exists()
    words = {"month": "January 2026", "category": "a", "easting": 1.0, "northing": 2.0}
    pd.DataFrame([words]).to_parquet(tmp_path / "bad" / "a.parquet")
    with pytest.raises(ReportFileError, match=r"'January 2026'.*2026-01"):
        build(two_wards(), str(tmp_path / "bad"), str(tmp_path / "b"))
    assert not (tmp_path / "b" / FACTS).exists()
    empty = Workspace.create(tmp_path / "w", kind="real", wards=two_wards(), ward_info={})
    with pytest.raises(NotEnoughDataError):
        build_workspace(empty, str(tmp_path / "c"))


def test_a_cluster_that_cannot_work_is_said(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody there, nobody left, somebody who dies each time, somebody without this package."""
    from distributed import Client, KilledWorker, LocalCluster

    monkeypatch.setattr(jobs, "CONNECT_S", 0.2)
    monkeypatch.setattr(jobs, "ALONE_S", 0.2)
    with LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0") as nobody:
        address = nobody.scheduler_address
        with pytest.raises(SaferWalksError, match=f"no workers.*dask worker {address}"):
            build(two_wards(), str(folder), str(tmp_path / "a"), scheduler=address)
        with Client(nobody, set_as_default=False) as client:
            tasks = [client.submit(abs, number) for number in range(3)]
            with pytest.raises(SaferWalksError, match=r"All workers are gone.*3 of 3"):
                list(jobs._finished(client, tasks))
    assert not (tmp_path / "a").exists()
    with pytest.raises(SaferWalksError, match=r"again and again.*memory"), jobs._explained():
        raise KilledWorker("partition_task-1", SimpleNamespace(address="tcp://w:1"), 3)  # type: ignore[arg-type]
    with pytest.raises(SaferWalksError, match=r"cannot run this.*same version"), jobs._explained():
        raise ModuleNotFoundError("No module named 'analysis'")


def test_the_command_builds_from_a_folder(
    folder: Path, alone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Workspace.create(tmp_path / "w", kind="real", wards=two_wards(), ward_info={})
    words = ["--workspace", str(tmp_path / "w"), "build", "--from", str(folder), "--json"]
    assert main([*words, "--out", str(tmp_path / "built")]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["rows"], told["partitions"]) == (2400, 6)
    assert _tables(tmp_path / "built") == _tables(alone)
    assert main([*words, "--out", str(alone)]) == 1
    assert "built here before" in capsys.readouterr().err
    assert main([*words, "--out", str(tmp_path / "c"), "--side", "7"]) == 2
