"""Back up a workspace and its records in one file, and restore them: whole or not at all.

The file is a zip: the workspace's files, the records (`geodata.records.dumps`), and last of all
`backup.json`, which names every file with its size and SHA-256. A backup can be taken while others
read and write; what it holds is one state of the reports and one state of the records. Restoring
checks every byte before anything is replaced, and keeps the folder that was there.

Backups hold what people have since asked to be deleted. They expire: a backup says until when it
may be restored, and those that the program makes by itself are deleted then.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import secrets
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from geodata import durable
from geodata import manifest as manifests
from geodata.errors import BackupError, SaferWalksError
from geodata.manifest import Kind
from geodata.records import crossing, dumps
from geodata.records.database import FILE_NAME, SECRET_NAME, records_at
from geodata.workspace import Workspace

FORMAT = 1
KEEP_DAYS = 90
"""Days a backup may be restored, and those made before an upgrade are kept."""

FOLDER = "backups"
"""Where in the workspace the backups lie that are made before an upgrade."""

_ABOUT = "backup.json"
_CHUNK = 1 << 20
_MANAGED = ("layers", "incidents", "rejected")
_LEFT_OUT = (durable.LOCK_NAME, FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm")


@dataclass(frozen=True)
class Backup:
    """What a backup holds.

    Attributes
    ----------
    path : Path
        The file.
    scope : {'workspace', 'records'}
        Everything, or the records only (as before an upgrade).
    made_on, expires_on : date
        Restored only until then, unless somebody insists.
    kind : {'real', 'demo'}
        What the workspace is.
    files, bytes : int
        Inside it.
    records : mapping
        See `geodata.records.dumps.dump`.
    """

    path: Path
    scope: str
    made_on: dt.date
    expires_on: dt.date
    kind: Kind
    files: int
    bytes: int
    records: Mapping[str, Any]


def back_up(
    workspace: Workspace, path: Path | str, *, at: dt.datetime, url: str | None = None
) -> Backup:
    """Write a workspace and its records to one file, while others may read and write.

    Parameters
    ----------
    workspace : Workspace
        Which one.
    path : Path or str
        File to write; an existing one is replaced when the new one is whole.
    at : datetime
        When.
    url : str, optional
        PostgreSQL of the records; $SAFER_WALKS_DATABASE_URL unless given.

    Raises
    ------
    BackupError
        If it cannot be written, or would lie inside what it backs up.
    """
    target = Path(path)
    now = workspace.reopen()
    if now.path.resolve() in target.resolve().parents:
        raise BackupError(
            "A backup must not lie in the workspace it is of", got=str(target),
            todo="name a file elsewhere, best on another disk",
        )  # fmt: skip
    expire(now.path, at=at)
    # The manifest is read once; the files it names stay for an hour after they are replaced.
    manifest = durable.read_file(now.path / manifests.MANIFEST_NAME)
    with _scratch(target.parent) as scratch, _told(target):
        about = _dump(now, scratch, url)
        files = {f"records/{p.name}": p for p in sorted(scratch.iterdir())}
        files |= {f"workspace/{name}": now.path / name for name in _files(now)}
        head = {"scope": "workspace", "kind": now.kind, "records": about}
        extra = {f"workspace/{manifests.MANIFEST_NAME}": manifest}
        return _write(target, head, files, extra, on=at.date())


def back_up_records(engine: sa.Engine, folder: Path, *, label: str, kind: Kind) -> Path:
    """Keep the records as they are, in the workspace's own `backups`, before an upgrade.

    Returns
    -------
    Path
        The file; numbered if there is one of that label.
    """
    names = (f"records-{label}{f'-{n}' if n else ''}.zip" for n in range(1000))
    target = next(p for name in names if not (p := folder / FOLDER / name).exists())
    # The database's file, or its server, knows no date we could trust: the newest file does.
    on = dt.date.fromtimestamp(_newest(folder))
    with _scratch(folder) as scratch, _told(target):
        about = dumps.dump(engine, scratch)
        files = {f"records/{p.name}": p for p in sorted(scratch.iterdir())}
        _write(target, {"scope": "records", "kind": kind, "records": about}, files, {}, on=on)
    return target


def read_backup(path: Path | str) -> Backup:
    """Say what a backup holds, without checking its content.

    Raises
    ------
    BackupError
        If it is no backup, or a newer version made it.
    """
    with _opened(Path(path)) as archive:
        return _described(Path(path), _about(archive))


def restore(
    path: Path | str,
    folder: Path | str,
    *,
    at: dt.datetime,
    replace: bool = False,
    expired: bool = False,
    url: str | None = None,
) -> Backup:
    """Put a backup into a folder: an empty one, or, if told so, in the place of what is there.

    Everything is unpacked beside the folder and checked before anything is replaced. The folder
    that was there is kept beside it under a name that says so, until somebody deletes it. Records
    that were backed up from SQLite may go into PostgreSQL, and the other way.

    Parameters
    ----------
    path, folder : Path or str
        The backup, and the workspace.
    at : datetime
        When.
    replace : bool
        In the place of the workspace or the records that are there.
    expired : bool
        Restore it although its time is over: it may hold what people asked to be deleted.
    url : str, optional
        PostgreSQL of the records; $SAFER_WALKS_DATABASE_URL unless given.

    Raises
    ------
    BackupError
        If the backup is damaged, too new or expired, or not every row of it came across; or the
        folder is not empty and `replace` was not said. Nothing has changed then.
    """
    source, target = Path(path), Path(folder)
    with _told(target), _opened(source) as archive:
        about = _about(archive)
        found = _described(source, about)
        if at.date() > found.expires_on and not expired:
            raise BackupError(
                "The time of this backup is over: it may hold what people asked to be deleted",
                got=f"made {found.made_on}, to be restored until {found.expires_on}",
                todo="say --expired if you must, and delete again what was deleted since",
            )
        _require_free(target, found, replace=replace)
        with _scratch(target.absolute().parent) as scratch:
            _unpack(archive, about, scratch)
            (scratch / "records").mkdir(exist_ok=True)
            dumps.check_dump(about["records"], scratch / "records")
            if found.scope == "records":
                _restore_records(scratch, target, about, url)
            else:
                _restore_all(scratch, target, about, url)
    return found


def expire(folder: Path, *, at: dt.datetime) -> int:
    """Delete the workspace's own backups whose time is over; give how many."""
    gone = 0
    for path in sorted((folder / FOLDER).glob("*.zip")):
        if at.date() > read_backup(path).expires_on:
            path.unlink()
            gone += 1
    return gone


