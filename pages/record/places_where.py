"""Where a place lies: a point or an outline on the map, typed, or found by its name."""

from __future__ import annotations

from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import streamlit as st
from streamlit_folium import st_folium

from analysis.jobs.sites import look_up, place_shapes
from analysis.report.maps import base_map
from analysis.report.place_map import corners_shapes, place_layer
from analysis.report.taken import PointParts
from geodata.crs import BNG, to_bng, to_lonlat
from geodata.errors import SaferWalksError
from geodata.locating.gazetteer import Spot
from geodata.outlines import outline_of
from geodata.workspace import Workspace
from pages.components import cached, frame, maps, messages, pictures
from pages.server.clock import now

Click = Literal["pick", "spot", "outline"]

PICKED = "places-place"
"""Where the session keeps the id of the place that is looked at."""

_SPOT, _CORNERS, _FOUND, _FAULT, _TURN, _GOTO = (
    "_where_spot", "_where_corners", "_where_found", "_where_fault", "_where_turn", "_where_goto",
)  # fmt: skip
_CLICKS = ("last_active_drawing", "last_clicked")
_NEAR = 16
WAYS: dict[str, str] = {"spot": "One point", "outline": "An outline"}
HEADING = {
    "pick": "A click picks a place.",
    "spot": "A click says where the place is.",
    "outline": "Each click adds a corner, one after another, all the way round.",
}


def begin_anew() -> None:
    """Forget what was said of where a place is."""
    for key in (_SPOT, _CORNERS, _FOUND, _FAULT):
        st.session_state.pop(key, None)
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1


def go_there() -> None:
    """Bring the place that was picked from the list into view."""
    st.session_state[_GOTO] = st.session_state.get(PICKED)


def ask(here: Workspace) -> dict[str, Any]:
    """Ask where a place is; give the columns of it that are said by now.

    Returns
    -------
    dict
        `easting` and `northing`, or `outline`; empty as long as nothing is said.
    """
    turn = st.session_state.get(_TURN, 0)
    way = st.segmented_control(
        "On the map, draw",
        list(WAYS),
        default="spot",
        format_func=WAYS.__getitem__,
        key="where-way",
    )
    if way == "outline":
        return _outline()
    st.text_input(
        "Or find it", key=f"where-typed-{turn}", on_change=_look, args=(here, turn),
        placeholder="A street, a station, TQ 3465 8176, 534650 181760 or E1 1BJ",
    )  # fmt: skip
    if fault := st.session_state.get(_FAULT):
        messages.fault(fault)
    found: list[Spot] = st.session_state.get(_FOUND, [])
    if len(found) > 1:
        chosen = st.selectbox(
            "It could be", range(len(found)), index=None, key=f"where-found-{turn}-{len(found)}",
            format_func=lambda n: _named(here, found[n]), placeholder="Choose one",
        )  # fmt: skip
        if chosen is not None:
            st.session_state[_SPOT] = found[chosen]
            st.session_state[_FOUND] = []
            st.rerun()
    spot: Spot | None = st.session_state.get(_SPOT)
    if spot is None:
        frame.say(["Nothing is said yet of where it is. Click on the map, or find it here."])
        return {}
    frame.say([f"Chosen: {_named(here, spot)}, {spot.easting:,.0f}, {spot.northing:,.0f}"])
    return {"easting": round(spot.easting, 1), "northing": round(spot.northing, 1), "outline": ""}


def way() -> Click:
    """Tell what a click says of the place that is being added or moved."""
    return "outline" if st.session_state.get("where-way") == "outline" else "spot"


def _named(here: Workspace, spot: Spot) -> str:
    inside = here.wards().intersects(shapely.Point(spot.easting, spot.northing)).to_numpy()
    wards = here.wards()["ward_name"][inside].tolist()
    return f"{spot.name or 'the point clicked'} ({wards[0] if wards else 'outside the wards'})"


def _look(here: Workspace, turn: int) -> None:
    typed = str(st.session_state.get(f"where-typed-{turn}") or "").strip()
    for key in (_FAULT, _FOUND):
        st.session_state.pop(key, None)
    if not typed:
        return
    try:
        found = look_up(here, typed)
    except SaferWalksError as fault:
        st.session_state[_FAULT] = fault
        return
    if len(found) == 1:
        st.session_state[_SPOT] = found[0]
    else:
        st.session_state[_FOUND] = found


