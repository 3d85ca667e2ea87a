"""Small tables of counts beside the stored reports, so that most questions read no row.

A partition's file never changes, so neither does what is counted from it: each has one small file,
`cache/aggregates/<recipe>/<digest of the partition>.parquet`, written when an import is done and
otherwise by the first who asks. It may be deleted at any time, and what no manifest names is swept.
In a workspace that cannot be written to the same tables are worked out in memory. A process reads
them once for each set of partitions and shares them; see `geodata.shared`.

Every row is in the counts: those without a place, outside the wards and around them as well. Rows
kept and not counted (merged, repeated) are in none, as in `geodata.store.read_incidents`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet

from geodata import durable, kept, partitions
from geodata.distinct import distinct_points
from geodata.hexagons import SIDES, hexagon_codes, hexagon_ids
from geodata.manifest import Partition
from geodata.shared import Shared
from geodata.workspace import Workspace

FOLDER = "cache/aggregates"
READ_AT_ONCE = 200_000
"""Rows of partitions that are counted in one go, so that memory is bounded."""

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
_MOST = 2**62
TEXT = pa.dictionary(pa.int32(), pa.string())


@dataclass(frozen=True)
class Recipe:
    """How small tables are made from the rows of partitions.

    Attributes
    ----------
    name : str
        Name of the folder of its files: another one whenever the tables change.
    columns : tuple of str
        Columns of the stored reports that it reads.
    schema : pyarrow.Schema
        Columns of its tables. `month` is filled here; `part` says which rows a reader wants, and
        is by what they are ordered.
    work : callable
        Takes rows of several partitions, `partition` (which one, 0-) among their columns, and
        gives their tables under one another, `partition` among the columns.
    """

    name: str
    columns: tuple[str, ...]
    schema: pa.Schema
    work: Callable[[pd.DataFrame], pd.DataFrame]


def counts(workspace: Workspace, source: str, *, side: int = 0) -> pd.DataFrame:
    """Give the counts of every stored report of a source.

    Parameters
    ----------
    workspace : Workspace
        Read at the state it was opened in.
    source : str
        A source code.
    side : int, default 0
        0 for all rows without regard to hexagons. With the side of a hexagon, metres, only rows
        inside the wards and within 500 m of them, told apart by hexagon.

    Returns
    -------
    pandas.DataFrame
        `month`, `category`, `record_level`, `ward_code`, `ward_match` (categories), `in_collar`,
        `count`, and `near_boundary` (how many of them; with no side) or `hexagon` (with a side).
        Shared by everybody: never change it.

    Raises
    ------
    WorkspaceError
        If what is asked for has to be counted anew and a stored file is missing.
    """
    live = [p for p in workspace.manifest().live if p.source == source and p.path]
    key = (str(workspace.path.absolute()), side, tuple(p.path for p in live))
    return _kept.get(key, lambda: _counts(workspace, live, side))


_kept: Shared[pd.DataFrame] = Shared(12)


def _counts(workspace: Workspace, live: Sequence[Partition], side: int) -> pd.DataFrame:
    columns = ["month", *_TEXTS, "in_collar", "count"]
    if not side:
        return read(workspace, COUNTS, live, columns=[*columns, "near_boundary"])
    table = read(workspace, COUNTS, live, part=side, columns=[*columns, "q", "r"])
    q, r = table["q"].to_numpy("int64"), table["r"].to_numpy("int64")
    code, cells = pd.factorize((q << 32) | (r + 2**31))
    names = hexagon_ids(cells >> 32, (cells & 0xFFFFFFFF) - 2**31, side)
    hexagon = pd.Categorical.from_codes(code, categories=pd.Index(names))
    return table.drop(columns=["q", "r"]).assign(hexagon=hexagon)


def prepare(workspace: Workspace, *recipes: Recipe) -> None:
    """Make what is not there yet, and sweep what no manifest names: after each change.

    Parameters
    ----------
    workspace : Workspace
        Opened after the change.
    *recipes : Recipe
        `COUNTS` and `POINTS` if none is named.
    """
    live = [p for p in workspace.manifest().live if p.path]
    wanted = recipes or (COUNTS, POINTS)
    missing = [
        p for p in live if not all(_file(workspace.path, each, p).is_file() for each in wanted)
    ]
    columns = list(dict.fromkeys(name for recipe in wanted for name in recipe.columns))
    for group in _groups(missing):
        rows = partitions.read(workspace.path, group, columns)
        for recipe in wanted:
            _worked_out(workspace.path, recipe, group, rows)
    _sweep(workspace)
    kept.sweep(workspace)


def read(
    workspace: Workspace,
    recipe: Recipe,
    wanted: Sequence[Partition],
    *,
    part: int = 0,
    columns: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Read the tables of some partitions, making what is not there yet.

    Parameters
    ----------
    workspace : Workspace
        Whose partitions.
    recipe : Recipe
        Which tables.
    wanted : sequence of Partition
        Of which files; each must have one.
    part : int, default 0
        Which rows of the tables.
    columns : sequence of str, optional
        Columns of the recipe's schema; all of them if None.

    Returns
    -------
    pandas.DataFrame
        Those columns, in no particular order of rows.

    Raises
    ------
    WorkspaceError
        As `counts`.
    """
    files = {p.path: _file(workspace.path, recipe, p) for p in wanted}
    missing = [p for p in wanted if not files[p.path].is_file()]
    made = list(_made(workspace.path, recipe, missing))
    there = [str(files[p.path]) for p in wanted if p not in missing]
    picked = {"filter": pa.dataset.field("part") == part, "columns": columns}
    try:
        tables = pa.dataset.dataset(there, schema=recipe.schema, format="parquet")
        found = [tables.to_table(**picked)] if there else []
    except (OSError, pa.ArrowException):  # cut short by a crash, or deleted at this moment
        made, found = list(_made(workspace.path, recipe, wanted)), []
    found += [pa.dataset.dataset(table).to_table(**picked) for table in made]
    empty = recipe.schema.empty_table().select(columns or recipe.schema.names)
    return pa.concat_tables([empty, *found]).unify_dictionaries().to_pandas()


