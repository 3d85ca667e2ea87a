"""The Feedback page: the forms, which lose nothing that is typed, and what has come in."""

from __future__ import annotations

import streamlit as st

from analysis.jobs.safeguarding import whom_to_ring
from analysis.jobs.walk_forms import every_walk, summary
from analysis.report.escaping import html_text
from analysis.report.forms import ADDRESSES
from geodata.reporting import ways
from geodata.wording import ENGLISH, languages, wording
from pages.components import concerns, frame, messages, sign_in, tables
from pages.components.session import workspace
from pages.phone.endpoints import sender

SUMMARY_COLUMNS = {
    "mode_name": "Whose words",
    "experience_name": "From",
    "answers": "Answers",
    "people": "People",
    "feel_now": "Feels now (median, 1 to 6)",
    "feel_dark": "Feels after dark (median, 1 to 6)",
}
FORMS = {
    ADDRESSES["quick"]: ("Quick form, for a phone", "one stop in under two minutes, one-handed"),
    ADDRESSES["audit"]: ("Full audit", "ratings, day and dark, behaviours, what is good"),
    ADDRESSES["paper"]: ("Type in paper forms", "a stack of them, with the keyboard alone"),
    "paper": ("Print the paper form", "the same questions and codes, where there is no signal"),
}


def forms() -> None:
    """Lead to the forms: pages of their own, because a page of this app forgets what is typed."""
    st.header("Record what people say", anchor=False)
    asked = f"walk={html_text(chosen)}&amp;lang={html_text(language)}"
    links = "".join(
        f'<li><a href="{address}?{asked}" target="_self">{html_text(name)}</a>: {html_text(what)}'
        for address, (name, what) in FORMS.items()
    )
    st.html(f'<ul class="sw-text">{links}</ul>')
    frame.say(
        ["What is typed there is kept on the device as it is typed, through a locked screen, a "
         "lost connection or a reload, and is gone from the device once it is stored."]
    )  # fmt: skip


def come_in() -> None:
    """Count what has come in for this walk; whose words they are stays apart."""
    st.header("What has come in", anchor=False)
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
    """Say whom to ring when somebody may be at risk; the forms take a concern to the officers."""
    if not st.checkbox(words["form.safeguarding.tick"], key="at-risk"):
        return
    concerns.ring(whom_to_ring(here))
    asked = f"walk={html_text(chosen)}&amp;lang={html_text(language)}"
    st.html(
        f'<p class="sw-text">{html_text(words["form.safeguarding.apart"])} '
        f'<a href="{ADDRESSES["quick"]}?{asked}#risk" target="_self">Alert the officers on the '
        "form</a>, under the same words.</p>"
    )


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
    "What people say on a walk: by phone, in full, or from paper.",
)
with messages.faults_in_a_box():
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
        messages.end_page()
    names = {one["event_id"]: f"{one['date'] or 'no date yet'} {one['name']}" for one in walks}
    chosen = st.selectbox(words["form.walk"], list(names), format_func=names.__getitem__)
    walk = next(one for one in walks if one["event_id"] == chosen)
    forms()
    come_in()
    at_risk()
    disclosure()
