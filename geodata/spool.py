"""Rows of a long file sorted by where they belong, in memory while they are few, else on disk.

What an import brings may be longer than memory. Rows are read part by part and put here under the
month they belong to; what has gathered beyond `HELD_ROWS`, in all files of one import together, is
written to files of a temporary folder, and read from there a slab at a time. Whoever makes the
folder removes it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.feather

HELD_ROWS = 200_000
"""Rows kept in memory, of all spools of one import together."""

SLAB_ROWS = 500_000
"""Rows from which a slab is handed over; none is longer than this and one addition."""


class Room:
    """The memory that the spools of one import share.

    Parameters
    ----------
    rows : int, optional
        Rows kept in memory, `HELD_ROWS` if None; when there are more, every spool writes its own.
    """

    def __init__(self, rows: int | None = None) -> None:
        self._limit = HELD_ROWS if rows is None else rows
        self._taken = 0
        self._holding: dict[int, Spool] = {}

    def take(self, spool: Spool, rows: int) -> None:
        """Note that a spool holds more rows, and have all of them written if that is too many."""
        self._taken += rows
        self._holding[id(spool)] = spool
        if self._taken > self._limit:
            for holding in self._holding.values():
                holding.spill()
            self._taken = 0
            self._holding.clear()


class Spool:
    """Tables of one schema, by key, in the order they were added.

    Parameters
    ----------
    folder : pathlib.Path
        Where files may be written; made if it is needed. No two spools share one.
    room : Room, optional
        What it may keep in memory, with the other spools of an import; room of its own if None.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     spool = Spool(Path(folder), Room(2))
    ...     for number in range(5):
    ...         spool.add("odd" if number % 2 else "even", pa.table({"x": [number]}))
    ...     [t.column("x").to_pylist() for t in spool.slabs("even")], spool.rows("odd")
    ([[0, 2, 4]], 2)
    """

    def __init__(self, folder: Path, room: Room | None = None) -> None:
        self._folder = folder
        self._room = room or Room()
        self._held: dict[Hashable, list[pa.Table]] = defaultdict(list)
        self._files: dict[Hashable, list[Path]] = defaultdict(list)
        self._rows: dict[Hashable, int] = defaultdict(int)
        self._written = 0

    def add(self, key: Hashable, table: pa.Table) -> None:
        """Add rows under a key."""
        if not table.num_rows:
            return
        self._held[key].append(table)
        self._rows[key] += table.num_rows
        self._room.take(self, table.num_rows)

    def everything(self) -> list[Hashable]:
        """List the keys that have rows, in the order they were first met."""
        return list(self._rows)

    def rows(self, key: Hashable) -> int:
        """Count the rows of a key."""
        return self._rows.get(key, 0)

    def slabs(self, key: Hashable, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """Step through the rows of a key, some `SLAB_ROWS` at a time; dictionaries are unified."""
        gathered: list[pa.Table] = []
        for table in self._tables(key, columns):
            gathered.append(table)
            if sum(t.num_rows for t in gathered) >= SLAB_ROWS:
                yield pa.concat_tables(gathered).unify_dictionaries()
                gathered = []
        if gathered:
            yield pa.concat_tables(gathered).unify_dictionaries()

    def _tables(self, key: Hashable, columns: Sequence[str] | None) -> Iterator[pa.Table]:
        chosen = None if columns is None else list(columns)
        for path in self._files.get(key, ()):
            yield pa.feather.read_table(path, columns=chosen)
        for table in self._held.get(key, ()):
            yield table if chosen is None else table.select(chosen)

    def spill(self) -> None:
        """Write what is held in memory to files."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for key, tables in self._held.items():
            path = self._folder / f"{self._written}.arrow"
            whole = pa.concat_tables(tables).unify_dictionaries().combine_chunks()
            pa.feather.write_feather(whole, path, compression="lz4")
            self._files[key].append(path)
            self._written += 1
        self._held.clear()
