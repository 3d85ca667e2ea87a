"""Rejected rows: list them, hand them out to be corrected, and bring the corrected ones in.

The way is a circle: `rejected_table` as a CSV with the mapped columns of each row, corrected in a
spreadsheet, and `correct` with that file. What is in order then counts; what is not keeps waiting.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd

from analysis.jobs.profiles import folder, load
from analysis.report.escaping import plain_cell
from geodata import store
from geodata.batches import ImportReport, Unmapped
from geodata.council import Profile
from geodata.council.batches import settings_digest
from geodata.council.fields import fold
from geodata.council.mended import FILE, LINE, REASON, ROW_ID, Mended, read_mended
from geodata.council.places import extent_of
from geodata.council.profiles import list_profiles
from geodata.errors import ProfileError, ReportFileError
from geodata.locating.rows import Locator
from geodata.quarantine import corrected_ids, read_standing, read_waiting
from geodata.workspace import Workspace

Progress = Callable[[float, str], None]

AS_IT_STOOD = "row"
"""Column of rows that are not told apart into columns, as those of police.uk."""


def rejected_table(workspace: Workspace) -> pd.DataFrame:
    """Give every rejected row that was not corrected since, as a table to correct.

    Returns
    -------
    pandas.DataFrame
        `row_id`, `source`, `rejected_from` (file), `rejected_line`, `rejected_because`, then the
        mapped columns of all files side by side, as text, and `row` where rows are not told apart.
        Rows that cannot be corrected here have no `row_id`.
    """
    standing = read_standing(workspace)
    waiting = set(read_waiting(workspace)["row_id"])
    values = [_values(text) for text in standing["row"]]
    columns = list(dict.fromkeys(name for row in values for name in row))
    table = pd.DataFrame(
        {
            ROW_ID: standing["row_id"].where(standing["row_id"].isin(waiting), ""),
            "source": standing["source"],
            FILE: standing["file"],
            LINE: standing["line"],
            REASON: standing["reason"],
        }
    )
    cells = pd.DataFrame([[row.get(c, "") for c in columns] for row in values], columns=columns)
    clear = [c for c in columns if c not in table.columns]
    table = pd.concat([table, cells[clear].astype("str")], axis=1)
    if any(AS_IT_STOOD in row for row in values):
        table = table[[c for c in table.columns if c != AS_IT_STOOD] + [AS_IT_STOOD]]
    return table


def _values(text: str) -> dict[str, str]:
    """Read the mapped columns of a row; what is no such row stays in one piece."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {AS_IT_STOOD: text}


def by_reason(workspace: Workspace) -> pd.DataFrame:
    """Group the rejected rows by what is wrong with them, the commonest first.

    Returns
    -------
    pandas.DataFrame
        `source`, `kind` (the reason without the values it names), `rows`, `waiting` (those that
        can be corrected here), and the first of them: `file`, `line`, `reason`.
    """
    standing = read_standing(workspace)
    waiting = standing["row_id"].isin(read_waiting(workspace)["row_id"])
    told = standing.assign(
        kind=standing["reason"].str.replace(_NAMED, "…", regex=True), waiting=waiting
    )
    by = told.groupby(["source", "kind"], sort=True)
    first = by[["file", "line", "reason"]].first()
    table = first.assign(rows=by.size(), waiting=by["waiting"].sum()).reset_index()
    order = ["source", "kind", "rows", "waiting", "file", "line", "reason"]
    return table.sort_values(["rows", "kind"], ascending=[False, True])[order].reset_index(
        drop=True
    )


_NAMED = r"(?:'[^']*'|\"[^\"]*\")|\d[\d,.]*"
"""What reasons name: quoted values and numbers."""


