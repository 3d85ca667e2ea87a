"""When in the week reports were of, for packs: days by four hours, where times are known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.aoristic import Block, day_by_hour, known_block

TIMES = ["occurred_from", "occurred_to", "time_precision"]
"""Columns that are needed."""

BLOCK: Block = 4
COLUMNS = ("ward_code", "day", "hour", "count", "withheld")
WORKING, WEEKEND = "Monday to Friday", "Saturday and Sunday"
UNTIMED = "-1"
WHEN = "when"

SHARED_OUT = (
    "One that may have happened at several hours is shared out evenly over them, so numbers need "
    "not be whole."
)
CERTAIN_ONLY = (
    "Monday to Friday are five days, Saturday and Sunday two: compare the hours of a row, not the "
    "rows."
)
NO_TIMES = "No report of these months carries a time, so no day or hour can be shown."


def nothing() -> pd.DataFrame:
    """Give a week without any report."""
    types = dict(zip(COLUMNS, ("str", "str", "int64", "float64", "str"), strict=True))
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in types.items()})


def spread_weeks(rows: pd.DataFrame, codes: Sequence[str]) -> pd.DataFrame:
    """Spread each ward's reports over seven days by six blocks of four hours.

    Parameters
    ----------
    rows : pandas.DataFrame
        `ward_code` and `TIMES`.
    codes : sequence of str
        All wards.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`; `hour` is the first of its block, and -1 for reports without a time. Nothing at
        all where no report has a time.
    """
    parts = []
    for code in codes:
        mine = rows[rows["ward_code"].eq(code)]
        spread = day_by_hour(mine, block=BLOCK)
        long = pd.Series(spread.table.stack(), name="count").reset_index()
        long.columns = pd.Index(["day", "hour", "count"])
        left = pd.DataFrame({"day": [""], "hour": [-1], "count": [float(len(mine) - spread.used)]})
        parts.append(pd.concat([long, left], ignore_index=True).assign(ward_code=code))
    every = pd.concat(parts, ignore_index=True)
    if not every.loc[every["hour"].ge(0), "count"].sum():
        return nothing()
    return every.assign(withheld="", count=every["count"].round(1))[list(COLUMNS)]


def when_known(rows: pd.DataFrame) -> pd.Series:
    """Name the part of the week of each report by one word, `UNTIMED` where it is not certain.

    Whole reports, so that they can pass the gate: working days and weekend, four hours each.
    """
    known = known_block(rows, block=BLOCK)
    part = np.where(known["weekday"].ge(5), WEEKEND, WORKING)
    words = pd.Series(part, rows.index, dtype="str").str.cat(known["hour"].astype("str"), sep=",")
    return words.where(known["hour"].ge(0), UNTIMED)


def shown_weeks(table: pd.DataFrame, codes: Sequence[str]) -> pd.DataFrame:
    """Lay out a table by ward and `WHEN` that has passed the gate.

    Parameters
    ----------
    table : pandas.DataFrame
        `ward_code`, `WHEN`, `count`, `withheld`.
    codes : sequence of str
        All wards.

    Returns
    -------
    pandas.DataFrame
        As `spread_weeks`, with two parts of the week for days. What never occurred is 0.
    """
    if table[WHEN].eq(UNTIMED).all():
        return nothing()
    words = [f"{part},{hour}" for part in (WORKING, WEEKEND) for hour in range(0, 24, BLOCK)]
    whole = pd.MultiIndex.from_product([codes, [*words, UNTIMED]], names=["ward_code", WHEN])
    full = table.set_index(["ward_code", WHEN])[["count", "withheld"]].reindex(whole).reset_index()
    held = full["withheld"].astype("object").where(full["withheld"].notna(), "").astype("str")
    cut = full[WHEN].str.rpartition(",")
    full = full.assign(day=cut[0], hour=cut[2].astype("int64"), withheld=held)
    full["count"] = full["count"].where(held.ne("") | full["count"].notna(), 0.0)
    return full[list(COLUMNS)]
