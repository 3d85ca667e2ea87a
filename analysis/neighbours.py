"""Who is near whom: neighbourhoods of hexagons, of squares and of points.

A neighbourhood always holds the place itself. Distances are BNG metres where points are given;
hexagons and squares count steps, so their neighbourhoods are exact and need no tolerance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.crs import BNG, require_bng
from geodata.hexagons import (
    DEFAULT_SIDE,
    centre,
    hexagon_ids,
    hexagon_of,
    hexagon_polygons,
    parse_hexagon_id,
)

if TYPE_CHECKING:
    from scipy import sparse

COLLAR_M = 500.0
"""How far outside the borough reports are kept, metres."""
LEAST_SHARE = 1 / 3
"""A cell with less of its area inside takes no part where the collar is missing."""


@dataclass(frozen=True)
class Neighbourhoods:
    """The neighbourhoods of one set of places, at one or more sizes.

    Attributes
    ----------
    places : pandas.Index
        Names of the places, in the order of rows and columns.
    sizes : tuple of scipy.sparse.csr_array
        For each size a binary matrix: row i marks the neighbourhood of place i, itself included.
    """

    places: pd.Index
    sizes: tuple[sparse.csr_array, ...]

    def among(self, kept: np.ndarray) -> Neighbourhoods:
        """Keep some places, and of every neighbourhood only those."""
        rows = np.flatnonzero(kept)
        sizes = tuple(matrix[rows][:, rows] for matrix in self.sizes)
        return Neighbourhoods(self.places[rows], sizes)


def hexagon_neighbourhoods(
    hexagons: Sequence[str] | pd.Index | pd.Series, *, rings: Sequence[int] = (1, 2)
) -> Neighbourhoods:
    """Find the hexagons within so many steps of each hexagon.

    Parameters
    ----------
    hexagons : sequence of str
        Names of cells of one side, `h<side>_<q>_<r>`, each once. Cells that are not listed are in
        no neighbourhood, so cells at the edge have smaller ones.
    rings : sequence of int, default (1, 2)
        Sizes: 1 is the cell and the six around it (7 cells), 2 adds the next twelve (19 cells).

    Returns
    -------
    Neighbourhoods

    Raises
    ------
    ValueError
        If a name is not a cell's, comes twice, or the sides differ.

    Examples
    --------
    >>> near = hexagon_neighbourhoods(["h200_0_0", "h200_1_0", "h200_5_5"], rings=(1,))
    >>> near.sizes[0].toarray().astype(int).tolist()
    [[1, 1, 0], [1, 1, 0], [0, 0, 1]]
    """
    places = pd.Index(hexagons)
    if places.has_duplicates:
        raise ValueError("a hexagon is listed twice")
    parsed = np.array([parse_hexagon_id(name) for name in places], dtype="int64").reshape(-1, 3)
    if len(np.unique(parsed[:, 0])) > 1:
        raise ValueError("the hexagons have different sides")
    q, r = parsed[:, 1], parsed[:, 2]
    steps = [np.array(list(_hexagon_steps(ring))) for ring in rings]
    return Neighbourhoods(places, tuple(_lattice(q, r, step) for step in steps))


def square_neighbourhoods(
    rows: int, columns: int, *, rings: Sequence[int] = (1, 2)
) -> Neighbourhoods:
    """Find the cells within so many king's moves of each cell of a rectangular grid.

    Made for comparing with published results on square grids; the product itself uses hexagons.

    Examples
    --------
    >>> near = square_neighbourhoods(3, 3, rings=(1,))
    >>> near.sizes[0].sum(axis=1).astype(int).tolist()
    [4, 6, 4, 6, 9, 6, 4, 6, 4]
    """
    row, column = np.divmod(np.arange(rows * columns), columns)
    steps = [np.array([(a, b) for a in range(-k, k + 1) for b in range(-k, k + 1)]) for k in rings]
    places = pd.RangeIndex(rows * columns)
    return Neighbourhoods(places, tuple(_lattice(row, column, step) for step in steps))


def point_neighbourhoods(x: np.ndarray, y: np.ndarray, distance: float) -> Neighbourhoods:
    """Find the points within a distance of each point, that distance included.

    Parameters
    ----------
    x, y : numpy.ndarray
        BNG metres.
    distance : float
        Metres.

    Examples
    --------
    >>> near = point_neighbourhoods(np.array([0.0, 3.0, 9.0]), np.array([0.0, 4.0, 0.0]), 5.0)
    >>> near.sizes[0].toarray().astype(int).tolist()
    [[1, 1, 0], [1, 1, 0], [0, 0, 1]]
    """
    points = shapely.points(np.asarray(x, dtype="float64"), np.asarray(y, dtype="float64"))
    one, other = shapely.STRtree(points).query(points, predicate="dwithin", distance=distance)
    return Neighbourhoods(pd.RangeIndex(len(points)), (_binary(one, other, len(points)),))


def collar_cells(
    wards: gpd.GeoDataFrame, side: int = DEFAULT_SIDE, *, width_m: float = COLLAR_M
) -> gpd.GeoDataFrame:
    """List the cells outside the borough that reports kept around it still cover whole.

    Reports up to `width_m` outside the wards are kept. A cell that meets no ward but lies wholly
    within that distance has its count complete, so it can serve as a neighbour of the borough's
    cells; a cell cut by the collar's outer edge cannot, because half a cell looks quiet.

    Parameters
    ----------
    wards : geopandas.GeoDataFrame
        Polygons, BNG.
    side : int, default 200
        Side of the cells, metres.
    width_m : float, default 500
        Width of the collar, metres.

    Returns
    -------
    geopandas.GeoDataFrame
        `hexagon`, `easting`, `northing` (centre) and geometry, BNG, ordered by hexagon.

    Raises
    ------
    CrsError
        If the wards are not in BNG.

    Examples
    --------
    >>> square = gpd.GeoDataFrame({"ward_code": ["E05000001"]}, crs=BNG,
    ...                           geometry=[shapely.box(-50, -50, 50, 50)])
    >>> [len(collar_cells(square, 100, width_m=width)) for width in (250, 150)]
    [6, 0]
    """
    require_bng(wards, "The ward boundaries")
    borough = shapely.union_all(wards.geometry.to_numpy())
    reach = shapely.buffer(borough, width_m, quad_segs=32)
    minx, miny, maxx, maxy = shapely.bounds(reach)
    step = side / 2
    columns, rows = np.arange(minx, maxx + step, step), np.arange(miny, maxy + step, step)
    grid_x, grid_y = np.meshgrid(columns, rows)
    found = np.unique(np.column_stack(hexagon_of(grid_x.ravel(), grid_y.ravel(), side)), axis=0)
    q, r = found[:, 0], found[:, 1]
    cells = hexagon_polygons(q, r, side)
    shared = shapely.area(shapely.intersection(cells, borough))
    whole = shapely.covers(reach, cells) & (shared <= 1e-6)
    q, r, cells = q[whole], r[whole], cells[whole]
    x, y = centre(q, r, side)
    frame = pd.DataFrame({"hexagon": hexagon_ids(q, r, side), "easting": x, "northing": y})
    collar = gpd.GeoDataFrame(frame, geometry=cells, crs=BNG)
    return collar.sort_values("hexagon", kind="stable").reset_index(drop=True)


def share_as_exposure(cells: pd.DataFrame, *, least: float = LEAST_SHARE) -> pd.Series:
    """Take the share of a cell inside the borough for its exposure, where no collar is stored.

    Without reports from outside, a cell at the edge holds only its inside part, and that is what
    it should be compared with. Slivers are left out: one report on a fiftieth of a cell makes a
    rate that drowns all others.

    Parameters
    ----------
    cells : pandas.DataFrame
        `hexagon`, `inside_share` (0-1), as from `geodata.hexagons.cover`.
    least : float, default 1/3
        Smaller shares become missing, and the cell takes no part.

    Returns
    -------
    pandas.Series
        Indexed by `hexagon`.

    Examples
    --------
    >>> cells = pd.DataFrame({"hexagon": ["a", "b"], "inside_share": [0.9, 0.02]})
    >>> share_as_exposure(cells).tolist()
    [0.9, nan]
    """
    share = cells.set_index("hexagon")["inside_share"]
    return share.where(share >= least)


def _hexagon_steps(ring: int) -> Iterator[tuple[int, int]]:
    for q in range(-ring, ring + 1):
        for r in range(max(-ring, -q - ring), min(ring, -q + ring) + 1):
            yield q, r


def _lattice(a: np.ndarray, b: np.ndarray, steps: np.ndarray) -> sparse.csr_array:
    """Match every cell moved by every step with the cells there are."""
    lowest, span = b.min() - np.abs(steps).max(), np.ptp(b) + 2 * np.abs(steps).max() + 1
    key = a * span + (b - lowest)
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    ones, others = [], []
    for da, db in steps.tolist():
        wanted = (a + da) * span + (b + db - lowest)
        at = np.minimum(np.searchsorted(ordered, wanted), len(ordered) - 1)
        met = np.flatnonzero(ordered[at] == wanted)
        ones.append(met)
        others.append(order[at[met]])
    return _binary(np.concatenate(ones), np.concatenate(others), len(a))


def _binary(row: np.ndarray, column: np.ndarray, n: int) -> sparse.csr_array:
    from scipy.sparse import coo_array

    ones = np.ones(len(row), dtype="float32")
    matrix = coo_array((ones, (row, column)), shape=(n, n)).tocsr()
    matrix.sort_indices()
    return matrix
