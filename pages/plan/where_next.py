"""The Where next page: places ranked by what is known, each with its reason, or why none is."""

from __future__ import annotations

import geopandas as gpd
import streamlit as st

from analysis.disclosure import reports_alone
from analysis.jobs.presets import presets
from analysis.jobs.score import ScoreResult
from analysis.report.classes import legend_for
from analysis.report.taken import RECORDS, MapParts
from analysis.robustness import rank_words
from geodata import months as m
from pages.components import (
    address,
    cached,
    downloads,
    filters,
    frame,
    maps,
    messages,
    pictures,
    tables,
)
from pages.components.session import workspace
from pages.plan import choosing, comparing, looking_back, weighing, why_here
from pages.record import saving

LISTED = {str(n): f"First {n}" for n in (10, 25, 50)}
LIST_COLUMNS = {
    "rank": "Rank",
    "name": "Place",
    "p_top10": "Chance of the first 10, %",
    "pick": "Pick",
    "total": "Score",
    "why": "Why here",
    "tags": "To know",
}


def say_standing(found: ScoreResult) -> None:
    """Say before anything else how far the list can be trusted, and what would mend it."""
    if found.is_provisional:
        alone = found.mode == "reports_only"
        known = "reports only" if alone else "less than 60 % of what counts for most places"
        lines = {"Made from": known, "Not known yet": "; ".join(found.absent)}
        messages.box("attention", "This list is provisional", lines)
    elif not found.is_ranked:
        messages.box("attention", "No place is ranked", {"": found.message})


def choose_place(listed: gpd.GeoDataFrame) -> str:
    """Offer the ranked places as a list, for people who do not use a mouse."""
    names = [f"{r:.0f}. {n}" for r, n in zip(listed["rank"], listed["name"], strict=True)]
    options = dict(zip(listed["location_id"], names, strict=True))
    first = str(listed["location_id"].iloc[0])
    return address.choose("Pick a place on the map, or here", options, key="place", default=first)


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
            title=f"Score: {scored.weights.label.lower()}",
            legend=legend_for(areas["total"], title=f"Score, {scored.weights.scale}"),
            tip=[("rank", "Rank"), ("total", "Score")],
        )  # fmt: skip
        offer_picture(found, areas)
    with right:
        one = ranked.set_index("location_id").loc[place]
        why_here.show(scored, one, stored.source)
        choosing.show(here, one, asked)


def offer_picture(found: ScoreResult, areas: gpd.GeoDataFrame) -> None:
    """Offer the map as a picture."""
    sources = (stored.source,) if found.mode == "reports_only" else (stored.source, RECORDS)
    title, measure = f"Where next: {found.weights.label.lower()}", f"Score, {found.weights.scale}"
    at = pictures.of(title, found.as_at, found.as_at, *sources)
    pictures.offer_map(MapParts(areas, "total", measure, "places"), at)


def show_list(found: ScoreResult) -> None:
    """List the first places, each with its sentence."""
    st.header("The list", anchor=False)
    frame.say([why_here.RANGES, why_here.PICK_WORDS])
    count = int(address.choose("How many", LISTED, key="show", default="10"))
    first = found.table[found.table["rank"].notna()].head(count)
    ends = zip(first["rank"], first["rank_low"], first["rank_high"], strict=True)
    picks = found.robustness["pick"].reindex(first["location_id"]).to_numpy()
    with st.container(key="the-list"):
        tables.show(
            first.assign(rank=[rank_words(*x) for x in ends], pick=picks), LIST_COLUMNS,
            percent=("p_top10",), caption=f"Places in order of score, to {m.label(found.as_at)}",
        )  # fmt: skip


def show_downloads(found: ScoreResult) -> None:
    """Offer the list and the map as files."""
    st.header("Take it with you", anchor=False)
    who = downloads.audience()
    if reports_alone(who):
        # What a few people said moves a rank: anybody gets the ranking made without it.
        found = cached.score(here, **asked, reports_only=True)
    if reports_alone(who) and not found.is_ranked:
        frame.say([f"From reports alone no place is ranked. {found.message}"])
        return
    with downloads.row():
        name = f"where next {picked.row['label']} {as_at}"
        downloads.table(here, found.full_table, name=name, source=stored.source, who=who)
        if not downloads.is_guarded(stored.source, who):
            how = {k: v for k, v in picked.how.items() if k != "draws"}
            downloads.page(
                here, name=name, layer="locations", as_at=as_at, who=who, side=side,
                source=stored.source, preset=picked.preset,
                how=how | {"places": places, "catchment": metres},
            )  # fmt: skip


here = workspace()
frame.heading(
    "Where next",
    "Places to consider for the next walk, each with its reason. The list supports the choice; "
    "people make it, and residents' requests belong beside it.",
)
with messages.faults_in_a_box():
    saving.show_done()
    known = presets(here)
    row = weighing.choose_preset(known)
    with filters.bar():
        stored = filters.source(here)
        as_at = filters.as_at(stored)
        places, side, metres = weighing.choose_places()
    picked = weighing.Picked(str(row["preset_id"]), row, weighing.show(here, known, row))
    notices = st.container()
    asked = {
        "preset": picked.preset, "as_at": as_at, "side": side, "source": stored.source,
        "places": places, "catchment": metres, **picked.how,
    }  # fmt: skip
    scored = cached.score(here, **asked)
    say_standing(scored)
    if scored.where is not None and scored.where.words():
        frame.say([scored.where.words()])
    if scored.is_ranked:
        show_ranked(scored)
        show_list(scored)
        why_here.thin(scored)
        comparing.show(here, scored, stored.source)
    past = st.container()
    why_here.made_of(scored)
    if scored.is_ranked:
        choosing.log(here)
        show_downloads(scored)
    with notices:
        address.show_faults()
    if scored.is_ranked and places == "hexagons":
        with past:  # last, so that nothing waits for it
            looking_back.show(
                here, preset=picked.purpose, as_at=as_at, side=side, source=stored.source
            )
