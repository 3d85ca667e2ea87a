"""Add an event, change one, or bring the council's own list in as it stands."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from analysis.jobs.events import import_programme
from analysis.jobs.records import add_record, change_record, import_records, sheet_file
from analysis.jobs.sites import known_places
from geodata.records.events import TO_BE_CONFIRMED
from geodata.records.fields import LONDON
from geodata.records.kinds import kind_of
from geodata.records.vocabularies import EVENT_STATUSES, EVENT_TYPES
from geodata.workspace import Workspace
from pages.components import messages, sign_in, uploads
from pages.record import saving

NEW = ""
ASKED = kind_of("events").labels


def show(here: Workspace, events: pd.DataFrame) -> None:
    """Offer the form for one event, and the way in for a list."""
    st.header("Add or change", anchor=False)
    one, many = st.tabs(["One event", "A list"])
    with one:
        _one(here, events)
    with many:
        _list(here)


def _one(here: Workspace, events: pd.DataFrame) -> None:
    names = {
        row["event_id"]: f"{row['event_id']}: {row['type_name']}, {row['place'] or TO_BE_CONFIRMED}"
        for row in events.to_dict("records")
    }
    chosen = st.selectbox(
        "Event", [NEW, *names], format_func=lambda code: names.get(code, "A new event")
    )
    row: dict[Any, Any] = {}
    if chosen:
        row = saving.seen("event", chosen, events.set_index("event_id").loc[chosen].to_dict())
    else:
        saving.begin_anew("event")
    with st.form(f"event-{chosen or 'new'}-{row.get('version', 0)}"):
        values = _fields(here, row, {k: v for k, v in names.items() if k != chosen})
        sent = st.form_submit_button("Save the event", type="primary")
    if sent and values.pop("lacks_date"):
        messages.box("attention", "Give the date too: a start alone is not kept.")
    elif sent:
        _save(here, chosen, row, values)


def _fields(here: Workspace, row: dict[Any, Any], others: dict[str, str]) -> dict[str, Any]:
    wards = here.wards()
    names = dict(zip(wards["ward_code"], wards["ward_name"], strict=True))
    # A row of two at a time: on a phone, where they stand below one another, in this order.
    left, right = st.columns(2)
    kinds, statuses = list(EVENT_TYPES), list(EVENT_STATUSES)
    kind = left.selectbox(
        ASKED["event_type"], kinds, index=kinds.index(row.get("event_type", "walkabout")),
        format_func=lambda k: EVENT_TYPES[k],
    )  # fmt: skip
    status = right.selectbox(
        ASKED["status"], statuses, index=statuses.index(row.get("status", "planned_tbc")),
        format_func=lambda s: EVENT_STATUSES[s],
    )  # fmt: skip
    left, right = st.columns(2)
    held = [*row.get("ward_codes", ())]
    wards_of = left.multiselect(
        ASKED["ward_codes"], list(dict.fromkeys([*names, *held])), held,
        placeholder="Not known yet", format_func=lambda c: names.get(c, c),
    )  # fmt: skip
    place = right.text_input(
        ASKED["location_name"], row.get("location_name", ""), placeholder=TO_BE_CONFIRMED
    )
    left, right = st.columns(2)
    now = row["site_id"] if isinstance(row.get("site_id"), str) else ""
    sites = _sites(here, now)
    site = left.selectbox(
        ASKED["site_id"], ["", *sites], index=["", *sites].index(now),
        format_func=lambda c: sites.get(c, "none yet"),
    )  # fmt: skip
    of = row["repeat_of_event_id"] if isinstance(row.get("repeat_of_event_id"), str) else ""
    listed = ["", *dict.fromkeys([*others, *([of] if of else [])])]
    pair = right.selectbox(
        ASKED["repeat_of_event_id"], listed, index=listed.index(of),
        format_func=lambda c: others.get(c, c or "none"),
        help="A women's walk that repeats another is planned at its place, one by day and one "
        "after dark.",
    )  # fmt: skip
    left, right = st.columns(2)
    start = row.get("planned_start")
    day = row.get("planned_date")
    date = left.date_input(
        ASKED["planned_date"], None if day is None or pd.isna(day) else pd.Timestamp(day).date(),
        format="DD/MM/YYYY",
    )  # fmt: skip
    time = right.time_input(
        ASKED["planned_start"],
        None if start is None or pd.isna(start) else pd.Timestamp(start).time(),
    )
    return {
        "repeat_of_event_id": pair or None, "event_type": kind, "status": status,
        "location_name": place.strip(), "site_id": site or None,
        "ward_codes": tuple(wards_of), "planned_date": date,
        "planned_start": dt.datetime.combine(date, time, LONDON) if date and time else None,
        "lacks_date": time is not None and date is None,
    }  # fmt: skip


def _sites(here: Workspace, now: str) -> dict[str, str]:
    """Give the places to choose from: those in use, and the one it has."""
    places = known_places(here, unused=True)
    kept = places[places["status"].eq("current") | places["site_id"].eq(now)]
    return {
        row["site_id"]: f"{row['name']} ({row['kind_name']})" for row in kept.to_dict("records")
    }


def _save(here: Workspace, chosen: str, row: dict[Any, Any], values: dict[str, Any]) -> None:
    job = partial(add_record, here, "events", values)
    if chosen:
        job = partial(change_record, here, "events", chosen, values, version=int(row["version"]))
    saving.store("edit events", job, lambda record: f"Event {record.id} is saved.")


def _list(here: Workspace) -> None:
    st.html(
        '<p class="sw-text">The council\'s published list, copied as text (.txt), or a table of '
        "events (.csv, .xlsx). Every line is kept, also those without a date, a place or a ward."
        "</p>"
    )
    if sign_in.allowed("download", "records"):
        with st.container(horizontal=True):
            for ending in (".xlsx", ".csv"):
                st.download_button(
                    f"Events ({ending})", partial(sheet_file, here, "events", ending),
                    f"events{ending}", on_click="ignore", key=f"events-{ending}",
                    help="Rows keep their ids: what is changed there changes here when it comes "
                    "back. The workbook has the stops too.",
                )  # fmt: skip
    file = st.file_uploader("List of events", type=["txt", "csv", "xlsx"], key="event-list")
    if not st.button("Bring the list in", disabled=file is None) or file is None:
        return
    with uploads.on_disk([file]) as paths:
        if paths[0].suffix.lower() == ".txt":
            saving.store(
                "edit events", partial(import_programme, here, paths[0]),
                lambda done: str(done["message"]),
            )  # fmt: skip
        else:
            saving.store(
                "edit events", partial(import_records, here, "events", paths[0]),
                lambda done: done.message,
            )  # fmt: skip
