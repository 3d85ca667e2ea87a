"""Counts by ward and month that others publish: read, and matched to the wards.

They are context: shown beside, never part of a place's score, for they know no place but the ward.
A table names its wards by code or by name; names are matched in every spelling known here, and
what finds no ward is listed with its counts. Where a table never writes a zero, no row for a ward
it knows, in a month it covers, means that nothing was counted there; a ward it does not know, and
a month it does not cover, are missing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

from geodata.errors import ReportFileError
from geodata.fetch.population import text_frame
from geodata.ward_names import name_key, spellings
from geodata.ward_vintages import WARD_CODE

COUNT_FRAME = ("ward_code", "ward_name", "month", "measure", "count")
PARTIAL = 0.5
"""A first or last month with less than this share of the usual counts as partly covered."""

NO_WARD = "(no ward named)"
_PARQUET = (".parquet", ".geoparquet")
_COUNT = re.compile(r"^(count|counts|offences|offence count|number|value|obs value|total)$")
_MONTH_DIGITS = re.compile(r"^(?P<year>(19|20)\d\d)-?(?P<month>0[1-9]|1[0-2])(-\d\d)?\b")


@dataclass(frozen=True)
class WardTable:
    """A table of counts by ward and month.

    Attributes
    ----------
    frame : pandas.DataFrame
        `ward_code` (of the wards given, '' where the name is none of theirs), `ward_name` (as the
        table has it), `month` (YYYY-MM), `measure`, `count`: one row each.
    first, last : str
        The months it covers, partly covered ones left out.
    unmatched : tuple of (str, int)
        Names that are none of the wards', and what is counted under them.
    notes : tuple of str
        What a person should know.
    """

    frame: pd.DataFrame
    first: str
    last: str
    unmatched: tuple[tuple[str, int], ...]
    notes: tuple[str, ...] = ()


def read_ward_table(
    path: Path, wards: pd.DataFrame, *, measure: str = "", by: str = ""
) -> WardTable:
    """Read a table of counts by ward and month.

    Parameters
    ----------
    path : Path
        CSV (also .csv.gz) or parquet: a column of ward codes or names, one of months, one of
        counts. Where it has a column of boroughs, only the borough whose wards these are counts.
    wards : pandas.DataFrame
        `ward_code`, `ward_name`.
    measure : str, optional
        What is counted, in words; the file's name by default.
    by : str, optional
        A column whose values are counted apart.

    Raises
    ------
    ReportFileError
        If the file cannot be read, lacks a column, or names none of the wards.

    Examples
    --------
    >>> month_of("2026-02-01"), month_of("202602"), month_of("Feb")
    ('2026-02', '2026-02', '')
    """
    table = _read(path)
    ward, month, count = _ward_column(path, table), _month_column(path, table), _count_column(
        path, table
    )  # fmt: skip
    if by and by not in table:
        raise _lacks(path, f"called {by!r}", table)
    coded = spelt(wards)
    table = _own_borough(table, ward, coded)
    frame = pd.DataFrame(
        {
            "ward_code": [code_of(name, coded) for name in table[ward]],
            "ward_name": table[ward].replace("", NO_WARD).to_numpy(),
            "month": table[month].map(month_of).to_numpy(),
            "measure": (table[by] if by else measure or path.name.split(".")[0]),
            "count": _numbers(path, table[count]).to_numpy(),
        }
    )
    if not frame["ward_code"].ne("").any():
        raise ReportFileError(
            f"{path.name} names none of the wards of this workspace",
            got=", ".join(table[ward].unique()[:3]), todo="give a table of the same wards",
        )  # fmt: skip
    keys = [c for c in COUNT_FRAME if c != "count"]
    return _finished(frame.groupby(keys, sort=True)["count"].sum().reset_index())


def spelt(wards: pd.DataFrame) -> dict[str, str]:
    """Map every spelling of the wards' names, and their codes, to their codes.

    Examples
    --------
    >>> wards = pd.DataFrame({"ward_code": ["E05009331"], "ward_name": ["Bethnal Green West"]})
    >>> known = spelt(wards)
    >>> code_of("St. Peter's", known), code_of("e05009331", known), code_of("Elsewhere", known)
    ('E05009331', 'E05009331', '')
    """
    known = spellings(wards["ward_code"], wards["ward_name"])
    clear = {name: min(codes) for name, codes in known.items() if len(codes) == 1}
    return clear | {name_key(code): code for code in wards["ward_code"]}


def code_of(name: str, known: dict[str, str]) -> str:
    """Look a ward up by code or name; '' if it is none of `spelt`."""
    return known.get(name_key(name), "")


def month_of(text: str) -> str:
    """Read YYYY-MM, YYYYMM or a date that starts with its year; '' for anything else."""
    found = _MONTH_DIGITS.match(text)
    return f"{found['year']}-{found['month']}" if found else ""


def _finished(frame: pd.DataFrame) -> WardTable:
    notes = []
    partial = _partial_months(frame)
    for month, (here, usual) in partial.items():
        notes.append(
            f"{month} holds {here:,} where {usual:,.0f} a month are usual: it looks partly covered "
            "and is left out."
        )
    frame = frame[~frame["month"].isin(partial)].reset_index(drop=True)
    lost = frame[frame["ward_code"] == ""].groupby("ward_name")["count"].sum()
    unmatched = tuple((str(name), int(n)) for name, n in lost.items())
    if unmatched:
        total = sum(n for _, n in unmatched)
        notes.append(
            f"{total:,} of {int(frame['count'].sum()):,} are under no ward of this workspace: "
            + "; ".join(f"{name} {n:,}" for name, n in unmatched[:5])
            + "."
        )
    if (frame["count"] == 0).any():
        notes.append("The table writes zeros: a ward without a row in a month is missing.")
    months = frame["month"]
    return WardTable(frame, str(months.min()), str(months.max()), unmatched, tuple(notes))


def _partial_months(frame: pd.DataFrame) -> dict[str, tuple[int, float]]:
    """Find a first or last month that holds far less than the months between."""
    totals = frame.groupby("month")["count"].sum().sort_index()
    if len(totals) < 4:
        return {}
    usual = float(totals.iloc[1:-1].median())
    ends = (totals.index[0], totals.index[-1])
    return {m: (int(totals[m]), usual) for m in ends if totals[m] < PARTIAL * usual}


def _read(path: Path) -> pd.DataFrame:
    try:
        if path.suffix.lower() in _PARQUET:
            frame = pd.read_parquet(path)
            return frame.astype("str").apply(lambda column: column.str.strip())
        return text_frame(path.name, path.read_bytes())
    except (OSError, pa.ArrowException) as error:
        raise ReportFileError(
            f"{path.name} cannot be read", got=str(error)[:120], todo="check the path and the file"
        ) from error


def _ward_column(path: Path, table: pd.DataFrame) -> str:
    for column in table.columns:
        if table[column].str.match(WARD_CODE).mean() >= 0.5:
            return str(column)
    named = [c for c in table.columns if "ward" in _fold(c) and "code" not in _fold(c)]
    if not named:
        raise _lacks(path, "of ward codes or names", table)
    return str(named[0])


def _month_column(path: Path, table: pd.DataFrame) -> str:
    """Find the months; where there are several columns of them, the one of recording."""
    fit = [c for c in table.columns if table[c].map(month_of).ne("").all()]
    fit += [c for c in table.columns if c not in fit and table[c].map(month_of).ne("").mean() > 0.9]
    if not fit:
        raise _lacks(path, "of months (YYYY-MM)", table)
    recorded = [c for c in fit if "record" in _fold(c)]
    return str((recorded or fit)[0])


def _count_column(path: Path, table: pd.DataFrame) -> str:
    for column in table.columns:
        if _COUNT.match(_fold(column)):
            return str(column)
    raise _lacks(path, "of counts", table)


def _own_borough(table: pd.DataFrame, ward: str, coded: dict[str, str]) -> pd.DataFrame:
    """Keep the rows of the borough whose wards these are: ward names repeat between boroughs."""
    named = [c for c in table.columns if re.search(r"borough|authority|lad", _fold(c))]
    if not named or table[ward].str.match(WARD_CODE).mean() >= 0.5:
        return table
    is_ours = table[ward].map(lambda name: bool(code_of(name, coded)))
    ours = table.loc[is_ours].groupby(named[0])[ward].nunique()
    return table[table[named[0]] == ours.idxmax()] if len(ours) else table


def _numbers(path: Path, texts: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(texts.str.replace(",", ""), errors="coerce")
    wrong = numbers.isna() | (numbers < 0) | (numbers % 1 != 0)
    if wrong.any():
        raise ReportFileError(
            f"A count in {path.name} is no whole number", got=repr(texts[wrong].iloc[0]),
            first_bad=f"row {texts.index[wrong][0] + 1}", todo="mend it or leave the row out",
        )  # fmt: skip
    return numbers.astype("int64")


def _fold(text: object) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", str(text).lower()))


def _lacks(path: Path, what: str, table: pd.DataFrame) -> ReportFileError:
    columns: Sequence[str] = [str(c) for c in table.columns]
    return ReportFileError(
        f"{path.name} has no column {what}", got=f"columns {', '.join(columns)}"[:200],
        todo="give a table with one row a ward and month, with the columns ward, month and count",
    )  # fmt: skip
