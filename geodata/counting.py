"""Count very many reports by where they lie: each distinct point is placed once, then added up.

Files are read a batch at a time, some files a thread, wherever fsspec reaches them; what is kept in
memory are the distinct points and how often each comes in each file, not the rows. That is the
engine beside pandas: Arrow decodes the columns, `geodata.distinct` numbers the points, numpy adds
up. `build` counts each partition by it, by month and category; counting all files at once, without
them, is the same two calls.

For rows that are in memory already: `geodata.distinct.distinct_points` numbers their places, what
depends on a place (its ward, its hexagon) is asked once a place, and `count_codes` counts the rows
by any combination of such codes with months and categories.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from geodata import shards
from geodata.crs import to_bng
from geodata.distinct import CHUNK, DistinctPoints, Floats, Numbers
from geodata.errors import ReportFileError
from geodata.hexagons import hexagon_of
from geodata.ward_join import covering_wards

Codes = npt.NDArray[np.int64]

MOST_THREADS = 4
"""More would each learn the same points again, and wait for memory."""
MOST_PLACES = 1_000_000
"""Places to remember; England and Wales have some 750,000 snap points."""
_AT_ONCE = 32
"""Batches counted together: 2 million rows, 8 MB."""
_DENSE = 4
"""Combinations a row, up to which a table of all of them is quicker than sorting the rows."""
_OUTSIDE, _NOWHERE = -1, -2


@dataclass(frozen=True)
class HexagonCounts:
    """Rows by hexagon (q, r) and by the words of each column asked for, ordered by all of them."""

    q: Codes
    r: Codes
    words: tuple[Codes, ...]
    count: Codes


@dataclass(frozen=True)
class WardCounts:
    """Rows by ward (its row in the table of wards) and words, ordered by all of them."""

    ward: Codes
    words: tuple[Codes, ...]
    count: Codes


@dataclass(frozen=True)
class Often:
    """How often the points of one file come.

    Attributes
    ----------
    point : numpy.ndarray
        For each entry, which point.
    words : tuple of numpy.ndarray
        For each column asked for, which word.
    count : numpy.ndarray
        How many rows.
    """

    point: Numbers
    words: tuple[npt.NDArray[np.integer], ...]
    count: npt.NDArray[np.integer]


class _Known:
    """Points of one kind of coordinates, and what was found of each; grows as points are met."""

    def __init__(self, *, degrees: bool) -> None:
        self.degrees, self.points = degrees, DistinctPoints()
        self.q, self.r, self.ward = (np.empty(0, "int32") for _ in range(3))

    def learn(self, side: int, wards: gpd.GeoDataFrame | None) -> None:
        """Place the points that are new since the last time."""
        old = len(self.q)
        if len(self.points) == old:
            return
        x, y = self.points.x[old:], self.points.y[old:]
        if self.degrees:
            x, y = to_bng(x, y)
        on = np.isfinite(x) & np.isfinite(y)  # degrees that do not exist are on no grid
        q, r, ward = (np.zeros(len(x), "int32") for _ in range(3))
        for start in range(0, len(x), CHUNK):
            part = slice(start, start + CHUNK)
            some = on[part]
            q[part][some], r[part][some] = hexagon_of(x[part][some], y[part][some], side)
        if wards is not None:
            ward[on] = covering_wards(x[on], y[on], wards)
        ward[~on] = _NOWHERE
        self.q, self.r, self.ward = (
            np.concatenate(pair) for pair in ((self.q, q), (self.r, r), (self.ward, ward))
        )


class Places:
    """Points met so far, and what hangs on a point alone: its hexagon, and its ward.

    Files repeat their points: whoever counts one after the other keeps this between them, and each
    point is projected, and asked for its hexagon and its ward, once. Whatever is known already, the
    same counts come out. Not for several threads at once.

    Parameters
    ----------
    side : int
        Side of the hexagons, metres: 100, 200 or 350.
    wards : geopandas.GeoDataFrame, optional
        `ward_code` and polygons in BNG (`geodata.ward_join`). With wards, points outside them are
        in no hexagon.
    most : int, default a million
        Places to remember; beyond that all are forgotten, so that memory has a bound.
    """

    def __init__(
        self, side: int, wards: gpd.GeoDataFrame | None = None, *, most: int = MOST_PLACES
    ) -> None:
        self.side, self.wards, self._most = side, wards, most
        self._known: dict[bool, _Known] = {}

    @property
    def codes(self) -> list[str]:
        """Codes of the wards, by row."""
        return [] if self.wards is None else self.wards["ward_code"].astype(str).tolist()

    def _of(self, degrees: bool) -> _Known:  # noqa: FBT001
        """Give what is known of points in degrees, or in metres; to begin a count with."""
        known = self._known.get(degrees)
        if known is None or len(known.points) > self._most:
            known = self._known[degrees] = _Known(degrees=degrees)
        return known

    def _learnt(self, counts: PointCounts) -> _Known:
        counts.known.learn(self.side, self.wards)
        return counts.known


@dataclass(frozen=True)
class PointCounts:
    """How often each distinct point comes, by file.

    Attributes
    ----------
    known : object
        The distinct points, and what was found of them.
    files : tuple of Often
        For each file, or for all together, its points.
    words : tuple of list of str
        The words of each column asked for, in no order that means anything.
    rows, unlocated : int
        Rows read, and those of them without a place, which are in no file above.
    """

    known: _Known
    files: tuple[Often, ...]
    words: tuple[list[str], ...]
    rows: int
    unlocated: int

    @property
    def x(self) -> Floats:
        """First coordinates of the points, as the files have them."""
        return self.known.points.x

    @property
    def y(self) -> Floats:
        """Second coordinates of the points."""
        return self.known.points.y

    def _added_up(
        self, code: npt.NDArray[np.integer], size: int
    ) -> list[tuple[list[Codes], Codes]]:
        """Add rows up by what their points are in (0 to `size` - 1, -1 for none) and words."""
        sizes = [size, *map(len, self.words)]
        return [
            count_codes([code.take(often.point), *often.words], sizes, often.count)
            for often in self.files
        ]


def count_points(
    files: Sequence[str | Path],
    places: Places,
    *,
    by: Mapping[str, str] | None = None,
    apart: bool = True,
    workers: int | None = None,
    place: tuple[str, str] | None = None,
) -> PointCounts:
    """Count how often each distinct point comes in Parquet files.

    Parameters
    ----------
    files : sequence of str or Path
        One a period, for instance a month; any address that `geodata.shards.opened` reads.
    places : Places
        What is known of points already; those met here are added to it.
    by : dict of str to str, optional
        Columns of words to tell rows apart by -> the word of a row that has none, or "" where each
        row must have one.
    apart : bool, default True
        Whether to keep the files apart; if not, `files` holds all of them as one.
    workers : int, optional
        Threads; one a processor if None, and no more than `MOST_THREADS`.
    place : tuple of str, optional
        Columns of the place in BNG metres, where they have names that nobody would expect. A row
        with NaN or null in either has no place.

    Returns
    -------
    PointCounts
        The same counts of the same points whatever the number of threads and whatever was known;
        only the order of the points differs.

    Raises
    ------
    ReportFileError
        If a file cannot be read, lacks a column, or has a row without a word that it must have; or
        if some of the files hold degrees and others metres.

    Notes
    -----
    Memory follows the distinct points, and with `apart` or `by` their entries; not the rows.
    """
    urls, words = [str(file) for file in files], _Words(by or {})
    threads = max(1, min(workers or min(os.cpu_count() or 1, MOST_THREADS), len(urls)))
    # The first thread adds to what is known; the others each learn for themselves, then are merged.
    parts = [_Part(places if not n else Places(places.side), words) for n in range(threads)]
    with ThreadPoolExecutor(threads) as pool:
        jobs = zip(parts, _shares(urls, threads), strict=True)
        list(pool.map(lambda job: job[0].read(job[1], apart=apart, place=place), jobs))
    return _merged([part for part in parts if part.known] or [parts[0]], words, places, apart=apart)


def _shares(urls: Sequence[str], threads: int) -> list[list[str]]:
    """Deal the files out, in order, so that each share holds about as many bytes."""
    if threads == 1:
        return [list(urls)]
    sizes = shards.sizes(urls)
    size = np.cumsum(sizes)
    share = ((size - np.array(sizes) / 2) * threads // max(size[-1], 1)).astype(int)
    shares: list[list[str]] = [[] for _ in range(threads)]
    for url, which in zip(urls, share, strict=True):
        shares[min(which, threads - 1)].append(url)
    return shares


class _Words:
    """Words of some columns, numbered as they are met, for all threads alike."""

    def __init__(self, by: Mapping[str, str]) -> None:
        self.by, self._lock = by, Lock()
        self._numbers: list[dict[str, int]] = [{} for _ in by]

    def listed(self) -> tuple[list[str], ...]:
        return tuple(list(numbers) for numbers in self._numbers)

    def number(self, batch: shards.Batch, url: str, before: int) -> tuple[Numbers, ...]:
        """Give each row of a batch the number of its word, column by column."""
        found = []
        columns = zip(batch.words, self._numbers, self.by.items(), strict=True)
        for (code, words), numbers, (column, blank) in columns:
            if not blank and len(code) and code.min() < 0:
                raise ReportFileError(
                    f"A report of this partition has no {column}", got=url,
                    first_bad=f"row {before + int(code.argmin()) + 1}",
                    todo=f"give each row its {column}",
                )  # fmt: skip
            with self._lock:
                wanted = [*words, blank] if blank else words
                table = [numbers.setdefault(word, len(numbers)) for word in wanted]
            found.append(np.array(table or [0], "int32").take(code, mode="wrap"))  # -1: the last
        return tuple(found)


class _Part:
    """The points of one thread's files, and how often each comes."""

    def __init__(self, places: Places, words: _Words) -> None:
        self._places, self._words = places, words
        self.known: _Known | None = None
        self.rows = self.unlocated = 0
        self.files: list[Often] = []
        self._counted: list[Often] = []
        self._total = np.empty(0, "int64")
        self._waiting: list[tuple[Numbers, ...]] = []

    def read(self, urls: Sequence[str], *, apart: bool, place: tuple[str, str] | None) -> None:
        for number, url in enumerate(urls):
            self._read(url, place)
            if apart or number == len(urls) - 1:
                self.files.append(self._often())

    def _read(self, url: str, place: tuple[str, str] | None) -> None:
        before = 0
        with shards.opened(url, tuple(self._words.by), place=place) as shard:
            if self.known is None:
                self.known = self._places._of(shard.degrees)  # noqa: SLF001 - of this module
            _check_alike(self.known, degrees=shard.degrees, url=url)
            for batch in shard.batches(CHUNK):
                number = self.known.points.number(batch.x, batch.y)
                codes = (number, *self._words.number(batch, url, before))
                before += len(number)
                located = number >= 0
                if not located.all():
                    codes = tuple(code[located] for code in codes)
                    self.unlocated += len(located) - len(codes[0])
                self._waiting.append(codes)
                if len(self._waiting) >= _AT_ONCE:
                    self._count()
        self.rows += before

    def _count(self) -> None:
        """Count the rows that wait: many at once, since each time passes all points."""
        columns = list(zip(*self._waiting, strict=True))
        self._waiting = []
        if not columns:
            return
        number, *words = (np.concatenate(column) for column in columns)
        if words:
            found, count = count_codes([number, *words], self._sizes())
            self._counted.append(_often(found, count))
            return
        total = np.bincount(number, minlength=len(self.known.points)) if self.known else self._total
        total[: len(self._total)] += self._total
        self._total = total

    def _often(self) -> Often:
        """Give what was counted since the last time."""
        self._count()
        if not self._words.by:
            total, self._total = self._total, np.empty(0, "int64")
            point = np.flatnonzero(total)
            return _often([point], total[point])
        counted, self._counted = self._counted, []
        return _together(counted, self._sizes())

    def _sizes(self) -> list[int]:
        return [len(self.known.points) if self.known else 0, *map(len, self._words.listed())]


