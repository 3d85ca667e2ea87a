"""By what a row may repeat a row of another file: its reference, or its case, start and kind.

The rule is that of `geodata.council.cases`, applied to the incident table. References mean
something within one source, one provider and one record level only: case 12 is not complaint 12,
and another council's 12 is another case. Rows of police.uk never repeat each other.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

KEY_COLUMNS = ("source_ref", "case_ref", "occurred_from", "source_category", "record_level")
"""What keys are made of."""

NEVER_REPEAT = frozenset({"police_uk"})
"""Sources of which two identical rows are two incidents."""

_BEFORE_ALL = -1


def repeat_keys(rows: pd.DataFrame) -> np.ndarray:
    """Give each row a 64-bit key by which it may repeat another; 0 where it can repeat none.

    Parameters
    ----------
    rows : pandas.DataFrame
        Columns `KEY_COLUMNS` of `geodata.incidents.STORED_SCHEMA`; one that is absent is blank.

    Examples
    --------
    >>> rows = pd.DataFrame({"source_ref": ["A1", "A1", "A1", None],
    ...                      "record_level": ["case", "case", "complaint", "case"]})
    >>> first, second, third, fourth = repeat_keys(rows)
    >>> bool(first == second), bool(second == third), int(fourth)
    (True, False, 0)
    """
    from geodata.council.cases import row_keys

    own, case, kind = (_text(rows, c) for c in ("source_ref", "case_ref", "source_category"))
    keys = row_keys(own, case, _seconds(rows), kind)
    levels, distinct = pd.factorize(rows["record_level"])
    salts = np.array([_salt(str(level)) for level in distinct], dtype="u8")
    return np.where(keys == 0, keys, keys ^ salts[levels]) if len(salts) else keys


def _text(rows: pd.DataFrame, name: str) -> pa.Array:
    if name not in rows:
        return pa.array([""] * len(rows), pa.string())
    column = rows[name]
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype("object")
    found = pa.array(column, pa.string(), from_pandas=True)
    return found.fill_null("")


def _seconds(rows: pd.DataFrame) -> np.ndarray:
    if "occurred_from" not in rows:
        return np.full(len(rows), _BEFORE_ALL)
    moments = rows["occurred_from"]
    known = moments.notna().to_numpy()
    utc = moments.dt.tz_convert("UTC").dt.tz_localize(None).astype("datetime64[s]")
    return np.where(known, utc.to_numpy().astype("i8"), _BEFORE_ALL)


def _salt(level: str) -> int:
    return int(pd.util.hash_array(np.array([level], dtype=object), categorize=False)[0])
