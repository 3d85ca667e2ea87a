"""The Ward panel page: what one ward's panel decided, who signed up, what came of it."""

from __future__ import annotations

import datetime as dt
from functools import partial

import pandas as pd
import streamlit as st

from analysis.jobs.panels import WardPanel, ward_panel
from analysis.jobs.records import import_records, sheet_file
from pages.components import address, frame, messages, sign_in, tables, uploads
from pages.components.session import workspace
from pages.record import saving, ward_panel_forms, ward_panel_published, ward_panel_wards
from pages.record.ward_panel_labels import ANSWERS, ASKED, MEETINGS, PLANS, PRIORITIES
from pages.server.clock import now


def say_standing(panel: WardPanel) -> None:
    """Say in numbers how the ward stands."""
    active = panel.priorities[panel.priorities["status"].eq("active")]
    told = panel.told["outcome_published_on"].notna()
    facts = {
        "Last met": _day(panel.last_met) or "no meeting recorded",
        "Meets next": _day(panel.meets_next) or "not set",
        "Active priorities": f"{len(active)}",
        "Agencies that signed up": _signed_up(panel),
        "Promises answered in public": f"{int(told.sum())} of {len(panel.told)}",
    }
    tables.facts(facts)


def _signed_up(panel: WardPanel) -> str:
    if panel.plans.empty:
        return "no plan yet"
    first = panel.plans.iloc[0]
    asked = int(first["agreed"] + first["declined"] + first["asked"])
    return f"{int(first['agreed'])} of {asked}, to the latest plan"


def show_meetings(panel: WardPanel) -> None:
    """List what the panel met and decided."""
    st.header("Meetings", anchor=False)
    rows = panel.meetings
    if rows.empty:
        frame.say(["No meeting of this panel is recorded yet."])
        return
    shown = rows.assign(
        day=_days(rows["held_on"]), next_day=_days(rows["next_on"]).replace("", "not set")
    )
    tables.show(shown, tables.known(shown, MEETINGS), caption="Meetings, latest first", tall=True)


def show_plans(panel: WardPanel) -> None:
    """Say who signed up to the ward's plan, who declined, and why."""
    st.header("The ward's plan", anchor=False)
    if panel.plans.empty:
        frame.say(["No plan is written yet. It usually comes of a walkabout."])
        return
    plans = panel.plans.assign(
        drafted=_days(panel.plans["drafted_on"]),
        published=_days(panel.plans["published_on"]).replace("", "not yet"),
    )
    tables.show(plans, PLANS, caption="Plans, latest first")
    for plan in panel.plans.to_dict("records"):
        answers = panel.answers[panel.answers["plan_id"].eq(plan["plan_id"])]
        shown = answers.assign(day=_days(answers["answered_on"]))
        with st.expander(f"{plan['plan_id']}: who agreed, who declined", expanded=len(plans) == 1):
            if plan["agreed_text"]:
                frame.say([str(plan["agreed_text"])])
            if answers.empty:
                frame.say(["No agency has been asked yet."])
            else:
                caption = f"Answers to {plan['title']}"
                tables.show(shown, tables.known(shown, ANSWERS), caption=caption)


def show_priorities(panel: WardPanel) -> None:
    """List the ward's priorities with how far each has come."""
    st.header("Priorities", anchor=False)
    rows = panel.priorities
    if rows.empty:
        frame.say(["The panel has set no priority yet."])
        return
    first, last = _days(rows["period_start"]), _days(rows["period_end"])
    shown = rows.assign(period=(first + " to " + last).where(last.ne(""), first))
    columns = tables.known(shown, PRIORITIES)
    tables.show(shown, columns, caption="Active ones first", tall=True)


def show_asked(panel: WardPanel) -> None:
    """Say who asks for walks where in this ward."""
    st.header("Who asks for walks here", anchor=False)
    rows = panel.asked
    if rows.empty:
        frame.say(["Nobody has asked for a walk in this ward yet."])
    else:
        # What a place was called by whoever asked is for colleagues only.
        staff = rows["place_text"] if sign_in.allowed("field", "staff") else ""
        place = rows["name"].where(rows["name"].ne(""), staff)
        last = pd.to_datetime(rows["last_on"]).dt.strftime("%d %b %Y")
        shown = rows.assign(place=place.replace("", "a place not named"), last=last)
        tables.show(shown, ASKED, caption="Distinct people by place, most first")
    if sign_in.allowed("page", "walk-requests"):
        frame.small("New requests are noted on the page Walk requests.")


def show_files() -> None:
    """Offer everything panels wrote, of every ward, as a spreadsheet, and take it back."""
    if not sign_in.allowed("download", "records"):  # every ward's, so for the office only
        return
    st.header("As a spreadsheet", anchor=False)
    frame.say(
        [
            "Meetings, priorities, plans, answers and publications of every ward, a sheet each. "
            "Rows keep their ids: what is changed there changes here when it comes back."
        ]
    )
    st.download_button(
        "Ward panels (.xlsx)", partial(sheet_file, here, "panels", ".xlsx"), "ward-panels.xlsx",
        on_click="ignore",
    )  # fmt: skip
    file = st.file_uploader("Bring it back", type=["xlsx", "csv"])
    if st.button("Bring it in", disabled=file is None) and file is not None:
        with uploads.on_disk([file]) as paths:
            saving.store(
                ward_panel_wards.MAY, partial(import_records, here, "panels", paths[0]),
                lambda done: done.message,
            )  # fmt: skip


def _day(day: dt.date | None) -> str:
    return "" if day is None else f"{day.day} {day:%B %Y}"


def _days(column: pd.Series) -> pd.Series:
    said = column.dt.strftime("%d %b %Y").fillna("").astype("str")
    return said.str.replace(" ", "\xa0")  # a date stays on its line


here = workspace()
frame.heading(
    "Ward panel",
    "What the panel of a ward decided, which agencies signed up to its plan, how its priorities "
    "stand, and what residents were told.",
)
with messages.faults_in_a_box():
    saving.show_done()
    wards = ward_panel_wards.readable(here)
    if not wards:
        messages.box(
            "attention", "No ward is set for you",
            {"What to do": "ask whoever manages people here to name the wards of your panel"},
        )  # fmt: skip
        messages.end_page()
    code = address.choose("Ward", wards, key="ward", default=ward_panel_wards.first(here, wards))
    panel = ward_panel(here, code, now().date())
    say_standing(panel)
    may = sign_in.allowed("action", "record panel meetings")
    show_meetings(panel)
    if may:
        ward_panel_forms.meeting(here, panel)
    show_plans(panel)
    if may:
        ward_panel_forms.plan(here, panel)
    show_priorities(panel)
    if may:
        ward_panel_forms.priority(here, panel)
    ward_panel_published.show(here, panel, may=may)
    show_asked(panel)
    show_files()
