"""The ward boundaries: what is known about them, and how to start with, or change to, others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pandas as pd
import streamlit as st

from analysis.jobs.choices import choices
from analysis.jobs.initialise import initialise
from analysis.jobs.ward_boundaries import (
    WardChangeReport,
    counts_by_vintage,
    list_vintages,
    preview_wards,
    replace_wards,
    use_vintage,
)
from geodata import months as m
from geodata.errors import NotEnoughDataError, SaferWalksError
from geodata.workspace import Workspace, default_path
from pages.components import frame, messages, tables, uploads
from pages.server import clock

T = TypeVar("T")

_RESULT, _PREVIEW, _BY_WARD = "_wards_result", "_wards_preview", "_wards_by_ward"
NOTHING_CHANGED = "Nothing has changed."
CHANGE = {
    "ward_name": "Ward",
    "ward_code": "Code",
    "before": "Reports before",
    "after": "Reports after",
    "change": "Change",
}
VINTAGES = {
    "name": "Called",
    "state": "In use",
    "wards": "Wards",
    "source": "File",
    "stored_at": "Brought in",
    "licence": "Licence",
}
ENDINGS = ["gpkg", "zip", "geojson", "json", "fgb", "parquet"]
FOUND = "found by itself if left empty"
FORMATS = "GeoPackage, zipped Shapefile, GeoJSON, FlatGeobuf or GeoParquet"


def start_own() -> None:
    """From the demo: explain where one's own data go, and take the boundaries that begin them."""
    st.header("Use your own data", anchor=False)
    st.html(
        '<p class="sw-text">You are looking at the demo. Your own data never mix with it: they go '
        "to a workspace of their own, which begins with a file of your ward boundaries. Once it is "
        "there, this app shows your workspace, and you bring in your reports.</p>"
    )
    st.page_link(
        "data/open_data.py", label="Fetch the boundaries and a year of police reports instead",
        icon=":material/arrow_forward:",
    )  # fmt: skip
    _take_boundaries("Start my workspace")


def show_result() -> None:
    """Say, once, what the boundaries given last were found to be."""
    said = st.session_state.pop(_RESULT, None)
    if said:
        messages.box("done", said)
    by_ward = st.session_state.pop(_BY_WARD, None)
    if by_ward is not None and len(by_ward):
        _change_table(by_ward, "Reports in each ward, before and after the change")


def show(workspace: Workspace) -> None:
    """Show what the boundaries are and have been, and take others."""
    st.header("In use", anchor=False)
    tables.facts({k: v for k, v in known(workspace).items() if v})
    frame.say(workspace.ward_info().get("notes", ()))
    _earlier(workspace)
    with st.expander("Change the ward boundaries", expanded=_PREVIEW in st.session_state):
        frame.say(
            [
                "Reports that are already stored are joined to the new wards; none is lost, and "
                "the boundaries of now stay, so that you can go back."
            ]
        )
        _replace(workspace)


def _earlier(workspace: Workspace) -> None:
    """List the boundaries this workspace has had, go back to some, and count by some."""
    listed = list_vintages(workspace)
    if len(listed) < 2:
        return
    st.header("Boundaries this workspace has had", anchor=False)
    listed["state"] = listed["in_use"].map({True: "yes", False: "no"})
    listed["stored_at"] = listed["stored_at"].map(tables.day)
    tables.show(
        listed, tables.known(listed, VINTAGES), caption="Boundaries and when they were brought in"
    )
    chosen: str = st.selectbox("Look at", listed["name"], index=1, key="wards-vintage")
    if chosen != listed["name"].iloc[0] and st.button(f"Use {chosen} again"):
        _do(lambda: use_vintage(workspace.path, chosen, at=_now()))
    try:
        stored = choices(workspace)
        first = max(m.shift(stored.months[-1], -11), stored.months[0])
        counted = counts_by_vintage(workspace, chosen, first=first, last=stored.months[-1])
    except NotEnoughDataError:
        frame.say(["Once reports are stored, they are counted here by these wards."])
        return
    tables.show(
        counted, {"ward_name": "Ward", "ward_code": "Code", "count": "ASB reports"},
        caption=f"The last 12 months counted by the wards of {chosen}: {m.label(first)} to "
        f"{m.label(stored.months[-1])}",
    )  # fmt: skip


