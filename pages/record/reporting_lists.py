"""Change what the forms show about reporting and help, and see who changed it before."""

from __future__ import annotations

from functools import partial

import streamlit as st

from analysis.jobs.safeguarding import change_lists, list_changes, list_text
from geodata.reporting import ways
from geodata.workspace import Workspace
from pages.components import frame, tables
from pages.record import saving

HEADINGS = {
    "ring": "Whom a walk lead rings, beside the officers",
    "route": "How to report a crime",
    "support": "Support that is not the police",
}
CHANGE_COLUMNS = {
    "when": "When",
    "list_said": "List",
    "before": "Was",
    "after": "Is",
    "by": "Changed by",
}
FORM = "ways"
CHANGES_SHOWN = 10


def edit(here: Workspace) -> None:
    """Offer the three lists as text, and the latest changes."""
    st.header("What the forms show", anchor=False)
    frame.say(["One a line: a name, then |, then a number or an address."])
    now = {part: list_text(listed) for part, listed in ways(here.path).items()}
    seen = saving.seen(FORM, FORM, now)
    with st.form("ways"):
        texts = {
            part: st.text_area(HEADINGS[part], seen[part], height=160, key=f"ways-{part}")
            for part in HEADINGS
        }
        sent = st.form_submit_button("Save the lists", type="primary")
    if sent:
        saving.store(
            "edit reporting routes", partial(change_lists, here, texts, seen=seen),
            lambda _: "The forms show the new lists.",
        )  # fmt: skip
    told = list_changes(here, limit=CHANGES_SHOWN)
    if len(told):
        shown = told.assign(
            when=told["at"].map(lambda at: at.strftime("%d %b %Y, %H:%M")),
            list_said=told["list"].map(HEADINGS),
        )
        with st.expander("Who changed the lists"):
            tables.show(shown, CHANGE_COLUMNS, caption="Latest changes of the lists")
