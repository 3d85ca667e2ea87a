"""The walking network, lamps, crossings, stations and parks of OpenStreetMap, near the wards.

Asked from the Overpass service, or read from a file: an extract (.osm.pbf), a saved answer of
Overpass (JSON), or GeoJSON with OpenStreetMap's tags as properties. What the tags mean is in
`geodata.fetch.osm`. In: longitude and latitude (WGS84). Out: British National Grid.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.archives import MIB
from geodata.crs import to_lonlat
from geodata.errors import ReportFileError, how_to_open
from geodata.fetch.http import Client
from geodata.fetch.osm import REACH_M, Feature, Streets, sort_out
from geodata.gdal import EXTRACT_DRIVER, require_safe_drivers

LARGEST_JSON = 512 * MIB
_EXTRACT_SIGN = b"OSMHeader"
_QUERY = """[out:json][timeout:180];
(way["highway"]({0});node["highway"~"crossing|street_lamp"]({0});node["crossing"]({0});
nwr["railway"~"^(station|halt)$"]({0});wr["leisure"="park"]({0}););
out tags geom;"""

_LAYERS = {
    "points": "highway IS NOT NULL OR other_tags LIKE '%\"railway\"%' "
    "OR other_tags LIKE '%\"crossing\"%'",
    "lines": "highway IS NOT NULL",
    "multipolygons": "leisure = 'park' OR other_tags LIKE '%\"highway\"%' "
    "OR other_tags LIKE '%\"railway\"%'",
}
"""The layers GDAL makes of an extract, and what is wanted of each."""


def fetch_streets(client: Client, wards: gpd.GeoDataFrame) -> Streets:
    """Fetch streets, lamps, crossings, stations and parks in and round the wards from Overpass.

    Raises
    ------
    FetchError
        If the service cannot be reached.
    """
    west, south, east, north = _degrees_round(wards)
    box = f"{south:.5f},{west:.5f},{north:.5f},{east:.5f}"
    answer = client.ask("POST", client.source.address, {"data": _QUERY.format(box)},
                        check=_elements)  # fmt: skip
    return sort_out(_overpass_features(_elements(answer.data)), wards)


def read_streets(path: Path, wards: gpd.GeoDataFrame, *, kind: str = "station") -> Streets:
    """Read streets and places from a file of OpenStreetMap.

    Parameters
    ----------
    path : Path
        An extract (.osm.pbf), a saved answer of Overpass, or a GeoJSON FeatureCollection in
        longitude and latitude; told by its content.
    wards : geopandas.GeoDataFrame
        In BNG; what lies more than `geodata.fetch.osm.REACH_M` from them is left out.
    kind : str
        What points of a GeoJSON are that have a name and no telling tag.

    Raises
    ------
    ReportFileError
        If the file cannot be read, is none of these, or holds nothing near the wards.
    """
    try:
        with path.open("rb") as handle:
            start = handle.read(64)
        is_extract = _EXTRACT_SIGN in start
        features = _extract(path, wards) if is_extract else _json_features(path, kind)
    except OSError as error:
        raise ReportFileError(
            f"{path.name} cannot be read", got=error.strerror or str(error), todo=how_to_open(error)
        ) from error
    found = sort_out(features, wards)
    if found.is_empty:
        raise ReportFileError(
            f"{path.name} holds no street and no place near the wards",
            got=f"{len(features):,} things of interest", todo="give an extract of the same area",
        )  # fmt: skip
    return found


def _json_features(path: Path, kind: str) -> list[Feature]:
    if path.stat().st_size > LARGEST_JSON:
        raise ReportFileError(
            f"{path.name} is too large to be read as one piece",
            got=f"{path.stat().st_size / MIB:,.0f} MiB",
            todo="give an .osm.pbf extract, or a smaller area",
        )
    try:
        content = json.loads(path.read_bytes())
        if isinstance(content, dict) and "elements" in content:
            return list(_overpass_features(_elements(content)))
        made = (_geojson_feature(n, f, kind) for n, f in enumerate(content["features"]))
        return [f for f in made if f]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError,
            shapely.GEOSException) as error:  # fmt: skip
        raise ReportFileError(
            f"{path.name} is no OpenStreetMap extract, no answer of Overpass and no GeoJSON of "
            "streets and places",
            got=str(error)[:120],
            todo="give an .osm.pbf file, or save the area as GeoJSON in longitude and latitude",
        ) from error


def _extract(path: Path, wards: gpd.GeoDataFrame) -> list[Feature]:
    """Read what is wanted of an .osm.pbf file, in the box round the wards."""
    import pyogrio

    require_safe_drivers()
    try:
        if pyogrio.read_info(path, layer="lines")["driver"] != EXTRACT_DRIVER:
            raise _damaged(path, "another kind of file")
        frames = [
            pyogrio.read_dataframe(
                path, layer=layer, where=wanted, bbox=_degrees_round(wards),
                TAGS_FORMAT="JSON", use_arrow=False,
            )
            for layer, wanted in _LAYERS.items()
        ]  # fmt: skip
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
        raise _damaged(path, str(error)[:120]) from error
    return [f for frame in frames for f in _extract_features(frame)]


def _extract_features(frame: gpd.GeoDataFrame) -> Iterator[Feature]:
    plain = [c for c in ("name", "highway", "leisure", "railway") if c in frame]
    areas = frame["osm_way_id"] if "osm_way_id" in frame else pd.Series(None, index=frame.index)
    kind = {"Point": "node", "LineString": "way"}
    for row, way, shape in zip(
        frame.to_dict("records"), areas, frame.geometry.to_numpy(), strict=True
    ):
        if shape is None or shape.is_empty:
            continue
        others = row.get("other_tags")  # read from JSON already; missing where there are none
        tags = {str(k): str(v) for k, v in others.items()} if isinstance(others, dict) else {}
        tags |= {c: str(row[c]) for c in plain if pd.notna(row[c])}
        name = f"way/{way}" if pd.notna(way) else f"{kind.get(shape.geom_type, 'relation')}/"
        name += "" if pd.notna(way) else str(row["osm_id"])
        yield Feature(name, tags, _edge(shape) if "highway" in tags else shape)


def _edge(shape: BaseGeometry) -> BaseGeometry:
    """Give the line round a square that one walks along; other shapes as they are."""
    if shape.geom_type != "MultiPolygon":
        return shape
    return shapely.LineString(shape.geoms[0].exterior.coords)


def _damaged(path: Path, got: str) -> ReportFileError:
    return ReportFileError(
        f"{path.name} cannot be read as an OpenStreetMap extract", got=got,
        todo="download it again",
    )  # fmt: skip


def _degrees_round(wards: gpd.GeoDataFrame) -> tuple[float, float, float, float]:
    """Give west, south, east, north of the wards and `REACH_M` round them, in degrees."""
    west, south, east, north = wards.total_bounds + REACH_M * np.array([-1, -1, 1, 1])
    lon, lat = to_lonlat(np.array([west, east, west, east]), np.array([south, south, north, north]))
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())


def _geojson_feature(number: int, feature: dict[str, Any], kind: str) -> Feature | None:
    if not feature.get("geometry"):
        return None
    given = {str(k): str(v) for k, v in (feature.get("properties") or {}).items() if v is not None}
    shape = shapely.from_geojson(json.dumps(feature["geometry"]))
    if shape.geom_type == "Point":
        given.setdefault("kind", kind)
    name = str(feature.get("id") or given.get("@id") or given.get("osm_id") or f"{number:06d}")
    parts = shapely.get_parts(shape)
    if shape.geom_type == "MultiLineString" and len(parts) == 1:
        shape = parts[0]
    return Feature(name, given, shape)


def _elements(answer: bytes | dict[str, Any]) -> list[dict[str, Any]]:
    content = json.loads(answer) if isinstance(answer, bytes) else answer
    elements = content.get("elements") if isinstance(content, dict) else None
    if not isinstance(elements, list) or content.get("remark", "").startswith("runtime error"):
        raise ValueError("the answer is no list of map elements")
    return elements


def _overpass_features(elements: Iterable[dict[str, Any]]) -> Iterator[Feature]:
    for element in elements:
        tags = {str(k): str(v) for k, v in (element.get("tags") or {}).items()}
        points = [(p["lon"], p["lat"]) for p in element.get("geometry") or [] if p]
        box = element.get("bounds") or {}
        if len(points) >= 4 and points[0] == points[-1] and "highway" not in tags:
            shape: BaseGeometry = shapely.Polygon(points)
        elif len(points) >= 2:
            shape = shapely.LineString(points)
        elif "lon" in element:
            shape = shapely.Point(element["lon"], element["lat"])
        elif box:  # a park or station of several parts: the middle of all
            shape = shapely.Point((box["minlon"] + box["maxlon"]) / 2,
                                  (box["minlat"] + box["maxlat"]) / 2)  # fmt: skip
        else:
            continue
        yield Feature(f"{element.get('type')}/{element.get('id')}", tags, shape)
