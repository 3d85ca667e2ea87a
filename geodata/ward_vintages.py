"""Which year's wards are these? Boundaries of another year move reports between wards unseen.

For Tower Hamlets the lists are known by heart: 20 wards since 2014, 17 before. Elsewhere the codes
are held against a register of current codes, or against the ward codes that some data bring along;
where there is neither, the answer is "unknown", and it is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from geodata.errors import VintageError
from geodata.ward_names import TOWER_HAMLETS_NAMES, name_key

Status = Literal["current", "matches data", "unknown"]

TOWER_HAMLETS_CURRENT: tuple[str, ...] = tuple(TOWER_HAMLETS_NAMES)
"""E05009317 to E05009336, in force since May 2014."""

TOWER_HAMLETS_SUPERSEDED: tuple[str, ...] = tuple(f"E05{n:06d}" for n in range(573, 590))
"""E05000573 to E05000589, the 17 wards until May 2014."""

TOWER_HAMLETS_OLD_NAMES: tuple[str, ...] = (
    *("Bethnal Green North", "Bethnal Green South", "Bromley-by-Bow", "East India and Lansbury"),
    *("Mile End and Globe Town", "Mile End East", "Millwall", "St Dunstan's and Stepney Green"),
)
"""Names that only the wards before 2014 had; the other nine names are still in use."""

TOWER_HAMLETS_EXTENT = (533_000.0, 177_800.0, 540_000.0, 185_000.0)
"""minx, miny, maxx, maxy of the borough with some hundred metres round it, BNG."""

WARD_CODE = re.compile(r"^([EW]05|S13|N08)[0-9]{6}$")
"""A GSS ward code: England, Wales, Scotland, Northern Ireland."""

_OLD_KEYS = frozenset(name_key(n) for n in TOWER_HAMLETS_OLD_NAMES)
_YEAR = re.compile(r"^WD(\d\d)CD$", re.IGNORECASE)


@dataclass(frozen=True)
class Vintage:
    """What is known about the year of some ward boundaries.

    Attributes
    ----------
    status : str
        'current' (every code is on a list of current codes), 'matches data' (the codes are those
        that the data use) or 'unknown'.
    note : str
        One plain sentence or two.
    year : int or None
        The year in the code column's name (WD24CD gives 2024).
    """

    status: Status
    note: str
    year: int | None = None


def require_current(codes: Iterable[str]) -> None:
    """Raise if any code is known to be of superseded boundaries.

    Raises
    ------
    VintageError
        Saying which codes were expected and which came.

    Examples
    --------
    >>> require_current(["E05009317", "E05000475"])
    >>> require_current(["E05000573"])
    Traceback (most recent call last):
        ...
    geodata.errors.VintageError: These are the 17 Tower Hamlets wards from before May 2014, ...
    """
    came = {str(c) for c in codes}
    old = sorted(came & set(TOWER_HAMLETS_SUPERSEDED))
    if old:
        raise _superseded(f"{len(old)} old codes, {_some(old)}", old[0])


def require_current_names(names: Iterable[str]) -> None:
    """Raise if the names are those of the Tower Hamlets wards before 2014.

    Three of the eight names that only those wards had are enough: a single "Millwall" may lie
    elsewhere.

    Raises
    ------
    VintageError
        As `require_current`, with the names that came.

    Examples
    --------
    >>> require_current_names(["Millwall", "Bow East"])
    """
    given = [str(n) for n in names]
    old = sorted({n for n in given if name_key(n) in _OLD_KEYS})
    if len(old) >= 3:
        raise _superseded(f"no codes, and the names {_some(old)}", old[0])


def vintage_of(
    codes: Sequence[str],
    *,
    column: str = "",
    register: Iterable[str] | None = None,
    codes_in_data: Iterable[str] | None = None,
) -> Vintage:
    """Say what is known about the year of these boundaries.

    Parameters
    ----------
    codes : sequence of str
        The wards' codes.
    column : str, optional
        Name of the column they came from; WD24CD gives a year.
    register : iterable of str, optional
        Every current code of the area.
    codes_in_data : iterable of str, optional
        Ward codes that some data of the area bring along.

    Raises
    ------
    VintageError
        If codes are superseded, not in the register, or none of them occurs in the data.

    Examples
    --------
    >>> vintage_of(TOWER_HAMLETS_CURRENT).status
    'current'
    >>> vintage_of(["E05000475"], column="WD18CD").note
    'The column WD18CD says 2018; whether these wards are still current is not known here.'
    """
    require_current(codes)
    year = _year(column)
    if register is not None:
        return Vintage("current", _against_register(set(codes), set(register)), year)
    mine = set(codes) & set(TOWER_HAMLETS_CURRENT)
    if mine == set(codes):
        return Vintage("current", _tower_hamlets_note(len(mine)), year)
    if codes_in_data is not None:
        return _against_data(set(codes), set(codes_in_data), year)
    return Vintage("unknown", _unknown_note(set(codes), len(mine), column, year), year)


def _against_register(codes: set[str], register: set[str]) -> str:
    strange = sorted(codes - register)
    if strange:
        raise VintageError(
            "These ward boundaries are not the current ones",
            got=f"{len(strange)} of {len(codes)} codes that the register does not hold, "
            f"{_some(strange)}; expected codes such as {_some(sorted(register))}",
            first_bad=strange[0],
            todo="load the boundaries of the register's year, or bring the register up to date",
        )
    return f"All {len(codes)} codes are in the register of current wards."


def _against_data(codes: set[str], data: set[str], year: int | None) -> Vintage:
    require_current(data)
    shared = codes & data
    if not shared:
        raise VintageError(
            "These ward boundaries and the data are of different years or places",
            got=f"codes such as {_some(sorted(codes))}; the data use {_some(sorted(data))}",
            todo="load the boundaries that the data were made with",
        )
    if codes == shared:
        return Vintage("matches data", f"All {len(codes)} codes occur in the data.", year)
    return Vintage(
        "unknown",
        f"{len(shared)} of {len(codes)} codes occur in the data; missing there: "
        f"{_some(sorted(codes - data))}.",
        year,
    )


def _tower_hamlets_note(count: int) -> str:
    if count == len(TOWER_HAMLETS_CURRENT):
        return "These are the 20 Tower Hamlets wards in force since 2014."
    return f"{count} of the 20 Tower Hamlets wards in force since 2014; the others are not in it."


def _unknown_note(codes: set[str], known: int, column: str, year: int | None) -> str:
    if known:
        return (
            f"{known} Tower Hamlets wards are current; whether the other {len(codes) - known} are "
            "is not known here."
        )
    if not any(WARD_CODE.match(c) for c in codes):
        return "The year of these boundaries is not known here: the codes are not GSS ward codes."
    if year:
        return (
            f"The column {column} says {year}; whether these wards are still current is not "
            "known here."
        )
    return "The year of these boundaries is not known here: no register of current wards was given."


def _superseded(came: str, first: str) -> VintageError:
    return VintageError(
        "These are the 17 Tower Hamlets wards from before May 2014, not the 20 in force since",
        got=f"{came}; expected {TOWER_HAMLETS_CURRENT[0]} to {TOWER_HAMLETS_CURRENT[-1]}",
        first_bad=first,
        todo="load ward boundaries of 2014 or later",
    )


def _year(column: str) -> int | None:
    found = _YEAR.match(column)
    return 2000 + int(found[1]) if found else None


def _some(items: Sequence[str], most: int = 3) -> str:
    return ", ".join(items[:most]) + (", ..." if len(items) > most else "")
