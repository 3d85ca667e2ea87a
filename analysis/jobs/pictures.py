"""Charts and maps to take away as PNG, for those who may have them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from importlib import import_module

from analysis.disclosure import (
    OPEN_SOURCES,
    Audience,
    for_audience,
    marking,
    reports_alone,
    require_open,
)
from analysis.jobs.map_drawing import drawn_map, drawn_points
from analysis.jobs.maps import DEMO_MARK
from analysis.report.chart_pictures import chart_svg
from analysis.report.licences import licence_lines
from analysis.report.pictures import Words, picture_png
from analysis.report.taken import RECORDS, ChartParts, MapParts, PointParts, Shown
from geodata import layers
from geodata.errors import SaferWalksError
from geodata.vocabularies import SOURCES
from geodata.workspace import Workspace

OWN_RECORDS = "the council's own records of walks, requests and actions"


def is_for(sources: Collection[str], audience: Audience) -> bool:
    """Tell whether an audience may have pictures of numbers from these sources at all.

    Examples
    --------
    >>> is_for(["police_uk"], "public"), is_for(["council_asb"], "public")
    (True, False)
    >>> is_for(["council_asb", "records"], "internal")
    True
    """
    return not reports_alone(audience) or set(sources) <= OPEN_SOURCES


def chart_picture(
    workspace: Workspace, parts: ChartParts, shown: Shown, *, audience: Audience
) -> bytes:
    """Draw a chart with its words as PNG.

    Parameters
    ----------
    workspace : Workspace
        Whose numbers they are.
    parts : ChartParts
        Which chart, and what it is drawn from.
    shown : Shown
        What it is called and made from.
    audience : {'public', 'internal'}
        Who will see it.

    Raises
    ------
    SaferWalksError
        If a source is not for this audience.
    """
    words = _words(workspace, parts.said, shown, audience)
    module, _, function = parts.name.partition(".")
    draw = getattr(import_module(f"analysis.report.{module}"), function)
    return picture_png(chart_svg(draw(*parts.given, **parts.more, theme="light")), words)


def map_picture(
    workspace: Workspace, parts: MapParts, shown: Shown, *, audience: Audience
) -> bytes:
    """Draw areas as a map with its words as PNG.

    Parameters
    ----------
    workspace : Workspace
        Wards, places, water and main roads to draw beside the areas.
    parts : MapParts
        The areas; they pass the gate here.
    shown : Shown
        What the map is called and made from.
    audience : {'public', 'internal'}
        Who will see it.

    Raises
    ------
    SaferWalksError
        If a source is not for this audience.
    """
    _require(shown.sources, audience)
    stored = [source for source in shown.sources if source in SOURCES]
    seen = for_audience(parts.areas, audience, sources=stored).frame
    svg, said = drawn_map(workspace, replace(parts, areas=seen))
    return picture_png(svg, _words(workspace, said, shown, audience))


def point_picture(workspace: Workspace, parts: PointParts, shown: Shown) -> bytes:
    """Draw named places as a numbered map with its words as PNG, for colleagues only.

    A place with a name can be where one person asked for a walk: no such map is for the public.

    Parameters
    ----------
    workspace : Workspace
        Wards, stations, parks, water and main roads to draw beside them.
    parts : PointParts
        The places.
    shown : Shown
        What the map is called; its sources name `RECORDS`.

    Raises
    ------
    SaferWalksError
        If no place lies anywhere.
    """
    svg, said = drawn_points(workspace, parts)
    words = _words(workspace, said, replace(shown, sources=(RECORDS,)), "internal")
    return picture_png(svg, words)


def _require(sources: Collection[str], audience: Audience) -> None:
    if not is_for(sources, audience):
        require_open([s for s in sources if s in SOURCES])
        raise SaferWalksError(
            "What people said or wrote down leaves in panel packs alone",
            got="a picture for anybody", todo="make a panel pack",
        )  # fmt: skip


def _licences(workspace: Workspace, stored: list[str]) -> tuple[str, ...]:
    drawn = layers.credits_of(workspace)
    return licence_lines(stored, demo=workspace.kind == "demo", drawn=drawn)


def _words(workspace: Workspace, said: str, shown: Shown, audience: Audience) -> Words:
    _require(shown.sources, audience)
    demo = workspace.kind == "demo"
    is_open = set(shown.sources) <= OPEN_SOURCES
    marks = (DEMO_MARK if demo else "", "" if is_open else marking(audience))
    stored = [s for s in shown.sources if s in SOURCES]
    names = [*(SOURCES[s] for s in stored), *([OWN_RECORDS] if RECORDS in shown.sources else [])]
    lines = (f"Source: {'; '.join(names)}.", *_licences(workspace, stored))
    return Words(shown.title, shown.period, said, lines, tuple(mark for mark in marks if mark))
