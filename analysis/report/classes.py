"""Sort numbers into the few classes a map can show.

Zero is a class of its own, "no data" is not a class, and neither is "withheld": a reader must
never take the one for the other. Equal numbers are always in the same class. Class limits come
from quantiles of what is above zero, rounded where rounding moves no area out of a full class.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.report.palette import SPREAD

NO_DATA = -1
WITHHELD = -2

CLASSES = 5

_MOVED = 0.2  # share of a class that may move to the next so that its limit is a handy number


@dataclass(frozen=True)
class Band:
    """One class.

    Attributes
    ----------
    number : int
        0 for zero, then 1 upwards.
    shade : int
        Position in `Palette.shades`.
    over, upto : float
        A value belongs here if it is above `over` and at most `upto`.
    label : str
        What people read in the legend.
    areas : int
        How many areas are in it.
    """

    number: int
    shade: int
    over: float
    upto: float
    label: str
    areas: int


@dataclass(frozen=True)
class Legend:
    """The classes of one map, with their words.

    Attributes
    ----------
    title : str
        What is counted, with its unit: "Reports", "Reports per km²".
    bands : tuple of Band
        Rising; the first is zero if any area has zero.
    no_data, withheld : int
        Areas without data, and areas whose number may not be shown.
    adds_up : bool
        Whether the values are counts that may be added up, unlike rates and scores.
    no_data_label, withheld_label : str
        The words for them.
    """

    title: str
    bands: tuple[Band, ...]
    no_data: int = 0
    withheld: int = 0
    adds_up: bool = False
    no_data_label: str = "No data"
    withheld_label: str = "Withheld: too few to show"

    def class_of(self, values: pd.Series, withheld: pd.Series | None = None) -> pd.Series:
        """Give the class number of each value, on the same index.

        `NO_DATA` (-1) where the value is missing, `WITHHELD` (-2) where `withheld` is true. A
        value above the last class is in the last class, so that a legend made from one month can
        colour another.

        Examples
        --------
        >>> legend = legend_for(pd.Series([0, 1, 2, 9]), title="Reports")
        >>> legend.class_of(pd.Series([0, 9, None], index=["a", "b", "c"])).to_dict()
        {'a': 0, 'b': 3, 'c': -1}
        """
        numbers = values.to_numpy(dtype="float64", na_value=np.nan)
        rising = [band for band in self.bands if band.number > 0]
        found = np.searchsorted(np.array([b.upto for b in rising]), numbers, side="left") + 1
        found = np.where(numbers > 0, np.minimum(found, max(len(rising), 1)), 0)
        found = np.where(np.isnan(numbers), NO_DATA, found)
        if withheld is not None:
            found = np.where(withheld.to_numpy(dtype=bool), WITHHELD, found)
        return pd.Series(found, index=values.index, dtype="int64")

    def shade_of(self, number: int) -> int:
        """Give the position in `Palette.shades` of a class number."""
        return next((band.shade for band in self.bands if band.number == number), 0)


def legend_for(
    values: pd.Series,
    *,
    title: str,
    withheld: pd.Series | None = None,
    adds_up: bool = False,
    classes: int = CLASSES,
) -> Legend:
    """Make the classes for some numbers.

    Zero is its own class. What is above zero is split, class by class from below, at the quantile
    that would leave equal numbers of areas to the classes that remain; the limit is rounded to a
    handy number where that moves at most a fifth of the class. With as many distinct numbers as
    classes, or fewer, each distinct number is a class.

    Parameters
    ----------
    values : pandas.Series
        Counts, rates or scores, none negative. Missing means no data. If all are whole numbers
        the labels are ranges of whole numbers.
    title : str
        Heading of the legend, with the unit.
    withheld : pandas.Series of bool, optional
        Where a number exists but may not be shown; such values play no part in the limits.
    adds_up : bool, default False
        True for counts: then texts may speak of totals and halves.
    classes : int, default 5
        At most this many classes above zero, 1 to 5.

    Returns
    -------
    Legend

    Raises
    ------
    ValueError
        If a value is negative or infinite, or `classes` is not 1 to 5.

    Examples
    --------
    >>> legend = legend_for(pd.Series([0, 0, 1, 2, 3, 5, 8, 13, 21, 34, None]), title="Reports")
    >>> [(band.number, band.label, band.areas) for band in legend.bands][:3]
    [(0, '0', 2), (1, '1 to 2', 2), (2, '3 to 5', 2)]
    >>> [band.label for band in legend.bands][3:], legend.no_data
    (['6 to 15', '16 to 21', '22 to 34'], 1)
    """
    if not 1 <= classes <= CLASSES:
        raise ValueError(f"a map has 1 to {CLASSES} classes, not {classes}")
    numbers = values.to_numpy(dtype="float64", na_value=np.nan)
    hidden = np.zeros(len(numbers), bool) if withheld is None else withheld.to_numpy(dtype=bool)
    known = numbers[~np.isnan(numbers) & ~hidden]
    if (known < 0).any() or np.isinf(known).any():
        raise ValueError("a map's classes need finite numbers that are not negative")
    positive = np.sort(known[known > 0])
    whole = bool((positive == np.round(positive)).all())
    bands = _bands(positive, _limits(positive, classes, whole=whole), whole=whole)
    zeros = int((known == 0).sum())
    if zeros or not bands:
        bands = (Band(0, 0, -np.inf, 0.0, "0", zeros), *bands)
    missing = int((np.isnan(numbers) & ~hidden).sum())
    return Legend(title, bands, missing, int(hidden.sum()), adds_up)


def _limits(positive: np.ndarray, classes: int, *, whole: bool) -> list[float]:
    limits: list[float] = []
    left = positive
    while len(left):
        distinct = np.unique(left)
        remaining = classes - len(limits)
        if remaining == 1:
            limits.append(_ceiling(float(distinct[-1]), whole=whole))
            break
        if len(distinct) <= remaining:
            limits.extend(distinct.tolist())
            break
        # Each later class keeps a distinct number of its own: the limit stays below these.
        limit = min(np.quantile(left, 1 / remaining, method="lower"), distinct[-remaining])
        limits.append(_rounded(float(limit), left, distinct[1 - remaining], whole=whole))
        left = left[left > limits[-1]]
    return limits


def _rounded(limit: float, left: np.ndarray, below: float, *, whole: bool) -> float:
    """Round a limit as coarsely as moves few areas into another class, and none out of reach."""
    size = 10.0 ** (np.floor(np.log10(limit)) - 1)
    inside = (left <= limit).sum()
    for step in (5 * size, size, size / 2):
        handy = float(np.round(np.round(limit / step) * step, 10))
        moved = abs((left <= handy).sum() - inside)
        if left[0] <= handy < below and moved <= _MOVED * inside and not (whole and step < 1):
            return handy
    return limit


def _ceiling(top: float, *, whole: bool) -> float:
    if whole:
        return top
    digits = int(2 - np.floor(np.log10(top)))
    return float(np.round(np.ceil(np.round(top * 10.0**digits, 9)) / 10.0**digits, 10))


def _bands(positive: np.ndarray, limits: list[float], *, whole: bool) -> tuple[Band, ...]:
    bands = []
    shades = SPREAD[len(limits)]
    for position, upto in enumerate(limits):
        over = limits[position - 1] if position else 0.0
        low = over + 1 if position else float(positive[0])
        label = _range(low, upto) if whole else _rates(over, upto)
        inside = int(((positive > over) & (positive <= upto)).sum())
        bands.append(Band(position + 1, shades[position], over, upto, label, inside))
    return tuple(bands)


def _range(low: float, upto: float) -> str:
    return f"{low:,.0f} to {upto:,.0f}" if upto > low else f"{upto:,.0f}"


def _rates(over: float, upto: float) -> str:
    if over == 0:
        return f"up to {number_text(upto)}"
    return f"over {number_text(over)} to {number_text(upto)}"


def number_text(value: float) -> str:
    """Write a number for people: thousands separated, at most three significant decimals.

    Examples
    --------
    >>> number_text(1234.0), number_text(0.12345), number_text(12.5), number_text(float("nan"))
    ('1,234', '0.123', '12.5', '')
    >>> number_text(729.6), number_text(99.99), number_text(1000.2)  # no zero of a whole is lost
    ('730', '100', '1,000')
    """
    if value != value:  # NaN
        return ""
    digits = max(0, 2 - int(np.floor(np.log10(abs(value))))) if value else 0
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
