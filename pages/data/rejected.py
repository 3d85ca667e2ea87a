"""Rejected rows: what is wrong with them, as a table to correct, and the way back in."""

from __future__ import annotations

from functools import partial

import streamlit as st

from analysis.jobs.exports import rejected_file
from analysis.jobs.rejected import by_reason, correct, rejected_table
from geodata.batches import ImportReport
from geodata.errors import SaferWalksError
from geodata.vocabularies import SOURCES
from geodata.workspace import Workspace
from pages.components import frame, kept, messages, tables
from pages.components.session import workspace
from pages.server.clock import stamp

_RESULT, _ROUND, _FILES = "_corrected_result", "_corrected_round", "_corrected_files"
REASONS = {
    "kind": "What is wrong", "rows": "Rows", "waiting": "Can be corrected here",
    "label": "Source", "file": "First: file", "line": "Row of the file", "reason": "For example",
}  # fmt: skip
STEPS = (
    "Download the rows. Each has the reason it was rejected and the columns that come in.",
    "Correct the values in a spreadsheet. Leave the column row_id as it is; rows may be left out.",
    "Bring the file back here. What is in order then counts once, as the row it always was; what "
    "is still wrong keeps waiting.",
)


def show(here: Workspace) -> None:
    """Show the rejected rows by reason, hand them out, and take them back."""
    _show_result()
    found = by_reason(here)
    if found.empty:
        messages.box("note", "No row waits here: every row that was brought in could be read.")
        return
    waiting = int(found["waiting"].sum())
    tables.show(
        found.assign(label=found["source"].map(SOURCES)), REASONS,
        caption=f"{int(found['rows'].sum()):,} rejected rows, by reason", tall=True,
    )  # fmt: skip
    if waiting < int(found["rows"].sum()):
        frame.say(
            ["Rows of police.uk cannot be corrected here: bring in the month again when police.uk "
             "has mended it."]
        )  # fmt: skip
    st.download_button(
        "Download the rejected rows (CSV)",
        partial(_file, here), "safer-walks-rejected-rows.csv", "text/csv",
        on_click="ignore", icon=":material/download:",
    )  # fmt: skip
    if waiting and here.kind == "real":
        _take_back(here)


def _file(here: Workspace) -> bytes:
    return rejected_file(rejected_table(here), kind=here.kind)


def _take_back(here: Workspace) -> None:
    st.header("Correct them", anchor=False)
    items = "".join(f"<li>{step}</li>" for step in STEPS)
    st.html(f'<ol class="sw-text">{items}</ol>')
    turn = st.session_state.setdefault(_ROUND, 0)
    file = st.file_uploader(
        "The corrected file", type=["csv", "xlsx", "xls", "ods"], key=f"corrected-{turn}"
    )
    paths = kept.paths([file] if file else [], key=_FILES)
    if not st.button("Bring in the corrected rows", type="primary", disabled=not paths):
        return
    try:
        with st.spinner("Reading the corrected rows"):
            report = correct(here, paths[0], at=stamp())
    except SaferWalksError as error:
        messages.fault(error, reassurance="Nothing has changed.")
        return
    st.session_state[_RESULT] = report
    st.session_state[_ROUND] += 1
    st.rerun()


def _show_result() -> None:
    report: ImportReport | None = st.session_state.pop(_RESULT, None)
    if report is None:
        return
    stored = report.inside + report.outside + report.no_location
    still = f"{report.rejected:,} still wait" if report.rejected else "none is left of them"
    title = f"{stored:,} of {report.rows_in:,} rows are in order and count now; {still}."
    if report.unchanged:
        title = f"Nothing changed: all {report.rows_in:,} rows had been corrected before."
    messages.box("note" if report.unchanged else "done", title)


frame.heading(
    "Rejected rows",
    "Rows that could not be used, because a date is missing or cannot be read. Nothing is thrown "
    "away: correct them and bring them back.",
)
show(workspace())
