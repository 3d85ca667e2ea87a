"""Requests for a Walk and Talk, contact details and their deletion, who asks for walks where."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd

from geodata.records import requests
from geodata.records.changes import Record
from geodata.records.database import open_records
from geodata.workspace import Workspace


def receive_request(
    workspace: Workspace,
    values: Mapping[str, Any],
    *,
    by: str,
    at: dt.datetime,
    contact: Mapping[str, Any] | None = None,
    key: str = "",
) -> Record:
    """Store a walk request and, apart from it, how to reach who asked.

    Raises
    ------
    RecordError
        If either cannot be stored; nothing has been stored then.
    """
    with open_records(workspace).changing(by=by, at=at) as change:
        return requests.receive(change, values, contact=contact, key=key)


def register_ask(
    workspace: Workspace,
    values: Mapping[str, Any],
    *,
    by: str,
    at: dt.datetime,
    person: str = "",
    key: str = "",
) -> Record:
    """Note that somebody asks for a walk at a place; `person` tells people apart and is not kept.

    Raises
    ------
    RecordError
        If it cannot be stored.
    """
    records = open_records(workspace)
    secret = records.secret()
    with records.changing(by=by, at=at) as change:
        return requests.register(change, values, person=person, secret=secret, key=key)


def asked_for(workspace: Workspace) -> pd.DataFrame:
    """Count who asks for walks where: lines, distinct people, residents, first and last date."""
    with open_records(workspace).reading() as connection:
        return requests.asked(connection)


def delete_due_contacts(workspace: Workspace, *, by: str, at: dt.datetime) -> int:
    """Delete the contact details whose day has come; say how many."""
    with open_records(workspace).changing(by=by, at=at) as change:
        return requests.delete_due_contacts(change)


def deletion_schedule(workspace: Workspace) -> pd.DataFrame:
    """List when contact details will be deleted: `request_id`, `delete_after`; soonest first."""
    frame = open_records(workspace).frame("contacts")[["request_id", "delete_after"]]
    return frame.sort_values(["delete_after", "request_id"], ignore_index=True)
