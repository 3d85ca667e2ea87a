"""Score candidate locations, to say where next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from analysis.components import COMPONENTS, Reading, volume
from analysis.evidence import ReportEvidence, report_evidence
from analysis.jobs.candidates import CATCHMENT_M, GONE, Candidates, candidates
from analysis.jobs.ground import ground_of
from analysis.jobs.presets import preset_of
from analysis.jobs.selection import Selection, select, settle_as_at
from analysis.jobs.voices import last_day, records_of, records_stamp, voices_of
from analysis.robustness import (
    DRAWS,
    SEED,
    ComponentDraws,
    draw_components,
    leave_one_out,
    leave_out,
    rank_intervals,
    weight_band,
)
from analysis.score import (
    LEAST_COVERAGE,
    PRESETS,
    WINDOWS,
    ScoreWeights,
    can_rank,
    score_locations,
)
from analysis.setting import access, venues
from analysis.tags import LAMP_M, MAPPED_M, tags
from analysis.why import absent_evidence, why_here
from geodata import layers
from geodata.errors import SaferWalksError
from geodata.hexagons import DEFAULT_SIDE
from geodata.shared import Shared
from geodata.workspace import Workspace


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
        'reports_only' while nothing but reports feeds the score, 'some_evidence' while what is
        known of most places weighs too little, else 'all_evidence' (`analysis.score.score_mode`).
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
        `weight_high`) and what leaving one component, or all that one source feeds, out would do
        (`without_<component>`, `without_<source>`).
    draws, seed : int
        Draws behind the intervals, and what they were made from.
    other_sources : tuple of str
        Sources read beside the one that is counted, for reports after dark and of harassment.
    where : Candidates
        The places that are compared.
    facts, visits : pandas.DataFrame
        Plain numbers of each place, and the events held there (`analysis.jobs.voices.Voices`).
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
    where: Candidates | None = None
    facts: pd.DataFrame = field(default_factory=pd.DataFrame)
    visits: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def full_table(self) -> gpd.GeoDataFrame:
        """The table with what `robustness` says of each place beside it, for those who check."""
        extra = self.robustness.reindex(self.table["location_id"]).set_axis(self.table.index)
        return self.table.join(extra)

    @property
    def is_ranked(self) -> bool:
        """Whether any place has a rank."""
        return bool(self.table["rank"].notna().any())

    @property
    def is_provisional(self) -> bool:
        """Whether places are ranked by less evidence than the 60 per cent rule asks for."""
        return self.is_ranked and self.mode != "all_evidence"

    def to_json(self) -> dict[str, Any]:
        """Everything but the table."""
        return {
            "preset": self.weights.name,
            "label": self.weights.label,
            "weights": dict(self.weights.weights),
            "normaliser": self.weights.normaliser,
            "window": self.weights.window,
            "places": "hexagons" if self.where is None else self.where.kind,
            "metres": None if self.where is None else self.where.metres,
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
    weights: Mapping[str, float] | None = None,
    normaliser: str | None = None,
    window: int | None = None,
    places: str = "hexagons",
    catchment: int = CATCHMENT_M,
) -> ScoreResult:
    """Score every hexagon that meets a ward, or every named place.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    preset : str, default 'walkabout'
        'walkabout', 'womens_walk', 'engagement', or a preset somebody saved.
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
    weights, normaliser, window : optional
        In the place of the preset's own (`analysis.jobs.presets.preset_of`).
    places : {'hexagons', 'sites'}
        What is compared (`analysis.jobs.candidates`).
    catchment : int, default 200
        How far round a named place evidence counts, metres.

    Returns
    -------
    ScoreResult
        With blank totals and ranks where the evidence does not carry one.

    Raises
    ------
    SaferWalksError
        If the preset is not one, the month is not stored, or named places are asked for and there
        is none.
    """
    by = preset_of(workspace, preset, weights=weights, normaliser=normaliser, window=window)
    chosen = select(workspace, source=source)
    month = settle_as_at(chosen, as_at)
    where = candidates(workspace, places, side=side, catchment=catchment)
    # Neither what is known nor what is drawn depends on weights, and people try many of those.
    key = (
        str(workspace.path.absolute()), workspace.version, records_stamp(workspace), source, month,
        places, where.metres, by.window, reports_only,
    )  # fmt: skip
    setting = bool(by.of("access") or by.of("venue"))
    known = _known.get(
        (*key, setting),
        lambda: _gather(workspace, where, chosen, month, by, reports_only=reports_only),
    )
    scored = score_locations(known.raw, by)
    drawn = _drawn.get(
        (*key, draws, seed),
        lambda: draw_components(
            known.reports.matrix, chosen.cover, month, draws=draws, seed=seed, window=by.window
        ),
    )
    sure = rank_intervals(known.raw, by, drawn)
    robustness = _robustness(known, by, chosen, month, sure, draws=draws, seed=seed)
    scored = scored.join(sure.drop(columns="pick"))
    owed = known.facts.get("owed", pd.Series(float("nan"), scored.index))
    wards = pd.Series(where.table["ward_code"].to_numpy(), where.ids)
    scored["tags"] = tags(
        scored, wards, known.visits, owed, last_day(month),
        lamps=None if reports_only else _lamps(workspace, where), step_free=_step_free(where),
    )  # fmt: skip
    scored["why"] = why_here(scored, known.facts, known.readings, what=chosen.what)
    mode, absent = str(scored["mode"].iloc[0]), tuple(absent_evidence(scored, by))
    said = _message(scored, by, mode, absent)
    table = _located(scored, where, workspace)
    return ScoreResult(
        table, by, mode, month, absent, f"{said} {where.words()}".strip(),
        _component_table(known.readings, by), chosen, robustness, draws, seed,
        tuple(known.fed), where, known.facts, known.visits,
    )  # fmt: skip


_drawn: Shared[ComponentDraws] = Shared(2)  # up to 50 MB each


@dataclass(frozen=True)
class _Known:
    """All that is known of the places: what reports say, what people said, and their visits."""

    reports: ReportEvidence
    readings: Mapping[str, Reading]
    facts: pd.DataFrame
    visits: pd.DataFrame
    fed: Mapping[str, tuple[str, ...]]

    @property
    def raw(self) -> pd.DataFrame:
        """Raw components, one column each."""
        return pd.DataFrame({code: reading.raw for code, reading in self.readings.items()})


_known: Shared[_Known] = Shared(8)


def _gather(
    workspace: Workspace,
    where: Candidates,
    chosen: Selection,
    month: str,
    by: ScoreWeights,
    *,
    reports_only: bool,
) -> _Known:
    matrix = where.matrix(workspace, chosen)
    evidence = report_evidence(matrix, chosen.cover, month, by.window)
    readings, facts = dict(evidence.readings), evidence.facts
    if by.of("access") or by.of("venue"):
        readings |= _setting(workspace, where, reports_only=reports_only)
    if reports_only:
        visits = pd.DataFrame(columns=["place", "ward_codes", "on", "light"])
        return _Known(evidence, readings, facts, visits, {})
    heard = voices_of(workspace, matrix.index, month, where.near)
    readings |= dict(heard.readings)
    return _Known(evidence, readings, facts.join(heard.facts), heard.visits, heard.fed)


def _robustness(
    known: _Known,
    by: ScoreWeights,
    chosen: Selection,
    month: str,
    sure: pd.DataFrame,
    *,
    draws: int,
    seed: int,
) -> pd.DataFrame:
    """Say what other weights, scales and windows would do, and what a part or source carries."""
    others = [
        volume(known.reports.matrix, chosen.cover.within(None, month), month, months).raw
        for months in WINDOWS
        if months != by.window
    ]
    raw = known.raw
    usable = [v for v in others if raw["volume"].notna().all() and v.notna().all()]
    band = weight_band(raw, by, draws=draws, seed=seed, volumes=usable)
    fed = {
        chosen.source: tuple(known.reports.readings), **known.fed,
        "records": ("concern", "requests", "unresolved"), "map": ("access", "venue"),
    }  # fmt: skip
    sources = {
        source: parts
        for source, parts in fed.items()
        if any(code in raw and by.of(code) > 0 and raw[code].notna().any() for code in parts)
    }
    by_source = leave_out(raw, by, sources) if len(sources) > 1 else pd.DataFrame(index=raw.index)
    return sure[["pick"]].join([band, leave_one_out(raw, by), by_source])


def _setting(workspace: Workspace, where: Candidates, *, reports_only: bool) -> dict[str, Reading]:
    """Say how each place is reached, and where one could meet; with the users' own places."""
    known = workspace.places()[["kind", "geometry"]]
    records = None if reports_only else records_of(workspace)
    if records is not None:
        sites = records.frame("sites").dropna(subset=["easting", "northing"])
        sites = sites[~sites["status"].isin(GONE)]
        points = gpd.points_from_xy(sites["easting"], sites["northing"], crs=known.crs)
        own = gpd.GeoDataFrame(sites[["kind"]], geometry=points)
        known = gpd.GeoDataFrame(pd.concat([known, own], ignore_index=True), crs=known.crs)
    centres = pd.DataFrame(where.table[["easting", "northing"]]).set_axis(where.ids, axis=0)
    return {"access": access(known, centres), "venue": venues(known, centres)}


