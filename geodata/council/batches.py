"""Council files as the store takes them: one batch a table, and what was found on the way.

What tells two readings of one file apart is in the digest: the content's, a hyphen, and that of the
profile's settings (`geodata.corrections` lets the later reading replace the earlier one).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from geodata.batches import Batch
from geodata.council.cases import counted
from geodata.council.finish import listed_rows
from geodata.council.places import Extent
from geodata.council.profiles import Profile, guess_profile, to_toml
from geodata.council.reader import CouncilFile, read_all, read_table
from geodata.council.tables import files_in, open_file
from geodata.errors import ReportFileError
from geodata.manifest import digest_of
from geodata.vocabularies import Source

_PROFILE_DIGITS = 8
_SHOWN = ("source_ref", "case_ref", "merged_into")


@dataclass(frozen=True)
class Reading:
    """A council file, read, and the profile it was read with; `guessed` if nobody made that."""

    file: CouncilFile
    profile: Profile
    guessed: bool

    def batch(self) -> Batch:
        """Give the file as the store takes it.

        Cases merged into another are listed among the rejected rows: they are never counted.

        Raises
        ------
        ReportFileError
            If the file has no rows at all.
        """
        if not self.file.rows_in:
            raise ReportFileError(
                "A file has no rows", got=self.file.file, todo="leave it out, or export it again"
            )
        keep = counted(self.file.incidents).to_numpy()
        merged = _listed(self.file.file, self.file.incidents[~keep])
        whole = self.file.batch()
        rejected = pd.concat([whole.rejected, merged]).sort_values("line", kind="stable")
        return replace(
            whole, digest=f"{whole.digest}-{settings_digest(self.profile)}",
            incidents=self.file.incidents[keep].reset_index(drop=True),
            rejected=rejected.reset_index(drop=True), flags=(*self._guesses(), *whole.flags),
        )  # fmt: skip

    def _guesses(self) -> tuple[str, ...]:
        if not self.guessed:
            return ()
        taken = "; ".join(f"{c!r} as {field}" for field, c in self.profile.columns.items())
        return (f"The columns of {self.file.file} were guessed. Taken: {taken}.",)


def read_council_files(
    path: Path | str,
    *,
    source: Source,
    profile: Profile | None = None,
    as_at: str,
    extent: Extent | None = None,
) -> Iterator[Reading]:
    r"""Read every table of a file with a profile or, without one, with a guess for each table.

    Parameters
    ----------
    path : pathlib.Path or str
        The file, or a zip of several.
    source : str
        Where it comes from; only asked without a profile.
    profile : Profile, optional
        How it is read.
    as_at : str
        The day of the import (YYYY-MM-DD or YYYY-MM): later dates are rejected.
    extent : tuple of float, optional
        Bounds of the wards and what lies around them, BNG metres.

    Raises
    ------
    ReportFileError
        If the file cannot be read, or its dates are month first.
    UnsafeArchiveError
        If a zip must not be opened.
    ProfileError
        If a column that the profile names is not there, or no column looks like a date.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "may.csv"
    ...     _ = path.write_text("Date,Type\n03/04/2026,Noise\n")
    ...     [one] = read_council_files(path, source="council_asb", as_at="2026-11-22")
    >>> one.batch().flags[0]
    "The columns of may.csv were guessed. Taken: 'Date' as occurred_from; 'Type' as category."
    """
    if profile is not None:
        for file in read_all(path, profile, as_at=as_at, extent=extent):
            yield Reading(file, profile, guessed=False)
        return
    with files_in(path) as files:
        for found in files:
            table = open_file(found)
            guess = guess_profile(table, source)
            yield Reading(read_table(table, guess, as_at=as_at, extent=extent), guess, guessed=True)


def settings_digest(profile: Profile) -> str:
    """Name how a profile reads: not what it is called, nor what columns it has seen.

    Examples
    --------
    >>> one = Profile("a", "other", columns={"occurred_from": "Date"})
    >>> settings_digest(one) == settings_digest(replace(one, name="b", known_columns=("Date",)))
    True
    >>> settings_digest(one) == settings_digest(replace(one, provider="tower-hamlets"))
    False
    """
    bare = to_toml(replace(profile, name="-", known_columns=()))
    return digest_of(bare.encode())[:_PROFILE_DIGITS]


def _listed(file: str, merged: pd.DataFrame) -> pd.DataFrame:
    """List merged cases as rows that did not enter: their references only."""
    rows = []
    for row in merged[["incident_uid", *_SHOWN]].to_dict("records"):
        shown = {name: row[name] for name in _SHOWN if isinstance(row[name], str)}
        into = shown.get("merged_into") or "another case"
        line = int(str(row["incident_uid"]).rpartition(":")[2])
        text = json.dumps(shown, ensure_ascii=False)
        rows.append((file, line, f"it was merged into {into}, which counts instead", text))
    return listed_rows(rows)
