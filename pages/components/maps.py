"""A map on a page: drawn without the internet, named for screen readers, clicked for an area.

Beside every map stand its legend and, on the page, a list to pick from and a table of the same
numbers: nothing can be learnt from the map alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import streamlit as st
from streamlit_folium import st_folium

from analysis.report.classes import Legend
from analysis.report.escaping import html_text
from analysis.report.html_export import map_summary
from analysis.report.maps import LINE, base_map, layer, outline
from analysis.report.palette import PALETTES, Palette, Theme
from geodata.workspace import Workspace
from pages.components import cached, frame

HEIGHT = 520
_CLICKS = ("last_active_drawing", "last_object_clicked", "last_clicked")
"""What the map tells of; it looks at this list only once, when it is first drawn."""

LINE_STYLES = {"": "solid", "persistent": "solid", "new": "dotted", "fading": "dashed"} | {
    "drawn": "dashed"
}
"""As `analysis.report.maps.DASHES`, in the legend."""


def theme() -> Theme:
    """Tell whether this visit looks at the light or the dark theme."""
    return "dark" if st.context.theme.type == "dark" else "light"


def show(
    workspace: Workspace,
    areas: gpd.GeoDataFrame,
    *,
    value: str,
    legend: Legend,
    title: str,
    are: str,
    key: str,
    tip: Sequence[tuple[str, str]] | None = None,
    over: gpd.GeoDataFrame | None = None,
    lines: Mapping[str, str] | None = None,
    corners: str = "",
) -> None:
    """Draw areas on a map; a click puts the area's id in the session under `key`.

    When the areas change only they are drawn anew: the view stays where it was.

    Parameters
    ----------
    workspace : Workspace
        Wards and places for context.
    areas, value, legend, tip
        As `analysis.report.maps.layer`.
    title : str
        What the map is called by a screen reader.
    are : str
        What the areas are, in the plural, for the words under the map.
    key : str
        Name of the filter that holds the chosen area.
    over : geopandas.GeoDataFrame, optional
        Outlines over the areas, as `analysis.report.maps.outline` draws them.
    lines : mapping of str to str, optional
        Kinds of those outlines and their words, for the legend.
    corners : str, optional
        While a person draws: where in the session clicks gather as (longitude, latitude). A click
        then picks no area.
    """
    look, frame_key = theme(), f"frame-{key}"

    def take_click() -> None:
        answer = st.session_state.get(frame_key) or {}
        if corners:
            _take_corner(answer.get("last_clicked"), corners)
            return
        clicked = answer.get("last_active_drawing") or {}
        name = (clicked.get("properties") or {}).get("id")
        if name:
            st.session_state[key] = name

    selected = st.session_state.get(key) or None
    group = layer(areas, value=value, legend=legend, theme=look, tip=tip, selected=selected)
    if over is not None:
        outline(group, over, theme=look)
    with st.container(key=f"map-{key}"):
        st.html(f'<span hidden data-frame-title="{html_text(title)}"></span>')
        st_folium(
            # Its name is not `title`: what lies under the areas must not change with a filter,
            # or the map would be made anew and lose its view.
            base_map(
                workspace.wards(), workspace.places(), label=f"Map of {are}", theme=look,
                **vars(cached.bearings(workspace)),
            ),
            key=frame_key, height=HEIGHT, use_container_width=True,
            feature_group_to_add=group,
            returned_objects=_CLICKS, on_change=take_click,
        )  # fmt: skip
        st.html(legend_html(legend, PALETTES[look]) + lines_html(lines or {}, look))
        frame.say(map_summary(areas, value=value, legend=legend, are=are))


def legend_html(legend: Legend, palette: Palette) -> str:
    """Write a legend as a list: a swatch, the words, and how many areas are in the class."""
    items = [
        _item(f"background:{palette.shades[band.shade]}", band.label, band.areas)
        for band in legend.bands
    ]
    if legend.no_data:
        stripes = f"repeating-linear-gradient(45deg,{palette.muted} 0 2px,{palette.land} 2px 6px)"
        items.append(_item(f"background:{stripes}", legend.no_data_label, legend.no_data))
    if legend.withheld:
        dots = f"radial-gradient({palette.muted} 30%,{palette.land} 32%) 0 0/6px 6px"
        items.append(_item(f"background:{dots}", legend.withheld_label, legend.withheld))
    title = html_text(legend.title)
    return f'<p class="sw-legend-title">{title}</p><ul class="sw-legend">{"".join(items)}</ul>'


def lines_html(lines: Mapping[str, str], look: Theme) -> str:
    """Write the legend of outlines: a drawn line and its words; '' where there are none."""
    items = [
        f'<li><span class="sw-line" style="border-top:0.25rem {LINE_STYLES[kind]} {LINE[look]}" '
        f'aria-hidden="true"></span><span>{html_text(words)}</span></li>'
        for kind, words in lines.items()
    ]
    return f'<ul class="sw-legend">{"".join(items)}</ul>' if items else ""


def _take_corner(at: dict[str, float] | None, corners: str) -> None:
    """Add where a person clicked, once."""
    if not at:
        return
    have = st.session_state.setdefault(corners, [])
    corner = (round(at["lng"], 6), round(at["lat"], 6))
    if not have or have[-1] != corner:
        st.session_state[corners] = [*have, corner]


def _item(style: str, label: str, count: int) -> str:
    areas = "1 area" if count == 1 else f"{count:,} areas"
    return (
        f'<li><span class="sw-swatch" style="{style}" aria-hidden="true"></span>'
        f'<span>{html_text(label)} <span class="sw-quiet">({areas})</span></span></li>'
    )