def correct(
    workspace: Workspace,
    path: Path,
    *,
    profile: str | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    at: str = "",
) -> ImportReport:
    """Bring in rejected rows that were corrected in the table that `rejected_table` gave.

    Each row is read with the profile that it was read with before. Rows that are in order now
    count; the others keep waiting. A row that came in corrected before is passed over.

    Parameters
    ----------
    workspace : Workspace
        Where to.
    path : pathlib.Path
        CSV or a spreadsheet. Rows may be left out of it, and columns moved.
    profile : str, optional
        Name of the saved profile to read with; needed only where the one used before is gone or
        was changed, and no other reads these columns.
    dry_run, progress, at
        As `analysis.jobs.imports.import_files`.

    Returns
    -------
    ImportReport
        What became of every row of the file; `already_imported` were corrected before.

    Raises
    ------
    ReportFileError
        If it is no such file, a row of it waits for nothing, or none of its rows is in order.
    ProfileError
        If no saved profile reads the rows.
    WorkspaceError
        If this is a demo, or another import holds the workspace for too long.
    """
    workspace.require_real("Correcting rows")
    tell = progress or (lambda _share, _what: None)
    tell(0.1, f"Reading {Path(path).name}")
    mended = read_mended(
        path, _how_read(workspace, profile), corrected=corrected_ids(workspace), as_at=at[:10],
        extent=extent_of(workspace.wards()), plain=plain_cell,
    )  # fmt: skip
    if not mended.batches:
        return _all_known(Path(path).name, mended.known)
    _require_one_usable(Path(path).name, mended)
    report = store.commit(
        workspace, [b for b in mended.batches if len(b.incidents)], mode="add", at=at,
        dry_run=dry_run, progress=progress, locate=Locator.of(workspace),
    )  # fmt: skip
    still = sum(len(b.rejected) for b in mended.batches if not len(b.incidents))
    report = replace(
        report, rows_in=report.rows_in + mended.known + still,
        rejected=report.rejected + still,
        already_imported=report.already_imported + mended.known,
    )  # fmt: skip
    return _with_findings(report, mended)


def _with_findings(report: ImportReport, mended: Mended) -> ImportReport:
    rules: Counter[str] = Counter()
    for file in mended.files:
        rules.update({code: rows for code, rows in file.flags.items() if rows})
    words = [row for file in mended.files for row in file.unmapped.to_dict("records")]
    unmapped = tuple(Unmapped(str(w["value"]), int(w["rows"])) for w in words)
    return replace(report, rules=dict(rules), unmapped=unmapped)


def _all_known(file: str, rows: int) -> ImportReport:
    return ImportReport(
        rows_in=rows, inside=0, outside=0, no_location=0, near_boundary=0, rejected=0,
        already_imported=rows, replaced=0, months=(), months_missing=(), import_id="",
        files=(file,),
    )  # fmt: skip


def _require_one_usable(file: str, mended: Mended) -> None:
    if any(len(b.incidents) for b in mended.batches):
        return
    first = mended.batches[0].rejected.iloc[0]
    raise ReportFileError(
        f"No row of {file} is in order yet",
        got=f"{sum(b.rows_in for b in mended.batches)} rows",
        first_bad=f"line {first['line']}: {first['reason']}",
        todo="correct the values, save the file, and bring it in again",
    )


def _how_read(workspace: Workspace, profile: str | None) -> dict[str, Profile | None]:
    """Find for every waiting row the saved profile to read it with, None where there is none."""
    waiting = read_waiting(workspace)
    saved = [p for name in list_profiles(folder(workspace)) if (p := _sound(workspace, name))]
    asked = load(workspace, profile) if profile is not None else None
    by_settings = {settings_digest(p): p for p in saved}
    found: dict[str, Profile | None] = {}
    for (digest, source), rows in waiting.groupby(["digest", "source"]):
        columns = {c for text in rows["row"] for c in _values(text)}
        how = asked or by_settings.get(str(digest).partition("-")[2])
        how = how or next((p for p in saved if _reads(p, str(source), columns)), None)
        found |= dict.fromkeys(rows["row_id"], how)
    return found


def _sound(workspace: Workspace, name: str) -> Profile | None:
    try:
        return load(workspace, name)
    except ProfileError:  # one that cannot be read is listed with its fault elsewhere
        return None


def _reads(profile: Profile, source: str, columns: set[str]) -> bool:
    wanted = {fold(c) for c in profile.columns.values()}
    return profile.source == source and wanted <= {fold(c) for c in columns}
