"""Files to take away: tables by ending, and the map as one page that opens with no internet.

Each file is made when its button is pressed, not before, and leaves through
`analysis.jobs.handing_out`, which decides what an audience may have.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import cast

import geopandas as gpd
import pandas as pd
import streamlit as st

from analysis.disclosure import OPEN_SOURCES, Audience, reports_alone
from analysis.jobs.exports import ENDINGS
from analysis.report.escaping import safe_filename
from geodata.workspace import Workspace
from pages.components import address, cached, frame, sign_in
from pages.server.clock import stamp

AUDIENCES: dict[str, str] = {"internal": "Colleagues", "public": "Anybody: small counts masked"}
HTML = "text/html"

map_for = cached.later("handing_out.map_for")
table_for = cached.later("handing_out.table_for")
ward_table_for_all = cached.later("handing_out.ward_table_for_all")

ONLY_WARDS = (
    "Of reports that are not open data, anybody gets counts by ward over 12 months, with all kinds "
    "together or one: choose Wards on Hotspots, or publish a panel pack."
)
REGISTERED = (
    "By ward, over the newest 12 months that end with a quarter, small counts withheld. What you "
    "take is entered in the register of releases, against which later files are checked."
)


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
        "anybody gets counts by ward over 12 months, with small ones withheld.",
    )  # fmt: skip
    return cast("Audience", chosen)


def table(
    workspace: Workspace,
    rows: pd.DataFrame,
    *,
    name: str,
    source: str,
    who: Audience,
    key: str = "download",
) -> None:
    """Offer a table in every format there is; one without shapes as CSV alone.

    A second table of one page has a `key` of its own. Where anybody may not have it, say what they
    may have.
    """
    if is_guarded(source, who):
        frame.say([ONLY_WARDS])
        return
    has_shapes = isinstance(rows, gpd.GeoDataFrame)
    for ending, (label, mime) in ENDINGS.items():
        if not has_shapes and ending != ".csv":
            continue
        called = _called(workspace, name, ending)
        make = partial(table_for, workspace, rows, ending, source=source, audience=who, name=called)
        _button(label, make, called, mime, f"{key}-{ending}")


def page(workspace: Workspace, *, name: str, source: str, who: Audience, **asked: object) -> None:
    """Offer a map as one HTML file, made of what `analysis.jobs.maps.map_file` is asked for."""
    called = _called(workspace, name, ".html")
    make = partial(
        map_for, workspace, audience=who, at=stamp(), name=called, make=cached.map_file,
        source=source, **asked,
    )  # fmt: skip
    _button("Map (one HTML file)", make, called, HTML, "download-.html")


def wards_for_all(
    workspace: Workspace, *, name: str, source: str, categories: Sequence[str], as_at: str
) -> None:
    """Offer reports by ward as anybody may have them, of a source that is not open."""
    frame.say([REGISTERED])
    with row():
        for ending, (label, mime) in ENDINGS.items():
            called = _called(workspace, name, ending)
            make = partial(
                ward_table_for_all, workspace, ending, at=stamp(), name=called,
                source=source, categories=tuple(categories), as_at=as_at,
            )  # fmt: skip
            _button(label, make, called, mime, f"download-{ending}")
        page(
            workspace, name=name, source=source, who="public", layer="wards", as_at=as_at,
            categories=tuple(categories),
        )  # fmt: skip


def picture(
    workspace: Workspace, make: Callable[[], bytes], *, what: str, name: str, key: str
) -> None:
    """Offer a chart or a map as PNG, in a quiet button beside it."""
    st.download_button(
        f"{what} as picture (PNG)", make, _called(workspace, name, ".png"), "image/png",
        key=f"picture-{key}", on_click="ignore", type="tertiary", icon=":material/image:",
    )  # fmt: skip


def is_guarded(source: str, who: Audience) -> bool:
    """Tell whether these readers get of this source only what goes into the register."""
    return reports_alone(who) and source not in OPEN_SOURCES


def _called(workspace: Workspace, name: str, ending: str) -> str:
    before = "demo-" if workspace.kind == "demo" else ""
    return safe_filename(f"safer-walks {before}{name}", ending)


def _button(label: str, make: Callable[[], bytes], called: str, mime: str, key: str) -> None:
    st.download_button(
        label, make, called, mime, key=key, on_click="ignore", icon=":material/download:"
    )
