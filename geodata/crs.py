"""Coordinate reference systems: the only module that knows an EPSG number.

Everything is stored and computed in British National Grid (BNG, metres). Longitude and latitude
(WGS84, decimal degrees) exist only at the edges: in files that come in and in what a browser draws.

PROJ's network is switched off, so the step from WGS84 to BNG uses the transformation that ships
with PROJ (a Helmert shift), not the Ordnance Survey's OSTN15 grid. Against OSTN15 that is some
metres out (`GRID_ACCURACY_M`): far inside the 200 m of a police.uk snap point, but not exact, and
never called so.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import geopandas as gpd
import numpy as np
import pyproj
from pyproj.network import set_network_enabled  # type: ignore[attr-defined]

from geodata.errors import CrsError

BNG = "EPSG:27700"
WGS84 = "EPSG:4326"

GRID_ACCURACY_M = 5.0
"""Metres by which a WGS84 to BNG step without the OSTN15 grid may be out in Great Britain."""

BNG_EXTENT = (0.0, 0.0, 700_000.0, 1_300_000.0)
"""minx, miny, maxx, maxy of the National Grid, metres."""

LONLAT_EXTENT = (-9.0, 49.0, 2.5, 61.5)
"""West, south, east, north of Great Britain with its islands, decimal degrees."""

_WORTH_A_THREAD = 100_000
"""Points that take as long as PROJ takes to begin in another thread."""

set_network_enabled(active=False)


@cache
def _transformer(source: str, target: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


@cache
def _converting(_process: int) -> ThreadPoolExecutor:
    """Give the threads of this process that convert: one, until one is not enough.

    PROJ takes 30 ms to begin in each new thread, and every answer of a page is a thread of its own.
    """
    return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="crs")


def to_bng(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Turn longitude and latitude into BNG eastings and northings.

    Parameters
    ----------
    lon, lat : numpy.ndarray
        Decimal degrees, WGS84, same length. NaN stays NaN.

    Returns
    -------
    tuple of numpy.ndarray
        Easting and northing in metres, float64, within `GRID_ACCURACY_M` of the OSTN15 answer.

    Examples
    --------
    >>> import numpy as np
    >>> e, n = to_bng(np.array([-0.0332]), np.array([51.5253]))
    >>> bool(abs(e[0] - 536_540) < GRID_ACCURACY_M), bool(abs(n[0] - 182_543) < GRID_ACCURACY_M)
    (True, True)
    """
    return _transform(WGS84, BNG, lon, lat)


