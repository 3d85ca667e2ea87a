"""Charts of before and after, each with its words."""

from __future__ import annotations

import altair as alt
import pandas as pd

from analysis.report.charts import SERIES, inline
from analysis.report.classes import number_text
from analysis.report.palette import PALETTES, Theme
from geodata import months as m

CAME, LED = "Came from here", "To be expected"


def before_after_chart(
    months: pd.DataFrame, *, what: str = "Reports", theme: Theme = "light"
) -> alt.LayerChart:
    """Draw a place's months beside what comparable places led to expect.

    Parameters
    ----------
    months : pandas.DataFrame
        `month`, `period` ('before', 'done', 'after'), `observed`, `expected`: the table of
        `analysis.evaluation.Evaluation`. A month no file covers is NaN, and a gap.
    what : str, default 'Reports'
        Name of the axis.
    theme : {'light', 'dark'}
        Ground it is drawn on.

    Returns
    -------
    altair.LayerChart
        With a mark at the month in which something was done.
    """
    rows = _long(months)
    palette, (now, led) = PALETTES[theme], SERIES[theme]
    order = [_short(x) for x in months["month"]]
    x = alt.X("label:N", sort=order, title=None).axis(labelAngle=-45, labelOverlap=True)
    colour = (
        alt.Color("series:N", title=None)
        .scale(domain=[CAME, LED], range=[now, led])
        .legend(orient="top", symbolType="stroke", symbolStrokeWidth=3, labelLimit=400)
    )
    dash = alt.StrokeDash("series:N", title=None).scale(domain=[CAME, LED], range=[[1, 0], [6, 4]])
    line = (
        alt.Chart(inline(rows))
        .mark_line(point=True, strokeWidth=2.5, invalid="break-paths-show-domains")
        .encode(
            x=x,
            y=alt.Y("count:Q", title=what).scale(zero=True, nice=True).axis(tickMinStep=1),
            color=colour,
            strokeDash=dash,
            tooltip=[
                alt.Tooltip("full:N", title="Month"),
                alt.Tooltip("series:N", title="Line"),
                alt.Tooltip("count:Q", title=what, format=",.1f"),
            ],
        )
    )
    done = months.loc[months["period"] == "done", "month"].map(_short)
    mark = alt.Chart(inline(pd.DataFrame({"label": done}))).encode(x=x)
    rule = mark.mark_rule(color=palette.text, strokeWidth=1.5)
    word = mark.mark_text(text="done", dy=-6, baseline="bottom", color=palette.text).encode(
        y=alt.value(0)
    )
    return alt.LayerChart(layer=[line, rule, word]).properties(
        height=280, width="container", description=before_after_summary(months, what=what)
    )


def before_after_summary(months: pd.DataFrame, *, what: str = "Reports") -> str:
    """Say what the chart of before and after shows.

    Examples
    --------
    >>> frame = pd.DataFrame({"month": ["2026-01", "2026-02", "2026-03"],
    ...     "period": ["before", "done", "after"],
    ...     "observed": [6.0, 5, 2], "expected": [5.0, 5, 4]})
    >>> print(before_after_summary(frame))
    Reports a month at the place: 6 on average before January 2026 ended and 2 after February \
2026. The comparison led to expect 5 and 4.
    """
    means = months.groupby("period")[["observed", "expected"]].mean().round(1)
    before = months.loc[months["period"] == "before", "month"].max()
    done = months.loc[months["period"] == "done", "month"].max()
    came, led = (
        [number_text(float(means[name].to_dict()[side])) for side in ("before", "after")]
        for name in ("observed", "expected")
    )
    return (
        f"{what} a month at the place: {came[0]} on average before {m.label(before)} ended and "
        f"{came[1]} after {m.label(done)}. The comparison led to expect {led[0]} and {led[1]}."
    )


def _long(months: pd.DataFrame) -> pd.DataFrame:
    parts = [
        pd.DataFrame(
            {
                "label": months["month"].map(_short),
                "full": months["month"].map(m.label),
                "series": name,
                "count": months[column],
            }
        )
        for name, column in ((CAME, "observed"), (LED, "expected"))
    ]
    return pd.concat(parts, ignore_index=True)


def _short(month: str) -> str:
    return f"{m.label(month)[:3]} {month[:4]}"
