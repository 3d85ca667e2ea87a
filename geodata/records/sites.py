"""Places with names: picked or drawn on the map, renamed and merged with their history."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from geodata.errors import RecordError
from geodata.records.checks import both_coordinates, needs
from geodata.records.fields import SEPARATOR, as_text
from geodata.records.labels import Naming
from geodata.records.tables import HistoryRow, Priority, Site

if TYPE_CHECKING:
    from geodata.records.changes import Change, Record
    from geodata.records.kinds import Kind


@dataclass(frozen=True)
class Undone:
    """What taking a merge back did.

    Attributes
    ----------
    into : str
        The place it had been merged into.
    moved : dict
        Records that name their own place again, by kind.
    left : tuple of str
        Records that somebody moved on since, and that stay where they are.
    """

    into: str
    moved: dict[str, int]
    left: tuple[str, ...]


def check(values: Mapping[str, Any], name: Naming) -> list[str]:
    """Say what is wrong with a place."""
    return [
        *both_coordinates(values, name),
        *needs(values, name, "status", {"merged": "merged_into"}),
    ]


def rename(change: Change, site_id: str, name: str, *, version: int | None) -> Record:
    """Give a place another name; the old one is kept among its former names.

    Raises
    ------
    RecordError
        If there is no such place, or the name is empty.
    StaleRecordError
        If somebody changed it since `version`.
    """
    now = change.get("sites", site_id)
    former = tuple(n for n in (*now["former_names"], now["name"]) if n != name)
    values = {"name": name, "former_names": former} if name != now["name"] else {"name": name}
    return change.update("sites", site_id, values, version=version)


def merge(change: Change, site_id: str, into: str, *, version: int | None) -> Record:
    """Say that a place is the same as another: everything that named it names the other.

    The place stays, marked as merged, so that a spreadsheet that still names it is understood.

    Returns
    -------
    Record
        The place that stays.

    Raises
    ------
    RecordError
        If one is not there, both are the same, or either was merged away before.
    StaleRecordError
        If somebody changed the place that goes since `version`.
    """
    from geodata.records.kinds import links_to

    gone, stays = change.get("sites", site_id), change.get("sites", into)
    merged = [s.id for s in (gone, stays) if s["status"] == "merged"]
    if site_id == into or merged:
        raise RecordError(
            "These places cannot be merged",
            got="the same place twice" if site_id == into else f"{merged[0]} was merged before",
        )
    change.update("sites", site_id, {"status": "merged", "merged_into": into}, version=version)
    for kind, column in links_to("sites"):
        which = kind.table.c[column] == site_id
        ids = change.connection.scalars(sa.select(kind.table.c[kind.id_column]).where(which)).all()
        for record_id in ids:
            change.update(kind.name, record_id, {column: into}, version=None)
    for priority in change.connection.execute(sa.select(Priority.priority_id, Priority.site_ids)):
        if site_id in priority.site_ids:
            moved = [into if each == site_id else each for each in priority.site_ids]
            change.update("priorities", priority.priority_id, {"site_ids": moved}, version=None)
    names = (*stays["former_names"], gone["name"], *gone["former_names"])
    former = tuple(n for n in dict.fromkeys(names) if n != stays["name"])
    return change.update("sites", into, {"former_names": former}, version=None)


def retire(change: Change, site_id: str, *, version: int | None, again: bool = False) -> Record:
    """Say that a place is used no more; it stays, and so does all that names it.

    Parameters
    ----------
    change : Change
        Of whoever says so.
    site_id : str
        Which place.
    version : int or None
        As this person has seen it.
    again : bool
        Take a retired place back into use instead.

    Raises
    ------
    RecordError
        If there is no such place, or it was merged into another.
    StaleRecordError
        If somebody changed it since `version`.
    """
    if change.get("sites", site_id)["status"] == "merged":
        raise RecordError("This place was merged into another", got=site_id,
                          todo="take the merge back first")  # fmt: skip
    status = "current" if again else "retired"
    return change.update("sites", site_id, {"status": status}, version=version)


def undo_merge(change: Change, site_id: str, *, version: int | None) -> Undone:
    """Take a merge back: what it moved names its own place again, by the history.

    A record that somebody moved elsewhere since stays where it is. The history does not keep which
    place a walk request named, but it does keep that the merge changed it: it goes back too.

    Raises
    ------
    RecordError
        If the place was not merged.
    StaleRecordError
        If somebody changed it since `version`.
    """
    gone = change.get("sites", site_id)
    into = gone["merged_into"]
    if gone["status"] != "merged" or not into:
        raise RecordError("This place was not merged into another", got=site_id)
    merge_row = _merge_of(change, site_id, into)
    told = {row["record_id"]: row for row in _rows_of(change, merge_row)
            if row["kind"] == "sites" and row["field"] in ("status", "former_names")}  # fmt: skip
    was = told[site_id]["old"] if site_id in told else ""
    values = {"status": was or "current", "merged_into": None}
    change.update("sites", site_id, values, version=version)
    moved, left = _move_back(change, site_id, into, merge_row)
    stays = change.get("sites", into)
    before = (told[into]["old"] or "").split(SEPARATOR) if into in told else []
    theirs = {gone["name"], *gone["former_names"]} - set(before)
    names = [name for name in stays["former_names"] if name not in theirs]
    change.update("sites", into, {"former_names": names}, version=None)
    return Undone(into, moved, left)


def _merge_of(change: Change, site_id: str, into: str) -> Mapping[str, Any]:
    """Find the row of the history that tells of the latest merge of a place."""
    found = change.connection.execute(
        sa.select(HistoryRow)
        .where(
            HistoryRow.kind == "sites", HistoryRow.record_id == site_id,
            HistoryRow.field == "merged_into", HistoryRow.new == into,
        )
        .order_by(HistoryRow.history_id.desc())
    ).mappings()  # fmt: skip
    row = found.first()
    if row is None:
        raise RecordError(
            "The history does not tell of this merge: the place came in merged, from a list",
            got=site_id, todo="set its status to current in the list, and bring the list back in",
        )  # fmt: skip
    return dict(row)


def _rows_of(change: Change, merge_row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List the changes of one merge: by the same person in the same moment, before the next."""
    first = merge_row["history_id"]
    theirs = (
        HistoryRow.at == merge_row["at"], HistoryRow.by == merge_row["by"],
        HistoryRow.doing == "change",
    )  # fmt: skip
    later = sa.select(sa.func.min(HistoryRow.history_id)).where(
        *theirs, HistoryRow.history_id > first,
        HistoryRow.kind == "sites", HistoryRow.field == "status",
    )  # fmt: skip
    last = change.connection.execute(later).scalar_one_or_none() or sys.maxsize
    within = HistoryRow.history_id.between(first - 1, last - 1)
    rows = change.connection.execute(
        sa.select(HistoryRow).where(*theirs, within).order_by(HistoryRow.history_id)
    ).mappings()
    return [dict(row) for row in rows.all()]


