"""A map as one SVG: needs no script to be seen, prints, and a script may take it over to pan it.

Everything is drawn in metres of the web Mercator projection, y downwards, whole numbers, relative
to the north-west corner. That is the projection Leaflet draws in, so Leaflet can lay the very
same drawing over its map. A Mercator metre in London is some 0.62 m on the ground; distances are
read off the scale bar, which takes that into account.

No style is written into the drawing, only classes, so that one drawing serves light, dark and print
and a content security policy can forbid inline styles.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.report.classes import NO_DATA, WITHHELD, Legend
from analysis.report.escaping import html_text
from analysis.report.shapes import context_places, drawable, label_points, padded_bounds, wrapped
from geodata.crs import to_lonlat

_EARTH_M = 6_378_137.0
NOMINAL_PIXELS = (900, 720)
"""Width and height the drawing is laid out for when no script adapts it."""

PRINT_SCALE = 1.2
"""How much larger names are drawn on paper, where the drawing is smaller."""

KIND = {NO_DATA: "none", WITHHELD: "held"}


@dataclass(frozen=True)
class SvgMap:
    """A drawn map and what a script needs to place it.

    Attributes
    ----------
    svg : str
        The drawing, escaped.
    west, north : int
        Web Mercator metres of its north-west corner.
    width, height : int
        Size in Mercator metres.
    unit : int
        Mercator metres a pixel at `NOMINAL_PIXELS`.
    number_size : int
        Height of the class numbers in Mercator metres.
    """

    svg: str
    west: int
    north: int
    width: int
    height: int
    unit: int
    number_size: int


def svg_map(
    areas: gpd.GeoDataFrame,
    classes: pd.Series,
    legend: Legend,
    *,
    wards: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame | None = None,
    label: str,
    over: gpd.GeoDataFrame | None = None,
) -> SvgMap:
    """Draw areas by class, under ward outlines, names and places.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        Polygons, BNG; the paths come out in this order.
    classes : pandas.Series
        Class numbers on the same index, as `Legend.class_of` gives them.
    legend : Legend
        The classes, for their shades.
    wards, places : geopandas.GeoDataFrame
        Context, BNG, as in `analysis.report.maps.base_map`.
    label : str
        What the drawing shows, for a screen reader.
    over : geopandas.GeoDataFrame, optional
        Lines drawn over the areas: `kind` ('new', 'persistent', 'fading' or ''), polygons, BNG.

    Returns
    -------
    SvgMap

    Raises
    ------
    CrsError
        If a frame is not in BNG.
    """
    cells, edges = mercator(drawable(areas.geometry)), mercator(drawable(wards.geometry))
    west, south, east, north = _frame([*cells, *edges])
    origin = np.array([west, north])
    size = (east - west, north - south)
    unit = max(1, *(round(a / b) for a, b in zip(size, NOMINAL_PIXELS, strict=True)))
    spots = label_points(cells)
    number_size = _number_size(cells, unit)
    same = set(areas["area_id"].astype(str)) == set(wards["ward_code"].astype(str))
    parts = [
        _opening(size, label, ["far"] * (number_size < 6 * unit) + ["named"] * same),
        _patterns(unit),
        f'<defs><path id="w" d="{"".join(path_data(e, origin) for e in edges)}"/></defs>',
        '<use class="land" href="#w"/>',
        _areas(cells, classes, legend, origin),
        '<use class="rim" href="#w"/><use class="edge" href="#w"/>',
        _over(over, origin),
        '<path id="chosen" d=""/>',
        _numbers(spots, classes, legend, origin, areas["name"] if same else None),
        _places(places, origin),
        _names(wards["ward_name"], label_points(edges), origin, unit, numbered=same),
        _scale_bar(size, unit, south),
        "</svg>",
    ]
    return SvgMap("\n".join(parts), west, north, *size, unit, number_size)


def mercator(shapes: np.ndarray) -> np.ndarray:
    """Turn BNG shapes into whole web Mercator metres.

    x = R·lon, y = R·ln tan(π/4 + lat/2) on a sphere of R = 6,378,137 m, as browsers' maps do.

    Examples
    --------
    >>> import shapely, numpy as np
    >>> shape = mercator(np.array([shapely.Point(530_000, 180_000)]))[0]
    >>> abs(shape.x + 14_320) < 60, abs(shape.y - 6_710_400) < 1_000
    (True, True)
    """

    def step(coordinates: np.ndarray) -> np.ndarray:
        lon, lat = (np.radians(a) for a in to_lonlat(coordinates[:, 0], coordinates[:, 1]))
        y = np.log(np.tan(np.pi / 4 + lat / 2))
        return np.round(np.column_stack([_EARTH_M * lon, _EARTH_M * y]))

    return shapely.transform(shapely.force_2d(shapes), step)


def path_data(shape: shapely.Geometry, origin: np.ndarray) -> str:
    """Write a polygon as the `d` of an SVG path: relative steps, y downwards.

    Examples
    --------
    >>> import shapely, numpy as np
    >>> path_data(shapely.box(10, 10, 20, 30), np.array([0, 100]))
    'M20 90v-20h-10v20z'
    """
    rings = shapely.get_rings(shapely.get_parts([shape]))  # a MultiPolygon itself has no rings
    return "".join(_ring(shapely.get_coordinates(ring), origin) for ring in rings)


def _ring(coordinates: np.ndarray, origin: np.ndarray) -> str:
    points = ((coordinates - origin) * [1, -1]).astype("int64")[:-1]
    steps = np.diff(points, axis=0)
    steps = steps[(steps != 0).any(axis=1)]
    said = [f"M{points[0][0]} {points[0][1]}"] if len(points) else []
    for dx, dy in steps.tolist():
        if dx == 0:
            said.append(f"v{dy}")
        elif dy == 0:
            said.append(f"h{dx}")
        else:
            said.append(f"l{dx}{'' if dy < 0 else ' '}{dy}")
    return "".join([*said, "z"]) if said else ""


def _frame(shapes: list[shapely.Geometry]) -> tuple[int, int, int, int]:
    west, south, east, north = padded_bounds(shapes)
    return int(np.floor(west)), int(np.floor(south)), int(np.ceil(east)), int(np.ceil(north))


def _opening(size: tuple[int, int], label: str, kinds: list[str]) -> str:
    marked = f' class="{" ".join(kinds)}"' if kinds else ""
    box = f'viewBox="0 0 {size[0]} {size[1]}"'
    return f'<svg {box} role="img" aria-label="{html_text(label)}"{marked}>'


def _patterns(unit: int) -> str:
    """Hatching in pixels, so that the script can keep it the same at every zoom."""
    return (
        '<defs><pattern id="hatch-none" width="8" height="8" patternUnits="userSpaceOnUse"'
        f' patternTransform="scale({unit}) rotate(45)"><rect class="paper" width="8" height="8"/>'
        '<rect class="ink" width="2" height="8"/></pattern>'
        '<pattern id="hatch-held" width="7" height="7" patternUnits="userSpaceOnUse"'
        f' patternTransform="scale({unit})"><rect class="paper" width="7" height="7"/>'
        '<circle class="ink" cx="3.5" cy="3.5" r="1.5"/></pattern></defs>'
    )


def _areas(cells: np.ndarray, classes: pd.Series, legend: Legend, origin: np.ndarray) -> str:
    paths = (
        f'<path class="{_kind(number, legend)}" d="{path_data(cell, origin)}"/>'
        for cell, number in zip(cells, classes, strict=True)
    )
    return f'<g id="areas">{"".join(paths)}</g>'


def outline_class(kind: str) -> str:
    """Give the class that an outline and its key in the legend are drawn by."""
    return f"hot-{kind or 'plain'}"


def _over(over: gpd.GeoDataFrame | None, origin: np.ndarray) -> str:
    """Draw lines on a whole rim of the halo's colour; they are dashed by what they say."""
    if over is None or over.empty:
        return ""
    drawn = [path_data(shape, origin) for shape in mercator(drawable(over.geometry))]
    rims = "".join(f'<path class="hot-rim" d="{data}"/>' for data in drawn)
    lines = "".join(
        f'<path class="{outline_class(kind)}" d="{data}"/>'
        for kind, data in zip(over["kind"], drawn, strict=True)
    )
    return f'<g id="over">{rims}{lines}</g>'


