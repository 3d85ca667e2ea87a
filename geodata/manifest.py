"""The manifest: one small JSON file that says what the workspace holds.

Whatever it does not name does not exist. It is swapped whole, by os.replace, as the last step of
every change, so a reader sees the state before or the state after and never anything between.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from geodata import durable
from geodata.errors import WorkspaceError

MANIFEST_NAME = "manifest.json"
FORMAT = 2
"""Raised when a workspace written by this version can no longer be read by the one before.

2: partitions may hold what only councils know, rows that are kept and not counted, and the files of
retired rows. A workspace of format 1 is read as it is and becomes one of format 2 when it changes.
"""

Kind = Literal["real", "demo"]
Channel = Literal["file", "api"]


@dataclass(frozen=True)
class Layer:
    """A layer file: wards, places or population."""

    path: str
    digest: str
    rows: int


@dataclass(frozen=True)
class SourceFile:
    """A file of reports that was imported once; `rejected_path` holds its rejected rows.

    `digest` is that of its decompressed bytes: the same file under another name, or zipped, is
    the same file.
    """

    source: str
    digest: str
    name: str
    channel: Channel
    rows_in: int
    rejected: int
    rejected_path: str
    import_id: str


@dataclass(frozen=True)
class Partition:
    """What one file says about one force and month. `path` is '' for a month with no reports.

    `rows` count. Beside them, in the file `aside_path`, are rows that are kept and not counted:
    `merged` into another case, or `duplicates` of another row. `replaced` rows of the file and
    month were here until later imports brought them anew. `levels` tells the rows by record level;
    it is empty in workspaces of format 1.

    `retired_by` names the import that replaced it; a retired partition's rows no longer count. Its
    files stay as long as that import can be undone; then `path` is ''.
    """

    source: str
    force: str
    month: str
    digest: str
    channel: Channel
    rows: int
    inside: int
    outside: int
    in_collar: int
    no_location: int
    near_boundary: int
    points: int
    path: str
    import_id: str
    retired_by: str = ""
    merged: int = 0
    duplicates: int = 0
    replaced: int = 0
    aside_path: str = ""
    levels: dict[str, int] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, str]:
        """Source, force and month."""
        return self.source, self.force, self.month


@dataclass(frozen=True)
class ImportEntry:
    """One import in the log. `at` is whatever time the caller gave, '' if none."""

    import_id: str
    mode: str
    at: str
    digests: tuple[str, ...]
    counts: dict[str, int]
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Manifest:
    """Everything the workspace holds, at one moment."""

    kind: Kind
    layers: dict[str, Layer]
    ward_info: dict[str, Any]
    files: tuple[SourceFile, ...] = ()
    partitions: tuple[Partition, ...] = ()
    imports: tuple[ImportEntry, ...] = ()
    format: int = field(default=FORMAT)

    @property
    def live(self) -> tuple[Partition, ...]:
        """The partitions that count: those that nothing has replaced."""
        return tuple(p for p in self.partitions if not p.retired_by)

    def named(self) -> set[str]:
        """List every file that must stay, relative to the workspace."""
        paths = {layer.path for layer in self.layers.values()}
        paths |= {path for p in self.partitions for path in (p.path, p.aside_path)}
        paths |= {f.rejected_path for f in self.files}
        return paths - {""}

    def to_bytes(self) -> bytes:
        """Write the manifest: the same content gives the same bytes."""
        content = dataclasses.asdict(self)
        text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
        return text.encode("utf-8")

    @classmethod
    def from_bytes(cls, data: bytes, where: Path) -> Manifest:
        """Read a manifest.

        Raises
        ------
        WorkspaceError
            If it is damaged, or was written by a newer version.
        """
        try:
            content = json.loads(data)
            if content["format"] > FORMAT:
                raise WorkspaceError(
                    "This workspace was written by a newer version of Safer Walks",
                    got=f"format {content['format']}, while this version knows {FORMAT}: {where}",
                    todo="upgrade Safer Walks, or choose another workspace",
                )
            return cls(
                kind=content["kind"],
                layers={name: Layer(**layer) for name, layer in content["layers"].items()},
                ward_info=content["ward_info"],
                files=tuple(SourceFile(**f) for f in content["files"]),
                partitions=tuple(Partition(**p) for p in content["partitions"]),
                imports=tuple(_import_entry(i) for i in content["imports"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise WorkspaceError(
                "The workspace's list of contents is damaged",
                got=f"{where / MANIFEST_NAME}: {error}",
                todo="restore the folder from a backup",
            ) from error


def _import_entry(content: dict[str, Any]) -> ImportEntry:
    tuples = {"digests": tuple(content["digests"]), "flags": tuple(content["flags"])}
    return ImportEntry(**{**content, **tuples})


def load(folder: Path) -> tuple[Manifest, str]:
    """Read the manifest of a workspace and its version, the digest of its bytes.

    Raises
    ------
    WorkspaceError
        If there is none, or it is damaged, or was written by a newer version.
    """
    try:
        data = durable.read_file(folder / MANIFEST_NAME)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise WorkspaceError(
            "There is no workspace here", got=str(folder),
            todo="make one with `safer-walks init --wards FILE`, or try `safer-walks demo`",
        ) from error  # fmt: skip
    except OSError as error:
        raise WorkspaceError(
            "The workspace cannot be read", got=f"{folder}: {error.strerror}",
            todo="check who owns the folder",
        ) from error  # fmt: skip
    return Manifest.from_bytes(data, folder), digest_of(data)


def save(folder: Path, manifest: Manifest) -> None:
    """Swap the manifest: the one commit. Only for the holder of the lock."""
    durable.write_file(folder / MANIFEST_NAME, manifest.to_bytes())


def digest_of(data: bytes) -> str:
    """Name content by its SHA-256, shortened to 32 characters to keep paths short on Windows.

    Examples
    --------
    >>> digest_of(b"")
    'e3b0c44298fc1c149afbf4c8996fb924'
    """
    return hashlib.sha256(data).hexdigest()[:32]
