"""Maps for the app, drawn with folium: no tiles, no script but our own copy of Leaflet.

Council networks block the addresses folium normally loads from, and st_folium then shows nothing
at all and says so nowhere. So every address is replaced, nothing that needs a further script is
used (choropleths, colour maps, popups, icons), and patterns and labels are made from what Leaflet
itself has. Whatever folium has rendered it reads as a Jinja template once more, on the server, and
the browser then runs it: no word that came from a file goes in unescaped, not even an id. All
frames are in BNG; the map gets longitude and latitude.

Give `base_map` to `st_folium` and `layer` to its `feature_group_to_add`: when a filter changes only
the layer is replaced and the view stays where it was. `area_map` is both in one.

A click gives `last_active_drawing`, whose `properties` hold the area's `id`.
"""

from __future__ import annotations

from collections.abc import Sequence
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

from analysis.report.classes import NO_DATA, WITHHELD, Legend, legend_for, number_text
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

__all__ = ["LEAFLET_CSS", "LEAFLET_JS", "Legend", "area_map", "base_map", "layer", "legend_for"]

LEAFLET_JS = "../../vendor/leaflet/leaflet.js"
LEAFLET_CSS = "../../vendor/leaflet/leaflet.css"
"""Addresses relative to the map's frame (/component/<name>/), so that a base path is kept."""

LINE: dict[Theme, str] = {"light": "#A3195B", "dark": "#FF9CCB"}
"""Colour of the outlines drawn over areas, on a rim of the halo's colour."""

DASHES: dict[str, str] = {"": "", "persistent": "", "new": "1 7", "fading": "11 7", "drawn": "4 4"}
"""How an outline is dashed, by what it says: never told apart by colour alone."""

HATCHES = {NO_DATA: "sw-no-data", WITHHELD: "sw-withheld"}

_TOOLTIP = JsCode("function(f,l){l.bindTooltip(f.properties.tip,{sticky:true,className:'sw-tip'})}")
_LABEL = JsCode(
    "function(f,l){l.bindTooltip(f.properties.tip,{permanent:true,direction:'center',"
    "className:'sw-label sw-'+f.properties.kind})}"
)


def area_map(
    areas: gpd.GeoDataFrame,
    *,
    value: str,
    legend: Legend,
    wards: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame | None = None,
    label: str = "Map",
    theme: Theme = "light",
    tip: Sequence[tuple[str, str]] | None = None,
    selected: str | None = None,
) -> folium.Map:
    """Draw areas coloured by class, with wards and places for context.

    Parameters
    ----------
    areas, value, legend, tip, selected
        As in `layer`.
    wards, places, label, theme
        As in `base_map`.

    Returns
    -------
    folium.Map
        Without tiles; asks for nothing but `LEAFLET_JS` and `LEAFLET_CSS`.
    """
    drawn = base_map(wards, places, label=label, theme=theme)
    group = layer(areas, value=value, legend=legend, theme=theme, tip=tip, selected=selected)
    drawn.add_child(group)
    return drawn


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
    figure.html.add_child(Element(_patterns(palette)), name="sw_patterns")
    return drawn


def layer(
    areas: gpd.GeoDataFrame,
    *,
    value: str,
    legend: Legend,
    theme: Theme = "light",
    tip: Sequence[tuple[str, str]] | None = None,
    selected: str | None = None,
) -> folium.FeatureGroup:
    """Draw areas coloured by class, as a group that can be swapped while the view stays.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        `area_id`, `name`, the column `value`, polygons, BNG; if there is a column `withheld`, a
        text in it means that the number may not be shown.
    value : str
        Column to colour by.
    legend : Legend
        Its classes, see `analysis.report.classes.legend_for`.
    theme : {'light', 'dark'}
        As in `base_map`.
    tip : sequence of (column, label), optional
        Lines of the tooltip after the name; by default `value` under the legend's title.
    selected : str, optional
        `area_id` to mark.

    Returns
    -------
    folium.FeatureGroup
        One GeoJSON feature an area, whose `id` and `properties.id` are `area_id` (escaped, which
        changes nothing in a code of letters, digits and underscores).

    Raises
    ------
    CrsError
        If the areas are not in BNG.
    """
    palette = PALETTES[theme]
    group = folium.FeatureGroup(name="areas", control=False)
    # The marked area goes last, or its neighbours' outlines would cover its own.
    areas = areas.iloc[np.argsort(areas["area_id"].eq(selected), kind="stable")]
    classes = legend.class_of(areas[value], _is_withheld(areas))
    tips = _tips(areas, legend, classes, tip or [(value, legend.title)])
    ids = _safe_ids(areas["area_id"])
    properties = [{"id": i, "tip": t} for i, t in zip(ids, tips, strict=True)]
    drawn = feature_collection(drawable(areas.geometry), ids, properties)
    fills = dict(zip(ids, (_fill(c, legend, palette) for c in classes), strict=True))

    def style(feature: dict[str, Any]) -> dict[str, Any]:
        marked = feature["id"] == html_text(selected)
        return {
            "fillColor": fills[feature["id"]],
            "fillOpacity": 1,
            "color": palette.accent if marked else palette.outline,
            "weight": 4 if marked else 0.8,
        }

    if drawn["features"]:
        kept = folium.GeoJson(
            drawn, style_function=style, on_each_feature=_TOOLTIP, smooth_factor=0
        )
        group.add_child(kept)
    return group


