"""What differs between two states of a pack: sentences and cells, named so that one finds them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

MOST = 40


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Say what a pack said before and says otherwise now.

    Parameters
    ----------
    before, after : mapping
        Of `analysis.packs.model.Pack.numbers`.

    Returns
    -------
    tuple of str
        Nothing where they are equal.

    Examples
    --------
    >>> old = {"map": {"lines": ["3 places."], "notes": [], "tables": {"t": [["Bow", "7"]]}}}
    >>> new = {"map": {"lines": ["3 places."], "notes": [], "tables": {"t": [["Bow", "8"]]}}}
    >>> differences(old, new)
    ('map, t: "Bow | 7" became "Bow | 8"',)
    >>> differences(old, old)
    ()
    """
    found = [
        line
        for code in dict.fromkeys([*before, *after])
        for line in _section(code, before.get(code), after.get(code))
    ]
    more = len(found) - MOST
    return tuple(found[:MOST]) + ((f"and {more} more",) if more > 0 else ())


def _section(
    code: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> Iterator[str]:
    if before is None or after is None:
        yield f"{code}: {'new' if before is None else 'left out'}"
        return
    for part in ("lines", "notes"):
        yield from _changed(code, before[part], after[part])
    for name in dict.fromkeys([*before["tables"], *after["tables"]]):
        rows = [
            [" | ".join(row) for row in side["tables"].get(name, [])] for side in (before, after)
        ]
        yield from _changed(f"{code}, {name}", *rows)


def _changed(where: str, before: list[str], after: list[str]) -> Iterator[str]:
    gone = [line for line in before if line not in after]
    new = [line for line in after if line not in before]
    for old, now in zip(gone, new, strict=False):
        yield f'{where}: "{old}" became "{now}"'
    for line in gone[len(new) :]:
        yield f'{where}: "{line}" is gone'
    for line in new[len(gone) :]:
        yield f'{where}: "{line}" is new'
