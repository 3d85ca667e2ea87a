"""How concentrated reports are, beside chance alone; and whether one brings another nearby."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.concentration import Concentration, concentration_and_curve
from analysis.evidence import hexagon_matrix
from analysis.jobs.ground import ground_of
from analysis.jobs.selection import Selection, select, selected_counts, selected_incidents
from analysis.near_repeat import NearRepeats, near_repeats
from analysis.tally import inside_rows
from geodata.hexagons import DEFAULT_SIDE
from geodata.workspace import Workspace

SEED = 20_260_430


@dataclass(frozen=True)
class Concentrated:
    """Concentration over the hexagons of a borough.

    Attributes
    ----------
    found : Concentration
        The measures; `found.sentence()` says them.
    curve : pandas.DataFrame
        As `analysis.concentration.lorenz`.
    side : int
        Side of the hexagons, metres.
    selection : Selection
        What was counted.
    """

    found: Concentration
    curve: pd.DataFrame
    side: int
    selection: Selection

    def to_json(self) -> dict[str, Any]:
        """Keys for the command line."""
        known = self.found.reports > 0
        return {
            "message": self.found.sentence(),
            "hexagons": self.found.places,
            "reports": self.found.reports,
            "side": self.side,
            "gini": self.found.gini if known else None,
            "gini_by_chance": self.found.chance if known else None,
            "gini_by_chance_95": [self.found.chance_low, self.found.chance_high] if known else None,
            "beyond_chance": self.found.is_beyond_chance,
            "busiest": self.found.top.to_dict("records") if known else [],
            "seed": SEED,
            **self.selection.to_json(),
        }


def concentrated(
    workspace: Workspace,
    *,
    categories: Sequence[str] = (),
    source: str | None = None,
    first: str | None = None,
    last: str | None = None,
    side: int = DEFAULT_SIDE,
) -> Concentrated:
    """Measure how concentrated reports are over the borough's hexagons.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    categories, source, first, last
        As `analysis.jobs.selection.select`.
    side : int, default 200
        Side of the hexagons, metres.

    Returns
    -------
    Concentrated
        Hexagons without a report included. Chance alone drops reports in proportion to the share
        of a hexagon that lies inside the wards.

    Raises
    ------
    NotEnoughDataError
        If nothing is stored for what was asked.
    """
    chosen = select(workspace, source=source, categories=categories, first=first, last=last)
    counted = inside_rows(selected_counts(workspace, chosen, side=side))
    cells = ground_of(workspace, side).cells
    counts = hexagon_matrix(counted, cells, chosen.cover).sum(axis=1)
    room = cells.set_index("hexagon")["inside_share"]
    found, curve = concentration_and_curve(counts, seed=SEED, exposure=room)
    return Concentrated(found, curve, side, chosen)


def near_repeat_test(
    workspace: Workspace,
    *,
    categories: Sequence[str] = (),
    source: str | None = None,
    first: str | None = None,
    last: str | None = None,
    metres: float = 200.0,
    days: float = 14.0,
) -> NearRepeats:
    """Test whether a report makes another within so many metres and days more likely.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    categories, source, first, last
        As `analysis.jobs.selection.select`.
    metres, days : float
        What counts as near: chosen before looking.

    Returns
    -------
    NearRepeats
        Of reports inside the wards.

    Raises
    ------
    NotEnoughDataError
        If too few reports have an exact date and place, as police.uk's never have; it says why.
    """
    chosen = select(workspace, source=source, categories=categories, first=first, last=last)
    columns = ["occurred_from", "occurred_to", "easting", "northing", "time_precision"]
    rows = inside_rows(selected_incidents(workspace, chosen, [*columns, "geo_precision"]))
    return near_repeats(rows, seed=SEED, metres=metres, days=days)
