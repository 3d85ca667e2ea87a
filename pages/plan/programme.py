"""The Programme page: every event with its ward, place, time and light, and what is still open."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analysis.jobs.events import programme
from analysis.jobs.plan import TO_PLAN
from geodata.records.vocabularies import EVENT_STATUSES, EVENT_TYPES
from pages.components import frame, messages, sign_in, tables
from pages.components.session import workspace
from pages.plan import event_calendar, event_form, need, planning
from pages.record import saving
from pages.server.clock import now

EVERY = "every"
COLUMNS = {
    "day": "Date",
    "time": "Time",
    "type_name": "Event",
    "ward_names": "Ward",
    "place_words": "Place",
    "light_words": "Light",
    "status_name": "Status",
    "event_id": "Id",
}
LIGHT = {"day": "Daylight", "dusk": "Dusk", "dark": "Dark", "": "no time yet"}
TO_CONFIRM = "Location TBC"


def readable(events: pd.DataFrame) -> pd.DataFrame:
    """Write dates, times, places and light as people do; what is open is said to be."""
    start = events["start"]
    shown = events.assign(
        day=events["date"].dt.strftime("%a %d %b %Y").fillna("date to be set"),
        time=start.dt.strftime("%H:%M").fillna(""),
        place_words=events["place"].where(~events["place_to_be_confirmed"], TO_CONFIRM),
        light_words=events["light"].map(LIGHT),
        ward_names=events["ward_names"].replace("", "no ward yet"),
    )
    early = events["event_type"].eq("womens_walk") & events["light"].eq("day")
    shown.loc[early, "light_words"] = "Daylight: not the dark it is meant for"
    return shown


def choose(events: pd.DataFrame) -> pd.DataFrame:
    """Offer the kinds of event and their statuses, and keep the rows asked for."""
    left, middle, right = st.columns(3)
    kinds = [k for k in EVENT_TYPES if k in set(events["event_type"])]
    kind = left.selectbox(
        "Kind of event", [EVERY, *kinds], format_func=lambda k: EVENT_TYPES.get(k, "Every kind")
    )
    statuses = [s for s in EVENT_STATUSES if s in set(events["status"])]
    status = middle.selectbox(
        "Status", [EVERY, *statuses], format_func=lambda s: EVENT_STATUSES.get(s, "Every status")
    )
    ward = right.selectbox(
        "Ward", [EVERY, *sorted(set(events["ward_names"]) - {""})],
        format_func=lambda w: "Every ward" if w == EVERY else w,
    )  # fmt: skip
    kept = events if kind == EVERY else events[events["event_type"].eq(kind)]
    kept = kept if status == EVERY else kept[kept["status"].eq(status)]
    return kept if ward == EVERY else kept[kept["ward_names"].eq(ward)]


def say_open(events: pd.DataFrame) -> None:
    """Say what the programme still lacks."""
    coming = events[events["status"].isin(TO_PLAN) & _ahead(events)]
    open_ = int(coming["place_to_be_confirmed"].sum())
    undated = int(coming["date"].isna().sum())
    early = int((coming["event_type"].eq("womens_walk") & coming["light"].eq("day")).sum())
    lines = {
        "Without a place": f"{open_} of {len(coming)} events to come",
        "Without a date": f"{undated} of {len(coming)}",
        "Women's safety walks that begin in daylight": str(early),
    }
    if open_ or undated or early:
        messages.box("attention", "The programme is not settled yet", lines)


def _ahead(events: pd.DataFrame) -> pd.Series:
    return events["date"].isna() | (events["date"] >= pd.Timestamp(now().date()))


def to_come_first(events: pd.DataFrame) -> pd.DataFrame:
    """Put what is to come first, soonest first and undated last; then what was, latest first."""
    ahead = _ahead(events)
    coming = events[ahead].sort_values("start", kind="stable", na_position="last")
    coming = coming.sort_values("date", kind="stable", na_position="last")
    return pd.concat([coming, events[~ahead].iloc[::-1]])


here = workspace()
frame.heading(
    "Programme",
    "Walkabouts, women's safety walks, surgeries and engagement days: what is planned, where, "
    "in what light, and what is still to be settled.",
)
with messages.faults_in_a_box():
    everything = sign_in.own_of(programme(here), "page", "programme", wards="ward_codes")
    saving.show_done()
    if everything.empty:
        messages.box(
            "note", "No event is in the programme yet",
            {"What to do": "bring the council's list in below, or add an event"},
        )  # fmt: skip
    else:
        say_open(everything)
        listed = readable(choose(everything))
        caption = f"{len(listed)} of {len(everything)} events, those to come first"
        tables.show(to_come_first(listed), COLUMNS, caption=caption, tall=True)
        event_calendar.show(listed)
    if sign_in.allowed("action", "edit events"):
        event_form.show(here, everything)
    if sign_in.allowed("action", "choose a site") and not everything.empty:
        planning.show(here)
    if not everything.empty:
        need.show(here)  # last: it scores places first
