"""What whoever leads a walk wishes of its route."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from geodata.errors import SaferWalksError

Shape = Literal["loop", "line"]
SHAPES: dict[Shape, str] = {"loop": "Back to the start", "line": "End at a station or stop"}

PACE_KMH = 4.5
"""Usual pace: a group that talks walks slower than one person does."""

LIMITS = {"minutes": (15.0, 240.0), "stay_minutes": (1.0, 30.0), "pace_kmh": (2.0, 6.0)}
"""What may be asked for; 45 to 90 minutes and 5 to 10 a stop are usual."""


@dataclass(frozen=True)
class Around:
    """A circle to keep out of, BNG metres."""

    easting: float
    northing: float
    radius_m: float


@dataclass(frozen=True)
class RouteWishes:
    """What a route should keep to.

    Attributes
    ----------
    minutes : float
        Time from the meeting point to the end, stops included.
    shape : {'loop', 'line'}
        Back to the meeting point, or on to a station or bus stop.
    stay_minutes : float
        Time at each stop.
    pace_kmh : float
        Walking pace, km/h.
    step_free : bool
        Keep off steps the map knows of.
    prefer_lit : bool or None
        Prefer lit and overlooked streets; None does so whenever the walk is not all in daylight.
    avoid_streets : tuple of str
        Names of streets not to walk along.
    avoid_areas : tuple of Around
        Circles to keep out of.
    avoid_stops : tuple of str
        Names of places that are not proposed as stops.
    end : str
        Name of the station or stop a line must end at; '' for whichever suits best.

    Raises
    ------
    SaferWalksError
        If a number is beyond `LIMITS`, or the shape is none.

    Examples
    --------
    >>> RouteWishes(minutes=75).metres_in(4)
    300.0
    """

    minutes: float = 60.0
    shape: Shape = "loop"
    stay_minutes: float = 7.0
    pace_kmh: float = PACE_KMH
    step_free: bool = False
    prefer_lit: bool | None = None
    avoid_streets: tuple[str, ...] = ()
    avoid_areas: tuple[Around, ...] = ()
    avoid_stops: tuple[str, ...] = ()
    end: str = ""

    def __post_init__(self) -> None:
        """Refuse what no walk can be."""
        if self.shape not in SHAPES:
            raise SaferWalksError(
                "A route is a loop or a line", got=repr(self.shape), todo="say loop or line"
            )
        for name, (low, high) in LIMITS.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise SaferWalksError(
                    f"{_SAID[name]} must be from {low:g} to {high:g}", got=f"{value:g}",
                    todo="choose a number within",
                )  # fmt: skip

    def metres_in(self, minutes: float) -> float:
        """Say how far one walks in so many minutes."""
        return minutes * self.pace_kmh * 1000 / 60

    def minutes_for(self, metres: float) -> float:
        """Say how long one walks for so many metres."""
        return metres / self.metres_in(1.0)


_SAID = {
    "minutes": "The minutes of a walk", "stay_minutes": "The minutes at a stop",
    "pace_kmh": "The pace in kilometres an hour",
}  # fmt: skip
