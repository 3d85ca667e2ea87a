"""Count reports by ward, hexagon, month and category; zero only where data exist.

Every function takes counts or rows that are already filtered to one source and joined to wards, and
counts those inside the wards only, so that all totals reconcile to the ward join.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd

Key = Literal["ward", "hexagon", "month", "category"]
KEYS: tuple[Key, ...] = ("ward", "hexagon", "month", "category")


def inside_rows(incidents: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows, or the counts of rows, that lie inside a ward."""
    return incidents[incidents["ward_match"] == "inside"]


def counts_by(counted: pd.DataFrame, key: str, what: str = "count") -> pd.Series:
    """Add counts up by one column.

    Parameters
    ----------
    counted : pandas.DataFrame
        `key`, and the counts.
    key : str
        A column of words.
    what : str
        The column that is added up.

    Returns
    -------
    pandas.Series
        int64, by the words met, as text and in order.

    Examples
    --------
    >>> counted = pd.DataFrame({"month": ["2026-02", "2026-01", "2026-02"], "count": [1, 2, 3]})
    >>> counts_by(counted, "month").to_dict()
    {'2026-01': 2, '2026-02': 4}
    """
    code, words = pd.factorize(counted[key])
    known = code >= 0
    added = np.bincount(code[known], counted[what].to_numpy()[known], len(words)).astype("int64")
    return pd.Series(added, pd.Index(words).astype("str"), name=what).sort_index()


def tally(
    counted: pd.DataFrame, by: Sequence[Key], levels: Mapping[Key, Sequence[str]]
) -> pd.DataFrame:
    """Add counts up for every combination of the keys.

    Parameters
    ----------
    counted : pandas.DataFrame
        Counts inside the wards: `ward_code`, `month`, `category`, `hexagon` as far as the keys need
        them, and `count`.
    by : sequence of str
        Keys among 'ward', 'hexagon', 'month', 'category', each once, in the order of the columns.
    levels : mapping
        For each key, every value that data cover. These are zero-filled; a value that no data
        cover is not listed and gets no row. A value met in the counts but not listed is added.

    Returns
    -------
    pandas.DataFrame
        One column per key and `count` (int), ordered by the keys. They add up to the counts given.

    Examples
    --------
    >>> counted = pd.DataFrame({"ward_code": ["A", "A", "B"], "count": [1, 4, 2]})
    >>> tally(counted, ["ward"], {"ward": ["A", "B", "C"]})["count"].tolist()
    [5, 2, 0]
    """
    values = pd.DataFrame({key: counted["ward_code" if key == "ward" else key] for key in by})
    added = counted["count"].groupby([values[key] for key in by], observed=True).sum()
    wanted = [sorted({*levels[key], *map(str, values[key].unique())}) for key in by]
    every: pd.Index = pd.MultiIndex.from_product(wanted, names=list(by))
    if len(by) == 1:
        every = every.get_level_values(0)
    return added.reindex(every, fill_value=0).rename("count").astype("int64").reset_index()


def monthly_matrix(
    keys: pd.Series, months: pd.Series, present: Sequence[str], counts: pd.Series | None = None
) -> pd.DataFrame:
    """Count by place (rows) and month (columns), zero-filled over the months that data cover.

    Parameters
    ----------
    keys : pandas.Series
        Place of each row or count; NaN is passed over.
    months : pandas.Series
        Month of each, 'YYYY-MM'.
    present : sequence of str
        Months that data cover, oldest first: the columns.
    counts : pandas.Series, optional
        How many reports each stands for; one if None.

    Returns
    -------
    pandas.DataFrame
        Index: places met, ordered; columns: `present`; int64.

    Examples
    --------
    >>> keys, when = pd.Series(["a", "a", "b"]), pd.Series(["2026-01", "2026-02", "2026-02"])
    >>> monthly_matrix(keys, when, ["2026-01", "2026-02"]).to_numpy().tolist()
    [[1, 1], [0, 1]]
    """
    row, places = pd.factorize(keys, sort=True)
    when, met = pd.factorize(months)
    column = np.append(pd.Index(present).get_indexer(pd.Index(met).astype("str")), -1)[when]
    used = (row >= 0) & (column >= 0)
    flat = np.bincount(
        row[used] * len(present) + column[used],
        None if counts is None else counts.to_numpy()[used], len(places) * len(present),
    )  # fmt: skip
    matrix = flat.astype("int64").reshape(len(places), len(present))
    return pd.DataFrame(matrix, index=pd.Index(places), columns=list(present))
