"""Gather what records and timed reports say about every hexagon, as components of the score."""

from __future__ import annotations

import calendar
import datetime as dt
import os
from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis import voices
from analysis.components import Reading
from analysis.daylight import clock_times, light_condition
from analysis.jobs.events import programme
from geodata import months as m
from geodata.crs import WGS84
from geodata.hexagons import hexagon_ids_of
from geodata.records.database import FILE_NAME, VARIABLE, Records, open_records
from geodata.store import read_incidents, stored_months
from geodata.vocabularies import SOURCES, VAWG_CATEGORIES
from geodata.workspace import Workspace

WINDOW_MONTHS = 12
LEAST_TIMED = 100
"""Reports with an hour that a source must have before it says anything about the dark."""


@dataclass(frozen=True)
class Voices:
    """What was gathered.

    Attributes
    ----------
    readings : mapping of str to Reading
        `after_dark`, `vawg`, `concern`, `requests`, `unresolved`; those that nothing feeds are
        missing throughout and say what they need.
    facts : pandas.DataFrame
        Plain numbers for the sentences, on the index of the places: `answers` and `unsafe`
        (people who said how they felt there, and those who felt unsafe), `asking` (people who
        asked for a walk there), `owed` (open actions). Missing where no register is kept.
    visits : pandas.DataFrame
        Events held: `place`, `ward_codes`, `on`, `light` (`analysis.tags.tags`).
    sources : tuple of str
        Sources of reports that were read beside the one that is counted.
    """

    readings: Mapping[str, Reading]
    facts: pd.DataFrame
    visits: pd.DataFrame
    sources: tuple[str, ...]


def records_of(workspace: Workspace) -> Records | None:
    """Open the records of a workspace if it has any; none are made."""
    stands_elsewhere = bool(os.environ.get(VARIABLE)) and workspace.kind == "real"
    if not stands_elsewhere and not (workspace.path / FILE_NAME).is_file():
        return None
    return open_records(workspace)


def records_stamp(workspace: Workspace) -> str:
    """Name the present state of the records: part of the key of what is made from them."""
    records = records_of(workspace)
    return "" if records is None else records.stamp()


def voices_of(workspace: Workspace, places: pd.Index, as_at: str, side: int) -> Voices:
    """Read everything but the counted reports that a score is made from.

    Parameters
    ----------
    workspace : Workspace
        Whose records and reports.
    places : pandas.Index
        Hexagons to be scored.
    as_at : str
        Last month: what was said, asked and open on its last day.
    side : int
        Side of the hexagons, metres.

    Returns
    -------
    Voices
    """
    day = last_day(as_at)
    timed, sources = _timed(workspace, places, as_at, side)
    records = records_of(workspace)
    written, facts = _written(records, places, day, side) if records else _nothing(places)
    visits = _visits(workspace, records, side) if records else pd.DataFrame(columns=_VISIT)
    return Voices({**timed, **written}, facts, visits, sources)


_VISIT = ["place", "ward_codes", "on", "light"]


def _visits(workspace: Workspace, records: Records, side: int) -> pd.DataFrame:
    """List the events that were held, with where, when and in what light."""
    held = programme(workspace)
    held = held[held["status"].eq("held") & held["date"].notna()]
    sites, stops, events = (records.frame(kind) for kind in ("sites", "stops", "events"))
    where = Located(sites, stops, events, side)
    place = where.of(held, "site_id", own=True)
    return held.assign(place=place, on=held["date"])[_VISIT]


def last_day(month: str) -> dt.date:
    """Give the last day of a month.

    Examples
    --------
    >>> last_day("2026-02")
    datetime.date(2026, 2, 28)
    """
    year, number = map(int, month.split("-"))
    return dt.date(year, number, calendar.monthrange(year, number)[1])


_SAID = ("mode", "experience", "feel_now", "feel_dark", "said_on")
_Written = tuple[dict[str, Reading], pd.DataFrame]


def _nothing(places: pd.Index) -> _Written:
    said = pd.DataFrame(columns=["place", *_SAID])
    asked, none = pd.DataFrame({"place": [], "people": []}), pd.Series(dtype=object)
    return _components(said, asked, none, none, places, dt.date(2000, 1, 1), in_use=False)


def _components(
    said: pd.DataFrame,
    asked: pd.DataFrame,
    named: pd.Series,
    owed: pd.Series,
    places: pd.Index,
    day: dt.date,
    *,
    in_use: bool,
) -> _Written:
    readings = {
        "concern": voices.concern(said, places, day),
        "requests": voices.requests(asked, named, places, in_use=in_use),
        "unresolved": voices.unresolved(owed, places, in_use=in_use),
    }
    answers = voices.scored_answers(said, day)
    counted = {
        "answers": answers["place"].value_counts(),
        "unsafe": answers.loc[answers["feel"].le(voices.UNSAFE), "place"].value_counts(),
        "asking": asked.groupby("place")["people"].sum(),
        "owed": owed.dropna().value_counts(),
    }
    facts = pd.DataFrame({k: v.reindex(places).astype("float64") for k, v in counted.items()})
    return readings, facts.fillna(0.0) if in_use else facts


def _written(records: Records, places: pd.Index, day: dt.date, side: int) -> _Written:
    """Work out the components of the records, as they stood at the end of a day."""
    sites, stops = records.frame("sites"), records.frame("stops")
    events, said = records.frame("events"), records.frame("responses")
    asks, actions = records.frame("asks"), records.frame("actions")
    priorities = records.frame("priorities")
    at = pd.Timestamp(day)
    asks = asks[asks["asked_on"] <= at]
    in_use = bool(len(asks) or len(priorities) or len(actions) or len(said))
    where = Located(sites, stops, events, side)
    said = said.assign(place=where.of(said, "stop_id", own=True))
    return _components(
        said[["place", *_SAID]], _people(asks, where), _named(priorities, where, at),
        _open(actions, where, at), places, day, in_use=in_use,
    )  # fmt: skip


