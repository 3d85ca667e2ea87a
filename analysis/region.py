"""Counts of a region or a country, a partition at a time: what each machine does, and the sum.

Pure: frames in, frames out. `count_partition` needs one partition and the wards; `add_up` needs the
tables of one bucket. Neither ever holds the whole. The same functions serve one process and many.
Coordinates are British National Grid metres.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata import months as m
from geodata.hexagons import hexagon_of
from geodata.ward_join import assign_wards_xy

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
        wards.
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


def count_partition(reports: pd.DataFrame, wards: gpd.GeoDataFrame, side: int) -> Part:
    """Join one partition to the wards and count it by hexagon and by ward.

    Each distinct place is joined and put in its hexagon once, then rows are grouped by whole
    numbers: open data repeat 750,000 snap points eighteen million times.

    Parameters
    ----------
    reports : pandas.DataFrame
        `month`, `category`, `easting`, `northing` (BNG metres, missing without a place).
    wards : geopandas.GeoDataFrame
        `ward_code` and polygons in BNG (`geodata.ward_join`).
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
    >>> part = count_partition(reports, square, 200)
    >>> part.hexagons.values.tolist(), part.wards["count"].tolist()
    ([[0, 0, '2026-01', 'a', 2]], [2])
    >>> part.rows, part.inside, part.outside, part.no_location
    (4, 2, 1, 1)
    """
    x, y = (reports[c].to_numpy(dtype="float64") for c in ("easting", "northing"))
    located = np.isfinite(x) & np.isfinite(y)
    places, row_place = np.unique(x[located] + 1j * y[located], return_inverse=True)
    joined = assign_wards_xy(pd.Series(places.real), pd.Series(places.imag), wards)
    is_inside = joined["ward_match"].eq("inside").to_numpy()[row_place]
    place = row_place[is_inside]
    kept = np.flatnonzero(located)[is_inside]
    month, category = (pd.Categorical(reports[c].iloc[kept]) for c in ("month", "category"))
    q, r = hexagon_of(places.real, places.imag, side)
    cells, cell = np.unique(np.column_stack([q, r]), axis=0, return_inverse=True)
    ward, codes = pd.factorize(joined["ward_code"])
    by_cell = _grouped(cell.ravel()[place], len(cells), month, category)
    by_ward = _grouped(ward[place], len(codes), month, category)
    cell_of, ward_of = by_cell.pop("area"), by_ward.pop("area")
    by_cell.insert(0, "q", cells[cell_of, 0])
    by_cell.insert(1, "r", cells[cell_of, 1])
    by_ward.insert(0, "ward_code", np.asarray(codes, dtype=object)[ward_of].astype(str))
    return Part(
        by_cell, by_ward, rows=len(reports), inside=len(kept),
        outside=int(located.sum()) - len(kept), no_location=int((~located).sum()),
    )  # fmt: skip


def _grouped(
    area: np.ndarray, areas: int, month: pd.Categorical, category: pd.Categorical
) -> pd.DataFrame:
    """Count rows by area, month and category; each combination is one whole number."""
    months, kinds = len(month.categories), len(category.categories)
    key = (area.astype("int64") * months + month.codes) * kinds + category.codes
    size = areas * months * kinds
    if size <= 4 * len(key) + 1024:  # few combinations: counting beats sorting
        counted = np.bincount(key, minlength=size)
        keys = np.flatnonzero(counted)
        counts = counted[keys]
    else:
        keys, counts = np.unique(key, return_counts=True)
    rest, kind = np.divmod(keys, max(kinds, 1))
    place, when = np.divmod(rest, max(months, 1))
    return pd.DataFrame({
        "area": place,
        "month": np.asarray(month.categories, dtype=object)[when].astype(str),
        "category": np.asarray(category.categories, dtype=object)[kind].astype(str),
        "count": counts.astype("int64"),
    })  # fmt: skip


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
    together = pd.concat(list(tables), ignore_index=True)
    return together.groupby(list(keys), sort=True, as_index=False)[["count"]].sum()


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
