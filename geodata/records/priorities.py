"""What ward panels ask for, for some months at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geodata.records.checks import in_order


def check(values: Mapping[str, Any]) -> list[str]:
    """Say what is wrong with a ward priority."""
    return in_order(values, "period_start", "period_end")
