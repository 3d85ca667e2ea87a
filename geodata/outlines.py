"""The outline of an area a person drew, typed or brought: read, checked, and put into BNG.

An outline may come as corners clicked on a map, as text (a corner a line, or GeoJSON), or as a
GeoJSON file. Longitude and latitude (WGS84, decimal degrees) and eastings and northings (BNG
metres) are told apart by their size, which in Great Britain leaves no doubt.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import shapely

from geodata.crs import BNG_EXTENT, LONLAT_EXTENT, likely_cause, to_bng
from geodata.errors import SaferWalksError

MOST_BYTES = 5_000_000
MOST_CORNERS = 50_000
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
_LEAST_BNG = 1_000.0
# No land of Great Britain has a smaller easting or northing.
_POLYGONS = ("Polygon", "MultiPolygon")
_Shape = TypeVar("_Shape", bound=shapely.Geometry)

TODO = (
    "give a polygon in Great Britain as GeoJSON, or its corners one a line: latitude, longitude or "
    "easting, northing"
)


def outline_of(corners: Sequence[tuple[float, float]]) -> shapely.Polygon:
    """Join corners to an outline.

    Parameters
    ----------
    corners : sequence of (float, float)
        In order round the area, the last joined to the first: longitude and latitude in either
        order, or easting and northing.

    Returns
    -------
    shapely.Polygon
        In BNG, valid.

    Raises
    ------
    SaferWalksError
        If there are fewer than three corners, they are not in Great Britain, or lines cross.

    Examples
    --------
    >>> square = outline_of([(530000, 180000), (530100, 180000), (530100, 180200)])
    >>> square.area
    10000.0
    """
    points = np.array(corners, dtype="float64").reshape(-1, 2)
    if len(np.unique(points, axis=0)) < 3:
        raise SaferWalksError(
            "An area needs at least three corners", got=f"{len(np.unique(points, axis=0))}",
            todo=TODO,
        )  # fmt: skip
    if _within(points[:, ::-1], LONLAT_EXTENT):  # latitude first, as maps on the web show it
        points = points[:, ::-1]
    return _checked(shapely.Polygon(_in_bng(points)))


def outline_from_text(text: str) -> shapely.Polygon | shapely.MultiPolygon:
    """Read an outline from GeoJSON, or from corners, one a line.

    Parameters
    ----------
    text : str
        GeoJSON of one or more polygons (a geometry, feature or collection; together they are one
        area), or lines of two numbers each, as `outline_of` takes them.

    Returns
    -------
    shapely.Polygon or shapely.MultiPolygon
        In BNG, valid.

    Raises
    ------
    SaferWalksError
        If it is neither, holds no polygon, or does not lie in Great Britain.

    Examples
    --------
    >>> lines = "51.51, -0.03; 51.51, -0.02; 51.52, -0.02"
    >>> round(outline_from_text(lines).area / 1e6, 2)
    0.39
    """
    if len(text) > MOST_BYTES:
        raise SaferWalksError(
            "That outline is too long", got=f"{len(text):,} characters", todo=TODO
        )
    if text.lstrip().startswith("{"):
        return _from_geojson(text)
    lines = [line for line in re.split(r"[;\n]", text) if line.strip()]
    return outline_of([_pair(line) for line in lines])


def read_outline(path: Path | str) -> shapely.Polygon | shapely.MultiPolygon:
    """Read an outline from a GeoJSON or text file; as `outline_from_text`.

    Raises
    ------
    SaferWalksError
        As `outline_from_text`, or if the file cannot be read as text.
    """
    file = Path(path)
    if file.is_file() and file.stat().st_size > MOST_BYTES:
        raise SaferWalksError(
            "That file is too large for an outline", got=f"{file.stat().st_size:,} bytes", todo=TODO
        )
    try:
        return outline_from_text(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise SaferWalksError(
            "The outline cannot be read", got=f"{file.name}: {error}", todo=TODO
        ) from error


def _pair(line: str) -> tuple[float, float]:
    numbers = _NUMBER.findall(line)
    if len(numbers) != 2:
        raise SaferWalksError("A corner is two numbers", first_bad=line.strip()[:60], todo=TODO)
    return float(numbers[0]), float(numbers[1])


def _from_geojson(text: str) -> shapely.Polygon | shapely.MultiPolygon:
    try:
        read = shapely.from_geojson(text)
    except shapely.errors.GEOSException as error:
        raise SaferWalksError(
            "The GeoJSON cannot be read", got=str(error)[:120], todo=TODO
        ) from error
    parts = [g for g in _flat(read) if g.geom_type in _POLYGONS and not g.is_empty]
    if not parts:
        raise SaferWalksError("The GeoJSON holds no polygon", got=read.geom_type, todo=TODO)
    corners = sum(shapely.get_num_coordinates(part) for part in parts)
    if corners > MOST_CORNERS:
        raise SaferWalksError("That outline has too many corners", got=f"{corners:,}", todo=TODO)
    flat = [shapely.force_2d(_checked(part)) for part in parts]
    return _checked(shapely.union_all([shapely.transform(part, _in_bng) for part in flat]))


def _flat(shape: shapely.Geometry) -> list[shapely.Geometry]:
    if shape.geom_type != "GeometryCollection":
        return [shape]
    return [part for member in shapely.get_parts(shape) for part in _flat(member)]


def _in_bng(points: np.ndarray) -> np.ndarray:
    if _within(points, LONLAT_EXTENT):
        return np.column_stack(to_bng(points[:, 0], points[:, 1]))
    if _within(points, BNG_EXTENT) and points.min() >= _LEAST_BNG:
        return points
    raise SaferWalksError(
        "These corners are not in Great Britain", got=likely_cause(points[:, 0], points[:, 1]),
        first_bad=", ".join(f"{value:g}" for value in points[0]), todo=TODO,
    )  # fmt: skip


def _within(points: np.ndarray, extent: tuple[float, float, float, float]) -> bool:
    west, south, east, north = extent
    x, y = points[:, 0], points[:, 1]
    return bool(((x >= west) & (x <= east) & (y >= south) & (y <= north)).all())


def _checked(shape: _Shape) -> _Shape:
    if not shape.is_valid or shape.area == 0:
        raise SaferWalksError(
            "The lines of this area cross, or enclose nothing", got=shapely.is_valid_reason(shape),
            todo="go round the area once, corner by corner",
        )  # fmt: skip
    return shape
