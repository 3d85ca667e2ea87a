"""Plan a programme: from events with blanks to a named place, a date and a time for each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.daylight import civil_dusk
from analysis.jobs.avoiding import avoided
from analysis.jobs.candidates import GONE
from analysis.jobs.exports import save_table
from analysis.jobs.presets import preset_of
from analysis.jobs.score import ScoreResult, score
from analysis.jobs.voices import records_of
from analysis.planning import words
from analysis.planning.assignment import (
    AT_A_VENUE,
    BY_DAY,
    USUAL_MINUTES,
    WOMENS_WALK,
    Event,
    Plan,
    Programme,
    alternatives,
    broken,
)
from analysis.planning.model import SECONDS, Solved, solve
from analysis.planning.wishes import LABELS, Wishes
from analysis.voices import OPEN_ACTIONS
from geodata.crs import WGS84
from geodata.errors import SaferWalksError
from geodata.hexagons import DEFAULT_SIDE, hexagon_ids_of
from geodata.incidents import TIMEZONE
from geodata.records.database import open_records
from geodata.records.events import TO_BE_CONFIRMED
from geodata.records.events_list import read_calendar, read_events
from geodata.ward_join import assign_wards_xy
from geodata.ward_names import name_key
from geodata.workspace import Workspace

POLICE = "police_uk"

VISITED_M = 250.0
"""An event this close to a place, in metres, was a visit to it."""

TO_PLAN = ("proposed", "planned_tbc", "confirmed", "postponed")
"""Statuses of events that are still to come: others are the past, or are off."""

PRESET_OF = {WOMENS_WALK: "womens_walk"} | dict.fromkeys(AT_A_VENUE, "engagement")
"""Preset that scores places for a kind of event; the walkabout's for every other."""

TOUCHING_M = 5.0
"""Wards whose outlines come this close, in metres, are next to each other."""


@dataclass(frozen=True)
class PlanResult:
    """A planned programme.

    Attributes
    ----------
    table : pandas.DataFrame
        One row an event, in the order given, with all of its columns. Blank ones are filled
        (`location_name`, `easting`, `northing`, `ward_codes`, `planned_date`, `planned_start`) and
        these are added: `location_id`, `ward_name`, `place_proposed`, `ward_proposed`,
        `date_proposed`, `time_proposed` (bool), `score`, `light`, `reason`, `not_kept`,
        `alternative_1`, `cost_1`, `note_1`, `alternative_2`, `cost_2`, `note_2`.
    collisions : tuple of str
        Which wishes could not be had together, and which was given up.
    not_kept : tuple of str
        Every wish that the plan does not keep.
    message : str
        How good the plan is, in words.
    proven : bool
        Whether no better plan exists for these wishes.
    points, gap : float
        Its worth in points of score, and by how much a better one could still be better.
    as_at : str
        Last month of the data behind the scores.
    """

    table: pd.DataFrame
    collisions: tuple[str, ...]
    not_kept: tuple[str, ...]
    message: str
    proven: bool
    points: float
    gap: float
    as_at: str

    def to_json(self) -> dict[str, Any]:
        """Everything but the table."""
        table = self.table
        return {
            "events": len(table),
            "placed": int(table["location_name"].ne("").sum()),
            "places_proposed": int(table["place_proposed"].sum()),
            "wards_proposed": int(table["ward_proposed"].sum()),
            "dates_proposed": int(table["date_proposed"].sum()),
            "begin_in_daylight": int(table["light"].str.contains("in daylight").sum()),
            "message": self.message, "collisions": list(self.collisions),
            "not_kept": list(self.not_kept), "proven": self.proven,
            "points": round(self.points, 3), "gap": round(self.gap, 3), "as_at": self.as_at,
        }  # fmt: skip


