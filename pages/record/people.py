"""The People page: who has which role and why it changed, what roles may see, what is deleted."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from analysis.jobs.people import list_people, role_changes, who_may
from analysis.jobs.requests import deletion_schedule
from pages.components import frame, messages, sign_in, tables
from pages.components.session import workspace
from pages.record import people_form, reporting_lists, saving
from pages.server.clock import now

PEOPLE_COLUMNS = {
    "who": "Who",
    "role_words": "Roles",
    "ward_words": "Wards",
    "agency_name": "Agency",
    "phone": "Phone",
}
CHANGE_COLUMNS = {
    "when": "When",
    "person": "Who",
    "what_said": "What",
    "before_said": "Was",
    "after_said": "Is",
    "why": "Why",
    "by": "Changed by",
}
DELETION_COLUMNS = {"day": "Deleted on", "sets": "Sets of contact details", "said": "Stands"}
WHAT = {
    "create": "put on the list",
    "delete": "deleted",
    "roles": "roles",
    "agency": "agency",
    "ward_codes": "wards",
    "active": "may sign in",
}
TABLES = {
    "page": ("May open", "Page"),
    "action": ("May do", "What is done"),
    "download": ("May take away", "File"),
}
CHANGES_SHOWN = 50


def show_people(people: list[dict[str, Any]], wards: dict[str, str]) -> None:
    """List who may sign in, and apart from them who no longer may."""
    rows = pd.DataFrame(
        {
            **one,
            "who": f"{one['name']} ({one['email']})" if one["name"] else one["email"],
            "role_words": people_form.role_words(one["roles"]),
            "ward_words": ", ".join(wards.get(code, code) for code in one["ward_codes"]),
        }
        for one in people
    )
    if rows.empty:
        messages.box(
            "note", "Nobody is on the list yet",
            {"What to do": "put yourself on it first, with the role Information governance: "
             "whoever has that role changes this list once sign-in is on"},
        )  # fmt: skip
        return
    able, unable = rows[rows["active"]], rows[~rows["active"]]
    tables.show(able, PEOPLE_COLUMNS, caption=f"{len(able)} people may sign in", tall=True)
    if len(unable):
        tables.show(unable, {"who": "Who"}, caption=f"{len(unable)} may no longer sign in")


def show_changes() -> None:
    """Tell who was given and who lost what, by whom and why."""
    if not sign_in.allowed("action", "read history"):
        return
    st.header("How roles have changed", anchor=False)
    told = role_changes(here, limit=CHANGES_SHOWN)
    if told.empty:
        frame.say(["Nothing has changed yet."])
        return
    said = {
        f"{side}_said": [_said(*pair) for pair in zip(told["what"], told[side], strict=True)]
        for side in ("before", "after")
    }
    when = told["at"].map(lambda at: at.strftime("%d %b %Y, %H:%M"))
    shown = told.assign(when=when, what_said=told["what"].map(WHAT), **said)
    tables.show(shown, CHANGE_COLUMNS, caption="Latest first", tall=True)


def _said(what: str, text: str) -> str:
    codes = [part for part in text.split("; ") if part]
    if what == "roles":
        return people_form.role_words(codes)
    if what == "ward_codes":
        return ", ".join(ward_names.get(code, code) for code in codes)
    return text


def show_deletions() -> None:
    """Show when contact details of people who asked for a walk are deleted."""
    st.header("When contact details are deleted", anchor=False)
    frame.say(["Names and numbers of people who asked for a walk are kept apart, 90 days by "
               "default. On their day they are deleted by the page Walk requests, or by "
               "safer-walks requests delete-due-contacts, to be run every day."])  # fmt: skip
    due = deletion_schedule(here)
    if due.empty:
        frame.say(["None are kept."])
        return
    today = pd.Timestamp(now().date())
    days = due.groupby("delete_after", sort=True).size().rename("sets").reset_index()
    shown = days.assign(
        day=days["delete_after"].dt.strftime("%d %b %Y"),
        said=[_standing(int((day - today).days)) for day in days["delete_after"]],
    )
    tables.show(shown, DELETION_COLUMNS, caption=f"{len(due)} sets of contact details are kept")


def _standing(days: int) -> str:
    if days <= 0:
        return "due now" if days == 0 else f"overdue by {-days} days"
    return f"in {days} days"


def show_table() -> None:
    """Show which roles may open, do and take away what, as the program itself reads it."""
    st.header("What each role may see and do", anchor=False)
    chosen = st.segmented_control(
        "Show", list(TABLES), format_func=lambda kind: TABLES[kind][0], default="page"
    )
    kind = chosen or "page"
    table = who_may()
    rows = table[table["kind"].eq(kind)]
    shown = rows.assign(said=rows["name"].map(_sentence))
    tables.show(shown, {"said": TABLES[kind][1], "roles": "Roles"}, caption=TABLES[kind][0])
    frame.small("What stands in no line of this table is denied to everybody.")


def _sentence(name: str) -> str:
    text = name.replace("-", " ")
    return text[:1].upper() + text[1:]


here = workspace()
frame.heading(
    "People",
    "Who may sign in, in what roles, and what that lets them see. A role that is taken away is "
    "gone at the person's next click.",
)
with messages.faults_in_a_box():
    saving.show_done()
    wards = here.wards()
    ward_names = dict(zip(wards["ward_code"], wards["ward_name"], strict=True))
    listed = list_people(here)
    show_people(listed, ward_names)
    if sign_in.allowed("action", "grant roles"):
        people_form.show(here, listed, ward_names)
    else:
        frame.say(["Only people with the role Information governance change this list."])
    show_changes()
    show_deletions()
    if sign_in.allowed("action", "edit reporting routes"):
        reporting_lists.edit(here)
    show_table()
