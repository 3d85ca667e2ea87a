"""Read a list of places that a person brings: points, shapes, names or hexagons.

Everything comes out in BNG metres. Files are opened by the same door as council files, which
looks at their content, never follows links, and reads every cell as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow as pa
import shapely

from geodata.council.places import read_places
from geodata.council.table import Table
from geodata.council.tables import open_table
from geodata.crs import BNG, to_bng
from geodata.errors import ReportFileError
from geodata.hexagons import hexagon_polygons, parse_hexagon_id

MOST_SITES = 1_000
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "site", "site_name", "place", "location"),
    "hexagon": ("hexagon", "location_id", "area_id", "site_id"),
    "easting": ("easting", "eastings", "x"),
    "northing": ("northing", "northings", "y"),
    "lon": ("lon", "longitude", "lng"),
    "lat": ("lat", "latitude"),
    "geometry": ("geometry",),
}
"""What a column may be called, small letters, for each thing that is looked for."""


def read_sites(path: Path, places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Read the sites of a file.

    Parameters
    ----------
    path : pathlib.Path
        CSV, Excel, GeoJSON, GeoPackage or parquet. Each row says where it is by `easting` and
        `northing` (BNG metres), by `lon` and `lat`, by a `hexagon` (as in `score --out`), by its
        geometry, or by a `name` that a place of the workspace has.
    places : geopandas.GeoDataFrame
        Places of the workspace: `name`, points in BNG.

    Returns
    -------
    geopandas.GeoDataFrame
        `name` and geometry (point or polygon, BNG), in the order of the file. A row without a
        name is called after its hexagon, or 'Site 3'.

    Raises
    ------
    ReportFileError
        If the file cannot be read, has no such column, or a row lies nowhere.
    UnsafeArchiveError
        If it is a zip that must not be opened.
    """
    with open_table(path) as table:
        found = _found(table)
        columns, lines = _columns(table, found)
    rows = len(lines)
    if not 1 <= rows <= MOST_SITES:
        raise ReportFileError(
            f"{table.name} must list 1 to {MOST_SITES:,} sites", got=f"{rows:,}",
            todo="keep the rows that are to be looked at",
        )  # fmt: skip
    shapes = _shapes(columns, rows, places)
    lost = np.flatnonzero(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    if len(lost):
        said = ", ".join(str(values[lost[0]]) for values in columns.values())
        raise ReportFileError(
            f"{len(lost)} of {rows} sites of {table.name} cannot be found", got=said[:200],
            first_bad=f"row {lines[lost[0]]}",
            todo="give easting and northing, a hexagon, or the name of a place of this workspace",
        )  # fmt: skip
    return gpd.GeoDataFrame({"name": _names(columns, rows)}, geometry=shapes, crs=BNG)


def _found(table: Table) -> dict[str, str]:
    by_name = {column.strip().lower().replace(" ", "_"): column for column in table.columns}
    found = {
        what: by_name[next(n for n in names if n in by_name)]
        for what, names in COLUMNS.items()
        if any(n in by_name for n in names)
    }
    if not found:
        raise ReportFileError(
            f"{table.name} does not say where its sites are",
            got=f"columns {', '.join(table.columns[:12])}",
            todo="name columns easting and northing, or hexagon, or name",
        )
    return found


def _columns(table: Table, found: Mapping[str, str]) -> tuple[dict[str, list[str]], np.ndarray]:
    wanted = list(dict.fromkeys(found.values()))
    parts: dict[str, list[str]] = {what: [] for what in found}
    lines = []
    for chunk in table.chunks(wanted):
        lines.append(chunk.line)
        for what, column in found.items():
            parts[what].extend(text.strip() for text in chunk.data[column].to_pylist())
        if sum(map(len, lines)) > MOST_SITES:
            break
    return parts, np.concatenate(lines) if lines else np.array([], dtype="int64")


def _shapes(columns: Mapping[str, list[str]], rows: int, places: gpd.GeoDataFrame) -> np.ndarray:
    """Take for each row the first way of saying where it is that leads somewhere."""
    shapes = np.full(rows, None, dtype="object")
    if "geometry" in columns:
        drawn = shapely.from_wkt(columns["geometry"], on_invalid="ignore")
        _fill(shapes, _in_bng(drawn))
    if "hexagon" in columns:
        _fill(shapes, np.array([_hexagon(text) for text in columns["hexagon"]], dtype="object"))
    numbers = ("easting", "northing", "lon", "lat")
    given = {k: pa.array(v, pa.string()) for k, v in columns.items() if k in numbers}
    if given:
        read = read_places(given, rows)
        points = shapely.points(read.easting, read.northing)
        points[~np.isfinite(read.easting)] = None
        _fill(shapes, points)
    if "name" in columns:
        known = {str(n).casefold(): g for n, g in zip(places["name"], places.geometry, strict=True)}
        named = [known.get(text.casefold()) or _hexagon(text) for text in columns["name"]]
        _fill(shapes, np.array(named, dtype="object"))
    return shapes


def _fill(shapes: np.ndarray, found: np.ndarray) -> None:
    blank = shapely.is_missing(shapes) & ~shapely.is_missing(found)
    shapes[blank] = found[blank]


def _in_bng(drawn: np.ndarray) -> np.ndarray:
    """Bring shapes in degrees to metres; those in metres are in BNG already."""
    bounds = shapely.bounds(drawn)
    degrees = (np.abs(bounds[:, [0, 2]]) <= 180).all(axis=1) & (
        np.abs(bounds[:, [1, 3]]) <= 90
    ).all(axis=1)
    if degrees.any():
        drawn[degrees] = shapely.transform(
            drawn[degrees], lambda xy: np.column_stack(to_bng(xy[:, 0], xy[:, 1]))
        )
    return drawn


def _hexagon(text: str) -> shapely.Polygon | None:
    try:
        side, q, r = parse_hexagon_id(text)
    except ValueError:
        return None
    return hexagon_polygons(np.array([q]), np.array([r]), side)[0]


def _names(columns: Mapping[str, list[str]], rows: int) -> list[str]:
    either = [columns[k] for k in ("name", "hexagon") if k in columns]
    return [
        next((column[i] for column in either if column[i]), f"Site {i + 1}") for i in range(rows)
    ]