def plan(
    workspace: Workspace,
    events: pd.DataFrame,
    *,
    today: dt.date,
    wishes: Wishes | None = None,
    period: tuple[dt.date, dt.date] | None = None,
    as_at: str | None = None,
    past: pd.DataFrame | None = None,
    unfinished: pd.DataFrame | None = None,
    side: int = DEFAULT_SIDE,
    seconds: float = SECONDS,
    preset: str = "",
    calendar: bool = True,
) -> PlanResult:
    """Give every event of a list a place, and a date where a period is given.

    Parameters
    ----------
    workspace : Workspace
        Whose wards, places and reports.
    events : pandas.DataFrame
        `event_id`, `event_type`, `status`, `ward_codes` (tuple of str), `location_name`,
        `easting`, `northing`, `planned_date`, `planned_start`: the columns of the event table;
        blank is for the plan to fill, what is filled is kept.
    today : datetime.date
        The day of planning.
    wishes : Wishes, optional
        What to keep to.
    period : tuple of datetime.date, optional
        First and last day of the programme: events without a date get a weekday in it.
    as_at : str, optional
        Last month of the data, 'YYYY-MM'; the newest stored by default.
    past : pandas.DataFrame, optional
        Events held: `easting`, `northing`, `ward_codes`, `planned_date`; none by default.
    unfinished : pandas.DataFrame, optional
        Places of open actions: `easting`, `northing`.
    side : int, default 200
        Side of the hexagons, metres.
    seconds : float, default 5
        How long the solver may look.
    preset : str, optional
        A preset that was saved: it takes the place of the one it was made from.
    calendar : bool, default True
        Keep off the days of the calendar that the team keeps (`analysis.jobs.avoiding`) too.

    Returns
    -------
    PlanResult

    Raises
    ------
    SaferWalksError
        If there is nothing to plan, or an event's ward is not one of the workspace.
    NotEnoughDataError
        If no reports are stored to choose places by.

    Notes
    -----
    A place has the score of the hexagon it lies in, with the preset of the event's kind; where a
    preset cannot rank on reports alone, the walkabout preset stands in and the reason says so.
    """
    wishes = wishes or Wishes()
    if calendar:
        wishes = replace(wishes, avoid=(*wishes.avoid, *avoided(workspace)))
    coming = events[events["status"].isin(TO_PLAN)].reset_index(drop=True)
    if coming.empty:
        raise SaferWalksError(
            "There is no event to plan", got=f"{len(events)} events",
            todo=f"list at least one whose status is one of {', '.join(TO_PLAN)}",
        )  # fmt: skip
    wards = workspace.wards()
    scored = _scores(workspace, coming, as_at, side, preset)
    places = _places(workspace, scored["walkabout"], coming, side)
    places = _history(places, _or_none(past), _or_none(unfinished))
    programme = Programme(
        _events(coming, places),
        places, _worth(places, coming, scored), wishes,
        days=_days(period), neighbours=_neighbours(wards), as_at=today,
        least_walked=_least_walked(wards, _or_none(past)),
    )  # fmt: skip
    programme = replace(programme, dusk=_dusk(programme, wards))
    solved = solve(programme, seconds=seconds)
    return _result(coming, programme, solved, scored, wards)


def plan_file(
    workspace: Workspace,
    events: Path,
    out: Path,
    *,
    today: dt.date,
    wishes: Wishes | None = None,
    period: tuple[dt.date, dt.date] | None = None,
    as_at: str | None = None,
    preset: str = "",
    calendar: bool = True,
) -> PlanResult:
    """Plan the events of a file and write the plan beside it, for staff.

    Parameters
    ----------
    workspace : Workspace
        Whose wards, places, reports and records.
    events : pathlib.Path
        As `geodata.records.events_list.read_events` reads it.
    out : pathlib.Path
        The CSV to write.
    today, wishes, period, as_at, preset, calendar
        As `plan`.

    Raises
    ------
    RecordError
        If the list cannot be read.
    SaferWalksError
        As `plan`.
    """
    listed = read_events(events, workspace.wards())
    past, unfinished = visits_and_debts(workspace, today)
    found = plan(
        workspace, listed, today=today, wishes=wishes, period=period, as_at=as_at, past=past,
        unfinished=unfinished, preset=preset, calendar=calendar,
    )  # fmt: skip
    save_table(_plain(found.table), out, kind=workspace.kind, source=POLICE)
    return found


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """Write a plan's cells as people and spreadsheets do."""
    plain = table.drop(columns="location_id").assign(
        ward_codes=table["ward_codes"].map("; ".join),
        planned_date=table["planned_date"].dt.strftime("%Y-%m-%d").fillna(""),
    )
    for name in ("planned_start", "planned_end"):
        moments = pd.to_datetime(plain[name], utc=True).dt.tz_convert(TIMEZONE)
        plain[name] = moments.dt.strftime("%Y-%m-%d %H:%M").fillna("")
    return plain.round({"score": 1, "cost_1": 1, "cost_2": 1, "easting": 0, "northing": 0})


