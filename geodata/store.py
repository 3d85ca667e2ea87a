"""The report store: what was imported, read as one table; imports that happen whole or not at all.

Coordinates are British National Grid metres and WGS84 degrees (see `geodata.incidents`).

An import takes the workspace's lock, decides what it will store and retire
(`geodata.corrections`), joins the new rows to the wards, checks them, writes one immutable file a
force and month, and swaps the manifest as its last step. Killed at any moment, it leaves the old
state or the new one; two imports at once happen one after the other. A reader works on the
manifest it opened: open the workspace again (`Workspace.reopen`) to see what an import brought.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from geodata import aggregates, corrections, durable, months, partitions, writing
from geodata import manifest as manifests
from geodata.batches import (
    REJECTED_COLUMNS,
    AnyBatch,
    Batch,
    ImportReport,
    Mode,
    Skipped,
    SpooledBatch,
)
from geodata.corrections import Arrival, Plan, Questions
from geodata.errors import ReportFileError
from geodata.incidents import STORED_SCHEMA
from geodata.manifest import ImportEntry, Manifest, Partition, SourceFile
from geodata.placing import Place, place_rows
from geodata.rejoining import Progress, WardChange, change_wards, relocate, silent
from geodata.undoing import forget_retired, undo
from geodata.ward_join import COLLAR_M
from geodata.workspace import Workspace, missing_file

__all__ = [
    "Batch",
    "ImportReport",
    "Mode",
    "Skipped",
    "WardChange",
    "change_wards",
    "commit",
    "months_missing",
    "read_aside",
    "read_incidents",
    "read_rejected",
    "relocate",
    "stored_levels",
    "stored_months",
    "undo",
]


def read_incidents(
    workspace: Workspace,
    *,
    sources: Sequence[str] | None = None,
    months: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Read the stored reports.

    Parameters
    ----------
    workspace : Workspace
        Read at the state it was opened in.
    sources, months : sequence of str, optional
        Only these; all if None. Only the files that hold them are opened.
    columns : sequence of str, optional
        Only these, in this order; all if None.

    Returns
    -------
    pandas.DataFrame
        Columns and types of `geodata.incidents.INCIDENT_SCHEMA`, rows by source, month, force and
        row of the file.

    Raises
    ------
    WorkspaceError
        If a stored file is missing.
    SaferWalksError
        If a column is not one of the incident table.
    """
    wanted = [
        p
        for p in sorted(workspace.manifest().live, key=_order)
        if (sources is None or p.source in sources) and (months is None or p.month in months)
    ]
    return partitions.read(workspace.path, wanted, columns)


def read_rejected(workspace: Workspace) -> pd.DataFrame:
    """Read the rejected rows of every file that still counts.

    Returns
    -------
    pandas.DataFrame
        `source`, `file`, `line`, `reason`, `row` (as it stood in the file), `import_id`.
    """
    manifest = workspace.manifest()
    counting = {(p.source, p.digest) for p in manifest.live}
    frames = []
    for file in manifest.files:
        if file.rejected_path and (file.source, file.digest) in counting:
            path = workspace.path / file.rejected_path
            if not path.is_file():
                raise missing_file(path)
            frame = pd.read_parquet(path)
            frames.append(frame.assign(source=file.source, import_id=file.import_id))
    columns = ["source", *REJECTED_COLUMNS, "import_id"]
    if not frames:
        return pd.DataFrame({c: pd.Series(dtype="str") for c in columns}).astype({"line": "int64"})
    return pd.concat(frames, ignore_index=True)[columns]


