"""Safeguarding concerns that nobody has acknowledged: on top of every page of the officers."""

from __future__ import annotations

import sys

import streamlit as st

from geodata.reporting import Way
from geodata.workspace import Workspace
from pages.components import messages, sign_in, tables

PAGE = "record/safeguarding.py"


def at_hand() -> bool:
    """Tell whether this server has looked into its records yet: the first look takes a while."""
    return "analysis.jobs.safeguarding" in sys.modules


def alert(workspace: Workspace) -> None:
    """Tell a safeguarding officer that somebody waits, wherever the officer is in the app."""
    if not sign_in.allowed("field", "safeguarding"):
        return
    from analysis.jobs.safeguarding import open_count

    waiting = open_count(workspace)
    if waiting:
        words = "concern waits" if waiting == 1 else "concerns wait"
        messages.box("problem", f"{waiting} safeguarding {words} for somebody to acknowledge it")
        st.page_link(PAGE, label="Go to Safeguarding", icon=":material/arrow_forward:")


def ring(listed: list[Way]) -> None:
    """Say whom to ring now."""
    messages.box("problem", "In danger this minute: ring 999")
    tables.facts({way.name: way.how for way in listed} or {"Nobody is on the list": "ring 999"})


def ways(title: str, listed: tuple[Way, ...]) -> None:
    """List ways to report, or to get help."""
    st.subheader(title, anchor=False)
    tables.facts({way.name: way.how for way in listed})
