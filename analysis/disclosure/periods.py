"""Coarse time: what is about people is published by calendar quarter, or by 12 months ending one.

Quarters run January to March, April to June, and so on. Every period that is published is made of
whole quarters, so that two of them never differ by a month.
"""

from __future__ import annotations

from dataclasses import dataclass

from geodata import months as m
from geodata.errors import SaferWalksError

YEAR, QUARTER = 12, 3


@dataclass(frozen=True, order=True)
class Period:
    """Months from `first` to `last`, both included, 'YYYY-MM'.

    Examples
    --------
    >>> Period("2025-10", "2026-09").label, Period("2026-07", "2026-09").label
    ('October 2025 to September 2026', 'July to September 2026')
    """

    first: str
    last: str

    @property
    def months(self) -> tuple[str, ...]:
        """Every month of it."""
        return tuple(m.span(self.first, self.last))

    @property
    def quarters(self) -> tuple[str, ...]:
        """Its quarters, each by its first month."""
        return tuple(dict.fromkeys(quarter_of(month).first for month in self.months))

    @property
    def label(self) -> str:
        """The period for people."""
        if self.first == self.last:
            return m.label(self.first)
        same = self.first[:4] == self.last[:4]
        start = m.label(self.first).split()[0] if same else m.label(self.first)
        return f"{start} to {m.label(self.last)}"


def quarter_of(month: str) -> Period:
    """Give the calendar quarter a month lies in.

    Examples
    --------
    >>> quarter_of("2026-05")
    Period(first='2026-04', last='2026-06')
    """
    first = m.shift(month, -((int(month[5:7]) - 1) % QUARTER))
    return Period(first, m.shift(first, QUARTER - 1))


def last_whole_quarter(month: str) -> Period:
    """Give the newest quarter that is over when `month` is the last month stored.

    Examples
    --------
    >>> last_whole_quarter("2026-05").last, last_whole_quarter("2026-06").last
    ('2026-03', '2026-06')
    """
    found = quarter_of(month)
    return found if found.last == month else quarter_of(m.shift(found.first, -1))


def public_year(month: str) -> Period:
    """Give the newest 12 months the public may have when `month` is the last month stored.

    Examples
    --------
    >>> public_year("2026-05")
    Period(first='2025-04', last='2026-03')
    """
    last = last_whole_quarter(month).last
    return Period(m.shift(last, 1 - YEAR), last)


def year_before(period: Period) -> Period:
    """Give the same months of the year before.

    Examples
    --------
    >>> year_before(Period("2026-01", "2026-03"))
    Period(first='2025-01', last='2025-03')
    """
    return Period(m.shift(period.first, -YEAR), m.shift(period.last, -YEAR))


def require_public(period: Period) -> Period:
    """Refuse a period that is not a calendar quarter, nor 12 months that end with one.

    Raises
    ------
    SaferWalksError
        If it is neither.

    Examples
    --------
    >>> require_public(Period("2025-04", "2026-03")).label
    'April 2025 to March 2026'
    """
    length = len(period.months)
    if period.last != quarter_of(period.last).last or length not in (QUARTER, YEAR):
        raise SaferWalksError(
            "Numbers about people are published for a calendar quarter, or for 12 months that end "
            "with one",
            got=f"{period.first} to {period.last}", todo="end with March, June, September or "
            "December, and take 3 or 12 months",
        )  # fmt: skip
    return period
