"""Read what a GeoPackage in memory holds, cell by cell, as text: nothing is written to disc."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import shapely

from geodata.errors import SaferWalksError

_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table'"
_ENVELOPES = (0, 32, 48, 48, 64)
"""Bytes of the envelope of a shape, by its code (OGC 12-128r19, 2.1.3)."""


def package_texts(data: bytes) -> Iterator[str]:
    """Give the cells of every table of a SQLite file, and the points among its shapes.

    Parameters
    ----------
    data : bytes
        The file.

    Returns
    -------
    iterator of str
        A line a row: texts and numbers, tab between them. A point is its two numbers; outlines,
        which many files share, and other bytes are left out.

    Raises
    ------
    SaferWalksError
        If the file is damaged.
    """
    with closing(sqlite3.connect(":memory:")) as book:
        try:
            book.deserialize(data)
            names = [n for (n,) in book.execute(_TABLES)]
        except sqlite3.DatabaseError as fault:
            raise SaferWalksError("A GeoPackage is damaged", got=str(fault)) from fault
        for name in names:
            quoted = name.replace('"', '""')
            yield name
            if name.startswith("rtree_"):
                continue  # boxes round the shapes, read through a module of its own
            for row in book.execute(f'SELECT * FROM "{quoted}"'):  # noqa: S608 - its own names
                yield "\t".join(_cell(value) for value in row)


def _cell(value: object) -> str:
    if not isinstance(value, bytes):
        return "" if value is None else str(value)
    if value[:2] != b"GP" or len(value) < 8:
        return value.decode("utf-8", "ignore") if value.isascii() else ""
    start = 8 + _ENVELOPES[(value[3] >> 1) & 7] if (value[3] >> 1) & 7 < len(_ENVELOPES) else 8
    shape = shapely.from_wkb(value[start:], on_invalid="ignore")
    if shape is None or shape.geom_type not in ("Point", "MultiPoint") or shape.is_empty:
        return ""
    points = shapely.get_coordinates(shape)
    return "; ".join(f"{x!r} {y!r}" for x, y in points.tolist())
