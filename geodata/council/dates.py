"""Read dates and times as people in Britain write them: the day comes first, always.

03/04/2026 is 3 April. ISO dates (2026-04-03), month names, two-digit years, Excel's day numbers and
months alone are read too. A date whose middle number is over 12 cannot be day first; such dates are
counted apart, because they are how month-first columns give themselves away.

Days are counted from 1970-01-01 and seconds from local midnight; nothing here knows a time zone
beyond the offset that a value states itself (see `geodata.council.clock`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

NO_OFFSET = -32_768
"""In `offset`: the value states no offset from UTC."""

EXCEL_DAY_ZERO = -25_569
"""Day 0 of Excel's 1900 system (30 December 1899), in days since 1970-01-01."""
DAYS_1904 = 1_462
"""Days by which Excel's 1904 system counts less than its 1900 system."""

DAY_S = 86_400


class Grain(IntEnum):
    """How much a value says, from nothing to the minute."""

    BLANK = 0
    UNREADABLE = 1
    MONTH = 2
    DAY = 3
    PART = 4
    HOUR = 5
    MINUTE = 6


@dataclass(frozen=True)
class Times:
    """Times of day. All arrays have one entry a row.

    Attributes
    ----------
    grain : numpy.ndarray
        `Grain` of each.
    second : numpy.ndarray
        Seconds since midnight; 86,400 for '24:00'.
    until : numpy.ndarray
        For a part of the day, the second at which it ends; -1 otherwise.
    offset : numpy.ndarray
        Minutes ahead of UTC where the value says so, else `NO_OFFSET`.
    """

    grain: np.ndarray
    second: np.ndarray
    until: np.ndarray
    offset: np.ndarray


@dataclass(frozen=True)
class Dates(Times):
    """Dates, with the time of day where the value has one.

    Attributes
    ----------
    day : numpy.ndarray
        Days since 1970-01-01; the first of the month where only a month is known.
    day_first, month_first : numpy.ndarray
        True where the numbers allow no other order. A month-first value is unreadable.
    serial : numpy.ndarray
        True where Excel's count of days was read.
    bare_time : numpy.ndarray
        True where the date could be read and the time after it could not.
    """

    day: np.ndarray
    day_first: np.ndarray
    month_first: np.ndarray
    serial: np.ndarray
    bare_time: np.ndarray

    def take(self, rows: np.ndarray) -> Dates:
        """Pick rows by position."""
        return Dates(**{name: column[rows] for name, column in vars(self).items()})


def read_dates(text: pa.Array, *, excel_1904: bool = False) -> Dates:
    """Read a column of dates, with or without times.

    Parameters
    ----------
    text : pyarrow.Array
        Trimmed text without nulls; '' is blank.
    excel_1904 : bool
        Count Excel's day numbers from 1904 instead of 1900.

    Returns
    -------
    Dates
        One entry a row.

    Examples
    --------
    >>> column = pa.array(["03/04/2026", "2026-04-03T14:05Z", "3 Apr 26 2pm", "Apr 2026", "46115"])
    >>> dates = read_dates(column)
    >>> dates.day.astype("M8[D]").astype(str).tolist()
    ['2026-04-03', '2026-04-03', '2026-04-03', '2026-04-01', '2026-04-03']
    >>> [Grain(g).name for g in dates.grain]
    ['DAY', 'MINUTE', 'HOUR', 'MONTH', 'DAY']
    >>> read_dates(pa.array(["04/13/2026"])).month_first.tolist()
    [True]
    """
    found = _blank_dates(len(text))
    left = pc.not_equal(text, "").to_numpy(zero_copy_only=False)
    for width in (10, 16, 19):
        left &= ~_read_fixed(text, found, left, width)
    if left.any():
        rows = np.flatnonzero(left)
        codes = text.take(pa.array(rows)).dictionary_encode()
        distinct = _read_any(codes.dictionary.cast(pa.string()), excel_1904)
        taken = distinct.take(codes.indices.to_numpy())
        for name, column in vars(found).items():
            column[rows] = getattr(taken, name)
    return found