def read_aside(workspace: Workspace, *, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Read the rows that are kept and not counted, of every file that still counts.

    They were merged into another case, or repeat another row: their `dq_flags` hold 'merged' or
    'duplicate'.

    Parameters
    ----------
    workspace : Workspace
        Read at the state it was opened in.
    columns : sequence of str, optional
        Only these, in this order; all that are stored if None.

    Returns
    -------
    pandas.DataFrame
        Columns and types of `geodata.incidents.STORED_SCHEMA`.

    Raises
    ------
    WorkspaceError, SaferWalksError
        As `read_incidents`.
    """
    kept = sorted(workspace.manifest().live, key=_order)
    aside = [replace(p, path=p.aside_path) for p in kept]
    return partitions.read(workspace.path, aside, columns or STORED_SCHEMA.names)


def stored_months(workspace: Workspace, *, source: str | None = None) -> pd.DataFrame:
    """List what months are stored, by source and force.

    Returns
    -------
    pandas.DataFrame
        `source`, `force`, `month`, `rows`, `inside`, `outside`, `in_collar`, `no_location`,
        `near_boundary`, and beside them `merged` and `duplicates`, which are in none of these: one
        row a stored source, force and month, in that order. A month whose file had no rows is here
        with zeros; a month that no file covers is not here at all.
    """
    counted = ["rows", "inside", "outside", "in_collar", "no_location", "near_boundary"]
    counted += ["merged", "duplicates"]
    keys = ["source", "force", "month"]
    live = [p for p in workspace.manifest().live if source in (None, p.source)]
    frame = pd.DataFrame(
        [[getattr(p, name) for name in keys + counted] for p in live], columns=keys + counted
    ).astype(dict.fromkeys(keys, "str") | dict.fromkeys(counted, "int64"))
    return frame.groupby(keys, as_index=False, sort=True)[counted].sum()


def stored_levels(workspace: Workspace, *, source: str | None = None) -> pd.DataFrame:
    """List what one row counts in what is stored, by source, force and month.

    Parameters
    ----------
    workspace : Workspace
        Read at the state it was opened in.
    source : str, optional
        Only this source; all of them if None.

    Returns
    -------
    pandas.DataFrame
        `source`, `force`, `month`, `record_level`, `rows`: one row a stored source, force, month
        and record level. A month whose file had no rows has one row with the level '' and 0.
    """
    found: Counter[tuple[str, ...]] = Counter()
    for partition in workspace.manifest().live:
        if source in (None, partition.source):
            for level, rows in _levels_of(workspace.path, partition).items():
                found[(*partition.key, level)] += rows
    columns = ["source", "force", "month", "record_level", "rows"]
    frame = pd.DataFrame([(*key, n) for key, n in sorted(found.items())], columns=columns)
    return frame.astype(dict.fromkeys(columns[:4], "str") | {"rows": "int64"})


def _levels_of(folder: Path, partition: Partition) -> dict[str, int]:
    if partition.levels or not partition.rows:
        return partition.levels or {"": 0}
    read = partitions.read(folder, [partition], ["record_level"])  # written in format 1
    return {str(level): int(n) for level, n in read["record_level"].value_counts().items() if n}


def months_missing(workspace: Workspace, *, source: str | None = None) -> list[str]:
    """List the months no file covers between a force's first and last stored month, united.

    Parameters
    ----------
    workspace : Workspace
        Read at the state it was opened in.
    source : str, optional
        Only this source; all of them if None.
    """
    return _gaps(p for p in workspace.manifest().live if source in (None, p.source))


def commit(
    workspace: Workspace,
    batches: Sequence[AnyBatch],
    *,
    mode: Mode = "correct",
    progress: Progress | None = None,
    skipped: Sequence[Skipped] = (),
    at: str = "",
    dry_run: bool = False,
    locate: Place | None = None,
) -> ImportReport:
    """Store files of reports: all of them or, if anything is wrong, none.

    Parameters
    ----------
    workspace : Workspace
        Where to. The object keeps showing the state it was opened in; `Workspace.reopen` shows
        the new one.
    batches : sequence of Batch or SpooledBatch
        What a reader made of the files of one call.
    mode : {'correct', 'replace', 'add'}
        See `geodata.corrections`.
    progress : callable, optional
        Told the share done (0 to 1) and what is being done.
    skipped : sequence of Skipped
        Files the reader passed over, for the report.
    at : str
        The time of the import for the log, as the caller tells it; '' leaves it out.
    dry_run : bool
        Work out the report, with every check, and write nothing.
    locate : callable, optional
        Gives rows without a place one, before they are joined to the wards
        (`geodata.placing.Place`).

    Returns
    -------
    ImportReport
        What became of every row. If everything was imported before, nothing is written at all.

    Raises
    ------
    ReportFileError
        If a file has no usable row, or none of the located rows is within 500 m of a ward.
    StoreConflictError
        If a file meets stored rows that it does not correct.
    WorkspaceError
        If another import holds the workspace for too long.
    """
    tell = progress or silent
    tell(0.0, "Waiting for the workspace")
    with durable.locked(workspace.path):
        now = workspace.reopen()
        if not dry_run:
            durable.sweep(now.path, now.manifest().named())
        tell(0.05, "Comparing with what is stored")
        batches, placed = _placed(now.manifest(), batches, locate)
        joins = writing.Joins(now.wards())
        plan = corrections.plan(now.manifest(), batches, mode, _questions(now.path, joins))
        for batch in plan.new_batches:
            _require_usable(batch)
        if not plan.arrivals:
            known = _report(now.manifest(), batches, plan, ())
            return replace(known, skipped=tuple(skipped), dry_run=dry_run)
        joins.expect(plan.arrivals)
        writing.check(tuple({id(a.batch): a.batch for a in plan.arrivals}.values()))
        _require_right_area(plan, joins)
        if dry_run:
            would_be = _would_be(now.manifest(), batches, plan, joins)
            return replace(would_be, skipped=tuple(skipped), dry_run=True, placed=placed)
        import_id = _import_id(now.manifest(), plan)
        written = _write(now.path, plan, joins, import_id, tell)
        after = _after(now.path, now.manifest(), plan, written, import_id)
        arrived = written[: len(plan.arrivals)]
        report = _report(after, batches, plan, arrived)
        report = replace(report, import_id=import_id, placed=placed)
        tell(0.95, "Finishing")
        durable.touch(now.path, sorted(now.manifest().named() - after.named()))
        entry = _entry(report, mode, at, _digests(plan))
        manifests.save(now.path, replace(after, imports=(*after.imports, entry)))
    aggregates.prepare(workspace.reopen())
    tell(1.0, "Done")
    return replace(report, skipped=tuple(skipped))


def _placed(
    manifest: Manifest, batches: Sequence[AnyBatch], locate: Place | None
) -> tuple[Sequence[AnyBatch], int]:
    """Let rows of files that were not imported before be placed, and count them."""
    if locate is None:
        return batches, 0
    known = {(f.source, f.digest) for f in manifest.files}
    done: list[AnyBatch] = []
    count = 0
    for batch in batches:
        if isinstance(batch, SpooledBatch):  # placed while it was read, part by part
            done.append(batch)
            count += batch.placed
            continue
        incidents, found = batch.incidents, 0
        if (batch.source, batch.digest) not in known:
            incidents, found = place_rows(incidents, locate)
        done.append(replace(batch, incidents=incidents) if found else batch)
        count += found
    return done, count


def _questions(folder: Path, joins: writing.Joins) -> Questions:
    return Questions(
        stored_footprint=partial(writing.stored_footprint, folder), footprint=joins.footprint,
        stored_keys=partial(writing.stored_keys, folder), keys=writing.arriving_keys,
        expect=joins.expect,
    )  # fmt: skip


def _require_usable(batch: AnyBatch) -> None:
    if batch.usable or batch.empty_months:
        return
    if not batch.rejected_rows:
        raise ReportFileError(
            "A file has no rows, and its name does not say of what force and month", got=batch.file,
            todo="give it the name police.uk gave it, YYYY-MM-<force>-street.csv, or leave it out",
        )  # fmt: skip
    reasons: Counter[str] = Counter()
    first = next(batch.rejected_slabs()).iloc[0]
    for slab in batch.rejected_slabs():
        reasons.update(slab["reason"].astype("str").tolist())
    raise ReportFileError(
        "No row of a file can be used",
        got=f"{batch.file}: {reasons.most_common(1)[0][0]}",
        first_bad=f"line {first['line']}: {first['row']}",
        todo="mend the file or leave it out; nothing was stored",
    )


def _require_right_area(plan: Plan, joins: writing.Joins) -> None:
    """Raise unless something lies in or near the wards: else they are of another place."""
    found = []
    for arrival in plan.arrivals:
        slabs = arrival.piece.slabs(["easting", "northing"])
        for places, joined in zip(slabs, joins.of(arrival), strict=True):
            if (joined["ward_match"].eq("inside") | joined["in_collar"]).any():
                return
            located = places.dropna().to_numpy("float64")
            found.append(np.unique(located, axis=0))
    points = np.unique(np.concatenate(found), axis=0) if found else np.empty((0, 2))
    if not len(points):
        return
    wards = joins.wards
    distance = shapely.distance(wards.union_all(), shapely.points(points)).min()
    names = ", ".join(sorted({a.batch.file for a in plan.arrivals})[:3])
    raise ReportFileError(
        f"None of the located reports is within {COLLAR_M:.0f} m of any ward",
        got=f"{names}: the nearest of {len(points):,} places is {distance / 1000:,.1f} km from "
        f"the wards ({wards['ward_name'].iloc[0]} and {len(wards) - 1} more)",
        todo="check that the ward boundaries and the reports are of the same area",
    )


def _would_be(
    manifest: Manifest, batches: Sequence[AnyBatch], plan: Plan, joins: writing.Joins
) -> ImportReport:
    """Work out the report of an import that is not made."""
    written = tuple(writing.write_arrival(None, a, joins) for a in plan.arrivals)
    gone = {id(p) for p in plan.retired}
    staying = tuple(p for p in manifest.partitions if id(p) not in gone)
    after = replace(manifest, partitions=staying + written)
    return _report(after, batches, plan, written)


def _write(
    folder: Path, plan: Plan, joins: writing.Joins, import_id: str, tell: Progress
) -> tuple[Partition, ...]:
    """Write what comes in, then what stays of partitions whose rows came again."""
    written: list[Partition] = []
    for group in _groups(plan.arrivals):
        share = 0.2 + 0.7 * len(written) / len(plan.arrivals)
        tell(share, f"Storing {group[0].batch.file}")
        if len(group) > 1:
            written += writing.write_plain(folder, group, joins, import_id=import_id)
        else:
            written.append(writing.write_arrival(folder, group[0], joins, import_id=import_id))
    for thinned in plan.thinned:
        written.append(writing.write_thinned(folder, thinned, import_id=import_id))
    return tuple(written)


WRITTEN_AT_ONCE = 100_000
"""Rows of small plain files that are written in one go."""


def _groups(arrivals: Sequence[Arrival]) -> Iterator[list[Arrival]]:
    """Put small plain arrivals together, in their order."""
    group: list[Arrival] = []
    rows = 0
    for arrival in arrivals:
        plain = writing.is_plain(arrival)
        if group and (not plain or rows + arrival.rows > WRITTEN_AT_ONCE):
            yield group
            group, rows = [], 0
        if plain:
            group.append(arrival)
            rows += arrival.rows
        else:
            yield [arrival]
    if group:
        yield group


def _after(
    folder: Path, manifest: Manifest, plan: Plan, written: tuple[Partition, ...], import_id: str
) -> Manifest:
    """Work out the manifest to swap in."""
    gone = {id(p) for p in (*plan.retired, *(t.partition for t in plan.thinned))}
    kept = tuple(
        replace(p, retired_by=import_id) if id(p) in gone else p for p in manifest.partitions
    )
    files = tuple(
        SourceFile(
            source=b.source, digest=b.digest, name=b.file, channel=b.channel, rows_in=b.rows_in,
            rejected=b.rejected_rows, rejected_path=writing.write_rejected(folder, b),
            import_id=import_id,
        )
        for b in plan.new_batches
    )  # fmt: skip
    after = replace(manifest, partitions=kept + written, files=manifest.files + files)
    return forget_retired(after, upcoming=1)


def _import_id(manifest: Manifest, plan: Plan) -> str:
    content = "".join(_digests(plan)).encode()
    return f"{len(manifest.imports) + 1:05d}-{manifests.digest_of(content)[:8]}"


def _digests(plan: Plan) -> tuple[str, ...]:
    return tuple(sorted({a.batch.digest for a in plan.arrivals}))


def _report(
    manifest: Manifest, batches: Sequence[AnyBatch], plan: Plan, written: tuple[Partition, ...]
) -> ImportReport:
    names = (
        *("inside", "outside", "no_location", "near_boundary", "in_collar"),
        *("merged", "duplicates"),
    )
    counts = {name: sum(getattr(p, name) for p in written) for name in names}
    sources = {b.source for b in batches}
    flags = dict.fromkeys([*(f for b in plan.new_batches for f in b.flags), *plan.flags])
    if counts["outside"] and not counts["inside"]:
        flags["No report of this import lies inside a ward: all are beside them."] = None
    report = ImportReport(
        rows_in=sum(b.rows_in for b in batches), **counts,
        rejected=sum(b.rejected_rows for b in plan.new_batches),
        already_imported=plan.already_imported, replaced=plan.replaced, months=plan.months,
        months_missing=tuple(_gaps(p for p in manifest.live if p.source in sources)),
        import_id="", files=tuple(b.file for b in batches), flags=tuple(flags),
    )  # fmt: skip
    if report.rows_in != report.accounted_for:
        raise RuntimeError(f"the import does not balance: {report}")
    return report


def _entry(report: ImportReport, mode: Mode, at: str, digests: tuple[str, ...]) -> ImportEntry:
    names = (
        *("rows_in", "inside", "outside", "no_location", "near_boundary", "in_collar"),
        *("merged", "duplicates", "rejected", "already_imported", "replaced"),
    )
    counts = {name: getattr(report, name) for name in names}
    return ImportEntry(report.import_id, mode, at, digests, counts, report.flags)


def _gaps(live: Iterable[Partition]) -> list[str]:
    stored: dict[tuple[str, str], set[str]] = defaultdict(set)
    for partition in live:
        stored[partition.source, partition.force].add(partition.month)
    return sorted({m for have in stored.values() for m in months.missing(have)})


def _order(partition: Partition) -> tuple[str, str, str, str]:
    return partition.source, partition.month, partition.force, partition.digest
