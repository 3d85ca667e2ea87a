"""Streets, stations and parks from OpenStreetMap: the Overpass service, or a GeoJSON by hand.

In: longitude and latitude (WGS84). Out: British National Grid. Streets are those a person may walk
along; `lit` is what the map says of lamps and 'unknown' where it says nothing, which is most often.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.crs import BNG, WGS84, to_lonlat
from geodata.errors import ReportFileError
from geodata.fetch.http import Client

REACH_M = 500.0
"""Metres beyond the wards up to which streets and places are kept."""

NOT_WALKED = frozenset(
    {"motorway", "motorway_link", "trunk_link", "construction", "proposed", "raceway",
     "bus_guideway", "escape", "platform", "abandoned", "razed", "corridor", "elevator"}
)  # fmt: skip
NOT_STREETS = frozenset(
    {"waterway", "railway", "barrier", "boundary", "natural", "power", "landuse", "building",
     "leisure", "aeroway", "route", "place"}
)  # fmt: skip
"""A line with one of these tags and no `highway` is something else than a street."""

UNTAGGED = "unknown"
_QUERY = """[out:json][timeout:180];
(way["highway"]({0});nwr["railway"~"^(station|halt)$"]({0});way["leisure"="park"]({0}););
out tags geom;"""
STREET_FRAME = ("street_id", "name", "kind", "lit", "length_m", "geometry")


@dataclass(frozen=True)
class Feature:
    """A thing on the map: its id, its tags, and its shape in degrees."""

    id: str
    tags: dict[str, str]
    shape: BaseGeometry


@dataclass(frozen=True)
class Streets:
    """What was found in and round the wards.

    Attributes
    ----------
    streets : geopandas.GeoDataFrame
        `street_id`, `name`, `kind`, `lit` (yes, no, unknown), `length_m`, lines in BNG.
    places : geopandas.GeoDataFrame
        `place_id`, `name`, `kind` (station, park), points in BNG.
    """

    streets: gpd.GeoDataFrame
    places: gpd.GeoDataFrame


def fetch_streets(client: Client, wards: gpd.GeoDataFrame) -> Streets:
    """Fetch streets, stations and parks in and round the wards from Overpass.

    Raises
    ------
    FetchError
        If the service cannot be reached.
    """
    west, south, east, north = wards.total_bounds
    x = np.array([west, east, west, east]) + REACH_M * np.array([-1, 1, -1, 1])
    y = np.array([south, south, north, north]) + REACH_M * np.array([-1, -1, 1, 1])
    lon, lat = to_lonlat(x, y)
    box = f"{lat.min():.5f},{lon.min():.5f},{lat.max():.5f},{lon.max():.5f}"
    answer = client.ask("POST", client.source.address, {"data": _QUERY.format(box)},
                        check=_elements)  # fmt: skip
    return _sort(_overpass_features(_elements(answer.data)), wards)


def read_streets(path: Path, wards: gpd.GeoDataFrame, *, kind: str = "station") -> Streets:
    """Read streets and places from a GeoJSON with OpenStreetMap's tags as properties.

    Parameters
    ----------
    path : Path
        A FeatureCollection in longitude and latitude.
    wards : geopandas.GeoDataFrame
        In BNG; what lies more than `REACH_M` from them is left out.
    kind : str
        What points are that have a name and no telling tag.

    Raises
    ------
    ReportFileError
        If the file cannot be read, is no such collection, or holds nothing near the wards.
    """
    try:
        content = json.loads(path.read_bytes())
        features = [_geojson_feature(n, f, kind) for n, f in enumerate(content["features"])]
    except OSError as error:
        raise ReportFileError(
            f"{path.name} cannot be read", got=error.strerror or str(error), todo="check the path"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, shapely.GEOSException) as error:
        raise ReportFileError(
            f"{path.name} is not GeoJSON of streets and places", got=str(error)[:120],
            todo="save the OpenStreetMap extract as GeoJSON, in longitude and latitude; .osm.pbf "
            "files are not read",
        ) from error  # fmt: skip
    found = _sort([f for f in features if f], wards)
    if found.streets.empty and found.places.empty:
        raise ReportFileError(
            f"{path.name} holds no street and no place near the wards",
            got=f"{len(features):,} features", todo="give an extract of the same area",
        )  # fmt: skip
    return found


def _sort(features: Iterable[Feature], wards: gpd.GeoDataFrame) -> Streets:
    streets, places = [], []
    for f in features:
        kind = f.tags.get("highway") or ("" if NOT_STREETS & set(f.tags) else UNTAGGED)
        if "LineString" in f.shape.geom_type and kind:
            if kind not in NOT_WALKED and f.tags.get("foot") != "no":
                streets.append((f.id, f.tags.get("name", ""), kind, _lit(f.tags), f.shape))
        elif f.tags.get("name") and _place_kind(f.tags):
            spot = f.shape if f.shape.geom_type == "Point" else f.shape.representative_point()
            places.append((f.id, f.tags["name"], _place_kind(f.tags), spot))
    near = wards.union_all().buffer(REACH_M)
    lines = _frame(streets, ("street_id", "name", "kind", "lit"), near)
    lines.insert(4, "length_m", lines.geometry.length.round(1))
    return Streets(lines, _frame(places, ("place_id", "name", "kind"), near))


def _frame(
    rows: list[tuple[Any, ...]], columns: tuple[str, ...], near: BaseGeometry
) -> gpd.GeoDataFrame:
    shapes = gpd.GeoSeries([row[-1] for row in rows], crs=WGS84).to_crs(BNG)
    content = {name: [str(row[n]) for row in rows] for n, name in enumerate(columns)}
    frame = gpd.GeoDataFrame(content, geometry=shapes, crs=BNG)
    frame = frame[frame.intersects(near)].drop_duplicates(columns[0])
    return frame.sort_values(columns[0], ignore_index=True)


def _lit(tags: dict[str, str]) -> str:
    said = tags.get("lit", "")
    if said in ("yes", "24/7", "automatic", "sunset-sunrise", "dusk-dawn"):
        return "yes"
    return "no" if said in ("no", "disused") else "unknown"


def _place_kind(tags: dict[str, str]) -> str:
    if tags.get("railway") in ("station", "halt"):
        return "station"
    return "park" if tags.get("leisure") == "park" else tags.get("kind", "")


def _geojson_feature(number: int, feature: dict[str, Any], kind: str) -> Feature | None:
    if not feature.get("geometry"):
        return None
    given = {str(k): str(v) for k, v in (feature.get("properties") or {}).items() if v is not None}
    shape = shapely.from_geojson(json.dumps(feature["geometry"]))
    if shape.geom_type == "Point":
        given.setdefault("kind", kind)
    name = str(feature.get("id") or given.get("@id") or given.get("osm_id") or f"{number:06d}")
    return Feature(name, given, shape)


def _elements(data: bytes) -> list[dict[str, Any]]:
    content = json.loads(data)
    elements = content.get("elements") if isinstance(content, dict) else None
    if not isinstance(elements, list) or content.get("remark", "").startswith("runtime error"):
        raise ValueError("the answer is no list of map elements")
    return elements


def _overpass_features(elements: Iterable[dict[str, Any]]) -> Iterable[Feature]:
    for element in elements:
        tags = {str(k): str(v) for k, v in (element.get("tags") or {}).items()}
        points = [(p["lon"], p["lat"]) for p in element.get("geometry") or [] if p]
        if len(points) >= 4 and points[0] == points[-1] and "highway" not in tags:
            shape: BaseGeometry = shapely.Polygon(points)
        elif len(points) >= 2:
            shape = shapely.LineString(points)
        elif "lon" in element:
            shape = shapely.Point(element["lon"], element["lat"])
        else:
            continue
        yield Feature(f"{element.get('type')}/{element.get('id')}", tags, shape)
