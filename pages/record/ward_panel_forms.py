"""Write a meeting of a panel, a ward's plan with each agency's answer, and a priority."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from analysis.jobs.panels import WardPanel, answer_plan, draft_plan
from analysis.jobs.records import add_record, change_record, list_records
from analysis.jobs.sites import known_places
from geodata.records.kinds import kind_of
from geodata.records.vocabularies import (
    AGENCIES,
    PLAN_ANSWERS,
    PRIORITY_EVIDENCE,
    PRIORITY_STATUSES,
)
from geodata.workspace import Workspace
from pages.components import messages
from pages.record import saving
from pages.record.ward_panel_wards import store
from pages.server.clock import now

NEW = ""
MEETING, PLAN, ANSWER, PRIORITY = (
    kind_of(kind).labels for kind in ("meetings", "plans", "plan_answers", "priorities")
)
TEXTS = ("aim_text", "measure", "baseline", "target", "outcome_text")
"""What is said of a priority in a line of words."""


def meeting(here: Workspace, panel: WardPanel) -> None:
    """Add a meeting, or change one."""
    rows = _plain(panel.meetings).set_index("meeting_id", drop=False)
    with st.expander("Add a meeting, or change one"):
        chosen = st.selectbox(
            "Meeting", [NEW, *rows.index], key="meeting",
            format_func=lambda code: f"{_day(rows.loc[code, 'held_on']):%d %b %Y} ({code})"
            if code else "A new meeting",
        )  # fmt: skip
        seen = saving.seen("meeting", chosen, rows.loc[chosen].to_dict()) if chosen else {}
        key = f"{panel.ward_code}-{chosen or 'new'}-{seen.get('version', 0)}"
        with st.form(f"meeting-{key}"):
            values = _meeting_fields(seen, key)
            sent = st.form_submit_button("Save the meeting", type="primary")
    if sent:
        fixed = {"ward_codes": (panel.ward_code,)}
        _save(here, panel, ("meetings", chosen), seen, values | ({} if chosen else fixed))


def _meeting_fields(seen: Mapping[Any, Any], key: str) -> dict[str, Any]:
    left, right = st.columns(2)
    held = left.date_input(
        MEETING["held_on"],
        _day(seen.get("held_on")) or now().date(),
        format="DD/MM/YYYY",
        key=f"{key}-held",
    )
    following = right.date_input(
        MEETING["next_on"], _day(seen.get("next_on")), format="DD/MM/YYYY", key=f"{key}-next"
    )
    present = left.number_input(
        MEETING["n_present"], 0, 1_000, _number(seen.get("n_present")), key=f"{key}-n"
    )
    residents = right.number_input(
        MEETING["n_residents"], 0, 1_000, _number(seen.get("n_residents")), key=f"{key}-r"
    )
    decisions = st.text_area(MEETING["decisions"], str(seen.get("decisions", "")), key=f"{key}-d")
    votes = st.text_area(MEETING["votes"], str(seen.get("votes", "")), key=f"{key}-v",
                         height=80)  # fmt: skip
    return {
        "held_on": held, "next_on": following, "n_present": present, "n_residents": residents,
        "decisions": decisions, "votes": votes,
    }  # fmt: skip


def plan(here: Workspace, panel: WardPanel) -> None:
    """Write a plan and ask agencies to sign up, or note an agency's answer."""
    with st.expander("Note an agency's answer, or write a new plan"):
        answer, new = st.tabs(["An agency's answer", "A new plan"])
        with answer:
            _answer(here, panel)
        with new:
            _new_plan(here, panel)


def _answer(here: Workspace, panel: WardPanel) -> None:
    if panel.plans.empty:
        messages.box("note", "There is no plan to answer yet: write one first.")
        return
    titles = dict(zip(panel.plans["plan_id"], panel.plans["title"], strict=True))
    left, right = st.columns(2)
    chosen = left.selectbox(
        ANSWER["plan_id"], list(titles), format_func=titles.__getitem__, key="plan"
    )
    agency = right.selectbox(
        ANSWER["agency"], list(AGENCIES), format_func=lambda code: AGENCIES[code]
    )
    answers = panel.answers
    found = answers[answers["plan_id"].eq(chosen) & answers["agency"].eq(agency)]
    row = found.iloc[0].to_dict() if len(found) else {"version": None}
    seen = saving.seen("answer", f"{chosen}-{agency}", row)
    key = f"{chosen}-{agency}-{seen['version']}"
    said_now = str(seen.get("answer") or "agreed")
    with st.form(f"answer-{key}"):
        said = st.radio(
            ANSWER["answer"], list(PLAN_ANSWERS), index=list(PLAN_ANSWERS).index(said_now),
            format_func=lambda code: PLAN_ANSWERS[code].lower(), key=f"{key}-said",
            horizontal=True,
        )  # fmt: skip
        on = st.date_input(
            ANSWER["answered_on"], _day(seen.get("answered_on")) or now().date(),
            format="DD/MM/YYYY", key=f"{key}-on",
        )  # fmt: skip
        reason = st.text_input(ANSWER["reason"], str(seen.get("reason", "")),
                               max_chars=500, key=f"{key}-why")  # fmt: skip
        sent = st.form_submit_button("Save the answer", type="primary")
    if sent:
        version = None if seen["version"] is None else int(seen["version"])
        job = partial(
            answer_plan, here, chosen, agency, said, on=None if said == "asked" else on,
            reason=reason, version=version,
        )  # fmt: skip
        store(here, panel.ward_code, job, lambda _: f"{AGENCIES[agency]}: {said}.")


