"""Count reports by ward, hexagon, month and category; zero only where data exist.

Every function takes incident rows that are already filtered to one source and joined to wards, and
counts the rows inside the wards only, so that all totals reconcile to the ward join.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from geodata.hexagons import hexagon_ids_of

Key = Literal["ward", "hexagon", "month", "category"]
KEYS: tuple[Key, ...] = ("ward", "hexagon", "month", "category")


def inside_rows(incidents: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows that lie inside a ward."""
    return incidents[incidents["ward_match"] == "inside"]


def tally(
    incidents: pd.DataFrame, by: Sequence[Key], levels: Mapping[Key, Sequence[str]], *, side: int
) -> pd.DataFrame:
    """Count rows for every combination of the keys.

    Parameters
    ----------
    incidents : pandas.DataFrame
        Rows inside the wards: `ward_code`, `month`, `category`, `easting`, `northing` (BNG metres)
        as far as the keys need them.
    by : sequence of str
        Keys among 'ward', 'hexagon', 'month', 'category', each once, in the order of the columns.
    levels : mapping
        For each key, every value that data cover. These are zero-filled; a value that no data
        cover is not listed and gets no row. A value met in the rows but not listed is added.
    side : int
        Side of the hexagons, metres.

    Returns
    -------
    pandas.DataFrame
        One column per key and `count` (int), ordered by the keys. The counts add up to the rows.

    Examples
    --------
    >>> rows = pd.DataFrame({"ward_code": ["A", "A", "B"], "month": ["2026-01"] * 3})
    >>> tally(rows, ["ward"], {"ward": ["A", "B", "C"]}, side=200)["count"].tolist()
    [2, 1, 0]
    """
    values = pd.DataFrame({key: _values(incidents, key, side) for key in by})
    counted = values.groupby(list(by), observed=True).size()
    wanted = [sorted({*levels[key], *map(str, values[key].unique())}) for key in by]
    every: pd.Index = pd.MultiIndex.from_product(wanted, names=list(by))
    if len(by) == 1:
        every = every.get_level_values(0)
    return counted.reindex(every, fill_value=0).rename("count").astype("int64").reset_index()


def monthly_matrix(keys: pd.Series, months: pd.Series, present: Sequence[str]) -> pd.DataFrame:
    """Count rows by place (rows) and month (columns), zero-filled over the months that data cover.

    Parameters
    ----------
    keys : pandas.Series
        Place of each row; NaN is passed over.
    months : pandas.Series
        Month of each row, 'YYYY-MM'.
    present : sequence of str
        Months that data cover, oldest first: the columns.

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
    column = pd.Index(present).get_indexer(pd.Index(months.astype(str)))
    used = (row >= 0) & (column >= 0)
    flat = np.bincount(
        row[used] * len(present) + column[used], minlength=len(places) * len(present)
    )
    matrix = flat.reshape(len(places), len(present))
    return pd.DataFrame(matrix, index=pd.Index(places), columns=list(present))


def _values(incidents: pd.DataFrame, key: Key, side: int) -> pd.Series:
    if key == "hexagon":
        e, n = incidents["easting"].to_numpy(), incidents["northing"].to_numpy()
        return pd.Series(hexagon_ids_of(e, n, side), index=incidents.index)
    return incidents["ward_code" if key == "ward" else key]
