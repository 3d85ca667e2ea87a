"""Gather what records and timed reports say about every place, as components of the score."""

from __future__ import annotations

import calendar
import datetime as dt
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis import voices
from analysis.components import Reading
from analysis.jobs.events import programme
from analysis.jobs.times import dark_points
from geodata import months as m
from geodata.hexagons import hexagon_ids_of
from geodata.points import points_of
from geodata.records.database import FILE_NAME, VARIABLE, Records, open_records
from geodata.store import stored_months
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
    fed : mapping of str to tuple of str
        Which components each of those sources feeds.
    """

    readings: Mapping[str, Reading]
    facts: pd.DataFrame
    visits: pd.DataFrame
    sources: tuple[str, ...]
    fed: Mapping[str, tuple[str, ...]]


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


Floats = npt.NDArray[np.float64]
Near = Callable[[Floats, Floats], pd.Series]
"""Given eastings and northings, the places each point counts for, on its position: see
`analysis.jobs.candidates.Candidates.near`."""


def voices_of(workspace: Workspace, places: pd.Index, as_at: str, near: Near) -> Voices:
    """Read everything but the counted reports that a score is made from.

    Parameters
    ----------
    workspace : Workspace
        Whose records and reports.
    places : pandas.Index
        Places to be scored.
    as_at : str
        Last month: what was said, asked and open on its last day.
    near : callable
        Which places a point counts for.

    Returns
    -------
    Voices
    """
    day = last_day(as_at)
    timed, fed = _timed(workspace, places, as_at, near)
    records = records_of(workspace)
    written, facts = _written(records, places, day, near) if records else _nothing(places)
    visits = _visits(workspace, records, near) if records else pd.DataFrame(columns=_VISIT)
    return Voices({**timed, **written}, facts, visits, tuple(fed), fed)


_VISIT = ["place", "ward_codes", "on", "light"]


def _visits(workspace: Workspace, records: Records, near: Near) -> pd.DataFrame:
    """List the events that were held, with where, when and in what light."""
    held = programme(workspace)
    held = held[held["status"].eq("held") & held["date"].notna()]
    sites, stops, events = (records.frame(kind) for kind in ("sites", "stops", "events"))
    where = Located(sites, stops, events)
    return where.attach(held, near, "site_id", own=True).assign(on=held["date"])[_VISIT]


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
    return _components(said, asked, none, none, places, dt.date(2000, 1, 1), in_use=_NO_REGISTER)


def _components(
    said: pd.DataFrame,
    asked: pd.DataFrame,
    named: pd.Series,
    owed: pd.Series,
    places: pd.Index,
    day: dt.date,
    *,
    in_use: _InUse,
) -> _Written:
    readings = {
        "concern": voices.concern(said, places, day),
        "requests": voices.requests(asked, named, places, in_use=in_use.requests),
        "unresolved": voices.unresolved(owed, places, in_use=in_use.actions),
    }
    answers = voices.scored_answers(said, day)
    counted = {
        "answers": answers["place"].value_counts(),
        "unsafe": answers.loc[answers["feel"].le(voices.UNSAFE), "place"].value_counts(),
        "asking": asked.groupby("place")["people"].sum(),
        "owed": owed.dropna().value_counts(),
    }
    facts = pd.DataFrame({k: v.reindex(places).astype("float64") for k, v in counted.items()})
    known = {"answers": in_use.answers, "unsafe": in_use.answers, "asking": in_use.requests,
             "owed": in_use.actions}  # fmt: skip
    return readings, facts.fillna({name: 0.0 for name, used in known.items() if used})


class _InUse(NamedTuple):
    """Which registers are kept: in those, no entry for a place is a true zero."""

    answers: bool
    requests: bool
    actions: bool


_NO_REGISTER = _InUse(answers=False, requests=False, actions=False)


def _written(records: Records, places: pd.Index, day: dt.date, near: Near) -> _Written:
    """Work out the components of the records, as they stood at the end of a day."""
    sites, stops = records.frame("sites"), records.frame("stops")
    events, said = records.frame("events"), records.frame("responses")
    asks, actions = records.frame("asks"), records.frame("actions")
    priorities = records.frame("priorities")
    at = pd.Timestamp(day)
    asks = asks[asks["asked_on"] <= at]
    in_use = _InUse(bool(len(said)), bool(len(asks) or len(priorities)), bool(len(actions)))
    where = Located(sites, stops, events)
    said = where.attach(said, near, "stop_id", own=True)
    return _components(
        said[["place", *_SAID]], _people(asks, where, near), _named(priorities, where, at, near),
        _open(actions, where, at, near), places, day, in_use=in_use,
    )  # fmt: skip


class Located:
    """Where records lie: at their own coordinates, or those of the site, stop or event they name.

    `side` is only needed to ask for hexagons.
    """

    def __init__(
        self, sites: pd.DataFrame, stops: pd.DataFrame, events: pd.DataFrame, side: int = 0
    ) -> None:
        self.side = side
        self.known = {
            key: frame.set_index(frame[key].astype(str))[_AXES]
            for key, frame in (("site_id", sites), ("stop_id", stops), ("event_id", events))
        }

    def points(self, frame: pd.DataFrame, *keys: str, own: bool = False) -> pd.DataFrame:
        """Coordinates of each row: its own, else those of the first record it names; or NaN."""
        nowhere = pd.DataFrame(np.nan, index=frame.index, columns=_AXES)
        found = frame[_AXES].astype("float64") if own else nowhere
        for key in keys:
            named = self.known[key].reindex(frame[key].astype("object"))
            at = pd.DataFrame(named.to_numpy("float64"), frame.index, _AXES)
            found = found.where(found.notna().all(axis=1), at)
        return found

    def attach(
        self, frame: pd.DataFrame, near: Near, *keys: str, own: bool = False
    ) -> pd.DataFrame:
        """Say of each row which places it counts for: a row for each, or one with none."""
        at = self.points(frame, *keys, own=own)
        found = near(at["easting"].to_numpy(), at["northing"].to_numpy())
        place = pd.Series(found.to_numpy(dtype=object), frame.index[found.index], dtype="object")
        return frame.drop(columns="place", errors="ignore").join(place.rename("place"))

    def hexagons(self, frame: pd.DataFrame) -> pd.Series:
        """Hexagon of each row's own coordinates; None without."""
        east, north = (frame[name].to_numpy("float64") for name in _AXES)
        found = pd.Series(None, frame.index, dtype="object")
        known = np.isfinite(east) & np.isfinite(north)
        if known.any():
            ids = hexagon_ids_of(east[known], north[known], self.side)
            found[known] = np.asarray(ids, dtype=object)
        return found

    def of(self, frame: pd.DataFrame, *keys: str, own: bool = False) -> pd.Series:
        """Hexagon of each row: its own, else that of the first record it names."""
        return self.hexagons(self.points(frame, *keys, own=own))


