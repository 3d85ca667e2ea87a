"""Bring reports into a workspace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from geodata import police_uk, store
from geodata.batches import ImportReport, Mode
from geodata.workspace import Workspace

_READING = 0.5
"""Share of an import that reading takes, for the progress bar."""


def import_files(
    workspace: Workspace,
    paths: Sequence[Path],
    *,
    mode: Mode = "correct",
    progress: Callable[[float, str], None] | None = None,
    at: str = "",
) -> ImportReport:
    """Import street-level files of police.uk: all of them or, if anything is wrong, none.

    Parameters
    ----------
    workspace : Workspace
        Where to. It keeps showing the state it was opened in; open it again to see the import.
    paths : sequence of Path
        CSV, .csv.gz, zip or folder, several at once.
    mode : {'correct', 'replace', 'add'}
        What to do where a file meets a month that is stored: replace it only if the file corrects
        it, replace it whatever the file holds, or keep both (see `geodata.corrections`).
    progress : callable, optional
        Told the share done (0 to 1) and what is being done.
    at : str
        Time of the import for the log, as the caller tells it.

    Returns
    -------
    ImportReport
        What became of every row.

    Raises
    ------
    ReportFileError, UnsafeArchiveError
        If a file cannot be read or none of its rows can be used.
    StoreConflictError
        If a file contradicts what is stored.
    WorkspaceError
        If this is a demo, or another import holds the workspace for too long.
    """
    workspace.require_real("Importing files")
    tell = progress or (lambda _share, _what: None)
    batches, skipped = police_uk.read_paths(
        paths, progress=lambda share, what: tell(_READING * share, what)
    )
    return store.commit(
        workspace,
        batches,
        mode=mode,
        skipped=skipped,
        at=at,
        progress=lambda share, what: tell(_READING + (1 - _READING) * share, what),
    )
