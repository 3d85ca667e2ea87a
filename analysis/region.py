"""Counts of a region or a country, a partition at a time: what each machine does, and the sum.

Frames in, frames out. `count_partition` needs one partition and the wards; `add_up` needs the
tables of one bucket. Neither ever holds the whole. The same functions serve one process and many.
Coordinates are British National Grid metres.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from geodata import months as m
from geodata.counting import count_codes
from geodata.distinct import DistinctPoints
from geodata.hexagons import hexagon_codes
from geodata.ward_join import covering_wards

HEXAGON_KEYS = ("q", "r", "month", "category")
WARD_KEYS = ("ward_code", "month", "category")
BASELINE_MONTHS = 12


@dataclass(frozen=True)
class Part:
    """What one partition amounts to.

    Attributes
    ----------
    hexagons : pandas.DataFrame
        `q`, `r` (axial coordinates of the hexagon), `month`, `category`, `count`: rows inside the
        wards. Words are categorical.
    wards : pandas.DataFrame
        `ward_code`, `month`, `category`, `count`: the same rows.
    rows, inside, outside, no_location : int
        Every row of the partition: the last three add up to the first.
    """

    hexagons: pd.DataFrame
    wards: pd.DataFrame
    rows: int
    inside: int
    outside: int
    no_location: int


class Places:
    """Wards of the places met so far: partitions repeat them, and each is asked for its ward once.

    Parameters
    ----------
    wards : geopandas.GeoDataFrame
        `ward_code` and polygons in BNG (`geodata.ward_join`).
    most : int, default a million
        Places to remember; beyond that all are forgotten, so that memory has a bound. England and
        Wales have some 750,000 snap points.

    Attributes
    ----------
    wards : geopandas.GeoDataFrame
        The same.
    """

    def __init__(self, wards: gpd.GeoDataFrame, most: int = 1_000_000) -> None:
        self.wards = wards
        self._most = most
        self._points, self._ward = DistinctPoints(), np.empty(0, "int32")

    def find(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, ...]:
        """Reduce rows to places and find their wards.

        Parameters
        ----------
        x, y : numpy.ndarray
            BNG metres; a row that is not finite in both has no place.

        Returns
        -------
        tuple of numpy.ndarray
            For each row the number of its place (-1 for none); of each place of these rows x, y,
            and the row of `wards` it lies in (-1 for none).

        Examples
        --------
        >>> import shapely
        >>> from geodata.crs import BNG
        >>> square = gpd.GeoDataFrame(
        ...     {"ward_code": ["E05000001"]}, geometry=[shapely.box(0, 0, 9, 9)], crs=BNG)
        >>> places = Places(square)
        >>> [found.tolist() for found in places.find(np.array([1.0, 1.0]), np.array([2.0, 2.0]))]
        [[0, 0], [1.0], [2.0], [0]]
        """
        if len(self._points) > self._most:
            self._points, self._ward = DistinctPoints(), np.empty(0, "int32")
        number, known = self._points.number(x, y), len(self._ward)
        px, py = self._points.x, self._points.y
        if len(px) > known:
            new = covering_wards(px[known:], py[known:], self.wards)
            self._ward = np.concatenate([self._ward, new])
        met = np.zeros(len(px) + 1, bool)
        met[number] = True  # the last of all for rows without a place
        met = np.flatnonzero(met[:-1])
        here = np.full(len(px) + 1, -1, "int32")
        here[met] = np.arange(len(met), dtype="int32")
        return here[number], px[met], py[met], self._ward[met]


def count_partition(reports: pd.DataFrame, places: Places, side: int) -> Part:
    """Join one partition to the wards and count it by hexagon and by ward.

    Each distinct place is joined and put in its hexagon once, then rows are grouped by whole
    numbers: open data repeat 750,000 snap points eighteen million times.

    Parameters
    ----------
    reports : pandas.DataFrame
        `month`, `category`, `easting`, `northing` (BNG metres, missing without a place).
    places : Places
        The wards, and what is known of them from other partitions; whatever that is, the same
        tables come out.
    side : int
        Side of the hexagons, metres: 100, 200 or 350.

    Returns
    -------
    Part
        Rows outside the wards or without a place are counted, and in neither table.

    Examples
    --------
    >>> import shapely
    >>> from geodata.crs import BNG
    >>> square = gpd.GeoDataFrame(
    ...     {"ward_code": ["E05000001"]}, geometry=[shapely.box(0, 0, 1000, 1000)], crs=BNG)
    >>> reports = pd.DataFrame({
    ...     "month": ["2026-01", "2026-01", "2026-01", "2026-02"], "category": ["a", "a", "a", "a"],
    ...     "easting": [10.0, 10.0, 5000.0, np.nan], "northing": [10.0, 20.0, 0.0, np.nan]})
    >>> part = count_partition(reports, Places(square), 200)
    >>> part.hexagons.values.tolist(), part.wards["count"].tolist()
    ([[0, 0, '2026-01', 'a', 2]], [2])
    >>> part.rows, part.inside, part.outside, part.no_location
    (4, 2, 1, 1)
    """
    x, y = (reports[c].to_numpy(dtype="float64") for c in ("easting", "northing"))
    number, px, py, ward = places.find(x, y)
    inside = ward >= 0
    cell = np.full(len(ward), -1, "int64")
    cell[inside], q, r = hexagon_codes(px[inside], py[inside], side)
    kinds = [pd.Categorical(reports[name]) for name in ("month", "category")]
    by_cell, cells = _grouped(_of_rows(cell, number), len(q), kinds)
    by_cell.insert(0, "q", q[cells])
    by_cell.insert(1, "r", r[cells])
    by_ward, which = _grouped(_of_rows(ward, number), len(places.wards), kinds)
    codes = pd.Index(places.wards["ward_code"].astype(str))
    by_ward.insert(0, "ward_code", pd.Series(pd.Categorical.from_codes(which, codes)))
    counted, located = int(by_ward["count"].sum()), int((number >= 0).sum())
    return Part(
        by_cell, by_ward, rows=len(reports), inside=counted, outside=located - counted,
        no_location=len(reports) - located,
    )  # fmt: skip


def _of_rows(of_point: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Say of each row what was found of its point; -1 where it has none."""
    return np.append(of_point, -1).take(number, mode="wrap")  # the last for -1


