"""Text tables as people really send them: encodings, stray quotation marks, physical line numbers.

Every cell is read as text; nothing is guessed. A row that cannot be read is kept with its line
and its words, so that somebody can mend it, and the rows around it are read all the same.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from geodata.errors import ReportFileError

MAX_BYTES = 4 * 2**30
"""Bytes that one file may decompress to."""

_GZIP = b"\x1f\x8b"
_CHUNK = 16 * 2**20
_MAX_BLOCK = 2**31 - 1
_DELIMITERS = ",;\t"
_MAX_REPAIRS = 100
_LINE_FEED, _CARRIAGE_RETURN = 10, 13
_UNREADABLE = "fetch it again, or save it again as CSV (UTF-8) from the program it came from"

# A row as pyarrow takes it: a quotation mark counts only at the start of a field; one that is
# never closed swallows everything after it. Possessive, so that no match is ever taken back.
_TIDY_FIELD = rb'(?:"[^"]*+(?:""[^"]*+)*+"|[^"\r\n%c][^\r\n%c]*+|)'
_FIELD = rb'(?:"[^"]*+(?:""[^"]*+)*+(?:"[^\r\n%c]*+|\Z)|[^"\r\n%c][^\r\n%c]*+|)'


@dataclass(frozen=True)
class TextColumn:
    """A column of text: its distinct values, and which of them each row holds.

    Examples
    --------
    >>> column = TextColumn.from_values(["a", "", "a"])
    >>> list(column.recode(lambda v: v.upper() or None))
    ['A', nan, 'A']
    """

    codes: np.ndarray
    values: list[str]

    @classmethod
    def from_values(cls, values: Sequence[str]) -> TextColumn:
        """Build a column from one value a row."""
        codes, distinct = pd.factorize(np.array(values, dtype="object"))
        return cls(codes, distinct.tolist())

    def recode(self, change: Callable[[str], str | None]) -> pd.Categorical:
        """Change every distinct value; None makes a missing one."""
        changed = [change(v) for v in self.values]
        kept = sorted({v for v in changed if v is not None})
        place = {v: i for i, v in enumerate(kept)}
        codes = np.array([-1 if v is None else place[v] for v in changed], dtype="int32")
        return pd.Categorical.from_codes(codes[self.codes], categories=pd.Index(kept, dtype="str"))

    def spell_out(self) -> pd.Series:
        """Give one value a row, blank ones missing: for columns whose values rarely repeat."""
        values = pa.array([v if v.strip() else None for v in self.values], pa.large_string())
        return values.take(pa.array(self.codes)).to_pandas()

    def take(self, positions: np.ndarray) -> TextColumn:
        """Keep some rows."""
        return TextColumn(self.codes[positions], self.values)


@dataclass(frozen=True)
class Rows:
    """Some columns of every row of a table, as text.

    Attributes
    ----------
    columns : tuple of TextColumn
        The columns asked for, with the rows that could be read.
    number : numpy.ndarray
        Number of each of them among all rows of the file, from 1; blank lines are not rows.
    unreadable : pandas.DataFrame
        The other rows: `line` (in the file, from 1), `reason`, `row` (as it stands there).
    """

    columns: tuple[TextColumn, ...]
    number: np.ndarray
    unreadable: pd.DataFrame
    _body: _Body

    def __len__(self) -> int:
        """Count all rows, those that could not be read included."""
        return len(self.number) + len(self.unreadable)

    def as_written(self, positions: np.ndarray) -> pd.DataFrame:
        """Look up rows of `columns` in the file: `line` (from 1) and `row` (as it stands there)."""
        return self._body.as_written(self.number[positions] - 1)


@dataclass(frozen=True)
class TextTable:
    """A text table whose header has been read.

    Attributes
    ----------
    name : str
        The file, for messages.
    header : tuple of str
        Column names as the file gives them, trimmed.
    encoding : str
        What the bytes were, for people.
    """

    name: str
    header: tuple[str, ...]
    encoding: str
    _body: _Body

    def read(self, columns: Sequence[int]) -> Rows:
        """Read some columns of every row, named by their positions in `header`.

        Raises
        ------
        ReportFileError
            If the quotation marks are in such disorder that rows cannot be told apart.
        """
        body = self._body
        swallowing: list[tuple[int, str]] = []
        for _ in range(_MAX_REPAIRS):
            try:
                table, bad = body.parse(len(self.header), columns)
            except pa.ArrowInvalid as error:
                raise ReportFileError(
                    f"{self.name} cannot be read as CSV", got=str(error), todo=_UNREADABLE
                ) from error
            lines = body.lines_that_swallow(table.num_rows, [number for number, _ in bad])
            if not len(lines):
                return _rows(body, table, bad, swallowing)
            swallowing += [(line, body.text_of_line(line)) for line in lines]
            body = body.without_lines(lines)
        raise ReportFileError(
            f"The quotation marks of {self.name} do not match, so its rows cannot be told apart",
            todo=_UNREADABLE,
        )


def _rows(
    body: _Body, table: pa.Table, bad: list[tuple[int, str]], swallowing: list[tuple[int, str]]
) -> Rows:
    columns = tuple(_column(c) for c in table.columns)
    all_numbers = np.arange(1, table.num_rows + len(bad) + 1)
    if not (bad or swallowing):
        return Rows(columns, all_numbers, _NOTHING_WRONG, body)
    unread = np.array([number for number, _ in bad], dtype="int64")
    written = body.as_written(unread - 1).assign(reason=[reason for _, reason in bad])
    swallowed = pd.DataFrame(swallowing, columns=["line", "row"]).assign(
        reason="a quotation mark is opened and not closed on its line"
    )
    unreadable = pd.concat([written, swallowed]).astype({"line": "int64"})
    unreadable = unreadable.sort_values("line", ignore_index=True)[["line", "reason", "row"]]
    return Rows(columns, np.delete(all_numbers, unread - 1), unreadable, body)


_NOTHING_WRONG = pd.DataFrame(
    {
        "line": pd.Series(dtype="int64"),
        "reason": pd.Series(dtype="str"),
        "row": pd.Series(dtype="str"),
    }
)


def _column(column: pa.ChunkedArray) -> TextColumn:
    if not column.num_chunks:
        return TextColumn(np.empty(0, dtype="int32"), [])
    chunk = column.chunk(0)
    return TextColumn(chunk.indices.to_numpy(zero_copy_only=False), chunk.dictionary.to_pylist())


@dataclass(frozen=True)
class _Body:
    """What follows the header, as UTF-8, with the lines that came before it."""

    data: bytes
    delimiter: str
    lines_before: int

    def parse(self, width: int, columns: Sequence[int]) -> tuple[pa.Table, list[tuple[int, str]]]:
        """Read the well-formed rows; number the others, from 1, and say what is wrong."""
        bad: list[pa.csv.InvalidRow] = []

        def note(row: pa.csv.InvalidRow) -> str:
            bad.append(row)
            return "skip"

        try:
            table = self._parse(width, columns, note, threads=True, block=_CHUNK)
        except pa.ArrowInvalid:  # a row longer than a block: a stray quotation mark swallowed it
            bad.clear()
            table = self._parse(width, columns, note, threads=False, block=_MAX_BLOCK)
        else:
            if bad:  # only a single thread knows the numbers of the rows it passes over
                bad.clear()
                table = self._parse(width, columns, note, threads=False, block=_CHUNK)
        return table, [(r.number, _count_reason(r.actual_columns, width)) for r in bad]

    def _parse(
        self, width: int, columns: Sequence[int], note: object, *, threads: bool, block: int
    ) -> pa.Table:
        names = [f"c{i}" for i in range(width)]
        text = pa.dictionary(pa.int32(), pa.string())
        if not self.data.strip(b"\r\n"):
            return pa.table({names[i]: pa.array([], text) for i in columns})
        table = pa.csv.read_csv(
            pa.BufferReader(self.data),
            read_options=pa.csv.ReadOptions(
                use_threads=threads, column_names=names, block_size=block
            ),
            parse_options=pa.csv.ParseOptions(
                delimiter=self.delimiter, newlines_in_values=self._quoted, invalid_row_handler=note
            ),
            convert_options=pa.csv.ConvertOptions(
                column_types=dict.fromkeys(names, text), strings_can_be_null=False,
                include_columns=[names[i] for i in columns], check_utf8=False,
            ),
        )  # fmt: skip
        return table.unify_dictionaries().combine_chunks()

    def as_written(self, rows: np.ndarray) -> pd.DataFrame:
        """Look up rows, numbered from 0 with blank lines left out."""
        if not len(rows):
            return pd.DataFrame({"line": np.empty(0, "int64"), "row": pd.Series([], dtype="str")})
        starts, ends = (edge[rows] for edge in self._spans)
        words = [
            self.data[a:b].decode("utf-8", "replace") for a, b in zip(starts, ends, strict=True)
        ]
        return pd.DataFrame({"line": self._line_of(starts), "row": pd.Series(words, dtype="str")})

    def lines_that_swallow(self, good: int, bad: Sequence[int]) -> np.ndarray:
        """Find lines whose stray quotation mark makes one row of several lines.

        A row may well span lines. It is taken for an accident if it has too few or too many
        values, or if a closing mark is followed by more words instead of the end of the field.
        """
        one_line_each = len(self._filled_lines[0]) == good + len(bad)
        if not self._quoted or (one_line_each and self.data.count(b'"') % 2 == 0):
            return np.empty(0, dtype="int64")
        starts, ends = self._spans
        first, last = self._line_of(starts), self._line_of(ends)
        several = np.flatnonzero(last > first)
        mended = np.array([bool(self._tidy_row(starts[i], ends[i])) for i in several], dtype=bool)
        accident = np.isin(several + 1, bad) | ~mended
        return first[several[accident]]

    def _tidy_row(self, start: int, end: int) -> re.Match[bytes] | None:
        mark = self.delimiter.encode()
        field = _TIDY_FIELD.replace(b"%c", mark)
        return re.compile(field + b"(?:" + mark + field + b")*+").fullmatch(self.data, start, end)

    def text_of_line(self, line: int) -> str:
        """Give a line of the file, numbered from 1, as it stands there."""
        start = self._line_starts[line - 1 - self.lines_before]
        return _line_at(self.data, int(start)).decode("utf-8", "replace")

    def without_lines(self, lines: np.ndarray) -> _Body:
        """Blank some lines; the others keep their numbers."""
        kept, position = bytearray(), 0
        for start in self._line_starts[lines - 1 - self.lines_before].tolist():
            kept += self.data[position:start]
            position = start + len(_line_at(self.data, start))
            if kept.endswith(b"\r") and self.data[position : position + 1] == b"\n":
                kept[-1:] = b"\n"  # lest two ends of line become one
        kept += self.data[position:]
        return _Body(bytes(kept), self.delimiter, self.lines_before)

    @cached_property
    def _quoted(self) -> bool:
        return b'"' in self.data

    @cached_property
    def _line_starts(self) -> np.ndarray:
        octets = np.frombuffer(self.data, dtype="u1")
        newline, carriage = octets == _LINE_FEED, octets == _CARRIAGE_RETURN
        carriage[:-1] &= ~newline[1:]
        return np.concatenate([[0], np.flatnonzero(newline | carriage) + 1])

    @cached_property
    def _filled_lines(self) -> tuple[np.ndarray, np.ndarray]:
        """Where each line that is not blank starts and ends."""
        starts = self._line_starts
        ends = np.concatenate([starts[1:] - 1, [len(self.data)]])
        octets = np.frombuffer(self.data, dtype="u1")
        crlf = (ends[:-1] > starts[:-1]) & (octets[ends[:-1]] == _LINE_FEED)
        crlf &= octets[ends[:-1] - 1] == _CARRIAGE_RETURN
        ends[:-1] -= crlf
        return starts[ends > starts], ends[ends > starts]

    @cached_property
    def _spans(self) -> tuple[np.ndarray, np.ndarray]:
        """Where each row starts and ends, blank lines left out."""
        if not self._quoted:
            return self._filled_lines
        starts, ends = _spans_of_quoted(self.data, self.delimiter)
        return starts[ends > starts], ends[ends > starts]

    def _line_of(self, offsets: np.ndarray) -> np.ndarray:
        lines = np.searchsorted(self._line_starts, offsets, "right")
        return lines + self.lines_before


_LINE = re.compile(rb"[^\r\n]*")


def _line_at(data: bytes, start: int) -> bytes:
    found = _LINE.match(data, start)
    return found[0] if found else b""


def _spans_of_quoted(data: bytes, delimiter: str) -> tuple[np.ndarray, np.ndarray]:
    mark = delimiter.encode()
    field = _FIELD.replace(b"%c", mark)
    row = re.compile(field + b"(?:" + mark + field + b")*+")
    starts, ends, position, size = [], [], 0, len(data)
    while position < size:
        found = row.match(data, position)  # always there: an empty row matches
        end = found.end() if found else position
        starts.append(position)
        ends.append(end)
        position = end + (2 if data[end : end + 2] == b"\r\n" else 1)
    return np.array(starts, dtype="int64"), np.array(ends, dtype="int64")


def _count_reason(found: int, expected: int) -> str:
    return f"the row has {found} values where the header names {expected} columns"


def unpack(name: str, data: bytes, *, limit: int = MAX_BYTES) -> bytes:
    """Decompress gzip, told by its first bytes; other data are returned as they are.

    Raises
    ------
    ReportFileError
        If the file is cut short, damaged, or decompresses to more than `limit` bytes.
    """
    if not data.startswith(_GZIP):
        return data
    chunks, size = [], 0
    try:
        with gzip.open(io.BytesIO(data)) as packed:
            while chunk := packed.read(_CHUNK):
                chunks.append(chunk)
                size += len(chunk)
                if size > limit:
                    raise ReportFileError(
                        f"{name} unpacks to more than allowed", got=f"over {limit:,} bytes",
                        todo="split it, or ask the sender for the file itself",
                    )  # fmt: skip
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ReportFileError(
            f"{name} cannot be unpacked: it is damaged or was cut short", got=str(error),
            todo="fetch it again",
        ) from error  # fmt: skip
    return b"".join(chunks)


def open_table(name: str, data: bytes) -> TextTable:
    r"""Read the encoding and the header of a text table.

    UTF-8 with or without a byte order mark, UTF-16, and else Windows-1252, which older Excel
    writes; separated by commas, semicolons or tabs.

    Parameters
    ----------
    name : str
        What to call it in a message.
    data : bytes
        The whole file, decompressed.

    Raises
    ------
    ReportFileError
        If it is empty, or not text.

    Examples
    --------
    >>> table = open_table("a.csv", b"Month,Location\n2026-04,Roman Road\n2026-04\n")
    >>> rows = table.read([1])
    >>> table.header, rows.columns[0].values
    (('Month', 'Location'), ['Roman Road'])
    >>> rows.unreadable["line"].tolist()
    [3]
    """
    text, encoding = _as_utf8(name, data)
    start = len(text) - len(text.lstrip(b"\r\n"))
    if start == len(text):
        raise ReportFileError(f"{name} is empty", todo=_UNREADABLE)
    first_line = _line_at(text, start).decode()
    delimiter = max(_DELIMITERS, key=first_line.count)
    _, ends = _spans_of_quoted(text[start : start + 2**16], delimiter)
    end = start + int(ends[0])
    header = next(
        csv.reader(
            io.StringIO(text[start:end].decode("utf-8", "replace"), newline=""), delimiter=delimiter
        )
    )
    rest = end + (2 if text[end : end + 2] == b"\r\n" else 1)
    before = len(re.findall(rb"\r\n|\r|\n", text[:rest]))
    body = _Body(text[rest:], delimiter, before)
    return TextTable(name, tuple(h.strip() for h in header), encoding, body)


def _as_utf8(name: str, data: bytes) -> tuple[bytes, str]:
    """Turn a file into UTF-8 and say what it was."""
    wide = _wide_encoding(data)
    try:
        if wide:
            return data.decode(wide).lstrip("\ufeff").encode(), "UTF-16"
        if b"\0" in data:
            raise ReportFileError(
                f"{name} is not a text file", got="bytes that no text holds", todo=_UNREADABLE
            )
        text = data.removeprefix(b"\xef\xbb\xbf")
        return (
            (text, "UTF-8") if _is_utf8(text) else (text.decode("cp1252").encode(), "Windows-1252")
        )
    except UnicodeError as error:
        raise ReportFileError(
            f"{name} is not a text file, or its encoding is not known", got=str(error),
            todo=_UNREADABLE,
        ) from error  # fmt: skip


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _wide_encoding(data: bytes) -> str:
    """Name the UTF-16 order by its mark, or by every second byte being zero; '' if it is not."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    start = data[:200]
    if len(start) >= 4 and len(start) % 2 == 0:
        half = len(start) // 2
        if start[1::2].count(0) == half:
            return "utf-16-le"
        if start[0::2].count(0) == half:
            return "utf-16-be"
    return ""
