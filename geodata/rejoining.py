"""Join what is stored anew: to other wards, or to places that were found later.

Nothing is ever lost or added: a partition's file is written again beside the old one, and the
manifest swapped once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from geodata import aggregates, durable, months, partitions, ward_editions, writing
from geodata import manifest as manifests
from geodata.incidents import STORED_SCHEMA, WARD_COLUMNS, incident_checks
from geodata.manifest import ImportEntry, Manifest, Partition
from geodata.placing import Place, place_rows, was_placed
from geodata.undoing import RELOCATED
from geodata.workspace import Workspace, as_json, prepare_layers, write_layers

Progress = Callable[[float, str], None]


def silent(_share: float, _what: str) -> None:
    """Take progress that nobody wants."""


@dataclass(frozen=True)
class WardChange:
    """What giving a workspace other wards did to its stored reports.

    Attributes
    ----------
    changed : bool
        False if the wards are those it already had.
    rows : int
        Stored rows, all of them joined again; none is ever lost.
    by_ward : pandas.DataFrame
        `ward_code`, `before`, `after`: rows inside each ward; '' stands for outside and no place.
    """

    changed: bool
    rows: int
    by_ward: pd.DataFrame


def change_wards(
    workspace: Workspace,
    wards: gpd.GeoDataFrame,
    ward_info: dict[str, Any],
    *,
    progress: Progress | None = None,
) -> WardChange:
    """Give a workspace other wards and join everything stored to them, in one manifest swap.

    The wards it had stay, see `geodata.ward_editions`.

    Parameters
    ----------
    workspace : Workspace
        Which one.
    wards : geopandas.GeoDataFrame
        As in `Workspace.create`.
    ward_info : dict
        What reading the wards found.
    progress : callable, optional
        Told the share done and what is being done.

    Raises
    ------
    CrsError, WardFileError, VintageError
        If the wards cannot be joined to; nothing has changed then.
    """
    tell = progress or silent
    layers = prepare_layers(wards)
    with durable.locked(workspace.path):
        now = workspace.reopen()
        manifest = now.manifest()
        durable.sweep(now.path, manifest.named())
        new_layers = manifest.layers | write_layers(now.path, layers)
        live = manifest.live
        before = _ward_counts(now.path, live)
        changed = new_layers["wards"].digest != manifest.layers["wards"].digest
        kept = manifest.partitions
        if changed:
            kept = _joined_again(now.path, manifest, layers["wards"], tell)
        named, info = ward_editions.remembered(manifest, new_layers, as_json(ward_info))
        after = replace(manifest, layers=named, ward_info=info, partitions=kept)
        if after != manifest:
            durable.touch(now.path, sorted(manifest.named() - after.named()))
            manifests.save(now.path, after)
    aggregates.prepare(workspace.reopen())
    counts = pd.DataFrame({"before": before, "after": _ward_counts(now.path, after.live)})
    by_ward = counts.fillna(0).astype("int64").rename_axis("ward_code").reset_index()
    return WardChange(changed, int(sum(p.rows for p in live)), by_ward)


def relocate(
    workspace: Workspace,
    place: Place,
    *,
    sources: Collection[str] | None = None,
    progress: Progress | None = None,
    at: str = "",
) -> int:
    """Give stored rows without a place one, and join them to the wards, in one manifest swap.

    Rows that were placed so before are asked about again, and may lose their place; those that
    their file gave one are never touched, and no row is added or lost. The import log remembers
    it, unless nothing is placed otherwise than before: then nothing changes at all.

    Parameters
    ----------
    workspace : Workspace
        Which one. It keeps showing the state it was opened in.
    place : callable
        See `geodata.placing.Place`. It is given the rows of one partition after another that have
        no place or got theirs so, with every stored column.
    sources : collection of str, optional
        Look at these only; at all if None.
    progress : callable, optional
        Told the share done and what is being done.
    at : str
        The time for the log, as the caller tells it.

    Returns
    -------
    int
        Rows that have another place than before, or none any more.

    Raises
    ------
    WorkspaceError
        If another import holds the workspace for too long, or a stored file is missing.
    """
    tell = progress or silent
    with durable.locked(workspace.path):
        now = workspace.reopen()
        manifest, wards = now.manifest(), now.wards()
        durable.sweep(now.path, manifest.named())
        partitions_now, count = [], 0
        for done, partition in enumerate(manifest.partitions):
            tell(done / len(manifest.partitions), "Looking for places")
            wanted = sources is None or partition.source in sources
            waits = wanted and _may_be_placed(now.path, partition)
            new, found = _relocated(now.path, partition, place, wards) if waits else (partition, 0)
            partitions_now.append(new)
            count += found
        if count:
            _save_relocated(now.path, manifest, tuple(partitions_now), count, at)
    tell(1.0, "Done")
    return count


def _may_be_placed(folder: Path, partition: Partition) -> bool:
    """Tell whether a partition has rows without a place, or with one found elsewhere."""
    if not partition.path or partition.retired_by:
        return False
    if partition.no_location:
        return True
    return bool(was_placed(partitions.read(folder, [partition], ["dq_flags"])).any())


def _relocated(
    folder: Path, partition: Partition, place: Place, wards: gpd.GeoDataFrame
) -> tuple[Partition, int]:
    """Rewrite a partition some of whose rows can be placed now."""
    frame, found = place_rows(partitions.read(folder, [partition], STORED_SCHEMA.names), place)
    if not found:
        return partition, 0
    incident_checks().validate(frame, lazy=True)
    [joined] = writing.join([frame], wards)
    frame = frame.assign(**{c: joined[c] for c in WARD_COLUMNS})
    path = partitions.write(folder, partition.source, partition.month, frame)
    points = len(writing.footprint(frame).points)
    return replace(partition, path=path, points=points, **partitions.count(frame)), found


def _save_relocated(
    folder: Path, manifest: Manifest, placed: tuple[Partition, ...], count: int, at: str
) -> None:
    paths = "".join(p.path for p in placed).encode()
    import_id = f"{len(manifest.imports) + 1:05d}-{manifests.digest_of(paths)[:8]}"
    entry = ImportEntry(import_id, RELOCATED, at, (), {"rows_in": 0, "placed": count})
    after = replace(manifest, partitions=placed, imports=(*manifest.imports, entry))
    durable.touch(folder, sorted(manifest.named() - after.named()))
    manifests.save(folder, after)


def _joined_again(
    folder: Path, manifest: Manifest, wards: gpd.GeoDataFrame, tell: Progress
) -> tuple[Partition, ...]:
    """Join everything again: also what is kept aside, and replaced rows that may come back."""
    files = _files_to_join(manifest)
    frames = (partitions.read(folder, [p], ["easting", "northing"]) for p in files.values())
    joined = dict(zip(files, writing.join(list(frames), wards), strict=True))
    moved: dict[str, tuple[str, partitions.Counts]] = {}
    for done, (path, partition) in enumerate(files.items()):
        tell(done / len(files), f"Joining {months.label(partition.month)} again")
        frame = partitions.read(folder, [partition], STORED_SCHEMA.names)
        frame = writing.with_wards(frame, joined[path])
        new = partitions.write(folder, partition.source, partition.month, frame)
        moved[path] = new, partitions.count(frame)
    result = []
    for partition in manifest.partitions:
        aside = moved[partition.aside_path][0] if partition.aside_path else ""
        now = replace(partition, aside_path=aside)
        if partition.path:
            path, counts = moved[partition.path]
            now = replace(now, path=path, **counts)
        result.append(now)
    return tuple(result)


def _files_to_join(manifest: Manifest) -> dict[str, Partition]:
    """List every partition file and file of rows kept aside, with what to read it by."""
    files = {p.path: p for p in manifest.partitions if p.path}
    return files | {
        p.aside_path: replace(p, path=p.aside_path) for p in manifest.partitions if p.aside_path
    }


def _ward_counts(folder: Path, live: Sequence[Partition]) -> pd.Series:
    codes = partitions.read(folder, live, ["ward_code"])["ward_code"].astype("object")
    return codes.where(codes.notna(), "").value_counts()