def _lamps(workspace: Workspace, where: Candidates) -> pd.Series | None:
    """Count the street lamps near the middle of each place; missing where none is on the map.

    A map of lamps may cover a part of the borough only: where none is mapped far and wide, that
    says nothing of the place.
    """
    known = layers.lamps(workspace)
    if known is None:
        return None
    middle = gpd.points_from_xy(where.table["easting"], where.table["northing"])
    near, wide = (
        np.bincount(
            known.sindex.query(middle.buffer(metres), predicate="intersects")[0],
            minlength=len(where.table),
        )
        for metres in (LAMP_M, MAPPED_M)
    )
    return pd.Series(near, where.ids).where(pd.Series(wide, where.ids) > 0)


def _step_free(where: Candidates) -> pd.Series | None:
    if "step_free" not in where.table:
        return None
    return pd.Series(where.table["step_free"].to_numpy(), where.ids)


def preset_named(name: str) -> ScoreWeights:
    """Find a built-in preset by its code.

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


def _located(scored: pd.DataFrame, where: Candidates, workspace: Workspace) -> gpd.GeoDataFrame:
    cells = where.table
    if where.kind == "hexagons":
        cells = cells.assign(name=ground_of(workspace, where.metres).names)
    first = cells[["location_id", "name", "ward_code", "easting", "northing"]]
    joined = first.merge(
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
    if mode == "some_evidence":
        return (
            f"Provisional: what is known of most places weighs under {LEAST_COVERAGE:.0f} % of "
            f"what counts. Not known anywhere yet: {lacking}."
        )
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
