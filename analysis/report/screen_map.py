"""A map for the app's own map layer: what is drawn, as numbers and plain words, nothing else.

The browser gets three parts. The *ground* is what lies under and over the areas: wards with their
names, water, main roads, stations and parks. The *shapes* are the outlines of the areas and what
they are called. The *picture* is the little that a filter changes: a class for each area, the
numbers of its tooltip, which one is chosen, and the colours. Ground and shapes are `Pack`s named
after their content, so that each goes to a browser once.

Frames are in BNG. What is sent are longitude and latitude as whole multiples of `STEP` degrees,
each as its difference from the one before. Words are sent as they are, and the map layer
(pages/assets/map_layer.js) writes them as text; a number that is withheld is never sent.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.report.classes import NO_DATA, WITHHELD, Legend, number_text
from analysis.report.escaping import plain_text
from analysis.report.map_lines import DASHES, LINE
from analysis.report.palette import PALETTES, Theme
from analysis.report.shapes import (
    context_places,
    drawable,
    label_points,
    padded_bounds,
    wrapped,
)
from geodata.crs import require_bng, to_lonlat

STEP = 1e-5
"""Degrees: 1.1 m from north to south, 0.7 m from east to west. Neighbours round alike."""

HATCHES = {NO_DATA: "no-data", WITHHELD: "withheld"}
"""What fills areas without a number, instead of a colour."""


@dataclass(frozen=True)
class Pack:
    """A part of a map that goes to a browser once.

    Attributes
    ----------
    name : str
        32 hexadecimal digits made from the content: the same content has the same name.
    data : bytes
        The name, then the content as JSON in UTF-8.
    """

    name: str
    data: bytes


def ground_pack(
    wards: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame | None = None,
    *,
    water: gpd.GeoDataFrame | None = None,
    roads: gpd.GeoDataFrame | None = None,
) -> Pack:
    """Pack what lies under and over the areas.

    Parameters
    ----------
    wards : geopandas.GeoDataFrame
        `ward_code`, `ward_name`, polygons, BNG.
    places : geopandas.GeoDataFrame, optional
        `place_id`, `name`, `kind`, BNG; stations and parks are drawn.
    water, roads : geopandas.GeoDataFrame, optional
        Shapes to find one's way by, BNG, drawn lightly: see `analysis.jobs.bearings`.

    Raises
    ------
    CrsError
        If a frame is not in BNG.
    """
    edges = drawable(wards.geometry)
    west, south, east, north = padded_bounds(_degrees(edges))
    labels = _labels("ward", label_points(edges), wards["ward_name"])
    if (shown := context_places(places)) is not None:
        labels += _labels("place", drawable(shown.geometry), shown["name"])
    return _pack(
        {
            "wards": coded(edges),
            "water": None if water is None else coded(_in_bng(water)),
            "roads": None if roads is None else coded(_in_bng(roads)),
            "labels": labels,
            "bounds": [[south, west], [north, east]],
        }
    )


def shapes_pack(areas: gpd.GeoDataFrame) -> Pack:
    """Pack the outlines of areas with their ids and names.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        `area_id`, `name`, polygons, BNG; from `with_shapes`.

    Raises
    ------
    CrsError
        If the areas are not in BNG.
    """
    return _pack(
        {
            "ids": [plain_text(code) for code in areas["area_id"]],
            "names": [plain_text(name) for name in areas["name"]],
            **coded(drawable(areas.geometry)),
        }
    )


def with_shapes(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep the areas that have a shape: the others can only be listed."""
    kept = ~(areas.geometry.isna() | areas.geometry.is_empty)
    return areas if bool(kept.all()) else areas[kept]


def fingerprint(frame: gpd.GeoDataFrame, *columns: str) -> str:
    """Name a frame by its shapes and some columns of text, without working anything out.

    Examples
    --------
    >>> from geodata.crs import BNG
    >>> square = gpd.GeoDataFrame({"name": ["Bow"]}, geometry=[shapely.box(0, 0, 9, 9)], crs=BNG)
    >>> fingerprint(square, "name") == fingerprint(square.copy(), "name")
    True
    >>> fingerprint(square, "name") == fingerprint(square.assign(name="Bow East"), "name")
    False
    """
    whole = hashlib.blake2b(digest_size=16)
    for shape in shapely.to_wkb(frame.geometry.to_numpy()):
        whole.update(shape or b"-")
    for column in columns:
        whole.update("\0".join(map(str, frame[column])).encode())
    return whole.hexdigest()


def picture(
    areas: gpd.GeoDataFrame,
    *,
    value: str,
    legend: Legend,
    theme: Theme = "light",
    tip: Sequence[tuple[str, str]] | None = None,
    selected: str | None = None,
) -> dict[str, Any]:
    """Say how areas are coloured and what their tooltips say: all that a filter changes.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        `area_id` and the column `value`, in the order of their `shapes_pack`; if there is a column
        `withheld`, a text in it means that no number of the area may be shown.
    value : str
        Column to colour by.
    legend : Legend
        Its classes, see `analysis.report.classes.legend_for`.
    theme : {'light', 'dark'}
        Colours, see `analysis.report.palette`.
    tip : sequence of (column, label), optional
        Lines of the tooltip after the name; by default `value` under the legend's title.
    selected : str, optional
        `area_id` to mark.

    Returns
    -------
    dict
        `classes`, a number an area; `fills`, the colour of each class; `tip`, for each line its
        label, the words there are, and which of them stands for each area; `selected`, a position
        or -1; `colours`. Ready for JSON.
    """
    palette = PALETTES[theme]
    hidden = areas["withheld"].fillna("").ne("") if "withheld" in areas else None
    classes = legend.class_of(areas[value], hidden)
    number = classes.to_numpy()
    fills = {
        str(n): HATCHES.get(n) or palette.shades[legend.shade_of(n)]
        for n in np.unique(number).tolist()
    }
    marked = np.flatnonzero(areas["area_id"].eq(selected).to_numpy())
    return {
        "classes": number.tolist(),
        "fills": fills,
        "tip": [
            _tip(areas[column], label, number, legend)
            for column, label in tip or [(value, legend.title)]
        ],
        "selected": int(marked[0]) if len(marked) else -1,
        "colours": {
            **{name: getattr(palette, name) for name in _COLOURS},
            "line": LINE[theme],
        },
    }


