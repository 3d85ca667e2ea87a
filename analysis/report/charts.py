"""Charts, each with its words: what the picture shows is also said in a sentence beside it.

Altair charts with their few rows inside them: nothing is written to disc and nothing is fetched.
A month that no file covers is a gap with a mark on it, never a zero. Wards stand in the order of
their names: there is no league table. Every chart has a description for screen readers.
"""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from analysis.components import COMPONENTS
from analysis.report.classes import number_text
from analysis.report.palette import PALETTES, Theme
from geodata import months as m

WINDOW_MONTHS = 12

SERIES: dict[Theme, tuple[str, str]] = {
    "light": ("#12436D", "#D4501A"),
    "dark": ("#6BACE6", "#F79A66"),
}
"""Colours of this year and the year before: the duo of the Analysis Function, its orange darkened
for thin lines. The year before is also dashed."""

_FEW: dict[str, Any] = {"tickMinStep": 1, "tickCount": 6, "format": ",d"}

THIS, BEFORE = "These months", "A year before"


def monthly_chart(
    frame: pd.DataFrame,
    *,
    what: str = "Reports",
    theme: Theme = "light",
    months: int = WINDOW_MONTHS,
) -> alt.LayerChart:
    """Draw the latest months as a line, and the same months a year before as a dashed one.

    Parameters
    ----------
    frame : pandas.DataFrame
        `month` (YYYY-MM), `count` (NaN where no file covers the month), and optionally
        `is_partial` (one police force lacks the month): at least the months to draw, and the year
        before them if it is to be compared.
    what : str, default 'Reports'
        Name of the axis.
    theme : {'light', 'dark'}
        Ground it is drawn on.
    months : int, default 12
        How many months to draw, ending with the last in `frame`.

    Returns
    -------
    altair.LayerChart
        Missing months break the line and carry the words "no data"; months that one force lacks
        are hollow points.
    """
    rows = monthly_rows(frame, months=months)
    now, before = SERIES[theme]
    x = alt.X("label:N", sort=list(dict.fromkeys(rows["label"])), title=None).axis(labelAngle=-45)
    y = alt.Y("count:Q", title=what).scale(zero=True, nice=True).axis(tickMinStep=1, format=",d")
    drawn = [s for s in (THIS, BEFORE) if rows.loc[rows["series"] == s, "count"].notna().any()]
    colour = (
        alt.Color("series:N", title=None)
        .scale(domain=drawn or [THIS], range=[now, before])
        .legend(orient="top", symbolType="stroke", symbolStrokeWidth=3, columnPadding=28)
    )
    dash = alt.StrokeDash("series:N", title=None).scale(
        domain=drawn or [THIS], range=[[1, 0], [6, 4]]
    )
    tip = [
        alt.Tooltip("full:N", title="Month"),
        alt.Tooltip("count:Q", title=what, format=","),
        alt.Tooltip("note:N", title="Note"),
    ]
    held = rows[rows["series"].isin(drawn)]
    base = alt.Chart(inline(held)).encode(x=x)
    line = base.mark_line(strokeWidth=2.5, invalid="break-paths-show-domains").encode(
        y=y, color=colour, strokeDash=dash, detail="series:N"
    )
    points = base.mark_point(
        size=45, opacity=1, filled=False, strokeWidth=2, invalid="filter"
    ).encode(y=y, color=colour, tooltip=tip, fillOpacity=alt.value(0))
    full = points.transform_filter("!datum.is_partial").mark_point(
        size=45, opacity=1, filled=True, invalid="filter"
    )
    gaps = (
        alt.Chart(inline(rows[(rows["series"] == THIS) & rows["count"].isna()]))
        .mark_text(text="no data", angle=270, align="left", dx=4, fontSize=11, fontStyle="italic")
        .encode(x=x, y=alt.YDatum(0), color=alt.value(PALETTES[theme].muted))
    )
    hollow = points.transform_filter("datum.is_partial")
    layers = [line, full.encode(fillOpacity=alt.value(1)), hollow, gaps]
    return alt.LayerChart(layer=layers).properties(
        height=260, width="container", description=monthly_summary(frame, what=what, months=months)
    )


