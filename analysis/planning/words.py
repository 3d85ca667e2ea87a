"""A plan in words: why this place, what another would cost, what could not be had together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from analysis.planning.assignment import WOMENS_WALK, Broken, Event, Plan, Programme
from analysis.planning.model import Collision, Solved
from analysis.planning.wishes import LABELS, WishKind

RULED_OUT = "What is fixed rules it out."


def light_words(
    event: Event,
    day: dt.date | None,
    start: dt.time | None,
    dusk: dt.time,
    *,
    by_day: bool = False,
) -> str:
    """Say whether it is dark when an event starts; '' where its day or time is open.

    `by_day` says that it is the half of a pair that is meant to be by day.

    Examples
    --------
    >>> walk = Event("1", "womens_walk")
    >>> light_words(walk, dt.date(2024, 10, 2), dt.time(17, 0), dt.time(19, 8))
    'Starts at 17:00; it is dark from 19:08, so this walk begins in daylight.'
    """
    if day is None or start is None:
        return ""
    if by_day:
        return f"Starts at {start:%H:%M} by day, as one of a pair; it is dark from {dusk:%H:%M}."
    if event.event_type == WOMENS_WALK and start < dusk:
        return (
            f"Starts at {start:%H:%M}; it is dark from {dusk:%H:%M}, "
            "so this walk begins in daylight."
        )
    return f"Starts at {start:%H:%M}; it is dark from {dusk:%H:%M}."


def quarter_hour_after(moment: dt.time) -> dt.time:
    """Give the next quarter of an hour, the moment itself if it is one.

    Examples
    --------
    >>> quarter_hour_after(dt.time(17, 16)), quarter_hour_after(dt.time(18, 0))
    (datetime.time(17, 30), datetime.time(18, 0))
    """
    minutes = -(-(moment.hour * 60 + moment.minute) // 15) * 15
    return dt.time(min(minutes // 60, 23), minutes % 60 if minutes < 24 * 60 else 59)


def wish_words(programme: Programme, broken: Broken, names: Mapping[str, str]) -> str:
    """Say one broken wish: what it asks, and where it is not kept.

    Parameters
    ----------
    programme : Programme
        What is planned.
    broken : Broken
        The wish.
    names : mapping of str to str
        Names of wards and places by code.
    """
    where, wishes = _named(broken.detail, names), programme.wishes
    events = (
        " and ".join(broken.events) if len(broken.events) < 4 else f"{len(broken.events)} events"
    )
    said = {
        "ward_quarter": f"more than {wishes.per_ward_quarter} events: {where}",
        "spacing": f"only {where} between {events}",
        "ward_days": f"{events} in {where} less than {wishes.ward_days} days apart",
        "teams": f"more events than teams on {where}",
        "hours": f"{broken.times} hours more than the teams have in the week of {where}",
        "neighbours": f"{events} on {where} in wards next to each other",
        "recently_visited": f"{where} was visited in the last {wishes.hold_months} months",
        "step_free": f"{where} is not known to be free of steps",
        "avoid_date": f"{events} falls on {where}",
        "dark": f"{events} cannot begin in the light that is wanted of it",
        "coverage": f"{broken.times} fewer than asked for in {where}",
    }  # fmt: skip
    return said[broken.kind]


def collision_words(collision: Collision, names: Mapping[str, str]) -> str:
    """Say which wishes cannot be had together, and which was the cheapest to give up.

    Examples
    --------
    >>> collision_words(Collision(("teams", "2026-11-02"), (), True, 30.0), {})
    'Given up: no more events on a day than there are teams (2026-11-02). What is fixed rules it \
out. It was worth 30 points.'
    """
    against = "; ".join(_wish(kind, detail, names) for kind, detail in collision.collides_with)
    why = "The other wishes and the scores were worth more."
    if collision.ruled_out:
        why = f"It cannot be had together with: {against}." if against else RULED_OUT
    given_up = _wish(*collision.given_up, names)
    return f"Given up: {given_up}. {why} It was worth {collision.points:.0f} points."


def _wish(kind: WishKind, detail: str, names: Mapping[str, str]) -> str:
    label = LABELS[kind]
    return f"{label[0].lower()}{label[1:]} ({_named(detail, names)})"


def _named(detail: str, names: Mapping[str, str]) -> str:
    """Put names in the place of codes: 'E05000001, 2026 Q4', 'EVT-1|EVT-2'."""
    parts = [part.strip() for part in detail.replace("|", ",").split(",")]
    return (
        " and ".join(names.get(part, part) for part in parts)
        if "|" in detail
        else ", ".join(names.get(part, part) for part in parts)
    )


def reason_words(
    programme: Programme, plan: Plan, event: Event, why: Mapping[str, str], names: Mapping[str, str]
) -> str:
    """Say why an event is where the plan has it, so that it can be read out in public.

    Parameters
    ----------
    programme, plan : Programme, Plan
        What was planned, and how.
    event : Event
        Which event.
    why : mapping of str to str
        One sentence for every place, from its own numbers.
    names : mapping of str to str
        Names of wards by code.
    """
    place = plan.place[event.event_id]
    if event.place is not None:
        return "The place was fixed; it was kept."
    if event.event_id in programme.followers and place is not None:
        return (
            f"The same place as {programme.partner[event.event_id]}: the two are a pair, one by "
            "day and one after dark."
        )
    if place is None:
        where = names.get(event.ward or "", "any ward")
        return f"No place is left in {where}: name one on the Places page, or free another ward."
    rank, among = standing(programme, event, place)
    said = (
        f"Number {rank} of the {among} places it could be"
        if rank
        else ("Too little is known of this place to rank it")
    )
    due, _ = programme.for_coverage()
    ward = programme.ward.get(place, "")
    if event.ward is None and ward in due:
        said = (
            f"Chosen for coverage: {names.get(ward, ward)} has been longest without a walk. {said}"
        )
    return f"{said}. {why.get(place, '')}".strip()


def standing(programme: Programme, event: Event, place: str) -> tuple[int, int]:
    """Rank of a place among the ranked places an event could be given; 0 where it has no rank.

    Equal scores share the best rank among them.
    """
    scores = programme.worth[event.event_type].reindex(programme.candidates(event)).dropna()
    if place not in scores.index:
        return 0, len(scores)
    return int(scores.gt(scores[place] + 1e-9).sum()) + 1, len(scores)


def verdict_words(solved: Solved, events: int, placed: int) -> str:
    """Say how good the plan is."""
    best = (
        "No better plan exists for these wishes."
        if solved.proven
        else f"A better plan may exist, by {solved.gap:.0f} points at most."
    )
    left = events - placed
    open_ = f" {left} event{'s' if left != 1 else ''} found no place." if left else ""
    return f"{placed} of {events} events have a place.{open_} {best}"