def _replace(workspace: Workspace) -> None:
    """Take a file, show what it would change, and change it when a person has seen that."""
    given = _file_and_columns()
    if given is None:
        st.session_state.pop(_PREVIEW, None)
    columns = st.columns([2, 2, 3])
    if columns[0].button("Show what would change", type="primary", disabled=given is None):
        shown = _on_disk(given, lambda path, code, name: preview_wards(
            workspace, path, code=code, name=name
        ))  # fmt: skip
        st.session_state[_PREVIEW] = shown
    shown = st.session_state.get(_PREVIEW)
    if shown is None:
        return
    messages.box("note", shown.message, {"": " ".join(shown.notes)} if shown.notes else None)
    if shown.unchanged:
        return
    _change_table(shown.by_ward, "Reports in each ward, now and with the new boundaries")
    if st.button("Change the boundaries", type="primary", key="wards-change"):
        _do(lambda: _on_disk(given, lambda path, code, name: replace_wards(
            workspace.path, path, code=code, name=name, at=_now()
        )))  # fmt: skip


def _change_table(by_ward: pd.DataFrame, caption: str) -> None:
    tables.show(by_ward, CHANGE, caption=caption)


def _do(change: Callable[[], WardChangeReport | None]) -> None:
    """Make a change, and start the page anew with what came of it."""
    with messages.faults_in_a_box(), st.spinner("Joining the stored reports again"):
        done = change()
    if done is None:
        return
    st.session_state.pop(_PREVIEW, None)
    st.session_state[_RESULT] = done.message
    st.session_state[_BY_WARD] = done.by_ward
    st.rerun()


def known(workspace: Workspace) -> dict[str, str]:
    """Put what reading the boundary file found into words."""
    info, wards = workspace.ward_info(), workspace.wards()
    codes = wards["ward_code"]
    measured = {"overlap_m2": "Claimed by two wards", "gap_m2": "Gaps between wards"}
    return {
        "Wards": f"{len(wards)}, {codes.min()} to {codes.max()}",
        "File": str(info.get("source", "")),
        "Reference system": str(info.get("crs", "")),
        "Area": f"{wards['area_km2'].sum():,.2f} km²",
        **{words: f"{info[key]:,.1f} m²" for key, words in measured.items() if key in info},
    }


Given = tuple[uploads.Upload, str | None, str | None]


def _file_and_columns() -> Given | None:
    file = st.file_uploader(f"Ward boundaries ({FORMATS})", type=ENDINGS, key="wards-file")
    code, name = st.columns(2)
    code_column = code.text_input("Column of ward codes", placeholder=FOUND)
    name_column = name.text_input("Column of ward names", placeholder=FOUND)
    return None if file is None else (file, code_column or None, name_column or None)


def _take_boundaries(button: str) -> None:
    given = _file_and_columns()
    if not st.button(button, type="primary", disabled=given is None):
        return
    report = _on_disk(given, lambda path, code, name: initialise(
        default_path(), path, code=code, name=name, at=_now()
    ))  # fmt: skip
    if report is not None:
        st.session_state[_RESULT] = report.message
        st.rerun()


def _on_disk(given: Given | None, job: Callable[[Path, str | None, str | None], T]) -> T | None:
    """Run a job on an uploaded file; None where there is no file, or it cannot be used."""
    if given is None:
        return None
    file, code, name = given
    try:
        with st.spinner("Reading the boundaries"), uploads.on_disk([file]) as paths:
            return job(paths[0], code, name)
    except SaferWalksError as error:
        messages.fault(error, reassurance=NOTHING_CHANGED)
        return None


def _now() -> str:
    return clock.now().isoformat(timespec="seconds")
