"""The saved profiles: what each says, as a list that people can read, download and delete from."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from analysis.jobs import profiles
from analysis.report.escaping import safe_filename
from geodata.council.fields import FIELD_BY_NAME
from geodata.errors import ProfileError
from geodata.vocabularies import CATEGORY_BY_CODE, SOURCES
from geodata.workspace import Workspace
from pages.components import frame, messages, tables

_ASKED = "_profile_to_delete"
COLUMNS = {"ours": "Ours", "theirs": "Column of the file"}
KINDS = {"theirs": "In the file", "ours": "In our list"}


def show(workspace: Workspace) -> None:
    """List the saved profiles; nothing where there are none."""
    listed = profiles.list_saved(workspace)
    if not listed:
        return
    st.header("Saved profiles", anchor=False)
    frame.say(
        ["A profile says how the files of one source are read. Next month's file is read in the "
         "same way. To change one, choose a file above and change how it is read."]
    )  # fmt: skip
    for entry in listed:
        with st.expander(_title(entry)):
            _one(workspace, entry)


def _title(entry: dict[str, Any]) -> str:
    if entry["fault"]:
        return f"{entry['name']}: cannot be read"
    return f"{entry['name']}: {SOURCES[entry['source']]}, {entry['columns']} columns"


def _one(workspace: Workspace, entry: dict[str, Any]) -> None:
    name = entry["name"]
    try:
        profile = profiles.load(workspace, name)
    except ProfileError as error:
        messages.fault(error)
    else:
        columns = [
            {"ours": FIELD_BY_NAME[field].label, "theirs": column}
            for field, column in profile.columns.items()
        ]
        tables.show(pd.DataFrame(columns), COLUMNS, caption="Which column is what")
        kinds = [
            {"theirs": words, "ours": CATEGORY_BY_CODE[code].label}
            for words, code in profile.categories.items()
        ]
        if kinds:
            tables.show(pd.DataFrame(kinds), KINDS, caption="Kinds of report", tall=True)
        st.download_button(
            "Download (TOML)", profiles.profile_file(profile), safe_filename(name, ".toml"),
            "application/toml", key=f"toml-{name}", on_click="ignore", icon=":material/download:",
        )  # fmt: skip
    _delete(workspace, name)


def _delete(workspace: Workspace, name: str) -> None:
    if st.session_state.get(_ASKED) != name:
        if st.button("Delete this profile", key=f"delete-{name}"):
            st.session_state[_ASKED] = name
            st.rerun()
        return
    messages.box("attention", f"Delete the profile “{name}”?", {
        "": "What was brought in with it stays. Next month's file must be mapped anew.",
    })  # fmt: skip
    row = st.container(horizontal=True)
    if row.button("Delete it", type="primary", key=f"sure-{name}"):
        profiles.delete(workspace, name)
        del st.session_state[_ASKED]
        st.rerun()
    if row.button("Keep it", key=f"keep-{name}"):
        del st.session_state[_ASKED]
        st.rerun()
