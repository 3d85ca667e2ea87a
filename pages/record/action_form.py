"""Add an action, or tell how one goes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from analysis.jobs.actions import update_action
from analysis.jobs.records import add_record
from geodata.records.vocabularies import (
    ACTION_ORIGINS,
    ACTION_STATUSES,
    ACTION_TYPES,
    BLOCKED_REASONS,
    VERIFIED_BY,
)
from geodata.workspace import Workspace
from pages.components import sign_in
from pages.record import saving

NEW = ""


def show(here: Workspace, actions: pd.DataFrame, agencies: Mapping[str, str]) -> None:
    """Offer the form, to those who may write."""
    every = sign_in.allowed("action", "edit every action")
    if not (every or sign_in.allowed("action", "edit own actions")):
        return
    st.header("Add an action, or tell how one goes", anchor=False)
    mine = actions
    if not every:  # an owner tells of the actions of the own agency, and adds none
        mine = actions[actions["owner_agency"].eq(sign_in.visitor().agency)]
    names = {
        row["action_id"]: f"{row['action_id']}: {str(row['action_text'])[:60]}"
        for row in mine.to_dict("records")
    }
    options = [NEW, *names] if every else list(names)
    if not options:
        st.html('<p class="sw-text">Your agency owns no action.</p>')
        return
    chosen = st.selectbox("Action", options, format_func=lambda c: names.get(c, "A new action"))
    if chosen == NEW:
        _add(here, agencies)
    else:
        _tell(here, actions.set_index("action_id").loc[chosen].to_dict(), chosen, every=every)


def _add(here: Workspace, agencies: Mapping[str, str]) -> None:
    wards = here.wards()
    names = dict(zip(wards["ward_code"], wards["ward_name"], strict=True))
    with st.form("new-action"):
        text = st.text_input("What will be done", max_chars=500)
        issue = st.text_input("What it is about, fit for the public", max_chars=500)
        left, right = st.columns(2)
        ward = left.selectbox("Ward", list(names), index=None, format_func=names.__getitem__)
        origin = right.selectbox(
            "Where it comes from", list(ACTION_ORIGINS), format_func=lambda c: ACTION_ORIGINS[c]
        )
        owner = left.selectbox(
            "Owner", ["", *agencies], format_func=lambda c: agencies.get(c, "no owner yet")
        )
        kind = right.selectbox(
            "Kind", ["", *ACTION_TYPES], format_func=lambda c: ACTION_TYPES.get(c, "not said")
        )
        role = left.text_input("Post that is responsible (not a name)")
        due = right.date_input("Due", None, format="DD/MM/YYYY")
        said = st.text_input("You said (for residents)", max_chars=500)
        sent = st.form_submit_button("Add the action", type="primary")
    if sent:
        values = {
            "action_text": text, "issue_text": issue, "ward_code": ward or "", "origin": origin,
            "owner_agency": owner, "owner_role": role, "action_type": kind, "due_on": due,
            "you_said": said, "status": "agreed" if owner else "proposed",
        }  # fmt: skip
        saving.store(
            "edit every action", partial(add_record, here, "actions", values),
            lambda record: f"Action {record.id} is added.",
        )  # fmt: skip


def _tell(here: Workspace, row: dict[Any, Any], action_id: str, *, every: bool) -> None:
    statuses = list(ACTION_STATUSES)
    with st.form(f"action-{action_id}"):
        left, right = st.columns(2)
        status = left.selectbox(
            "Status", statuses, index=statuses.index(row["status"]),
            format_func=lambda c: ACTION_STATUSES[c],
        )  # fmt: skip
        due = right.date_input("New date, if it moves", _day(row["revised_due_on"]),
                               format="DD/MM/YYYY")  # fmt: skip
        blocked = left.selectbox(
            "Blocked because of", ["", *BLOCKED_REASONS],
            index=_at(BLOCKED_REASONS, row, "blocked_reason"),
            format_func=lambda c: BLOCKED_REASONS.get(c, "not blocked"),
        )  # fmt: skip
        verified = right.selectbox(
            "Verified by", ["", *VERIFIED_BY], index=_at(VERIFIED_BY, row, "verified_by"),
            format_func=lambda c: VERIFIED_BY.get(c, "not verified yet"),
        )  # fmt: skip
        said = st.text_input("You said (for residents)", row["you_said"], max_chars=500)
        did = st.text_input("We did", row["we_did"], max_chars=500)
        update = st.text_input("Not yet: how it goes", row["public_update"], max_chars=500)
        why = st.text_input("Cannot: why not", row["why_not"], max_chars=500)
        sent = st.form_submit_button("Save", type="primary")
    if sent:
        values = {
            "status": status, "revised_due_on": due, "blocked_reason": blocked,
            "verified_by": verified, "you_said": said, "we_did": did, "public_update": update,
            "why_not": why,
        }  # fmt: skip
        own = None if every else sign_in.visitor().agency
        saving.store(
            "edit every action" if every else "edit own actions",
            partial(update_action, here, action_id, values, version=int(row["version"]), own=own),
            lambda record: f"Action {record.id} is saved.",
        )  # fmt: skip


def _at(options: Mapping[str, str], row: dict[Any, Any], name: str) -> int:
    codes = ["", *options]
    return codes.index(row[name]) if row[name] in codes else 0


def _day(value: Any) -> dt.date | None:  # noqa: ANN401 - a date, or nothing, of a frame
    return None if pd.isna(value) else value.date()