def monthly_rows(frame: pd.DataFrame, *, months: int = WINDOW_MONTHS) -> pd.DataFrame:
    """Lay the latest months and the same months a year before under one another.

    Returns
    -------
    pandas.DataFrame
        `label` (of the month drawn), `series`, `month`, `full` (that month in words), `count`,
        `is_partial`, `note`; every month of the window twice, gaps with NaN.

    Examples
    --------
    >>> frame = pd.DataFrame({"month": ["2025-03", "2026-02", "2026-03"], "count": [4, 5.0, 6]})
    >>> rows = monthly_rows(frame, months=3)
    >>> rows[["month", "count"]].to_numpy().tolist()[:3]
    [['2026-01', nan], ['2026-02', 5.0], ['2026-03', 6.0]]
    >>> rows[["month", "count"]].to_numpy().tolist()[3:]
    [['2025-01', nan], ['2025-02', nan], ['2025-03', 4.0]]
    """
    if not len(frame):
        columns = ["label", "series", "month", "full", "count", "is_partial", "note"]
        return pd.DataFrame(columns=columns)
    known = frame.set_index("month")
    partial = known["is_partial"] if "is_partial" in known else pd.Series(False, known.index)
    window = m.window(str(frame["month"].max()), months)
    rows = []
    for series, back in ((THIS, 0), (BEFORE, 12)):
        for shown in window:
            month = m.shift(shown, -back)
            count = float(known["count"].get(month, np.nan))
            is_partial = bool(partial.get(month, False))
            rows.append((_short(shown), series, month, m.label(month), count, is_partial))
    table = pd.DataFrame(rows, columns=["label", "series", "month", "full", "count", "is_partial"])
    return table.assign(note=np.where(table["is_partial"], "one police force is missing", ""))


def monthly_summary(
    frame: pd.DataFrame, *, what: str = "Reports", months: int = WINDOW_MONTHS
) -> str:
    """Say what the monthly chart shows.

    Examples
    --------
    >>> frame = pd.DataFrame({"month": ["2026-01", "2026-02", "2026-03"], "count": [5.0, None, 7]})
    >>> print(monthly_summary(frame, months=3))
    Reports by month, January 2026 to March 2026: fewest 5 in January 2026, most 7 in March 2026. \
No data for February 2026. There are no data for the same months a year before.
    """
    rows = monthly_rows(frame, months=months)
    now = rows[rows["series"] == THIS]
    known = now[now["count"].notna()]
    if known.empty:
        return f"{what} by month: there are no data."
    numbers = known["count"].to_numpy()
    low, high = known.iloc[int(numbers.argmin())], known.iloc[int(numbers.argmax())]
    parts = [
        f"{what} by month, {now['full'].iloc[0]} to {now['full'].iloc[-1]}: "
        f"fewest {number_text(low['count'])} in {low['full']}, "
        f"most {number_text(high['count'])} in {high['full']}."
    ]
    missing = now.loc[now["count"].isna(), "full"].tolist()
    if missing:
        parts.append(f"No data for {listed(missing)}.")
    partial = known.loc[known["is_partial"].astype(bool), "full"].tolist()
    if partial:
        parts.append(f"One police force is missing in {listed(partial)}.")
    parts.append(_against_last_year(rows))
    return " ".join(parts)


