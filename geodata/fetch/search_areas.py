"""The areas to search for reports: each ward, and outside the outermost wards a collar of 500 m.

In: wards in British National Grid (metres). Out: rings in BNG, and as the police API writes them.
A ring covers at least its ward; where neighbours overlap by a few metres, a report comes twice and
is told by its id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from geodata.crs import require_bng, to_lonlat
from geodata.ward_join import COLLAR_M

MARGIN_M = 10.0
"""Metres by which a ring may bulge over its area, so that thinning out its corners cuts nothing."""

MOST_CORNERS = 400
"""A ring with more corners is thinned out further: a POST of some 8 kB."""


@dataclass(frozen=True)
class SearchArea:
    """One ring to search.

    Attributes
    ----------
    name : str
        For people: the ward's name, with a number where it has several parts or was split.
    ring : shapely.Polygon
        In BNG, without holes.
    """

    name: str
    ring: Polygon

    def poly(self) -> str:
        """Write the ring as the police API takes it: 'lat,lng:lat,lng', five decimals (a metre)."""
        x, y = self.ring.exterior.xy
        lon, lat = to_lonlat(x[:-1], y[:-1])
        return ":".join(f"{b:.5f},{a:.5f}" for a, b in zip(lon, lat, strict=True))

    def halves(self) -> list[SearchArea]:
        """Cut the ring in two across its longer side; a bent one may fall into more pieces."""
        west, south, east, north = self.ring.bounds
        if east - west >= north - south:
            middle = (west + east) / 2
            boxes = [(west, south, middle, north), (middle, south, east, north)]
        else:
            middle = (south + north) / 2
            boxes = [(west, south, east, middle), (west, middle, east, north)]
        # A metre over the cut on both sides: five decimals of a degree round by as much.
        cuts = [shapely.box(a - 1, b - 1, c + 1, d + 1) for a, b, c, d in boxes]
        pieces = [p for cut in cuts for p in _polygons(self.ring.intersection(cut))]
        return [SearchArea(f"{self.name}, part {n}", p) for n, p in enumerate(pieces, start=1)]


def search_areas(wards: gpd.GeoDataFrame, *, collar: float = COLLAR_M) -> list[SearchArea]:
    """List the rings that together cover the wards and `collar` metres round them.

    Parameters
    ----------
    wards : geopandas.GeoDataFrame
        `ward_code`, `ward_name`, polygons in BNG.
    collar : float
        Metres beyond the outermost boundary.

    Returns
    -------
    list of SearchArea
        In the order of the wards.

    Raises
    ------
    CrsError
        If the wards are not in BNG.

    Examples
    --------
    >>> from geodata.crs import BNG
    >>> from shapely.geometry import box
    >>> wards = gpd.GeoDataFrame({"ward_code": ["A", "B"], "ward_name": ["West", "East"]},
    ...     geometry=[box(530000, 180000, 531000, 181000), box(531000, 180000, 532000, 181000)],
    ...     crs=BNG)
    >>> [(a.name, round(a.ring.area / 1e6, 1)) for a in search_areas(wards)]
    [('West', 3.3), ('East', 3.3)]
    """
    require_bng(wards, "The wards")
    everything = wards.union_all()
    areas = []
    for name, ward in zip(wards["ward_name"], wards.geometry, strict=True):
        outside = ward.buffer(collar).difference(everything) if collar else Polygon()
        # A piece of collar that hangs together with another ward only is nearer to that one, which
        # brings it: from a place outside, the way to the nearest ward leads through no other.
        pieces = _polygons(ward.union(outside).buffer(MARGIN_M / 2))
        rings = [_thin(p) for p in pieces if p.intersection(ward).area > 0]
        names = [name] if len(rings) == 1 else [f"{name}, part {n + 1}" for n in range(len(rings))]
        areas += [SearchArea(n, r) for n, r in zip(names, rings, strict=True)]
    return areas


def _polygons(shape: BaseGeometry) -> Sequence[Polygon]:
    """List the polygons of a shape, each without its holes."""
    parts = shapely.get_parts(shape)
    return [Polygon(p.exterior) for p in parts if isinstance(p, Polygon) and p.area > 0]


def _thin(ring: Polygon) -> Polygon:
    """Take corners away until the ring is short enough, without ever cutting into it."""
    tolerance = MARGIN_M / 4
    thin = ring.simplify(tolerance)
    while shapely.get_num_coordinates(thin) > MOST_CORNERS:
        tolerance *= 2
        thin = ring.buffer(tolerance).simplify(tolerance)
    return Polygon(thin.exterior) if isinstance(thin, Polygon) else Polygon(ring.exterior)
