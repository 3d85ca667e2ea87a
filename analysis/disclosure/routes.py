"""Whose routes may be in nothing public: those of women-only walks and of Walk and Talks.

Where and when women walk by themselves, and the way one woman takes, tell who could be met there.
"""

from __future__ import annotations

RESTRICTED_TYPES = frozenset({"walk_and_talk"})
"""Kinds of event whose routes are always restricted."""

RESTRICTED = "RESTRICTED: for those who lead this walk. Do not publish or pass on"
INTERNAL = "INTERNAL: not for publication"


def route_is_restricted(event_type: str, *, women_only: bool | None) -> bool:
    """Tell whether the route and exact times of an event may be in nothing public.

    Parameters
    ----------
    event_type : str
        A code of `geodata.records.vocabularies.EVENT_TYPES`.
    women_only : bool or None
        As the event says; not said is no.

    Examples
    --------
    >>> route_is_restricted("walk_and_talk", women_only=None)
    True
    >>> [route_is_restricted("womens_walk", women_only=w) for w in (True, False, None)]
    [True, False, False]
    """
    return event_type in RESTRICTED_TYPES or bool(women_only)


def route_marking(*, is_restricted: bool) -> str:
    """Say what a route that leaves the building has printed on it: no route is made for the public.

    Examples
    --------
    >>> route_marking(is_restricted=False)
    'INTERNAL: not for publication'
    """
    return RESTRICTED if is_restricted else INTERNAL
