"""A route on the app's map: streets near by, the way, and numbered stops, as a group to swap.

In: BNG; the map gets longitude and latitude. See `analysis.report.maps` for what folium may be
given.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import shapely
from folium.features import DivIcon
from folium.utilities import JsCode

from analysis.report.escaping import html_text
from analysis.report.map_lines import LINE
from analysis.report.palette import PALETTES, Theme
from analysis.report.shapes import feature_collection, lonlat

NEAR_M = 350.0
"""Streets this close to the way are drawn."""

_MOST_STREETS = 1_500
_TOLERANCE_M = 2.0
_TIP = JsCode(
    "function(f,l){if(f.properties.tip){l.bindTooltip(f.properties.tip,"
    "{sticky:true,className:'sw-tip'})}}"
)


def route_layer(
    line: shapely.LineString,
    points: Sequence[tuple[str, str, float, float]],
    *,
    streets: gpd.GeoDataFrame | None = None,
    avoid: Sequence[tuple[float, float, float]] = (),
    theme: Theme = "light",
) -> folium.FeatureGroup:
    """Draw a route.

    Parameters
    ----------
    line : shapely.LineString
        The way, BNG.
    points : sequence of (label, name, easting, northing)
        The start, the stops and the end; the label stands in the mark, the name in its tip.
    streets : geopandas.GeoDataFrame, optional
        `name`, lines in BNG, for bearings.
    avoid : sequence of (easting, northing, radius)
        Circles that the route keeps out of.
    theme : {'light', 'dark'}
        As in `analysis.report.maps.base_map`.

    Returns
    -------
    folium.FeatureGroup
        For `st_folium`'s `feature_group_to_add`; clicks go through to the map.
    """
    palette = PALETTES[theme]
    group = folium.FeatureGroup(name="route", control=False)
    if streets is not None:
        near = _near(streets, line)
        tips = [{"tip": html_text(name)} for name in near["name"].fillna("")]
        thin = shapely.simplify(near.geometry.to_numpy(), _TOLERANCE_M)
        style = {"color": palette.muted, "weight": 2, "opacity": 0.55}
        group.add_child(_shapes(thin, "s", style, tips))
    if avoid:
        circles = np.array([shapely.Point(x, y).buffer(radius) for x, y, radius in avoid])
        style = {"color": palette.text, "weight": 1.5, "dashArray": "4 4", "fillOpacity": 0.15,
                 "fillColor": palette.text}  # fmt: skip
        group.add_child(_shapes(circles, "a", style, [{"tip": "Kept out of"}] * len(circles)))
    for colour, weight in ((palette.halo, 9), (LINE[theme], 5)):
        style = {"fill": False, "color": colour, "weight": weight, "opacity": 1}
        group.add_child(_shapes(np.array([line]), f"w{weight}", style, [{"tip": ""}]))
    for label, name, easting, northing in points:
        group.add_child(_mark(label, name, (easting, northing), theme))
    return group


def _near(streets: gpd.GeoDataFrame, line: shapely.LineString) -> gpd.GeoDataFrame:
    close = streets.sindex.query(line, predicate="dwithin", distance=NEAR_M)
    near = streets.iloc[np.unique(close)]
    named = near["name"].fillna("").ne("").to_numpy()
    return near.iloc[np.argsort(~named, kind="stable")[:_MOST_STREETS]]


def _shapes(
    shapes: np.ndarray, prefix: str, style: dict[str, Any], tips: list[dict[str, str]]
) -> folium.GeoJson:
    """Draw shapes that let a click through to the map."""
    ids = [f"{prefix}{n}" for n in range(len(shapes))]
    return folium.GeoJson(
        feature_collection(shapes, ids, tips), style_function=lambda _: dict(style),
        on_each_feature=_TIP, interactive=any(t["tip"] for t in tips), bubbling_mouse_events=True,
        control=False, smooth_factor=0,
    )  # fmt: skip


def _mark(label: str, name: str, place: tuple[float, float], theme: Theme) -> folium.Marker:
    palette = PALETTES[theme]
    spot = lonlat(np.array([shapely.Point(place)]))[0]
    look = (
        f"width:26px;height:26px;box-sizing:border-box;border-radius:50%;background:{palette.land};"
        f"color:{palette.text};border:3px solid {LINE[theme]};text-align:center;"
        "font:700 13px/20px system-ui,sans-serif"
    )
    icon = DivIcon(
        html=f'<div style="{look}">{html_text(label)}</div>', icon_size=(26, 26),
        icon_anchor=(13, 13), class_name="sw-stop",
    )  # fmt: skip
    return folium.Marker(
        (float(spot.y), float(spot.x)),
        icon=icon,
        tooltip=folium.Tooltip(html_text(name)),
        keyboard=False,
    )
