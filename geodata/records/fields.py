"""Fields of the records people write: what each may hold, who may see it, how it is written.

A field turns what a form, a spreadsheet or a program gives into the one value that is stored
(`clean`), and that value into the one text that spreadsheets and the history show (`as_text`);
cleaning that text gives the value back. Times are Europe/London and always know their offset;
coordinates are BNG metres.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from zoneinfo import ZoneInfo

import shapely

from geodata.crs import BNG_EXTENT
from geodata.incidents import TIMEZONE
from geodata.records.vocabularies import LISTS

LONDON = ZoneInfo(TIMEZONE)

Shape = Literal[
    "id",
    "ref",
    "text",
    "prose",
    "code",
    "codes",
    "words",
    "ward",
    "wards",
    "whole",
    "yes_no",
    "date",
    "moment",
    "metres",
    "number",
    "json",
    "wkt",
]
Seen = Literal["open", "staff", "restricted", "contact", "safeguarding"]
"""Who may see a field at all: anybody; staff; only a role that needs it (free text of people,
behaviours, exact points of people); nobody but whoever deals with that request; the safeguarding
officer. The first three leave in exports (the third in internal ones only), the last two never."""

LONGEST_PROSE, LONGEST_TEXT = 10_000, 500
SEPARATOR = "; "


@dataclass(frozen=True)
class Field:
    """What one column holds.

    Attributes
    ----------
    shape : str
        'prose' is free text; 'text' a short name; 'code' and 'codes' one or several of a closed
        list; 'words' several words of no list; 'ward' and 'wards' GSS codes; 'whole' a number.
    seen : str
        See `Seen`.
    options : str
        Name of the closed list of a code, in `geodata.records.vocabularies.LISTS`.
    low, high : int
        Limits of a whole number.
    required : bool
        Must be filled in.
    label : str
        What people see: `geodata.records.labels`.
    """

    shape: Shape
    seen: Seen = "staff"
    options: str = ""
    low: int = 0
    high: int = 1_000_000
    required: bool = False
    label: str = ""

    @property
    def hidden(self) -> bool:
        """Whether the history records only that it changed, not what it was."""
        return self.shape == "prose" or self.seen in ("restricted", "contact", "safeguarding")

    @property
    def empty(self) -> Any:  # noqa: ANN401 - each shape has its own
        """What stands for nothing said: '' for texts and codes, () for several, else None."""
        if self.shape in ("text", "prose", "code", "ward", "wkt"):
            return ""
        return () if self.shape in ("codes", "words", "wards") else None


def clean(field: Field, value: object) -> Any:  # noqa: ANN401 - each shape has its own
    r"""Turn what was given into what is stored.

    Parameters
    ----------
    field : Field
        What the column holds.
    value : object
        A value of the right kind, or the text of one as people and spreadsheets write it; None and
        '' are nothing said. Days come before months; a time without an offset is London's.

    Raises
    ------
    ValueError
        If it cannot be stored; the message is a phrase that follows the column's name.

    Examples
    --------
    >>> clean(Field("date"), "30/1/25"), clean(Field("codes", options="weather"), "dry; fog")
    (datetime.date(2025, 1, 30), ('dry', 'fog'))
    >>> clean(Field("moment"), "2024-10-02 17:00").isoformat()
    '2024-10-02T17:00:00+01:00'
    >>> clean(Field("prose"), "One\r\ntwo")
    'One\ntwo'
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        value = ""
    if isinstance(value, str):
        value = value.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
        if field.shape not in ("prose", "text"):
            value = value.strip()
    if _is_nothing(value):
        if field.required:
            raise ValueError("must be filled in")
        return field.empty
    return _CLEANERS[field.shape](field, value)


def as_text(field: Field, value: Any) -> str:  # noqa: ANN401 - each shape has its own
    """Write a stored value as spreadsheets and the history show it; '' for nothing said.

    Examples
    --------
    >>> as_text(Field("date"), dt.date(2025, 1, 30)), as_text(Field("yes_no"), False)
    ('2025-01-30', 'no')
    """
    if _is_nothing(value):
        return ""
    if field.shape in ("codes", "words", "wards"):
        return SEPARATOR.join(value)
    if field.shape == "yes_no":
        return "yes" if value else "no"
    if field.shape == "json":
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if field.shape in ("metres", "number"):
        return repr(float(value)).removesuffix(".0")
    if isinstance(value, dt.datetime):
        return value.astimezone(LONDON).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _is_nothing(value: object) -> bool:
    return value is None or value == "" or (isinstance(value, list | tuple) and not value)


def _text(field: Field, value: object) -> str:
    text = str(value)
    longest = LONGEST_PROSE if field.shape == "prose" else LONGEST_TEXT
    if len(text) > longest:
        raise ValueError(f"is {len(text):,} characters long; {longest:,} fit")
    if re.search("[\x01-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]", text):
        raise ValueError("holds characters that no text has")
    return text


def _id(_field: Field, value: object) -> str:
    text = str(value)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._:@+-]{0,119}", text):
        raise ValueError(f"is no id: {text[:40]!r}")
    return text


def _code(field: Field, value: object) -> str:
    return _codes(field, [value])[0]


def _codes(field: Field, value: object) -> tuple[str, ...]:
    options = LISTS[field.options]
    by_label = {label.casefold(): code for code, label in options.items()}
    found = []
    for part in _parts(value):
        code = part if part in options else by_label.get(part.casefold(), "")
        if not code:
            raise ValueError(f"cannot be {part[:40]!r}; it is one of {', '.join(options)}")
        found.append(code)
    # The list's own order: what was ticked has none, and equal ticks must be equal text.
    return tuple(sorted(set(found), key=list(options).index))


