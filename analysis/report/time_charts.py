"""Charts of months, hours, wards and concentration, each with its words.

As `analysis.report.charts`: few rows, inside the chart itself; gaps are gaps; colour is never the
only cue; every chart has a description for screen readers.
"""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from analysis.aoristic import WEEKDAYS, Spread
from analysis.control_chart import RULES
from analysis.report.charts import SERIES, inline, listed
from analysis.report.classes import number_text
from analysis.report.palette import PALETTES, Theme
from geodata import months as m

MONTH_NAMES: tuple[str, ...] = tuple(m.label(f"2000-{n:02d}").split()[0] for n in range(1, 13))


def control_picture(
    frame: pd.DataFrame,
    *,
    breaks: pd.DataFrame | None = None,
    what: str = "Reports",
    theme: Theme = "light",
) -> alt.LayerChart:
    """Draw a control chart: months, the limits they vary between by themselves, what falls out.

    Parameters
    ----------
    frame : pandas.DataFrame
        One series of `analysis.jobs.trends.Trends.table`.
    breaks : pandas.DataFrame, optional
        `month`, `label`: where the series starts anew.
    what : str, default 'Reports'
        Name of the axis.
    theme : {'light', 'dark'}
        Ground it is drawn on.

    Returns
    -------
    altair.LayerChart
        Missing months break the line and carry the words "no data"; months that a file is missing
        for are hollow; marked months have a ring and say why in their tooltip.
    """
    rows = _months_of(frame)
    palette, (ink, accent) = PALETTES[theme], SERIES[theme]
    x = alt.X("month:N", sort=None, title=None).axis(
        labelAngle=-45, labelExpr=_MONTH_LABEL, labelOverlap=True
    )
    y = alt.Y("count:Q", title=what).scale(zero=True).axis(tickMinStep=1, format=",d")
    base = alt.Chart(inline(rows)).encode(x=x)
    band = base.mark_area(
        aria=False, opacity=0.16, color=ink, invalid="break-paths-show-domains"
    ).encode(y=alt.Y("low:Q", title=what), y2="high:Q")
    centre = base.mark_line(
        aria=False,
        color=palette.muted,
        strokeDash=[5, 4],
        strokeWidth=1.5,
        invalid="break-paths-show-domains",
    ).encode(y="centre:Q")
    line = base.mark_line(
        aria=False, color=ink, strokeWidth=2, invalid="break-paths-show-domains"
    ).encode(y=y)
    tip = [
        alt.Tooltip("full:N", title="Month"), alt.Tooltip("count:Q", title=what, format=","),
        alt.Tooltip("low:Q", title="Usual from", format=",.0f"),
        alt.Tooltip("high:Q", title="to", format=",.0f"), alt.Tooltip("note:N", title="Note"),
    ]  # fmt: skip
    points = base.mark_point(
        size=34, filled=True, color=ink, opacity=1, invalid="filter"
    ).encode(y=y, tooltip=tip)  # fmt: skip
    whole, part = (points.transform_filter(f"{no}datum.is_partial") for no in ("!", ""))
    part = part.mark_point(size=45, filled=False, color=ink, opacity=1, invalid="filter")
    rings = base.transform_filter("datum.signals !== ''").mark_point(
        size=190, filled=False, strokeWidth=2.5, color=accent, opacity=1, invalid="filter"
    ).encode(y=y, tooltip=tip)  # fmt: skip
    gaps = (
        base.transform_filter("datum.count === null")
        .mark_text(
            aria=False,
            text="no data",
            angle=270,
            align="left",
            dx=4,
            fontSize=11,
            fontStyle="italic",
        )
        .encode(y=alt.YDatum(0), color=alt.value(palette.muted))
    )
    layers = [band, centre, line, whole, part, rings, gaps]
    if breaks is not None and len(breaks):
        layers += _break_layers(breaks, x, palette.text)
    return alt.LayerChart(layer=layers).properties(
        height=300, width="container", description=control_summary(frame, what=what)
    )


_MONTH_LABEL = (
    "['Jan','Feb','Mar','Apr','May','Jun','Jul','Aug','Sep','Oct','Nov','Dec']"
    "[parseInt(slice(datum.value, 5)) - 1] + ' ' + slice(datum.value, 0, 4)"
)


def _break_layers(breaks: pd.DataFrame, x: alt.X, colour: str) -> list[alt.Chart]:
    rows = breaks.assign(full=[m.label(month) for month in breaks["month"]])
    base = alt.Chart(inline(rows)).encode(x=x)
    tip = [alt.Tooltip("full:N", title="From"), alt.Tooltip("label:N", title="Break")]
    rule = base.mark_rule(aria=False, color=colour, strokeDash=[2, 3], strokeWidth=1.5).encode(
        tooltip=tip
    )
    word = base.mark_text(
        aria=False, text="break", align="left", dx=4, dy=8, fontSize=11, color=colour
    ).encode(y=alt.value(0), tooltip=tip)  # fmt: skip
    return [rule, word]


