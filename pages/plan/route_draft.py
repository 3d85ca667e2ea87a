"""The route a person is working on: kept in the session, changed by hand, worked out anew at once.

What is kept is small: places of stops. All else follows from them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from analysis.jobs.route import Route, follow, propose
from analysis.jobs.route_start import (
    Outset,
    Surroundings,
    outset_from,
    outset_of,
    surroundings,
    walkable_streets,
)
from analysis.jobs.voices import records_stamp
from analysis.routing.network import Walkable
from analysis.routing.spots import Spot, spot_at
from analysis.routing.wishes import RouteWishes
from geodata.crs import to_bng
from geodata.errors import SaferWalksError
from geodata.workspace import Workspace
from pages.components import cached

_DRAFT, POINT = "_route_draft", "_route_point"

Place = tuple[str, float, float, str]
"""Name, easting, northing and stored id of a stop."""


@dataclass(frozen=True)
class Draft:
    """Stops as they are now, of which walk, and for which wishes they were proposed.

    Attributes
    ----------
    walk : str
        The event, or the point.
    wishes : RouteWishes
        As they were when the stops were proposed.
    places : tuple of Place
        The stops.
    outset : Outset
        The walk and its stored stops as they were when this began.
    by_hand : bool
        Whether a person has changed them, or they are stored: then no wish changes them.
    view : tuple of float
        What the map is framed on, BNG: it stays while stops are changed by hand.
    """

    walk: str
    wishes: RouteWishes
    places: tuple[Place, ...]
    outset: Outset
    by_hand: bool = False
    view: tuple[float, ...] = ()


def around(here: Workspace, walk: str, starts_at: dt.datetime | None) -> Surroundings:
    """Gather what a route of this walk is made of, once for all visits."""
    outset = _outset(here, walk, starts_at)
    key = cached.key_of(here, "route", records_stamp(here), walk, starts_at, outset.version)
    found = cached.shelf().get(key)
    if found is None:
        with st.spinner("Looking at the places and streets near by. This takes some seconds."):
            found = surroundings(
                here, outset, scorer=lambda preset: cached.score(here, preset=preset),
                streets=_streets(here),
            )  # fmt: skip
        cached.shelf().put(key, found)
    return found


def _outset(here: Workspace, walk: str, starts_at: dt.datetime | None) -> Outset:
    point: tuple[float, float] | None = st.session_state.get(POINT)
    if walk:
        return outset_of(here, walk)
    if point is None:
        raise SaferWalksError(
            "No start is chosen yet", todo="click on the map, or type easting and northing"
        )
    return outset_from(here, *point, starts_at=starts_at)


def _streets(here: Workspace) -> Walkable | None:
    key = cached.key_of(here, "walkable streets")
    found: Walkable | None = cached.shelf().get(key)
    if found is None:
        found = walkable_streets(here)
        cached.shelf().put(key, found)
    return found


def current(near: Surroundings, walk: str, wishes: RouteWishes) -> Route:
    """Give the route as it is: stored or changed stops as they are, else a proposal."""
    name = f"{walk or near.outset.place}"
    draft: Draft | None = st.session_state.get(_DRAFT)
    if draft is None or draft.walk != name:
        stored = tuple(_place(spot) for spot in near.stored())
        draft = Draft(name, wishes, stored, near.outset, by_hand=bool(stored))
        st.session_state[_DRAFT] = draft
        if not stored:
            return anew(near, wishes)
    if not draft.by_hand:
        return anew(near, wishes)
    found = follow(near, wishes, [_spot(near, place) for place in draft.places])
    if not draft.view:
        st.session_state[_DRAFT] = replace(draft, view=found.line.bounds)
    return found


def anew(near: Surroundings, wishes: RouteWishes) -> Route:
    """Propose stops, and keep them as the draft."""
    draft: Draft = st.session_state[_DRAFT]
    key = ("route proposal", draft.walk, near.outset.version, id(near), repr(wishes))
    found: Route | None = cached.shelf().get(key)
    if found is None:
        with st.spinner("Looking for the best stops."):
            found = propose(near, wishes)
        cached.shelf().put(key, found)
    places = tuple(_place(stop.spot) for stop in found.stops)
    st.session_state[_DRAFT] = replace(draft, wishes=wishes, places=places, view=found.line.bounds)
    return found


def view() -> tuple[float, ...]:
    """Say what the map is framed on."""
    draft: Draft = st.session_state[_DRAFT]
    return draft.view


def begun(route: Route) -> Route:
    """Give the route with its walk as it was when this draft began, so that nobody's is lost."""
    draft: Draft = st.session_state[_DRAFT]
    return replace(route, outset=draft.outset)


def forget() -> None:
    """Start again: with what is stored, or a proposal."""
    st.session_state.pop(_DRAFT, None)


def release() -> None:
    """Give the stops up for a proposal."""
    st.session_state[_DRAFT] = replace(st.session_state[_DRAFT], by_hand=False)


def move(number: int, by: int) -> None:
    """Put a stop earlier or later."""
    places = _places()
    to = number + by
    if 0 <= to < len(places):
        places[number], places[to] = places[to], places[number]
    _keep(places)


def remove(number: int) -> None:
    """Take a stop out."""
    places = _places()
    del places[number]
    _keep(places)


def add(name: str, easting: float, northing: float, *, cheapest: bool = True) -> None:
    """Put a stop in: where it makes the walk longer by least, by straight lines; or last."""
    places = _places()
    new: Place = (name, round(easting, 1), round(northing, 1), "")
    at = _cheapest(places, new) if cheapest else len(places)
    places.insert(at, new)
    _keep(places)


def add_clicked(lat: float, lon: float) -> None:
    """Put a stop in where somebody clicked."""
    x, y = to_bng(np.array([lon]), np.array([lat]))
    add("", float(x[0]), float(y[0]))


def remove_nearest(lat: float, lon: float) -> None:
    """Take the stop out that lies nearest to where somebody clicked."""
    x, y = to_bng(np.array([lon]), np.array([lat]))
    places = _places()
    if places:
        apart = [np.hypot(p[1] - float(x[0]), p[2] - float(y[0])) for p in places]
        remove(int(np.argmin(apart)))


def start_clicked(lat: float, lon: float) -> None:
    """Set out where somebody clicked."""
    x, y = to_bng(np.array([lon]), np.array([lat]))
    st.session_state[POINT] = (round(float(x[0]), 1), round(float(y[0]), 1))
    forget()


def _places() -> list[Place]:
    return list(st.session_state[_DRAFT].places)


def _keep(places: list[Place]) -> None:
    draft: Draft = st.session_state[_DRAFT]
    st.session_state[_DRAFT] = replace(draft, places=tuple(places), by_hand=True)


def _place(spot: Spot) -> Place:
    return spot.name, spot.easting, spot.northing, spot.stop_id


def _spot(near: Surroundings, place: Place) -> Spot:
    name, easting, northing, stop_id = place
    return spot_at(near.known, easting, northing, name=name, stop_id=stop_id)


def _cheapest(places: list[Place], new: Place) -> int:
    def apart(a: Place, b: Place) -> float:
        return float(np.hypot(a[1] - b[1], a[2] - b[2]))

    if not places:
        return 0
    costs = [apart(new, places[0])]
    costs += [
        apart(a, new) + apart(new, b) - apart(a, b)
        for a, b in zip(places[:-1], places[1:], strict=True)
    ]
    return int(np.argmin([*costs, apart(places[-1], new)]))
