"""What only the whole file can tell, gathered chunk by chunk in little memory.

In which order dates are written; whether 00:00 means midnight or 'no time given'; which point so
many rows share that it may be an office; which rows repeat earlier ones; which months the file
covers only in part.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from geodata.council.cases import Keys
from geodata.council.convert import Draft
from geodata.council.dates import DAY_S, Grain
from geodata.council.rules import REJECTING
from geodata.errors import ReportFileError

MIDNIGHT_SHARE = 0.05
"""Share of times at exactly 00:00 above which they mean 'some time that day'."""
FULL_HOUR_SHARE = 0.95
"""Share of other times on the full hour above which all times are known to the hour only."""
DEFAULT_LOCATION_SHARE = 0.05
"""Share of located rows at one point above which it may be an office or a default."""
DEFAULT_LOCATION_ROWS = 20
"""Rows at one point below which nothing is said about it."""
SLIPS_SHARE = 0.01
"""Month-first dates, per day-first ones, up to which they are slips and not an order."""
PARTIAL_CHANCE = 0.01
"""Chance of so long a silence at an edge of the file below which its month is partial."""

_MOST_POINTS = 200_000
_NORTHING_SPAN = 2_000_000


@dataclass
class Evidence:
    """What has been seen of a file so far."""

    day_first: int = 0
    month_first: int = 0
    first_month_first: tuple[int, str] | None = None
    timed: int = 0
    midnight: int = 0
    full_hour: int = 0
    located: int = 0
    points: pd.Series = field(default_factory=lambda: pd.Series(dtype="int64"))
    days: pd.Series = field(default_factory=lambda: pd.Series(dtype="int64"))
    whole_months: set[int] = field(default_factory=set)
    keys: Keys = field(default_factory=Keys)

    def add(self, draft: Draft) -> None:
        """Take a chunk into account."""
        usable = draft.flags & int(REJECTING) == 0
        self._add_order(draft)
        timed = usable & (draft.grain >= Grain.HOUR)
        midnight = timed & (draft.clock % DAY_S == 0)
        self.timed += int(timed.sum())
        self.midnight += int(midnight.sum())
        self.full_hour += int((timed & ~midnight & (draft.clock % 3600 == 0)).sum())
        located = usable & np.isfinite(draft.places.easting)
        self.located += int(located.sum())
        self.points = _most(_united(self.points, point_keys(draft)[located]))
        dated = usable & (draft.grain > Grain.MONTH)
        self.days = _united(self.days, draft.day[dated])
        self.whole_months |= set(_months(draft.day[usable & (draft.grain == Grain.MONTH)]).tolist())
        keys = draft.keys[usable & (draft.keys != 0)]  # a rejected row is repeated by none
        if len(keys):
            self.keys.add(keys)

    def _add_order(self, draft: Draft) -> None:
        self.day_first += int(draft.day_first.sum())
        rows = np.flatnonzero(draft.month_first)
        self.month_first += len(rows)
        if len(rows) and self.first_month_first is None:
            name = "occurred_from" if "occurred_from" in draft.raw.column_names else "reported_at"
            value = draft.raw[name][int(rows[0])].as_py()
            self.first_month_first = (int(draft.line[rows[0]]), value)

    def require_day_first(self, file: str) -> None:
        """Refuse a file whose dates are written month first.

        A middle number over 12 gives them away. Among many dates that can only be day first, up
        to one in a hundred is a slip, which costs its own row and not the file.

        Raises
        ------
        ReportFileError
            Naming the first such date and its line.
        """
        if self.first_month_first is None or self.month_first <= SLIPS_SHARE * self.day_first:
            return
        line, value = self.first_month_first
        both = f", beside {self.day_first:,} that are day first" if self.day_first else ""
        raise ReportFileError(
            f"The dates of {file} are written month first, at least in part, so 03/04 cannot be "
            "told from 04/03",
            got=f"{self.month_first:,} dates that can only be month first{both}",
            first_bad=f"line {line:,}: {value[:40]}",
            todo="export it with the day first (13/04/2026) or as 2026-04-13",
        )

    @property
    def midnight_is_day(self) -> bool:
        """True if 00:00 means that no time was given."""
        return self.midnight > MIDNIGHT_SHARE * self.timed

    @property
    def hours_only(self) -> bool:
        """True if times are known to the hour only."""
        others = self.timed - self.midnight
        return others >= DEFAULT_LOCATION_ROWS and self.full_hour > FULL_HOUR_SHARE * others

    def default_points(self) -> np.ndarray:
        """Give the keys (`point_keys`) of points that too many rows share."""
        least = max(DEFAULT_LOCATION_ROWS, DEFAULT_LOCATION_SHARE * self.located)
        return self.points[self.points > least].index.to_numpy(dtype="i8")

    def partial_months(self) -> set[int]:
        """Give the first and last month (since 1970-01) where the file covers them in part.

        At its usual number of rows a day, a gap of so many days before the first row or after
        the last would be rare: chance = exp(-rows a day x days of silence).
        """
        if self.days.empty:
            return set()
        first, last = int(self.days.index.min()), int(self.days.index.max())
        daily = float(self.days.sum()) / (last - first + 1)
        partial = set()
        month, final = _months(np.array([first, last])).tolist()
        if math.exp(-daily * (first - _first_day(month))) < PARTIAL_CHANCE:
            partial.add(month)
        if math.exp(-daily * (_first_day(final + 1) - 1 - last)) < PARTIAL_CHANCE:
            partial.add(final)
        return partial - self.whole_months


def point_keys(draft: Draft) -> np.ndarray:
    """Give each row's place, to the metre, as one number; -1 where it has none."""
    placed = np.isfinite(draft.places.easting)
    easting = np.rint(np.where(placed, draft.places.easting, 0)).astype("i8")
    northing = np.rint(np.where(placed, draft.places.northing, 0)).astype("i8")
    return np.where(placed, easting * _NORTHING_SPAN + northing, -1)


def months_of(days: np.ndarray) -> np.ndarray:
    """Turn days since 1970-01-01 into months since 1970-01."""
    return _months(days)


def _months(days: np.ndarray) -> np.ndarray:
    return days.astype("i8").astype("M8[D]").astype("M8[M]").astype("i8")


def _first_day(month: int) -> int:
    return int(np.datetime64(month, "M").astype("M8[D]").astype("i8"))


def _united(counts: pd.Series, values: np.ndarray) -> pd.Series:
    distinct, numbers = np.unique(values, return_counts=True)
    more = pd.Series(numbers.astype("i8"), index=distinct.astype("i8"))
    return more if counts.empty else counts.add(more, fill_value=0).astype("int64")


def _most(counts: pd.Series) -> pd.Series:
    """Drop the rarest of very many points: one that many rows share is never among them."""
    return counts.nlargest(_MOST_POINTS // 2) if len(counts) > _MOST_POINTS else counts
