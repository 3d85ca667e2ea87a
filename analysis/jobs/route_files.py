"""Files of a route: GPX, route card (HTML or PDF), calendar entry, GeoJSON. None is for the public.

Routes of women-only walks and of Walk and Talks are marked as restricted in every one of them.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import shapely

from analysis.disclosure.routes import route_marking
from analysis.jobs.route import Route
from analysis.report.licences import licence_lines
from analysis.report.pictures import Words, picture_png
from analysis.report.route_card import card_html, card_map, card_pdf, map_words
from analysis.report.route_gpx import route_gpx
from analysis.report.route_ics import route_ics
from analysis.report.route_sheet import RouteSheet, SheetPoint
from analysis.report.static_map import Layers
from analysis.report.tables import table_bytes
from geodata import layers
from geodata.errors import SaferWalksError
from geodata.reporting import ways
from geodata.workspace import Workspace

ENDINGS: dict[str, tuple[str, str]] = {
    ".gpx": ("GPX, for a phone or watch", "application/gpx+xml"),
    ".pdf": ("Route card (PDF)", "application/pdf"),
    ".html": ("Route card (HTML)", "text/html"),
    ".png": ("Map as picture (PNG)", "image/png"),
    ".ics": ("Calendar entry", "text/calendar"),
    ".geojson": ("GeoJSON", "application/geo+json"),
}
"""Endings a route is written with, what people call them, and their media types."""

NO_START = "No start is set, so nothing is said of the light."

_MOST_NAMES, _HERE_M = 3, 20.0


def route_file(workspace: Workspace, route: Route, ending: str, *, at: dt.datetime) -> bytes:
    """Write a route as the content of a file.

    Parameters
    ----------
    workspace : Workspace
        For the map's bearings, the ways to report, and the mark of a demo.
    route : Route
        The route.
    ending : str
        One of `ENDINGS`.
    at : datetime
        When it is made; must know its time zone.

    Raises
    ------
    SaferWalksError
        If the ending is none of them, a calendar entry is asked of a walk without a start, or a
        PDF card has no room on a page.
    """
    if ending not in ENDINGS:
        raise SaferWalksError(
            "A route is written by the ending of its name", got=ending or "a name without one",
            todo=f"end the name in {', '.join(ENDINGS)}",
        )  # fmt: skip
    if ending == ".geojson":
        return table_bytes(route.frame().assign(mark=_mark(workspace, route)), ending)
    sheet = sheet_of(workspace, route)
    if ending == ".gpx":
        return route_gpx(sheet, made_at=at)
    if ending == ".ics":
        return route_ics(sheet, made_at=at)
    around = _around(workspace, route)
    if ending == ".html":
        return card_html(sheet, around, made_on=at.date()).encode("utf-8")
    if ending == ".png":
        return _picture(sheet, around, workspace)
    return card_pdf(sheet, around, made_on=at.date())


def _picture(sheet: RouteSheet, around: Layers, workspace: Workspace) -> bytes:
    """Set the map of the card as one picture, with its mark and what it shows."""
    lines = licence_lines([], demo=workspace.kind == "demo", drawn=sheet.credits)
    words = Words(sheet.title, sheet.when or NO_START, map_words(sheet), lines, (sheet.mark,))
    return picture_png(card_map(sheet, around), words)


def sheet_of(workspace: Workspace, route: Route) -> RouteSheet:
    """Put a route into words, for every file it leaves in."""
    outset = route.outset
    return RouteSheet(
        outset.title, _when(outset.starts_at), _mark(workspace, route), outset.is_restricted,
        outset.starts_at, route.minutes, route.message,
        route.light.sentence if route.light else NO_START,
        tuple(_points(route)), route.line, (*route.notes[1:], *route.unreachable),
        tuple((way.name, way.how) for way in ways(workspace.path)["route"]), outset.event_id,
        layers.credits_of(workspace),
    )  # fmt: skip


def _mark(workspace: Workspace, route: Route) -> str:
    mark = route_marking(is_restricted=route.outset.is_restricted)
    return f"DEMO - invented data. {mark}" if workspace.kind == "demo" else mark


def _when(start: dt.datetime | None) -> str:
    return f"{start:%A} {start.day} {start:%B %Y}, {start:%H:%M}" if start else ""


def _points(route: Route) -> list[SheetPoint]:
    start = route.outset
    points = [SheetPoint("S", f"Meet at {start.name}", *start.place, route.clock(0.0))]
    for number, stop in enumerate(route.stops, start=1):
        spot = stop.spot
        points.append(
            SheetPoint(
                str(number), spot.name, *spot.place, route.clock(stop.arrive),
                route.clock(stop.leave), walk_words(stop.way.metres, stop.way.streets), spot.why,
                spot.look_at,
            )
        )  # fmt: skip
    way = route.end_way
    points.append(
        SheetPoint(
            "E", f"End at {route.end.name}", *route.end.place,
            route.clock(route.minutes), "", walk_words(way.metres, way.streets),
        )
    )  # fmt: skip
    return points


def walk_words(metres: float, streets: tuple[str, ...]) -> str:
    """Say how far and along which streets.

    Examples
    --------
    >>> walk_words(412.0, ("High Street", "Mill Lane"))
    '410 m by High Street, Mill Lane'
    >>> walk_words(412.0, ()), walk_words(3.0, ("Mill Lane",))
    ('410 m', '')
    """
    if metres < _HERE_M:
        return ""
    named = list(streets)
    if len(named) > _MOST_NAMES:
        named = [*named[: _MOST_NAMES - 1], "...", named[-1]]
    by = f" by {', '.join(named)}" if named else ""
    return f"{round(metres, -1):.0f} m{by}"


def _around(workspace: Workspace, route: Route) -> Layers:
    """Take what lies round the route, for bearings."""
    wards = workspace.wards()
    shown = shapely.buffer(route.line, 400.0)
    met = np.asarray(wards.intersects(shown), dtype=bool)
    return Layers(
        wards[met] if met.any() else wards, tuple(wards.loc[met, "ward_code"]),
        water=layers.water(workspace), streets=layers.streets(workspace),
        places=workspace.places(),
    )  # fmt: skip
