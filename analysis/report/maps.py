"""The maps on which a person points at a place, drawn with folium: no tiles, no script but Leaflet.

Places, the route of a walk and reports without a place are shown on these; the maps of counted
areas, which filters change, are `analysis.report.screen_map`.

Council networks block the addresses folium normally loads from, and st_folium then shows nothing
at all and says so nowhere. So every address is replaced, nothing that needs a further script is
used (choropleths, colour maps, popups, icons), and labels are made from what Leaflet itself has.
Whatever folium has rendered it reads as a Jinja template once more, on the server, and the browser
then runs it: no word that came from a file goes in unescaped, not even an id. All frames are in
BNG; the map gets longitude and latitude.

Give `base_map` to `st_folium` and what a person adds to its `feature_group_to_add`: then only that
is replaced when it changes, and the view stays where it was.
"""

from __future__ import annotations

from typing import Any, cast

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from branca.element import Element, Figure, MacroElement
from folium.map import CustomPane
from folium.template import Template
from folium.utilities import JsCode

from analysis.report.escaping import html_text, js_string
from analysis.report.palette import PALETTES, Palette, Theme
from analysis.report.shapes import (
    context_places,
    drawable,
    feature_collection,
    label_points,
    padded_bounds,
    wrapped,
)
from geodata.crs import require_bng

LEAFLET_JS = "../../vendor/leaflet/leaflet.js"
LEAFLET_CSS = "../../vendor/leaflet/leaflet.css"
"""Addresses relative to the map's frame (/component/<name>/), so that a base path is kept."""

_LABEL = JsCode(
    "function(f,l){l.bindTooltip(f.properties.tip,{permanent:true,direction:'center',"
    "className:'sw-label sw-'+f.properties.kind})}"
)


def base_map(
    wards: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame | None = None,
    *,
    label: str = "Map",
    theme: Theme = "light",
    water: gpd.GeoDataFrame | None = None,
    roads: gpd.GeoDataFrame | None = None,
    focus: shapely.Geometry | None = None,
) -> folium.Map:
    """Draw what lies under and over the areas: ward outlines with names, stations and parks.

    Parameters
    ----------
    wards : geopandas.GeoDataFrame
        `ward_code`, `ward_name`, polygons, BNG.
    places : geopandas.GeoDataFrame, optional
        `place_id`, `name`, `kind`, points, BNG.
    label : str
        What the map is called by a screen reader.
    theme : {'light', 'dark'}
        Colours, see `analysis.report.palette`.
    water, roads : geopandas.GeoDataFrame, optional
        Shapes to find one's way by, BNG, drawn lightly: see `analysis.jobs.bearings`.
    focus : shapely.Geometry, optional
        What the map is framed on, BNG; all the wards unless given.

    Returns
    -------
    folium.Map
        Framed on the focus.

    Raises
    ------
    CrsError
        If a frame is not in BNG.
    """
    palette, shapes = PALETTES[theme], drawable(wards.geometry)
    outlines = feature_collection(
        shapes, _safe_ids(wards["ward_code"]), [{} for _ in range(len(wards))]
    )
    bounds = _bounds(outlines)
    drawn = folium.Map(tiles=None, location=_middle(bounds), zoom_start=12)
    _leaflet_of_our_own(drawn, bounds)
    if focus is not None:
        bounds = _bounds(feature_collection(np.array([focus]), ["focus"], [{}]))
    drawn.add_child(CustomPane("outlines", z_index=450))
    if roads is not None:
        line = {"fill": False, "color": palette.muted, "weight": 1.5, "opacity": 0.45}
        drawn.add_child(_still(_plain(roads), "outlines", line))
    for pane, style in _outline_styles(palette):
        drawn.add_child(_still(outlines, pane, style))
    if water is not None:
        wet = {"fillColor": palette.water, "fillOpacity": 1, "stroke": False}
        drawn.add_child(_still(_plain(water), "overlayPane", wet))
    drawn.add_child(_labels(_names(wards, shapes), palette))
    if (shown := context_places(places)) is not None:
        drawn.add_child(_labels(_place_points(shown), palette))
    drawn.fit_bounds(bounds, padding=(8, 8))
    drawn.add_child(_Frame(label, bounds))
    figure = cast("Figure", drawn.get_root())
    figure.header.add_child(Element(_style(palette)), name="sw_style")
    return drawn


def _leaflet_of_our_own(drawn: folium.Map, bounds: list[list[float]]) -> None:
    drawn.default_js = [("leaflet", LEAFLET_JS)]
    drawn.default_css = [("leaflet_css", LEAFLET_CSS)]
    drawn.options["max_zoom"] = 18
    drawn.options["zoom_snap"] = 0.25
    drawn.options["attribution_control"] = False
    height, width = (bounds[1][i] - bounds[0][i] for i in (0, 1))
    drawn.options["max_bounds"] = [
        [bounds[0][0] - height, bounds[0][1] - width],
        [bounds[1][0] + height, bounds[1][1] + width],
    ]


def _bounds(collection: dict[str, Any]) -> list[list[float]]:
    shapes = [shapely.geometry.shape(f["geometry"]) for f in collection["features"]]
    # A number of numpy's would be written into the script under numpy's own name.
    west, south, east, north = map(float, padded_bounds(shapes))
    return [[south, west], [north, east]]


def _middle(bounds: list[list[float]]) -> list[float]:
    return [(bounds[0][i] + bounds[1][i]) / 2 for i in (0, 1)]


