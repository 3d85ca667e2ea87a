"""Charts of who gets walks: wards in the order of their names, never ranked."""

from __future__ import annotations

import altair as alt
import pandas as pd

from analysis.need import QUARTERS, WALKS
from analysis.report.charts import SERIES, inline
from analysis.report.palette import PALETTES, Theme

REPORTS, HELD = "Reports", "Walks"
WOMEN, OTHERS, NO_WALK = "Women's safety walk", "Walkabout or other walk", "Surgery or day"
_KINDS = {"womens_walk": WOMEN} | {kind: OTHERS for kind in WALKS if kind != "womens_walk"}


def shares_chart(table: pd.DataFrame, *, theme: Theme = "light") -> alt.LayerChart:
    """Draw each ward's share of the reports and of the walks as two bars.

    Parameters
    ----------
    table : pandas.DataFrame
        From `analysis.need.need_by_ward`.
    theme : {'light', 'dark'}
        Ground it is drawn on.
    """
    long = table.melt(
        ["ward_name", "reports", "walks"], ["share_reports", "share_walks"], "what", "share"
    ).dropna(subset="share")
    is_walks = long["what"].eq("share_walks")
    count = long["walks"].where(is_walks, long["reports"])
    rows = pd.DataFrame(
        {
            "ward_name": long["ward_name"], "percent": (100 * long["share"]).round(1),
            "what": is_walks.map({True: HELD, False: REPORTS}),
            "words": [f"{n:,.0f} ({100 * s:.0f} %)" for n, s in
                      zip(count, long["share"], strict=True)],
        }
    )  # fmt: skip
    base = alt.Chart(inline(rows)).encode(
        y=alt.Y("ward_name:N", sort=None, title=None).axis(labelLimit=220),
        x=alt.X("percent:Q", title="Share of all wards, %").axis(tickCount=5),
        yOffset=alt.YOffset("what:N", sort=[REPORTS, HELD]),
        tooltip=[
            alt.Tooltip("ward_name:N", title="Ward"), alt.Tooltip("what:N", title="Share of"),
            alt.Tooltip("words:N", title="Number"),
        ],
    )  # fmt: skip
    colour = alt.Color("what:N", title=None, sort=[REPORTS, HELD]).scale(
        domain=[REPORTS, HELD], range=list(SERIES[theme])
    )
    bars = base.mark_bar().encode(color=colour.legend(orient="top"))
    words = base.mark_text(align="left", dx=3, fontSize=10, color=PALETTES[theme].text)
    return alt.LayerChart(layer=[bars, words.encode(text="words:N")]).properties(
        width="container", height=alt.Step(16), description=shares_words(table)
    )


def shares_words(table: pd.DataFrame) -> str:
    """Say what the bars show.

    Examples
    --------
    >>> table = pd.DataFrame({"reports": [30, 10], "walks": [0, 3]})
    >>> print(shares_words(table))
    For each ward, its share of all 40 reports and of all 3 walks of the 12 months.
    """
    return (
        f"For each ward, its share of all {table['reports'].sum():,.0f} reports and of all "
        f"{table['walks'].sum():,.0f} walks of the 12 months."
    )


def walks_chart(
    table: pd.DataFrame, walks: pd.DataFrame, last: pd.Timestamp, *, theme: Theme = "light"
) -> alt.LayerChart:
    """Draw when events were held in each ward over two years; a shape says what they were.

    Parameters
    ----------
    table : pandas.DataFrame
        From `analysis.need.need_by_ward`: the wards.
    walks : pandas.DataFrame
        `event_type`, `ward_codes`, `date`, `type_name`.
    last : pandas.Timestamp
        The day it stands for.
    theme : {'light', 'dark'}
        Ground it is drawn on.
    """
    first = last - pd.DateOffset(months=3 * QUARTERS)
    names = dict(zip(table["ward_code"], table["ward_name"], strict=True))
    each = walks.assign(date=pd.to_datetime(walks["date"])).explode("ward_codes")
    each = each[each["date"].between(first, last) & each["ward_codes"].isin(list(names))]
    rows = pd.DataFrame(
        {
            "ward_name": each["ward_codes"].map(names), "type": each["type_name"],
            "day": each["date"].dt.strftime("%Y-%m-%d"),
            "kind": each["event_type"].map(_KINDS).fillna(NO_WALK),
        }
    )  # fmt: skip
    kinds = [WOMEN, OTHERS, NO_WALK]
    blue, orange = SERIES[theme]
    wards = (
        alt.Y("ward_name:N", title=None)
        .axis(labelLimit=220)
        .scale(domain=table["ward_name"].tolist())
    )
    span = [day.strftime("%Y-%m-%d") for day in (first, last)]
    when = alt.X("day:T", title=None).scale(domain=span).axis(format="%b %Y", tickCount=6)
    dots = alt.Chart(inline(rows)).mark_point(filled=True, size=70, opacity=0.9).encode(
        y=wards, x=when,
        color=alt.Color("kind:N", title=None).scale(
            domain=kinds, range=[orange, blue, PALETTES[theme].muted]
        ).legend(orient="top", columns=1),
        shape=alt.Shape("kind:N", title=None).scale(
            domain=kinds, range=["circle", "square", "triangle-up"]
        ),
        tooltip=[alt.Tooltip("ward_name:N", title="Ward"), alt.Tooltip("type:N", title="Event"),
                 alt.Tooltip("day:T", title="Held on")],
    )  # fmt: skip
    year = pd.DataFrame({"day": [(last - pd.DateOffset(months=12)).strftime("%Y-%m-%d")]})
    line = alt.Chart(inline(year)).mark_rule(strokeDash=[4, 4], color=PALETTES[theme].muted)
    return alt.LayerChart(layer=[line.encode(x=when), dots]).properties(
        width="container", height=alt.Step(20), description=walks_words(table, last)
    )


def walks_words(table: pd.DataFrame, last: pd.Timestamp) -> str:
    """Say what the picture of walks over time shows.

    Examples
    --------
    >>> table = pd.DataFrame({"ward_name": ["Ash", "Bow"], "walks": [1, 0],
    ...                       "note": ["", "no walk on record"]})
    >>> print(walks_words(table, pd.Timestamp("2026-04-30")))
    Each mark is an event held in the two years to 30 April 2026; the dashed line is a year \
before. No walk in the last year: Bow.
    """
    without = table.loc[table["walks"].eq(0), "ward_name"].tolist()
    said = (
        f"Each mark is an event held in the two years to {last.day} {last:%B %Y}; the dashed line "
        "is a year before."
    )
    return f"{said} No walk in the last year: {', '.join(without)}." if without else said
