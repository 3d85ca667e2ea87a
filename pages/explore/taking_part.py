"""Who took part, as counts: a part of the Voice page for those who may see what is restricted."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analysis.jobs.taking_part import TakingPart, taking_part
from geodata.errors import NotEnoughDataError
from geodata.workspace import Workspace
from pages.components import frame, messages, tables
from pages.server import clock

COLUMNS = {"question": "About", "answer": "Answer", "said": "Answers", "of": "Of, answers in all"}


def show_taking_part(here: Workspace) -> None:
    """Show what people said about themselves, so that who is not heard is noticed."""
    st.header("Who took part", anchor=False)
    try:
        found = taking_part(here, today=clock.now().date())
    except NotEnoughDataError as error:
        messages.box("note", error.what, {"What to do": error.todo})
        return
    frame.say([found.message])
    tables.show(_readable(found), COLUMNS, caption=f"About themselves, {found.period.label}")
    for note in found.notes:
        frame.small(note)


def _readable(found: TakingPart) -> pd.DataFrame:
    table = found.table
    share = table["share"].map(" ({:.0f} %)".format).where(table["share"].notna(), "")
    said = table["answers"].astype("Int64").astype(str) + share
    of = table["answered"].astype("Int64").astype(str)
    return table.assign(
        said=said.where(table["answers"].notna(), table["withheld"]),
        of=of.where(table["answered"].notna(), "withheld"),
    )
