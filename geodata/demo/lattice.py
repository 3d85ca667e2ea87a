"""The bent lattice that the demo's side streets follow. BNG metres.

Rows are streets, columns places along them. The reports lie on it, and the streets one can walk
along are drawn on it, so that a report of Alder Row lies on Alder Row.
"""

from __future__ import annotations

import numpy as np

COLUMNS, ROWS = 95, 75
"""The lattice reaches this many steps to both sides of its middle."""

ALONG_M, ACROSS_M = 53.0, 70.0
BLOCK_STEPS = 9
"""Columns that one name of a street covers."""

_FIRST = (
    *("Alder", "Bobbin", "Caulker", "Dyer", "Ember", "Fuller", "Garnet", "Hopper", "Indigo"),
    *("Juniper", "Kestrel", "Linnet", "Madder", "Nettle", "Oakum", "Plover", "Quince", "Ratline"),
    *("Sailmaker", "Thimble", "Umber", "Velvet", "Weaver", "Yarrow", "Bosun", "Cooper", "Heron"),
)
_SECOND = ("Street", "Row", "Close", "Walk", "Place", "Gardens", "Mews", "Road", "Court", "Lane")


def place_of(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bend a place on the straight lattice (metres from its middle) to where it lies in BNG.

    Examples
    --------
    >>> x, y = place_of(np.array([0.0]), np.array([0.0]))
    >>> (float(x[0]), float(y[0]))
    (536400.0, 181400.0)
    """
    x = 536_400 + 0.966 * a - 0.259 * b + 55 * np.sin(b / 310) + 25 * np.sin(a / 170)
    y = 181_400 + 0.259 * a + 0.966 * b + 55 * np.sin(a / 270) + 25 * np.sin(b / 190)
    return x, y


def street_number(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Give the number of the stretch of street at a column `u` of row `v`."""
    return (v + ROWS) * 32 + (u + COLUMNS) // BLOCK_STEPS


def street_name(number: int) -> str:
    """Name a stretch of street.

    Examples
    --------
    >>> street_name(1), street_name(2)
    ('Hopper Street', 'Oakum Street')
    """
    return f"{_FIRST[number * 7 % len(_FIRST)]} {_SECOND[number * 3 // 7 % len(_SECOND)]}"
