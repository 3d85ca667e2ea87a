"""The smallest number about people that is published: told to all, set by whoever may."""

from __future__ import annotations

import datetime as dt
from functools import partial

import pandas as pd
import streamlit as st

from analysis.disclosure import THRESHOLDS
from analysis.jobs.releases import Minimum, minimum, set_minimum
from geodata.workspace import Workspace
from pages.components import frame, sign_in, tables
from pages.record import saving

ACTION = "set the smallest number"
COLUMNS = {"when": "When", "by": "By whom", "before": "Before", "minimum_cell": "Since"}


def show(here: Workspace) -> None:
    """Say how small a number may be, let it be changed, and list the changes."""
    st.header("The smallest number published", anchor=False)
    now = minimum(here)
    frame.say([
        f"Numbers of people from 1 to {now.count - 1} are withheld in packs, sheets, and in maps "
        "and tables for anybody. Police reports are open data and are not."
    ])  # fmt: skip
    if sign_in.allowed("action", ACTION):
        _change(here, now)
    if now.changes:
        tables.show(_readable(now), COLUMNS, caption="Changes, oldest first")


def _change(here: Workspace, now: Minimum) -> None:
    with st.form("smallest"):
        offered = range(THRESHOLDS[0], THRESHOLDS[1] + 1)
        chosen = st.selectbox(
            "Smallest number shown", offered, offered.index(now.count),
            help="A lower number loosens nothing of the months published under a higher one.",
        )  # fmt: skip
        if st.form_submit_button("Set it"):
            saving.store(ACTION, partial(set_minimum, here, chosen), _said)


def _said(now: Minimum) -> str:
    return f"The smallest number published is {now.count} from now on."


def _readable(now: Minimum) -> pd.DataFrame:
    table = pd.DataFrame(now.changes)
    moments = [dt.datetime.fromisoformat(str(at)) for at in table["at"]]
    return table.assign(when=[f"{at.day} {at:%B %Y, %H:%M}" for at in moments])
