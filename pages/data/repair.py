"""Mend places: what could not be found on the map, one wording after another, pinned once."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit_folium import st_folium

from analysis.jobs import repair
from analysis.jobs.repair import RADII, Group, Waiting
from analysis.report.escaping import html_text
from analysis.report.maps import base_map
from analysis.report.pin_map import pin_layer
from geodata import layers
from geodata import months as m
from geodata.crs import to_bng, to_lonlat
from geodata.errors import SaferWalksError
from geodata.locating.gazetteer import Spot
from geodata.locating.match import METHODS, REASONS, Match
from geodata.locating.pins import VERDICTS, Verdict, Wording
from geodata.vocabularies import SOURCES
from geodata.workspace import Workspace
from pages.components import cached, frame, maps, messages, sign_in, tables
from pages.server.clock import stamp

_DONE, _SPOT, _GROUP, _ROUND = "_repair_done", "_repair_spot", "repair-group", "_repair_round"
_FAULT, _VIEW = "_repair_fault", "_repair_view"

COLUMNS = {
    "shown": "What the report says", "rows": "Reports", "why": "Why it is not placed",
    "label": "Source", "first": "From", "last": "To",
}  # fmt: skip
PINS = {
    "shown": "What the report says", "decided": "Decided", "place": "Easting, northing",
    "radius_m": "Known to (m)", "by": "By", "on": "On",
}  # fmt: skip
_NEAR, _FAR = 16, 12


def show(workspace: Workspace) -> None:
    """Show what waits, take one wording after another, and keep the pins in order."""
    _show_result()
    found = cached.waiting(workspace)
    _progress(found)
    if found.groups:
        _hint_at_gazetteer(workspace)
        _mend(workspace, found)
        with st.expander(f"All {len(found.groups):,} wordings that wait"):
            tables.show(
                found.table, COLUMNS, caption="Most reports first", months=["first", "last"],
                tall=True,
            )  # fmt: skip
    elif found.rows:
        messages.box("done", "Nothing waits for a place.")
    _pins(workspace)


def _show_result() -> None:
    message = st.session_state.pop(_DONE, None)
    if message:
        messages.box("done", message)
    fault = st.session_state.pop(_FAULT, None)
    if fault:
        messages.fault(fault)


def _progress(found: Waiting) -> None:
    if not found.rows:
        messages.box("note", found.message)
        return
    done = sum(found.placed.values())
    st.progress((done + found.settled) / found.rows, f"{done:,} of {found.rows:,} rows placed")
    facts = {words.capitalize(): f"{found.placed[way]:,}" for way, words in METHODS.items()
             if way in found.placed}  # fmt: skip
    if found.settled:
        facts["Cannot be placed, or lies outside"] = f"{found.settled:,}"
    facts["Waits for somebody who knows"] = f"{found.waiting:,}"
    if found.silent:
        facts["Says nothing of its place that may be shown"] = f"{found.silent:,}"
    tables.facts(facts)


def _hint_at_gazetteer(workspace: Workspace) -> None:
    if layers.gazetteer(workspace) is None and workspace.kind == "real":
        messages.box(
            "note", "No gazetteer has been brought in yet, so no postcode is known here.",
            {"What to do": "Run `safer-walks fetch gazetteer`: postcodes and street names from the "
             "Ordnance Survey, looked up on this machine. It may leave little to do by hand."},
        )  # fmt: skip


def _mend(workspace: Workspace, found: Waiting) -> None:
    st.header("Where is this?", anchor=False)
    turn = st.session_state.setdefault(_ROUND, 0)
    by_key = {"|".join(g.wording.key): g for g in found.groups}
    chosen = st.selectbox(
        "What the reports say (most reports first)", list(by_key), key=f"{_GROUP}-{turn}",
        format_func=lambda key: f"{by_key[key].wording.shown} - {_reports(by_key[key].rows)}",
        on_change=_forget,
    )  # fmt: skip
    group = by_key[chosen]
    could_be = repair.candidates(workspace, group.wording)
    left, right = st.columns([2, 3], gap="large")
    with left:
        _about(group)
        _ways_to_say(workspace, could_be, f"{turn}-{chosen}")
    spot: Spot | None = st.session_state.get(_SPOT)
    with left:
        radius = _radius(spot, turn) if spot else 0.0
        _buttons(workspace, group, spot, radius)
    with right:
        _map(workspace, could_be, spot, radius)


def _reports(rows: int) -> str:
    return "1 report" if rows == 1 else f"{rows:,} reports"


def _about(group: Group) -> None:
    wording, span = group.wording, m.label(group.first)
    if group.last != group.first:
        span = f"{span} to {m.label(group.last)}"
    facts = {
        "The report says": ", ".join(
            w for w in (wording.text, wording.postcode, wording.number) if w
        ),
        "Ward in the file": wording.ward,
        "Reports": f"{group.rows:,}, {span}",
        "Source": SOURCES[wording.source],
        "Why it waits": REASONS[group.reason].capitalize(),
    }
    tables.facts({label: text for label, text in facts.items() if text})


def _ways_to_say(workspace: Workspace, could_be: Match, key: str) -> None:
    spots = could_be.candidates

    def take_candidate() -> None:
        number = st.session_state[f"candidate-{key}"]
        if number is not None:
            _choose(spots[number])

    def take_typed() -> None:
        typed = st.session_state[f"typed-{key}"].strip()
        if not typed:
            return
        try:
            _choose(repair.find_place(workspace, typed))
        except SaferWalksError as fault:
            st.session_state[_FAULT] = fault

    if spots:
        st.selectbox(
            "It could be", range(len(spots)), index=None, key=f"candidate-{key}",
            format_func=lambda n: f"{spots[n].name} ({n + 1})" if len(spots) > 1 else spots[n].name,
            placeholder="Choose, or say below", on_change=take_candidate,
        )  # fmt: skip
    st.text_input(
        "Grid reference, easting and northing, or postcode", key=f"typed-{key}",
        placeholder="TQ 3465 8176, or 534650 181760, or E1 1BJ", on_change=take_typed,
    )  # fmt: skip
    frame.say(["Or click on the map."])


def _choose(spot: Spot) -> None:
    st.session_state[_SPOT] = spot
    st.session_state[_VIEW] = st.session_state.get(_VIEW, 0) + 1


def _forget() -> None:
    st.session_state.pop(_SPOT, None)


def _radius(spot: Spot, turn: int) -> float:
    """Ask how exact it is, in words; the smallest that what was chosen allows is offered first."""
    sizes = list(RADII)
    usual = next((n for n, size in enumerate(sizes) if size >= spot.radius_m), len(sizes) - 1)
    return st.radio(
        "How exact is that?", sizes, index=usual, format_func=RADII.__getitem__,
        key=f"radius-{turn}-{st.session_state.get(_VIEW, 0)}",
    )  # fmt: skip


def _buttons(workspace: Workspace, group: Group, spot: Spot | None, radius: float) -> None:
    if spot:
        where = f"{spot.easting:,.0f}, {spot.northing:,.0f}"
        name = f"{spot.name}: " if spot.name and spot.kind != "point" else ""
        inside = workspace.wards().intersects(spot.shape).to_numpy()
        names = workspace.wards()["ward_name"][inside].tolist()
        st.html(
            f'<p class="sw-text"><strong>Chosen:</strong> {html_text(name + where)}, '
            f"{html_text(names[0] if names else 'outside the wards')}</p>"
        )
    count = _reports(group.rows)
    if st.button(f"Place {count} here", type="primary", disabled=spot is None) and spot:
        _save(workspace, group.wording, "here", spot, radius)
    lies_outside, cannot, _ = st.columns([1, 1, 0.01])
    if lies_outside.button("Lies outside", help="It lies outside these wards.", width="stretch"):
        _save(workspace, group.wording, "outside")
    if cannot.button("Cannot be placed", help="Nobody can say where it is.", width="stretch"):
        _save(workspace, group.wording, "nowhere")


def _save(
    workspace: Workspace, wording: Wording, verdict: Verdict, spot: Spot | None = None,
    radius: float = float("nan"),
) -> None:  # fmt: skip
    bar = st.progress(0.0, "Placing the reports")
    try:
        sign_in.require("import reports")
        place = {"easting": spot.easting, "northing": spot.northing} if spot else {}
        done = repair.pin(
            workspace, wording, verdict, radius_m=radius, by=sign_in.visitor().name, at=stamp(),
            progress=partial(_advance, bar), **place,
        )  # fmt: skip
    except SaferWalksError as error:
        st.session_state[_FAULT] = error
    else:
        _finish(done.message)
    finally:
        bar.empty()
    st.rerun()


def _finish(message: str) -> None:
    st.session_state[_DONE] = message
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    _forget()


def _map(workspace: Workspace, could_be: Match, spot: Spot | None, radius: float) -> None:
    key = f"pin-map-{st.session_state[_ROUND]}"

    def take_click() -> None:
        answer = st.session_state.get(key) or {}
        at = answer.get("last_clicked")
        if at:
            x, y = to_bng(np.array([at["lng"]]), np.array([at["lat"]]))
            name = "the place clicked"
            st.session_state[_SPOT] = repair.spot_at(float(x[0]), float(y[0]), 50.0, name)

    look = maps.theme()
    with st.container(key="map-repair"):
        st.html('<span hidden data-frame-title="Map to click a place on"></span>')
        st_folium(
            base_map(workspace.wards(), workspace.places(), label="Map to click on", theme=look),
            key=key, height=maps.HEIGHT, use_container_width=True,
            feature_group_to_add=pin_layer(
                could_be.candidates, spot, radius_m=radius, streets=layers.streets(workspace),
                theme=look,
            ),
            center=_centre(spot), zoom=_NEAR if spot else None,
            returned_objects=["last_clicked"], on_change=take_click,
        )  # fmt: skip
    count = len(could_be.candidates)
    said = f"{count} candidates are marked. " if count > 1 else "1 candidate is marked. " * count
    pinned = "The pin and the circle show what is chosen." if spot else "Nothing is chosen yet."
    frame.say([f"{said}{pinned} The same can be done without the map, in the boxes beside it."])
    maps.say_whose(workspace)


def _centre(spot: Spot | None) -> tuple[float, float] | None:
    if spot is None:
        return None
    lon, lat = to_lonlat(np.array([spot.easting]), np.array([spot.northing]))
    return float(lat[0]), float(lon[0])


def _pins(workspace: Workspace) -> None:
    """Show what was decided, to be taken out, taken away and brought in."""
    table = repair.list_pins(workspace)
    st.header("What is pinned", anchor=False)
    if table.empty:
        frame.say(["Nothing is pinned yet. What you pin is remembered for every later file."])
    else:
        _pin_table(workspace)
    look, out = st.columns(2)
    if look.button("Look again in the gazetteer", help="For what is new in it since the import"):
        rows = repair.locate_again(workspace, at=stamp())
        _finish(f"{rows:,} rows are placed otherwise than before.")
        st.rerun()
    if not table.empty:
        out.download_button(
            "Pins as a table (CSV)", partial(repair.export_pins, workspace),
            "safer-walks-pins.csv", "text/csv", on_click="ignore", icon=":material/download:",
        )  # fmt: skip
    with st.expander("Bring in pins from a table"):
        _bring_in(workspace)


def _pin_table(workspace: Workspace) -> None:
    pins = repair.pinned(workspace)
    table = repair.list_pins(workspace)
    table["shown"] = [pin.wording.shown for pin in pins]
    table["decided"] = table["verdict"].map(VERDICTS).str.capitalize()
    here = table["verdict"].eq("here")
    place = [
        f"{x:,.0f}, {y:,.0f}" for x, y in zip(table["easting"], table["northing"], strict=True)
    ]
    table = table.assign(place=place, on=table["at"].str[:10])
    table["place"] = table["place"].where(here, "")
    tables.show(table, tables.known(table, PINS), caption="Pins", tall=True)
    turn = st.session_state.get(_ROUND, 0)
    number = st.selectbox(
        "Take a pin out", range(len(pins)), index=None, key=f"unpin-{turn}",
        format_func=lambda n: pins[n].wording.shown, placeholder="Choose which",
    )  # fmt: skip
    if number is not None and st.button("Take this pin out"):
        try:
            sign_in.require("import reports")
            _finish(repair.unpin(workspace, pins[number].wording, at=stamp()).message)
        except SaferWalksError as error:
            st.session_state[_FAULT] = error
        st.rerun()


def _bring_in(workspace: Workspace) -> None:
    turn = st.session_state.get(_ROUND, 0)
    file = st.file_uploader("Table of pins", type=["csv"], key=f"pins-{turn}")
    if st.button("Bring in these pins", disabled=file is None) and file is not None:
        try:
            sign_in.require("import reports")
            _finish(repair.import_pins(workspace, file.getvalue(), at=stamp()).message)
        except SaferWalksError as error:
            st.session_state[_FAULT] = error
        st.rerun()


def _advance(bar: DeltaGenerator, share: float, words: str) -> None:
    bar.progress(min(max(share, 0.0), 1.0), words)
