"""Who gets walks and who has waited: reports, places and walks by ward."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.jobs.events import programme
from analysis.jobs.score import score
from analysis.jobs.selection import Selection, select, selected_counts, settle_as_at
from analysis.jobs.voices import last_day, records_of
from analysis.need import MONTHS, need_by_ward, need_words
from analysis.tally import counts_by, inside_rows
from geodata import months as m
from geodata.hexagons import DEFAULT_SIDE
from geodata.workspace import Workspace

FIRST_PLACES = 50
"""How many places from the top of the ranking are shared out between the wards."""

_COLUMNS = ["event_id", "event_type", "type_name", "ward_codes", "date", "light", "place"]


@dataclass(frozen=True)
class NeedResult:
    """Reports and walks by ward.

    Attributes
    ----------
    table : pandas.DataFrame
        As `analysis.need.need_by_ward`.
    walks : pandas.DataFrame
        Every event held: `event_id`, `event_type`, `type_name`, `ward_codes`, `date`, `light`,
        `place`.
    as_at : str
        Last month of reports, and of walks.
    selection : Selection
        What was counted.
    is_ranked : bool
        Whether there is a ranking to share places out of.
    """

    table: pd.DataFrame
    walks: pd.DataFrame
    as_at: str
    selection: Selection
    is_ranked: bool

    @property
    def readable(self) -> pd.DataFrame:
        """The table with shares to four decimals and days as people write them."""
        day = self.table["last_walk"].dt.strftime("%Y-%m-%d").fillna("")
        return self.table.assign(last_walk=day).round(4)

    @property
    def message(self) -> str:
        """How walks were shared out, in words."""
        return f"{need_words(self.table)}{self._nowhere}"

    @property
    def _nowhere(self) -> str:
        """Say how many events name no ward; '' where all do."""
        count = int(self.walks["ward_codes"].map(len).eq(0).sum())
        if not count:
            return ""
        events = "1 event that was held names" if count == 1 else f"{count} events held name"
        return f" {events} no ward and stand{'s' if count == 1 else ''} in no row."

    def to_json(self) -> dict[str, Any]:
        """Everything but the tables."""
        without = self.table[self.table["walks"].eq(0)]
        return {
            "message": self.message, "as_at": self.as_at, "wards": len(self.table),
            "walks_in_12_months": int(self.table["walks"].sum()),
            "wards_without_a_walk": without["ward_name"].tolist(),
            "first_places": FIRST_PLACES if self.is_ranked else 0, **self.selection.to_json(),
        }  # fmt: skip


def need(
    workspace: Workspace,
    *,
    as_at: str | None = None,
    source: str | None = None,
    preset: str = "walkabout",
    side: int = DEFAULT_SIDE,
) -> NeedResult:
    """Set what was reported and where walks went side by side, ward by ward.

    Parameters
    ----------
    workspace : Workspace
        Whose reports and records.
    as_at : str, optional
        Last month, 'YYYY-MM'; the newest stored month by default.
    source, preset, side
        As `analysis.jobs.score.score`: of the first 50 places of that ranking, how many lie in
        each ward is told beside the reports.

    Raises
    ------
    SaferWalksError
        If a month, source or preset is none.
    """
    chosen = select(workspace, source=source)
    month = settle_as_at(chosen, as_at)
    counted = inside_rows(selected_counts(workspace, chosen))
    year = [x for x in m.window(month, MONTHS) if x in chosen.cover.present]
    reports = counts_by(counted[counted["month"].isin(year)], "ward_code")
    scored = score(workspace, preset=preset, as_at=month, source=source, side=side, draws=1)
    first = scored.table[scored.table["rank"].le(FIRST_PLACES).fillna(False)]
    held = _held(workspace)
    table = need_by_ward(
        workspace.wards()[["ward_code", "ward_name"]], reports,
        first["ward_code"].value_counts(), held, last_day(month),
    )  # fmt: skip
    return NeedResult(table, held, month, chosen, scored.is_ranked)


def _held(workspace: Workspace) -> pd.DataFrame:
    if records_of(workspace) is None:
        return pd.DataFrame(columns=_COLUMNS)
    every = programme(workspace)
    held = every["status"].eq("held") & every["date"].notna()
    return every.loc[held, _COLUMNS].reset_index(drop=True)
