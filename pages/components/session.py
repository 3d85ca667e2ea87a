"""Which workspace this visit looks at."""

from __future__ import annotations

import threading

import streamlit as st

from geodata.workspace import Workspace, default_path

_KEY = "_workspace"
_OPENING = threading.Lock()


def open_workspace() -> Workspace:
    """Open the workspace of this server, or the demo where there is none; once a run.

    Raises
    ------
    WorkspaceError
        If what is there cannot be opened.
    """
    path = default_path()
    if Workspace.exists(path):
        opened = Workspace.open(path)
    else:
        from analysis.jobs.demo import ensure_workspace

        # Two first visits at once must not both make the demo.
        with st.spinner("Making the demo borough. This takes a few seconds, once."), _OPENING:
            opened = ensure_workspace(path)
    st.session_state[_KEY] = opened
    return opened


def workspace() -> Workspace:
    """Return the workspace that this run opened, so that a page sees one state throughout."""
    return st.session_state[_KEY]