def _file(folder: Path, recipe: Recipe, partition: Partition) -> Path:
    return folder / FOLDER / recipe.name / Path(partition.path).name


def _made(folder: Path, recipe: Recipe, wanted: Sequence[Partition]) -> Iterator[pa.Table]:
    """Work tables out, and write them as far as the disk lets us."""
    for group in _groups(wanted):
        yield _worked_out(folder, recipe, group, partitions.read(folder, group, recipe.columns))


def _worked_out(
    folder: Path, recipe: Recipe, group: Sequence[Partition], rows: pd.DataFrame
) -> pa.Table:
    number = np.repeat(np.arange(len(group)), [p.rows for p in group])
    table = recipe.work(rows.assign(partition=number))
    table = table.sort_values(["partition", "part"], kind="stable", ignore_index=True)
    of_row = np.array([p.month for p in group], dtype=object)[table["partition"]]
    code, words = pd.factorize(of_row)
    table["month"] = pd.Categorical.from_codes(code, categories=pd.Index(words, dtype="str"))
    ends = np.searchsorted(table["partition"], np.arange(len(group)), side="right")
    columns = [pa.array(table[f.name], type=f.type, from_pandas=True) for f in recipe.schema]
    whole = pa.table(columns, schema=recipe.schema)
    for partition, start, end in zip(group, [0, *ends[:-1]], ends, strict=True):
        one = whole.slice(start, end - start)
        own = [partitions.own_words(column.combine_chunks()) for column in one.columns]
        _write(_file(folder, recipe, partition), pa.table(own, schema=recipe.schema))
    return whole


def _groups(wanted: Sequence[Partition]) -> Iterator[list[Partition]]:
    group: list[Partition] = []
    for partition in wanted:
        if group and sum(p.rows for p in group) + partition.rows > READ_AT_ONCE:
            yield group
            group = []
        group.append(partition)
    if group:
        yield group


