"""What people said on walks, kept; answers about themselves, counted apart; safeguarding."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geodata.records import feedback
from geodata.records.changes import Record
from geodata.records.database import open_records
from geodata.workspace import Workspace


@dataclass(frozen=True)
class Stored:
    """What became of one sent form.

    Attributes
    ----------
    responses : tuple of str
        Ids, in the order sent.
    alert : str
        Id of the safeguarding concern; '' for none.
    new : bool
        False if all of it had been sent before.
    """

    responses: tuple[str, ...]
    alert: str = ""
    new: bool = True


def store_form(
    workspace: Workspace,
    responses: Sequence[Mapping[str, Any]],
    *,
    key: str,
    by: str,
    at: dt.datetime,
    monitoring: Mapping[str, str] | None = None,
    alert: Mapping[str, Any] | None = None,
) -> Stored:
    """Store what one form says: its responses, answers about the person, a concern; all or nothing.

    Parameters
    ----------
    workspace : Workspace
        Where to.
    responses : sequence of mapping
        Columns of a response, one a stop.
    key : str
        Made up by the sender for this form: sent twice, it is stored and counted once.
    by, at
        Who sends it and when.
    monitoring : mapping, optional
        Question -> answer; counted by quarter, linked to nothing.
    alert : mapping, optional
        A safeguarding concern; never linked to a response.

    Raises
    ------
    RecordError
        If any of it cannot be stored; nothing has been stored then.
    """
    with open_records(workspace).changing(by=by, at=at) as change:
        stored = [
            change.create("responses", values, key=f"{key}:{number}")
            for number, values in enumerate(responses)
        ]
        new = [r for r in stored if change.is_new(r)]
        raised = feedback.raise_alert(change, alert, key=f"{key}:alert") if alert else None
        if monitoring and (new or not stored):
            day = next((r["said_on"] for r in stored if r["said_on"]), change.at.date())
            feedback.count_monitoring(change, monitoring, on=day)
        fresh = bool(new) or (raised is not None and change.is_new(raised))
    return Stored(tuple(r.id for r in stored), raised.id if raised else "", fresh)


def monitoring_counts(workspace: Workspace) -> pd.DataFrame:
    """Read how many gave each answer about themselves, by quarter."""
    with open_records(workspace).reading() as connection:
        return feedback.monitoring(connection)


def open_alerts(workspace: Workspace) -> list[Record]:
    """List the safeguarding concerns that nobody has acknowledged, oldest first."""
    records = open_records(workspace)
    with records.reading() as connection:
        waiting = feedback.unacknowledged(connection)
    return [records.get("alerts", alert_id) for alert_id in waiting]


def acknowledge_alert(workspace: Workspace, alert_id: str, *, by: str, at: dt.datetime) -> Record:
    """Say that somebody who deals with it has seen a concern."""
    with open_records(workspace).changing(by=by, at=at) as change:
        return feedback.acknowledge(change, alert_id)
