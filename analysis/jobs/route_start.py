"""Where a walk sets out, and everything a route from there is made of.

What takes long (the score, the streets) is worked out once here; routes are then quick to change.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis import voices
from analysis.daylight import Light, civil_dusk, light_condition, sunset
from analysis.disclosure.routes import route_is_restricted
from analysis.jobs.score import ScoreResult
from analysis.jobs.score import score as score_job
from analysis.jobs.voices import records_of
from analysis.routing.network import Walkable, walkable
from analysis.routing.spots import HEXES, NAMED, OWED, SAID, Known, Spot, middle, spot_at
from geodata import layers
from geodata.crs import to_lonlat
from geodata.errors import RecordError, SaferWalksError
from geodata.hexagons import DEFAULT_SIDE
from geodata.records.changes import Record
from geodata.records.database import Records, open_records
from geodata.records.fields import LONDON
from geodata.records.vocabularies import AGENCIES, ENVIRONMENT_ISSUES, EVENT_TYPES
from geodata.workspace import Workspace

WALKS = ("womens_walk", "walkabout", "walk_and_talk", "environmental_audit", "community_action_day")
"""Kinds of event that walk a route."""

TRANSIT = ("station", "bus_stop")
"""Kinds of place a line may end at."""

PRESET_OF = {"womens_walk": "womens_walk", "walk_and_talk": "womens_walk"}
"""Which score says what a stop is worth; walkabout for all other events."""

SAID_MONTHS = 24
"""What people said longer ago is not looked at."""

Scorer = Callable[[str], ScoreResult]
LIGHT_WORDS: dict[Light, str] = {"day": "daylight", "twilight": "dusk", "dark": "dark"}


@dataclass(frozen=True)
class Outset:
    """A walk that sets out.

    Attributes
    ----------
    easting, northing : float
        Its meeting point, BNG.
    name : str
        What the meeting point is called.
    title : str
        What the walk is called.
    event_id, event_type : str
        The event; '' where a route is tried out from a point of the map.
    version : int
        Of the event as it was read.
    starts_at : datetime or None
        In Europe/London.
    minutes : float or None
        How long it is planned to be, where the event says.
    is_restricted : bool
        Whether its route may be in nothing public: women-only walks and Walk and Talks.
    stops : tuple of Record
        Its stored stops, in order.
    route : str
        Its stored line, well-known text; '' without.
    """

    easting: float
    northing: float
    name: str
    title: str
    event_id: str = ""
    event_type: str = ""
    version: int = 0
    starts_at: dt.datetime | None = None
    minutes: float | None = None
    is_restricted: bool = False
    stops: tuple[Record, ...] = field(default=(), repr=False)
    route: str = field(default="", repr=False)

    @property
    def place(self) -> tuple[float, float]:
        """Easting and northing of the meeting point."""
        return self.easting, self.northing


@dataclass(frozen=True)
class Daylight:
    """The light on the day of a walk.

    Attributes
    ----------
    sunset, dusk : datetime.time
        Local times: the sun is down; it is dark (the end of civil twilight).
    at_start, at_end : str
        'day', 'twilight' or 'dark'.
    """

    sunset: dt.time
    dusk: dt.time
    at_start: Light
    at_end: Light

    @property
    def sentence(self) -> str:
        """Say it in words.

        Examples
        --------
        >>> Daylight(dt.time(18, 34), dt.time(19, 7), "day", "dark").sentence
        'Sunset is at 18:34 and it is dark from 19:07: the walk begins in daylight and ends in the \
dark.'
        """
        begin, end = LIGHT_WORDS[self.at_start], LIGHT_WORDS[self.at_end]
        here = {"daylight": "in daylight", "dusk": "at dusk", "dark": "in the dark"}
        said = f"begins {here[begin]} and ends {here[end]}" if begin != end else f"is {here[begin]}"
        dark = f"it is dark from {self.dusk:%H:%M}"
        return f"Sunset is at {self.sunset:%H:%M} and {dark}: the walk {said}."


@dataclass(frozen=True)
class Surroundings:
    """What a route from a meeting point is made of.

    Attributes
    ----------
    outset : Outset
        The walk.
    known : Known
        Places and what is known of them.
    ends : tuple of Spot
        Stations and bus stops a line may end at.
    streets : Walkable or None
        The streets; None where none are loaded.
    notes : tuple of str
        What is wanting, in sentences.
    """

    outset: Outset
    known: Known = field(repr=False)
    ends: tuple[Spot, ...] = field(repr=False)
    streets: Walkable | None = field(repr=False)
    notes: tuple[str, ...] = ()

    def stored(self) -> list[Spot]:
        """Give the stored stops that have a place, in order."""
        return [
            spot_at(
                self.known, float(s["easting"]), float(s["northing"]), name=s["name"], stop_id=s.id
            )
            for s in self.outset.stops
            if s["easting"] is not None
        ]


def daylight_on(place: tuple[float, float], start: dt.datetime, minutes: float) -> Daylight:
    """Tell the light at a place (BNG) from a start in local time, for so many minutes."""
    lon, lat = to_lonlat(np.array([place[0]]), np.array([place[1]]))
    day, here = start.astimezone(LONDON).date(), (float(lat[0]), float(lon[0]))
    ends = pd.Series(pd.to_datetime([start, later(start, minutes)], utc=True))
    at_start, at_end = light_condition(ends, *here).tolist()
    return Daylight(
        sunset([day], *here)[day], civil_dusk([day], *here)[day], at_start, at_end
    )  # fmt: skip


def later(start: dt.datetime, minutes: float) -> dt.datetime:
    """Give the time of the clock so many minutes later, whatever the clocks do in between.

    Examples
    --------
    >>> later(dt.datetime(2026, 10, 25, 1, 30, tzinfo=LONDON), 60).isoformat()
    '2026-10-25T01:30:00+00:00'
    """
    passed = start.astimezone(dt.UTC) + dt.timedelta(minutes=round(minutes))
    return passed.astimezone(LONDON)


def walks_to_route(workspace: Workspace, *, today: dt.date) -> list[Outset]:
    """List the events that walk and have a place: those to come first, soonest first, then others.

    Parameters
    ----------
    workspace : Workspace
        Whose.
    today : date
        In London.
    """
    records = records_of(workspace)
    if records is None:
        return []
    places = _places(workspace, records)
    events = [e for e in records.list("events") if e["event_type"] in WALKS]
    events = [e for e in events if e["status"] != "cancelled"]
    found = [(e, place) for e in events if (place := _meeting_point(e, places)) is not None]

    def order(item: tuple[Record, Any]) -> tuple[bool, int, str]:
        day = item[0]["planned_date"]
        ahead = (day - today).days if day else 3_650
        past = ahead < 0 or item[0]["status"] == "held"
        return past, abs(ahead), item[0].id

    return [_outset(event, place, ()) for event, place in sorted(found, key=order)]


def outset_of(workspace: Workspace, event_id: str) -> Outset:
    """Read an event as a walk that sets out, with its stored stops.

    Raises
    ------
    RecordError
        If there is no such event, or it has no place on the map.
    """
    records = open_records(workspace)
    event = records.get("events", event_id)
    place = _meeting_point(event, _places(workspace, records))
    if place is None:
        raise RecordError(
            "This event has no place on the map yet, so no route can set out from it",
            got=event["location_name"] or "no place",
            todo="give it a place on the Programme page, or start from a point of the map",
        )
    stops = sorted(records.list("stops", event_id=event_id), key=lambda s: (s["seq"] or 0, s.id))
    return _outset(event, place, tuple(stops))


def outset_from(
    workspace: Workspace, easting: float, northing: float, *, starts_at: dt.datetime | None = None
) -> Outset:
    """Set out from a point of the map.

    Raises
    ------
    SaferWalksError
        If it does not lie near the wards.
    """
    west, south, east, north = workspace.wards().total_bounds
    if not (west - 2_000 <= easting <= east + 2_000 and south - 2_000 <= northing <= north + 2_000):
        raise SaferWalksError(
            "This point is far from the wards", got=f"{easting:.0f}, {northing:.0f}",
            todo="give easting and northing in metres of the British National Grid",
        )  # fmt: skip
    name = f"the point {easting:.0f}, {northing:.0f}"
    return Outset(easting, northing, name, "Walk from a point of the map", starts_at=starts_at)


def surroundings(
    workspace: Workspace,
    outset: Outset,
    *,
    scorer: Scorer | None = None,
    streets: Walkable | None = None,
) -> Surroundings:
    """Gather what a route is made of.

    Parameters
    ----------
    workspace : Workspace
        Whose streets, places, reports and records.
    outset : Outset
        The walk.
    scorer : callable, optional
        Gives the score of a preset; worked out from the workspace by default.
    streets : Walkable, optional
        The streets, where they have been read already (`walkable_streets`).
    """
    notes: list[str] = []
    hexes = _hexes(outset, scorer or _scorer(workspace), notes)
    records = records_of(workspace)
    places = workspace.places()
    sites = _sites(records)
    named = _named(places, sites)
    known = Known(
        hexes, named[list(NAMED)], _owed(records), _asked(records), _said(records, outset),
        DEFAULT_SIDE,
    )  # fmt: skip
    stations = named[named["kind"].isin(TRANSIT)]
    ends = tuple(
        Spot(str(r["name"]), float(r["easting"]), float(r["northing"]))
        for r in stations.sort_values("name", kind="stable").to_dict("records")
    )
    found = streets if streets is not None else walkable_streets(workspace)
    return Surroundings(outset, known, ends, found, tuple(notes))


def walkable_streets(workspace: Workspace) -> Walkable | None:
    """Read the streets of a workspace, and what is known of walking along them; None without."""
    streets = layers.streets(workspace)
    if streets is None or streets.empty:
        return None
    return walkable(streets, layers.lamps(workspace))


def _scorer(workspace: Workspace) -> Scorer:
    return lambda preset: score_job(workspace, preset=preset)


def _outset(event: Record, place: tuple[float, float, str], stops: tuple[Record, ...]) -> Outset:
    start, end = event["planned_start"], event["planned_end"]
    minutes = (end - start).total_seconds() / 60 if start and end else None
    kind = EVENT_TYPES[event["event_type"]]
    return Outset(
        *place, f"{kind}, {event['location_name'] or place[2]}", event.id, event["event_type"],
        event.version, start, minutes,
        route_is_restricted(event["event_type"], women_only=event["women_only"]), stops,
        event["route"],
    )  # fmt: skip


def _places(workspace: Workspace, records: Records) -> Mapping[str, tuple[float, float, str]]:
    """Look places up by the site's id and by name, in small letters."""
    found: dict[str, tuple[float, float, str]] = {}
    named = _named(workspace.places(), _sites(records))
    for row in named.to_dict("records"):
        place = (float(row["easting"]), float(row["northing"]), str(row["name"]))
        found.setdefault(str(row["name"]).casefold(), place)
        found[str(row["site_id"])] = place
    return found


