"""Replace the ward boundaries of a workspace, see before and after what changes, and go back.

Every stored report is joined to the new wards; none is ever lost. The boundaries that were in use
stay in the workspace: counts can be shown by either, and switching back is one step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from analysis.jobs.initialise import InitReport, initialise
from analysis.jobs.selection import select, selected_incidents
from geodata import layers, store, ward_editions
from geodata.ward_join import assign_wards_xy
from geodata.wards import read_wards
from geodata.workspace import Workspace

Progress = Callable[[float, str], None]

OUTSIDE = ""
"""Stands in tables for outside every ward and for no place."""


@dataclass(frozen=True)
class WardChangeReport:
    """What other ward boundaries change, or would change.

    Attributes
    ----------
    name : str
        What the boundaries in use are called from now on; '' before the change is made.
    source : str
        The file, or the name of the earlier boundaries.
    wards : int
        Wards of the new boundaries.
    rows : int
        Stored reports; as many after as before.
    moved : int
        Reports that are counted in another ward than before, or in none, or in one for the first
        time; None after the fact, when only the totals are known.
    by_ward : pandas.DataFrame
        `ward_code`, `ward_name`, `before`, `after`, `change`: reports inside each ward of either
        set, by name; an empty code stands for outside every ward and for no place.
    unchanged : bool
        These are the boundaries in use.
    dry_run : bool
        Nothing was stored.
    notes : tuple of str
        What reading the file found.
    """

    name: str
    source: str
    wards: int
    rows: int
    moved: int | None
    by_ward: pd.DataFrame
    unchanged: bool
    dry_run: bool
    notes: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """Say in one sentence what happened, or would."""
        if self.unchanged:
            return "Nothing changed: these wards are in use already."
        inside = int(self.by_ward.loc[self.by_ward["ward_code"] != OUTSIDE, "after"].sum())
        lie = f"{inside:,} of the {self.rows:,} stored reports lie inside them"
        if not self.dry_run:
            return f"{self.wards} wards are in use: {lie}."
        moved = f", and {self.moved:,} would be counted elsewhere than now"
        return f"{self.wards} wards would be in use: {lie}{moved}."

    def to_json(self) -> dict[str, Any]:
        """Turn the report into what JSON can hold."""
        found = {key: getattr(self, key) for key in self.__dataclass_fields__}
        said = {"by_ward": self.by_ward.to_dict("records"), "notes": list(self.notes)}
        return found | said | {"message": self.message}


def list_vintages(workspace: Workspace) -> pd.DataFrame:
    """List the boundaries a workspace has had.

    Returns
    -------
    pandas.DataFrame
        `name`, `in_use`, `wards`, `source`, `stored_at`, `licence`: the ones in use first.
    """
    rows = [
        (e.name, e.in_use, e.wards, e.source, e.stored_at, e.origin.get("licence", ""))
        for e in ward_editions.editions(workspace)
    ]
    return pd.DataFrame(rows, columns=["name", "in_use", "wards", "source", "stored_at", "licence"])


def preview_wards(
    workspace: Workspace, file: Path, *, code: str | None = None, name: str | None = None
) -> WardChangeReport:
    """Work out what the boundaries of a file would change; nothing is stored.

    Raises
    ------
    WardFileError, UnsafeArchiveError, CrsError, VintageError
        If the file cannot give wards.
    WorkspaceError
        If this is a demo.
    """
    workspace.require_real("Changing the ward boundaries")
    wards, info = read_wards(file, code=code, name=name)
    rows = store.read_incidents(workspace, columns=["easting", "northing", "ward_code"])
    joined = assign_wards_xy(rows["easting"], rows["northing"], wards)["ward_code"]
    before, after = _codes(rows["ward_code"]), _codes(joined)
    counts = {"before": before.value_counts(), "after": after.value_counts()}
    moved = int((before.to_numpy() != after.to_numpy()).sum())
    by_ward = _named(_side_by_side(counts), workspace.wards(), wards)
    return WardChangeReport(
        "", info.source, len(wards), len(rows), moved, by_ward,
        unchanged=_same(workspace.wards(), wards), dry_run=True, notes=info.notes,
    )  # fmt: skip


def replace_wards(
    path: Path,
    file: Path,
    *,
    code: str | None = None,
    name: str | None = None,
    at: str = "",
    progress: Progress | None = None,
) -> WardChangeReport:
    """Put the boundaries of a file in the place of those in use, which stay in the workspace.

    Parameters
    ----------
    path : Path
        Folder of the workspace.
    file : Path
        Any file that `geodata.wards.read_wards` reads.
    code, name : str, optional
        Columns with the wards' codes and names, where they are not found by themselves.
    at : str
        The time, for the record, as the caller tells it (ISO 8601).
    progress : callable, optional
        Told the share done and what is being done.

    Raises
    ------
    WardFileError, UnsafeArchiveError, CrsError, VintageError
        If the file cannot give wards; nothing has changed then.
    WorkspaceError
        If the folder holds a demo, or no workspace.
    """
    old = Workspace.open(path).wards()
    done = initialise(path, file, code=code, name=name, at=at, progress=progress)
    return _replaced(path, old, done)


def use_vintage(
    path: Path, name: str, *, at: str = "", progress: Progress | None = None
) -> WardChangeReport:
    """Go back to boundaries that were in use before; those in use now stay in their turn.

    Parameters
    ----------
    path : Path
        Folder of the workspace.
    name : str
        As `list_vintages` gives it.
    at : str
        The time, for the record, where that edition has none.
    progress : callable, optional
        Told the share done and what is being done.

    Raises
    ------
    WorkspaceError
        If there are no boundaries of that name, or the folder holds a demo.
    """
    workspace = Workspace.open(path)
    workspace.require_real("Changing the ward boundaries")
    wanted, old = ward_editions.find(workspace, name), workspace.wards()
    origin = layers.with_origin(path, "wards", wanted.origin or None)
    info = wanted.info | origin | {ward_editions.STORED_AT: wanted.stored_at or at}
    wards = ward_editions.shapes(workspace, wanted)
    change = store.change_wards(workspace, wards, info, progress=progress)
    by_ward = _named(change.by_ward, old, wards)
    return WardChangeReport(
        name, wanted.source, len(wards), change.rows, None, by_ward,
        unchanged=not change.changed, dry_run=False,
    )  # fmt: skip


def counts_by_vintage(
    workspace: Workspace,
    name: str,
    *,
    source: str | None = None,
    first: str | None = None,
    last: str | None = None,
) -> pd.DataFrame:
    """Count anti-social behaviour by the wards of any boundaries the workspace has had.

    Parameters
    ----------
    workspace : Workspace
        Which one.
    name : str
        As `list_vintages` gives it.
    source : str, optional
        Whose reports; police.uk's if stored.
    first, last : str, optional
        Months YYYY-MM, both included; all stored months by default.

    Returns
    -------
    pandas.DataFrame
        `ward_code`, `ward_name`, `count`, by name; reports outside every ward are in no row.

    Raises
    ------
    WorkspaceError
        If there are no boundaries of that name.
    NotEnoughDataError
        If nothing is stored of that source.
    """
    edition = ward_editions.find(workspace, name)
    wards = ward_editions.shapes(workspace, edition)
    chosen = select(workspace, source=source, first=first, last=last)
    rows = selected_incidents(workspace, chosen, ["easting", "northing"])
    joined = assign_wards_xy(rows["easting"], rows["northing"], wards)["ward_code"]
    counts = joined.value_counts().reindex(wards["ward_code"]).fillna(0).astype("int64")
    table = pd.DataFrame(wards[["ward_code", "ward_name"]]).assign(count=counts.to_numpy())
    return table.sort_values("ward_name", ignore_index=True)


def _replaced(path: Path, old: gpd.GeoDataFrame, done: InitReport) -> WardChangeReport:
    now = Workspace.open(path)
    rows = sum(p.rows for p in now.manifest().live)
    return WardChangeReport(
        ward_editions.editions(now)[0].name, done.info.source, done.info.wards, rows, None,
        _named(done.by_ward, old, now.wards()), unchanged=done.unchanged, dry_run=False,
        notes=done.info.notes,
    )  # fmt: skip


def _codes(codes: pd.Series) -> pd.Series:
    plain = codes.astype("object")
    return plain.where(plain.notna(), OUTSIDE)


def _same(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> bool:
    new = new.sort_values("ward_code", ignore_index=True)
    if old["ward_code"].tolist() != new["ward_code"].tolist():
        return False
    return bool((old.geometry.to_wkb() == new.geometry.to_wkb()).all())


def _side_by_side(counts: dict[str, pd.Series]) -> pd.DataFrame:
    table = pd.DataFrame(counts).fillna(0).astype("int64")
    return table.rename_axis("ward_code").reset_index()


def _named(table: pd.DataFrame, *wards: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give each code its name, and list the wards of either set that hold no report too."""
    names: dict[str, str] = {}
    for frame in wards:
        names |= dict(zip(frame["ward_code"], frame["ward_name"], strict=True))
    full = table.set_index("ward_code").reindex([*sorted(names), OUTSIDE]).fillna(0)
    full = full.astype("int64").reset_index()
    full.insert(1, "ward_name", full["ward_code"].map(names).fillna("Outside, or no place"))
    full = full.assign(change=full["after"] - full["before"])
    order = full["ward_name"].where(full["ward_code"] != OUTSIDE, "\uffff").argsort(kind="stable")
    return full.iloc[order].reset_index(drop=True)
