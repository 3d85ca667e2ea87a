"""Postcodes as people and spreadsheets write them.

Where a letter must stand a nought can only be an O, and where a digit must stand an O can only be a
nought; the same holds for I and 1. Nothing else is put right.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

AREAS = frozenset(
    [
        "AB",
        "AL",
        "B",
        "BA",
        "BB",
        "BD",
        "BH",
        "BL",
        "BN",
        "BR",
        "BS",
        "BT",
        "CA",
        "CB",
        "CF",
        "CH",
        "CM",
        "CO",
        "CR",
        "CT",
        "CV",
        "CW",
        "DA",
        "DD",
        "DE",
        "DG",
        "DH",
        "DL",
        "DN",
        "DT",
        "DY",
        "E",
        "EC",
        "EH",
        "EN",
        "EX",
        "FK",
        "FY",
        "G",
        "GL",
        "GU",
        "GY",
        "HA",
        "HD",
        "HG",
        "HP",
        "HR",
        "HS",
        "HU",
        "HX",
        "IG",
        "IM",
        "IP",
        "IV",
        "JE",
        "KA",
        "KT",
        "KW",
        "KY",
        "L",
        "LA",
        "LD",
        "LE",
        "LL",
        "LN",
        "LS",
        "LU",
        "M",
        "ME",
        "MK",
        "ML",
        "N",
        "NE",
        "NG",
        "NN",
        "NP",
        "NR",
        "NW",
        "OL",
        "OX",
        "PA",
        "PE",
        "PH",
        "PL",
        "PO",
        "PR",
        "RG",
        "RH",
        "RM",
        "S",
        "SA",
        "SE",
        "SG",
        "SK",
        "SL",
        "SM",
        "SN",
        "SO",
        "SP",
        "SR",
        "SS",
        "ST",
        "SW",
        "SY",
        "TA",
        "TD",
        "TF",
        "TN",
        "TQ",
        "TR",
        "TS",
        "TW",
        "UB",
        "W",
        "WA",
        "WC",
        "WD",
        "WF",
        "WN",
        "WR",
        "WS",
        "WV",
        "YO",
        "ZE",
    ]
)
"""The letters that a postcode can begin with."""

_OUTWARD = re.compile(
    r"^[A-Z](?:[1-9]\d?|[1-9][ABCDEFGHJKPSTUW])$|^[A-Z]{2}(?:[1-9]\d?|0|[1-9][ABEHMNPRVWXY])$"
)
_INWARD = re.compile(r"^\d[ABDEFGHJLNPQRSTUWXYZ]{2}$")
_SHAPES = ("LD", "LDD", "LDL", "LLD", "LLDD", "LLDL")
"""Letters and digits of the first half."""

_UNIT_IN_TEXT = re.compile(r"\b[A-Z01]{1,2}[0-9OI][0-9A-Z]?\s{0,2}[0-9OI][A-Z]{2}\b")
_DISTRICT_IN_TEXT = re.compile(r"\b[A-Z]{1,2}\d[0-9A-Z]?(?: \d)?(?=[\s,.;)]*$|\s*[,;)])")
_MENDED = {"D": str.maketrans("OI", "01"), "L": str.maketrans("01", "OI")}


@dataclass(frozen=True)
class Postcode:
    """A postcode, or the beginning of one.

    Attributes
    ----------
    unit : str
        'E1 6AN'; '' if only the beginning is given.
    district : str
        'E1'.
    """

    unit: str
    district: str

    @property
    def key(self) -> str:
        """The unit as gazetteers look it up: without the space."""
        return self.unit.replace(" ", "")


def read_postcode(text: str) -> Postcode | None:
    """Read a postcode, a sector ('E1 6') or a district ('E1'); None if it is none.

    Examples
    --------
    >>> read_postcode(" e1  6an "), read_postcode("E1 OAA")
    (Postcode(unit='E1 6AN', district='E1'), Postcode(unit='E1 0AA', district='E1'))
    >>> read_postcode("E14 5"), read_postcode("Whitechapel")
    (Postcode(unit='', district='E14'), None)
    >>> read_postcode("E1 0O0") is None  # the last two are letters, and never an O
    True
    """
    words = re.sub(r"[^A-Z0-9]+", " ", text.upper()).split()
    tight = "".join(words)
    outward, inward = _outward(tight[:-3]), _shaped(tight[-3:], "DLL")
    if outward and _INWARD.match(inward):
        return Postcode(f"{outward} {inward}", outward)
    sector = len(words) == 2 and len(words[1]) == 1
    outward = _outward(words[0] if sector else tight)
    return Postcode("", outward) if outward else None


def take_postcodes(text: str) -> tuple[str, tuple[Postcode, ...]]:
    """Take the postcodes out of some words in capitals; give the rest, and them.

    A district counts only where a part of the text ends with it, as in 'BRICK LANE E1'.

    Examples
    --------
    >>> take_postcodes("BRICK LANE, LONDON E1 6QR")
    ('BRICK LANE, LONDON', (Postcode(unit='E1 6QR', district='E1'),))
    >>> take_postcodes("BRICK LANE E1"), take_postcodes("A13 SLIP ROAD")
    (('BRICK LANE', (Postcode(unit='', district='E1'),)), ('A13 SLIP ROAD', ()))
    """
    found: list[Postcode] = []

    def take(match: re.Match[str]) -> str:
        read = read_postcode(match[0])
        if read is None:
            return match[0]
        found.append(read)
        return " "

    rest = _UNIT_IN_TEXT.sub(take, text)
    rest = _DISTRICT_IN_TEXT.sub(take, rest)
    return " ".join(rest.split()).strip(" ,;"), tuple(found)


def _outward(text: str) -> str:
    """Read the first half of a postcode; '' if it is none, or could be two."""
    if _is_outward(text):
        return text
    possible = {_shaped(text, shape) for shape in _SHAPES if len(shape) == len(text)}
    possible = {outward for outward in possible if _is_outward(outward)}
    return possible.pop() if len(possible) == 1 else ""


def _is_outward(text: str) -> bool:
    letters = text[:2] if text[1:2].isalpha() else text[:1]
    return bool(_OUTWARD.match(text)) and letters in AREAS


def _shaped(text: str, shape: str) -> str:
    """Turn O and 0, I and 1 into what must stand there."""
    return "".join(c.translate(_MENDED[kind]) for c, kind in zip(text, shape, strict=False))
