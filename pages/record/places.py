"""The Places page: what people call the places of the borough, where they are, who names them."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from analysis.jobs.sites import known_places
from analysis.report.escaping import html_text
from pages.components import frame, messages, sign_in, tables
from pages.components.session import workspace
from pages.record import places_form, places_tidy, places_where, saving

COLUMNS = {
    "name": "Place",
    "kind_name": "Kind",
    "also": "Also known as",
    "ward_name": "Ward",
    "step_said": "Without steps",
    "kerb_said": "Van at the kerb",
    "used": "Records that name it",
    "status_said": "Status",
    "site_id": "Id",
}
TASKS = {
    "look": "Look at one, or change it",
    "add": "Add a place",
    "merge": "Merge two entries",
    "files": "As a spreadsheet",
}


def choose_task() -> str:
    """Ask what a person came for; those who may not write look only."""
    if not sign_in.allowed("action", "edit places"):
        return "look"
    tasks = list(TASKS)
    chosen = st.segmented_control(
        "What would you like to do?", tasks, default="look", format_func=TASKS.__getitem__,
        key="places-task", on_change=places_where.begin_anew,
    )  # fmt: skip
    return chosen or "look"


def choose_places() -> pd.DataFrame:
    """Let a person find places by what they are or were called."""
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    words = left.text_input(
        "Find a place", key="places-find", placeholder="By its name, an earlier name, or its id"
    )
    unused = right.toggle("With retired and merged ones", key="places-unused")
    return known_places(here, find=words, unused=unused)


def show_list(shown: pd.DataFrame) -> None:
    """List the places that were found."""
    if shown.empty:
        any_kept = len(known_places(here, unused=True)) > 0
        title = "No place is called that" if any_kept else "No place is kept yet"
        todo = "look for part of its name, or add it" if any_kept else "add the first one"
        messages.box("note", title, {"What to do": todo})
        return
    words = {True: "yes", False: "no"}
    told = shown.assign(
        step_said=shown["step_free"].astype("object").map(words).fillna(""),
        kerb_said=shown["kerb_space"].astype("object").map(words).fillna(""),
        status_said=shown["status_name"].where(shown["status"].ne("current"), ""),
    )
    caption = f"{len(shown)} place{'' if len(shown) == 1 else 's'}"
    tables.show(told, tables.known(told, COLUMNS), caption=caption, tall=True)


def look(shown: pd.DataFrame) -> None:
    """Show one place, its history, and the form that changes it."""
    if shown.empty:
        return
    plain = shown.astype(object).where(shown.notna(), None)
    rows = plain.set_index("site_id", drop=False)
    if st.session_state.get(places_where.PICKED) not in rows.index:
        st.session_state[places_where.PICKED] = rows.index[0]
    chosen = st.selectbox(
        "Place", list(rows.index), key=places_where.PICKED, on_change=places_where.go_there,
        format_func=lambda site: f"{rows.loc[site, 'name']} ({rows.loc[site, 'kind_name']})",
    )  # fmt: skip
    row: dict[Any, Any] = rows.loc[chosen].to_dict()
    left, right = st.columns(2, gap="large")
    with left:
        st.html(f"<h2>{html_text(row['name'])}</h2>")
        places_form.facts(row)
        places_form.show_history(here, chosen)
    with right:
        if sign_in.allowed("action", "edit places"):
            if row["status"] == "merged":
                frame.say(["It was merged: take that back under “Merge two entries” to change it."])
            else:
                places_form.change(here, row)


here = workspace()
frame.heading(
    "Places",
    "The stations, streets, parks, estates and venues that walks and actions name. One entry for "
    "each, so that what happens there comes together.",
)
with messages.faults_in_a_box():
    saving.show_done()
    task = choose_task()
    found = choose_places()
    moving = task == "look" and bool(st.session_state.get("place-moves"))
    if task == "look" and not found.empty:
        first = st.session_state.get(places_where.PICKED)
        st.session_state[places_where.PICKED] = (
            first if first in set(found["site_id"]) else found["site_id"].iloc[0]
        )
    if task in ("look", "add"):
        places_where.show_map(
            here, found, places_where.way() if task == "add" or moving else "pick"
        )
    if task == "look":
        look(found)
        show_list(found)
    elif task == "add":
        places_form.add(here)
    elif task == "merge":
        places_tidy.merge(here, known_places(here))
        places_tidy.take_back(here, known_places(here, unused=True))
    else:
        places_tidy.files(here)
