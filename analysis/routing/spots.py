"""Places worth a stop: where, worth how much, why, and what to look at there.

A hexagon is worth the points by which its score exceeds the middle place's: somewhere usual is
worth no detour. It has one stop, at a place people know by name if there is one in it. What was
promised at a very spot and is not done, and people who asked for a walk there, add to that, because
a walk can do something about them. Frames in, spots out; BNG metres.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from analysis.tags import NEVER_DARK
from geodata.hexagons import hexagon_ids_of

OWED_POINTS, ASKED_POINTS = 10.0, 5.0
"""Points a spot gains by each promise that is still open there, and each person who asked."""

MOST_OWED, MOST_ASKED = 2, 4
"""Promises and people beyond these add nothing: one spot must not outvote the rest."""

LEAST = 1.0
"""Points of a place that its score does not set apart: it may be passed, not sought out."""

LOOK_M = 120.0
"""What lies this close to a stop is to be looked at from there."""

SAME_M = 60.0
"""Stops this close are one."""

MOST_LOOKS = 4

ALWAYS = "What feels right here and what does not; by whom it is used; a way out if one needs it."


@dataclass(frozen=True)
class Spot:
    """A place one could stop at.

    Attributes
    ----------
    name : str
        What people call it.
    easting, northing : float
        Where.
    worth : float
        Points, see the module.
    why : str
        Why here, in its own numbers.
    look_at : tuple of str
        What to look at there.
    is_area : bool
        Whether it stands for a hexagon, so that it may be put on the nearest street.
    stop_id : str
        The stored stop it is; '' for none.
    """

    name: str
    easting: float
    northing: float
    worth: float = LEAST
    why: str = ""
    look_at: tuple[str, ...] = ()
    is_area: bool = False
    stop_id: str = ""

    @property
    def place(self) -> tuple[float, float]:
        """Easting and northing."""
        return self.easting, self.northing


HEXES = ("location_id", "name", "easting", "northing", "worth", "why", "tags")
NAMED = ("site_id", "name", "easting", "northing")
OWED = ("easting", "northing", "what", "who", "due")
SAID = ("easting", "northing", "issue", "people")


@dataclass(frozen=True)
class Known:
    """What is known of places, each frame with the columns named beside it.

    Attributes
    ----------
    hexes : pandas.DataFrame
        `HEXES`: scored hexagons; `worth` is the points above the middle place.
    named : pandas.DataFrame
        `NAMED`: places with names that stand for their hexagon.
    owed : pandas.DataFrame
        `OWED`: promises that are still open, whose they are (text) and when due (date or None).
    asked : mapping of str to int
        Site -> distinct people who asked for a walk there.
    said : pandas.DataFrame
        `SAID`: faults that people named on earlier walks.
    side : int
        Side of the hexagons, metres.
    """

    hexes: pd.DataFrame
    named: pd.DataFrame
    owed: pd.DataFrame
    asked: Mapping[str, int]
    said: pd.DataFrame
    side: int
    _by_hexagon: dict[str, dict[str, object]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Look hexagons up by their ids."""
        rows = self.hexes.to_dict("records")
        self._by_hexagon.update({str(r["location_id"]): dict(r) for r in rows})  # type: ignore[arg-type]

    def hexagon_at(self, easting: float, northing: float) -> Mapping[str, object]:
        """Give the row of the hexagon a place lies in; empty where it is not scored."""
        name = hexagon_ids_of(np.array([easting]), np.array([northing]), self.side)[0]
        return self._by_hexagon.get(str(name), {})


def middle(totals: pd.Series) -> pd.Series:
    """Turn scores into points above the middle place, none where there are none.

    Examples
    --------
    >>> middle(pd.Series([80.0, 50.0, 20.0, None])).tolist()
    [30.0, 0.0, 0.0, nan]
    """
    return (totals - totals.median()).clip(lower=0.0)


def spots_near(
    known: Known, place: tuple[float, float], within_m: float, *, most: int = 60
) -> list[Spot]:
    """List the spots round a place, those worth most first.

    Parameters
    ----------
    known : Known
        What is known of places.
    place : tuple of float
        Easting and northing.
    within_m : float
        How far away, in a straight line.
    most : int, default 60
        How many.

    Returns
    -------
    list of Spot
        No two within `SAME_M`; by worth, then name, then place.
    """
    found = [*_of_names(known, place, within_m), *_of_promises(known, place, within_m)]
    taken = {_hexagon(known, spot) for spot in found if spot.worth > 0}
    near = _close(known.hexes, place, within_m)
    for row in near.to_dict("records"):
        if row["location_id"] not in taken and row["worth"] > 0:
            east, north = float(row["easting"]), float(row["northing"])
            name = str(row["name"]).partition(": ")[2] or str(row["name"])
            found.append(replace(spot_at(known, east, north, name=name), is_area=True))
    found.sort(key=lambda s: (-s.worth, s.name, s.place))
    kept: list[Spot] = []
    for spot in found:
        if all(_apart(spot, other) > SAME_M for other in kept):
            kept.append(spot)
    return kept[:most]


