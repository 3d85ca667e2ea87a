"""The Walk requests page: who asked for a walk, who looks after it, when details are deleted."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from analysis.jobs.records import change_record, list_records
from analysis.jobs.requests import (
    asked_for,
    delete_due_contacts,
    deletion_schedule,
    receive_request,
    register_ask,
)
from analysis.jobs.sites import known_places
from geodata.records.kinds import kind_of
from geodata.records.vocabularies import AGENCIES, ASKERS, REQUEST_CHANNELS, REQUEST_STATUSES
from pages.components import frame, messages, sign_in, tables
from pages.components.session import workspace
from pages.record import saving, walk_request_answers

REQUEST_COLUMNS = {
    "request_id": "Id",
    "received": "Received",
    "status_name": "Status",
    "ward_name": "Ward",
    "assigned": "Looked after by",
    "officer": "Wishes for a female officer",
    "delete": "Contact details deleted on",
}
ASKED_COLUMNS = {
    "place": "Place",
    "people": "People",
    "residents": "Residents among them",
    "asks": "Requests",
    "last": "Last asked",
}

REQUEST, CONTACT, ASK = (kind_of(kind).labels for kind in ("requests", "contacts", "asks"))


def show_requests(names: dict[str, str]) -> pd.DataFrame:
    """List the requests without what could reveal a home: her route and times stay out of lists."""
    requests = list_records(here, "requests")
    st.header("Walk and Talk requests", anchor=False)
    if requests.empty:
        frame.say(["No request has been received yet."])
        return requests
    schedule = deletion_schedule(here)
    days = schedule["delete_after"].dt.strftime("%d %b %Y")
    due = requests["request_id"].map(dict(zip(schedule["request_id"], days, strict=True)))
    wish = requests["female_officer"].astype("object").map({True: "yes", False: "no"})
    officer = wish.fillna("not asked")
    shown = requests.assign(
        received=requests["received_on"].dt.strftime("%d %b %Y"),
        status_name=requests["status"].map(REQUEST_STATUSES),
        ward_name=requests["ward_code"].map(names).fillna("not known"),
        assigned=requests["assigned_to"].where(
            requests["assigned_to"].ne(""), requests["assigned_agency"].map(AGENCIES)
        ).fillna("nobody yet"),
        officer=officer, delete=due.astype("object").fillna("none are kept"),
    )  # fmt: skip
    tables.show(shown, REQUEST_COLUMNS, caption=f"{len(shown)} requests", tall=True)
    return requests


def show_deletion() -> None:
    """Delete the contact details whose day has come."""
    schedule = deletion_schedule(here)
    frame.small("Contact details are kept apart and deleted on the day shown, 90 days by default.")
    may = bool(len(schedule)) and sign_in.allowed("action", "record walk requests")
    if may and st.button("Delete the contact details that are due"):
        saving.store(
            "record walk requests", partial(delete_due_contacts, here),
            lambda gone: f"{gone} sets of contact details were deleted.",
        )  # fmt: skip


def add_request(names: dict[str, str]) -> None:
    """Take in a request. Where she walks, when and why is seen by those who arrange it only."""
    with st.form("new-request"):
        frame.say(
            ["Route, times and reasons can reveal where somebody lives: write no more than needed."]
        )
        route = st.text_area(REQUEST["route_text"])
        left, right = st.columns(2)
        ward = left.selectbox(
            REQUEST["ward_code"], list(names), index=None, format_func=names.__getitem__
        )
        channel = right.selectbox(
            REQUEST["channel"], list(REQUEST_CHANNELS), format_func=lambda c: REQUEST_CHANNELS[c]
        )
        when = left.text_input(REQUEST["unsafe_when"])
        why = right.text_input(REQUEST["why"])
        officer = left.segmented_control(REQUEST["female_officer"], ["yes", "no", "not asked"])
        needs = right.text_input(REQUEST["access_needs"])
        name, phone, mail = (
            st.text_input(CONTACT[column]) for column in ("name", "phone", "email")
        )
        sent = st.form_submit_button("Record the request", type="primary")
    if sent:
        values = {
            "route_text": route, "ward_code": ward or "", "channel": channel, "unsafe_when": when,
            "why": why, "access_needs": needs,
            "female_officer": {"yes": True, "no": False}.get(officer or ""),
        }  # fmt: skip
        given = {"name": name, "phone": phone, "email": mail}
        contact = given if any(given.values()) else None
        saving.store(
            "record walk requests", partial(receive_request, here, values, contact=contact),
            lambda record: f"Request {record.id} is recorded.",
        )  # fmt: skip


def handle_request(requests: pd.DataFrame) -> None:
    """Assign a request, or close it."""
    if requests.empty:
        return
    rows = requests.set_index("request_id")
    chosen = st.selectbox("Request", list(rows.index))
    plain: dict[Any, Any] = rows.astype(object).where(rows.notna(), None).loc[chosen].to_dict()
    row = saving.seen("request", str(chosen), plain)
    statuses = list(REQUEST_STATUSES)
    with st.form(f"request-{chosen}-{row['version']}"):
        status = st.selectbox(
            REQUEST["status"], statuses, index=statuses.index(row["status"]),
            format_func=lambda c: REQUEST_STATUSES[c],
        )  # fmt: skip
        agency = st.selectbox(
            REQUEST["assigned_agency"], ["", *AGENCIES],
            format_func=lambda c: AGENCIES.get(c, "nobody yet"),
            index=["", *AGENCIES].index(row["assigned_agency"]),
        )  # fmt: skip
        post = st.text_input(REQUEST["assigned_to"], row["assigned_to"])
        answers = walk_request_answers.ask(row)
        sent = st.form_submit_button("Save", type="primary")
    if sent:
        values = {"status": status, "assigned_agency": agency, "assigned_to": post}
        told = saving.changed(row, values | answers.known) | answers.written
        saving.store(
            "record walk requests",
            partial(
                change_record, here, "requests", chosen, told, version=int(row["version"])
            ),
            lambda record: f"Request {record.id} is saved.",
        )  # fmt: skip


def show_register(names: dict[str, str]) -> None:
    """Say who asks for walks where, and note another who does."""
    st.header("Who asks for walks where", anchor=False)
    asked = asked_for(here)
    if len(asked):
        place = asked["name"].where(asked["name"].ne(""), asked["place_text"])
        in_ward = asked["ward_code"].map(names).fillna("a place not named")
        shown = asked.assign(
            place=place.where(place.ne(""), in_ward),
            last=pd.to_datetime(asked["last_on"]).dt.strftime("%d %b %Y"),
        )
        tables.show(shown, ASKED_COLUMNS, caption="Distinct people by place, most first", tall=True)
    else:
        frame.say(["Nobody has asked for a walk yet."])
    if not sign_in.allowed("action", "record walk requests"):
        return
    kept = known_places(here)
    sites = dict(zip(kept["site_id"], kept["name"], strict=True))
    with st.form("new-ask"):
        left, right = st.columns(2)
        site = left.selectbox(
            ASK["site_id"], ["", *sites], format_func=lambda c: sites.get(c, "none of these")
        )
        place_text = left.text_input(ASK["place_text"])
        ward = right.selectbox(
            ASK["ward_code"], list(names), index=None, format_func=names.__getitem__
        )
        asker = left.selectbox(ASK["asker"], list(ASKERS), format_func=lambda c: ASKERS[c])
        person = right.text_input(
            "Name or e-mail, to tell people apart",
            help="It is turned into a mark that cannot be undone, and not kept.",
        )
        sent = st.form_submit_button("Note that somebody asks")
    if sent:
        own = str(kept.set_index("site_id").loc[site, "ward_code"]) if site else ""
        values = {
            "place_text": place_text, "ward_code": ward or own, "asker": asker,
            "site_id": site or None,
        }  # fmt: skip
        saving.store(
            "record walk requests",
            lambda *, by, at: register_ask(
                here, {**values, "asked_on": at.date()}, person=person, by=by, at=at
            ),
            lambda _: "It is noted.",
        )  # fmt: skip


here = workspace()
frame.heading(
    "Walk requests",
    "Requests for a Walk and Talk with an officer, and a register of who asks for a walk at a "
    "place. Neither appears in anything public.",
)
with messages.faults_in_a_box():
    saving.show_done()
    wards = here.wards()
    ward_names = dict(zip(wards["ward_code"], wards["ward_name"], strict=True))
    received = show_requests(ward_names)
    show_deletion()
    if sign_in.allowed("action", "record walk requests"):
        new, known = st.tabs(["A new request", "Assign or close one"])
        with new:
            add_request(ward_names)
        with known:
            handle_request(received)
    show_register(ward_names)
