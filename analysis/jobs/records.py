"""Add, change, list, hand out and bring in the records people write: the same for every kind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.disclosure import Audience, record_columns, reports_alone
from analysis.disclosure.linked import THRESHOLDS
from analysis.disclosure.routes import RESTRICTED_TYPES, route_is_restricted, without_routes
from analysis.jobs.releases import look_through, private_sites
from analysis.report.spreadsheets import ENDINGS, sheet_bytes
from analysis.report.tables import write_bytes
from geodata.errors import RecordError, SaferWalksError
from geodata.records import exchange
from geodata.records.changes import Record
from geodata.records.database import Records, open_records
from geodata.records.kinds import KINDS, kind_of
from geodata.records.tabular import read_sheets
from geodata.workspace import Workspace

TOGETHER: dict[str, tuple[str, ...]] = {
    "events": ("events", "stops"),
    "feedback": ("responses",),
    "actions": ("actions",),
    "requests": ("requests", "asks"),
    "places": ("sites",),
    "panels": ("meetings", "priorities", "plans", "plan_answers", "decisions", "published"),
    "records": tuple(k for k in KINDS if k not in ("users", "contacts", "alerts")),
}
"""What a command or page calls a group of kinds; the first is the group's own."""


@dataclass(frozen=True)
class ImportedRecords:
    """What became of the rows of a file of records; see `geodata.records.exchange.Imported`."""

    added: dict[str, int]
    changed: dict[str, int]
    unchanged: dict[str, int]
    left_out: tuple[str, ...]

    @property
    def message(self) -> str:
        """Say it in one sentence."""
        added, changed, same = (
            sum(each.values()) for each in (self.added, self.changed, self.unchanged)
        )
        return f"{added:,} added, {changed:,} changed, {same:,} as they were."

    def to_json(self) -> dict[str, Any]:
        """Turn it into what JSON can hold."""
        return {
            "added": self.added, "changed": self.changed, "unchanged": self.unchanged,
            "left_out": list(self.left_out), "message": self.message,
        }  # fmt: skip


def list_records(workspace: Workspace, kind: str, **equal: object) -> pd.DataFrame:
    """Read the records of a kind as a table (`geodata.records.database.Records.frame`)."""
    return open_records(workspace).frame(kind, **equal)


def get_record(workspace: Workspace, kind: str, record_id: str) -> Record:
    """Read one record.

    Raises
    ------
    RecordError
        If there is none of that id.
    """
    return open_records(workspace).get(kind, record_id)


def add_record(
    workspace: Workspace,
    kind: str,
    values: Mapping[str, Any],
    *,
    by: str,
    at: dt.datetime,
    key: str = "",
    headings: Mapping[str, str] | None = None,
) -> Record:
    """Add a record; `key` is the sender's own, and sent twice it adds once.

    Messages name columns as forms do, or by their own names and `headings` where those are given
    (`geodata.records.labels.Naming`).

    Raises
    ------
    RecordError
        If it cannot be stored, every fault at once.
    """
    with open_records(workspace).changing(by=by, at=at) as change:
        return replace(change, headings=headings).create(kind, values, key=key)


def change_record(
    workspace: Workspace,
    kind: str,
    record_id: str,
    values: Mapping[str, Any],
    *,
    version: int,
    by: str,
    at: dt.datetime,
) -> Record:
    """Change a record that somebody has seen at a version.

    Raises
    ------
    StaleRecordError
        If somebody else changed it since, with both versions.
    RecordError
        If it is not there, or cannot be so.
    """
    with open_records(workspace).changing(by=by, at=at) as change:
        return change.update(kind, record_id, values, version=version)


def delete_record(
    workspace: Workspace, kind: str, record_id: str, *, version: int, by: str, at: dt.datetime
) -> int:
    """Delete a record, what belongs to it, and what the history kept of them; say how many.

    Raises
    ------
    StaleRecordError
        If somebody else changed it since.
    """
    with open_records(workspace).changing(by=by, at=at) as change:
        return change.delete(kind, record_id, version=version)


def read_history(
    workspace: Workspace, *, kind: str = "", record_id: str = "", limit: int = 0
) -> pd.DataFrame:
    """Read who changed what, when, from what to what; latest first."""
    return open_records(workspace).history(kind=kind, record_id=record_id, limit=limit)


def state(workspace: Workspace) -> str:
    """Name the present state of the records: the cache key of everything made from them."""
    return open_records(workspace).stamp()


def record_sheets(
    workspace: Workspace, group: str, *, audience: Audience = "internal"
) -> dict[str, pd.DataFrame]:
    """Write a group of records as tables of text, as an audience may have them.

    Parameters
    ----------
    workspace : Workspace
        Whose.
    group : str
        One of `TOGETHER`.
    audience : {'internal', 'public'}
        Internal lists have everything but contact details and safeguarding.

    Raises
    ------
    SaferWalksError
        If the public may not have it.
    """
    records = open_records(workspace)
    return {kind: _table(records, kind, audience) for kind in TOGETHER[group]}


