"""When one is where: a route through given stops, in a given order, as a timetable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.routing.network import Ground, Way
from analysis.routing.wishes import RouteWishes


@dataclass(frozen=True)
class Arrival:
    """One point of a route.

    Attributes
    ----------
    point : int
        Its number on the ground.
    way : Way
        How one comes there from the point before.
    arrive, leave : float
        Minutes after setting out.
    """

    point: int
    way: Way
    arrive: float
    leave: float


def timetable(
    ground: Ground, order: Sequence[int], end: int, wishes: RouteWishes, *, start: int = 0
) -> tuple[Arrival, ...]:
    """Walk a route: the stops in order, then the end.

    Parameters
    ----------
    ground : Ground
        What is walked on.
    order : sequence of int
        Stops, by their numbers on the ground; all of them can be reached.
    end : int
        Where the walk ends; nobody stays there.
    wishes : RouteWishes
        Pace and minutes a stop.
    start : int, default 0
        Where it sets out.

    Returns
    -------
    tuple of Arrival
        One a stop, and the end last.

    Examples
    --------
    >>> from analysis.routing.network import StraightLines
    >>> ground = StraightLines(np.array([[0.0, 0.0], [0.0, 750 / 1.3]]))
    >>> [(round(a.arrive), round(a.leave)) for a in timetable(ground, [1], 0, RouteWishes())]
    [(10, 17), (27, 27)]
    """
    found: list[Arrival] = []
    at, clock = start, 0.0
    for point in (*order, end):
        way = ground.way(at, point)
        clock += wishes.minutes_for(way.metres)
        stays = wishes.stay_minutes if len(found) < len(order) else 0.0
        found.append(Arrival(point, way, clock, clock + stays))
        at, clock = point, clock + stays
    return tuple(found)


def minutes_between(ground: Ground, wishes: RouteWishes) -> np.ndarray:
    """Give the minutes between any two points, without stops; infinite where there is no way."""
    return ground.metres / wishes.metres_in(1.0)
