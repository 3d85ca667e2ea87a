"""Actions: what was promised, who owns it, what was done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from geodata.records.checks import in_order, needs
from geodata.records.labels import Naming
from geodata.records.tables import Action

if TYPE_CHECKING:
    from geodata.records.changes import Change, Record

UPDATES = ("status", "public_update", "we_did", "why_not", "revised_due_on", "note")
"""Columns that tell how it goes: a change of one is an update."""


def check(values: Mapping[str, Any], name: Naming) -> list[str]:
    """Say what is wrong with an action."""
    states = {
        "agreed": "owner_agency", "in_progress": "owner_agency", "blocked": "blocked_reason",
        "completed": "completed_on", "verified": "verified_on", "cannot_do": "why_not",
    }  # fmt: skip
    wrong = [
        *needs(values, name, "status", states),
        *in_order(values, name, "agreed_on", "due_on"),
        *in_order(values, name, "completed_on", "verified_on"),
    ]
    if values["status"] == "verified" and values["verified_by"] in ("", "not_verified"):
        wrong.append(
            f"{name('verified_by')} must say how it was verified: completed is not the same"
        )
    if values["revised_due_on"] and not values["due_on"]:
        wrong.append(f"{name('due_on')} must be filled in before {name('revised_due_on')}")
    return wrong


def progress(
    change: Change, action_id: str, values: Mapping[str, Any], *, version: int | None
) -> Record:
    """Tell how an action goes; what follows from it is filled in.

    A new `revised_due_on` counts as a revision; completing and verifying are dated on the day of
    the change unless a date is given; any of `UPDATES` sets `last_update_on`.

    Raises
    ------
    StaleRecordError
        If somebody changed it since `version`.
    RecordError
        If there is no such action, or it cannot be so.
    """
    now, today = change.get("actions", action_id), change.at.date()
    filled = dict(values)
    given = {name: str(values[name] or "") for name in values}
    if given.get("revised_due_on") and given["revised_due_on"] != str(now["revised_due_on"] or ""):
        filled.setdefault("revisions", (now["revisions"] or 0) + 1)
    for state, column in (("completed", "completed_on"), ("verified", "verified_on")):
        if given.get("status") == state and not (now[column] or given.get(column)):
            filled[column] = today
    if any(name in UPDATES and given[name] != str(now[name] or "") for name in given):
        filled.setdefault("last_update_on", today)
    return change.update("actions", action_id, filled, version=version)


def owners(change: Change) -> dict[str, tuple[int, str]]:
    """Give the version and the agency of every action, by id, as this change sees them."""
    columns = (Action.action_id, Action.version, Action.owner_agency)
    rows = change.connection.execute(sa.select(*columns)).all()
    return {row.action_id: (row.version, row.owner_agency) for row in rows}
