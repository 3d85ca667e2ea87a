"""Apply what the whole file told to its rows, and give them as incidents, rejected and repeated.

Every row ends in exactly one of the three.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geodata.batches import REJECTED_COLUMNS
from geodata.council import cases
from geodata.council.cases import Repeats
from geodata.council.convert import BASES, EARLIEST, NO_TIME, Draft
from geodata.council.dates import DAY_S, Grain
from geodata.council.evidence import Evidence, months_of, point_keys
from geodata.council.fields import FIELD_BY_NAME
from geodata.council.personal import PERSONAL_VALUE
from geodata.council.places import PRECISIONS
from geodata.council.profiles import Profile
from geodata.council.rules import REJECTING, Rule, flag_words
from geodata.council.schema import COUNCIL_SCHEMA
from geodata.council.table import Fault

TIME_PRECISIONS = ("exact", "hour", "part_of_day", "day", "month", "unknown")
_OF_GRAIN = {
    Grain.MINUTE: "exact", Grain.HOUR: "hour", Grain.PART: "part_of_day", Grain.DAY: "day",
    Grain.MONTH: "month",
}  # fmt: skip
_SPANS_S = (15 * 60, 3600, 12 * 3600, DAY_S, 31 * DAY_S)
"""Seconds an interval may span to be as precise as the entry of `TIME_PRECISIONS` beside it."""

_SHOWN = 40
_PERSONAL = re.compile(PERSONAL_VALUE)
_MAIL = re.compile(r"\S+@\S+")
_WORDED = ("date", "time", "text")


@dataclass(frozen=True)
class Verdict:
    """What the whole file says about its rows; see `geodata.council.evidence`.

    Good for one run through the file, since `repeats` remembers what it has met.
    """

    midnight_is_day: bool
    hours_only: bool
    default_points: np.ndarray
    partial_months: np.ndarray
    repeats: Repeats

    @classmethod
    def of(cls, evidence: Evidence) -> Verdict:
        """Close the evidence."""
        return cls(
            evidence.midnight_is_day, evidence.hours_only, evidence.default_points(),
            np.array(sorted(evidence.partial_months()), dtype="i8"),
            Repeats(evidence.keys.repeated()),
        )  # fmt: skip


@dataclass(frozen=True)
class Part:
    """Some consecutive rows of a file, done.

    Attributes
    ----------
    incidents, repeated : pyarrow.Table
        The usable rows, and those that repeat an earlier one
        (`geodata.council.schema.COUNCIL_SCHEMA`).
    rejected, duplicates : pandas.DataFrame
        The rejected and the repeated rows: `file`, `line`, `reason`, `row` (JSON: the mapped
        columns only).
    flags : numpy.ndarray
        `Rule` bits of every row, unreadable ones included.
    """

    incidents: pa.Table
    repeated: pa.Table
    rejected: pd.DataFrame
    duplicates: pd.DataFrame
    flags: np.ndarray

    @property
    def rows(self) -> int:
        """Count every row."""
        return len(self.flags)


@dataclass(frozen=True)
class Finisher:
    """What turns the drafts of one file into parts.

    Attributes
    ----------
    file, digest : str
        Its name for people, and what names its content.
    profile : Profile
        How it is read.
    mapping : mapping of str to str
        Column of the file by field.
    last_day : int
        The day of the import, in days since 1970-01-01.
    """

    file: str
    digest: str
    profile: Profile
    mapping: Mapping[str, str]
    last_day: int

    def finish(self, draft: Draft, faults: Sequence[Fault], verdict: Verdict) -> Part:
        """Give a chunk's rows; chunks come in the order of the file."""
        flags = draft.flags.copy()
        months = months_of(draft.day)
        rejected = flags & int(REJECTING) != 0
        keys = np.where(rejected, np.uint64(0), draft.keys)
        repeated, first_lines = verdict.repeats.mark(keys, draft.line)
        flags[repeated] |= Rule.DUPLICATE
        flags[np.isin(point_keys(draft), verdict.default_points)] |= Rule.DEFAULT_LOCATION
        flags[np.isin(months, verdict.partial_months) & ~rejected] |= Rule.EDGE_MONTH_PARTIAL
        grain = _grain(draft, flags, verdict)
        table = self._incidents(draft, flags, grain, months)
        used = ~rejected
        used[repeated] = False
        return Part(
            table if used.all() else table.filter(pa.array(used)),
            table.take(pa.array(repeated, pa.int64())),
            self._rejected(draft, flags, np.flatnonzero(rejected), faults),
            self._duplicates(draft, repeated, first_lines),
            np.concatenate([flags, np.full(len(faults), int(Rule.ROW_UNREADABLE))]),
        )  # fmt: skip

    def _incidents(
        self, draft: Draft, flags: np.ndarray, grain: np.ndarray, months: np.ndarray
    ) -> pa.Table:
        count, profile, places = len(draft), self.profile, draft.places
        starts = np.where(grain > Grain.MONTH, draft.start, NO_TIME)
        ends = np.where((grain > Grain.MONTH) & (draft.end > draft.start), draft.end, NO_TIME)
        distinct, month = np.unique(months, return_inverse=True)
        made: dict[str, pa.Array] = {
            "incident_uid": self._uids(draft.line),
            "source": _constant(profile.source, count),
            "record_level": self._levels(draft, count),
            "force": _constant(profile.provider, count),
            "month": _coded(month, distinct.astype("M8[M]").astype(str).tolist()),
            "occurred_from": _moments(starts), "occurred_to": _moments(ends),
            "reported_at": _moments(draft.reported),
            "time_precision": _coded(self._precision(grain, starts, ends), TIME_PRECISIONS),
            "date_basis": _coded(draft.basis, BASES),
            "category": draft.category, "source_category": _without_blank(draft.source_category),
            "lon": pa.array(places.lon, from_pandas=True),
            "lat": pa.array(places.lat, from_pandas=True),
            "easting": pa.array(places.easting, from_pandas=True),
            "northing": pa.array(places.northing, from_pandas=True),
            "geo_radius_m": pa.array(places.radius_m, from_pandas=True),
            "geo_precision": _coded(places.precision, PRECISIONS),
            "status": _coded(_statuses(draft), cases.STATUSES),
            "dq_flags": _coded(*flag_words(flags)),
        }  # fmt: skip
        made |= {ours: self._text(draft, field) for ours, field in _TEXTS.items()}
        made |= {name: self._code(draft, name) for name in ("setting", "nsir_qualifier")}
        arrays = [made[f.name].cast(f.type) for f in COUNCIL_SCHEMA]
        return pa.Table.from_arrays(arrays, schema=COUNCIL_SCHEMA)

    def _uids(self, lines: np.ndarray) -> pa.Array:
        prefix = f"{self.profile.source}:{self.digest[:16]}"
        numbers = pc.cast(pa.array(lines), pa.string())
        return pc.binary_join_element_wise(prefix, numbers, ":")

    def _levels(self, draft: Draft, count: int) -> pa.Array:
        if "record_level" not in draft.raw.column_names:
            return _constant(self.profile.record_level, count)
        given = self._code(draft, "record_level").cast(pa.string())
        return pc.fill_null(given, self.profile.record_level).dictionary_encode()

    def _precision(self, grain: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
        by_grain = np.zeros(max(Grain) + 1, dtype="i4")
        for step, name in _OF_GRAIN.items():
            by_grain[step] = TIME_PRECISIONS.index(name)
        found = by_grain[grain]
        spans = np.where(ends != NO_TIME, ends - starts, 0)
        found = np.maximum(found, np.searchsorted(_SPANS_S, spans))
        best = self.profile.time_precision
        return np.maximum(found, TIME_PRECISIONS.index(best)) if best else found

    def _text(self, draft: Draft, field: str) -> pa.Array:
        if field not in draft.raw.column_names:
            return pa.nulls(len(draft), pa.string())
        text = draft.raw[field].combine_chunks()
        return pc.if_else(pc.equal(text, ""), None, text)

    def _code(self, draft: Draft, field: str) -> pa.Array:
        if field not in draft.raw.column_names:
            return pa.nulls(len(draft), pa.string())
        words = draft.raw[field].combine_chunks().dictionary_encode()
        codes = [cases.code_of(field, w) or None for w in words.dictionary.to_pylist()]
        return pa.array(codes, pa.string()).take(words.indices)

    def _rejected(
        self, draft: Draft, flags: np.ndarray, rows: np.ndarray, faults: Sequence[Fault]
    ) -> pd.DataFrame:
        reasons = [self._reason(draft, int(flags[row]), row) for row in rows.tolist()]
        frame = self._listed(draft, rows, reasons)
        if not faults:
            return frame
        unread = listed_rows(
            [(self.file, f.line, f.reason, "{}") for f in faults]
        )  # their values could be anybody's, so none is kept
        return pd.concat([frame, unread]).sort_values("line", kind="stable", ignore_index=True)

    def _duplicates(self, draft: Draft, rows: np.ndarray, firsts: np.ndarray) -> pd.DataFrame:
        reasons = []
        for row, first in zip(rows.tolist(), firsts.tolist(), strict=True):
            own = "source_ref" in draft.raw.column_names and draft.raw["source_ref"][row].as_py()
            what = "the same reference" if own else "the same case, start and kind"
            reasons.append(f"repeats line {first}: {what}")
        return self._listed(draft, rows, reasons)

    def _listed(self, draft: Draft, rows: np.ndarray, reasons: Sequence[str]) -> pd.DataFrame:
        values = draft.raw.take(pa.array(rows, pa.int64())).to_pylist() if len(rows) else []
        return listed_rows(
            [
                (self.file, int(draft.line[row]), reason, self._row_text(value))
                for row, reason, value in zip(rows.tolist(), reasons, values, strict=True)
            ]
        )

    def _row_text(self, values: Mapping[str, str]) -> str:
        """Write the mapped columns of a row as JSON, by the file's own names."""
        shown = {self.mapping[field]: self._shown(field, text) for field, text in values.items()}
        return json.dumps(shown, ensure_ascii=False)

    def _shown(self, field: str, text: str) -> str:
        if self.mapping[field] in self.profile.keep_personal:
            return text
        # A long number is a telephone number among dates and words, not among references.
        looks = _PERSONAL if FIELD_BY_NAME[field].kind in _WORDED else _MAIL
        return "" if looks.search(text) else text

    def _reason(self, draft: Draft, flags: int, row: int) -> str:
        name = "occurred_from" if "occurred_from" in draft.raw.column_names else "reported_at"
        text = draft.raw[name][row].as_py()
        given = repr(self._shown(name, text)[:_SHOWN])
        if flags & Rule.DATE_MISSING:
            return "the row has no date"
        if flags & Rule.DATE_UNREADABLE:
            if draft.month_first[row]:
                return f"the date {given} has no such month: dates are read day first"
            return f"the date {given} cannot be read"
        if flags & Rule.DATE_TOO_OLD:
            return f"the date {given} is before {EARLIEST}: a slip or a placeholder"
        if flags & Rule.DATE_FUTURE:
            last = np.datetime64(self.last_day, "D")
            return f"the date {given} is in the future (after {last})"
        return (
            f"it ends before it begins ({given}); correct it, or leave the end out of the mapping"
        )


_TEXTS = {
    "source_ref": "source_ref", "case_ref": "case_ref", "uprn": "uprn", "usrn": "usrn",
    "postcode": "postcode", "merged_into": "merged_into", "location": "street",
    "lsoa_code": "lsoa_code", "ward_code_source": "ward_code_source",
}  # fmt: skip
"""Columns of the table that keep the text of a field."""


def _grain(draft: Draft, flags: np.ndarray, verdict: Verdict) -> np.ndarray:
    """Lower what times say to what they can mean."""
    grain = draft.grain.copy()
    timed = grain >= Grain.HOUR
    midnight = timed & (draft.clock % DAY_S == 0)
    if verdict.midnight_is_day:
        grain[midnight] = Grain.DAY
        flags[midnight] |= Rule.MIDNIGHT_AS_DAY
    if verdict.hours_only:
        full = (grain == Grain.MINUTE) & ~midnight
        grain[full] = Grain.HOUR
        flags[full] |= Rule.MINUTES_ABSENT
    return grain


def _statuses(draft: Draft) -> np.ndarray:
    names = draft.raw.column_names
    status, merged = (
        draft.raw[n].combine_chunks() if n in names else None for n in ("status", "merged_into")
    )
    return cases.statuses(status, merged, len(draft))


def _constant(value: str, count: int) -> pa.Array:
    if not value:
        return pa.nulls(count, pa.dictionary(pa.int32(), pa.string()))
    return _coded(np.zeros(count, dtype="i4"), [value])


def _coded(positions: np.ndarray, words: Sequence[str]) -> pa.DictionaryArray:
    """Code words by position; a negative position, or the word '', is missing."""
    blank = words.index("") if "" in words else -1
    missing = (positions < 0) | (positions == blank)
    indices = pa.array(np.where(missing, 0, positions).astype("i4"), mask=missing)
    return pa.DictionaryArray.from_arrays(indices, pa.array(words, pa.string()))


def _without_blank(words: pa.DictionaryArray) -> pa.Array:
    return _coded(words.indices.to_numpy(), words.dictionary.to_pylist())


def _moments(seconds: np.ndarray) -> pa.Array:
    missing = seconds == NO_TIME
    micros = np.where(missing, 0, seconds) * 1_000_000
    kind = COUNCIL_SCHEMA.field("occurred_from").type
    return pa.array(micros, pa.int64(), mask=missing).cast(pa.timestamp("us")).cast(
        pa.timestamp("us", "UTC")
    ).cast(kind)  # fmt: skip


def listed_rows(rows: Sequence[tuple[str, int, str, str]]) -> pd.DataFrame:
    """Build a table of rows that did not enter: `file`, `line`, `reason`, `row`."""
    frame = pd.DataFrame(rows, columns=list(REJECTED_COLUMNS))
    return frame.astype({"file": "str", "line": "int64", "reason": "str", "row": "str"})
