"""The Feedback page: the full audit, a quick way to type in paper forms, and what has come in."""

from __future__ import annotations

import secrets
from functools import partial
from typing import Any

import streamlit as st

from analysis.jobs.safeguarding import whom_to_ring
from analysis.jobs.walk_forms import every_walk, raise_concern, send_full, summary
from analysis.report.escaping import html_text
from geodata.reporting import ways
from geodata.wording import ENGLISH, languages, wording
from pages.components import concerns, frame, messages, sign_in, tables
from pages.components.session import workspace
from pages.phone.endpoints import sender
from pages.record import audit_form, paper_entry, saving

SUMMARY_COLUMNS = {
    "mode_name": "Whose words",
    "experience_name": "From",
    "answers": "Answers",
    "people": "People",
    "feel_now": "Feels now (median, 1 to 6)",
    "feel_dark": "Feels after dark (median, 1 to 6)",
}


def store(form: str, values: dict[str, Any], monitoring: dict[str, str]) -> None:
    """Store an answer of the walk that is chosen."""
    whole = {"event_id": walk["event_id"], **values}
    job = partial(
        send_full, here, who, whole, monitoring=monitoring, key=paper_entry.fresh_key(form)
    )
    saving.store("record feedback", lambda at, **_: job(at=at), partial(paper_entry.stored, form))


def choose_stop(prefix: str) -> str | None:
    """Offer the stops of the walk; None is the walk as a whole."""
    names = {stop["stop_id"]: stop["name"] for stop in walk["stops"]}
    return st.selectbox(
        words["form.stop"], [None, *names], key=f"{prefix}-stop",
        format_func=lambda code: names.get(code, "The walk as a whole"),
    )  # fmt: skip


def full_audit() -> None:
    """Ask everything, for one person, a group, the lead's own eyes, or a virtual walk."""
    frame.say(
        ["Typed here, it is lost when the page is loaded again before it is stored. On a walk use "
         "the phone form, which keeps what is typed."]
    )  # fmt: skip
    modes = words.options("response_mode")
    prefix = f"audit-{paper_entry.fresh_key('audit')}"
    mode = st.segmented_control(
        words["form.who"], list(modes), format_func=modes.__getitem__, default="individual",
        key=f"{prefix}-mode",
    )  # fmt: skip
    with st.form("audit"):
        values: dict[str, Any] = {"mode": mode or "individual", "n_people": 1, "channel": channel}
        values["stop_id"] = choose_stop(prefix)
        if mode == "group_consensus":
            people = st.number_input(words["form.n_people"], 2, 200, 5, key=f"{prefix}-people")
            values["n_people"] = int(people)
        values |= audit_form.feelings(words, prefix=prefix)
        values |= audit_form.person(words, is_virtual=walk["is_virtual"], prefix=prefix)
        values |= audit_form.ratings(words, prefix=prefix)
        values |= audit_form.lists(words, prefix=prefix)
        about = audit_form.monitoring(words, prefix=prefix)
        values |= audit_form.consent(words, prefix=prefix)
        sent = st.form_submit_button("Store this answer", type="primary")
    if sent:
        store("audit", values, about)


def come_in() -> None:
    """Count what has come in for this walk; whose words they are stays apart."""
    table = summary(here, walk["event_id"])
    if table.empty:
        frame.say(["Nothing has come in for this walk yet."])
        return
    shown = table.assign(
        mode_name=table["mode"].map(words.options("response_mode")),
        experience_name=table["experience"].map(words.options("experience")).fillna("not said"),
    )
    tables.show(shown, SUMMARY_COLUMNS, caption=f"Answers of {walk['name']}")
    frame.say(["One person, a group, an observer and a picture are different things: no average "
               "is made of them together."])  # fmt: skip


def at_risk() -> None:
    """Say whom to ring when somebody may be at risk, and take the concern to the officers."""
    if not st.checkbox(words["form.safeguarding.tick"], key="at-risk"):
        return
    concerns.ring(whom_to_ring(here))
    with st.form("concern", clear_on_submit=True):
        frame.say([words["form.safeguarding.apart"]])
        detail = st.text_area(words["form.safeguarding.note"])
        contact = st.text_area(words["form.safeguarding.contact"])
        sent = st.form_submit_button(words["form.safeguarding.send"])
    if sent:
        said = {"event_id": walk["event_id"], "detail": detail, "contact": contact}
        job = partial(raise_concern, here, who, said, key=secrets.token_hex(16))
        saving.store(
            "record feedback", lambda at, **_: job(at=at),
            lambda _: "The safeguarding officers are alerted. Ringing is quicker: ring too.",
        )  # fmt: skip


def disclosure() -> None:
    """Show how to report a crime: the form is no report."""
    with st.expander(words["form.disclosure.heading"]):
        frame.say([words["form.disclosure.text"]])
        listed = ways(here.path)
        concerns.ways("Report", listed["route"])
        concerns.ways(words["form.disclosure.specialist"], listed["support"])


here = workspace()
who = sender(sign_in.visitor())
frame.heading(
    "Feedback",
    "What people say on a walk: from the phone, from paper, or in full here.",
)
with messages.faults_in_a_box():
    saving.show_done()
    there = languages(folder=here.path)
    language = ENGLISH
    if len(there) > 1:
        language = st.selectbox("Language", list(there), format_func=there.__getitem__)
    words = wording(language, folder=here.path)
    walks = every_walk(here, who)
    if not walks:
        messages.box(
            "attention", "There is no walk to record", {"What to do": words["form.no_walk"]}
        )
        st.stop()
    names = {one["event_id"]: f"{one['date'] or 'no date yet'} {one['name']}" for one in walks}
    chosen = st.selectbox(words["form.walk"], list(names), format_func=names.__getitem__)
    walk = next(one for one in walks if one["event_id"] == chosen)
    channel = "online_session" if walk["is_virtual"] else "tablet"
    asked = f"walk={html_text(chosen)}&amp;lang={html_text(language)}"
    st.html(
        f'<p><a href="phone?{asked}" target="_self">Open the phone form</a></p>'
        f'<p><a href="paper?{asked}" target="_self">Open the paper form, to print</a></p>'
    )
    audit, paper, said = st.tabs(["Full audit", "Type in paper forms", "What has come in"])
    with audit:
        full_audit()
    with paper:
        if values := paper_entry.typed_form(words, walk):
            store("paper", values, {})
    with said:
        come_in()
    at_risk()
    disclosure()
