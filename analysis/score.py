"""Score locations so that a manager can choose and a panel can question.

The score is a weighted mean of percentile ranks, or of another scale. It describes what has been
reported and said; it predicts nothing. Missing evidence is missing: it lowers the coverage, never
the score.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from analysis.components import COMPONENT_CODES, COMPONENTS, VOLUME_MONTHS
from analysis.normalise import NORMALISERS, Normaliser, normalise

Mode = Literal["all_evidence", "some_evidence", "reports_only"]

LEAST_COVERAGE = 60.0
"""Per cent of the weights a place must have evidence for before it is ranked."""

LEAST_REPORT_WEIGHT = 50.0
"""Per cent of a preset's weight that reports must carry before reports alone may rank with it."""

COMMON_SHARE = 0.5
"""Share of the places that must have a component before all are asked for it."""

WINDOWS = (6, VOLUME_MONTHS, 24)
"""Months of reports that volume may be counted over."""

REPORT_COMPONENTS: tuple[str, ...] = tuple(c.code for c in COMPONENTS if c.from_reports)


@dataclass(frozen=True)
class ScoreWeights:
    """Weights of the components, as a named preset.

    Attributes
    ----------
    name : str
        Code of the preset.
    label : str
        What people see.
    weights : mapping of str to float
        Weight of each component, not negative; components left out weigh nothing.
    collect : str
        What to collect when reports alone cannot rank with this preset.
    normaliser : {'rank', 'min-max', 'z', 'index'}
        How components are put on one scale (`analysis.normalise.normalise`).
    window : int
        Months of reports that volume counts.
    base : str
        Code of the built-in preset it was made from; its own for those.

    Raises
    ------
    ValueError
        If a component, normaliser or window is unknown, a weight is negative, or all are zero.
    """

    name: str
    label: str
    weights: Mapping[str, float]
    collect: str = ""
    normaliser: Normaliser = "rank"
    window: int = VOLUME_MONTHS
    base: str = ""

    def __post_init__(self) -> None:
        if self.normaliser not in NORMALISERS:
            raise ValueError(f"no such normaliser: {self.normaliser}")
        if self.window not in WINDOWS:
            raise ValueError(f"reports are counted over {_either(WINDOWS)} months")
        unknown = set(self.weights) - set(COMPONENT_CODES)
        if unknown:
            raise ValueError(f"no such component: {', '.join(sorted(unknown))}")
        if any(w < 0 or not np.isfinite(w) for w in self.weights.values()):
            raise ValueError("a weight is a number of 0 or more")
        if not sum(self.weights.values()) > 0:
            raise ValueError("at least one weight must be above 0")

    def of(self, component: str) -> float:
        """Weight of one component; 0 when it is left out."""
        return float(self.weights.get(component, 0.0))

    @property
    def scale(self) -> str:
        """What a total runs from and to, in words."""
        return "the average is 100" if self.normaliser == "index" else "0 to 100"

    @property
    def purpose(self) -> str:
        """Code of the built-in preset whose kind of event it is for."""
        return self.base or self.name

    @property
    def total(self) -> float:
        """Sum of the weights."""
        return float(sum(self.weights.values()))

    def share_of_reports(self) -> float:
        """Per cent of the weight that components fed by reports alone carry.

        Examples
        --------
        >>> PRESETS["walkabout"].share_of_reports(), PRESETS["womens_walk"].share_of_reports()
        (55.0, 30.0)
        """
        return 100 * sum(self.of(c) for c in REPORT_COMPONENTS) / self.total


def _either(values: tuple[int, ...]) -> str:
    return f"{', '.join(map(str, values[:-1]))} or {values[-1]}"


_CODES = COMPONENT_CODES
PRESETS: dict[str, ScoreWeights] = {
    "walkabout": ScoreWeights(
        "walkabout", "Walkabout",
        dict(zip(_CODES, (30, 15, 10, 5, 5, 15, 15, 5, 0, 0), strict=True)),
        "walk feedback, requests from residents and councillors, and open actions",
    ),
    "womens_walk": ScoreWeights(
        "womens_walk", "Women's safety walk",
        dict(zip(_CODES, (15, 10, 5, 15, 20, 30, 5, 0, 0, 0), strict=True)),
        "virtual walks, feedback from walks by day and after dark, and reports of harassment "
        "with the hour they happened",
    ),
    "engagement": ScoreWeights(
        "engagement", "Safety surgery or mobile unit",
        dict(zip(_CODES, (20, 5, 5, 0, 0, 20, 10, 0, 25, 15), strict=True)),
        "walk feedback, requests, and the stations and public places on the map",
    ),
}  # fmt: skip