def _kind(number: int, legend: Legend) -> str:
    return KIND.get(number) or f"c{legend.shade_of(number)}"


def _number_size(cells: np.ndarray, unit: int) -> int:
    typical = float(np.median(np.sqrt(shapely.area(cells)))) if len(cells) else 0.0
    return max(1, round(min(0.36 * typical, 16 * unit)))


def _numbers(
    spots: np.ndarray,
    classes: pd.Series,
    legend: Legend,
    origin: np.ndarray,
    names: pd.Series | None,
) -> str:
    """Write the class number into every area that has one above zero: colour is not enough.

    Where the areas are the wards, `names`, it goes under the ward's name.
    """
    lines = [0] * len(spots) if names is None else [len(wrapped(str(name))) for name in names]
    said = []
    for spot, number, above in zip(spots, classes, lines, strict=True):
        if number > 0 and spot is not None:
            x, y = int(spot.x - origin[0]), int(origin[1] - spot.y)
            below = f' dy="{_below(above):.4g}em"' if above else ""
            shade = legend.shade_of(number)
            said.append(f'<text class="i{shade}" x="{x}" y="{y}"{below}>{number}</text>')
    return f'<g id="numbers">{"".join(said)}</g>'


def _below(lines: int) -> float:
    """How far under the middle of a name of so many lines its number stands, in its own height."""
    return 0.65 + 0.5 * lines


