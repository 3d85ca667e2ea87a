"""Maps that leave the building: one HTML file each, made for one audience."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd

from analysis.disclosure import (
    Audience,
    for_audience,
    reports_alone,
    require_open,
)
from analysis.hotspot_words import OUTLINES, outlines
from analysis.jobs.areas import area_table
from analysis.jobs.hotspots import hotspots
from analysis.jobs.map_drawing import drawn_map
from analysis.jobs.public_numbers import PublicNumbers, public_wards
from analysis.jobs.score import score
from analysis.jobs.selection import Selection, select, settle_as_at
from analysis.report.classes import legend_for
from analysis.report.html_export import map_html
from analysis.report.licences import licence_lines
from analysis.report.pictures import Words, picture_png
from analysis.report.taken import MapParts
from geodata import layers
from geodata import months as m
from geodata.errors import NotEnoughDataError
from geodata.hexagons import DEFAULT_SIDE
from geodata.vocabularies import ASB_CATEGORIES, CATEGORY_BY_CODE, SOURCES
from geodata.ward_join import NEAR_BOUNDARY_M
from geodata.workspace import Workspace

MapLayer = Literal["wards", "hotspots", "locations"]

WINDOW_MONTHS = 12
DEMO_MARK = "DEMO: invented data"

SNAP_POINT_NOTE = (
    "Police.uk moves every report to a nearby map point before it is published, so a place is "
    "known to about 200 m at best; a report near a ward's edge may belong to the ward beside it."
)
WORDS_NOTE = (
    "The map shows reports received. Much goes unreported, so few reports do not mean that a place "
    "is safe, and many do not make the people there a danger."
)
JOIN_NOTE = (
    "Only reports inside the wards are counted. A report on a shared edge counts for the ward with "
    f"the lowest code; within {NEAR_BOUNDARY_M:.0f} m of an edge the ward is uncertain."
)

RANGE_NOTE = (
    "Counts hold chance, and so do ranks. By the rates that lie under the counts, nine ranks in "
    "ten are between the two shown beside them, at these weights."
)


HOT_NOTE = (
    "Outlined hexagons are certified hot spots: over these 12 months they and those around them "
    "hold more reports than chance would put together on this borough's map. New: clearly more in "
    "the last six months than in the six before. Fading: clearly fewer. Persistent: neither."
)


WITHHELD_NOTE = (
    "Small counts are withheld, so that nobody can be picked out, and others with them, so that "
    "none can be worked out, also from what was published before. A range stands in their place."
)


@dataclass(frozen=True)
class _Sheet:
    """What differs between the layers."""

    areas: gpd.GeoDataFrame
    value: str
    measure: str
    title: str
    columns: tuple[tuple[str, str], ...]
    areas_are: str
    notes: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    hot_notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Ready:
    """What a map is made of, as its audience may see it."""

    seen: gpd.GeoDataFrame
    sheet: _Sheet
    source: str
    subtitle: str
    cut_off: str
    notes: tuple[str, ...]
    marks: tuple[str, ...]


def map_file(
    workspace: Workspace,
    *,
    layer: MapLayer,
    as_at: str | None = None,
    audience: Audience = "internal",
    side: int = DEFAULT_SIDE,
    categories: Sequence[str] = (),
    source: str | None = None,
    preset: str = "walkabout",
    how: Mapping[str, Any] | None = None,
) -> str:
    """Make a map as one self-contained HTML page over the 12 months that end with `as_at`.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    layer : {'wards', 'hotspots', 'locations'}
        Reports by ward or by hexagon, or the scored locations.
    as_at : str, optional
        Last month, included; the newest stored month by default.
    audience : {'public', 'internal'}
        Who will see it. Everything passes `analysis.disclosure.for_audience`; what is made from
        sources that are not open goes to the public by `analysis.jobs.handing_out` alone.
    side : int, default 200
        Side of the hexagons, metres.
    categories, source
        As `analysis.jobs.selection.select`. Locations always count anti-social behaviour.
    preset : str, default 'walkabout'
        For locations: the preset to score with.
    how : mapping, optional
        For locations: what else `analysis.jobs.score.score` is asked for, such as weights.

    Returns
    -------
    str
        HTML that makes no request of any kind.

    Raises
    ------
    SaferWalksError
        If nothing is stored for what was asked, or it is not for this audience.
    """
    ready = _ready(
        workspace, layer=layer, as_at=as_at, audience=audience, side=side, categories=categories,
        source=source, preset=preset, how=how,
    )  # fmt: skip
    return _page(workspace, ready)


def map_picture(workspace: Workspace, **asked: Any) -> bytes:  # noqa: ANN401 - as `map_file`
    """Make the same map as a picture (PNG) that says what it shows.

    Parameters
    ----------
    workspace, **asked
        As `map_file`.

    Raises
    ------
    SaferWalksError
        As `map_file`.
    """
    return _picture(workspace, _ready(workspace, **asked))


def _ready(
    workspace: Workspace,
    *,
    layer: MapLayer,
    as_at: str | None = None,
    audience: Audience = "internal",
    side: int = DEFAULT_SIDE,
    categories: Sequence[str] = (),
    source: str | None = None,
    preset: str = "walkabout",
    how: Mapping[str, Any] | None = None,
) -> _Ready:
    """Gather what a map is made of, as its audience may see it."""
    if layer == "locations":
        categories = ()
    chosen = select(workspace, source=source, categories=categories)
    if reports_alone(audience):
        require_open([chosen.source])  # before anything is worked out
    month = settle_as_at(chosen, as_at)
    period = select(
        workspace, source=chosen.source, categories=chosen.categories,
        first=m.shift(month, 1 - WINDOW_MONTHS), last=month,
    )  # fmt: skip
    if layer == "locations":
        sheet = _locations(workspace, period, month, audience, preset=preset, side=side, how=how)
    else:
        sheet = _sheet(workspace, layer, period, side)
    seen = for_audience(sheet.areas, audience, sources=[chosen.source])
    notes = (*seen.notes, *_notes(period))
    marks = tuple(mark for mark in (*_demo(workspace), seen.marking, *sheet.marks) if mark)
    return _Ready(seen.frame, sheet, chosen.source, _subtitle(period), month, notes, marks)


def public_ward_map(
    workspace: Workspace, numbers: PublicNumbers, categories: Sequence[str] = ()
) -> str:
    """Draw the public numbers of a source that is not open, by ward, as one HTML page.

    Parameters
    ----------
    workspace : Workspace
        Whose wards.
    numbers : PublicNumbers
        From `analysis.jobs.public_numbers`.
    categories : sequence of str
        None for all anti-social behaviour, or one kind.

    Raises
    ------
    SaferWalksError
        If several kinds are asked for.
    """
    return _page(workspace, _public(workspace, numbers, categories))


def public_ward_picture(
    workspace: Workspace, numbers: PublicNumbers, categories: Sequence[str] = ()
) -> bytes:
    """Draw the same as `public_ward_map` as a picture (PNG).

    Parameters
    ----------
    workspace, numbers, categories
        As `public_ward_map`.

    Raises
    ------
    SaferWalksError
        If several kinds are asked for.
    """
    return _picture(workspace, _public(workspace, numbers, categories))


def _public(workspace: Workspace, numbers: PublicNumbers, categories: Sequence[str]) -> _Ready:
    areas = public_wards(workspace, numbers, categories)
    period = select(
        workspace, source=numbers.source, categories=categories, first=numbers.year.first,
        last=numbers.year.last,
    )  # fmt: skip
    sheet = _ward_sheet(areas)
    notes = (WITHHELD_NOTE, *_notes(period))
    return _Ready(sheet.areas, sheet, numbers.source, _subtitle(period), numbers.year.last, notes,
                  _demo(workspace))  # fmt: skip


def _page(workspace: Workspace, ready: _Ready) -> str:
    """Set areas that have passed the gate as a page."""
    shown, sheet = _with_words(ready.seen), ready.sheet
    withheld = ready.seen["withheld"].ne("") if "withheld" in ready.seen else None
    legend = legend_for(
        ready.seen[sheet.value], title=sheet.measure, withheld=withheld,
        adds_up=sheet.value == "count",
    )  # fmt: skip
    over, hot_notes = _outlined(ready.seen, sheet)
    return map_html(
        shown, value=sheet.value, title=sheet.title, legend=legend,
        wards=workspace.wards(), places=workspace.places(),
        columns=[pair for pair in sheet.columns if pair[0] in shown],
        cut_off=ready.cut_off,
        licences=_licences(workspace, ready.source),
        subtitle=ready.subtitle, areas_are=sheet.areas_are,
        notes=(*sheet.notes, *hot_notes, *ready.notes), outlines=over, outline_labels=OUTLINES,
        marks=ready.marks,
    )  # fmt: skip


def _picture(workspace: Workspace, ready: _Ready) -> bytes:
    """Set the same as one picture."""
    sheet, (over, _) = ready.sheet, _outlined(ready.seen, ready.sheet)
    parts = MapParts(ready.seen, sheet.value, sheet.measure, sheet.areas_are, over, OUTLINES)
    svg, said = drawn_map(workspace, parts)
    sources = (f"Source: {SOURCES[ready.source]}.", *_licences(workspace, ready.source))
    return picture_png(svg, Words(sheet.title, ready.subtitle, said, sources, ready.marks))


def _licences(workspace: Workspace, source: str) -> tuple[str, ...]:
    drawn = layers.credits_of(workspace)
    return licence_lines([source], demo=workspace.kind == "demo", drawn=drawn)


def _demo(workspace: Workspace) -> tuple[str, ...]:
    return (DEMO_MARK,) if workspace.kind == "demo" else ()


def _sheet(
    workspace: Workspace,
    layer: Literal["wards", "hotspots"],
    period: Selection,
    side: int,
) -> _Sheet:
    areas = area_table(
        workspace, layer=layer, categories=period.categories, source=period.source,
        first=period.first, last=period.last, side=side,
    )  # fmt: skip
    if layer == "wards":
        return _ward_sheet(areas)
    columns = (("name", "Place"), *_rates(areas), ("ward_shares", "Lies in"))
    areas = areas.sort_values(["count", "area_id"], ascending=[False, True], kind="stable")
    title = f"Where reports were received: hexagons of {side} m"
    areas, said = _with_hot_spots(workspace, areas, period, side)
    columns = (*columns, ("hot_spot", "Hot spot"))
    return _Sheet(areas, "count", "Reports", title, columns, "hexagons", hot_notes=said)


def _ward_sheet(areas: gpd.GeoDataFrame) -> _Sheet:
    ordered = areas.sort_values("ward_name", kind="stable")
    columns = (("name", "Ward"), *_rates(areas))
    return _Sheet(ordered, "per_km2", "Reports per km²", "Reports by ward", columns, "wards")


def _rates(areas: gpd.GeoDataFrame) -> list[tuple[str, str]]:
    rates = [("count", "Reports"), ("per_km2", "Reports per km²")]
    if areas["per_1000"].notna().any():
        rates.append(("per_1000", "Reports per 1,000 residents"))
    return rates


def _with_hot_spots(
    workspace: Workspace, areas: gpd.GeoDataFrame, period: Selection, side: int
) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """Say beside each hexagon whether it is certified, and its word; none where it cannot be."""
    try:
        found = hotspots(
            workspace, as_at=period.last, categories=period.categories, source=period.source,
            side=side, classes=False,
        )  # fmt: skip
    except NotEnoughDataError:
        return areas, ()
    tested = found.table.set_index("hexagon")[["hot", "word"]].reindex(areas["area_id"])
    told = areas.assign(hot=tested["hot"].to_numpy(), word=tested["word"].to_numpy())
    return told, (found.summary.sentence(), HOT_NOTE)


def _with_words(seen: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Say in words for the table what the outlines say on the map."""
    if not {"hot", "word"} <= set(seen.columns):
        return seen
    hot = seen["hot"].eq(True)
    return seen.assign(hot_spot=seen["word"].where(hot, "").mask(hot & seen["word"].eq(""), "yes"))


