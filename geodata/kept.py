"""Results that took seconds, kept on disk, so that no restart and no replica works them out again.

A result has one file, `cache/results/<what>/<data>-<asked>.parquet`. Its name says all that decides
its content: `data` what is stored of its source and which layers it was made with, `asked` what was
asked and by which code. Nothing in it ever grows old, so whoever finds a file may read it; it may
be deleted at any time. What was made of data that are stored no more is swept after a change.
In a workspace that cannot be written to nothing is kept.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from geodata import durable
from geodata.package_files import package_text
from geodata.workspace import Workspace

FOLDER = "cache/results"
_NOTE = b"safer-walks"


@cache
def code_digest(files: tuple[str, ...], libraries: tuple[str, ...] = ()) -> str:
    """Name the code that a result is made by: another name whenever a line of it changes.

    Parameters
    ----------
    files : tuple of str
        Modules, as `analysis/jobs/hotspots.py`.
    libraries : tuple of str
        Libraries whose version decides what comes out.

    Examples
    --------
    >>> len(code_digest(("geodata/months.py",), ("numpy",)))
    32
    """
    seen = hashlib.sha256()
    for file in files:
        package, _, path = file.partition("/")
        seen.update(package_text(package, path).encode())
    return _digest([seen.hexdigest(), *(f"{name} {version(name)}" for name in libraries)])


def place_of(
    workspace: Workspace, what: str, source: str, asked: Mapping[str, Any], *, code: str
) -> Path:
    """Say where a result made from stored reports and the wards stands.

    Parameters
    ----------
    workspace : Workspace
        At the state it was opened in.
    what : str
        What kind of result: a folder.
    source : str
        Whose reports; no others may take part. '' for all sources.
    asked : mapping
        All else that decides the result, as JSON can hold it.
    code : str
        From `code_digest`.
    """
    name = f"{_data(workspace, source)}-{_digest([dict(asked), code])}.parquet"
    return workspace.path / FOLDER / what / name


def read(place: Path) -> tuple[pd.DataFrame, dict[str, Any]] | None:
    """Give a result that is kept, with the note beside it; None if there is none.

    A file that a crash cut short counts as none.
    """
    try:
        table = pa.parquet.read_table(place)
        note: dict[str, Any] = json.loads(table.schema.metadata[_NOTE])
    except (OSError, pa.ArrowException, TypeError, KeyError, ValueError):
        return None
    return table.to_pandas(), note


def write(place: Path, table: pd.DataFrame, note: Mapping[str, Any]) -> None:
    """Keep a result, as far as the disk lets us; others may be writing the same one.

    Parameters
    ----------
    place : Path
        From `place_of`.
    table : pandas.DataFrame
        Columns that Parquet can hold.
    note : mapping
        What else belongs to it, as JSON can hold it.
    """
    whole = pa.Table.from_pandas(table, preserve_index=False)
    said = {**(whole.schema.metadata or {}), _NOTE: json.dumps(dict(note)).encode()}
    temporary = place.with_name(f"{durable.TEMPORARY}{secrets.token_hex(4)}-{place.name}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            pa.parquet.write_table(whole.replace_schema_metadata(said), temporary)
            temporary.replace(place)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError:
        return


def sweep(workspace: Workspace) -> None:
    """Delete what was made from data that the workspace holds no more: after each change."""
    sources = {"", *(p.source for p in workspace.manifest().live)}
    stored = {_data(workspace, source) for source in sources}
    found = (workspace.path / FOLDER).glob("*/*.parquet")
    named = {
        path.relative_to(workspace.path).as_posix()
        for path in found
        if path.name.partition("-")[0] in stored
    }
    durable.sweep(workspace.path, named, tops=(FOLDER,))


def _data(workspace: Workspace, source: str) -> str:
    manifest = workspace.manifest()
    parts = sorted(
        [p.source, p.force, p.month, p.path, p.aside_path, p.rows]
        for p in manifest.live
        if source in ("", p.source)
    )
    return _digest([source, manifest.layers["wards"].digest, parts])


def _digest(words: Sequence[Any]) -> str:
    text = json.dumps(words, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
