"""Parsed files whose rows are spooled: an import of many needs memory for one, and for few rows.

What a reader gives file by file is checked and put away at once (`geodata.spool`), so that the next
file can be read in the memory of the last.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from geodata import partitions, writing
from geodata.batches import REJECTED_COLUMNS, REJECTED_SCHEMA, Batch, Skipped, SpooledBatch
from geodata.incidents import STORED_SCHEMA
from geodata.spool import Room, Spool

CHECKED_AT_ONCE = 100_000
"""Rows of small files that are checked in one go: it costs per go."""


@contextmanager
def spooling() -> Iterator[Spooling]:
    r"""Open a temporary folder for the rows of one import; they are there until the context ends.

    Examples
    --------
    >>> from geodata.police_uk import read_street_file
    >>> text = (b"Month,Reported by,Longitude,Latitude,Location,Crime type\n"
    ...         b"2026-04,City of London Police,-0.09,51.51,On or near A Street,Burglary\n")
    >>> with spooling() as held:
    ...     [file], _ = held.put_all([read_street_file("2026-04-city-street.csv", text)])
    ...     list(file.pieces()), file.usable
    ([('police_uk', 'city-of-london', '2026-04')], 1)
    """
    with tempfile.TemporaryDirectory(prefix="safer-walks-") as folder:
        yield Spooling(Path(folder))


class Spooling:
    """The files of one import on their way into spools.

    Parameters
    ----------
    folder : pathlib.Path
        Where files may be written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._room = Room()
        self._files = 0
        self._met: set[tuple[str, str]] = set()
        self._unchecked: list[Batch] = []

    def spool(self) -> Spool:
        """Give a new spool, which shares its room with the others."""
        self._files += 1
        return Spool(self._folder / str(self._files), self._room)

    def put_all(self, found: Iterable[Batch | Skipped]) -> tuple[list[SpooledBatch], list[Skipped]]:
        """Put away the rows of each file as it comes, and list what was passed over.

        Raises
        ------
        pandera.errors.SchemaErrors
            If a reader gave rows that are no incidents.
        """
        batches: list[SpooledBatch] = []
        skipped: list[Skipped] = []
        for one in found:
            if isinstance(one, Skipped):
                skipped.append(one)
            else:
                batches.append(self._put(one))
        self._check()
        return batches, skipped

    def _put(self, batch: Batch) -> SpooledBatch:
        self._look_at(batch)
        spool, pieces = self.spool(), batch.pieces()
        for (_, *where), piece in pieces.items():
            for kind, slabs in (("counted", piece.slabs(None)), ("aside", piece.aside())):
                for slab in slabs:
                    schema = pa.schema([f for f in STORED_SCHEMA if f.name in slab])
                    spool.add((kind, *where), partitions.as_table(slab, schema))
        for rejected in batch.rejected_slabs():
            listed = rejected[list(REJECTED_COLUMNS)]
            spool.add(
                ("rejected",), pa.Table.from_pandas(listed, REJECTED_SCHEMA, preserve_index=False)
            )
        return SpooledBatch(
            file=batch.file, digest=batch.digest, source=batch.source, channel=batch.channel,
            rows_in=batch.rows_in, spool=spool, rejected_rows=batch.rejected_rows,
            duplicates={key[1:]: piece.duplicates for key, piece in pieces.items()},
            places=tuple(key[1:] for key in pieces), columns=batch.columns,
            flags=batch.flags, empty_months=batch.empty_months,
        )  # fmt: skip

    def _look_at(self, batch: Batch) -> None:
        """Check the rows of a file, soon; the same content under another name has been."""
        if (batch.source, batch.digest) in self._met:
            return
        self._met.add((batch.source, batch.digest))
        self._unchecked.append(batch)
        if sum(len(b.incidents) for b in self._unchecked) > CHECKED_AT_ONCE:
            self._check()

    def _check(self) -> None:
        writing.check(self._unchecked)
        self._unchecked = []
