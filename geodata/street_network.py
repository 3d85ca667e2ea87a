"""Turn lines of streets into a network to walk on: cut where they meet, ends numbered. BNG metres.

Streets meet where they share a corner, to the centimetre, as OpenStreetMap draws them. Lines that
merely cross on the map (a bridge over a road) share none and stay apart.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.crs import require_bng

WAY_FRAME = ("way_id", "name", "kind", "lit", "steps", "tunnel", "geometry")
STREET_FRAME = (
    *("street_id", "from_node", "to_node", "length_m", "lit", "name", "kind", "steps", "tunnel"),
    "geometry",
)
_SAME_M = 0.01
"""Corners this close are one place: OpenStreetMap keeps about a centimetre."""


def network_of(ways: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Cut streets where they meet, and number the places where they begin and end.

    Parameters
    ----------
    ways : geopandas.GeoDataFrame
        `way_id`, `name`, `kind`, `lit`, `steps`, `tunnel`, single lines in BNG.

    Returns
    -------
    geopandas.GeoDataFrame
        `street_id` (the way's id and the number of the piece, 'way/7:2'), `from_node`, `to_node`
        (whole numbers from 0, by easting and northing), `length_m`, `lit`, `name`, `kind`,
        `steps`, `tunnel`, lines in BNG; by way, in the order of its pieces. A graph is these
        three columns: `from_node`, `to_node`, `length_m`. Two pieces may join the same two
        nodes, and a piece may end where it began. Pieces of no length are left out.

    Raises
    ------
    CrsError
        If the ways are not in BNG.

    Examples
    --------
    >>> from geodata.crs import BNG
    >>> ways = gpd.GeoDataFrame(
    ...     {"way_id": ["a", "b"], "name": "", "kind": "footway", "lit": "yes", "steps": False,
    ...      "tunnel": False},
    ...     geometry=[shapely.LineString([(0, 0), (30, 40), (60, 80)]),
    ...               shapely.LineString([(30, 40), (30, 100)])], crs=BNG)
    >>> found = network_of(ways)
    >>> found[["street_id", "from_node", "to_node", "length_m"]].to_numpy().tolist()
    [['a:1', 0, 1, 50.0], ['a:2', 1, 3, 50.0], ['b:1', 1, 2, 60.0]]
    """
    require_bng(ways, "The streets")
    ways = ways.sort_values("way_id", kind="stable", ignore_index=True)
    corners, way = shapely.get_coordinates(ways.geometry.to_numpy(), return_index=True)
    corners, way, place = _distinct_neighbours(corners, way)
    first, last = _pieces(way, place)
    if not len(first):
        return _frame(ways.iloc[:0], first, first, first, first)
    length = last - first + 1
    starts = np.repeat(np.cumsum(length) - length, length)
    within = np.arange(length.sum()) - starts + np.repeat(first, length)
    lines = shapely.linestrings(corners[within], indices=np.repeat(np.arange(len(first)), length))
    nodes = np.unique(np.concatenate([place[first], place[last]]))
    start, end = np.searchsorted(nodes, place[first]), np.searchsorted(nodes, place[last])
    return _frame(ways, way[first], start, end, lines)


def _distinct_neighbours(
    corners: np.ndarray, way: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give every corner the number of its place; drop one at the place of the one before."""
    whole = np.rint(corners / _SAME_M).astype("int64")
    place = np.unique(whole, axis=0, return_inverse=True)[1].ravel()
    again = np.zeros(len(place), dtype=bool)
    again[1:] = (place[1:] == place[:-1]) & (way[1:] == way[:-1])
    return corners[~again], way[~again], place[~again]


def _pieces(way: np.ndarray, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give where each piece begins and ends among the corners."""
    if not len(way):
        return np.zeros(0, dtype="int64"), np.zeros(0, dtype="int64")
    is_new = np.diff(way, prepend=way[0] - 1) != 0
    is_end = np.append(is_new[1:], True)
    meets = np.bincount(place)[place] > 1
    cuts = np.flatnonzero(is_new | is_end | meets)
    together = way[cuts[:-1]] == way[cuts[1:]]
    return cuts[:-1][together], cuts[1:][together]


def _frame(
    ways: gpd.GeoDataFrame, way: np.ndarray, start: np.ndarray, end: np.ndarray, lines: np.ndarray
) -> gpd.GeoDataFrame:
    rows = ways.iloc[way].reset_index(drop=True)
    piece = rows.groupby("way_id").cumcount() + 1
    shapes = gpd.GeoSeries(lines.astype("object"), crs=ways.crs)
    content = pd.DataFrame(
        {
            "street_id": rows["way_id"].astype(str) + ":" + piece.astype(str),
            "from_node": np.asarray(start, dtype="int64"),
            "to_node": np.asarray(end, dtype="int64"),
            "length_m": shapes.length.round(2).to_numpy(),
            **{name: rows[name] for name in ("lit", "name", "kind", "steps", "tunnel")},
        }
    )
    return gpd.GeoDataFrame(content, geometry=shapes, crs=ways.crs)[list(STREET_FRAME)]