def _meeting_point(
    event: Record, places: Mapping[str, tuple[float, float, str]]
) -> tuple[float, float, str] | None:
    at = places.get(event["site_id"] or "") or places.get(event["location_name"].casefold())
    said = event["meeting_point"] or event["location_name"] or (at[2] if at else "")
    if event["easting"] is not None:
        return event["easting"], event["northing"], said or "the meeting point"
    return (at[0], at[1], said or at[2]) if at else None


_SITE = ("site_id", "name", "kind", "easting", "northing")


def _sites(records: Records | None) -> pd.DataFrame:
    if records is None:
        return pd.DataFrame(columns=list(_SITE))
    sites = records.frame("sites", status="current")
    return sites.loc[sites["easting"].notna(), list(_SITE)]


def _named(places: gpd.GeoDataFrame, sites: pd.DataFrame) -> pd.DataFrame:
    """List the places with names, the users' own first; one that is near its namesake goes."""
    spots = shapely.get_coordinates(places.geometry.representative_point().to_numpy())
    others = pd.DataFrame(
        {
            "site_id": places["place_id"].astype(str), "name": places["name"].astype(str),
            "kind": places["kind"].astype(str), "easting": spots[:, 0], "northing": spots[:, 1],
        }
    )  # fmt: skip
    both = pd.concat([sites, others], ignore_index=True) if len(sites) else others
    return both.drop_duplicates("name", ignore_index=True)