def _often(found: Sequence[Codes], count: Codes) -> Often:
    """Keep numbers that are small in half the memory."""
    point, *words = (code.astype("int32") for code in found)
    most = int(count.max()) if len(count) else 0
    return Often(point, tuple(words), count.astype("int32" if most < 2**31 else "int64"))


def _together(counted: Sequence[Often], sizes: Sequence[int]) -> Often:
    if len(counted) == 1:
        return counted[0]
    columns = [[often.point, *often.words] for often in counted]
    none = np.empty(0, "int32")
    codes = [np.concatenate([none, *(c[n] for c in columns)]) for n in range(len(sizes))]
    count = np.concatenate([none, *(often.count for often in counted)])
    return _often(*count_codes(codes, sizes, count))


def _check_alike(known: _Known, *, degrees: bool, url: str) -> None:
    if known.degrees != degrees:
        raise ReportFileError(
            "Some of these files give places in degrees and others in metres",
            got=f"{url}: {'degrees' if degrees else 'metres'}", todo="count them apart",
        )  # fmt: skip


def _merged(parts: Sequence[_Part], words: _Words, places: Places, *, apart: bool) -> PointCounts:
    known = parts[0].known or places._of(False)  # noqa: FBT003, SLF001 - of this module
    files = list(parts[0].files)
    for part in parts[1:]:
        if part.known is None:
            continue
        _check_alike(known, degrees=part.known.degrees, url="the later ones")
        here = known.points.number(part.known.points.x, part.known.points.y)
        files += [Often(here.take(o.point), o.words, o.count) for o in part.files]
    listed = words.listed()
    if not apart:
        files = [_together(files, [len(known.points), *map(len, listed)])]
    rows, unlocated = (sum(getattr(part, name) for part in parts) for name in ("rows", "unlocated"))
    return PointCounts(known, tuple(files), listed, rows, unlocated)


