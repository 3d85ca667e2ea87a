"""A table as every reader gives it: columns of text, in chunks, each row with its line in the file.

Nothing is converted here and nothing is lost: a row that cannot be told apart into columns is a
`Fault` with its line and the reason. How text becomes dates and places is said elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pyarrow as pa

from geodata.errors import ReportFileError

CHUNK_ROWS = 100_000
"""Rows handed on at once by readers that count rows rather than bytes."""


@dataclass(frozen=True)
class Fault:
    """A row whose values cannot be told apart; none of them is kept, since any could be private."""

    line: int
    reason: str


@dataclass(frozen=True)
class Chunk:
    """Some consecutive rows.

    Attributes
    ----------
    data : pyarrow.Table
        The columns asked for, as text without nulls; '' where a cell is blank.
    line : numpy.ndarray
        Where each row begins: its line in a text file, its row in a sheet, its number in a layer.
        From 1.
    faults : tuple of Fault
        Rows beside these that could not be read.
    """

    data: pa.Table
    line: np.ndarray
    faults: tuple[Fault, ...] = ()

    @property
    def rows(self) -> int:
        """Count every row, faults included."""
        return len(self.line) + len(self.faults)


ReadColumns = Callable[[Sequence[int]], Iterator[Chunk]]
"""Reads the columns at these positions; the names of what it gives do not matter."""


@dataclass(frozen=True)
class Table:
    """A table of text, read as often as asked, a chunk at a time.

    Attributes
    ----------
    name : str
        The file, and the sheet or layer in it, for people.
    format : str
        What kind of file it is, for people.
    columns : tuple of str
        Column names, all different.
    digest : str
        Names the content of the file.
    size : int
        Bytes of the file.
    notes : tuple of str
        What a person should know about how it was read.
    excel_1904 : bool
        True if the sheet counts days from 1904 instead of 1900.
    """

    name: str
    format: str
    columns: tuple[str, ...]
    digest: str
    size: int
    notes: tuple[str, ...] = ()
    excel_1904: bool = False
    _read: ReadColumns = field(repr=False, default=lambda _columns: iter(()))

    def chunks(self, columns: Sequence[str] | None = None) -> Iterator[Chunk]:
        """Step through the rows.

        Parameters
        ----------
        columns : sequence of str, optional
            The columns wanted; all if None. Others are not even turned into text.

        Raises
        ------
        ReportFileError
            If the file turns out to be damaged.
        """
        names = self.columns if columns is None else tuple(columns)
        position = {name: number for number, name in enumerate(self.columns)}
        for chunk in self._read([position[name] for name in names]):
            yield Chunk(chunk.data.rename_columns(list(names)), chunk.line, chunk.faults)

    def limited(self, rows: int) -> Table:
        """Give the same table cut after some rows, for a preview."""

        def read(columns: Sequence[int]) -> Iterator[Chunk]:
            left = rows
            for chunk in self._read(columns):
                last = int(chunk.line[left - 1]) if len(chunk.line) >= left else None
                faults = tuple(f for f in chunk.faults if last is None or f.line < last)
                yield Chunk(chunk.data.slice(0, left), chunk.line[:left], faults)
                left -= len(chunk.line)
                if left <= 0:
                    return

        return replace(self, _read=read)

    def held(self, rows: int) -> Table:
        """Give the first rows as a table of its own, kept in memory: the file is not asked again.

        Examples
        --------
        >>> table = Table("a.csv", "text", ("x",), "d", 1, _read=lambda _columns: iter(
        ...     [Chunk(text_table([["1", "2", "3"]]), np.array([2, 3, 4]))]))
        >>> [chunk.line.tolist() for chunk in table.held(2).chunks()]
        [[2, 3]]
        """
        chunks = list(self.limited(rows).chunks())

        def read(columns: Sequence[int]) -> Iterator[Chunk]:
            for chunk in chunks:
                yield replace(chunk, data=chunk.data.select(list(columns)))

        return replace(self, _read=read)

    def head(self, rows: int = 1_000) -> pd.DataFrame:
        """Give the first rows as a frame of text, for guessing and for a preview.

        The index is each row's line in the file.
        """
        parts: list[pd.DataFrame] = []
        left = rows
        for chunk in self.chunks():
            part = chunk.data.slice(0, left).to_pandas().astype("str")
            parts.append(part.set_axis(pd.Index(chunk.line[:left], name="line"), axis=0))
            left -= len(part)
            if left <= 0:
                break
        if not parts:
            return pd.DataFrame({c: pd.Series(dtype="str") for c in self.columns})
        return pd.concat(parts)


def text_table(columns: Sequence[Sequence[str]]) -> pa.Table:
    """Build a table of text from columns of values."""
    arrays = [pa.array(column, pa.string()) for column in columns]
    return pa.Table.from_arrays(arrays, names=[str(n) for n in range(len(columns))])


def damaged(name: str, got: str) -> ReportFileError:
    """Say that a file cannot be read."""
    return ReportFileError(
        f"{name} cannot be read: it is damaged, cut short or not what its name says",
        got=got,
        todo="fetch it again, or save it again as CSV (UTF-8) from the program it came from",
    )
