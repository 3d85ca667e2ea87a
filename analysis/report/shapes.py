"""Shapes made ready for drawing: simplified, in degrees, rounded, with a place for their name.

Comes in as BNG (metres), goes out as longitude and latitude (WGS84, decimal degrees). What is drawn
is never what is counted with: ward edges are smoothed by up to `TOLERANCE_M`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geodata.crs import require_bng, to_lonlat

TOLERANCE_M = 8.0
"""Metres a drawn ward edge may lie off the true one: under a pixel with a whole borough in view."""

DECIMALS = 6
"""Decimals of a degree: 0.1 m."""

_SIMPLE = 12  # a shape with no more corners than this is drawn as it is


def drawable(shapes: gpd.GeoSeries) -> np.ndarray:
    """Simplify shapes for drawing, so that neighbours still share their edges. BNG in and out.

    Raises
    ------
    CrsError
        If the shapes are not in BNG.

    Examples
    --------
    >>> import shapely, geopandas as gpd
    >>> from geodata.crs import BNG
    >>> wobbly = shapely.box(0, 0, 900, 900).segmentize(50)
    >>> shapely.get_num_coordinates(drawable(gpd.GeoSeries([wobbly], crs=BNG))).tolist()
    [5]
    """
    require_bng(shapes, "What is drawn")
    plain = shapes.to_numpy()
    if not len(plain) or shapely.get_num_coordinates(plain).max() <= _SIMPLE:
        return plain
    if bool(shapely.coverage_is_valid(plain)):
        return shapely.coverage_simplify(plain, TOLERANCE_M)
    return shapely.simplify(plain, TOLERANCE_M, preserve_topology=True)


def lonlat(shapes: np.ndarray) -> np.ndarray:
    """Turn BNG shapes into longitude and latitude, rounded to `DECIMALS`.

    Examples
    --------
    >>> import shapely, numpy as np
    >>> point = lonlat(np.array([shapely.Point(536_540, 182_543)]))[0]
    >>> round(point.x, 3), round(point.y, 3)
    (-0.033, 51.525)
    """

    def step(coordinates: np.ndarray) -> np.ndarray:
        lon, lat = to_lonlat(coordinates[:, 0], coordinates[:, 1])
        return np.column_stack([lon, lat]).round(DECIMALS)

    return shapely.transform(shapely.force_2d(shapes), step)


def feature_collection(
    shapes: np.ndarray, ids: Iterable[str], properties: Iterable[dict[str, Any]]
) -> dict[str, Any]:
    """Build GeoJSON from BNG shapes. Features without a shape are left out."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": name,
                "properties": values,
                "geometry": shapely.geometry.mapping(shape),
            }
            for shape, name, values in zip(lonlat(shapes), ids, properties, strict=True)
            if shape is not None and not shape.is_empty
        ],
    }


CONTEXT_KINDS = ("station", "park")
"""Kinds of places drawn for orientation: what people steer by, and few enough to read."""


def context_places(places: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
    """Pick the places worth drawing on a map, as points; None if there are none."""
    if places is None or not len(places):
        return None
    chosen = places[places["kind"].isin(CONTEXT_KINDS)]
    if not len(chosen):
        return None
    order = chosen["kind"].map(CONTEXT_KINDS.index)
    chosen = chosen.iloc[np.argsort(order, kind="stable")]
    return chosen.set_geometry(chosen.geometry.representative_point())


def label_points(shapes: np.ndarray) -> np.ndarray:
    """Find where a name fits best inside each shape: the centre of the largest circle in it. BNG.

    Examples
    --------
    >>> import shapely, numpy as np
    >>> label_points(np.array([shapely.box(0, 0, 100, 100)]))[0].distance(shapely.Point(50, 50)) < 5
    True
    """
    if not len(shapes):
        return shapes
    # The line starts at the centre of the circle and ends where it touches the edge.
    circles = shapely.maximum_inscribed_circle(shapes, tolerance=5.0)
    return shapely.get_point(circles, 0)


def padded_bounds(shapes: Sequence[Any] | np.ndarray, share: float = 0.02) -> tuple[float, ...]:
    """Box around shapes with a margin, in the units of the shapes: minx, miny, maxx, maxy."""
    minx, miny, maxx, maxy = shapely.total_bounds(np.asarray(shapes, dtype=object))
    margin = share * max(maxx - minx, maxy - miny, 1e-9)
    return (minx - margin, miny - margin, maxx + margin, maxy + margin)


def wrapped(name: str, width: int = 16) -> list[str]:
    """Break a name into lines at its blanks, for a label.

    Examples
    --------
    >>> wrapped("Spitalfields and Banglatown"), wrapped("Bow East")
    (['Spitalfields and', 'Banglatown'], ['Bow East'])
    """
    lines: list[str] = []
    for word in name.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
