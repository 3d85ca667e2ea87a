"""What ward panels ask for, for some months at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geodata.records.checks import in_order
from geodata.records.labels import Naming


def check(values: Mapping[str, Any], name: Naming) -> list[str]:
    """Say what is wrong with a ward priority."""
    return in_order(values, name, "period_start", "period_end")
