"""Seasons: how much busier each month of the year is than the year around it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geodata import months as m
from geodata.errors import NotEnoughDataError

YEAR = 12


def seasonal_index(counts: pd.Series) -> pd.DataFrame:
    r"""Compare every month with the year centred on it, and average by month of the year.

    .. math::

        T_t = \frac{1}{12}\left(\frac{x_{t-6}}{2} + x_{t-5} + \dots + x_{t+5}
              + \frac{x_{t+6}}{2}\right), \quad
        s_k = \operatorname{mean}_{t \in k} \frac{x_t}{T_t}

    then divided by the mean of the twelve, so that they average 1. Ratio to moving average,
    classical decomposition: Hyndman, R. J. and Athanasopoulos, G., Forecasting: principles and
    practice, section 3.4.

    Parameters
    ----------
    counts : pandas.Series
        Reports by month ('YYYY-MM'). Months that no file covers are missing or NaN; a year around
        a month that is not whole is left out.

    Returns
    -------
    pandas.DataFrame
        Index `month_of_year` 1-12: `index` (1.2: a fifth more than the year around it), `years`
        (how many such months went in), `lowest` and `highest` (their ratios, on the same footing).

    Raises
    ------
    NotEnoughDataError
        If some month of the year has no whole year around it: it takes 24 months in a row.
    ValueError
        If a count is negative or an index is not a month.

    Notes
    -----
    With two or three years each index rests on one or two months, and part of any difference is
    chance: `lowest` and `highest` show how far they agree. Longer months are busier for that alone.

    Examples
    --------
    >>> counts = pd.Series([10, 10, 10, 10, 10, 22, 10, 10, 10, 10, 10, 10] * 3,
    ...                    index=m.span("2023-01", "2025-12"))
    >>> seasonal_index(counts).loc[[5, 6], "index"].round(3).tolist()
    [0.909, 2.0]
    """
    if not all(m.is_month(month) for month in counts.index) or (counts < 0).any():
        raise ValueError("counts must not be negative, and the index must be months 'YYYY-MM'")
    every = m.span(min(counts.index), max(counts.index)) if len(counts) else []
    series = counts.reindex(every).astype("float64")
    weights = np.r_[0.5, np.ones(YEAR - 1), 0.5] / YEAR
    around = series.rolling(YEAR + 1, center=True).apply(
        lambda year: float(year @ weights), raw=True
    )
    ratio = (series / around.where(around > 0)).dropna()
    number = ratio.index.str[5:7].astype(int) if len(ratio) else pd.Index([], dtype="int64")
    grouped = ratio.groupby(number.rename("month_of_year"))
    table = grouped.agg(index="mean", years="size", lowest="min", highest="max")
    if len(table) < YEAR:
        raise NotEnoughDataError(
            "Seasons need 24 months in a row.",
            got=f"{int(series.notna().sum())} months with data, of which {len(ratio)} have a whole "
            "year around them",
        )
    level = table["index"].mean()
    return table.assign(**{c: table[c] / level for c in ("index", "lowest", "highest")})
