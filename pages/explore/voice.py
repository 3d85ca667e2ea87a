"""The Voice page: what people said of places, by light, beside what is reported there."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analysis.concern import LEAST_RATED
from analysis.jobs.concern import ConcernResult
from geodata import months as m
from geodata.errors import NotEnoughDataError
from geodata.records.vocabularies import RESPONSE_MODES
from pages.components import cached, downloads, filters, frame, messages, sign_in, tables
from pages.components.session import workspace
from pages.explore.taking_part import show_taking_part

FEWEST = 5
"""People below which a share is not written out: one answer more would change it by a fifth."""
LIGHT = {"day": "by day", "dusk": "at dusk", "dark": "after dark", "": "light not known"}
PLACE_COLUMNS = {
    "place": "Place",
    "said_light": "Light",
    "people": "People",
    "said_unsafe": "Felt unsafe",
    "said_share": "Share, pulled to a half for few answers",
    "said_gap": "Less safe after dark (pairs)",
    "issues": "Named most",
    "positives": "Liked",
}
BESIDE_COLUMNS = {
    "place": "Place",
    "said_light": "Light",
    "people": "People",
    "said_share": "Felt unsafe, share",
    "reports": "Reports in 12 months",
    "tag": "To ask about",
}
RATE_COLUMNS = {
    "ward_name": "Ward",
    "said": "Reported again, times (95 % range)",
    "events": "Events",
    "repeats": "Repeat reports",
}
OWN_TABLE = (
    "Answers of one person, of a group that agreed, of a walk lead, and of virtual walks are shown "
    "apart and never averaged together."
)


def readable(table: pd.DataFrame) -> pd.DataFrame:
    """Write shares and gaps as people do; a handful of answers gets no share."""
    enough = table["people"].ge(FEWEST)
    share = (100 * table["share"]).round().astype("Int64").astype(str) + " %"
    gap = (
        table["gap"].map("{:+.1f}".format)
        + " ("
        + table["pairs"].fillna(0).astype(int).astype(str)
        + ")"
    )
    return table.assign(
        said_light=table["light"].map(LIGHT),
        said_unsafe=table["unsafe"].astype(str) + " of " + table["people"].astype(str),
        said_share=share.where(enough, f"fewer than {FEWEST} people"),
        said_gap=gap.where(table["gap"].notna(), "nobody answered both"),
    )


def show_own(found: ConcernResult) -> None:
    """Show what single people said who were there."""
    st.header("How safe people felt", anchor=False)
    own = found.table[found.table["mode"].eq("individual") & ~found.table["virtual"]]
    tables.show(
        readable(own), PLACE_COLUMNS,
        caption=f"People who were there, to {m.label(found.as_at)}", tall=True,
    )  # fmt: skip
    if found.agreement is not None:
        frame.say([found.agreement.sentence()])
    else:
        frame.small(f"Agreement needs {LEAST_RATED} stops that several people rated.")


def show_others(found: ConcernResult) -> None:
    """Show the other ways of answering, each by itself."""
    table = found.table
    for mode, words in RESPONSE_MODES.items():
        for virtual in (False, True):
            rows = table[table["mode"].eq(mode) & table["virtual"].eq(virtual)]
            if rows.empty or (mode == "individual" and not virtual):
                continue
            place = "not seen on site" if virtual else "on site"
            tables.show(readable(rows), PLACE_COLUMNS, caption=f"{words}, {place}")


def show_beside(found: ConcernResult) -> None:
    """Set what is reported beside what was said."""
    st.header("Beside what is reported", anchor=False)
    frame.say(
        [
            "Where many feel unsafe and few report, quiet is not safe: people may have given up "
            "reporting, or have nobody to tell. Where many report and few say they feel unsafe, "
            "others may have been asked. A tag is a question, never a correction."
        ]
    )
    own = found.table[found.table["mode"].eq("individual") & ~found.table["virtual"]]
    tables.show(readable(own), BESIDE_COLUMNS, caption="What was said, and what is reported")


def show_reporting() -> None:
    """Say how readily people report, where repeat reports of one event tell it."""
    st.header("How readily people report", anchor=False)
    rates = cached.reporting_by_ward(here)
    if rates is None:
        frame.say(
            [
                "Not known: no source stored here says which reports are of one event, and counts "
                "alone cannot tell a quiet place from one where people do not report."
            ]
        )
        return
    frame.say(
        [
            "How often an event that somebody reported is reported again within 28 days. Where "
            "agencies are quicker, people have less time to report again."
        ]
    )
    shown = rates.assign(
        said=[
            "too few" if pd.isna(rate) else f"{rate:.2f} ({low:.2f} to {high:.2f})"
            for rate, low, high in zip(rates["rate"], rates["low"], rates["high"], strict=True)
        ]
    )
    tables.show(shown, RATE_COLUMNS, caption="Repeat reports an event, by ward")


here = workspace()
frame.heading(
    "Voice",
    "What women and residents said on walks, place by place and light by light, with how many "
    "people it comes from.",
)
with messages.faults_in_a_box():
    try:
        stored = filters.source(here)
        as_at = filters.as_at(stored)
        heard = cached.concern(here, as_at=as_at)
    except NotEnoughDataError as error:
        messages.box("note", error.what, {"Found": error.got, "What to do": error.todo})
        messages.end_page()
    frame.say([heard.message, OWN_TABLE])
    show_own(heard)
    show_others(heard)
    show_beside(heard)
    show_reporting()
    if sign_in.allowed("field", "restricted"):
        show_taking_part(here)
    st.header("Take it with you", anchor=False)
    with downloads.row():
        downloads.table(here, heard.table, name="voice", source="police_uk", who="internal")
    frame.small("For colleagues only: small groups could be recognised.")