def _months_of(frame: pd.DataFrame) -> pd.DataFrame:
    kept = ["month", "count", "is_partial", "centre", "low", "high", "signals", "note"]
    rows = frame[kept].reset_index(drop=True)
    notes = np.where(rows["is_partial"], "a file is missing: not judged", rows["note"])
    return rows.assign(full=[m.label(str(month)) for month in rows["month"]], note=notes)


def control_summary(frame: pd.DataFrame, *, what: str = "Reports") -> str:
    """Say what the control chart shows.

    Examples
    --------
    >>> frame = pd.DataFrame({"month": ["2026-01", "2026-02"], "count": [5.0, None],
    ...     "is_partial": False, "centre": 6.0, "low": 0.0, "high": 13.0, "signals": "",
    ...     "note": ""})
    >>> print(control_summary(frame))
    Reports by month, January 2026 to February 2026: no month is marked; about 6 a month is usual, \
0 to 13 without anything happening. No data for February 2026.
    """
    if frame["count"].notna().sum() == 0:
        return f"{what} by month: there are no data."
    first, last = (m.label(str(frame["month"].iloc[i])) for i in (0, -1))
    marked = frame[frame["signals"] != ""]
    known = frame[frame["centre"].notna()]
    if known.empty:
        usual = "too few months with data to say what is usual"
    else:
        row = known.iloc[-1]
        usual = (
            f"about {number_text(round(row['centre']))} a month is usual, "
            f"{number_text(round(row['low']))} to {number_text(round(row['high']))} "
            "without anything happening"
        )
    names = [
        f"{m.label(str(x))} ({n})" for x, n in zip(marked["month"], marked["note"], strict=True)
    ]
    said = f"marked: {listed(names)}" if names else "no month is marked"
    missing = [m.label(str(x)) for x in frame.loc[frame["count"].isna(), "month"]]
    tail = f" No data for {listed(missing)}." if missing else ""
    return f"{what} by month, {first} to {last}: {said}; {usual}.{tail}"


def rule_words() -> str:
    """Say what marks a month.

    Examples
    --------
    >>> rule_words().startswith("A month is marked when it is beyond the limits")
    True
    """
    beyond, *others = RULES.values()
    return f"A month is marked when it is {beyond}, or ends {listed(others, last='or')}."


def season_picture(season: pd.DataFrame, *, theme: Theme = "light") -> alt.LayerChart:
    """Draw how much busier each month of the year is than the year around it.

    Parameters
    ----------
    season : pandas.DataFrame
        From `analysis.seasonality.seasonal_index`.
    theme : {'light', 'dark'}
        Ground it is drawn on.

    Returns
    -------
    altair.LayerChart
        A point a month of the year, with a line from its lowest to its highest year.
    """
    rows = season.reset_index().assign(name=[name[:3] for name in MONTH_NAMES])
    base = alt.Chart(inline(rows)).encode(
        x=alt.X("name:N", sort=None, title=None).axis(labelAngle=0)
    )
    ink = SERIES[theme][0]
    scale = alt.Scale(zero=False, nice=True)
    y = alt.Y("index:Q", title="Times the year around it", scale=scale)
    even = alt.Chart().mark_rule(aria=False, color=PALETTES[theme].muted, strokeDash=[5, 4]).encode(
        y=alt.YDatum(1)
    )  # fmt: skip
    span = base.mark_rule(aria=False, color=ink, strokeWidth=3, opacity=0.45).encode(
        y=alt.Y("lowest:Q", title="Times the year around it", scale=scale), y2="highest:Q"
    )
    tip = [
        alt.Tooltip("name:N", title="Month"), alt.Tooltip("index:Q", title="Index", format=".2f"),
        alt.Tooltip("years:Q", title="Years"),
    ]  # fmt: skip
    points = base.mark_point(size=60, filled=True, color=ink, opacity=1).encode(y=y, tooltip=tip)
    return alt.LayerChart(layer=[even, span, points], data=inline(rows)).properties(
        height=220, width="container", description=season_summary(season)
    )


