"""Count very many reports by where they lie: each distinct point is placed once, then added up.

Files are read one a thread, by column; what is kept in memory are the distinct points of each file
and how often each comes, not the rows. That is the engine beside pandas: Arrow reads columns, numpy
sorts and adds up. Coordinates are longitude and latitude or National Grid metres, as the files have
them; whatever is made of them (`PointCounts.x`, `.y`) says which.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.parquet

from geodata.crs import to_bng
from geodata.hexagons import hexagon_codes, hexagon_ids

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

GRID = 1e6
"""Steps to a unit on which coordinates are taken to lie: millionths of a degree, as published."""
_HALF = np.int64(2**31)
CHUNK = 1 << 16
"""Rows worked on at a time, so that they stay in the processor's own memory."""


@dataclass(frozen=True)
class PointCounts:
    """How often each distinct point comes, by file.

    Attributes
    ----------
    x, y : numpy.ndarray
        The distinct points, as the files have them.
    point : numpy.ndarray
        For each entry, which point it counts.
    count : numpy.ndarray
        For each entry, how many rows.
    ends : tuple of int
        Where the entries of each file end.
    unlocated : int
        Rows without a place, in none of the above.
    """

    x: Floats
    y: Floats
    point: npt.NDArray[np.int32]
    count: npt.NDArray[np.int32]
    ends: tuple[int, ...]
    unlocated: int

    def added_up(self, code: npt.NDArray[np.integer], size: int) -> Codes:
        """Add rows up by what their points are in, file by file.

        Parameters
        ----------
        code : numpy.ndarray
            For each point 0 to `size` - 1, or -1 for none.
        size : int
            How many there are.

        Returns
        -------
        numpy.ndarray
            `size` rows, one column a file, int64.

        Examples
        --------
        >>> two = PointCounts(np.zeros(2), np.zeros(2), np.array([0, 1, 1], "int32"),
        ...     np.array([5, 1, 2], "int32"), (2, 3), 0)
        >>> two.added_up(np.array([0, -1]), 1).tolist(), two.added_up(np.array([0, 1]), 2).tolist()
        ([[5, 0]], [[5, 0], [1, 2]])
        """
        table = np.zeros((len(self.ends), size), dtype="int64")
        for row, (start, end) in enumerate(zip((0, *self.ends), self.ends, strict=False)):
            into = code[self.point[start:end]]
            found = np.bincount(into + 1, self.count[start:end], minlength=size + 1)
            table[row] = found[1:].astype("int64")
        return table.T


def count_points(
    paths: Sequence[Path], *, x: str = "lon", y: str = "lat", workers: int | None = None
) -> PointCounts:
    """Count how often each distinct point comes in Parquet files.

    Parameters
    ----------
    paths : sequence of Path
        One a period, for instance a month.
    x, y : str
        Columns of coordinates; a row with NaN or null in either has no place.
    workers : int, optional
        Threads; one a processor if None.

    Returns
    -------
    PointCounts
        The same whatever the number of threads.
    """
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        parts = list(pool.map(lambda path: _points_of(path, x, y), paths))
        return _merged(parts, pool)


@dataclass(frozen=True)
class _Part:
    """The distinct points of one file: as keys where they lie on the grid, else as pairs."""

    keys: Codes | None
    x: Floats
    y: Floats
    count: npt.NDArray[np.int32]
    unlocated: int


def _points_of(path: Path, x: str, y: str) -> _Part:
    table = pyarrow.parquet.read_table(path, columns=[x, y], use_threads=False)
    xs, ys = (table.column(name).to_numpy() for name in (x, y))
    located = np.isfinite(xs) & np.isfinite(ys)
    if not located.all():
        xs, ys = xs[located], ys[located]
    missing = table.num_rows - len(xs)
    keys = _grid_keys(xs, ys)
    if keys is None:
        code, px, py = _pairs(xs, ys)
        return _Part(None, px, py, _counts(code, len(px)), missing)
    distinct, count = _sorted_counts(keys)
    return _Part(distinct, *_off_grid(distinct), count, missing)


