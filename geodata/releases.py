"""The register of what was published: every number about people that left, and when.

It is a layer of the workspace without shapes, named by the manifest like the others, so it is in
every backup and changes in one swap. It holds what the public saw and, marked, the counts by
quarter that were published from: these stay in the workspace, beside the reports they count.

How small a count may be is kept beside it, in the settings of the workspace.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import tomli_w

from geodata import durable, layers
from geodata import manifest as manifests
from geodata.breaks import SETTINGS
from geodata.errors import SaferWalksError, StoreConflictError
from geodata.workspace import Workspace

LAYER = "releases"
FILE = "publishing.toml"
MINIMUM, HIGHEST = 5, 10

NUMBER = ("measure", "first", "last", "where", "shown", "value", "mark", "low", "high")
"""What is kept of a number: what was counted, from which month to which, where (JSON: columns and
values), whether it was shown, its value if so, and else its mark and the range the mark gives."""

COLUMNS = ("release", "title", "at", "digest", "minimum", *NUMBER)


def register(workspace: Workspace) -> pd.DataFrame:
    """Read everything that was published, oldest first; no rows if nothing was.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`: a row a number, and for a release without numbers about people one row
        whose `measure` is ''.
    """
    found = layers.table(workspace, LAYER)
    return pd.DataFrame(columns=list(COLUMNS)) if found is None else found[list(COLUMNS)]


def add_release(
    workspace: Workspace,
    numbers: pd.DataFrame,
    *,
    known: int,
    about: Mapping[str, str | int],
) -> None:
    """Add a release to the register, in one swap, unless another came in between.

    Parameters
    ----------
    workspace : Workspace
        Which one; open it again to see the change.
    numbers : pandas.DataFrame
        Columns `NUMBER`; may be empty.
    known : int
        Rows of the register against which the release was checked.
    about : mapping
        `release`, `title`, `at`, `digest`, `minimum`.

    Raises
    ------
    StoreConflictError
        If something else was published since.
    """
    if not len(numbers):
        numbers = pd.DataFrame(
            [{**dict.fromkeys(NUMBER, ""), "shown": True, "value": None, "low": 0.0, "high": 0.0}]
        )
    rows = numbers[list(NUMBER)].assign(**about)[list(COLUMNS)]
    rows["value"] = rows["value"].astype("float64")

    def added(before: pd.DataFrame | None) -> pd.DataFrame:
        if (0 if before is None else len(before)) != known:
            raise StoreConflictError(
                "Something else was published while this was made, and the two were not checked "
                "together", todo="make it again",
            )  # fmt: skip
        return rows if before is None else pd.concat([before, rows], ignore_index=True)

    layers.update(workspace, LAYER, added)


def version_of_data(workspace: Workspace) -> str:
    """Name the state of everything but the register: publishing changes no data."""
    manifest = workspace.manifest()
    others = {name: layer for name, layer in manifest.layers.items() if name != LAYER}
    return manifests.digest_of(replace(manifest, layers=others).to_bytes())


def minimum_cell(workspace: Path) -> int:
    """Give the smallest count about people that a workspace publishes: 5 unless it was raised.

    Raises
    ------
    SaferWalksError
        If the file was edited by hand and cannot be read.
    """
    return _allowed(_settings(workspace).get("minimum_cell"), workspace)


def minimum_changes(workspace: Path) -> list[dict[str, str | int]]:
    """List every change of the smallest count, oldest first: `at`, `by`, `before`, `minimum_cell`.

    Raises
    ------
    SaferWalksError
        If the file was edited by hand and cannot be read.
    """
    return [dict(change) for change in _settings(workspace).get("changes", [])]


def set_minimum_cell(workspace: Path, count: int, *, by: str, at: str) -> bool:
    """Set the smallest count about people that a workspace publishes, and keep who did it and when.

    Numbers that were published already keep the minimum they were published under, see
    `analysis.disclosure.protect`.

    Parameters
    ----------
    workspace : Path
        Its folder.
    count : int
        From `MINIMUM` to `HIGHEST`.
    by, at
        Who sets it, and when.

    Returns
    -------
    bool
        Whether it was another number before.

    Raises
    ------
    SaferWalksError
        If it is not a whole number from 5 to 10.
    """
    _allowed(count)
    with durable.locked(workspace):
        before, changes = minimum_cell(workspace), minimum_changes(workspace)
        if before == count:
            return False
        changes.append({"at": at, "by": by, "before": before, "minimum_cell": count})
        path = workspace / SETTINGS / FILE
        path.parent.mkdir(exist_ok=True)
        text = tomli_w.dumps({"minimum_cell": count, "changes": changes})
        durable.write_file(path, text.encode("utf-8"))
    return True


def _settings(workspace: Path) -> dict[str, Any]:
    path = workspace / SETTINGS / FILE
    if not path.is_file():
        return {"minimum_cell": MINIMUM}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise SaferWalksError(
            "The settings for publishing cannot be read", got=f"{path}: {fault}",
            todo="mend the file or delete it",
        ) from fault  # fmt: skip


def _allowed(count: object, workspace: Path | None = None) -> int:
    if not isinstance(count, int) or isinstance(count, bool) or not MINIMUM <= count <= HIGHEST:
        where = f" in {workspace / SETTINGS / FILE}" if workspace else ""
        raise SaferWalksError(
            f"The smallest count shown is {MINIMUM} to {HIGHEST}", got=f"{count!r}{where}",
            todo="choose a whole number between them",
        )  # fmt: skip
    return count
