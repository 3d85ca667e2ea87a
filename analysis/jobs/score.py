"""Score candidate locations, to say where next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
from osbng.indexing import xy_to_bng

from analysis.components import COMPONENTS, Reading
from analysis.evidence import hexagon_matrix, report_evidence
from analysis.jobs.selection import Selection, select, selected_incidents, settle_as_at
from analysis.jobs.voices import last_day, records_of, voices_of
from analysis.robustness import (
    DRAWS,
    SEED,
    draw_components,
    leave_one_out,
    rank_intervals,
    weight_band,
)
from analysis.score import PRESETS, ScoreWeights, can_rank, score_locations
from analysis.setting import access, venues
from analysis.tags import tags
from analysis.tally import inside_rows
from analysis.why import absent_evidence, why_here
from geodata.errors import SaferWalksError
from geodata.hexagons import DEFAULT_SIDE, cover
from geodata.workspace import Workspace

NEAR_PLACE_M = 250.0
"""A hexagon whose centre is this close to a named place is called after it."""


@dataclass(frozen=True)
class ScoreResult:
    """A scored list of locations.

    Attributes
    ----------
    table : geopandas.GeoDataFrame
        One row a candidate, ranked ones first in order of rank, BNG: `location_id`, `name`,
        `ward_code`, `easting`, `northing`, the columns of `analysis.score.score_locations`,
        `rank_low`, `rank_high`, `p_top10` (see `analysis.robustness.rank_intervals`), `tags`
        (`analysis.tags`), `why`.
    weights : ScoreWeights
        The preset.
    mode : str
        'reports_only' while nothing but reports feeds the score, else 'all_evidence'.
    as_at : str
        Last month of the data used.
    absent : tuple of str
        Evidence the preset asks for and no place has, in words.
    message : str
        What to make of the list, in plain words.
    components : pandas.DataFrame
        One row a component of the preset: `component`, `label`, `weight`, `status` ('used' or
        'missing'), `note` (what went in, or what it needs).
    selection : Selection
        What was counted.
    robustness : pandas.DataFrame
        One row a candidate, on `location_id`: `pick`, the band of other weights (`weight_low`,
        `weight_high`) and what leaving one component out would do (`without_<component>`).
    draws, seed : int
        Draws behind the intervals, and what they were made from.
    other_sources : tuple of str
        Sources read beside the one that is counted, for reports after dark and of harassment.
    """

    table: gpd.GeoDataFrame
    weights: ScoreWeights
    mode: str
    as_at: str
    absent: tuple[str, ...]
    message: str
    components: pd.DataFrame
    selection: Selection
    robustness: pd.DataFrame
    draws: int
    seed: int
    other_sources: tuple[str, ...] = ()

    @property
    def is_ranked(self) -> bool:
        """Whether any place has a rank."""
        return bool(self.table["rank"].notna().any())

    def to_json(self) -> dict[str, Any]:
        """Everything but the table."""
        return {
            "preset": self.weights.name,
            "as_at": self.as_at,
            "mode": self.mode,
            "locations": len(self.table),
            "ranked": int(self.table["rank"].notna().sum()),
            "absent_evidence": list(self.absent),
            "message": self.message,
            "components": self.components.to_dict("records"),
            "sources_beside": list(self.other_sources),
            "draws": self.draws,
            "seed": self.seed,
            **self.selection.to_json(),
        }


def score(
    workspace: Workspace,
    *,
    preset: str = "walkabout",
    as_at: str | None = None,
    side: int = DEFAULT_SIDE,
    source: str | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
    reports_only: bool = False,
) -> ScoreResult:
    """Score every hexagon that meets a ward.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    preset : str, default 'walkabout'
        'walkabout', 'womens_walk' or 'engagement'.
    as_at : str, optional
        Last month, included, 'YYYY-MM'; the newest stored month by default.
    side : int, default 200
        Side of the hexagons, metres.
    source : str, optional
        As `analysis.jobs.selection.select`. Anti-social behaviour is counted.
    draws, seed : int
        Draws behind the intervals of the ranks, and what they are made from.
    reports_only : bool, default False
        Leave out what people said, asked for and are owed, and every source but the one counted:
        for the public, who could otherwise tell from a rank that somebody spoke up.

    Returns
    -------
    ScoreResult
        With blank totals and ranks where the evidence does not carry one.

    Raises
    ------
    SaferWalksError
        If the preset is not one, or the month is not stored.
    """
    weights = preset_named(preset)
    chosen = select(workspace, source=source)
    month = settle_as_at(chosen, as_at)
    columns = ["month", "easting", "northing"]
    rows = inside_rows(selected_incidents(workspace, chosen, columns))
    cells = cover(workspace.wards(), side)
    evidence = report_evidence(hexagon_matrix(rows, cells, chosen.cover, side), chosen.cover, month)
    readings, facts = dict(evidence.readings), evidence.facts
    if weights.of("access") or weights.of("venue"):
        readings |= _setting(workspace, cells, reports_only=reports_only)
    beside: tuple[str, ...] = ()
    visits = pd.DataFrame(columns=["place", "ward_codes", "on", "light"])
    if not reports_only:
        heard = voices_of(workspace, evidence.matrix.index, month, side)
        readings, beside = readings | dict(heard.readings), heard.sources
        facts, visits = facts.join(heard.facts), heard.visits
    raw = pd.DataFrame({code: reading.raw for code, reading in readings.items()})
    scored = score_locations(raw, weights)
    drawn = draw_components(evidence.matrix, chosen.cover, month, draws=draws, seed=seed)
    sure = rank_intervals(raw, weights, drawn)
    scored = scored.join(sure.drop(columns="pick"))
    band = weight_band(raw, weights, draws=draws, seed=seed)
    robustness = sure[["pick"]].join([band, leave_one_out(raw, weights)])
    owed = facts.get("owed", pd.Series(float("nan"), scored.index))
    wards = pd.Series(cells["ward_code"].to_numpy(), cells["hexagon"])
    scored["tags"] = tags(scored, wards, visits, owed, last_day(month))
    scored["why"] = why_here(scored, facts, readings, what=chosen.what)
    mode, absent = str(scored["mode"].iloc[0]), tuple(absent_evidence(scored, weights))
    return ScoreResult(
        _located(scored, cells, workspace.places()), weights, mode, month, absent,
        _message(scored, weights, mode, absent), _component_table(readings, weights), chosen,
        robustness, draws, seed, beside,
    )  # fmt: skip


def _setting(
    workspace: Workspace, cells: gpd.GeoDataFrame, *, reports_only: bool
) -> dict[str, Reading]:
    """Say how each hexagon is reached, and where one could meet; with the users' own places."""
    known = workspace.places()[["kind", "geometry"]]
    records = None if reports_only else records_of(workspace)
    if records is not None:
        sites = records.frame("sites", status="current").dropna(subset=["easting", "northing"])
        points = gpd.points_from_xy(sites["easting"], sites["northing"], crs=known.crs)
        own = gpd.GeoDataFrame(sites[["kind"]], geometry=points)
        known = gpd.GeoDataFrame(pd.concat([known, own], ignore_index=True), crs=known.crs)
    centres = pd.DataFrame(cells[["easting", "northing"]]).set_axis(cells["hexagon"], axis=0)
    return {"access": access(known, centres), "venue": venues(known, centres)}


