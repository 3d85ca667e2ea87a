"""What a route should keep to, asked on the Route page."""

from __future__ import annotations

from typing import cast

import numpy as np
import streamlit as st

from analysis.jobs.route_start import Surroundings
from analysis.routing.wishes import PACE_KMH, SHAPES, Around, RouteWishes, Shape
from geodata.crs import to_bng
from pages.components import address, filters

MINUTES = {str(n): f"{n} minutes" for n in (30, 45, 60, 75, 90, 120)}
STAYS = {str(n): f"{n} minutes" for n in (5, 6, 7, 8, 10)}
ENDS: dict[str, str] = {"loop": SHAPES["loop"], "line": SHAPES["line"]}
LIGHT = {"auto": "Unless it is daylight", "yes": "Yes", "no": "No"}
AVOID_M = 100.0
_AREAS = "_route_areas"
_NEAR_M = 1_500.0


def ask(near: Surroundings) -> RouteWishes:
    """Ask for the wishes; the usual ones stand there already."""
    with filters.bar():
        minutes = address.choose("How long", MINUTES, key="minutes", default=_usual(near))
        shape = address.choose("Where it ends", ENDS, key="shape", default="loop")
        stay = address.choose("At each stop", STAYS, key="stay", default="7")
        lit = address.choose("Prefer lit, overlooked streets", LIGHT, key="lit", default="auto")
    step_free = st.checkbox("Without steps, as far as the map knows them", key="step-free")
    with st.expander("Leave out, end, pace"):
        streets = st.multiselect("Do not walk along", _street_names(near), key="avoid-streets")
        places = st.multiselect("Propose no stop at", _place_names(near), key="avoid-places")
        end = ""
        if shape == "line":
            names = sorted({spot.name for spot in near.ends})
            end = st.selectbox(
                "End at", ["", *names], format_func=lambda n: n or "whichever suits", key="end-at"
            )
        pace = st.slider("Walking pace, km/h", 2.0, 6.0, PACE_KMH, 0.5, key="pace")
        _show_areas()
    return RouteWishes(
        float(minutes), cast("Shape", shape), float(stay), pace, step_free,
        {"auto": None, "yes": True, "no": False}[lit], tuple(streets), _areas(), tuple(places),
        end,
    )  # fmt: skip


def keep_out(lat: float, lon: float) -> None:
    """Keep the route out of a circle where somebody clicked."""
    x, y = to_bng(np.array([lon]), np.array([lat]))
    circle = Around(round(float(x[0]), 1), round(float(y[0]), 1), AVOID_M)
    st.session_state[_AREAS] = (*_areas(), circle)


def _areas() -> tuple[Around, ...]:
    return st.session_state.get(_AREAS, ())


def _show_areas() -> None:
    if _areas() and st.button(f"Forget the {len(_areas())} circles kept out of"):
        st.session_state[_AREAS] = ()
        st.rerun()


def _usual(near: Surroundings) -> str:
    planned = near.outset.minutes
    return str(round(planned)) if planned and str(round(planned)) in MINUTES else "60"


def _street_names(near: Surroundings) -> list[str]:
    if near.streets is None:
        return []
    streets = near.streets.streets
    x, y = near.outset.place
    box = (x - _NEAR_M, y - _NEAR_M, x + _NEAR_M, y + _NEAR_M)
    names = streets["name"].iloc[streets.sindex.intersection(box)].fillna("")
    return sorted(set(names) - {""})


def _place_names(near: Surroundings) -> list[str]:
    return sorted(set(near.known.named["name"].astype(str)))
