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
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pyproj
import shapely

from geodata.crs import BNG, crs_name, is_bng
from geodata.distinct import Floats
from geodata.errors import ReportFileError, SaferWalksError

if TYPE_CHECKING:
    import fsspec

CANNOT_READ = (OSError, pa.ArrowException)
_PLACES = (("easting", "northing"), ("lon", "lat"), ("longitude", "latitude"))
_ASKED_AT_ONCE = 8
_HALF = ".part"
GROUP_ROWS = 1 << 13
"""Rows of a table that are read together, where only some of it is read."""
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


@contextmanager
def _reached(url: str) -> Iterator[None]:
    """Say so where storage refuses."""
    try:
        yield
    except refusals() as fault:
        raise SaferWalksError(
            "This storage does not answer, or lets nobody in", got=f"{url}: {_said(fault)}",
            todo="check the address, the network and the credentials of this machine",
        ) from fault  # fmt: skip


def absolute(url: str) -> str:
    """Write an address so that it means the same in every folder of this machine.

    Examples
    --------
    >>> absolute("/srv/built/"), absolute("s3://county/built/")
    ('/srv/built', 's3://county/built')
    """
    if "://" in url:
        return url.rstrip("/")
    files, path = storage(url)
    return path.rstrip("/") if is_local(files) else url


def find_shards(url: str) -> list[str]:
    """List the parquet files below an address, in the order of their names.

    Raises
    ------
    ReportFileError
        If there is none.
    SaferWalksError
        If the storage does not let us in.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> write_table(f"{folder}/2026-01.parquet", pd.DataFrame({"a": [1]}))
    >>> [found.rsplit("/", 1)[1] for found in find_shards(folder)]
    ['2026-01.parquet']
    """
    files, path = storage(url)
    with _reached(url):
        found = _below(files, path)
    if not found:
        raise ReportFileError(
            "There is no parquet file here", got=url,
            todo="give a folder of parquet files with month, category and a place",
        )  # fmt: skip
    return [files.unstrip_protocol(one) for one in found]


def total_rows(urls: Sequence[str], words: Sequence[str] = ()) -> int:
    """Add up how many reports files hold, from their ends alone.

    Raises
    ------
    ReportFileError
        If one of them cannot be read or lacks a column: before anything is done with the others.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> write_table(f"{folder}/a.parquet", pd.DataFrame({"lon": [0.1], "lat": [51.5]}))
    >>> total_rows([f"{folder}/a.parquet", f"{folder}/a.parquet"])
    2
    """

    def rows(url: str) -> int:
        with opened(url, words) as shard:
            return shard.rows

    with ThreadPoolExecutor(_ASKED_AT_ONCE) as pool:
        return sum(pool.map(rows, urls))


def sizes(urls: Sequence[str]) -> list[int]:
    """Say how many bytes each file has.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> write_facts(f"{folder}/a.json", {})
    >>> sizes([f"{folder}/a.json"])
    [2]
    """
    return [_size(url) for url in urls]


def _size(url: str) -> int:
    if _is_path(url):
        return Path(url).stat().st_size
    files, path = storage(url)
    return int(files.size(path) or 0)


def _is_path(url: str) -> bool:
    """Tell a path of this machine: it is read without fsspec, which takes 0.1 s to load."""
    return "://" not in url and "::" not in url


def versions(urls: Sequence[str]) -> list[str]:
    """Give each file a word that changes when the file does."""
    return [str(files.ukey(path)) for files, path in map(storage, urls)]


def _below(files: fsspec.AbstractFileSystem, path: str) -> list[str]:
    if files.isfile(path):
        return [path]
    return sorted(files.glob(f"{path.rstrip('/')}/**/*.parquet"))


def refusals() -> tuple[type[Exception], ...]:
    """Name what storage raises that does not let us in; Amazon's package has its own kind."""
    amazon = sys.modules.get("botocore.exceptions")
    return (*CANNOT_READ, amazon.BotoCoreError) if amazon else CANNOT_READ