def _places(places: gpd.GeoDataFrame | None, origin: np.ndarray) -> str:
    shown = context_places(places)
    if shown is None:
        return ""
    said = []
    spots = mercator(drawable(shown.geometry))
    for spot, kind, name in zip(spots, shown["kind"], shown["name"], strict=True):
        x, y = int(spot.x - origin[0]), int(origin[1] - spot.y)
        said.append(f'<circle class="{html_text(kind)}" cx="{x}" cy="{y}"/>')
        said.append(f'<text x="{x}" y="{y}" dy="1.35em">{html_text(name)}</text>')
    return f'<g id="places">{"".join(said)}</g>'


def _names(
    names: pd.Series, spots: np.ndarray, origin: np.ndarray, unit: int, *, numbered: bool
) -> str:
    """Write the names that find room; where a number stands below, only a line higher helps."""
    line = round(PRINT_SCALE * 14 * unit)
    steps = (0, -line) if numbered else (0, -line, line)
    places = [(int(spot.x - origin[0]), int(origin[1] - spot.y)) for spot in spots]
    written = [wrapped(str(name)) for name in names]
    kept = [
        _box(x, y + round(_below(len(lines)) * 15 * PRINT_SCALE * unit), ["00"], unit)
        for (x, y), lines in zip(places, written, strict=True)
        if numbered
    ]
    said = []
    for (x, y), lines in zip(places, written, strict=True):
        tries = [(y + step, _box(x, y + step, lines, unit)) for step in steps]
        y, box = next((t for t in tries if _is_free(t[1], kept)), tries[0])
        hidden = "" if _is_free(box, kept) else ' class="off"'
        spans = "".join(
            f'<tspan x="{x}" dy="{1.1 if n else (1 - len(lines)) * 0.55:.4g}em">{html_text(line)}'
            "</tspan>"
            for n, line in enumerate(lines)
        )
        said.append(f'<text x="{x}" y="{y}"{hidden}>{spans}</text>')
        if not hidden:
            kept.append(box)
    return f'<g id="names">{"".join(said)}</g>'


def _box(x: int, y: int, lines: list[str], unit: int) -> tuple[float, float, float, float]:
    # A letter of a name is about 8 pixels wide and its line 14 high; on paper they are larger.
    half_width = PRINT_SCALE * max(map(len, lines), default=0) * 8 * unit / 2
    half_height = PRINT_SCALE * len(lines) * 14 * unit / 2
    return (x - half_width, y - half_height, x + half_width, y + half_height)


def _is_free(
    box: tuple[float, float, float, float], kept: list[tuple[float, float, float, float]]
) -> bool:
    return all(
        box[2] < other[0] or box[0] > other[2] or box[3] < other[1] or box[1] > other[3]
        for other in kept
    )


def _scale_bar(size: tuple[int, int], unit: int, south: int) -> str:
    # cosh(y / R) = 1 / cos(latitude): how many Mercator metres a metre on the ground takes.
    stretch = float(np.cosh(south / _EARTH_M))
    ground = size[0] / stretch / 5
    step = max((s for s in (100, 200, 500, 1000, 2000, 5000, 10_000) if s <= ground), default=100)
    x, y, length = 14 * unit, size[1] - 16 * unit, round(step * stretch)
    words = f"{step // 1000} km" if step >= 1000 else f"{step} m"
    return (
        f'<g id="scale"><path d="M{x} {y - 5 * unit}v{5 * unit}h{length}v{-5 * unit}"/>'
        f'<text x="{x + length // 2}" y="{y - 6 * unit}">{words}</text></g>'
    )
