"""Files that are whole or not there: the few steps on which the workspace's safety rests.

A file is written beside its place under a temporary name, flushed to the disk, and moved into
place by os.replace, which is atomic on Linux, macOS and Windows. Whatever is killed half way
leaves only a temporary file behind, which nobody reads and the next import sweeps away.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import filelock

from geodata.errors import WorkspaceError

_T = TypeVar("_T")

TEMPORARY = ".tmp-"
LOCK_NAME = "lock"
LOCK_TIMEOUT_S = 900.0
"""Seconds an import waits for another one to finish before it gives up."""

GRACE_S = 3600.0
"""Seconds a file stays after the manifest stopped naming it, for readers that began before."""

_TRIES, _PAUSE_S = 40, 0.05


@contextmanager
def locked(folder: Path, *, timeout: float = LOCK_TIMEOUT_S) -> Iterator[None]:
    """Hold the one lock of a workspace: only its holder may write in the folder.

    The operating system owns the lock, so it is released when a process dies, however it dies.

    Raises
    ------
    WorkspaceError
        If another process holds it for longer than `timeout` seconds, or the folder cannot be
        written to.
    """
    try:
        lock = filelock.FileLock(folder / LOCK_NAME, timeout=timeout)
        lock.acquire()
    except filelock.Timeout as error:
        raise WorkspaceError(
            "Another import is still writing to this workspace", got=str(folder),
            todo="wait until it has finished, then try again",
        ) from error  # fmt: skip
    except PermissionError as error:
        raise WorkspaceError(
            "This workspace cannot be written to", got=str(folder),
            todo="check who owns the folder, or choose another one",
        ) from error  # fmt: skip
    try:
        yield
    finally:
        lock.release()


def write_file(path: Path, data: bytes) -> None:
    """Put `data` at `path`, whole or not at all, and wait until the disk has it.

    Parameters
    ----------
    path : Path
        Its folder is made if it is not there.
    data : bytes
        The whole content.
    """

    def write(temporary: Path) -> None:
        temporary.write_bytes(data)

    write_by(path, write)


def write_by(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` make a temporary file, then flush it and move it to `path`.

    The temporary name keeps the ending, because some writers choose a format by it.
    """
    _make_folder(path.parent)
    temporary = path.with_name(f"{TEMPORARY}{path.name}")
    try:
        write(temporary)
        flush_file(temporary)
        swap(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    flush_folder(path.parent)


class Staging:
    """Files that are written now and put in their places together: many small ones, quickly.

    Waiting for the disk file by file costs more than writing them. Until `finish` there is nothing
    but temporary files, and `clear` takes those away.
    """

    def __init__(self) -> None:
        self._waiting: dict[Path, Path] = {}

    def add(self, path: Path, data: bytes) -> None:
        """Write the whole content of a file that is to stand at `path`."""
        _make_folder(path.parent)
        temporary = path.with_name(f"{TEMPORARY}{path.name}")
        self._waiting[path] = temporary
        temporary.write_bytes(data)

    def finish(self) -> None:
        """Wait until the disk has them all, move them to their places, and wait once more."""
        for temporary in self._waiting.values():
            flush_file(temporary)
        for path, temporary in self._waiting.items():
            swap(temporary, path)
        for folder in sorted({path.parent for path in self._waiting}):
            flush_folder(folder)
        self._waiting.clear()

    def clear(self) -> None:
        """Take away what was not put in its place."""
        for temporary in self._waiting.values():
            temporary.unlink(missing_ok=True)


def swap(temporary: Path, path: Path) -> None:
    """Move a finished file into its place, over the old one: the atomic step.

    Windows refuses while somebody has the old file open for a moment, so it is tried again.
    """
    _patiently(lambda: os.replace(temporary, path))  # noqa: PTH105 - the call the design names


def read_file(path: Path) -> bytes:
    """Read a whole file that may be swapped at this very moment."""
    return _patiently(path.read_bytes)


def flush_file(path: Path) -> None:
    """Wait until the disk holds the file's content."""
    with path.open("r+b") as handle:
        os.fsync(handle.fileno())


def flush_folder(path: Path) -> None:
    """Wait until the disk holds the folder's list of names; Windows has no such call."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


MANAGED = ("layers", "incidents", "rejected")
"""Folders of a workspace whose files the manifest names."""


def sweep(
    folder: Path, named: set[str], *, tops: tuple[str, ...] = MANAGED, grace: float = GRACE_S
) -> None:
    """Delete the files that no manifest names any more. Only for the holder of the lock.

    A file that was retired keeps `grace` seconds from then (see `touch`), because a reader that
    opened the workspace before may still read it. Temporary files go at once: nobody reads them.

    Parameters
    ----------
    folder : Path
        A workspace.
    named : set of str
        Paths, relative to the folder with forward slashes, to keep.
    tops : tuple of str
        Folders in it that are swept.
    grace : float
        Seconds.
    """
    oldest = time.time() - grace
    for top in tops:
        for path in sorted((folder / top).rglob("*"), reverse=True):
            if path.is_dir():
                _try(path.rmdir)  # only ever succeeds when it is empty
            elif path.name.startswith(TEMPORARY) or (
                path.relative_to(folder).as_posix() not in named and path.stat().st_mtime < oldest
            ):
                _try(path.unlink)


def touch(folder: Path, retired: list[str]) -> None:
    """Start the time of grace of files that are about to be retired."""
    for name in retired:
        if (folder / name).exists():
            _try((folder / name).touch)


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        flush_folder(folder.parent)


def _try(step: Callable[[], object]) -> None:
    """Tidy up if the system lets us; what is in use now goes at the next import."""
    try:
        step()
    except OSError:
        return


def _patiently(step: Callable[[], _T]) -> _T:
    for _ in range(_TRIES - 1):
        try:
            return step()
        except PermissionError:
            if os.name != "nt":
                raise
            time.sleep(_PAUSE_S)
    return step()
