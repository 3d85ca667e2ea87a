"""Build incident tables from arrays, column by column, without a Python object per cell."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from geodata.incidents import TIMEZONE


def coded(codes: np.ndarray, values: Sequence[str]) -> pd.Categorical:
    """Make a text column from positions in `values`; -1 is missing."""
    return pd.Categorical.from_codes(codes, categories=pd.Index(list(values), dtype="str"))


def constant(value: str, rows: int) -> pd.Categorical:
    """Make a text column that says the same in every row; '' is missing in all of them."""
    if not value:
        return coded(np.full(rows, -1, dtype="int8"), [])
    return coded(np.zeros(rows, dtype="int8"), [value])


def no_times(rows: int) -> pd.Series:
    """Make a column of missing times."""
    return pd.Series(pd.NaT, index=range(rows), dtype=f"datetime64[us, {TIMEZONE}]")


def draw(rng: np.random.Generator, weights: np.ndarray, size: int) -> np.ndarray:
    """Draw positions in `weights`, each as often as its weight says, by the inverse CDF.

    One number from the generator a draw, so the draws do not depend on how numpy splits work.

    Examples
    --------
    >>> draw(np.random.default_rng(1), np.array([0.0, 1.0, 0.0]), 3).tolist()
    [1, 1, 1]
    """
    steps = np.cumsum(weights)
    drawn = np.searchsorted(steps, rng.random(size) * steps[-1], side="right").astype("int64")
    return np.minimum(drawn, np.flatnonzero(weights)[-1])  # a product may round up to the end


def digest_of(incidents: pd.DataFrame) -> str:
    """Name a table by what it says, the same on every machine.

    Examples
    --------
    >>> digest_of(pd.DataFrame({"easting": [1.0]})) == digest_of(pd.DataFrame({"easting": [2.0]}))
    False
    """
    seen = hashlib.sha256()
    for name in incidents.columns:
        seen.update(name.encode())
        for part in _as_bytes(incidents[name]):
            seen.update(part)
    return seen.hexdigest()[:32]


def _as_bytes(column: pd.Series) -> Iterator[bytes]:
    if isinstance(column.dtype, pd.CategoricalDtype):
        yield "\n".join(column.cat.categories).encode()
        yield column.cat.codes.to_numpy().astype("<i4").tobytes()
    elif isinstance(column.dtype, pd.DatetimeTZDtype):
        yield column.dt.as_unit("us").astype("int64").to_numpy().astype("<i8").tobytes()
    elif column.dtype.kind in "bfi":
        width = "" if column.dtype.kind == "b" else 8
        yield column.to_numpy().astype(f"<{column.dtype.kind}{width}").tobytes()
    elif column.notna().any():
        yield "\n".join(column.fillna("").tolist()).encode()
