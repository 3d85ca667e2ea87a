"""Wards compared: which differ from the others by more than their usual spread. No league table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from analysis.funnel import Funnel, funnel
from analysis.jobs.areas import area_table
from analysis.jobs.selection import Selection, select
from geodata.errors import NotEnoughDataError, SaferWalksError
from geodata.workspace import Workspace

Exposure = Literal["residents", "km2"]
EXPOSURES: tuple[str, ...] = get_args(Exposure)
PER: dict[str, float] = {"residents": 1000.0, "km2": 1.0}
PER_WORDS = {"residents": "reports per 1,000 residents", "km2": "reports per km²"}


@dataclass(frozen=True)
class WardsCompared:
    """Wards around their common rate.

    Attributes
    ----------
    table : pandas.DataFrame
        In the order of names: `ward_code`, `ward_name`, `count`, `exposure` (residents, or km2),
        `rate`, `shrunk` (drawn towards the common rate, empirical Bayes), `low95`, `high95`,
        `low998`, `high998` (limits at the ward's size), `stands_out` ('higher', 'lower' or '').
        Rates are per 1,000 residents or per km2.
    found : Funnel
        The whole comparison, per resident or km2.
    exposure : str
        'residents' or 'km2'.
    selection : Selection
        What was counted.
    """

    table: pd.DataFrame
    found: Funnel
    exposure: str
    selection: Selection

    @property
    def per(self) -> str:
        """What a rate is, in words."""
        return PER_WORDS[self.exposure]

    @property
    def common(self) -> float:
        """The rate of all wards together, on the scale of the table."""
        return self.found.rate * PER[self.exposure]

    def to_json(self) -> dict[str, Any]:
        """Keys for the command line."""
        out = self.table[self.table["stands_out"] != ""]
        return {
            "message": self.found.sentence(),
            "wards": len(self.table),
            "per": self.per,
            "common_rate": self.common,
            "overdispersion": self.found.overdispersion,
            "stand_out": dict(zip(out["ward_name"], out["stands_out"], strict=True)),
            **self.selection.to_json(),
        }


def compare_wards(
    workspace: Workspace,
    *,
    exposure: Exposure = "residents",
    categories: Sequence[str] = (),
    source: str | None = None,
    first: str | None = None,
    last: str | None = None,
) -> WardsCompared:
    """Compare the wards' rates by a funnel.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    exposure : {'residents', 'km2'}
        What reports are compared to.
    categories, source, first, last
        As `analysis.jobs.selection.select`.

    Returns
    -------
    WardsCompared

    Raises
    ------
    NotEnoughDataError
        If there are fewer than 5 wards or no reports, or residents are not known for every ward.
    SaferWalksError
        If `exposure` is not one of the two.
    """
    if exposure not in EXPOSURES:
        raise SaferWalksError(
            "Wards are compared by residents or by area", got=repr(exposure),
            todo=f"use {' or '.join(EXPOSURES)}",
        )  # fmt: skip
    chosen = select(workspace, source=source, categories=categories, first=first, last=last)
    areas = area_table(
        workspace, layer="wards", categories=chosen.categories, source=chosen.source,
        first=chosen.first, last=chosen.last,
    ).sort_values("ward_name", kind="stable")  # fmt: skip
    areas = areas.set_index("ward_code")
    by = _exposure(workspace, areas, exposure)
    found = funnel(areas["count"], by)
    times = PER[exposure]
    rates = found.table.drop(columns=["events", "exposure", "stands_out"]) * times
    table = pd.DataFrame(
        {"ward_name": areas["ward_name"], "count": areas["count"], "exposure": by}
    ).join(rates)
    table["stands_out"] = found.table["stands_out"]
    return WardsCompared(table.reset_index(), found, exposure, chosen)


def _exposure(workspace: Workspace, areas: pd.DataFrame, exposure: str) -> pd.Series:
    if exposure == "km2":
        return areas["area_km2"].astype("float64")
    people = workspace.population()
    known = people.set_index("ward_code")["residents"] if len(people) else pd.Series(dtype="int64")
    residents = known.reindex(areas.index).astype("float64")
    lacking = areas.loc[~(residents > 0), "ward_name"]
    if len(lacking):
        raise NotEnoughDataError(
            "Residents are not known for every ward",
            got=f"{len(lacking)} of {len(areas)} without, {lacking.iloc[0]} among them",
            todo="fetch them with `safer-walks fetch population`, or compare by area",
        )
    return residents.replace(0.0, np.nan)