@dataclass(frozen=True)
class Batch:
    """Some rows of a partition.

    Attributes
    ----------
    x, y : numpy.ndarray
        Coordinates as the file has them; NaN in either where a row has no place.
    words : tuple
        For each column asked for: the number of each row's word (-1 for none), and the words.
    """

    x: Floats
    y: Floats
    words: tuple[tuple[npt.NDArray[np.int32], list[str]], ...]


@dataclass(frozen=True)
class Shard:
    """A partition that is open: `opened` gives it.

    Attributes
    ----------
    url : str
        Its address.
    rows : int
        Reports in it.
    degrees : bool
        Whether places are WGS84 longitude and latitude, or else BNG metres.
    """

    url: str
    rows: int
    degrees: bool
    _file: pa.parquet.ParquetFile
    _place: tuple[str, ...]
    _words: tuple[str, ...]

    def batches(self, rows: int) -> Iterator[Batch]:
        """Read it, so many rows at a time."""
        columns = [*self._place, *self._words]
        for batch in self._file.iter_batches(rows, columns=columns, use_threads=False):
            x, y = _axes(batch, self._place)
            yield Batch(x, y, tuple(_words(batch.column(name)) for name in self._words))


@contextmanager
def opened(
    url: str, words: Sequence[str] = (), *, place: tuple[str, str] | None = None
) -> Iterator[Shard]:
    """Open a partition for reading.

    Parameters
    ----------
    url : str
        A parquet file with a place: `easting` and `northing` (BNG metres), or `lon` and `lat`
        (WGS84 degrees), or a GeoParquet `geometry` of points that says its reference system.
    words : sequence of str
        Other columns to read, as words.
    place : tuple of str, optional
        Columns of the place in BNG metres, where they have other names.

    Raises
    ------
    ReportFileError
        If the file cannot be read, or a column is not there.
    """
    how: dict[str, Any] = {"read_dictionary": list(words)}
    try:
        # Opened once: in object storage each time asks again how long the file is, and for its end.
        with (
            nullcontext(url) if _is_path(url) else _file(url) as file,
            pa.parquet.ParquetFile(file, memory_map=True, pre_buffer=True, **how) as partition,
        ):
            schema = partition.schema_arrow
            found = place or _place_of(schema, url, words)
            degrees, rows = _in_degrees(schema, found, url), partition.metadata.num_rows
            yield Shard(url, rows, degrees, partition, found, tuple(words))
    except refusals() as fault:
        raise ReportFileError(
            "This partition cannot be read", got=f"{url}: {_said(fault)}",
            todo="check that it is a parquet file, and that each machine that counts may read it",
        ) from fault  # fmt: skip


def _file(url: str) -> AbstractContextManager[Any]:
    files, path = storage(url)
    return nullcontext(path) if is_local(files) else files.open(path, "rb")


def _words(column: pa.Array) -> tuple[npt.NDArray[np.int32], list[str]]:
    """Give each row the number of its word, -1 where it has none."""
    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    words, code = coded.dictionary.to_pylist(), coded.indices.fill_null(-1)
    number = code.to_numpy(zero_copy_only=False).astype("int32")
    blank = [which for which, word in enumerate(words) if word is None]
    if blank:
        number[np.isin(number, blank)] = -1
    return number, [str(word) for word in words]


def _place_of(schema: pa.Schema, url: str, words: Sequence[str]) -> tuple[str, ...]:
    """Say by which columns a partition gives places."""
    place = next((pair for pair in _PLACES if set(pair) <= set(schema.names)), ("geometry",))
    missing = [name for name in (*words, *place) if name not in schema.names]
    if missing:
        raise ReportFileError(
            "This partition lacks columns", got=f"{url}: no {', '.join(missing)}",
            todo="give each file month, category and easting and northing, or lon and lat",
        )  # fmt: skip
    types = {name: schema.field(name).type for name in place if len(place) > 1}
    wrong = [n for n, t in types.items() if not (pa.types.is_floating(t) or pa.types.is_integer(t))]
    if wrong:
        raise ReportFileError(
            "Coordinates of this partition are not numbers", got=f"{url}: {wrong[0]}",
            first_bad=str(types[wrong[0]]), todo="save them as numbers",
        )  # fmt: skip
    return place


