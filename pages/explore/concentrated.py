"""How concentrated reports are, and whether one brings another: on the Hotspots page."""

from __future__ import annotations

from typing import Any

import streamlit as st

from geodata.errors import NotEnoughDataError
from geodata.workspace import Workspace
from pages.components import cached, charts, frame, messages, pictures, tables

LIMITS = (
    "The busiest hexagons are found from the same reports, so they hold more than they will hold "
    "next year: this describes these months and forecasts nothing. With few reports any map looks "
    "concentrated; that is why chance stands beside it."
)
REPEATS = (
    "If reports come in bursts at a place, a report makes another within 200 m and 14 days more "
    "likely than chance alone would. That can only be told where the day and the exact place of "
    "each report are known."
)


def show(workspace: Workspace, *, side: int, **choice: Any) -> None:  # noqa: ANN401 - to the jobs
    """Show the concentration beside chance alone, and offer the test of near repeats."""
    st.header("How concentrated are reports?", anchor=False)
    found = cached.concentrated(workspace, side=side, **choice)
    if not found.found.reports:
        frame.say([found.found.sentence()])
        return
    chart, table = st.columns([3, 2], gap="large")
    with chart:
        title = "How concentrated reports are"
        charts.concentration(
            found.curve, found.found.sentence(), of=pictures.of_selection(title, found.selection)
        )
    with table:
        top = found.found.top
        tables.show(
            top.assign(**{c: (100 * top[c]).round(1) for c in top.columns}),
            {
                "places_share": "Busiest hexagons, %",
                "reports_share": "Hold of the reports, %",
                "chance_share": "By chance alone, %",
            },
            caption=f"What the busiest hexagons of {side} m hold",
        )
    frame.say([LIMITS])
    near_repeats(workspace, **choice)


def near_repeats(workspace: Workspace, **choice: Any) -> None:  # noqa: ANN401 - to the job
    """Test for near repeats when asked, or say why that cannot be done."""
    with st.expander("Does one report bring another nearby?"):
        frame.say([REPEATS])
        if not st.toggle("Run the test", key="near-repeats"):
            return
        try:
            tested = cached.near_repeat_test(workspace, **choice)
        except NotEnoughDataError as error:
            messages.box("note", error.what, {"Found": error.got, "What to do": error.todo})
            return
        frame.say([tested.sentence(), f"{tested.left_out:,} reports without both are left out."])
        tables.facts(
            {
                "Reports tested": tested.reports,
                "Pairs near in space and time": tested.both,
                "Expected by chance": round(tested.expected, 1),
                "Ratio": tested.ratio,
            }
        )
