"""Count very many reports by where they lie: each distinct point is placed once, then added up.

Files are read a batch at a time, some files a thread; what is kept in memory are the distinct
points and how often each comes in each file, not the rows. That is the engine beside pandas: Arrow
decodes the columns, `geodata.distinct` numbers the points, numpy adds up. Coordinates are longitude
and latitude or National Grid metres, as the files have them; whatever is made of them
(`PointCounts.x`, `.y`) says which.

For rows that are in memory already: `geodata.distinct.distinct_points` numbers their places, what
depends on a place (its ward, its hexagon) is asked once a place, and `count_codes` counts the rows
by any combination of such codes with months and categories.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet

from geodata.distinct import CHUNK, DistinctPoints, Floats, Numbers
from geodata.hexagons import hexagon_codes

Codes = npt.NDArray[np.int64]

MOST_THREADS = 4
"""More would each learn the same points again, and wait for memory."""
_AT_ONCE = 32
"""Batches counted together where files are not kept apart: 2 million rows, 8 MB."""
_DENSE = 4
"""Combinations a row, up to which a table of all of them is quicker than sorting the rows."""


@dataclass(frozen=True)
class Often:
    """How often the points of one file come: for each entry which point, and how many rows."""

    point: Numbers
    count: npt.NDArray[np.integer]


@dataclass(frozen=True)
class PointCounts:
    """How often each distinct point comes, by file.

    Attributes
    ----------
    x, y : numpy.ndarray
        The distinct points, as the files have them, in no order that means anything.
    files : tuple of Often
        For each file, or for all together, its points.
    unlocated : int
        Rows without a place, in none of the above.
    """

    x: Floats
    y: Floats
    files: tuple[Often, ...]
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
        >>> files = (Often(np.array([0], "int32"), np.array([5])),
        ...     Often(np.array([0, 1], "int32"), np.array([1, 2])))
        >>> two = PointCounts(np.zeros(2), np.zeros(2), files, 0)
        >>> two.added_up(np.array([-1, 0]), 1).tolist(), two.added_up(np.array([0, 1]), 2).tolist()
        ([[0, 2]], [[5, 1], [0, 2]])
        """
        table = np.zeros((len(self.files), size), dtype="int64")
        moved_up = code.astype("int32") + 1  # none is 0, since bincount takes nothing below
        for row, often in enumerate(self.files):
            # Sums of whole numbers below 2**53 are exact as floats too.
            found = np.bincount(moved_up.take(often.point), often.count, minlength=size + 1)
            table[row] = found[1:]
        return table.T


def count_points(
    paths: Sequence[Path],
    *,
    x: str = "lon",
    y: str = "lat",
    apart: bool = True,
    workers: int | None = None,
) -> PointCounts:
    """Count how often each distinct point comes in Parquet files.

    Parameters
    ----------
    paths : sequence of Path
        One a period, for instance a month.
    x, y : str
        Columns of coordinates; a row with NaN or null in either has no place.
    apart : bool, default True
        Whether to keep the files apart; if not, `files` holds all of them as one.
    workers : int, optional
        Threads; one a processor if None, and no more than `MOST_THREADS`.

    Returns
    -------
    PointCounts
        The same counts of the same points whatever the number of threads; only the order of the
        points differs.

    Raises
    ------
    OSError, pyarrow.ArrowException
        If a file cannot be read or lacks a column.

    Notes
    -----
    Memory follows the distinct points, and apart their entries in each file; not the rows.
    """
    threads = workers or min(os.cpu_count() or 1, MOST_THREADS)
    shares = _shares(paths, threads)
    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(lambda share: _Part(share, (x, y), apart=apart), shares))
    return _merged(parts, apart=apart)


