"""Join what an import brings to the wards and write it: partitions, and rows kept aside.

Everything goes slab by slab, so that memory is bounded by the slab and not by the file. Only the
holder of the workspace's lock may write.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from geodata import durable, partitions
from geodata import manifest as manifests
from geodata.batches import DUPLICATE, REJECTED_COLUMNS, AnyBatch, Batch
from geodata.corrections import Arrival, Footprint, Thinned, point_keys
from geodata.incidents import (
    COUNCIL_COLUMNS,
    INCIDENT_SCHEMA,
    STORED_SCHEMA,
    WARD_COLUMNS,
    incident_checks,
)
from geodata.manifest import Partition
from geodata.repeats import KEY_COLUMNS, repeat_keys
from geodata.ward_join import assign_wards_xy

JOINED_AT_ONCE = 1_000_000
"""Rows joined in one go: preparing the wards costs more than joining a month."""


class Joins:
    """The ward join of the files of one import, done for some of them at once when first asked.

    Only what was joined last is kept: they are asked about in their order.

    Parameters
    ----------
    wards : geopandas.GeoDataFrame
        What to join to.
    """

    def __init__(self, wards: gpd.GeoDataFrame) -> None:
        self.wards = wards
        self._waiting: list[Arrival] = []
        self._place: dict[int, int] = {}
        self._done: dict[int, list[pd.DataFrame]] = {}

    def expect(self, arrivals: Sequence[Arrival]) -> None:
        """Name what may be asked about from now on, in the order in which it will be."""
        self._waiting = list(arrivals)
        self._place = {id(a.piece): number for number, a in enumerate(arrivals)}

    def of(self, arrival: Arrival) -> list[pd.DataFrame]:
        """Give the ward columns of an arrival's rows, slab by slab."""
        if id(arrival.piece) not in self._done:
            number = self._place.get(id(arrival.piece))
            self._join([arrival] if number is None else self._waiting[number:])
        return self._done[id(arrival.piece)]

    def footprint(self, arrival: Arrival) -> Footprint:
        """Say where an arrival's rows lie."""
        places = arrival.piece.slabs(["lon", "lat"])
        joined = zip(places, self.of(arrival), strict=True)
        return united(footprint(p.assign(ward_code=j["ward_code"].to_numpy())) for p, j in joined)

    def _join(self, arrivals: Sequence[Arrival]) -> None:
        """Join the first of some arrivals, and as many of the next as go with it."""
        found: list[tuple[int, pd.DataFrame]] = []
        rows = 0
        self._done = {}
        for arrival in arrivals:
            if found and rows + arrival.piece.rows > JOINED_AT_ONCE:
                break
            rows += arrival.piece.rows
            self._done[id(arrival.piece)] = []
            slabs = arrival.piece.slabs(["easting", "northing"])
            found += [(id(arrival.piece), slab) for slab in slabs]
        joined = join([slab for _, slab in found], self.wards)
        for (piece, _), ward_columns in zip(found, joined, strict=True):
            self._done[piece].append(ward_columns)


def join(frames: Sequence[pd.DataFrame], wards: gpd.GeoDataFrame) -> list[pd.DataFrame]:
    """Join several tables in one go; the ward columns of each lie on its row positions."""
    if not frames:
        return []
    places = pd.concat([f[["easting", "northing"]] for f in frames], ignore_index=True)
    joined = assign_wards_xy(places["easting"], places["northing"], wards)
    ends = np.cumsum([len(f) for f in frames])
    starts = [0, *ends[:-1]]
    return [joined.iloc[a:b].reset_index(drop=True) for a, b in zip(starts, ends, strict=True)]


def footprint(places: pd.DataFrame) -> Footprint:
    """Say where rows lie: `lon`, `lat`, `ward_code`."""
    points = point_keys(places["lon"].to_numpy(), places["lat"].to_numpy())
    return Footprint(points, frozenset(places["ward_code"].dropna().unique()))


def united(footprints: Iterator[Footprint]) -> Footprint:
    """Unite what slabs of one piece say."""
    points, wards = np.empty(0, dtype="int64"), frozenset[str]()
    for one in footprints:
        points = np.union1d(points, one.points) if len(points) else one.points
        wards |= one.wards
    return Footprint(points, wards)


def stored_footprint(folder: Path, partition: Partition) -> Footprint:
    """Say where the rows of a stored partition lie."""
    return footprint(partitions.read(folder, [partition], ["lon", "lat", "ward_code"]))


def stored_keys(folder: Path, partition: Partition) -> np.ndarray:
    """Give what the rows of a stored partition may repeat others by."""
    return repeat_keys(partitions.read(folder, [partition], list(KEY_COLUMNS)))


