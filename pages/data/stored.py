"""What is stored: sources side by side, never added up."""

from __future__ import annotations

import streamlit as st

from geodata.workspace import Workspace
from pages.components import cached, messages, tables
from pages.components.tables import month, text, whole

SOURCE_COLUMNS = {
    "label": ("Source", text),
    "force": ("Recorded by", text),
    "first": ("First month", month),
    "last": ("Newest month", month),
    "months": ("Months", whole),
    "reports": ("Reports", whole),
    "missing": ("Months missing in between", text),
}


def show(workspace: Workspace) -> None:
    """List the sources and the months they cover."""
    st.header("What is stored", anchor=False)
    sources = cached.source_table(workspace)
    if sources.empty:
        messages.box("note", "No reports are stored yet. Bring in the first files below.")
        return
    tables.show(
        sources, SOURCE_COLUMNS,
        caption="Reports by source. A council report and a police report may be about the same "
        "event, so sources are never added up.",
    )  # fmt: skip
