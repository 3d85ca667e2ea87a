"""The Full audit: everything the paper form asks, on one screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from geodata.records.vocabularies import MONITORING, RATINGS
from geodata.wording import Wording
from pages.components import frame

NOT_SAID = "Not said"


def one(label: str, options: Mapping[str, str], *, key: str) -> str:
    """Offer one of several codes; '' where nothing was said."""
    chosen = st.selectbox(
        label, list(options), index=None, placeholder=NOT_SAID, key=key,
        format_func=lambda code: options[code],
    )  # fmt: skip
    return str(chosen or "")


def several(label: str, options: Mapping[str, str], *, key: str, help: str = "") -> list[str]:  # noqa: A002
    """Offer any number of codes."""
    return list(
        st.multiselect(
            label, list(options), key=key, help=help or None, placeholder="None named",
            format_func=lambda code: options[code],
        )
    )  # fmt: skip


def feeling(label: str, words: Wording, *, key: str) -> int | None:
    """Offer the six steps of feeling safe, and nothing in the middle."""
    options = words.options("feeling")
    chosen = st.segmented_control(
        label, list(options), format_func=lambda code: f"{code} {options[code]}", key=key
    )
    return int(chosen) if chosen else None


def feelings(words: Wording, *, prefix: str) -> dict[str, Any]:
    """Ask for the feeling now, by day and after dark; what is remembered is kept apart."""
    said: dict[str, Any] = {
        "feel_now": feeling(words["form.feel_now"], words, key=f"{prefix}-now"),
        "open_reason": st.text_area(
            words["form.open_reason"], help=words["form.open_reason_hint"], key=f"{prefix}-why"
        ),
    }
    for name in ("feel_day", "feel_dark"):
        said[name] = feeling(words[f"full.{name}"], words, key=f"{prefix}-{name}")
        recalled = st.checkbox(words["full.recalled"], key=f"{prefix}-{name}-recalled")
        said[f"{name}_recalled"] = recalled if said[name] else None
    return said


def ratings(words: Wording, *, prefix: str) -> dict[str, Any]:
    """Ask for each rating of 0 to 3, with what each step means."""
    st.header(words["full.ratings"], anchor=False)
    said: dict[str, Any] = {}
    not_applicable = []
    names = list(RATINGS)
    for row in range(0, len(names), 3):
        for holder, name in zip(st.columns(3), names[row : row + 3], strict=False):
            levels = words.options(f"rating.{name}")
            steps = {level: f"{level} {text}" for level, text in levels.items()}
            steps["n"] = words["full.not_applicable"]
            with holder:
                chosen = one(words[f"full.rating.{name}"], steps, key=f"{prefix}-{name}")
            said[name] = int(chosen) if chosen.isdigit() else None
            not_applicable += [name] if chosen == "n" else []
    return {**said, "not_applicable": not_applicable}


def lists(words: Wording, *, prefix: str) -> dict[str, Any]:
    """Ask for issues, what is good, what people met, what they changed and what would help."""
    named = {
        "issues": ("form.issues", "environment_issue", "form.issues_hint"),
        "positives": ("full.positives", "positive", ""),
        "behaviours": ("full.behaviours", "behaviour", "full.behaviours_hint"),
        "changed_behaviour": ("full.changed_behaviour", "changed_behaviour", ""),
        "reasons_not_reported": ("full.reasons_not_reported", "reason_not_reported", ""),
        "suggestion_tags": ("full.suggestion_tags", "suggestion", ""),
    }
    said: dict[str, Any] = {
        column: several(
            words[label], words.options(of), key=f"{prefix}-{column}",
            help=words[hint] if hint else "",
        )
        for column, (label, of, hint) in named.items()
    }  # fmt: skip
    said["reported_before"] = one(
        words["full.reported_before"], words.options("reported_to"), key=f"{prefix}-reported"
    )
    said["positive_text"] = st.text_area(words["full.positive_text"], key=f"{prefix}-good")
    said["suggestion"] = st.text_area(words["form.suggestion"], key=f"{prefix}-help")
    return said


def person(words: Wording, *, is_virtual: bool, prefix: str) -> dict[str, Any]:
    """Ask how well the person knows the place, and what the answer stands on."""
    experience = words.options("experience")
    if is_virtual:  # nobody was there: what was not seen on site is never said to be
        experience = {code: text for code, text in experience.items() if code != "today_on_site"}
    return {
        "experience": one(words["full.experience"], experience, key=f"{prefix}-basis"),
        "familiarity": one(
            words["full.familiarity"], words.options("familiarity"), key=f"{prefix}-often"
        ),
        "usual_times": several(
            words["full.usual_times"], words.options("usual_time"), key=f"{prefix}-when"
        ),
        "alone_effect": one(
            words["full.alone_effect"], words.options("alone_effect"), key=f"{prefix}-alone"
        ),
    }


def monitoring(words: Wording, *, prefix: str) -> dict[str, str]:
    """Ask about the person, if they wish; the answers are counted apart."""
    with st.expander(words["full.monitoring"]):
        frame.say([words["full.monitoring_hint"]])
        said = {
            question: one(
                words[f"full.about.{question}"], words.options(f"monitoring.{question}"),
                key=f"{prefix}-about-{question}",
            )
            for question in MONITORING
        }  # fmt: skip
    return {question: answer for question, answer in said.items() if answer}


def consent(words: Wording, *, prefix: str) -> dict[str, bool]:
    """Ask whether it may be kept, and quoted."""
    return {
        "consent_store": st.checkbox(
            words["form.consent_store"], help=words["form.consent_words"], key=f"{prefix}-keep"
        ),
        "consent_quote": st.checkbox(words["form.consent_quote"], key=f"{prefix}-quote"),
    }
