"""Gather what reports say about every candidate location, ready to be scored.

Candidates are all hexagons that meet a ward, those without a report included: no report is a count
of zero, because the data cover the whole borough.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis import components
from analysis.components import Reading
from analysis.coverage import MonthCover, compared_months
from analysis.tally import monthly_matrix
from geodata import months as m


@dataclass(frozen=True)
class ReportEvidence:
    """What reports say about the candidates.

    Attributes
    ----------
    matrix : pandas.DataFrame
        Reports by hexagon and month, inside the wards; a column for every month that data cover.
    readings : mapping of str to Reading
        The components that reports feed, by code.
    facts : pandas.DataFrame
        Plain counts for the sentences: `reports` (those that volume counts), `recent` (the last
        three months), `recent_before` (the same a year before); NaN where months are not covered.
    """

    matrix: pd.DataFrame
    readings: Mapping[str, Reading]
    facts: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """Raw components, one column each: the input of `analysis.score.score_locations`."""
        return pd.DataFrame({code: r.raw for code, r in self.readings.items()})


def hexagon_matrix(counted: pd.DataFrame, cells: pd.DataFrame, cover: MonthCover) -> pd.DataFrame:
    """Lay counts of reports out by candidate hexagon and month.

    Parameters
    ----------
    counted : pandas.DataFrame
        Counts of one source and the categories asked for: `hexagon`, `month`, `count`.
    cells : pandas.DataFrame
        Candidates, from `geodata.hexagons.cover`.
    cover : MonthCover
        The months that data cover.

    Returns
    -------
    pandas.DataFrame
        Index: `hexagon`, in the order of `cells`; columns: months that data cover.

    Examples
    --------
    >>> counted = pd.DataFrame({"hexagon": ["h200_0_0"], "month": ["2026-01"], "count": [7]})
    >>> cells = pd.DataFrame({"hexagon": ["h200_0_0", "h200_1_0"]})
    >>> hexagon_matrix(counted, cells, MonthCover(("2026-01",), ()))["2026-01"].tolist()
    [7, 0]
    """
    matrix = monthly_matrix(counted["hexagon"], counted["month"], cover.present, counted["count"])
    wanted = pd.Index(cells["hexagon"], name="hexagon")
    return matrix.reindex(wanted, fill_value=0)


def report_evidence(
    matrix: pd.DataFrame,
    cover: MonthCover,
    as_at: str,
    window: int = components.VOLUME_MONTHS,
) -> ReportEvidence:
    """Work out every component that reports can feed.

    Parameters
    ----------
    matrix : pandas.DataFrame
        From `hexagon_matrix`.
    cover : MonthCover
        The months that data cover. Months after `as_at` are not looked at.
    as_at : str
        Last month, included.
    window : int, default 12
        Months that volume counts.

    Returns
    -------
    ReportEvidence
        Readings for volume, persistence and trend, and the counts behind them.
    """
    known = cover.within(None, as_at)
    readings = {
        "volume": components.volume(matrix, known, as_at, window),
        "persistence": components.persistence(matrix, known, as_at),
        "trend": components.trend(matrix, known, as_at),
    }
    return ReportEvidence(matrix, readings, _facts(matrix, known, as_at, window))


def _facts(matrix: pd.DataFrame, cover: MonthCover, as_at: str, window: int) -> pd.DataFrame:
    year = components.volume_months(cover, as_at, window)
    now = m.window(as_at, components.TREND_MONTHS)
    return pd.DataFrame(
        {
            "reports": matrix[year].sum(axis=1),
            "recent": _sum_if_covered(matrix, cover, now),
            "recent_before": _sum_if_covered(matrix, cover, compared_months(now)),
        },
        index=matrix.index,
    )


def _sum_if_covered(matrix: pd.DataFrame, cover: MonthCover, months: list[str]) -> pd.Series:
    if not all(cover.is_complete(x) for x in months):
        return pd.Series(float("nan"), index=matrix.index)
    return matrix[months].sum(axis=1).astype("float64")