def sheet_file(workspace: Workspace, group: str, ending: str) -> bytes:
    """Write a group of records as the bytes of a spreadsheet, for staff; a CSV takes one list.

    Parameters
    ----------
    workspace : Workspace
        Whose.
    group : str
        One of `TOGETHER`.
    ending : str
        '.csv' or '.xlsx'.
    """
    sheets = record_sheets(workspace, group)
    kinds = TOGETHER[group][:1] if ending == ".csv" else TOGETHER[group]
    return sheet_bytes({kind: sheets[kind] for kind in kinds}, ending)


def export_records(
    workspace: Workspace, group: str, path: Path | str, *, audience: Audience = "internal"
) -> dict[str, int]:
    """Write a group of records to a spreadsheet; a CSV takes the group's first list only.

    Returns
    -------
    dict
        Rows by kind.

    Raises
    ------
    SaferWalksError
        If the public may not have it, or the file cannot be written.
    """
    ending = Path(path).suffix.lower()
    if ending not in ENDINGS:
        raise SaferWalksError(
            "A list of records is written as CSV or XLSX", got=ending or "a name without ending",
            todo=f"end the name in {' or '.join(ENDINGS)}",
        )  # fmt: skip
    records, kinds = open_records(workspace), TOGETHER[group]
    if ending == ".csv":
        kinds = kinds[:1]
    sheets = {kind: _table(records, kind, audience) for kind in kinds}
    content = sheet_bytes(sheets, ending)
    if reports_alone(audience):
        look_through(workspace, {Path(path).name: content})
    write_bytes(content, path)
    return {kind: len(frame) for kind, frame in sheets.items()}


def import_records(
    workspace: Workspace, group: str, path: Path | str, *, by: str, at: dt.datetime
) -> ImportedRecords:
    """Bring a spreadsheet of records in, whole or not at all.

    Parameters
    ----------
    workspace : Workspace
        Where to.
    group : str
        One of `TOGETHER`; a CSV, or the one sheet of a workbook, is the group's first kind unless
        it is named after a kind.
    path : Path or str
        A .csv or .xlsx file.
    by, at
        Who brings it in, and when.

    Raises
    ------
    RecordError
        With the faults of every row, by line.
    """
    sheets = [s for s in read_sheets(path) if s.name not in KINDS or s.name in TOGETHER[group]]
    if not sheets:
        raise RecordError("The file holds no list of these records", got=str(path))
    with open_records(workspace).changing(by=by, at=at) as change:
        done = exchange.bring_in(change, sheets, kind=TOGETHER[group][0])
    return ImportedRecords(done.added, done.changed, done.unchanged, done.left_out)


def plain_rows(
    workspace: Workspace,
    kind: str,
    equal: Mapping[str, object] | None = None,
    *,
    restricted: bool = False,
) -> list[dict[str, str]]:
    """Write records as texts by column, without what is restricted unless asked for.

    Parameters
    ----------
    workspace : Workspace
        Whose.
    kind : str
        Which.
    equal : mapping, optional
        Only those whose columns have these values.
    restricted : bool
        With the columns that only a role that needs them may see; contact details and
        safeguarding never.
    """
    which = kind_of(kind)
    hidden = (
        ("contact", "safeguarding") if restricted else ("restricted", "contact", "safeguarding")
    )
    told = [n for n, about in which.fields.items() if about.seen not in hidden]
    rows = []
    for record in open_records(workspace).list(kind, **(equal or {})):
        texts = record.texts()
        rows.append({name: texts[name] for name in told} | {"version": str(record.version)})
    return rows


def _table(records: Records, kind: str, audience: Audience) -> pd.DataFrame:
    seen = {name: about.seen for name, about in kind_of(kind).fields.items()}
    rows = exchange.texts(records, kind, record_columns(kind, seen, audience))
    events = {e.id: (e["event_type"], e["women_only"]) for e in records.list("events")}
    restricted = {e for e, (of, women) in events.items()
                  if route_is_restricted(of, women_only=women)}  # fmt: skip
    talks = {e for e in restricted if events[e][0] in RESTRICTED_TYPES}
    has_event = "event_id" in seen
    event_of = {r.id: str(r["event_id"]) for r in records.list(kind)} if has_event else {}
    kept = without_routes(
        kind, rows, audience, talks=talks, women_only=restricted - talks, event_of=event_of,
        private=private_sites(records),
    )  # fmt: skip
    return _few_blank(kept) if reports_alone(audience) else kept


def _few_blank(rows: pd.DataFrame) -> pd.DataFrame:
    """Blank the number of people something was made from where it is small."""
    if "n_people" not in rows:
        return rows
    few = pd.to_numeric(rows["n_people"], errors="coerce").lt(THRESHOLDS[1])
    return rows.assign(n_people=rows["n_people"].mask(few, ""))


def fields_of(kind: str) -> Sequence[dict[str, str]]:
    """List the columns of a kind: what each holds, its codes, and who may see it.

    Examples
    --------
    >>> [about["column"] for about in fields_of("plan_answers")][:3]
    ['answer_id', 'plan_id', 'agency']
    """
    from geodata.records.vocabularies import LISTS

    return [
        {
            "column": name, "holds": about.shape, "seen": about.seen,
            "required": "yes" if about.required else "no",
            "codes": ", ".join(LISTS[about.options]) if about.options else "",
        }
        for name, about in kind_of(kind).fields.items()
    ]  # fmt: skip