def score_mode(evidence: pd.DataFrame, weights: ScoreWeights) -> Mode:
    """Tell how much of what a preset weighs is known.

    `reports_only` while nothing but reports feeds the score. `some_evidence` while what at least
    half of the places have still weighs under 60 per cent and reports carry at least half of the
    preset: a council that writes down its first action must not lose the list it had. Otherwise
    `all_evidence`.

    Parameters
    ----------
    evidence : pandas.DataFrame
        One column per component with raw values; NaN is missing evidence.
    weights : ScoreWeights
        The preset.

    Returns
    -------
    {'all_evidence', 'some_evidence', 'reports_only'}

    Examples
    --------
    >>> told = pd.DataFrame({"volume": [1.0, 2.0], "concern": [float("nan")] * 2})
    >>> score_mode(told, PRESETS["walkabout"])
    'reports_only'
    >>> score_mode(told.assign(unresolved=[1.0, 0.0]), PRESETS["walkabout"])
    'some_evidence'
    >>> score_mode(told.assign(unresolved=[1.0, 0.0]), PRESETS["womens_walk"])
    'all_evidence'
    """
    other = [c for c in evidence.columns if c not in REPORT_COMPONENTS]
    if not evidence[other].notna().any(axis=None):
        return "reports_only"
    known = sum(weights.of(str(c)) for c in evidence.columns[_common(evidence)])
    thin = 100 * known / weights.total < LEAST_COVERAGE - 1e-9
    return "some_evidence" if thin and can_rank(weights, "some_evidence") else "all_evidence"


def _common(evidence: pd.DataFrame) -> np.ndarray:
    return evidence.notna().mean().to_numpy() >= COMMON_SHARE


def can_rank(weights: ScoreWeights, mode: Mode) -> bool:
    """Tell whether a preset may rank in a mode.

    Short of all evidence it may only when reports carry at least half of its weight: the walkabout
    preset may (55 per cent), the women's walk may not (30 per cent).

    Examples
    --------
    >>> [can_rank(PRESETS[name], "reports_only") for name in ("walkabout", "womens_walk")]
    [True, False]
    """
    return mode == "all_evidence" or weights.share_of_reports() >= LEAST_REPORT_WEIGHT


def score_locations(evidence: pd.DataFrame, weights: ScoreWeights) -> pd.DataFrame:
    r"""Score and rank locations.

    .. math::

        s_{ik} = \text{scale of } x_{ik} \text{ among places with a value},\quad
        t_i = \frac{\sum_{k \in K_i} w_k s_{ik}}{\sum_{k \in K_i} w_k}

    over the components :math:`K_i` for which place i has evidence. Coverage is
    :math:`100 \sum_{k \in K_i} w_k / \sum_k w_k`. The scale is the preset's: the percentile rank
    unless it says otherwise (`analysis.normalise.normalise`). Method after the OECD/JRC Handbook on
    Constructing Composite Indicators: a weighted arithmetic mean over what is available.

    Parameters
    ----------
    evidence : pandas.DataFrame
        Index: location ids, unique. One column per component with raw values; NaN is missing
        evidence. Components without a column are missing everywhere.
    weights : ScoreWeights
        The preset.

    Returns
    -------
    pandas.DataFrame
        On the index of `evidence`: `<component>_raw`, `<component>_score` (0-100),
        `<component>_weight` (as in the preset) for every component, `coverage` (per cent of the
        whole preset's weight), `mode`, `total` (0-100; by 'index' 100 is the average) and `rank`
        (1 is first, Int64).
        Total and rank are missing where the evidence is too thin, and everywhere when the preset
        cannot rank on reports alone.

    Raises
    ------
    ValueError
        If the index has a location twice.

    Notes
    -----
    Recomputable by hand from a row: total = Σ weight·score / Σ weight over the components whose
    score is not blank. It does not depend on the order of the rows; raising one raw value never
    lowers that place's total; equal totals are ranked by location id, lowest first. In
    `reports_only` the 60 per cent rule counts only report components that some place has, and in
    `some_evidence` those components that at least half of the places have (`score_mode`).

    Examples
    --------
    >>> evidence = pd.DataFrame({"volume": [5.0, 1.0, 3.0]}, index=["h1", "h2", "h3"])
    >>> scored = score_locations(evidence, PRESETS["walkabout"])
    >>> scored["total"].tolist(), scored["rank"].tolist(), scored["coverage"].tolist()
    ([100.0, 0.0, 50.0], [1, 3, 2], [30.0, 30.0, 30.0])
    """
    found = _weighed(evidence, weights)
    raw, scores, total = found.raw, found.scores, found.total
    parts = {
        f"{code}_{what}": column
        for code in COMPONENT_CODES
        for what, column in (
            ("raw", raw[code]),
            ("score", scores[code]),
            ("weight", weights.of(code)),
        )
    }
    return pd.DataFrame(parts, index=raw.index).assign(
        coverage=found.coverage.round(6), mode=found.mode, total=total, rank=rank_by_total(total)
    )


