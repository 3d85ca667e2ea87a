"""The ward boundaries: what is known about them, and how to start with, or change to, others."""

from __future__ import annotations

import streamlit as st

from analysis.jobs.initialise import initialise
from geodata.errors import SaferWalksError
from geodata.workspace import Workspace, default_path
from pages.components import frame, messages, tables, uploads

_RESULT = "_wards_result"
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
    _take_boundaries("Start my workspace")


def show_result() -> None:
    """Say, once, what the boundaries given last were found to be."""
    said = st.session_state.pop(_RESULT, None)
    if said:
        messages.box("done", said)


def show(workspace: Workspace) -> None:
    """Show what the boundaries are, and take others."""
    st.header("In use", anchor=False)
    tables.facts({k: v for k, v in known(workspace).items() if v})
    frame.say(workspace.ward_info().get("notes", ()))
    with st.expander("Change the ward boundaries"):
        st.html(
            '<p class="sw-text">Reports that are already stored are joined to the new wards; none '
            "is lost.</p>"
        )
        _take_boundaries("Change the boundaries")


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


def _take_boundaries(button: str) -> None:
    file = st.file_uploader(f"Ward boundaries ({FORMATS})", type=ENDINGS, key="wards-file")
    code, name = st.columns(2)
    code_column = code.text_input("Column of ward codes", placeholder=FOUND)
    name_column = name.text_input("Column of ward names", placeholder=FOUND)
    if not st.button(button, type="primary", disabled=file is None) or file is None:
        return
    try:
        with st.spinner("Reading the boundaries"), uploads.on_disk([file]) as paths:
            report = initialise(
                default_path(), paths[0], code=code_column or None, name=name_column or None
            )
    except SaferWalksError as error:
        messages.fault(error, reassurance="Nothing has changed.")
        return
    st.session_state[_RESULT] = report.message
    st.rerun()
