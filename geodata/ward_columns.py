"""Find which columns of a boundary file hold the wards' codes and names."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from geodata.errors import WardFileError
from geodata.ward_vintages import WARD_CODE

_CODE_HINT = re.compile(r"^(wd\d\dcd|gss_?code|ward_?code|wd_?code|ward_?cd|ward_?id|code)$")
_NAME_HINTS = tuple(
    re.compile(p)
    for p in (r"^wd\d\dnm$", r"^(ward_?name|ward_?nm|wd_?name|wd_?nm)$", r"^(name|ward)$",
              r"^(nm|label|title|ward_?label)$", r"^wd\d\dnmw$")
)  # fmt: skip
_OTHER_AREAS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^([EW]01|S01)\d{6}$"), "LSOAs (small census areas)"),
    (re.compile(r"^[EW]00\d{6}$"), "census output areas"),
    (re.compile(r"^([EW]02|S02)\d{6}$"), "MSOAs (census areas)"),
    (re.compile(r"^(E0[6-9]|W06|S12|N09)\d{6}$"), "boroughs or districts"),
    (re.compile(r"^(E14|W07|S14|N06)\d{6}$"), "parliamentary constituencies"),
    (re.compile(r"^[EW]04\d{6}$"), "parishes"),
)


def find_code_column(frame: pd.DataFrame, wanted: str | None = None) -> str:
    """Find the column with ward codes: the one named, else by content, else by its name.

    Parameters
    ----------
    frame : pandas.DataFrame
        Text, from `text_table`.
    wanted : str, optional
        A name given by a person, in any case.

    Raises
    ------
    WardFileError
        If it is not found; the message lists the columns, and says so if the file holds LSOAs or
        boroughs instead of wards.

    Examples
    --------
    >>> frame = pd.DataFrame({"NAME": ["Bow East"], "GSS_CODE": ["E05009319"],
    ...                       "LB_GSS_CD": ["E09000030"]})
    >>> find_code_column(frame)
    'GSS_CODE'
    """
    if wanted is not None:
        return _named(frame, wanted, "--code")
    _refuse_other_areas(frame)
    coded = [c for c in frame.columns if _share(frame[c], WARD_CODE) >= 0.5]
    if coded:
        return max(coded, key=lambda c: (frame[c].nunique(), _year(c)))
    hinted = [c for c in frame.columns if _CODE_HINT.match(str(c).lower())]
    unique = [c for c in hinted if frame[c].notna().all() and frame[c].is_unique]
    if unique:
        return str(unique[0])
    raise WardFileError(
        "No column holds ward codes such as E05009317",
        got=f"columns {_listed(frame)}",
        todo="name the column with --code",
    )


def find_name_column(frame: pd.DataFrame, code: str, wanted: str | None = None) -> str:
    """Find the column with ward names: the one named, else by its name.

    Raises
    ------
    WardFileError
        If it is not found; the message lists the columns.

    Examples
    --------
    >>> find_name_column(pd.DataFrame(columns=["WD24CD", "WD24NM", "WD24NMW"]), "WD24CD")
    'WD24NM'
    """
    if wanted is not None:
        return _named(frame, wanted, "--name")
    columns = [str(c) for c in frame.columns if str(c) != code]
    twin = re.sub(r"(?i)cd$", "nm", code).lower()
    for column in columns:
        if column.lower() == twin:
            return column
    for hint in _NAME_HINTS:
        found = [c for c in columns if hint.match(c.lower())]
        if found:
            return max(found, key=_year)
    raise WardFileError(
        "No column looks like ward names",
        got=f"columns {_listed(frame)}",
        todo="name the column with --name",
    )


def text_table(frame: pd.DataFrame, *, without: str = "") -> pd.DataFrame:
    """Turn every column into stripped text, missing where blank; 125730.0 becomes '125730'.

    Parameters
    ----------
    frame : pandas.DataFrame
        As read; a cell may hold anything.
    without : str, optional
        A column to leave out, such as the geometry.

    Examples
    --------
    >>> text_table(pd.DataFrame({"POLY_ID": [125730.0, None]}))["POLY_ID"].tolist()
    ['125730', None]
    """
    kept = [c for c in frame.columns if c != without]
    columns = {str(c): [_text(v) for v in frame[c]] for c in kept}
    return pd.DataFrame(columns, index=range(len(frame)), dtype=object)


def _text(value: object) -> str | None:
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, float):
        if value != value:
            return None
        value = int(value) if value.is_integer() else value
    return str(value).strip() or None


def _named(frame: pd.DataFrame, wanted: str, option: str) -> str:
    columns = [str(c) for c in frame.columns]
    if wanted in columns:
        return wanted
    same = [c for c in columns if c.lower() == wanted.strip().lower()]
    if len(same) == 1:
        return same[0]
    raise WardFileError(
        f"The boundary file has no column {wanted!r}",
        got=f"columns {_listed(frame)}",
        todo=f"name one of them with {option}",
    )


def _refuse_other_areas(frame: pd.DataFrame) -> None:
    wards = max(
        (frame[c].nunique() for c in frame if _share(frame[c], WARD_CODE) >= 0.5), default=0
    )
    for pattern, what in _OTHER_AREAS:
        for column in frame.columns:
            values = frame[column]
            if values.nunique() > max(wards, len(frame) // 2) and _share(values, pattern) >= 0.5:
                raise WardFileError(
                    f"These look like {what}, not wards",
                    got=f"column {column} with {values.dropna().iloc[0]}",
                    todo="load a file of ward boundaries (codes such as E05009317)",
                )


def _share(values: pd.Series, pattern: re.Pattern[str]) -> float:
    text: Sequence[str] = [t for t in values if t is not None]
    return sum(bool(pattern.match(t.upper())) for t in text) / len(text) if text else 0.0


def _year(column: object) -> int:
    digits = re.search(r"\d\d", str(column))
    return int(digits[0]) if digits else -1


def _listed(frame: pd.DataFrame) -> str:
    return ", ".join(str(c) for c in frame.columns) or "none"
