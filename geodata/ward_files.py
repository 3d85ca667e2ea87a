"""Open a boundary file, whatever its format, after checking that it is one.

GeoPackage, Shapefile (zipped or loose), GeoJSON, FlatGeobuf and GeoParquet, each also inside a
zip. What opens a file is decided by its content; GDAL's driver is checked against
`geodata.gdal.ALLOWED_DRIVERS` before a row is read. The frame keeps the file's own reference
system; geodata.wards turns it into BNG.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pyarrow as pa
import shapely

from geodata.archives import GIB, Limits, extract_to, is_zip
from geodata.errors import WardFileError
from geodata.gdal import ALLOWED_DRIVERS, require_safe_drivers

ZIP_LIMITS = Limits(members=5_000, total_bytes=2 * GIB, member_bytes=2 * GIB)

_MAIN = (".gpkg", ".geojson", ".json", ".fgb", ".parquet", ".geoparquet", ".shp")
_BESIDE_SHP = (".shx", ".dbf", ".prj", ".cpg")
_FORMATS = "GeoPackage, zipped Shapefile, GeoJSON, FlatGeobuf or GeoParquet"
_SIGNS: tuple[tuple[bytes, str], ...] = (
    (b"<OGRVRTDataSource", "an OGR VRT, which points at other files; give the file it points at"),
    (b'"Topology"', "TopoJSON; save it as GeoJSON first"),
    (b"<kml", "KML; save it as GeoJSON or GeoPackage first"),
    (b"<html", "a web page: the download did not give the file"),
    (b"<HTML", "a web page: the download did not give the file"),
    (b"<!DOCTYPE", "a web page: the download did not give the file"),
    (b"\x1f\x8b", "packed with gzip; unpack it first"),
    (b"version https://git-lfs", "a pointer to a file kept elsewhere (Git LFS), not the file"),
)


@dataclass(frozen=True)
class Opened:
    """A boundary file as read.

    Attributes
    ----------
    frame : geopandas.GeoDataFrame
        Its rows, in its own reference system.
    format : str
        Name of the format, for people.
    layer : str
        Name of the layer read, '' where the format has none.
    notes : tuple of str
        What a person should know about the reading.
    """

    frame: gpd.GeoDataFrame
    format: str
    layer: str = ""
    notes: tuple[str, ...] = ()


def open_boundaries(path: Path) -> Opened:
    """Read a boundary file.

    Raises
    ------
    WardFileError
        If it is missing, of another format, damaged, or holds several layers or files to choose
        from; the message lists them.
    UnsafeArchiveError
        If it is a zip that must not be opened.
    """
    if not path.is_file():
        what = "is a folder, not a file" if path.is_dir() else "is not there"
        raise WardFileError(
            f"The boundary file {path.name} {what}", todo="give the path of one file"
        )
    if not is_zip(path):
        return _open_one(path.resolve())
    with tempfile.TemporaryDirectory(prefix="wards-") as folder:
        written = extract_to(path, Path(folder), (*_MAIN, *_BESIDE_SHP), ZIP_LIMITS)
        name, main = _the_one(path.name, written)
        if is_zip(main):
            raise WardFileError(
                f"{path.name} holds an archive under another name",
                first_bad=name, todo="unpack it and give the file inside",
            )  # fmt: skip
        return _open_one(main)


def _the_one(archive: str, written: list[tuple[str, Path]]) -> tuple[str, Path]:
    mains = [(name, path) for name, path in written if path.suffix.lower() in _MAIN]
    # A .json beside a boundary file is its description.
    if len(mains) > 1:
        mains = [m for m in mains if m[1].suffix.lower() != ".json"] or mains
    if len(mains) == 1:
        return mains[0]
    if not mains:
        raise WardFileError(
            f"{archive} holds no boundary file",
            got=_listed(name for name, _ in written) or "nothing that could be one",
            todo=f"give a {_FORMATS}",
        )
    raise WardFileError(
        f"{archive} holds several boundary files",
        got=_listed(name for name, _ in mains),
        todo="unpack it and give the one with the wards",
    )


def _open_one(path: Path) -> Opened:
    with path.open("rb") as file:
        head = file.read(4096)
    if not head:
        raise WardFileError(f"{path.name} is empty", todo="fetch it again")
    if head[:4] == b"PAR1":
        return _open_parquet(path)
    return _open_with_gdal(path, head)


def _open_parquet(path: Path) -> Opened:
    try:
        frame = gpd.read_parquet(path)
    except (ValueError, OSError, KeyError, pa.ArrowException, shapely.errors.ShapelyError) as cause:
        raise WardFileError(
            f"{path.name} cannot be read as GeoParquet",
            got=str(cause),
            todo="save it again with its geometry, for instance as GeoPackage",
        ) from cause
    return Opened(frame, "GeoParquet")


def _open_with_gdal(path: Path, head: bytes) -> Opened:
    require_safe_drivers()
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, GeometryError

    faults = (DataSourceError, DataLayerError, FeatureError, GeometryError)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            layer = _polygon_layer(path, pyogrio.list_layers(path))
            driver = pyogrio.read_info(path, layer=layer)["driver"]
            if driver not in ALLOWED_DRIVERS:
                raise _not_a_format(path, head)
            frame = pyogrio.read_dataframe(path, layer=layer)
        except faults as cause:
            raise _not_a_format(path, head, str(cause)) from cause
    if not isinstance(frame, gpd.GeoDataFrame):
        raise WardFileError(f"{path.name} has no geometry", todo=f"give a {_FORMATS}")
    notes = tuple(dict.fromkeys(str(w.message) for w in caught))
    return Opened(frame, ALLOWED_DRIVERS[driver], layer, notes)


def _polygon_layer(path: Path, layers: Iterable[tuple[str, str | None]]) -> str:
    found = [(str(name), str(kind)) for name, kind in layers]
    for sort in (("Polygon", "Surface"), ("Unknown", "Collection")):
        chosen = [name for name, kind in found if any(s in kind for s in sort)]
        if len(chosen) == 1:
            return chosen[0]
        if chosen:
            raise WardFileError(
                f"{path.name} holds several polygon layers",
                got=_listed(chosen),
                todo="save the layer with the wards as a file of its own",
            )
    raise WardFileError(
        f"{path.name} holds no polygons",
        got=_listed(f"{name} ({kind})" for name, kind in found) or "no layers",
        todo="give ward boundaries, not points or lines",
    )


def _not_a_format(path: Path, head: bytes, cause: str = "") -> WardFileError:
    for sign, meaning in _SIGNS:
        if sign in head:
            cause = meaning
    return WardFileError(
        f"{path.name} cannot be read as a boundary file", got=cause, todo=f"give a {_FORMATS}"
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(list(names)[:20])
