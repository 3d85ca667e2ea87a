"""Days that no event should fall on, as the team keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geodata.records.checks import in_order
from geodata.records.labels import Naming


def check(values: Mapping[str, Any], name: Naming) -> list[str]:
    """Say what is wrong with a date to avoid: the last day is not before the first."""
    return in_order(values, name, "first_on", "last_on")
