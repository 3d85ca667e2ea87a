"""Read rows that were rejected, corrected by hand in a spreadsheet, and brought back.

The file is the one that was handed out: `row_id` names the row each line was, the mapped columns
hold its values. It is read like any file of its source, with the profile that the rows were read
with, and each row keeps the name it had (`geodata.quarantine`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from geodata.batches import Batch
from geodata.council.batches import settings_digest
from geodata.council.places import Extent
from geodata.council.profiles import Profile
from geodata.council.reader import CouncilFile, read_table
from geodata.council.table import Chunk, Table, text_table
from geodata.council.tables import open_table
from geodata.errors import ProfileError, ReportFileError
from geodata.manifest import digest_of
from geodata.quarantine import MENDED

ROW_ID, FILE, LINE, REASON = "row_id", "rejected_from", "rejected_line", "rejected_because"
OURS = (ROW_ID, FILE, LINE, REASON)
"""Columns of the file that are ours and not the source's."""


@dataclass(frozen=True)
class Mended:
    """A file of corrected rows, read: batches for the store, and rows corrected before."""

    files: tuple[CouncilFile, ...]
    batches: tuple[Batch, ...]
    known: int


def read_mended(
    path: Path | str,
    profiles: Mapping[str, Profile | None],
    *,
    corrected: Collection[str],
    as_at: str,
    extent: Extent | None = None,
    plain: Callable[[str], str] = str,
) -> Mended:
    """Read a file of corrected rows.

    Parameters
    ----------
    path : pathlib.Path or str
        CSV or a spreadsheet, as it was handed out and with values corrected.
    profiles : mapping of str to Profile
        How each waiting row is read, by its `row_id`; None where nobody knows.
    corrected : collection of str
        The `row_id` of rows that came in corrected before: they are passed over and counted.
    as_at : str
        The day of the import (YYYY-MM-DD): later dates are rejected.
    extent : tuple of float, optional
        Bounds of the wards, BNG metres.
    plain : callable
        Undoes what kept a spreadsheet from running a cell as a formula.

    Returns
    -------
    Mended
        One batch a profile.

    Raises
    ------
    ReportFileError
        If the file cannot be read, has no column `row_id`, or a row that waits for nothing or
        stands there twice.
    ProfileError
        If nobody knows how a row is read, or a column that a profile names is not there.
    """
    with open_table(path, wanted=[ROW_ID]) as table:
        if ROW_ID not in table.columns:
            raise ReportFileError(
                f"{table.name} is not a file of rejected rows", got=", ".join(table.columns[:8]),
                todo=f"correct the file as it was downloaded, and leave its column {ROW_ID} alone",
            )  # fmt: skip
        rows = _rows(table, plain)
        _check(rows, table.name, profiles, corrected)
    waiting = rows[~rows[ROW_ID].isin(set(corrected))]
    how = {name: _known(profiles[name], name) for name in waiting[ROW_ID]}
    settings_of = {name: settings_digest(profile) for name, profile in how.items()}
    files, batches = [], []
    for settings, part in waiting.groupby(waiting[ROW_ID].map(settings_of), sort=True):
        profile = how[part[ROW_ID].iloc[0]]
        digest = digest_of(f"{table.digest}{settings}".encode())
        held = _as_table(table, digest, part.drop(columns=ROW_ID))
        file = read_table(held, profile, as_at=as_at, extent=extent)
        files.append(file)
        batches.append(_batch(file, f"{digest}-{settings}{MENDED}", part[ROW_ID]))
    return Mended(tuple(files), tuple(batches), len(rows) - len(waiting))


def _known(profile: Profile | None, row: str) -> Profile:
    if profile is None:
        raise ProfileError(
            "No saved profile reads the rows that were rejected", first_bad=row,
            todo="save a profile for files like the one they came from, then bring the corrected "
            "rows in again",
        )  # fmt: skip
    return profile


def _rows(table: Table, plain: Callable[[str], str]) -> pd.DataFrame:
    """Give every row by its line, values as they were meant; columns of ours only `row_id`."""
    parts = []
    for chunk in table.chunks():
        if chunk.faults:
            raise ReportFileError(
                f"{table.name} cannot be read", first_bad=f"line {chunk.faults[0].line}: "
                f"{chunk.faults[0].reason}", todo="mend that line, or save the file again as CSV",
            )  # fmt: skip
        parts.append(chunk.data.to_pandas().astype("str").set_index(chunk.line))
    rows = pd.concat(parts) if parts else pd.DataFrame({ROW_ID: pd.Series(dtype="str")})
    rows = rows.drop(columns=[c for c in OURS[1:] if c in rows]).map(plain)
    rows[ROW_ID] = rows[ROW_ID].str.strip()
    rows = rows[rows[ROW_ID].ne("")]  # rows that cannot be corrected here have no name
    return rows.set_axis([plain(c) for c in rows.columns], axis=1)


def _check(
    rows: pd.DataFrame,
    name: str,
    profiles: Mapping[str, Profile | None],
    corrected: Collection[str],
) -> None:
    known = {*profiles, *corrected}
    ids = rows[ROW_ID]
    for line, given in zip(rows.index, ids, strict=True):
        if given not in known:
            raise ReportFileError(
                f"A row of {name} is none of those that wait to be corrected",
                first_bad=f"line {line}: {ROW_ID} {given!r}",
                todo="take the row out, or download the rejected rows again",
            )
    twice = ids[ids.duplicated()]
    if len(twice):
        raise ReportFileError(
            f"{name} holds a row twice", first_bad=f"line {twice.index[0]}: {twice.iloc[0]}",
            todo="leave one of the two",
        )  # fmt: skip


def _as_table(table: Table, digest: str, rows: pd.DataFrame) -> Table:
    columns = [rows[c].tolist() for c in rows.columns]

    def read(wanted: Sequence[int]) -> Iterator[Chunk]:
        lines = np.array(rows.index, dtype="int64")
        yield Chunk(text_table([columns[c] for c in wanted]), lines)

    return replace(table, columns=tuple(rows.columns), digest=digest, notes=(), _read=read)


def _batch(file: CouncilFile, digest: str, ids: pd.Series) -> Batch:
    """Give the file as the store takes it, each row under the name it had."""
    batch = file.batch()

    def renamed(incidents: pd.DataFrame) -> pd.DataFrame:
        lines = incidents["incident_uid"].map(lambda uid: int(uid.rpartition(":")[2]))
        return incidents.assign(incident_uid=lines.map(ids).astype("str"))

    aside = None if batch.aside is None else renamed(batch.aside)
    return replace(batch, digest=digest, incidents=renamed(batch.incidents), aside=aside)
