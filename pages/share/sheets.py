"""What else is handed on: a sheet for those who came on a walk, and the public calendar."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from analysis.disclosure.routes import RESTRICTED_TYPES
from analysis.jobs.events import programme
from analysis.jobs.feedback_sheet import Sheet, feedback_sheet
from analysis.jobs.programme_calendar import public_calendar
from geodata.workspace import Workspace
from pages.components import downloads, frame, sign_in
from pages.server.clock import now

MOST = 60
"""Walks on offer, the newest first."""


def show(here: Workspace) -> None:
    """Offer the sheet of one walk, and the calendar."""
    st.header("For those who walked with us", anchor=False)
    every = programme(here)
    held = every[every["status"].eq("held") & ~every["event_type"].isin(RESTRICTED_TYPES)]
    mine = sign_in.reach("download", "panel pack")
    held = held[held["ward_codes"].map(mine.covers).astype(bool)]
    held = held.iloc[::-1].head(MOST)
    if held.empty:
        frame.say(["No walk has been held yet. Its sheet stands here when one has."])
    else:
        _sheet(here, dict(zip(held["event_id"], _names(held), strict=True)))
    st.header("The public programme", anchor=False)
    frame.say([
        "A calendar file of what is to come. Walk and Talks and women-only walks are not in it."
    ])  # fmt: skip
    with downloads.row("share-calendar"):
        st.download_button(
            "Calendar (.ics)", lambda: public_calendar(here, at=now()).content,
            "safer-walks programme.ics", "text/calendar", key="share-ics", on_click="ignore",
            icon=":material/download:",
        )  # fmt: skip


def _names(held: pd.DataFrame) -> list[str]:
    rows = held.to_dict("records")
    return [
        f"{row['type_name']}, {row['place']}, {row['date']:%B %Y} ({row['event_id']})"
        for row in rows
    ]


def _sheet(here: Workspace, names: dict[str, str]) -> None:
    frame.say(["One page a walk: what you said, what happens next, by whom and when."])
    chosen = st.selectbox("Walk", list(names), format_func=names.__getitem__, key="share-walk")
    make = partial(feedback_sheet, here, chosen, at=now())
    with downloads.row("share-sheet"):
        for label, ending, mime, content in (
            ("Sheet (PDF)", ".pdf", "application/pdf", lambda: _pdf(make())),
            ("Sheet (HTML)", ".html", downloads.HTML, lambda: make().page.encode()),
        ):
            st.download_button(
                label, content, f"feedback-{chosen}{ending}", mime, key=f"share-sheet-{ending}",
                on_click="ignore", icon=":material/download:",
            )  # fmt: skip


def _pdf(sheet: Sheet) -> bytes:
    """Give the PDF, or what stands in its way."""
    return sheet.pdf if sheet.pdf is not None else sheet.no_pdf.encode()
