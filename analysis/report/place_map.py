"""What a map shows of the places people keep: each a dot or its outline, and what is being drawn.

Frames and points are in BNG; the map gets longitude and latitude. See `analysis.report.maps`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import shapely
from folium.utilities import JsCode

from analysis.report.escaping import html_text
from analysis.report.palette import PALETTES, Palette, Theme
from analysis.report.shapes import feature_collection

_TIP = JsCode("function(f,l){l.bindTooltip(f.properties.tip,{sticky:true,className:'sw-tip'})}")


def place_layer(
    places: gpd.GeoDataFrame,
    *,
    chosen: str = "",
    drawn: gpd.GeoSeries | None = None,
    theme: Theme = "light",
) -> folium.FeatureGroup:
    """Draw places as a group that can be swapped; a click on one tells its id.

    Parameters
    ----------
    places : geopandas.GeoDataFrame
        `site_id`, `name`, `kind_name`; points, lines or polygons in BNG.
    chosen : str, optional
        Id of the one to be told from the others.
    drawn : geopandas.GeoSeries, optional
        What a person is drawing, in BNG; it answers no click.
    theme : {'light', 'dark'}
        As in `analysis.report.maps.base_map`.

    Returns
    -------
    folium.FeatureGroup
        For `st_folium`'s `feature_group_to_add`.
    """
    palette = PALETTES[theme]
    group = folium.FeatureGroup(name="places", control=False)
    is_point = places.geometry.geom_type.eq("Point").to_numpy()
    for part in (places[~is_point], places[is_point]):
        if len(part):
            group.add_child(_answering(part, chosen, palette))
    if drawn is not None and len(drawn):
        group.add_child(_still(drawn, palette))
    return group


def corners_shapes(corners: np.ndarray) -> list[shapely.Geometry]:
    """Give corners and the line between them, closed from the third on; metres.

    Examples
    --------
    >>> [shape.geom_type for shape in corners_shapes(np.array([[0.0, 0.0], [9.0, 0.0]]))]
    ['Point', 'Point', 'LineString']
    """
    points = list(shapely.points(corners))
    path = [*points, points[0]] if len(points) > 2 else points
    return [*points, shapely.LineString(path)] if len(path) > 1 else points


def _answering(places: gpd.GeoDataFrame, chosen: str, palette: Palette) -> folium.GeoJson:
    ids = [html_text(site) for site in places["site_id"]]
    tips = [
        f"{html_text(name)} ({html_text(kind)})"
        for name, kind in zip(places["name"], places["kind_name"], strict=True)
    ]
    properties = [{"id": i, "tip": t} for i, t in zip(ids, tips, strict=True)]
    shapes = feature_collection(places.geometry.to_numpy(), ids, properties)
    marked = html_text(chosen)

    def style(feature: Mapping[str, Any]) -> dict[str, Any]:
        is_chosen = bool(chosen) and feature["id"] == marked
        return {
            "color": palette.text if is_chosen else palette.halo, "weight": 3 if is_chosen else 2,
            "fillColor": palette.accent, "fillOpacity": 1 if is_chosen else 0.75,
            "radius": 11 if is_chosen else 7,
        }  # fmt: skip

    return folium.GeoJson(
        shapes, style_function=style, marker=folium.CircleMarker(radius=7, fill=True),
        on_each_feature=_TIP, control=False, smooth_factor=0,
    )  # fmt: skip


def _still(drawn: gpd.GeoSeries, palette: Palette) -> folium.GeoJson:
    ids = [f"d{n}" for n in range(len(drawn))]
    shapes = feature_collection(drawn.to_numpy(), ids, [{} for _ in ids])
    style = {"color": palette.text, "weight": 2, "fillColor": palette.text, "fillOpacity": 0.35,
             "dashArray": "4 4"}  # fmt: skip
    dot = folium.CircleMarker(radius=7, fill=True, interactive=False)
    return folium.GeoJson(
        shapes, style_function=lambda _: dict(style), marker=dot, interactive=False, control=False,
        bubbling_mouse_events=True, smooth_factor=0,
    )  # fmt: skip
