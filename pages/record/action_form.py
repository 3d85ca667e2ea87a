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
from analysis.jobs.sites import known_places
from geodata.records.kinds import kind_of
from geodata.records.vocabularies import (
    ACTION_ORIGINS,
    ACTION_STATUSES,
    ACTION_TYPES,
    BLOCKED_REASONS,
    ESCALATED_TO,
    VERIFIED_BY,
)
from geodata.workspace import Workspace
from pages.components import sign_in
from pages.record import saving

NEW = ""
FORM = "action"
ASKED = kind_of("actions").labels
TEXTS = ("you_said", "we_did", "public_update", "why_not")


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
        plain = actions.astype(object).where(actions.notna(), None).set_index("action_id")
        row = saving.seen(FORM, chosen, plain.loc[chosen].to_dict())
        _tell(here, row, chosen, agencies if every else {})


def _add(here: Workspace, agencies: Mapping[str, str]) -> None:
    wards = here.wards()
    names = dict(zip(wards["ward_code"], wards["ward_name"], strict=True))
    places = known_places(here)
    sites = dict(zip(places["site_id"], places["name"], strict=True))
    with st.form("new-action"):
        text = st.text_input(ASKED["action_text"], max_chars=500)
        issue = st.text_input(ASKED["issue_text"], max_chars=500)
        left, right = st.columns(2)
        ward = left.selectbox(
            ASKED["ward_code"], list(names), index=None, format_func=names.__getitem__
        )
        origin = right.selectbox(
            ASKED["origin"], list(ACTION_ORIGINS), format_func=lambda c: ACTION_ORIGINS[c]
        )
        owner = left.selectbox(
            ASKED["owner_agency"],
            ["", *agencies],
            format_func=lambda c: agencies.get(c, "no owner yet"),
        )
        kind = right.selectbox(
            ASKED["action_type"],
            ["", *ACTION_TYPES],
            format_func=lambda c: ACTION_TYPES.get(c, "not said"),
        )
        role = left.text_input(ASKED["owner_role"])
        due = right.date_input(ASKED["due_on"], None, format="DD/MM/YYYY")
        place = left.selectbox(
            ASKED["site_id"],
            ["", *sites],
            format_func=lambda c: sites.get(c, "none of the named places"),
        )
        partners = right.multiselect(
            ASKED["partner_agencies"], list(agencies), format_func=lambda c: agencies[c],
            placeholder="None",
        )  # fmt: skip
        said = st.text_input(ASKED["you_said"], max_chars=500)
        sent = st.form_submit_button("Add the action", type="primary")
    if sent:
        values = {
            "action_text": text, "issue_text": issue, "origin": origin,
            "ward_code": ward or (_ward_of(places, place) if place else ""),
            "owner_agency": owner, "owner_role": role, "action_type": kind, "due_on": due,
            "site_id": place or None, "partner_agencies": partners,
            "you_said": said, "status": "agreed" if owner else "proposed",
        }  # fmt: skip
        saving.store(
            "edit every action",
            lambda *, by, at: add_record(
                here, "actions", values | ({"agreed_on": at.date()} if owner else {}), by=by, at=at
            ),
            lambda record: f"Action {record.id} is added.",
        )  # fmt: skip


def _ward_of(places: pd.DataFrame, site: str) -> str:
    return str(places.set_index("site_id").loc[site, "ward_code"])


def _tell(
    here: Workspace, row: Mapping[Any, Any], action_id: str, agencies: Mapping[str, str]
) -> None:
    """Tell how an action goes; with agencies to choose from, also whose it is and by when."""
    key = f"{action_id}-{row['version']}"
    with st.form(f"action-{key}"):
        values = _owner(row, agencies, key) if agencies else {}
        values |= _standing(row, key)
        for name in TEXTS:
            said = str(row[name])
            values[name] = st.text_input(ASKED[name], said, max_chars=500, key=f"{key}-{name}")
        sent = st.form_submit_button("Save", type="primary")
    if sent:
        job = partial(
            update_action, here, action_id, saving.changed(row, values),
            version=int(row["version"]), own=None if agencies else sign_in.visitor().agency,
        )  # fmt: skip
        action = "edit every action" if agencies else "edit own actions"
        saving.store(action, job, lambda record: f"Action {record.id} is saved.")


def _owner(row: Mapping[Any, Any], agencies: Mapping[str, str], key: str) -> dict[str, Any]:
    left, right = st.columns(2)
    return {
        "owner_agency": _one(left, agencies, row, "owner_agency", "no owner yet", key),
        "owner_role": right.text_input(
            ASKED["owner_role"], str(row["owner_role"]), key=f"{key}-role"
        ),
        "due_on": _date(left, row, "due_on", key),
        "escalated_to": _one(right, ESCALATED_TO, row, "escalated_to", "nobody", key),
    }


def _standing(row: Mapping[Any, Any], key: str) -> dict[str, Any]:
    left, right = st.columns(2)
    statuses = list(ACTION_STATUSES)
    return {
        "status": left.selectbox(
            ASKED["status"], statuses, index=statuses.index(row["status"]), key=f"{key}-status",
            format_func=lambda c: ACTION_STATUSES[c],
        ),
        "revised_due_on": _date(right, row, "revised_due_on", key),
        "blocked_reason": _one(left, BLOCKED_REASONS, row, "blocked_reason", "not blocked", key),
        "blocked_decision_on": _date(right, row, "blocked_decision_on", key),
        "completed_on": _date(left, row, "completed_on", key),
        "verified_by": _one(right, VERIFIED_BY, row, "verified_by", "not verified yet", key),
        "verified_on": _date(left, row, "verified_on", key),
        "outcome_published_on": _date(right, row, "outcome_published_on", key),
    }  # fmt: skip


def _one(
    column: Any, options: Mapping[str, str], row: Mapping[Any, Any], name: str,  # noqa: ANN401
    nothing: str, key: str,
) -> str:  # fmt: skip
    codes = ["", *options]
    return str(
        column.selectbox(
            ASKED[name], codes, index=codes.index(row[name]) if row[name] in codes else 0,
            format_func=lambda c: options.get(c, nothing), key=f"{key}-{name}",
        )
    )  # fmt: skip


def _date(
    column: Any, row: Mapping[Any, Any], name: str, key: str  # noqa: ANN401
) -> dt.date | None:  # fmt: skip
    value = row[name]
    day = None if value is None or pd.isna(value) else pd.Timestamp(value).date()
    chosen: dt.date | None = column.date_input(
        ASKED[name], day, format="DD/MM/YYYY", key=f"{key}-{name}"
    )
    return chosen
