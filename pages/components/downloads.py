"""Files to take away: tables by ending, and the map as one page that opens with no internet.

Each file is made when its button is pressed, not before, and passes the gate that decides what an
audience may see.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import cast

import geopandas as gpd
import pandas as pd
import streamlit as st

from analysis.disclosure import Audience
from analysis.jobs.exports import ENDINGS, table_file
from analysis.report.escaping import safe_filename
from geodata.workspace import Workspace
from pages.components import address, sign_in

AUDIENCES: dict[str, str] = {"internal": "Colleagues", "public": "Anybody: small counts masked"}
HTML = "text/html"


def row(key: str = "downloads") -> st.delta_generator.DeltaGenerator:
    """Make room for the buttons, side by side where there is room."""
    return st.container(horizontal=True, vertical_alignment="bottom", key=key)


def audience() -> Audience:
    """Ask who the files are for; whose roles include no internal files gets public ones."""
    if not sign_in.allowed("download", "internal"):
        return "public"
    chosen = address.choose(
        "Who the files are for", AUDIENCES, key="audience", default="internal",
        widget=st.segmented_control,
        help="Police reports are open data and come out the same for both. Of all other sources, "
        "anybody gets counts of areas only, with counts of 1 to 4 masked.",
    )  # fmt: skip
    return cast("Audience", chosen)


def table(
    workspace: Workspace,
    frame: pd.DataFrame,
    *,
    name: str,
    source: str,
    who: Audience,
    key: str = "download",
) -> None:
    """Offer a table in every format there is; one without shapes as CSV alone.

    A second table of one page has a `key` of its own.
    """
    has_shapes = isinstance(frame, gpd.GeoDataFrame)
    for ending, (label, mime) in ENDINGS.items():
        if not has_shapes and ending != ".csv":
            continue
        make = partial(table_file, frame, ending, kind=workspace.kind, source=source, audience=who)
        _button(workspace, label, make, name, ending, mime, key)


def page(workspace: Workspace, make: Callable[[], str], *, name: str) -> None:
    """Offer a map as one HTML file."""
    _button(workspace, "Map (one HTML file)", lambda: make().encode(), name, ".html", HTML)


def _button(
    workspace: Workspace,
    label: str,
    make: Callable[[], bytes],
    name: str,
    ending: str,
    mime: str,
    key: str = "download",
) -> None:
    before = "demo-" if workspace.kind == "demo" else ""
    st.download_button(
        label, make, safe_filename(f"safer-walks {before}{name}", ending), mime,
        key=f"{key}-{ending}", on_click="ignore", icon=":material/download:",
    )  # fmt: skip
