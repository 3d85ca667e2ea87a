"""The route as files: made when a button is pressed, and marked, since none is for the public."""

from __future__ import annotations

from functools import partial

import streamlit as st

from analysis.disclosure.routes import route_marking
from analysis.jobs.route import Route
from analysis.jobs.route_files import ENDINGS, route_file
from analysis.report.escaping import safe_filename
from geodata.workspace import Workspace
from pages.components import downloads, frame
from pages.server.clock import now


def show(here: Workspace, route: Route) -> None:
    """Offer the files; a calendar entry only where there is a start to enter."""
    st.header("Take it with you", anchor=False)
    before = "demo-" if here.kind == "demo" else ""
    with downloads.row():
        for ending, (label, mime) in ENDINGS.items():
            if ending == ".ics" and route.outset.starts_at is None:
                continue
            st.download_button(
                label, partial(route_file, here, route, ending, at=now()),
                safe_filename(f"safer-walks {before}route {route.outset.title}", ending), mime,
                key=f"route-file-{ending}", on_click="ignore", icon=":material/download:",
            )  # fmt: skip
    mark = route_marking(is_restricted=route.outset.is_restricted)
    frame.small(f"Each file is marked: {mark}.")
