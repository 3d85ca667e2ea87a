"""The public programme as a calendar file that phones and office calendars take in.

Walk and Talks are not in it, nor anything exact of women-only walks: those stand as a whole month's
note would, so they are left out and told of on request.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import icalendar
import pandas as pd

from analysis.disclosure.routes import route_is_restricted
from analysis.jobs.events import programme
from analysis.jobs.maps import DEMO_MARK
from analysis.jobs.releases import look_through
from analysis.report.escaping import plain_text
from geodata.records.fields import LONDON
from geodata.workspace import Workspace

SHOWN = ("confirmed", "planned_tbc", "cancelled", "postponed")
_STATE = {"confirmed": "CONFIRMED", "planned_tbc": "TENTATIVE", "cancelled": "CANCELLED",
          "postponed": "CANCELLED"}  # fmt: skip
ABOUT = "Events of the community safety team that anybody may come to."


@dataclass(frozen=True)
class Calendar:
    """The calendar, and what is not in it.

    Attributes
    ----------
    content : bytes
        iCalendar (RFC 5545).
    events, undated : int
        Events in it, and events left out since they have no date yet.
    """

    content: bytes
    events: int
    undated: int

    def to_json(self) -> dict[str, Any]:
        """Everything but the file."""
        return {
            "message": f"{self.events} events; {self.undated} have no date yet and are left out. "
            "Walk and Talks and women-only walks are in no public calendar.",
            "events": self.events, "without_date": self.undated,
        }  # fmt: skip


def public_calendar(workspace: Workspace, *, at: dt.datetime) -> Calendar:
    """Write the events to come that anybody may know of.

    Parameters
    ----------
    workspace : Workspace
        Whose programme.
    at : datetime
        Events before this day are left out; it is written into the file.

    Raises
    ------
    SaferWalksError
        If a note or a name would tell who somebody is.
    """
    every = programme(workspace)
    women = [None if pd.isna(w) else bool(w) for w in every["women_only"]]
    hidden = [
        route_is_restricted(kind, women_only=w)
        for kind, w in zip(every["event_type"], women, strict=True)
    ]
    shown = every[every["status"].isin(SHOWN) & ~pd.Series(hidden, every.index, dtype=bool)]
    dated = shown[shown["date"].notna() & (shown["date"] >= pd.Timestamp(at.date()))]
    book = icalendar.Calendar()
    demo = f"{DEMO_MARK}. " if workspace.kind == "demo" else ""
    for name, value in (("prodid", "-//Safer Walks//EN"), ("version", "2.0"),
                        ("x-wr-calname", f"{demo}Community safety events"),
                        ("x-wr-caldesc", ABOUT)):  # fmt: skip
        book.add(name, value)
    for row in dated.to_dict("records"):
        book.add_component(_event(row, at, demo))
    content = book.to_ical()
    look_through(workspace, {"programme.ics": content})
    return Calendar(content, len(dated), int(shown["date"].isna().sum()))


def _event(row: dict[Any, Any], at: dt.datetime, demo: str) -> icalendar.Event:
    one = icalendar.Event()
    one.add("uid", f"{row['event_id']}@safer-walks")
    one.add("dtstamp", at.astimezone(dt.UTC))
    ward = f", {row['ward_names']}" if row["ward_names"] else ""
    one.add("summary", plain_text(f"{demo}{row['type_name']}: {row['place']}{ward}"))
    one.add("status", _STATE[row["status"]])
    if not row["place_to_be_confirmed"]:
        one.add("location", plain_text(row["meeting_point"] or row["place"]))
    if row["public_note"]:
        one.add("description", plain_text(row["public_note"]))
    if pd.isna(row["start"]):
        one.add("dtstart", pd.Timestamp(row["date"]).date())
        return one
    start = pd.Timestamp(row["start"]).to_pydatetime().astimezone(LONDON)
    end = row["planned_end"]
    finish = start + dt.timedelta(hours=1) if pd.isna(end) else pd.Timestamp(end).to_pydatetime()
    one.add("dtstart", start.astimezone(dt.UTC))
    one.add("dtend", max(finish, start).astimezone(dt.UTC))
    return one
