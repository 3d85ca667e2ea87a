"""Why a place stands where it does: its numbers, how sure they are, and what is not known."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from analysis.components import COMPONENTS
from analysis.jobs.score import ScoreResult
from analysis.jobs.shortlist import PICKS
from analysis.report.taken import RECORDS
from geodata import months as m
from geodata.vocabularies import SOURCES
from pages.components import charts, frame, pictures, tables

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


RANGES = (
    "Each rank has a range, because counts hold chance: going by the rates that lie under the "
    "counts, nine ranks in ten are within it. Where the range leaves out the rank shown, chance "
    "has moved the place."
)
PICK_WORDS = (
    "A robust pick is among the first ten in at least 80 of 100 draws, a sensitive one in 20 to 80."
)
COMPONENT_COLUMNS = {
    "label": "What counts",
    "weight": "Weight",
    "status": "Here",
    "note": "From",
}


def _how_sure(found: ScoreResult, place: pd.Series) -> dict[str, object]:
    """Say how far chance, and other weights, could move the rank of a place."""
    other = found.robustness.loc[str(place.name)]
    return {
        "Rank by chance": f"between {place['rank_low']} and {place['rank_high']}",
        "Rank by other weights, scales and months": f"between {other['weight_low']} and "
        f"{other['weight_high']}",
        "Chance of the first 10": f"{100 * place['p_top10']:.0f} %",
        "Pick": PICKS[str(other["pick"])],
    }


def _lacking(found: ScoreResult, place: pd.Series) -> str:
    """Say what the weights ask for and is not known of a place."""
    asked = [c for c in COMPONENTS if found.weights.of(c.code) > 0]
    return "; ".join(c.evidence for c in asked if pd.isna(place[f"{c.code}_score"]))


def show(found: ScoreResult, place: pd.Series, source: str) -> None:
    """Show why a place stands where it does."""
    st.subheader("Why here", anchor=False)
    about = {"Place": place["name"], "Rank": place["rank"], "Score": place["total"]}
    tables.facts({**about, **_how_sure(found, place)})
    unknown = _lacking(found, place)
    counted = f"Counted from {SOURCES[source].lower()}, to {m.label(found.as_at)}."
    frame.say([place["why"], counted, *([f"Not known here: {unknown}."] if unknown else [])])
    if place["tags"]:
        frame.say([f"To know: {place['tags']}."])
    sources = (source,) if found.mode == "reports_only" else (source, RECORDS)
    title = f"What the score is made of: {place['name']}"
    charts.contributions(place, of=pictures.of(title, found.as_at, found.as_at, *sources))
    _without(found, place)


def _without(found: ScoreResult, place: pd.Series) -> None:
    """Say what leaving one part, or all that one source feeds, out would do to a place."""
    other = found.robustness.loc[str(place.name)]
    labels = {c.code: c.label for c in COMPONENTS} | SOURCES | FED_BY
    rows = [
        {"what": labels.get(code, code), "change": _moved(other[name])}
        for name in other.index
        if (code := name.removeprefix("without_")) != name
    ]
    with st.expander("Without one part, or one source"):
        tables.show(pd.DataFrame(rows), WITHOUT_COLUMNS, caption=f"Rank {place['rank']} now")


def _moved(places: Any) -> str:  # noqa: ANN401 - a number, or missing
    """Say how far a rank would move."""
    if pd.isna(places):
        return "not be known"
    if places == 0:
        return "stay"
    return f"{'fall' if places > 0 else 'rise'} by {abs(int(places))}"


def thin(found: ScoreResult) -> None:
    """List apart the places of which too little is known to rank them."""
    few = found.table[found.table["rank"].isna()]
    if few.empty:
        return
    with st.expander(f"Not enough evidence yet ({len(few)})"):
        frame.say(
            ["Under 60 % of what the weights ask for is known of these places. They are not ranked "
             "low: they are not ranked."]
        )  # fmt: skip
        told = few.assign(
            lacking=[_lacking(found, row) for _, row in few.iterrows()],
            coverage=few["coverage"].round(),
        )
        tables.show(told, THIN_COLUMNS, caption=f"{len(few)} places", tall=True)


def made_of(found: ScoreResult) -> None:
    """Say what the score is made of, what is missing, and what that needs."""
    st.header("What the score is made of", anchor=False)
    tables.show(
        found.components[found.components["weight"] > 0], COMPONENT_COLUMNS,
        caption=f"Parts of the score: {found.weights.label.lower()}; their weights add up to "
        f"{found.weights.total:g}",
    )  # fmt: skip