def read_times(text: pa.Array) -> Times:
    """Read a column of times of day: 14:05, 2.05pm, 1405, 14, an Excel fraction, 'evening'.

    Examples
    --------
    >>> times = read_times(pa.array(["14:05", "2pm", "0.5", "evening", "soon", ""]))
    >>> times.second.tolist()
    [50700, 50400, 43200, 64800, 0, 0]
    >>> [Grain(g).name for g in times.grain]
    ['MINUTE', 'HOUR', 'MINUTE', 'PART', 'UNREADABLE', 'BLANK']
    """
    codes = text.dictionary_encode()
    found = _distinct_times(codes.dictionary.cast(pa.string()))
    rows = codes.indices.to_numpy()
    return Times(**{name: column[rows] for name, column in vars(found).items()})


def _blank_dates(count: int) -> Dates:
    def full(value: int, kind: str) -> np.ndarray:
        return np.full(count, value, dtype=kind)

    return Dates(
        grain=full(Grain.BLANK, "u1"), second=full(0, "i4"), until=full(-1, "i4"),
        offset=full(NO_OFFSET, "i2"), day=full(0, "i4"), day_first=full(0, "?"),
        month_first=full(0, "?"), serial=full(0, "?"), bare_time=full(0, "?"),
    )  # fmt: skip


# The commonest layouts, read as columns of digits: DD/MM/YYYY and YYYY-MM-DD, with HH:MM[:SS].


def _read_fixed(text: pa.Array, found: Dates, left: np.ndarray, width: int) -> np.ndarray:
    """Read the values of `width` characters laid out so; give the rows that were."""
    rows = np.flatnonzero(left & (pc.binary_length(text).to_numpy() == width))
    read = np.zeros(len(left), dtype=bool)
    if not len(rows):
        return read
    octets = np.frombuffer(text.take(pa.array(rows)).buffers()[2], "u1")[: len(rows) * width]
    at = octets.reshape(len(rows), width).T
    digit = at - np.uint8(48)
    timed, second = _fixed_times(at, digit, width)
    for places, apart, british in (((6, 3, 0), (2, 5), True), ((0, 5, 8), (4, 7), False)):
        fits = timed & (at[apart[0]] == at[apart[1]]) & np.isin(at[apart[0]], (45, 46, 47))
        for place, length in zip(places, (4, 2, 2), strict=True):
            fits &= (digit[place : place + length] < 10).all(axis=0)
        if fits.any():
            year, month, day = (
                _number(digit, place, length)[fits]
                for place, length in zip(places, (4, 2, 2), strict=True)
            )
            where = rows[fits]
            _put_days(found, where, (year, month, day), ordered=british)
            known = found.grain[where] == Grain.DAY
            found.second[where] = np.where(known, second[fits], 0)
            if width > 10:
                found.grain[where[known]] = Grain.MINUTE
            read[where] = True
    return read