def _outlined(
    seen: gpd.GeoDataFrame, sheet: _Sheet
) -> tuple[gpd.GeoDataFrame | None, tuple[str, ...]]:
    """Draw lines round hot spots, and explain them, where the audience may have them."""
    if not {"hot", "word"} <= set(seen.columns):
        return None, ()
    return outlines(seen), sheet.hot_notes


def _locations(
    workspace: Workspace,
    period: Selection,
    as_at: str,
    audience: Audience,
    *,
    preset: str,
    side: int,
    how: Mapping[str, Any] | None,
) -> _Sheet:
    scored = score(
        workspace, preset=preset, as_at=as_at, side=side, source=period.source,
        reports_only=reports_alone(audience), **(how or {}),
    )  # fmt: skip
    measure = f"Score, {scored.weights.scale}"
    columns = (
        *(("name", "Place"), ("rank", "Rank"), ("rank_low", "Rank from"), ("rank_high", "Rank to")),
        *(("p_top10", "Chance of the first ten, %"), ("total", measure)),
        *(("coverage", "Evidence, % of weight"), ("why", "Why here")),
    )
    areas = scored.table.assign(area_id=scored.table["location_id"])
    areas = areas.assign(total=areas["total"].round(1), p_top10=(100 * areas["p_top10"]).round())
    return _Sheet(
        areas, "total", measure,
        f"Where next: {scored.weights.label.lower()}", columns, "places",
        notes=(scored.message, *((RANGE_NOTE,) if scored.is_ranked else ())),
        marks=("Provisional",) if scored.is_provisional else (),
    )  # fmt: skip


def _subtitle(period: Selection) -> str:
    if period.categories == ASB_CATEGORIES:
        kinds = "Anti-social behaviour"
    elif len(period.categories) <= 3:
        kinds = ", ".join(CATEGORY_BY_CODE[c].label for c in period.categories)
    else:
        kinds = f"{len(period.categories)} kinds of report"
    return f"{kinds}. {SOURCES[period.source]}, {m.label(period.first)} to {m.label(period.last)}."


def _notes(period: Selection) -> tuple[str, ...]:
    notes = [WORDS_NOTE, JOIN_NOTE]
    if period.source == "police_uk":
        notes.append(SNAP_POINT_NOTE)
    covered = len(period.cover.present)
    if covered < WINDOW_MONTHS:
        notes.append(f"Reports are stored for {covered} of the {WINDOW_MONTHS} months.")
    for month in period.cover.partial:
        notes.append(f"{m.label(month)} is not complete: one force's file is missing.")
    return tuple(notes)
