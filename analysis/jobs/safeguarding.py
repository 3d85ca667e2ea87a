"""Safeguarding concerns: whom to ring, which are open, who has seen them; for officers alone."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from geodata.errors import SaferWalksError
from geodata.records import feedback, history
from geodata.records.database import FILE_NAME, VARIABLE, open_records
from geodata.reporting import LISTS, Way, Ways, save_ways, ways
from geodata.workspace import Workspace

OFFICER = "safeguarding_officer"
ACKNOWLEDGED_SHOWN = 20
LISTS_KIND = "reporting"
"""What the history calls the lists of ways to report and to get help."""


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


def list_text(listed: Sequence[Way]) -> str:
    """Write a list of ways as people edit it: one a line, its name, then |, then how.

    Examples
    --------
    >>> list_text([Way("Emergency", "999"), Way("Not an emergency", "101")]).splitlines()
    ['Emergency | 999', 'Not an emergency | 101']
    """
    return "\n".join(f"{way.name} | {way.how}" for way in listed)


def change_lists(
    workspace: Workspace,
    texts: Mapping[str, str],
    *,
    seen: Mapping[str, str],
    by: str,
    at: dt.datetime,
) -> Ways:
    """Change what the forms say about reporting and help, and tell the history.

    Parameters
    ----------
    workspace : Workspace
        Whose lists.
    texts : mapping of str to str
        'route', 'support', 'ring': each as `list_text` writes it.
    seen : mapping of str to str
        The same, as whoever changes it saw it.
    by, at
        Who changes it, and when.

    Raises
    ------
    SaferWalksError
        If somebody else changed a list since, a line is too long or half empty, or no way to
        report would be left; nothing has been stored then.
    """
    with open_records(workspace).changing(by=by, at=at) as change:
        stored = {part: list_text(listed) for part, listed in ways(workspace.path).items()}
        theirs = [part for part in LISTS if stored[part] != seen[part]]
        if theirs:
            raise SaferWalksError(
                "Somebody else changed these lists meanwhile", got=stored[theirs[0]],
                todo="load the page again, and change the list as it is now",
            )  # fmt: skip
        lines = {part: [_line(text) for text in texts[part].splitlines()] for part in LISTS}
        saved = save_ways(workspace.path, lines)
        for part in LISTS:
            now = list_text(saved[part])
            if now != stored[part]:
                history.add(
                    change.connection, at=change.at, by=change.by, kind=LISTS_KIND, record_id=part,
                    doing="change", field="list", hidden=False, old=stored[part], new=now,
                )  # fmt: skip
    return saved


def list_changes(workspace: Workspace, *, limit: int = 0) -> pd.DataFrame:
    """Tell who changed what the forms say: `at`, `by`, `list`, `before`, `after`, latest first."""
    told = open_records(workspace).history(kind=LISTS_KIND, limit=limit)
    columns = {"record_id": "list", "old": "before", "new": "after"}
    return told.rename(columns=columns)[["at", "by", "list", "before", "after"]]


def _line(text: str) -> dict[str, str]:
    name, _, how = text.partition("|")
    return {"name": name.strip(), "how": how.strip()}