def count_hexagons(counts: PointCounts, places: Places) -> list[HexagonCounts]:
    """Count rows by hexagon, and by the words asked for.

    Parameters
    ----------
    counts : PointCounts
        From `count_points`.
    places : Places
        The same as there. With wards, rows outside them are left out.

    Returns
    -------
    list of HexagonCounts
        One a file. `geodata.hexagons.hexagon_ids` names the hexagons.

    Examples
    --------
    >>> import tempfile, pandas as pd
    >>> path = f"{tempfile.mkdtemp()}/a.parquet"
    >>> pd.DataFrame({"easting": [0.0, 310, 310], "northing": [0.0, 170, 170]}).to_parquet(path)
    >>> places = Places(200)
    >>> [found] = count_hexagons(count_points([path], places), places)
    >>> list(zip(found.q.tolist(), found.r.tolist(), found.count.tolist()))
    [(0, 0, 1), (1, 0, 2)]
    """
    known = places._learnt(counts)  # noqa: SLF001 - of this module
    code, q, r = _cells(known.q, known.r, known.ward >= 0)
    found = []
    for (cell, *words), count in counts._added_up(code, len(q)):  # noqa: SLF001
        found.append(HexagonCounts(q[cell], r[cell], tuple(words), count))
    return found


def count_wards(counts: PointCounts, places: Places) -> list[WardCounts]:
    """Count rows by ward, and by the words asked for.

    Parameters
    ----------
    counts : PointCounts
        From `count_points`.
    places : Places
        The same as there, with wards.

    Returns
    -------
    list of WardCounts
        One a file; rows outside the wards are in none.
    """
    known = places._learnt(counts)  # noqa: SLF001 - of this module
    size = 1 if places.wards is None else len(places.wards)
    return [
        WardCounts(ward, tuple(words), count)
        for (ward, *words), count in counts._added_up(known.ward, size)  # noqa: SLF001
    ]


