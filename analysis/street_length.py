"""How much street lies in each place. Everything is in BNG metres."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.crs import require_bng


def street_km(places: gpd.GeoDataFrame, streets: gpd.GeoDataFrame) -> pd.Series:
    """Measure the length of street within each place.

    Parameters
    ----------
    places : geopandas.GeoDataFrame
        Polygons in BNG.
    streets : geopandas.GeoDataFrame
        Lines in BNG. A line that runs along an edge counts in both places.

    Returns
    -------
    pandas.Series
        Kilometres, on the index of `places`.

    Raises
    ------
    geodata.errors.CrsError
        If either is not in BNG.

    Examples
    --------
    >>> from geodata.crs import BNG
    >>> squares = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1000, 9),
    ...                                      shapely.box(1000, 0, 2000, 9)], crs=BNG)
    >>> road = gpd.GeoDataFrame(geometry=[shapely.LineString([(500, 5), (1250, 5)])], crs=BNG)
    >>> street_km(squares, road).tolist()
    [0.5, 0.25]
    """
    require_bng(places, "The places")
    require_bng(streets, "The streets")
    lines, shapes = streets.geometry.to_numpy(), places.geometry.to_numpy()
    tree = shapely.STRtree(lines)
    place, line = tree.query(shapes, predicate="intersects")
    metres = shapely.length(shapely.intersection(lines[line], shapes[place]))
    total = np.bincount(place, weights=metres, minlength=len(shapes))
    return pd.Series(total / 1000, index=places.index)
