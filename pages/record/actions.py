"""The Actions page: what was promised, who owns it, how it stands, and what residents are told."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from analysis.actions import GROUPS
from analysis.jobs.actions import ActionLog, action_log, actions_file, import_own_actions
from analysis.jobs.records import import_records
from geodata.records.vocabularies import AGENCIES
from pages.components import frame, messages, sign_in, tables, uploads
from pages.components.session import workspace
from pages.record import action_board, action_form, saving
from pages.server.clock import now

EVERY = "every"
COLUMNS = {
    "rag_said": "Stands",
    "action_text": "What will be done",
    "ward_name": "Ward",
    "agency_name": "Owner",
    "owner_role": "Post",
    "due_said": "Due",
    "status_name": "Status",
    "remarks": "Moved, blocked, verified",
    "action_id": "Id",
}
AGENCY_COLUMNS = {
    "agency_name": "Owner",
    "actions": "Actions",
    "open": "Open",
    "overdue": "Overdue",
    "completed": "Completed",
    "on_time": "On time",
    "verified": "Verified",
    "days_to_verified": "Days to verified, middle",
}
FIGURE_COLUMNS = {"label": "Measure", "said": "Value", "n": "Made from"}


def choose(log: ActionLog) -> pd.DataFrame:
    """Offer owner, ward and whether still open, and keep the actions asked for."""
    actions = log.actions
    left, middle, right = st.columns(3)
    owners = [EVERY, *sorted(set(actions["agency_name"]))]
    owner = left.selectbox("Owner", owners, format_func=_every("Every owner"))
    wards = [EVERY, *sorted(set(actions["ward_name"]) - {""})]
    ward = middle.selectbox("Ward", wards, format_func=_every("Every ward"))
    state = right.segmented_control("Show", ["Open", "Overdue", "All"], default="Open")
    kept = actions if owner == EVERY else actions[actions["agency_name"].eq(owner)]
    kept = kept if ward == EVERY else kept[kept["ward_name"].eq(ward)]
    if state == "Open":
        return kept[kept["is_open"]]
    return kept[kept["is_overdue"]] if state == "Overdue" else kept


def _every(words: str) -> Callable[[str], str]:
    return lambda code: words if code == EVERY else code


def show_actions(log: ActionLog) -> None:
    """Show the actions, most pressing first: as a board by state, or as a table."""
    kept = choose(log)
    look = st.segmented_control("As", ["Board", "Table"], default="Board", key="actions-as")
    if look != "Table":
        frame.small(f"{len(kept)} of {len(log.actions)} actions")
        action_board.show(kept)
        return
    rows = kept.to_dict("records")
    shown = kept.assign(
        rag_said=[action_board.standing(row) for row in rows],
        remarks=[action_board.remarks(row) for row in rows],
        due_said=kept["due"].dt.strftime("%d %b %Y").fillna("no date"),
    )
    tables.show(shown, COLUMNS, caption=f"{len(kept)} of {len(log.actions)} actions", tall=True)


def show_owners(log: ActionLog) -> None:
    """Say how each owner stands, and how well promises are kept."""
    st.header("By owner", anchor=False)
    tables.show(log.agencies, AGENCY_COLUMNS, caption="Actions by owner")
    st.header("How well promises are kept", anchor=False)
    figures = log.figures
    said = [
        "no data" if pd.isna(value) else f"{value:,.0f} {unit}".strip()
        for value, unit in zip(figures["value"], figures["unit"], strict=True)
    ]
    tables.show(figures.assign(said=said), FIGURE_COLUMNS, caption="Each with what it is made from")
    if sign_in.allowed("page", "did-it-work"):
        frame.small("Reports before and after, beside comparable places: see Did it work?")


def show_told(log: ActionLog) -> None:
    """Write what residents said and what became of it."""
    st.header("You said, we did, not yet, cannot", anchor=False)
    if log.told.empty:
        frame.say(["Nothing is ready to be told yet: fill in “You said” and what was done."])
        return
    for group, heading in GROUPS.items():
        rows = log.told[log.told["group"].eq(group)]
        if len(rows):
            tables.show(
                rows, {"you_said": "You said", "answer": heading, "action_id": "Id"},
                caption=f"{heading}: {len(rows)}",
            )  # fmt: skip


def show_files() -> None:
    """Offer the list as a spreadsheet, and take it back."""
    st.header("As a spreadsheet", anchor=False)
    frame.say(
        ["Rows keep their ids: what is changed in the spreadsheet changes here when it comes back."]
    )
    if sign_in.allowed("download", "actions"):
        mine = sign_in.reach("download", "actions")
        with st.container(horizontal=True):
            for ending in (".xlsx", ".csv"):
                st.download_button(
                    f"Actions ({ending})", partial(actions_file, here, ending, reach=mine),
                    f"actions{ending}", on_click="ignore", key=f"actions-{ending}",
                )  # fmt: skip
    every = sign_in.allowed("action", "edit every action")
    own = sign_in.visitor().agency
    if not (every or (own and sign_in.allowed("action", "edit own actions"))):
        return
    file = st.file_uploader("Bring a list of actions back", type=["csv", "xlsx"])
    if st.button("Bring it in", disabled=file is None) and file is not None:
        with uploads.on_disk([file]) as paths:
            job = (
                partial(import_records, here, "actions", paths[0])
                if every
                else partial(import_own_actions, here, paths[0], own=own)
            )
            action = "edit every action" if every else "edit own actions"
            saving.store(action, job, lambda done: done.message)


here = workspace()
frame.heading(
    "Actions",
    "What was promised after walks and meetings: who owns it, when it is due, what was done, and "
    "what residents are told. Completed is not yet verified.",
)
with messages.faults_in_a_box():
    saving.show_done()
    seen = sign_in.reach("page", "actions")
    sign_in.say_own(seen)
    log = action_log(here, now().date(), reach=seen)
    if log.actions.empty:
        messages.box("note", "No action is recorded yet", {"What to do": "add the first one below"})
    else:
        show_actions(log)
    action_form.show(here, log.actions, AGENCIES)
    if not log.actions.empty:
        show_told(log)
        show_owners(log)
    show_files()
