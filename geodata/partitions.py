"""Partition files: incidents of one file, force and month as GeoParquet, never changed.

The geometry column is the point in British National Grid, null where a row has no place, so that
any GIS opens the file; our own readers use `easting` and `northing` beside it.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet
import pyproj

from geodata import durable
from geodata.crs import BNG
from geodata.errors import SaferWalksError
from geodata.incidents import COUNCIL_FIELDS, INCIDENT_COLUMNS, INCIDENT_SCHEMA, STORED_SCHEMA
from geodata.manifest import Partition, digest_of
from geodata.workspace import missing_file

_UNIQUE = {"incident_uid", "source_ref", "case_ref"}
_WKB_POINT = np.dtype([("order", "u1"), ("kind", "<u4"), ("x", "<f8"), ("y", "<f8")])


def encode(incidents: pd.DataFrame) -> bytes:
    """Write incidents as a GeoParquet file in memory: the same rows give the same bytes.

    Columns of `geodata.incidents.COUNCIL_FIELDS` are written where some row fills them, so that
    files of the police pay nothing for what only councils know.
    """
    filled = [f for f in COUNCIL_FIELDS if f.name in incidents and incidents[f.name].notna().any()]
    table = _with_points(incidents, pa.schema([*INCIDENT_SCHEMA, *filled]))
    sink = pa.BufferOutputStream()
    pa.parquet.write_table(table, sink, **_how_to_write(table.schema))
    return sink.getvalue().to_pybytes()


def as_table(incidents: pd.DataFrame, schema: pa.Schema) -> pa.Table:
    """Turn incidents into an Arrow table, without the words that no row uses."""
    # Column by column: Table.from_pandas makes the same table in six times the time.
    columns = [pa.array(_used(incidents[f.name]), type=f.type, from_pandas=True) for f in schema]
    return pa.table(columns, schema=schema)


def _with_points(incidents: pd.DataFrame, schema: pa.Schema) -> pa.Table:
    table = as_table(incidents, schema).replace_schema_metadata({"geo": _geo_metadata()})
    points = _wkb(incidents["easting"].to_numpy(), incidents["northing"].to_numpy())
    return table.append_column("geometry", points)


def _how_to_write(schema: pa.Schema) -> dict[str, Any]:
    repeating = [name for name in schema.names if name not in _UNIQUE]
    return {"compression": "zstd", "use_dictionary": repeating, "write_statistics": False}


def encode_slices(incidents: pd.DataFrame, ends: Sequence[int]) -> Iterator[bytes]:
    """Write consecutive slices of one table as files of their own, each as `encode` would.

    Turning columns into Arrow costs so much a call that it is worth doing once for many small
    files. None of `geodata.incidents.COUNCIL_FIELDS` is written.
    """
    table = _with_points(incidents, INCIDENT_SCHEMA)
    how = _how_to_write(table.schema)
    start = 0
    for end in ends:
        sink = pa.BufferOutputStream()
        part = table.slice(start, end - start)
        columns = [own_words(column.combine_chunks()) for column in part.columns]
        pa.parquet.write_table(pa.table(columns, schema=table.schema), sink, **how)
        yield sink.getvalue().to_pybytes()
        start = end


def own_words(column: pa.Array) -> pa.Array:
    """Leave out the words that a slice does not use."""
    if not isinstance(column, pa.DictionaryArray):
        return column
    return column.dictionary_decode().dictionary_encode()


def _used(column: pd.Series) -> pd.Series | pd.Categorical:
    """Leave out the words no row uses: the file these rows came from may have many others."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return column
    codes, words = column.cat.codes.to_numpy(), column.cat.categories
    used = np.zeros(len(words) + 1, dtype=bool)
    used[codes] = True  # a missing value is -1, the place beyond the last word
    if used[:-1].all():
        return column
    place = np.append(np.cumsum(used[:-1]) - 1, -1)
    return pd.Categorical.from_codes(place[codes], categories=words[used[:-1]])


