"""Bring reports into a workspace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from analysis.jobs import times
from analysis.jobs.profiles import load
from geodata import police_uk, store
from geodata.batches import ImportReport, LeftOutColumn, Mode, Unmapped
from geodata.council import Profile
from geodata.council.batches import Reading, reading_council_files
from geodata.council.places import extent_of
from geodata.errors import ProfileError, ReportFileError, StoreConflictError
from geodata.locating.rows import CountedPlace, Locator
from geodata.placing import PLACED, Place
from geodata.quarantine import mended_from
from geodata.spooling import spooling
from geodata.undoing import why_not_undo
from geodata.vocabularies import Source
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

    Council rows that have references are compared with what is stored one by one: a row that
    comes again replaces the stored one, and counts once. Rows without meet stored months by the
    rules of police.uk files, within their source and provider (`geodata.corrections`). Council
    files may be longer than memory.

    Parameters
    ----------
    workspace : Workspace
        Where to. It keeps showing the state it was opened in; open it again to see the import.
    paths : sequence of Path
        police.uk: CSV, .csv.gz, zip or folder, several at once. Others: tables of any kind that
        `geodata.council` reads, zips of them, or folders.
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
        Gives council rows without a place one (`geodata.placing.Place`); by default what the
        workspace knows: pins, gazetteers, streets and places (`geodata.locating`).

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
        with spooling() as held:
            batches, skipped = held.put_all(police_uk.read_paths(paths, progress=tell_reading))
            return store.commit(
                workspace, batches, mode=mode, skipped=skipped, at=at, dry_run=dry_run,
                progress=tell_storing,
            )  # fmt: skip
    saved, wanted = _how(workspace, source, profile)
    if not paths:
        raise ReportFileError("No file was given", todo="name at least one file")
    locating = CountedPlace(locate or Locator.of(workspace))
    with reading_council_files(
        paths, source=wanted, profile=saved, as_at=at[:10], extent=extent_of(workspace.wards()),
        locate=locating, progress=tell_reading,
    ) as (readings, skipped):  # fmt: skip
        report = store.commit(
            workspace, [r.batch for r in readings], mode=mode, at=at, dry_run=dry_run,
            skipped=skipped, progress=tell_storing, locate=locating,
        )  # fmt: skip
        if not dry_run:
            times.prepare(workspace.reopen())
        return _with_findings(report, readings, locating)


def list_imports(workspace: Workspace) -> list[dict[str, Any]]:
    """List the imports of a workspace, oldest first, as JSON can hold them.

    Returns
    -------
    list of dict
        `import_id`, `at`, `mode` (also 'undone', and 'relocated' for an entry that gave stored
        rows their places), `sources`, `files`, `rows`, `can_undo`.
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
                "can_undo": why_not_undo(manifest, entry.import_id) is None,
            }
        )  # fmt: skip
    return listed


def undo_import(workspace: Workspace, import_id: str, *, at: str = "") -> dict[str, Any]:
    """Take out what one import brought and put back what it replaced; see `geodata.undoing`.

    Returns
    -------
    dict
        `import_id`, `removed` (rows), `restored` (rows), `message`.

    Raises
    ------
    StoreConflictError
        If there is no such import, or it cannot be undone.
    WorkspaceError
        If this is a demo, or another import holds the workspace for too long.
    """
    workspace.require_real("Undoing an import")
    _refuse_to_leave_corrections(workspace, import_id)
    removed, restored = store.undo(workspace, import_id, at=at)
    back = f", and {restored:,} that it had replaced count again" if restored else ""
    message = f"Import {import_id} is undone: {removed:,} rows were taken out{back}."
    return {"import_id": import_id, "removed": removed, "restored": restored, "message": message}


def _refuse_to_leave_corrections(workspace: Workspace, import_id: str) -> None:
    later = mended_from(workspace.reopen(), import_id)
    if later:
        raise StoreConflictError(
            "Later imports brought corrected rows of this one", got=", ".join(later),
            todo="undo these first",
        )  # fmt: skip


def _how(
    workspace: Workspace, source: Source | None, profile: str | None
) -> tuple[Profile | None, Source]:
    """Settle with what profile files are read, None to guess, and whose they are."""
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
    return saved, wanted


def _with_findings(
    report: ImportReport, readings: Sequence[Reading], locating: CountedPlace
) -> ImportReport:
    """Add what only council files tell: columns left out, kinds unmapped, rows by rule."""
    rules = Counter({f"{PLACED}{way}": rows for way, rows in locating.ways.items()})
    unmapped: Counter[str] = Counter()
    for reading in readings:
        rules.update(reading.findings.flags)
        unmapped.update(
            {str(r["value"]): int(r["rows"]) for r in reading.findings.unmapped.to_dict("records")}
        )
    left_out = [(r.findings.file, c) for r in readings for c in r.findings.left_out]
    return replace(
        report,
        left_out=tuple(LeftOutColumn(file, c.column, c.reason) for file, c in left_out),
        unmapped=tuple(Unmapped(value, rows) for value, rows in unmapped.most_common()),
        rules={code: rows for code, rows in rules.items() if rows},
        flags=(*report.flags, *(locating.sentences if _brings_rows(report) else ())),
    )


def _brings_rows(report: ImportReport) -> bool:
    return report.inside + report.outside + report.no_location > 0