def _grouped(
    area: np.ndarray, areas: int, kinds: list[pd.Categorical]
) -> tuple[pd.DataFrame, np.ndarray]:
    """Count rows by area, month and category; and say which area each count is of."""
    sizes = [areas, *(len(kind.categories) for kind in kinds)]
    (which, *codes), counts = count_codes([area, *(kind.codes for kind in kinds)], sizes)
    month, category = (
        pd.Categorical.from_codes(code, kind.categories)
        for kind, code in zip(kinds, codes, strict=True)
    )
    return pd.DataFrame({"month": month, "category": category, "count": counts}), which


def bucket_of(hexagons: pd.DataFrame, buckets: int) -> np.ndarray:
    """Deal hexagons out to buckets of about the same size, the same way on every machine.

    Examples
    --------
    >>> cells = pd.DataFrame({"q": [0, 0, 1, 1], "r": [0, 1, 0, 1]})
    >>> bucket_of(cells, 4).tolist()
    [0, 1, 3, 0]
    """
    return ((hexagons["q"].to_numpy() * 7 + hexagons["r"].to_numpy()) % buckets).astype("int64")


def add_up(tables: Iterable[pd.DataFrame], keys: tuple[str, ...]) -> pd.DataFrame:
    """Add counts of several partitions; ordered by the keys, so that the order of machines is lost.

    Examples
    --------
    >>> one = pd.DataFrame({"ward_code": ["B", "A"], "count": [1, 2]})
    >>> add_up([one, one], ("ward_code",)).values.tolist()
    [['A', 4], ['B', 2]]
    """
    held = [table for table in tables if len(table)]
    coded = [_coded([table[name] for table in held]) for name in keys]
    counts = np.concatenate([np.empty(0, "int64"), *(table["count"].to_numpy() for table in held)])
    found, total = count_codes(
        [code for code, _ in coded], [len(levels) for _, levels in coded], counts
    )
    columns = {
        name: levels.take(code) for name, code, (_, levels) in zip(keys, found, coded, strict=True)
    }
    return pd.DataFrame({**columns, "count": total})


def _coded(columns: list[pd.Series]) -> tuple[np.ndarray, pd.Index]:
    """Give the values of a column, words or whole numbers, a number each in their order."""
    if not columns or pd.api.types.is_integer_dtype(columns[0]):
        values = np.concatenate([np.empty(0, "int64"), *columns])
        levels, codes = np.unique(values, return_inverse=True)
        return codes, pd.Index(levels)
    words = [pd.Categorical(column.astype("category")) for column in columns]
    whole = union_categoricals(words, sort_categories=True)
    return whole.codes, whole.categories.astype("str")


def baselines(hexagons: pd.DataFrame, as_at: str) -> pd.DataFrame:
    """Give each hexagon and category its last twelve months beside the twelve before.

    Parameters
    ----------
    hexagons : pandas.DataFrame
        `q`, `r`, `month`, `category`, `count`.
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
    counts = hexagons["count"]
    year = hexagons.assign(
        last_12=counts.where(hexagons["month"].isin(last), 0),
        previous_12=counts.where(hexagons["month"].isin(previous), 0),
    )
    by_cell = year.groupby(["q", "r", "category"], sort=True, as_index=False)
    found = by_cell[["last_12", "previous_12"]].sum()
    found = found[found["last_12"].add(found["previous_12"]).gt(0)].reset_index(drop=True)
    return found.assign(a_month=found["last_12"] / BASELINE_MONTHS)