def _sorted_counts(keys: Codes) -> tuple[Codes, npt.NDArray[np.int32]]:
    """Count keys by sorting them: numpy sorts whole numbers faster than any table looks them up."""
    keys = np.sort(keys)
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])[: len(keys)])
    return keys[starts], np.diff(starts, append=len(keys)).astype("int32")


def _counts(code: npt.NDArray[np.integer], size: int) -> npt.NDArray[np.int32]:
    return np.bincount(code, minlength=size).astype("int32")


def _grid_keys(x: Floats, y: Floats) -> Codes | None:
    """Name points of the grid by one whole number each; None if any lies off the grid."""
    keys = np.empty(len(x), dtype="int64")
    for start in range(0, len(x), CHUNK):
        part = slice(start, start + CHUNK)
        a, b = np.rint(x[part] * GRID), np.rint(y[part] * GRID)
        if not (_fits(a, x[part]) and _fits(b, y[part])):
            return None
        keys[part] = (a.astype("int64") << 32) | (b.astype("int64") + _HALF)
    return keys


def _fits(whole: Floats, exact: Floats) -> bool:
    return bool((np.abs(whole) < _HALF).all() and (whole / GRID == exact).all())


def _off_grid(keys: Codes) -> tuple[Floats, Floats]:
    """Give back the coordinates, to the last bit: `_grid_keys` has made sure of it."""
    return (keys >> 32) / GRID, ((keys & 0xFFFFFFFF) - _HALF) / GRID


def _pairs(x: Floats, y: Floats) -> tuple[Codes, Floats, Floats]:
    ix, ux = pd.factorize(x)
    iy, uy = pd.factorize(y)
    pair, distinct = pd.factorize(ix.astype("int64") * max(len(uy), 1) + iy)
    return pair, ux[distinct // max(len(uy), 1)], uy[distinct % max(len(uy), 1)]


def _merged(parts: Sequence[_Part], pool: ThreadPoolExecutor) -> PointCounts:
    keys = [part.keys for part in parts if part.keys is not None]
    if len(keys) == len(parts) and parts:
        every = _sorted_counts(np.concatenate(keys))[0]
        places = pool.map(lambda own: np.searchsorted(every, own).astype("int32"), keys)
        point = np.concatenate(list(places))
        x, y = _off_grid(every)
    else:
        columns = [np.concatenate([np.empty(0), *(getattr(p, c) for p in parts)]) for c in "xy"]
        code, x, y = _pairs(*columns)
        point = code.astype("int32")
    count = np.concatenate([np.empty(0, "int32"), *(p.count for p in parts)])
    ends = tuple(int(n) for n in np.cumsum([len(p.count) for p in parts]))
    return PointCounts(x, y, point, count, ends, sum(p.unlocated for p in parts))


def projected(points: PointCounts, *, workers: int | None = None) -> tuple[Floats, Floats]:
    """Turn the distinct points from longitude and latitude into National Grid metres, in threads.

    Returns
    -------
    tuple of numpy.ndarray
        Eastings and northings, the same to the last bit as `geodata.crs.to_bng` of every row.
    """
    threads = workers or os.cpu_count() or 1
    pieces = zip(np.array_split(points.x, threads), np.array_split(points.y, threads), strict=True)
    with ThreadPoolExecutor(threads) as pool:
        done = list(pool.map(lambda piece: to_bng(*piece), pieces))
    east, north = (np.concatenate(axis) for axis in zip(*done, strict=True))
    return east, north


def count_hexagons(
    points: PointCounts, easting: Floats, northing: Floats, side: int
) -> tuple[pd.Index, Codes]:
    """Count rows by hexagon and file.

    Parameters
    ----------
    points : PointCounts
        From `count_points`.
    easting, northing : numpy.ndarray
        Where its points lie, BNG metres.
    side : int
        Side of the hexagons, metres.

    Returns
    -------
    tuple of pandas.Index and numpy.ndarray
        Names of the hexagons met, in the order of q and r, and their counts: one row a hexagon,
        one column a file.
    """
    code, q, r = hexagon_codes(easting, northing, side)
    return pd.Index(hexagon_ids(q, r, side)), points.added_up(code, len(q))