_COLOURS = ("outline", "ground", "land", "text", "halo", "muted", "accent", "water")


def lines_over(shapes: gpd.GeoDataFrame) -> dict[str, Any] | None:
    """Give outlines to draw over the areas; None where there are none.

    Parameters
    ----------
    shapes : geopandas.GeoDataFrame
        `kind` (a key of `analysis.report.map_lines.DASHES`), polygons, BNG: one row a kind, so
        that neighbours of a kind have one line round them all.

    Raises
    ------
    CrsError
        If the shapes are not in BNG.
    """
    if shapes.empty:
        return None
    return {
        "dashes": [DASHES[str(kind)] for kind in shapes["kind"]],
        **coded(drawable(shapes.geometry)),
    }


def coded(shapes: np.ndarray) -> dict[str, Any]:
    """Write polygons or lines of BNG as whole numbers, each its difference from the one before.

    Returns
    -------
    dict
        `xy`: longitude and latitude in turn, of all corners one after another; the corner that
        closes a ring is left out. `corners`: how many each ring or line has; `rings`: how many each
        part; `parts`: how many each shape; a single number where all have as many. Points are left
        out.

    Examples
    --------
    >>> square = shapely.box(530_000, 180_000, 530_100, 180_100)
    >>> found = coded(np.array([square, square]))
    >>> found["corners"], found["rings"], found["parts"], found["count"], len(found["xy"])
    (4, 1, 1, 2, 16)
    >>> found["xy"][8:10]  # from the last corner of the first square to the first of the second
    [144, -2]
    """
    parts, of_shape = shapely.get_parts(shapes, return_index=True)
    drawn = np.isin(shapely.get_type_id(parts), (1, 3))
    parts, of_shape = parts[drawn], of_shape[drawn]
    is_polygon = shapely.get_type_id(parts) == 3
    rings, of_part = _rings(parts, is_polygon)
    corners, of_ring = shapely.get_coordinates(rings, return_index=True)
    closes = np.append(of_ring[1:] != of_ring[:-1], True) & is_polygon[of_part[of_ring]]
    corners, of_ring = corners[~closes], of_ring[~closes]
    steps = np.rint(np.column_stack(to_lonlat(*corners.T)) / STEP).astype("int64")
    return {
        "xy": np.diff(steps, axis=0, prepend=np.zeros((1, 2), "int64")).ravel().tolist(),
        "corners": _counts(of_ring, len(rings)),
        "rings": _counts(of_part, len(parts)),
        "parts": _counts(of_shape, len(shapes)),
        "count": len(shapes),
    }


def _rings(parts: np.ndarray, is_polygon: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the rings of polygons, and lines as they are, in the order of the parts."""
    rings, of_ring = shapely.get_rings(parts[is_polygon], return_index=True)
    lines = np.flatnonzero(~is_polygon)
    owner = np.concatenate([np.flatnonzero(is_polygon)[of_ring], lines])
    order = np.argsort(owner, kind="stable")
    return np.concatenate([rings, parts[lines]])[order], owner[order]


def _counts(owners: np.ndarray, count: int) -> int | list[int]:
    each: list[int] = np.bincount(owners, minlength=count).tolist()
    return each[0] if len(set(each)) == 1 else each


def _degrees(shapes: np.ndarray) -> np.ndarray:
    def step(corners: np.ndarray) -> np.ndarray:
        return np.column_stack(to_lonlat(*corners.T))

    return shapely.transform(shapely.force_2d(shapes), step)


def _in_bng(frame: gpd.GeoDataFrame) -> np.ndarray:
    require_bng(frame, "What is drawn")
    return frame.geometry.to_numpy()


def _labels(kind: str, points: np.ndarray, names: pd.Series) -> list[list[Any]]:
    lon, lat = to_lonlat(shapely.get_x(points), shapely.get_y(points))
    spots = zip(lat.round(5).tolist(), lon.round(5).tolist(), names, strict=True)
    return [[kind, [x, y], wrapped(plain_text(name))] for x, y, name in spots]


def _tip(column: pd.Series, label: str, classes: np.ndarray, legend: Legend) -> list[Any]:
    """Give a line of the tooltips: its label, the words, and which word stands for each area."""
    which, values = pd.factorize(column.mask(classes == WITHHELD))
    words = [plain_text(_shown(value)) for value in values]
    instead = {NO_DATA: legend.no_data_label, WITHHELD: legend.withheld_label}
    for number in np.unique(classes[which == -1]).tolist():
        which[(which == -1) & (classes == number)] = len(words)
        words.append(instead.get(number, "no data"))
    return [label, words, which.tolist()]


def _shown(value: object) -> str:
    return number_text(float(value)) if isinstance(value, (int, float, np.number)) else str(value)


def _pack(content: dict[str, Any]) -> Pack:
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    data = text.encode("utf-8", "replace")
    name = hashlib.blake2b(data, digest_size=16).hexdigest()
    return Pack(name, name.encode() + data)
