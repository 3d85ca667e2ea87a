"""Whatever is killed, and whenever: the old state or the new one, and the next import works."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing.context import BaseContext
from pathlib import Path

import pytest

from geodata import durable
from geodata.store import change_wards, read_incidents, read_rejected, stored_months
from geodata.workspace import Workspace
from tests.builders import workspace_of
from tests.import_workers import (
    MONTHS,
    ROWS,
    STEPS,
    count_steps,
    die_at_step,
    import_edition,
    import_for_ever,
    import_months,
)


@pytest.fixture(scope="module")
def processes() -> BaseContext:
    """Real processes: forked from one that has the libraries loaded, where that can be."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["geodata.police_uk", "geodata.store", "pandera.pandas"])
    return context


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A workspace that holds edition 0."""
    workspace = workspace_of(tmp_path / "workspace").path
    import_edition(workspace, 0)
    return workspace


def edition_in(path: Path) -> int:
    """Tell which edition the workspace holds, having checked that it is whole."""
    workspace = Workspace.open(path)
    found = read_incidents(workspace)
    editions = {int(str(text).rsplit(" ", 1)[1]) for text in found["location"]}
    assert len(editions) == 1, f"a mixture of editions {sorted(editions)}"
    assert Counter(found["month"]) == dict.fromkeys(MONTHS, ROWS)
    assert stored_months(workspace)["rows"].tolist() == [ROWS] * len(MONTHS)
    assert read_rejected(workspace)["row"].str.contains(f"never {min(editions)},").all()
    assert len(read_rejected(workspace)) == len(MONTHS)
    assert found["incident_uid"].is_unique
    return editions.pop()


def steps_of_an_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    workspace = workspace_of(tmp_path / "counting").path
    import_edition(workspace, 0)
    with monkeypatch.context() as patched:
        for name in STEPS:
            patched.setattr(durable, name, getattr(durable, name))
        seen = count_steps(-1, lambda: None)
        import_edition(workspace, 1)
    return seen


def test_a_fault_at_any_step_leaves_one_edition_whole(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OSError(28, "No space left on device")

    steps = steps_of_an_import(tmp_path, monkeypatch)
    swaps = [i for i, name in enumerate(steps, 1) if name == "swap"]
    assert len(swaps) == 2 * len(MONTHS) + 1  # reports, rejected rows; the manifest last
    outcomes = []
    for stop_at in range(1, len(steps) + 1):
        before = edition_in(path)
        with monkeypatch.context() as patched:
            for name in STEPS:
                patched.setattr(durable, name, getattr(durable, name))
            count_steps(stop_at, fail)
            with pytest.raises(OSError, match="No space left"):
                import_edition(path, stop_at)
        after = edition_in(path)
        assert after == (before if stop_at <= swaps[-1] else stop_at)
        assert not list(path.rglob(f"{durable.TEMPORARY}*"))
        outcomes.append(after)
    assert outcomes[0] == 0
    assert outcomes[-1] == len(steps)
    import_edition(path, 999)
    assert edition_in(path) == 999


def test_a_fault_while_the_wards_change_leaves_one_join_whole(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OSError(28, "No space left on device")

    def one_join() -> int:
        workspace = Workspace.open(path)
        joined = set(read_incidents(workspace)["ward_code"].dropna())
        assert joined == set(workspace.wards()["ward_code"][:1])
        assert edition_in(path) == 0
        return len(workspace.wards())

    stop_at, failed = 0, True
    while failed:
        assert one_join() == 2
        stop_at += 1
        with monkeypatch.context() as patched:
            for name in STEPS:
                patched.setattr(durable, name, getattr(durable, name))
            steps = count_steps(stop_at, fail)
            workspace = Workspace.open(path)
            one = workspace.wards().iloc[:1].assign(ward_code="E05999999")
            failed = False
            try:
                change_wards(workspace, one, {})
            except OSError:
                failed = steps[-1] != "flush_folder" or one_join() == 2
    assert stop_at > 2 * len(MONTHS)
    assert one_join() == 1


def test_death_at_any_step_leaves_one_edition_whole(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processes: BaseContext
) -> None:
    steps = steps_of_an_import(tmp_path, monkeypatch)
    last_swap = max(i for i, name in enumerate(steps, 1) if name == "swap")
    for stop_at, name in enumerate(steps, 1):
        if name == "flush_file":
            continue  # nothing but a temporary file is there yet: as before the swap that follows
        before = edition_in(path)
        worker = processes.Process(target=die_at_step, args=(path, 1000 + stop_at, stop_at))
        worker.start()
        worker.join(180)
        assert worker.exitcode == 9
        assert edition_in(path) == (before if stop_at <= last_swap else 1000 + stop_at)
    import_edition(path, 1)
    assert edition_in(path) == 1
    assert not list(path.rglob(f"{durable.TEMPORARY}*"))


def test_a_kill_at_any_moment_leaves_one_edition_whole(
    path: Path, tmp_path: Path, processes: BaseContext
) -> None:
    moments = random.Random(20_260_401)
    acknowledged = tmp_path / "acknowledged"
    reached = []
    for after in (1, 2, 3, 1, 2, 3):
        acknowledged.unlink(missing_ok=True)
        import_edition(path, 0)
        started = processes.Event()
        worker = processes.Process(target=import_for_ever, args=(path, started, acknowledged))
        worker.start()
        assert started.wait(180)
        while len(said(acknowledged)) < after:
            time.sleep(0.005)
        time.sleep(moments.uniform(0.0, 0.3))
        worker.kill()
        worker.join(180)
        found = edition_in(path)
        last = said(acknowledged)[-1]
        assert found in (last, last + 1), "an edition that was acknowledged is lost"
        reached.append(found)
    assert len(set(reached)) > 1, "every kill came at the same moment"


def said(acknowledged: Path) -> list[int]:
    """List the editions that were acknowledged; a line without its end was cut off."""
    lines = acknowledged.read_text(encoding="utf-8").splitlines(keepends=True)
    return [int(line) for line in lines if line.endswith("\n")]


def test_readers_never_see_a_mixture_while_another_process_imports(
    path: Path, tmp_path: Path, processes: BaseContext
) -> None:
    started = processes.Event()
    worker = processes.Process(target=import_for_ever, args=(path, started, tmp_path / "a"))
    worker.start()
    assert started.wait(180)
    seen = []
    until = time.monotonic() + 180
    while len(set(seen)) < 4 and time.monotonic() < until:
        seen.append(edition_in(path))
    worker.kill()
    worker.join(180)
    assert seen == sorted(seen)
    assert len(set(seen)) >= 4


def at_once(
    processes: BaseContext, target: Callable[..., None], *arguments: tuple[object, ...]
) -> None:
    gate = processes.Barrier(len(arguments))
    workers = [processes.Process(target=target, args=(*a[:2], gate, *a[2:])) for a in arguments]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
        assert worker.exitcode == 0


def test_imports_at_once_happen_one_after_the_other(tmp_path: Path, processes: BaseContext) -> None:
    path, answers = workspace_of(tmp_path / "w").path, tmp_path / "answers"
    early, late = ([f"202{y}-{m:02d}" for m in range(1, 7)] for y in (5, 6))
    at_once(processes, import_months, (path, early, answers), (path, late, answers))
    workspace = Workspace.open(path)
    assert stored_months(workspace)["month"].tolist() == early + late
    assert len(read_incidents(workspace)) == 12
    assert len(workspace.manifest().imports) == 12
    assert len({i.import_id for i in workspace.manifest().imports}) == 12


def test_the_same_files_at_once_are_stored_once(tmp_path: Path, processes: BaseContext) -> None:
    path, answers = workspace_of(tmp_path / "w").path, tmp_path / "answers"
    months = ["2026-01", "2026-02", "2026-03"]
    at_once(processes, import_months, (path, months, answers), (path, months, answers))
    assert stored_months(Workspace.open(path))["rows"].tolist() == [1, 1, 1]
    said = Counter(p.read_text(encoding="utf-8") for p in answers.iterdir())
    assert said == {"True": 3, "False": 3}
