"""Read tables of text, whatever separates their values, in bounded memory.

A block whose quotation marks pair up and whose rows all have the right number of values goes
through pyarrow. Any other block goes through `geodata.council.records`, a line at a time. Both give
the same rows with the same line numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

from geodata.archives import MIB
from geodata.council.headers import SEARCHED_ROWS, find_header
from geodata.council.records import MAX_LINES, Record, records
from geodata.council.table import Chunk, Fault, Table, damaged, text_table
from geodata.council.text_source import BLOCK, TextSource, open_text
from geodata.errors import ReportFileError

DELIMITERS: dict[str, str] = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}

_SAMPLE_BYTES = 1 * MIB
_SAMPLE_RECORDS = SEARCHED_ROWS + 200
_MAX_RECORD = 64 * MIB
_QUOTE, _NEWLINE, _RETURN = ord('"'), ord("\n"), ord("\r")


@dataclass(frozen=True)
class _Layout:
    """How a file is laid out: its delimiter, its columns and the line on which rows begin."""

    delimiter: str
    width: int
    first_line: int
    wanted: tuple[int, ...] = ()

    @property
    def needed(self) -> int:
        """Values a row must have: later columns that nobody asked for may be cut off."""
        return max(self.wanted, default=-1) + 1

    def fits(self, values: Sequence[str]) -> bool:
        """Tell whether values can be told apart into the columns."""
        return self.needed <= len(values) and not any(values[self.width :])


def open_delimited(
    path: Path, name: str, *, wanted: Collection[str] = (), block: int = BLOCK
) -> Table:
    r"""Open a CSV, TSV or similar file.

    Encoding, delimiter and the line of column names are found out.

    Parameters
    ----------
    path : pathlib.Path
        The file; gzip-packed or not.
    name : str
        What to call it in messages.
    wanted : collection of str
        Column names that a profile asks for: they settle delimiter and header where they are met.
    block : int
        Bytes read at once.

    Raises
    ------
    ReportFileError
        If it is not text, empty, or no line of it looks like column names.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "a.csv"
    ...     _ = file.write_text("Cases of May\n\nDate;Type\n03/04/2026;Noise\n")
    ...     table = open_delimited(file, "a.csv")
    ...     table.columns, table.head().to_dict()
    (('Date', 'Type'), {'Date': {4: '03/04/2026'}, 'Type': {4: 'Noise'}})
    """
    source = open_text(path, name)
    sample = _sample(source)
    delimiter, rows = _best_delimiter(sample, path.suffix.lower(), wanted)
    header = find_header([r.values for r in rows], name=name, wanted=wanted)
    layout = _Layout(delimiter, len(header.columns), rows[header.row].last_line + 1)

    def read(columns: Sequence[int]) -> Iterator[Chunk]:
        return _chunks(source, replace(layout, wanted=tuple(columns)), block)

    return Table(
        name, f"text separated by {DELIMITERS[delimiter]}", header.columns, source.digest,
        path.stat().st_size, (*source.notes, *header.notes), _read=read,
    )  # fmt: skip


def _sample(source: TextSource) -> list[str]:
    sample = next(source.blocks(_SAMPLE_BYTES), b"")
    text = sample.decode("utf-8", "ignore")
    if "\n" not in text and len(sample) >= _SAMPLE_BYTES:
        raise ReportFileError(
            f"{source.name} is not a table: its first line never ends",
            got=f"over {len(text):,} characters without a line break",
            todo="export only the columns that are needed",
        )
    lines = text.split("\n")
    return lines[:-1] if len(sample) >= _SAMPLE_BYTES else lines


def _best_delimiter(
    lines: Sequence[str], suffix: str, wanted: Collection[str]
) -> tuple[str, list[Record]]:
    found: dict[str, list[Record]] = {d: _sample_records(lines, d) for d in DELIMITERS}
    names = set(wanted)
    for delimiter, rows in found.items():
        if len(names) > 1 and any(names <= {v.strip() for v in r.values} for r in rows):
            return delimiter, rows
    usual = "\t" if suffix in {".tsv", ".tab"} else ","
    best = max(DELIMITERS, key=lambda d: (*_regularity(found[d]), d == usual))
    return (best, found[best]) if _regularity(found[best])[1] > 1 else (usual, found[usual])


def _sample_records(lines: Sequence[str], delimiter: str) -> list[Record]:
    rows: list[Record] = []
    for record in records(lines, delimiter=delimiter):
        if isinstance(record, Record) and any(v.strip() for v in record.values):
            rows.append(record)
            if len(rows) == _SAMPLE_RECORDS:
                break
    return rows


def _regularity(rows: Sequence[Record]) -> tuple[float, int]:
    """Give the share of rows with the commonest number of values above one, and that number."""
    widths = Counter(len(row.values) for row in rows if len(row.values) > 1)
    if not widths:
        return 0.0, 0
    width = max(widths, key=lambda w: (widths[w], w))
    return round(widths[width] / len(rows), 2), width


def _chunks(source: TextSource, layout: _Layout, block: int) -> Iterator[Chunk]:
    line, carry = layout.first_line, b""
    for text, last in _with_last(_from_line(source.blocks(block), layout.first_line)):
        data = carry + text
        piece, carry = (data, b"") if last else _cut(data)
        if len(carry) > _MAX_RECORD:
            long = f"a row over {_MAX_RECORD // MIB} MiB long, at line {line:,}"
            raise damaged(source.name, long)
        if not piece:
            continue
        chunk = _by_arrow(piece, line, layout)
        if chunk is None:
            chunk, rest = _by_line(piece, line, layout, last=last)
            piece, carry = piece[: len(piece) - len(rest)], rest + carry
        line += piece.count(b"\n")
        yield chunk


def _from_line(blocks: Iterator[bytes], first_line: int) -> Iterator[bytes]:
    """Leave out the lines before `first_line`."""
    skip = first_line - 1
    for block in blocks:
        if skip:
            ends = np.flatnonzero(np.frombuffer(block, "u1") == _NEWLINE)
            start = int(ends[skip - 1]) + 1 if len(ends) >= skip else len(block)
            skip -= min(skip, len(ends))
            yield block[start:]
        else:
            yield block


def _with_last(blocks: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Say of each block whether it is the last; there is always one, if only an empty one."""
    held = next(blocks, b"")
    for block in blocks:
        yield held, False
        held = block
    yield held, True


