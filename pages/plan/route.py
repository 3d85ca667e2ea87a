"""The Route page: where a walk goes, changed by hand, with its times, and files to take along."""

from __future__ import annotations

import datetime as dt
from functools import partial

import shapely
import streamlit as st
from streamlit_folium import st_folium

from analysis.jobs.route import Route, save_route
from analysis.jobs.route_start import Surroundings, walks_to_route
from analysis.report.maps import base_map
from analysis.report.route_map import route_layer
from geodata.records.fields import LONDON
from pages.components import address, cached, frame, maps, messages, sign_in
from pages.components.session import workspace
from pages.plan import route_draft as draft
from pages.plan import route_files_offered, route_stops, route_wishes
from pages.record import saving
from pages.server.clock import now

FROM_POINT = "point"
AROUND_M = 120.0  # of ground shown round the route

CLICKS = {
    "stop": "adds a stop",
    "out": "takes one out",
    "avoid": "keeps 100 m off",
    "start": "sets the start",
}


def choose_walk() -> str:
    """Offer the events that walk, those to come first, and a point of the map."""
    walks = walks_to_route(here, today=now().date())
    names = {w.event_id: f"{w.title}{_on(w.starts_at)} ({w.event_id})" for w in walks}
    options = {**names, FROM_POINT: "From a point on the map"}
    return address.choose("Walk", options, key="event", default=next(iter(options)))


def _on(start: dt.datetime | None) -> str:
    return f", {start.day} {start:%b %Y, %H:%M}" if start else ", no date yet"


def choose_point() -> dt.datetime | None:
    """Ask where and when a walk that is no event sets out."""
    typed, day_box, time_box = st.columns([2, 1, 1])
    place = typed.text_input(
        "Easting and northing of the start", placeholder="534600, 181800", key="route-typed",
        help="Metres of the British National Grid. Or click on the map.", on_change=_take_typed,
    )  # fmt: skip
    day = day_box.date_input("Day", None, format="DD/MM/YYYY")
    clock = time_box.time_input("Start", None)
    if st.session_state.get(draft.POINT) is None:
        said = f"“{place}” is no easting and northing." if place else "Nothing is chosen yet."
        messages.box("note", said, {"What to do": "click where the walk sets out, or type it"})
    return dt.datetime.combine(day, clock, LONDON) if day and clock else None


def _take_typed() -> None:
    parts = str(st.session_state["route-typed"]).replace(";", ",").split(",")
    try:
        x, y = (float(part) for part in parts)
    except ValueError:
        return
    st.session_state[draft.POINT] = (x, y)
    draft.forget()


def show_map(near: Surroundings | None, route: Route | None, walk: str) -> None:
    """Draw the route, and take clicks."""
    kinds = CLICKS if not walk else {k: v for k, v in CLICKS.items() if k != "start"}
    mode = "start"
    if route is not None:
        mode = address.choose(
            "A click on the map", kinds, key="click", default="stop", widget=st.segmented_control
        )
    look, key = maps.theme(), f"route-map-{walk or 'point'}"

    def take_click() -> None:
        at = (st.session_state.get(key) or {}).get("last_clicked")
        if not at or at == st.session_state.get("_route_clicked"):
            return
        st.session_state["_route_clicked"] = at
        if mode == "start":
            draft.start_clicked(at["lat"], at["lng"])
        elif mode == "avoid":
            route_wishes.keep_out(at["lat"], at["lng"])
        elif mode == "out":
            draft.remove_nearest(at["lat"], at["lng"])
        else:
            draft.add_clicked(at["lat"], at["lng"])

    with st.container(key="map-route"):
        st.html('<span hidden data-frame-title="Map of the route"></span>')
        drawn = base_map(
            here.wards(), here.places(), label="Map of the route", theme=look,
            **vars(cached.bearings(here)),
            focus=None if route is None else shapely.box(*draft.view()).buffer(AROUND_M),
        )  # fmt: skip
        st_folium(
            drawn, key=key, height=maps.HEIGHT, use_container_width=True,
            feature_group_to_add=None if near is None or route is None else layer(near, route),
            returned_objects=["last_clicked"], on_change=take_click,
        )  # fmt: skip
    frame.small("The stops stand in the list too, where they can be changed without the map.")
    maps.say_whose(here)


def layer(near: Surroundings, route: Route) -> object:
    """Draw the route as a group that can be swapped."""
    streets = near.streets.streets if near.streets is not None else None
    avoid = [(a.easting, a.northing, a.radius_m) for a in route.wishes.avoid_areas]
    return route_layer(
        route.line, route_stops.marks(route), streets=streets, avoid=avoid, theme=maps.theme()
    )


def show_saving(route: Route) -> None:
    """Keep the stops on the event."""
    if not route.outset.event_id or not sign_in.allowed("action", "edit events"):
        return
    if st.button("Save the stops to the event", type="primary"):
        begun = draft.begun(route)

        def said(count: int) -> str:
            draft.forget()
            return f"{count} stops are stored. The feedback form offers them in this order."

        saving.store("edit events", partial(save_route, here, begun), said)


here = workspace()
frame.heading(
    "Route",
    "The way a walk takes: stops worth most in the time, changed by hand as those who lead it "
    "know better, with times, light and a card to take along.",
)
with messages.faults_in_a_box():
    saving.show_done()
    picked = choose_walk()
    event = "" if picked == FROM_POINT else picked
    begins = None if event else choose_point()
    if event or st.session_state.get(draft.POINT) is not None:
        around = draft.around(here, event, begins)
        wishes = route_wishes.ask(around)
        found = draft.current(around, event, wishes)
        route_stops.say(found)
        left, right = st.columns([5, 4], gap="medium")
        with left:
            show_map(around, found, event)
        with right:
            route_stops.show(around, found)
            show_saving(found)
        route_stops.details(found)
        route_files_offered.show(here, found)
    else:
        show_map(None, None, "")
    address.show_faults()