def rows_nowhere(counts: PointCounts, places: Places) -> int:
    """Count rows whose coordinates are numbers, and yet name no place on the grid."""
    known = places._learnt(counts)  # noqa: SLF001 - of this module
    lost = known.ward == _NOWHERE
    return sum(int(often.count[lost.take(often.point)].sum()) for often in counts.files)


def _cells(
    q: Numbers, r: Numbers, wanted: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.integer], Codes, Codes]:
    """Give hexagons that hold wanted points a number each, in their order; -1 for other points."""
    if not wanted.any():
        none = np.empty(0, "int64")
        return np.full(len(q), -1, "int32"), none, none
    low_q, low_r = int(q[wanted].min()), int(r[wanted].min())
    high_q, high_r = int(q[wanted].max()), int(r[wanted].max())
    tall, wide = high_r - low_r + 1, high_q - low_q + 1
    key = (q.astype("int64") - low_q) * tall + (r - low_r)
    if _few(tall * wide, key):
        here = np.zeros(tall * wide, bool)
        here[key[wanted]] = True
        met = np.flatnonzero(here)
        number = np.cumsum(here, dtype="int32")
        number -= 1
        code = number.take(key, mode="clip")
    else:
        met = np.unique(key[wanted]).astype("int64")
        code = np.searchsorted(met, key).astype("int32")
    code[~wanted] = -1
    return code, met // tall + low_q, met % tall + low_r


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


def _few(size: int, key: npt.NDArray[np.integer]) -> bool:
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
    if not len(key):
        return key, key
    bits = int(weight.max()).bit_length()
    if int(weight.min()) >= 0 and int(key.max()).bit_length() + bits < 63:
        # Key and weight in one number: numbers sort several times as fast as their order is found.
        packed = np.sort((key << bits) | weight.astype("int64"))
        keys, weight = packed >> bits, packed & ((1 << bits) - 1)
    else:
        order = np.argsort(key)
        keys, weight = key[order], weight[order].astype("int64")
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    return keys[starts], np.add.reduceat(weight, starts)
