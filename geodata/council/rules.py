"""What an import says about its rows: one bit a rule, counted over the file and kept on each row.

They are the validation rules of council data that can be told before rows are joined to wards. The
others come later: a ward given that is not the ward joined (7), and reports of council and police
about one event (10), which cannot be told apart and are never added up.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntFlag

import numpy as np


class Rule(IntFlag):
    """Findings about a row, as bits of a whole number."""

    DATE_FROM_EXCEL = 1 << 0
    DATE_FUTURE = 1 << 1
    DATE_REPORTED_USED = 1 << 2
    TIME_UNREADABLE = 1 << 3
    MIDNIGHT_AS_DAY = 1 << 4
    OVER_MIDNIGHT = 1 << 5
    CLOCK_TWICE = 1 << 6
    CLOCK_NEVER = 1 << 7
    INTERVAL_REVERSED = 1 << 8
    COORDINATES_SWAPPED = 1 << 9
    COORDINATES_OTHER_SYSTEM = 1 << 10
    COORDINATES_ZERO = 1 << 11
    COORDINATES_UNUSABLE = 1 << 12
    COORDINATES_COARSE = 1 << 13
    DEFAULT_LOCATION = 1 << 14
    WITHOUT_LOCATION = 1 << 15
    REFERENCE_DAMAGED = 1 << 16
    CATEGORY_BLANK = 1 << 17
    CATEGORY_UNMAPPED = 1 << 18
    MERGED = 1 << 19
    CLOSED = 1 << 20
    PERSONAL_BLANKED = 1 << 21
    HOUSE_NUMBER_REMOVED = 1 << 22
    END_UNREADABLE = 1 << 23
    MINUTES_ABSENT = 1 << 24
    EDGE_MONTH_PARTIAL = 1 << 25
    DUPLICATE = 1 << 26
    DATE_MISSING = 1 << 27
    DATE_UNREADABLE = 1 << 28
    DATE_TOO_OLD = 1 << 29
    ROW_UNREADABLE = 1 << 30
    PLACED_BY_PIN = 1 << 31
    PLACED_BY_UPRN = 1 << 32
    PLACED_BY_POSTCODE = 1 << 33
    PLACED_BY_JUNCTION = 1 << 34
    PLACED_BY_STREET = 1 << 35
    PLACED_BY_PLACE = 1 << 36

    @property
    def code(self) -> str:
        """Name the rule as in JSON and in `dq_flags`."""
        return (self.name or "").lower()


MEANINGS: dict[Rule, tuple[int, str]] = {
    Rule.ROW_UNREADABLE: (1, "rows whose values could not be told apart"),
    Rule.DATE_MISSING: (1, "rows without a date"),
    Rule.DATE_UNREADABLE: (2, "rows whose date cannot be read"),
    Rule.DATE_TOO_OLD: (2, "rows dated before any report that is kept here"),
    Rule.DATE_FUTURE: (2, "rows dated after the day of the import"),
    Rule.DATE_FROM_EXCEL: (2, "dates given as Excel's day numbers"),
    Rule.DATE_REPORTED_USED: (2, "rows placed by the date of report, having no other"),
    Rule.TIME_UNREADABLE: (2, "times that cannot be read: only the day is kept"),
    Rule.END_UNREADABLE: (2, "ends that cannot be read, and are left out"),
    Rule.INTERVAL_REVERSED: (2, "rows that end before they begin"),
    Rule.OVER_MIDNIGHT: (2, "ends on the next day, being times earlier than the start"),
    Rule.CLOCK_TWICE: (2, "times in the hour that happens twice in autumn"),
    Rule.CLOCK_NEVER: (2, "times in the hour that spring leaves out"),
    Rule.MIDNIGHT_AS_DAY: (3, "times of exactly 00:00, read as 'some time that day'"),
    Rule.MINUTES_ABSENT: (3, "times on the full hour, read as 'within that hour'"),
    Rule.COORDINATES_SWAPPED: (4, "coordinates that stood in each other's place"),
    Rule.COORDINATES_OTHER_SYSTEM: (4, "degrees among grid metres, or grid metres among degrees"),
    Rule.COORDINATES_UNUSABLE: (4, "coordinates that are no place in Great Britain"),
    Rule.COORDINATES_COARSE: (4, "coordinates given to a kilometre or so"),
    Rule.COORDINATES_ZERO: (5, "coordinates of 0, 0"),
    Rule.DEFAULT_LOCATION: (5, "rows at one point that many share: perhaps an office"),
    Rule.DUPLICATE: (6, "rows that repeat an earlier one"),
    Rule.CATEGORY_BLANK: (8, "rows without a kind"),
    Rule.MERGED: (9, "rows merged into another case: kept, not counted"),
    Rule.CLOSED: (9, "rows closed"),
    Rule.EDGE_MONTH_PARTIAL: (11, "rows in a first or last month that the file covers in part"),
    Rule.PERSONAL_BLANKED: (12, "rows with values that looked personal, which were blanked"),
    Rule.HOUSE_NUMBER_REMOVED: (12, "rows whose place named a house: the number is left out"),
    Rule.CATEGORY_UNMAPPED: (13, "rows of a kind that is not mapped to ours"),
    Rule.WITHOUT_LOCATION: (14, "rows without coordinates"),
    Rule.PLACED_BY_PIN: (14, "rows placed by what a person pinned"),
    Rule.PLACED_BY_UPRN: (14, "rows placed by their property number"),
    Rule.PLACED_BY_POSTCODE: (14, "rows placed by their postcode"),
    Rule.PLACED_BY_JUNCTION: (14, "rows placed where two streets meet"),
    Rule.PLACED_BY_STREET: (14, "rows placed by the name of their street"),
    Rule.PLACED_BY_PLACE: (14, "rows placed by the name of a station, park or other place"),
    Rule.REFERENCE_DAMAGED: (14, "UPRNs, USRNs and postcodes that a spreadsheet damaged"),
}
"""The number of the validation rule that each finding belongs to, and what to say of it."""

REJECTING = (
    Rule.ROW_UNREADABLE | Rule.DATE_MISSING | Rule.DATE_UNREADABLE | Rule.DATE_TOO_OLD
    | Rule.DATE_FUTURE | Rule.INTERVAL_REVERSED
)  # fmt: skip
"""Findings that put a row in quarantine."""


def flag_words(bits: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Write rule bits as words: the codes of each row joined by ';', as positions in a list.

    Examples
    --------
    >>> import numpy as np
    >>> rows, words = flag_words(np.array([0, Rule.MERGED | Rule.CLOSED, 0], dtype="i8"))
    >>> rows.tolist(), words
    ([0, 1, 0], ['', 'merged;closed'])
    """
    distinct, rows = np.unique(bits, return_inverse=True)
    return rows, [";".join(_codes(int(b))) for b in distinct]


def _codes(bits: int) -> Iterable[str]:
    return (rule.code for rule in Rule if rule & bits)


def count_flags(bits: np.ndarray) -> dict[str, int]:
    """Count the rows of each rule."""
    return {rule.code: int(np.count_nonzero(bits & int(rule))) for rule in Rule}
