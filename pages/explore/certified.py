"""Certified hot spots on the Hotspots page: asked for first, worked out last, said in words."""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analysis.hotspot_words import WORDS
from geodata import months as m
from geodata.errors import NotEnoughDataError
from geodata.workspace import Workspace
from pages.components import cached, frame, messages, tables

if TYPE_CHECKING:
    from analysis.jobs.hotspots import HotspotsResult

COLUMNS = {
    "name": "Place",
    "word": "Lately",
    "count": "Reports",
    "expected": "Expected",
    "p_words": "Reached by shuffled maps",
    "busy_share": "Windows among the busiest tenth, %",
}
CLASS_COLUMNS = {
    "name": "Place",
    "class": "Class",
    "class_older": "Class, older reading",
    "hot_share": "Windows hot, %",
    "certified": "Certified",
}
WORDS_SHORT = {
    "new": "New: clearly more in the last six months than before",
    "persistent": "Persistent: no clear change in the last six months",
    "fading": "Fading: clearly fewer in the last six months than before",
}
SEE_BELOW = "How both are tested is said under “Hot spots beyond chance” below."
HOW = """
**Certified** means: over the 12 months to {month}, this hexagon and those around it hold more
reports than the borough's own busy and quiet hexagons would put together if they were shuffled over
the map. A map without any such arrangement shows a certified hexagon at most 5 times in 100.

**The word beside it** is a second, simpler test, of certified hexagons only. It compares the last
six months with the six before, for the hexagon and the six around it, after the borough's own rise
or fall is taken out:

- **New:** {new}.
- **Persistent:** {persistent}.
- **Fading:** {fading}. It still counts over the year; it may be on its way out.

**What it does not say.** A single very busy hexagon among quiet ones is not certified, since one
place is no arrangement. Not certified is not safe, and certified is not important: reports are
where people report. A hot spot bears the name of the hexagon in its middle, which may be quiet.
"""
CLASSES = """
These classes look at every three-month window of two years, hexagon by hexagon, and guard the whole
borough and all windows at once. That is far stricter than certifying twelve months, so most
certified hexagons show no pattern here: the two tests answer different questions, and the word
above comes from neither. "Sporadic" has two published readings: the current one asks for hot in the
last window, the older one does not.
"""


def asked(workspace: Workspace, **choice: Any) -> Hashable:  # noqa: ANN401 - small values
    """Name what is asked for."""
    return cached.key_of(workspace, "certified", *sorted(choice.items()))


def ready(key: Hashable) -> HotspotsResult | None:
    """Give the certified hot spots if they are worked out already."""
    found = cached.shelf().get(key)  # text says why there are none
    return None if isinstance(found, str) else found


def place_facts(found: HotspotsResult, hexagon: str) -> dict[str, str]:
    """Say what the test found at one hexagon."""
    row = found.table.set_index("hexagon").loc[hexagon]
    if row["p"] != row["p"]:
        return {"Hot spot": "not tested: too little of it lies inside the wards"}
    if not row["hot"]:
        return {"Hot spot": f"not certified; {reached(row['p'])} of shuffled maps come as high"}
    said = f"certified{', ' + row['word'] if row['word'] else ''}"
    return {"Hot spot": f"{said}; {reached(row['p'])} of shuffled maps come as high"}


def reached(p: float) -> str:
    """Write a p-value as the share of shuffled maps it is."""
    if p < 0.002:
        return "under 1 in 500"
    return "nearly all" if p > 0.99 else f"{p:.1%}"


def beside_map(found: HotspotsResult) -> None:
    """Say beside the map what its outlines are."""
    st.subheader("Outlined: hot spots beyond chance", anchor=False)
    words = found.words()
    lines = [f"{WORDS_SHORT[word]} ({n:,})" for word, n in words.items()]
    frame.say([found.summary.sentence().split(". ")[0] + ".", *lines, SEE_BELOW])


def show(key: Hashable, found: HotspotsResult | None) -> st.delta_generator.DeltaGenerator:
    """Say what is certified, in words and as a table; where it is not worked out yet, say so.

    Returns
    -------
    streamlit container
        Where progress is shown while it is worked out.
    """
    st.header("Hot spots beyond chance", anchor=False)
    slot = st.container()
    with slot:
        held = cached.shelf().get(key)
        if isinstance(held, str):
            messages.box("note", held)
    if found is None:
        return slot
    frame.say([found.summary.sentence()])
    st.markdown(HOW.format(month=m.label(found.as_at), **WORDS))
    show_table(found)
    frame.say(found.notes)
    show_classes(found)
    return slot


def show_table(found: HotspotsResult) -> None:
    """List the certified hexagons: the outlines of the map as a table."""
    hot = found.table[found.table["hot"]].sort_values(["count", "hexagon"], ascending=[False, True])
    if hot.empty:
        return
    said = hot.assign(expected=hot["expected"].round(1), p_words=hot["p"].map(reached))
    tables.show(
        said, tables.known(said, COLUMNS), percent=["busy_share"], tall=True,
        caption=f"Certified hot spots, 12 months to {m.label(found.as_at)}",
    )  # fmt: skip


def show_classes(found: HotspotsResult) -> None:
    """Show the full classes through time, both readings, for those who want them."""
    from analysis.emerging import PATTERN_WORDS

    with st.expander("Advanced: the full classes through time"):
        if not found.windows:
            frame.say(["Too few complete months are stored for classes through time."])
            return
        st.markdown(CLASSES)
        told = found.table[
            found.table["hot"]
            | ~found.table["class"].isin(["", "none"])
            | ~found.table["class_older"].isin(["", "none"])
        ]
        words = {name: f"{name}: {words}" for name, words in PATTERN_WORDS.items()}
        words["none"] = "no pattern"
        tables.show(
            told.assign(
                certified=told["hot"].map({True: "yes", False: "no"}),
                **{c: told[c].map(words) for c in ("class", "class_older")},
            ),
            CLASS_COLUMNS, percent=["hot_share"], tall=True,
            caption=f"Classes over {len(found.windows)} three-month windows to "
            f"{m.label(found.as_at)}",
        )  # fmt: skip


def work_out(
    workspace: Workspace,
    key: Hashable,
    slot: st.delta_generator.DeltaGenerator,
    **choice: Any,  # noqa: ANN401 - handed to the job
) -> None:
    """Certify, with progress, after everything else is drawn; then draw the page again with it.

    Streamlit leaves here as soon as a person changes anything: what is half done is dropped.
    """
    shelf = cached.shelf()
    if shelf.get(key) is not None:
        return
    with slot:
        bar = st.progress(0.0, "Looking for hot spots beyond chance…")
    with shelf.alone(key, meanwhile=partial(_advance, bar, 0.0, "Another visit asked first")):
        if shelf.get(key) is None:
            shelf.put(key, _certify(workspace, bar, choice))
    st.rerun()


def _certify(workspace: Workspace, bar: DeltaGenerator, choice: dict[str, Any]) -> object:
    from analysis.jobs.hotspots import hotspots

    try:
        return hotspots(workspace, progress=partial(_advance, bar), **choice)
    except NotEnoughDataError as error:
        return str(error)


def _advance(bar: DeltaGenerator, share: float, words: str) -> None:
    bar.progress(share, f"{words}…")