def _in_degrees(schema: pa.Schema, place: Sequence[str], url: str) -> bool:
    if len(place) > 1:
        return place[0].startswith("lon")
    geo = json.loads((schema.metadata or {}).get(b"geo", b"{}"))
    said = geo.get("columns", {}).get("geometry", {}).get("crs")
    crs = pyproj.CRS.from_json_dict(said) if said else None
    if crs is None or crs.is_geographic:  # GeoParquet: no word on it means longitude and latitude
        return True
    if is_bng(crs):
        return False
    raise ReportFileError(
        "The points of this partition are in a system that is not converted",
        got=f"{url}: {crs_name(crs)}",
        todo="save them in British National Grid, or in longitude and latitude",
    )


def _axes(batch: pa.RecordBatch, place: Sequence[str]) -> tuple[Floats, Floats]:
    if len(place) > 1:
        x, y = (batch.column(name).to_numpy(zero_copy_only=False) for name in place)
        return x, y
    shapes = shapely.from_wkb(batch.column("geometry").to_numpy(zero_copy_only=False))
    shapes[shapely.is_empty(shapes)] = None
    return shapely.get_x(shapes), shapely.get_y(shapes)


def write_table(url: str, frame: pd.DataFrame) -> None:
    """Write a table as parquet at an address, whole or not at all; categories as plain text."""
    table = _plain(frame)
    texts = [
        field.with_type(pa.string()) if pa.types.is_dictionary(field.type) else field
        for field in table.schema
    ]
    sink = pa.BufferOutputStream()
    pa.parquet.write_table(table.cast(pa.schema(texts)), sink, compression="zstd")
    _write(url, sink.getvalue())


def write_ordered(url: str, frame: pd.DataFrame) -> None:
    """Write a table for `read_between`: in small groups of rows, as quickly as can be.

    Parameters
    ----------
    url : str
        Address.
    frame : pandas.DataFrame
        Whole numbers between -2**31 and 2**31, and categories; ordered by what is to be read by.
    """
    table = _plain(frame)
    small = [
        field.with_type(pa.int32()) if pa.types.is_integer(field.type) else field
        for field in table.schema
    ]
    texts = [field.name for field in small if pa.types.is_dictionary(field.type)]
    sink = pa.BufferOutputStream()
    pa.parquet.write_table(
        table.cast(pa.schema(small)), sink, compression="zstd", row_group_size=GROUP_ROWS,
        use_dictionary=texts, write_statistics=[str(frame.columns[0])],
    )  # fmt: skip
    _write(url, sink.getvalue())


def _plain(frame: pd.DataFrame) -> pa.Table:
    return pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)


def read_table(url: str) -> pd.DataFrame:
    """Read a table that `write_table` wrote."""
    files, path = storage(url)
    with _reached(url):
        content = files.cat_file(path)
    return pa.parquet.read_table(pa.BufferReader(content)).to_pandas()


