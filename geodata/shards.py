"""Partitions of reports and tables anywhere fsspec reaches: a folder, a bucket, a share.

The workspace keeps its own files (`geodata.partitions`). This is for a county or a country, where
the reports lie as many parquet files on a disk or in object storage, and several machines read and
write them at once. Each file is written whole under another name and then renamed, or put at once
where the storage does that, so that a worker killed in the middle leaves nothing that could be
taken for a result.
"""

from __future__ import annotations

import json
import sys
import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pyproj
import shapely

from geodata.crs import BNG, crs_name, is_bng, to_bng
from geodata.distinct import distinct_points
from geodata.errors import ReportFileError, SaferWalksError

if TYPE_CHECKING:
    import fsspec

CANNOT_READ = (OSError, pa.ArrowException)
_PLACES = (("easting", "northing"), ("lon", "lat"), ("longitude", "latitude"))
_NEEDED = ("month", "category")
NOT_SAID = "not said"
"""Category of a report that names none."""
_WHOLE = {"s3", "gs", "abfs", "memory"}
"""Object storage, where a file appears whole or not at all: it has no renaming, and needs none."""


def storage(url: str) -> tuple[fsspec.AbstractFileSystem, str]:
    """Open the storage that an address names, and give the path in it.

    Raises
    ------
    SaferWalksError
        If fsspec, or the package for that kind of storage, is not installed.
    """
    try:
        from fsspec.core import url_to_fs

        return url_to_fs(url)
    except (ImportError, ValueError) as fault:
        raise SaferWalksError(
            "This storage cannot be reached from here", got=f"{url.split('?')[0]} ({fault})",
            todo='install the extra "scale" and the package for that storage (s3fs, gcsfs, adlfs)',
        ) from fault  # fmt: skip


def find_shards(url: str) -> list[str]:
    """List the parquet files below an address, in the order of their names.

    Raises
    ------
    ReportFileError
        If there is none, or the storage does not let us in.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> write_table(f"{folder}/2026-01.parquet", pd.DataFrame({"a": [1]}))
    >>> [found.rsplit("/", 1)[1] for found in find_shards(folder)]
    ['2026-01.parquet']
    """
    files, path = storage(url)
    try:
        found = _below(files, path)
    except _refusals() as fault:
        raise ReportFileError(
            "This storage does not answer, or lets nobody in", got=f"{url}: {fault}",
            todo="check the address, the network and the credentials of this machine",
        ) from fault  # fmt: skip
    if not found:
        raise ReportFileError(
            "There is no parquet file here", got=url,
            todo="give a folder of parquet files with month, category and a place",
        )  # fmt: skip
    return [files.unstrip_protocol(one) for one in found]


def total_bytes(urls: Sequence[str]) -> int:
    """Add up how large files are.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> write_facts(f"{folder}/a.json", {})
    >>> total_bytes([f"{folder}/a.json", f"{folder}/a.json"])
    4
    """
    return sum(int(files.size(path) or 0) for files, path in map(storage, urls))


def _below(files: fsspec.AbstractFileSystem, path: str) -> list[str]:
    if files.isfile(path):
        return [path]
    return sorted(files.glob(f"{path.rstrip('/')}/**/*.parquet"))


def _refusals() -> tuple[type[Exception], ...]:
    """Name what storage raises that does not let us in; Amazon's package has its own kind."""
    amazon = sys.modules.get("botocore.exceptions")
    return (OSError, amazon.BotoCoreError) if amazon else (OSError,)


def read_reports(url: str) -> pd.DataFrame:
    """Read what counting needs of one partition.

    Parameters
    ----------
    url : str
        A parquet file with `month` ('2026-01'), `category`, and a place: `easting` and `northing`
        (BNG metres), or `lon` and `lat` (WGS84 degrees), or a GeoParquet `geometry` of points that
        says its reference system.

    Returns
    -------
    pandas.DataFrame
        `month`, `category` (categorical; `NOT_SAID` where none is given), `easting`, `northing`
        (BNG metres, missing where the row has no place), in the order of the file.

    Raises
    ------
    ReportFileError
        If the file cannot be read, or a column is not there.
    """
    files, path = storage(url)
    try:
        # Opened once: in object storage each time asks again how long the file is, and for its end.
        with (
            files.open(path, "rb") as file,
            pa.parquet.ParquetFile(file, read_dictionary=list(_NEEDED)) as partition,
        ):
            place = _place_of(partition.schema_arrow, url)
            table = partition.read([*_NEEDED, *place], use_threads=False)
    except CANNOT_READ as fault:
        raise ReportFileError("This partition cannot be read", got=f"{url}: {fault}") from fault
    easting, northing = _metres(table, place)
    month, category = (table.column(name).to_pandas().astype("category") for name in _NEEDED)
    if month.isna().any():
        raise ReportFileError(
            "A report of this partition has no month", got=url,
            first_bad=f"row {int(month.isna().to_numpy().argmax()) + 1}",
            todo="give each row its month, written 2026-01",
        )  # fmt: skip
    if category.isna().any():
        category = category.cat.add_categories([NOT_SAID]).fillna(NOT_SAID)
    return pd.DataFrame(
        {"month": month, "category": category, "easting": easting, "northing": northing}
    )