def _dump(workspace: Workspace, scratch: Path, url: str | None) -> dict[str, Any]:
    records = records_at(workspace.path, workspace.kind, url=url)
    if records.engine.dialect.name == "sqlite" and not (workspace.path / FILE_NAME).is_file():
        return {"database": "none", "layout": None, "tables": [], "rows": {}}
    return dumps.dump(records.engine, scratch)


def _files(workspace: Workspace) -> list[str]:
    """List what a workspace is made of: what its manifest names, and what it does not manage."""
    named = workspace.manifest().named()
    found = []
    for path in sorted(workspace.path.rglob("*")):
        name = path.relative_to(workspace.path).as_posix()
        managed = name.split("/")[0] in _MANAGED
        left_out = name in _LEFT_OUT or name.startswith((f"{FOLDER}/", ".")) or (
            path.name.startswith(durable.TEMPORARY) or name == manifests.MANIFEST_NAME
        )  # fmt: skip
        if path.is_file() and not left_out and (not managed or name in named):
            found.append(name)
    missing = named - set(found)
    if missing:
        raise BackupError(
            "A file of the workspace is missing", got=sorted(missing)[0],
            todo="restore the folder from an earlier backup",
        )  # fmt: skip
    return found


def _write(
    target: Path,
    head: dict[str, Any],
    files: Mapping[str, Path],
    extra: Mapping[str, bytes],
    *,
    on: dt.date,
) -> Backup:
    listed: list[dict[str, Any]] = []
    expires = on + dt.timedelta(days=KEEP_DAYS)

    def write(temporary: Path) -> None:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, path in files.items():
                listed.append(_put(archive, name, path))
            for name, data in extra.items():
                archive.writestr(name, data)
                digest = hashlib.sha256(data).hexdigest()
                listed.append({"path": name, "bytes": len(data), "sha256": digest})
            dates = {"made_on": on.isoformat(), "expires_on": expires.isoformat()}
            about = {"format": FORMAT} | head | dates | {"files": listed}
            archive.writestr(_ABOUT, json.dumps(about, indent=1))

    durable.write_by(target, write)
    return _described(target, head | {"made_on": on.isoformat(), "expires_on": expires.isoformat(),
                                      "files": listed})  # fmt: skip


