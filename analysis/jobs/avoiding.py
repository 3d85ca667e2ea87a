"""The calendar that the team keeps: days that no event should fall on."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from analysis.jobs.voices import records_of
from geodata.records.changes import Record
from geodata.records.database import open_records
from geodata.workspace import Workspace

Avoided = tuple[tuple[dt.date, dt.date, str], ...]


def dates_to_avoid(workspace: Workspace) -> pd.DataFrame:
    """List the days, the first ones first.

    Returns
    -------
    pandas.DataFrame
        `avoid_id`, `name`, `first_on`, `last_on` (dates), `version`; empty where none are kept.
    """
    columns = ["avoid_id", "name", "first_on", "last_on", "version"]
    records = records_of(workspace)
    if records is None:
        return pd.DataFrame(columns=columns)
    kept = records.frame("avoid")
    kept = kept.assign(last_on=kept["last_on"].fillna(kept["first_on"]))
    return kept.sort_values(["first_on", "avoid_id"], ignore_index=True)[columns]


def avoided(workspace: Workspace) -> Avoided:
    """Give the days as a programme takes them: first day, last day and name of each time."""
    rows = dates_to_avoid(workspace).to_dict("records")
    return tuple(
        (pd.Timestamp(r["first_on"]).date(), pd.Timestamp(r["last_on"]).date(), str(r["name"]))
        for r in rows
    )


def avoid(
    workspace: Workspace,
    name: str,
    first: dt.date,
    last: dt.date | None = None,
    *,
    by: str,
    at: dt.datetime,
) -> Record:
    """Add days to keep off.

    Raises
    ------
    RecordError
        If they have no name, or end before they begin.
    """
    values = {"name": name, "first_on": first, "last_on": last}
    with open_records(workspace).changing(by=by, at=at) as change:
        return change.create("avoid", values)


def avoid_no_more(workspace: Workspace, avoid_id: str, *, by: str, at: dt.datetime) -> Record:
    """Take days out of the calendar.

    Raises
    ------
    RecordError
        If they are not in it.
    """
    with open_records(workspace).changing(by=by, at=at) as change:
        gone = change.get("avoid", avoid_id)
        change.delete("avoid", avoid_id, version=None)
        return gone
