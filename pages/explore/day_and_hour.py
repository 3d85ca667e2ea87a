"""The Day and hour page: when reports are of, as far as their times allow, and what dark adds."""

from __future__ import annotations

import streamlit as st

from analysis.jobs.choices import Choices
from analysis.jobs.hours import Hours
from geodata import months as m
from pages.components import (
    address,
    cached,
    charts,
    downloads,
    filters,
    frame,
    messages,
    pictures,
    tables,
)
from pages.components.session import workspace

GRIDS = {"hours": "Every hour", "blocks": "Blocks of four hours"}
WEEK_LIMITS = (
    "Hours are those of the local clock. A report known to lie between two times is spread evenly "
    "over the hours between, so the weights add up to the reports used and a sharp peak may look "
    "blunt. When people report is not always when it happened."
)
LIGHT_WORDS = (
    "Dark begins when the sun is six degrees below the horizon (the end of civil twilight), worked "
    "out for the middle of the borough. The raw shares say little: in winter more hours are dark, "
    "and at night fewer people are about to see and report."
)
DARK_WORDS = (
    "Dark is compared with daylight at the same hours of the clock across the year, with the hours "
    "that are always dark or always light standing for the season. An odds ratio of 1 means no "
    "difference. It says nothing about how afraid people are."
)


def choose_ward() -> str:
    """Offer one ward, or all."""
    wards = here.wards().sort_values("ward_name", kind="stable")
    options = {"": "All wards", **dict(zip(wards["ward_code"], wards["ward_name"], strict=True))}
    return address.choose("Ward", options, key="ward", default="")


def say_nothing(found: Hours, stored: Choices) -> None:
    """Say why there is nothing to show, and what would help."""
    messages.box("note", "These reports have no time of day", {"": found.note})
    others = [words for code, words in stored.sources.items() if code != stored.source]
    if others:
        frame.say([f"Also stored here: {', '.join(others)}. Choose them under Source above."])


def show_week(found: Hours) -> None:
    """Draw the week."""
    st.header("Through the week", anchor=False)
    frame.say([found.hours.sentence()])
    grid = address.choose(
        "Show", GRIDS, key="grid", default="hours", widget=st.segmented_control
    )  # fmt: skip
    spread = found.hours if grid == "hours" else found.blocks
    charts.week(
        spread, caption=f"Reports by day and hour, {period}",
        of=pictures.of_selection("Reports by day and hour", found.selection),
    )  # fmt: skip
    frame.say([WEEK_LIMITS])


def show_days(found: Hours) -> None:
    """List the days of the week; reports known only by their day count here too."""
    st.header("Days of the week", anchor=False)
    days = found.weekdays.table.round(1).rename_axis("day").reset_index()
    days["share"] = days["reports"] / max(float(days["reports"].sum()), 1.0)
    tables.show(
        days, {"day": "Day", "reports": "Reports", "share": "Share, %"}, percent=["share"],
        caption=f"Reports by day of the week, {period}",
    )  # fmt: skip
    total = found.weekdays.used + sum(found.weekdays.left_out.values())
    frame.say([f"{found.weekdays.used:,} of {total:,} reports are known to the day, or to days."])


def show_light(found: Hours) -> None:
    """Show daylight, twilight and dark, and the effect of dark once exposure is allowed for."""
    st.header("Daylight and dark", anchor=False)
    tables.show(
        found.light, {"label": "Light", "count": "Reports", "share": "Share, %"},
        percent=["share"], caption=f"Reports by light, {period}",
    )  # fmt: skip
    left_out = [f"{n:,} because {why}" for why, n in found.light_left_out.items()]
    frame.say([f"Left out: {'; '.join(left_out)}." if left_out else "", LIGHT_WORDS])
    st.subheader("Does dark add anything?", anchor=False)
    if found.dark is None:
        messages.box("note", found.dark_note)
        return
    effect = found.dark
    frame.say([effect.sentence(), f"{found.dark_note} {DARK_WORDS}"])
    tables.facts(
        {
            "Odds ratio": round(effect.odds_ratio, 2),
            "95% interval": f"{effect.low:.2f} to {effect.high:.2f}",
            "Reports when dark": effect.dark,
            "Reports when light": effect.light,
        }
    )


def offer_files(found: Hours) -> None:
    """Offer the week as a table, to colleagues: its cells are small."""
    st.header("Take it with you", anchor=False)
    frame.say(["For colleagues: the cells are too small to publish."])
    with downloads.row():
        name = f"day and hour {first} to {last}"
        downloads.table(here, found.table(), name=name, source=stored.source, who="internal")


here = workspace()
frame.heading(
    "Day and hour",
    "On which days, at which hours and in what light reports are of: the ground for choosing when "
    "to walk.",
)
with messages.faults_in_a_box():
    with filters.bar():
        stored = filters.source(here)
        kinds = filters.kinds(stored)
        first, last = filters.period(stored)
        ward = choose_ward()
    found = cached.hours(
        here, source=stored.source, categories=kinds, first=first, last=last, ward=ward
    )
    period = f"{m.label(first)} to {m.label(last)}"
    address.show_faults()
    if found.note:
        say_nothing(found, stored)
    if found.hours.used:
        show_week(found)
    if found.weekdays.used:
        show_days(found)
    if found.hours.used:
        show_light(found)
        offer_files(found)
