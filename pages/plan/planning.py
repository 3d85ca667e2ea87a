"""Fill the blanks of the programme: proposals with their reasons, accepted one by one."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import streamlit as st

from analysis.jobs.plan import PlanResult, accept, plan_stored
from analysis.jobs.presets import presets
from analysis.jobs.voices import records_stamp
from analysis.planning.wishes import LABELS, Wishes
from geodata.errors import SaferWalksError
from geodata.workspace import Workspace
from pages.components import cached, downloads, frame, messages, tables
from pages.plan import avoiding
from pages.record import saving
from pages.server.clock import now

_PLAN = "_plan"
PROPOSAL_COLUMNS = {
    "event_id": "Event",
    "ward_name": "Ward",
    "location_name": "Place",
    "day": "Date",
    "light": "Light",
    "reason": "Why",
    "instead": "Or instead, and what insisting costs",
}


def show(here: Workspace) -> None:
    """Offer the wishes, make the plan when asked, and let proposals be accepted."""
    st.header("Fill in what is open", anchor=False)
    frame.say(
        [
            "Every event without a place or a date gets one proposed, with the reason and two "
            "alternatives. What is fixed stays. Nothing is stored until you accept it."
        ]
    )
    period, wishes = _wishes()
    avoiding.show(here)
    preset = _preset(here)
    if st.button("Propose a programme", type="primary"):
        _make(here, period, wishes, preset)
    planned = cached.shelf().get(st.session_state.get(_PLAN))
    if planned is not None:
        _show(here, planned)


def _wishes() -> tuple[tuple[dt.date, dt.date] | None, Wishes]:
    left, right = st.columns(2)
    first = left.date_input("Programme from", None, format="DD/MM/YYYY")
    last = right.date_input("to (dates are proposed if both are given)", None, format="DD/MM/YYYY")
    usual = Wishes()
    with st.expander("What the programme should keep to"):
        a, b, c = st.columns(3)
        wishes = replace(
            usual,
            teams=a.number_input("Events that can run on one day", 1, 10, usual.teams),
            per_ward_quarter=b.number_input("Most in a ward and quarter", 1, 20, 2),
            spacing_m=float(c.number_input("Metres between places", 0, 2000, 400, step=50)),
            ward_days=a.number_input("Days between two in a ward", 0, 90, 14),
            hold_months=b.number_input("Months a visited place waits", 0, 24, 6),
            coverage_share=c.slider("Share chosen for coverage, %", 0, 100, 20, step=5) / 100,
            hours_week=a.number_input("Hours of events in a week (0: any)", 0, 200, 0) or None,
            neighbours_apart=b.checkbox("Not on one day in wards side by side", value=True),
            dark=c.checkbox("Women's safety walks start after dark", value=True),
            step_free=b.checkbox("Only step-free meeting points", value=False),
        )
        off = st.multiselect(
            "Do not ask for", list(LABELS), format_func=lambda kind: LABELS[kind],
            placeholder="Everything above is asked for",
        )  # fmt: skip
    wishes = wishes.without(*off)
    return ((first, last) if first and last else None), wishes


def _preset(here: Workspace) -> str:
    """Offer the presets people saved; '' for those that are built in."""
    known = presets(here)
    saved = known[known["version"].gt(0)]
    if saved.empty:
        return ""
    names = dict(zip(saved["preset_id"], saved["label"], strict=True))
    return st.selectbox(
        "Score places by", ["", *names], format_func=lambda c: names.get(c, "the built-in presets"),
        help="A saved preset takes the place of the one it was made from.",
    )  # fmt: skip


def _make(
    here: Workspace, period: tuple[dt.date, dt.date] | None, wishes: Wishes, preset: str
) -> None:
    try:
        with st.spinner("Looking for the best programme. This takes some seconds."):
            found = plan_stored(
                here, today=now().date(), wishes=wishes, period=period, preset=preset
            )
    except SaferWalksError as error:
        st.session_state.pop(_PLAN, None)
        messages.fault(error)
        return
    key = cached.key_of(here, "plan", records_stamp(here), repr(wishes), period, preset)
    cached.shelf().put(key, found)
    st.session_state[_PLAN] = key


def _show(here: Workspace, found: PlanResult) -> None:
    messages.box("note" if found.proven else "attention", found.message)
    table = _readable(found.table)
    proposed = table[found.table["place_proposed"] | found.table["date_proposed"]]
    tables.show(proposed, PROPOSAL_COLUMNS, caption=f"{len(proposed)} proposals", tall=True)
    if found.not_kept:
        with st.expander(f"What could not be kept ({len(found.not_kept)})"):
            frame.say([*found.not_kept, *found.collisions])
    with downloads.row():
        downloads.table(
            here, table[list(PROPOSAL_COLUMNS)], name="plan", source="police_uk", who="internal"
        )
    chosen = st.multiselect("Accept the proposals for", list(proposed["event_id"]))
    every, some, _ = st.columns([1, 1, 3])
    if every.button("Accept all", disabled=proposed.empty):
        _accept(here, found, list(proposed["event_id"]))
    if some.button("Accept the chosen", disabled=not chosen):
        _accept(here, found, chosen)


def _accept(here: Workspace, found: PlanResult, events: list[str]) -> None:
    def job(*, by: str, at: dt.datetime) -> int:
        stored = accept(here, found, events, by=by, at=at)
        st.session_state.pop(_PLAN, None)
        return stored

    saving.store("choose a site", job, _said)


def _said(stored: int) -> str:
    if stored == 1:
        return "1 event has what was proposed for it."
    return f"{stored} events have what was proposed for them."


def _readable(table: pd.DataFrame) -> pd.DataFrame:
    instead = [
        "; ".join(
            f"{row[f'alternative_{n}']} ({row[f'cost_{n}']:+.0f} points)"
            for n in (1, 2)
            if row[f"alternative_{n}"]
        )
        for row in table.to_dict("records")
    ]
    day = table["planned_date"].dt.strftime("%a %d %b %Y").fillna("to be set")
    return table.assign(day=day, instead=instead)