def ward_chart(
    frame: pd.DataFrame, *, what: str = "Reports", theme: Theme = "light"
) -> alt.LayerChart:
    """Draw a bar a ward, in the order of the wards' names.

    Parameters
    ----------
    frame : pandas.DataFrame
        `ward_name`, `count` (NaN where there are no data); `withheld` as the disclosure gate
        writes it, if any.
    what, theme
        As in `monthly_chart`.

    Returns
    -------
    altair.LayerChart
        With the number at the end of each bar, or words where there is none.
    """
    rows = frame[["ward_name", "count"]].sort_values("ward_name", kind="stable")
    held = frame["withheld"].reindex(rows.index).fillna("") if "withheld" in frame else ""
    said = [number_text(float(c)) if pd.notna(c) else "" for c in rows["count"]]
    rows = rows.assign(
        words=np.where(rows["count"].notna(), said, np.where(held == "", "no data", held)),
        bar=rows["count"].fillna(0.0).astype("float64"),
    )
    base = alt.Chart(inline(rows)).encode(
        y=alt.Y("ward_name:N", sort=None, title=None).axis(labelLimit=220),
        x=alt.X("bar:Q", title=what).scale(domain=_room(rows["bar"])).axis(**_FEW),
        tooltip=[alt.Tooltip("ward_name:N", title="Ward"), alt.Tooltip("words:N", title=what)],
    )
    bars = base.mark_bar(color=SERIES[theme][0], height={"band": 0.72})
    words = base.mark_text(align="left", dx=4, color=PALETTES[theme].text).encode(text="words:N")
    return alt.LayerChart(layer=[bars, words]).properties(
        width="container", height=alt.Step(22), description=ward_summary(frame, what=what)
    )


def ward_summary(frame: pd.DataFrame, *, what: str = "Reports") -> str:
    """Say what the ward chart shows, without ranking the wards.

    Examples
    --------
    >>> print(ward_summary(pd.DataFrame({"ward_name": ["A", "B", "C"], "count": [3, 9, None]})))
    Reports by ward, in the order of their names: 3 to 9 in 2 wards. No data for C.
    """
    known = frame["count"].dropna()
    held = pd.Series(False, index=frame.index)
    if "withheld" in frame:
        held = frame["withheld"].fillna("").ne("")
    missing = frame.loc[frame["count"].isna() & ~held, "ward_name"].astype(str).tolist()
    head = f"{what} by ward, in the order of their names"
    if known.empty:
        return f"{head}: there are no data."
    low, high = number_text(float(known.min())), number_text(float(known.max()))
    spread = low if low == high else f"{low} to {high}"
    text = f"{head}: {spread} in {len(known)} ward{'s' if len(known) > 1 else ''}."
    if missing:
        text += f" No data for {listed(missing)}."
    return text + (f" Withheld for {int(held.sum())}." if held.any() else "")


def contribution_chart(row: pd.Series, *, theme: Theme = "light") -> alt.LayerChart:
    r"""Draw what each component adds to one place's total.

    A component adds :math:`w_k s_k / \sum w_j` points over the components j that have evidence, so
    the bars add up to the total; the outline behind a bar is the most it could add.

    Parameters
    ----------
    row : pandas.Series
        One row of `analysis.score.score_locations`: `<component>_score`, `<component>_weight`.
    theme : {'light', 'dark'}
        Ground it is drawn on.

    Returns
    -------
    altair.LayerChart
        Components without evidence stand there with the words "not known".
    """
    rows = contributions(row)
    palette = PALETTES[theme]
    base = alt.Chart(inline(rows)).encode(
        y=alt.Y("label:N", sort=None, title=None).axis(labelLimit=220),
        tooltip=[
            alt.Tooltip("label:N", title="What counts"),
            alt.Tooltip("words:N", title="Adds"),
        ],
    )
    x = (
        alt.X("most:Q", title="Points of the total")
        .scale(domain=_room(rows["most"], 1.4))
        .axis(**_FEW)
    )
    most = base.mark_bar(
        filled=False, stroke=palette.muted, strokeWidth=1, height={"band": 0.72}
    ).encode(x=x)
    adds = base.mark_bar(color=SERIES[theme][0], height={"band": 0.72}).encode(x=alt.X("points:Q"))
    words = base.mark_text(align="left", dx=6, color=palette.text).encode(x=x, text="words:N")
    return alt.LayerChart(layer=[most, adds, words]).properties(
        width="container", height=alt.Step(28), description=contribution_summary(row)
    )