def _place_of(schema: pa.Schema, url: str) -> tuple[str, ...]:
    """Say by which columns a partition gives places."""
    place = next((pair for pair in _PLACES if set(pair) <= set(schema.names)), ("geometry",))
    missing = [name for name in (*_NEEDED, *place) if name not in schema.names]
    if missing:
        raise ReportFileError(
            "This partition lacks columns", got=f"{url}: no {', '.join(missing)}",
            todo="give each file month, category and easting and northing, or lon and lat",
        )  # fmt: skip
    return place


def _metres(table: pa.Table, place: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    if place == ("geometry",):
        return _points(table)
    x, y = (np.asarray(table.column(name).to_numpy(), dtype="float64") for name in place)
    if place[0] == "easting":
        return x, y
    return _from_degrees(x, y)


def _points(table: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    shapes = shapely.from_wkb(table.column("geometry").to_numpy())
    shapes[shapely.is_empty(shapes)] = None
    x, y = shapely.get_x(shapes), shapely.get_y(shapes)
    geo = json.loads((table.schema.metadata or {}).get(b"geo", b"{}"))
    said = geo.get("columns", {}).get("geometry", {}).get("crs")
    crs = pyproj.CRS.from_json_dict(said) if said else None
    if is_bng(crs):
        return x, y
    if crs is None or crs.is_geographic:  # GeoParquet: no word on it means longitude and latitude
        return _from_degrees(x, y)
    raise ReportFileError(
        "The points of this partition are in a system that is not converted", got=crs_name(crs),
        todo="save them in British National Grid, or in longitude and latitude",
    )  # fmt: skip


def _from_degrees(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Convert each distinct point once: open data repeat theirs hundreds of times."""
    number, x, y = distinct_points(lon, lat)
    east, north = (np.append(axis, np.nan) for axis in to_bng(x, y))  # the last for no place: -1
    return east.take(number, mode="wrap"), north.take(number, mode="wrap")


def write_table(url: str, frame: pd.DataFrame) -> None:
    """Write a table as parquet at an address, whole or not at all."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    sink = pa.BufferOutputStream()
    pa.parquet.write_table(table, sink, compression="zstd")
    _write(url, sink.getvalue().to_pybytes())


def read_table(url: str) -> pd.DataFrame:
    """Read a table that `write_table` wrote."""
    files, path = storage(url)
    return pa.parquet.read_table(pa.BufferReader(files.cat_file(path))).to_pandas()


def write_wards(url: str, wards: gpd.GeoDataFrame) -> None:
    """Write ward codes and shapes for the workers; `read_wards` gives them back, to the bit."""
    shapes = shapely.to_wkb(wards.geometry.to_numpy())
    write_table(url, pd.DataFrame({"ward_code": wards["ward_code"].astype(str), "shape": shapes}))


def read_wards(url: str) -> gpd.GeoDataFrame:
    """Read what `write_wards` wrote, in British National Grid."""
    table = read_table(url)
    shapes = shapely.from_wkb(table["shape"].to_numpy())
    return gpd.GeoDataFrame({"ward_code": table["ward_code"]}, geometry=shapes, crs=BNG)


def write_facts(url: str, facts: Mapping[str, Any]) -> None:
    """Write facts as JSON at an address, whole or not at all."""
    _write(url, json.dumps(facts, indent=2, ensure_ascii=False).encode())


def read_facts(url: str) -> dict[str, Any]:
    """Read what `write_facts` wrote."""
    files, path = storage(url)
    return dict(json.loads(files.cat_file(path)))


def exists(url: str) -> bool:
    """Tell whether something lies at an address."""
    files, path = storage(url)
    return bool(files.exists(path))


def remove(url: str) -> None:
    """Delete what lies below an address."""
    files, path = storage(url)
    files.rm(path, recursive=True)


def _write(url: str, content: bytes) -> None:
    files, path = storage(url)
    kinds = {files.protocol} if isinstance(files.protocol, str) else set(files.protocol)
    if kinds & _WHOLE:
        files.pipe_file(path, content)
        return
    files.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
    aside = f"{path}.{uuid.uuid4().hex}.part"
    files.pipe_file(aside, content)
    files.mv(aside, path)
