"""Make the demo workspace, and find the workspace a first start should open."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import time
from contextlib import suppress
from pathlib import Path

from geodata import demo, durable, layers, store
from geodata.demo.records import add_records
from geodata.errors import WorkspaceError
from geodata.workspace import Workspace

DEMO_SUFFIX = "-demo"

STREETS_ORIGIN: layers.Origin = {
    "source_name": "Demo borough: streets drawn for this project, not the real ones",
    "licence": "as this software",
}

_UNFINISHED = ".safer-walks-demo-"
_ABANDONED_AFTER_S = 3600.0


def make_demo(
    path: Path | str, *, seed: int = demo.SEED, last_month: str = demo.LAST_MONTH
) -> Workspace:
    """Make a workspace that holds the demo borough.

    It is built in a folder beside `path` and moved into place whole, so nobody ever opens half a
    demo. Of two processes that make it at once, the later one finds it made and opens it.

    Parameters
    ----------
    path : Path or str
        The folder to make. If it already holds this very demo, it is left as it is; if it holds
        the demo of another seed, month or version, it is replaced.
    seed : int
        The same seed gives the same borough.
    last_month : str
        YYYY-MM; the reports cover 36 months up to it.

    Returns
    -------
    Workspace
        Opened, of kind 'demo'.

    Raises
    ------
    WorkspaceError
        If the folder holds real data, or something that is no workspace, or cannot be written.
    ValueError
        If `last_month` is not a month.
    """
    folder = Path(path)
    _refuse_unless_free(folder)
    made = demo.demo(seed=seed, last_month=last_month)
    if _is_same_demo(folder, made):
        return Workspace.open(folder)
    unfinished = _folder_beside(folder)
    try:
        built = Workspace.create(
            unfinished, kind="demo", wards=made.wards, ward_info=made.ward_info,
            places=made.places, population=made.population,
        )  # fmt: skip
        layers.put(built, "streets", STREETS_ORIGIN, **vars(made.network))
        store.commit(built.reopen(), made.batches)
        add_records(built, seed=seed, last_month=last_month)
        if not _is_same_demo(folder, made):  # unless another process was quicker
            _move_into_place(unfinished, folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return Workspace.open(folder)


def ensure_workspace(path: Path | str) -> Workspace:
    """Open the workspace at `path`; where there is nothing yet, open the demo beside it.

    The demo goes to `<path>-demo` and is made the first time it is needed, so that `path` stays
    free for the user's own data: invented and real reports never share a folder.

    Raises
    ------
    WorkspaceError
        If `path` holds something that is no workspace, or a workspace that cannot be opened.
    """
    folder = Path(path)
    if Workspace.exists(folder):
        return Workspace.open(folder)
    _refuse_foreign(folder)
    beside = demo_path(folder)
    if not Workspace.exists(beside):
        return make_demo(beside)
    _refuse_unless_free(beside)
    return Workspace.open(beside)


def demo_path(path: Path | str) -> Path:
    """Say where the demo lies that stands in for a workspace not made yet.

    Examples
    --------
    >>> demo_path("data/workspace").as_posix()
    'data/workspace-demo'
    """
    folder = Path(path)
    return folder.with_name(folder.name + DEMO_SUFFIX)


def _refuse_unless_free(folder: Path) -> None:
    if not Workspace.exists(folder):
        _refuse_foreign(folder)
    elif Workspace.open(folder).kind != "demo":
        raise WorkspaceError(
            "This workspace holds real data; a demo never goes where they are", got=str(folder),
            todo="name another folder with --workspace",
        )  # fmt: skip


def _refuse_foreign(folder: Path) -> None:
    try:
        first = next(folder.iterdir(), None) if folder.exists() else None
    except OSError as error:
        raise WorkspaceError(
            "This is not a folder that can be read", got=f"{folder}: {error.strerror}",
            todo="name another folder with --workspace",
        ) from error  # fmt: skip
    if first is not None:
        raise WorkspaceError(
            "This folder is not a workspace, and it is not empty", got=str(folder),
            first_bad=first.name, todo="name an empty or a new folder with --workspace",
        )  # fmt: skip


def _is_same_demo(folder: Path, made: demo.Demo) -> bool:
    if not Workspace.exists(folder):
        return False
    return Workspace.open(folder).ward_info().get("demo_digest") == made.ward_info["demo_digest"]


def _folder_beside(folder: Path) -> Path:
    """Make an empty folder on the same disk, and clear away what a killed process left there."""
    parent = folder.absolute().parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        for left in parent.glob(f"{_UNFINISHED}*"):
            if left.stat().st_mtime < time.time() - _ABANDONED_AFTER_S:
                shutil.rmtree(left, ignore_errors=True)
        unfinished = parent / f"{_UNFINISHED}{secrets.token_hex(6)}"
        unfinished.mkdir()
        return unfinished
    except OSError as error:
        raise _cannot_write(folder, error) from error


def _move_into_place(built: Path, folder: Path) -> None:
    """Rename the finished folder to its place; the loser of a race leaves the winner's there."""
    old = built.with_name(built.name + "-old")
    try:
        with suppress(FileNotFoundError):
            folder.rmdir() if not Workspace.exists(folder) else folder.rename(old)
        built.rename(folder)
        durable.flush_folder(built.parent)
    except OSError as error:
        taken = error.errno in (errno.ENOTEMPTY, errno.EEXIST) or os.name == "nt"
        if not (taken and Workspace.exists(folder)):
            raise _cannot_write(folder, error) from error
    finally:
        shutil.rmtree(old, ignore_errors=True)


def _cannot_write(folder: Path, error: OSError) -> WorkspaceError:
    return WorkspaceError(
        "The demo cannot be put here", got=f"{folder}: {error.strerror}",
        todo="name another folder with --workspace; it must not be a disk's own top folder, and "
        "nobody else may have it open",
    )  # fmt: skip
