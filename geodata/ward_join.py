"""Give every point its ward. All coordinates are British National Grid metres.

Contract: exactly one row out per row in, on the same index; inside + outside + no_location always
equals the rows in. Every total shown anywhere reconciles to this join.
"""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.crs import require_bng
from geodata.distinct import distinct_points
from geodata.errors import WardFileError
from geodata.vocabularies import WARD_MATCHES
from geodata.ward_vintages import require_current

NEAR_BOUNDARY_M = 25.0
COLLAR_M = 500.0

# A buffer is only drawn to spare most points the exact test. GEOS draws it within about 1 % of its
# distance (it simplifies the outline, and its arcs have corners), so 5 % leaves room.
_SLACK = 0.05


def assign_wards(points: gpd.GeoSeries | gpd.GeoDataFrame, wards: gpd.GeoDataFrame) -> pd.DataFrame:
    """Join points to wards, one row out per row in.

    A point on an edge that wards share, or where wards overlap, goes to the lowest ward code. A
    point on the outer edge is inside. The join works on distinct points, because police.uk repeats
    its snap points, and tests each point only against the wards whose box holds it.

    Parameters
    ----------
    points : geopandas.GeoSeries or GeoDataFrame
        Points in BNG. Missing and empty geometries are rows without a location.
    wards : geopandas.GeoDataFrame
        One row a ward, in BNG: `ward_code` (unique), polygon geometry.

    Returns
    -------
    pandas.DataFrame
        On the index of `points`: `ward_code` (str, missing unless inside), `ward_match` ('inside',
        'outside', 'no_location'), `near_boundary` (bool: inside and within 25 m of its ward's
        edge), `in_collar` (bool: outside and within 500 m of the wards).

    Raises
    ------
    CrsError
        If either frame is not in BNG.
    VintageError
        If the ward codes are those of superseded boundaries; the message names both.
    WardFileError
        If there are no wards, or codes repeat.

    Notes
    -----
    A police.uk point is a snap point, moved by up to some hundred metres: within 25 m of an edge
    the ward is a guess, and that share is reported beside every ward total.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> from geodata.crs import BNG
    >>> wards = gpd.GeoDataFrame(
    ...     {"ward_code": ["E05000002", "E05000001"]},
    ...     geometry=[shapely.box(100, 0, 200, 100), shapely.box(0, 0, 100, 100)], crs=BNG)
    >>> points = gpd.GeoSeries.from_xy([50, 100, 300, 900], [50, 50, 50, 50], crs=BNG)
    >>> joined = assign_wards(points, wards)
    >>> joined["ward_code"].tolist()[:2]
    ['E05000001', 'E05000001']
    >>> joined["ward_match"].tolist(), joined["in_collar"].tolist()
    (['inside', 'inside', 'outside', 'outside'], [False, False, True, False])
    """
    geometry = points.geometry
    require_bng(geometry, "The points")
    located = (~(geometry.isna() | geometry.is_empty)).to_numpy()
    x, y = np.full(len(geometry), np.nan), np.full(len(geometry), np.nan)
    x[located], y[located] = geometry[located].x, geometry[located].y
    return assign_wards_xy(pd.Series(x, points.index), pd.Series(y, points.index), wards)


