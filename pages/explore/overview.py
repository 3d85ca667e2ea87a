"""The Overview page: what happened, where, what changed, and how fresh the data are."""

from __future__ import annotations

import streamlit as st

from analysis.jobs.overview import Overview
from geodata import months as m
from geodata.workspace import Workspace
from pages.components import address, cached, charts, filters, frame, messages, pictures, tables
from pages.components.session import workspace
from pages.data.stored import SOURCE_COLUMNS, named

WARD_COLUMNS = {
    "ward_name": "Ward",
    "count": "Reports",
    "per_km2": "Per km²",
    "per_1000": "Per 1,000 residents",
    "near_boundary_share": "Within 25 m of the ward's edge, %",
}


def totals(found: Overview) -> None:
    """Say how many reports there were, and whether that differs from a year before."""
    period = f"{found.months_counted} months to {m.label(found.as_at)}"
    numbers = f"{tables.said(found.compared_total)}, was {tables.said(found.year_before)}"
    now, before, newest = st.columns(3)
    now.metric(f"{what(found)} in the {period}", tables.said(found.total), border=True)
    before.metric(
        f"Against a year before ({len(found.compared)} months)",
        numbers if found.compared else "not known",
        border=True,
    )
    newest.metric("Newest month stored", m.label(found.selection.last), border=True)
    frame.say([f"{what(found)} received: {found.change}."])


def by_month(found: Overview) -> None:
    """Draw the months, gaps as gaps."""
    st.header("Month by month", anchor=False)
    charts.by_month(
        found.by_month, what=what(found), caption="Reports by month",
        of=pictures.of_selection(f"{what(found)} by month", found.selection),
    )  # fmt: skip


def by_ward(found: Overview) -> None:
    """Draw the wards in the order of their names: this is no league table."""
    st.header("Ward by ward", anchor=False)
    chart, table = st.columns([2, 3], gap="large")
    with chart:
        charts.by_ward(
            found.by_ward, what=what(found),
            of=pictures.of_selection(f"{what(found)} by ward", found.selection),
        )  # fmt: skip
    with table:
        tables.show(
            found.by_ward, tables.known(found.by_ward, WARD_COLUMNS),
            caption="Reports by ward, in order of name", percent=["near_boundary_share"],
        )  # fmt: skip


def what(found: Overview) -> str:
    """Name what is counted, for an axis."""
    words = found.selection.what
    return words[:1].upper() + words[1:]


def changes(found: Overview) -> None:
    """List the places that stand out against the same months of the year before."""
    st.header("What changed", anchor=False)
    if found.changes.empty:
        messages.box("note", found.changes_note)
        return
    tables.show(
        found.changes,
        {"name": "Place", "recent": "Last 3 months", "before": "Same months a year before"},
        caption="Places whose last three months differ from the same months a year before by more "
        "than chance would often do",
    )  # fmt: skip


def kinds(found: Overview) -> None:
    """List the kinds of report of this source."""
    st.header("Kinds of report", anchor=False)
    tables.show(
        found.by_category, {"label": "Kind", "count": "Reports"},
        caption="All kinds of report of this source, over the same months",
    )  # fmt: skip


def freshness(found: Overview) -> None:
    """Show the sources side by side, and how far each reaches."""
    st.header("Sources and how fresh they are", anchor=False)
    tables.show(
        named(found.sources), SOURCE_COLUMNS,
        caption="Each source by itself. One event may be in several, so they are never added up.",
        months=["first", "last"],
    )  # fmt: skip


def beside(here: Workspace, as_at: str) -> None:
    """Show what others count by ward: beside the reports, in no score."""
    for table in cached.ward_context(here, as_at=as_at):
        who = table.origin.get("source_name", "")
        st.header(f"Beside it: {table.title} by ward ({who})", anchor=False)
        if not table.months:
            messages.box("note", table.message)
            continue
        tables.show(
            table.by_ward, {"ward_name": "Ward", "count": "Recorded"},
            caption=f"{table.message} In order of name",
        )  # fmt: skip
        frame.say(
            [
                "Shown beside the reports and never part of a place's score: it is known by ward "
                "only. A ward the table does not name has no data, which is not nought.",
                *table.origin.get("notes", ()),
                f"{table.origin.get('licence', '')}. {table.origin.get('attribution', '')}",
            ]
        )


here = workspace()
frame.heading(
    "Overview",
    "What was reported in the last twelve months, where, what changed, and how far the data reach.",
)
with messages.faults_in_a_box():
    with filters.bar():
        stored = filters.source(here)
        chosen_kinds = filters.kinds(stored)
        as_at = filters.as_at(stored)
    address.show_faults()
    overview = cached.overview(here, source=stored.source, categories=chosen_kinds, as_at=as_at)
    totals(overview)
    by_month(overview)
    by_ward(overview)
    changes(overview)
    kinds(overview)
    beside(here, overview.as_at)
    freshness(overview)
