"""Store what a person wrote on a page, or say why not: one way for every form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from geodata.errors import SaferWalksError, StaleRecordError
from pages.components import messages, sign_in, tables
from pages.server.clock import now

_DONE = "_stored"
BOTH = {"column": "What", "stored": "As somebody else saved it", "yours": "As you have it"}


def show_done() -> None:
    """Say, once, what was stored."""
    said = st.session_state.pop(_DONE, "")
    if said:
        messages.box("done", said)


def store(action: str, job: Callable[..., Any], said: Callable[[Any], str]) -> None:
    """Do a job in the name of whoever is looking, and start the page anew when it is done.

    Parameters
    ----------
    action : str
        What is done, as `geodata.roles.ACTIONS` names it; asked for again just before.
    job : callable
        Takes `by` and `at`.
    said : callable
        Turns what the job gives into a sentence.
    """
    try:
        sign_in.require(action)
        done = job(by=sign_in.visitor().name or "this machine", at=now())
    except StaleRecordError as error:
        messages.fault(error, reassurance="Nothing was overwritten. What differs is listed here.")
        show_both(error)
    except SaferWalksError as error:
        messages.fault(error, reassurance="Nothing was stored.")
    else:
        st.session_state[_DONE] = said(done)
        st.rerun()


def show_both(error: StaleRecordError) -> None:
    """Show what somebody else saved beside what this person wrote."""
    rows = [
        {"column": name, "stored": str(error.theirs.get(name)), "yours": str(error.yours.get(name))}
        for name in error.differing
    ]
    tables.show(pd.DataFrame(rows), BOTH, caption="Both versions")
