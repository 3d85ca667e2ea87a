"""Places with names: picked or drawn on the map, renamed and merged with their history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from geodata.errors import RecordError
from geodata.records.checks import both_coordinates, needs
from geodata.records.tables import Priority, Site

if TYPE_CHECKING:
    from geodata.records.changes import Change, Record


def check(values: Mapping[str, Any]) -> list[str]:
    """Say what is wrong with a place."""
    return [*both_coordinates(values), *needs(values, "status", {"merged": "merged_into"})]


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


def resolve(connection: sa.Connection, site_id: str) -> str:
    """Follow merged places to the one that stays; an id that is no place is given back."""
    for _ in range(100):
        query = sa.select(Site.merged_into).where(Site.site_id == site_id)
        into = connection.execute(query).scalar_one_or_none()
        if not into:
            break
        site_id = into
    return site_id