def score_totals(evidence: pd.DataFrame, weights: ScoreWeights) -> pd.Series:
    """Give the totals of `score_locations` alone, for those who rank many times.

    Examples
    --------
    >>> evidence = pd.DataFrame({"volume": [5.0, 1.0, 3.0]}, index=["h1", "h2", "h3"])
    >>> score_totals(evidence, PRESETS["walkabout"]).tolist()
    [100.0, 0.0, 50.0]
    """
    return _weighed(evidence, weights).total


@dataclass(frozen=True)
class _Weighed:
    """Components on their scale, and what they come to."""

    raw: pd.DataFrame
    scores: pd.DataFrame
    coverage: pd.Series
    mode: Mode
    total: pd.Series


def _weighed(evidence: pd.DataFrame, weights: ScoreWeights) -> _Weighed:
    if evidence.index.has_duplicates:
        twice = evidence.index[evidence.index.duplicated()][0]
        raise ValueError(f"a location appears twice: {twice!r}")
    raw = evidence.reindex(columns=list(COMPONENT_CODES)).astype("float64")
    mode = score_mode(raw, weights)
    scores = normalise(raw, weights.normaliser)
    weight = np.array([weights.of(c) for c in COMPONENT_CODES])
    held = scores.notna().to_numpy() * weight
    coverage = pd.Series(100 * held.sum(axis=1) / weights.total, index=raw.index)
    total = pd.Series(np.nan, index=raw.index)
    ranked = (
        _has_enough(held, weight, raw, mode) if can_rank(weights, mode) else held.sum(axis=1) < 0
    )
    total[ranked] = (scores.fillna(0.0).to_numpy() * held).sum(axis=1)[ranked] / held.sum(axis=1)[
        ranked
    ]
    return _Weighed(raw, scores, coverage, mode, total)


def rank_by_total(total: pd.Series) -> pd.Series:
    """Rank totals, highest first; equal totals by id; missing totals get no rank.

    Totals are compared to nine decimals, so that the order of a sum cannot break a tie.

    Examples
    --------
    >>> rank_by_total(pd.Series([70.0, 70.0, None], index=["b", "a", "c"])).tolist()
    [2, 1, <NA>]
    """
    known = total.dropna().round(9)
    by_id = known.sort_index(kind="stable")
    order = by_id.sort_values(ascending=False, kind="stable").index
    ranks = pd.Series(np.arange(1, len(order) + 1), index=order, dtype="Int64")
    return ranks.reindex(total.index)


def _has_enough(held: np.ndarray, weight: np.ndarray, raw: pd.DataFrame, mode: Mode) -> np.ndarray:
    asked = weight.copy()
    if mode == "reports_only":
        from_reports = np.isin(raw.columns, REPORT_COMPONENTS)
        asked = weight * from_reports * raw.notna().any().to_numpy()
    elif mode == "some_evidence":
        asked = weight * _common(raw)
    if asked.sum() == 0:
        return np.zeros(len(raw), dtype=bool)
    return 100 * held.sum(axis=1) / asked.sum() >= LEAST_COVERAGE - 1e-9
