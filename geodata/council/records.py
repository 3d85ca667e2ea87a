"""Split lines into records and records into values, however badly they are quoted.

A quotation mark counts only at the start of a value (as in Excel and in Python's csv). One that is
opened and never closed would swallow every line after it; here it costs its own line only.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from geodata.council.table import Fault

MAX_LINES = 200
"""Lines that one record may run over; beyond that its quotation mark counts as never closed."""

UNCLOSED = "a quotation mark is opened and never closed"


class Record(NamedTuple):
    """The values of one row, and the lines it covers (from 1, the last one included).

    `blank` tells a row of nothing but delimiters, as spreadsheets leave below their last row.
    """

    line: int
    last_line: int
    values: Sequence[str]
    blank: bool = False


@dataclass(frozen=True)
class _Patterns:
    """What a line can be, begun outside (`from_start`) or inside a quoted value (`from_open`)."""

    complete_from_start: re.Pattern[str]
    open_from_start: re.Pattern[str]
    complete_from_open: re.Pattern[str]
    open_from_open: re.Pattern[str]


@cache
def _patterns(delimiter: str) -> _Patterns:
    # Possessive throughout: no match is ever taken back, so the work is linear in the line.
    mark = re.escape(delimiter)
    inner = r'[^"]*+(?:""[^"]*+)*+'
    value = rf'(?:"{inner}"[^{mark}]*+|[^"{mark}][^{mark}]*+|)'
    # On a later line the closing mark must end its value; otherwise two stray marks on two lines
    # would make one row of both.
    closed = rf'{inner}"(?={mark}|\Z)'
    opened = rf'(?:{value}{mark})*+"{inner}'
    texts = (
        rf"{value}(?:{mark}{value})*+",
        opened,
        rf"{closed}(?:{mark}{value})*+",
        rf"(?:{closed}{mark}{opened}|{inner})",
    )
    return _Patterns(*(re.compile(text, re.DOTALL) for text in texts))


def records(
    lines: Sequence[str],
    *,
    delimiter: str,
    first_line: int = 1,
    last: bool = True,
    fits: Callable[[Sequence[str]], bool] | None = None,
) -> Iterator[Record | Fault | int]:
    """Step through the records of some lines.

    Parameters
    ----------
    lines : sequence of str
        Lines without their line feeds.
    delimiter : str
        What stands between values.
    first_line : int
        The number of the first of them in its file.
    last : bool
        True if no lines follow these.
    fits : callable, optional
        Tells whether values make a row; a record of several lines must.

    Yields
    ------
    Record, Fault or int
        Each record, or the line that could not be read as one. A bare number, always the last, is
        the position of the line at which a record begins that lines to come must complete.
    """
    position = 0
    while position < len(lines):
        number = first_line + position
        line = lines[position].removesuffix("\r")
        if '"' not in line and "\r" not in line:
            yield Record(number, number, line.split(delimiter), not line.strip(delimiter))
            position += 1
            continue
        end = _end_of_record(lines, position, delimiter)
        if end is not None and end > len(lines):
            if not last:
                yield position
                return
            end = None
        if end is None:
            yield Fault(number, UNCLOSED)
            position += 1
            continue
        text = "\n".join(lines[position:end]).removesuffix("\r")
        found = _record(text, number, first_line + end - 1, delimiter)
        several = end - position > 1
        if several and isinstance(found, Record) and fits and not fits(found.values):
            found = Fault(number, UNCLOSED)
        yield found
        # What follows the first line of several that do not make a row may be rows of its own.
        position = position + 1 if isinstance(found, Fault) else end


def _end_of_record(lines: Sequence[str], start: int, delimiter: str) -> int | None:
    """Give the position after a record's last line; None if a quotation mark stays open.

    Where the lines run out before that is known, the position is beyond them.
    """
    line, can_be = lines[start].removesuffix("\r"), _patterns(delimiter)
    if '"' not in line or can_be.complete_from_start.fullmatch(line):
        return start + 1
    if not can_be.open_from_start.fullmatch(line):
        return None
    for position in range(start + 1, start + MAX_LINES):
        if position == len(lines):
            return position + 1
        line = lines[position].removesuffix("\r")
        if '"' not in line or can_be.open_from_open.fullmatch(line):
            continue
        return position + 1 if can_be.complete_from_open.fullmatch(line) else None
    return None


def _record(text: str, line: int, last_line: int, delimiter: str) -> Record | Fault:
    try:
        values = next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error as error:
        return Fault(line, f"the line cannot be read ({error})")
    return Record(line, last_line, values, not text.strip(delimiter))