def _fixed_times(at: np.ndarray, digit: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    fits, second = np.ones(at.shape[1], dtype=bool), np.zeros(at.shape[1], dtype="i4")
    if width == 10:
        return fits, second
    fits &= np.isin(at[10], (32, 84)) & (at[13] == 58) & (digit[[11, 12, 14, 15]] < 10).all(axis=0)
    hour, minute = _number(digit, 11, 2), _number(digit, 14, 2)
    second = hour * 3600 + minute * 60
    fits &= (hour < 24) & (minute < 60)
    if width == 19:
        part = _number(digit, 17, 2)
        fits &= (at[16] == 58) & (digit[17:19] < 10).all(axis=0) & (part < 60)
        second = second + part
    return fits, second


def _number(digit: np.ndarray, place: int, length: int) -> np.ndarray:
    total = np.zeros(digit.shape[1], dtype="i4")
    for column in digit[place : place + length]:
        total = total * 10 + column
    return total


def _put_days(
    found: Dates,
    where: np.ndarray,
    parts: tuple[np.ndarray, np.ndarray, np.ndarray],
    *,
    ordered: bool = False,
) -> None:
    """Enter year, month and day; `ordered` if their order in the text was day, month, year."""
    year, month, day = parts
    sound = (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31) & (year >= 1)
    first = (np.where(sound, year, 1970) - 1970) * 12 + np.where(sound, month, 1) - 1
    starts = first.astype("M8[M]").astype("M8[D]").astype("i4")
    ends = (first + 1).astype("M8[M]").astype("M8[D]").astype("i4")
    number = starts + np.where(sound, day, 1) - 1
    sound &= number < ends
    found.day[where] = np.where(sound, number, 0)
    found.grain[where] = np.where(sound, Grain.DAY, Grain.UNREADABLE)
    if ordered:
        found.day_first[where] = (day > 12) & (month >= 1) & (month <= 12)
        found.month_first[where] = (month > 12) & (month <= 31) & (day >= 1) & (day <= 12)


# Every other way, tried one after another on the distinct values.

_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? +)?"
_TAIL = r"(?:[T, ]+(?P<tail>.+))?"
_NUMERIC = (
    rf"(?i)^{_WEEKDAY}(?P<a>\d{{1,4}}) *[/.\- ] *(?P<b>\d{{1,2}}) *[/.\- ] *(?P<c>\d{{1,4}})"
    rf"{_TAIL}$"
)
_DAY_NAME = (
    rf"(?i)^{_WEEKDAY}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?: of)?[ \-/.]*(?P<m>[a-z]{{3,9}})\.?"
    rf"[ \-/,.']*(?P<y>\d{{4}}|\d{{2}}){_TAIL}$"
)
_NAME_DAY = (
    rf"(?i)^{_WEEKDAY}(?P<m>[a-z]{{3,9}})\.? +(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? +(?P<y>\d{{4}})"
    rf"{_TAIL}$"
)
_COMPACT = r"^(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:[T _-]?(?P<tail>\d{4}.*))?$"
_YEAR_MONTH = r"^(?P<y>\d{4})[-/. ](?P<m>\d{1,2})$"
_MONTH_YEAR = r"^(?P<m>\d{1,2})[-/. ](?P<y>\d{4})$"
_NAME_YEAR = r"(?i)^(?P<m>[a-z]{3,9})\.?[ \-/,']*(?P<y>\d{4}|\d{2})$"
_SERIAL = r"^(?P<n>\d{5})(?P<f>\.\d+)?$"
_SERIAL_DAYS = (32_874, 73_050)
"""Excel's numbers of 1990-01-01 and 2099-12-31: other five-digit numbers are not dates."""

_FULL_NAMES = (
    *("january", "february", "march", "april", "may", "june", "july", "august"),
    *("september", "october", "november", "december"),
)
_MONTHS = {n[:3]: i for i, n in enumerate(_FULL_NAMES, 1)} | {
    **{n: i for i, n in enumerate(_FULL_NAMES, 1)}, "sept": 9,
}  # fmt: skip

_Groups = dict[str, pa.Array]


def _read_any(text: pa.Array, excel_1904: bool) -> Dates:
    found = _blank_dates(len(text))
    found.grain[:] = Grain.UNREADABLE
    text = pc.replace_substring(text, "\u00a0", " ")  # a space that may not break, from web pages
    left = np.ones(len(text), dtype=bool)
    ways: tuple[tuple[str, Callable[[Dates, np.ndarray, _Groups], None]], ...] = (
        (_NUMERIC, _put_numeric), (_DAY_NAME, _put_named), (_NAME_DAY, _put_named),
        (_COMPACT, _put_named), (_YEAR_MONTH, _put_month), (_MONTH_YEAR, _put_month),
        (_NAME_YEAR, _put_month),
    )  # fmt: skip
    for pattern, put in ways:
        where, groups = _match(text, left, pattern)
        if len(where):
            put(found, where, groups)
            left[where] = False
    where, groups = _match(text, left, _SERIAL)
    if len(where):
        _put_serial(found, where, groups, excel_1904)
    return found


def _match(text: pa.Array, left: np.ndarray, pattern: str) -> tuple[np.ndarray, _Groups]:
    """Give the rows still left that match, and the parts of each."""
    rows = np.flatnonzero(left)
    if not len(rows):
        return rows, {}
    struct = pc.extract_regex(text.take(pa.array(rows)), pattern)
    held = struct.is_valid().to_numpy(zero_copy_only=False)
    struct = struct.filter(pa.array(held))
    names = [struct.type.field(i).name for i in range(struct.type.num_fields)]
    groups = dict(zip(names, struct.flatten(), strict=True))
    return rows[held], {name: pc.fill_null(group, "") for name, group in groups.items()}


