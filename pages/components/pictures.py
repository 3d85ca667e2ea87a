"""Any chart or map of a page as a picture to paste elsewhere, made when its button is pressed.

A picture holds its title, months, words, sources and licences. Who may have no internal file is
offered pictures of open data only; what else there is to see is theirs to read, not to pass on.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from analysis.disclosure import OPEN_SOURCES, Audience
from analysis.report.taken import RECORDS, ChartParts, MapParts, PointParts, Shown
from geodata import months as m
from pages.components import cached, downloads, session, sign_in

if TYPE_CHECKING:
    from analysis.jobs.selection import Selection

chart_picture = cached.later("pictures.chart_picture")
map_picture = cached.later("pictures.map_picture")
point_picture = cached.later("pictures.point_picture")


def of(title: str, first: str, last: str, *sources: str) -> Shown:
    """Say what a picture is of, by its months and sources."""
    months = m.label(first) if first == last else f"{m.label(first)} to {m.label(last)}"
    return Shown(title, months, sources)


def of_selection(title: str, counted: Selection) -> Shown:
    """Say what a picture is of, by what was counted for it."""
    return of(title, counted.first, counted.last, counted.source)


def offer_chart(parts: ChartParts, shown: Shown) -> None:
    """Offer a chart to whoever may have it."""
    if _may_have(shown):
        make = partial(chart_picture, session.workspace(), parts, shown, audience=_who())
        _button("Chart", make, shown)


def offer_map(parts: MapParts, shown: Shown) -> None:
    """Offer a map to whoever may have it."""
    if _may_have(shown):
        make = partial(map_picture, session.workspace(), parts, shown, audience=_who())
        _button("Map", make, shown)


def offer_points(parts: PointParts, title: str, period: str) -> None:
    """Offer a map of named places to who may have internal files: it is for nobody else."""
    if len(parts.places) and sign_in.allowed("download", "internal"):
        shown = Shown(title, period, (RECORDS,))
        _button("Map", partial(point_picture, session.workspace(), parts, shown), shown)


def _button(what: str, make: partial[bytes], shown: Shown) -> None:
    name = f"{shown.title} {shown.period}"
    downloads.picture(session.workspace(), make, what=what, name=name, key=f"{what} {name}")


def _who() -> Audience:
    return "internal" if sign_in.allowed("download", "internal") else "public"


def _may_have(shown: Shown) -> bool:
    """Open data is for everybody; all else is marked as internal, and for those who may."""
    return sign_in.allowed("download", "internal") or set(shown.sources) <= OPEN_SOURCES
