"""The Trends page: months against the year before, what stands out, and known breaks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from analysis.jobs.choices import Choices
from analysis.jobs.trends import WITH_DRUGS, Trends
from analysis.report.time_charts import rule_words
from geodata import breaks as known
from geodata import months as m
from geodata.errors import SaferWalksError
from pages.components import (
    address,
    cached,
    charts,
    downloads,
    filters,
    frame,
    messages,
    pictures,
    sign_in,
    tables,
)
from pages.components.session import workspace
from pages.explore.trend_labels import BY, DRUGS, LIMITS, NO_CAUSE, SUMMARY, Z_LIMITS


def choose_drugs(stored: Choices, kinds: tuple[str, ...]) -> tuple[str, ...]:
    """Offer ASB and drugs as one series, across the change of law that moved reports between."""
    if kinds or "drugs" not in stored.categories:
        return kinds
    chosen = address.choose(
        "Count", DRUGS, key="drugs", default="",
        help="Possession of nitrous oxide for misuse became an offence on 8 November 2023: such "
        "reports may since be under drugs. Counted together they are one series.",
    )  # fmt: skip
    return WITH_DRUGS if chosen else ()


def choose_series(found: Trends) -> str:
    """Offer the series where there are several."""
    options = dict(zip(found.summary["series"], found.summary["name"], strict=True))
    if len(options) == 1:
        return next(iter(options))
    return address.choose(
        BY[found.by].removesuffix("s"), options, key="series", default=next(iter(options))
    )


def show_change(row: pd.Series) -> None:
    """Say how the last twelve months compare with those before."""
    compared = int(row["months_compared"])
    now, before, z = st.columns(3)
    label = f"last {compared} comparable months" if compared else "last 12 months"
    now.metric(f"{what}, {label}", tables.said(row["count"]), border=True)
    before.metric("Same months a year before", tables.said(row["year_before"]), border=True)
    z.metric("Poisson z", "not known" if row["z"] != row["z"] else f"{row['z']:.1f}", border=True)
    frame.say([f"{row['name']}: {row['words']}.", Z_LIMITS])


def show_chart(found: Trends, code: str) -> None:
    """Draw one series with its limits, then its year beside the year before."""
    series = found.table[found.table["series"] == code]
    shown = pd.DataFrame([{"month": b.month, "label": b.label} for b in found.breaks])
    st.header("Out of the ordinary?", anchor=False)
    where, span = series["name"].iloc[0], found.selection
    title = f"{what} by month and its usual limits, {where}"
    charts.control(series, shown, what=what, of=pictures.of_selection(title, span))
    frame.say([rule_words(), *found.notes, LIMITS])
    for each in found.breaks:
        lines = {"": each.label}
        messages.box("attention", f"The series starts anew in {m.label(each.month)}", lines)
    st.header("Against the year before", anchor=False)
    charts.by_month(
        series[["month", "count", "is_partial"]], what=what,
        caption=f"{what} by month, {where}",
        of=pictures.of_selection(f"{what} by month and a year before, {where}", span),
    )  # fmt: skip


def show_seasons(found: Trends) -> None:
    """Draw the seasons of the borough, or say what they need."""
    st.header("Seasons", anchor=False)
    if found.season is None:
        messages.box("note", "Seasons need about 24 months in a row, of every force.")
        return
    frame.say(["Of the whole borough: each month beside the year around it."])
    charts.season(found.season, of=pictures.of_selection(f"{what}: seasons", found.selection))


def show_all(found: Trends) -> None:
    """List every series, in the order of names: no league table."""
    if len(found.summary) < 2:
        return
    st.header(f"{BY[found.by]} one by one", anchor=False)
    rows = found.summary.assign(z=found.summary["z"].round(1))
    tables.show(
        rows, tables.known(rows, SUMMARY), tall=True,
        caption="The last 12 months against the same months a year before",
    )  # fmt: skip


def show_breaks(months: tuple[str, ...]) -> None:
    """List the known breaks, and let a person add one or take one out."""
    st.header("Known breaks", anchor=False)
    frame.say(["From a break on, counts mean something else, so the limits start anew."])
    own = known.own_breaks(here.path)
    rows = [
        *((b, "the country") for b in known.national_breaks()),
        *((b, "this team") for b in own),
    ]
    listed = pd.DataFrame([{"month": b.month, "label": b.label, "whose": w} for b, w in rows])
    tables.show(
        listed.sort_values("month", kind="stable"), months=["month"], caption="Known breaks",
        columns={"month": "From", "label": "What changed", "whose": "Known to"},
    )  # fmt: skip
    if not sign_in.allowed("action", "edit known breaks"):
        return
    with st.expander("Add or remove a break of your own"):
        with st.form("add-break", border=False, clear_on_submit=True):
            month = st.selectbox("First month of the new series", months[::-1], format_func=m.label)
            words = st.text_input("What changed", max_chars=known.LONGEST)
            if st.form_submit_button("Add this break"):
                change_breaks(partial(known.add_break, here.path, month, words))
        for each in own:
            label = f"Remove {m.label(each.month)}: {each.label}"
            if st.button(label, key=f"remove-{each.month}-{each.label}"):
                change_breaks(partial(known.remove_break, here.path, each.month, each.label))


def change_breaks(change: Callable[[], object]) -> None:
    """Write a change of the breaks, and draw the page anew with it."""
    try:
        sign_in.require("edit known breaks")
        change()
    except SaferWalksError as error:
        messages.fault(error)
        return
    st.rerun()


def offer_files(found: Trends) -> None:
    """Offer the months of every series as files."""
    st.header("Take it with you", anchor=False)
    who = downloads.audience()
    with downloads.row():
        name = f"trends by {found.by} to {found.as_at}"
        downloads.table(here, found.table, name=name, source=found.selection.source, who=who)


here = workspace()
frame.heading(
    "Trends",
    "How reports go from month to month, beside the same months a year before, and which months "
    "are out of the ordinary.",
)
with messages.faults_in_a_box():
    with filters.bar():
        stored = filters.source(here)
        by = address.choose("Follow", BY, key="by", default="borough")
        kinds = choose_drugs(stored, filters.kinds(stored))
        as_at = filters.as_at(stored)
    found = cached.trends(
        here, by=by, as_at=as_at, source=stored.source, categories=kinds,
        own_breaks=known.own_breaks(here.path),
    )  # fmt: skip
    words = "Reports" if kinds else found.selection.what
    what = words[:1].upper() + words[1:]
    code = choose_series(found)
    address.show_faults()
    show_change(found.summary.set_index("series", drop=False).loc[code])
    show_chart(found, code)
    show_seasons(found)
    show_all(found)
    show_breaks(stored.months)
    frame.say([NO_CAUSE])
    offer_files(found)
