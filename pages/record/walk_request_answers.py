"""What came of a requested walk: the outcome, and the few questions asked afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st

from geodata.records.kinds import kind_of
from geodata.records.vocabularies import FEELINGS, SUGGESTIONS
from pages.components import sign_in

SAID = {"": None, "yes": True, "no": False}
ASKED = kind_of("requests").labels
WRITTEN = {name: ASKED[name] for name in ("outcome", "questionnaire_text")}
"""Restricted: shown to those only who may see such text, but written by whoever walked with her."""


class Answers(NamedTuple):
    """What a person filled in.

    Attributes
    ----------
    known : dict
        Columns that were shown as they stand.
    written : dict
        Columns that may not be shown: only what was written anew.
    """

    known: dict[str, Any]
    written: dict[str, Any]


def ask(row: Mapping[Any, Any]) -> Answers:
    """Ask what came of it, inside the form of a request."""
    left, right = st.columns(2)
    key = f"{row['version']}"
    closed = row["closed_on"]
    known: dict[str, Any] = {
        "closed_on": left.date_input(
            ASKED["closed_on"], None if closed is None else pd.Timestamp(closed).date(),
            format="DD/MM/YYYY", key=f"closed-{key}",
        ),
        "would_recommend": _recommended(right, row, key),
        "feel_before": _feeling(left, row, "feel_before", key),
        "feel_after": _feeling(right, row, "feel_after", key),
        "suggestion_tags": tuple(
            st.multiselect(
                ASKED["suggestion_tags"], list(SUGGESTIONS), list(row["suggestion_tags"]),
                format_func=lambda code: SUGGESTIONS[code], key=f"tags-{key}", placeholder="None",
            )
        ),
    }  # fmt: skip
    may_see = sign_in.allowed("field", "restricted")
    written: dict[str, Any] = {}
    for name, label in WRITTEN.items():
        said = st.text_area(label, row[name] if may_see else "", key=f"{name}-{key}", height=80)
        if may_see:
            known[name] = said
        elif said:
            written[name] = said
    return Answers(known, written)


def _recommended(column: Any, row: Mapping[Any, Any], key: str) -> bool | None:  # noqa: ANN401
    now = next(word for word, is_so in SAID.items() if is_so == row["would_recommend"])
    said = column.selectbox(
        ASKED["would_recommend"], list(SAID), index=list(SAID).index(now),
        format_func=lambda word: word or "not asked", key=f"recommend-{key}",
    )  # fmt: skip
    return SAID[said]


def _feeling(column: Any, row: Mapping[Any, Any], name: str, key: str) -> int | None:  # noqa: ANN401
    options = [0, *FEELINGS]
    said: int = column.selectbox(
        ASKED[name], options, index=options.index(int(row[name] or 0)),
        format_func=lambda n: FEELINGS.get(n, "not asked"), key=f"{name}-{key}",
    )  # fmt: skip
    return said or None
