"""What people find their way by on a map: water and main roads, thinned out so that it stays light.

Stations and parks are drawn as places; the streets themselves are too many to draw.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import shapely

from geodata import layers
from geodata.crs import BNG
from geodata.workspace import Workspace

MAIN = ("trunk", "primary", "secondary")
"""Kinds of street that are drawn, the most important first."""

MOST_CORNERS = 3_000
"""Corners of all roads together: some 60 kB. Lesser kinds are left out beyond."""

_TOLERANCE_M, _SHORTEST_M = 12.0, 60.0


@dataclass(frozen=True)
class Bearings:
    """Shapes to draw lightly, in BNG; None where the workspace has none.

    Attributes
    ----------
    water, roads : geopandas.GeoDataFrame or None
        `name` and shapes; roads have `kind` for a name.
    """

    water: gpd.GeoDataFrame | None
    roads: gpd.GeoDataFrame | None


def bearings(workspace: Workspace) -> Bearings:
    """Pick what to draw for bearings, from the layers that were fetched or drawn for the demo.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    """
    water, streets = layers.water(workspace), layers.streets(workspace)
    thin = None
    if water is not None:
        thin = water.set_geometry(water.geometry.simplify(_TOLERANCE_M))
    return Bearings(thin, None if streets is None else main_roads(streets))


def main_roads(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
    """Join the main streets of a network to long thin lines; None if it has none.

    Parameters
    ----------
    streets : geopandas.GeoDataFrame
        `kind` and lines, as `geodata.street_network.network_of` gives them.

    Examples
    --------
    >>> ends = [[(0, 0), (90, 0)], [(90, 0), (200, 1)], [(0, 0), (0, 500)]]
    >>> network = gpd.GeoDataFrame({"kind": ["primary", "primary", "footway"]},
    ...     geometry=[shapely.LineString(e) for e in ends], crs=BNG)
    >>> main_roads(network).geometry.to_wkt().tolist()
    ['LINESTRING (0 0, 200 1)']
    """
    rows: list[tuple[str, shapely.Geometry]] = []
    corners = 0
    for kind in MAIN:
        lines = streets.geometry[streets["kind"].str.removesuffix("_link") == kind]
        joined = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines.to_numpy())))
        thin = shapely.simplify(joined[shapely.length(joined) >= _SHORTEST_M], _TOLERANCE_M)
        corners += int(shapely.get_num_coordinates(thin).sum())
        if corners > MOST_CORNERS:
            break
        rows += [(kind, line) for line in thin]
    if not rows:
        return None
    names = [kind for kind, _ in rows]
    return gpd.GeoDataFrame({"name": names}, geometry=[line for _, line in rows], crs=BNG)
