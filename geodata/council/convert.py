"""Turn a chunk of text into times, places, kinds and findings, row by row.

Nothing here looks beyond its own chunk: what needs the whole file (times of exactly midnight, one
point that many rows share, repeats) is decided in `geodata.council.evidence` and applied in
`geodata.council.finish`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from geodata.council import cases
from geodata.council.categories import JOINT, UNKNOWN, CategoryMap
from geodata.council.clock import localise
from geodata.council.dates import DAY_S, Dates, Grain, Times, read_dates, read_times
from geodata.council.personal import blank_personal, without_house_numbers
from geodata.council.places import Extent, Places, read_places
from geodata.council.rules import Rule
from geodata.council.table import Chunk, Table
from geodata.locating.postcodes import read_postcode

if TYPE_CHECKING:
    from geodata.council.profiles import Profile

EARLIEST = "1990-01-01"
"""Reports dated before are taken for slips and placeholders (Excel's 1900, a database's 1970)."""

NO_TIME = np.iinfo("i8").min
"""In columns of seconds: no time is known."""

WORDS = (
    *("category", "category_detail", "nsir_qualifier", "street", "setting", "status"),
    *("ward_code_source", "record_level"),
)
"""Fields of words, whose values are blanked where they look personal."""

_NULLS = (
    *("n/a", "N/A", "na", "NA", "nan", "NaN", "NaT", "null", "NULL", "none", "None", "NONE"),
    *("-", "--", "#N/A", "#REF!", "#VALUE!", "#NAME?"),
)
_EARLIEST_DAY = int(np.datetime64(EARLIEST, "D").astype("i8"))
_OCCURRED, _REPORTED, _RECORDED = range(3)
BASES = ("occurred", "reported", "recorded")


@dataclass(frozen=True)
class Draft:
    """A chunk whose rows have been read one by one. All arrays have one entry a row.

    Attributes
    ----------
    raw : pyarrow.Table
        The mapped columns as text, personal values blanked, named by our fields.
    line : numpy.ndarray
        Line of each row in the file.
    flags : numpy.ndarray
        `Rule` bits.
    day : numpy.ndarray
        London's date of the row, in days since 1970-01-01.
    start, end, reported : numpy.ndarray
        UTC seconds; `NO_TIME` where there is none.
    grain : numpy.ndarray
        `Grain` of the start.
    clock : numpy.ndarray
        Local seconds since midnight of the start.
    basis : numpy.ndarray
        Position in `BASES`.
    category, source_category : pyarrow.DictionaryArray
        Our code, and the source's words.
    places : Places
        Where it lies.
    keys : numpy.ndarray
        What rows may repeat each other by (`geodata.council.cases.row_keys`).
    month_first, day_first : numpy.ndarray
        True where the main date can only be in that order.
    """

    raw: pa.Table
    line: np.ndarray
    flags: np.ndarray
    day: np.ndarray
    start: np.ndarray
    end: np.ndarray
    reported: np.ndarray
    grain: np.ndarray
    clock: np.ndarray
    basis: np.ndarray
    category: pa.DictionaryArray
    source_category: pa.DictionaryArray
    places: Places
    keys: np.ndarray
    month_first: np.ndarray
    day_first: np.ndarray

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.line)


@dataclass(frozen=True)
class Converter:
    """What turns chunks of one file into drafts.

    Attributes
    ----------
    profile : Profile
        How the file is read.
    mapping : mapping of str to str
        Column of the file by field (`Profile.resolve`).
    last_day : int
        The day of the import, in days since 1970-01-01: later dates are in the future.
    extent : tuple of float or None
        Of the wards and what lies around them, BNG metres, if known.
    excel_1904 : bool
        True if the file counts days from 1904.
    """

    profile: Profile
    mapping: Mapping[str, str]
    last_day: int
    extent: Extent | None = None
    excel_1904: bool = False

    def convert(self, chunk: Chunk) -> Draft:
        """Read the rows of a chunk one by one."""
        flags = np.zeros(len(chunk.line), dtype="i8")
        columns = self._clean(chunk, flags)
        when = self._times(columns, flags)
        places = read_places(
            columns, len(flags), extent=self.extent, precision=self.profile.geo_precision
        )
        flags |= places.flags
        flags[np.isnan(places.easting)] |= Rule.WITHOUT_LOCATION
        category, wording = self._category(columns, flags)
        status = cases.statuses(columns.get("status"), columns.get("merged_into"), len(flags))
        flags[status == cases.STATUSES.index("merged")] |= Rule.MERGED
        flags[status == cases.STATUSES.index("closed")] |= Rule.CLOSED
        starts = np.where(when["grain"] > Grain.MONTH, when["start"], -1)
        keys = cases.row_keys(columns.get("source_ref"), columns.get("case_ref"), starts, wording)
        if self.profile.source == "police_uk":
            keys[:] = 0  # two identical rows of police.uk are two incidents
        return Draft(
            raw=pa.table(dict(columns)), line=chunk.line, flags=flags, category=category,
            source_category=wording.dictionary_encode(), places=places, keys=keys, **when,
        )  # fmt: skip

    def _clean(self, chunk: Chunk, flags: np.ndarray) -> dict[str, pa.Array]:
        """Trim every value, blank what means 'nothing', and keep people out."""
        columns = {}
        for field, column in self.mapping.items():
            text = chunk.data[column].combine_chunks()
            text = pc.utf8_trim_whitespace(text)
            text = pc.if_else(pc.is_in(text, pa.array(_NULLS)), "", text)
            if field in WORDS and column not in self.profile.keep_personal:
                text = self._without_people(field, text, flags)
            elif field in _DAMAGED:
                text, damaged = _DAMAGED[field](text)
                flags[damaged] |= Rule.REFERENCE_DAMAGED
            columns[field] = text
        return columns

    def _without_people(self, field: str, text: pa.Array, flags: np.ndarray) -> pa.Array:
        codes = text.dictionary_encode()
        rows, words = codes.indices.to_numpy(), codes.dictionary.cast(pa.string())
        words, personal = blank_personal(words)
        flags[personal[rows]] |= Rule.PERSONAL_BLANKED
        if field == "street":
            words, numbered = without_house_numbers(words)
            flags[numbered[rows]] |= Rule.HOUSE_NUMBER_REMOVED
            personal = personal | numbered
        return words.take(codes.indices) if personal.any() else text

    def _times(self, columns: Mapping[str, pa.Array], flags: np.ndarray) -> dict[str, np.ndarray]:
        """Find when each row happened or was reported, and what is wrong about it."""
        main, basis = self._main_dates(columns, flags)
        known = main.grain >= Grain.MONTH
        moments = localise(np.where(known, _wall(main), 0), main.offset)
        flags[known & moments.twice] |= Rule.CLOCK_TWICE
        flags[known & moments.never] |= Rule.CLOCK_NEVER
        london, clock = np.divmod(moments.wall, DAY_S)
        flags[main.grain == Grain.BLANK] |= Rule.DATE_MISSING
        flags[main.grain == Grain.UNREADABLE] |= Rule.DATE_UNREADABLE
        flags[known & (london < _EARLIEST_DAY)] |= Rule.DATE_TOO_OLD
        flags[known & (london > self.last_day)] |= Rule.DATE_FUTURE
        flags[main.serial] |= Rule.DATE_FROM_EXCEL
        flags[main.bare_time] |= Rule.TIME_UNREADABLE
        shaky = moments.twice | moments.never
        grain = np.where(shaky, np.minimum(main.grain, Grain.HOUR), main.grain)
        end = self._ends(columns, main, flags)
        return {
            "day": london, "start": np.where(known, moments.utc, NO_TIME), "end": end,
            "reported": self._reported(columns), "grain": grain, "clock": clock, "basis": basis,
            "month_first": main.month_first, "day_first": main.day_first,
        }  # fmt: skip

    def _main_dates(
        self, columns: Mapping[str, pa.Array], flags: np.ndarray
    ) -> tuple[Dates, np.ndarray]:
        """Read the date that counts: when it happened or, where that is blank, was reported."""
        basis = np.full(len(flags), BASES.index(self.profile.date_basis), dtype="i4")
        if "occurred_from" not in columns:
            return self._read(columns["reported_at"]), np.fmax(basis, _REPORTED)
        dates = self._read(columns["occurred_from"])
        if "occurred_from_time" in columns:
            dates = _with_times(dates, read_times(columns["occurred_from_time"]), flags)
        blank = dates.grain == Grain.BLANK
        if "reported_at" in columns and blank.any():
            dates = _merged(dates, self._read(columns["reported_at"]), blank)
            used = blank & (dates.grain > Grain.BLANK)
            flags[used] |= Rule.DATE_REPORTED_USED
            basis[used] = _REPORTED
        return dates, basis

    def _ends(self, columns: Mapping[str, pa.Array], start: Dates, flags: np.ndarray) -> np.ndarray:
        """Find where each interval ends, in UTC seconds; of a day, its last moment.

        An end on no day of its own, earlier than the start, is on the next day.
        """
        found = np.where(start.until >= 0, start.day.astype("i8") * DAY_S + start.until, NO_TIME)
        offset = start.offset
        times = read_times(columns["occurred_to_time"]) if "occurred_to_time" in columns else None
        timed = start.grain > Grain.DAY
        if "occurred_to" in columns:
            dates = self._read(columns["occurred_to"])
            flags[dates.grain == Grain.UNREADABLE] |= Rule.END_UNREADABLE
            dates = dates if times is None else _with_times(dates, times, flags)
            given = (dates.grain >= Grain.DAY) & (start.grain >= Grain.DAY)
            whole = np.where(dates.grain == Grain.DAY, DAY_S, dates.second)
            found = np.where(given, dates.day.astype("i8") * DAY_S + whole, found)
            offset = np.where(given, dates.offset, offset)
        elif times is not None:
            given = (times.grain >= Grain.PART) & timed
            flags[times.grain == Grain.UNREADABLE] |= Rule.END_UNREADABLE
            over = given & (times.second < start.second)
            flags[over] |= Rule.OVER_MIDNIGHT
            day = start.day.astype("i8") + over
            found = np.where(given, day * DAY_S + times.second, found)
        held = found != NO_TIME
        utc = localise(np.where(held, found, 0), offset).utc
        begun = localise(_wall(start), start.offset).utc
        flags[held & (utc < begun)] |= Rule.INTERVAL_REVERSED
        return np.where(held, utc, NO_TIME)

    def _reported(self, columns: Mapping[str, pa.Array]) -> np.ndarray:
        if "reported_at" not in columns:
            return np.full(len(next(iter(columns.values()))), NO_TIME)
        dates = self._read(columns["reported_at"])
        held = (dates.grain >= Grain.DAY) & (dates.day >= _EARLIEST_DAY)
        utc = localise(np.where(held, _wall(dates), 0), dates.offset).utc
        return np.where(held, utc, NO_TIME)

    def _read(self, text: pa.Array) -> Dates:
        return read_dates(text, excel_1904=self.excel_1904)

    def _category(
        self, columns: Mapping[str, pa.Array], flags: np.ndarray
    ) -> tuple[pa.DictionaryArray, pa.Array]:
        wording = wordings(columns, len(flags))
        codes = wording.dictionary_encode()
        known = CategoryMap(self.profile.categories, source=self.profile.source)
        ours = [known.code(w) if w else "" for w in codes.dictionary.to_pylist()]
        rows = codes.indices.to_numpy()
        blank = np.array([w == "" for w in codes.dictionary.to_pylist()], dtype=bool)[rows]
        mapped = np.array([c != "" for c in ours], dtype=bool)[rows]
        flags[blank] |= Rule.CATEGORY_BLANK
        flags[~blank & ~mapped] |= Rule.CATEGORY_UNMAPPED
        distinct = pa.array([c or UNKNOWN for c in ours], pa.string())
        return distinct.take(codes.indices).dictionary_encode(), wording


def wordings(columns: Mapping[str, pa.Array], count: int) -> pa.Array:
    """Give the source's words for the kind of each row: the kind, with its detail if it has one."""
    kind, detail = columns.get("category"), columns.get("category_detail")
    if kind is None and detail is None:
        return pa.array([""] * count, pa.string())
    if kind is None or detail is None:
        return kind if detail is None else detail
    both = pc.binary_join_element_wise(kind, detail, JOINT)
    return pc.if_else(pc.equal(detail, ""), kind, pc.if_else(pc.equal(kind, ""), detail, both))


