"""Open a boundary file, whatever its format, after checking that it is one.

GeoPackage, Shapefile (zipped or loose), GeoJSON, FlatGeobuf and GeoParquet, each also inside a
zip. What opens a file is decided by its content; GDAL's driver is checked against
`geodata.gdal.ALLOWED_DRIVERS` before a row is read. The frame keeps the file's own reference
system; geodata.wards turns it into BNG.
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pyarrow as pa
import pyproj
import shapely

from geodata.archives import GIB, Limits, extract_to, is_zip
from geodata.errors import WardFileError
from geodata.gdal import ALLOWED_DRIVERS, require_safe_drivers

ZIP_LIMITS = Limits(members=5_000, total_bytes=2 * GIB, member_bytes=2 * GIB)

_MAIN = (".gpkg", ".geojson", ".json", ".fgb", ".parquet", ".geoparquet", ".shp")
_BESIDE_SHP = (".shx", ".dbf", ".prj", ".cpg")
_FORMATS = "GeoPackage, zipped Shapefile, GeoJSON, FlatGeobuf or GeoParquet"
_SHAPEFILE = b"\0\0\x27\x0a"
_OF_NO_CONCERN = ("File ", "More than one layer")
"""Starts of what GDAL says about a GeoPackage's name, and before a layer is chosen."""
_SIGNS: tuple[tuple[bytes, str], ...] = (
    (b"<OGRVRT", "an OGR VRT, which points at other files; give the file it points at"),
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
    if head[:4] == _SHAPEFILE:
        _require_parts(path)
    return _open_with_gdal(path, head)


def _require_parts(shp: Path) -> None:
    """Raise if a Shapefile's columns or index are not beside it."""
    beside = {p.name.lower() for p in shp.parent.iterdir()}
    missing = [s for s in (".shx", ".dbf") if (shp.stem + s).lower() not in beside]
    if missing:
        raise WardFileError(
            f"{shp.name} is only one part of a Shapefile",
            got=f"no {' and no '.join(missing)} of the same name beside it",
            todo="put all its parts (.shp, .shx, .dbf, .prj) into one zip and give that",
        )


def _open_parquet(path: Path) -> Opened:
    try:
        frame = gpd.read_parquet(path)
    except (ValueError, OSError, KeyError, pa.ArrowException, shapely.errors.ShapelyError,
            pyproj.exceptions.ProjError) as cause:  # fmt: skip
        raise WardFileError(
            f"{path.name} cannot be read as GeoParquet",
            got=_plain_cause(path, cause),
            todo="save it again with its geometry, for instance as GeoPackage",
        ) from cause
    return Opened(frame, "GeoParquet")


def _open_with_gdal(path: Path, head: bytes) -> Opened:
    require_safe_drivers()
    from pyogrio import errors

    with warnings.catch_warnings(record=True) as caught, _plain_path(path) as plain:
        warnings.simplefilter("always")
        try:
            driver, layer, frame = _read(plain, path.name)
        except (errors.DataSourceError, errors.DataLayerError, errors.FeatureError,
                errors.GeometryError, errors.FieldError, errors.CRSError,
                shapely.errors.ShapelyError, UnicodeDecodeError, IndexError) as cause:  # fmt: skip
            # pyogrio meets a layer whose rows all fail with an IndexError of its own.
            raise _not_a_format(path, head, _plain_cause(plain, cause)) from cause
    heard = (_plain_cause(plain, w.message) for w in caught)
    notes = tuple(dict.fromkeys(h for h in heard if not h.startswith(_OF_NO_CONCERN)))
    return Opened(frame, ALLOWED_DRIVERS[driver], layer, notes)


def _read(path: Path, name: str) -> tuple[str, str, gpd.GeoDataFrame]:
    import pyogrio

    driver = str(pyogrio.read_info(path)["driver"])
    if driver not in ALLOWED_DRIVERS:
        raise WardFileError(f"{name} is not a boundary file", got=driver, todo=f"give a {_FORMATS}")
    layer = _polygon_layer(name, pyogrio.list_layers(path))
    stated = int(pyogrio.read_info(path, layer=layer, force_feature_count=True)["features"])
    try:
        frame = pyogrio.read_dataframe(path, layer=layer)
    except UnicodeDecodeError:
        frame = pyogrio.read_dataframe(path, layer=layer, encoding="cp1252")
    if len(frame) < stated:
        raise WardFileError(
            f"{name} is damaged or incomplete",
            got=f"{len(frame)} of {stated} rows", todo="fetch it again",
        )  # fmt: skip
    return driver, layer, frame


@contextmanager
def _plain_path(path: Path) -> Iterator[Path]:
    """Lend a path that pyogrio takes as it is.

    A name with "!" or a colon, or that ends in .zip, it would read as an address or an archive.
    """
    from pyogrio.util import vsi_path

    if vsi_path(path) == str(path):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="wards-") as folder:
        for part in path.parent.iterdir():
            if part.stem == path.stem and part.is_file():
                shutil.copyfile(part, Path(folder) / f"boundaries{part.suffix}")
        plain = Path(folder) / f"boundaries{path.suffix}"
        yield plain.rename(plain.with_suffix(".gpkg")) if plain.suffix == ".zip" else plain


def _polygon_layer(name: str, layers: Iterable[tuple[str, str | None]]) -> str:
    found = [(str(layer), str(kind)) for layer, kind in layers]
    for sort in (("Polygon", "Surface"), ("Unknown", "Collection")):
        chosen = [layer for layer, kind in found if any(s in kind for s in sort)]
        if len(chosen) == 1:
            return chosen[0]
        if chosen:
            raise WardFileError(
                f"{name} holds several polygon layers",
                got=_listed(chosen),
                todo="save the layer with the wards as a file of its own",
            )
    raise WardFileError(
        f"{name} holds no polygons",
        got=_listed(f"{layer} ({kind})" for layer, kind in found) or "no layers",
        todo="give ward boundaries, not points, lines or a plain table",
    )


def _not_a_format(path: Path, head: bytes, cause: str) -> WardFileError:
    meanings = [meaning for sign, meaning in _SIGNS if sign in head]
    return WardFileError(
        f"{path.name} cannot be read as a boundary file",
        got=meanings[0] if meanings else cause,
        todo=f"give a {_FORMATS}",
    )


def _plain_cause(path: Path, cause: object) -> str:
    """Cut a library's message down to its first line, without the folders of this machine."""
    text = str(cause).replace(str(path), path.name).split("\n")[0].split(";")[0].strip()
    return "a file of another kind" if "not recognized as" in text else text


def _listed(names: Iterable[str]) -> str:
    return ", ".join(list(names)[:20])
