"""Start a workspace from a file of ward boundaries, or give one other wards."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from geodata import layers, store, ward_editions
from geodata.wards import WardInfo, read_wards
from geodata.workspace import Workspace


@dataclass(frozen=True)
class InitReport:
    """What came of giving a workspace its wards.

    Attributes
    ----------
    workspace : Path
        The folder.
    info : WardInfo
        What the boundary file was found to be.
    unchanged : bool
        True if the workspace had these very wards already.
    rejoined : int
        Stored reports that were joined to the new wards; none is ever lost.
    by_ward : pandas.DataFrame
        `ward_code`, `before`, `after`: reports inside each ward, where reports were joined again;
        an empty code stands for outside every ward and for no place.
    """

    workspace: Path
    info: WardInfo
    unchanged: bool
    rejoined: int
    by_ward: pd.DataFrame

    @property
    def message(self) -> str:
        """Say in one sentence what happened."""
        if self.unchanged:
            return "Nothing changed: the workspace has these wards already."
        again = ""
        if self.rejoined:
            inside = int(self.by_ward.loc[self.by_ward["ward_code"] != "", "after"].sum())
            again = f" {inside:,} of the {self.rejoined:,} stored reports lie inside them."
        return f"{self.info.wards} wards read from {self.info.source}.{again}"

    def to_json(self) -> dict[str, Any]:
        """Turn the report into what JSON can hold."""
        found = self.info.to_json()
        changes = self.by_ward.to_dict("records")
        here = {"unchanged": self.unchanged, "rejoined": self.rejoined, "by_ward": changes}
        return found | here | {"workspace": str(self.workspace), "message": self.message}


def initialise(
    path: Path,
    wards_file: Path,
    *,
    code: str | None = None,
    name: str | None = None,
    register: Iterable[str] | None = None,
    origin: layers.Origin | None = None,
    at: str = "",
    progress: Callable[[float, str], None] | None = None,
) -> InitReport:
    """Start a workspace with the wards of a file.

    Where the workspace holds reports joined to other wards, they are all joined again, and wards
    and reports change together in one step: whoever reads meanwhile sees one or the other. The
    wards it had stay, see `analysis.jobs.ward_boundaries`.

    Parameters
    ----------
    path : Path
        Folder of the workspace.
    wards_file : Path
        Any file that `geodata.wards.read_wards` reads.
    code, name : str, optional
        Columns with the wards' codes and names, where they are not found by themselves.
    register : iterable of str, optional
        Every current ward code of the area, where it is known.
    origin : dict, optional
        Where the file was fetched from, under which licence, when.
    at : str
        The time, for the record, as the caller tells it (ISO 8601).
    progress : callable, optional
        Told the share done and what is being done.

    Raises
    ------
    WardFileError, UnsafeArchiveError, CrsError, VintageError
        If the file cannot give wards; nothing has changed then.
    WorkspaceError
        If the folder holds a demo.
    """
    if Workspace.exists(path):
        Workspace.open(path).require_real("Loading ward boundaries")
    wards, info = read_wards(wards_file, code=code, name=name, register=register)
    found = info.to_json() | layers.with_origin(path, "wards", origin)
    if at:
        found[ward_editions.STORED_AT] = at
    if not Workspace.exists(path):
        Workspace.create(path, kind="real", wards=wards, ward_info=found)
        return InitReport(path, info, unchanged=False, rejoined=0, by_ward=_no_change())
    workspace = Workspace.open(path)
    change = store.change_wards(workspace, wards, found, progress=progress)
    if not change.changed:
        return InitReport(path, info, unchanged=True, rejoined=0, by_ward=_no_change())
    return InitReport(path, info, unchanged=False, rejoined=change.rows, by_ward=change.by_ward)


def _no_change() -> pd.DataFrame:
    counts = {name: pd.Series(dtype="int64") for name in ("before", "after")}
    return pd.DataFrame({"ward_code": pd.Series(dtype="str"), **counts})
