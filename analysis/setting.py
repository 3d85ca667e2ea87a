"""What a place is like to reach and to meet at: for surgeries and the mobile unit.

A table, a van and an officer need people passing, and somewhere to stand. Nothing here says how
safe a place is.
"""

from __future__ import annotations

from collections.abc import Collection

import geopandas as gpd
import numpy as np
import pandas as pd

from analysis.components import Reading

REACH_M = 400.0
"""Five minutes on foot, in metres: how far a station or a venue counts."""

STOPS = frozenset({"station", "bus_stop"})
VENUES = frozenset(
    {"market", "landmark", "park", "gardens", "library", "school", "estate", "venue"}
)
"""Kinds of place where a public meeting point can be set up; users add their own as places."""


def access(places: gpd.GeoDataFrame, cells: pd.DataFrame) -> Reading:
    """Count stations and stops within a walk, near ones for more.

    Parameters
    ----------
    places : geopandas.GeoDataFrame
        `kind`, points in BNG.
    cells : pandas.DataFrame
        Index: location ids; `easting`, `northing` of their centres, metres.

    Returns
    -------
    Reading
        Sum of 1 - d / 400 over stations and bus stops closer than 400 m; a station 100 m away
        counts .75. Missing throughout where no station or stop is known at all: a map that was
        not loaded is no borough without stations. It stands for footfall, which nobody counted.

    Examples
    --------
    >>> cells = pd.DataFrame({"easting": [0.0, 900.0], "northing": 0.0}, index=["a", "b"])
    >>> spots = gpd.GeoDataFrame({"kind": ["station"]}, geometry=gpd.points_from_xy([100], [0]))
    >>> access(spots, cells).raw.tolist()
    [0.75, 0.0]
    """
    return _near(places, cells, STOPS, "stations and stops", "needs stations on the map")


def venues(places: gpd.GeoDataFrame, cells: pd.DataFrame) -> Reading:
    """Count public places to meet at within a walk, near ones for more.

    Parameters and result as for `access`. Whether a van may stand at the kerb is not known.
    """
    return _near(
        places, cells, VENUES, "public places to meet at", "needs public places on the map"
    )


def _near(
    places: gpd.GeoDataFrame, cells: pd.DataFrame, kinds: Collection[str], what: str, needs: str
) -> Reading:
    from scipy.spatial import cKDTree

    wanted = places[places["kind"].isin(kinds)]
    if wanted.empty:
        return Reading(pd.Series(np.nan, cells.index), 0, needs)
    spots = np.column_stack([wanted.geometry.x, wanted.geometry.y])
    centres = cells[["easting", "northing"]].to_numpy("float64")
    apart = cKDTree(centres).sparse_distance_matrix(
        cKDTree(spots), REACH_M, output_type="coo_matrix"
    )
    nearness = np.bincount(apart.row, weights=1 - apart.data / REACH_M, minlength=len(cells))
    note = f"{what} within {REACH_M:.0f} m, {len(wanted)} on the map"
    return Reading(pd.Series(nearness, cells.index), len(wanted), note)