def to_lonlat(easting: np.ndarray, northing: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Turn BNG eastings and northings (metres) into longitude and latitude (decimal degrees).

    Examples
    --------
    >>> import numpy as np
    >>> lon, lat = to_lonlat(*to_bng(np.array([-0.0332]), np.array([51.5253])))
    >>> float(lon[0].round(6)), float(lat[0].round(6))
    (-0.0332, 51.5253)
    """
    return _transform(BNG, WGS84, easting, northing)


def _transform(
    source: str, target: str, x: np.ndarray, y: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.asarray(x, dtype="float64"), np.asarray(y, dtype="float64")
    known = np.isfinite(x) & np.isfinite(y)
    out_x, out_y = np.full(x.shape, np.nan), np.full(y.shape, np.nan)
    if known.any():
        convert = _transformer(source, target).transform
        shares = min(os.cpu_count() or 1, 1 + int(known.sum()) // _WORTH_A_THREAD)
        pieces = (np.array_split(axis[known], shares) for axis in (x, y))
        converted = list(_converting(os.getpid()).map(convert, *pieces))
        out_x[known], out_y[known] = (np.concatenate(axis) for axis in zip(*converted, strict=True))
    return out_x, out_y


def is_bng(crs: object) -> bool:
    """Tell whether `crs` is British National Grid, also when it carries no EPSG code.

    A shapefile's .prj often spells the grid out in ESRI's words; pyproj then finds no EPSG code,
    so the projection's own parameters are compared.

    Examples
    --------
    >>> is_bng("EPSG:27700"), is_bng("EPSG:4326"), is_bng(None)
    (True, False, False)
    """
    if crs is None:
        return False
    parsed = pyproj.CRS.from_user_input(crs)
    if parsed.equals(pyproj.CRS.from_user_input(BNG), ignore_axis_order=True):
        return True
    return parsed.is_projected and _same_projection(_bare(parsed), pyproj.CRS(BNG))


def _bare(crs: pyproj.CRS) -> pyproj.CRS:
    """Take off a shift to WGS84 (TOWGS84) and a system of heights, which change no position."""
    if crs.is_bound and crs.source_crs is not None:
        crs = crs.source_crs
    return crs.sub_crs_list[0] if crs.is_compound else crs


def _same_projection(one: pyproj.CRS, two: pyproj.CRS) -> bool:
    (names, values), (other_names, other_values) = _projection(one), _projection(two)
    if names != other_names:
        return False
    # 0.999601272 and 0.9996012717 are one scale factor; 0.9996 is another, half a metre out.
    return bool(np.allclose(values, other_values, rtol=1e-7, atol=1e-9))


def _projection(crs: pyproj.CRS) -> tuple[list[str], list[float]]:
    """Reduce a projected system to the names of its parameters, and their values."""
    operation, ellipsoid = crs.coordinate_operation, crs.ellipsoid
    if operation is None or ellipsoid is None or not crs.axis_info:
        return [], []
    parameters = sorted((str(p.name), float(p.value)) for p in operation.params)
    size = [ellipsoid.semi_major_metre, ellipsoid.semi_minor_metre]
    numbers = [crs.axis_info[0].unit_conversion_factor, *size, *(v for _, v in parameters)]
    return [str(operation.method_name), *(name for name, _ in parameters)], numbers


def require_bng(frame: gpd.GeoDataFrame | gpd.GeoSeries, label: str) -> None:
    """Raise `CrsError` unless `frame` is in BNG; a mismatch is never only a warning here."""
    if not is_bng(frame.crs):
        raise CrsError(
            f"{label} must be in British National Grid ({BNG})",
            got="no reference system" if frame.crs is None else str(frame.crs.to_string()),
            todo="convert it first, or read it through geodata.wards.read_wards, which converts",
        )


def crs_name(crs: object) -> str:
    """Name a reference system for people, with its authority's code where it has one.

    Examples
    --------
    >>> crs_name("EPSG:27700"), crs_name(None)
    ('OSGB36 / British National Grid (EPSG:27700)', 'none given')
    """
    if crs is None:
        return "none given"
    parsed = pyproj.CRS.from_user_input(crs)
    authority = parsed.to_authority(min_confidence=100)
    return f"{parsed.name} ({':'.join(authority)})" if authority else parsed.name


def grid_note(crs: object) -> str:
    """Say how exact the step from `crs` to BNG is.

    Examples
    --------
    >>> grid_note("EPSG:27700")
    'Already in British National Grid: nothing was converted.'
    >>> grid_note("EPSG:4326")
    "Converted to British National Grid without the Ordnance Survey's grid: good to about 5 m."
    """
    if is_bng(crs):
        return "Already in British National Grid: nothing was converted."
    return (
        "Converted to British National Grid without the Ordnance Survey's grid: good to about "
        f"{GRID_ACCURACY_M:g} m."
    )


def shapes_to_bng(
    shapes: gpd.GeoSeries, source: str, labels: Sequence[str], *, assume: str | None = None
) -> gpd.GeoSeries:
    """Turn shapes of any reference system into BNG, believing nothing that cannot be.

    Parameters
    ----------
    shapes : geopandas.GeoSeries
        As read; none missing or empty.
    source : str
        What to call their origin in a message.
    labels : sequence of str
        What to call each shape in a message.
    assume : str, optional
        Reference system to take where the shapes name none.

    Returns
    -------
    geopandas.GeoSeries
        In BNG, every vertex within the National Grid.

    Raises
    ------
    CrsError
        If no reference system is named, or the numbers cannot be what it says; the message names
        the likely cause.

    Examples
    --------
    >>> import shapely
    >>> square = gpd.GeoSeries([shapely.box(-0.03, 51.5, -0.02, 51.51)], crs=WGS84)
    >>> is_bng(shapes_to_bng(square, "wards.geojson", ["row 1"]).crs)
    True
    """
    named = shapes
    if assume and not names_a_place(shapes.crs):
        named = shapes.set_crs(assume, allow_override=True)
    bounds = named.bounds.to_numpy()
    if not names_a_place(named.crs):
        raise CrsError(
            f"{source} does not name its reference system", got=_kind_of_numbers(bounds),
            todo="save it again with its reference system (a Shapefile keeps it in its .prj file)",
        )  # fmt: skip
    cause = _impossible(named.crs, bounds)
    if not cause:
        out = _converted(named)
        outside = ~_within(out.bounds.to_numpy(), BNG_EXTENT)
        if not outside.any():
            return out
        cause = "these shapes are not in Great Britain"
        labels = [label for label, bad in zip(labels, outside, strict=True) if bad]
    raise CrsError(
        f"The coordinates of {source} are not what its reference system says: {cause}",
        got=f"{crs_name(named.crs)} with numbers from {_range(bounds)}",
        first_bad=labels[0],
        todo="check the reference system and the order of the coordinates, and save it again",
    )


def names_a_place(crs: object) -> bool:
    """Tell whether `crs` says where on the ground its numbers are.

    GeoPackage has "undefined" systems, which GDAL passes on as engineering systems.

    Examples
    --------
    >>> names_a_place("EPSG:27700"), names_a_place(None)
    (True, False)
    >>> names_a_place('LOCAL_CS["Undefined Cartesian SRS",UNIT["metre",1]]')
    False
    """
    if crs is None:
        return False
    parsed = pyproj.CRS.from_user_input(crs)
    return parsed.is_geographic or parsed.is_projected


def _converted(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    if is_bng(shapes.crs):
        return shapes.set_crs(BNG, allow_override=True)
    try:
        return shapes.to_crs(BNG)
    except pyproj.exceptions.ProjError as cause:
        raise CrsError(
            "The reference system cannot be turned into British National Grid",
            got=crs_name(shapes.crs), todo="save the file again in EPSG:27700 or EPSG:4326",
        ) from cause  # fmt: skip


def _impossible(crs: pyproj.CRS, bounds: np.ndarray) -> str:
    if crs.is_geographic:
        return likely_cause(bounds[:, 0], bounds[:, 1], things="shapes")
    if is_bng(crs) and np.abs(bounds).max() <= 360:
        return "these look like degrees, not British National Grid metres"
    return ""


def _kind_of_numbers(bounds: np.ndarray) -> str:
    if _within(bounds, LONLAT_EXTENT).all():
        kind = "longitude and latitude (EPSG:4326)"
    elif _within(bounds, BNG_EXTENT).all():
        kind = "British National Grid metres (EPSG:27700)"
    else:
        return f"numbers from {_range(bounds)}"
    return f"numbers from {_range(bounds)}, which look like {kind}"


def _within(bounds: np.ndarray, extent: tuple[float, float, float, float]) -> np.ndarray:
    west, south, east, north = extent
    return (
        (bounds[:, 0] >= west) & (bounds[:, 1] >= south)
        & (bounds[:, 2] <= east) & (bounds[:, 3] <= north)
    )  # fmt: skip


def _range(bounds: np.ndarray) -> str:
    minx, miny = bounds[:, :2].min(axis=0)
    maxx, maxy = bounds[:, 2:].max(axis=0)
    return f"{minx:.7g}, {miny:.7g} to {maxx:.7g}, {maxy:.7g}"


def likely_cause(x: np.ndarray, y: np.ndarray, *, things: str = "points") -> str:
    """Name the likely mistake behind coordinates given as longitude `x` and latitude `y`.

    Parameters
    ----------
    x, y : numpy.ndarray
        What a file gives as longitude and latitude. NaN is passed over.
    things : str, default 'points'
        What to call them.

    Returns
    -------
    str
        '' if most of the values are in Great Britain; otherwise a plain sentence.

    Examples
    --------
    >>> import numpy as np
    >>> likely_cause(np.array([-0.03]), np.array([51.5]))
    ''
    >>> likely_cause(np.array([51.5]), np.array([-0.03]))
    'latitude and longitude look swapped'
    >>> likely_cause(np.array([536500.0]), np.array([182500.0]))
    'these look like British National Grid metres, not degrees'
    """
    x, y = np.asarray(x, dtype="float64"), np.asarray(y, dtype="float64")
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any() or _share_inside(x, y, known, LONLAT_EXTENT) >= 0.5:
        return ""
    if _share_inside(y, x, known, LONLAT_EXTENT) >= 0.5:
        return "latitude and longitude look swapped"
    if (np.maximum(np.abs(x[known]), np.abs(y[known])) > 360).mean() >= 0.5:
        swapped = _share_inside(y, x, known, BNG_EXTENT) > _share_inside(x, y, known, BNG_EXTENT)
        tail = ", with easting and northing swapped" if swapped else ""
        return f"these look like British National Grid metres, not degrees{tail}"
    return f"these {things} are not in Great Britain"


def _share_inside(
    x: np.ndarray, y: np.ndarray, known: np.ndarray, extent: tuple[float, float, float, float]
) -> float:
    west, south, east, north = extent
    inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    return float(inside[known].mean())
