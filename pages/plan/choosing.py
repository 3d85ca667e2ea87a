"""Choose a place of the list, with the reason, so that it can be defended in public."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from analysis.jobs.decide import check_decision, decide
from analysis.jobs.records import list_records
from geodata.records.decisions import EXPLAIN_BEYOND
from geodata.records.kinds import kind_of
from geodata.records.vocabularies import SELECTION_REASONS
from geodata.workspace import Workspace
from pages.components import frame, sign_in, tables
from pages.record import saving

COLUMNS = {
    "day": "Decided on",
    "decided_by": "By",
    "name": "Place",
    "rank": "Rank then",
    "score": "Score then",
    "said": "Reason",
    "decision_id": "Id",
}
ASKED = kind_of("decisions").labels


def show(here: Workspace, place: pd.Series, asked: Mapping[str, Any]) -> None:
    """Offer to choose a place, to those who may, by the score that was asked for."""
    if not sign_in.allowed("action", "choose a site"):
        return
    with st.expander("Choose this place"), st.form(f"choose-{place.name}"):
        frame.say(
            [
                "The score, its weights and the data behind it are kept with the choice. A place "
                f"beyond the first {EXPLAIN_BEYOND} may be chosen like any other, and needs a "
                "reason in words."
            ]
        )
        reasons = st.multiselect(
            ASKED["reasons"], list(SELECTION_REASONS), format_func=lambda c: SELECTION_REASONS[c]
        )
        words = st.text_input(ASKED["override_reason"], max_chars=500)
        sent = st.form_submit_button("Choose this place", type="primary")
    if sent:
        by = {name: value for name, value in asked.items() if name != "draws"}
        job = partial(decide, here, str(place.name), reasons=reasons, words=words, **by)
        saving.store("choose a site", job, lambda made: f"Decision {made.id} is recorded.")


def log(here: Workspace) -> None:
    """List the decisions so far."""
    made = list_records(here, "decisions")
    st.header("Chosen so far", anchor=False)
    if made.empty:
        frame.say(["No place has been chosen yet."])
        return
    told = [", ".join(SELECTION_REASONS[c] for c in codes) for codes in made["reasons"]]
    shown = made.assign(
        day=made["decided_on"].dt.strftime("%d %b %Y"),
        name=[s.get("name", "") if isinstance(s, dict) else "" for s in made["snapshot"]],
        said=[
            ". ".join(filter(None, pair))
            for pair in zip(told, made["override_reason"], strict=True)
        ],
    )
    tables.show(shown.iloc[::-1], COLUMNS, caption=f"{len(made)} decisions", tall=True)
    _again(here, list(made["decision_id"].iloc[::-1]))


def _again(here: Workspace, decisions: list[str]) -> None:
    """Offer to work out a decision's score again, from what was kept and from the data."""
    with st.expander("Work a decision out again"):
        chosen = st.selectbox("Decision", decisions)
        if st.button("Work it out again"):
            found = check_decision(here, chosen)
            frame.say([found["message"]])
            tables.facts(
                {
                    "Score as it was kept": found["score"],
                    "From its own parts and weights": found["by_hand"],
                    "From the data as they are now": found["now"],
                }
            )
