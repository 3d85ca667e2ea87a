"""Read a council file with a profile: every row becomes an incident, a rejected row or a repeat.

    with open_council(path, profile, as_at="2026-11-22") as reading:
        for part in reading.parts(): ...        # bounded memory, however large the file

    file = read_council(path, profile, as_at="2026-11-22")     # the same, all at once

The wards are not known here: places are not joined to them, and rules that need them come later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geodata import months
from geodata.batches import Batch
from geodata.council.cases import counted
from geodata.council.categories import CategoryMap
from geodata.council.convert import Converter, Draft
from geodata.council.evidence import Evidence
from geodata.council.fields import fold
from geodata.council.finish import Finisher, Part, Verdict, listed_rows
from geodata.council.personal import LeftOut, left_out
from geodata.council.places import Extent
from geodata.council.profiles import Profile
from geodata.council.rules import MEANINGS, Rule, count_flags
from geodata.council.schema import COUNCIL_SCHEMA
from geodata.council.table import Fault, Table
from geodata.council.tables import files_in, open_file, open_table
from geodata.errors import SaferWalksError
from geodata.incidents import incident_checks
from geodata.pile import Pile

_HEAD_ROWS = 300


@dataclass(frozen=True)
class Findings:
    """What was found in one file, without its rows.

    Attributes
    ----------
    file, digest, source : str
        Its name for people, what names its content, where it comes from.
    rows_in : int
        All rows of the file; blank lines are none.
    left_out : tuple of LeftOut
        Columns that did not enter, and why.
    unmapped : pandas.DataFrame
        `value`, `rows`: kinds that nothing maps, kept as 'unknown'.
    categories : pandas.DataFrame
        `value`, `category`, `rows`: what became of every kind.
    without_location : pandas.DataFrame
        `by` ('category' or 'ward_code_source'), `value`, `rows`, `without_location`.
    flags : dict of str to int
        Rows of each rule (`geodata.council.rules`), zero included.
    notes : tuple of str
        What a person should know about how the file was read.
    """

    file: str
    digest: str
    source: str
    rows_in: int
    left_out: tuple[LeftOut, ...]
    unmapped: pd.DataFrame
    categories: pd.DataFrame
    without_location: pd.DataFrame
    flags: dict[str, int]
    notes: tuple[str, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """Say what was found, with the numbers."""
        said = [
            f"{self.flags[rule.code]:,} {meaning}"
            for rule, (_, meaning) in MEANINGS.items()
            if self.flags.get(rule.code)
        ]
        return (*self.notes, *said)


@dataclass(frozen=True)
class CouncilFile(Findings):
    """What became of every row of one file.

    rows_in = incidents + rejected + duplicates.

    Attributes
    ----------
    incidents : pandas.DataFrame
        Columns of `geodata.council.schema.COUNCIL_SCHEMA`. Merged cases are here with status
        'merged'; `geodata.council.cases.counted` leaves them out of counts.
    rejected, duplicates : pandas.DataFrame
        `file`, `line`, `reason`, `row` (JSON of the mapped columns only).
    repeated : pandas.DataFrame
        The rows of `duplicates` as incidents.
    """

    incidents: pd.DataFrame
    rejected: pd.DataFrame
    duplicates: pd.DataFrame
    repeated: pd.DataFrame

    def batch(self) -> Batch:
        """Give the file as the store takes it: merged cases and repeats are kept aside."""
        keep = counted(self.incidents).to_numpy()
        aside = [f for f in (self.incidents[~keep], self.repeated) if len(f)]
        return Batch(
            file=self.file, digest=self.digest, source=self.source, channel="file",
            incidents=self.incidents[keep].reset_index(drop=True), rejected=self.rejected,
            rows_in=self.rows_in, flags=self.sentences,
            aside=pd.concat(aside, ignore_index=True) if aside else None,
        )  # fmt: skip


@dataclass
class _Tally:
    """Counts over the parts of a file."""

    rows: int = 0
    flags: Counter[str] = field(default_factory=Counter)
    categories: Counter[tuple[str, str]] = field(default_factory=Counter)
    located: Counter[tuple[str, str, bool]] = field(default_factory=Counter)

    def add(self, part: Part) -> None:
        self.rows += part.rows
        self.flags.update(count_flags(part.flags))
        table = part.incidents
        groups = table.select(["source_category", "category"]).append_column(
            "located", pc.is_valid(table["easting"])
        )
        groups = groups.append_column("ward", table["ward_code_source"])
        counts = groups.group_by(groups.column_names).aggregate([([], "count_all")])
        for row in counts.to_pylist():
            rows = row["count_all"]
            if row["source_category"] is not None:
                self.categories[row["source_category"], row["category"]] += rows
            self.located["category", row["category"], row["located"]] += rows
            if row["ward"] is not None:
                self.located["ward_code_source", row["ward"], row["located"]] += rows

    def category_frame(self) -> pd.DataFrame:
        rows = [(value, code, n) for (value, code), n in self.categories.items()]
        frame = pd.DataFrame(rows, columns=["value", "category", "rows"])
        frame = frame.astype({"value": "str", "category": "str", "rows": "int64"})
        return frame.sort_values(["rows", "value"], ascending=[False, True], ignore_index=True)

    def location_frame(self) -> pd.DataFrame:
        groups = sorted({(by, value) for by, value, _ in self.located})
        rows = [
            (by, value, self.located[by, value, True] + self.located[by, value, False],
             self.located[by, value, False])
            for by, value in groups
        ]  # fmt: skip
        frame = pd.DataFrame(rows, columns=["by", "value", "rows", "without_location"])
        return frame.astype(
            {"by": "str", "value": "str", "rows": "int64", "without_location": "int64"}
        )


class CouncilReading:
    """A council file being read with a profile.

    Parameters
    ----------
    table : Table
        The file, opened.
    profile : Profile
        How it is read.
    as_at : str
        The day of the import, YYYY-MM-DD, or its month, YYYY-MM: later dates are rejected.
    extent : tuple of float, optional
        minx, miny, maxx, maxy of the wards and what lies around them (BNG metres), by which a
        swapped easting and northing is told.

    Raises
    ------
    ProfileError
        If a column that the profile names is not there.
    """

    def __init__(
        self, table: Table, profile: Profile, *, as_at: str, extent: Extent | None = None
    ) -> None:
        self.table, self.profile = table, profile
        self.mapping = profile.resolve(table.columns, table.name)
        last_day = last_day_of(as_at)
        self._converter = Converter(
            profile, self.mapping, last_day, extent, profile.excel_1904 or table.excel_1904
        )
        self._finisher = Finisher(table.name, table.digest, profile, self.mapping, last_day)
        self._tally = _Tally()

    def parts(self) -> Iterator[Part]:
        """Step through the rows. Nothing is given before the whole file has been looked at.

        Raises
        ------
        ReportFileError
            If the file is damaged, or its dates are written month first.
        """
        self._tally = _Tally()
        with closing(Pile[tuple[Draft, Sequence[Fault]]]()) as met:
            verdict = self._verdict(met)
            for draft, faults in met.taken():
                part = self._finisher.finish(draft, faults, verdict)
                self._tally.add(part)
                yield part

    def _verdict(self, met: Pile[tuple[Draft, Sequence[Fault]]]) -> Verdict:
        """Look at the whole file, put what was read of it on a pile, and say what it tells."""
        evidence = Evidence()
        with closing(evidence.keys):
            for draft, faults in self._drafts():
                evidence.add(draft)
                met.add((draft, faults), rows=len(draft))
            evidence.require_day_first(self.table.name)
            return Verdict.of(evidence)

    def _drafts(self) -> Iterator[tuple[Draft, Sequence[Fault]]]:
        columns = list(dict.fromkeys(self.mapping.values()))
        for chunk in self.table.chunks(columns):
            yield self._converter.convert(chunk), chunk.faults

    def summary(self) -> dict[str, Any]:
        """Give what `parts` has counted so far: the entries of `Findings`."""
        categories = self._tally.category_frame()
        flags = {rule.code: self._tally.flags[rule.code] for rule in Rule}
        unmapped = categories[categories["category"].eq("unknown")]
        known = _is_unmapped(self._converter, unmapped["value"])
        return {
            "file": self.table.name, "digest": self.table.digest, "source": self.profile.source,
            "rows_in": self._tally.rows, "flags": flags, "categories": categories,
            "unmapped": unmapped.loc[known, ["value", "rows"]].reset_index(drop=True),
            "without_location": self._tally.location_frame(), "notes": self._notes(),
            "left_out": left_out(self.table.head(_HEAD_ROWS), set(self.mapping.values())),
        }  # fmt: skip

    def _notes(self) -> tuple[str, ...]:
        notes = list(self.table.notes)
        known = {fold(column) for column in self.profile.known_columns}
        new = [c for c in self.table.columns if known and fold(c) not in known]
        if new:
            notes.append(f"columns that are new since the profile was made: {', '.join(new)}")
        if self._tally.flags[Rule.DATE_FROM_EXCEL.code]:
            system = "1904" if self._converter.excel_1904 else "1900"
            notes.append(f"Excel's day numbers were counted from {system}")
        return tuple(notes)


def _is_unmapped(converter: Converter, values: pd.Series) -> np.ndarray:
    known = CategoryMap(converter.profile.categories, source=converter.profile.source)
    return np.array([not known.code(value) for value in values], dtype=bool)


@contextmanager
def open_council(
    path: Path | str, profile: Profile, *, as_at: str, extent: Extent | None = None
) -> Iterator[CouncilReading]:
    """Open the one table of a file and read it a part at a time; see `CouncilReading`.

    Raises
    ------
    ReportFileError
        If the file cannot be read or holds several tables.
    UnsafeArchiveError
        If a zip must not be opened.
    ProfileError
        If a column that the profile names is not there.
    """
    with open_table(path, sheet=profile.sheet, wanted=list(profile.columns.values())) as table:
        yield CouncilReading(table, profile, as_at=as_at, extent=extent)


def read_council(
    path: Path | str, profile: Profile, *, as_at: str, extent: Extent | None = None
) -> CouncilFile:
    r"""Read a whole file of one table.

    Parameters
    ----------
    path : pathlib.Path or str
        The file, or a zip that holds one.
    profile : Profile
        How it is read.
    as_at : str
        The day of the import (YYYY-MM-DD or YYYY-MM).
    extent : tuple of float, optional
        Bounds of the wards, BNG metres.

    Returns
    -------
    CouncilFile
        Every row accounted for; the incidents pass `geodata.incidents.incident_checks`.

    Raises
    ------
    ReportFileError
        If the file cannot be read, holds several tables, or its dates are month first.
    UnsafeArchiveError
        If a zip must not be opened.
    ProfileError
        If a column that the profile names is not there.

    Examples
    --------
    >>> import tempfile
    >>> profile = Profile("a", "council_asb", columns={"occurred_from": "Date", "category": "Type"})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "may.csv"
    ...     _ = path.write_text("Date,Type\n03/04/2026,Noise\nLockdown,Noise\n")
    ...     file = read_council(path, profile, as_at="2026-11-22")
    >>> file.rows_in, len(file.incidents), file.rejected["reason"].tolist()
    (2, 1, ["the date 'Lockdown' cannot be read"])
    """
    with open_council(path, profile, as_at=as_at, extent=extent) as reading:
        return _whole(reading)


def read_all(
    path: Path | str, profile: Profile, *, as_at: str, extent: Extent | None = None
) -> Iterator[CouncilFile]:
    """Read every table of a zip, one after another, or the one table of another file.

    Raises
    ------
    ReportFileError, UnsafeArchiveError, ProfileError
        As `read_council`, for the first file that is at fault.
    """
    wanted = list(profile.columns.values())
    with files_in(path) as files:
        for file in files:
            table = open_file(file, sheet=profile.sheet, wanted=wanted)
            yield _whole(CouncilReading(table, profile, as_at=as_at, extent=extent))


def preview(
    table: Table, profile: Profile, *, as_at: str, rows: int = 200, extent: Extent | None = None
) -> CouncilFile:
    """Read the first rows of an opened table, to show what a mapping makes of them.

    Findings about the whole file (00:00, shared points, repeats) are those of these rows alone.

    Raises
    ------
    ReportFileError, ProfileError
        As `read_council`.
    """
    return _whole(CouncilReading(table.limited(rows), profile, as_at=as_at, extent=extent))


def read_table(
    table: Table, profile: Profile, *, as_at: str, extent: Extent | None = None
) -> CouncilFile:
    """Read a table that is open already; see `read_council`.

    Raises
    ------
    ReportFileError, ProfileError
        As `read_council`.
    """
    return _whole(CouncilReading(table, profile, as_at=as_at, extent=extent))


def _whole(reading: CouncilReading) -> CouncilFile:
    parts = list(reading.parts())
    incidents = _together([part.incidents for part in parts])
    incident_checks().validate(incidents, lazy=True)
    listed = {
        name: pd.concat([listed_rows([]), *(getattr(part, name) for part in parts)])
        for name in ("rejected", "duplicates")
    }
    listed = {name: frame.reset_index(drop=True) for name, frame in listed.items()}
    repeated = _together([part.repeated for part in parts])
    return CouncilFile(incidents=incidents, repeated=repeated, **listed, **reading.summary())


def _together(parts: Sequence[pa.Table]) -> pd.DataFrame:
    tables = [*parts] or [COUNCIL_SCHEMA.empty_table()]
    return pa.concat_tables(tables).unify_dictionaries().to_pandas()


def last_day_of(as_at: str) -> int:
    """Turn a day or a month into the last day it covers, in days since 1970-01-01.

    Examples
    --------
    >>> last_day_of("1970-01-10"), last_day_of("1970-01")
    (9, 30)
    """
    try:
        if months.is_month(as_at):
            return int(np.datetime64(months.shift(as_at, 1), "D").astype("i8")) - 1
        return (date.fromisoformat(as_at) - date(1970, 1, 1)).days
    except ValueError as error:
        raise SaferWalksError(
            "The day of the import is not a date", got=repr(as_at), todo="write it YYYY-MM-DD"
        ) from error
