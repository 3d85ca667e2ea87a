"""Back-test a priority list: how it would have done over the past periods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from analysis.backtest import (
    CHANCE,
    COUNT,
    HISTORY_MONTHS,
    SHORT_HISTORY_MONTHS,
    methods,
    origins,
)
from analysis.backtest import (
    backtest as judge,
)
from analysis.evidence import hexagon_matrix
from analysis.jobs.ground import ground_of
from analysis.jobs.score import preset_named
from analysis.jobs.selection import Selection, select, selected_counts, settle_as_at
from analysis.street_length import street_km
from analysis.tally import inside_rows
from geodata import months as m
from geodata.errors import NotEnoughDataError, SaferWalksError
from geodata.hexagons import DEFAULT_SIDE, hexagon_area_km2
from geodata.layers import streets
from geodata.workspace import Workspace

SEED = 20_260_501
HORIZON_MONTHS = 3
LONGEST_HORIZON = 12
COVERAGES = (0.01, 0.05, 0.1)


@dataclass(frozen=True)
class BacktestResult:
    """How a list would have done.

    Attributes
    ----------
    table : pandas.DataFrame
        As `analysis.backtest.backtest`.
    preset : str
        Whose list.
    as_at : str
        Last month looked at.
    origins : tuple of str
        Last month of the data behind each list that was judged.
    horizon : int
        Months that each was judged by.
    message : str
        What it comes to, in plain words.
    notes : tuple of str
        What to know when reading it.
    selection : Selection
        What was counted.
    """

    table: pd.DataFrame
    preset: str
    as_at: str
    origins: tuple[str, ...]
    horizon: int
    message: str
    notes: tuple[str, ...]
    selection: Selection

    def to_json(self) -> dict[str, Any]:
        """Everything, with None where a number is not known."""
        rows = self.table.astype(object).where(self.table.notna(), None).to_dict("records")
        return {
            "preset": self.preset,
            "as_at": self.as_at,
            "horizon": self.horizon,
            "origins": list(self.origins),
            "message": self.message,
            "notes": list(self.notes),
            "results": rows,
            "seed": SEED,
            **self.selection.to_json(),
        }


def backtest(
    workspace: Workspace,
    *,
    preset: str = "walkabout",
    horizon: int = HORIZON_MONTHS,
    coverage: Sequence[float] = COVERAGES,
    as_at: str | None = None,
    side: int = DEFAULT_SIDE,
    source: str | None = None,
    categories: Sequence[str] = (),
    seed: int = SEED,
) -> BacktestResult:
    """Judge the list of a preset, made from reports alone, by the months that followed.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    preset : str, default 'walkabout'
        Whose list. Where reports alone cannot rank, only the plain counts are judged.
    horizon : int, default 3
        Months after each list, 1 to 12.
    coverage : sequence of float, default (0.01, 0.05, 0.1)
        Shares of the area that is chosen, above 0 to 1.
    as_at : str, optional
        Last month that may be looked at; the newest stored month by default.
    side : int, default 200
        Side of the hexagons, metres.
    source, categories
        As `analysis.jobs.selection.select`.
    seed : int
        Of the bootstrap behind the intervals.

    Returns
    -------
    BacktestResult

    Raises
    ------
    NotEnoughDataError
        If no past list has its following months stored.
    SaferWalksError
        If the preset, the horizon or a coverage is not one.

    Notes
    -----
    What is stored now stands for what was known then: a correction that came later is part of it.
    Evidence beside reports has no place here yet, because only its latest state is kept.
    """
    weights = preset_named(preset)
    shares = _checked(horizon, coverage)
    chosen = select(workspace, source=source, categories=categories)
    month = settle_as_at(chosen, as_at)
    starts, short = _starts(chosen, horizon, month)
    counted = inside_rows(selected_counts(workspace, chosen, side=side))
    cells = ground_of(workspace, side).cells
    matrix = hexagon_matrix(counted, cells, chosen.cover)
    compared = methods(weights)
    table = judge(
        matrix, chosen.cover, _areas(workspace, cells, side), compared, starts,
        horizon=horizon, coverages=shares, seed=seed,
    )  # fmt: skip
    notes = _notes(table, starts, horizon, short)
    message = say_backtest(table, horizon=horizon, what=chosen.what)
    return BacktestResult(table, preset, month, tuple(starts), horizon, message, notes, chosen)


def say_backtest(table: pd.DataFrame, *, horizon: int, what: str) -> str:
    """Say in plain words how the list did, beside the plain count and chance.

    Parameters
    ----------
    table : pandas.DataFrame
        From `analysis.backtest.backtest`; the middle coverage is spoken of.
    horizon : int
        Months each list was judged by.
    what : str
        What was counted: 'ASB reports'.
    """
    shares = list(dict.fromkeys(table["coverage"]))
    coverage = shares[len(shares) // 2]
    rows = table[table["coverage"] == coverage].set_index("method")
    code = "score" if "score" in rows.index else COUNT
    one, count = rows.loc[code], rows.loc[COUNT]
    name = "this list" if code == "score" else "a plain count of 12 months"
    after = "the next month" if horizon == 1 else f"the next {horizon} months"
    text = (
        f"The first {_percent(coverage)} of the area on {name} held "
        f"{_percent(one['hit_rate'])} of {after}' {what}".replace("month'", "month's")
        + f", over {_periods(int(one['periods']))}."
    )
    if code != COUNT:
        text += f" A plain count of 12 months held {_percent(count['hit_rate'])}"
        text += f"; chance would hold {_percent(coverage)}. {_standing(str(one['verdict']))}"
    else:
        text += f" Chance would hold {_percent(coverage)}."
    return text


def _standing(verdict: str) -> str:
    return {
        "better": "It did better than the plain count, beyond chance.",
        "worse": (
            "It did worse than the plain count: it is no forecast of reports, and is not meant "
            "as one, because it weighs other things too."
        ),
        "no clear difference": (
            "That is no clear difference: the list shows where reports have come from, and is no "
            "forecast."
        ),
    }.get(verdict, "There are too few periods to tell them apart: the list is no forecast.")


def _checked(horizon: int, coverage: Sequence[float]) -> tuple[float, ...]:
    if not 1 <= horizon <= LONGEST_HORIZON:
        raise SaferWalksError(
            "A back-test looks 1 to 12 months ahead", got=str(horizon), todo="use 3, for instance"
        )
    wrong = [c for c in coverage if not 0 < c <= 1]
    if wrong or not coverage:
        raise SaferWalksError(
            "A coverage is a share of the area, above 0 and at most 1",
            got=", ".join(map(str, wrong)) or "none",
            todo="write 0.05 for 5 per cent",
        )
    return tuple(sorted(set(coverage)))


def _starts(chosen: Selection, horizon: int, as_at: str) -> tuple[list[str], bool]:
    for history in (HISTORY_MONTHS, SHORT_HISTORY_MONTHS):
        found = origins(chosen.cover, horizon=horizon, as_at=as_at, history=history)
        if found:
            return found, history < HISTORY_MONTHS
    needed = SHORT_HISTORY_MONTHS + horizon
    have = [x for x in chosen.cover.present if x <= as_at]
    raise NotEnoughDataError(
        f"Looking back needs {needed} months of reports",
        got=f"{len(have)} to {m.label(as_at)}",
        todo="import earlier months",
    )


def _areas(workspace: Workspace, cells: gpd.GeoDataFrame, side: int) -> pd.DataFrame:
    area = (cells["inside_share"] * hexagon_area_km2(side)).to_numpy()
    areas = pd.DataFrame({"area_km2": area}, index=pd.Index(cells["hexagon"]))
    network = streets(workspace)
    if network is not None and len(network):
        areas["street_km"] = street_km(cells, network).to_numpy()
    return areas


def _notes(table: pd.DataFrame, starts: list[str], horizon: int, short: bool) -> tuple[str, ...]:
    notes = []
    if short:
        notes.append(
            "Fewer than 12 months came before some of these periods, so the lists and counts "
            f"were made from as little as {SHORT_HISTORY_MONTHS} months."
        )
    if table.loc[table["method"] != CHANCE, "hit_low"].isna().all():
        notes.append(
            f"There are too few separate periods of {horizon} months for ranges: four are needed."
        )
    elif horizon > 1 and len(starts) > 1:
        notes.append("Periods overlap; the ranges allow for that.")
    return tuple(notes)


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def _periods(count: int) -> str:
    return "one past period" if count == 1 else f"{count} past periods"
