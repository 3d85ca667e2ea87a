"""Council files as the store takes them: one batch a table, and what was found on the way.

Rows are spooled while they are read (`geodata.spool`), so that a file may be longer than memory.

What tells two readings of one file apart is in the digest: the content's, a hyphen, and that of the
profile's settings (`geodata.corrections` lets the later reading replace the earlier one).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from geodata.batches import REJECTED_SCHEMA, Skipped, SpooledBatch
from geodata.council.finish import Part
from geodata.council.places import Extent
from geodata.council.profiles import Profile, guess_profile, to_toml
from geodata.council.reader import CouncilReading, Findings
from geodata.council.schema import COUNCIL_SCHEMA
from geodata.council.tables import files_in, open_file, tables_under
from geodata.errors import ReportFileError
from geodata.incidents import incident_checks
from geodata.manifest import digest_of
from geodata.placing import Place, place_rows
from geodata.spool import Spool
from geodata.spooling import Spooling, spooling
from geodata.vocabularies import Source

_PROFILE_DIGITS = 8


@dataclass(frozen=True)
class Reading:
    """A council file, read, and the profile it was read with; `guessed` if nobody made that.

    `batch` is the file as the store takes it. Cases merged into another and rows that repeat an
    earlier one are kept in it and not counted.
    """

    findings: Findings
    batch: SpooledBatch
    profile: Profile
    guessed: bool


def read_council_files(
    path: Path | str,
    *,
    source: Source,
    held: Spooling,
    profile: Profile | None = None,
    as_at: str,
    extent: Extent | None = None,
    locate: Place | None = None,
) -> Iterator[Reading]:
    r"""Read every table of a file with a profile or, without one, with a guess for each table.

    Parameters
    ----------
    path : pathlib.Path or str
        The file, or a zip of several.
    source : str
        Where it comes from; only asked without a profile.
    held : Spooling
        Where the rows go; to be kept while the batches are used.
    profile : Profile, optional
        How it is read.
    as_at : str
        The day of the import (YYYY-MM-DD or YYYY-MM): later dates are rejected.
    extent : tuple of float, optional
        Bounds of the wards and what lies around them, BNG metres.
    locate : callable, optional
        Gives rows without a place one (`geodata.placing.Place`).

    Raises
    ------
    ReportFileError
        If the file cannot be read or has no rows, or its dates are month first.
    UnsafeArchiveError
        If a zip must not be opened.
    ProfileError
        If a column that the profile names is not there, or no column looks like a date.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, spooling() as held:
    ...     path = Path(folder) / "may.csv"
    ...     _ = path.write_text("Date,Type\n03/04/2026,Noise\n")
    ...     [one] = read_council_files(
    ...         path, source="council_asb", held=held, as_at="2026-11-22")
    >>> one.batch.flags[0]
    "The columns of may.csv were guessed. Taken: 'Date' as occurred_from; 'Type' as category."
    """
    wanted = list(profile.columns.values()) if profile else []
    with files_in(path) as files:
        for found in files:
            table = open_file(found, sheet=profile.sheet if profile else "", wanted=wanted)
            how = profile or guess_profile(table, source)
            reading = CouncilReading(table, how, as_at=as_at, extent=extent)
            into = _Into(held.spool(), how.provider, locate)
            for part in reading.parts():
                into.add(part)
            findings = Findings(**reading.summary())
            batch = _batch(findings, into, how, guessed=profile is None)
            yield Reading(findings, batch, how, guessed=profile is None)


@contextmanager
def reading_council_files(
    paths: Sequence[Path | str],
    *,
    source: Source,
    profile: Profile | None = None,
    as_at: str,
    extent: Extent | None = None,
    locate: Place | None = None,
    progress: Callable[[float, str], None] | None = None,
) -> Iterator[tuple[list[Reading], list[Skipped]]]:
    """Read every table of several files, zips and folders; good until the context ends.

    Parameters
    ----------
    paths : sequence of pathlib.Path or str
        Files, zips of them, and folders, which are searched to their depths for files that could
        be tables; what else lies in a folder is passed over and listed.
    source, profile, as_at, extent, locate
        As `read_council_files`.
    progress : callable, optional
        Told the share done (0 to 1) and what is being read.

    Raises
    ------
    ReportFileError, UnsafeArchiveError, ProfileError
        As `read_council_files`, for the first file at fault; or if a folder holds no table.
    """
    tell = progress or (lambda _share, _what: None)
    found: list[Path] = []
    skipped: list[Skipped] = []
    for path in map(Path, paths):
        inner, passed_over = tables_under(path) if path.is_dir() else ([path], [])
        found += inner
        skipped += [Skipped(name, "not a table, by its name") for name in passed_over]
    with spooling() as held:
        readings: list[Reading] = []
        for number, path in enumerate(found):
            tell(number / len(found), f"Reading {path.name}")
            readings += read_council_files(
                path, source=source, held=held, profile=profile, as_at=as_at, extent=extent,
                locate=locate,
            )  # fmt: skip
        tell(1.0, "All files are read")
        yield readings, skipped


@dataclass
class _Into:
    """The rows of one file on their way into its spool."""

    spool: Spool
    force: str
    locate: Place | None
    rejected: int = 0
    placed: int = 0
    duplicates: Counter[tuple[str, str]] = field(default_factory=Counter)
    places: set[tuple[str, str]] = field(default_factory=set)

    def add(self, part: Part) -> None:
        """Put every row of a part where it belongs."""
        incidents = self._located(part.incidents)
        merged = _is_merged(incidents)
        if merged.any():
            self._put("aside", incidents.filter(pa.array(merged)))
            incidents = incidents.filter(pa.array(~merged))
        self._put("counted", incidents)
        for where, rows in self._put("aside", part.repeated).items():
            self.duplicates[where] += rows
        self.rejected += len(part.rejected)
        listed = pa.Table.from_pandas(part.rejected, schema=REJECTED_SCHEMA, preserve_index=False)
        self.spool.add(("rejected",), listed)

    def _located(self, incidents: pa.Table) -> pa.Table:
        frame = incidents.to_pandas()
        if self.locate is not None and incidents["easting"].null_count:
            frame, found = place_rows(frame, self.locate)
            if found:
                self.placed += found
                incidents = pa.Table.from_pandas(frame, COUNCIL_SCHEMA, preserve_index=False)
        incident_checks().validate(frame, lazy=True)
        return incidents

    def _put(self, kind: str, rows: pa.Table) -> dict[tuple[str, str], int]:
        """Part rows by month, in their order, and count them."""
        if not rows.num_rows:
            return {}
        months = rows["month"].combine_chunks()
        codes, names = months.indices.to_numpy(), months.dictionary.to_pylist()
        order = np.argsort(codes, kind="stable")
        ordered = rows if np.array_equal(order, np.arange(len(order))) else rows.take(order)
        present, starts = np.unique(codes[order], return_index=True)
        ends = [*starts[1:], len(codes)]
        counts = {}
        for code, start, end in zip(present.tolist(), starts, ends, strict=True):
            where = (self.force, names[code])
            self.spool.add((kind, *where), ordered.slice(start, end - start))
            counts[where] = int(end - start)
        self.places |= set(counts)
        return counts


def _is_merged(incidents: pa.Table) -> np.ndarray:
    status = incidents["status"]
    if status.null_count == len(status):
        return np.zeros(len(status), dtype=bool)
    merged = pc.equal(status.cast(pa.string()), "merged").fill_null(False)  # noqa: FBT003
    return merged.to_numpy().astype(bool)


def _batch(findings: Findings, into: _Into, profile: Profile, *, guessed: bool) -> SpooledBatch:
    if not findings.rows_in:
        raise ReportFileError(
            "A file has no rows", got=findings.file, todo="leave it out, or export it again"
        )
    taken = "; ".join(f"{c!r} as {field}" for field, c in profile.columns.items())
    said = f"The columns of {findings.file} were guessed. Taken: {taken}."
    return SpooledBatch(
        file=findings.file, digest=f"{findings.digest}-{settings_digest(profile)}",
        source=findings.source, channel="file", rows_in=findings.rows_in, spool=into.spool,
        rejected_rows=into.rejected, duplicates=into.duplicates, placed=into.placed,
        places=tuple(sorted(into.places)), columns=tuple(COUNCIL_SCHEMA.names),
        flags=((said,) if guessed else ()) + findings.sentences,
    )  # fmt: skip


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
