"""Residents by ward: ONS mid-year estimates, fetched from Nomis or read from a file.

A file may count wards or LSOAs. LSOAs are given to wards by a look-up table, each whole to one
ward (best fit): where an LSOA lies across a ward boundary, its residents all go to one side.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from geodata import csv_text
from geodata.errors import ReportFileError, VintageError, how_to_open
from geodata.fetch.http import Client
from geodata.ward_vintages import WARD_CODE

LSOA_CODE = re.compile(r"^[EW]01\d{6}$")

_RESIDENTS = tuple(
    re.compile(p)
    for p in (
        r"^obs value$", r"^persons all ages$", r"^all (ages|persons|people)$",
        r"^(all persons |total )?(population|residents)( all ages)?$", r"^(total|persons)$",
        r"^(mid )?(20\d\d)( population)?$",
    )
)  # fmt: skip
_YEAR_COLUMN = re.compile(r"^(year|date|date name|mid year)$")
_YEAR = re.compile(r"(?<!\d)(20[0-4]\d)(?!\d)")
_NOMIS = "dataset/NM_2010_1.data.csv"

NOT_SUMMED = "LSOAs are given whole to the ward they fit best; some lie in several."


@dataclass(frozen=True)
class Population:
    """Residents of wards.

    Attributes
    ----------
    frame : pandas.DataFrame
        `ward_code`, `residents`, `source`, `year`, by code.
    year : int
        The year of the estimates.
    notes : tuple of str
        What a person should know.
    """

    frame: pd.DataFrame
    year: int
    notes: tuple[str, ...] = ()


def fetch_population(client: Client, wards: Sequence[str]) -> Population:
    """Fetch the newest ward estimates from Nomis.

    Parameters
    ----------
    client : Client
        Of Nomis.
    wards : sequence of str
        GSS codes.

    Raises
    ------
    FetchError
        If Nomis cannot be reached.
    ReportFileError, VintageError
        If its answer holds no residents, or none of these wards.
    """
    query = (
        f"geography={','.join(sorted(wards))}&date=latest&gender=0&c_age=200&measures=20100"
        "&select=date_name,geography_code,obs_value"
    )
    answer = client.ask("GET", f"{client.source.address}/{_NOMIS}?{query}", check=_some_table)
    return _population("Nomis", answer.data, wards, "ONS mid-year estimates, by ward", None, None)


def read_population(
    path: Path, wards: Sequence[str], *, lookup: Path | None = None, year: int | None = None
) -> Population:
    """Read residents by ward, or by LSOA with a look-up table, from CSV files.

    Parameters
    ----------
    path : Path
        CSV or .csv.gz with a column of ward or LSOA codes and one of residents.
    wards : sequence of str
        GSS codes of the workspace's wards.
    lookup : Path, optional
        CSV with a column of LSOA codes and one of ward codes.
    year : int, optional
        Year of the estimates, where neither the table nor the file's name says it.

    Raises
    ------
    ReportFileError
        If a file cannot be read or lacks what is needed.
    VintageError
        If it holds none of the wards.
    """
    given = _read(lookup) if lookup else None
    label = f"{path.name}{f', by {lookup.name}' if lookup else ''}"
    return _population(path.name, _bytes(path), wards, label, given, year)


def _population(
    name: str,
    data: bytes,
    wards: Sequence[str],
    label: str,
    lookup: pd.DataFrame | None,
    year: int | None,
) -> Population:
    table = text_frame(name, data)
    residents_in = _residents_column(name, table)
    when = year or _year(name, table, residents_in)
    ward_in, lsoa_in = _coded(table, WARD_CODE), _coded(table, LSOA_CODE)
    notes = []
    residents = _numbers(name, table, residents_in)
    if ward_in and not lsoa_in:
        codes = table[ward_in]
    elif lsoa_in:
        codes = _wards_of(name, table[lsoa_in], table, ward_in, lookup)
        notes.append(NOT_SUMMED)
    else:
        raise ReportFileError(
            f"{name} has no column of ward or LSOA codes", got=_listed(table),
            todo="give a table with codes such as E05009317 or E01004201",
        )  # fmt: skip
    _refuse_repeats(name, table[lsoa_in or ward_in])
    sums = residents.groupby(codes).sum()
    return Population(*_of_wards(name, sums, wards, label, when, notes))


def _of_wards(
    name: str, sums: pd.Series, wards: Sequence[str], label: str, year: int, notes: list[str]
) -> tuple[pd.DataFrame, int, tuple[str, ...]]:
    here = sums[sums.index.isin(wards)]
    if here.empty:
        raise VintageError(
            "The residents are of other wards than the workspace's",
            got=f"{name} with {', '.join(map(str, sums.index[:3]))}; the workspace has "
            f"{', '.join(sorted(wards)[:3])}",
            todo="fetch estimates for the wards of the same year and place",
        )
    lacking = sorted(set(wards) - set(here.index))
    if lacking:
        notes.append(f"No residents are known for {len(lacking)} wards: {', '.join(lacking[:5])}.")
    frame = pd.DataFrame(
        {"ward_code": here.index.astype("str"), "residents": here.to_numpy(dtype="int64"),
         "source": label, "year": year}
    )  # fmt: skip
    return frame, year, tuple(notes)


def _wards_of(
    name: str, lsoas: pd.Series, table: pd.DataFrame, ward_in: str, lookup: pd.DataFrame | None
) -> pd.Series:
    if lookup is None:
        if ward_in:
            return table[ward_in]
        raise ReportFileError(
            f"{name} counts LSOAs, not wards", got=f"codes such as {lsoas.iloc[0]}",
            todo="name a look-up table of LSOAs to wards with --lookup",
        )  # fmt: skip
    lsoa_in, ward_in = _coded(lookup, LSOA_CODE), _coded(lookup, WARD_CODE)
    if not (lsoa_in and ward_in):
        raise ReportFileError(
            "The look-up table does not give LSOAs and wards", got=_listed(lookup),
            todo="give a CSV with a column of codes such as E01004201 and one such as E05009317",
        )  # fmt: skip
    known = dict(zip(lookup[lsoa_in], lookup[ward_in], strict=True))
    found = lsoas.map(known)
    unmet = sorted(set(known) - set(lsoas))
    if unmet:
        raise ReportFileError(
            "The residents and the look-up table are of different years or places",
            got=f"{len(unmet)} of {len(known)} LSOAs of the look-up are not in {name}",
            first_bad=unmet[0], todo="give a look-up of the same LSOAs",
        )  # fmt: skip
    return found


def _residents_column(name: str, table: pd.DataFrame) -> str:
    folded = {column: _fold(column) for column in table.columns}
    for pattern in _RESIDENTS:
        found = [column for column, words in folded.items() if pattern.match(words)]
        if found:
            return max(found, key=lambda column: _YEAR.findall(column) or [""])
    raise ReportFileError(
        f"{name} has no column that counts all residents", got=_listed(table),
        todo="name it Residents, All Ages or Persons_All-Ages",
    )  # fmt: skip


def _year(name: str, table: pd.DataFrame, residents_in: str) -> int:
    for column in table.columns:
        values = set(table[column].map(lambda v: "".join(_YEAR.findall(v)[:1])))
        if _YEAR_COLUMN.match(_fold(column)) and len(values) == 1 and "" not in values:
            return int(values.pop())
    for text in (residents_in, name):
        found = _YEAR.findall(text)
        if found:
            return int(found[-1])
    raise ReportFileError(
        f"Of which year are the residents in {name}?", got=_listed(table),
        todo="say it with --year",
    )  # fmt: skip


def _numbers(name: str, table: pd.DataFrame, column: str) -> pd.Series:
    text = table[column].str.replace(",", "").str.strip()
    numbers = pd.to_numeric(text, errors="coerce")
    wrong = np.flatnonzero(~(np.isfinite(numbers) & (numbers >= 0)).to_numpy())
    if len(wrong):
        raise ReportFileError(
            f"A count of residents in {name} is not a number", got=repr(text.iloc[wrong[0]]),
            first_bad=f"row {wrong[0] + 1}, column {column}", todo="mend it or leave the row out",
        )  # fmt: skip
    return numbers


def _refuse_repeats(name: str, codes: pd.Series) -> None:
    twice = codes[codes.duplicated()]
    if len(twice):
        raise ReportFileError(
            f"{name} counts an area more than once",
            got=f"{twice.iloc[0]} in {int((codes == twice.iloc[0]).sum())} rows",
            todo="keep one row an area: all persons, all ages, one year",
        )


def _coded(table: pd.DataFrame, pattern: re.Pattern[str]) -> str:
    """Name the column that mostly holds such codes; '' if none does."""
    for column in table.columns:
        values = table[column]
        if len(values) and values.str.match(pattern).mean() >= 0.5:
            return str(column)
    return ""


def text_frame(name: str, data: bytes) -> pd.DataFrame:
    """Read a table of text, every cell as it stands but for the blanks at its ends.

    Raises
    ------
    ReportFileError
        If it is no table, or has no rows.
    """
    table = csv_text.open_table(name, csv_text.unpack(name, data))
    rows = table.read(range(len(table.header)))
    frame = pd.DataFrame(
        {n: np.array(c.values, dtype="object")[c.codes] if len(c.codes) else []
         for n, c in zip(table.header, rows.columns, strict=True)},
        dtype="str",
    )  # fmt: skip
    if frame.empty:
        raise ReportFileError(f"{name} has no rows", todo="fetch it again")
    return frame.apply(lambda column: column.fillna("").str.strip())


def _read(path: Path) -> pd.DataFrame:
    return text_frame(path.name, _bytes(path))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ReportFileError(
            f"{path.name} cannot be read", got=error.strerror or str(error), todo=how_to_open(error)
        ) from error


def _some_table(data: bytes) -> None:
    if b"," not in data or data.lstrip()[:1] == b"<":
        raise ValueError("the answer is not a table")


def _fold(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


def _listed(table: pd.DataFrame) -> str:
    return f"columns {', '.join(map(str, table.columns))}"[:200]
