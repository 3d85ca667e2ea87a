"""One long job at a time for each workspace, in the background, with progress, cancel and result.

A page starts a job, is left, comes back, and finds the job where it is. The job itself decides
what stopping it means; those of `analysis.jobs.fetch` leave the workspace as it was and keep what
had arrived. A job does not outlive the server: a commit is one swap, so a killed one did nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from geodata.errors import SaferWalksError, WorkspaceError

Progress = Callable[[float, str], None]
Cancel = Callable[[], bool]
Job = Callable[[Progress, Cancel], Any]


@dataclass
class Task:
    """A job that was started.

    Attributes
    ----------
    title : str
        What it does, for people.
    topic : str
        What it is about, for the page that started it.
    job : callable, optional
        What is done; started again, it goes on where it was stopped.
    share : float
        How much is done, 0 to 1.
    doing : str
        What is being done now.
    """

    title: str
    topic: str = ""
    job: Job | None = None
    share: float = 0.0
    doing: str = "Starting"
    _stop: threading.Event = field(default_factory=threading.Event, repr=False)
    _future: Future[Any] = field(default_factory=Future, repr=False)

    @property
    def is_done(self) -> bool:
        """It has ended, well or not."""
        return self._future.done()

    @property
    def is_stopping(self) -> bool:
        """Somebody asked it to stop, and it has not yet."""
        return self._stop.is_set() and not self.is_done

    def stop(self) -> None:
        """Ask it to stop; it does at its next step."""
        self._stop.set()

    def result(self) -> Any:  # noqa: ANN401 - whatever the job gives
        """Give what the job gave, waiting for it; raises what it raised."""
        return self._future.result()

    def run(self, job: Job) -> None:
        """Do the job, in whichever thread this is called."""
        try:
            self._future.set_result(job(self._tell, self._stop.is_set))
        except SaferWalksError as error:
            self._future.set_exception(error)
        except BaseException as error:
            self._future.set_exception(error)
            raise

    def _tell(self, share: float, doing: str) -> None:
        self.share, self.doing = min(max(share, 0.0), 1.0), doing


_TASKS: dict[Path, Task] = {}
_LOCK = threading.Lock()


def start(path: Path, title: str, job: Job, *, topic: str = "") -> Task:
    """Start a job for a workspace, unless one runs there.

    Parameters
    ----------
    path : Path
        Folder of the workspace.
    title : str
        What the job does, for people.
    job : callable
        Given a function to tell progress to and one that says whether to stop.
    topic : str
        What it is about, for the page that starts it.

    Raises
    ------
    WorkspaceError
        If a job runs for this workspace already.
    """
    task = Task(title, topic, job)
    with _LOCK:
        now = _TASKS.get(path.resolve())
        if now is not None and not now.is_done:
            raise WorkspaceError(
                "Something else is being done in this workspace", got=now.title,
                todo="wait until it has finished, or stop it",
            )  # fmt: skip
        _TASKS[path.resolve()] = task
    threading.Thread(target=task.run, args=(job,), name=title, daemon=True).start()
    return task


def task_of(path: Path) -> Task | None:
    """Give the job of a workspace, running or ended; None if there is none, or it was dismissed."""
    return _TASKS.get(path.resolve())


def dismiss(path: Path) -> None:
    """Forget the job of a workspace if it has ended."""
    with _LOCK:
        task = _TASKS.get(path.resolve())
        if task is not None and task.is_done:
            del _TASKS[path.resolve()]
