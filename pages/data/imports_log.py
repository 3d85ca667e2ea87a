"""What was brought in: when, which files, how many rows, and how to take one import back."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from analysis.jobs.imports import list_imports, undo_import
from geodata import months as m
from geodata.errors import SaferWalksError
from geodata.vocabularies import SOURCES
from geodata.workspace import Workspace
from pages.components import frame, messages, tables
from pages.server.clock import stamp

_SAID, _ASKED = "_undo_said", "_undo_asked"
COLUMNS = {
    "when": "When", "files": "Files", "source": "Source", "rows": "Rows", "how": "How",
    "id": "Import",
}  # fmt: skip
HOW = {
    "correct": "", "replace": "In place of what was stored", "add": "On top of what was stored",
    "undone": "Undone", "relocated": "Gave stored rows a place",
}  # fmt: skip
SHOWN_FILES = 3


def show(workspace: Workspace) -> None:
    """List the imports, the newest first, and offer to undo one."""
    said = st.session_state.pop(_SAID, None)
    entries = list_imports(workspace)[::-1]
    if not entries:
        return
    st.header("What was brought in", anchor=False)
    if said:
        messages.box("done", said)
    rows = pd.DataFrame([_row(entry) for entry in entries])
    tables.show(
        rows, tables.known(rows, COLUMNS),
        caption="Imports, the newest first", tall=True,
    )  # fmt: skip
    if workspace.kind == "real":
        _undo(workspace, [entry for entry in entries if entry["can_undo"]])


def _row(entry: dict[str, Any]) -> dict[str, object]:
    return {
        "when": _moment(entry["at"]), "files": _files(entry), "rows": entry["rows"],
        "source": ", ".join(SOURCES[s] for s in entry["sources"]), "id": entry["import_id"],
        "how": HOW[entry["mode"]],
    }  # fmt: skip


def _files(entry: dict[str, Any]) -> str:
    names = entry["files"]
    more = len(names) - SHOWN_FILES
    return ", ".join(names[:SHOWN_FILES]) + (f" and {more} more" if more > 0 else "")


def _moment(at: str) -> str:
    if not at:
        return ""
    day = f"{int(at[8:10])} {m.label(at[:7])}"
    return f"{day}, {at[11:16]}" if len(at) > 10 else day


def _undo(workspace: Workspace, entries: list[dict[str, Any]]) -> None:
    """Ask which import to undo, say what that takes out, and do it when confirmed."""
    if not entries:
        return
    with st.expander("Undo an import"):
        frame.say(
            ["Undoing takes the rows of an import out again. What it had replaced counts again."]
        )
        by_id = {entry["import_id"]: entry for entry in entries}
        chosen = st.selectbox(
            "Import to undo", list(by_id), index=None, placeholder="Choose one",
            format_func=lambda i: f"{_moment(by_id[i]['at'])}: {_files(by_id[i])}",
            key="undo-which",
        )  # fmt: skip
        if st.button("Undo this import", disabled=chosen is None):
            st.session_state[_ASKED] = chosen
        if chosen is not None and st.session_state.get(_ASKED) == chosen:
            _confirm(workspace, by_id[chosen])


def _confirm(workspace: Workspace, entry: dict[str, Any]) -> None:
    messages.box("attention", f"Undo the import of {_files(entry)}?", {
        "": f"Its {entry['rows']:,} rows are taken out of every count, map and table. It stays in "
        "this list, marked as undone, and its files can be brought in again.",
    })  # fmt: skip
    row = st.container(horizontal=True)
    if row.button("Yes, undo it", type="primary"):
        del st.session_state[_ASKED]
        try:
            done = undo_import(workspace, entry["import_id"], at=stamp())
        except SaferWalksError as error:
            messages.fault(error, reassurance="Nothing has changed.")
            return
        st.session_state[_SAID] = done["message"]
        st.rerun()
    if row.button("No, leave it"):
        del st.session_state[_ASKED]
        st.rerun()
