"""What a route says when it leaves the app, whatever file it leaves in."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field

import shapely


@dataclass(frozen=True)
class SheetPoint:
    """A point of the route: the start, a stop or the end.

    Attributes
    ----------
    label : str
        What stands for it on the map: 'S', '1', '2', ..., 'E'.
    name : str
        What it is called.
    easting, northing : float
        BNG metres.
    arrive, leave : str
        Times as people read them; '' where there is none.
    walk : str
        How one comes there: metres and streets.
    why : str
        Why there.
    look_at : tuple of str
        What to look at.
    """

    label: str
    name: str
    easting: float
    northing: float
    arrive: str = ""
    leave: str = ""
    walk: str = ""
    why: str = ""
    look_at: tuple[str, ...] = ()


@dataclass(frozen=True)
class RouteSheet:
    """A route in words, with its line.

    Attributes
    ----------
    title, when : str
        What the walk is called, and its day and time in words.
    mark : str
        What is printed on top: no route is for the public.
    is_restricted : bool
        Whether it is of a women-only walk or a Walk and Talk.
    starts_at : datetime or None
        Europe/London.
    minutes : float
        From start to end.
    message, light : str
        The route, and sunset and dusk, in a sentence each.
    points : tuple of SheetPoint
        The start, the stops, the end.
    line : shapely.LineString
        BNG.
    notes : tuple of str
        What to know.
    reporting : tuple of (str, str)
        Ways to report: for what, and how.
    event_id : str
        '' where it is of no event.
    credits : tuple of str
        How the publishers of the streets on the map ask to be named.
    """

    title: str
    when: str
    mark: str
    is_restricted: bool
    starts_at: dt.datetime | None
    minutes: float
    message: str
    light: str
    points: tuple[SheetPoint, ...]
    line: shapely.LineString = field(repr=False)
    notes: tuple[str, ...] = ()
    reporting: tuple[tuple[str, str], ...] = ()
    event_id: str = ""
    credits: tuple[str, ...] = ()


def short(why: str) -> str:
    """Keep the first clause of the first sentence, and what people said after it.

    Examples
    --------
    >>> short("9 ASB reports in 12 months; in the busiest tenth in 1 of 21. 2 people have asked.")
    '9 ASB reports in 12 months. 2 people have asked.'
    >>> short("")
    ''
    """
    first, *others = re.split(r"(?<=\.)\s+(?=[A-Z0-9])", why.strip())
    head = first.split("; ")[0].rstrip(".")
    return " ".join([f"{head}.", *others]) if head else ""
