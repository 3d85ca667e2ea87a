"""The app's own map layer: a component that draws with Leaflet on the page itself, in no frame.

Each map is three elements. Two are packs, the ground and the shapes (`analysis.report.screen_map`):
Streamlit sends a large element that a browser has already had as its name only, so a pack travels
once. The third is the map, whose data are what a filter changes. The program itself,
pages/assets/map_layer.js, comes with the packs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from analysis.report.screen_map import Pack
from geodata.package_files import package_text

HEIGHT = 520
"""Pixels, at most: on a narrow screen the map is lower."""

_WAIT = """export default (component) => {
  const draw = () => window.saferWalksMap.draw(component);
  if (window.saferWalksMap) draw();
  else addEventListener("safer-walks-map", draw, { once: true });
}"""

_pack = st.components.v2.component(
    "safer_walks_pack", isolate_styles=False,
    js=package_text("pages", "assets/map_layer.js"),
    css=package_text("pages", "assets/map_layer.css"),
)  # fmt: skip
_map = st.components.v2.component("safer_walks_map", isolate_styles=False, js=_WAIT)


def mount(
    picture: dict[str, Any],
    *,
    ground: Pack,
    shapes: Pack,
    label: str,
    key: str,
    on_click: Callable[[dict[str, Any]], None],
    drawing: bool = False,
) -> None:
    """Show a map.

    Parameters
    ----------
    picture : dict
        From `analysis.report.screen_map.picture`; `over` holds lines over the areas, if any.
    ground, shapes : Pack
        What the picture belongs to.
    label : str
        What the map is called by a screen reader.
    key : str
        Name of the map on its page: as long as it stays, the view does.
    on_click : callable
        Told where a person clicked: `id` of the area, `lng` and `lat`.
    drawing : bool, default False
        Whether a click is told wherever it falls and marks no area.
    """
    name = f"layer-{key}"

    def take() -> None:
        clicked = (st.session_state.get(name) or {}).get("click")
        if clicked:
            on_click(dict(clicked))

    with st.container(key=f"packs-{key}"):
        _pack(key=f"ground-{key}", data=ground.data)
        _pack(key=f"shapes-{key}", data=shapes.data)
    _map(
        key=name, on_click_change=take,
        data={
            "over": None, **picture, "ground": ground.name, "shapes": shapes.name,
            "label": label, "name": key, "drawing": drawing, "height": HEIGHT,
        },
    )  # fmt: skip
