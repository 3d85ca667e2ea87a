"""Read GeoJSON and GeoPackage layers and parquet files as tables of text, places as WKT.

The column `geometry` holds each row's shape in British National Grid or in WGS84 degrees: a layer
in any other reference system is turned into the grid here, where its system is known.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet
import pyproj
import shapely

from geodata.council.headers import MAX_COLUMNS, Header
from geodata.council.table import CHUNK_ROWS, Chunk, Table, damaged
from geodata.crs import BNG, WGS84, is_bng
from geodata.errors import ReportFileError
from geodata.gdal import ALLOWED_DRIVERS, unsafe_drivers
from geodata.incidents import TIMEZONE

DRIVERS = frozenset({"GPKG", "GeoJSON", "FlatGeobuf"})
GEOMETRY = "geometry"
"""Name of the column that holds shapes."""


def open_layer(path: Path, name: str, *, layer: str = "") -> Table:
    """Open a layer of a GeoJSON, GeoPackage or FlatGeobuf file.

    Parameters
    ----------
    path : pathlib.Path
        The file. What opens it is decided by its content and checked before a row is read.
    name : str
        What to call it in messages.
    layer : str
        The layer to read; needed only where there are several.

    Raises
    ------
    ReportFileError
        If it is damaged, of another kind, or holds several layers and none is named.
    """
    if unsafe_drivers():
        raise ReportFileError(
            f"{name} cannot be read safely: GDAL was loaded with drivers that follow links",
            got=", ".join(unsafe_drivers()), todo="import geodata before pyogrio",
        )  # fmt: skip
    import pyogrio

    with _plain(name):
        chosen = _layer(name, [str(n) for n, _ in pyogrio.list_layers(path)], layer)
        info = pyogrio.read_info(path, layer=chosen)
    if info["driver"] not in DRIVERS:
        raise damaged(name, f"a file of the kind {info['driver']}")
    names = _names([str(f) for f in info["fields"]], shaped=info["geometry_type"] is not None)

    def read(columns: Sequence[int]) -> Iterator[Chunk]:
        wanted = [names.columns[c] for c in columns]
        return _layer_chunks(path, name, chosen, wanted, info["crs"], names)

    return Table(
        name, ALLOWED_DRIVERS[info["driver"]], names.columns, _digest(path), path.stat().st_size,
        names.notes, _read=read,
    )  # fmt: skip


def layer_names(path: Path, name: str) -> list[str]:
    """List the layers of a GeoJSON, GeoPackage or FlatGeobuf file.

    Raises
    ------
    ReportFileError
        If it is damaged.
    """
    import pyogrio

    with _plain(name):
        return [str(layer) for layer, _ in pyogrio.list_layers(path)]


def open_parquet(path: Path, name: str) -> Table:
    """Open a parquet file, GeoParquet or plain.

    Raises
    ------
    ReportFileError
        If it is damaged, or has too many columns.
    """
    with _plain(name):
        file = pa.parquet.ParquetFile(path)
    shape, crs = _geo(file.schema_arrow.metadata or {})
    fields = [n for n in file.schema_arrow.names if n != shape]
    names = _names(fields, shaped=bool(shape))
    notes = [
        f"{f.name} holds lists or structures, which are not read"
        for f in file.schema_arrow
        if pa.types.is_nested(f.type)
    ]

    def read(columns: Sequence[int]) -> Iterator[Chunk]:
        wanted = [names.columns[c] for c in columns]
        return _parquet_chunks(path, name, wanted, (shape, crs))

    return Table(
        name, "parquet", names.columns, _digest(path), path.stat().st_size, (*names.notes, *notes),
        _read=read,
    )  # fmt: skip


def _layer(name: str, layers: Sequence[str], asked: str) -> str:
    if asked and asked not in layers:
        raise ReportFileError(
            f"{name} has no layer called {asked!r}", got=", ".join(layers), todo="name one of these"
        )
    if not layers:
        raise damaged(name, "no layers")
    if len(layers) > 1 and not asked:
        raise ReportFileError(
            f"{name} holds several layers", got=", ".join(layers[:20]), todo="name the one to read"
        )
    return asked or layers[0]


def _names(fields: Sequence[str], *, shaped: bool) -> Header:
    if len(fields) > MAX_COLUMNS:
        raise ReportFileError("The file has too many columns", got=f"{len(fields):,}")
    return Header(0, (*fields, *([GEOMETRY] if shaped and GEOMETRY not in fields else [])), ())


def _layer_chunks(
    path: Path, name: str, layer: str, wanted: Sequence[str], crs: str | None, names: Header
) -> Iterator[Chunk]:
    import pyogrio

    attributes = [w for w in wanted if w != GEOMETRY]
    reader = pyogrio.open_arrow(
        path, layer=layer, columns=attributes, read_geometry=GEOMETRY in names.columns,
        batch_size=CHUNK_ROWS, use_pyarrow=True, datetime_as_string=True,
    )  # fmt: skip
    with _entered(reader, name) as (meta, stream):
        shape = meta["geometry_name"] or "wkb_geometry"
        yield from _numbered(_guarded(iter(stream), name), wanted, (shape, crs))


def _parquet_chunks(
    path: Path, name: str, wanted: Sequence[str], shape: tuple[str, Any]
) -> Iterator[Chunk]:
    columns = [shape[0] if w == GEOMETRY and shape[0] else w for w in wanted]
    with pa.parquet.ParquetFile(path) as file:
        batches = file.iter_batches(CHUNK_ROWS, columns=columns)
        yield from _numbered(_guarded(batches, name), wanted, shape)


def _numbered(
    batches: Iterator[pa.RecordBatch], wanted: Sequence[str], shape: tuple[str, Any]
) -> Iterator[Chunk]:
    start = 1
    for batch in batches:
        yield _chunk(pa.Table.from_batches([batch]), wanted, shape, start)
        start += batch.num_rows


def _guarded(batches: Iterator[pa.RecordBatch], name: str) -> Iterator[pa.RecordBatch]:
    # Each step on its own: what the reader of the batches does in between is not GDAL's.
    while True:
        with _plain(name):
            batch = next(batches, None)
        if batch is None:
            return
        yield batch


@contextmanager
def _entered(
    reader: AbstractContextManager[tuple[dict[str, Any], Any]], name: str
) -> Iterator[tuple[dict[str, Any], Any]]:
    with ExitStack() as stack:
        with _plain(name):
            opened = stack.enter_context(reader)
        yield opened


def _chunk(table: pa.Table, wanted: Sequence[str], shape: tuple[str, Any], start: int) -> Chunk:
    geometry, crs = shape
    columns = [
        _as_wkt(table[geometry], crs) if w == GEOMETRY and geometry in table.column_names
        else as_text(table[w])
        for w in wanted
    ]  # fmt: skip
    data = pa.Table.from_arrays(columns, names=[str(n) for n in range(len(columns))])
    return Chunk(data, np.arange(start, start + table.num_rows, dtype="int64"))


def as_text(column: pa.ChunkedArray) -> pa.Array:
    """Write any column as text; blank where a value is missing.

    Times with a zone are given in London's; numbers as short as they can be read back.

    Examples
    --------
    >>> as_text(pa.chunked_array([[100023456789.0, None, 0.5]])).to_pylist()
    ['100023456789', '', '0.5']
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        return as_text(pc.cast(column, kind.value_type))
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pa.array([""] * len(column), pa.string())
    if pa.types.is_timestamp(kind):
        values = column.to_pandas()
        local = values.dt.tz_convert(TIMEZONE) if kind.tz else values
        words = local.astype("str").astype("object").where(values.notna(), "")
        text = pa.array(words.to_numpy(), pa.string())
    elif pa.types.is_floating(kind):
        whole = pc.equal(pc.round(column), column)
        small = pc.less(pc.abs(column), 2.0**53)
        exact = pc.fill_null(pc.and_(whole, small), False)
        ints = pc.cast(pc.if_else(exact, column, 0.0), pa.int64())
        text = pc.if_else(exact, pc.cast(ints, pa.string()), pc.cast(column, pa.string()))
        text = pc.if_else(pc.fill_null(pc.is_nan(column), True), "", text)
    else:
        text = pc.cast(column, pa.string())
    filled = pc.fill_null(text, "")
    return filled.combine_chunks() if isinstance(filled, pa.ChunkedArray) else filled


