"""Choose a place for a walk, and keep what it was chosen by, so that it can be worked out again.

Choosing a lower place is normal: people know what no number does. It needs a reason.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from analysis.components import COMPONENT_CODES
from analysis.jobs.candidates import CATCHMENT_M
from analysis.jobs.score import ScoreResult, score
from geodata.errors import SaferWalksError
from geodata.hexagons import DEFAULT_SIDE
from geodata.records.changes import Record
from geodata.records.database import open_records
from geodata.workspace import Workspace

PURPOSES = {
    "walkabout": "walkabout",
    "womens_walk": "womens_walk",
    "engagement": "safety_surgery",
}
"""Kind of event that a preset chooses places for."""


def decide(
    workspace: Workspace,
    location_id: str,
    *,
    preset: str,
    reasons: Sequence[str],
    by: str,
    at: dt.datetime,
    words: str = "",
    as_at: str | None = None,
    side: int = DEFAULT_SIDE,
    source: str | None = None,
    weights: Mapping[str, float] | None = None,
    normaliser: str | None = None,
    window: int | None = None,
    places: str = "hexagons",
    catchment: int = CATCHMENT_M,
) -> Record:
    """Record that a place was chosen.

    Parameters
    ----------
    workspace : Workspace
        Where.
    location_id : str
        The place, as `score` lists it.
    preset : str
        What the walk is for: a built-in preset or a saved one.
    reasons : sequence of str
        Codes of `geodata.records.vocabularies.SELECTION_REASONS`.
    by, at
        Who chose (the post), and when.
    words : str
        The reason in words; needed where the place is not among the first ten.
    as_at, side, source, weights, normaliser, window, places, catchment
        As `analysis.jobs.score.score`.

    Returns
    -------
    Record
        The decision, with a snapshot of score, weights and data.

    Raises
    ------
    SaferWalksError
        If there is no such place.
    RecordError
        If no reason is given, or none in words where one is needed.
    """
    found = score(
        workspace, preset=preset, as_at=as_at, side=side, source=source, weights=weights,
        normaliser=normaliser, window=window, places=places, catchment=catchment,
    )  # fmt: skip
    row = _row(found, location_id)
    values = {
        "decided_on": at.date(), "decided_by": by, "purpose": PURPOSES[found.weights.purpose],
        "site_id": location_id if places == "sites" else None, "location_id": location_id,
        "ward_code": str(row["ward_code"]),
        "rank": None if pd.isna(row["rank"]) else int(row["rank"]),
        "score": None if pd.isna(row["total"]) else round(float(row["total"]), 6),
        "reasons": tuple(reasons), "override_reason": words,
        "snapshot": snapshot(workspace, found, row, side),
    }  # fmt: skip
    with open_records(workspace).changing(by=by, at=at) as change:
        return change.create("decisions", values)


def snapshot(workspace: Workspace, found: ScoreResult, row: pd.Series, side: int) -> dict[str, Any]:
    """Keep what a place was chosen by: its numbers, the weights, and which data they came from."""
    return {
        "preset": found.weights.name, "label": found.weights.label,
        "purpose": found.weights.purpose, "normaliser": found.weights.normaliser,
        "window": found.weights.window, "places_are": "hexagons" if found.where is None
        else found.where.kind, "metres": side if found.where is None else found.where.metres,
        "as_at": found.as_at, "side": side,
        "source": found.selection.source, "data": workspace.version, "mode": found.mode,
        "name": str(row["name"]), "places": int(found.table["rank"].notna().sum()),
        "coverage": round(float(row["coverage"]), 3), "why": str(row["why"]),
        "tags": str(row["tags"]),
        "weights": {code: found.weights.of(code) for code in COMPONENT_CODES},
        "scores": {code: _number(row[f"{code}_score"]) for code in COMPONENT_CODES},
        "rank_low": _number(row["rank_low"]), "rank_high": _number(row["rank_high"]),
    }  # fmt: skip


def check_decision(workspace: Workspace, decision_id: str) -> dict[str, Any]:
    """Work a decision's score out again, from its own snapshot and from the data as they are now.

    Parameters
    ----------
    workspace : Workspace
        Whose records.
    decision_id : str
        Which decision.

    Returns
    -------
    dict
        `score` as stored; `by_hand`, from the snapshot's own parts and weights; `now`, from the
        workspace; `same_data` (whether the workspace is as it was); `message`.

    Raises
    ------
    RecordError
        If there is no such decision.
    """
    record = open_records(workspace).get("decisions", decision_id)
    kept: Mapping[str, Any] = record["snapshot"]
    by_hand = weighted_mean(kept["scores"], kept["weights"])
    # The weights themselves are kept: the preset may have changed since, or be gone.
    sites = kept.get("places_are") == "sites"
    found = score(
        workspace, preset=kept.get("purpose", kept["preset"]), as_at=kept["as_at"],
        side=kept["side"], source=kept["source"], weights=kept["weights"],
        normaliser=kept.get("normaliser"), window=kept.get("window"),
        places="sites" if sites else "hexagons",
        catchment=kept["metres"] if sites else CATCHMENT_M,
    )  # fmt: skip
    now = _number(_row(found, record["location_id"])["total"])
    same = kept["data"] == workspace.version
    agrees = (
        record["score"] is not None
        and by_hand is not None
        and (abs(by_hand - record["score"]) < 1e-6)
    )
    said = (
        "The stored score follows from its own parts"
        if agrees
        else ("The stored score does not follow from its parts")
    )
    data = "the data are those it was made from" if same else "the data have changed since"
    return {
        "decision_id": decision_id, "score": record["score"], "by_hand": by_hand, "now": now,
        "same_data": same, "message": f"{said}; {data}.",
    }  # fmt: skip


def weighted_mean(scores: Mapping[str, Any], weights: Mapping[str, float]) -> float | None:
    """Work out a total from its parts; None where no part is known.

    Examples
    --------
    >>> weighted_mean({"volume": 80.0, "concern": None}, {"volume": 30, "concern": 15})
    80.0
    """
    known = [(s, weights[c]) for c, s in scores.items() if s is not None and weights[c] > 0]
    whole = sum(weight for _, weight in known)
    return sum(s * weight for s, weight in known) / whole if whole else None


def _row(found: ScoreResult, location_id: str) -> pd.Series:
    rows = found.table[found.table["location_id"].eq(location_id)]
    if rows.empty:
        raise SaferWalksError(
            "There is no such place in the list", got=location_id,
            todo="take the id from the list: safer-walks score",
        )  # fmt: skip
    return rows.iloc[0]


def _number(value: Any) -> float | None:  # noqa: ANN401 - a cell of a frame
    return None if pd.isna(value) else float(value)
