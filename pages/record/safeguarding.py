"""The Safeguarding page: concerns nobody has acknowledged on top, then the lists forms show."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from analysis.jobs.safeguarding import acknowledge, concerns, whom_to_ring
from geodata.reporting import LISTS, save_ways, ways
from pages.components import frame, messages, sign_in, tables
from pages.components.session import workspace
from pages.record import saving

SEEN_COLUMNS = {
    "alert_id": "Id",
    "raised": "Raised",
    "walk": "Walk",
    "acknowledged_by": "Acknowledged by",
    "acknowledged": "Acknowledged",
}
HEADINGS = {
    "ring": "Whom a walk lead rings, beside the officers",
    "route": "How to report a crime",
    "support": "Support that is not the police",
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


def edit_lists() -> None:
    """Change what the forms show about reporting and help."""
    st.header("What the forms show", anchor=False)
    frame.say(["One a line: a name, then |, then a number or an address."])
    now = ways(here.path)
    with st.form("ways"):
        texts = {
            part: st.text_area(
                HEADINGS[part], "\n".join(f"{way.name} | {way.how}" for way in now[part]),
                height=160, key=f"ways-{part}",
            )
            for part in HEADINGS
        }  # fmt: skip
        sent = st.form_submit_button("Save the lists", type="primary")
    if sent:
        changed = {part: [_line(line) for line in texts[part].splitlines()] for part in LISTS}
        saving.store(
            "edit reporting routes", lambda **_: save_ways(here.path, changed),
            lambda _: "The forms show the new lists.",
        )  # fmt: skip


def _line(text: str) -> dict[str, str]:
    name, _, how = text.partition("|")
    return {"name": name.strip(), "how": how.strip()}


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
    st.header("Whom the forms say to ring", anchor=False)
    tables.facts({way.name: way.how for way in whom_to_ring(here)})
    frame.say(
        ["Officers and their numbers come from the list of users: safer-walks users grant "
         "EMAIL safeguarding_officer --name NAME --phone NUMBER"]
    )  # fmt: skip
    if sign_in.allowed("action", "edit reporting routes"):
        edit_lists()
