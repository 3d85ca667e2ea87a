"""The Where next page: places ranked by what is known, each with its reason, or why none is."""

from __future__ import annotations

from functools import partial

import geopandas as gpd
import pandas as pd
import streamlit as st

from analysis.jobs.score import ScoreResult
from analysis.report.classes import legend_for
from analysis.robustness import rank_words
from analysis.score import PRESETS
from geodata import months as m
from pages.components import (
    address,
    cached,
    charts,
    downloads,
    filters,
    frame,
    maps,
    messages,
    tables,
)
from pages.components.session import workspace
from pages.plan import choosing, looking_back
from pages.record import saving

WALKS = {code: preset.label for code, preset in PRESETS.items()}
LISTED = {str(n): f"First {n}" for n in (10, 25, 50)}
LIST_COLUMNS = {
    "rank": "Rank",
    "name": "Place",
    "p_top10": "Chance of the first 10, %",
    "total": "Score",
    "why": "Why here",
    "tags": "To know",
}
RANGES = (
    "Each rank has a range, because counts hold chance: going by the rates that lie under the "
    "counts, nine ranks in ten are within it. Where the range leaves out the rank shown, chance "
    "has moved the place."
)
COMPONENT_COLUMNS = {
    "label": "What counts",
    "weight": "Weight",
    "status": "Here",
    "note": "From",
}


def choose_walk() -> str:
    """Offer the kinds of walk."""
    return address.choose(
        "Kind of walk", WALKS, key="preset", default="walkabout", widget=st.segmented_control
    )


def say_standing(found: ScoreResult) -> None:
    """Say before anything else how far the list can be trusted, and what would mend it."""
    if found.is_ranked and found.mode == "reports_only":
        lines = {"Made from": "reports only", "Not known yet": "; ".join(found.absent)}
        messages.box("attention", "This list is provisional", lines)
    elif not found.is_ranked:
        messages.box("attention", "No place is ranked", {"": found.message})


def choose_place(listed: gpd.GeoDataFrame) -> str:
    """Offer the ranked places as a list, for people who do not use a mouse."""
    names = [f"{r:.0f}. {n}" for r, n in zip(listed["rank"], listed["name"], strict=True)]
    options = dict(zip(listed["location_id"], names, strict=True))
    first = str(listed["location_id"].iloc[0])
    return address.choose("Pick a place on the map, or here", options, key="place", default=first)


def how_sure(place: pd.Series) -> dict[str, object]:
    """Say how far chance, and other weights, could move the rank of a place."""
    other = scored.robustness.loc[str(place.name)]
    return {
        "Rank by chance": f"between {place['rank_low']} and {place['rank_high']}",
        "Rank by other weights": f"between {other['weight_low']} and {other['weight_high']}",
        "Chance of the first 10": f"{100 * place['p_top10']:.0f} %",
    }


def show_place(place: pd.Series) -> None:
    """Show why a place stands where it does."""
    st.subheader("Why here", anchor=False)
    about = {"Place": place["name"], "Rank": place["rank"], "Score": place["total"]}
    tables.facts({**about, **how_sure(place)})
    frame.say([place["why"]])
    if place["tags"]:
        frame.say([f"To know: {place['tags']}."])
    charts.contributions(place)


def show_ranked(found: ScoreResult) -> None:
    """Show the list, its map, and one place in full."""
    ranked = found.table[found.table["rank"].notna()]
    areas = ranked.assign(area_id=ranked["location_id"])
    st.header("On the map", anchor=False)
    left, right = st.columns([5, 4], gap="medium")
    with right:
        place = choose_place(ranked)
    with left:
        maps.show(
            here, areas, value="total", key="place", are="places",
            title=f"Score for a {WALKS[preset].lower()}",
            legend=legend_for(areas["total"], title="Score, 0 to 100"),
            tip=[("rank", "Rank"), ("total", "Score")],
        )  # fmt: skip
    with right:
        one = ranked.set_index("location_id").loc[place]
        show_place(one)
        choosing.show(
            here, one, preset=preset, as_at=as_at, side=side, source=stored.source
        )  # fmt: skip


def show_list(found: ScoreResult) -> None:
    """List the first places, each with its sentence."""
    st.header("The list", anchor=False)
    frame.say([RANGES])
    count = int(address.choose("How many", LISTED, key="show", default="10"))
    first = found.table[found.table["rank"].notna()].head(count)
    ends = zip(first["rank"], first["rank_low"], first["rank_high"], strict=True)
    tables.show(
        first.assign(rank=[rank_words(*x) for x in ends]), LIST_COLUMNS, percent=("p_top10",),
        caption=f"Places in order of score, to {m.label(found.as_at)}",
    )  # fmt: skip


def show_components(found: ScoreResult) -> None:
    """Say what the score is made of, what is missing, and what that needs."""
    st.header("What the score is made of", anchor=False)
    tables.show(
        found.components[found.components["weight"] > 0], COMPONENT_COLUMNS,
        caption=f"Parts of the score for a {WALKS[preset].lower()}; weights add up to 100",
    )  # fmt: skip


def show_downloads(found: ScoreResult) -> None:
    """Offer the list and the map as files."""
    st.header("Take it with you", anchor=False)
    who = downloads.audience()
    with downloads.row():
        name = f"where next {preset} {as_at}"
        downloads.table(here, found.table, name=name, source=stored.source, who=who)
        make = partial(
            cached.map_file, here, layer="locations", as_at=as_at, audience=who, side=side,
            source=stored.source, preset=preset,
        )  # fmt: skip
        downloads.page(here, make, name=name)


here = workspace()
frame.heading(
    "Where next",
    "Places to consider for the next walk, each with its reason. The list supports the choice; "
    "people make it, and residents' requests belong beside it.",
)
with messages.faults_in_a_box():
    saving.show_done()
    preset = choose_walk()
    with filters.bar():
        stored = filters.source(here)
        as_at = filters.as_at(stored)
        side = filters.side("Size of place")
    notices = st.container()
    scored = cached.score(here, preset=preset, as_at=as_at, side=side, source=stored.source)
    say_standing(scored)
    if scored.is_ranked:
        show_ranked(scored)
        show_list(scored)
    past = st.container()
    show_components(scored)
    if scored.is_ranked:
        choosing.log(here)
        show_downloads(scored)
    with notices:
        address.show_faults()
    if scored.is_ranked:
        with past:  # last, so that nothing waits for it
            looking_back.show(here, preset=preset, as_at=as_at, side=side, source=stored.source)
