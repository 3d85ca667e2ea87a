"""Flat-top hexagons fixed to the National Grid. All coordinates are BNG metres.

One hexagon is centred on BNG 0, 0, so two runs and two boroughs get the same cells. A cell is
named by its side and axial coordinates, `h<side>_<q>_<r>`: q counts columns eastward, r counts
north along a column that leans. Side s gives width 2s, height s·√3 and area 3√3/2·s².
"""

from __future__ import annotations

import re
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.crs import BNG, require_bng

Side = Literal[100, 200, 350]
SIDES: tuple[int, ...] = (100, 200, 350)
DEFAULT_SIDE = 200

_SQRT3 = 3.0**0.5
_HALF = 2**31
_AT_ONCE = 1 << 16
"""Points worked on at a time: they then stay in the processor's own memory."""
_NAME = re.compile(r"h([0-9]+)_(0|-?[1-9][0-9]*)_(0|-?[1-9][0-9]*)")
# Corners, anticlockwise from the east, in units of half a side and half a height: two cells that
# share a corner compute it from the same integers and so get the same floats.
_CORNER_X = np.array([2, 1, -1, -2, -1, 1])
_CORNER_Y = np.array([0, 1, 1, 0, -1, -1])


def hexagon_area_km2(side: int) -> float:
    """Area of one cell in square kilometres: 3√3/2 · side².

    Examples
    --------
    >>> round(hexagon_area_km2(200), 6)
    0.103923
    """
    return 1.5 * _SQRT3 * side**2 / 1e6


