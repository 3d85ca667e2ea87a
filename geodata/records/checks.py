"""Small rules that several kinds of record share; each gives sentences about what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geodata.records.labels import Naming


def both_coordinates(values: Mapping[str, Any], name: Naming) -> list[str]:
    """Easting and northing come together.

    Examples
    --------
    >>> both_coordinates({"easting": 1.0, "northing": None}, Naming({}, {}))
    ["'easting' and 'northing' must both be given, or neither"]
    """
    if (values["easting"] is None) == (values["northing"] is None):
        return []
    return [f"{name('easting')} and {name('northing')} must both be given, or neither"]


def in_order(values: Mapping[str, Any], name: Naming, first: str, last: str) -> list[str]:
    """One date or time is not after the other.

    Examples
    --------
    >>> in_order({"a": 2, "b": 1}, Naming({}, {}), "a", "b")
    ["'b' is before 'a'"]
    """
    one, other = values[first], values[last]
    return [f"{name(last)} is before {name(first)}"] if one and other and other < one else []


def needs(
    values: Mapping[str, Any], name: Naming, column: str, states: Mapping[str, str]
) -> list[str]:
    """In a state, a further column must be filled in.

    Examples
    --------
    >>> states = {"blocked": "why"}
    >>> needs({"status": "blocked", "why": ""}, Naming({}, {}), "status", states)
    ["'why' must be filled in when 'status' is 'blocked'"]
    """
    wanted = states.get(values[column], "")
    if not wanted or any(values[one] not in ("", None, ()) for one in wanted.split("|")):
        return []
    words = " or ".join(map(name, wanted.split("|")))
    state = name.value(column, values[column])
    return [f"{words} must be filled in when {name(column)} is {state}"]
