"""What a programme should keep to: every wish is optional, visible, and worth a number of points.

Two things are no wishes and always hold: what an event has fixed stays as it is, and no two events
are given the same spot, but for two that are a pair: the same walk by day and after dark.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

WishKind = Literal[
    "ward_quarter", "spacing", "ward_days", "teams", "hours", "neighbours", "recently_visited",
    "step_free", "avoid_date", "dark", "coverage",
]  # fmt: skip

LABELS: Mapping[WishKind, str] = MappingProxyType(
    {
        "ward_quarter": "No more than so many events in a ward and quarter",
        "spacing": "Places lie apart",
        "ward_days": "Days between two events in one ward",
        "teams": "No more events on a day than there are teams",
        "hours": "No more hours of events in a week than the teams have",
        "neighbours": "No event on the same day as one in a ward next to it",
        "recently_visited": "Hold back places visited lately, unless something there is unfinished",
        "step_free": "Meeting points can be reached without steps",
        "avoid_date": "Keep off the dates in the calendar",
        "dark": "Women's safety walks start after dark; of a pair, one by day",
        "coverage": "One place in five for coverage: wards longest without a walk",
    }
)

POINTS = 100.0
"""What keeping a wish is worth, in points of score: as much as the best place over the worst."""

SAME_SPOT_M = 150.0
"""Two places as close as this, in metres, are one spot."""


@dataclass(frozen=True)
class Wishes:
    """What the plan should keep to. None, or False, switches a wish off.

    Attributes
    ----------
    per_ward_quarter : int, optional
        Most events in one ward in one quarter of the year.
    spacing_m : float, optional
        Least metres between the places of any two events.
    ward_days : int, optional
        Least days between two events in the same ward.
    teams : int, optional
        Most events on one day.
    hours_week : float, optional
        Most hours of events in one week, Monday to Sunday.
    neighbours_apart : bool
        No two events on one day in the same ward or in wards that touch.
    hold_months : int, optional
        Months for which a place that was visited is held back, unless an action there is open.
    step_free : bool
        Only places known to be reached without steps.
    avoid : tuple of (datetime.date, datetime.date, str)
        First day, last day and name of each time to keep off.
    dark : bool
        Women's safety walks start after civil dusk; of two that are a pair, one starts by day.
    coverage_share : float
        Share of the events whose ward is open that go where no walk has been for longest.
    worth : mapping of str to float
        Points of score a kind of wish is worth; 100 where nothing is said.

    Examples
    --------
    >>> Wishes(teams=2).points("teams"), Wishes(worth={"teams": 30}).points("teams")
    (100.0, 30.0)
    """

    per_ward_quarter: int | None = 2
    spacing_m: float | None = 400.0
    ward_days: int | None = 14
    teams: int | None = 1
    hours_week: float | None = None
    neighbours_apart: bool = True
    hold_months: int | None = 6
    step_free: bool = False
    avoid: tuple[tuple[dt.date, dt.date, str], ...] = ()
    dark: bool = True
    coverage_share: float = 0.2
    worth: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = set(self.worth) - set(LABELS)
        if unknown:
            raise ValueError(f"no such wish: {', '.join(sorted(unknown))}")
        if any(not 0 <= points <= 10_000 for points in self.worth.values()):
            raise ValueError("a wish is worth between 0 and 10,000 points")
        if not 0 <= self.coverage_share <= 1:
            raise ValueError("the share for coverage lies between 0 and 1")

    def without(self, *kinds: WishKind) -> Wishes:
        """Switch wishes off.

        Examples
        --------
        >>> Wishes().without("spacing", "coverage").spacing_m is None
        True
        """
        changes: dict[str, Any] = {}
        for kind in kinds:
            changes |= _OFF[kind]
        return replace(self, **changes)

    def points(self, kind: WishKind) -> float:
        """Points of score that keeping one wish of a kind is worth."""
        return float(self.worth.get(kind, POINTS))

    def avoided(self, day: dt.date) -> str:
        """Name what the calendar says of a day; '' for a day that is free.

        Examples
        --------
        >>> eid = (dt.date(2026, 3, 20), dt.date(2026, 3, 20), "Eid al-Fitr")
        >>> Wishes(avoid=(eid,)).avoided(dt.date(2026, 3, 20))
        'Eid al-Fitr'
        """
        names = [name for first, last, name in self.avoid if first <= day <= last]
        return ", ".join(names)


_OFF: Mapping[WishKind, Mapping[str, object]] = MappingProxyType(
    {
        "ward_quarter": {"per_ward_quarter": None},
        "spacing": {"spacing_m": None},
        "ward_days": {"ward_days": None},
        "teams": {"teams": None},
        "hours": {"hours_week": None},
        "neighbours": {"neighbours_apart": False},
        "recently_visited": {"hold_months": None},
        "step_free": {"step_free": False},
        "avoid_date": {"avoid": ()},
        "dark": {"dark": False},
        "coverage": {"coverage_share": 0.0},
    }
)
"""What switches each wish off."""
