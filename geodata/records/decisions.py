"""Why a place was chosen for a walk: what it scored, who decided, and the reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geodata.records.labels import Naming

EXPLAIN_BEYOND = 10
"""A place further down the ranking than this is chosen only with a reason in words."""


def check(values: Mapping[str, Any], name: Naming) -> list[str]:
    """Say what is wrong with a decision.

    Examples
    --------
    >>> check({"rank": 11, "override_reason": "", "reasons": ("random_check",), "site_id": None,
    ...     "location_id": "hex-1", "ward_code": ""}, Naming({}, {}))
    ["'override_reason' must say why a place of rank 11 was chosen"]
    """
    wrong = []
    if (values["rank"] or 0) > EXPLAIN_BEYOND and not values["override_reason"]:
        said = f"must say why a place of rank {values['rank']} was chosen"
        wrong.append(f"{name('override_reason')} {said}")
    if not (values["reasons"] or values["override_reason"]):
        wrong.append(f"{name('reasons')} or {name('override_reason')} must be filled in")
    if not (values["site_id"] or values["location_id"] or values["ward_code"]):
        wrong.append("the place or ward that was chosen must be named")
    return wrong
