"""What people said on walks, by place and light, beside what is reported there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.concern import Agreement, agreement, beside_record, by_place, dark_gap, named_most
from analysis.jobs.counts import counts
from analysis.jobs.events import programme
from analysis.jobs.ground import ground_of
from analysis.jobs.selection import select, settle_as_at
from analysis.jobs.voices import Located, last_day, records_of
from analysis.voices import ON_SITE
from geodata import months as m
from geodata.errors import NotEnoughDataError
from geodata.hexagons import DEFAULT_SIDE
from geodata.records.vocabularies import ISSUES, POSITIVES
from geodata.workspace import Workspace

WINDOW_MONTHS = 12


@dataclass(frozen=True)
class ConcernResult:
    """What people said.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a place, way of answering and light: `place`, `ward_code`, `hexagon`, and the
        columns of `analysis.concern.by_place`, `pairs`, `gap`, `issues`, `positives` (words),
        `reports` (12 months, its hexagon), `tag`.
    agreement : Agreement or None
        How far people who rated the same stop agree.
    answers, people : int
        Responses used, and people behind them.
    left_out : dict of str to int
        Responses not used, by reason.
    as_at : str
        Last month.
    """

    table: pd.DataFrame
    agreement: Agreement | None
    answers: int
    people: int
    left_out: dict[str, int]
    as_at: str

    def to_json(self) -> dict[str, Any]:
        """Everything but the table."""
        return {
            "as_at": self.as_at, "answers": self.answers, "people": self.people,
            "places": int(self.table["place"].nunique()), "left_out": self.left_out,
            "agreement": self.agreement.sentence() if self.agreement else None,
            "message": self.message,
        }  # fmt: skip

    @property
    def message(self) -> str:
        """Say what it is made from."""
        places = self.table["place"].nunique()
        return (
            f"{self.people:,} people said how they felt at {places} places. They chose to come; "
            "places are not comparable as if the same people had judged them all."
        )


def concern(
    workspace: Workspace, *, as_at: str | None = None, side: int = DEFAULT_SIDE
) -> ConcernResult:
    """Gather what people said of places until the end of a month.

    Parameters
    ----------
    workspace : Workspace
        Whose records and reports.
    as_at : str, optional
        Last month, 'YYYY-MM'; the newest stored month of reports by default.
    side : int, default 200
        Side of the hexagons that reports are counted in, metres.

    Raises
    ------
    NotEnoughDataError
        If nobody has said anything of a place, or no reports are stored.
    """
    records = records_of(workspace)
    said = None if records is None else records.frame("responses")
    if records is None or said is None or said.empty:
        raise NotEnoughDataError(
            "Nobody has said anything of a place yet", got="no feedback from walks",
            todo="record feedback on the Feedback page, or `safer-walks feedback import FILE`",
        )  # fmt: skip
    month = settle_as_at(select(workspace), as_at)
    stops, sites, events = (records.frame(k) for k in ("stops", "sites", "events"))
    where = Located(sites, stops, events, side)
    said = said.assign(
        hexagon=where.of(said, "stop_id", own=True),
        place=_place_names(said, stops, sites),
        virtual=~said["experience"].isin(ON_SITE),
        light=said["event_id"].map(light_of_events(workspace)).fillna(""),
    )
    kept, left_out = _kept(said, month)
    table = _table(workspace, kept, month, side)
    rated = kept[kept["mode"].eq("individual") & ~kept["virtual"] & kept["stop_id"].notna()]
    ratings = rated[["stop_id", "feel_now"]].set_axis(["stop", "rating"], axis=1)
    return ConcernResult(
        table, agreement(ratings), len(kept), int(kept["n_people"].sum()), left_out, month
    )


def light_of_events(workspace: Workspace) -> dict[str, str]:
    """Give the light each event was held under: 'day', 'dusk' or 'dark', by its id."""
    held = programme(workspace)
    return dict(zip(held["event_id"], held["light"], strict=True))


def _place_names(said: pd.DataFrame, stops: pd.DataFrame, sites: pd.DataFrame) -> pd.Series:
    """Call each response's place by its site's name, else the stop's."""
    named = dict(zip(sites["site_id"], sites["name"], strict=True))
    at_site = stops["site_id"].astype("object").map(named)
    name = at_site.where(at_site.notna(), stops["name"].astype("object"))
    return said["stop_id"].astype("object").map(dict(zip(stops["stop_id"], name, strict=True)))


def _kept(said: pd.DataFrame, month: str) -> tuple[pd.DataFrame, dict[str, int]]:
    late = said["said_on"].gt(pd.Timestamp(last_day(month)))
    nowhere = said["place"].isna()
    reasons = {
        "said after the month asked for": int(late.sum()),
        "of a whole walk, or of no known place": int((nowhere & ~late).sum()),
    }
    return said[~late & ~nowhere], {reason: n for reason, n in reasons.items() if n}


def _table(workspace: Workspace, said: pd.DataFrame, month: str, side: int) -> pd.DataFrame:
    table = by_place(said).merge(dark_gap(said), on="place", how="left")
    table.loc[table["mode"].ne("individual"), ["pairs", "gap"]] = np.nan
    for column, words in (("issues", ISSUES), ("positives", POSITIVES)):
        named = named_most(said, column)
        told = named["code"].map(dict(words)) + " (" + named["named"].astype(str) + ")"
        table[column] = table["place"].map(told.groupby(named["place"]).agg("; ".join)).fillna("")
    hexagon = said.dropna(subset=["hexagon"]).groupby("place")["hexagon"].first()
    table["hexagon"] = table["place"].map(hexagon)
    return _beside(workspace, table, month, side)


def _beside(workspace: Workspace, table: pd.DataFrame, month: str, side: int) -> pd.DataFrame:
    """Set the reports of each place's hexagon beside it, and tag where the two differ."""
    first = m.window(month, WINDOW_MONTHS)[0]
    counted = counts(workspace, ["hexagon"], first=first, last=month, side=side).table
    reports = dict(zip(counted["hexagon"].astype(str), counted["count"], strict=True))
    every = ground_of(workspace, side).cells
    cells = dict(zip(every["hexagon"].astype(str), every["ward_code"], strict=True))
    table = table.assign(
        reports=table["hexagon"].map(reports), ward_code=table["hexagon"].map(cells)
    )
    own = table[table["mode"].eq("individual") & ~table["virtual"]]
    share = own.groupby("hexagon")["share"].max()
    places = pd.DataFrame({"reports": pd.Series(reports, dtype="float64")})
    tags = beside_record(places.assign(concern=share.reindex(places.index)))
    return table.assign(tag=table["hexagon"].map(tags).fillna(""))