def _ints(group: pa.Array) -> np.ndarray:
    return pc.cast(pc.if_else(pc.equal(group, ""), "0", group), pa.int32()).to_numpy()


def _years(group: pa.Array) -> np.ndarray:
    """Read years; of two digits, 90 to 99 are last century's."""
    year = _ints(group)
    return np.where(_length(group) > 2, year, np.where(year < 90, year + 2000, year + 1900))


def _length(group: pa.Array) -> np.ndarray:
    return pc.binary_length(group).to_numpy()


def _put_numeric(found: Dates, where: np.ndarray, groups: _Groups) -> None:
    a, b, c = (_ints(groups[name]) for name in "abc")
    wide_a, wide_c = _length(groups["a"]), _length(groups["c"])
    iso = (wide_a == 4) & (wide_c <= 2)
    british = (wide_a <= 2) & ((wide_c == 4) | (wide_c == 2))
    _put_days(found, where[iso], (a[iso], b[iso], c[iso]))
    year = _years(groups["c"])
    _put_days(found, where[british], (year[british], b[british], a[british]), ordered=True)
    _put_tail(found, where, groups["tail"])


def _put_named(found: Dates, where: np.ndarray, groups: _Groups) -> None:
    year, day = _years(groups["y"]), _ints(groups["d"])
    _put_days(found, where, (year, _month_numbers(groups["m"]), day))
    _put_tail(found, where, groups["tail"])


def _put_month(found: Dates, where: np.ndarray, groups: _Groups) -> None:
    month = _month_numbers(groups["m"])
    _put_days(found, where, (_years(groups["y"]), month, np.ones(len(month), "i4")))
    known = found.grain[where] == Grain.DAY
    found.grain[where[known]] = Grain.MONTH


def _month_numbers(group: pa.Array) -> np.ndarray:
    words = (word.lower() for word in group.to_pylist())
    numbers = (int(word) if word.isdigit() else _MONTHS.get(word, 0) for word in words)
    return np.fromiter(numbers, "i4", len(group))


def _put_tail(found: Dates, where: np.ndarray, tail: pa.Array) -> None:
    """Enter the time that follows a date."""
    rows = np.flatnonzero((found.grain[where] == Grain.DAY) & (_length(tail) > 0))
    if not len(rows):
        return
    times, at = read_times(tail.take(pa.array(rows))), where[rows]
    good = times.grain >= Grain.PART
    found.bare_time[at] = ~good
    for name in ("grain", "second", "until", "offset"):
        getattr(found, name)[at[good]] = getattr(times, name)[good]


def _put_serial(found: Dates, where: np.ndarray, groups: _Groups, excel_1904: bool) -> None:
    number = _ints(groups["n"]) + (DAYS_1904 if excel_1904 else 0)
    seconds = np.rint(_fractions(groups["f"]) * DAY_S).astype("i4")
    good = (number >= _SERIAL_DAYS[0]) & (number <= _SERIAL_DAYS[1])
    at, timed = where[good], _length(groups["f"])[good] > 0
    found.day[at] = number[good] + EXCEL_DAY_ZERO
    found.second[at] = seconds[good]
    found.grain[at] = np.where(timed, Grain.MINUTE, Grain.DAY)
    found.serial[at] = True


def _fractions(group: pa.Array) -> np.ndarray:
    return pc.cast(pc.if_else(pc.equal(group, ""), "0", group), pa.float64()).to_numpy()


# Times of day.

_ZONE = r"(?P<tz>z|utc|gmt|bst|[+\-]\d{2}(?::?\d{2})?)?"
_HOURS = r" *(?:hrs?|hours?|o'?clock)?"
_CLOCK = (
    r"(?i)^(?P<h>\d{1,2})(?:[:.h](?P<m>\d{2})(?:[:.](?P<s>\d{2})(?:[.,]\d+)?)?)?"
    rf" *(?:(?P<ap>[ap])\.?m\.?)?{_HOURS} *{_ZONE}$"
)
_RUN = rf"(?i)^(?P<h>\d{{1,2}})(?P<m>\d{{2}})(?P<s>\d{{2}})?{_HOURS} *{_ZONE}$"
_FRACTION = r"^(?:0|\d{5})?(?P<f>\.\d+)$"
_DATED = r"^\d{1,4}[/.\-]\d{1,2}[/.\-]\d{1,4}[T ]+(?P<tail>.+)$"
"""What Access and Excel make of a time without a date: 30/12/1899 14:05:00."""

