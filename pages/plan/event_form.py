"""Add an event, change one, or bring the council's own list in as it stands."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from analysis.jobs.events import import_programme
from analysis.jobs.records import add_record, change_record, import_records
from geodata.records.events import TO_BE_CONFIRMED
from geodata.records.fields import LONDON
from geodata.records.vocabularies import EVENT_STATUSES, EVENT_TYPES
from geodata.workspace import Workspace
from pages.components import uploads
from pages.record import saving

NEW = ""


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
    row = events.set_index("event_id").loc[chosen].to_dict() if chosen else {}
    with st.form(f"event-{chosen or 'new'}"):
        values = _fields(here, row)
        sent = st.form_submit_button("Save the event", type="primary")
    if sent:
        _save(here, chosen, row, values)


def _fields(here: Workspace, row: dict[Any, Any]) -> dict[str, Any]:
    wards = here.wards()
    codes = ["", *wards["ward_code"]]
    names = dict(zip(wards["ward_code"], wards["ward_name"], strict=True))
    left, right = st.columns(2)
    kinds, statuses = list(EVENT_TYPES), list(EVENT_STATUSES)
    kind = left.selectbox(
        "Kind", kinds, index=kinds.index(row.get("event_type", "walkabout")),
        format_func=lambda k: EVENT_TYPES[k],
    )  # fmt: skip
    status = right.selectbox(
        "Status", statuses, index=statuses.index(row.get("status", "planned_tbc")),
        format_func=lambda s: EVENT_STATUSES[s],
    )  # fmt: skip
    ward = (row.get("ward_codes") or ("",))[0]
    code = left.selectbox(
        "Ward", codes, index=codes.index(ward) if ward in codes else 0,
        format_func=lambda c: names.get(c, "not known yet"),
    )  # fmt: skip
    place = right.text_input(
        "Place or meeting point", row.get("location_name", ""), placeholder=TO_BE_CONFIRMED
    )
    start = row.get("planned_start")
    day = row.get("planned_date")
    date = left.date_input(
        "Date", None if day is None or pd.isna(day) else pd.Timestamp(day).date(),
        format="DD/MM/YYYY",
    )  # fmt: skip
    time = right.time_input(
        "Start", None if start is None or pd.isna(start) else pd.Timestamp(start).time()
    )
    return {
        "event_type": kind, "status": status, "location_name": place.strip(),
        "ward_codes": (code,) if code else (), "planned_date": date,
        "planned_start": dt.datetime.combine(date, time, LONDON) if date and time else None,
    }  # fmt: skip


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
