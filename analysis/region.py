"""Counts of a region or a country, added up: what is done with the counts of its partitions.

Frames in, frames out. `add_up` needs what the partitions hold of one stretch of hexagons, and never
the whole; the same functions serve one process and many. `geodata.counting` counts a partition.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from geodata import months as m
from geodata.counting import count_codes

HEXAGON_KEYS = ("q", "r", "month", "category")
WARD_KEYS = ("ward_code", "month", "category")
BASELINE_MONTHS = 12


def stretches(reports: Sequence[Mapping[int, int]], many: int) -> list[tuple[int, int]]:
    """Cut columns of hexagons into stretches that hold about as many reports each.

    Parameters
    ----------
    reports : sequence of mapping
        For each partition, column (q) -> reports in it.
    many : int
        Stretches to make. A column is never cut, so some may be empty where few columns hold most.

    Returns
    -------
    list of tuple of int
        From which q to below which; each q that holds a report is in one. However the reports are
        dealt out to partitions, the same.

    Examples
    --------
    >>> stretches([{4: 10, 5: 10}, {5: 20, 9: 10}], 2)
    [(4, 6), (6, 10)]
    """
    total: dict[int, int] = {}
    for partition in reports:
        for column, count in partition.items():
            total[column] = total.get(column, 0) + count
    if not total:
        return [(0, 0)] * many
    columns = np.array(sorted(total), "int64")
    until = np.cumsum([total[column] for column in columns.tolist()])
    share = np.arange(1, many) * int(until[-1]) // many
    cuts = (columns[np.searchsorted(until, share)] + 1).tolist()
    edges = [int(columns[0]), *cuts, int(columns[-1]) + 1]
    return list(zip(edges, edges[1:], strict=False))


def add_up(tables: Iterable[pd.DataFrame], keys: tuple[str, ...]) -> pd.DataFrame:
    """Add counts of several partitions; ordered by the keys, so that the order of machines is lost.

    Parameters
    ----------
    tables : iterable of pandas.DataFrame
        `keys` (whole numbers, or text as categories) and `count`.
    keys : tuple of str
        What rows are told apart by.

    Returns
    -------
    pandas.DataFrame
        The same columns; `count` int64, text as categories of the words that occur, in their order.

    Examples
    --------
    >>> one = pd.DataFrame({"ward_code": pd.Categorical(["B", "A"]), "count": [1, 2]})
    >>> add_up([one, one], ("ward_code",)).values.tolist()
    [['A', 4], ['B', 2]]
    """
    every = list(tables)
    held = [table for table in every if len(table)] or every[:1]  # an empty one has its types
    coded = [_coded([table[name] for table in held]) for name in keys]
    counts = np.concatenate([np.empty(0, "int64"), *(table["count"].to_numpy() for table in held)])
    found, total = count_codes(
        [code for code, _ in coded], [len(levels) for _, levels in coded], counts
    )
    columns = {
        name: _named(code, levels)
        for name, code, (_, levels) in zip(keys, found, coded, strict=True)
    }
    return pd.DataFrame({**columns, "count": total})


def _coded(columns: list[pd.Series]) -> tuple[np.ndarray, pd.RangeIndex | pd.Index]:
    """Give the values of a column, words or whole numbers, a number each in their order."""
    if not columns:
        return np.empty(0, "int64"), pd.RangeIndex(0)
    if pd.api.types.is_integer_dtype(columns[0]):
        values = np.concatenate([column.to_numpy("int64") for column in columns])
        low, high = (int(values.min()), int(values.max())) if len(values) else (0, -1)
        return values - low, pd.RangeIndex(low, high + 1)
    whole = union_categoricals([pd.Categorical(column) for column in columns], sort_categories=True)
    return whole.codes, whole.categories


def _named(code: np.ndarray, levels: pd.RangeIndex | pd.Index) -> np.ndarray | pd.Categorical:
    if isinstance(levels, pd.RangeIndex):
        return code + levels.start
    # Words that do not occur are left out: which there are depends on how partitions were cut.
    used = np.bincount(code, minlength=len(levels)) > 0
    return pd.Categorical.from_codes((np.cumsum(used) - 1)[code], levels[used])


def baselines(hexagons: pd.DataFrame, as_at: str) -> pd.DataFrame:
    """Give each hexagon and category its last twelve months beside the twelve before.

    Parameters
    ----------
    hexagons : pandas.DataFrame
        `q`, `r`, `month`, `category`, `count`; the words as text or as categories.
    as_at : str
        Last month that counts.

    Returns
    -------
    pandas.DataFrame
        `q`, `r`, `category`, `last_12`, `previous_12` (reports), `a_month` (mean of the last
        twelve). Hexagons without a report in these two years have no row.

    Notes
    -----
    Months that no partition holds count nothing: whoever builds says which months there are
    (`months` in the build's facts), since a month without a file is not a month without reports.

    Examples
    --------
    >>> table = pd.DataFrame({"q": [0, 0, 0], "r": [0, 0, 0], "category": ["a"] * 3,
    ...     "month": ["2026-06", "2025-07", "2025-06"], "count": [3, 3, 5]})
    >>> baselines(table, "2026-06").values.tolist()
    [[0, 0, 'a', 6, 5, 0.5]]
    """
    last = set(m.window(as_at, BASELINE_MONTHS))
    previous = set(m.window(m.shift(as_at, -BASELINE_MONTHS), BASELINE_MONTHS))
    year = hexagons[hexagons["month"].isin(last | previous)]
    recent = year["month"].isin(last).to_numpy()
    columns = [_coded([year[name]]) for name in ("q", "r")]
    columns.append(_coded([year["category"].astype("category")]))
    sizes = [len(levels) for _, levels in columns]
    # A key's earlier year comes before its last: they lie beside one another.
    found, total = count_codes(
        [*(code for code, _ in columns), recent.astype("int64")], [*sizes, 2],
        year["count"].to_numpy("int64"),
    )  # fmt: skip
    *keys, is_last = found
    changed = np.zeros(len(total), bool)
    changed[:1] = True
    for key in keys:
        changed[1:] |= key[1:] != key[:-1]
    starts = np.flatnonzero(changed)
    last_12, previous_12 = (
        np.add.reduceat(np.where(is_last == which, total, 0), starts) if len(starts) else total
        for which in (1, 0)
    )
    q, r, category = (
        _named(key[starts], levels) for key, (_, levels) in zip(keys, columns, strict=True)
    )
    return pd.DataFrame(
        {
            "q": q, "r": r, "category": category, "last_12": last_12, "previous_12": previous_12,
            "a_month": last_12 / BASELINE_MONTHS,
        }
    )  # fmt: skip
