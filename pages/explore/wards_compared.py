"""The Wards compared page: which wards differ by more than their usual spread. No league table."""

from __future__ import annotations

import streamlit as st

from analysis.jobs.wards_compared import WardsCompared
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

EXPOSURES = {"residents": "Residents", "km2": "Area, km²"}
OUT = {"higher": "higher than usual", "lower": "lower than usual", "": ""}
HOW = """
**How to read it.** The line in the middle is the rate of all wards together. A small ward's rate
swings more by chance than a large ward's, so the limits are wider on the left. Wards differ for
many lasting reasons, so the limits are widened by their usual spread; only a ward beyond the outer
(solid) limits differs from the others by more than that. **Within the limits the order of wards
means nothing.** "Steadied" draws each rate towards the common one, the more so the fewer reports
it rests on (empirical Bayes).

**What it does not say.** Residents are the wrong yardstick for a ward that others visit: a town
centre stands out because of its visitors. A high rate says that much was reported there, nothing
about the people of the ward.
"""


def choose_exposure() -> str:
    """Offer residents where they are known for every ward, and area."""
    people = here.population()
    known = set(here.wards()["ward_code"]) <= set(people["ward_code"])
    options = EXPOSURES if known else {"km2": EXPOSURES["km2"]}
    return address.choose("Compared to", options, key="exposure", default=next(iter(options)))


def show_funnel(found: WardsCompared) -> None:
    """Draw the funnel and say what stands out."""
    st.header("Beyond the usual spread?", anchor=False)
    frame.say([found.found.sentence()])
    charts.funnel(
        found.table, common=found.common, per=found.per, exposure=EXPOSURES[found.exposure],
        of=pictures.of_selection(f"Wards, {found.per}", found.selection),
    )  # fmt: skip
    st.markdown(HOW)


def show_table(found: WardsCompared) -> None:
    """List the wards in the order of their names."""
    st.header("As a table", anchor=False)
    rounded = {c: found.table[c].round(1) for c in ("rate", "shrunk", "low998", "high998")}
    tables.show(
        found.table.assign(**rounded, stands_out=found.table["stands_out"].map(OUT)),
        {
            **{"ward_name": "Ward", "count": "Reports", "exposure": EXPOSURES[found.exposure]},
            **{"rate": "Rate", "shrunk": "Rate, steadied"},
            **{"low998": "Usual from", "high998": "to", "stands_out": "Differs"},
        },
        caption=f"{found.per.capitalize()}, in the order of names, {period}",
    )


def offer_files(found: WardsCompared) -> None:
    """Offer the table as files."""
    st.header("Take it with you", anchor=False)
    who = downloads.audience()
    with downloads.row():
        name = f"wards compared {first} to {last}"
        downloads.table(
            here, found.table, name=name, source=stored.source, who=who
        )  # fmt: skip


here = workspace()
frame.heading(
    "Wards compared",
    "Which wards differ from the others by more than wards usually do, allowing for their size. "
    "They are not ranked: most of any ranking would be chance.",
)
with messages.faults_in_a_box():
    with filters.bar():
        stored = filters.source(here)
        kinds = filters.kinds(stored)
        first, last = filters.period(stored)
        exposure = choose_exposure()
    found = cached.compare_wards(
        here, exposure=exposure, source=stored.source, categories=kinds, first=first, last=last
    )
    period = f"{m.label(first)} to {m.label(last)}"
    address.show_faults()
    if exposure == "km2" and not len(here.population()):
        messages.box(
            "note", "Residents are not stored, so wards are compared by area",
            {"": "Fetch or import residents on the Data page to compare by residents."},
        )  # fmt: skip
    show_funnel(found)
    show_table(found)
    offer_files(found)
