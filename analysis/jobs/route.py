"""Plan the route of a walk: stops worth most within the time, changed by hand, kept on the event.

The way between stops is never stored by itself: it follows from the stops, the streets and the
wishes, and so is always that of the streets as they are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import shapely

from analysis.jobs.route_start import (
    Daylight,
    Outset,
    Scorer,
    Surroundings,
    daylight_on,
    later,
    outset_from,
    outset_of,
    surroundings,
)
from analysis.routing.network import (
    SNAP_M,
    Ground,
    Rules,
    StraightLines,
    Walkable,
    Way,
    area_of,
    on_streets,
)
from analysis.routing.orienteering import Problem, Tour, best_tour
from analysis.routing.spots import Spot, spots_near
from analysis.routing.timetable import Arrival, minutes_between, timetable
from analysis.routing.wishes import RouteWishes
from geodata.crs import BNG
from geodata.errors import RecordError, SaferWalksError, StaleRecordError
from geodata.records.changes import Change
from geodata.records.database import Records, open_records
from geodata.ward_join import assign_wards
from geodata.workspace import Workspace

MOST_SPOTS = 80
"""Spots that are weighed against one another."""

HOME_M = 300.0
"""A station this close to the start is no end for a line."""

Made = Literal["exact", "search", "by hand"]
MADE: dict[Made, str] = {
    "exact": "No other choice of stops is worth more in this time: every one was looked at.",
    "search": "The best of many choices tried. On walks small enough to try every choice, this "
    "search is within 2 % of the best.",
    "by hand": "Stops as somebody chose them; distances and times are worked out anew.",
}

NO_STREETS = (
    "No streets are loaded, so ways are straight lines taken to be 1.3 times as long, and nothing "
    "is known of lamps or steps. Fetch the streets on the Open data page, or with "
    "`safer-walks fetch streets`."
)
STEPS_KNOWN = (
    "Steps that the map knows of are left out. Kerbs, slopes, surfaces and lifts are not known: "
    "try the route beforehand."
)
HER_WAY = (
    "On a Walk and Talk the woman chooses the way: take this as an offer, and change it to hers."
)


@dataclass(frozen=True)
class RouteStop:
    """A stop of a route.

    Attributes
    ----------
    spot : Spot
        Where, why, and what to look at.
    arrive, leave : float
        Minutes after setting out.
    way : Way
        How one comes there from the stop before.
    away_m : float
        Metres between the stop and the street.
    lit : str
        'yes', 'no' or 'unknown': lamps on the street there, by the map.
    """

    spot: Spot
    arrive: float
    leave: float
    way: Way = field(repr=False)
    away_m: float = 0.0
    lit: str = "unknown"


@dataclass(frozen=True)
class Route:
    """A route and its timetable.

    Attributes
    ----------
    outset : Outset
        The walk.
    wishes : RouteWishes
        What was asked for.
    stops : tuple of RouteStop
        In order.
    end : Spot
        Where it ends; the meeting point for a loop.
    end_way : Way
        From the last stop to the end.
    minutes : float
        From setting out to the end.
    light : Daylight or None
        The light, where a start is set.
    made : {'exact', 'search', 'by hand'}
        How stops were chosen.
    considered : int
        Spots that were weighed against one another.
    unreachable : tuple of str
        Stops that no way leads to, with the reason; they are not among `stops`.
    notes : tuple of str
        What to know of it, in sentences.
    is_on_streets : bool
        False where there are no streets and lines are straight.
    """

    outset: Outset
    wishes: RouteWishes
    stops: tuple[RouteStop, ...]
    end: Spot
    end_way: Way = field(repr=False)
    minutes: float
    light: Daylight | None
    made: Made
    considered: int
    unreachable: tuple[str, ...]
    notes: tuple[str, ...]
    is_on_streets: bool

    @property
    def ways(self) -> tuple[Way, ...]:
        """Every way, in order, the last one to the end."""
        return (*(stop.way for stop in self.stops), self.end_way)

    @property
    def metres(self) -> float:
        """Length of the whole walk."""
        return sum(way.metres for way in self.ways)

    @property
    def lit_share(self) -> float | None:
        """Share of the way that the map says is lit; None where it is not on streets."""
        if not self.is_on_streets or not self.metres:
            return None
        return sum(way.lit_m for way in self.ways) / self.metres

    @property
    def line(self) -> shapely.LineString:
        """The whole line, BNG."""
        corners = np.vstack([shapely.get_coordinates(way.line) for way in self.ways])
        moved = np.hypot(*np.diff(corners, axis=0).T) > 0
        kept = corners[np.concatenate([[True], moved])]
        return shapely.LineString(kept if len(kept) > 1 else corners[:2])

    @property
    def over(self) -> float:
        """Minutes beyond those asked for; 0 where it fits."""
        return max(0.0, self.minutes - self.wishes.minutes)

    @property
    def message(self) -> str:
        """Say it in one sentence."""
        count = len(self.stops)
        stops = "no stop" if not count else "1 stop" if count == 1 else f"{count} stops"
        ends = f"back at {self.end.name}" if self.wishes.shape == "loop" else f"to {self.end.name}"
        said = f"{stops}, {self.metres / 1000:.1f} km and {self.minutes:.0f} minutes, {ends}"
        late = f"; {self.over:.0f} minutes longer than asked for" if self.over >= 0.5 else ""
        return f"{said[0].upper()}{said[1:]}{late}."

    def clock(self, minutes: float) -> str:
        """Write a time of the walk: by the clock where a start is set, else after setting out."""
        if self.outset.starts_at is None:
            return f"+{minutes:.0f} min"
        return f"{later(self.outset.starts_at, minutes):%H:%M}"

    def frame(self) -> gpd.GeoDataFrame:
        """Give the start, the stops, the end and the line as a table with shapes, BNG."""
        outset = self.outset
        rows: list[tuple[Any, ...]] = [
            ("start", 0, outset.name, 0.0, 0.0, 0.0, "", shapely.Point(outset.place))
        ]
        rows += [
            ("stop", n, s.spot.name, round(s.arrive, 1), round(s.leave, 1), round(s.way.metres),
             s.spot.why, shapely.Point(s.spot.place))
            for n, s in enumerate(self.stops, start=1)
        ]  # fmt: skip
        rows.append(
            ("end", len(self.stops) + 1, self.end.name, round(self.minutes, 1),
             round(self.minutes, 1), round(self.end_way.metres), "", shapely.Point(self.end.place))
        )  # fmt: skip
        rows.append(
            ("route", None, outset.title, 0.0, round(self.minutes, 1), round(self.metres), "",
             self.line)
        )  # fmt: skip
        names = ["part", "number", "name", "arrive_min", "leave_min", "walk_m", "why"]
        content = {name: [row[n] for row in rows] for n, name in enumerate(names)}
        return gpd.GeoDataFrame(content, geometry=[row[-1] for row in rows], crs=BNG)

    def to_json(self) -> dict[str, Any]:
        """Turn it into what JSON can hold."""
        light = self.light
        return {
            "event_id": self.outset.event_id, "title": self.outset.title,
            "restricted": self.outset.is_restricted, "start": self.outset.name,
            "starts_at": self.outset.starts_at.isoformat() if self.outset.starts_at else None,
            "shape": self.wishes.shape, "stops": [self._stop_json(s) for s in self.stops],
            "end": self.end.name, "minutes": round(self.minutes, 1),
            "minutes_over": round(self.over, 1), "metres": round(self.metres),
            "lit_share": None if self.lit_share is None else round(self.lit_share, 3),
            "sunset": f"{light.sunset:%H:%M}" if light else None,
            "dark_from": f"{light.dusk:%H:%M}" if light else None,
            "worth": round(sum(s.spot.worth for s in self.stops), 1), "made": self.made,
            "considered": self.considered, "unreachable": list(self.unreachable),
            "notes": list(self.notes), "message": self.message,
        }  # fmt: skip

    def _stop_json(self, stop: RouteStop) -> dict[str, Any]:
        spot = stop.spot
        return {
            "name": spot.name, "easting": round(spot.easting, 1),
            "northing": round(spot.northing, 1), "arrive": self.clock(stop.arrive),
            "leave": self.clock(stop.leave), "walk_m": round(stop.way.metres),
            "from_street_m": round(stop.away_m), "worth": round(spot.worth, 1), "why": spot.why,
            "look_at": list(spot.look_at),
        }  # fmt: skip


def plan_route(
    workspace: Workspace,
    *,
    event_id: str = "",
    start: tuple[float, float] | None = None,
    starts_at: dt.datetime | None = None,
    wishes: RouteWishes | None = None,
    scorer: Scorer | None = None,
    seed: int = 0,
) -> Route:
    """Propose a route for an event, or from a point.

    Parameters
    ----------
    workspace : Workspace
        Whose.
    event_id : str
        The event; its place is where the walk sets out, its time decides on the light.
    start : tuple of float, optional
        Easting and northing, where there is no event.
    starts_at : datetime, optional
        When a walk from a point sets out.
    wishes : RouteWishes, optional
        By default an hour's loop.
    scorer, seed
        As `surroundings` and `propose`.

    Raises
    ------
    RecordError
        If the event is not there or has no place.
    SaferWalksError
        If the start is far from the wards or from every street, or neither is given.
    """
    if bool(event_id) == (start is not None):
        raise SaferWalksError(
            "A route sets out from an event or from a point", got="both" if start else "neither",
            todo="name one of them",
        )  # fmt: skip
    outset = (
        outset_from(workspace, *start, starts_at=starts_at)
        if start is not None
        else outset_of(workspace, event_id)
    )
    around = surroundings(workspace, outset, scorer=scorer)
    return propose(around, wishes or RouteWishes(), seed=seed)


def propose(around: Surroundings, wishes: RouteWishes, *, seed: int = 0) -> Route:
    """Choose the stops worth most within the time.

    Parameters
    ----------
    around : Surroundings
        What a route can be made of.
    wishes : RouteWishes
        What it should keep to.
    seed : int
        Of the search, where there are more stops than can all be tried.

    Raises
    ------
    SaferWalksError
        If no usable street is near the start.
    """
    reach = wishes.metres_in(max(wishes.minutes - wishes.stay_minutes, 0.0))
    within = reach / 2 if wishes.shape == "loop" else reach
    off = {name.casefold() for name in wishes.avoid_stops}
    spots = [
        spot
        for spot in spots_near(around.known, around.outset.place, within, most=MOST_SPOTS)
        if spot.name.casefold() not in off and _is_clear(spot, wishes)
    ]
    spots = _on_streets(around, spots, wishes)
    spots = [spot for spot in spots if spot.name.casefold() not in off]
    ends = _ends(around, wishes)
    ground = _ground(around, [*spots, *ends], wishes)
    tour, end_of, fits = _choose(ground, spots, wishes, seed)
    order = _gathered(tour.order, ground, wishes)
    end = ends[end_of[order[-1] + 1 if order else 0]]
    found = _route(around, wishes, [spots[i] for i in order], end, made=tour.method)
    return replace(found, considered=fits)


def follow(around: Surroundings, wishes: RouteWishes, spots: Sequence[Spot]) -> Route:
    """Walk stops in the order in which somebody put them.

    Parameters
    ----------
    around : Surroundings
        Where.
    wishes : RouteWishes
        Pace, minutes a stop, and how ways are chosen; the time is not kept to, but said.
    spots : sequence of Spot
        The stops; those that no way leads to are named in the route and left out of it.

    Raises
    ------
    SaferWalksError
        If no usable street is near the start.
    """
    ends = _ends(around, wishes)
    ground = _ground(around, [*spots, *ends], wishes)
    minutes = minutes_between(ground, wishes)
    reached = [n for n in range(len(spots)) if np.isfinite(minutes[0, n + 1])]
    last = reached[-1] + 1 if reached else 0
    to_ends = minutes[last, len(spots) + 1 :]
    if not np.isfinite(to_ends).any():
        raise _no_end(wishes)
    return _route(around, wishes, spots, ends[int(to_ends.argmin())], made="by hand")


def save_route(workspace: Workspace, route: Route, *, by: str, at: dt.datetime) -> int:
    """Keep a route on its event: its stops, for the feedback form, and its line.

    Stored stops that the route no longer has are deleted, unless answers were given at them.

    Parameters
    ----------
    workspace : Workspace
        Where.
    route : Route
        Of an event.
    by, at
        Who keeps it, and when.

    Returns
    -------
    int
        Stops stored.

    Raises
    ------
    StaleRecordError
        If somebody else changed the event or a stop since it was read.
    RecordError
        If the route is of no event, or a stop would go at which answers were given.
    """
    outset = route.outset
    if not outset.event_id:
        raise RecordError(
            "This route belongs to no event", got=outset.title,
            todo="choose an event on the Route page, or add one on the Programme page",
        )  # fmt: skip
    records = open_records(workspace)
    _require_as_read(records, outset)
    stored = {stop.id: stop for stop in outset.stops}
    kept = {stop.spot.stop_id for stop in route.stops} & set(stored)
    gone = [stop for stop in outset.stops if stop.id not in kept and stop["easting"] is not None]
    answered = {str(r["stop_id"]) for r in records.list("responses", event_id=outset.event_id)}
    if lost := [stop["name"] for stop in gone if stop.id in answered]:
        raise RecordError(
            "People gave answers at a stop that this route no longer has", got=", ".join(lost),
            todo="put the stop back, or plan another event for the new route",
        )  # fmt: skip
    wards = _wards_of(workspace, route)
    with records.changing(by=by, at=at) as change:
        change.update("events", outset.event_id, _event_values(route), version=outset.version)
        for old in gone:
            change.delete("stops", old.id, version=old.version)
        for number, (stop, ward) in enumerate(zip(route.stops, wards, strict=True), start=1):
            _store(change, outset, stop, {"seq": number, "ward_code": ward})
    return len(route.stops)


def _store(change: Change, outset: Outset, stop: RouteStop, values: dict[str, Any]) -> None:
    """Change a stored stop, or add one."""
    place = {"easting": round(stop.spot.easting, 1), "northing": round(stop.spot.northing, 1)}
    values = {**values, **place, "name": stop.spot.name}
    known = {old.id: old.version for old in outset.stops}
    if stop.spot.stop_id in known:
        change.update("stops", stop.spot.stop_id, values, version=known[stop.spot.stop_id])
    else:
        change.create("stops", {**values, "event_id": outset.event_id, "precision": "street"})


def _require_as_read(records: Records, outset: Outset) -> None:
    """Make sure that nobody put stops in or took them out since the walk was read."""
    stops = records.list("stops", event_id=outset.event_id)
    if {stop.id for stop in stops} == {stop.id for stop in outset.stops}:
        return
    now = records.get("events", outset.event_id)
    raise StaleRecordError(
        "events", outset.event_id, version=now.version, who=now.updated_by,
        theirs={"stops": ", ".join(stop["name"] for stop in stops)},
        yours={"stops": ", ".join(stop["name"] for stop in outset.stops)},
    )  # fmt: skip


def _event_values(route: Route) -> dict[str, Any]:
    values: dict[str, Any] = {"route": shapely.to_wkt(route.line, rounding_precision=1)}
    if route.outset.starts_at is not None and route.outset.minutes is None:
        values["planned_end"] = later(route.outset.starts_at, route.minutes)
    return values


def _wards_of(workspace: Workspace, route: Route) -> list[str]:
    points = [shapely.Point(stop.spot.place) for stop in route.stops]
    if not points:
        return []
    found = assign_wards(gpd.GeoSeries(points, crs=BNG), workspace.wards())["ward_code"]
    return [str(code) if isinstance(code, str) else "" for code in found]


def _prefers_lit(around: Surroundings, wishes: RouteWishes) -> bool:
    if wishes.prefer_lit is not None:
        return wishes.prefer_lit
    light = _light(around.outset, wishes.minutes)
    return light is None or light.at_start != "day" or light.at_end != "day"


def _light(outset: Outset, minutes: float) -> Daylight | None:
    if outset.starts_at is None:
        return None
    return daylight_on(outset.place, outset.starts_at, minutes)


def _ends(around: Surroundings, wishes: RouteWishes) -> list[Spot]:
    """Give where the walk may end: the start for a loop, else stations and stops in reach."""
    outset = around.outset
    home = Spot(outset.name, *outset.place)
    if wishes.shape == "loop":
        return [home]
    reach = wishes.metres_in(wishes.minutes)
    apart = [(float(np.hypot(s.easting - home.easting, s.northing - home.northing)), s)
             for s in around.ends]  # fmt: skip
    if wishes.end:
        named = [s for _, s in apart if s.name.casefold() == wishes.end.casefold()]
        if not named:
            raise SaferWalksError(
                "No station or stop of this name is known", got=wishes.end,
                todo="take a name from the list of places, or let the route choose",
            )  # fmt: skip
        return named
    near = [s for away, s in sorted(apart, key=lambda a: (a[0], a[1].name))
            if HOME_M < away <= reach]  # fmt: skip
    if not near:
        raise SaferWalksError(
            "No station or bus stop lies within the time, so a line has nowhere to end",
            got=f"{wishes.minutes:g} minutes, {reach / 1000:.1f} km",
            todo="ask for a loop, for more time, or fetch stations on the Open data page",
        )
    return near[:15]


def _ground(around: Surroundings, spots: Sequence[Spot], wishes: RouteWishes) -> Ground:
    """Put the start and the spots on the streets near by, or on straight lines."""
    points = np.array([around.outset.place, *(spot.place for spot in spots)])
    if around.streets is None:
        return StraightLines(points)
    circles = [(a.easting, a.northing, a.radius_m) for a in wishes.avoid_areas]
    rules = Rules(
        _prefers_lit(around, wishes), wishes.step_free, frozenset(wishes.avoid_streets),
        area_of(circles),
    )  # fmt: skip
    near = _near(around.streets, points, wishes)
    found = on_streets(near, points, rules) if len(near.streets) else None
    if found is None:
        raise SaferWalksError(
            "No street that may be walked lies near the meeting point",
            got=f"none within {SNAP_M:.0f} m of {around.outset.name}",
            todo="move the meeting point, avoid fewer streets, or fetch the streets of this area",
        )
    return found


def _near(streets: Walkable, points: np.ndarray, wishes: RouteWishes) -> Walkable:
    """Keep the streets that a walk of this time could touch."""
    reach = max(1_000.0, 0.6 * wishes.metres_in(wishes.minutes))
    area = shapely.MultiPoint(points).envelope.buffer(0.25 * reach + 500.0)
    rows = np.sort(streets.streets.sindex.query(area, predicate="intersects"))
    return Walkable(
        streets.streets.iloc[rows].reset_index(drop=True), streets.lit[rows],
        streets.is_hidden[rows],
    )  # fmt: skip


def _on_streets(around: Surroundings, spots: list[Spot], wishes: RouteWishes) -> list[Spot]:
    """Put spots that stand for a hexagon on the nearest street, and name them after it."""
    if around.streets is None:
        return spots
    ground = _ground(around, spots, wishes)
    moved = []
    for number, spot in enumerate(spots, start=1):
        if not spot.is_area:
            moved.append(spot)
            continue
        east, north = ground.spots[number]
        name, street = spot.name, ground.street[number]
        if street:
            name = street if name.startswith("around") else f"{street}, {name}"
        moved.append(
            replace(spot, easting=round(float(east), 1), northing=round(float(north), 1),
                    name=name[:1].upper() + name[1:])
        )  # fmt: skip
    return moved


def _is_clear(spot: Spot, wishes: RouteWishes) -> bool:
    return all(
        np.hypot(spot.easting - a.easting, spot.northing - a.northing) > a.radius_m
        for a in wishes.avoid_areas
    )


def _choose(
    ground: Ground, spots: list[Spot], wishes: RouteWishes, seed: int
) -> tuple[Tour, np.ndarray, int]:
    """Choose the stops; give the tour, the end that suits after each, and how many could be."""
    minutes, n = minutes_between(ground, wishes), len(spots)
    to_ends = minutes[: n + 1, n + 1 :]
    end_of, last = to_ends.argmin(axis=1), to_ends.min(axis=1)
    if not np.isfinite(last[0]):
        raise _no_end(wishes)
    problem = Problem(
        minutes[0, 1 : n + 1], minutes[1 : n + 1, 1 : n + 1], last[1:],
        np.full(n, wishes.stay_minutes), np.array([s.worth for s in spots]), float(last[0]),
        wishes.minutes,
    )  # fmt: skip
    return best_tour(problem, seed=seed), end_of, len(problem.reachable())


def _gathered(order: tuple[int, ...], ground: Ground, wishes: RouteWishes) -> tuple[int, ...]:
    """Turn a loop so that its first stop is the nearer one: both ways round take as long."""
    if wishes.shape == "line" or len(order) < 2:
        return order
    first, last = (float(ground.metres[0, n + 1]) for n in (order[0], order[-1]))
    return order[::-1] if last < first else order


def _no_end(wishes: RouteWishes) -> SaferWalksError:
    return SaferWalksError(
        "No way leads to where the walk should end", got=wishes.end or wishes.shape,
        todo="avoid fewer streets, or end somewhere else",
    )  # fmt: skip


def _route(
    around: Surroundings, wishes: RouteWishes, spots: Sequence[Spot], end: Spot, *, made: Made
) -> Route:
    ground = _ground(around, [*spots, end], wishes)
    reach = np.isfinite(ground.metres[0])
    order = [n for n in range(1, len(spots) + 1) if reach[n]]
    arrivals = timetable(ground, order, len(spots) + 1, wishes)
    stops = tuple(_stop(ground, spots[a.point - 1], a) for a in arrivals[:-1])
    last = arrivals[-1]
    lost = tuple(
        f"{spot.name or 'A stop'}: no way leads there from the start"
        for n, spot in enumerate(spots, start=1)
        if not reach[n]
    )
    on_streets_ = around.streets is not None
    light = _light(around.outset, last.arrive)
    found = Route(
        around.outset, wishes, stops, end, last.way, last.arrive, light, made, len(spots), lost,
        (), on_streets_,
    )  # fmt: skip
    return replace(found, notes=_notes(around, found))


def _stop(ground: Ground, spot: Spot, arrival: Arrival) -> RouteStop:
    n = arrival.point
    name = spot.name or ground.street[n] or "Stop"
    return RouteStop(
        replace(spot, name=name), arrival.arrive, arrival.leave, arrival.way,
        float(ground.away_m[n]), ground.lit[n],
    )  # fmt: skip


def _notes(around: Surroundings, route: Route) -> tuple[str, ...]:
    wishes, outset = route.wishes, route.outset
    lines = [MADE[route.made]]
    if outset.event_type == "walk_and_talk":
        lines.append(HER_WAY)
    if not route.is_on_streets:
        lines.append(NO_STREETS)
    elif wishes.step_free:
        lines.append(STEPS_KNOWN)
    if route.is_on_streets:
        lines.append(_lamps(around, route))
    lines.append(
        f"Walking pace {wishes.pace_kmh:g} km/h, {wishes.stay_minutes:g} minutes at a stop."
    )
    away = [f"{s.spot.name}, {s.away_m:.0f} m" for s in route.stops if s.away_m >= 30]
    if away:
        lines.append(f"Off the nearest street, straight there and back: {'; '.join(away)}.")
    return (*lines, *around.notes)


def _lamps(around: Surroundings, route: Route) -> str:
    lit, unlit, hidden = (
        sum(getattr(way, name) for way in route.ways) for name in ("lit_m", "unlit_m", "hidden_m")
    )
    whole = max(route.metres, 1.0)
    silent = max(0.0, 1 - (lit + unlit) / whole)
    said = (
        f"By the map {lit / whole:.0%} of the way is lit, {unlit / whole:.0%} is not, and of "
        f"{silent:.0%} it says nothing; {hidden / whole:.0%} is along paths that nobody overlooks."
    )
    if not _prefers_lit(around, route.wishes):
        return said
    if route.outset.starts_at is None and route.wishes.prefer_lit is None:
        return f"{said} No start is set, so lit and overlooked streets are preferred."
    return f"{said} Lit and overlooked streets are preferred."