def hexagon_of(x: np.ndarray, y: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Find the cell that holds each point.

    The nearest centre, found by rounding cube coordinates. A point exactly between cells goes the
    same way every time (numpy rounds halves to even).

    Parameters
    ----------
    x, y : numpy.ndarray
        BNG metres, finite.
    side : int
        Side of a cell in metres: 100, 200 or 350.

    Returns
    -------
    tuple of numpy.ndarray
        Axial q and r, int64.

    Raises
    ------
    ValueError
        If the side is not offered.

    Examples
    --------
    >>> import numpy as np
    >>> q, r = hexagon_of(np.array([0.0, 536_540.0]), np.array([0.0, 182_543.0]), 200)
    >>> q.tolist(), r.tolist()
    ([0, 1788], [0, -367])
    """
    _check_side(side)
    qf = np.asarray(x, dtype="float64") / (1.5 * side)
    rf = np.asarray(y, dtype="float64") / (_SQRT3 * side) - qf / 2
    sf = -qf - rf
    q, r, s = np.rint(qf), np.rint(rf), np.rint(sf)
    dq, dr, ds = np.abs(q - qf), np.abs(r - rf), np.abs(s - sf)
    worst_q = (dq > dr) & (dq > ds)
    worst_r = ~worst_q & (dr > ds)
    q[worst_q] = -r[worst_q] - s[worst_q]
    r[worst_r] = -q[worst_r] - s[worst_r]
    return q.astype("int64"), r.astype("int64")


def hexagon_ids(q: np.ndarray, r: np.ndarray, side: int) -> np.ndarray:
    """Name cells: `h<side>_<q>_<r>`.

    Examples
    --------
    >>> import numpy as np
    >>> hexagon_ids(np.array([1788]), np.array([-367]), 200).tolist()
    ['h200_1788_-367']
    """
    return np.array(
        [f"h{side}_{a}_{b}" for a, b in zip(q.tolist(), r.tolist(), strict=True)], dtype=object
    )


def hexagon_ids_of(x: np.ndarray, y: np.ndarray, side: int) -> pd.Categorical:
    """Name the cell of each point, NaN for a point with no place.

    Examples
    --------
    >>> import numpy as np
    >>> list(hexagon_ids_of(np.array([0.0, np.nan]), np.array([0.0, 1.0]), 200))
    ['h200_0_0', nan]
    """
    x, y = np.asarray(x, dtype="float64"), np.asarray(y, dtype="float64")
    located = np.isfinite(x) & np.isfinite(y)
    codes = np.full(len(x), -1, dtype="int64")
    codes[located], q, r = hexagon_codes(x[located], y[located], side)
    return pd.Categorical.from_codes(codes, categories=pd.Index(hexagon_ids(q, r, side)))


def hexagon_codes(
    x: np.ndarray, y: np.ndarray, side: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give cells that hold points a number each, in the order of q and r.

    Parameters
    ----------
    x, y : numpy.ndarray
        BNG metres, finite.
    side : int
        As `hexagon_of`.

    Returns
    -------
    tuple of numpy.ndarray
        For each point the number of its cell, and q and r of each cell; int64.

    Examples
    --------
    >>> code, q, r = hexagon_codes(np.array([600.0, 0.0, 610.0]), np.zeros(3), 200)
    >>> code.tolist(), q.tolist(), r.tolist()
    ([1, 0, 1], [0, 2], [0, -1])
    """
    key = np.empty(len(x), dtype="int64")
    for start in range(0, len(key), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        q, r = hexagon_of(x[part], y[part], side)
        key[part] = (q << 32) | (r + _HALF)
    code, met = pd.factorize(key, sort=True)
    return code.astype("int64"), met >> 32, (met & 0xFFFFFFFF) - _HALF


def centre(q: np.ndarray, r: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Centre of a cell: x = 3/2·side·q, y = √3/2·side·(2r + q), BNG metres.

    Examples
    --------
    >>> import numpy as np
    >>> x, y = centre(np.array([1788]), np.array([-367]), 200)
    >>> float(x[0]), round(float(y[0]), 2)
    (536400.0, 182558.16)
    """
    q, r = np.asarray(q, dtype="int64"), np.asarray(r, dtype="int64")
    return (3 * q) * (side / 2), (2 * r + q) * (side * _SQRT3 / 2)


def hexagon_polygons(q: np.ndarray, r: np.ndarray, side: int) -> np.ndarray:
    """Draw cells as polygons; cells that touch share their corners to the last bit.

    Examples
    --------
    >>> import numpy as np
    >>> cell = hexagon_polygons(np.array([0]), np.array([0]), 200)[0]
    >>> round(cell.area, 3), cell.bounds[0], cell.bounds[2]
    (103923.048, -200.0, 200.0)
    """
    q, r = np.asarray(q, dtype="int64")[:, None], np.asarray(r, dtype="int64")[:, None]
    corners_x = (3 * q + _CORNER_X) * (side / 2)
    corners_y = (2 * r + q + _CORNER_Y) * (side * _SQRT3 / 2)
    return shapely.polygons(np.stack([corners_x, corners_y], axis=-1))


def cover(wards: gpd.GeoDataFrame, side: int = DEFAULT_SIDE) -> gpd.GeoDataFrame:
    """List every cell that shares some area with a ward.

    Parameters
    ----------
    wards : geopandas.GeoDataFrame
        `ward_code`, `ward_name`, polygon geometry, BNG.
    side : int, default 200
        Side in metres.

    Returns
    -------
    geopandas.GeoDataFrame
        One row a cell, ordered by `hexagon`: `hexagon`, `q`, `r`, `easting`, `northing` (centre),
        `ward_code` and `ward_name` (largest share of area, ties to the lowest code),
        `inside_share` (0-1 of the cell's area inside the wards), geometry (the whole cell), BNG.

    Raises
    ------
    CrsError
        If the wards are not in BNG.
    ValueError
        If the side is not offered.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> square = gpd.GeoDataFrame({"ward_code": ["E05000001"], "ward_name": ["Square"]},
    ...     geometry=[shapely.box(-100, -100, 100, 100)], crs=BNG)
    >>> cells = cover(square, 200)
    >>> cells["hexagon"].tolist(), cells["inside_share"].round(3).tolist()
    (['h200_0_0'], [0.385])
    """
    return cover_of(ward_shares(wards, side), side)


def cover_of(shares: pd.DataFrame, side: int) -> gpd.GeoDataFrame:
    """List every cell that shares some area with a ward, where the shares are known already.

    Parameters
    ----------
    shares : pandas.DataFrame
        From `ward_shares`.
    side : int
        Side in metres, the one of the shares.

    Returns
    -------
    geopandas.GeoDataFrame
        As `cover`.
    """
    # Whole square millimetres: two halves of a cell differ in their last bits and yet are a tie.
    rounded = shares.assign(mm2=(shares["area_m2"] * 1e6).round())
    best = rounded.sort_values(
        ["hexagon", "mm2", "ward_code"], ascending=[True, False, True], kind="stable"
    ).drop_duplicates("hexagon")
    inside = shares.groupby("hexagon", sort=True)["share"].sum().clip(upper=1.0)
    x, y = centre(best["q"].to_numpy(), best["r"].to_numpy(), side)
    frame = best[["hexagon", "q", "r", "ward_code", "ward_name"]].assign(
        easting=x, northing=y, inside_share=best["hexagon"].map(inside).to_numpy()
    )
    shapes = hexagon_polygons(best["q"].to_numpy(), best["r"].to_numpy(), side)
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=BNG).reset_index(drop=True)


def ward_shares(wards: gpd.GeoDataFrame, side: int = DEFAULT_SIDE) -> pd.DataFrame:
    """Say how much of each cell lies in each ward.

    Four cells in ten straddle wards at borough scale, so a cell never simply *is* in a ward:
    reports are allocated to wards, cells only show their shares.

    Returns
    -------
    pandas.DataFrame
        `hexagon`, `q`, `r`, `ward_code`, `ward_name`, `area_m2`, `share` (0-1 of the cell's area);
        ordered by hexagon, then ward code. Shares of a cell add up to at most 1 where wards do not
        overlap.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> halves = gpd.GeoDataFrame(
    ...     {"ward_code": ["E05000001", "E05000002"], "ward_name": ["A", "B"]},
    ...     geometry=[shapely.box(-50, -50, 0, 50), shapely.box(0, -50, 50, 50)], crs=BNG)
    >>> ward_shares(halves, 200)[["ward_code", "area_m2"]].round(1).to_numpy().tolist()
    [['E05000001', 5000.0], ['E05000002', 5000.0]]
    """
    require_bng(wards, "The ward boundaries")
    _check_side(side)
    q, r = _candidate_cells(wards, side)
    cell, ward, area = _shared_areas(hexagon_polygons(q, r, side), wards.geometry.to_numpy())
    met = area > 1e-6
    cell, ward, area = cell[met], ward[met], area[met]
    frame = pd.DataFrame(
        {
            "hexagon": hexagon_ids(q[cell], r[cell], side),
            "q": q[cell],
            "r": r[cell],
            "ward_code": wards["ward_code"].to_numpy()[ward],
            "ward_name": wards["ward_name"].to_numpy()[ward],
            "area_m2": area,
            "share": np.minimum(area / (hexagon_area_km2(side) * 1e6), 1.0),
        }
    )
    return frame.sort_values(["hexagon", "ward_code"], kind="stable").reset_index(drop=True)


def parse_hexagon_id(hexagon: str) -> tuple[int, int, int]:
    """Take a cell's name apart into side, q and r.

    Raises
    ------
    ValueError
        If the text is not the name of a cell.

    Examples
    --------
    >>> parse_hexagon_id("h200_1788_-367")
    (200, 1788, -367)
    """
    found = _NAME.fullmatch(hexagon)
    if not found or int(found[1]) not in SIDES:
        raise ValueError(f"{hexagon!r} is not the name of a hexagon such as h200_1788_-367")
    return int(found[1]), int(found[2]), int(found[3])


def _candidate_cells(wards: gpd.GeoDataFrame, side: int) -> tuple[np.ndarray, np.ndarray]:
    """List the cells whose box may meet the box of a ward."""
    width, height = 1.5 * side, _SQRT3 * side
    columns, rows = [], []
    for minx, miny, maxx, maxy in wards.bounds.to_numpy():
        q, row = np.meshgrid(
            np.arange(np.floor(minx / width) - 1, np.ceil(maxx / width) + 2, dtype="int64"),
            np.arange(np.floor(miny / height) - 1, np.ceil(maxy / height) + 2, dtype="int64"),
        )
        columns.append(q.ravel())
        rows.append(row.ravel())
    q, row = np.concatenate(columns), np.concatenate(rows)
    first, tall = row.min(), row.max() - row.min() + 1
    key = np.unique(q * tall + (row - first))
    q, row = key // tall, key % tall + first
    return q, row - q // 2


def _shared_areas(
    cells: np.ndarray, polygons: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give the pairs of cell and polygon that meet, and the square metres they share."""
    tree = shapely.STRtree(cells)
    ward, cell = tree.query(polygons, predicate="intersects")
    # Most cells lie wholly in one ward: for them there is nothing to cut.
    whole = np.zeros(len(cell), dtype=bool)
    order = np.lexsort((cell, ward))
    ward, cell = ward[order], cell[order]
    held_ward, held_cell = tree.query(polygons, predicate="contains")
    at = np.searchsorted(ward * len(cells) + cell, held_ward * len(cells) + held_cell)
    whole[at] = True
    area = shapely.area(cells[cell])
    cut = ~whole
    area[cut] = shapely.area(shapely.intersection(cells[cell[cut]], polygons[ward[cut]]))
    return cell, ward, area


def _check_side(side: int) -> None:
    if side not in SIDES:
        raise ValueError(f"a hexagon's side is one of {SIDES} metres, not {side!r}")
