"""Bring reports into a workspace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from analysis.jobs.profiles import load
from geodata import police_uk, store
from geodata.batches import ImportReport, LeftOutColumn, Mode, Unmapped
from geodata.council.batches import Reading, read_council_files
from geodata.council.places import Extent
from geodata.errors import ProfileError, ReportFileError
from geodata.placing import Place
from geodata.vocabularies import Source
from geodata.ward_join import COLLAR_M
from geodata.workspace import Workspace

Progress = Callable[[float, str], None]

POLICE: Source = "police_uk"

_READING = 0.5
"""Share of an import that reading takes, for the progress bar."""


def import_files(
    workspace: Workspace,
    paths: Sequence[Path],
    *,
    source: Source | None = None,
    profile: str | None = None,
    mode: Mode = "correct",
    dry_run: bool = False,
    progress: Progress | None = None,
    at: str = "",
    locate: Place | None = None,
) -> ImportReport:
    """Import files of reports: all of them or, if anything is wrong, none.

    Council files meet stored months by the rules of police.uk files, within their source and
    provider: a file that holds 90 % of the distinct points stored for a month corrects it, and
    otherwise a person says 'replace' or 'add'. Two rules are their own: a month stored without any
    place is corrected by no file, and a file read again with another profile replaces its earlier
    reading (`geodata.corrections`).

    Parameters
    ----------
    workspace : Workspace
        Where to. It keeps showing the state it was opened in; open it again to see the import.
    paths : sequence of Path
        police.uk: CSV, .csv.gz, zip or folder, several at once. Others: tables of any kind that
        `geodata.council` reads, or zips of them; no folders.
    source : str, optional
        Whose reports (`geodata.vocabularies.Source`); that of the profile, else police.uk.
    profile : str, optional
        Name of a saved profile. Without one the columns of council files are guessed, and the
        report's `flags` say which was taken for what.
    mode : {'correct', 'replace', 'add'}
        What to do where a file meets a month that is stored: replace it only if the file corrects
        it, replace it whatever the file holds, or keep both (see `geodata.corrections`).
    dry_run : bool
        Read, check and report everything, and store nothing.
    progress : callable, optional
        Told the share done (0 to 1) and what is being done.
    at : str
        Time of the import for the log, as the caller tells it. Council files need it, as
        YYYY-MM-DD with or without a time: dates after it are rejected.
    locate : callable, optional
        Gives council rows without a place one (`geodata.placing.Place`).

    Returns
    -------
    ImportReport
        What became of every row.

    Raises
    ------
    ReportFileError, UnsafeArchiveError
        If a file cannot be read or none of its rows can be used.
    ProfileError
        If the profile is not there, is of another source, or names a column that a file lacks; or
        if no column of a file without a profile looks like a date.
    StoreConflictError
        If a file contradicts what is stored.
    WorkspaceError
        If this is a demo, or another import holds the workspace for too long.
    """
    workspace.require_real("Importing files")
    tell = progress or (lambda _share, _what: None)

    def tell_reading(share: float, what: str) -> None:
        tell(_READING * share, what)

    def tell_storing(share: float, what: str) -> None:
        tell(_READING + (1 - _READING) * share, what)

    if source in (None, POLICE) and profile is None:
        batches, skipped = police_uk.read_paths(paths, progress=tell_reading)
        return store.commit(
            workspace, batches, mode=mode, skipped=skipped, at=at, dry_run=dry_run,
            progress=tell_storing,
        )  # fmt: skip
    readings = _read_council(workspace, paths, source, profile, at[:10], tell_reading)
    report = store.commit(
        workspace, [r.batch() for r in readings], mode=mode, at=at, dry_run=dry_run,
        progress=tell_storing, locate=locate,
    )  # fmt: skip
    return _with_findings(report, readings)


def list_imports(workspace: Workspace) -> list[dict[str, Any]]:
    """List the imports of a workspace, oldest first, as JSON can hold them.

    Returns
    -------
    list of dict
        `import_id`, `at`, `mode`, `sources`, `files`, `rows`.
    """
    manifest = workspace.manifest()
    listed = []
    for entry in manifest.imports:
        digests = set(entry.digests)
        files = [f for f in manifest.files if f.digest in digests]
        listed.append(
            {
                "import_id": entry.import_id, "at": entry.at, "mode": entry.mode,
                "sources": sorted({f.source for f in files}),
                "files": [f.name for f in files], "rows": entry.counts["rows_in"],
            }
        )  # fmt: skip
    return listed


def undo_import(workspace: Workspace, import_id: str, *, at: str = "") -> dict[str, Any]:
    """Take out what one import brought; see `geodata.store.undo` for which can be.

    Returns
    -------
    dict
        `import_id`, `removed` (rows), `message`.

    Raises
    ------
    StoreConflictError
        If there is no such import, or it cannot be undone.
    WorkspaceError
        If this is a demo, or another import holds the workspace for too long.
    """
    workspace.require_real("Undoing an import")
    removed = store.undo(workspace, import_id, at=at)
    message = f"Import {import_id} is undone: {removed:,} rows were taken out."
    return {"import_id": import_id, "removed": removed, "message": message}


def _read_council(
    workspace: Workspace,
    paths: Sequence[Path],
    source: Source | None,
    profile: str | None,
    as_at: str,
    tell: Progress,
) -> list[Reading]:
    saved = load(workspace, profile) if profile is not None else None
    wanted = saved.source if saved and source is None else source
    if saved and wanted != saved.source:
        raise ProfileError(
            f"The profile {saved.name!r} is for another source",
            got=f"{saved.source}, not {wanted}",
            todo="leave --source out, or choose a profile of that source",
        )  # fmt: skip
    if wanted is None or wanted == POLICE:
        raise ProfileError(
            "police.uk files are read without a profile", got=str(profile), todo="leave it out"
        )
    if not paths:
        raise ReportFileError("No file was given", todo="name at least one file")
    readings: list[Reading] = []
    for number, path in enumerate(paths):
        tell(number / len(paths), f"Reading {Path(path).name}")
        readings += read_council_files(
            path, source=wanted, profile=saved, as_at=as_at, extent=_extent(workspace)
        )
    tell(1.0, "All files are read")
    return readings


def _extent(workspace: Workspace) -> Extent:
    west, south, east, north = map(float, workspace.wards().total_bounds)
    return west - COLLAR_M, south - COLLAR_M, east + COLLAR_M, north + COLLAR_M


def _with_findings(report: ImportReport, readings: Sequence[Reading]) -> ImportReport:
    """Add what only council files tell: columns left out, kinds unmapped, rows by rule."""
    rules: Counter[str] = Counter()
    unmapped: Counter[str] = Counter()
    for reading in readings:
        rules.update(reading.file.flags)
        unmapped.update(
            {str(r["value"]): int(r["rows"]) for r in reading.file.unmapped.to_dict("records")}
        )
    left_out = [(r.file.file, c) for r in readings for c in r.file.left_out]
    return replace(
        report,
        left_out=tuple(LeftOutColumn(file, c.column, c.reason) for file, c in left_out),
        unmapped=tuple(Unmapped(value, rows) for value, rows in unmapped.most_common()),
        rules={code: rows for code, rows in rules.items() if rows},
    )
