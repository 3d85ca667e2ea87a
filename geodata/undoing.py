"""Take an import back: what it brought goes, what it replaced counts again.

What an import replaced stays on the disk until `KEPT_IMPORTS` later ones have come, so that it can
be brought back; the import is remembered in the log as undone. The order is that of building:

- An import whose rows a later one replaced is undone after that later one.
- One that replaced rows is undone only while no later import brought rows that could be the same:
  of the same source and month or, where rows are told apart by their references, of the same
  source and provider.
- Places given to stored rows, and other wards, are no imports: they stay, and rows that come back
  lie in the wards of today.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from geodata import durable
from geodata import manifest as manifests
from geodata.errors import StoreConflictError
from geodata.manifest import ImportEntry, Manifest, Partition
from geodata.repeats import NEVER_REPEAT
from geodata.workspace import Workspace

UNDONE = "undone"
"""What stands in the log as the mode of an import that was undone."""

RELOCATED = "relocated"
"""What stands in the log as the mode of an entry that gave stored rows their places."""

KEPT_IMPORTS = 24
"""Later imports after which the files of replaced rows are let go: two years of monthly ones."""


def undo(workspace: Workspace, import_id: str, *, at: str = "") -> tuple[int, int]:
    """Take out what one import brought and put back what it replaced; it stays in the log.

    Files that a later import named again were stored once, by the first, and go with it.

    Parameters
    ----------
    workspace : Workspace
        Which one. It keeps showing the state it was opened in.
    import_id : str
        As in the import's report.
    at : str
        The time for the log, as the caller tells it.

    Returns
    -------
    tuple of int
        Rows taken out, and rows that count again.

    Raises
    ------
    StoreConflictError
        If there is no such import, it was undone before, or it cannot be undone (see the module);
        nothing has changed then.
    WorkspaceError
        If another import holds the workspace for too long.
    """
    with durable.locked(workspace.path):
        now = workspace.reopen()
        manifest = now.manifest()
        fault = why_not_undo(manifest, import_id)
        if fault is not None:
            raise fault
        after = _without(manifest, import_id, at)
        durable.touch(now.path, sorted(manifest.named() - after.named()))
        manifests.save(now.path, after)
    brought = [p for p in manifest.partitions if p.import_id == import_id]
    rests = sum(p.rows for p in brought if _is_rest(p, manifest, import_id))
    back = sum(p.rows for p in manifest.partitions if p.retired_by == import_id)
    return sum(p.rows for p in brought) - rests, back - rests


def why_not_undo(manifest: Manifest, import_id: str) -> StoreConflictError | None:
    """Say why an import cannot be undone, as the error to raise; None if it can.

    Parameters
    ----------
    manifest : Manifest
        What is stored.
    import_id : str
        As in the log.
    """
    entries = [e for e in manifest.imports if e.import_id == import_id]
    if not entries or entries[0].mode in {UNDONE, RELOCATED}:
        what = {UNDONE: ", which was undone before", RELOCATED: ", which gave rows their places"}
        return StoreConflictError(
            "There is no such import to undo",
            got=f"{import_id}{what[entries[0].mode] if entries else ''}",
            todo="take the id from the list of imports (`safer-walks imports`)",
        )
    brought = [p for p in manifest.partitions if p.import_id == import_id]
    replaced = [p for p in manifest.partitions if p.retired_by == import_id]
    later = {p.retired_by for p in brought if p.retired_by}
    if later:
        return _first_undo(manifest, later, "A later import has replaced rows of this one")
    later = _on_top(manifest, replaced, import_id)
    if later:
        return _first_undo(
            manifest, later, "This import replaced older rows, and later imports stand on top"
        )
    if any(p.rows and not p.path for p in replaced):
        return StoreConflictError(
            "This import replaced older rows, which are no longer kept",
            got=f"{sum(p.rows for p in replaced):,} rows of earlier files",
            todo="import the earlier files again with --replace",
        )
    return None


def forget_retired(manifest: Manifest, *, upcoming: int = 0) -> Manifest:
    """Let go of the files of rows that were replaced `KEPT_IMPORTS` imports ago.

    Parameters
    ----------
    manifest : Manifest
        What is stored.
    upcoming : int
        Imports that are about to be entered in the log.
    """
    too_many = max(len(manifest.imports) + upcoming - KEPT_IMPORTS, 0)
    old = {e.import_id for e in manifest.imports[:too_many]}
    return replace(
        manifest,
        partitions=tuple(
            replace(p, path="", aside_path="") if p.retired_by in old else p
            for p in manifest.partitions
        ),
    )


def _without(manifest: Manifest, import_id: str, at: str) -> Manifest:
    files = [f for f in manifest.files if f.import_id == import_id]
    said = f"Undone{f' at {at}' if at else ''}: {', '.join(f.name for f in files)}"
    return replace(
        manifest,
        partitions=tuple(
            replace(p, retired_by="") if p.retired_by == import_id else p
            for p in manifest.partitions
            if p.import_id != import_id
        ),
        files=tuple(f for f in manifest.files if f.import_id != import_id),
        imports=tuple(
            replace(e, mode=UNDONE, flags=(*e.flags, said)) if e.import_id == import_id else e
            for e in manifest.imports
        ),
    )


def _is_rest(partition: Partition, manifest: Manifest, import_id: str) -> bool:
    """Tell whether a partition is what an import left of an older one, and not what it brought."""
    return any(
        p.retired_by == import_id and (p.key, p.digest) == (partition.key, partition.digest)
        for p in manifest.partitions
    )


def _on_top(manifest: Manifest, replaced: Sequence[Partition], import_id: str) -> set[str]:
    """List later imports that brought rows which could be among those that would come back."""
    order = {e.import_id: number for number, e in enumerate(manifest.imports)}
    areas = {_area(p) for p in replaced}
    return {
        p.import_id
        for p in manifest.live
        if order.get(p.import_id, -1) > order[import_id] and _area(p) in areas
    }


def _area(partition: Partition) -> tuple[str, str]:
    """Give within what rows of two imports could be the same."""
    source, force, month = partition.key
    return (source, month) if source in NEVER_REPEAT else (source, force)


def _first_undo(manifest: Manifest, later: set[str], why: str) -> StoreConflictError:
    newest_first = [e for e in reversed(manifest.imports) if e.import_id in later]
    return StoreConflictError(
        why,
        got=", ".join(map(_named, newest_first)),
        todo="undo the later ones first, the newest first, or import the right file with --replace",
    )


def _named(entry: ImportEntry) -> str:
    return f"{entry.import_id}{f' of {entry.at[:10]}' if entry.at else ''}"