_AXES = ["easting", "northing"]


def _people(asks: pd.DataFrame, where: Located, near: Near) -> pd.DataFrame:
    """Count distinct people by place; a line without a mark is a person of its own."""
    who = asks["person_mark"].where(asks["person_mark"].ne(""), asks["ask_id"])
    lines = where.attach(asks.assign(who=who), near, "site_id").dropna(subset=["place", "who"])
    counted = lines.groupby("place")["who"].nunique()
    return counted.rename("people").reset_index()


def _named(priorities: pd.DataFrame, where: Located, at: pd.Timestamp, near: Near) -> pd.Series:
    begun = priorities["period_start"].isna() | (priorities["period_start"] <= at)
    lasts = priorities["period_end"].isna() | (priorities["period_end"] >= at)
    active = priorities[priorities["status"].isin(["active", "continued"]) & begun & lasts]
    named = active["site_ids"].explode().dropna().rename("site_id").reset_index(drop=True)
    return where.attach(named.to_frame(), near, "site_id")["place"].dropna()


def _open(actions: pd.DataFrame, where: Located, at: pd.Timestamp, near: Near) -> pd.Series:
    """Give the places of actions that were agreed by a day and not completed by it."""
    begun = actions["agreed_on"].isna() | (actions["agreed_on"] <= at)
    over = actions["completed_on"].notna() & (actions["completed_on"] <= at)
    never = actions["status"].isin(["proposed", "cannot_do", "superseded"])
    # An action that is completed today and was open then has a date of completion after `at`.
    open_ = actions[begun & ~over & ~never]
    return where.attach(open_, near, "site_id", "stop_id", "event_id")["place"]


def _timed(
    workspace: Workspace, places: pd.Index, as_at: str, near: Near
) -> tuple[dict[str, Reading], dict[str, tuple[str, ...]]]:
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
    fed: dict[str, tuple[str, ...]] = {}
    for source in dict.fromkeys(months["source"]):
        timed = dark_points(workspace, source, window)
        if timed["count"].sum() >= LEAST_TIMED and found["after_dark"].is_missing:
            note = f"reports after dark in {len(window)} months, {SOURCES[source]}"
            dark = timed[timed["dark"]]
            found["after_dark"] = _tally(
                dark["x"].to_numpy(), dark["y"].to_numpy(), dark["count"], near, places, note
            )
            fed[source] = ("after_dark",)
        points = points_of(workspace, source)
        relevant = points.which(month=window, category=VAWG_CATEGORIES) & points.in_wards
        if relevant.any() and found["vawg"].is_missing:
            note = f"reports of harassment and threats and what goes with them, {SOURCES[source]}"
            at, count = points.point[relevant], pd.Series(points.count[relevant])
            found["vawg"] = _tally(points.x[at], points.y[at], count, near, places, note)
            fed[source] = (*fed.get(source, ()), "vawg")
    return found, fed


def _tally(
    x: Floats, y: Floats, counts: pd.Series, near: Near, places: pd.Index, note: str
) -> Reading:
    """Count reports at points by the places that the points count for."""
    which = near(x, y)
    return voices.tally(which, places, note=note, counts=counts.iloc[which.index])
