"""Guess which column of a file holds what, from its name and from its values.

Every guess says how sure it is and why, in words a person can judge; a person's word overrules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from geodata.council.categories import guess_category
from geodata.council.dates import Grain, read_dates, read_times
from geodata.council.fields import FIELD_NAMES, FIELDS, Field, fold
from geodata.council.figures import decimals, read_numbers
from geodata.council.personal import personal_reason

THRESHOLD = 0.45
"""Confidence below which a column is left unmapped."""

_SAMPLE = 2_000
_PAIRED = (("easting", "northing"), ("lon", "lat"))


@dataclass(frozen=True)
class Guess:
    """A field, the column that seems to hold it, how sure that is (0 to 1), and why.

    `by_name` is False where only the values speak for it.
    """

    field: str
    column: str
    confidence: float
    reason: str
    by_name: bool = True


def guess_columns(head: pd.DataFrame) -> tuple[Guess, ...]:
    """Guess the mapping of a table's columns to our fields.

    Parameters
    ----------
    head : pandas.DataFrame
        The first rows, as text.

    Returns
    -------
    tuple of Guess
        In the order of the fields; every field and every column at most once. Columns that look
        personal are never guessed.

    Examples
    --------
    >>> head = pd.DataFrame({"Ref": ["1", "2"], "Incident date": ["03/04/2026", "5/4/26"],
    ...                      "Grid squaresX": ["536500", "Lockdown"],
    ...                      "Grid squaresY": ["182500", "182600"], "Phone": ["", ""]})
    >>> {g.field: g.column for g in guess_columns(head)}  # doctest: +NORMALIZE_WHITESPACE
    {'source_ref': 'Ref', 'occurred_from': 'Incident date', 'easting': 'Grid squaresX',
     'northing': 'Grid squaresY'}
    """
    sample = head.head(_SAMPLE)
    columns = [_Column.of(name, sample[name]) for name in head.columns]
    offers = [offer for column in columns for offer in _offers(column)]
    chosen = _choose(offers)
    return tuple(chosen[name] for name in FIELD_NAMES if name in chosen)


@dataclass(frozen=True)
class _Column:
    name: str
    words: tuple[str, ...]
    values: pd.Series
    personal: str

    @classmethod
    def of(cls, name: str, values: pd.Series) -> _Column:
        trimmed = values.str.strip()
        filled = trimmed[trimmed != ""]
        return cls(name, tuple(fold(name).split()), filled, personal_reason(name, values))

    @property
    def text(self) -> pa.Array:
        text = pa.array(self.values, pa.string())
        # The first rows of a file come in several pieces where its rows are very long.
        return text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text


def _choose(offers: list[Guess]) -> dict[str, Guess]:
    chosen: dict[str, Guess] = {}
    columns: set[str] = set()
    order = {name: number for number, name in enumerate(FIELD_NAMES)}
    for offer in sorted(offers, key=lambda g: (-g.confidence, order[g.field])):
        if offer.field == "occurred_from" and "reported_at" in chosen and not offer.by_name:
            continue  # with one date known, another is not to be guessed from values alone
        if offer.field not in chosen and offer.column not in columns:
            chosen[offer.field] = offer
            columns.add(offer.column)
    for pair in _PAIRED:
        if len(held := [f for f in pair if f in chosen]) == 1:
            del chosen[held[0]]
    if "occurred_from" not in chosen:
        chosen.pop("occurred_from_time", None)
    if "occurred_to" not in chosen and "occurred_from" not in chosen:
        chosen.pop("occurred_to_time", None)
    return chosen


def _offers(column: _Column) -> Iterator[Guess]:
    joined = "".join(column.words)
    for field in FIELDS:
        named = _named(field, column.words, joined)
        if not named and (field.name not in _BY_VALUES or set(column.words) & _OTHER_DATES):
            continue
        if column.personal and named < 0.9:
            continue
        fit = _fit(field, column)
        confidence = _confidence(named, fit, field.name)
        if confidence >= THRESHOLD:
            reason = _reason(field, named, fit)
            yield Guess(field.name, column.name, round(confidence, 2), reason, named > 0)


def _confidence(named: float, fit: float | None, field: str) -> float:
    if fit is None:
        return 0.6 * named
    if named:
        return named * (0.35 + 0.65 * fit)
    return _BY_VALUES[field] * fit if fit >= 0.8 else 0.0


def _reason(field: Field, named: float, fit: float | None) -> str:
    label = field.label.lower()
    values = "its first values are blank" if fit is None else f"{fit:.0%} of its values look so"
    if not named:
        return f"{values}, though its name does not say {label}"
    sure = "its name means" if named >= 0.9 else "its name could mean"
    return f"{sure} {label}, and {values}"


# What a name says.


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_REPORT_WORDS = _words(
    "reported logged created received recorded raised opened submitted entered complaint"
)
_START_WORDS = _words(
    "start from began incident occurred occurrence offence event visit patrol happened committed"
)
_END_WORDS = _words("end ended finish finished until to")
_OTHER_DATES = _words(
    "closed closure updated modified due target review birth dob death expiry export resolved "
    "completed changed next last response inspection action"
)
_DATE_WORDS = _words("date datetime dated when timestamp")


def _named(field: Field, words: tuple[str, ...], joined: str) -> float:
    for position, name in enumerate(field.names):
        if name.replace(" ", "") == joined:
            return 1.0 - 0.001 * position
    if field.kind in {"date", "time"}:
        return _date_named(field.name, set(words))
    have = set(words)
    longer = [n for n in field.names if len(n) > 3 and set(n.split()) <= have]
    return 0.75 if longer else 0.0


def _date_named(field: str, words: set[str]) -> float:
    if words & _OTHER_DATES:
        return 0.0
    dated, timed = bool(words & _DATE_WORDS), "time" in words
    if not dated and not timed:
        return 0.0
    meant = "occurred_from"
    if words & _REPORT_WORDS:
        meant = "reported_at"
    elif words & _END_WORDS and not words & {"from", "start"}:
        meant = "occurred_to"
    if timed and not dated:
        meant += "_time"
    sure = bool(words & (_REPORT_WORDS | _START_WORDS | _END_WORDS))
    return (0.85 if sure else 0.65) if meant == field else 0.0


# What values say: the share of a column's values that look like a field's.

_BY_VALUES: Mapping[str, float] = {
    "occurred_from": 0.55, "category": 0.6, "lat": 0.65, "lon": 0.55, "grid_reference": 0.8,
    "coordinates": 0.8, "geometry": 0.9, "postcode": 0.7, "ward_code_source": 0.6,
}  # fmt: skip
"""Fields that values alone can tell, and how far they are to be believed."""

_PATTERNS: Mapping[str, re.Pattern[str]] = {
    "grid_reference": re.compile(r"^[HJNOST][A-HJ-Z](?: ?\d){4,10}$", re.IGNORECASE),
    "coordinates": re.compile(r"^\D{0,8}-?\d+\.\d+\s*[,; ]\s*-?\d+\.\d+\D?$"),
    "geometry": re.compile(
        r"^(?:SRID=\d+; ?)?(?:MULTI)?(?:POINT|LINESTRING|POLYGON) ?Z? ?\(", re.IGNORECASE
    ),
    "postcode": re.compile(r"^[A-Z]{1,2}\d[A-Z\d]? ?(?:\d[A-Z]{2})?$", re.IGNORECASE),
    "uprn": re.compile(r"^(?:\d{5,12}(?:\.0)?|\d(?:\.\d+)?E\+\d+)$", re.IGNORECASE),
    "usrn": re.compile(r"^\d{7,8}(?:\.0)?$"),
    "ward_code_source": re.compile(r"^E05\d{6}$"),
    "lsoa_code": re.compile(r"^[EW]01\d{6}$"),
}
_RANGES: Mapping[str, tuple[float, float, int]] = {
    "easting": (1_000, 700_000, 0), "northing": (1_000, 1_300_000, 0), "lon": (-9, 2.5, 2),
    "lat": (49, 61.5, 2),
}  # fmt: skip
"""Range of values, and digits after the point that values alone must have."""


def _fit(field: Field, column: _Column) -> float | None:
    """Give the share of the filled values that look like the field's; None if all are blank."""
    if not len(column.values):
        return None
    if field.name in _PATTERNS and not _worded(field, column):
        pattern = _PATTERNS[field.name]
        return float(column.values.map(lambda v: bool(pattern.match(v))).mean())
    return _FITS.get(field.name, _FITS_BY_KIND[field.kind])(field, column)


