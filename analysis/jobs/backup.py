"""Back up a workspace with its records, and restore it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from geodata import backup
from geodata.workspace import Workspace


def back_up(workspace: Workspace, path: Path | str, *, at: dt.datetime) -> dict[str, Any]:
    """Write a workspace and its records to one file, while others may read and write.

    Raises
    ------
    BackupError
        If it cannot be written.
    """
    made = backup.back_up(workspace, path, at=at)
    return _told(made, f"Backed up to {made.path}; it may be restored until {made.expires_on}.")


def restore_backup(
    path: Path | str,
    folder: Path | str,
    *,
    at: dt.datetime,
    replace: bool = False,
    expired: bool = False,
) -> dict[str, Any]:
    """Put a backup into a folder, whole or not at all; see `geodata.backup.restore`.

    Raises
    ------
    BackupError
        If it is damaged or must not be restored here; nothing has changed then.
    """
    found = backup.restore(path, folder, at=at, replace=replace, expired=expired)
    kept = " The folder that was there is kept beside it." if replace else ""
    return _told(found, f"Restored into {folder} what was backed up on {found.made_on}.{kept}")


def _told(found: backup.Backup, message: str) -> dict[str, Any]:
    rows = {name: n for name, n in found.records["rows"].items() if n}
    return {
        "out": str(found.path), "scope": found.scope, "kind": found.kind, "files": found.files,
        "bytes": found.bytes, "made_on": found.made_on.isoformat(),
        "expires_on": found.expires_on.isoformat(), "records": rows, "message": message,
    }  # fmt: skip