def assign_wards_xy(
    easting: pd.Series, northing: pd.Series, wards: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Join coordinates to wards: `assign_wards` without building a geometry per row.

    Parameters
    ----------
    easting, northing : pandas.Series
        BNG metres on one index. A row with NaN in either has no location.
    wards : geopandas.GeoDataFrame
        As in `assign_wards`.

    Returns
    -------
    pandas.DataFrame
        As `assign_wards`.

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd, shapely
    >>> from geodata.crs import BNG
    >>> square = gpd.GeoDataFrame(
    ...     {"ward_code": ["E05000001"]}, geometry=[shapely.box(0, 0, 100, 100)], crs=BNG)
    >>> out = assign_wards_xy(pd.Series([50.0, None]), pd.Series([50.0, 1.0]), square)
    >>> out["ward_match"].tolist()
    ['inside', 'no_location']
    """
    check_wards(wards)
    x, y = easting.to_numpy(dtype="float64"), northing.to_numpy(dtype="float64")
    located = np.isfinite(x) & np.isfinite(y)
    row_to_point, px, py = _distinct(x[located], y[located])
    ordered = wards.iloc[_by_code(wards)]
    # Copies: preparing a shape for many tests is not safe while another thread uses it.
    polygons = shapely.force_2d(ordered.geometry.to_numpy())
    ward_of_point = _wards_of_points(px, py, polygons)
    near = _near(px, py, ward_of_point, polygons)
    collar = _collar(px, py, ward_of_point, polygons)
    return _spread(easting.index, located, row_to_point, ordered, (ward_of_point, near, collar))


def covering_wards(
    easting: np.ndarray, northing: np.ndarray, wards: gpd.GeoDataFrame
) -> np.ndarray:
    """Say which ward holds each point, and no more: `assign_wards_xy` where edges do not matter.

    Parameters
    ----------
    easting, northing : numpy.ndarray
        BNG metres, finite; points that repeat are tested again each time.
    wards : geopandas.GeoDataFrame
        As in `assign_wards`.

    Returns
    -------
    numpy.ndarray
        int32: the row of `wards`, or -1 outside them all. The same ward as `assign_wards_xy`.

    Raises
    ------
    CrsError, VintageError, WardFileError
        As `assign_wards`.

    Examples
    --------
    >>> import geopandas as gpd, numpy as np, shapely
    >>> from geodata.crs import BNG
    >>> wards = gpd.GeoDataFrame(
    ...     {"ward_code": ["E05000002", "E05000001"]},
    ...     geometry=[shapely.box(100, 0, 200, 100), shapely.box(0, 0, 100, 100)], crs=BNG)
    >>> x, y = np.array([100.0, 150.0, 900.0]), np.array([50.0, 50.0, 50.0])
    >>> covering_wards(x, y, wards).tolist()
    [1, 0, -1]
    """
    check_wards(wards)
    order, by_x = _by_code(wards), np.argsort(easting)
    polygons = shapely.force_2d(wards.geometry.to_numpy()[order])
    found = _wards_of_points(easting[by_x], northing[by_x], polygons)
    ward = np.empty(len(found), "int32")
    ward[by_x] = np.append(order, -1)[found]
    return ward


def _by_code(wards: gpd.GeoDataFrame) -> np.ndarray:
    return np.argsort(wards["ward_code"].astype(str).to_numpy(), kind="stable")


def check_wards(wards: gpd.GeoDataFrame) -> None:
    """Raise unless `wards` can be joined to: in BNG, some rows, unique codes, a known vintage."""
    require_bng(wards, "The ward boundaries")
    if not len(wards):
        raise WardFileError("There are no wards to join to", todo="load a ward boundary file")
    codes = wards["ward_code"]
    if codes.isna().any() or codes.duplicated().any():
        bad = codes[codes.isna() | codes.duplicated()].iloc[0]
        raise WardFileError(
            "Every ward needs a code of its own", got=f"{bad!r} more than once or blank",
            todo="dissolve the parts of a ward into one row",
        )  # fmt: skip
    missing = (wards.geometry.isna() | wards.geometry.is_empty).to_numpy()
    if missing.any():
        raise WardFileError("A ward has no shape", first_bad=str(codes[missing].iloc[0]))
    require_current(codes)


def _distinct(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find the distinct points, ordered by x, and which of them each row is."""
    number, px, py = distinct_points(x, y)
    by_x = np.argsort(px)
    place = np.empty_like(by_x)
    place[by_x] = np.arange(len(by_x))
    return place[number], px[by_x], py[by_x]


def _wards_of_points(x: np.ndarray, y: np.ndarray, polygons: np.ndarray) -> np.ndarray:
    """Give the position of the first polygon that covers each point, -1 for none."""
    ward = np.full(len(x), -1, dtype="int32")
    shapely.prepare(polygons)
    for position, box in enumerate(_boxed(x, y, shapely.bounds(polygons))):
        free = box[ward[box] < 0]
        if not len(free):
            continue
        ward[free[shapely.intersects_xy(polygons[position], x[free], y[free])]] = position
    return ward


def _boxed(x: np.ndarray, y: np.ndarray, bounds: np.ndarray) -> Iterator[np.ndarray]:
    """Give, for one box after another, the positions of the points in it, edges included.

    `x` is in ascending order, so that a box's column of points is one slice.
    """
    first = np.searchsorted(x, bounds[:, 0], "left")
    last = np.searchsorted(x, bounds[:, 2], "right")
    none = np.empty(0, "int64")
    for (_, miny, _, maxy), start, stop in zip(bounds, first, last, strict=True):
        if start == stop:  # a country has thousands of wards, and a few points meet few of them
            yield none
            continue
        column = y[start:stop]
        yield start + np.flatnonzero((column >= miny) & (column <= maxy))


def _near(x: np.ndarray, y: np.ndarray, ward: np.ndarray, polygons: np.ndarray) -> np.ndarray:
    """Tell which points lie within 25 m of the edge of their own ward."""
    near = np.zeros(len(x), dtype=bool)
    by_ward = np.argsort(ward, kind="stable")
    starts = np.searchsorted(ward[by_ward], np.arange(len(polygons) + 1), "left")
    for position, polygon in enumerate(polygons):
        mine = by_ward[starts[position] : starts[position + 1]]
        if _worth_a_coarse_test(mine, polygon):
            core = shapely.buffer(polygon, -NEAR_BOUNDARY_M * (1 + _SLACK))
            mine = mine[~_covered(core, x[mine], y[mine])]
        near[mine] = _within(shapely.boundary(polygon), x[mine], y[mine], NEAR_BOUNDARY_M)
    return near


def _collar(x: np.ndarray, y: np.ndarray, ward: np.ndarray, polygons: np.ndarray) -> np.ndarray:
    """Tell which points lie outside every ward, yet within 500 m of one."""
    collar = np.zeros(len(x), dtype=bool)
    outside = np.flatnonzero(ward < 0)
    wider = shapely.bounds(polygons) + COLLAR_M * np.array([-1, -1, 1, 1])
    reached = list(_boxed(x[outside], y[outside], wider))
    wards = polygons[[len(box) > 0 for box in reached]]
    if not len(wards):
        return collar
    close = np.zeros(len(outside), dtype=bool)
    for box in reached:
        close[box] = True
    outside = outside[close]
    edges = shapely.multilinestrings(shapely.get_parts(shapely.boundary(wards)))
    if _worth_a_coarse_test(outside, edges):
        area = shapely.union_all(wards)
        far = shapely.buffer(area, COLLAR_M * (1 + _SLACK))
        outside = outside[_covered(far, x[outside], y[outside])]
        sure = _covered(shapely.buffer(area, COLLAR_M * (1 - _SLACK)), x[outside], y[outside])
        collar[outside[sure]] = True
        outside = outside[~sure]
    # For a point outside every ward, the nearest ward is as far as the nearest edge.
    collar[outside] = _within(edges, x[outside], y[outside], COLLAR_M)
    return collar


def _worth_a_coarse_test(points: np.ndarray, shape: shapely.Geometry) -> bool:
    # Drawing a buffer costs about as much as measuring the distance of twice as many points as
    # the shape has corners.
    return len(points) > 2 * int(shapely.get_num_coordinates(shape))


def _covered(shape: shapely.Geometry, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    shapely.prepare(shape)
    return shapely.intersects_xy(shape, x, y)


def _within(shape: shapely.Geometry, x: np.ndarray, y: np.ndarray, metres: float) -> np.ndarray:
    shapely.prepare(shape)
    return shapely.dwithin(shape, shapely.points(x, y), metres)


def _spread(
    index: pd.Index,
    located: np.ndarray,
    row_to_point: np.ndarray,
    wards: gpd.GeoDataFrame,
    found: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> pd.DataFrame:
    position = np.full(len(index), -1, dtype="int32")
    near, collar = np.zeros(len(index), dtype=bool), np.zeros(len(index), dtype=bool)
    ward_of_point, near_of_point, collar_of_point = found
    position[located] = ward_of_point[row_to_point]
    near[located], collar[located] = near_of_point[row_to_point], collar_of_point[row_to_point]
    match = np.where(position >= 0, 0, np.where(located, 1, 2))
    return pd.DataFrame(
        {
            "ward_code": pd.Categorical.from_codes(
                position, categories=pd.Index(wards["ward_code"].astype("str"))
            ),
            "ward_match": pd.Categorical.from_codes(match, categories=pd.Index(WARD_MATCHES)),
            "near_boundary": near,
            "in_collar": collar,
        },
        index=index,
    )
