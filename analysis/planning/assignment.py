"""A programme to be planned, a plan for it, and which wishes a plan breaks.

The wishes are counted here from the plan alone, with none of the solver's variables: the model is
checked against it, and the cost of another choice is worked out with it.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations

import numpy as np
import pandas as pd

from analysis.planning.wishes import SAME_SPOT_M, Wishes, WishKind

WOMENS_WALK = "womens_walk"
AT_A_VENUE = ("safety_surgery", "engagement_day", "community_action_day")
"""Events that people must find: they are given a place with a name where there is one."""

USUAL_MINUTES = 120
"""How long an event lasts where nothing is said."""

BY_DAY = dt.time(14, 0)
"""When the half of a pair that is by day starts, where nothing is said."""

FEWEST_VENUES = 3
"""Named places a ward must have left before an event at a venue is given no other."""


@dataclass(frozen=True)
class Event:
    """An event, with what is fixed of it; None is for the plan to fill.

    Attributes
    ----------
    event_id, event_type : str
        Its id and kind (`geodata.records.vocabularies`).
    place : str, optional
        Id of its place.
    ward : str, optional
        Code of the ward it must lie in.
    day : datetime.date, optional
        Its date.
    start : datetime.time, optional
        When it starts.
    minutes : int
        How long it lasts.
    repeat_of : str, optional
        Id of the event it repeats at the same place, one by day and one after dark.
    """

    event_id: str
    event_type: str
    place: str | None = None
    ward: str | None = None
    day: dt.date | None = None
    start: dt.time | None = None
    minutes: int = USUAL_MINUTES
    repeat_of: str | None = None


@dataclass(frozen=True)
class Programme:
    """Everything a plan is made from.

    Attributes
    ----------
    events : tuple of Event
        In the order of the list.
    places : pandas.DataFrame
        Index: place ids. `ward_code`, `easting`, `northing` (BNG metres), `choosable` (False for
        a place that only a fixed event uses), `venue` (a place with a name, where people can meet),
        `step_free` (True, False or missing),
        `last_visited` (datetime.date or None), `unresolved` (bool: an action there is open).
    worth : pandas.DataFrame
        Score (0-100) of every place (index as `places`) for every kind of event (columns); NaN is
        a place with too little evidence to rank, which counts as 0 points here and is said.
    days : tuple of datetime.date
        Days that an event without a date may be given; empty leaves dates open.
    dusk : mapping of datetime.date to datetime.time
        Civil dusk, local time, on every day that matters.
    latest : datetime.time
        No event is given a later start than this.
    neighbours : frozenset of frozenset of str
        Pairs of wards that touch.
    least_walked : tuple of str
        Wards by how long no walk has been there, longest first.
    as_at : datetime.date, optional
        The day of planning: what was visited lately is judged by it where an event has no date.
    wishes : Wishes
        What to keep to.
    """

    events: tuple[Event, ...]
    places: pd.DataFrame
    worth: pd.DataFrame
    wishes: Wishes
    days: tuple[dt.date, ...] = ()
    dusk: Mapping[dt.date, dt.time] = field(default_factory=dict)
    latest: dt.time = dt.time(21, 0)
    neighbours: frozenset[frozenset[str]] = frozenset()
    least_walked: tuple[str, ...] = ()
    as_at: dt.date | None = None

    # Plain look-ups: a plan is valued thousands of times while alternatives are compared.

    @cached_property
    def _score(self) -> dict[str, dict[str, float]]:
        ids = list(map(str, self.worth.index))
        filled = self.worth.fillna(0.0)
        return {str(k): dict(zip(ids, filled[k].tolist(), strict=True)) for k in filled.columns}

    @cached_property
    def where(self) -> dict[str, tuple[float, float]]:
        """Easting and northing of every place, metres; NaN where it is not known."""
        xy = self.places[["easting", "northing"]].astype("float64")
        return dict(zip(xy.index, map(tuple, xy.to_numpy()), strict=True))

    @cached_property
    def ward(self) -> dict[str, str]:
        """Ward of every place whose ward is known."""
        known = self.places["ward_code"].dropna()
        return dict(zip(map(str, known.index), known.tolist(), strict=True))

    @cached_property
    def held(self) -> dict[str, dt.date]:
        """Day from which each place held back may be visited again; others are not named."""
        months, places = self.wishes.hold_months, self.places
        if months is None:
            return {}
        seen = places[places["last_visited"].notna() & ~places["unresolved"].astype(bool)]
        until = pd.to_datetime(seen["last_visited"]) + pd.DateOffset(months=months)
        return dict(zip(seen.index, until.dt.date, strict=True))

    @cached_property
    def by_id(self) -> dict[str, Event]:
        """The events by their ids."""
        return {event.event_id: event for event in self.events}

    @cached_property
    def partner(self) -> dict[str, str]:
        """The other half of every event that is one of a pair; an event is in one pair at most."""
        pairs: dict[str, str] = {}
        for event in self.events:
            first = event.repeat_of
            if (
                first in self.by_id
                and first != event.event_id
                and not {first, event.event_id} & set(pairs)
            ):
                pairs |= {event.event_id: str(first), str(first): event.event_id}
        return pairs

    @cached_property
    def followers(self) -> frozenset[str]:
        """Open events whose place is that of their pair: fixed, or chosen with it."""
        found = set()
        for own, other in self.partner.items():
            if self.by_id[own].place is None and (
                self.by_id[other].place is not None or self.by_id[own].repeat_of == other
            ):
                found.add(own)
        return frozenset(found)

    def light_wanted(self, event: Event) -> str:
        """'dark' for a women's walk, 'day' for the half of a pair that is by day; '' for others.

        Where one half starts before the day's dusk, that half is by day; else the one that repeats.
        """
        if event.event_type != WOMENS_WALK:
            return ""
        other = self.by_id.get(self.partner.get(event.event_id, ""))
        if other is None:
            return "dark"
        first, second = (other, event) if event.repeat_of == other.event_id else (event, other)
        by_day = first if self._starts_by_day(first) else second
        return "day" if event is by_day else "dark"

    def _starts_by_day(self, event: Event) -> bool:
        dusk = self.dusk.get(event.day) if event.day is not None else None
        return event.start is not None and event.start < (dusk or dt.time(16, 0))

    def is_light_kept(self, event: Event, day: dt.date) -> bool:
        """Whether an event on a day can start in the light that is wanted of it."""
        if self.light_wanted(event) == "day":
            return (event.start or BY_DAY) < self.dusk[day]
        return self.can_be_dark(event, day)

    def points(self, event: Event, place: str) -> float:
        """Score of a place for an event; 0 where it is not ranked."""
        return self._score[event.event_type][place]

    def candidates(self, event: Event) -> list[str]:
        """Places an event may be given: its own, those of its ward, or all that may be chosen.

        An event at a venue is given a place with a name, unless its ward has fewer than three. One
        of a pair whose other half is fixed is given that place.
        """
        if event.place is not None:
            return [event.place]
        other = self.by_id.get(self.partner.get(event.event_id, ""))
        if other is not None and other.place is not None:
            return [other.place]
        open_to = self.places["choosable"].to_numpy(dtype=bool)
        if event.ward is not None:
            open_to = open_to & self.places["ward_code"].eq(event.ward).to_numpy()
        if event.event_type in AT_A_VENUE:
            venues = open_to & self.places["venue"].to_numpy(dtype=bool)
            open_to = venues if venues.sum() >= FEWEST_VENUES else open_to
        return list(self.places.index[open_to])

    def days_for(self, event: Event) -> list[dt.date]:
        """Days an event may be given: its own, or every day of the period; none leaves it open."""
        return [event.day] if event.day is not None else list(self.days)

    def can_be_dark(self, event: Event, day: dt.date) -> bool:
        """Whether an event on a day can start after civil dusk and not too late."""
        dusk = self.dusk[day]
        return event.start >= dusk if event.start is not None else dusk <= self.latest

    def for_coverage(self) -> tuple[list[str], int]:
        """Wards that are due for coverage, and how many events must go there."""
        open_wards = [e for e in self.events if e.place is None and e.ward is None]
        owed = int(np.ceil(self.wishes.coverage_share * len(open_wards) - 1e-9))
        owed = min(owed, len(self.least_walked))
        return list(self.least_walked[:owed]), owed


@dataclass(frozen=True)
class Broken:
    """A wish that a plan does not keep.

    Attributes
    ----------
    kind : str
        Which wish.
    events : tuple of str
        Ids of the events concerned.
    detail : str
        Where or when, for people: a ward code, a date, a place id.
    times : int
        How often it is broken: three events over the number of teams count three.
    """

    kind: WishKind
    events: tuple[str, ...]
    detail: str = ""
    times: int = 1


@dataclass(frozen=True)
class Plan:
    """A place (None: no place is left), and a day if any, for every event."""

    place: Mapping[str, str | None]
    day: Mapping[str, dt.date | None]

    def moved(self, event_id: str, place: str) -> Plan:
        """Give one event another place and leave the rest."""
        return replace(self, place={**self.place, event_id: place})


def value(programme: Programme, plan: Plan) -> float:
    """Points of a plan: scores of its places, less what the broken wishes are worth.

    A place that was fixed counts nothing: there was no choice.
    """
    gained = sum(
        programme.points(event, place)
        for event in programme.events
        if event.place is None and (place := plan.place[event.event_id]) is not None
    )
    lost = sum(programme.wishes.points(b.kind) * b.times for b in broken(programme, plan))
    return gained - lost


def broken(programme: Programme, plan: Plan) -> list[Broken]:
    """List the wishes that a plan does not keep, in a fixed order.

    A wish about the dates of events is only asked of events that have one.
    """
    rules = (
        *(_ward_quarter, _spacing, _ward_days, _teams, _hours, _neighbours, _recently_visited),
        *(_step_free, _avoid_date, _dark, _coverage),
    )
    return [found for rule in rules for found in rule(programme, plan)]


def same_spot(programme: Programme, first: str, second: str) -> bool:
    """Whether two places are one spot."""
    return first == second or distance(programme, first, second) < SAME_SPOT_M


def distance(programme: Programme, first: str, second: str) -> float:
    """Metres between two places; NaN, which is less than nothing, where one is not known."""
    return math.dist(programme.where[first], programme.where[second])


def quarter(day: dt.date) -> str:
    """Quarter of the year a day lies in.

    Examples
    --------
    >>> quarter(dt.date(2026, 11, 22))
    '2026 Q4'
    """
    return f"{day.year} Q{(day.month + 2) // 3}"


def is_held_back(programme: Programme, place: str, day: dt.date | None) -> bool:
    """Whether a place was visited too lately for another event, with nothing unfinished there."""
    until = programme.held.get(place)
    when = programme.as_at if day is None else day
    return until is not None and when is not None and when < until


def _placed(programme: Programme, plan: Plan) -> list[tuple[Event, str]]:
    placed = [(e, plan.place[e.event_id]) for e in programme.events]
    return [(event, place) for event, place in placed if place is not None]


def _dated(programme: Programme, plan: Plan) -> list[tuple[Event, str, dt.date]]:
    dated = [(e, place, plan.day[e.event_id]) for e, place in _placed(programme, plan)]
    wards = programme.ward
    return [
        (event, wards[place], day)
        for event, place, day in dated
        if day is not None and place in wards
    ]


def _ward_quarter(programme: Programme, plan: Plan) -> Iterator[Broken]:
    most = programme.wishes.per_ward_quarter
    if most is None:
        return
    groups: dict[tuple[str, str], list[str]] = {}
    for event, ward, day in _dated(programme, plan):
        groups.setdefault((ward, quarter(day)), []).append(event.event_id)
    for (ward, when), events in sorted(groups.items()):
        if len(events) > most:
            yield Broken("ward_quarter", tuple(events), f"{ward}, {when}", len(events) - most)


def _spacing(programme: Programme, plan: Plan) -> Iterator[Broken]:
    least = programme.wishes.spacing_m
    if least is None:
        return
    leading = [p for p in _placed(programme, plan) if p[0].event_id not in programme.followers]
    for (a, first), (b, second) in combinations(leading, 2):
        if a.place is not None and b.place is not None:
            continue  # both were fixed: there is nothing to plan
        apart = distance(programme, first, second)
        if apart < least:
            yield Broken("spacing", (a.event_id, b.event_id), f"{apart:.0f} m")


def _ward_days(programme: Programme, plan: Plan) -> Iterator[Broken]:
    least = programme.wishes.ward_days
    if least is None:
        return
    for (a, ward, day), (b, other, then) in combinations(_dated(programme, plan), 2):
        if programme.partner.get(a.event_id) == b.event_id:
            continue  # a pair: the nearer in time, the better they compare
        if ward == other and abs((day - then).days) < least:
            yield Broken("ward_days", (a.event_id, b.event_id), ward)


def _teams(programme: Programme, plan: Plan) -> Iterator[Broken]:
    most = programme.wishes.teams
    if most is None:
        return
    days: dict[dt.date, list[str]] = {}
    for event_id, day in plan.day.items():
        if day is not None:
            days.setdefault(day, []).append(event_id)
    for day, events in sorted(days.items()):
        if len(events) > most:
            yield Broken("teams", tuple(events), day.isoformat(), len(events) - most)


def week_of(day: dt.date) -> str:
    """Name a week by its Monday.

    Examples
    --------
    >>> week_of(dt.date(2026, 11, 22))
    '2026-11-16'
    """
    return (day - dt.timedelta(days=day.weekday())).isoformat()


def _hours(programme: Programme, plan: Plan) -> Iterator[Broken]:
    most = programme.wishes.hours_week
    if most is None:
        return
    weeks: dict[str, list[Event]] = {}
    for event in programme.events:
        day = plan.day[event.event_id]
        if day is not None:
            weeks.setdefault(week_of(day), []).append(event)
    for week, events in sorted(weeks.items()):
        over = sum(event.minutes for event in events) - round(60 * most)
        if over > 0:
            ids = tuple(event.event_id for event in events)
            yield Broken("hours", ids, week, -(-over // 60))


def _neighbours(programme: Programme, plan: Plan) -> Iterator[Broken]:
    if not programme.wishes.neighbours_apart:
        return
    for (a, ward, day), (b, other, then) in combinations(_dated(programme, plan), 2):
        near = ward == other or frozenset((ward, other)) in programme.neighbours
        near = near and programme.partner.get(a.event_id) != b.event_id
        if day == then and near:
            yield Broken("neighbours", (a.event_id, b.event_id), day.isoformat())


def _recently_visited(programme: Programme, plan: Plan) -> Iterator[Broken]:
    for event, place in _placed(programme, plan):
        if event.place is None and is_held_back(programme, place, plan.day[event.event_id]):
            yield Broken("recently_visited", (event.event_id,), place)


def _step_free(programme: Programme, plan: Plan) -> Iterator[Broken]:
    if not programme.wishes.step_free:
        return
    known = programme.places["step_free"]
    for event, place in _placed(programme, plan):
        if event.place is None and known[place] is not True:
            yield Broken("step_free", (event.event_id,), place)


def _avoid_date(programme: Programme, plan: Plan) -> Iterator[Broken]:
    for event in programme.events:
        day = plan.day[event.event_id]
        if day is not None and programme.wishes.avoided(day):
            yield Broken("avoid_date", (event.event_id,), programme.wishes.avoided(day))


def _dark(programme: Programme, plan: Plan) -> Iterator[Broken]:
    if not programme.wishes.dark:
        return
    for event in programme.events:
        day = plan.day[event.event_id]
        if event.event_type != WOMENS_WALK or day is None:
            continue
        if not programme.is_light_kept(event, day):
            yield Broken("dark", (event.event_id,), day.isoformat())


def _coverage(programme: Programme, plan: Plan) -> Iterator[Broken]:
    due, owed = programme.for_coverage()
    wards = programme.ward
    there = sum(
        wards.get(place) in due
        for event, place in _placed(programme, plan)
        if event.place is None and event.ward is None
    )
    if there < owed:
        yield Broken("coverage", (), ", ".join(due), owed - there)


def alternatives(
    programme: Programme, plan: Plan, event: Event, *, most: int = 2
) -> list[tuple[str, float, list[Broken]]]:
    """List the next best places for an event, with everything else as planned.

    Parameters
    ----------
    programme, plan : Programme, Plan
        What is planned.
    event : Event
        One whose place was open.
    most : int
        How many.

    Returns
    -------
    list of (str, float, list of Broken)
        Place, what insisting on it costs in points (score lost, plus the wishes that break and
        did not before, less those that no longer do), and the wishes that would break. Cheapest
        first, ties by place id; no two on one spot.
    """
    other = programme.partner.get(event.event_id, "")
    if other and programme.by_id[other].place is not None:
        return []  # its place is that of its pair, which is fixed
    both = {event.event_id, other}
    taken = [p for e, p in plan.place.items() if p is not None and e not in both]
    now, own = value(programme, plan), plan.place[event.event_id]
    before = broken(programme, plan)
    choices = programme.candidates(event)
    if len(choices) < FEWEST_VENUES + most:  # too few with a name: then any place of the ward
        choices = programme.candidates(replace(event, event_type=""))
    ranked = sorted(choices, key=lambda p: (-programme.points(event, p), p))
    found: list[tuple[str, float, list[Broken]]] = []
    used: Sequence[str] = [*taken, *([own] if own else [])]
    for place in ranked:
        if any(same_spot(programme, place, other) for other in used):
            continue
        moved = plan.moved(event.event_id, place)
        moved = moved.moved(other, place) if other else moved
        new = [b for b in broken(programme, moved) if b not in before]
        found.append((place, now - value(programme, moved), new))
        used = [*used, place]
        if len(found) >= 4 * most:
            break
    return sorted(found, key=lambda f: (round(f[1], 6), f[0]))[:most]
