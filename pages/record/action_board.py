"""The actions as a board: a lane for each state, the most pressing first, as lists of cards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from analysis.report.escaping import html_text
from geodata.records.vocabularies import BLOCKED_REASONS, ESCALATED_TO, VERIFIED_BY
from pages.components import frame

MARKS = {"red": "■", "amber": "▲", "green": "●", "grey": "○"}
LANES = {
    "Proposed": ("proposed",),
    "Agreed": ("agreed",),
    "In progress": ("in_progress",),
    "Blocked": ("blocked",),
    "Completed, not yet verified": ("completed",),
    "Verified": ("verified",),
    "Cannot be done, or superseded": ("cannot_do", "superseded"),
}
MOST = 30
"""Cards a lane shows; more are counted, and stand in the table."""


def standing(row: Mapping[Any, Any]) -> str:
    """Say how an action stands: a mark, the word, and the reason for it.

    Examples
    --------
    >>> standing({"rag": "red", "rag_word": "Red", "rag_reason": "3 days overdue"})
    '■ Red: 3 days overdue'
    """
    return f"{MARKS[row['rag']]} {row['rag_word']}: {row['rag_reason']}"


def remarks(row: Mapping[Any, Any]) -> str:
    """Say what else a person must know of an action: moved dates, what blocks it, who checked it.

    Examples
    --------
    >>> remarks({"revisions": 2, "status": "blocked", "blocked_reason": "funding",
    ...     "verified_by": "", "escalated_to": "snb"})
    'date moved 2 times; blocked: funding; raised with: Safer Neighbourhood Board'
    """
    moved = 0 if pd.isna(row["revisions"]) else int(row["revisions"])
    said = {
        f"date moved {'once' if moved == 1 else f'{moved} times'}": moved > 0,
        f"blocked: {BLOCKED_REASONS.get(row['blocked_reason'], 'no reason given').lower()}":
        row["status"] == "blocked",
        f"verified by: {VERIFIED_BY.get(row['verified_by'], '').lower()}":
        row["verified_by"] not in ("", "not_verified"),
        f"raised with: {ESCALATED_TO.get(row['escalated_to'], '')}": bool(row["escalated_to"]),
    }  # fmt: skip
    return "; ".join(words for words, holds in said.items() if holds)


def show(actions: pd.DataFrame) -> None:
    """Draw the board.

    Parameters
    ----------
    actions : pandas.DataFrame
        Rows of `analysis.jobs.actions.ActionLog.actions`, most pressing first.
    """
    if actions.empty:
        frame.say(["No action is like that. Choose “All” to see every one."])
        return
    lanes = []
    for heading, states in LANES.items():
        rows = actions[actions["status"].isin(states)].to_dict("records")
        if rows:
            cards = "".join(map(_card, rows[:MOST]))
            more = f"<p>and {len(rows) - MOST} more in the table</p>" if len(rows) > MOST else ""
            lanes.append(
                f'<section class="sw-lane" tabindex="0" aria-label="{html_text(heading)}">'
                f"<h2>{html_text(heading)} ({len(rows)})</h2><ul>{cards}</ul>{more}</section>"
            )
    st.html(
        '<div class="sw-board" tabindex="0" role="region" aria-label="Actions by their state">'
        f"{''.join(lanes)}</div>"
    )


def _card(row: Mapping[Any, Any]) -> str:
    due = "" if pd.isna(row["due"]) else f", due {row['due']:%d %b %Y}"
    owner = f"{row['agency_name']}{', ' if row['owner_role'] else ''}{row['owner_role']}{due}"
    more = remarks(row)
    lines = [
        f'<p class="sw-card-rag">{html_text(standing(row))}</p>',
        f"<p><strong>{html_text(row['action_text'])}</strong></p>",
        f"<p>{html_text(owner)}</p>",
        f"<p>{html_text(more)}</p>" if more else "",
        f'<p class="sw-quiet">{html_text(row["ward_name"] or "no ward")}, '
        f"{html_text(row['action_id'])}</p>",
    ]
    return f'<li class="sw-card sw-card-{row["rag"]}">{"".join(lines)}</li>'