def _words(field: Field, value: object) -> tuple[str, ...]:
    # A word may hold a comma (a street and its postcode); what parts them it cannot hold.
    parts = re.split(r"[;\n]", value) if isinstance(value, str) else map(str, _listed(value))
    words = (" ".join(part.replace(";", ",").split()) for part in parts)
    return tuple(dict.fromkeys(_text(field, word) for word in words if word))


def _ward(field: Field, value: object) -> str:
    return _wards(field, [value])[0]


def _wards(_field: Field, value: object) -> tuple[str, ...]:
    codes = [part.upper() for part in _parts(value)]
    wrong = [c for c in codes if not re.fullmatch(r"[EWSN][0-9]{8}", c)]
    if wrong:
        raise ValueError(f"cannot be {wrong[0][:40]!r}: a ward's code is written as E05009327")
    return tuple(sorted(set(codes)))


def _parts(value: object) -> list[str]:
    """Split what was given for several values: a list, or text with semicolons or commas."""
    parts = re.split(r"[;,\n]", value) if isinstance(value, str) else _listed(value)
    return [text for part in parts if (text := str(part).strip())]


def _listed(value: object) -> Iterable[object]:
    return value if isinstance(value, Iterable) else [value]


def _whole(field: Field, value: object) -> int:
    text = str(value)
    number = int(value) if isinstance(value, int | float) and value == int(value) else None
    if isinstance(value, bool) or (number is None and not re.fullmatch(r"-?\d{1,9}(\.0)?", text)):
        raise ValueError(f"is no whole number: {text[:40]!r}")
    number = int(float(text)) if number is None else number
    if not field.low <= number <= field.high:
        raise ValueError(f"is {number}; it goes from {field.low} to {field.high}")
    return number


_YES = {"yes": True, "y": True, "true": True, "1": True, "1.0": True}
_NO = {"no": False, "n": False, "false": False, "0": False, "0.0": False}


def _yes_no(_field: Field, value: object) -> bool:
    said = (_YES | _NO).get(str(value).casefold())
    if said is None:
        raise ValueError(f"is neither yes nor no: {str(value)[:40]!r}")
    return said


_SLASHED = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4}|\d{2})")


def _date(_field: Field, value: object) -> dt.date:
    if isinstance(value, dt.datetime):
        return value.astimezone(LONDON).date() if value.tzinfo else value.date()
    if isinstance(value, dt.date):
        return value
    text = re.sub(r"T?[ ]?00:00(:00)?$", "", str(value))
    slashed = _SLASHED.fullmatch(text)
    try:
        if slashed:
            day, month, year = map(int, slashed.groups())
            return dt.date(year + 2000 if year < 100 else year, month, day)
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"is no date: {text[:40]!r}; write 2025-01-30 or 30/1/2025") from None


def _moment(_field: Field, value: object) -> dt.datetime:
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            raise ValueError("lacks its time zone")
        return value.astimezone(LONDON).replace(microsecond=0)
    text = str(value)
    day, _, clock = text.partition("T") if "T" in text else text.partition(" ")
    try:
        slashed = _SLASHED.fullmatch(day)
        if slashed:
            day = _date(_field, day).isoformat()
        moment = dt.datetime.fromisoformat(f"{day}T{clock}") if clock else None
    except ValueError:
        moment = None
    if moment is None:
        raise ValueError(f"is no time: {text[:40]!r}; write 2025-01-30 18:00")
    if moment.tzinfo is not None:
        return moment.astimezone(LONDON).replace(microsecond=0)
    local = moment.replace(tzinfo=LONDON, microsecond=0)
    if local.astimezone(dt.UTC).astimezone(LONDON).replace(tzinfo=None) != local.replace(
        tzinfo=None
    ):
        raise ValueError(f"never was: at {text[:40]} the clocks had been put forward")
    return local


def _number(_field: Field, value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        raise ValueError(f"is no number: {str(value)[:40]!r}") from None
    if not math.isfinite(number):
        raise ValueError("is no finite number")
    return number


def _metres(field: Field, value: object) -> float:
    number = round(_number(field, value), 1)
    if not 0 <= number <= max(BNG_EXTENT):
        raise ValueError(f"is {number:g}; British National Grid metres go from 0 to 1,300,000")
    return number


def _json(_field: Field, value: object) -> object:
    try:
        text = value if isinstance(value, str) else json.dumps(value, allow_nan=False)
        return json.loads(text)
    except (TypeError, ValueError):
        raise ValueError("is not JSON") from None


def _wkt(_field: Field, value: object) -> str:
    try:
        shape = shapely.from_wkt(str(value))
    except shapely.errors.ShapelyError:
        raise ValueError("is no shape in well-known text") from None
    if shape is None or shape.is_empty or not shape.is_valid:
        raise ValueError("is an empty or broken shape")
    west, south, east, north = shape.bounds
    if west < 0 or south < 0 or east > BNG_EXTENT[2] or north > BNG_EXTENT[3]:
        raise ValueError("lies outside the British National Grid; shapes are in its metres")
    return str(shapely.to_wkt(shape, rounding_precision=1))


_CLEANERS: Mapping[str, Callable[[Field, Any], Any]] = {
    "id": _id, "ref": _id, "text": _text, "prose": _text, "code": _code, "codes": _codes,
    "words": _words, "ward": _ward, "wards": _wards, "whole": _whole, "yes_no": _yes_no,
    "date": _date, "moment": _moment, "metres": _metres, "number": _number, "json": _json,
    "wkt": _wkt,
}  # fmt: skip