def _cut(data: bytes) -> tuple[bytes, bytes]:
    """Cut after the last line feed that no quotation marks enclose, failing that the last one."""
    end = data.rfind(b"\n") + 1
    if _QUOTE in data:
        octets = np.frombuffer(data, "u1")
        quotes, ends = np.flatnonzero(octets == _QUOTE), np.flatnonzero(octets == _NEWLINE)
        free = ends[np.searchsorted(quotes, ends) % 2 == 0]
        end = int(free[-1]) + 1 if len(free) and len(data) - free[-1] < BLOCK else end
    return data[:end], data[end:]


def _by_arrow(piece: bytes, line: int, layout: _Layout) -> Chunk | None:
    """Read a block at once, or give None if anything about it is out of order."""
    lines, lengths = _record_lines(piece, layout.delimiter)
    if lines is None:
        return None
    try:
        table = _arrow_csv(piece, layout)
    except pa.ArrowInvalid:
        return None
    held = lengths > 0
    if table.num_rows != held.sum():
        return None
    # A row of nothing but delimiters, as spreadsheets leave below their last row, is no row.
    blank = lengths[held] == layout.width - 1
    lines = lines[held] + line
    if blank.any():
        table, lines = table.filter(pa.array(~blank)), lines[~blank]
    return Chunk(table.combine_chunks(), lines)


def _arrow_csv(piece: bytes, layout: _Layout) -> pa.Table:
    names = [f"c{i}" for i in range(layout.width)]
    return pa.csv.read_csv(
        pa.BufferReader(piece),
        read_options=pa.csv.ReadOptions(column_names=names, block_size=1 * MIB),
        parse_options=pa.csv.ParseOptions(
            delimiter=layout.delimiter, newlines_in_values=_QUOTE in piece
        ),
        convert_options=pa.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False,
            include_columns=[names[i] for i in layout.wanted], check_utf8=False,
        ),
    )  # fmt: skip