def _put(archive: zipfile.ZipFile, name: str, path: Path) -> dict[str, Any]:
    seen, size = hashlib.sha256(), 0
    with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as to:
        while chunk := source.read(_CHUNK):
            seen.update(chunk)
            size += len(chunk)
            to.write(chunk)
    return {"path": name, "bytes": size, "sha256": seen.hexdigest()}


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as fault:
        raise BackupError(
            "This is no backup that can be read", got=f"{path}: {fault}",
            todo="name a file that `safer-walks backup` made",
        ) from fault  # fmt: skip
    with archive:
        yield archive


def _about(archive: zipfile.ZipFile) -> dict[str, Any]:
    try:
        about = json.loads(archive.read(_ABOUT))
        if about["format"] > FORMAT:
            raise BackupError(
                "A newer version of Safer Walks made this backup", got=f"format {about['format']}",
                todo="use that version",
            )  # fmt: skip
        names = [str(f["path"]) for f in about["files"]]
        _ = [about[k] for k in ("scope", "kind", "made_on", "expires_on", "records")]
    except (KeyError, TypeError, ValueError, zipfile.BadZipFile) as fault:
        raise _damaged(f"{_ABOUT} is missing or broken") from fault
    inside = sorted(n for n in archive.namelist() if n != _ABOUT)
    if inside != sorted(names):
        raise _damaged("its files are not those it lists")
    wrong = [n for n in names if not re.fullmatch(r"(workspace|records)(/[^/\\:]+)+", n)]
    if wrong or any(part in ("..", ".") for n in names for part in n.split("/")):
        raise _damaged("a file in it would lie outside the folder")
    return dict(about)


def _described(path: Path, about: Mapping[str, Any]) -> Backup:
    return Backup(
        path=path, scope=about["scope"], kind=about["kind"], records=about["records"],
        made_on=dt.date.fromisoformat(about["made_on"]),
        expires_on=dt.date.fromisoformat(about["expires_on"]),
        files=len(about["files"]), bytes=sum(f["bytes"] for f in about["files"]),
    )  # fmt: skip


def _unpack(archive: zipfile.ZipFile, about: Mapping[str, Any], to: Path) -> None:
    """Unpack every file, checking its size and digest on the way; flush it to the disk."""
    for listed in about["files"]:
        path, seen, left = to / listed["path"], hashlib.sha256(), int(listed["bytes"])
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with archive.open(listed["path"]) as source, path.open("wb") as out:
                while left >= 0 and (chunk := source.read(_CHUNK)):
                    seen.update(chunk)
                    left -= len(chunk)
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
        except (zipfile.BadZipFile, zlib.error) as fault:
            raise _damaged(f"{listed['path']}: {fault}") from fault
        if left or seen.hexdigest() != listed["sha256"]:
            raise _damaged(f"{listed['path']} is not what it was")