def read_between(url: str, low: int, high: int) -> pd.DataFrame:
    """Read the rows of a table whose first column lies in a range.

    Parameters
    ----------
    url : str
        A table that `write_ordered` wrote, ordered by its first column.
    low, high : int
        From `low` to below `high`.

    Returns
    -------
    pandas.DataFrame
        Text is categorical. Only groups of rows that may hold some of the range are read.

    Examples
    --------
    >>> import tempfile
    >>> url = f"{tempfile.mkdtemp()}/a.parquet"
    >>> write_ordered(url, pd.DataFrame({"q": [1, 2, 2, 5], "count": [9, 8, 7, 6]}))
    >>> read_between(url, 2, 5)["count"].tolist()
    [8, 7]
    """
    files, path = storage(url)
    # Exactly what is asked for, and what lies side by side at once: each request costs a while.
    remote = {"cache_type": "none"}
    with (
        _reached(url),
        nullcontext(path) if is_local(files) else files.open(path, "rb", **remote) as file,
        pa.parquet.ParquetFile(file, memory_map=True, pre_buffer=True) as table,
    ):
        groups = range(table.num_row_groups)
        ends = [table.metadata.row_group(n).column(0) for n in groups]
        near = [
            n for n, end in zip(groups, ends, strict=True)
            if end.num_values and end.statistics.min < high and end.statistics.max >= low
        ]  # fmt: skip
        found = table.read_row_groups(near, use_threads=False)
    first = found.column(0).to_numpy()
    start, end = np.searchsorted(first, [low, high])
    return found.slice(start, end - start).to_pandas()


def write_wards(url: str, wards: gpd.GeoDataFrame) -> None:
    """Write ward codes and shapes for the workers; `read_wards` gives them back, to the bit."""
    shapes = shapely.to_wkb(wards.geometry.to_numpy())
    write_table(url, pd.DataFrame({"ward_code": wards["ward_code"].astype(str), "shape": shapes}))


def ward_bytes(wards: gpd.GeoDataFrame) -> bytes:
    """Give ward codes and shapes as bytes, for telling whether they are the same."""
    codes = "\n".join(wards["ward_code"].astype(str)).encode()
    return codes + b"".join(shapely.to_wkb(wards.geometry.to_numpy()))


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
    with _reached(url):
        return dict(json.loads(files.cat_file(path)))


def exists(url: str) -> bool:
    """Tell whether something lies at an address."""
    files, path = storage(url)
    with _reached(url):
        return bool(files.exists(path))


def anything_below(url: str) -> str:
    """Name one file below an address; nothing where there is none or the folder is not there."""
    files, path = storage(url)
    with _reached(url):
        return next(iter(files.find(path)), "")


def remove(url: str) -> None:
    """Delete what lies below an address."""
    files, path = storage(url)
    with _reached(url):
        files.rm(path, recursive=True)


def sweep(url: str) -> None:
    """Delete what writers that were killed left half done below an address.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "0000.parquet.5c1f.part").write_bytes(b"PAR1")
    >>> sweep(str(folder)), list(folder.iterdir())
    (None, [])
    """
    files, path = storage(url)
    with _reached(url):
        for left in files.find(path):
            if left.endswith(_HALF):
                files.rm_file(left)


def is_local(files: fsspec.AbstractFileSystem) -> bool:
    """Tell whether files lie on a disk of this machine, or what looks like one."""
    return "file" in _kinds(files)


def _kinds(files: fsspec.AbstractFileSystem) -> set[str]:
    return {files.protocol} if isinstance(files.protocol, str) else set(files.protocol)


def _write(url: str, content: pa.Buffer | bytes) -> None:
    files, path = storage(url)
    try:
        if _kinds(files) & _WHOLE:
            files.pipe_file(path, bytes(content))
            return
        files.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
        aside = f"{path}.{uuid.uuid4().hex}{_HALF}"
        try:
            with files.open(aside, "wb") as file:
                file.write(content)
            files.mv(aside, path)
        except OSError:
            with suppress(OSError):
                files.rm_file(aside)
            raise
    except refusals() as fault:
        raise SaferWalksError(
            "This cannot be written", got=f"{url}: {_said(fault)}",
            todo="check the free space, and that each machine that counts may write there",
        ) from fault  # fmt: skip


def _said(fault: BaseException) -> str:
    """Say in a line what storage answered."""
    lines = str(fault).strip().splitlines() or [type(fault).__name__]
    return lines[0].rstrip(".")
