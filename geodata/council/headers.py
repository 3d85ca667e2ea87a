"""Find the line of column names in the first rows of a table, and give every column one name.

Exports begin with titles, the name of who ran them, blank lines; columns have no name, or the same
name twice. What was met and what was done about it is said in notes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from geodata.council.fields import fold, is_known
from geodata.errors import ReportFileError

SEARCHED_ROWS = 50
"""Rows looked through for the column names."""

MAX_COLUMNS = 5_000
"""Columns a table may have; a table of reports has some tens."""

_FILLED_SHARE = 0.6
_NUMBER_OR_DATE = re.compile(r"^[\s£$€+-]*\d[\d\s.,:/%T+-]*(?:[ap]m)?Z?$", re.IGNORECASE)


@dataclass(frozen=True)
class Header:
    """The column names of a table.

    Attributes
    ----------
    row : int
        Position of the row that holds them, from 0, among the rows searched.
    columns : tuple of str
        One name a column, all different.
    notes : tuple of str
        What a person should know about them.
    """

    row: int
    columns: tuple[str, ...]
    notes: tuple[str, ...]


def find_header(
    rows: Sequence[Sequence[str]], *, name: str, wanted: Collection[str] = ()
) -> Header:
    """Find the column names among the first rows of a table.

    The first row that holds every name in `wanted` is taken. Else, of the rows filled like most
    rows and not made of numbers and dates, the one with most names that councils use.

    Parameters
    ----------
    rows : sequence of sequence of str
        The first rows, as text.
    name : str
        The file, for messages.
    wanted : collection of str
        Column names that a profile asks for.

    Raises
    ------
    ReportFileError
        If no row looks like column names, or there are more than `MAX_COLUMNS`.

    Examples
    --------
    >>> find_header([["ASB report"], [], ["Date", "Type", "Type"], ["1/2/2026", "Noise", ""]],
    ...             name="a.csv").columns
    ('Date', 'Type', 'Type (2)')
    """
    row = _row_of_names(rows, wanted)
    if row is None:
        raise ReportFileError(
            f"{name} has no line of column names",
            got=_first_words(rows),
            todo="put the names of the columns in a line above the first row, and save it again",
        )
    if len(rows[row]) > MAX_COLUMNS:
        raise ReportFileError(
            f"{name} has too many columns", got=f"{len(rows[row]):,}, where {MAX_COLUMNS:,} are "
            "allowed", todo="export only the columns that are needed",
        )  # fmt: skip
    below = [r for r in rows[row + 1 :] if any(map(_filled, r))]
    columns, notes = _name_columns(_with_row_names(rows[row], below), below)
    if row:
        notes = (f"the column names stand in row {row + 1} of those that are not blank", *notes)
    return Header(row, columns, notes)


def _row_of_names(rows: Sequence[Sequence[str]], wanted: Collection[str]) -> int | None:
    asked = {fold(w) for w in wanted}
    searched = rows[:SEARCHED_ROWS]
    if asked:
        for position, row in enumerate(searched):
            if asked <= {fold(cell) for cell in row}:
                return position
    usual = _usual_filled(rows)
    candidates = [p for p, row in enumerate(searched) if _could_be_names(row, usual)]
    if not candidates:
        return None
    best = max(candidates, key=lambda p: (_known_names(searched[p]), -p))
    return best if _known_names(searched[best]) >= 2 else candidates[0]


def _usual_filled(rows: Sequence[Sequence[str]]) -> int:
    """Give the number of columns that most rows have, or 1 in a table of one column."""
    widths = Counter(len(row) for row in rows if sum(map(_filled, row)) > 1)
    return max(widths, key=lambda w: (widths[w], w)) if widths else 1


def _could_be_names(row: Sequence[str], usual: int) -> bool:
    cells = [cell for cell in row if _filled(cell)]
    if len(cells) < max(_FILLED_SHARE * min(usual, len(row)), 1 if usual == 1 else 2):
        return False
    return sum(not _NUMBER_OR_DATE.match(cell.strip()) for cell in cells) > len(cells) / 2


def _known_names(row: Sequence[str]) -> int:
    return sum(is_known(cell) for cell in row)


def _filled(cell: str) -> bool:
    return bool(cell.strip())


def _filled_width(row: Sequence[str]) -> int:
    return max((i + 1 for i, cell in enumerate(row) if _filled(cell)), default=0)


def _with_row_names(cells: Sequence[str], below: Sequence[Sequence[str]]) -> Sequence[str]:
    """Put a nameless column first where every row has one more value than there are names.

    Statistical packages write the numbers of the rows so: in front, under no name.
    """
    shifted = bool(below) and all(_filled_width(r) == len(cells) + 1 for r in below)
    return ["", *cells] if shifted else cells


def _first_words(rows: Sequence[Sequence[str]]) -> str:
    first = next((row for row in rows if any(map(_filled, row))), [])
    return " | ".join(cell.strip() for cell in first if _filled(cell))[:120]


def _name_columns(
    cells: Sequence[str], below: Sequence[Sequence[str]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    names: list[str] = []
    notes: list[str] = []
    taken: set[str] = set()
    for position, cell in enumerate(cells):
        name = " ".join(cell.replace("\ufeff", "").split())
        if not name:
            name = f"column {position + 1}"
            if any(len(r) > position and _filled(r[position]) for r in below):
                notes.append(_nameless(name, position, below))
        if name in taken:
            given, name = name, _another(name, {*taken, *cells})
            notes.append(f"two columns are called {given!r}: the later one is called {name!r} here")
        taken.add(name)
        names.append(name)
    return tuple(names), tuple(notes)


def _nameless(name: str, position: int, below: Sequence[Sequence[str]]) -> str:
    cells = [r[position] for r in below if len(r) > position and _filled(r[position])]
    numbers = [int(c) for c in cells if c.isascii() and c.isdigit()]
    counting = len(numbers) == len(cells) > 1 and all(
        b - a == 1 for a, b in zip(numbers, numbers[1:], strict=False)
    )
    what = "it only numbers the rows" if counting else "it has no name in the file"
    return f"{name} is called so because {what}"


def _another(name: str, taken: Collection[str]) -> str:
    number = 2
    while f"{name} ({number})" in taken:
        number += 1
    return f"{name} ({number})"
