"""Weights of the score that people saved under a name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from geodata.records.labels import Naming
from geodata.records.vocabularies import SCORE_PURPOSES


def check(values: Mapping[str, Any], name: Naming) -> list[str]:
    """Say what is wrong with a preset.

    Which parts a score has is not known here: `analysis.jobs.presets` refuses one that is none.

    Examples
    --------
    >>> values = {"name": "Dark evenings", "weights": {"volume": 1, "concern": -2}}
    >>> check(values, Naming({}, {}))
    ["the weight of 'concern' is no number of 0 or more: -2"]
    """
    taken = {word.casefold() for pair in SCORE_PURPOSES.items() for word in pair}
    called, weights = values["name"], values["weights"]
    wrong = [f"the name {called!r} is taken by a built-in preset"] * (called.casefold() in taken)
    if not isinstance(weights, Mapping):
        said = "must name the parts of the score, each with a number"
        return [*wrong, f"{name('weights')} {said}"]
    for part, weight in weights.items():
        if (
            isinstance(weight, bool)
            or not isinstance(weight, int | float)
            or not _is_weight(weight)
        ):
            wrong.append(f"the weight of {part!r} is no number of 0 or more: {weight!r}")
    if not wrong and not any(weights.values()):
        wrong.append("at least one weight must be above 0")
    return wrong


def _is_weight(value: float) -> bool:
    return math.isfinite(value) and value >= 0
