"""Counts per area, with the exposures that make them comparable."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.crs import require_bng


def with_rates(areas: gpd.GeoDataFrame, population: pd.DataFrame) -> gpd.GeoDataFrame:
    """Add counts per square kilometre and per 1,000 residents.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        `ward_code`, `count`, `area_km2` (inside the wards), geometry, BNG.
    population : pandas.DataFrame
        `ward_code`, `residents`; may be empty. Pass it only where an area is a ward: residents of
        a ward say nothing of a hexagon in it.

    Returns
    -------
    geopandas.GeoDataFrame
        With `per_km2` and `per_1000` (NaN without residents).

    Notes
    -----
    Few of those who use a high street live in its ward: a rate per resident overstates town
    centres. It is shown beside the count, never instead of it.

    Examples
    --------
    >>> import shapely
    >>> from geodata.crs import BNG
    >>> square = gpd.GeoDataFrame({"ward_code": ["A"], "count": [50], "area_km2": [2.0]},
    ...     geometry=[shapely.box(0, 0, 1000, 2000)], crs=BNG)
    >>> rated = with_rates(square, pd.DataFrame({"ward_code": ["A"], "residents": [10_000]}))
    >>> rated[["per_km2", "per_1000"]].to_numpy().tolist()
    [[25.0, 5.0]]
    """
    require_bng(areas, "The areas")
    residents = population.set_index("ward_code")["residents"] if len(population) else None
    exposure = (
        areas["ward_code"].map(residents).astype("float64")
        if residents is not None
        else pd.Series(np.nan, index=areas.index)
    )
    return areas.assign(
        per_km2=areas["count"] / areas["area_km2"],
        per_1000=1000 * areas["count"] / exposure.where(exposure > 0),
    )


def share_words(shares: pd.DataFrame) -> pd.Series:
    """Say how a hexagon's area is divided between wards.

    Parameters
    ----------
    shares : pandas.DataFrame
        From `geodata.hexagons.ward_shares`: `hexagon`, `ward_name`, `share` (0-1).

    Returns
    -------
    pandas.Series
        By hexagon: 'Weavers 62 %, Whitechapel 30 %, outside 8 %', largest first.

    Examples
    --------
    >>> shares = pd.DataFrame({"hexagon": ["h", "h"], "ward_name": ["A", "B"], "share": [0.3, 0.6]})
    >>> share_words(shares)["h"]
    'B 60 %, A 30 %, outside 10 %'
    """
    ordered = shares.sort_values(["hexagon", "share", "ward_name"], ascending=[True, False, True])
    parts = ordered["ward_name"].astype(str) + ordered["share"].map(lambda s: f" {_per_cent(s)}")
    words = parts.groupby(ordered["hexagon"], sort=True).agg(", ".join)
    outside = 1 - ordered.groupby("hexagon", sort=True)["share"].sum()
    tail = outside.map(lambda s: f", outside {_per_cent(s)}" if s >= 0.005 else "")
    return words + tail


def _per_cent(share: float) -> str:
    return "under 1 %" if share < 0.005 else f"{100 * share:.0f} %"