def season_summary(season: pd.DataFrame) -> str:
    """Say what the chart of the seasons shows.

    Examples
    --------
    >>> season = pd.DataFrame({"index": [0.8] + [1.0] * 10 + [1.2], "years": 1},
    ...                       index=range(1, 13))
    >>> print(season_summary(season))
    Busiest around December (1.2 times the year around it), quietest around January (0.8). Each \
month rests on 1 year at least, so part of any difference is chance.
    """
    order = season["index"].sort_values(kind="stable")
    low, high = int(order.index[0]), int(order.index[-1])
    names = [MONTH_NAMES[number - 1] for number in (high, low)]
    fewest = int(season["years"].min())
    years = "year" if fewest == 1 else "years"
    return (
        f"Busiest around {names[0]} ({number_text(float(order.iloc[-1]))} times the year around "
        f"it), quietest around {names[1]} ({number_text(float(order.iloc[0]))}). Each month rests "
        f"on {fewest} {years} at least, so part of any difference is chance."
    )


def week_picture(spread: Spread, *, theme: Theme = "light") -> alt.LayerChart:
    """Draw the week as a grid of days by hours, or by blocks of four hours.

    Parameters
    ----------
    spread : Spread
        From `analysis.aoristic.day_by_hour`.
    theme : {'light', 'dark'}
        Ground it is drawn on.

    Returns
    -------
    altair.LayerChart
        Darker is more (lighter on a dark ground); with blocks the number stands in each cell.
    """
    wide = spread.table
    is_blocks = wide.shape[1] < 24
    named = wide.rename_axis(index="day", columns="hour")
    rows = pd.Series(named.stack(), name="reports").reset_index()
    length = 24 // wide.shape[1]
    rows["from"] = [f"{int(h):02d}:00" for h in rows["hour"]]
    rows["span"] = [f"{int(h):02d}:00 to {int(h) + length:02d}:00" for h in rows["hour"]]
    rows["reports"] = rows["reports"].round(1)
    palette = PALETTES[theme]
    top = float(rows["reports"].max()) or 1.0
    slant = -45 if length == 1 else 0
    base = alt.Chart(inline(rows)).encode(
        x=alt.X("from:N", sort=None, title="From this hour").axis(labelAngle=slant),
        y=alt.Y("day:N", sort=list(WEEKDAYS), title=None),
        tooltip=[
            alt.Tooltip("day:N", title="Day"), alt.Tooltip("span:N", title="Hours"),
            alt.Tooltip("reports:Q", title="Reports"),
        ],
    )  # fmt: skip
    shade = (
        alt.Color("reports:Q", title="Reports")
        .scale(domain=[0, top], range=list(palette.shades[1:]))
        .legend(orient="top", direction="horizontal", gradientLength=160)
    )
    cells = base.mark_rect(stroke=palette.land, strokeWidth=1).encode(color=shade)
    layers = [cells]
    if is_blocks:
        # The middle shades carry neither ink well enough: the turn is where contrast is equal.
        ink = alt.condition(f"datum.reports > {0.55 * top}", *_inks(theme))
        layers.append(
            base.mark_text(aria=False, fontSize=13).encode(
                text=alt.Text("reports:Q", format=",.0f"), color=ink
            )
        )  # fmt: skip
    return alt.LayerChart(layer=layers).properties(
        height=alt.Step(30 if is_blocks else 26), width="container",
        description=week_summary(spread),
    )  # fmt: skip


def _inks(theme: Theme) -> tuple[alt.Value, alt.Value]:
    dark, light = alt.value("#0B0C0C"), alt.value("#FFFFFF")
    return (light, dark) if theme == "light" else (dark, light)


def week_summary(spread: Spread) -> str:
    """Say what the week shows: the fullest day and hours, and the share they hold.

    Examples
    --------
    >>> table = pd.DataFrame(0.0, list(WEEKDAYS), range(0, 24, 4))
    >>> table.loc["Friday", 20] = 3.0
    >>> table.loc["Monday", 8] = 1.0
    >>> print(week_summary(Spread(table, 4, {})))
    4 reports over the week: most on Friday (75%), and most from 20:00 to 24:00 (75%).
    """
    total = float(spread.table.to_numpy().sum())
    if not total:
        return "No report has a time of day."
    days, hours = spread.table.sum(axis=1), spread.table.sum(axis=0)
    length = 24 // spread.table.shape[1]
    start = int(hours.index[int(hours.to_numpy().argmax())])
    return (
        f"{number_text(spread.used)} reports over the week: most on {days.idxmax()} "
        f"({days.max() / total:.0%}), and most from {start:02d}:00 to {start + length:02d}:00 "
        f"({hours.max() / total:.0%})."
    )


