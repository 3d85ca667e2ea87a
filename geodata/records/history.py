"""Who changed what, when, from what to what: rows are added, never changed, never deleted.

The database itself refuses to change or delete a row (triggers of the first migration). One thing
is allowed: to empty what a field was, when the record it belonged to is deleted.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd
import sqlalchemy as sa

from geodata.records.tables import HistoryRow

COLUMNS = ("history_id", "at", "by", "kind", "record_id", "doing", "field", "hidden", "old", "new")


def add(
    connection: sa.Connection,
    *,
    at: dt.datetime,
    by: str,
    kind: str,
    record_id: str,
    doing: str,
    field: str,
    hidden: bool,
    old: str | None,
    new: str | None,
) -> None:
    """Add one row, in the transaction of the change it tells of.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        Inside the transaction.
    at, by
        When and who.
    kind, record_id : str
        Which record.
    doing : str
        'create', 'change' or 'delete'.
    field : str
        The column; '' for the whole record.
    hidden : bool
        Whether old and new are kept out.
    old, new : str or None
        What it was and what it is, as text.
    """
    row = {
        "at": at, "by": by, "kind": kind, "record_id": record_id, "doing": doing, "field": field,
        "hidden": hidden, "old": old, "new": new,
    }  # fmt: skip
    connection.execute(sa.insert(HistoryRow), row)


def forget(connection: sa.Connection, kind: str, record_id: str) -> None:
    """Empty what the history kept of a record that is being deleted; who and when stay."""
    connection.execute(
        sa.update(HistoryRow)
        .where(HistoryRow.kind == kind, HistoryRow.record_id == record_id)
        .values(old=None, new=None, hidden=True)
    )


def read(
    connection: sa.Connection, *, kind: str = "", record_id: str = "", limit: int = 0
) -> pd.DataFrame:
    """Read the history, latest first.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        For reading.
    kind, record_id : str, optional
        Only of these.
    limit : int, optional
        At most so many rows; all if 0.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`.
    """
    query = sa.select(*(HistoryRow.__table__.c[name] for name in COLUMNS))
    if kind:
        query = query.where(HistoryRow.kind == kind)
    if record_id:
        query = query.where(HistoryRow.record_id == record_id)
    query = query.order_by(HistoryRow.at.desc(), HistoryRow.history_id.desc())
    rows = connection.execute(query.limit(limit) if limit else query).all()
    return pd.DataFrame(rows, columns=list(COLUMNS))


def stamp(connection: sa.Connection) -> str:
    """Name the present state of the records: it changes with every change and never otherwise."""
    count, last = connection.execute(
        sa.select(sa.func.count(), sa.func.max(HistoryRow.history_id)).select_from(HistoryRow)
    ).one()
    return f"{count}-{last or 0}"