def _hexes(outset: Outset, scorer: Scorer, notes: list[str]) -> pd.DataFrame:
    """Score the hexagons; where the women's walk has too little evidence, by the walkabout's."""
    wanted = PRESET_OF.get(outset.event_type, "walkabout")
    for preset in dict.fromkeys((wanted, "walkabout")):
        try:
            found = scorer(preset)
        except SaferWalksError as fault:
            notes.append(f"No place has a score yet, so names and promises count alone. {fault}")
            return pd.DataFrame(columns=list(HEXES))
        if found.is_ranked:
            if preset != wanted:
                notes.append(
                    "The women's walk score has too little evidence to rank places, so stops are "
                    "worth what they score for a walkabout."
                )
            table = pd.DataFrame(found.table.drop(columns="geometry"))
            return table.assign(worth=middle(table["total"]))[list(HEXES)]
    notes.append("Too little is known to rank any place: names and promises count alone.")
    return pd.DataFrame(columns=list(HEXES))


def _owed(records: Records | None) -> pd.DataFrame:
    """List the promises that are open, where they are: at their stop, else at their place."""
    if records is None:
        return pd.DataFrame(columns=[*OWED, "at"])
    actions = records.frame("actions")
    actions = actions[actions["status"].isin(voices.OPEN_ACTIONS)]
    spots: dict[str, tuple[float, float, str]] = {}
    for kind, key in (("sites", "site_id"), ("stops", "stop_id")):
        frame = records.frame(kind)
        frame = frame[frame["easting"].notna()]
        for row in frame.to_dict("records"):
            spots[str(row[key])] = (row["easting"], row["northing"], str(row["name"]))
    rows = []
    for row in actions.to_dict("records"):
        at = spots.get(str(row["stop_id"])) or spots.get(str(row["site_id"]))
        if at is not None:
            due = row["revised_due_on"] if pd.notna(row["revised_due_on"]) else row["due_on"]
            who = AGENCIES.get(row["owner_agency"], "no owner yet")
            day = None if pd.isna(due) else pd.Timestamp(due).date()
            rows.append((at[0], at[1], row["action_text"], who, day, at[2]))
    return pd.DataFrame(rows, columns=[*OWED, "at"])


