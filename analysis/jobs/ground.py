"""The ground that reports fall on: wards and hexagons, worked out once for all that ask.

It depends on the layers of a workspace and the size of hexagon, and on no report: no filter and no
import changes it. What comes back is shared: never change it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from osbng.indexing import xy_to_bng

from analysis.areas import share_words
from analysis.neighbours import Neighbourhoods, collar_cells, hexagon_neighbourhoods
from geodata.crs import to_lonlat
from geodata.hexagons import DEFAULT_SIDE, cover_of, ward_shares
from geodata.shared import Shared
from geodata.workspace import Workspace

NEAR_PLACE_M = 250.0
"""A hexagon whose centre is this close to a named place is called after it."""


@dataclass(frozen=True, eq=False)
class Ground:
    """Wards and the hexagons of one size that meet them, each part worked out when first asked.

    Attributes
    ----------
    wards, places : geopandas.GeoDataFrame
        As `Workspace.wards` and `Workspace.places`.
    side : int
        Side of the hexagons, metres.
    """

    wards: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    side: int

    @cached_property
    def shares(self) -> pd.DataFrame:
        """As `geodata.hexagons.ward_shares`."""
        return ward_shares(self.wards, self.side)

    @cached_property
    def cells(self) -> gpd.GeoDataFrame:
        """As `geodata.hexagons.cover`."""
        return cover_of(self.shares, self.side)

    @cached_property
    def names(self) -> pd.Series:
        """Name of each cell, as `location_names`."""
        return location_names(self.cells, self.places)

    @cached_property
    def share_words(self) -> pd.Series:
        """As `analysis.areas.share_words`, by hexagon."""
        return share_words(self.shares)

    @cached_property
    def around(self) -> gpd.GeoDataFrame:
        """Cells outside the wards of which every report is kept, as `collar_cells`."""
        return collar_cells(self.wards, self.side)

    @cached_property
    def middle(self) -> tuple[float, float]:
        """Latitude and longitude of the middle of the wards."""
        middle = shapely.union_all(self.wards.geometry.to_numpy()).centroid
        lon, lat = to_lonlat(np.array([middle.x]), np.array([middle.y]))
        return float(lat[0]), float(lon[0])

    @cached_property
    def near(self) -> Neighbourhoods:
        """Neighbourhoods of the cells."""
        return hexagon_neighbourhoods(self.cells["hexagon"])

    @cached_property
    def near_with_around(self) -> Neighbourhoods:
        """Neighbourhoods of the cells and of those around the wards, under one another."""
        both = [self.cells["hexagon"], self.around["hexagon"]]
        return hexagon_neighbourhoods(pd.concat(both, ignore_index=True))


def ground_of(workspace: Workspace, side: int = DEFAULT_SIDE) -> Ground:
    """Give the ground of a workspace, for one size of hexagon.

    Parameters
    ----------
    workspace : Workspace
        Whose wards and places.
    side : int, default 200
        Side of the hexagons, metres.
    """
    layers = workspace.manifest().layers
    digests = tuple(layers[name].digest if name in layers else "" for name in ("wards", "places"))
    return _kept.get(
        (*digests, side), lambda: Ground(workspace.wards(), workspace.places(), side)
    )  # fmt: skip


_kept: Shared[Ground] = Shared(12)


def location_names(cells: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> pd.Series:
    """Name hexagons so that a person finds them: the nearest named place, or a grid reference.

    Parameters
    ----------
    cells : geopandas.GeoDataFrame
        `ward_name`, `easting`, `northing` (BNG metres).
    places : geopandas.GeoDataFrame
        `name`, points in BNG; may be empty.

    Returns
    -------
    pandas.Series
        On the index of `cells`: 'Whitechapel: near Whitechapel station' where a place lies within
        250 m of the centre, else 'Whitechapel: around TQ 345 815' (a 100 m square of the grid).
    """
    points = gpd.GeoSeries.from_xy(cells["easting"], cells["northing"], cells.index, crs=cells.crs)
    references = [
        f"around {xy_to_bng(e, n, 100).bng_ref_formatted}"
        for e, n in zip(cells["easting"], cells["northing"], strict=True)
    ]
    where = pd.Series(references, index=cells.index)
    if len(places):
        frame = gpd.GeoDataFrame(geometry=points, crs=cells.crs)
        near = frame.sjoin_nearest(places[["name", "geometry"]], max_distance=NEAR_PLACE_M)
        near = near.sort_values("name", kind="stable")
        near = near[~near.index.duplicated()]
        where.loc[near.index] = "near " + near["name"]
    return cells["ward_name"].astype(str) + ": " + where
