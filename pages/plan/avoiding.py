"""Dates to keep off: the calendar that the team keeps, for the programme to go by."""

from __future__ import annotations

from functools import partial

import streamlit as st

from analysis.jobs.avoiding import avoid, avoid_no_more, dates_to_avoid
from geodata.records.kinds import kind_of
from geodata.workspace import Workspace
from pages.components import frame, tables
from pages.record import saving

COLUMNS = {"name": "What", "first": "From", "last": "To"}
ASKED = kind_of("avoid").labels
WHAT_IT_IS = (
    "Evenings of Ramadan, Eid, school holidays, match days, the weeks before an election: the "
    "programme keeps off them where it can, and says where it cannot."
)


def show(here: Workspace) -> None:
    """List the dates, and offer to add and to take away."""
    kept = dates_to_avoid(here)
    with st.expander(f"Dates to keep off ({len(kept)})"):
        frame.say([WHAT_IT_IS])
        if len(kept):
            days = {name: kept[f"{name}_on"].dt.strftime("%d %b %Y") for name in ("first", "last")}
            tables.show(kept.assign(**days), COLUMNS, caption=f"{len(kept)} dates to keep off")
        with st.form("avoid", clear_on_submit=True):
            what, first, last = st.columns(3)
            name = what.text_input(ASKED["name"], max_chars=80)
            start = first.date_input(ASKED["first_on"], None, format="DD/MM/YYYY")
            end = last.date_input(ASKED["last_on"], None, format="DD/MM/YYYY")
            sent = st.form_submit_button("Keep off these days")
        if sent and start is None:
            frame.say(["Give the first day."])
        if sent and start is not None:
            job = partial(avoid, here, name, start, end)
            saving.store("choose a site", job, lambda made: f"{made['name']} is kept off.")
        if len(kept):
            _remove(here, dict(zip(kept["avoid_id"], kept["name"], strict=True)))


def _remove(here: Workspace, names: dict[str, str]) -> None:
    gone = st.selectbox(
        "Take away", list(names), None, format_func=lambda i: names[i], placeholder="Choose one"
    )
    if gone and st.button("Take it away"):
        job = partial(avoid_no_more, here, gone)
        saving.store("choose a site", job, lambda was: f"{was['name']} is kept off no more.")