def category_wordings(table: Table, mapping: Mapping[str, str]) -> dict[str, int]:
    """Count the source's words for kinds over a whole file, the commonest first.

    Personal values are passed over.
    """
    wanted = {f: c for f, c in mapping.items() if f in {"category", "category_detail"}}
    counts: Counter[str] = Counter()
    if wanted:
        for chunk in table.chunks(list(wanted.values())):
            columns = {}
            for field, column in wanted.items():
                text = pc.utf8_trim_whitespace(chunk.data[column].combine_chunks())
                columns[field], _ = blank_personal(text)
            found = pc.value_counts(wordings(columns, len(chunk.line)))
            values, numbers = found.field("values").to_pylist(), found.field("counts").to_pylist()
            counts.update(dict(zip(values, numbers, strict=True)))
    counts.pop("", None)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _wall(dates: Dates) -> np.ndarray:
    """Give seconds since 1970-01-01T00:00 as the clock showed them."""
    return dates.day.astype("i8") * DAY_S + dates.second


def _with_times(dates: Dates, times: Times, flags: np.ndarray) -> Dates:
    """Take the time from a column of its own where the date has none."""
    flags[(times.grain == Grain.UNREADABLE) & (dates.grain == Grain.DAY)] |= Rule.TIME_UNREADABLE
    use = (dates.grain == Grain.DAY) & (times.grain >= Grain.PART)
    parts = {n: np.where(use, column, getattr(dates, n)) for n, column in vars(times).items()}
    return Dates(**(vars(dates) | parts))


