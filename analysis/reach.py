"""Do the files reach as far as the wards do, and beyond? Zeros only mean something where they do.

A file cut to another borough, or to this one's outline, looks like quiet streets. These checks say
so; they guess nothing and change no count. Areas in km², from shapes in BNG.
"""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely

from geodata.crs import require_bng
from geodata.ward_join import COLLAR_M

LEAST_PER_WARD = 20.0
"""Reports a ward and month, on average over the source's months, below which nothing is said: in
sparse data an empty ward is no news."""

SILENT_SHARE = 0.3
"""Share of wards without any report in a month from which the month is called in doubt."""

LEAST_INSIDE = 200
"""Reports inside the wards below which nothing is said of the collar."""

THIN_COLLAR = 0.1
"""Density of reports in the collar, against that inside, below which the collar is called thin."""


def doubtful_months(by_ward_month: pd.DataFrame, wards: int) -> pd.Series:
    """Find months in which many wards have no report at all, of any kind.

    Parameters
    ----------
    by_ward_month : pandas.DataFrame
        Reports of one source, all categories: wards with at least one report (rows) by month
        (columns). A month whose files have rows, all of them elsewhere, is a column of zeros; a
        month whose files are empty is no column.
    wards : int
        How many wards there are.

    Returns
    -------
    pandas.Series
        By month: how many wards are silent; only months in doubt. Empty where the source has
        fewer than 20 reports a ward and month in its fullest month.

    Notes
    -----
    A force that covers only a part of the area by its nature (transport police, the City) is
    counted with the others of its source, so that it does not raise the alarm by itself.

    Examples
    --------
    >>> counts = pd.DataFrame({"2026-01": [90, 80, 95], "2026-02": [85, 0, 0]})
    >>> doubtful_months(counts, 3).to_dict()
    {'2026-02': 2}
    """
    if not wards or by_ward_month.sum().max() < LEAST_PER_WARD * wards:
        return pd.Series(dtype="int64")
    silent = wards - (by_ward_month > 0).sum()
    return silent[silent >= SILENT_SHARE * wards]


def collar_density(wards: gpd.GeoDataFrame, inside: int, in_collar: int) -> float:
    """Compare the density of reports around the wards with that inside them.

    Parameters
    ----------
    wards : geopandas.GeoDataFrame
        Polygons in BNG.
    inside, in_collar : int
        Reports inside the wards, and outside them within 500 m.

    Returns
    -------
    float
        Reports per km² of the collar over reports per km² of the wards; NaN with fewer than 200
        reports inside, which tell nothing of what is around them.

    Raises
    ------
    CrsError
        If the wards are not in BNG.

    Examples
    --------
    >>> from geodata.crs import BNG
    >>> square = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1000, 1000)], crs=BNG)
    >>> round(collar_density(square, 1000, 278), 2)
    0.1
    """
    require_bng(wards, "The ward boundaries")
    if inside < LEAST_INSIDE:
        return float("nan")
    land = shapely.union_all(wards.geometry.to_numpy())
    around = land.buffer(COLLAR_M).area - land.area
    return (in_collar / around) / (inside / land.area)