def spot_at(
    known: Known, easting: float, northing: float, *, name: str = "", stop_id: str = "",
    asking: int = 0,
) -> Spot:  # fmt: skip
    """Say what is known of a place, whether or not it would be proposed.

    Parameters
    ----------
    known : Known
        What is known of places.
    easting, northing : float
        Where.
    name, stop_id : str
        What it is called; the stored stop it is.
    asking : int
        People who asked for a walk at this very place.
    """
    row = known.hexagon_at(easting, northing)
    owed = _close(known.owed, (easting, northing), LOOK_M)
    points = float(str(row.get("worth", 0.0))) if row else 0.0
    points = 0.0 if np.isnan(points) else points
    points += OWED_POINTS * min(len(owed), MOST_OWED) + ASKED_POINTS * min(asking, MOST_ASKED)
    return Spot(
        name, easting, northing, max(points, LEAST), str(row.get("why", "")),
        _looks(known, row, owed, (easting, northing)), stop_id=stop_id,
    )  # fmt: skip


def _of_names(known: Known, place: tuple[float, float], within_m: float) -> list[Spot]:
    """Give the places with names: the one in each hexagon where most is owed or asked, first."""
    near = _close(known.named, place, within_m)
    spots = [
        spot_at(
            known, float(row["easting"]), float(row["northing"]), name=str(row["name"]),
            asking=known.asked.get(str(row["site_id"]), 0),
        )
        for row in near.to_dict("records")
    ]  # fmt: skip
    spots.sort(key=lambda s: (-s.worth, s.name))
    first: dict[object, Spot] = {}
    for spot in spots:
        first.setdefault(_hexagon(known, spot) or spot.place, spot)
    return list(first.values())


def _of_promises(known: Known, place: tuple[float, float], within_m: float) -> list[Spot]:
    """Give the very spots of promises that no place with a name is close to."""
    near = _close(known.owed, place, within_m)
    named = _close(known.named, place, within_m + LOOK_M)
    found = []
    for row in near.to_dict("records"):
        here = (float(row["easting"]), float(row["northing"]))
        if len(_close(named, here, LOOK_M)):
            continue
        full = spot_at(known, *here, name=str(row.get("at") or ""))
        found.append(replace(full, worth=OWED_POINTS))
    return found


def _hexagon(known: Known, spot: Spot) -> str:
    return str(known.hexagon_at(*spot.place).get("location_id", ""))


def _apart(one: Spot, other: Spot) -> float:
    return float(np.hypot(one.easting - other.easting, one.northing - other.northing))


def _close(frame: pd.DataFrame, place: tuple[float, float], within_m: float) -> pd.DataFrame:
    if frame.empty:
        return frame
    apart = np.hypot(
        frame["easting"].to_numpy("float64") - place[0],
        frame["northing"].to_numpy("float64") - place[1],
    )
    return frame[apart <= within_m]


def _looks(
    known: Known, row: Mapping[str, object], owed: pd.DataFrame, place: tuple[float, float]
) -> tuple[str, ...]:
    """Write what to look at: promises first, then what people said, then the dark."""
    lines = [_promise(r["what"], r["who"], r["due"]) for r in owed.to_dict("records")][:2]
    said = _close(known.said, place, LOOK_M)
    if len(said):
        counts = said.groupby("issue")["people"].sum()
        first = sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))[:3]
        named = "; ".join(f"{_lower(str(issue))} ({int(n)})" for issue, n in first)
        lines.append(f"People said on earlier walks (how many): {named}. Is it still so?")
    if NEVER_DARK in str(row.get("tags", "")):
        lines.append("No walk has been here after dark: how does it differ from daylight?")
    return (*lines[: MOST_LOOKS - 1], ALWAYS)


def _promise(what: object, who: object, due: object) -> str:
    by = f" by {due.day} {due:%B %Y}" if isinstance(due, dt.date) and not pd.isna(due) else ""
    return f"Has it been done? “{what}” ({who}{by})."


def _lower(text: str) -> str:
    """Lower the first letter, unless it begins an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
