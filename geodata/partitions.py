"""Partition files: incidents of one file, force and month as GeoParquet, never changed.

The geometry column is the point in British National Grid, null where a row has no place, so that
any GIS opens the file; our own readers use `easting` and `northing` beside it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet
import pyproj

from geodata.crs import BNG
from geodata.errors import SaferWalksError
from geodata.incidents import INCIDENT_COLUMNS, INCIDENT_SCHEMA, empty_incidents

_UNIQUE = {"incident_uid", "source_ref"}
_REPEATING = [*(name for name in INCIDENT_COLUMNS if name not in _UNIQUE), "geometry"]
_WKB_POINT = np.dtype([("order", "u1"), ("kind", "<u4"), ("x", "<f8"), ("y", "<f8")])


def encode(incidents: pd.DataFrame) -> bytes:
    """Write incidents as a GeoParquet file in memory: the same rows give the same bytes."""
    # Column by column: Table.from_pandas makes the same table in six times the time.
    columns = [
        pa.array(_used(incidents[f.name]), type=f.type, from_pandas=True) for f in INCIDENT_SCHEMA
    ]
    table = pa.table(columns, schema=INCIDENT_SCHEMA)
    table = table.replace_schema_metadata({"geo": _geo_metadata()})
    points = _wkb(incidents["easting"].to_numpy(), incidents["northing"].to_numpy())
    sink = pa.BufferOutputStream()
    pa.parquet.write_table(
        table.append_column("geometry", points), sink, compression="zstd",
        use_dictionary=_REPEATING, write_statistics=False,
    )  # fmt: skip
    return sink.getvalue().to_pybytes()


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
        The columns wanted, in this order; all of `INCIDENT_COLUMNS` if None.

    Raises
    ------
    SaferWalksError
        If a column is not one of the incident table.
    """
    wanted = list(INCIDENT_COLUMNS if columns is None else columns)
    unknown = [c for c in wanted if c not in INCIDENT_COLUMNS]
    if unknown:
        raise SaferWalksError(
            "Incidents have no such column", got=", ".join(unknown),
            todo=f"choose among {', '.join(INCIDENT_COLUMNS)}",
        )  # fmt: skip
    if not paths:
        return empty_incidents()[wanted]
    files = pa.dataset.dataset([str(p) for p in paths], schema=INCIDENT_SCHEMA, format="parquet")
    return files.to_table(columns=wanted).to_pandas()


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


def _geo_metadata() -> str:
    column = {
        "encoding": "WKB",
        "geometry_types": ["Point"],
        "crs": pyproj.CRS.from_user_input(BNG).to_json_dict(),
    }
    content = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    return json.dumps(content, sort_keys=True)
