"""Ward context: counts that others publish by ward and month, shown beside and never in a score.

An example are the Metropolitan Police's counts of violence against women and girls. A table is a
layer of the workspace with its source, licence and period; each is shown by itself, with its
number and its dates.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from geodata import layers
from geodata import months as m
from geodata.errors import WorkspaceError
from geodata.fetch.sources import OGL
from geodata.ward_tables import COUNT_FRAME, code_of, read_ward_table, spelt
from geodata.workspace import Workspace

LAYER = "context-"
WINDOW = 12

PUBLISHER = "Metropolitan Police"
ATTRIBUTION = (
    "Contains public sector information from the Metropolitan Police Service licensed under the "
    "Open Government Licence v3.0."
)


@dataclass(frozen=True)
class Context:
    """One table, over the months shown.

    Attributes
    ----------
    name : str
        What it is called in commands.
    title : str
        What is counted, in words.
    origin : dict
        Publisher, file, licence, attribution, when it came, months covered, what found no ward.
    first, last : str
        The months counted here, both included; '' where the table covers none of them.
    months : int
        How many they are.
    total : int
        All that is counted in the wards over these months.
    by_ward : pandas.DataFrame
        `ward_code`, `ward_name`, `count` (missing where the table does not know the ward), by
        name.
    """

    name: str
    title: str
    origin: layers.Origin
    first: str
    last: str
    months: int
    total: int
    by_ward: pd.DataFrame

    @property
    def message(self) -> str:
        """Say in one sentence what is shown."""
        if not self.months:
            return f"{self.title}: no month of it is among those asked for."
        return (
            f"{self.title}: {self.total:,} in the wards over {self.months} months, "
            f"{m.label(self.first)} to {m.label(self.last)}."
        )

    def to_json(self) -> dict[str, Any]:
        """Turn the table into what JSON can hold."""
        wards = self.by_ward.astype("object").where(self.by_ward.notna(), None)
        return {
            "name": self.name, "title": self.title, "first": self.first, "last": self.last,
            "months": self.months, "total": self.total, "by_ward": wards.to_dict("records"),
            "origin": self.origin, "message": self.message,
        }  # fmt: skip


def add_context(
    path: Path,
    file: Path,
    *,
    title: str,
    by: str = "",
    publisher: str = PUBLISHER,
    licence: str = OGL,
    at: str = "",
) -> dict[str, Any]:
    """Bring a table of counts by ward and month into a workspace, beside its reports.

    Parameters
    ----------
    path : Path
        Folder of the workspace.
    file : Path
        As `geodata.ward_tables.read_ward_table` reads it.
    title : str
        What is counted, in words; the same title again takes the place of the table there was.
    by : str, optional
        A column whose values are kept apart.
    publisher, licence : str
        For the record.
    at : str
        The time, for the record, as the caller tells it (ISO 8601).

    Returns
    -------
    dict
        `name`, `title`, `rows`, `first`, `last`, `total`, `unmatched` (name to count), `notes`,
        `unchanged`, `message`, and the origin.

    Raises
    ------
    ReportFileError
        If the file cannot be used.
    WorkspaceError
        If the folder holds a demo.
    """
    workspace = Workspace.open(path)
    workspace.require_real("Bringing in a table of counts by ward")
    found = read_ward_table(file, workspace.wards(), measure=title, by=by)
    name = name_for(title)
    origin: layers.Origin = {
        "title": title, "source_name": publisher, "address": file.name, "licence": licence,
        "attribution": ATTRIBUTION if publisher == PUBLISHER else "", "fetched_at": at,
        "first": found.first, "last": found.last, "unmatched": dict(found.unmatched),
        "notes": list(found.notes),
    }  # fmt: skip
    changed = layers.put(workspace, LAYER + name, origin, **{LAYER + name: found.frame})
    total = int(found.frame["count"].sum())
    period = f"{m.label(found.first)} to {m.label(found.last)}"
    said = f"{title}: {total:,} counted by ward and month, {period}."
    message = said if changed else f"Nothing changed: the workspace has this table already. {said}"
    return {
        "name": name, "rows": len(found.frame), "total": total, "unchanged": not changed,
        **origin, "message": message,
    }  # fmt: skip


def remove_context(path: Path, name: str) -> None:
    """Take a table out of a workspace.

    Raises
    ------
    WorkspaceError
        If there is none of that name.
    """
    workspace = Workspace.open(path)
    if LAYER + name not in workspace.manifest().layers:
        raise WorkspaceError(
            f"This workspace has no table called {name!r}",
            got=", ".join(names(workspace)) or "none", todo="take a name from `context list`",
        )  # fmt: skip
    layers.update(workspace, LAYER + name, lambda _: pd.DataFrame(columns=list(COUNT_FRAME)))


def names(workspace: Workspace) -> list[str]:
    """List the tables of a workspace."""
    found = workspace.manifest().layers
    return sorted(n.removeprefix(LAYER) for n in found if n.startswith(LAYER))


def ward_context(
    workspace: Workspace, *, as_at: str | None = None, months: int = WINDOW
) -> list[Context]:
    """Count each table by ward over the months up to `as_at`.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    as_at : str, optional
        Last month YYYY-MM. Where a table ends before it, the table's own last months are counted
        and their dates say so; all of them end at their own last month by default.
    months : int
        How many months.

    Returns
    -------
    list of Context
        By name; empty where there is no table.
    """
    return [_context(workspace, name, as_at, months) for name in names(workspace)]


def _context(workspace: Workspace, name: str, as_at: str | None, months: int) -> Context:
    origin = layers.origins(workspace).get(LAYER + name, {})
    table = layers.table(workspace, LAYER + name)
    frame = pd.DataFrame(columns=list(COUNT_FRAME)) if table is None else table
    last = min(as_at or frame["month"].max(), frame["month"].max())
    first = max(m.shift(last, 1 - months), frame["month"].min())
    here = frame[frame["month"].between(first, last)]
    covered = here["month"].nunique()
    by_ward = _by_ward(workspace.wards(), frame, here)
    total = int(by_ward["count"].sum())
    first, last = (first, last) if covered else ("", "")
    title = str(origin.get("title", name))
    return Context(name, title, origin, first, last, covered, total, by_ward)


def _by_ward(wards: pd.DataFrame, frame: pd.DataFrame, here: pd.DataFrame) -> pd.DataFrame:
    """Count by the wards in use: where they were replaced, names are matched anew."""
    known = spelt(wards)
    asked = [*zip(frame["ward_code"].astype(str), frame["ward_name"].astype(str), strict=True)]
    codes = {pair: code_of(pair[0], known) or code_of(pair[1], known) for pair in set(asked)}
    sums = {code: 0 for code in codes.values() if code and len(here)}
    rows = zip(here["ward_code"], here["ward_name"], here["count"], strict=True)
    for code, name, count in rows:
        if found := codes[str(code), str(name)]:
            sums[found] += int(count)
    table = pd.DataFrame(wards[["ward_code", "ward_name"]])
    table = table.assign(count=table["ward_code"].map(sums).astype("Int64"))
    return table.sort_values("ward_name", ignore_index=True)


def name_for(title: str) -> str:
    """Make a short name of a title.

    Examples
    --------
    >>> name_for("Violence against women and girls")
    'violence-against-women-and-girls'
    """
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40].strip("-") or "table"