def _outline_styles(palette: Palette) -> list[tuple[str, dict[str, Any]]]:
    """Give the land under the areas, and over them a light rim with a dark line in it."""
    return [
        ("overlayPane", {"fillColor": palette.land, "fillOpacity": 1, "stroke": False}),
        ("outlines", {"fill": False, "color": palette.halo, "weight": 4.5, "opacity": 0.9}),
        ("outlines", {"fill": False, "color": palette.text, "weight": 1.6}),
    ]


def _still(collection: dict[str, Any], pane: str, style: dict[str, Any]) -> folium.GeoJson:
    """Draw shapes that neither answer to the mouse nor take a click from what lies under them."""
    return folium.GeoJson(
        collection,
        style_function=lambda _: dict(style),
        interactive=False,
        control=False,
        smooth_factor=0,
        pane=pane,
    )


def _labels(collection: dict[str, Any], palette: Palette) -> folium.GeoJson:
    """Names that stay put: a permanent tooltip on a point, which needs no icon."""
    dots = {"color": palette.halo, "fillColor": palette.text, "fillOpacity": 1, "weight": 1.5}
    nothing = {"stroke": False, "fillOpacity": 0}
    marker = folium.CircleMarker(radius=3.5, fill=True)
    marker.options.update(pane="outlines", interactive=False)
    return folium.GeoJson(
        collection,
        style_function=lambda f: nothing if f["properties"]["kind"] == "ward" else dots,
        marker=marker,
        on_each_feature=_LABEL,
        interactive=False,
        control=False,
        pane="outlines",
    )


def _names(wards: gpd.GeoDataFrame, shapes: np.ndarray) -> dict[str, Any]:
    named = [_label("ward", name) for name in wards["ward_name"]]
    return feature_collection(label_points(shapes), _safe_ids(wards["ward_code"]), named)


def _place_points(places: gpd.GeoDataFrame) -> dict[str, Any]:
    named = [_label("place", name) for name in places["name"]]
    return feature_collection(drawable(places.geometry), _safe_ids(places["place_id"]), named)


def _label(kind: str, name: object) -> dict[str, str]:
    return {"kind": kind, "tip": "<br>".join(html_text(line) for line in wrapped(str(name)))}


def _plain(frame: gpd.GeoDataFrame) -> dict[str, Any]:
    """Give shapes that say nothing: no name goes along."""
    require_bng(frame, "What is drawn")
    count = range(len(frame))
    return feature_collection(frame.geometry.to_numpy(), map(str, count), [{} for _ in count])


def _safe_ids(codes: pd.Series) -> list[str]:
    """Leave codes as they are, unless one holds what a script or a template would act on.

    Everything folium renders is read as a Jinja template once more, on the server: an id of
    `{{ ... }}` would run there.
    """
    return [html_text(code) for code in codes]


class _Frame(MacroElement):
    """Name the map for screen readers, and hide names that would lie on top of one another."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            (function (map) {
                var box = map.getContainer();
                box.setAttribute("role", "region");
                box.setAttribute("aria-label", {{ this.label }});
                // Leaflet focuses the map when it is pressed. The page around the frame would then
                // move under the finger, and the press would end elsewhere: no click at all.
                box.focus = function () {
                    HTMLElement.prototype.focus.call(box, { preventScroll: true });
                };
                function declutter() {
                    var kept = [];
                    box.querySelectorAll(".sw-label").forEach(function (label) {
                        var a, free = false, ward = label.classList.contains("sw-ward");
                        (ward ? [0, -14, 14] : [11]).forEach(function (shift) {
                            if (free) { return; }
                            label.style.marginTop = shift + "px";
                            a = label.getBoundingClientRect();
                            free = kept.every(function (b) {
                                return a.right < b.left || a.left > b.right ||
                                    a.bottom < b.top || a.top > b.bottom;
                            });
                        });
                        label.style.visibility = "";
                        if (free) { kept.push(a); } else { label.style.visibility = "hidden"; }
                    });
                }
                // A frame often gets its width after the map is drawn: fit again, until a person
                // has moved the map.
                var touched = false;
                ["pointerdown", "wheel", "keydown"].forEach(function (event) {
                    box.addEventListener(event, function () { touched = true; });
                });
                map.on("resize", function () {
                    if (!touched) {
                        map.fitBounds({{ this.bounds }}, { animate: false, padding: [8, 8] });
                    }
                });
                map.on("zoomend resize", declutter);
                map.whenReady(function () { setTimeout(declutter, 0); });
            })({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(self, label: str, bounds: list[list[float]]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Frame"
        self.label = js_string(label)
        self.bounds = bounds


def _style(palette: Palette) -> str:
    halo = palette.halo
    return f"""<style>
div.leaflet-container {{ background: {palette.ground}; font: 14px/1.35 system-ui, sans-serif; }}
.leaflet-container:focus-visible {{ outline: 3px solid {palette.accent}; outline-offset: -3px; }}
/* Names are placed by their size: this must hold before Leaflet's own style has arrived. */
.leaflet-tooltip {{ position: absolute; white-space: nowrap; }}
.leaflet-tooltip.sw-tip {{ background: {palette.land}; color: {palette.text};
  border: 1px solid {palette.muted}; font-size: 14px; white-space: normal; min-width: 9em; }}
.leaflet-tooltip.sw-label {{ background: none; border: 0; box-shadow: none; padding: 0;
  color: {palette.text}; text-align: center; line-height: 1.15;
  text-shadow: 0 0 2px {halo}, 0 0 2px {halo}, 0 0 3px {halo}, 0 0 4px {halo}, 0 0 5px {halo}; }}
.leaflet-tooltip.sw-ward {{ font-size: 12.5px; font-weight: 650; }}
.leaflet-tooltip.sw-place {{ font-size: 11px; font-style: italic; }}
</style>"""
