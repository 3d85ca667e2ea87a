"""Weights of the score with names: the three that are built in, and those people saved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from analysis.components import COMPONENT_CODES
from analysis.jobs.voices import records_of
from analysis.normalise import Normaliser
from analysis.score import PRESETS, ScoreWeights
from geodata.errors import RecordError, SaferWalksError
from geodata.records.changes import Record
from geodata.records.database import Records, open_records
from geodata.workspace import Workspace

CURRENT, RETIRED = "current", "retired"
BUILT_IN = "built in"


def presets(workspace: Workspace) -> pd.DataFrame:
    """List every preset that may be used, the built-in ones first and then by name.

    Returns
    -------
    pandas.DataFrame
        `preset` (what a command calls it: a code, or the saved name), `preset_id`, `label`, `base`,
        one column a component with its weight, `normaliser`, `window`, `reason`, `by`, `on` (day
        of the last change), `version` (0 for built in).
    """
    rows = [_row(weights, preset_id=code) for code, weights in PRESETS.items()]
    for record in _saved(workspace):
        about = {
            "reason": record["reason"], "by": record.updated_by,
            "on": record.updated_at.date().isoformat(), "version": record.version,
        }  # fmt: skip
        rows.append(_row(_weights_of(record), preset_id=record.id) | about)
    return pd.DataFrame(rows)


def _row(weights: ScoreWeights, *, preset_id: str) -> dict[str, Any]:
    built_in = weights.name in PRESETS
    return {
        "preset": weights.name if built_in else weights.label, "preset_id": preset_id,
        "label": weights.label, "base": weights.purpose,
        **{code: weights.of(code) for code in COMPONENT_CODES},
        "normaliser": weights.normaliser, "window": weights.window,
        "reason": BUILT_IN if built_in else "", "by": "", "on": "", "version": 0,
    }  # fmt: skip


def preset_of(
    workspace: Workspace,
    name: str,
    *,
    weights: Mapping[str, float] | None = None,
    normaliser: str | None = None,
    window: int | None = None,
) -> ScoreWeights:
    """Find a preset, and change what somebody wants otherwise.

    Parameters
    ----------
    workspace : Workspace
        Whose saved presets.
    name : str
        Code of a built-in preset, or name or id of a saved one, however it is written.
    weights, normaliser, window : optional
        In the place of the preset's own.

    Raises
    ------
    SaferWalksError
        If there is no such preset, or what it is given cannot be.
    """
    found = PRESETS.get(name) or _weights_of(_find(workspace, name))
    asked: dict[str, Any] = {"normaliser": normaliser, "window": window, "weights": weights}
    changes = {
        key: value
        for key, value in asked.items()
        if value is not None and value != getattr(found, key)
    }
    return _changed(found, changes) if changes else found


def _changed(found: ScoreWeights, changes: Mapping[str, Any]) -> ScoreWeights:
    try:
        return replace(found, base=found.purpose, label=f"{found.label}, changed", **changes)
    except ValueError as fault:
        raise SaferWalksError("This cannot be scored with", got=str(fault)) from fault


def save_preset(
    workspace: Workspace,
    name: str,
    weights: ScoreWeights,
    *,
    reason: str,
    by: str,
    at: dt.datetime,
    version: int | None = None,
) -> Record:
    """Save weights under a name; under a name that is there they are its next version.

    Parameters
    ----------
    workspace : Workspace
        Where.
    name : str
        What to call them.
    weights : ScoreWeights
        With their scale and window; from `preset_of`.
    reason : str
        Why these, in words that can be read out.
    by, at
        Who saves them (the post), and when.
    version : int, optional
        Of the preset of that name, as this person has seen it; 0 if it is meant to be new.

    Raises
    ------
    RecordError
        If a name or reason is missing, or the name is that of a built-in preset, or taken.
    StaleRecordError
        If somebody else changed the preset since.
    """
    called = " ".join(name.split())
    values = {
        "name": called, "status": CURRENT, "base": weights.purpose,
        "weights": {code: weights.of(code) for code in COMPONENT_CODES if weights.of(code)},
        "normaliser": weights.normaliser, "window": weights.window, "reason": reason,
    }  # fmt: skip
    there = [r for r in _saved(workspace) if r["name"].casefold() == called.casefold()]
    if there and version == 0:
        raise RecordError("There is a preset of this name", got=there[0]["name"],
                          todo="choose it and change it, or use another name")  # fmt: skip
    with open_records(workspace).changing(by=by, at=at) as change:
        if there:
            return change.update("presets", there[0].id, values, version=version)
        return change.create("presets", values)


def retire_preset(
    workspace: Workspace, name: str, *, reason: str, by: str, at: dt.datetime
) -> Record:
    """Offer a saved preset no more; it stays in the history, and in decisions made with it.

    Raises
    ------
    SaferWalksError
        If it is built in, or there is none of that name.
    """
    if name in PRESETS:
        raise SaferWalksError("A built-in preset stays", got=name)
    record = _find(workspace, name)
    values = {"status": RETIRED, "reason": reason or record["reason"]}
    with open_records(workspace).changing(by=by, at=at) as change:
        return change.update("presets", record.id, values, version=record.version)


def _saved(workspace: Workspace) -> list[Record]:
    records: Records | None = records_of(workspace)
    if records is None:
        return []
    current = [r for r in records.list("presets") if r["status"] == CURRENT]
    return sorted(current, key=lambda r: (r["name"].casefold(), r.id))


def _find(workspace: Workspace, name: str) -> Record:
    saved, wanted = _saved(workspace), " ".join(name.split()).casefold()
    found = [r for r in saved if wanted in (r["name"].casefold(), r.id.casefold())]
    if len(found) == 1:
        return found[0]
    if found:
        raise SaferWalksError(
            "Several presets have that name", got=name,
            todo=f"use its id: {', '.join(r.id for r in found)}",
        )  # fmt: skip
    raise SaferWalksError(
        "No preset has that name", got=repr(name),
        todo=f"use one of: {', '.join([*PRESETS, *(r['name'] for r in saved)])}",
    )  # fmt: skip


def _weights_of(record: Record) -> ScoreWeights:
    """Read a saved preset; a part that the score does not have is told."""
    base = PRESETS[record["base"]]
    how: Normaliser = record["normaliser"]
    try:
        return ScoreWeights(
            record.id, record["name"], record["weights"], base.collect, how, record["window"],
            base.name,
        )  # fmt: skip
    except ValueError as fault:
        raise SaferWalksError(
            "This preset cannot be used", got=f"{record['name']}: {fault}",
            todo="save it again with parts that the score has",
        ) from fault  # fmt: skip