def _merged(first: Dates, second: Dates, where: np.ndarray) -> Dates:
    return Dates(**{n: np.where(where, getattr(second, n), getattr(first, n)) for n in vars(first)})


# References that spreadsheets damage.


def _by_distinct(text: pa.Array, mend: Callable[[str], str]) -> tuple[pa.Array, np.ndarray]:
    """Mend a column value by value; a value that cannot be mended becomes blank and is marked."""
    codes = text.dictionary_encode()
    before = codes.dictionary.to_pylist()
    after = [mend(value) if value else "" for value in before]
    lost = np.array([bool(b) and not a for b, a in zip(before, after, strict=True)], dtype=bool)
    mended = pa.array(after, pa.string()).take(codes.indices)
    return mended, lost[codes.indices.to_numpy()]


def mend_uprn(value: str) -> str:
    """Keep a UPRN as text of up to 12 digits; '' if a spreadsheet cut its digits off.

    Examples
    --------
    >>> mend_uprn("000123456789"), mend_uprn("100023456789.0"), mend_uprn("1.00023E+11")
    ('000123456789', '100023456789', '')
    """
    digits = value.removesuffix(".0").replace(" ", "")
    return digits if digits.isascii() and digits.isdigit() and len(digits) <= 12 else ""


def mend_usrn(value: str) -> str:
    """Keep a USRN as text of 8 digits, with the zeros a spreadsheet took off its front.

    Examples
    --------
    >>> mend_usrn("4502345"), mend_usrn("04502345"), mend_usrn("4.5E+06")
    ('04502345', '04502345', '')
    """
    digits = value.removesuffix(".0").replace(" ", "")
    return digits.zfill(8) if digits.isascii() and digits.isdigit() and len(digits) <= 8 else ""


def mend_postcode(value: str) -> str:
    """Write a postcode in capitals with one space; '' if it is none.

    O for 0 and I for 1 are mended where the shape of a postcode leaves one reading.

    Examples
    --------
    >>> mend_postcode("e1  6an"), mend_postcode("E1"), mend_postcode("Whitechapel")
    ('E1 6AN', 'E1', '')
    """
    found = read_postcode(value)
    return "" if found is None else found.unit or found.district


_DAMAGED: dict[str, Callable[[pa.Array], tuple[pa.Array, np.ndarray]]] = {
    "uprn": lambda text: _by_distinct(text, mend_uprn),
    "usrn": lambda text: _by_distinct(text, mend_usrn),
    "postcode": lambda text: _by_distinct(text, mend_postcode),
}