def contributions(row: pd.Series) -> pd.DataFrame:
    """Work out what each weighted component adds to a place's total.

    Returns
    -------
    pandas.DataFrame
        `label`, `weight`, `score`, `points` (added to the total), `most` (what 100 would add),
        `words`; in the order of the components.

    Examples
    --------
    >>> row = pd.Series({"volume_score": 80.0, "volume_weight": 30.0,
    ...                  "persistence_score": 50.0, "persistence_weight": 10.0,
    ...                  "after_dark_score": None, "after_dark_weight": 20.0})
    >>> contributions(row)[["label", "points", "most"]].to_numpy().tolist()
    [['Reports received', 60.0, 75.0], ['Stays busy', 12.5, 25.0], ['After dark', 0.0, 0.0]]
    """
    rows: list[dict[str, Any]] = []
    for component in COMPONENTS:
        weight = row.get(f"{component.code}_weight", 0.0)
        if pd.notna(weight) and float(weight) > 0:
            score = row.get(f"{component.code}_score")
            known = np.nan if pd.isna(score) else float(score)
            rows.append({"label": component.label, "weight": float(weight), "score": known})
    table = pd.DataFrame(rows, columns=["label", "weight", "score"])
    held = table["weight"].where(table["score"].notna(), 0.0)
    most = 100.0 * held / held.sum() if held.sum() else held
    points = most * table["score"].fillna(0.0) / 100.0
    words = [
        f"{number_text(round(p, 1))} of {number_text(round(t, 1))}" if pd.notna(s) else "not known"
        for p, t, s in zip(points, most, table["score"], strict=True)
    ]
    return table.assign(points=points, most=most, words=words)


def contribution_summary(row: pd.Series) -> str:
    """Say what the contribution chart shows.

    Examples
    --------
    >>> row = pd.Series({"volume_score": 80.0, "volume_weight": 30.0,
    ...                  "after_dark_score": None, "after_dark_weight": 20.0})
    >>> print(contribution_summary(row))
    Points of the total: Reports received 80 of 100. Not known: After dark.
    """
    rows = contributions(row)
    known = rows[rows["score"].notna()]
    if known.empty:
        return "Nothing is known that could be scored here."
    parts = [
        f"{label} {words}" for label, words in zip(known["label"], known["words"], strict=True)
    ]
    text = f"Points of the total: {', '.join(parts)}."
    missing = rows.loc[rows["score"].isna(), "label"].tolist()
    return text + (f" Not known: {', '.join(missing)}." if missing else "")


def _against_last_year(rows: pd.DataFrame) -> str:
    pairs = rows.pivot_table(index="label", columns="series", values="count", sort=False)
    both = pairs.dropna() if BEFORE in pairs else pairs.iloc[:0]
    if both.empty:
        return "There are no data for the same months a year before."
    now, before = float(both[THIS].sum()), float(both[BEFORE].sum())
    count = f"{len(both)} month{'s' if len(both) > 1 else ''}"
    return (
        f"In the {count} with data in both years: {number_text(now)}, "
        f"against {number_text(before)} a year before."
    )


def _room(lengths: pd.Series, times: float = 1.15) -> list[float]:
    """Leave room behind the longest bar for its number or words."""
    longest = float(lengths.max()) if len(lengths) else 0.0
    return [0.0, times * longest if longest else 1.0]


def _short(month: str) -> str:
    return f"{m.label(month)[:3]} {month[:4]}"


def listed(names: list[str], *, last: str = "and") -> str:
    """Write a list as people say it; at least one name.

    Examples
    --------
    >>> listed(["A", "B", "C"])
    'A, B and C'
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"


def inline(rows: pd.DataFrame) -> alt.Data:
    """Put rows into a chart itself; NaN becomes null, which JSON has."""
    plain = rows.astype(object).where(rows.notna(), None)
    return alt.Data(values=plain.to_dict("records"))  # type: ignore[no-untyped-call]
