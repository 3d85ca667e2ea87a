"""The stops of a route on its page: what they come to, a list to change, and why each is there."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analysis.jobs.route import Route, RouteStop
from analysis.jobs.route_files import walk_words
from analysis.jobs.route_start import Surroundings
from analysis.report.escaping import html_text
from analysis.routing.spots import spots_near
from pages.components import frame, messages, tables
from pages.plan import route_draft as draft

COLUMNS = {"number": "Stop", "name": "Place", "why": "Why", "look": "What to look at"}
_OFFERED, _NEAR_M = 40, 2_000.0


def say(route: Route) -> None:
    """Say what the route comes to, and what is wrong with it."""
    if route.over >= 0.5 or route.unreachable:
        lines = {"": "; ".join(route.unreachable)} if route.unreachable else None
        messages.box("attention", route.message, lines)
    else:
        frame.say([route.message])
    if route.light is not None:
        frame.say([route.light.sentence])
    if route.outset.is_restricted:
        frame.small("Restricted: a women-only walk or a Walk and Talk. Its route goes into nothing "
                    "public; pass it to those who lead the walk only.")  # fmt: skip


def show(near: Surroundings, route: Route) -> None:
    """List the stops, each with buttons, and offer others."""
    with st.container(key="route-stops"):
        _line("S", route.outset.name, route.clock(0.0), "")
        for number, stop in enumerate(route.stops):
            _stop(route, number, stop)
        way = walk_words(route.end_way.metres, route.end_way.streets)
        _line("E", route.end.name, route.clock(route.minutes), way)
    _offer(near, route)
    left = st.container(horizontal=True)
    left.button("Propose stops anew", on_click=draft.release)
    if route.outset.event_id and near.outset.stops:
        left.button("Back to what is stored", on_click=draft.forget)


def _stop(route: Route, number: int, stop: RouteStop) -> None:
    times = f"{route.clock(stop.arrive)} to {route.clock(stop.leave)}"
    walk = walk_words(stop.way.metres, stop.way.streets)
    _line(str(number + 1), stop.spot.name, times, walk)
    with st.container(horizontal=True, key=f"stop-{number}-buttons"):
        name, last = stop.spot.name, len(route.stops) - 1
        for label, by in (("Up", -1), ("Down", 1)):
            st.button(
                label, key=f"stop-{number}-{label}", on_click=draft.move, args=(number, by),
                disabled=not 0 <= number + by <= last, help=f"{name}: {label.lower()} in the order",
            )  # fmt: skip
        st.button(
            "Remove", key=f"stop-{number}-remove", on_click=draft.remove, args=(number,),
            help=f"Take {name} out of the route",
        )  # fmt: skip


def _line(label: str, name: str, times: str, walk: str) -> None:
    walked = f'<br><span class="sw-quiet">{html_text(walk)}</span>' if walk else ""
    st.html(
        f'<p class="sw-stop-line"><span class="sw-stop-mark">{html_text(label)}</span>'
        f"<span><strong>{html_text(name)}</strong>, {html_text(times)}{walked}</span></p>"
    )


def _offer(near: Surroundings, route: Route) -> None:
    """Offer other places as stops, those worth most first."""
    taken = {stop.spot.name for stop in route.stops}
    spots = [
        s for s in spots_near(near.known, near.outset.place, _NEAR_M, most=_OFFERED)
        if s.name not in taken
    ]  # fmt: skip
    if not spots:
        return
    turn = st.session_state.setdefault("_route_added", 0)
    number = st.selectbox(
        "Add a stop", range(len(spots)), index=None, key=f"route-add-{turn}",
        format_func=lambda n: f"{spots[n].name[:1].upper()}{spots[n].name[1:]}",
        placeholder="Choose a place, or click on the map",
    )  # fmt: skip
    if number is not None:
        st.session_state["_route_added"] = turn + 1
        draft.add(spots[number].name, *spots[number].place)
        st.rerun()


def details(route: Route) -> None:
    """Say why each stop is there, what to look at, and how the route was made."""
    st.header("Why these stops", anchor=False)
    rows = [
        {"number": n, "name": s.spot.name, "why": s.spot.why or "chosen by hand",
         "look": " ".join(s.spot.look_at)}
        for n, s in enumerate(route.stops, start=1)
    ]  # fmt: skip
    if rows:
        tables.show(pd.DataFrame(rows), COLUMNS, caption="Stops, with what to look at")
    else:
        messages.box(
            "note", "The route has no stop",
            {"What to do": "click on the map, choose a place in the list, or allow more time"},
        )  # fmt: skip
    frame.say(route.notes)


def marks(route: Route) -> list[tuple[str, str, float, float]]:
    """List what stands on the map: the start, the stops by number, the end of a line."""
    found = [("S", f"Start: {route.outset.name}", *route.outset.place)]
    if route.end.place != route.outset.place:
        found.append(("E", f"End: {route.end.name}", *route.end.place))
    found += [
        (str(n), f"{n}. {s.spot.name}", *s.spot.place) for n, s in enumerate(route.stops, start=1)
    ]
    return found
