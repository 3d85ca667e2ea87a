"""A chart on a page: with its words under it, and the same words for screen readers."""

from __future__ import annotations

import altair as alt
import pandas as pd
import streamlit as st

from analysis.report import charts
from analysis.report.palette import PALETTES
from pages.components import frame, maps, tables


def by_month(months: pd.DataFrame, *, what: str = "Reports", caption: str) -> None:
    """Draw months as a line beside the year before, with a table of every stored month."""
    _show(
        charts.monthly_chart(months, what=what, theme=maps.theme()),
        charts.monthly_summary(months, what=what),
    )
    with st.expander("Every month as a table"):
        tables.show(
            months, {"month": "Month", "count": what}, caption=caption, months=["month"], tall=True
        )


def by_ward(wards: pd.DataFrame, *, what: str = "Reports") -> None:
    """Draw a bar a ward, in order of name."""
    _show(
        charts.ward_chart(wards, what=what, theme=maps.theme()),
        charts.ward_summary(wards, what=what),
    )


def contributions(place: pd.Series) -> None:
    """Draw what each part adds to one place's score, with the same as a table."""
    _show(charts.contribution_chart(place, theme=maps.theme()), charts.contribution_summary(place))
    with st.expander("Its parts as a table"):
        tables.show(
            charts.contributions(place),
            {"label": "Part", "score": "Score, 0 to 100", "weight": "Weight", "words": "Adds"},
            caption=f"Parts of the score of {place['name']}",
        )


def _show(chart: alt.LayerChart, summary: str) -> None:
    # Streamlit's own grey for the words of a chart is too faint to read.
    ink = PALETTES[maps.theme()].text
    readable = chart.configure_axis(labelColor=ink, titleColor=ink)
    st.altair_chart(readable.configure_legend(labelColor=ink, titleColor=ink))
    frame.say([summary])
