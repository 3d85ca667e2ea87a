"""The route card: one page for whoever leads the walk, as a page to print and as a tagged PDF.

Map, timings, stops with why and what to look at, sunset, and how to report. The PDF is set in the
largest of a few sizes in which everything has room on one page; the page in a browser is as long as
it needs to be.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Sequence
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from analysis.report.escaping import our_html, plain_text, safe_html
from analysis.report.route_sheet import RouteSheet, SheetPoint, short
from analysis.report.static_map import Layers, static_map
from geodata.crs import BNG
from geodata.errors import SaferWalksError
from geodata.package_files import package_text

SIZES = (11.0, 10.0, 9.0, 8.0)
"""Sizes of the letters tried for the PDF, points."""

MAP_SHARES = (72, 60, 50)
"""Shares of the page's width the map takes, in per cent; less where there is much to say."""

MARGIN_M = 150.0
_SAME_M = 25.0


def card_map(sheet: RouteSheet, around: Layers) -> str:
    """Draw the route over the streets: one SVG, used by the page and by the PDF.

    Parameters
    ----------
    sheet : RouteSheet
        The route.
    around : Layers
        Wards, water, streets and places for bearings.
    """
    line = gpd.GeoDataFrame(geometry=[sheet.line], crs=BNG)
    shown = _apart(sheet.points)
    places = gpd.points_from_xy([p.easting for p in shown], [p.northing for p in shown])
    stops = gpd.GeoDataFrame({"label": [p.label for p in shown]}, geometry=places, crs=BNG)
    layers = Layers(
        around.wards, around.focus, water=around.water, streets=around.streets,
        places=around.places, route=line, stops=stops,
    )  # fmt: skip
    return static_map(layers, label=map_words(sheet), name="route", margin_m=MARGIN_M)


def _apart(points: Sequence[SheetPoint]) -> list[SheetPoint]:
    """Leave out start and end where a stop, or the start, has the same spot on the map."""
    kept: list[SheetPoint] = []
    order = sorted(points, key=lambda p: (not p.label.isdigit(), p.label == "E"))
    for point in order:
        if point.label.isdigit() or all(
            np.hypot(point.easting - k.easting, point.northing - k.northing) > _SAME_M for k in kept
        ):
            kept.append(point)
    return kept


def map_words(sheet: RouteSheet) -> str:
    """Say what the map shows, for those who do not see it."""
    first, *stops, last = sheet.points
    names = "; ".join(f"{p.label} {p.name}" for p in stops) or "no stop"
    return plain_text(f"Map of the route. {first.name}; {names}; {last.name}.")


def card_html(sheet: RouteSheet, around: Layers, *, made_on: dt.date) -> str:
    """Make the card as one page that asks nobody for anything and prints on A4.

    Parameters
    ----------
    sheet, around
        As `card_map`.
    made_on : date
        Printed at its foot.
    """
    style = package_text("analysis.report", "templates/route_card.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return _template().render(
        sheet=sheet, points=[_words(p, full=True) for p in sheet.points],
        svg=our_html(card_map(sheet, around)), style=our_html(style), digest=digest,
        made=f"{made_on.day} {made_on:%B %Y}",
    )  # fmt: skip


def card_pdf(sheet: RouteSheet, around: Layers, *, made_on: dt.date) -> bytes:
    """Set the card as a tagged PDF (PDF/UA-1) of one A4 page.

    Raises
    ------
    SaferWalksError
        If the route has so many stops that they do not fit on a page, or a name holds letters that
        the font lacks.
    """
    from analysis.report.pdf import pdf_bytes, pdf_pages_png

    drawing = card_map(sheet, around)
    for data in _fittings(sheet, drawing, made_on):
        if len(pdf_pages_png("route_card.typ", data, dots_per_inch=6)) == 1:
            return pdf_bytes("route_card.typ", data, made_on=made_on)
    raise SaferWalksError(
        "This route has more stops than a page has room for", got=f"{len(sheet.points) - 2} stops",
        todo="take the HTML card, or plan fewer stops",
    )  # fmt: skip


def _fittings(sheet: RouteSheet, drawing: str, made_on: dt.date) -> list[dict[str, Any]]:
    """Give the ways to set the card, from roomy to dense."""
    dense = [
        (size, share, full) for full in (True, False) for size in SIZES for share in MAP_SHARES
    ]
    order = sorted(dense, key=lambda d: (-d[0], not d[2], -d[1]))
    common = {
        "title": plain_text(sheet.title), "when": sheet.when, "message": sheet.message,
        "light": sheet.light, "marks": [sheet.mark], "notes": [plain_text(n) for n in sheet.notes],
        "reporting": [{"name": name, "how": how} for name, how in sheet.reporting],
        "credits": [plain_text(line) for line in sheet.credits],
        "footer": f"Safer Walks, route card made on {made_on.day} {made_on:%B %Y}",
    }  # fmt: skip
    return [
        {
            **common, "size": size,
            "map": {"svg": drawing, "alt": map_words(sheet), "width": share},
            "points": [_words(p, full=full) for p in sheet.points],
        }
        for size, share, full in order
    ]  # fmt: skip


def _words(point: Any, *, full: bool) -> dict[str, Any]:  # noqa: ANN401 - a SheetPoint
    """Write a point; where there is little room, what is looked at everywhere is left out."""
    looks = point.look_at if full else point.look_at[:-1]
    times = " to ".join(dict.fromkeys(filter(None, (point.arrive, point.leave))))
    return {
        "label": point.label, "name": plain_text(point.name), "times": times,
        "walk": plain_text(point.walk), "why": plain_text(short(point.why)),
        "look_at": [plain_text(line) for line in looks],
    }  # fmt: skip


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("analysis.report", "templates"), autoescape=True,
        finalize=safe_html, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("route_card.html")
