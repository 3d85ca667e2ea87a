"""A few places of the list side by side."""

from __future__ import annotations

import streamlit as st

from analysis.jobs.score import ScoreResult
from analysis.jobs.shortlist import FEWEST, MOST, shortlist
from geodata.workspace import Workspace
from pages.components import address, downloads, frame, tables


def show(here: Workspace, found: ScoreResult, source: str) -> None:
    """Offer up to five places, and set them side by side."""
    st.header("Side by side", anchor=False)
    ranked = found.table[found.table["rank"].notna()]
    names = [f"{r:.0f}. {n}" for r, n in zip(ranked["rank"], ranked["name"], strict=True)]
    picked = address.choose_several(
        f"Places to compare, {FEWEST} to {MOST}",
        dict(zip(ranked["location_id"], names, strict=True)),
        key="compare", max_selections=MOST, placeholder="Pick two or more",
    )  # fmt: skip
    if len(picked) < FEWEST:
        frame.say(
            ["Pick two or more places of the list to see what is known of each, and what is not."]
        )
        return
    table = shortlist(found, picked[:MOST])
    heads = {"fact": "What"} | {name: name for name in table.columns if name != "fact"}
    with st.container(key="side-by-side"):
        tables.show(table, heads, caption=f"{len(picked)} places side by side")
    with downloads.row("shortlist"):
        downloads.table(
            here, table, name="shortlist", source=source, who="internal", key="shortlist"
        )