def _as_wkt(column: pa.ChunkedArray, crs: object) -> pa.Array:
    shapes = shapely.from_wkb(column.to_numpy(), on_invalid="ignore")
    if crs is not None and not _is_degrees(crs) and not is_bng(crs):
        shapes = gpd.GeoSeries(shapes, crs=crs).to_crs(BNG).to_numpy()
    shapes = shapely.force_2d(shapes)
    text = pd.Series(shapely.to_wkt(shapes, rounding_precision=-1), dtype="object")
    return pa.array(text.where(pd.notna(text), ""), pa.string())


def _is_degrees(crs: object) -> bool:
    return bool(pyproj.CRS.from_user_input(crs).equals(WGS84, ignore_axis_order=True))


def _geo(metadata: dict[bytes, bytes]) -> tuple[str, Any]:
    """Name the geometry column of a GeoParquet file and its reference system."""
    try:
        content = json.loads(metadata.get(b"geo", b"{}"))
        column = content.get("primary_column", "")
        return column, content["columns"][column].get("crs", WGS84) if column else None
    except (ValueError, KeyError, AttributeError):
        return "", None


@contextmanager
def _plain(name: str) -> Iterator[None]:
    """Turn the libraries' errors about a file into ours."""
    import pyogrio.errors as faults

    known = (
        faults.DataSourceError, faults.DataLayerError, faults.FeatureError, faults.FieldError,
        faults.GeometryError, faults.CRSError, pa.ArrowException, pyproj.exceptions.ProjError,
        shapely.errors.ShapelyError, OSError, UnicodeDecodeError,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # GDAL warns of what it mends; the values are checked later
        try:
            yield
        except known as error:
            raise damaged(name, str(error)) from error


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]