def _new_plan(here: Workspace, panel: WardPanel) -> None:
    events = list_records(here, "events", event_type="walkabout")
    here_held = [row for row in events.to_dict("records") if panel.ward_code in row["ward_codes"]]
    walks = {row["event_id"]: _walk(row) for row in here_held}
    with st.form(f"new-plan-{panel.ward_code}"):
        title = st.text_input(PLAN["title"], f"{panel.ward_name} plan", max_chars=200)
        walk = st.selectbox(
            PLAN["event_id"],
            [NEW, *walks],
            format_func=lambda code: walks.get(code, "no walkabout"),
        )
        agencies = st.multiselect(
            "Agencies asked to sign up", list(AGENCIES), format_func=lambda code: AGENCIES[code]
        )
        text = st.text_area(PLAN["agreed_text"])
        sent = st.form_submit_button("Write the plan", type="primary")
    if sent:
        values = {
            "ward_code": panel.ward_code, "title": title, "event_id": walk or None,
            "agreed_text": text,
        }  # fmt: skip
        store(
            here, panel.ward_code, partial(draft_plan, here, values, agencies),
            lambda record: f"{record['title']} is written. Agencies asked: {len(agencies)}.",
        )  # fmt: skip


def _walk(row: Mapping[Any, Any]) -> str:
    day = _day(row["planned_date"])
    return f"Walkabout {row['location_name']}{f', {day:%d %b %Y}' if day else ''}"


def priority(here: Workspace, panel: WardPanel) -> None:
    """Add a priority, or say what became of one."""
    rows = _plain(panel.priorities).set_index("priority_id", drop=False)
    with st.expander("Add a priority, or say what became of one"):
        chosen = st.selectbox(
            "Priority", [NEW, *rows.index], key="priority",
            format_func=lambda code: f"{rows.loc[code, 'title']} ({code})" if code
            else "A new priority",
        )  # fmt: skip
        seen = saving.seen("priority", chosen, rows.loc[chosen].to_dict()) if chosen else {}
        key = f"{panel.ward_code}-{chosen or 'new'}-{seen.get('version', 0)}"
        with st.form(f"priority-{key}"):
            values = _priority_fields(here, panel, seen, key)
            sent = st.form_submit_button("Save the priority", type="primary")
    if sent:
        fixed = {"ward_code": panel.ward_code}
        _save(here, panel, ("priorities", chosen), seen, values | ({} if chosen else fixed))


def _priority_fields(
    here: Workspace, panel: WardPanel, seen: Mapping[Any, Any], key: str
) -> dict[str, Any]:
    values: dict[str, Any] = {
        "title": st.text_input(PRIORITY["title"], str(seen.get("title", "")), max_chars=200,
                               key=f"{key}-title"),
    }  # fmt: skip
    left, right = st.columns(2)
    statuses, place_names = list(PRIORITY_STATUSES), _places(here)
    by_id = {
        code: _day(day)
        for code, day in zip(panel.meetings["meeting_id"], panel.meetings["held_on"], strict=True)
    }
    values["status"] = left.selectbox(
        PRIORITY["status"], statuses, index=statuses.index(seen.get("status") or "active"),
        format_func=lambda code: PRIORITY_STATUSES[code], key=f"{key}-status",
    )  # fmt: skip
    meetings = [None, *by_id]
    values["meeting_id"] = right.selectbox(
        PRIORITY["meeting_id"], meetings, key=f"{key}-meeting",
        index=meetings.index(seen.get("meeting_id")) if seen.get("meeting_id") in by_id else 0,
        format_func=lambda code: f"{by_id[code]:%d %b %Y}" if code else "no meeting",
    )  # fmt: skip
    for column, name in ((left, "period_start"), (right, "period_end")):
        values[name] = column.date_input(PRIORITY[name], _day(seen.get(name)), format="DD/MM/YYYY",
                                         key=f"{key}-{name}")  # fmt: skip
    known = [site for site in seen.get("site_ids", ()) if site in place_names]
    values["site_ids"] = st.multiselect(
        PRIORITY["site_ids"], list(place_names), known, format_func=place_names.__getitem__,
        key=f"{key}-sites", placeholder="None named",
    )  # fmt: skip
    values["source_evidence"] = st.multiselect(
        PRIORITY["source_evidence"], list(PRIORITY_EVIDENCE), list(seen.get("source_evidence", ())),
        format_func=lambda code: PRIORITY_EVIDENCE[code], key=f"{key}-evidence",
    )  # fmt: skip
    for name in TEXTS:
        now_said = str(seen.get(name, ""))
        values[name] = st.text_input(PRIORITY[name], now_said, max_chars=500, key=f"{key}-{name}")
    return values


def _places(here: Workspace) -> dict[str, str]:
    places = known_places(here, unused=True)
    kept = places[places["status"].ne("merged")]
    return dict(zip(kept["site_id"], kept["name"], strict=True))


def _save(
    here: Workspace,
    panel: WardPanel,
    which: tuple[str, str],
    seen: Mapping[Any, Any],
    values: dict[str, Any],
) -> None:
    """Add a record of this ward, or change what was changed of the one that was seen."""
    kind, record_id = which
    job = partial(add_record, here, kind, values)
    if record_id:
        told = saving.changed(seen, values)
        job = partial(change_record, here, kind, record_id, told, version=int(seen["version"]))
    store(here, panel.ward_code, job, lambda record: f"{record.id} is saved.")


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Write None for nothing in every column, as forms have it."""
    return frame.astype(object).where(frame.notna(), None)


def _day(value: Any) -> dt.date | None:  # noqa: ANN401 - a date, or nothing, of a frame
    return None if value is None or pd.isna(value) else pd.Timestamp(value).date()


def _number(value: Any) -> int | None:  # noqa: ANN401 - a number, or nothing, of a frame
    return None if value is None or pd.isna(value) else int(value)
