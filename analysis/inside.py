"""How many reports lie in an area that somebody drew, and how many lie too near its edge to tell.

All coordinates and distances are BNG metres.
"""

from __future__ import annotations

import numpy as np
import shapely

NEAR_EDGE_M = 25.0
"""A report within so many metres of the edge, on either side, may belong to the other side."""


def lies_inside(x: np.ndarray, y: np.ndarray, area: shapely.Geometry) -> np.ndarray:
    """Tell which points lie in an area, its edge included; a point without a place does not.

    Distinct points are tested once, because police.uk repeats its points.

    Parameters
    ----------
    x, y : numpy.ndarray
        Eastings and northings; NaN for no place.
    area : shapely.Geometry
        Polygon or polygons.

    Returns
    -------
    numpy.ndarray
        bool.

    Examples
    --------
    >>> square = shapely.box(0, 0, 10, 10)
    >>> lies_inside(np.array([5.0, 10.0, 11.0, np.nan]), np.full(4, 5.0), square).tolist()
    [True, True, False, False]
    """
    return _tested(x, y, area)


def lies_near_edge(
    x: np.ndarray, y: np.ndarray, area: shapely.Geometry, *, metres: float = NEAR_EDGE_M
) -> np.ndarray:
    """Tell which points lie within a distance of an area's edge, inside or outside.

    Parameters
    ----------
    x, y, area
        As `lies_inside`.
    metres : float, default 25
        Distance, itself included.

    Returns
    -------
    numpy.ndarray
        bool.

    Examples
    --------
    >>> square = shapely.box(0, 0, 100, 100)
    >>> lies_near_edge(np.array([50.0, 90.0, 125.0, 126.0]), np.full(4, 50.0), square).tolist()
    [False, True, True, False]
    """
    edge = shapely.boundary(area)
    return _tested(x, y, edge, metres=metres)


def _tested(
    x: np.ndarray, y: np.ndarray, shape: shapely.Geometry, *, metres: float = 0.0
) -> np.ndarray:
    x, y = np.asarray(x, dtype="float64"), np.asarray(y, dtype="float64")
    west, south, east, north = shape.bounds
    near = (x >= west - metres) & (x <= east + metres) & (y >= south - metres)
    near &= y <= north + metres
    found = np.zeros(len(x), dtype=bool)
    rows = np.flatnonzero(near)
    distinct, which = np.unique(np.column_stack([x[rows], y[rows]]), axis=0, return_inverse=True)
    shapely.prepare(shape)
    points = shapely.points(distinct)
    met = shapely.dwithin(points, shape, metres) if metres else shapely.intersects(points, shape)
    found[rows] = met[which.reshape(-1)]
    return found
