"""A chart on a page: with its words under it, and the same words for screen readers."""

from __future__ import annotations

import altair as alt
import pandas as pd
import streamlit as st

from analysis.aoristic import Spread
from analysis.report import charts, evidence_charts, need_charts, time_charts
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


def control(series: pd.DataFrame, breaks: pd.DataFrame, *, what: str = "Reports") -> None:
    """Draw a control chart, with its months as a table."""
    _show(
        time_charts.control_picture(series, breaks=breaks, what=what, theme=maps.theme()),
        time_charts.control_summary(series, what=what),
    )
    with st.expander("Every month as a table"):
        tables.show(
            series.assign(**{c: series[c].round(0) for c in ("centre", "low", "high")}),
            {
                **{"month": "Month", "count": what, "year_before": "A year before"},
                **{"centre": "Usual", "low": "Usual from", "high": "to", "note": "Marked because"},
            },
            caption="Months, with the limits between which they vary by themselves",
            months=["month"], tall=True,
        )  # fmt: skip


def season(seasons: pd.DataFrame) -> None:
    """Draw the seasons, with a table."""
    _show(
        time_charts.season_picture(seasons, theme=maps.theme()), time_charts.season_summary(seasons)
    )
    with st.expander("The seasons as a table"):
        tables.show(
            seasons.assign(month=[time_charts.MONTH_NAMES[n - 1] for n in seasons.index]),
            {
                **{"month": "Month", "index": "Times the year around it", "years": "Years"},
                **{"lowest": "Lowest", "highest": "Highest"},
            },
            caption="How much busier each month of the year is than the year around it",
        )


def week(spread: Spread, *, caption: str) -> None:
    """Draw days by hours, with a table."""
    _show(
        time_charts.week_picture(spread, theme=maps.theme()), time_charts.week_summary(spread)
    )  # fmt: skip
    with st.expander("The week as a table"):
        length = 24 // spread.table.shape[1]
        named = spread.table.round(1).rename(
            columns={h: f"{h:02d}:00" if length == 1 else f"{h:02d}-{h + length:02d}"
                     for h in map(int, spread.table.columns)}
        )  # fmt: skip
        shown = named.rename_axis("day").reset_index()
        tables.show(shown, {"day": "Day", **{c: c for c in named.columns}}, caption=caption)


def funnel(wards: pd.DataFrame, *, common: float, per: str, exposure: str) -> None:
    """Draw wards around their common rate; the table stands beside it on the page."""
    _show(
        time_charts.funnel_picture(
            wards, common=common, per=per, exposure=exposure, theme=maps.theme()
        ),
        time_charts.funnel_summary(wards, common=common, per=per),
    )


def concentration(curve: pd.DataFrame, words: str) -> None:
    """Draw what the busiest places hold, beside chance alone."""
    _show(time_charts.concentration_picture(curve, theme=maps.theme()), words)


def before_and_after(months: pd.DataFrame, *, what: str, caption: str) -> None:
    """Draw a place's months beside what comparable places led to expect, with a table."""
    _show(
        evidence_charts.before_after_chart(months, what=what, theme=maps.theme()),
        evidence_charts.before_after_summary(months, what=what),
    )
    with st.expander("Every month as a table"):
        tables.show(
            months.assign(
                period=months["period"].map({"done": "the month it was done"}).fillna(
                    months["period"]
                ),
                expected=months["expected"].round(1),
            ),
            {"month": "Month", "period": "Period", "observed": what, "expected": "Led to expect"},
            caption=caption, months=["month"], tall=True,
        )  # fmt: skip


def need_shares(wards: pd.DataFrame) -> None:
    """Draw each ward's share of reports and of walks; the table stands beside it on the page."""
    _show(need_charts.shares_chart(wards, theme=maps.theme()), need_charts.shares_words(wards))


def walks_held(wards: pd.DataFrame, walks: pd.DataFrame, last: pd.Timestamp) -> None:
    """Draw when events were held in each ward."""
    _show(
        need_charts.walks_chart(wards, walks, last, theme=maps.theme()),
        need_charts.walks_words(wards, last),
    )


def _show(chart: alt.LayerChart, summary: str) -> None:
    # Streamlit's own grey for the words of a chart is too faint to read.
    ink = PALETTES[maps.theme()].text
    readable = chart.configure_axis(labelColor=ink, titleColor=ink)
    st.altair_chart(readable.configure_legend(labelColor=ink, titleColor=ink))
    frame.say([summary])