def decode(paths: Sequence[Path], columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Read incidents from partition files, in the order of the files.

    Parameters
    ----------
    paths : sequence of Path
        Partition files.
    columns : sequence of str, optional
        The columns wanted, in this order, also of `geodata.incidents.COUNCIL_COLUMNS`; all of
        `INCIDENT_COLUMNS` if None. What a file does not hold is missing.

    Raises
    ------
    SaferWalksError
        If a column is not one of the incident table.
    """
    wanted = list(INCIDENT_COLUMNS if columns is None else columns)
    unknown = [c for c in wanted if c not in STORED_SCHEMA.names]
    if unknown:
        raise SaferWalksError(
            "Incidents have no such column", got=", ".join(unknown),
            todo=f"choose among {', '.join(STORED_SCHEMA.names)}",
        )  # fmt: skip
    schema = INCIDENT_SCHEMA if set(wanted) <= set(INCIDENT_COLUMNS) else STORED_SCHEMA
    if not paths:
        return schema.empty_table().select(wanted).to_pandas()
    files = pa.dataset.dataset([str(p) for p in paths], schema=schema, format="parquet")
    return files.to_table(columns=wanted).to_pandas()


def read(
    folder: Path, wanted: Sequence[Partition], columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """Read the rows of stored partitions, in their order; see `decode`.

    Raises
    ------
    WorkspaceError
        If a stored file is missing.
    SaferWalksError
        If a column is not one of the incident table.
    """
    paths = [folder / p.path for p in wanted if p.path]
    for path in paths:
        if not path.is_file():
            raise missing_file(path)
    return decode(paths, columns)


def write(folder: Path, source: str, month: str, frame: pd.DataFrame) -> str:
    """Write a partition file under the digest of its bytes and give its path in the workspace.

    '' if there are no rows. For the holder of the lock.
    """
    if not len(frame):
        return ""
    data = encode(frame)
    name = _name(source, month, data)
    write_once(folder / name, data)
    return name


def stage(staging: durable.Staging, folder: Path, source: str, month: str, data: bytes) -> str:
    """Stage an encoded partition file and give the path it will have in the workspace."""
    name = _name(source, month, data)
    if _is_there(folder / name, data):
        durable.touch(folder, [name])
    else:
        staging.add(folder / name, data)
    return name


def _name(source: str, month: str, data: bytes) -> str:
    return f"incidents/source={source}/month={month}/{digest_of(data)}.parquet"


def _is_there(path: Path, data: bytes) -> bool:
    return path.is_file() and path.stat().st_size == len(data)


def write_slabs(folder: Path, source: str, month: str, slabs: Iterator[pd.DataFrame]) -> str:
    """Write a partition file slab by slab, so that only one is in memory; see `write`."""
    filled = (slab for slab in slabs if len(slab))
    first, second = next(filled, None), next(filled, None)
    if first is None or second is None:
        return "" if first is None else write(folder, source, month, first)
    within = f"incidents/source={source}/month={month}"
    staged = folder / within / f"{durable.TEMPORARY}slabs.parquet"
    staged.parent.mkdir(parents=True, exist_ok=True)
    try:
        with pa.OSFile(str(staged), "wb") as sink:
            _encode_slabs(sink, itertools.chain([first, second], filled))
        name = f"{within}/{_digest_of_file(staged)}.parquet"
        durable.flush_file(staged)
        durable.swap(staged, folder / name)
        durable.flush_folder(staged.parent)
    finally:
        staged.unlink(missing_ok=True)
    return name


def _encode_slabs(sink: pa.NativeFile, slabs: Iterator[pd.DataFrame]) -> None:
    writer = None
    for slab in slabs:
        council = [f for f in COUNCIL_FIELDS if f.name in slab]
        table = _with_points(slab, pa.schema([*INCIDENT_SCHEMA, *council]))
        if writer is None:
            writer = pa.parquet.ParquetWriter(sink, table.schema, **_how_to_write(table.schema))
        writer.write_table(table)
    if writer is not None:
        writer.close()


def _digest_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]


def write_once(path: Path, data: bytes) -> None:
    """Write a file named by its content; it may be there already, left by a killed import."""
    if _is_there(path, data):
        durable.touch(path.parent, [path.name])
    else:
        durable.write_file(path, data)


class Counts(TypedDict):
    """Rows of a partition by where they lie; see `geodata.ward_join`."""

    inside: int
    outside: int
    in_collar: int
    no_location: int
    near_boundary: int


def count(joined: pd.DataFrame) -> Counts:
    """Count rows that have been joined to wards by where they lie."""
    match = joined["ward_match"]
    return {
        "inside": int(match.eq("inside").sum()),
        "outside": int(match.eq("outside").sum()),
        "in_collar": int(joined["in_collar"].sum()),
        "no_location": int(match.eq("no_location").sum()),
        "near_boundary": int(joined["near_boundary"].sum()),
    }


def _wkb(x: np.ndarray, y: np.ndarray) -> pa.Array:
    """Write points as well-known binary, 21 bytes each, without a Python object per point."""
    located = np.isfinite(x) & np.isfinite(y)
    cells = np.zeros(int(located.sum()), dtype=_WKB_POINT)
    cells["order"], cells["kind"] = 1, 1
    cells["x"], cells["y"] = x[located], y[located]
    ends = np.cumsum(located, dtype="int64") * _WKB_POINT.itemsize
    offsets = np.concatenate([[0], ends]).astype("int32")
    validity = np.packbits(located, bitorder="little").tobytes()
    buffers = [pa.py_buffer(validity), pa.py_buffer(offsets), pa.py_buffer(cells.tobytes())]
    return pa.Array.from_buffers(pa.binary(), len(x), buffers)


@cache
def _geo_metadata() -> str:
    column = {
        "encoding": "WKB",
        "geometry_types": ["Point"],
        "crs": pyproj.CRS.from_user_input(BNG).to_json_dict(),
    }
    content = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    return json.dumps(content, sort_keys=True)
