"""Which months the data cover. A month that no file covers is missing, never zero."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from geodata import months as m


@dataclass(frozen=True)
class MonthCover:
    """The months a source covers.

    Attributes
    ----------
    present : tuple of str
        Months that at least one force covers, oldest first.
    missing : tuple of str
        Months that some force lacks between its own first and last, united over the forces.
    """

    present: tuple[str, ...]
    missing: tuple[str, ...]

    def is_complete(self, month: str) -> bool:
        """Tell whether every force that should cover `month` does."""
        return month in self.present and month not in self.missing

    @property
    def partial(self) -> tuple[str, ...]:
        """Months that one force covers while another, which should, does not."""
        return tuple(x for x in self.missing if x in self.present)

    @property
    def absent(self) -> tuple[str, ...]:
        """Months between the first and the last that no force covers at all."""
        return tuple(m.missing(self.present))

    def within(self, first: str | None, last: str | None) -> MonthCover:
        """Cut the cover to the months from `first` to `last`, both included."""
        return MonthCover(
            tuple(x for x in self.present if _between(x, first, last)),
            tuple(x for x in self.missing if _between(x, first, last)),
        )


def month_cover(stored: pd.DataFrame) -> MonthCover:
    """Work out the months that a source covers.

    Parameters
    ----------
    stored : pandas.DataFrame
        One row per stored force and month: `force`, `month`. A header-only file is a row too: it
        says that the month had no reports.

    Returns
    -------
    MonthCover
        Gaps are looked for within each force, between its own first and last month, then united.

    Examples
    --------
    >>> stored = pd.DataFrame({"force": ["met", "met", "btp", "btp", "met"],
    ...                        "month": ["2026-01", "2026-02", "2026-01", "2026-03", "2026-03"]})
    >>> cover = month_cover(stored)
    >>> cover.present, cover.missing, cover.is_complete("2026-02")
    (('2026-01', '2026-02', '2026-03'), ('2026-02',), False)
    """
    present = sorted(set(stored["month"].astype(str)))
    missing: set[str] = set()
    for _, rows in stored.groupby("force", observed=True, dropna=False):
        missing.update(m.missing(rows["month"].astype(str)))
    return MonthCover(tuple(present), tuple(sorted(missing)))


def compared_months(months: Iterable[str]) -> list[str]:
    """Give the same months of the year before.

    Examples
    --------
    >>> compared_months(["2026-01", "2026-02"])
    ['2025-01', '2025-02']
    """
    return [m.shift(month, -12) for month in months]


def _between(month: str, first: str | None, last: str | None) -> bool:
    return (first is None or month >= first) and (last is None or month <= last)
