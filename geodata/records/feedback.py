"""What people said on walks; answers about themselves, counted apart; safeguarding concerns.

Answers about a person never stand beside what the person said. They are added to counts by
quarter and question, in no order, with nothing that leads back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
import sqlalchemy as sa

from geodata.errors import RecordError
from geodata.records.checks import both_coordinates
from geodata.records.labels import Naming
from geodata.records.tables import MonitoringCount, SafeguardingAlert
from geodata.records.vocabularies import MONITORING

if TYPE_CHECKING:
    from geodata.records.changes import Change, Record


def check(values: Mapping[str, Any], name: Naming) -> list[str]:
    """Say what is wrong with a response."""
    wrong = both_coordinates(values, name)
    if not values["consent_store"]:
        wrong.append(f"{name('consent_store')} must be yes: without consent nothing is stored")
    if values["mode"] == "individual" and values["n_people"] != 1:
        wrong.append(f"{name('n_people')} must be 1 when one person answered")
    return wrong


def record(
    change: Change,
    values: Mapping[str, Any],
    *,
    monitoring: Mapping[str, str] | None = None,
    key: str = "",
) -> Record:
    """Store one response and, apart from it, what the person said about themselves.

    Parameters
    ----------
    change : Change
        Of whoever enters it.
    values : mapping
        Columns of `geodata.records.tables.Response`.
    monitoring : mapping, optional
        Question -> answer, of `geodata.records.vocabularies.MONITORING`.
    key : str, optional
        The sender's own; sent twice, everything is counted once.

    Raises
    ------
    RecordError
        If the response or an answer cannot be stored.
    """
    stored = change.create("responses", values, key=key)
    if monitoring and change.is_new(stored):
        count_monitoring(change, monitoring, on=values.get("said_on") or change.at.date())
    return stored


def count_monitoring(change: Change, answers: Mapping[str, str], *, on: dt.date | str) -> None:
    """Add one person's answers to the counts of a quarter; the history is not told.

    Raises
    ------
    RecordError
        If a question or an answer is not in the list.
    """
    from geodata.records.changes import upsert
    from geodata.records.fields import Field, clean

    counts = MonitoringCount.__table__
    quarter = quarter_of(clean(Field("date"), on))
    for question, answer in answers.items():
        if answer not in MONITORING.get(question, {}):
            raise RecordError(
                "An answer is not in its list", got=f"{question}: {answer!r}",
                todo=f"use one of {', '.join(MONITORING.get(question, {})) or 'the questions'}",
            )  # fmt: skip
        one_more = upsert(change.connection, counts).values(
            quarter=quarter, question=question, answer=answer, people=1
        )
        change.connection.execute(
            one_more.on_conflict_do_update(
                index_elements=[counts.c.quarter, counts.c.question, counts.c.answer],
                set_={"people": counts.c.people + 1},
            )
        )


def monitoring(connection: sa.Connection) -> pd.DataFrame:
    """Read the counts: `quarter`, `question`, `answer`, `people`, ordered by these."""
    counts = MonitoringCount.__table__
    rows = connection.execute(
        sa.select(counts).order_by(counts.c.quarter, counts.c.question, counts.c.answer)
    ).all()
    return pd.DataFrame(rows, columns=[c.name for c in counts.columns])


def quarter_of(day: dt.date) -> str:
    """Name the quarter of a day.

    Examples
    --------
    >>> quarter_of(dt.date(2026, 11, 22))
    '2026-Q4'
    """
    return f"{day.year}-Q{(day.month + 2) // 3}"


def raise_alert(change: Change, values: Mapping[str, Any], *, key: str = "") -> Record:
    """Store a safeguarding concern, which stays open until somebody acknowledges it.

    Parameters
    ----------
    change : Change
        Of whoever raises it.
    values : mapping
        Columns of `geodata.records.tables.SafeguardingAlert`; who and when are filled in.
    key : str, optional
        The sender's own.
    """
    given = {"raised_at": change.at, "raised_by": change.by} | dict(values)
    return change.create("alerts", given, key=key)


def acknowledge(change: Change, alert_id: str) -> Record:
    """Say that a concern has been seen by somebody who deals with it; twice changes nothing."""
    now = change.get("alerts", alert_id)
    if now["acknowledged_at"]:
        return now
    values = {"acknowledged_at": change.at, "acknowledged_by": change.by}
    return change.update("alerts", alert_id, values, version=None)


def unacknowledged(connection: sa.Connection) -> list[str]:
    """List the ids of concerns that nobody has acknowledged, oldest first."""
    query = (
        sa.select(SafeguardingAlert.alert_id)
        .where(SafeguardingAlert.acknowledged_at.is_(None))
        .order_by(SafeguardingAlert.raised_at, SafeguardingAlert.alert_id)
    )
    return list(connection.scalars(query).all())