def visits_and_debts(
    workspace: Workspace, today: dt.date
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Read from the records which events were held, and where actions are open."""
    records = records_of(workspace)
    if records is None:
        return None, None
    events, sites = records.frame("events"), records.frame("sites").set_index("site_id")
    held = events[events["status"].eq("held")]
    when = held["actual_start"].dt.tz_localize(None).dt.normalize().fillna(held["planned_date"])
    held = held.assign(planned_date=when)
    held = held[held["planned_date"] <= pd.Timestamp(today)]
    actions = records.frame("actions")
    owed = actions[actions["status"].isin(OPEN_ACTIONS)]
    for frame in (held, owed):
        for axis in ("easting", "northing"):
            at_site = frame["site_id"].map(sites[axis])
            frame[axis] = at_site if axis not in frame else frame[axis].fillna(at_site)
    return held, owed


def calendar_of(path: Path) -> tuple[tuple[dt.date, dt.date, str], ...]:
    """Read dates to keep off; see `geodata.records.events_list.read_calendar`."""
    return read_calendar(path)


def _or_none(frame: pd.DataFrame | None) -> pd.DataFrame:
    columns = ["easting", "northing", "ward_codes", "planned_date"]
    return pd.DataFrame(columns=columns) if frame is None else frame


def _scores(
    workspace: Workspace, events: pd.DataFrame, as_at: str | None, side: int, preset: str
) -> dict[str, ScoreResult]:
    """Score the hexagons for every kind of event; the walkabout's always, and in a pinch."""
    instead = {preset_of(workspace, preset).purpose: preset} if preset else {}
    by = {"walkabout": "walkabout"} | {
        kind: PRESET_OF[kind] for kind in sorted(set(events["event_type"]) & set(PRESET_OF))
    }
    scored = {
        code: score(workspace, preset=instead.get(code, code), as_at=as_at, side=side)
        for code in dict.fromkeys(by.values())
    }
    usual = scored["walkabout"]
    return {kind: scored[code] if scored[code].is_ranked else usual for kind, code in by.items()}


def _places(
    workspace: Workspace, scored: ScoreResult, events: pd.DataFrame, side: int
) -> pd.DataFrame:
    """List every place an event may have: named places, hexagons, and places already fixed."""
    sites = _named(workspace)
    cells = scored.table[["location_id", "name", "ward_code", "easting", "northing"]]
    fixed = _fixed_places(events, sites)
    both = pd.concat([sites, pd.DataFrame(cells).assign(venue=False)]).assign(choosable=True)
    both = pd.concat([both, fixed.assign(venue=True, choosable=False)])
    ids = hexagon_ids_of(
        both["easting"].to_numpy("float64"), both["northing"].to_numpy("float64"), side
    )
    both["hexagon"] = np.asarray(ids.astype(object), dtype=object)
    known = both["step_free"].map({True: True, False: False}).astype("object")
    kerb = both["kerb_space"].map({True: True, False: False}).astype("object")
    both = both.assign(
        step_free=known.where(known.notna(), None), kerb_space=kerb.where(kerb.notna(), None),
        last_visited=None, unresolved=False,
    )  # fmt: skip
    both["ward_code"] = both["ward_code"].astype(object)
    return both.set_index("location_id")


def _named(workspace: Workspace) -> pd.DataFrame:
    """List the places with a name: those people keep, and those of the map that are not among them.

    Only of the first is it known whether they are reached without steps, and if a van can stand.
    """
    wards, on_map, records = workspace.wards(), workspace.places(), records_of(workspace)
    listed = pd.DataFrame(
        {
            "location_id": on_map["place_id"].astype(str), "name": on_map["name"].astype(str),
            "easting": on_map.geometry.x, "northing": on_map.geometry.y,
            "step_free": None, "kerb_space": None,
        }
    )  # fmt: skip
    kept = pd.DataFrame() if records is None else records.frame("sites")
    if len(kept):
        kept = kept[~kept["status"].isin(GONE)].dropna(subset=["easting", "northing"])
        listed = listed[~listed["location_id"].isin(set(kept["place_id"]))]
        own = kept.rename(columns={"site_id": "location_id"})[list(listed.columns)]
        listed = pd.concat([own.astype("object"), listed.astype("object")], ignore_index=True)
        listed = listed.astype({"easting": "float64", "northing": "float64"})
    ward = assign_wards_xy(listed["easting"], listed["northing"], wards)["ward_code"]
    return listed.assign(ward_code=ward, venue=True)[ward.notna()]


def _fixed_places(events: pd.DataFrame, sites: pd.DataFrame) -> pd.DataFrame:
    """Give a place of its own to every event whose place is named and is no known place."""
    by_name = {
        name_key(name): code for code, name in zip(sites["location_id"], sites["name"], strict=True)
    }
    rows = []
    for event in events[~_is_open(events)].to_dict("records"):
        if name_key(event["location_name"]) in by_name and pd.isna(event["easting"]):
            continue
        wards = event["ward_codes"]
        rows.append(
            {
                "location_id": f"fixed:{event['event_id']}", "name": event["location_name"],
                "ward_code": wards[0] if wards else None,
                "easting": event["easting"], "northing": event["northing"],
            }
        )  # fmt: skip
    columns = ["location_id", "name", "ward_code", "easting", "northing"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype({"easting": "float64", "northing": "float64"})


def _is_open(events: pd.DataFrame) -> pd.Series:
    """Tell which events still need a place."""
    named = events["location_name"].fillna("").str.strip().str.casefold()
    return named.isin(["", "location tbc", "tbc"]) & events["easting"].isna()


def _history(places: pd.DataFrame, past: pd.DataFrame, unfinished: pd.DataFrame) -> pd.DataFrame:
    """Say when each place was last visited, and whether an action there is open."""
    where = places[["easting", "northing"]].to_numpy("float64")
    seen = past.dropna(subset=["easting", "northing", "planned_date"])
    seen = seen.sort_values("planned_date", kind="stable")
    visited = pd.Series(None, places.index, dtype="object")
    for row in seen.to_dict("records"):
        visited[_near(where, row)] = pd.Timestamp(row["planned_date"]).date()
    open_ = unfinished.dropna(subset=["easting", "northing"])
    unresolved = np.zeros(len(places), dtype=bool)
    for row in open_.to_dict("records"):
        unresolved |= (
            np.hypot(where[:, 0] - row["easting"], where[:, 1] - row["northing"]) <= VISITED_M
        )
    return places.assign(last_visited=visited, unresolved=unresolved)


def _near(where: np.ndarray, row: Mapping[Any, Any]) -> np.ndarray:
    return np.hypot(where[:, 0] - row["easting"], where[:, 1] - row["northing"]) <= VISITED_M


def _events(coming: pd.DataFrame, places: pd.DataFrame) -> tuple[Event, ...]:
    """Say of every event what is fixed: its own place, or the known one of the same name."""
    named: dict[str, str] = {}
    for place, name in places["name"].items():
        named.setdefault(name_key(str(name)), str(place))
    rows = zip(coming.to_dict("records"), _is_open(coming), strict=True)
    return tuple(_event(row, places, named, is_open=is_open) for row, is_open in rows)


def _event(
    row: Mapping[Any, Any], places: pd.DataFrame, named: Mapping[str, str], *, is_open: bool
) -> Event:
    event_id, codes = str(row["event_id"]), tuple(row["ward_codes"])
    start = None if pd.isna(row["planned_start"]) else pd.Timestamp(row["planned_start"])
    day = None if pd.isna(row["planned_date"]) else pd.Timestamp(row["planned_date"]).date()
    place: str | None = None
    if not is_open:
        own = f"fixed:{event_id}"
        place = own if own in places.index else named[name_key(str(row["location_name"]))]
    return Event(
        event_id, str(row["event_type"]), place=place, ward=codes[0] if codes else None, day=day,
        start=start.time() if start is not None else None, minutes=_minutes(row),
        repeat_of=_text(row.get("repeat_of_event_id")),
    )  # fmt: skip


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _minutes(row: Mapping[Any, Any]) -> int:
    """How long an event is planned to last; two hours where nothing is said."""
    first, last = row.get("planned_start"), row.get("planned_end")
    if pd.isna(first) or pd.isna(last):
        return USUAL_MINUTES
    return max(int((pd.Timestamp(last) - pd.Timestamp(first)).total_seconds() // 60), 1)


def _worth(
    places: pd.DataFrame, events: pd.DataFrame, scored: Mapping[str, ScoreResult]
) -> pd.DataFrame:
    columns = {}
    for kind in sorted(set(events["event_type"])):
        table = scored.get(kind, scored["walkabout"]).table
        totals = pd.Series(table["total"].to_numpy(), table["location_id"])
        columns[kind] = totals.reindex(places["hexagon"]).to_numpy("float64")
    return pd.DataFrame(columns, index=places.index)


def _days(period: tuple[dt.date, dt.date] | None) -> tuple[dt.date, ...]:
    if period is None:
        return ()
    first, last = period
    if first > last:
        raise SaferWalksError(
            "The programme ends before it begins", got=f"{first} to {last}", todo="swap the days"
        )
    every = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    return tuple(day for day in every if day.weekday() < 5)


def _neighbours(wards: gpd.GeoDataFrame) -> frozenset[frozenset[str]]:
    codes = wards["ward_code"].tolist()
    left, right = wards.sindex.query(wards.geometry.buffer(TOUCHING_M), predicate="intersects")
    return frozenset(
        frozenset((codes[i], codes[j])) for i, j in zip(left, right, strict=True) if i < j
    )


def _least_walked(wards: gpd.GeoDataFrame, past: pd.DataFrame) -> tuple[str, ...]:
    """Wards by their last event, those that never had one first; equal ones by code."""
    seen = past[["ward_codes", "planned_date"]].explode("ward_codes").dropna()
    last = (
        seen.groupby("ward_codes")["planned_date"].max() if len(seen) else pd.Series(dtype=object)
    )
    never = pd.Timestamp.min
    when = {code: pd.Timestamp(last.get(code, never)) for code in wards["ward_code"]}
    return tuple(sorted(when, key=lambda code: (when[code], code)))


def _dusk(programme: Programme, wards: gpd.GeoDataFrame) -> dict[dt.date, dt.time]:
    days = sorted({*programme.days, *(e.day for e in programme.events if e.day is not None)})
    west, south, east, north = wards.total_bounds
    middle = gpd.GeoSeries([shapely.Point((west + east) / 2, (south + north) / 2)], crs=wards.crs)
    at = middle.to_crs(WGS84).iloc[0]
    return civil_dusk(days, at.y, at.x)


def _result(
    events: pd.DataFrame,
    programme: Programme,
    solved: Solved,
    scored: Mapping[str, ScoreResult],
    wards: gpd.GeoDataFrame,
) -> PlanResult:
    names = dict(zip(wards["ward_code"], wards["ward_name"], strict=True))
    every = {**names, **programme.places["name"].astype(str).to_dict()}
    why = _why(programme, scored["walkabout"])
    not_kept = broken(programme, solved.plan)
    said = [words.wish_words(programme, b, every) for b in not_kept]
    rows = [_row(programme, solved.plan, event, why, every) for event in programme.events]
    added = pd.DataFrame(rows, index=events.index)
    added["not_kept"] = [
        "; ".join(s for b, s in zip(not_kept, said, strict=True) if e.event_id in b.events)
        for e in programme.events
    ]
    table = events.assign(**{name: added[name] for name in added.columns})
    placed = sum(place is not None for place in solved.plan.place.values())
    return PlanResult(
        table, tuple(words.collision_words(c, every) for c in solved.collisions),
        tuple(f"{LABELS[b.kind]}: {s}" for b, s in zip(not_kept, said, strict=True)),
        words.verdict_words(solved, len(programme.events), placed), solved.proven, solved.points,
        solved.gap, scored["walkabout"].as_at,
    )  # fmt: skip


def _why(programme: Programme, scored: ScoreResult) -> dict[str, str]:
    by_cell = dict(zip(scored.table["location_id"], scored.table["why"].astype(str), strict=True))
    cells = programme.places["hexagon"]
    return {str(place): by_cell.get(cell, "") for place, cell in cells.items()}


def _row(
    programme: Programme,
    plan: Plan,
    event: Event,
    why: Mapping[str, str],
    names: Mapping[str, str],
) -> dict[str, Any]:
    place, day = plan.place[event.event_id], plan.day[event.event_id]
    start = event.start
    east, north = (np.nan, np.nan) if place is None else programme.where[place]
    by_day = programme.light_wanted(event) == "day" and programme.wishes.dark
    if day is not None and start is None and event.event_type == WOMENS_WALK:
        start = BY_DAY if by_day else words.quarter_hour_after(programme.dusk[day])
    ward = event.ward or (None if place is None else programme.ward.get(place))
    row = {
        "location_id": place or "",
        "location_name": "" if place is None else names.get(place, place),
        "easting": east,
        "northing": north,
        "ward_codes": (ward,) if ward else (),
        "ward_name": names.get(ward or "", ""),
        "planned_date": pd.NaT if day is None else pd.Timestamp(day),
        "planned_start": _moment(day, start),
        "place_proposed": event.place is None and place is not None,
        "ward_proposed": event.ward is None and event.place is None and ward is not None,
        "date_proposed": event.day is None and day is not None,
        "time_proposed": event.start is None and start is not None,
        "score": np.nan if place is None else programme.worth.at[place, event.event_type],
        "light": words.light_words(event, day, start, programme.dusk[day], by_day=by_day)
        if day
        else "",
        "reason": f"{words.reason_words(programme, plan, event, why, names)}"
        f"{_kerb(programme, event, place)}",
    }
    return row | _alternatives(programme, plan, event, names)


def _kerb(programme: Programme, event: Event, place: str | None) -> str:
    """Say whether the mobile unit can stand at a place that is proposed for it."""
    if place is None or event.place is not None or event.event_type not in AT_A_VENUE:
        return ""
    known = programme.places["kerb_space"].get(place)
    if known is None:
        return " Whether a van can stand there is not known."
    return " A van can stand there." if known else " A van cannot stand there."


def _moment(day: dt.date | None, start: dt.time | None) -> object:
    if day is None or start is None:
        return pd.NaT
    return pd.Timestamp(dt.datetime.combine(day, start)).tz_localize(TIMEZONE)


def _alternatives(
    programme: Programme, plan: Plan, event: Event, names: Mapping[str, str]
) -> dict[str, Any]:
    found = alternatives(programme, plan, event) if event.place is None else []
    columns: dict[str, Any] = {}
    for number in (1, 2):
        place, cost, new = found[number - 1] if number <= len(found) else ("", np.nan, [])
        columns[f"alternative_{number}"] = names.get(place, place)
        columns[f"cost_{number}"] = cost
        columns[f"note_{number}"] = "; ".join(words.wish_words(programme, b, names) for b in new)
    return columns


def plan_stored(
    workspace: Workspace,
    *,
    today: dt.date,
    wishes: Wishes | None = None,
    period: tuple[dt.date, dt.date] | None = None,
    as_at: str | None = None,
    preset: str = "",
    calendar: bool = True,
) -> PlanResult:
    """Plan the events of the records that are still to come.

    Parameters
    ----------
    workspace : Workspace
        Whose.
    today : datetime.date
        Events dated before it are the past and are left alone.
    wishes, period, as_at, preset, calendar
        As `plan`.

    Raises
    ------
    SaferWalksError
        As `plan`.
    """
    records = open_records(workspace)
    events = _with_sites(records.frame("events"), records.frame("sites").set_index("site_id"))
    ahead = events["planned_date"].isna() | (events["planned_date"] >= pd.Timestamp(today))
    past, unfinished = visits_and_debts(workspace, today)
    return plan(
        workspace, events[ahead], today=today, wishes=wishes, period=period, as_at=as_at,
        past=past, unfinished=unfinished, preset=preset, calendar=calendar,
    )  # fmt: skip


def _with_sites(events: pd.DataFrame, sites: pd.DataFrame) -> pd.DataFrame:
    """Fill an event's place from the site it names: it is fixed, though it says no more."""
    at = {name: events["site_id"].astype("object").map(sites[name].to_dict()) for name in
          ("name", "easting", "northing")}  # fmt: skip
    told = events["location_name"].ne("") & events["location_name"].ne(TO_BE_CONFIRMED)
    name = events["location_name"].where(told | at["name"].isna(), at["name"])
    return events.assign(
        location_name=name.astype("str"),
        easting=events["easting"].fillna(at["easting"].astype("float64")),
        northing=events["northing"].fillna(at["northing"].astype("float64")),
    )


def accept(
    workspace: Workspace,
    planned: PlanResult,
    event_ids: Sequence[str],
    *,
    by: str,
    at: dt.datetime,
) -> int:
    """Store what was proposed for some events, each with its reason and what it was made from.

    Parameters
    ----------
    workspace : Workspace
        Whose records.
    planned : PlanResult
        From `plan_stored`.
    event_ids : sequence of str
        Which proposals are accepted.
    by, at
        Who accepts them, and when.

    Returns
    -------
    int
        Events changed.

    Raises
    ------
    StaleRecordError
        If somebody changed one of the events since it was planned; then none is stored.
    """
    rows = planned.table[planned.table["event_id"].isin(event_ids)].to_dict("records")
    records = open_records(workspace)
    sites = set(records.frame("sites")["site_id"])
    with records.changing(by=by, at=at) as change:
        for row in rows:
            values = _accepted(row, planned, by, at)
            if row["place_proposed"] and row["location_id"] in sites:
                values["site_id"] = row["location_id"]
            change.update("events", row["event_id"], values, version=int(row["version"]))
    return len(rows)


def _accepted(
    row: Mapping[Any, Any], planned: PlanResult, by: str, at: dt.datetime
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if row["place_proposed"]:
        covers = str(row["reason"]).startswith("Chosen for coverage")
        values |= {
            "location_name": row["location_name"], "easting": row["easting"],
            "northing": row["northing"], "ward_codes": row["ward_codes"],
            "selection_reasons": ("equality_coverage",) if covers else ("asb_reports",),
            "selected_by": by, "selected_on": at.date(),
            "score_snapshot": {
                "location_id": row["location_id"], "score": round(float(row["score"]), 3)
                if pd.notna(row["score"]) else None,
                "as_at": planned.as_at, "reason": row["reason"],
                "alternatives": [row["alternative_1"], row["alternative_2"]],
            },
        }  # fmt: skip
    if row["date_proposed"]:
        values["planned_date"] = pd.Timestamp(row["planned_date"]).date()
    if row["time_proposed"]:
        values["planned_start"] = pd.Timestamp(row["planned_start"]).to_pydatetime()
    return values
