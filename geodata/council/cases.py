"""Cases, complaints and incidents: what repeats what, what is merged, what a status means.

Complaints and cases are different counts. One case has many complaints, and merged cases are one
case under two numbers: a row that was merged into another stays in the table with status 'merged'
and is left out of counts (`counted`).

A row repeats an earlier one only if it has the same reference or, where rows have no reference of
their own, the same case, the same start and the same kind. Rows of police.uk never repeat each
other: two identical ones are two incidents.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from typing import IO, cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geodata.council.categories import fold_words

HELD_KEYS = 1_000_000
"""Keys of a file that are kept in memory, 8 bytes each."""

STATUSES = ("open", "closed", "merged", "no_further_action")
QUALIFIERS = ("personal", "nuisance", "environmental")
RECORD_LEVELS = ("incident", "complaint", "case")
SETTINGS = (
    *("street", "estate_communal", "stairwell_lift", "park", "transport_hub", "car_park"),
    *("underpass_subway", "canal_towpath", "school_vicinity", "shop_or_venue", "home", "other"),
)

_WORDS: dict[str, dict[str, str]] = {
    "status": {
        "open": "open|new|active|ongoing|in progress|assigned|pending|investigating|"
        "under investigation|reopened|re opened|awaiting|allocated|monitoring|live",
        "closed": "closed|complete|completed|resolved|finished|done|case closed|closed resolved|"
        "fixed|actioned",
        "merged": "merged|duplicate|closed merged|closed duplicate|merged duplicate|"
        "linked duplicate|closed as duplicate",
        "no_further_action": "no further action|nfa|no action|closed nfa|closed no further action|"
        "no further action required|unsubstantiated|insufficient evidence",
    },
    "nsir_qualifier": {
        "personal": "personal|asb personal|p",
        "nuisance": "nuisance|asb nuisance|n",
        "environmental": "environmental|asb environmental|environment|e",
    },
    "record_level": {
        "incident": "incident|incidents|report|event|sighting|patrol",
        "complaint": "complaint|complaints|contact|call",
        "case": "case|cases",
    },
    "setting": {
        "street": "street|road|highway|pavement|footpath|footway|public highway|on street|alley|"
        "alleyway|public place|square",
        "estate_communal": "estate|communal area|communal|communal areas|housing estate|courtyard|"
        "estate communal|estate communal area|block|bin store|landing|walkway",
        "stairwell_lift": "stairwell|stairs|staircase|lift|lifts|stairwell lift|stairwell or lift|"
        "lobby|entrance lobby",
        "park": "park|parks|open space|green space|garden|gardens|playground|park or open space|"
        "parks and open spaces|cemetery",
        "transport_hub": "station|bus stop|bus station|train station|tube station|railway station|"
        "dlr station|transport|public transport|transport hub|underground station",
        "car_park": "car park|parking area|garage|garages|carpark|parking",
        "underpass_subway": "underpass|subway|pedestrian subway|tunnel|underpass subway",
        "canal_towpath": "canal|towpath|canal towpath|riverside|river|waterway",
        "school_vicinity": "school|schools|college|nursery|school vicinity|outside school",
        "shop_or_venue": "shop|shops|business|commercial|commercial premises|pub|bar|restaurant|"
        "licensed premises|supermarket|market|takeaway|hotel|venue|shop or venue|nightclub|"
        "retail|betting shop",
        "home": "home|house|flat|dwelling|residential|private residence|private dwelling|"
        "residential property|private property",
        "other": "other",
    },
}
_CODES: dict[str, dict[str, str]] = {
    field: {fold_words(w): code for code, words in codes.items() for w in (*words.split("|"), code)}
    for field, codes in _WORDS.items()
}


def code_of(field: str, wording: str) -> str:
    """Give our code for a status, qualifier, setting or record level; '' if it is not known.

    Hackney's 'residence' means a flat, a park or a street and says nothing; it stays unknown.

    Examples
    --------
    >>> code_of("status", "Closed - Duplicate"), code_of("setting", "Stair-well")
    ('merged', '')
    >>> code_of("setting", "Car Park"), code_of("nsir_qualifier", "ASB - Personal")
    ('car_park', 'personal')
    """
    return _CODES[field].get(fold_words(wording), "")


def statuses(status: pa.Array | None, merged_into: pa.Array | None, count: int) -> np.ndarray:
    """Give each row's position in `STATUSES`, -1 where it is not known.

    A row that names the case it was merged into is merged, whatever its status says.
    """
    found = np.full(count, -1, dtype="i4")
    if status is not None:
        words = status.dictionary_encode()
        known = [code_of("status", w) for w in words.dictionary.to_pylist()]
        positions = [STATUSES.index(k) if k else -1 for k in known]
        found = np.array(positions, dtype="i4")[words.indices.to_numpy()]
    if merged_into is not None:
        found[_filled(merged_into)] = STATUSES.index("merged")
    return found


def counted(incidents: pd.DataFrame) -> pd.Series:
    """Tell the rows that counts include: all but those merged into another case.

    Examples
    --------
    >>> counted(pd.DataFrame({"status": ["open", "merged", None]})).tolist()
    [True, False, True]
    """
    return incidents["status"].ne("merged").fillna(True).astype("bool").rename("counted")


def row_keys(
    source_ref: pa.Array | None, case_ref: pa.Array | None, start: np.ndarray, kind: pa.Array
) -> np.ndarray:
    """Give each row a 64-bit key by which it may repeat another; 0 where it can repeat none.

    Parameters
    ----------
    source_ref, case_ref : pyarrow.Array or None
        References, '' where blank; None if the file has none.
    start : numpy.ndarray
        Start of each row, as whole numbers; negative where it is not known.
    kind : pyarrow.Array
        The source's words for the kind.
    """
    keys = np.zeros(len(start), dtype="u8")
    if source_ref is not None:
        keys = np.where(_filled(source_ref), _hash(source_ref, "ref"), keys)
    if case_ref is not None:
        by_case = (keys == 0) & _filled(case_ref) & (start >= 0)
        mixed = _hash(case_ref, "case") * np.uint64(31) + start.astype("u8")
        keys = np.where(by_case, mixed * np.uint64(31) + _hash(kind, "kind"), keys)
    return keys


class Keys:
    """The keys of the rows of one file, in memory while they are few, else in a temporary file.

    Examples
    --------
    >>> keys = Keys(held=2)
    >>> for some in ([7, 9], [3, 7, 7], [5]):
    ...     keys.add(np.array(some, dtype="u8"))
    >>> keys.repeated().tolist()
    [7]
    """

    def __init__(self, *, held: int = HELD_KEYS) -> None:
        self._limit = held
        self._held: list[np.ndarray] = []
        self._count = 0
        self._runs: list[int] = []
        self._file: IO[bytes] | None = None

    def add(self, keys: np.ndarray) -> None:
        """Take the keys of some rows that can repeat others."""
        self._held.append(keys)
        self._count += len(keys)
        if self._count > self._limit:
            self._write()

    def repeated(self) -> np.ndarray:
        """Give the keys that more than one row has, sorted, and let go of all."""
        found = [_repeated(self._held)] if self._file is None else self._repeated_on_disk()
        self.close()
        return np.concatenate(found)

    def _repeated_on_disk(self) -> list[np.ndarray]:
        """Look at one range of keys after another, each in all sorted runs."""
        self._write()
        ends = [int(2**64 * share / len(self._runs)) for share in range(1, len(self._runs))]
        cuts = [self._cuts(number, ends) for number in range(len(self._runs))]
        return [
            _repeated([self._read(cut[part], cut[part + 1]) for cut in cuts])
            for part in range(len(self._runs))
        ]

    def close(self) -> None:
        """Let go of everything."""
        if self._file is not None:
            self._file.close()
        self._file, self._runs, self._held, self._count = None, [], [], 0

    def _write(self) -> None:
        """Sort what is held and put it behind what is written."""
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="safer-walks-")  # noqa: SIM115 - see `close`
        run = np.concatenate([np.empty(0, dtype="u8"), *self._held])
        run.sort()
        self._file.write(run.data)
        self._runs.append(len(run))
        self._held, self._count = [], 0

    def _cuts(self, number: int, ends: Sequence[int]) -> list[int]:
        """Say where the ranges of keys begin and end in one of the sorted runs."""
        start = sum(self._runs[:number])
        run = self._read(start, start + self._runs[number])
        inner = np.searchsorted(run, np.array(ends, dtype="u8"))
        return [start, *(start + inner).tolist(), start + len(run)]

    def _read(self, start: int, end: int) -> np.ndarray:
        file = cast("IO[bytes]", self._file)
        file.seek(start * 8)
        return np.frombuffer(file.read((end - start) * 8), dtype="u8")


def _repeated(keys: Sequence[np.ndarray]) -> np.ndarray:
    ordered = np.concatenate([np.empty(0, dtype="u8"), *keys])
    ordered.sort()
    return np.unique(ordered[1:][ordered[1:] == ordered[:-1]])


class Repeats:
    """Finds the rows that repeat an earlier one, in the order of the file.

    Parameters
    ----------
    repeated : numpy.ndarray
        Keys that more than one row has (`Keys.repeated`). Only of these is the first row
        remembered, so that a file of many millions of rows needs little memory.

    Examples
    --------
    >>> repeats = Repeats(np.array([7], dtype="u8"))
    >>> [found.tolist() for found in repeats.mark(np.array([7, 9, 7]), np.array([2, 3, 4]))]
    [[2], [2]]
    >>> [found.tolist() for found in repeats.mark(np.array([0, 7]), np.array([5, 6]))]
    [[1], [2]]
    """

    def __init__(self, repeated: np.ndarray) -> None:
        self._repeated = repeated
        self._first = np.full(len(repeated), _NOT_MET, dtype="i8")

    def mark(self, keys: np.ndarray, lines: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give the positions of the repeats among the next rows, and the line each repeats.

        Rows with key 0 repeat none.
        """
        if not len(self._repeated):
            return np.empty(0, dtype="i8"), np.empty(0, dtype="i8")
        place = np.minimum(np.searchsorted(self._repeated, keys), len(self._repeated) - 1)
        shared = np.flatnonzero((self._repeated[place] == keys) & (keys != 0))
        place, line = place[shared], lines[shared].astype("i8")
        met, earliest = np.unique(place, return_index=True)
        new = self._first[met] == _NOT_MET
        self._first[met[new]] = line[earliest[new]]
        again = self._first[place] != line
        return shared[again], self._first[place[again]]


_NOT_MET = -1


def _filled(text: pa.Array) -> np.ndarray:
    return pc.not_equal(text, "").to_numpy(zero_copy_only=False)


def _hash(text: pa.Array, salt: str) -> np.ndarray:
    key = f"{salt:0>16}"
    return pd.util.hash_array(text.to_numpy(zero_copy_only=False), hash_key=key, categorize=True)
