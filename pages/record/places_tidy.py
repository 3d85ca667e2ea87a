"""Put the list of places in order: merge two, take a merge back, and take it out and in."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from analysis.jobs.records import import_records, sheet_file
from analysis.jobs.sites import merge_places, undo_merge
from geodata.workspace import Workspace
from pages.components import frame, messages, sign_in, uploads
from pages.record import saving

MAY = "edit places"


def merge(here: Workspace, current: pd.DataFrame) -> None:
    """Say that two places are one."""
    st.header("Two entries for one place", anchor=False)
    frame.say(
        ["Everything that names the first will name the second: events, stops, actions, requests. "
         "The first stays findable by its name, and the merge can be taken back."]
    )  # fmt: skip
    if len(current) < 2:
        messages.box("note", "There are not yet two places to merge.")
        return
    rows = current.set_index("site_id")
    left, right = st.columns(2)
    first = left.selectbox(
        "This entry goes", list(rows.index), index=None, key="merge-gone",
        format_func=lambda site: _named(rows, site), placeholder="Choose",
    )  # fmt: skip
    stays = right.selectbox(
        "This entry stays", [site for site in rows.index if site != first], index=None,
        key="merge-stays", format_func=lambda site: _named(rows, site), placeholder="Choose",
    )  # fmt: skip
    if first is not None:
        used, name = int(rows.loc[first, "used"]), rows.loc[first, "name"]
        frame.say([f"{name} is named by {used:,} record{'' if used == 1 else 's'} now."])
    if not st.button("Merge them", type="primary"):
        return
    if first is None or stays is None:
        messages.box("attention", "Choose both entries first.")
        return
    version = int(rows.loc[first, "version"])
    saving.store(
        MAY, partial(merge_places, here, first, stays, version=version),
        lambda done: str(done["message"]),
    )  # fmt: skip


def take_back(here: Workspace, everything: pd.DataFrame) -> None:
    """Take a merge back."""
    merged = everything[everything["status"].eq("merged")].set_index("site_id")
    if merged.empty:
        return
    st.subheader("Take a merge back", anchor=False)
    chosen = st.selectbox(
        "Merged entry", list(merged.index), key="merged",
        format_func=lambda site: f"{merged.loc[site, 'name']}, merged into "
        f"{merged.loc[site, 'merged_name']}",
    )  # fmt: skip
    if st.button("Make it a place of its own again"):
        saving.store(
            MAY, partial(undo_merge, here, chosen, version=int(merged.loc[chosen, "version"])),
            lambda done: str(done["message"]),
        )  # fmt: skip


def _named(rows: pd.DataFrame, site: str) -> str:
    row = rows.loc[site]
    return f"{row['name']} ({row['kind_name']}{', ' if row['ward_name'] else ''}{row['ward_name']})"


def files(here: Workspace) -> None:
    """Offer the list as a spreadsheet, and take it back."""
    st.header("As a spreadsheet", anchor=False)
    frame.say(
        ["Rows keep their ids: what is changed in the spreadsheet changes here when it comes back. "
         "A row without an id is a new place."]
    )  # fmt: skip
    if sign_in.allowed("download", "records"):
        with st.container(horizontal=True):
            for ending in (".xlsx", ".csv"):
                st.download_button(
                    f"Places ({ending})", partial(sheet_file, here, "places", ending),
                    f"places{ending}", on_click="ignore", key=f"places-{ending}",
                )  # fmt: skip
    if not sign_in.allowed("action", MAY):
        return
    file = st.file_uploader("Bring a list of places back", type=["csv", "xlsx"])
    if st.button("Bring it in", disabled=file is None) and file is not None:
        with uploads.on_disk([file]) as paths:
            saving.store(
                MAY, partial(import_records, here, "places", paths[0]), lambda done: done.message
            )
