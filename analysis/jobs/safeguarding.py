"""Safeguarding concerns: whom to ring, which are open, who has seen them; for officers alone."""

from __future__ import annotations

import datetime as dt
import os
from typing import Any

from geodata.records import feedback
from geodata.records.database import FILE_NAME, VARIABLE, open_records
from geodata.reporting import Way, ways
from geodata.workspace import Workspace

OFFICER = "safeguarding_officer"
ACKNOWLEDGED_SHOWN = 20


def whom_to_ring(workspace: Workspace) -> list[Way]:
    """List the safeguarding officers with a number, by name, then whoever else is to be rung."""
    users = open_records(workspace).list("users", active=True)
    officers = sorted(
        (str(user["name"] or user["email"]), str(user["phone"]))
        for user in users
        if OFFICER in user["roles"] and user["phone"]
    )
    return [*(Way(name, phone) for name, phone in officers), *ways(workspace.path)["ring"]]


def open_count(workspace: Workspace) -> int:
    """Count the concerns that nobody has acknowledged; where no records are yet, none are made."""
    is_sqlite = workspace.kind == "demo" or not os.environ.get(VARIABLE)
    if is_sqlite and not (workspace.path / FILE_NAME).is_file():
        return 0
    with open_records(workspace).reading() as connection:
        return len(feedback.unacknowledged(connection))


def concerns(workspace: Workspace) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """List the concerns nobody has acknowledged, oldest first, and the latest that somebody has."""
    records = open_records(workspace)
    events = {event.id: event for event in records.list("events")}
    rows = []
    for alert in records.list("alerts"):
        event = events.get(alert["event_id"] or "")
        row = {"alert_id": alert.id, **alert.values}
        row["walk"] = f"{event['location_name']} ({event.id})" if event else ""
        rows.append(row)
    waiting = sorted(
        (row for row in rows if not row["acknowledged_at"]), key=lambda row: row["raised_at"]
    )
    seen = sorted(
        (row for row in rows if row["acknowledged_at"]),
        key=lambda row: row["acknowledged_at"], reverse=True,
    )  # fmt: skip
    return waiting, seen[:ACKNOWLEDGED_SHOWN]


def acknowledge(workspace: Workspace, alert_id: str, *, by: str, at: dt.datetime) -> None:
    """Say that somebody who deals with it has seen a concern; the first one counts.

    Raises
    ------
    RecordError
        If there is no such concern.
    """
    with open_records(workspace).changing(by=by, at=at) as change:
        feedback.acknowledge(change, alert_id)
