"""What a reader hands to the store, and what the store answers."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from geodata.manifest import Channel
from geodata.spool import Spool

Mode = Literal["correct", "replace", "add"]
"""What to do where a file meets a stored month of the same force: replace it only if the file
corrects it ('correct'), replace it whatever it holds ('replace'), or keep both ('add')."""

REJECTED_COLUMNS = ("file", "line", "reason", "row")
REJECTED_SCHEMA = pa.schema(
    [pa.field(name, pa.int64() if name == "line" else pa.string()) for name in REJECTED_COLUMNS]
)

Key = tuple[str, str, str]
"""Source, force and month."""

DUPLICATE = "duplicate"
"""Code of a row that repeats another, in `dq_flags`."""


@dataclass(frozen=True)
class Piece:
    """What one file says about one force and month.

    Attributes
    ----------
    rows : int
        Rows that count.
    merged, duplicates : int
        Rows kept beside them: merged into another case, and repeats of another row.
    slabs : callable
        Steps through the rows that count, the columns named or all of them if None.
    aside : callable
        Steps through the rows kept beside them, with all columns.
    """

    rows: int
    slabs: Callable[[Sequence[str] | None], Iterator[pd.DataFrame]]
    merged: int = 0
    duplicates: int = 0
    aside: Callable[[], Iterator[pd.DataFrame]] = lambda: iter(())

    @property
    def kept_aside(self) -> int:
        """Rows kept beside those that count."""
        return self.merged + self.duplicates


@dataclass(frozen=True)
class Batch:
    """One source file, parsed and held in memory.

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
        The usable rows, columns as `geodata.incidents.INCIDENT_COLUMNS`, perhaps with those of
        `COUNCIL_COLUMNS`; those of `WARD_COLUMNS` may be absent and are filled by the store.
    rejected : pandas.DataFrame
        The other rows: `file`, `line` (in the file, from 1), `reason`, `row` (as it stood there).
    rows_in : int
        All rows of the file.
    empty_months : tuple of (force, month)
        Months that the file says had no reports.
    flags : tuple of str
        What a person should know about the file, in sentences.
    aside : pandas.DataFrame, optional
        Rows to keep and not to count, columns as `incidents`: those whose `dq_flags` say
        'duplicate' repeat another row, the others were merged into another case.
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
    aside: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        """Refuse a batch that does not account for its rows."""
        kept = 0 if self.aside is None else len(self.aside)
        if self.rows_in != len(self.incidents) + kept + len(self.rejected):
            raise ValueError(
                f"{self.file}: {self.rows_in} rows came in, {len(self.incidents)} are usable"
                f"{f', {kept} kept aside' if kept else ''} and {len(self.rejected)} rejected"
            )

    @property
    def usable(self) -> int:
        """Rows that are not rejected."""
        return self.rows_in - len(self.rejected)

    @property
    def rejected_rows(self) -> int:
        """Rows that are."""
        return len(self.rejected)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the rows that count."""
        return tuple(self.incidents.columns)

    @property
    def last_month(self) -> str:
        """The newest month of a row that counts, '' if there is none."""
        months = self.incidents["month"]
        return str(months.astype("str").max()) if len(months) else ""

    def rejected_slabs(self) -> Iterator[pd.DataFrame]:
        """Step through the rejected rows."""
        if len(self.rejected):
            yield self.rejected

    def pieces(self) -> dict[Key, Piece]:
        """Part the rows by force and month; months that the file says were empty have none."""
        counted = _split(self.incidents)
        aside = _split(self.aside) if self.aside is not None else {}
        named = [*self.empty_months, *counted, *aside]
        nowhere = np.empty(0, dtype="int64")
        return {
            (self.source, *where): self._piece(counted.get(where, nowhere), aside.get(where))
            for where in dict.fromkeys(named)
        }

    def _piece(self, rows: np.ndarray, beside: np.ndarray | None) -> Piece:
        def slabs(columns: Sequence[str] | None) -> Iterator[pd.DataFrame]:
            chosen = self.incidents
            if columns is not None:
                chosen = chosen[[c for c in columns if c in chosen]]
            yield chosen.iloc[rows]

        if self.aside is None or beside is None:
            return Piece(len(rows), slabs)
        kept = self.aside.iloc[beside]
        repeats = int(is_duplicate(kept).sum())
        return Piece(len(rows), slabs, len(kept) - repeats, repeats, lambda: iter([kept]))


@dataclass(frozen=True)
class SpooledBatch:
    """One source file, parsed part by part: as `Batch`, for files that may be longer than memory.

    Attributes
    ----------
    file, digest, source, channel, rows_in, flags
        As in `Batch`.
    spool : Spool
        Incidents under ('counted', force, month) and ('aside', force, month), the rejected rows
        under ('rejected',). Its folder must outlive the batch.
    duplicates : mapping of (force, month) to int
        Rows kept aside that repeat another row.
    rejected_rows : int
        Rows that were rejected.
    places : tuple of (force, month)
        What the file speaks of, in the order in which it is stored.
    columns : tuple of str
        Columns of the rows that count.
    placed : int
        Rows that the file gave no place and something else did.
    empty_months : tuple of (force, month)
        As in `Batch`.
    """

    file: str
    digest: str
    source: str
    channel: Channel
    rows_in: int
    spool: Spool
    rejected_rows: int
    duplicates: Mapping[tuple[str, str], int]
    places: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    placed: int = 0
    flags: tuple[str, ...] = ()
    empty_months: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        """Refuse a batch that does not account for its rows."""
        spooled = sum(map(self.spool.rows, self.spool.everything()))
        if self.rows_in != spooled or self.rejected_rows != self.spool.rows(("rejected",)):
            raise ValueError(f"{self.file}: {self.rows_in} rows came in, {spooled} are accounted")

    @property
    def usable(self) -> int:
        """Rows that are not rejected."""
        return self.rows_in - self.rejected_rows

    @property
    def last_month(self) -> str:
        """The newest month of a row that counts, '' if there is none."""
        counted = (month for force, month in self.places if self._piece((force, month)).rows)
        return max(counted, default="")

    def rejected_slabs(self) -> Iterator[pd.DataFrame]:
        """Step through the rejected rows."""
        for table in self.spool.slabs(("rejected",)):
            yield table.to_pandas()

    def pieces(self) -> dict[Key, Piece]:
        """Part the rows by force and month."""
        return {(self.source, *where): self._piece(where) for where in self.places}

    def _piece(self, where: tuple[str, str]) -> Piece:
        counted, aside = ("counted", *where), ("aside", *where)

        def slabs(columns: Sequence[str] | None) -> Iterator[pd.DataFrame]:
            for table in self.spool.slabs(counted, columns):
                yield table.to_pandas()

        repeats = self.duplicates.get(where, 0)
        return Piece(
            self.spool.rows(counted), slabs, self.spool.rows(aside) - repeats, repeats,
            lambda: (table.to_pandas() for table in self.spool.slabs(aside)),
        )  # fmt: skip


AnyBatch = Batch | SpooledBatch


def is_duplicate(aside: pd.DataFrame) -> np.ndarray:
    """Tell which rows kept aside repeat another row; the others were merged into another case."""
    flags = aside["dq_flags"].astype("object").fillna("")
    return np.array([DUPLICATE in str(text).split(";") for text in flags], dtype=bool)


def _split(rows: pd.DataFrame) -> dict[tuple[str, str], np.ndarray]:
    """Find the positions of the rows of each force and month, in the order of the months."""
    found: dict[tuple[str, str], np.ndarray] = {}
    force, forces = pd.factorize(rows["force"], use_na_sentinel=True)
    month_of, stored = pd.factorize(rows["month"])
    pair, pairs = pd.factorize(month_of.astype("int64") * (len(forces) + 1) + force + 1, sort=True)
    order = np.argsort(pair, kind="stable")
    groups = np.split(order, np.cumsum(np.bincount(pair, minlength=len(pairs)))[:-1])
    for code, positions in zip(pairs.tolist() if len(pair) else [], groups, strict=False):
        at_month, at_force = divmod(code, len(forces) + 1)
        name = str(forces[at_force - 1]) if at_force else ""
        found[name, str(stored[at_month])] = positions
    return found


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

    rows_in = inside + outside + no_location + merged + duplicates + rejected + already_imported.
    `near_boundary` (within 25 m of its ward's edge) is part of inside and `in_collar` part of
    outside. `merged` rows (into another case) and `duplicates` (of another row of these files) are
    kept and not counted. `already_imported` includes rows that were rejected before. `replaced`
    counts old rows retired and stands outside the balance. `months` are those the files speak of;
    `months_missing` are those that no stored file covers between the first and the last of its
    force.

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
    merged: int = 0
    duplicates: int = 0

    @property
    def accounted_for(self) -> int:
        """Rows whose fate is known; equals `rows_in`."""
        stored = self.inside + self.outside + self.no_location
        kept = self.merged + self.duplicates
        return stored + kept + self.rejected + self.already_imported

    @property
    def unchanged(self) -> bool:
        """True if the workspace is what it was: all was imported before, or it was a dry run."""
        return not self.import_id

    @property
    def message(self) -> str:
        """Say in one sentence what happened."""
        stored = self.inside + self.outside + self.no_location
        if self.unchanged and not stored + self.merged + self.duplicates + self.rejected:
            return f"Nothing changed: all {self.already_imported:,} rows had been imported before."
        replaced = f", {self.replaced:,} older rows replaced" if self.replaced else ""
        aside = self.merged + self.duplicates
        kept = f", {aside:,} merged or repeated (kept, not counted)" if aside else ""
        rejected = f", {self.rejected:,} rejected" if self.rejected else ""
        dry = "Dry run, nothing is stored: " if self.dry_run else ""
        return (
            f"{dry}{stored:,} of {self.rows_in:,} rows {'usable' if dry else 'stored'}, "
            f"{self.inside:,} of them inside the wards{replaced}{kept}{rejected}."
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