def outline(group: folium.FeatureGroup, shapes: gpd.GeoDataFrame, *, theme: Theme) -> None:
    """Draw outlines over the areas of a group; they take no click from what lies under them.

    Parameters
    ----------
    group : folium.FeatureGroup
        From `layer`; it gets the outlines.
    shapes : geopandas.GeoDataFrame
        `kind` (a key of `DASHES`), polygons, BNG: one row a kind, so that neighbours of a kind
        have one line round them all.
    theme : {'light', 'dark'}
        As in `base_map`.

    Raises
    ------
    CrsError
        If the shapes are not in BNG.
    """
    if shapes.empty:
        return
    kinds = [str(kind) for kind in shapes["kind"]]
    drawn = feature_collection(
        drawable(shapes.geometry), [f"outline-{kind}" for kind in kinds],
        [{"dash": DASHES[kind]} for kind in kinds],
    )  # fmt: skip
    for colour, weight in ((PALETTES[theme].halo, 7.0), (LINE[theme], 3.5)):
        group.add_child(_lines(drawn, colour, weight))


def _lines(collection: dict[str, Any], colour: str, weight: float) -> folium.GeoJson:
    def style(feature: dict[str, Any]) -> dict[str, Any]:
        dash = feature["properties"]["dash"] if weight < 5 else ""  # the rim is whole
        return {"fill": False, "color": colour, "weight": weight, "dashArray": dash}

    return folium.GeoJson(
        collection, style_function=style, interactive=False, control=False, smooth_factor=0,
        pane="outlines",
    )  # fmt: skip


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


def _is_withheld(areas: pd.DataFrame) -> pd.Series | None:
    return areas["withheld"].fillna("").ne("") if "withheld" in areas else None


def _fill(number: int, legend: Legend, palette: Palette) -> str:
    # Leaflet writes this into the `fill` of a path, where a pattern's address works like a colour.
    if number in HATCHES:
        return f"url(#{HATCHES[number]})"
    return palette.shades[legend.shade_of(number)]


def _tips(
    areas: pd.DataFrame, legend: Legend, classes: pd.Series, lines: Sequence[tuple[str, str]]
) -> list[str]:
    instead = {NO_DATA: legend.no_data_label, WITHHELD: legend.withheld_label}
    tips = []
    for position, name in enumerate(areas["name"]):
        said = [f"<b>{html_text(name)}</b>"]
        for column, label in lines:
            raw = areas[column].iloc[position]
            text = "" if pd.isna(raw) else _shown(raw)
            text = text or instead.get(classes.iloc[position], "no data")
            said.append(f"{html_text(label)}: {html_text(text)}")
        tips.append("<br>".join(said))
    return tips


def _shown(value: object) -> str:
    return number_text(float(value)) if isinstance(value, (int, float, np.number)) else str(value)


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


def _patterns(palette: Palette) -> str:
    """Hatching for areas without a number, which Leaflet can only point to."""
    return f"""<svg width="0" height="0" aria-hidden="true" style="position:absolute"><defs>
<pattern id="{HATCHES[NO_DATA]}" width="8" height="8" patternUnits="userSpaceOnUse"
 patternTransform="rotate(45)"><rect width="8" height="8" fill="{palette.land}"/>
<rect width="2" height="8" fill="{palette.muted}"/></pattern>
<pattern id="{HATCHES[WITHHELD]}" width="7" height="7" patternUnits="userSpaceOnUse">
<rect width="7" height="7" fill="{palette.land}"/><circle cx="3.5" cy="3.5" r="1.5"
 fill="{palette.muted}"/></pattern></defs></svg>"""
