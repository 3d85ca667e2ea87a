"""A walk with its route as a calendar entry (.ics), in London's time with its change of clocks."""

from __future__ import annotations

import datetime as dt

import numpy as np
import shapely
from icalendar import Calendar, Event

from analysis.report.escaping import plain_text
from analysis.report.route_sheet import RouteSheet
from analysis.report.shapes import lonlat
from geodata.errors import SaferWalksError
from geodata.records.fields import LONDON

PRODUCT = "-//Safer Walks//Route//EN"


def route_ics(sheet: RouteSheet, *, made_at: dt.datetime) -> bytes:
    """Write a walk as a calendar with one entry.

    Parameters
    ----------
    sheet : RouteSheet
        The route; its stops with their times go into the description.
    made_at : datetime
        Written into the file; must know its time zone.

    Returns
    -------
    bytes
        Of a restricted walk the entry is private: shared calendars show that its owner is busy and
        nothing else.

    Raises
    ------
    SaferWalksError
        If the walk has no start.
    """
    if sheet.starts_at is None:
        raise SaferWalksError(
            "This walk has no start yet, so it cannot go into a calendar", got=sheet.title,
            todo="give the event a date and a time, or the command --at",
        )  # fmt: skip
    start = sheet.starts_at.astimezone(LONDON)
    entry = Event()
    entry.add("uid", _uid(sheet))
    entry.add("dtstamp", made_at.astimezone(dt.UTC))
    # The second of two hours of one name is written as UTC: a calendar would take the first.
    entry.add("dtstart", start.astimezone(dt.UTC) if start.fold else start)
    # A walk lasts so many minutes of time passed, whatever the clocks do.
    entry.add("duration", dt.timedelta(minutes=round(sheet.minutes)))
    entry.add("summary", plain_text(sheet.title))
    entry.add("location", plain_text(sheet.points[0].name))
    entry.add("geo", _degrees(sheet))
    entry.add("description", plain_text(_description(sheet)))
    entry.add("class", "PRIVATE" if sheet.is_restricted else "PUBLIC")
    found = Calendar()
    found.add("prodid", PRODUCT)
    found.add("version", "2.0")
    found.add("method", "PUBLISH")
    found.add_component(entry)
    found.add_missing_timezones(
        first_date=dt.date(start.year, 1, 1), last_date=dt.date(start.year + 1, 12, 31)
    )
    return found.to_ical()


def _uid(sheet: RouteSheet) -> str:
    """Name the entry: the same walk again takes the place of the one there was."""
    start = sheet.starts_at.strftime("%Y%m%dT%H%M") if sheet.starts_at else ""
    first = sheet.points[0]
    name = sheet.event_id or f"{first.easting:.0f}-{first.northing:.0f}-{start}"
    return f"route-{name}@safer-walks"


def _degrees(sheet: RouteSheet) -> tuple[float, float]:
    first = sheet.points[0]
    place = lonlat(np.array([shapely.Point(first.easting, first.northing)]))[0]
    return place.y, place.x


def _description(sheet: RouteSheet) -> str:
    lines = [sheet.mark, sheet.message, sheet.light, ""]
    lines += [f"{p.arrive}  {p.label}  {p.name}" for p in sheet.points]
    return "\n".join(lines).strip()
