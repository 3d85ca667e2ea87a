"""How many are in here? On the Hotspots page: the place picked, a ward, round a place, or drawn."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
import streamlit as st

from analysis.jobs.count_in import (
    ROUND_M,
    Area,
    CountIn,
    count_in,
    hexagon_area,
    place_area,
    ward_area,
)
from geodata import months as m
from geodata.crs import BNG, to_bng
from geodata.errors import SaferWalksError
from geodata.outlines import outline_from_text, outline_of
from geodata.workspace import Workspace
from pages.components import address, cached, charts, frame, messages, pictures, tables

CORNERS = "corners"
WAYS = {
    "picked": "The place picked above",
    "ward": "A ward",
    "site": "Round a place",
    "draw": "Drawn on the map",
    "text": "Typed, pasted or a file",
}
HELP = (
    "Corners one a line, as latitude, longitude or as easting, northing; or GeoJSON. The outline "
    "is not kept."
)


def drawing() -> bool:
    """Tell whether clicks on the map are corners of an area."""
    return st.session_state.get("in") == "draw"


def drawn_outline() -> gpd.GeoDataFrame | None:
    """Give what was drawn so far, to be shown over the map: corners, and lines between them."""
    corners = st.session_state.get(CORNERS) or []
    if not drawing() or not corners:
        return None
    easting, northing = to_bng(*np.array(corners, dtype="float64").T)
    points = shapely.points(easting, northing)
    path = [*points, points[0]] if len(points) > 2 else list(points)
    shapes = [point.buffer(14) for point in points]
    if len(path) > 1:
        shapes.append(shapely.LineString(path).buffer(3))
    return gpd.GeoDataFrame({"kind": ["drawn"]}, geometry=[shapely.union_all(shapes)], crs=BNG)


def choose_way() -> str:
    """Offer the ways to say where; kept in the address."""
    return address.choose(
        "Count in", WAYS, key="in", default="picked", widget=st.segmented_control
    )  # fmt: skip


def show(workspace: Workspace, picked: str, layer: str, **choice: Any) -> None:  # noqa: ANN401
    """Ask where, and say how many reports lie there, of what kind and in which months.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    picked : str
        Code of the place picked on the map; '' for none.
    layer : str
        What the map shows, which is what `picked` is.
    **choice
        Source, categories and months, as `analysis.jobs.count_in.count_in`.
    """
    st.header("How many are in here?", anchor=False)
    way = choose_way()
    try:
        area = settle(workspace, way, picked, layer)
    except SaferWalksError as error:
        messages.fault(error)
        return
    if area is None:
        return
    key = cached.key_of(workspace, "count-in", area.name, area.shape.wkb, *sorted(choice.items()))
    found = cached.shelf().get(key)
    if found is None:
        found = count_in(workspace, area, **choice)
        cached.shelf().put(key, found)
    show_found(found)


def settle(workspace: Workspace, way: str, picked: str, layer: str) -> Area | None:
    """Settle the area, or say what to do first."""
    if way == "picked":
        return from_picked(workspace, picked, layer)
    if way == "ward":
        return from_list(workspace)
    if way == "site":
        return round_place(workspace)
    return from_clicks() if way == "draw" else from_text()


def from_picked(workspace: Workspace, picked: str, layer: str) -> Area | None:
    """Take the hexagon or ward picked on the map."""
    if not picked:
        messages.box("note", "Pick a place on the map or from the list above it.")
        return None
    return ward_area(workspace, picked) if layer == "wards" else hexagon_area(picked)


def from_list(workspace: Workspace) -> Area:
    """Take a ward from a list."""
    wards = workspace.wards().sort_values("ward_name", kind="stable")
    options = dict(zip(wards["ward_code"], wards["ward_name"], strict=True))
    code = address.choose("Ward", options, key="in-ward", default=next(iter(options)))
    return ward_area(workspace, code)


def round_place(workspace: Workspace) -> Area | None:
    """Take everything round a named place."""
    places = workspace.places().sort_values("name", kind="stable")
    if places.empty:
        messages.box("note", "No named places are stored yet: bring them in on the Data page.")
        return None
    options = dict(zip(places["place_id"].astype(str), places["name"].astype(str), strict=True))
    code = address.choose(
        f"Within {ROUND_M:g} m of", options, key="in-site", default=next(iter(options))
    )
    return place_area(workspace, code)


def from_clicks() -> Area | None:
    """Take the corners clicked on the map, one after another."""
    corners = st.session_state.get(CORNERS) or []
    count = f"{len(corners)} corner{'' if len(corners) == 1 else 's'}"
    frame.say(
        [
            "Click the corners of the area on the map above, one after another, all the way round. "
            f"So far: {count}."
        ]
    )
    with st.container(horizontal=True):
        st.button("Take the last corner back", on_click=take_back, disabled=not corners)
        st.button("Start again", on_click=start_again, disabled=not corners)
    if len(corners) < 3:
        return None
    return Area("the area drawn", outline_of(corners))


def take_back() -> None:
    """Forget the last corner."""
    st.session_state[CORNERS] = (st.session_state.get(CORNERS) or [])[:-1]


def start_again() -> None:
    """Forget every corner."""
    st.session_state[CORNERS] = []


def from_text() -> Area | None:
    """Take an outline that is typed or pasted, or from a file."""
    sent = st.file_uploader("A file with the outline (GeoJSON, or corners as text)")
    text = st.text_area("Or the corners here", help=HELP, placeholder="51.5151, -0.0723")
    if sent is not None:
        return Area(sent.name, outline_from_text(sent.getvalue().decode("utf-8-sig", "replace")))
    return Area("the area typed in", outline_from_text(text)) if text.strip() else None


def show_found(found: CountIn) -> None:
    """Show a count in an area: the sentence, the kinds, the months, what to know."""
    frame.say([found.sentence(), *found.caveats])
    kinds, months = st.columns([2, 3], gap="large")
    with kinds:
        tables.show(
            found.by_category[found.by_category["count"] > 0],
            {"label": "Kind", "count": "Reports"},
            caption=f"Reports in {found.area.name}, {m.label(found.selection.first)} to "
            f"{m.label(found.selection.last)}",
        )  # fmt: skip
    with months:
        title = f"Reports in {found.area.name} by month"
        charts.by_month(
            found.by_month, caption=title, of=pictures.of_selection(title, found.selection)
        )
