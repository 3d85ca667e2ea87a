"""A map on a page: drawn without the internet, named for screen readers, clicked for an area.

Beside every map stand its legend and, on the page, a list to pick from and a table of the same
numbers: nothing can be learnt from the map alone.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import geopandas as gpd
import streamlit as st

from analysis.report import screen_map
from analysis.report.classes import Legend
from analysis.report.escaping import html_text
from analysis.report.html_export import map_summary
from analysis.report.licences import licence_lines
from analysis.report.map_lines import LINE
from analysis.report.palette import PALETTES, Palette, Theme
from geodata import layers
from geodata.workspace import Workspace
from pages.components import cached, frame, leaflet_layer

HEIGHT = leaflet_layer.HEIGHT

LINE_STYLES = {"": "solid", "persistent": "solid", "new": "dotted", "fading": "dashed"} | {
    "drawn": "dashed"
}
"""As `analysis.report.map_lines.DASHES`, in the legend."""


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
        As `analysis.report.screen_map.picture`.
    title : str
        What the map is called by a screen reader.
    are : str
        What the areas are, in the plural, for the words under the map.
    key : str
        Name of the filter that holds the chosen area.
    over : geopandas.GeoDataFrame, optional
        Outlines over the areas, as `analysis.report.screen_map.lines_over` has them.
    lines : mapping of str to str, optional
        Kinds of those outlines and their words, for the legend.
    corners : str, optional
        While a person draws: where in the session clicks gather as (longitude, latitude). A click
        then picks no area.
    """
    look, drawn = theme(), screen_map.with_shapes(areas)

    def take_click(at: dict[str, Any]) -> None:
        if corners:
            _take_corner(at, corners)
        elif at["id"]:
            st.session_state[key] = at["id"]

    picture = screen_map.picture(
        drawn, value=value, legend=legend, theme=look, tip=tip,
        selected=st.session_state.get(key) or None,
    )  # fmt: skip
    picture["over"] = None if over is None else _lines(over)
    with st.container(key=f"map-{key}"):
        leaflet_layer.mount(
            picture, ground=_ground(workspace), shapes=_shapes(drawn),
            label=f"Map of {are}: {title}", key=key, on_click=take_click, drawing=bool(corners),
        )  # fmt: skip
        st.html(legend_html(legend, PALETTES[look]) + lines_html(lines or {}, look))
        frame.say(map_summary(areas, value=value, legend=legend, are=are))
        say_whose(workspace)


def say_whose(workspace: Workspace) -> None:
    """Name whose boundaries, streets and water a map shows, as their licences ask.

    Nothing of a demo, which is nobody's and says so at the head of each page.
    """
    if workspace.kind != "demo":
        drawn = layers.credits_of(workspace)
        frame.small(" ".join(licence_lines((), demo=False, drawn=drawn)))


@st.cache_resource(show_spinner=False)
def _drawn() -> cached.Shelf:
    """Share what was made ready for drawing between all visits, named after what it shows."""
    return cached.Shelf(48)


def _kept(key: Hashable, make: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever is made
    found = _drawn().get(key)
    if found is None:
        found = make()
        _drawn().put(key, found)
    return found


def _ground(workspace: Workspace) -> screen_map.Pack:
    def make() -> screen_map.Pack:
        near = vars(cached.bearings(workspace))
        return screen_map.ground_pack(workspace.wards(), workspace.places(), **near)

    return _kept(cached.key_of(workspace, "ground"), make)


def _shapes(areas: gpd.GeoDataFrame) -> screen_map.Pack:
    name = screen_map.fingerprint(areas, "area_id", "name")
    return _kept(("shapes", name), lambda: screen_map.shapes_pack(areas))


def _lines(over: gpd.GeoDataFrame) -> dict[str, Any] | None:
    name = screen_map.fingerprint(over, "kind")
    return _kept(("lines", name), lambda: screen_map.lines_over(over))


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


def _take_corner(at: Mapping[str, Any], corners: str) -> None:
    """Add where a person clicked, once."""
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
