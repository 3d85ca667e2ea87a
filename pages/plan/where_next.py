"""The Where next page: places ranked by what is known, each with its reason, or why none is."""

from __future__ import annotations

from functools import partial
from typing import Any

import geopandas as gpd
import pandas as pd
import streamlit as st

from analysis.components import COMPONENTS
from analysis.disclosure import OPEN_SOURCES
from analysis.jobs.presets import presets
from analysis.jobs.score import ScoreResult
from analysis.jobs.shortlist import PICKS
from analysis.report.classes import legend_for
from analysis.robustness import rank_words
from geodata import months as m
from geodata.vocabularies import SOURCES
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
from pages.plan import choosing, comparing, looking_back, weighing
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
RANGES = (
    "Each rank has a range, because counts hold chance: going by the rates that lie under the "
    "counts, nine ranks in ten are within it. Where the range leaves out the rank shown, chance "
    "has moved the place."
)
PICK_WORDS = (
    "A robust pick is among the first ten in at least 80 of 100 draws, a sensitive one in 20 to 80."
)
THIN_COLUMNS = {
    "name": "Place",
    "coverage": "Evidence, % of the weight",
    "lacking": "Not known there",
    "why": "What is known",
}
WITHOUT_COLUMNS = {"what": "Without", "change": "Its rank would"}
FED_BY = {
    "records": "What people said, asked for and are owed",
    "map": "Stations and public places",
}
COMPONENT_COLUMNS = {
    "label": "What counts",
    "weight": "Weight",
    "status": "Here",
    "note": "From",
}


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
        "Rank by other weights, scales and months": f"between {other['weight_low']} and "
        f"{other['weight_high']}",
        "Chance of the first 10": f"{100 * place['p_top10']:.0f} %",
        "Pick": PICKS[str(other["pick"])],
    }


def lacking(place: pd.Series) -> str:
    """Say what the weights ask for and is not known of a place."""
    asked = [c for c in COMPONENTS if scored.weights.of(c.code) > 0]
    return "; ".join(c.evidence for c in asked if pd.isna(place[f"{c.code}_score"]))


def show_place(place: pd.Series) -> None:
    """Show why a place stands where it does."""
    st.subheader("Why here", anchor=False)
    about = {"Place": place["name"], "Rank": place["rank"], "Score": place["total"]}
    tables.facts({**about, **how_sure(place)})
    unknown = lacking(place)
    counted = f"Counted from {SOURCES[stored.source].lower()}, to {m.label(scored.as_at)}."
    frame.say([place["why"], counted, *([f"Not known here: {unknown}."] if unknown else [])])
    if place["tags"]:
        frame.say([f"To know: {place['tags']}."])
    charts.contributions(place)
    show_without(place)


def show_without(place: pd.Series) -> None:
    """Say what leaving one part, or all that one source feeds, out would do to a place."""
    other = scored.robustness.loc[str(place.name)]
    labels = {c.code: c.label for c in COMPONENTS} | SOURCES | FED_BY
    rows = [
        {"what": labels.get(code, code), "change": moved(other[name])}
        for name in other.index
        if (code := name.removeprefix("without_")) != name
    ]
    with st.expander("Without one part, or one source"):
        tables.show(pd.DataFrame(rows), WITHOUT_COLUMNS, caption=f"Rank {place['rank']} now")


def moved(places: Any) -> str:  # noqa: ANN401 - a number, or missing
    """Say how far a rank would move."""
    if pd.isna(places):
        return "not be known"
    if places == 0:
        return "stay"
    return f"{'fall' if places > 0 else 'rise'} by {abs(int(places))}"


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
    with right:
        one = ranked.set_index("location_id").loc[place]
        show_place(one)
        choosing.show(here, one, asked)


def show_list(found: ScoreResult) -> None:
    """List the first places, each with its sentence."""
    st.header("The list", anchor=False)
    frame.say([RANGES, PICK_WORDS])
    count = int(address.choose("How many", LISTED, key="show", default="10"))
    first = found.table[found.table["rank"].notna()].head(count)
    ends = zip(first["rank"], first["rank_low"], first["rank_high"], strict=True)
    picks = found.robustness["pick"].reindex(first["location_id"]).to_numpy()
    tables.show(
        first.assign(rank=[rank_words(*x) for x in ends], pick=picks), LIST_COLUMNS,
        percent=("p_top10",), caption=f"Places in order of score, to {m.label(found.as_at)}",
    )  # fmt: skip


def show_thin(found: ScoreResult) -> None:
    """List apart the places of which too little is known to rank them."""
    thin = found.table[found.table["rank"].isna()]
    if thin.empty:
        return
    with st.expander(f"Not enough evidence yet ({len(thin)})"):
        frame.say(
            ["Under 60 % of what the weights ask for is known of these places. They are not ranked "
             "low: they are not ranked."]
        )  # fmt: skip
        told = thin.assign(
            lacking=[lacking(row) for _, row in thin.iterrows()], coverage=thin["coverage"].round()
        )
        tables.show(told, THIN_COLUMNS, caption=f"{len(thin)} places", tall=True)


def show_components(found: ScoreResult) -> None:
    """Say what the score is made of, what is missing, and what that needs."""
    st.header("What the score is made of", anchor=False)
    tables.show(
        found.components[found.components["weight"] > 0], COMPONENT_COLUMNS,
        caption=f"Parts of the score: {found.weights.label.lower()}; their weights add up to "
        f"{found.weights.total:g}",
    )  # fmt: skip


def show_downloads(found: ScoreResult) -> None:
    """Offer the list and the map as files."""
    st.header("Take it with you", anchor=False)
    who = downloads.audience()
    if who == "public" and places == "sites" and stored.source not in OPEN_SOURCES:
        frame.say(["Named places overlap: for anybody, take the list of areas of the map."])
        return
    with downloads.row():
        name = f"where next {picked.row['label']} {as_at}"
        downloads.table(here, found.full_table, name=name, source=stored.source, who=who)
        make = partial(
            cached.map_file, here, layer="locations", as_at=as_at, audience=who, side=side,
            source=stored.source, preset=picked.preset,
            how={k: v for k, v in picked.how.items() if k != "draws"}
            | {"places": places, "catchment": metres},
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
        show_thin(scored)
        comparing.show(here, scored, stored.source)
    past = st.container()
    show_components(scored)
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