def _record_lines(piece: bytes, delimiter: str) -> tuple[np.ndarray | None, np.ndarray]:
    """Find the line on which each record begins, from 0, and its length.

    None stands for the lines if the quotation marks do not pair.

    Where every opening mark stands at the start of a value and every closing one at its end, a
    line feed ends a record exactly if an even number of marks stands before it.
    """
    octets = np.frombuffer(piece, "u1")
    ends = np.flatnonzero(octets == _NEWLINE)
    if not piece.endswith(b"\n"):
        ends = np.append(ends, len(piece))
    quotes = np.flatnonzero(octets == _QUOTE) if _QUOTE in piece else ends[:0]
    if not _pair(octets, quotes, ord(delimiter)) or _has_lone_return(piece, octets, quotes):
        return None, ends
    inner = np.searchsorted(quotes, ends) % 2 == 1
    line_starts = np.concatenate([[0], ends[:-1] + 1])
    begins = np.concatenate([[True], ~inner[:-1]])
    first_lines = np.flatnonzero(begins)
    if inner.any() and np.diff(first_lines, append=len(begins)).max() > MAX_LINES:
        return None, ends
    ends = ends[~inner]
    lengths = ends - line_starts[begins]
    returned = (lengths > 0) & (octets[np.maximum(ends - 1, 0)] == _RETURN)
    return first_lines, lengths - returned


def _pair(octets: np.ndarray, quotes: np.ndarray, delimiter: int) -> bool:
    if len(quotes) % 2:
        return False
    before = np.where(quotes > 0, octets[quotes - 1], _NEWLINE)
    after = np.append(octets, _NEWLINE)[quotes + 1]
    edges = (delimiter, _NEWLINE)
    opening, closing = np.isin(before[::2], edges), np.isin(after[1::2], (*edges, _RETURN))
    # A doubled mark inside a value closes it and opens it again at once.
    doubled = quotes[2::2] == quotes[1:-1:2] + 1
    opening[1:] |= doubled
    closing[:-1] |= doubled
    return bool(opening.all() and closing.all())


def _has_lone_return(piece: bytes, octets: np.ndarray, quotes: np.ndarray) -> bool:
    """Tell if a carriage return stands in the midst of a line: readers differ on what it means."""
    if _RETURN not in piece:
        return False
    returns = np.flatnonzero(octets == _RETURN)
    lone = returns[np.append(octets, _NEWLINE)[returns + 1] != _NEWLINE]
    return bool((np.searchsorted(quotes, lone) % 2 == 0).any())


def _by_line(piece: bytes, line: int, layout: _Layout, *, last: bool) -> tuple[Chunk, bytes]:
    """Read a block a record at a time; give what a record begun at its end still lacks."""
    lines = piece.decode("utf-8", "replace").split("\n")
    if lines[-1] == "":
        lines.pop()
    columns: list[list[str]] = [[] for _ in layout.wanted]
    numbers: list[int] = []
    faults: list[Fault] = []
    rest = b""
    found = records(lines, delimiter=layout.delimiter, first_line=line, last=last, fits=layout.fits)
    for record in found:
        if isinstance(record, int):
            rest = b"\n".join(piece.split(b"\n")[record:])
        elif isinstance(record, Fault):
            faults.append(record)
        elif not record.blank:
            values = _fit(record, layout)
            if isinstance(values, Fault):
                faults.append(values)
                continue
            numbers.append(record.line)
            for column, position in zip(columns, layout.wanted, strict=True):
                column.append(values[position])
    chunk = Chunk(text_table(columns), np.array(numbers, dtype="int64"), tuple(faults))
    return chunk, rest


def _fit(record: Record, layout: _Layout) -> Sequence[str] | Fault:
    """Give a row as many values as there are columns, if that can be done without a guess."""
    values, found = record.values, len(record.values)
    if found == layout.width:
        return values
    if layout.fits(values):
        return [*values[: layout.width], *[""] * (layout.width - found)]
    return Fault(
        record.line,
        f"the row has {found} values where there are {layout.width} columns, so they cannot be "
        "told apart",
    )
