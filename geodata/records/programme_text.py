"""Read the council's published list of events, as it stands on its page, line by line.

The list was a table once; copied as text, each row is a few lines that end in what it is ("Safety
surgery"), with the date, the ward or the place missing as often as not. A row is read as far as it
goes and its lines are kept with it. Lines that belong to no row are given back too.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd
import sqlalchemy as sa

from geodata.records.events import TO_BE_CONFIRMED
from geodata.records.fields import LONDON
from geodata.records.tables import Event
from geodata.ward_names import name_key, spellings

if TYPE_CHECKING:
    from geodata.records.changes import Change

_KINDS = {
    "safety surgery": "safety_surgery",
    "engagement day": "engagement_day",
    "walkabout": "walkabout",
    "women's safety walk": "womens_walk",
    "community action day": "community_action_day",
    "virtual walk": "virtual_walk",
    "walk and talk": "walk_and_talk",
}
_HEADING = re.compile(
    r"(engagement days|safety walks|walkabouts|action days|virtual walks|useful information"
    r"|action taken)$",
    re.IGNORECASE,
)
_MONTHS = "january february march april may june july august september october november december"
_MONTH = "|".join(month[:3] for month in _MONTHS.split())
_DATE = re.compile(
    r"\b(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})\b"
    rf"|\b(\d{{1,2}})(?:st|nd|rd|th)?\s+({_MONTH})[a-z]*,?\s+(\d{{4}})\b",
    re.IGNORECASE,
)
_CLOCK = r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm|noon)?"
_TIMES = re.compile(rf"\b{_CLOCK}\s*(?:-|–|to)\s*{_CLOCK}(?=\W|$)", re.IGNORECASE)
_TIME = re.compile(r"\b(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)\b", re.IGNORECASE)
_LONGEST_CELL = 90


@dataclass(frozen=True)
class Listed:
    """One row of the list.

    Attributes
    ----------
    line : int
        Where it begins, from 1.
    text : str
        Its lines as they stood.
    values : mapping
        What it says, as columns of an event.
    """

    line: int
    text: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Programme:
    """What a text of events says.

    Attributes
    ----------
    rows : tuple of Listed
        Every row, in order.
    other : tuple of (int, str)
        The other lines, with their numbers: headings and sentences.
    """

    rows: tuple[Listed, ...]
    other: tuple[tuple[int, str], ...]


@dataclass
class _Row:
    """Lines that may turn out to be a row, and of what kind."""

    lines: list[tuple[int, str]] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    kind: str = ""


def read_programme(text: str, wards: pd.DataFrame) -> Programme:
    r"""Read a list of events.

    Parameters
    ----------
    text : str
        As copied from the page.
    wards : pandas.DataFrame
        `ward_code` and `ward_name`, to know a ward's name when it is met in any spelling.

    Examples
    --------
    >>> wards = pd.DataFrame({"ward_code": ["E05009323"], "ward_name": ["Canary Wharf"]})
    >>> read = read_programme("30/1/25 |\n6pm-8pm |\nCanary Wharf |\nSafety surgery |\n", wards)
    >>> [(row.values["event_type"], row.values["ward_codes"]) for row in read.rows]
    [('safety_surgery', ('E05009323',))]
    >>> print(read.rows[0].values["planned_start"])
    2025-01-30 18:00:00+00:00
    """
    known = spellings(wards["ward_code"], wards["ward_name"])
    rows: list[Listed] = []
    other: list[tuple[int, str]] = []
    for found in _rows(text):
        if isinstance(found, _Row):
            words = "\n".join(line for _, line in found.lines)
            rows.append(Listed(found.lines[0][0], words, _values(found, known)))
        else:
            other.append(found)
    return Programme(tuple(rows), tuple(other))


def add_listed(change: Change, programme: Programme) -> tuple[int, int]:
    """Store the rows of a list that are not stored yet; the same list again adds nothing.

    Rows with the same words (four times "Location TBC / Safety surgery") are as many events.

    Returns
    -------
    tuple of int
        Events added, and rows that were there already.
    """
    texts = change.connection.scalars(sa.select(Event.listed_as).where(Event.listed_as != ""))
    stored = Counter(texts.all())
    added = 0
    for row in programme.rows:
        if stored[row.text] > 0:
            stored[row.text] -= 1
            continue
        about = {"listed_as": row.text, "listed_line": row.line}
        change.create("events", dict(row.values) | about)
        added += 1
    return added, len(programme.rows) - added


def _rows(text: str) -> Iterator[_Row | tuple[int, str]]:
    """Give the rows, and the lines that belong to none."""
    section, row = "engagement_day", _Row()
    for number, line in enumerate(text.splitlines(), start=1):
        cells = _cells(line)
        if not cells:
            continue
        bullet = _bullet(line)
        kind = next((_KINDS[k] for c in cells if (k := _plain(c)) in _KINDS), "")
        if bullet:
            yield from _left(row, section)
            yield _Row([(number, line)], bullet, section)
            row = _Row()
        elif kind:
            row.lines.append((number, line))
            row.cells += [c for c in cells if _plain(c) not in _KINDS]
            row.kind = kind
            yield row
            row = _Row()
        elif _is_prose(line):
            yield from _left(row, section)
            row = _Row()
            section = _section(line) or section
            yield number, line
        else:
            row.lines.append((number, line))
            row.cells += cells
    yield from _left(row, section)


def _left(row: _Row, section: str) -> Iterator[_Row | tuple[int, str]]:
    """Keep lines that no kind followed: as a row from where they tell a date or an open place."""
    telling = [any(_is_telling(c) for c in _cells(line)) for _, line in row.lines]
    first = telling.index(True) if any(telling) else len(telling)
    yield from row.lines[:first]
    if any(telling):
        cells = [cell for _, line in row.lines[first:] for cell in _cells(line)]
        yield _Row(row.lines[first:], cells, section)


def _is_telling(cell: str) -> bool:
    return bool(_DATE.search(cell)) or _plain(cell) == TO_BE_CONFIRMED.casefold()


def _cells(line: str) -> list[str]:
    return [cell for part in line.split("|") if (cell := part.strip())]


def _plain(text: str) -> str:
    return " ".join(text.replace("’", "'").split()).casefold().rstrip(".")


def _is_prose(line: str) -> bool:
    plain = line.strip()
    return (
        bool(_HEADING.search(plain))
        or len(plain) > _LONGEST_CELL
        or (plain.endswith((".", ":", "!", "?")) and " " in plain)
    )


def _section(line: str) -> str:
    words = _plain(line)
    if len(words) > _LONGEST_CELL or not _HEADING.search(words):
        return ""
    if "women" in words:
        return "womens_walk"
    return next((code for name, code in _KINDS.items() if name in words), "")


def _bullet(line: str) -> list[str]:
    """Read '- Place: 2nd October 2024 for a 5pm start' as cells."""
    found = re.match(r"\s*[-•*–]\s*(?P<place>[^:]+):\s*(?P<when>.+)$", line)
    if found is None or not _DATE.search(found["when"]):
        return []
    return [found["place"].strip(), found["when"].strip()]


def _values(row: _Row, known: Mapping[str, set[str]]) -> dict[str, Any]:
    day: dt.date | None = None
    times: tuple[dt.time | None, dt.time | None] = (None, None)
    ward: tuple[str, ...] = ()
    places: list[str] = []
    for cell in row.cells:
        found_day, found_times = _day(cell), _times(_DATE.sub(" ", cell))
        codes = known.get(name_key(cell), set())
        if found_day or found_times[0]:
            day, times = found_day or day, found_times if found_times[0] else times
        elif len(codes) == 1 and not ward:
            ward = tuple(codes)
        else:
            places.append(cell)
    place = ", ".join(places)
    is_open = _plain(place) in ("", TO_BE_CONFIRMED.casefold())
    start, end = (_moment(day, clock) for clock in times)
    return {
        "event_type": row.kind, "ward_codes": ward, "location_name": place or TO_BE_CONFIRMED,
        "planned_date": day, "planned_start": start, "planned_end": end,
        "status": "planned_tbc" if is_open or not day else "confirmed",
    }  # fmt: skip


def _day(text: str) -> dt.date | None:
    found = _DATE.search(text)
    if not found:
        return None
    if found[1]:
        day, month, year = int(found[1]), int(found[2]), int(found[3])
    else:
        day, year = int(found[4]), int(found[6])
        month = _MONTH.split("|").index(found[5].casefold()) + 1
    try:
        return dt.date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        return None


def _times(text: str) -> tuple[dt.time | None, dt.time | None]:
    found = _TIMES.search(text)
    if found:
        last = found[6] or ""
        first = found[3] or ("" if found[2] and not last else last)
        start, end = _clock(found[1], found[2], first), _clock(found[4], found[5], last)
        if start and end and (found[3] or found[6] or found[2]):
            if start > end and not found[3]:
                start = _clock(found[1], found[2], "am")
            return start, end
    single = _TIME.search(text)
    return (_clock(single[1], single[2], single[3]), None) if single else (None, None)


def _clock(hour: str, minute: str | None, half: str) -> dt.time | None:
    hours, half = int(hour), half.casefold()
    if half:
        hours = hours % 12 + (12 if half in ("pm", "noon") else 0)
    try:
        return dt.time(hours, int(minute or 0))
    except ValueError:
        return None


def _moment(day: dt.date | None, clock: dt.time | None) -> dt.datetime | None:
    return dt.datetime.combine(day, clock, tzinfo=LONDON) if day and clock else None