_PARTS: dict[str, tuple[int, int]] = {
    "early morning": (0, 6), "early hours": (0, 6), "overnight": (22, 30), "night": (22, 30),
    "at night": (22, 30), "night time": (22, 30), "nighttime": (22, 30), "morning": (6, 12),
    "am": (0, 12), "pm": (12, 24), "afternoon": (12, 18), "lunchtime": (12, 14),
    "lunch time": (12, 14), "evening": (18, 24), "late evening": (21, 24),
    "late night": (22, 27), "daytime": (6, 18), "day time": (6, 18),
}  # fmt: skip
"""Words for parts of the day, as hours from midnight; beyond 24 is the next morning."""
_HOUR_WORDS = {
    "midday": 12, "noon": 12, "12 noon": 12, "12 midday": 12, "midnight": 0, "12 midnight": 0,
}  # fmt: skip


def _distinct_times(text: pa.Array, *, nested: bool = False) -> Times:
    count = len(text)
    found = Times(
        np.full(count, Grain.UNREADABLE, "u1"), np.zeros(count, "i4"), np.full(count, -1, "i4"),
        np.full(count, NO_OFFSET, "i2"),
    )  # fmt: skip
    blank = pc.equal(text, "").to_numpy(zero_copy_only=False)
    found.grain[blank] = Grain.BLANK
    left = ~blank
    for pattern, put in ((_FRACTION, _put_fraction), (_CLOCK, _put_clock), (_RUN, _put_clock)):
        where, groups = _match(text, left, pattern)
        if len(where):
            put(found, where, groups)
            left[where] = False
    _put_words(found, text, np.flatnonzero(left))
    where, groups = (np.empty(0, "i8"), {}) if nested else _match(text, left, _DATED)
    if len(where):
        inner = _distinct_times(groups["tail"], nested=True)
        for name, column in vars(inner).items():
            getattr(found, name)[where] = column
    return found


def _put_fraction(found: Times, where: np.ndarray, groups: _Groups) -> None:
    found.second[where] = np.rint(_fractions(groups["f"]) * DAY_S).astype("i4")
    found.grain[where] = Grain.MINUTE


def _put_clock(found: Times, where: np.ndarray, groups: _Groups) -> None:
    hour, minute, second = (_ints(groups[name]) for name in "hms")
    half = pc.utf8_lower(groups["ap"]).to_pylist() if "ap" in groups else [""] * len(where)
    after, before = np.array([h == "p" for h in half]), np.array([h == "a" for h in half])
    twelve = hour % 12
    hour = np.where(before & (hour <= 12), twelve, hour)
    hour = np.where(after & (hour <= 12), twelve + 12, hour)
    seconds = hour * 3600 + minute * 60 + second
    sound = (minute < 60) & (second < 60) & (seconds <= DAY_S)
    found.second[where] = np.where(sound, seconds, 0)
    detail = np.where(_length(groups["m"]) > 0, Grain.MINUTE, Grain.HOUR)
    found.grain[where] = np.where(sound, detail, Grain.UNREADABLE)
    found.offset[where] = np.fromiter(_offsets(groups["tz"].to_pylist()), "i2", len(where))


def _offsets(zones: Iterable[str]) -> Iterable[int]:
    named = {"": NO_OFFSET, "z": 0, "utc": 0, "gmt": 0, "bst": 60}
    for zone in zones:
        if zone.lower() in named:
            yield named[zone.lower()]
        else:
            digits = zone[1:].replace(":", "").ljust(4, "0")
            yield (-1 if zone[0] == "-" else 1) * (int(digits[:2]) * 60 + int(digits[2:]))


def _put_words(found: Times, text: pa.Array, where: np.ndarray) -> None:
    for row in where.tolist():
        word = " ".join(text[row].as_py().lower().replace("-", " ").split())
        if word in _PARTS:
            start, end = _PARTS[word]
            found.second[row], found.until[row] = start * 3600, end * 3600
            found.grain[row] = Grain.PART
        elif word in _HOUR_WORDS:
            found.second[row], found.grain[row] = _HOUR_WORDS[word] * 3600, Grain.HOUR