def _move_back(
    change: Change, site_id: str, into: str, merge_row: Mapping[str, Any]
) -> tuple[dict[str, int], tuple[str, ...]]:
    """Give back what one merge moved: rows by kind, and the records that have moved on since."""
    from geodata.records.kinds import KINDS, links_to

    links = {(kind.name, column) for kind, column in links_to("sites")}
    links.add(("priorities", "site_ids"))
    moved: dict[str, int] = {}
    left = []
    for row in _rows_of(change, merge_row):
        kind, field, record_id = row["kind"], row["field"], row["record_id"]
        if (kind, field) not in links or not _is_of_merge(row, site_id, into):
            continue
        now = _text_of(change, KINDS[kind], record_id, field)
        if now is None:  # deleted since
            continue
        if now != (into if row["hidden"] else row["new"]):
            left.append(record_id)
            continue
        back = site_id if row["hidden"] else row["old"]
        change.update(kind, record_id, {field: back}, version=None)
        moved[kind] = moved.get(kind, 0) + 1
    return moved, tuple(left)


def _text_of(change: Change, kind: Kind, record_id: str, field: str) -> str | None:
    """Read one field as text; None where the record is not there."""
    key = kind.table.c[kind.id_column]
    found = change.connection.execute(
        sa.select(kind.table.c[field]).where(key == record_id)
    ).first()
    return None if found is None else as_text(kind.fields[field], found[0])


def _is_of_merge(row: Mapping[str, Any], site_id: str, into: str) -> bool:
    """Tell whether a change turned one place into the other; what is hidden was in the merge."""
    if row["hidden"]:
        return True
    before = (row["old"] or "").split(SEPARATOR)
    return site_id in before and into in (row["new"] or "").split(SEPARATOR)


def resolve(connection: sa.Connection, site_id: str) -> str:
    """Follow merged places to the one that stays; an id that is no place is given back."""
    for _ in range(100):
        query = sa.select(Site.merged_into).where(Site.site_id == site_id)
        into = connection.execute(query).scalar_one_or_none()
        if not into:
            break
        site_id = into
    return site_id
