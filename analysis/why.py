"""One sentence per location, made from its own numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.change import change_words
from analysis.components import COMPONENTS, Reading
from analysis.score import ScoreWeights


def why_here(
    scored: pd.DataFrame, facts: pd.DataFrame, readings: Mapping[str, Reading], *, what: str
) -> pd.Series:
    """Say why a location stands where it does, in its own numbers.

    Parameters
    ----------
    scored : pandas.DataFrame
        From `analysis.score.score_locations`.
    facts : pandas.DataFrame
        `reports`, `recent`, `recent_before` on the same index; `answers`, `unsafe`, `asking`,
        `owed` too where records are kept (`analysis.jobs.voices`).
    readings : mapping of str to Reading
        The components, for what went into them.
    what : str
        What is counted, such as 'ASB reports'.

    Returns
    -------
    pandas.Series
        One sentence from reports, and one from what people said where they did, on the index of
        `scored`. They make no claim beyond the counts: reports received are not the same as what
        happened.

    Examples
    --------
    >>> from analysis.score import PRESETS, score_locations
    >>> evidence = pd.DataFrame({"volume": [8.8, 0.5]}, index=["a", "b"])
    >>> facts = pd.DataFrame({"reports": [10, 0], "recent": None, "recent_before": None},
    ...                      ["a", "b"])
    >>> readings = {"volume": Reading(evidence["volume"], 12, "")}
    >>> scored = score_locations(evidence, PRESETS["walkabout"])
    >>> print(why_here(scored, facts, readings, what="ASB reports")["a"])
    10 ASB reports in 12 months, more than at 50 % of the places compared (the middle place has 5).
    """
    middle = facts["reports"].median()
    more_than = 100 * (facts["reports"].rank(method="min") - 1) / max(len(facts), 1)
    steady = readings["persistence"].raw if "persistence" in readings else None
    sentences = []
    for place, fact in zip(facts.index, facts.to_dict("records"), strict=True):
        parts = [_volume(fact["reports"], readings["volume"].used, more_than[place], middle, what)]
        if steady is not None and pd.notna(steady[place]):
            parts.append(_steady(steady[place], readings["persistence"].used))
        if pd.notna(fact["recent"]) and pd.notna(fact["recent_before"]):
            parts.append(
                f"last three months: {change_words(fact['recent'], fact['recent_before'])}"
            )
        sentences.append("; ".join(parts) + "." + _heard(fact))
    return pd.Series(sentences, index=facts.index).reindex(scored.index)


def _heard(fact: Mapping[Any, Any]) -> str:
    """Say what people said, asked and are owed; nothing where there is nothing to say."""
    parts = []
    if fact.get("answers", 0) > 0:
        parts.append(f"{fact['unsafe']:.0f} of {fact['answers']:.0f} people felt unsafe there")
    if fact.get("asking", 0) > 0:
        people = "person has" if fact["asking"] == 1 else "people have"
        parts.append(f"{fact['asking']:.0f} {people} asked for a walk")
    if fact.get("owed", 0) > 0:
        actions = "action is" if fact["owed"] == 1 else "actions are"
        parts.append(f"{fact['owed']:.0f} {actions} still open")
    return f" {'; '.join(parts)}." if parts else ""


def absent_evidence(scored: pd.DataFrame, weights: ScoreWeights) -> list[str]:
    """List the evidence that no place has and the preset asks for, in words.

    Examples
    --------
    >>> from analysis.score import PRESETS, score_locations
    >>> scored = score_locations(pd.DataFrame({"volume": [1.0]}, index=["a"]), PRESETS["walkabout"])
    >>> absent_evidence(scored, PRESETS["walkabout"])[0]
    'reports over 26 months'
    """
    return [
        c.evidence
        for c in COMPONENTS
        if weights.of(c.code) > 0 and scored[f"{c.code}_raw"].isna().all()
    ]


def _volume(reports: float, months: int, more_than: float, middle: float, what: str) -> str:
    if reports == 0:
        return f"no {what} in {months} months, which does not mean that it feels safe"
    said = f"{reports:,.0f} {what if reports != 1 else what.removesuffix('s')} in {months} months"
    return (
        f"{said}, more than at {int(more_than)} % of the places compared "
        f"(the middle place has {middle:,.0f})"
    )


def _steady(share: float, windows: int) -> str:
    times = round(share * windows)
    if times == 0:
        return f"in the busiest tenth in none of {windows} three-month periods"
    return f"in the busiest tenth in {times} of {windows} three-month periods"