def _write(path: Path, table: pa.Table) -> None:
    """Write a table under a name of our own and move it into place: others may do the same now.

    Nothing waits for the disk: a file that a crash cut short is noticed when it is read. Where the
    folder cannot be written to, everybody works the table out in memory.
    """
    temporary = path.with_name(f"{durable.TEMPORARY}{secrets.token_hex(4)}-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            _write_parts(temporary, table)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError:
        return


def _write_parts(path: Path, table: pa.Table) -> None:
    """Write each part as a group of rows of its own, so that the others need not be read."""
    part = table.column("part").to_numpy()
    ends = np.flatnonzero(np.append(part[1:] != part[:-1], True)) + 1
    how: dict[str, Any] = {"compression": "lz4", "write_statistics": ["part"]}
    with pa.parquet.ParquetWriter(path, table.schema, **how) as writer:
        for start, end in zip([0, *ends[:-1]], ends, strict=True):
            writer.write_table(table.slice(start, end - start), row_group_size=max(end - start, 1))


def _sweep(workspace: Workspace) -> None:
    """Delete what was counted of partitions that no manifest names; of any recipe, old ones too."""
    of = {Path(p.path).name for p in workspace.manifest().partitions}
    folders = (workspace.path / FOLDER).glob("*")
    named = {f"{FOLDER}/{folder.name}/{name}" for folder in folders for name in of}
    durable.sweep(workspace.path, named, tops=(FOLDER,))


# What is counted


_TEXTS = ("category", "record_level", "ward_code", "ward_match")


def count_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Count rows by kind, ward and where they lie; and again by the hexagons of each size.

    Parameters
    ----------
    rows : pandas.DataFrame
        `partition` and the columns of `COUNTS`.

    Returns
    -------
    pandas.DataFrame
        `partition` and the columns of `COUNTS` but `month`. The rows whose `part` is 0 add up to
        all rows; those of a side in metres to the rows inside the wards and around them.
    """
    group, groups = grouped(rows, ["partition", *_TEXTS, "in_collar"])
    near = np.bincount(group, rows["near_boundary"].to_numpy(bool), minlength=len(groups))
    whole = groups.assign(
        part=0, q=0, r=0, count=np.bincount(group, minlength=len(groups)),
        near_boundary=near.astype("int64"),
    )  # fmt: skip
    reached = (groups["ward_match"].eq("inside") | groups["in_collar"]).to_numpy(bool)[group]
    x, y = (rows[c].to_numpy("float64")[reached] for c in ("easting", "northing"))
    by_size = (_by_hexagon(groups, group[reached], x, y, side) for side in SIDES)
    return pd.concat([whole, *by_size], ignore_index=True)


def grouped(rows: pd.DataFrame, names: Sequence[str]) -> tuple[Codes, pd.DataFrame]:
    """Find the distinct rows of some columns.

    Parameters
    ----------
    rows : pandas.DataFrame
        Any rows.
    names : sequence of str
        Columns; a missing value is a value like others.

    Returns
    -------
    tuple of numpy.ndarray and pandas.DataFrame
        For each row its group, 0-, and the groups: those columns, one row each.

    Examples
    --------
    >>> group, groups = grouped(pd.DataFrame({"a": ["x", None, "x"], "b": [1, 1, 1]}), ["a", "b"])
    >>> group.tolist(), len(groups)
    ([0, 1, 0], 2)
    """
    key, span = np.zeros(len(rows), dtype="int64"), 1
    for name in names:
        code, words = pd.factorize(rows[name])
        if span * (len(words) + 1) > _MOST:
            key, met = pd.factorize(key)
            span = len(met)
        key, span = key * (len(words) + 1) + code + 1, span * (len(words) + 1)
    group, distinct = pd.factorize(key)
    first = np.empty(len(distinct), dtype="int64")
    first[group[::-1]] = np.arange(len(group))[::-1]
    return group, rows[list(names)].iloc[first].reset_index(drop=True)


def _by_hexagon(
    groups: pd.DataFrame, group: Codes, x: Floats, y: Floats, side: int
) -> pd.DataFrame:
    """Count the rows of each group by hexagon."""
    code, q, r = hexagon_codes(x, y, side)
    both, distinct = pd.factorize(group * len(q) + code)
    of_group, cell = np.divmod(distinct, max(len(q), 1))
    return groups.take(of_group).assign(
        part=side, q=q[cell], r=r[cell], count=np.bincount(both, minlength=len(distinct)),
        near_boundary=0,
    )  # fmt: skip


COUNTS = Recipe(
    "counts-1",
    (
        *("record_level", "category", "ward_code", "ward_match", "near_boundary", "in_collar"),
        *("easting", "northing"),
    ),
    pa.schema(
        [
            pa.field("part", pa.int32()),
            *(pa.field(name, TEXT) for name in ("month", "category", "record_level")),
            *(pa.field(name, TEXT) for name in ("ward_code", "ward_match")),
            pa.field("in_collar", pa.bool_()),
            pa.field("q", pa.int32()),
            pa.field("r", pa.int32()),
            pa.field("count", pa.int64()),
            pa.field("near_boundary", pa.int64()),
        ]
    ),
    count_rows,
)
"""Counts by month, kind of report, record level, ward, whether inside, around or outside; and by
hexagon."""


def count_at_points(rows: pd.DataFrame) -> pd.DataFrame:
    """Count rows by the point they lie at, kind, ward and how precise the point is.

    Parameters
    ----------
    rows : pandas.DataFrame
        `partition` and the columns of `POINTS`.

    Returns
    -------
    pandas.DataFrame
        `partition` and the columns of `POINTS` but `month`. They add up to all rows; x and y of
        those without a place are missing.

    Examples
    --------
    >>> rows = pd.DataFrame({"partition": 0, "category": "noise", "record_level": "incident",
    ...     "ward_code": ["E1", "E1", None], "geo_precision": "exact",
    ...     "easting": [7.0, 7.0, np.nan], "northing": [1.0, 1.0, np.nan]})
    >>> count_at_points(rows)[["x", "ward_code", "count"]].astype(object).to_numpy().tolist()
    [[7.0, 'E1', 2], [nan, nan, 1]]
    """
    point, x, y = distinct_points(*(rows[c].to_numpy("float64") for c in ("easting", "northing")))
    group, groups = grouped(rows.assign(point=point), ["partition", *_OF_POINTS, "point"])
    at = groups.pop("point").to_numpy()  # -1, the last of each axis, has no place
    return groups.assign(
        part=0, count=np.bincount(group, minlength=len(groups)), x=np.append(x, np.nan)[at],
        y=np.append(y, np.nan)[at],
    )  # fmt: skip


_OF_POINTS = ("category", "record_level", "ward_code", "geo_precision")

POINTS = Recipe(
    "points-1",
    (*_OF_POINTS, "easting", "northing"),
    pa.schema(
        [
            pa.field("part", pa.int32()),
            pa.field("month", TEXT),
            *(pa.field(name, TEXT) for name in _OF_POINTS),
            pa.field("x", pa.float64()),
            pa.field("y", pa.float64()),
            pa.field("count", pa.int32()),
        ]
    ),
    count_at_points,
)
"""Counts by month, kind of report, record level, ward, precision and point; see
`geodata.points`."""