def preset_named(name: str) -> ScoreWeights:
    """Find a preset by its code.

    Raises
    ------
    SaferWalksError
        If there is none.
    """
    if name not in PRESETS:
        raise SaferWalksError(
            "No preset has that name", got=repr(name), todo=f"use one of: {', '.join(PRESETS)}"
        )
    return PRESETS[name]


def location_names(cells: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> pd.Series:
    """Name hexagons so that a person finds them: the nearest named place, or a grid reference.

    Parameters
    ----------
    cells : geopandas.GeoDataFrame
        `ward_name`, `easting`, `northing` (BNG metres).
    places : geopandas.GeoDataFrame
        `name`, points in BNG; may be empty.

    Returns
    -------
    pandas.Series
        On the index of `cells`: 'Whitechapel: near Whitechapel station' where a place lies within
        250 m of the centre, else 'Whitechapel: around TQ 345 815' (a 100 m square of the grid).
    """
    points = gpd.GeoSeries.from_xy(cells["easting"], cells["northing"], cells.index, crs=cells.crs)
    references = [
        f"around {xy_to_bng(e, n, 100).bng_ref_formatted}"
        for e, n in zip(cells["easting"], cells["northing"], strict=True)
    ]
    where = pd.Series(references, index=cells.index)
    if len(places):
        frame = gpd.GeoDataFrame(geometry=points, crs=cells.crs)
        near = frame.sjoin_nearest(places[["name", "geometry"]], max_distance=NEAR_PLACE_M)
        near = near.sort_values("name", kind="stable")
        near = near[~near.index.duplicated()]
        where.loc[near.index] = "near " + near["name"]
    return cells["ward_name"].astype(str) + ": " + where


def _located(
    scored: pd.DataFrame, cells: gpd.GeoDataFrame, places: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    cells = cells.assign(name=location_names(cells, places)).rename(
        columns={"hexagon": "location_id"}
    )
    where = cells[["location_id", "name", "ward_code", "easting", "northing"]]
    joined = where.merge(
        scored, left_on="location_id", right_index=True, validate="one_to_one", how="left"
    )
    frame = gpd.GeoDataFrame(joined, geometry=cells.geometry.to_numpy(), crs=cells.crs)
    return frame.sort_values(["rank", "location_id"], na_position="last").reset_index(drop=True)


def _message(
    scored: pd.DataFrame, weights: ScoreWeights, mode: str, absent: tuple[str, ...]
) -> str:
    lacking = ", ".join(absent)
    if mode == "all_evidence":
        return f"Not known anywhere: {lacking}." if absent else "Every component has evidence."
    if not can_rank(weights, "reports_only"):
        return (
            f"Reports alone carry {weights.share_of_reports():.0f} % of what the "
            f"{weights.label.lower()} preset weighs, so no place is ranked. "
            f"Collect first: {weights.collect}."
        )
    if scored["rank"].isna().all():
        return f"Too few months are stored to rank any place. Missing: {lacking}."
    return f"Provisional: made from reports only. Not known yet: {lacking}."


def _component_table(readings: Mapping[str, Reading], weights: ScoreWeights) -> pd.DataFrame:
    rows = []
    for component in COMPONENTS:
        reading = readings.get(component.code)
        missing = reading is None or reading.is_missing
        note = reading.note if reading else f"needs {component.evidence}"
        rows.append(
            {
                "component": component.code,
                "label": component.label,
                "weight": weights.of(component.code),
                "status": "missing" if missing else "used",
                "note": note,
            }
        )
    return pd.DataFrame(rows)
