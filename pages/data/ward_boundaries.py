"""The ward boundaries: what is known about them, and how to start with, or change to, others."""

from __future__ import annotations

import streamlit as st

from analysis.jobs.initialise import initialise
from geodata.errors import SaferWalksError
from geodata.workspace import Workspace, default_path
from pages.components import messages, tables, uploads

_RESULT = "_wards_result"
ENDINGS = ["gpkg", "zip", "geojson", "json", "fgb", "parquet"]
FORMATS = "GeoPackage, zipped Shapefile, GeoJSON, FlatGeobuf or GeoParquet"


def start_own() -> None:
    """From the demo: explain where one's own data go, and take the boundaries that begin them."""
    st.header("Use your own data", anchor=False)
    st.html(
        '<p class="sw-text">You are looking at the demo. Your own data never mix with it: they go '
        "to a workspace of their own, which begins with a file of your ward boundaries. Once it is "
        "there, this app shows your workspace, and you bring in your reports on this page.</p>"
    )
    _take_boundaries("Start my workspace")


def show(workspace: Workspace) -> None:
    """Show what the boundaries are, and take others."""
    st.header("Ward boundaries", anchor=False)
    said = st.session_state.pop(_RESULT, None)
    if said:
        messages.box("done", said)
    tables.facts({k: v for k, v in known(workspace).items() if v})
    with st.expander("Change the ward boundaries"):
        st.html(
            '<p class="sw-text">Reports that are already stored are joined to the new wards; none '
            "is lost.</p>"
        )
        _take_boundaries("Change the boundaries")


def known(workspace: Workspace) -> dict[str, str]:
    """Put what reading the boundary file found into words."""
    info, wards = workspace.ward_info(), workspace.wards()
    square_metres = {"overlap_m2": "Overlaps between wards", "gap_m2": "Gaps between wards"}
    return {
        "Wards": f"{len(wards)}, from {wards['ward_code'].iloc[0]} to {wards['ward_code'].iloc[-1]}",
        "File": str(info.get("file") or info.get("source") or ""),
        "Edition": str(info.get("vintage") or ""),
        "Reference system of the file": str(info.get("crs") or ""),
        "Area": f"{wards['area_km2'].sum():,.2f} km²",
        **{
            words: f"{float(info[key]):,.1f} m²"
            for key, words in square_metres.items()
            if info.get(key) is not None
        },
        "Shapes repaired": _repaired(info.get("repaired")),
    }


def _repaired(said: object) -> str:
    if isinstance(said, list):
        return ", ".join(map(str, said)) or "none"
    return "none" if said in (0, None, False) else str(said)


def _take_boundaries(button: str) -> None:
    file = st.file_uploader(f"Ward boundaries ({FORMATS})", type=ENDINGS, key="wards-file")
    code, name = st.columns(2)
    code_column = code.text_input("Column of ward codes", placeholder="found by itself if left empty")
    name_column = name.text_input("Column of ward names", placeholder="found by itself if left empty")
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
    found = report.to_json()
    st.session_state[_RESULT] = f"{found['wards']} wards read, {found['area_ha']:,.0f} hectares."
    st.rerun()
