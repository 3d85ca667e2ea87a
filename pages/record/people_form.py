"""Put somebody on the list of people, change what they may do, or take it away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from analysis.jobs.people import add_person, change_person
from geodata.records.kinds import kind_of
from geodata.records.users import REASONS
from geodata.records.vocabularies import AGENCIES
from geodata.roles import LABELS, ROLES
from geodata.workspace import Workspace
from pages.components import frame
from pages.record import saving

NEW = ""
FORM = "person"
ASKED = kind_of("users").labels


def role_words(roles: Sequence[str]) -> str:
    """Name roles for people, in the order of the list.

    Examples
    --------
    >>> role_words(["manager", "walk_lead"])
    'Walk lead, Manager'
    """
    return ", ".join(label for role, label in LABELS.items() if role in roles)


def show(here: Workspace, people: Sequence[dict[str, Any]], wards: Mapping[str, str]) -> None:
    """Offer the form for somebody new, or for somebody who is on the list."""
    st.header("Add somebody, or change what somebody may do", anchor=False)
    by_id = {one["user_id"]: one for one in people}
    chosen = st.selectbox(
        "Person", [NEW, *by_id], key="person",
        format_func=lambda code: _named(by_id[code]) if code else "Somebody new",
    )  # fmt: skip
    if chosen == NEW:
        saving.begin_anew(FORM)
        _add(here, wards)
    else:
        _change(here, saving.seen(FORM, chosen, by_id[chosen]), wards)


def _named(one: Mapping[str, Any]) -> str:
    gone = "" if one["active"] else ", may not sign in"
    return f"{one['name'] or one['email']}{gone}"


def _add(here: Workspace, wards: Mapping[str, str]) -> None:
    with st.form("new-person"):
        email = st.text_input(ASKED["email"])
        values = _about({}, wards, key="new")
        sent = st.form_submit_button("Put on the list", type="primary")
    if sent:
        saving.store(
            "grant roles", partial(add_person, here, email, values),
            lambda row: f"{row['email']} is on the list.",
        )  # fmt: skip


def _change(here: Workspace, seen: Mapping[str, Any], wards: Mapping[str, str]) -> None:
    user_id, version = str(seen["user_id"]), int(seen["version"])
    with st.form(f"person-{user_id}"):
        frame.say([f"{seen['email']} ({user_id})"])
        values = _about(seen, wards, key=f"{user_id}-{version}")
        why = st.selectbox(
            "Why, if a role is taken away", [NEW, *REASONS], key=f"{user_id}-{version}-why",
            format_func=lambda code: REASONS.get(code, "No role is taken away"),
        )  # fmt: skip
        sent = st.form_submit_button("Save", type="primary")
    frame.small("Take every role away, and the person may no longer sign in.")
    if sent:
        saving.store(
            "grant roles",
            partial(
                change_person, here, user_id, saving.changed(seen, values), version=version,
                reason=why,
            ),
            lambda row: _done(row),
        )  # fmt: skip


def _done(row: Mapping[str, Any]) -> str:
    if not row["active"]:
        return f"{row['email']} may no longer sign in."
    return f"{row['email']} is saved: {role_words(row['roles'])}."


def _about(seen: Mapping[str, Any], wards: Mapping[str, str], *, key: str) -> dict[str, Any]:
    """Ask for everything but the address."""
    roles = st.multiselect(
        ASKED["roles"], list(ROLES), seen.get("roles", []), format_func=lambda role: LABELS[role],
        placeholder="None", key=f"{key}-roles",
    )  # fmt: skip
    left, right = st.columns(2)
    name = left.text_input(ASKED["name"], seen.get("name", ""), max_chars=200, key=f"{key}-name")
    phone = right.text_input(
        ASKED["phone"], seen.get("phone", ""), max_chars=50, key=f"{key}-phone",
        help="A safeguarding officer's number is shown on the forms, to be rung.",
    )  # fmt: skip
    agencies = [NEW, *AGENCIES]
    agency = left.selectbox(
        ASKED["agency"], agencies, agencies.index(seen.get("agency", NEW)), key=f"{key}-agency",
        format_func=lambda code: AGENCIES.get(code, "None"),
        help="Whose actions an action owner sees and changes.",
    )  # fmt: skip
    held = seen.get("ward_codes", [])
    own = right.multiselect(
        ASKED["ward_codes"], list(dict.fromkeys([*wards, *held])), held, placeholder="None",
        format_func=lambda code: wards.get(code, code),
        key=f"{key}-wards", help="Whose panel somebody sits on: they see the actions of these.",
    )  # fmt: skip
    subject = st.text_input(
        ASKED["subject"], seen.get("subject", ""), max_chars=200,
        key=f"{key}-subject", help="Only where the server names people by something other than "
        "an e-mail address, as Entra ID's oid.",
    )  # fmt: skip
    return {
        "roles": [role for role in ROLES if role in roles], "name": name.strip(),
        "phone": phone.strip(), "agency": agency, "ward_codes": sorted(own),
        "subject": subject.strip(),
    }  # fmt: skip
