"""Keep people out: which columns are left out and why, and values that look personal.

Only mapped columns enter. The others are listed with a reason, which is found in the column's name
and in the shape of its values; the values themselves are never shown. In mapped columns of words,
a value with an e-mail address, a telephone or National Insurance number or a titled name in it is
blanked, and a house or flat number is taken off the name of a street.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geodata.council.fields import fold

PERSONAL_VALUE = (
    r"(?i)[\w.+'-]+@[\w-]+\.[\w.]+"  # an e-mail address
    r"|(?:\+44|\b0044|\(?\b0)[ ()\-]*(?:\d[ ()\-]*){9,10}\b"  # a telephone number
    r"|\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b"  # National Insurance
    r"|\b(?:mr|mrs|ms|miss|mx)\.? [a-z]"  # a titled name
)
"""RE2 pattern of what looks personal inside a value."""

_DWELLING = r"(?:flats?|apartment|apt|unit|room|maisonette|house|no\.?|number)"
_NUMBER = r"(?:\s*[a-z]?\d+[a-z]?(?:\s*[-/&]\s*\d+[a-z]?)?|\s+[a-z]\b)"
_HOUSE = (
    rf"(?i)^(?:{_DWELLING}{_NUMBER}\s*,?\s+)*"
    r"(?:\d+[a-z]?(?:\s*[-/&]\s*\d+[a-z]?)?\s*,?\s+)*"
)
_HAS_HOUSE = rf"(?i)^(?:{_DWELLING}{_NUMBER}|\d)"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ABOUT_PEOPLE = _words(
    "complainant complainants reporter caller victim perpetrator perpetrators suspect offender "
    "witness tenant resident person customer applicant claimant informant subject accused alleged "
    "contact occupant occupier owner user submitter"
)
_WORDS: tuple[tuple[str, frozenset[str]], ...] = (
    ("looks like people's names", _words(
    "name names surname forename forenames firstname lastname fullname title initials alias "
    "officer assignee author"
)),
    ("looks like telephone numbers", _words(
    "phone telephone mobile tel landline telno phonenumber"
)),
    ("looks like e-mail addresses", _words(
    "email emails mail"
)),
    ("looks like addresses of people", _words(
    "address addresses addr address1 address2 address3 house flat home"
)),
    ("looks like dates of birth or ages", _words(
    "dob birth birthday age born"
)),
    ("looks like details about a person", _words(
    "gender sex ethnicity ethnic religion disability nationality sexuality orientation nino "
    "vulnerability vulnerable medical health passport registration vrm reg"
)),
    ("looks like free text", _words(
    "description notes note details detail comment comments narrative summary text effect "
    "remarks message body history free"
)),
)  # fmt: skip

_NOT_NAMES = _words(
    "ward street road site place area location estate park station venue layer road file type "
    "category borough district town city county team"
)
_LONG_TEXT = 40
_PHONE = r"^(?:\+44|0)[\d ()\-]{8,14}$"
_EMAIL = r"^[\w.+'-]+@[\w-]+\.[\w.]+$"
_NAME_VALUE = re.compile(
    r"^(?:(?:Mr|Mrs|Ms|Miss|Mx|Dr)\.? )?[A-Z][A-Za-z'-]+(?: [A-Z][A-Za-z'-]+){1,2}"
    r"(?<! Road)(?<! Street)(?<! Lane)(?<! Avenue)(?<! Park)(?<! Estate)(?<! House)(?<! Court)"
    r"(?<! Gardens)(?<! Walk)(?<! Close)(?<! Square)(?<! Place)(?<! Way)(?<! Station)(?<! Green)$"
)


@dataclass(frozen=True)
class LeftOut:
    """A column that does not enter, and why. Its values are kept nowhere.

    `personal` tells a column that looks like it is about people from one that nobody mapped.
    """

    column: str
    reason: str
    personal: bool


def left_out(head: pd.DataFrame, mapped: Collection[str]) -> tuple[LeftOut, ...]:
    """List the columns that are not mapped, with the reason each is left out.

    Parameters
    ----------
    head : pandas.DataFrame
        The first rows, as text.
    mapped : collection of str
        Columns that enter.

    Examples
    --------
    >>> head = pd.DataFrame({"Date": ["03/04/2026"], "Complainant": ["A B"], "Batch": ["7"]})
    >>> [(c.column, c.reason, c.personal) for c in left_out(head, ["Date"])]
    [('Complainant', 'looks like details about a person', True), ('Batch', 'is not mapped', False)]
    """
    found = []
    for column in head.columns:
        if column not in mapped:
            reason = personal_reason(column, head[column])
            found.append(LeftOut(column, reason or _plain_reason(head[column]), bool(reason)))
    return tuple(found)


def personal_reason(column: str, values: pd.Series) -> str:
    """Say why a column looks personal, or '' if it does not.

    Its name is looked at first, then the shape of its values.
    """
    words = fold(column).split()
    joined = "".join(words)
    for reason, telling in _WORDS:
        named = telling & {*words, joined}
        of_a_place = named == {"name"} and _NOT_NAMES & set(words)
        if named and not of_a_place:
            return reason
    if _ABOUT_PEOPLE & set(words):
        return "looks like details about a person"
    return _reason_in_values(values)


def _reason_in_values(values: pd.Series) -> str:
    filled = values[values.str.strip() != ""].head(200)
    if not len(filled):
        return ""
    for reason, pattern in (("e-mail addresses", _EMAIL), ("telephone numbers", _PHONE)):
        if filled.str.match(pattern).mean() > 0.3:
            return f"looks like {reason}"
    if filled.map(lambda v: bool(_NAME_VALUE.match(v))).mean() > 0.8 and filled.nunique() > 3:
        return "looks like people's names"
    if filled.str.len().mean() > _LONG_TEXT and filled.str.contains(" ").mean() > 0.8:
        return "looks like free text"
    return ""


def _plain_reason(values: pd.Series) -> str:
    return "is blank in the first rows" if (values.str.strip() == "").all() else "is not mapped"


def blank_personal(text: pa.Array) -> tuple[pa.Array, np.ndarray]:
    """Blank the values that look personal; give them and the rows they stood in.

    Examples
    --------
    >>> text, rows = blank_personal(pa.array(["Noise", "call 020 7946 0123", "j@example.org"]))
    >>> text.to_pylist(), rows.tolist()
    (['Noise', '', ''], [False, True, True])
    """
    hit = pc.match_substring_regex(text, PERSONAL_VALUE)
    rows = hit.to_numpy(zero_copy_only=False)
    return (pc.if_else(hit, "", text) if rows.any() else text), rows


def without_house_numbers(text: pa.Array) -> tuple[pa.Array, np.ndarray]:
    """Take house and flat numbers off the front of street names.

    A location is never an address. A number that is all there is stays away with the rest.

    Examples
    --------
    >>> text, rows = without_house_numbers(pa.array(["Flat 3, 12a Gowers Walk", "Mile End Road"]))
    >>> text.to_pylist(), rows.tolist()
    (['Gowers Walk', 'Mile End Road'], [True, False])
    """
    hit = pc.match_substring_regex(text, _HAS_HOUSE)
    if not pc.any(hit).as_py():
        return text, np.zeros(len(text), bool)
    bare = pc.replace_substring_regex(pc.binary_join_element_wise(text, "", " "), _HOUSE, "")
    bare = pc.utf8_trim(bare, " ,")
    changed = pc.and_(hit, pc.not_equal(bare, text))
    return pc.if_else(changed, bare, text), changed.to_numpy(zero_copy_only=False)
