"""The data log of the Method page: what is stored here, since when it compares, what is assumed."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analysis.report.licences import licence_lines
from geodata import months as m
from geodata.breaks import national_breaks, own_breaks
from geodata.workspace import Workspace
from pages.components import cached, frame, tables

COLUMNS = {"label": "Source", "force": "From", "first": "First month", "last": "Last month",
           "months": "Months", "reports": "Rows", "missing": "Months missing"}  # fmt: skip
ASSUMED = """
- **Two police reports that look the same are two.** Dropping them would change which places look
  busiest.
- **A month that no file covers is unknown.** A file may simply not have been fetched.
- **Police.uk's month is the month of recording,** and its points lie within about 200 m of the
  true place.
- **Twelve months are the right window.** Rankings from one month are mostly chance; a new problem
  shows late.
- **The same months a year before are a fair comparison.** Events that move in the calendar mislead.
- **Reporting differs from place to place.** A place with few reports is not a safe place: this is
  why walks, and what people say on them, weigh so much.
- **Small counts of sources that are not open may point at a person.** Somebody who knows single
  cases can still subtract them: that is not guarded against.
"""


def show(here: Workspace) -> None:
    """Show what numbers rest on, from when on they compare, and what is taken for granted."""
    st.header("Which data these are", anchor=False)
    sources = cached.source_table(here)
    if sources.empty:
        frame.say(["No reports are stored yet. Bring in the first files."])
    else:
        tables.show(
            sources, tables.known(sources, COLUMNS), caption="Data log: reports stored here",
            months=["first", "last"],
        )  # fmt: skip
        frame.say(["Every file, when it came in and what was rejected: “What is stored”."])
    frame.say(licence_lines(sources["source"].unique(), demo=here.kind == "demo"))
    _breaks(here)
    st.header("What is assumed", anchor=False)
    st.markdown(ASSUMED)


def _breaks(here: Workspace) -> None:
    known = sorted({*national_breaks(), *own_breaks(here.path)}, key=lambda b: (b.month, b.label))
    rows = pd.DataFrame(
        [(m.label(each.month), each.label) for each in known], columns=["month", "label"]
    )
    tables.show(
        rows, {"month": "From", "label": "What changed"},
        caption="Known breaks: counts before and after do not compare",
    )  # fmt: skip