def _outline() -> dict[str, Any]:
    corners = st.session_state.get(_CORNERS) or []
    count = f"{len(corners)} corner{'' if len(corners) == 1 else 's'}"
    frame.say([f"{HEADING['outline']} So far: {count}."])
    with st.container(horizontal=True):
        st.button("Take the last corner back", on_click=_take_back, disabled=not corners)
        st.button("Start again", on_click=begin_anew, disabled=not corners)
    if len(corners) < 3:
        return {}
    try:
        shape = outline_of(corners)
    except SaferWalksError as fault:
        messages.fault(fault)
        return {}
    frame.say([f"It holds {shape.area / 10_000:,.1f} hectares."])
    return {"outline": shape.wkt}


def _take_back() -> None:
    st.session_state[_CORNERS] = (st.session_state.get(_CORNERS) or [])[:-1]


def show_map(here: Workspace, shown: pd.DataFrame, click: Click) -> None:
    """Draw the places on a map; a click picks one, or says where another is.

    Parameters
    ----------
    here : Workspace
        Wards and places for context.
    shown : pandas.DataFrame
        As `analysis.jobs.sites.known_places` gives it.
    click : {'pick', 'spot', 'outline'}
        What a click does.
    """
    look, key = maps.theme(), "frame-places"

    def take_click() -> None:
        answer = st.session_state.get(key) or {}
        at = answer.get("last_clicked")
        if click == "pick":
            drawn = answer.get("last_active_drawing") or {}
            name = (drawn.get("properties") or {}).get("id")
            if name in set(shown["site_id"]):
                st.session_state[PICKED] = name
        elif at:
            _take_point(at, click)

    chosen = str(st.session_state.get(PICKED) or "") if click == "pick" else ""
    with st.container(key="map-places"):
        st.html('<span hidden data-frame-title="Map of places"></span>')
        st_folium(
            base_map(
                here.wards(), here.places(), label="Map of places", theme=look,
                **vars(cached.bearings(here)),
            ),
            key=key, height=maps.HEIGHT, use_container_width=True,
            feature_group_to_add=place_layer(
                place_shapes(shown), chosen=chosen, drawn=_drawn(click), theme=look
            ),
            returned_objects=_CLICKS, on_change=take_click, **_view(shown, click),
        )  # fmt: skip
    frame.small(f"{HEADING[click]} The same can be done without the map, in the boxes below.")
    maps.say_whose(here)
    if click == "pick":
        placed = place_shapes(shown)
        parts = PointParts(placed, "places" if len(placed) != 1 else "place")
        pictures.offer_points(parts, "Places", f"As at {now():%d %B %Y}")


def _take_point(at: dict[str, float], click: Click) -> None:
    if click == "outline":
        corners = st.session_state.setdefault(_CORNERS, [])
        corner = (round(at["lng"], 6), round(at["lat"], 6))
        if not corners or corners[-1] != corner:
            st.session_state[_CORNERS] = [*corners, corner]
        return
    x, y = to_bng(np.array([at["lng"]]), np.array([at["lat"]]))
    point = shapely.Point(float(x[0]), float(y[0]))
    st.session_state[_SPOT] = Spot("", "point", point.x, point.y, 10.0, point)


def _drawn(click: Click) -> gpd.GeoSeries | None:
    """Give what is being drawn: corners and lines, or a mark round the point."""
    if click == "outline" and st.session_state.get(_CORNERS):
        corners = np.array(st.session_state[_CORNERS], dtype="float64")
        shapes = corners_shapes(np.column_stack(to_bng(*corners.T)))
    elif click == "spot" and st.session_state.get(_SPOT):
        spot: Spot = st.session_state[_SPOT]
        shapes = [shapely.Point(spot.easting, spot.northing)]
    else:
        return None
    return gpd.GeoSeries(shapes, crs=BNG)


def _view(shown: pd.DataFrame, click: Click) -> dict[str, Any]:
    """Say what to bring into view: what was found by its name or picked from the list, if any."""
    spot: Spot | None = st.session_state.get(_SPOT) if click == "spot" else None
    row = shown[shown["site_id"].eq(str(st.session_state.get(_GOTO))) & shown["easting"].notna()]
    if spot is not None and spot.name:
        x, y = spot.easting, spot.northing
    elif click == "pick" and len(row):
        x, y = row["easting"].iloc[0], row["northing"].iloc[0]
    else:
        return {}
    lon, lat = to_lonlat(np.array([x]), np.array([y]))
    return {"center": (float(lat[0]), float(lon[0])), "zoom": _NEAR}
