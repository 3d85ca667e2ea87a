"""The panel beside a priority list: how it, as it was, would have done over the past periods."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analysis.jobs.backtest import BacktestResult
from geodata import months as m
from geodata.errors import NotEnoughDataError
from geodata.workspace import Workspace
from pages.components import cached, frame, messages, tables

COLUMNS = {
    "label": "Order of places by",
    "held": "Share of later reports held, %",
    "pai": "Times as dense as the area (PAI)",
    "pai_street": "The same by km of street",
    "pei": "Of the most possible, % (PEI)",
    "verdict": "Against the plain count",
}
WHAT_IT_IS = (
    "Every list was made again with what was known at the time, and judged by the months that came "
    "after it. Places are taken from the top until they make up the share of the area. Reports "
    "count as they are stored now."
)


def show(here: Workspace, *, preset: str, as_at: str, side: int, source: str) -> None:
    """Show how the list would have done; a sentence where too few months are stored."""
    st.header("How such lists did in the past", anchor=False)
    try:
        found = cached.backtest(here, preset=preset, as_at=as_at, side=side, source=source)
    except NotEnoughDataError as fault:
        messages.box("note", fault.what, {"Found": fault.got, "What to do": fault.todo})
        return
    frame.say([found.message])
    shares = list(dict.fromkeys(found.table["coverage"]))
    _table(found, shares[len(shares) // 2])
    with st.expander("Other shares of the area, and how this is worked out"):
        for share in shares:
            if share != shares[len(shares) // 2]:
                _table(found, share)
        frame.say([WHAT_IT_IS, *found.notes])


def _table(found: BacktestResult, share: float) -> None:
    rows = found.table[found.table["coverage"] == share]
    shown = rows.assign(
        held=[_with_range(row) for _, row in rows.iterrows()],
        pai=rows["pai"].round(1), pai_street=rows["pai_street"].round(1),
        pei=(100 * rows["pei"]).round(0),
        verdict=rows["verdict"].where(rows["method"] != "chance", ""),
    )  # fmt: skip
    first, last = found.origins[0], found.origins[-1]
    tables.show(
        shown, tables.known(shown, COLUMNS),
        caption=f"First {100 * share:g} % of the area; lists of {m.label(first)} to "
        f"{m.label(last)}, each judged by the {found.horizon} months after it",
    )  # fmt: skip


def _with_range(row: pd.Series) -> str:
    held = f"{100 * row['hit_rate']:.1f}"
    if row["method"] == "chance" or row["hit_low"] != row["hit_low"]:
        return held
    return f"{held} ({100 * row['hit_low']:.1f} to {100 * row['hit_high']:.1f})"
