"""Who gets walks: reports and walks ward by ward, and which wards have waited for a year."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analysis.disclosure import OPEN_SOURCES
from analysis.jobs.need import FIRST_PLACES, NeedResult
from analysis.jobs.voices import last_day
from analysis.report.taken import RECORDS
from geodata import months as m
from geodata.errors import NotEnoughDataError
from geodata.vocabularies import SOURCES
from geodata.workspace import Workspace
from pages.components import (
    cached,
    charts,
    downloads,
    frame,
    messages,
    pictures,
    sign_in,
    tables,
)

COLUMNS = {
    "ward_name": "Ward",
    "reports": "Reports",
    "share_reports": "Share of reports, %",
    "places": f"Of the first {FIRST_PLACES} places",
    "walks": "Walks",
    "share_walks": "Share of walks, %",
    "others": "Surgeries and days",
    "last": "Last walk",
    "months_since": "Months since",
    "note": "To know",
}
WHAT_IT_IS = (
    "Reports are what somebody wrote down, not all there is: a ward that reports little may need a "
    "walk more. Nothing here ranks wards. A walk in two wards counts in both; surgeries and "
    "engagement days are told apart."
)


def show(here: Workspace) -> None:
    """Show each ward's share of reports and walks, and when its walks were."""
    st.header("Who gets walks", anchor=False)
    try:
        found = cached.need(here)
    except NotEnoughDataError as fault:
        messages.box("note", fault.what, {"What to do": fault.todo})
        return
    source = found.selection.source
    if source not in OPEN_SOURCES and not sign_in.allowed("field", "small counts"):
        frame.say(["The reports behind this are not open data. Ask an analyst for a version."])
        return
    frame.say([found.message, WHAT_IT_IS])
    shares, over_time = st.columns(2, gap="medium")
    with shares:
        st.subheader("Share of reports and of walks", anchor=False)
        at = found.as_at
        title = "Share of reports and of walks, by ward"
        charts.need_shares(found.table, of=pictures.of(title, at, at, source, RECORDS))
    with over_time:
        st.subheader("When walks were held", anchor=False)
        charts.walks_held(
            found.table, found.walks, pd.Timestamp(last_day(at)),
            of=pictures.of("When walks were held, by ward", at, at, RECORDS),
        )  # fmt: skip
    _table(found)
    if sign_in.allowed("download", "internal"):
        with downloads.row("need"):
            downloads.table(
                here, found.readable, name=f"who gets walks {found.as_at}", source=source,
                who="internal", key="need",
            )  # fmt: skip


def _table(found: NeedResult) -> None:
    day = found.table["last_walk"].dt.strftime("%d %b %Y").fillna("none")
    shown = found.table.assign(
        last=day, months_since=found.table["months_since"].astype("object").fillna("none"),
        **{name: found.table[name].astype("int64") for name in ("reports", "places")},
    )  # fmt: skip
    columns = dict(COLUMNS)
    if not found.is_ranked:
        del columns["places"]
    tables.show(
        shown, columns, percent=("share_reports", "share_walks"), tall=True,
        caption=f"Wards in order of name; 12 months to {m.label(found.as_at)}, "
        f"{SOURCES[found.selection.source].lower()}",
    )  # fmt: skip
