"""Coordinates as a file writes them, turned into places or into a reason why they are none.

In: text, either longitude and latitude (WGS84, decimal degrees) or easting and northing (British
National Grid, metres). Out: both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from geodata.crs import BNG_EXTENT, LONLAT_EXTENT, likely_cause, to_bng, to_lonlat
from geodata.csv_text import TextColumn

System = Literal["lonlat", "bng"]

ONE_BLANK = "only one of the two coordinates is given"
NOT_A_NUMBER = "a coordinate is not a number"
_BLANK = frozenset({"", "nan", "null", "none", "na", "n/a", "#n/a"})


@dataclass(frozen=True)
class Places:
    """Where rows lie. All arrays have one entry a row.

    Attributes
    ----------
    lon, lat : numpy.ndarray
        Decimal degrees; NaN for a row without a usable place.
    easting, northing : numpy.ndarray
        BNG metres; NaN likewise.
    fault : numpy.ndarray
        Why the coordinates cannot be used: a position in `faults`, -1 if nothing is wrong (a row
        that gives no place, by blanks or by 0, 0, is not wrong).
    faults : tuple of str
        Reasons, in words.
    """

    lon: np.ndarray
    lat: np.ndarray
    easting: np.ndarray
    northing: np.ndarray
    fault: np.ndarray
    faults: tuple[str, ...]

    def take(self, positions: np.ndarray) -> Places:
        """Keep, or repeat, some rows."""
        arrays = (self.lon, self.lat, self.easting, self.northing, self.fault)
        lon, lat, easting, northing, fault = (a[positions] for a in arrays)
        return Places(lon, lat, easting, northing, fault, self.faults)


def read_places(x: TextColumn, y: TextColumn, system: System) -> Places:
    """Read coordinates given as text.

    A place is worked out once for each distinct pair, because police.uk repeats its points.

    Parameters
    ----------
    x, y : TextColumn
        Longitude and latitude, or easting and northing, as text.
    system : {'lonlat', 'bng'}
        Which of them.

    Returns
    -------
    Places
        A row with both blank, or with 0, 0 (police.uk zeroes what it cannot place), has no place
        and no fault. One blank, a word, or a point outside Great Britain is a fault; the last
        one's reason names the likely cause.

    Examples
    --------
    >>> x = TextColumn.from_values(["-0.03", "", "51.5"])
    >>> y = TextColumn.from_values(["51.5", "", "-0.03"])
    >>> found = read_places(x, y, "lonlat")
    >>> found.fault.tolist(), found.faults
    ([-1, -1, 0], ('latitude and longitude look swapped',))
    """
    x_values, x_blank = _numbers(x.values)
    y_values, y_blank = _numbers(y.values)
    width = max(len(y_values), 1)
    row_to_pair, pairs = pd.factorize(x.codes.astype("int64") * width + y.codes)
    px, py = pairs // width, pairs % width
    distinct = _places(x_values[px], y_values[py], x_blank[px], y_blank[py], system)
    return distinct.take(row_to_pair)


def _numbers(values: list[str]) -> tuple[np.ndarray, np.ndarray]:
    # Plain lists: for the few values of a small file, a Series costs more than its contents.
    words = [value.strip() for value in values]
    blank = np.array([word.lower() in _BLANK for word in words], dtype=bool)
    given = np.array([None if b else w for w, b in zip(words, blank, strict=True)], dtype="object")
    numbers = np.asarray(pd.to_numeric(given, errors="coerce"), dtype="float64")
    return np.where(np.isfinite(numbers), numbers, np.nan), blank


def _places(
    x: np.ndarray, y: np.ndarray, x_blank: np.ndarray, y_blank: np.ndarray, system: System
) -> Places:
    nowhere = (x_blank & y_blank) | ((x == 0) & (y == 0))
    one_blank = x_blank ^ y_blank
    word = ~nowhere & ~one_blank & (np.isnan(x) | np.isnan(y))
    given = ~(nowhere | one_blank | word)
    lon, lat, easting, northing, good = _both_systems(x, y, given, system)
    fault = np.full(len(x), -1)
    faults: list[str] = []
    for reason, rows in {ONE_BLANK: one_blank, NOT_A_NUMBER: word}.items():
        _note(fault, faults, reason, rows)
    for reason, rows in _causes(x, y, given & ~good, system).items():
        _note(fault, faults, reason, rows)
    return Places(lon, lat, easting, northing, fault, tuple(faults))


def _note(fault: np.ndarray, faults: list[str], reason: str, rows: np.ndarray) -> None:
    if rows.any():
        fault[rows] = len(faults)
        faults.append(reason)


def _both_systems(
    x: np.ndarray, y: np.ndarray, given: np.ndarray, system: System
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    extent = LONLAT_EXTENT if system == "lonlat" else BNG_EXTENT
    good = given & _inside(x, y, extent)
    x, y = np.where(good, x, np.nan), np.where(good, y, np.nan)
    other_x, other_y = to_bng(x, y) if system == "lonlat" else to_lonlat(x, y)
    # The two extents are not the same shape: a point must lie in both.
    good &= _inside(other_x, other_y, BNG_EXTENT if system == "lonlat" else LONLAT_EXTENT)
    here = tuple(np.where(good, v, np.nan) for v in (x, y))
    there = tuple(np.where(good, v, np.nan) for v in (other_x, other_y))
    return (*here, *there, good) if system == "lonlat" else (*there, *here, good)


def _inside(x: np.ndarray, y: np.ndarray, extent: tuple[float, float, float, float]) -> np.ndarray:
    west, south, east, north = extent
    return (x >= west) & (x <= east) & (y >= south) & (y <= north)


def _causes(x: np.ndarray, y: np.ndarray, bad: np.ndarray, system: System) -> dict[str, np.ndarray]:
    """Sort points outside Great Britain by the likely mistake behind them."""
    if system == "bng":
        degrees = bad & (np.maximum(np.abs(x), np.abs(y)) <= 360)
        return {
            "these look like degrees, not British National Grid metres": degrees,
            "these points are not in Great Britain": bad & ~degrees,
        }
    kinds = np.zeros(len(x), dtype="int64")
    for number, (a, b, extent) in enumerate(
        [(y, x, LONLAT_EXTENT), (x, y, BNG_EXTENT), (y, x, BNG_EXTENT)]
    ):
        kinds += _inside(a, b, extent) << number
    kinds += (np.maximum(np.abs(x), np.abs(y)) > 360) << 3
    causes: dict[str, np.ndarray] = {}
    for kind in np.unique(kinds[bad]):
        rows = bad & (kinds == kind)  # alike in all that `likely_cause` looks at
        reason = likely_cause(x[rows], y[rows]) or "these points are not in Great Britain"
        causes[reason] = causes.get(reason, np.zeros(len(x), dtype=bool)) | rows
    return causes
