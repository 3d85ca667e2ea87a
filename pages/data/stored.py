"""What is stored: sources side by side, never added up."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from geodata import months as m
from geodata.forces import force_name
from geodata.workspace import Workspace
from pages.components import cached, frame, messages, tables

SOURCE_COLUMNS = {
    "label": "Source",
    "force": "Recorded by",
    "first": "First month",
    "last": "Newest month",
    "months": "Months",
    "reports": "Reports",
    "missing": "Months missing in between",
}


def show(workspace: Workspace) -> None:
    """List the sources and the months they cover."""
    st.header("Sources", anchor=False)
    sources = cached.source_table(workspace)
    if sources.empty:
        messages.box("note", "No reports are stored yet. Bring in the first files.")
        messages.to_bring_in()
        return
    shown = named(sources)
    tables.show(
        shown, tables.known(shown, SOURCE_COLUMNS),
        caption="Reports by source", months=["first", "last"],
    )  # fmt: skip
    frame.say(
        [
            "A council report and a police report may be about the same event, so sources stand "
            "side by side and are never added up."
        ]
    )


def named(sources: pd.DataFrame) -> pd.DataFrame:
    """Give police forces and councils the names people know them by."""
    return sources.assign(
        force=sources["force"].map(force_name),
        missing=sources["missing"].map(m.in_words).replace("", "none"),
    )
