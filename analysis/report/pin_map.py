"""What a map shows while a person looks for a place: streets near by, candidates, and the pin.

Frames and points are in BNG; the map gets longitude and latitude. See `analysis.report.maps`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import shapely
from folium.utilities import JsCode

from analysis.report.escaping import html_text
from analysis.report.palette import PALETTES, Theme
from analysis.report.shapes import feature_collection
from geodata.locating.gazetteer import Spot

NEAR_M = 600.0
"""Metres round the pin within which streets are drawn."""

_MOST_STREETS = 1_500
_TOLERANCE_M = 2.0
_RADIUS = 9
_TIP = JsCode(
    "function(f,l){if(f.properties.tip){l.bindTooltip(f.properties.tip,"
    "{sticky:true,className:'sw-tip'})}}"
)


def pin_layer(
    candidates: Sequence[Spot],
    chosen: Spot | None,
    *,
    radius_m: float = 0.0,
    streets: gpd.GeoDataFrame | None = None,
    theme: Theme = "light",
) -> folium.FeatureGroup:
    """Draw what a wording could be, and where a person says it is, as a group that can be swapped.

    Parameters
    ----------
    candidates : sequence of Spot
        Rings, each with its name: not to be taken for a station's dot, nor for the pin.
    chosen : Spot, optional
        The pin, with a circle of `radius_m` round it.
    radius_m : float
        How exact the pin is.
    streets : geopandas.GeoDataFrame, optional
        `name`, lines in BNG; those within `NEAR_M` of the pin are drawn for bearings.
    theme : {'light', 'dark'}
        As in `analysis.report.maps.base_map`.

    Returns
    -------
    folium.FeatureGroup
        For `st_folium`'s `feature_group_to_add`.
    """
    palette = PALETTES[theme]
    group = folium.FeatureGroup(name="pin", control=False)
    if streets is not None and chosen is not None:
        group.add_child(_lines(_near(streets, chosen), palette.muted))
    if chosen is not None and radius_m > 0:
        circle = shapely.Point(chosen.easting, chosen.northing).buffer(radius_m)
        shape = feature_collection(np.array([circle]), ["circle"], [{"tip": ""}])
        style = {"color": palette.accent, "weight": 2, "fillColor": palette.accent,
                 "fillOpacity": 0.15}  # fmt: skip
        group.add_child(_still(shape, style))
    for number, spot in enumerate(candidates):
        style = {"color": palette.accent, "weight": 5, "fillColor": palette.halo}
        group.add_child(_dot(spot, number, style))
    if chosen is not None:
        style = {"color": palette.text, "weight": 2, "fillColor": palette.accent}
        group.add_child(_dot(chosen, len(candidates), style))
    return group


def _near(streets: gpd.GeoDataFrame, spot: Spot) -> gpd.GeoDataFrame:
    point = shapely.Point(spot.easting, spot.northing)
    close = streets.sindex.query(point, predicate="dwithin", distance=NEAR_M)
    near = streets.iloc[np.unique(close)]
    named = near["name"].fillna("").ne("").to_numpy()
    return near.iloc[np.argsort(~named, kind="stable")[:_MOST_STREETS]]


def _lines(streets: gpd.GeoDataFrame, colour: str) -> folium.GeoJson:
    shapes = shapely.simplify(streets.geometry.to_numpy(), _TOLERANCE_M)
    ids = [f"s{n}" for n in range(len(streets))]
    tips = [{"tip": html_text(name)} for name in streets["name"].fillna("")]
    return _still(
        feature_collection(shapes, ids, tips), {"color": colour, "weight": 3, "opacity": 0.8},
        answers=True,
    )  # fmt: skip


def _still(
    shapes: dict[str, Any], style: dict[str, Any], *, answers: bool = False
) -> folium.GeoJson:
    """Draw shapes that let a click through to the map."""
    return folium.GeoJson(
        shapes, style_function=lambda _: dict(style), on_each_feature=_TIP, interactive=answers,
        bubbling_mouse_events=True, control=False, smooth_factor=0,
    )  # fmt: skip


def _dot(spot: Spot, number: int, style: dict[str, Any]) -> folium.GeoJson:
    point = np.array([shapely.Point(spot.easting, spot.northing)])
    shape = feature_collection(point, [f"p{number}"], [{"tip": html_text(spot.name)}])
    marker = folium.CircleMarker(radius=_RADIUS, fill=True)
    return folium.GeoJson(
        shape, style_function=lambda _: {"fillOpacity": 1} | style, marker=marker,
        on_each_feature=_TIP, control=False,
    )  # fmt: skip
