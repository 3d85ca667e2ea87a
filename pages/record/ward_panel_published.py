"""You said, we did, not yet, cannot: what residents of a ward were told, and what is to be."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from analysis.actions import GROUPS
from analysis.jobs.panels import WardPanel, publish, told_text
from analysis.jobs.records import change_record
from analysis.report.escaping import html_text
from geodata.records.kinds import kind_of
from geodata.records.vocabularies import PUBLICATION_KINDS
from geodata.roles import ACTIONS, LABELS, ROLES
from geodata.workspace import Workspace
from pages.components import frame, tables
from pages.record.ward_panel_wards import MAY, store
from pages.server.clock import now

COLUMNS = {
    "day": "Published",
    "title": "Title",
    "kind_name": "Kind",
    "n_people": "People it is made from",
    "address": "Where it can be read",
    "withdrawn": "Withdrawn",
}
ASKED = kind_of("published").labels
TOLD = {"you_said": "You said", "answer": "Answer", "published": "Told in public"}


def show(here: Workspace, panel: WardPanel, *, may: bool) -> None:
    """Show what was published, and what a publication of today would say."""
    st.header("You said, we did, not yet, cannot", anchor=False)
    writers = ", ".join(LABELS[role] for role in ROLES if role in ACTIONS[MAY])
    frame.say([f"Who may publish: {writers}."])
    _show_published(panel.published)
    _show_told(panel.told)
    if not may:
        return
    with st.expander("Publish what came of it, or withdraw a publication"):
        write, withdraw = st.tabs(["Publish", "Withdraw"])
        with write:
            _publish(here, panel)
        with withdraw:
            _withdraw(here, panel)


def _show_published(rows: pd.DataFrame) -> None:
    if rows.empty:
        frame.say(["Nothing has been published for this ward yet."])
        return
    shown = rows.assign(
        day=rows["published_on"].dt.strftime("%d %b %Y"),
        withdrawn=rows["withdrawn_on"].dt.strftime("%d %b %Y").fillna("").astype("str"),
    )
    tables.show(shown, tables.known(shown, COLUMNS), caption="Published, latest first", tall=True)
    for row in rows[rows["text"].ne("")].head(3).to_dict("records"):
        with st.expander(f"{row['publication_id']}: what it says"):
            lines = html_text(row["text"]).replace("\n", "<br>")
            st.html(f'<p class="sw-text"><strong>{html_text(row["title"])}</strong></p>'
                    f'<p class="sw-text">{lines}</p>')  # fmt: skip


def _show_told(told: pd.DataFrame) -> None:
    """List each promise as residents would be told today, with when they were."""
    day = told["outcome_published_on"].dt.strftime("%d %b %Y").fillna("not yet").astype("str")
    shown = told.assign(published=day)
    for group, heading in GROUPS.items():
        rows = shown[shown["group"].eq(group)]
        if len(rows):
            tables.show(rows, TOLD, caption=f"{heading}: {len(rows)}")


def _publish(here: Workspace, panel: WardPanel) -> None:
    waiting = panel.told[panel.told["outcome_published_on"].isna()]
    offered = panel.told if waiting.empty else waiting
    said = {
        row["action_id"]: f"{row['heading']}: {str(row['answer'])[:60]}"
        for row in panel.told.to_dict("records")
    }
    chosen = st.multiselect(
        "Promises it answers", list(said), list(offered["action_id"]),
        format_func=said.__getitem__, key=f"told-{panel.ward_code}", placeholder="None",
    )  # fmt: skip
    text = told_text(panel.told[panel.told["action_id"].isin(chosen)])
    with st.form(f"publish-{panel.ward_code}-{'-'.join(chosen)}"):
        kinds = list(PUBLICATION_KINDS)
        kind = st.selectbox(
            ASKED["kind"], kinds, index=kinds.index("you_said_we_did"),
            format_func=lambda code: PUBLICATION_KINDS[code],
        )  # fmt: skip
        title = st.text_input(ASKED["title"], f"{panel.ward_name}: you said, we did", max_chars=200)
        words = st.text_area(ASKED["text"], text, height=220)
        left, right = st.columns(2)
        people = left.number_input(ASKED["n_people"], 0, 100_000, None)
        where = right.text_input(ASKED["address"], max_chars=300)
        sent = st.form_submit_button("Note that it is published", type="primary")
    if sent:
        values = {
            "kind": kind, "title": title, "text": words, "n_people": people, "address": where,
            "ward_codes": (panel.ward_code,),
        }  # fmt: skip
        store(
            here, panel.ward_code, partial(publish, here, values, actions=chosen),
            lambda record: f"{record['title']} is noted as published on "
            f"{record['published_on']:%d %b %Y}. Promises that count as answered: {len(chosen)}.",
        )  # fmt: skip


def _withdraw(here: Workspace, panel: WardPanel) -> None:
    rows = panel.published[panel.published["withdrawn_on"].isna()].set_index("publication_id")
    if rows.empty:
        frame.say(["There is nothing to withdraw."])
        return
    chosen = st.selectbox(
        "Publication", list(rows.index), format_func=lambda code: str(rows.loc[code, "title"])
    )
    if st.button("Withdraw it", help="It stays in the list, with the day it was withdrawn."):
        job = partial(
            change_record, here, "published", chosen, {"withdrawn_on": now().date()},
            version=int(rows.loc[chosen, "version"]),
        )  # fmt: skip
        store(here, panel.ward_code, job, lambda record: f"{record['title']} is withdrawn.")
