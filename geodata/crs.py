"""Coordinate reference systems: the only module that knows an EPSG number.

Everything is stored and computed in British National Grid (BNG, metres). Longitude and latitude
(WGS84, decimal degrees) exist only at the edges: in files that come in and in what a browser draws.

PROJ's network is switched off, so the step from WGS84 to BNG uses the transformation that ships
with PROJ (a Helmert shift), not the Ordnance Survey's OSTN15 grid. Against OSTN15 that is some
metres out (`GRID_ACCURACY_M`): far inside the 200 m of a police.uk snap point, but not exact, and
never called so.
"""

from __future__ import annotations

from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pyproj.network

from geodata.errors import CrsError

BNG = "EPSG:27700"
WGS84 = "EPSG:4326"

GRID_ACCURACY_M = 5.0
"""Metres by which a WGS84 to BNG step without the OSTN15 grid may be out in Great Britain."""

BNG_EXTENT = (0.0, 0.0, 700_000.0, 1_300_000.0)
"""minx, miny, maxx, maxy of the National Grid, metres."""

LONLAT_EXTENT = (-9.0, 49.0, 2.5, 61.5)
"""West, south, east, north of Great Britain with its islands, decimal degrees."""

pyproj.network.set_network_enabled(active=False)


@cache
def _transformer(source: str, target: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


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
        out_x[known], out_y[known] = _transformer(source, target).transform(x[known], y[known])
    return out_x, out_y


def points_bng(easting: pd.Series, northing: pd.Series) -> gpd.GeoSeries:
    """Build point geometries in BNG on the index of `easting`; a missing coordinate gives None."""
    points = gpd.GeoSeries.from_xy(easting, northing, index=easting.index, crs=BNG)
    return points.where(easting.notna() & northing.notna(), None)


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
    operation, grid = parsed.coordinate_operation, pyproj.CRS.from_user_input(BNG)
    if operation is None or grid.coordinate_operation is None or parsed.is_geographic:
        return False
    same_method = operation.method_name == grid.coordinate_operation.method_name
    ours = {p.name: p.value for p in grid.coordinate_operation.params}
    theirs = {p.name: p.value for p in operation.params}
    same = same_method and all(abs(theirs.get(k, np.inf) - v) < 1e-6 for k, v in ours.items())
    airy = abs((parsed.ellipsoid.semi_major_metre if parsed.ellipsoid else 0) - 6377563.396) < 0.01
    return bool(same and airy)


def require_bng(frame: gpd.GeoDataFrame | gpd.GeoSeries, label: str) -> None:
    """Raise `CrsError` unless `frame` is in BNG; a mismatch is never only a warning here."""
    if not is_bng(frame.crs):
        raise CrsError(
            f"{label} must be in British National Grid ({BNG})",
            got="no reference system" if frame.crs is None else str(frame.crs.to_string()),
            todo="convert it first, or read it through geodata.wards.read_wards, which converts",
        )


def likely_cause(x: np.ndarray, y: np.ndarray) -> str:
    """Name the likely mistake behind coordinates given as longitude `x` and latitude `y`.

    Parameters
    ----------
    x, y : numpy.ndarray
        What a file gives as longitude and latitude. NaN is passed over.

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
    return "these points are not in Great Britain"


def _share_inside(
    x: np.ndarray, y: np.ndarray, known: np.ndarray, extent: tuple[float, float, float, float]
) -> float:
    west, south, east, north = extent
    inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    return float(inside[known].mean())
