"""Store what a person wrote on a page, or say why not: one way for every form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from geodata.errors import SaferWalksError, StaleRecordError
from geodata.records.kinds import kind_of
from geodata.records.labels import in_words, label_of
from pages.components import messages, sign_in, tables
from pages.server import clock

_DONE = "_stored"
_SEEN = "_seen-"
BOTH = {"column": "What", "stored": "As somebody else saved it", "yours": "As you have it"}


def show_done() -> None:
    """Say, once, what was stored."""
    said = st.session_state.pop(_DONE, "")
    if said:
        messages.box("done", said)


def seen(form: str, record_id: str, row: Mapping[Any, Any]) -> dict[Any, Any]:
    """Give a record as it stood when this person began to change it, whatever others did since.

    A page runs anew when a form is sent, and reads the records anew: only what was seen tells
    whether somebody else changed it meanwhile.

    Parameters
    ----------
    form, record_id : str
        Which form, and whose record it shows: another one begins anew.
    row : mapping
        The record as it stands.
    """
    held = st.session_state.get(_SEEN + form)
    if held is None or held[0] != record_id:
        held = st.session_state[_SEEN + form] = (record_id, dict(row))
    return dict(held[1])


def begin_anew(form: str = "") -> None:
    """Forget what was seen, so that forms show what is stored: of one form, or of all."""
    for key in [key for key in st.session_state if str(key).startswith(_SEEN + form)]:
        del st.session_state[key]


def changed(row: Mapping[Any, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what a person changed of what they saw, so that nothing else is written over."""
    return {name: value for name, value in values.items() if _plain(value) != _plain(row[name])}


def _plain(value: Any) -> Any:  # noqa: ANN401 - a cell of a frame or a value of a widget
    if isinstance(value, list | tuple):
        return tuple(value)
    if isinstance(value, pd.Timestamp):
        return value.date()
    return "" if value is None or value is pd.NaT or value != value else value


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
        done = job(by=sign_in.visitor().name or "this machine", at=clock.now())
    except StaleRecordError as error:
        messages.fault(error, reassurance="Nothing was overwritten. What differs is listed here.")
        show_both(error)
        # A press that begins anew: what was typed stands in the list above until then.
        st.button("Begin again from what is stored", on_click=begin_anew)
    except SaferWalksError as error:
        messages.fault(error, reassurance="Nothing was stored.")
    else:
        begin_anew()
        st.session_state[_DONE] = said(done)
        st.rerun()


def show_both(error: StaleRecordError) -> None:
    """Show what somebody else saved beside what this person wrote."""
    fields = kind_of(error.kind).fields
    rows = []
    for name in error.differing:
        both = [
            in_words(fields[name], said.get(name)) if name in fields else str(said.get(name))
            for said in (error.theirs, error.yours)
        ]
        rows.append({"column": label_of(error.kind, name), "stored": both[0], "yours": both[1]})
    tables.show(pd.DataFrame(rows), BOTH, caption="Both versions")