def _asked(records: Records | None) -> dict[str, int]:
    """Count distinct people who asked for a walk, by site."""
    if records is None:
        return {}
    asks = records.frame("asks")
    asks = asks[asks["site_id"].notna()]
    who = asks["person_mark"].where(asks["person_mark"].ne(""), asks["ask_id"])
    return {str(k): int(n) for k, n in who.groupby(asks["site_id"]).nunique().items()}


def _said(records: Records | None, outset: Outset) -> pd.DataFrame:
    """List the faults people named at stops: never what they said of other people's behaviour."""
    if records is None:
        return pd.DataFrame(columns=list(SAID))
    stops = records.frame("stops").set_index("stop_id")[["easting", "northing"]].dropna()
    events = records.frame("events").set_index("event_id")["event_type"]
    said = records.frame("responses")
    alone = said["event_id"].map(events).eq("walk_and_talk")
    said = said[said["stop_id"].isin(stops.index) & ~alone & said["issues"].map(len).gt(0)]
    if outset.starts_at is not None:
        since = pd.Timestamp(outset.starts_at.date()) - pd.DateOffset(months=SAID_MONTHS)
        said = said[~(said["said_on"] < since)]
    one = said.explode("issues")
    one = one[one["issues"].isin(list(ENVIRONMENT_ISSUES))]
    where = stops.reindex(one["stop_id"])
    return pd.DataFrame(
        {
            "easting": where["easting"].to_numpy(), "northing": where["northing"].to_numpy(),
            "issue": one["issues"].map(ENVIRONMENT_ISSUES).to_numpy(),
            "people": one["n_people"].astype("int64").to_numpy(),
        }
    )  # fmt: skip