def _shares(paths: Sequence[Path], threads: int) -> list[list[Path]]:
    """Deal the files out, in order, so that each share holds about as many bytes."""
    size = np.cumsum([path.stat().st_size for path in paths])
    middle = size - np.diff(size, prepend=0) / 2
    share = (middle * threads // max(size[-1], 1)).astype(int) if len(paths) else ()
    shares: list[list[Path]] = [[] for _ in range(threads)]
    for path, which in zip(paths, share, strict=True):
        shares[min(which, threads - 1)].append(path)
    return shares


class _Part:
    """The points of one thread's files, and how often each comes."""

    def __init__(self, paths: Sequence[Path], columns: tuple[str, str], *, apart: bool) -> None:
        self.points = DistinctPoints()
        self.unlocated = 0
        self.files: list[Often] = []
        self._total = np.empty(0, "int64")
        self._waiting: list[Numbers] = []
        for path in paths:
            self._read(path, columns)
            if apart:
                self._count()
                point = np.flatnonzero(self._total).astype("int32")
                self.files.append(Often(point, self._total[point].astype("int32")))
                self._total = np.empty(0, "int64")
        if not apart:
            self._count()
            self.files = [Often(np.arange(len(self._total), dtype="int32"), self._total)]

    def _read(self, path: Path, columns: tuple[str, str]) -> None:
        with pyarrow.parquet.ParquetFile(path, memory_map=True) as file:
            for batch in file.iter_batches(CHUNK, columns=list(columns), use_threads=False):
                axes = (batch.column(name).to_numpy(zero_copy_only=False) for name in columns)
                number = self.points.number(*axes)
                located = number >= 0
                if not located.all():
                    number = number[located]
                    self.unlocated += len(located) - len(number)
                self._waiting.append(number)
                if len(self._waiting) >= _AT_ONCE:
                    self._count()

    def _count(self) -> None:
        """Add the rows that wait to the total: many at once, since each time passes all points."""
        number = np.concatenate([np.empty(0, "int32"), *self._waiting])
        total = np.bincount(number, minlength=len(self.points))
        total[: len(self._total)] += self._total
        self._total, self._waiting = total, []


def _merged(parts: Sequence[_Part], *, apart: bool) -> PointCounts:
    points, files = parts[0].points, list(parts[0].files)
    for part in parts[1:]:
        here = points.number(part.points.x, part.points.y)
        files += [Often(here.take(often.point), often.count) for often in part.files]
    if not apart:
        total = np.zeros(len(points), "int64")
        for often in files:
            total[often.point] += often.count
        files = [Often(np.arange(len(total), dtype="int32"), total)]
    return PointCounts(points.x, points.y, tuple(files), sum(part.unlocated for part in parts))


def count_hexagons(
    points: PointCounts, easting: Floats, northing: Floats, side: int
) -> tuple[Codes, Codes, Codes]:
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
    tuple of numpy.ndarray
        q and r of the hexagons met, in their order (`geodata.hexagons.hexagon_ids` names them),
        and their counts: one row a hexagon, one column a file.

    Examples
    --------
    >>> files = (Often(np.array([0], "int32"), np.array([5])),
    ...     Often(np.array([0, 1], "int32"), np.array([1, 2])))
    >>> two = PointCounts(np.zeros(2), np.zeros(2), files, 0)
    >>> q, r, counts = count_hexagons(two, np.array([0.0, 310.0]), np.array([0.0, 170.0]), 200)
    >>> list(zip(q.tolist(), r.tolist(), counts.tolist()))
    [(0, 0, [5, 1]), (1, 0, [0, 2])]
    """
    code, q, r = hexagon_codes(easting, northing, side)
    return q, r, points.added_up(code, len(q))


def count_codes(
    codes: Sequence[npt.NDArray[np.integer]],
    sizes: Sequence[int],
    weight: npt.NDArray[np.integer] | None = None,
) -> tuple[list[Codes], Codes]:
    """Count rows by every combination of codes that is met.

    Parameters
    ----------
    codes : sequence of numpy.ndarray
        For instance the hexagon, the month and the category of each row, as whole numbers from 0.
        A row with a negative code anywhere is left out.
    sizes : sequence of int
        How many of each there are; their product must be below 2**63.
    weight : numpy.ndarray, optional
        How many each row counts for, where rows are counts already; 1 if None.

    Returns
    -------
    tuple
        The codes of each combination met, ordered by the first, then the second and so on; and how
        many rows have it (int64).

    Examples
    --------
    >>> cell, month = np.array([1, 0, 1, -1, 1]), np.array([0, 1, 0, 0, 1])
    >>> (cells, months), rows = count_codes([cell, month], [2, 2])
    >>> list(zip(cells.tolist(), months.tolist(), rows.tolist()))
    [(0, 1, 1), (1, 0, 2), (1, 1, 1)]
    """
    key, size, known = np.zeros(len(codes[0]), "int64"), 1, np.ones(len(codes[0]), bool)
    for code, many in zip(codes, sizes, strict=True):
        key, size, known = key * many + code, size * many, known & (code >= 0)
    if not known.all():
        key, weight = key[known], None if weight is None else weight[known]
    keys, counts = _in_a_table(key, size, weight) if _few(size, key) else _sorted(key, weight)
    found = []
    for many in reversed(sizes):
        keys, one = np.divmod(keys, max(many, 1))
        found.append(one)
    return found[::-1], counts


def _few(size: int, key: Codes) -> bool:
    return size <= _DENSE * len(key) + 1024


def _in_a_table(
    key: Codes, size: int, weight: npt.NDArray[np.integer] | None
) -> tuple[Codes, Codes]:
    met = np.bincount(key, minlength=size)
    keys = np.flatnonzero(met)
    table = met if weight is None else np.bincount(key, weight, minlength=size)
    return keys, table[keys].astype("int64")


def _sorted(key: Codes, weight: npt.NDArray[np.integer] | None) -> tuple[Codes, Codes]:
    if weight is None:
        keys, counts = np.unique(key, return_counts=True)
        return keys, counts.astype("int64")
    order = np.argsort(key)
    keys, starts = np.unique(key[order], return_index=True)
    return keys, np.add.reduceat(weight[order].astype("int64"), starts) if len(keys) else keys
