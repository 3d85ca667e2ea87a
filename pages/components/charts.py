"""A chart on a page: with its words under it, and the same words for screen readers.

Drawing a chart takes a tenth of a second, most of it Altair's check of what it wrote. What it is
drawn from is small, so the drawing is kept by that: the next visit, and the next run of the page,
gets it as it is. Altair is loaded when the first chart is drawn.
"""

from __future__ import annotations

import hashlib
import json
import pickle
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from analysis.report.palette import PALETTES
from analysis.report.taken import ChartParts, Shown
from pages.components import frame, maps, pictures, tables
from pages.components.cached import Shelf

if TYPE_CHECKING:
    from analysis.aoristic import Spread

KEPT = 256
"""Charts that are kept, of some ten kilobytes each."""


def by_month(months: pd.DataFrame, *, of: Shown, what: str = "Reports", caption: str) -> None:
    """Draw months as a line beside the year before, with a table of every stored month."""
    from analysis.report.charts import monthly_summary

    _show(of, "charts.monthly_chart", monthly_summary(months, what=what), months, what=what)
    with st.expander("Every month as a table"):
        tables.show(
            months, {"month": "Month", "count": what}, caption=caption, months=["month"], tall=True
        )


def by_ward(wards: pd.DataFrame, *, of: Shown, what: str = "Reports") -> None:
    """Draw a bar a ward, in order of name."""
    from analysis.report.charts import ward_summary

    _show(of, "charts.ward_chart", ward_summary(wards, what=what), wards, what=what)


def contributions(place: pd.Series, *, of: Shown) -> None:
    """Draw what each part adds to one place's score, with the same as a table."""
    from analysis.report import charts

    _show(of, "charts.contribution_chart", charts.contribution_summary(place), place)
    with st.expander("Its parts as a table"):
        tables.show(
            charts.contributions(place),
            {"label": "Part", "score": "Score, 0 to 100", "weight": "Weight", "words": "Adds"},
            caption=f"Parts of the score of {place['name']}",
        )


def control(
    series: pd.DataFrame, breaks: pd.DataFrame, *, of: Shown, what: str = "Reports"
) -> None:
    """Draw a control chart, with its months as a table."""
    from analysis.report.time_charts import control_summary

    words = control_summary(series, what=what)
    _show(of, "time_charts.control_picture", words, series, breaks=breaks, what=what)
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


def season(seasons: pd.DataFrame, *, of: Shown) -> None:
    """Draw the seasons, with a table."""
    from analysis.report import time_charts

    _show(of, "time_charts.season_picture", time_charts.season_summary(seasons), seasons)
    with st.expander("The seasons as a table"):
        tables.show(
            seasons.assign(month=[time_charts.MONTH_NAMES[n - 1] for n in seasons.index]),
            {
                **{"month": "Month", "index": "Times the year around it", "years": "Years"},
                **{"lowest": "Lowest", "highest": "Highest"},
            },
            caption="How much busier each month of the year is than the year around it",
        )


def week(spread: Spread, *, of: Shown, caption: str) -> None:
    """Draw days by hours, with a table."""
    from analysis.report.time_charts import week_summary

    _show(of, "time_charts.week_picture", week_summary(spread), spread)
    with st.expander("The week as a table"):
        length = 24 // spread.table.shape[1]
        named = spread.table.round(1).rename(
            columns={h: f"{h:02d}:00" if length == 1 else f"{h:02d}-{h + length:02d}"
                     for h in map(int, spread.table.columns)}
        )  # fmt: skip
        shown = named.rename_axis("day").reset_index()
        tables.show(shown, {"day": "Day", **{c: c for c in named.columns}}, caption=caption)


def funnel(wards: pd.DataFrame, *, of: Shown, common: float, per: str, exposure: str) -> None:
    """Draw wards around their common rate; the table stands beside it on the page."""
    from analysis.report.time_charts import funnel_summary

    words = funnel_summary(wards, common=common, per=per)
    _show(of, "time_charts.funnel_picture", words, wards, common=common, per=per, exposure=exposure)


def concentration(curve: pd.DataFrame, words: str, *, of: Shown) -> None:
    """Draw what the busiest places hold, beside chance alone."""
    _show(of, "time_charts.concentration_picture", words, curve)


def before_and_after(months: pd.DataFrame, *, of: Shown, what: str, caption: str) -> None:
    """Draw a place's months beside what comparable places led to expect, with a table."""
    from analysis.report.evidence_charts import before_after_summary

    words = before_after_summary(months, what=what)
    _show(of, "evidence_charts.before_after_chart", words, months, what=what)
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


def need_shares(wards: pd.DataFrame, *, of: Shown) -> None:
    """Draw each ward's share of reports and of walks; the table stands beside it on the page."""
    from analysis.report.need_charts import shares_words

    _show(of, "need_charts.shares_chart", shares_words(wards), wards)


def walks_held(wards: pd.DataFrame, walks: pd.DataFrame, last: pd.Timestamp, *, of: Shown) -> None:
    """Draw when events were held in each ward."""
    from analysis.report.need_charts import walks_words

    _show(of, "need_charts.walks_chart", walks_words(wards, last), wards, walks, last)


def _show(of: Shown, name: str, summary: str, *said: object, **more: object) -> None:
    """Draw the chart that a function of `analysis.report` makes, in this visit's theme."""
    st.vega_lite_chart(spec=json.loads(_drawn(name, *said, **more, theme=maps.theme())))
    frame.say([summary])
    pictures.offer_chart(ChartParts(name, said, more, summary), of)


@cache
def _kept() -> Shelf:
    return Shelf(KEPT)


def _drawn(name: str, *said: object, **more: Any) -> str:  # noqa: ANN401 - as the chart has it
    key = hashlib.sha256(pickle.dumps((name, said, more))).hexdigest()
    kept = _kept().get(key)
    if kept is None:
        module, _, function = name.partition(".")
        chart = getattr(import_module(f"analysis.report.{module}"), function)(*said, **more)
        # Streamlit's own grey for the words of a chart is too faint to read.
        ink = PALETTES[more["theme"]].text
        chart = chart.configure_axis(labelColor=ink, titleColor=ink)
        written = chart.configure_legend(labelColor=ink, titleColor=ink).to_dict()
        written["config"].pop("view", None)  # a width and height of Altair's: here a page has its
        _kept().put(key, kept := json.dumps(written))
    return str(kept)