def _worded(field: Field, column: _Column) -> bool:
    """Tell a column of ward names from one of ward codes, where the name says it is wards."""
    return field.name in {"ward_code_source", "lsoa_code"} and "ward" in "".join(column.words)


def _fit_date(_field: Field, column: _Column) -> float:
    dates = read_dates(column.text)
    # Month-first columns are dates, too: the reader says what is wrong with them.
    return float(((dates.grain >= Grain.MONTH) | dates.month_first).mean())


def _fit_time(_field: Field, column: _Column) -> float:
    return float((read_times(column.text).grain >= Grain.PART).mean())


def _fit_number(field: Field, column: _Column) -> float:
    low, high, digits = _RANGES[field.name]
    numbers, _ = read_numbers(column.text)
    named = _named(field, column.words, "".join(column.words))
    exact = named or np.median(decimals(column.text)) >= digits
    return float(((numbers >= low) & (numbers <= high)).mean()) if exact else 0.0


def _fit_code(_field: Field, column: _Column) -> float:
    few = column.values.nunique() <= max(50, len(column.values) / 3)
    return float(few and column.values.str.len().mean() < 60)


def _fit_category(field: Field, column: _Column) -> float:
    distinct = column.values.drop_duplicates()
    known = {v for v in distinct if guess_category(v) not in {"", "other", "unknown"}}
    share = float(column.values.isin(known).mean())
    named = _named(field, column.words, "".join(column.words))
    return max(share, 0.7 * _fit_code(field, column)) if named else share


def _fit_text(_field: Field, column: _Column) -> float:
    return float(column.values.str.contains(r"[A-Za-z]{3}").mean())


def _fit_reference(field: Field, column: _Column) -> float:
    if field.name in {"case_ref", "merged_into"}:
        return 1.0
    # Rows with one reference count once: a column that often repeats must not be taken for one.
    unique = column.values.nunique() / len(column.values)
    return float(np.clip((unique - 0.8) / 0.15, 0.0, 1.0))


_FITS: Mapping[str, Callable[[Field, _Column], float]] = {"category": _fit_category}
_FITS_BY_KIND: Mapping[str, Callable[[Field, _Column], float]] = {
    "date": _fit_date, "time": _fit_time, "number": _fit_number, "code": _fit_code,
    "text": _fit_text, "reference": _fit_reference,
}  # fmt: skip
