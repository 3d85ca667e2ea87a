"""Events and their stops: engagement days, surgeries, walkabouts, walks, action days."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geodata.records.checks import both_coordinates, in_order, needs
from geodata.records.labels import Naming

TO_BE_CONFIRMED = "Location TBC"
"""What the council's own lists print where the place is not yet known."""


def check(values: Mapping[str, Any], name: Naming) -> list[str]:
    """Say what is wrong with an event."""
    start, day = values["planned_start"], values["planned_date"]
    wrong = [
        *both_coordinates(values, name),
        *in_order(values, name, "planned_start", "planned_end"),
        *in_order(values, name, "actual_start", "actual_end"),
        *needs(values, name, "status", {"held": "actual_start|planned_date"}),
    ]
    if start and start.date() != day:
        wrong.append(f"{name('planned_date')} must be the day of {name('planned_start')}")
    if values["light_override"] and not values["light_reason"]:
        wrong.append(f"{name('light_reason')} must be filled in")
    if values["status"] == "confirmed":
        if not day:
            wrong.append(f"{name('planned_date')} must be filled in before an event is confirmed")
        if is_to_be_confirmed(values):
            wrong.append("a place must be named before an event is confirmed")
    return wrong


def is_to_be_confirmed(values: Mapping[str, Any]) -> bool:
    """Tell whether an event still has no place.

    Examples
    --------
    >>> is_to_be_confirmed({"site_id": None, "location_name": "Location TBC", "easting": None})
    True
    """
    named = values["location_name"].strip().casefold()
    return not values["site_id"] and values["easting"] is None and named in ("", "location tbc")


def check_stop(values: Mapping[str, Any], name: Naming) -> list[str]:
    """Say what is wrong with a stop."""
    return both_coordinates(values, name)
