"""Jobs in the background: one a workspace, progress, cancel, result; faults stay faults."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from analysis.jobs import background
from geodata.errors import FetchCancelledError, WorkspaceError


def test_a_job_tells_its_progress_and_gives_its_result(tmp_path: Path) -> None:
    told, go_on = threading.Event(), threading.Event()

    def job(tell: background.Progress, _stop: background.Cancel) -> int:
        tell(0.5, "Half")
        told.set()
        go_on.wait(5)
        return 7

    task = background.start(tmp_path, "Counting", job, topic="x")
    told.wait(5)
    assert (task.share, task.doing, task.is_done, task.topic) == (0.5, "Half", False, "x")
    assert background.task_of(tmp_path / ".") is task
    background.dismiss(tmp_path)
    assert background.task_of(tmp_path) is task, "a running job is not forgotten"
    with pytest.raises(WorkspaceError, match=r"Something else .* Got: Counting"):
        background.start(tmp_path, "Again", job)
    other = background.start(tmp_path / "other", "Elsewhere", lambda _t, _s: 1)
    assert other.result() == 1
    go_on.set()
    assert task.result() == 7
    background.dismiss(tmp_path)
    assert background.task_of(tmp_path) is None


def test_a_job_is_asked_to_stop(tmp_path: Path) -> None:
    def job(_tell: background.Progress, stop: background.Cancel) -> None:
        while not stop():
            threading.Event().wait(0.005)
        raise FetchCancelledError("The fetch was stopped")

    task = background.start(tmp_path, "Waiting", job)
    assert not task.is_stopping
    task.stop()
    with pytest.raises(FetchCancelledError):
        task.result()
    assert (task.is_done, task.is_stopping) == (True, False)
    assert background.start(tmp_path, "Next", lambda _t, _s: 2).result() == 2


def test_a_fault_of_ours_is_raised_where_it_happens_and_where_the_result_is_asked_for() -> None:
    task = background.Task("Broken")
    with pytest.raises(ZeroDivisionError):
        task.run(lambda _tell, _stop: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        task.result()