def funnel_picture(
    wards: pd.DataFrame, *, common: float, per: str, exposure: str, theme: Theme = "light"
) -> alt.LayerChart:
    """Draw wards around their common rate, with the limits that chance and usual spread give.

    Parameters
    ----------
    wards : pandas.DataFrame
        `ward_name`, `count`, `exposure`, `rate`, `shrunk`, `low95`, `high95`, `low998`, `high998`,
        `stands_out`.
    common : float
        Rate of all wards together.
    per, exposure : str
        Names of the axes.
    theme : {'light', 'dark'}
        Ground it is drawn on.

    Returns
    -------
    altair.LayerChart
        Wards that stand out carry their name and another shape; the others are named in tooltips.
    """
    palette, (ink, accent) = PALETTES[theme], SERIES[theme]
    edges = wards.sort_values("exposure", kind="stable")
    x = alt.X("exposure:Q", title=exposure).scale(zero=False, nice=True)
    limits = []
    for names, dash in ((("low95", "high95"), [4, 3]), (("low998", "high998"), [1, 0])):
        for name in names:
            drawn = alt.Chart(inline(edges)).mark_line(
                aria=False, color=palette.muted, strokeDash=dash, strokeWidth=1.5
            )
            limits.append(drawn.encode(x=x, y=alt.Y(f"{name}:Q", title=per)))
    middle = alt.Chart(inline(edges)).mark_rule(aria=False, color=ink, strokeWidth=1.5).encode(
        y=alt.YDatum(common)
    )  # fmt: skip
    tip = [
        alt.Tooltip("ward_name:N", title="Ward"),
        alt.Tooltip("count:Q", title="Reports", format=","),
        alt.Tooltip("rate:Q", title="Rate", format=",.1f"),
        alt.Tooltip("shrunk:Q", title="Rate, steadied", format=",.1f"),
    ]  # fmt: skip
    base = alt.Chart(inline(wards)).encode(x=x, y=alt.Y("rate:Q", title=per), tooltip=tip)
    usual = base.transform_filter("datum.stands_out === ''").mark_point(
        size=55, filled=True, color=ink, opacity=1
    )
    out = base.transform_filter("datum.stands_out !== ''")
    marks = out.mark_point(
        aria=False, size=110, filled=True, shape="diamond", color=accent, opacity=1
    )
    names_out = out.mark_text(
        aria=False, align="left", dx=9, color=palette.text, fontSize=12
    ).encode(text="ward_name:N")
    return alt.LayerChart(layer=[*limits, middle, usual, marks, names_out]).properties(
        height=340, width="container", description=funnel_summary(wards, common=common, per=per)
    )


def funnel_summary(wards: pd.DataFrame, *, common: float, per: str) -> str:
    """Say what the funnel shows.

    Examples
    --------
    >>> wards = pd.DataFrame({"ward_name": ["A", "B"], "stands_out": ["", "higher"]})
    >>> print(funnel_summary(wards, common=12.0, per="reports per km²"))
    2 wards around 12 reports per km² in all. Beyond the outer limits: B (higher).
    """
    out = wards[wards["stands_out"] != ""].sort_values("ward_name", kind="stable")
    names = [f"{n} ({w})" for n, w in zip(out["ward_name"], out["stands_out"], strict=True)]
    tail = listed(names) if names else "none"
    return (
        f"{len(wards)} wards around {number_text(common)} {per} in all. "
        f"Beyond the outer limits: {tail}."
    )


def concentration_picture(curve: pd.DataFrame, *, theme: Theme = "light") -> alt.LayerChart:
    """Draw the share of reports that the busiest places hold, beside chance alone.

    Parameters
    ----------
    curve : pandas.DataFrame
        From `analysis.concentration.lorenz`.
    theme : {'light', 'dark'}
        Ground it is drawn on.

    Returns
    -------
    altair.LayerChart
        The reports as a line, chance alone dashed.
    """
    step = max(1, len(curve) // 150)
    rows = curve.iloc[::step].rename(
        columns={"reports_share": "As reported", "chance_share": "By chance alone"}
    )
    long = rows.melt("places_share", var_name="series", value_name="held")
    names, colours = ["As reported", "By chance alone"], list(SERIES[theme])
    share = alt.Axis(format=".0%")
    chart = (
        alt.Chart(inline(long))
        .mark_line(strokeWidth=2.5)
        .encode(
            x=alt.X("places_share:Q", title="Busiest hexagons, share of all", axis=share),
            y=alt.Y("held:Q", title="Share of reports they hold", axis=share),
            color=alt.Color("series:N", title=None)
            .scale(domain=names, range=colours)
            .legend(orient="top", symbolType="stroke", symbolStrokeWidth=3),
            strokeDash=alt.StrokeDash("series:N", title=None).scale(
                domain=names, range=[[1, 0], [6, 4]]
            ),
        )
    )
    return alt.LayerChart(layer=[chart]).properties(
        height=280, width="container",
        description="Share of reports held by the busiest hexagons, beside chance alone.",
    )  # fmt: skip
