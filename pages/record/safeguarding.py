"""The Safeguarding page: concerns nobody has acknowledged on top, then the lists forms show."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from analysis.jobs.alert_mail import AGAIN_MINUTES, standing
from analysis.jobs.safeguarding import acknowledge, concerns, whom_to_ring
from pages.components import frame, messages, sign_in, tables
from pages.components.session import workspace
from pages.record import reporting_lists, saving

SEEN_COLUMNS = {
    "alert_id": "Id",
    "raised": "Raised",
    "walk": "Walk",
    "acknowledged_by": "Acknowledged by",
    "acknowledged": "Acknowledged",
}
CLOCK = "%d %b %Y, %H:%M"


def show_concern(concern: dict[str, Any]) -> None:
    """Show one concern in full, with the button that says somebody deals with it."""
    name = str(concern["alert_id"])
    with st.container(border=True, key=f"concern-{name}"):
        st.subheader(f"{name}, raised {concern['raised_at'].strftime(CLOCK)}", anchor=False)
        tables.facts(
            {"Raised by": concern["raised_by"], "Walk": concern["walk"] or "not said",
             "What is known": concern["detail"] or "nothing was written: ring whoever raised it",
             "How to reach the person": concern["contact"] or "not said"}
        )  # fmt: skip
        if st.button("I have seen this and deal with it", key=f"seen-{name}", type="primary"):
            saving.store(
                "acknowledge safeguarding", partial(acknowledge, here, name),
                lambda _: f"{name} is acknowledged in your name.",
            )  # fmt: skip


def show_seen(seen: list[dict[str, Any]]) -> None:
    """List the latest concerns that somebody has acknowledged, without what they say."""
    if not seen:
        return
    st.header("Acknowledged", anchor=False)
    rows = pd.DataFrame(
        {**row, "raised": row["raised_at"].strftime(CLOCK),
         "acknowledged": row["acknowledged_at"].strftime(CLOCK)}
        for row in seen
    )  # fmt: skip
    tables.show(rows, SEEN_COLUMNS, caption="The latest concerns that somebody deals with")


def show_mail() -> None:
    """Say whether officers are told by e-mail too, and when that failed."""
    stands = standing(here)
    if not stands["is_on"]:
        frame.small("Officers are told on every page of the app. E-mail is off on this server.")
        return
    if stands["fault"]:
        when = dt.datetime.fromisoformat(stands["fault_at"]).strftime(CLOCK)
        messages.box(
            "attention", "The officers could not all be told by e-mail",
            {"When": when, "Why": stands["fault"], "What to do": "tell whoever runs this server; "
             "until then ring the cover when a concern is raised"},
        )  # fmt: skip
    last = stands["last"]
    said = f" Last sent {dt.datetime.fromisoformat(last).strftime(CLOCK)}." if last else ""
    frame.small(
        f"Officers are told by e-mail too, every {AGAIN_MINUTES:.0f} minutes until somebody "
        f"acknowledges a concern. The message holds none of it.{said}"
    )


here = workspace()
frame.heading(
    "Safeguarding",
    "Concerns that walk leads raised. Only safeguarding officers see this page; nothing of it is "
    "in any count, map, export or history.",
)
with messages.faults_in_a_box():
    saving.show_done()
    waiting, dealt_with = concerns(here)
    st.header("Waiting for somebody", anchor=False)
    if not waiting:
        frame.say(["Nothing waits."])
    for one in waiting:
        show_concern(one)
    show_seen(dealt_with)
    show_mail()
    st.header("Whom the forms say to ring", anchor=False)
    tables.facts({way.name: way.how for way in whom_to_ring(here)})
    frame.say(
        ["Officers and their numbers come from the list of people, which somebody with the role "
         "Information governance keeps: on the page People, or with safer-walks users grant "
         "EMAIL safeguarding_officer --name NAME --phone NUMBER"]
    )  # fmt: skip
    if sign_in.allowed("action", "edit reporting routes"):
        reporting_lists.edit(here)
