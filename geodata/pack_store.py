"""Published ward panel packs: kept as they were handed out, version by version, never changed.

In the workspace, `packs/NAME/v1.zip` is what was handed out and `packs/NAME/v1.json` what it was
made from. A correction is a new version beside the old one. A backup takes them along.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geodata import durable
from geodata.errors import SaferWalksError
from geodata.workspace import Workspace

FOLDER = "packs"
_NAME = re.compile(r"[A-Za-z0-9-]{1,120}")
_FILE = re.compile(r"v(\d+)\.json")


@dataclass(frozen=True)
class Published:
    """One version of a published pack.

    Attributes
    ----------
    name : str
        Which pack: ward, months and audience.
    version : int
        1, 2, ...
    about : dict
        What it was made from and what it says, as it was given; and `digest` of its file.
    """

    name: str
    version: int
    about: dict[str, Any]


def publish(workspace: Workspace, name: str, content: bytes, about: dict[str, Any]) -> Published:
    """Keep a pack as the next version of its name.

    Parameters
    ----------
    workspace : Workspace
        Where to.
    name : str
        Letters, digits and hyphens.
    content : bytes
        The zip that is handed out.
    about : dict
        What JSON can hold.

    Raises
    ------
    SaferWalksError
        If the name is none, or the very same file is the newest version already.
    """
    folder = _folder(workspace, name)
    digest = hashlib.sha256(content).hexdigest()
    with durable.locked(workspace.path):
        earlier = versions(workspace, name)
        if earlier and earlier[-1].about["digest"] == digest:
            raise SaferWalksError(
                "This pack is published already, exactly as it is", got=f"version {len(earlier)}",
                todo="hand out that version",
            )  # fmt: skip
        found = Published(name, len(earlier) + 1, {**about, "digest": digest})
        stem = folder / f"v{found.version}"
        durable.write_file(stem.with_suffix(".zip"), content)
        # Its description comes last: without it there is no version.
        text = json.dumps(found.about, ensure_ascii=False, allow_nan=False, indent=1)
        durable.write_file(stem.with_suffix(".json"), text.encode("utf-8"))
    return found


def versions(workspace: Workspace, name: str) -> list[Published]:
    """List the versions of a pack, oldest first."""
    folder = _folder(workspace, name)
    found = []
    for path in sorted(folder.glob("v*.json")) if folder.is_dir() else []:
        match = _FILE.fullmatch(path.name)
        if match:
            about = json.loads(durable.read_file(path))
            found.append(Published(name, int(match[1]), about))
    return sorted(found, key=lambda one: one.version)


def all_published(workspace: Workspace) -> list[Published]:
    """List every version of every published pack, by name."""
    folder = workspace.path / FOLDER
    names = sorted(p.name for p in folder.iterdir() if p.is_dir()) if folder.is_dir() else []
    return [one for name in names if _NAME.fullmatch(name) for one in versions(workspace, name)]


def read_pack(workspace: Workspace, name: str, version: int) -> bytes:
    """Read what was handed out.

    Raises
    ------
    SaferWalksError
        If there is no such version, or its file is not what was published.
    """
    known = {one.version: one for one in versions(workspace, name)}
    if version not in known:
        raise SaferWalksError(
            "There is no such version of a published pack", got=f"{name}, version {version}",
            todo="look at the list of published packs",
        )  # fmt: skip
    content = durable.read_file(_folder(workspace, name) / f"v{version}.zip")
    if hashlib.sha256(content).hexdigest() != known[version].about["digest"]:
        raise SaferWalksError(
            "The file of a published pack is not the one that was published",
            got=f"{name}, version {version}", todo="restore it from a backup",
        )  # fmt: skip
    return content


def zip_bytes(files: Mapping[str, bytes], made_on: dt.date) -> bytes:
    """Pack files into one, with the same bytes for the same files.

    Examples
    --------
    >>> one, two = (zip_bytes({"a.txt": b"a"}, dt.date(2026, 4, 30)) for _ in range(2))
    >>> one == two
    True
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (made_on.year, made_on.month, made_on.day, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            entry.create_system = 3  # the same on every machine
            archive.writestr(entry, content)
    return out.getvalue()


def _folder(workspace: Workspace, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise SaferWalksError(
            "A pack's name is letters, digits and hyphens", got=repr(name),
            todo="take it from the list of published packs",
        )  # fmt: skip
    return workspace.path / FOLDER / name
