"""What a reader hands to the store, and what the store answers."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from geodata.manifest import Channel

Mode = Literal["correct", "replace", "add"]
"""What to do where a file meets a stored month of the same force: replace it only if the file
corrects it ('correct'), replace it whatever it holds ('replace'), or keep both ('add')."""

REJECTED_COLUMNS = ("file", "line", "reason", "row")


@dataclass(frozen=True)
class Batch:
    """One source file, parsed.

    Attributes
    ----------
    file : str
        Its name, for people.
    digest : str
        Names its content: the same content again is the same file.
    source : str
        One of `geodata.vocabularies.Source`.
    channel : {'file', 'api'}
        How it came.
    incidents : pandas.DataFrame
        The usable rows, columns as `geodata.incidents.INCIDENT_COLUMNS`; those of
        `WARD_COLUMNS` may be absent and are filled by the store.
    rejected : pandas.DataFrame
        The other rows: `file`, `line` (in the file, from 1), `reason`, `row` (as it stood there).
    rows_in : int
        All rows of the file.
    empty_months : tuple of (force, month)
        Months that the file says had no reports.
    flags : tuple of str
        What a person should know about the file, in sentences.
    """

    file: str
    digest: str
    source: str
    channel: Channel
    incidents: pd.DataFrame
    rejected: pd.DataFrame
    rows_in: int
    empty_months: tuple[tuple[str, str], ...] = ()
    flags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a batch that does not account for its rows."""
        if self.rows_in != len(self.incidents) + len(self.rejected):
            raise ValueError(
                f"{self.file}: {self.rows_in} rows came in, {len(self.incidents)} are usable and "
                f"{len(self.rejected)} rejected"
            )


@dataclass(frozen=True)
class Skipped:
    """A file that was passed over, and why."""

    file: str
    reason: str


@dataclass(frozen=True)
class LeftOutColumn:
    """A column of a file that did not enter, and why."""

    file: str
    column: str
    reason: str


@dataclass(frozen=True)
class Unmapped:
    """A source's word for a kind of report that nothing maps; its rows are kept as unknown."""

    value: str
    rows: int


@dataclass(frozen=True)
class ImportReport:
    """What became of every row of an import.

    rows_in = inside + outside + no_location + rejected + already_imported. `near_boundary` (within
    25 m of its ward's edge) is part of inside and `in_collar` part of outside. `already_imported`
    includes rows that were rejected before. `replaced` counts old rows retired and stands outside
    the balance. `months` are those the files speak of; `months_missing` are those that no stored
    file covers between the first and the last of its force.

    Files of other sources than police.uk also say which columns were `left_out`, which kinds are
    `unmapped`, and in how many rows each rule was met (`rules`: code -> rows, without zeros; None
    for police.uk). `placed` rows came without a place and were given one here. With `dry_run`
    nothing was stored: the numbers say what would have been.
    """

    rows_in: int
    inside: int
    outside: int
    no_location: int
    near_boundary: int
    rejected: int
    already_imported: int
    replaced: int
    months: tuple[str, ...]
    months_missing: tuple[str, ...]
    import_id: str
    files: tuple[str, ...]
    in_collar: int = 0
    skipped: tuple[Skipped, ...] = ()
    flags: tuple[str, ...] = ()
    left_out: tuple[LeftOutColumn, ...] = ()
    unmapped: tuple[Unmapped, ...] = ()
    rules: Mapping[str, int] | None = None
    dry_run: bool = False
    placed: int = 0

    @property
    def accounted_for(self) -> int:
        """Rows whose fate is known; equals `rows_in`."""
        stored = self.inside + self.outside + self.no_location
        return stored + self.rejected + self.already_imported

    @property
    def unchanged(self) -> bool:
        """True if the workspace is what it was: all was imported before, or it was a dry run."""
        return not self.import_id

    @property
    def message(self) -> str:
        """Say in one sentence what happened."""
        stored = self.inside + self.outside + self.no_location
        if self.unchanged and not stored:
            return f"Nothing changed: all {self.already_imported:,} rows had been imported before."
        replaced = f", {self.replaced:,} older rows replaced" if self.replaced else ""
        rejected = f", {self.rejected:,} rejected" if self.rejected else ""
        dry = "Dry run, nothing is stored: " if self.dry_run else ""
        return (
            f"{dry}{stored:,} of {self.rows_in:,} rows {'usable' if dry else 'stored'}, "
            f"{self.inside:,} of them inside the wards{replaced}{rejected}."
        )

    def to_json(self) -> dict[str, Any]:
        """Turn the report into what JSON can hold.

        `flags` are sentences for police.uk files; for others they are rows by rule, and the
        sentences are `notes`.
        """
        content = dataclasses.asdict(dataclasses.replace(self, rules=None))
        lists = ("months", "months_missing", "files", "skipped", "flags", "left_out", "unmapped")
        content |= {name: list(content[name]) for name in lists}
        del content["rules"]
        if self.rules is not None:
            content |= {"flags": dict(self.rules), "notes": list(self.flags)}
        return content | {"unchanged": self.unchanged, "message": self.message}