class Located:
    """Hexagons of records, by their own coordinates or by the site, stop or event they name."""

    def __init__(
        self, sites: pd.DataFrame, stops: pd.DataFrame, events: pd.DataFrame, side: int
    ) -> None:
        self.side = side
        self.known = {
            "site_id": self._points(sites, "site_id"),
            "stop_id": self._points(stops, "stop_id"),
            "event_id": self._points(events, "event_id"),
        }

    def _points(self, frame: pd.DataFrame, key: str) -> pd.Series:
        return pd.Series(self.hexagons(frame).to_numpy(), frame[key].astype(str))

    def hexagons(self, frame: pd.DataFrame) -> pd.Series:
        """Hexagon of each row's own coordinates; None without."""
        east, north = (frame[name].to_numpy("float64") for name in ("easting", "northing"))
        found = pd.Series(None, frame.index, dtype="object")
        known = np.isfinite(east) & np.isfinite(north)
        if known.any():
            ids = hexagon_ids_of(east[known], north[known], self.side)
            found[known] = np.asarray(ids, dtype=object)
        return found

    def of(self, frame: pd.DataFrame, *keys: str, own: bool = False) -> pd.Series:
        """Hexagon of each row: its own, else that of the first record it names."""
        found = self.hexagons(frame) if own else pd.Series(None, frame.index, dtype="object")
        for key in keys:
            named = frame[key].map(self.known[key])
            found = found.where(found.notna(), named)
        return found


def _people(asks: pd.DataFrame, where: Located) -> pd.DataFrame:
    """Count distinct people by place; a line without a mark is a person of its own."""
    who = asks["person_mark"].where(asks["person_mark"].ne(""), asks["ask_id"])
    lines = pd.DataFrame({"place": where.of(asks, "site_id"), "who": who}).dropna()
    counted = lines.groupby("place")["who"].nunique()
    return counted.rename("people").reset_index()


def _named(priorities: pd.DataFrame, where: Located, at: pd.Timestamp) -> pd.Series:
    begun = priorities["period_start"].isna() | (priorities["period_start"] <= at)
    lasts = priorities["period_end"].isna() | (priorities["period_end"] >= at)
    active = priorities[priorities["status"].isin(["active", "continued"]) & begun & lasts]
    named = active["site_ids"].explode().dropna()
    return named.map(where.known["site_id"]).dropna()


def _open(actions: pd.DataFrame, where: Located, at: pd.Timestamp) -> pd.Series:
    """Give the places of actions that were agreed by a day and not completed by it."""
    begun = actions["agreed_on"].isna() | (actions["agreed_on"] <= at)
    over = actions["completed_on"].notna() & (actions["completed_on"] <= at)
    never = actions["status"].isin(["proposed", "cannot_do", "superseded"])
    # An action that is completed today and was open then has a date of completion after `at`.
    open_ = actions[begun & ~over & ~never]
    return where.of(open_, "site_id", "stop_id", "event_id")


def _timed(
    workspace: Workspace, places: pd.Index, as_at: str, side: int
) -> tuple[dict[str, Reading], tuple[str, ...]]:
    """Count reports after dark and of harassment and threats, from a source that knows them."""
    missing = {
        "after_dark": "needs reports with the hour they happened",
        "vawg": "needs reports that tell harassment and threats apart",
    }
    found = {
        code: Reading(pd.Series(float("nan"), places), 0, note) for code, note in missing.items()
    }
    stored = stored_months(workspace)
    window = m.window(as_at, WINDOW_MONTHS)
    months = stored[stored["month"].isin(window) & stored["source"].ne("police_uk")]
    used = []
    for source in dict.fromkeys(months["source"]):
        rows = _rows(workspace, source, window, side)
        dark = _dark(rows, workspace.wards())
        if dark is not None and found["after_dark"].is_missing:
            note = f"reports after dark in {len(window)} months, {SOURCES[source]}"
            found["after_dark"] = voices.tally(dark, places, note=note)
            used.append(source)
        relevant = rows.loc[rows["category"].isin(VAWG_CATEGORIES), "place"].dropna()
        if len(relevant) and found["vawg"].is_missing:
            note = f"reports of harassment and threats and what goes with them, {SOURCES[source]}"
            found["vawg"] = voices.tally(relevant, places, note=note)
            used.append(source)
    return found, tuple(dict.fromkeys(used))


def _rows(workspace: Workspace, source: str, window: list[str], side: int) -> pd.DataFrame:
    columns = ["category", "occurred_from", "occurred_to", "time_precision", "easting", "northing"]
    rows = read_incidents(
        workspace, sources=[source], months=window, columns=[*columns, "ward_match"]
    )
    rows = rows[rows["ward_match"].eq("inside")]
    east, north = rows["easting"].to_numpy("float64"), rows["northing"].to_numpy("float64")
    place = np.asarray(hexagon_ids_of(east, north, side), dtype=object)
    return rows.assign(place=place, category=rows["category"].astype(str))


def _dark(rows: pd.DataFrame, wards: gpd.GeoDataFrame) -> pd.Series | None:
    """Give the places of reports after dark; None where too few reports have an hour."""
    times, _ = clock_times(rows)
    if len(times) < LEAST_TIMED:
        return None
    west, south, east, north = wards.total_bounds
    middle = gpd.GeoSeries([shapely.Point((west + east) / 2, (south + north) / 2)], crs=wards.crs)
    at = middle.to_crs(WGS84).iloc[0]
    light = light_condition(times, at.y, at.x)
    return rows.loc[light.index[light.eq("dark")], "place"]