def _require_free(folder: Path, found: Backup, *, replace: bool) -> None:
    if found.scope == "records":
        if not Workspace.exists(folder):
            raise BackupError(
                "This backup holds records only, and here is no workspace", got=str(folder),
                todo="restore a backup of the whole workspace first",
            )  # fmt: skip
        if not replace:
            raise BackupError("The records that are here would be replaced", got=str(folder),
                              todo="say --replace if they should be")  # fmt: skip
        return
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not Workspace.exists(folder):
        raise BackupError(
            "This folder is not a workspace, and it is not empty", got=str(folder),
            todo="name an empty or a new folder",
        )  # fmt: skip
    if not replace:
        raise BackupError(
            "There is a workspace here already", got=str(folder),
            todo="say --replace to put the backup in its place (the folder is kept beside it)",
        )  # fmt: skip


def _restore_records(
    scratch: Path, folder: Path, about: Mapping[str, Any], url: str | None
) -> None:
    workspace = Workspace.open(folder)
    records = records_at(folder, workspace.kind, url=url)
    if workspace.kind != about["kind"]:
        raise BackupError("This backup is of the other kind of workspace", got=about["kind"])
    kept = _fitted(records.engine, about, scratch / "records")
    if kept["database"] == "sqlite":
        dumps.put_back_sqlite(folder / FILE_NAME, scratch / "records")
    else:
        dumps.load(records.engine, kept, scratch / "records", kind=workspace.kind)


def _restore_all(scratch: Path, folder: Path, about: Mapping[str, Any], url: str | None) -> None:
    built, records_in = scratch / "workspace", scratch / "records"
    workspace = Workspace.open(built)  # raises if it cannot be read
    records = records_at(built, workspace.kind, url=url)
    kept = _fitted(records.engine, about, records_in)
    if kept["database"] == "none":
        _swap(built, folder)
        return
    if kept["database"] == "sqlite":
        dumps.settle_sqlite(records_in / dumps.SQLITE_FILE, built / FILE_NAME)
        _swap(built, folder)
        return
    # The database keeps its old content until the folder stands in its place.
    with records.engine.connect() as raw, raw.execution_options(writing=True).begin():
        dumps.load_into(raw, kept, records_in, kind=workspace.kind)
        _swap(built, folder)


def _fitted(engine: sa.Engine, about: Mapping[str, Any], folder: Path) -> Mapping[str, Any]:
    """Turn the records of a backup into those of the database that is here, if they are not."""
    return crossing.fitted(about["records"], folder, engine.dialect.name, kind=about["kind"])


def _swap(built: Path, folder: Path) -> None:
    """Rename the finished folder to its place; the one that was there gets another name."""
    for path in (built, *(p for p in built.rglob("*") if p.is_dir())):
        durable.flush_folder(path)
    if (built / SECRET_NAME).is_file():
        (built / SECRET_NAME).chmod(0o600)
    old = None
    if folder.exists() and any(folder.iterdir()):
        old = folder.with_name(f"{folder.name}-before-restore-{secrets.token_hex(3)}")
        folder.rename(old)
    elif folder.exists():
        folder.rmdir()
    try:
        built.rename(folder)
    except OSError:
        if old is not None:
            old.rename(folder)
        raise
    durable.flush_folder(folder.absolute().parent)


@contextmanager
def _scratch(beside: Path) -> Iterator[Path]:
    try:
        beside.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f"{durable.TEMPORARY}backup-", dir=beside))
    except OSError as fault:
        raise _no_room(beside, fault) from fault
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _told(target: Path) -> Iterator[None]:
    try:
        yield
    except SaferWalksError:
        raise
    except (OSError, sqlite3.Error) as fault:
        raise _no_room(target, fault) from fault


def _no_room(target: Path, fault: Exception) -> BackupError:
    said = getattr(fault, "strerror", None) or str(fault)
    return BackupError(
        "The backup could not be written or restored; nothing has been replaced",
        got=f"{target}: {said}", todo="make room, check who owns the folder, and try again",
    )  # fmt: skip


def _damaged(got: str) -> BackupError:
    return BackupError(
        "This backup is damaged; nothing has been replaced", got=got, todo="use another backup"
    )


def _newest(folder: Path) -> float:
    return max(p.stat().st_mtime for p in folder.iterdir())
