"""Small rules that several kinds of record share; each gives sentences about what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def both_coordinates(values: Mapping[str, Any]) -> list[str]:
    """Easting and northing come together.

    Examples
    --------
    >>> both_coordinates({"easting": 1.0, "northing": None})
    ['easting and northing must both be given, or neither']
    """
    if (values["easting"] is None) == (values["northing"] is None):
        return []
    return ["easting and northing must both be given, or neither"]


def in_order(values: Mapping[str, Any], first: str, last: str) -> list[str]:
    """One date or time is not after the other.

    Examples
    --------
    >>> in_order({"a": 2, "b": 1}, "a", "b")
    ['b is before a']
    """
    one, other = values[first], values[last]
    return [f"{last} is before {first}"] if one and other and other < one else []


def needs(values: Mapping[str, Any], column: str, states: Mapping[str, str]) -> list[str]:
    """In a state, a further column must be filled in.

    Examples
    --------
    >>> needs({"status": "blocked", "why": ""}, "status", {"blocked": "why"})
    ["why must be filled in when status is 'blocked'"]
    """
    wanted = states.get(values[column], "")
    if not wanted or any(values[name] not in ("", None, ()) for name in wanted.split("|")):
        return []
    words = " or ".join(wanted.split("|"))
    return [f"{words} must be filled in when {column} is {values[column]!r}"]