def arriving_keys(arrival: Arrival) -> np.ndarray:
    """Give what an arrival's rows may repeat others by."""
    found = [repeat_keys(slab) for slab in arrival.piece.slabs(_key_columns(arrival.batch))]
    return np.concatenate(found) if found else np.empty(0, dtype="u8")


def _key_columns(batch: AnyBatch) -> list[str]:
    return [c for c in KEY_COLUMNS if c in batch.columns]


class _Entries(partitions.Counts):
    rows: int
    points: int


@dataclass
class _Tally:
    """What is counted of a partition while its slabs go by."""

    rows: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    levels: Counter[str] = field(default_factory=Counter)
    points: list[np.ndarray] = field(default_factory=list)

    def add(self, slab: pd.DataFrame) -> None:
        self.rows += len(slab)
        self.counts.update(dict(partitions.count(slab).items()))
        found = slab["record_level"].value_counts()
        self.levels.update({str(level): int(n) for level, n in found.items()})
        self.points.append(point_keys(slab["lon"].to_numpy(), slab["lat"].to_numpy()))

    def entries(self) -> _Entries:
        """Give the entries of a `Partition`."""
        points = np.unique(np.concatenate(self.points)) if self.points else ()
        found = self.counts
        return {
            "rows": self.rows, "points": len(points),
            "inside": found["inside"], "outside": found["outside"],
            "in_collar": found["in_collar"], "no_location": found["no_location"],
            "near_boundary": found["near_boundary"],
        }  # fmt: skip

    def of_levels(self) -> dict[str, int]:
        return {level: n for level, n in sorted(self.levels.items()) if n}


def write_arrival(
    folder: Path | None, arrival: Arrival, joins: Joins, *, import_id: str = ""
) -> Partition:
    """Write an arrival's rows and describe them; without a folder, describe them only."""
    source, _, month = arrival.key
    tally = _Tally()
    repeated: list[pd.DataFrame] = []
    columns = None if folder else ["lon", "lat", "record_level"]
    slabs = _joined_slabs(arrival, joins, tally, repeated, columns)
    path = aside_path = ""
    if folder is None:
        deque(slabs, maxlen=0)  # only counted
    else:
        path = partitions.write_slabs(folder, source, month, slabs)
        aside = _aside_slabs(arrival, repeated, joins)
        aside_path = partitions.write_slabs(folder, source, month, aside)
    return _described(arrival, tally, path, aside_path, import_id)


def is_plain(arrival: Arrival) -> bool:
    """Tell whether an arrival can be written together with others: whole and of few columns."""
    few = not set(COUNCIL_COLUMNS) & set(arrival.batch.columns)
    piece = arrival.piece
    return few and arrival.dropped is None and bool(piece.rows) and not piece.kept_aside


def write_plain(
    folder: Path, arrivals: Sequence[Arrival], joins: Joins, *, import_id: str
) -> list[Partition]:
    """Write many small plain arrivals in one go; see `is_plain`."""
    frames = [next(a.piece.slabs(None)) for a in arrivals]
    read = [name for name in INCIDENT_SCHEMA.names if name not in WARD_COLUMNS]
    together = pd.DataFrame({name: _column([f[name] for f in frames]) for name in read})
    joined = pd.concat([j for a in arrivals for j in joins.of(a)], ignore_index=True)
    together = with_wards(together, joined)
    ends = np.cumsum([len(f) for f in frames])
    staging, written = durable.Staging(), []
    try:
        encoded = partitions.encode_slices(together, ends.tolist())
        for arrival, end, data in zip(arrivals, ends.tolist(), encoded, strict=True):
            path = partitions.stage(staging, folder, arrival.key[0], arrival.key[2], data)
            rows = together.iloc[end - arrival.piece.rows : end]
            tally = _Tally()
            tally.add(rows)
            written.append(_described(arrival, tally, path, "", import_id))
        staging.finish()
    finally:
        staging.clear()
    return written


def _described(
    arrival: Arrival, tally: _Tally, path: str, aside_path: str, import_id: str
) -> Partition:
    source, force, month = arrival.key
    piece = arrival.piece
    return Partition(
        source=source, force=force, month=month, digest=arrival.batch.digest,
        channel=arrival.batch.channel, path=path, import_id=import_id, merged=piece.merged,
        duplicates=piece.duplicates + piece.rows - arrival.rows, aside_path=aside_path,
        levels=tally.of_levels(), **tally.entries(),
    )  # fmt: skip


