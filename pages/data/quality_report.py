"""The quality report: every row accounted for, month by month and ward by ward."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analysis.jobs.quality import QualityReport
from geodata import months as m
from geodata.forces import force_name
from geodata.vocabularies import SOURCES
from geodata.workspace import Workspace
from pages.components import cached, frame, tables

REJECTED_PAGE = "data/rejected.py"
BALANCE = {
    "label": "Source",
    "rows_in": "Rows in",
    "inside": "Inside the wards",
    "outside": "Outside",
    "no_location": "No location",
    "merged": "Merged",
    "duplicates": "Repeated",
    "rejected": "Rejected",
    "near_boundary_share": "Near an edge, %",
}
BY_WARD = {
    "ward_name": "Ward",
    "reports": "Reports",
    "near_boundary": "Within 25 m of its edge",
    "near_boundary_share": "Share, %",
}
MONTHS = {"month": "Month", "force": "Recorded by", "status": "Status", "rows": "Rows"}
FILES = {
    "file": "File",
    "rows_in": "Rows in",
    "stored": "Stored",
    "rejected": "Rejected",
    "state": "State",
}


def show(workspace: Workspace) -> None:
    """Show the report; nothing where nothing is stored."""
    report = cached.quality(workspace)
    if report.totals.empty:
        return
    st.header("Quality report", anchor=False)
    frame.say([m.in_words(line) for line in report.flags])
    tables.show(
        _named(report.totals), BALANCE, percent=["near_boundary_share"],
        caption="Every row accounted for: rows in = inside + outside + no location + merged + "
        "repeated + rejected. Merged and repeated rows of councils are kept and not counted. "
        "Near an edge: share of those inside that lie within 25 m of the edge of their ward.",
    )  # fmt: skip
    _details(report)
    _rejected(report)


def _details(report: QualityReport) -> None:
    for source, part in report.by_ward.groupby("source"):
        with st.expander(f"Ward by ward: {SOURCES[str(source)]}"):
            tables.show(
                part, BY_WARD, percent=["near_boundary_share"],
                caption="Close to its edge, a report's ward is less certain",
            )  # fmt: skip
    with st.expander("Month by month"):
        months = report.months.assign(force=report.months["force"].map(force_name))
        tables.show(
            months, MONTHS, months=["month"], tall=True,
            caption="A missing month is one no file covers; a zero month has a file without rows",
        )  # fmt: skip
    with st.expander("File by file"):
        tables.show(report.files, FILES, caption="Files brought in", tall=True)


def _rejected(report: QualityReport) -> None:
    if report.rejected.empty:
        frame.say(["No row was rejected."])
        return
    st.page_link(
        REJECTED_PAGE, label=f"See the {len(report.rejected_rows):,} rejected rows by reason",
        icon=":material/arrow_forward:",
    )  # fmt: skip


def _named(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(label=table["source"].map(SOURCES))
