"""Boundary files made for the tests: three squares of 1 km in a row, in every format."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import geopandas as gpd
import shapely

from geodata.crs import BNG

CODES = ("E05999991", "E05999992", "E05999993")
NAMES = ("West", "Middle", "East")
FORMATS = ("gpkg", "geojson", "fgb", "parquet", "shp", "shp.zip")


def three_wards(**columns: object) -> gpd.GeoDataFrame:
    """West, Middle and East, side by side from 530000, 180000; 1 km each way, 100 ha each."""
    boxes = [shapely.box(530_000 + k, 180_000, 531_000 + k, 181_000) for k in (0, 1000, 2000)]
    given = {"GSS_CODE": list(CODES), "NAME": list(NAMES), **columns}
    return gpd.GeoDataFrame(given, geometry=boxes, crs=BNG)


def save(frame: gpd.GeoDataFrame, folder: Path, kind: str, stem: str = "wards") -> Path:
    """Write the frame as one of FORMATS and give the path."""
    path = folder / f"{stem}.{kind}"
    if kind == "parquet":
        frame.to_parquet(path)
    elif kind == "shp.zip":
        shp = save(frame, folder, "shp", stem)
        parts = [shp.with_suffix(s) for s in (".shp", ".shx", ".dbf", ".prj", ".cpg")]
        return pack(path, {p.name: p.read_bytes() for p in parts if p.exists()})
    else:
        frame.to_file(path)
    return path


def pack(path: Path, files: dict[str, bytes]) -> Path:
    """Zip files given as name and content."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def geojson(path: Path, *features: tuple[object, dict[str, object]], **more: object) -> Path:
    """Write GeoJSON from (geometry or None, properties)."""
    written = [
        {"type": "Feature", "properties": properties, "geometry": geometry}
        for geometry, properties in features
    ]
    path.write_text(
        json.dumps({"type": "FeatureCollection", **more, "features": written}), encoding="utf-8"
    )
    return path


def polygon(west: float, south: float, east: float, north: float) -> dict[str, object]:
    """Draw a box as a GeoJSON geometry."""
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def vrt(path: Path, target: Path, layer: str) -> Path:
    """Write an OGR VRT that points at another file."""
    path.write_text(
        f'<OGRVRTDataSource><OGRVRTLayer name="{layer}">'
        f"<SrcDataSource>{target}</SrcDataSource><SrcLayer>{layer}</SrcLayer>"
        "</OGRVRTLayer></OGRVRTDataSource>",
        encoding="utf-8",
    )
    return path