def _joined_slabs(
    arrival: Arrival,
    joins: Joins,
    tally: _Tally,
    repeated: list[pd.DataFrame],
    columns: Sequence[str] | None,
) -> Iterator[pd.DataFrame]:
    begun = 0
    for slab, joined in zip(arrival.piece.slabs(columns), joins.of(arrival), strict=True):
        frame = with_wards(slab.reset_index(drop=True), joined)
        if arrival.dropped is not None:
            dropped = arrival.dropped[begun : begun + len(frame)]
            repeated.append(marked_repeated(frame[dropped]))
            frame = frame[~dropped].reset_index(drop=True)
        begun += len(slab)
        tally.add(frame)
        yield frame


def _aside_slabs(
    arrival: Arrival, repeated: Sequence[pd.DataFrame], joins: Joins
) -> Iterator[pd.DataFrame]:
    for slab in arrival.piece.aside():
        frame = slab.reset_index(drop=True)
        yield with_wards(frame, join([frame], joins.wards)[0])
    yield from (frame for frame in repeated if len(frame))


def with_wards(rows: pd.DataFrame, joined: pd.DataFrame) -> pd.DataFrame:
    """Put ward columns beside rows of the same positions."""
    return rows.assign(**{c: joined[c] for c in WARD_COLUMNS})


def marked_repeated(rows: pd.DataFrame) -> pd.DataFrame:
    """Mark rows in `dq_flags` as repeats of others."""
    given = rows["dq_flags"] if "dq_flags" in rows else pd.Series(None, index=rows.index, dtype="O")
    words = given.astype("object").fillna("").astype("str")
    flags = (words + ";" + DUPLICATE).str.lstrip(";")
    return rows.assign(dq_flags=flags)


def write_thinned(folder: Path, thinned: Thinned, *, import_id: str) -> Partition:
    """Write what stays of a stored partition when some of its rows came again."""
    old = thinned.partition
    frame = partitions.read(folder, [old], STORED_SCHEMA.names)
    frame = frame[~thinned.again].reset_index(drop=True)
    tally = _Tally()
    tally.add(frame)
    return Partition(
        source=old.source, force=old.force, month=old.month, digest=old.digest,
        channel=old.channel, import_id=import_id, merged=old.merged, duplicates=old.duplicates,
        path=partitions.write(folder, old.source, old.month, frame),
        replaced=old.replaced + int(thinned.again.sum()), aside_path=old.aside_path,
        levels=tally.of_levels(), **tally.entries(),
    )  # fmt: skip


def write_rejected(folder: Path, batch: AnyBatch) -> str:
    """Write the rejected rows of a file and give their path in the workspace; '' if none."""
    if not batch.rejected_rows:
        return ""
    sink = pa.BufferOutputStream()
    writer = None
    for slab in batch.rejected_slabs():
        frame = slab[list(REJECTED_COLUMNS)].reset_index(drop=True).astype({"line": "int64"})
        table = pa.Table.from_pandas(frame, preserve_index=False)
        if writer is None:
            writer = pa.parquet.ParquetWriter(sink, table.schema, compression="zstd")
        writer.write_table(table.cast(writer.schema))
    if writer is not None:
        writer.close()
    data = sink.getvalue().to_pybytes()
    name = f"rejected/{manifests.digest_of(data)}.parquet"
    partitions.write_once(folder / name, data)
    return name


def check(batches: Sequence[AnyBatch]) -> None:
    """Check rows held in memory before any is stored, many files in one go: it costs per go.

    Spooled rows were checked part by part when they were read.
    """
    frames: list[pd.DataFrame] = []
    rows = 0
    held = [b.incidents for b in batches if isinstance(b, Batch) and len(b.incidents)]
    for number, frame in enumerate(held, 1):
        frames.append(frame)
        rows += len(frame)
        if rows > JOINED_AT_ONCE or number == len(held):
            incident_checks().validate(_together(frames), lazy=True)
            frames, rows = [], 0


def _together(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put what is checked of several files under each other, without spelling out categories."""
    if len(frames) == 1:
        return frames[0]
    wanted = incident_checks().columns
    return pd.DataFrame({name: _column([f[name] for f in frames]) for name in wanted})


def _column(parts: Sequence[pd.Series]) -> pd.Series | pd.Categorical:
    kinds = {getattr(part.dtype, "categories", pd.Index([None])).dtype for part in parts}
    if all(isinstance(part.dtype, pd.CategoricalDtype) for part in parts):
        if len(kinds) == 1:
            return pd.api.types.union_categoricals(list(parts))
        parts = [part.astype("object") for part in parts]  # a column without any word among them
    return pd.concat(parts, ignore_index=True)
