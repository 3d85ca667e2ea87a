"""Months as text, 'YYYY-MM': the only unit of time that every source has.

Text months sort as they should, travel through CSV, JSON and addresses unchanged, and cannot be
mistaken for a day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_MONTH = re.compile(r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])")


def is_month(text: object) -> bool:
    """Tell whether `text` is a month written YYYY-MM, 1900-01 to 2099-12.

    Examples
    --------
    >>> is_month("2026-04"), is_month("2026-13"), is_month("04/2026")
    (True, False, False)
    """
    return isinstance(text, str) and _MONTH.fullmatch(text) is not None


def number(month: str) -> int:
    """Count months since year 0, so that months can be subtracted.

    Examples
    --------
    >>> number("2026-01") - number("2025-11")
    2
    """
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def from_number(count: int) -> str:
    """Turn a month number back into text.

    Examples
    --------
    >>> from_number(number("2026-04"))
    '2026-04'
    """
    return f"{count // 12:04d}-{count % 12 + 1:02d}"


def shift(month: str, by: int) -> str:
    """Move a month by a number of months.

    Examples
    --------
    >>> shift("2026-01", -1)
    '2025-12'
    """
    return from_number(number(month) + by)


def span(first: str, last: str) -> list[str]:
    """List every month from `first` to `last`, both included; empty when `first` is later.

    Examples
    --------
    >>> span("2025-11", "2026-02")
    ['2025-11', '2025-12', '2026-01', '2026-02']
    """
    return [from_number(n) for n in range(number(first), number(last) + 1)]


def window(last: str, length: int) -> list[str]:
    """List the `length` months that end with `last`.

    Examples
    --------
    >>> window("2026-02", 3)
    ['2025-12', '2026-01', '2026-02']
    """
    return span(shift(last, 1 - length), last)


def missing(present: Iterable[str]) -> list[str]:
    """List the months absent between the first and the last of `present`.

    Examples
    --------
    >>> missing(["2016-01", "2016-02", "2016-04"])
    ['2016-03']
    """
    have = set(present)
    return [m for m in span(min(have), max(have)) if m not in have] if have else []


def label(month: str) -> str:
    """Write a month for people.

    Examples
    --------
    >>> label("2026-04")
    'April 2026'
    """
    return f"{_NAMES[int(month[5:7]) - 1]} {month[:4]}"


def in_words(text: str) -> str:
    """Write every month of a text for people; names of files keep theirs.

    Examples
    --------
    >>> in_words("No reports of 2025-11 to 2026-02, see 2026-04-metropolitan-street.csv")
    'No reports of November 2025 to February 2026, see 2026-04-metropolitan-street.csv'
    """
    return _ALONE.sub(lambda found: label(found[0]), text)


_ALONE = re.compile(rf"(?<![\w/.-]){_MONTH.pattern}(?![\w/-])")
_NAMES = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)
