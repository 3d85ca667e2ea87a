"""Type in a stack of paper forms: short boxes, the numbers on paper, nothing but the keyboard."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import streamlit as st

from analysis import paper_codes
from analysis.report.forms import numbers
from geodata.wording import Wording
from pages.components import frame, messages

TYPED = {
    "stop": "Stop: 1, 2, …",
    "people": "People, if a group agreed",
    "feel_now": "Feels now, 1 to 6",
    "feel_day": "By day",
    "feel_dark": "After dark",
    "issues": "What is wrong: numbers",
    "help": "What would help: numbers",
    "good": "What is good: numbers",
    "met": "What people met: numbers",
    "ratings": "Ratings in a row: 0 to 3, - or n",
    "keep": "Agrees to keeping: y or n",
    "quote": "Agrees to a quote: y or n",
}
FOCUS = "<script>document.querySelector('.st-key-paper-first input')?.focus()</script>"


def fresh_key(form: str) -> str:
    """Give the key of the answer that is being written: stored twice by a double click, kept once.

    A stored answer starts the form anew, under another key.
    """
    return str(st.session_state.setdefault(f"_key-{form}", secrets.token_hex(16)))


def stored(form: str, record: str) -> str:
    """Begin the next answer, and say that this one is stored."""
    del st.session_state[f"_key-{form}"]
    return f"{record} is stored. The next one begins empty."


def typed_form(words: Wording, walk: Mapping[str, Any]) -> dict[str, Any] | None:
    """Type in paper forms one after the other, with the keyboard alone; None until one is sent."""
    frame.say(
        ["For a stack of paper forms: Tab to the next box, Enter to store. The numbers are those "
         "beside the words on paper. After each form the first box is ready for the next."]
    )  # fmt: skip
    key = fresh_key("paper")
    with st.form("paper"):
        typed: dict[str, str] = {}
        names = list(TYPED)
        for row in range(0, len(names), 4):  # a row at a time: Tab goes along it, as on paper
            for holder, name in zip(st.columns(4), names[row : row + 4], strict=True):
                first = holder.container(key="paper-first" if name == names[0] else None)
                typed[name] = first.text_input(TYPED[name], key=f"paper-{key}-{name}")
        why = st.text_input(words["form.open_reason"], key=f"paper-{key}-why")
        helps = st.text_input(words["form.suggestion"], key=f"paper-{key}-what")
        sent = st.form_submit_button("Store this form", type="primary")
    if sent:
        with messages.faults_in_a_box():
            return {**typed_values(typed, words, walk), "open_reason": why, "suggestion": helps}
    if st.session_state.get("_paper-shown") != key:
        st.session_state["_paper-shown"] = key
        st.html(FOCUS, unsafe_allow_javascript=True)
    return None


def typed_values(
    typed: Mapping[str, str], words: Wording, walk: Mapping[str, Any]
) -> dict[str, Any]:
    """Turn what was typed into columns, by the numbers on paper."""
    of = numbers(words)
    box = TYPED
    place = paper_codes.number(typed["stop"], 1, max(len(walk["stops"]), 1), box=box["stop"])
    people = paper_codes.number(typed["people"], 2, 200, box=box["people"])
    feelings = {
        name: paper_codes.number(typed[name], 1, 6, box=box[name])
        for name in ("feel_now", "feel_day", "feel_dark")
    }
    lists = {
        column: paper_codes.codes(typed[name], of[listed], box=box[name])
        for column, name, listed in (
            ("issues", "issues", "issue"), ("suggestion_tags", "help", "suggestion"),
            ("positives", "good", "positive"), ("behaviours", "met", "behaviour"),
        )
    }  # fmt: skip
    return {
        **feelings, **lists, **paper_codes.ratings(typed["ratings"]), "channel": "paper",
        "stop_id": walk["stops"][place - 1]["stop_id"] if place and walk["stops"] else None,
        "mode": "group_consensus" if people else "individual", "n_people": people or 1,
        "experience": "image_only" if walk["is_virtual"] else "today_on_site",
        "consent_store": paper_codes.yes(typed["keep"], box=box["keep"]),
        "consent_quote": paper_codes.yes(typed["quote"], box=box["quote"]),
    }  # fmt: skip
