"""Read numbers out of text columns that hold words too ("Lockdown", "missing", "see notes").

A word costs its own cell only. Thousands separators and, where nothing else can be meant, decimal
commas are understood.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_PLAIN = r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$"
_THOUSANDS = re.compile(r"^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?$")
_DECIMAL_COMMA = re.compile(r"^[+-]?\d+,\d{4,}$")
_AROUND = re.compile(r"\s+|°|(?<=\d)m$")
_MINUS = str.maketrans({"−": "-", "–": "-"})


def read_numbers(text: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Read a column of numbers.

    Parameters
    ----------
    text : pyarrow.Array
        Trimmed text without nulls; '' is blank.

    Returns
    -------
    tuple of numpy.ndarray
        The numbers, NaN where there is none; True where something else than a number stands.

    Examples
    --------
    >>> numbers, words = read_numbers(pa.array(["533,883", "51,5203", "missing", "", "-0.03"]))
    >>> numbers.tolist(), words.tolist()
    ([533883.0, 51.5203, nan, nan, -0.03], [False, False, True, False, False])
    """
    plain = pc.match_substring_regex(text, _PLAIN)
    numbers = pc.cast(pc.if_else(plain, text, None), pa.float64()).to_numpy(zero_copy_only=False)
    words = pc.and_not(pc.not_equal(text, ""), plain).to_numpy(zero_copy_only=False)
    if not words.any():
        return numbers, words
    numbers = numbers.copy()
    rows = np.flatnonzero(words)
    codes = text.take(pa.array(rows)).dictionary_encode()
    distinct = np.array([_read(t.as_py()) for t in codes.dictionary], dtype="f8")
    numbers[rows] = distinct[codes.indices.to_numpy()]
    words[rows] = np.isnan(numbers[rows])
    return numbers, words


def decimals(text: pa.Array) -> np.ndarray:
    """Count the digits after each number's point or decimal comma.

    Examples
    --------
    >>> decimals(pa.array(["51.52", "533883", "-0.033"])).tolist()
    [2, 0, 3]
    """
    point, comma = (pc.find_substring(text, mark).to_numpy() for mark in ".,")
    point = np.where(point < 0, comma, point)
    return np.where(point < 0, 0, pc.binary_length(text).to_numpy() - point - 1)


def _read(text: str) -> float:
    text = _AROUND.sub("", text.translate(_MINUS))
    if _THOUSANDS.match(text):
        text = text.replace(",", "")
    elif _DECIMAL_COMMA.match(text):
        text = text.replace(",", ".")
    try:
        number = float(text)
    except ValueError:
        return np.nan
    return number if np.isfinite(number) else np.nan
