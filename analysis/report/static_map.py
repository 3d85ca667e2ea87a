"""A map for paper and for pages without scripts: one SVG with everything in it, key included.

Comes in as BNG (metres) and is drawn in pixels, north up, to one scale in both directions. Colours
are written into the drawing, so that the same one stands in a page, a PDF and a PNG; it is always
drawn for white paper. Colour is never the only cue: every class carries its number, what is
withheld is dotted and what no data cover is striped.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.report.classes import NO_DATA, WITHHELD, Legend
from analysis.report.escaping import html_text
from analysis.report.map_lines import DASHES, LINE
from analysis.report.palette import LIGHT, ink_on
from analysis.report.shapes import context_places
from geodata.crs import require_bng

FONT = "Source Sans Pro"
WIDTH = 720
MARGIN_M = 120.0
"""Metres of ground shown round what is in the middle."""

_HIGHEST = 560
_ROAD, _ROAD_INK, _LANE = "#7C8792", "#3D4852", "#C4CBD2"
_MAIN = ("trunk", "primary", "secondary")
_BOLD = 'font-weight="600"'
_LETTER, _LINE = 6.4, 13.0
_MOST_PLACES, _MOST_ROADS = 14, 10
_KEY = 16.5


@dataclass(frozen=True)
class Layers:
    """What a static map draws, from the ground up; all in BNG, all but the wards optional.

    Attributes
    ----------
    wards : geopandas.GeoDataFrame
        `ward_code`, `ward_name`, polygons.
    focus : collection of str
        Codes of the wards the map is about: drawn strongly and shown whole. All by default.
    areas : geopandas.GeoDataFrame or None
        Polygons to fill.
    classes : pandas.Series or None
        Their class numbers, on the same index (`Legend.class_of`).
    legend : Legend or None
        The classes.
    water : geopandas.GeoDataFrame or None
        Polygons.
    streets : geopandas.GeoDataFrame or None
        `name`, `kind`, lines.
    places : geopandas.GeoDataFrame or None
        `name`, `kind`, points or polygons: stations and parks are drawn.
    route : geopandas.GeoDataFrame or None
        Lines to walk along.
    stops : geopandas.GeoDataFrame or None
        `label` (a number or letter), points.
    over : geopandas.GeoDataFrame or None
        Outlines over the areas: `kind` (a key of `analysis.report.map_lines.DASHES`), polygons.
    over_words : mapping of str to str
        What each kind of outline says, for the key.
    """

    wards: gpd.GeoDataFrame
    focus: Collection[str] = ()
    areas: gpd.GeoDataFrame | None = None
    classes: pd.Series | None = None
    legend: Legend | None = None
    water: gpd.GeoDataFrame | None = None
    streets: gpd.GeoDataFrame | None = None
    places: gpd.GeoDataFrame | None = None
    route: gpd.GeoDataFrame | None = None
    stops: gpd.GeoDataFrame | None = None
    over: gpd.GeoDataFrame | None = None
    over_words: Mapping[str, str] = field(default_factory=dict)


def static_map(layers: Layers, *, label: str, name: str = "map", margin_m: float = MARGIN_M) -> str:
    """Draw a map as one SVG.

    Parameters
    ----------
    layers : Layers
        What to draw. Pass numbers through `analysis.disclosure` first.
    label : str
        What the map shows, for who does not see it.
    name : str
        Letters and digits that begin the ids inside, different for every map of a page.
    margin_m : float
        Metres of ground shown round the wards in focus, or the route where there is one.

    Returns
    -------
    str
        `<svg>` of `WIDTH` pixels' width; every word escaped.

    Raises
    ------
    CrsError
        If a layer is not in BNG.

    Examples
    --------
    >>> from geodata.crs import BNG
    >>> ward = gpd.GeoDataFrame({"ward_code": ["E1"], "ward_name": ["<Bow>"]},
    ...     geometry=[shapely.box(0, 0, 900, 900)], crs=BNG)
    >>> drawn = static_map(Layers(ward), label="Bow & around")
    >>> drawn[:10], "&lt;Bow&gt;" in drawn, 'aria-label="Bow &amp; around"' in drawn
    ('<svg xmlns', True, True)
    """
    drawn_layers = (layers.wards, layers.areas, layers.streets, layers.route, layers.stops)
    for layer in (*drawn_layers, layers.over):
        if layer is not None:
            require_bng(layer, "What is drawn")
    sheet = _sheet(layers, margin_m)
    held = _Free()
    numbers = _numbers(layers, sheet, held)
    stops = _stops(layers, sheet, held)
    # A map of many wards is read by their names; stations are named where there is room.
    wards_first = _ward_names(layers, sheet, held) if len(sheet.focus) > 1 else ""
    names = _places(layers, sheet, held)
    parts = [
        _ground(layers, sheet),
        _areas(layers, sheet, name),
        _streets(layers, sheet),
        _edges(layers, sheet),
        _over(layers, sheet),
        _route(layers, sheet),
        numbers, names,
        _road_names(layers, sheet, held),
        wards_first or _ward_names(layers, sheet, held),
        stops,  # over the mark of a station that is itself a stop
        _scale(sheet),
    ]  # fmt: skip
    key, key_height = _key(layers, sheet, name)
    height = sheet.height + key_height
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{html_text(label)}" font-family="{FONT}">'
    )
    frame = f'<clipPath id="{name}-clip"><rect width="{WIDTH}" height="{sheet.height}"/></clipPath>'
    drawn = "".join(parts)
    return (
        f'{opening}<defs>{frame}{_patterns(name)}</defs><rect width="{WIDTH}" height="{height}" '
        f'fill="#FFFFFF"/><g clip-path="url(#{name}-clip)">{drawn}</g>{key}</svg>'
    )


@dataclass(frozen=True)
class _Sheet:
    west: float
    north: float
    scale: float  # metres a pixel
    height: int
    focus: gpd.GeoDataFrame

    def pixels(self, shapes: Iterable[shapely.Geometry]) -> np.ndarray:
        def step(coordinates: np.ndarray) -> np.ndarray:
            x = (coordinates[:, 0] - self.west) / self.scale
            y = (self.north - coordinates[:, 1]) / self.scale
            return np.column_stack([x, y]).round(1)

        return shapely.transform(shapely.force_2d(np.asarray(list(shapes), dtype=object)), step)

    def box(self) -> shapely.Geometry:
        east = self.west + WIDTH * self.scale
        return shapely.box(self.west, self.north - self.height * self.scale, east, self.north)


@dataclass
class _Free:
    """Room that names take, so that none lies on another."""

    kept: list[tuple[float, float, float, float]] = field(default_factory=list)

    def take(self, x: float, y: float, width: float, height: float = _LINE) -> bool:
        """Keep a box with its middle at x, y, if it is free."""
        box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        free = all(
            box[2] < o[0] or box[0] > o[2] or box[3] < o[1] or box[1] > o[3] for o in self.kept
        )
        if free:
            self.kept.append(box)
        return free


def _sheet(layers: Layers, margin_m: float) -> _Sheet:
    codes = set(layers.focus) or set(layers.wards["ward_code"])
    focus = layers.wards[layers.wards["ward_code"].isin(codes)]
    shown = focus if layers.route is None or layers.route.empty else layers.route
    west, south, east, north = shown.total_bounds
    west, south, east, north = (
        west - margin_m, south - margin_m, east + margin_m, north + margin_m,
    )  # fmt: skip
    scale = max((east - west) / WIDTH, (north - south) / _HIGHEST)
    height = min(_HIGHEST, max(260, round((north - south) / scale)))
    left = (west + east) / 2 - scale * WIDTH / 2
    top = (south + north) / 2 + scale * height / 2
    return _Sheet(left, top, scale, height, focus)


def _patterns(name: str) -> str:
    paper, ink = LIGHT.land, LIGHT.muted
    return (
        f'<pattern id="{name}-none" width="7" height="7" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><rect width="7" height="7" fill="{paper}"/>'
        f'<rect width="1.6" height="7" fill="{ink}"/></pattern>'
        f'<pattern id="{name}-held" width="7" height="7" patternUnits="userSpaceOnUse">'
        f'<rect width="7" height="7" fill="{paper}"/>'
        f'<circle cx="3.5" cy="3.5" r="1.4" fill="{ink}"/></pattern>'
    )


def _ground(layers: Layers, sheet: _Sheet) -> str:
    parts = [f'<rect width="{WIDTH}" height="{sheet.height}" fill="{LIGHT.ground}"/>']
    parts.append(_path(sheet.pixels(sheet.focus.geometry), f'fill="{LIGHT.land}"'))
    if layers.water is not None:
        wet = shapely.clip_by_rect(layers.water.geometry.to_numpy(), *sheet.box().bounds)
        parts.append(_path(sheet.pixels(wet), f'fill="{LIGHT.water}"'))
    return "".join(parts)


def _areas(layers: Layers, sheet: _Sheet, name: str) -> str:
    if layers.areas is None or layers.classes is None or layers.legend is None:
        return ""
    drawn = sheet.pixels(layers.areas.geometry)
    parts = []
    for shape, number in zip(drawn, layers.classes, strict=True):
        fill = _fill(int(number), layers.legend, name)
        parts.append(_path([shape], f'fill="{fill}" stroke="{LIGHT.outline}" stroke-width="0.7"'))
    return "".join(parts)


def _fill(number: int, legend: Legend, name: str) -> str:
    if number in (NO_DATA, WITHHELD):
        return f"url(#{name}-{'none' if number == NO_DATA else 'held'})"
    return LIGHT.shades[legend.shade_of(number)]


def _streets(layers: Layers, sheet: _Sheet) -> str:
    if layers.streets is None:
        return ""
    seen = layers.streets.iloc[layers.streets.sindex.query(sheet.box(), predicate="intersects")]
    main = seen["kind"].str.removesuffix("_link").isin(_MAIN)
    lanes = seen[~main & ~seen["kind"].isin(("footway", "steps", "path"))]
    over = "" if layers.areas is None else ' stroke-opacity="0.75"'
    return _lines(lanes, sheet, f'stroke="{_LANE}" stroke-width="0.8"{over}') + _lines(
        seen[main], sheet, f'stroke="{_ROAD}" stroke-width="2"{over}'
    )


def _lines(streets: gpd.GeoDataFrame, sheet: _Sheet, style: str) -> str:
    if streets.empty:
        return ""
    merged = shapely.line_merge(shapely.union_all(streets.geometry.to_numpy()))
    cut = shapely.clip_by_rect(shapely.simplify(merged, 2 * sheet.scale), *sheet.box().bounds)
    data = "".join(_steps(line) for line in sheet.pixels(shapely.get_parts([cut])))
    return f'<path d="{data}" fill="none" stroke-linejoin="round" {style}/>'


def _edges(layers: Layers, sheet: _Sheet) -> str:
    others = layers.wards[~layers.wards["ward_code"].isin(set(sheet.focus["ward_code"]))]
    thin = _path(
        sheet.pixels(others.geometry),
        f'fill="none" stroke="{LIGHT.muted}" stroke-width="1.2" stroke-dasharray="5 3"',
    )
    shapes = sheet.pixels(sheet.focus.geometry)
    halo = _path(shapes, 'fill="none" stroke="#FFFFFF" stroke-width="5.5"')
    return f"{thin}{halo}{_path(shapes, _OUTLINE)}"


def _over(layers: Layers, sheet: _Sheet) -> str:
    """Draw outlines on a white rim, so that they stand out from every shade."""
    if layers.over is None or layers.over.empty:
        return ""
    shapes = list(zip(sheet.pixels(layers.over.geometry), layers.over["kind"], strict=True))
    rims = "".join(_path([shape], _RIM) for shape, _ in shapes)
    return rims + "".join(_path([shape], _line_of(str(kind))) for shape, kind in shapes)


def _line_of(kind: str) -> str:
    dashes = f' stroke-dasharray="{DASHES[kind]}"' if DASHES[kind] else ""
    return f'{_ROUND} stroke="{LINE["light"]}" stroke-width="3.5"{dashes}'


_ROUND = 'fill="none" stroke-linejoin="round" stroke-linecap="round"'
_RIM = f'{_ROUND} stroke="#FFFFFF" stroke-width="7"'
_OUTLINE = f'fill="none" stroke="{LIGHT.outline}" stroke-width="2.6"'


def _route(layers: Layers, sheet: _Sheet) -> str:
    if layers.route is None or layers.route.empty:
        return ""
    lines = sheet.pixels(shapely.get_parts(layers.route.geometry.to_numpy()))
    data = "".join(_steps(line) for line in lines)
    style = 'fill="none" stroke-linejoin="round" stroke-linecap="round"'
    return (
        f'<path d="{data}" {style} stroke="#FFFFFF" stroke-width="8"/>'
        f'<path d="{data}" {style} stroke="#12436D" stroke-width="4.5"/>'
    )


def _numbers(layers: Layers, sheet: _Sheet, held: _Free) -> str:
    if layers.areas is None or layers.classes is None or layers.legend is None:
        return ""
    spots = sheet.pixels(layers.areas.geometry.representative_point())
    size = min(15.0, max(8.0, 0.2 * float(np.sqrt(layers.areas.area.median())) / sheet.scale))
    said = []
    for spot, number in zip(spots, layers.classes, strict=True):
        if number > 0:
            ink = ink_on(LIGHT.shades[layers.legend.shade_of(int(number))])
            said.append(_text(spot.x, spot.y, str(number), size, f'fill="{ink}" font-weight="600"'))
            held.kept.append((spot.x - size / 3, spot.y - size / 2.4, spot.x + size / 3,
                              spot.y + size / 2.4))  # fmt: skip
    return "".join(said)


def _stops(layers: Layers, sheet: _Sheet, held: _Free) -> str:
    if layers.stops is None or layers.stops.empty:
        return ""
    said = []
    for spot, label in zip(
        sheet.pixels(layers.stops.geometry), layers.stops["label"].astype(str), strict=True
    ):
        held.kept.append((spot.x - 12, spot.y - 12, spot.x + 12, spot.y + 12))
        said.append(
            f'<circle cx="{spot.x}" cy="{spot.y}" r="11" fill="#FFFFFF" stroke="#12436D" '
            f'stroke-width="3"/>{_text(spot.x, spot.y, label, 13, _BOLD)}'
        )
    return "".join(said)


def _places(layers: Layers, sheet: _Sheet, held: _Free) -> str:
    shown = context_places(layers.places)
    if shown is None:
        return ""
    inside = shapely.contains(sheet.box(), shown.geometry.to_numpy())
    near = shapely.distance(shapely.union_all(sheet.focus.geometry), shown.geometry.to_numpy())
    shown = shown[inside & (near < 150)]
    said: list[str] = []
    for spot, kind, name in zip(
        sheet.pixels(shown.geometry), shown["kind"], shown["name"], strict=True
    ):
        x, y = spot.x, spot.y
        mark = (
            f'<rect x="{x - 4}" y="{y - 4}" width="8" height="8" fill="#FFFFFF" '
            f'stroke="{LIGHT.text}" stroke-width="1.8"/>'
            if kind == "station"
            else f'<circle cx="{x}" cy="{y}" r="3.5" fill="#2E7D4F" stroke="#FFFFFF"/>'
        )
        width = _LETTER * len(str(name))
        x = min(max(x, width / 2 + 4), WIDTH - width / 2 - 4)
        named = next((y + d for d in (13, -12) if held.take(x, y + d, width)), None)
        if named is not None and len(said) < _MOST_PLACES:
            weight = ' font-weight="600"' if kind == "station" else ' font-style="italic"'
            said.append(f"{mark}{_named(x, named, str(name), 12.5, weight)}")
        elif kind == "station":
            said.append(mark)
    return "".join(said)


def _road_names(layers: Layers, sheet: _Sheet, held: _Free) -> str:
    if layers.streets is None:
        return ""
    seen = layers.streets.iloc[layers.streets.sindex.query(sheet.box(), predicate="intersects")]
    main = seen[seen["kind"].str.removesuffix("_link").isin(_MAIN) & seen["name"].fillna("").ne("")]
    area = shapely.union_all(sheet.focus.geometry.to_numpy()).buffer(60)
    runs = []
    for name, lines in main.groupby("name"):
        cut = shapely.intersection(shapely.union_all(lines.geometry.to_numpy()), area)
        parts = shapely.get_parts(shapely.line_merge(cut))
        if len(parts):
            longest = parts[int(np.argmax(shapely.length(parts)))]
            runs.append((float(shapely.length(longest)), str(name), longest))
    said: list[str] = []
    for length, name, line in sorted(runs, key=lambda run: (-run[0], run[1])):
        width = 5.8 * len(name)
        if len(said) >= _MOST_ROADS or length / sheet.scale < width:
            continue
        x, y, angle = _along(sheet.pixels([line])[0])
        turned = abs(np.cos(np.radians(angle))) * width + 12, abs(np.sin(np.radians(angle))) * width
        if held.take(x, y, turned[0], turned[1] + 12):
            said.append(_named(x, y, name, 11, f' transform="rotate({angle:.0f} {x} {y})"'))
    return "".join(said)


def _along(line: shapely.Geometry) -> tuple[float, float, float]:
    """Give the middle of a line and how it runs there, in degrees that keep text upright."""
    length = shapely.length(line)
    ends = shapely.line_interpolate_point(line, [0.35 * length, 0.5 * length, 0.65 * length])
    (ax, ay), (x, y), (bx, by) = shapely.get_coordinates(ends).round(1)
    angle = float(np.degrees(np.arctan2(by - ay, bx - ax)))
    return float(x), float(y), angle - 180 * np.sign(angle) if abs(angle) > 90 else angle


def _ward_names(layers: Layers, sheet: _Sheet, held: _Free) -> str:
    """Name the wards around, where they show; the ward in focus is named by the heading."""
    box = sheet.box()
    many, names = len(sheet.focus) > 1 or len(layers.wards) == 1, _Free()
    said = []
    for code, name, shape in zip(
        layers.wards["ward_code"], layers.wards["ward_name"], layers.wards.geometry, strict=True
    ):
        seen = shape.intersection(box)
        if seen.is_empty or (code in set(sheet.focus["ward_code"]) and not many):
            continue
        spot = sheet.pixels([seen.representative_point()])[0]
        width = 6.6 * len(str(name))
        x = min(max(spot.x, width / 2 + 6), WIDTH - width / 2 - 6)
        tried = (spot.y, spot.y + 17, spot.y - 17)
        y = next((y for y in tried if held.take(x, y, width)), None)
        if y is None and many and names.take(x, spot.y, width):
            y = spot.y  # a map of many wards needs their names more than each number under them
        if y is not None:
            ink = LIGHT.text if many else LIGHT.muted
            said.append(_named(x, y, str(name), 12, f' fill="{ink}"'))
    return "".join(said)


def _scale(sheet: _Sheet) -> str:
    ground = WIDTH * sheet.scale / 5
    step = max((s for s in (50, 100, 200, 500, 1000, 2000) if s <= ground), default=50)
    length, y = step / sheet.scale, sheet.height - 14
    words = f"{step // 1000} km" if step >= 1000 else f"{step} m"
    return (
        f'<g><rect x="8" y="{y - 20}" width="{length + 54:.0f}" height="29" fill="#FFFFFF" '
        f'fill-opacity="0.9"/><path d="M16 {y - 5}v5h{length:.1f}v-5" fill="none" '
        f'stroke="{LIGHT.text}" stroke-width="1.6"/>'
        f"{_text(16 + length / 2, y - 9, words, 12)}"
        f'<path d="M{length + 40:.0f} {y + 2}v-16m-4 6l4 -7l4 7" fill="none" stroke="{LIGHT.text}" '
        f'stroke-width="1.6"/>{_text(length + 52, y - 6, "N", 12)}</g>'
    )


def _key(layers: Layers, sheet: _Sheet, name: str) -> tuple[str, int]:
    """Write the key under the map: what the fills and signs mean."""
    y, parts = float(sheet.height + 26), []
    if layers.legend is not None:
        parts.append(_text(0, y, layers.legend.title, 17, 'font-weight="600"', anchor="start"))
        y += 24
        entries = [(_fill(b.number, layers.legend, name), str(b.number), b.label)
                   for b in layers.legend.bands]  # fmt: skip
        if layers.legend.withheld:
            entries.append((f"url(#{name}-held)", "", layers.legend.withheld_label))
        if layers.legend.no_data:
            entries.append((f"url(#{name}-none)", "", layers.legend.no_data_label))
        drawn, y = _swatches(entries, y)
        parts.append(drawn)
    drawn, y = _signs(layers, y)
    return "".join([*parts, drawn]), round(y - sheet.height + 4)


def _swatches(entries: list[tuple[str, str, str]], y: float) -> tuple[str, float]:
    parts, x = [], 0.0
    for fill, number, words in entries:
        width = 36 + 8.4 * len(words) + 14
        if x + width > WIDTH:
            x, y = 0.0, y + 26
        parts.append(
            f'<rect x="{x + 0.5}" y="{y - 10}" width="28" height="20" fill="{fill}" '
            f'stroke="{LIGHT.outline}" stroke-width="0.8"/>'
        )
        if number:
            ink = ink_on(fill)
            parts.append(_text(x + 14.5, y, number, 12.5, f'fill="{ink}" font-weight="600"'))
        parts.append(_text(x + 36, y, words, _KEY, anchor="start"))
        x += width
    return "".join(parts), y + 28


def _signs(layers: Layers, y: float) -> tuple[str, float]:
    signs = [('<path d="M0 0h28" stroke="#14212E" stroke-width="2.6"/>', "Ward boundary")]
    kinds = [] if layers.over is None else list(dict.fromkeys(layers.over["kind"].astype(str)))
    signs += [(f'<path d="M0 0h28" {_line_of(k)}/>', layers.over_words.get(k, k)) for k in kinds]
    if layers.streets is not None:
        road = f'<path d="M0 0h28" stroke="{_ROAD}" stroke-width="2.4"/>'
        signs.append((road, "Main road"))
    if context_places(layers.places) is not None:
        square = (
            f'<rect x="10" y="-4" width="8" height="8" fill="#FFFFFF" stroke="{LIGHT.text}" '
            'stroke-width="1.8"/>'
        )
        signs += [(square, "Station"), ('<circle cx="14" r="4" fill="#2E7D4F"/>', "Park")]
    if layers.route is not None:
        signs.append(('<path d="M0 0h28" stroke="#12436D" stroke-width="4.5"/>', "Route"))
    parts, x = [], 0.0
    for sign, words in signs:
        if x and x + 36 + 8.4 * len(words) > WIDTH:
            x, y = 0.0, y + 24
        parts.append(f'<g transform="translate({x:.0f} {y:.0f})">{sign}</g>')
        parts.append(_text(x + 36, y, words, _KEY, anchor="start"))
        x += 36 + 8.4 * len(words) + 16
    return "".join(parts), y + 14


def _text(
    x: float, y: float, words: str, size: float, style: str = "", *, anchor: str = "middle"
) -> str:
    # Lowered by a third of its height: not every reader of SVG knows dominant-baseline.
    fill = "" if "fill=" in style else f'fill="{LIGHT.text}" '
    return (
        f'<text x="{x:.1f}" y="{y + 0.35 * size:.1f}" font-size="{size:.4g}" '
        f'text-anchor="{anchor}" '
        f"{fill}{style}>{html_text(words)}</text>"
    )


def _named(x: float, y: float, words: str, size: float, style: str) -> str:
    """Write a name with a white rim, so that it can be read on anything."""
    rim = ' stroke="#FFFFFF" stroke-width="3.2" stroke-linejoin="round"'
    plain = style.replace(f' fill="{LIGHT.muted}"', "").replace(f' fill="{LIGHT.text}"', "")
    return _text(x, y, words, size, f"{plain.strip()}{rim}") + _text(
        x, y, words, size, style.strip()
    )


def _path(shapes: Iterable[shapely.Geometry], style: str) -> str:
    data = "".join(
        _steps(ring) + "z"
        for shape in shapes
        for ring in shapely.get_rings(shapely.get_parts([shape]))
    )
    return f'<path d="{data}" {style}/>' if data else ""


def _steps(line: shapely.Geometry) -> str:
    points = shapely.get_coordinates(line)
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points) if len(points) else ""
