"""Ward names in every spelling met, and the one that is shown.

A ward is its code; names change and are misspelt. For Tower Hamlets the current council name is
shown, whatever the file says: two wards were renamed in 2022 with their boundaries unchanged, and
files of every year spell the saints in their own way. Elsewhere a name is only tidied.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable

import pandas as pd

from geodata.errors import SaferWalksError

TOWER_HAMLETS_NAMES: dict[str, str] = {
    "E05009317": "Bethnal Green East",
    "E05009318": "Blackwall & Cubitt Town",
    "E05009319": "Bow East",
    "E05009320": "Bow West",
    "E05009321": "Bromley North",
    "E05009322": "Bromley South",
    "E05009323": "Canary Wharf",
    "E05009324": "Island Gardens",
    "E05009325": "Lansbury",
    "E05009326": "Limehouse",
    "E05009327": "Mile End",
    "E05009328": "Poplar",
    "E05009329": "St Dunstan's",
    "E05009330": "St Katharine's & Wapping",
    "E05009331": "Bethnal Green West",
    "E05009332": "Shadwell",
    "E05009333": "Spitalfields & Banglatown",
    "E05009334": "Stepney Green",
    "E05009335": "Weavers",
    "E05009336": "Whitechapel",
}
"""The council's names since 2022, by ward code."""

ALIASES: dict[str, tuple[str, ...]] = {
    "E05009317": ("Bethnal Green",),
    "E05009330": ("St Katherine's and Wapping",),
    "E05009331": ("St Peter's",),
}
"""Other names met in data, by ward code; spelling is dealt with by `name_key`."""

_APOSTROPHES = dict.fromkeys(map(ord, "’‘ʼ`´′"), "'")
_BRACKETS = re.compile(r"\s*\([^)]*\)\s*$")
_WARD = re.compile(r"\s+ward$", re.IGNORECASE)
_HUMP = re.compile(r"(?<=[a-z])(?<!\bMc)(?<!\bMac)(?=[A-Z])")


def name_key(name: str) -> str:
    """Reduce a name to what its spellings share.

    Case, spaces, punctuation, accents, "&" or "and", "St." or "Saint", a final "Ward" and a
    borough in brackets make no difference.

    Examples
    --------
    >>> spellings = ["St. Dunstan’s", "ST DUNSTANS WARD", "St_Dunstan's", "StDunstan's"]
    >>> {name_key(s) for s in spellings}
    {'stdunstans'}
    >>> name_key("Spitalfields & Banglatown") == name_key("SpitalfieldsandBanglatown")
    True
    >>> name_key("Poplar (Tower Hamlets)")
    'poplar'
    """
    text = _BRACKETS.sub("", _WARD.sub("", _BRACKETS.sub("", _straight(name))))
    text = unicodedata.normalize("NFKD", text).casefold().replace("&", " and ")
    text = re.sub(r"\bsaint\b", "st", text.replace("_", " "))
    return "".join(c for c in text if c.isalnum())


def display_name(name: str, code: str = "") -> str:
    """Give the name to show for a ward.

    Parameters
    ----------
    name : str
        As the file spells it.
    code : str, optional
        The ward's GSS code. A Tower Hamlets ward shows the council's current name.

    Examples
    --------
    >>> display_name("St. Peter’s", "E05009331")
    'Bethnal Green West'
    >>> display_name("  St. Mary's   Park Ward "), display_name("CanningTownNorth")
    ("St Mary's Park", 'Canning Town North')
    """
    if code in TOWER_HAMLETS_NAMES:
        return TOWER_HAMLETS_NAMES[code]
    text = " ".join(_straight(name).replace("_", " ").split())
    text = re.sub(r"\bSt\.\s*", "St ", _WARD.sub("", text))
    return text if " " in text else _HUMP.sub(" ", text)


def ward_code_for(name: str, wards: pd.DataFrame) -> str:
    """Look a ward up by its code or by any spelling of its name.

    Parameters
    ----------
    name : str
        A ward code, or a name in any spelling `name_key` or `ALIASES` knows.
    wards : pandas.DataFrame
        `ward_code` and `ward_name`, one row a ward.

    Returns
    -------
    str
        The ward's code.

    Raises
    ------
    SaferWalksError
        If no ward has that name, or several do.

    Examples
    --------
    >>> wards = pd.DataFrame({"ward_code": ["E05009330", "E05009331"],
    ...     "ward_name": ["St Katharine's & Wapping", "Bethnal Green West"]})
    >>> ward_code_for("St Katherines and Wapping", wards), ward_code_for("St. Peter's", wards)
    ('E05009330', 'E05009331')
    """
    codes = [str(c) for c in wards["ward_code"]]
    if name.strip().upper() in codes:
        return name.strip().upper()
    known = spellings(codes, wards["ward_name"])
    found = sorted(known.get(name_key(name), set()))
    if len(found) == 1:
        return found[0]
    if found:
        raise SaferWalksError(
            "Several wards have that name", got=repr(name), first_bad=", ".join(found),
            todo="use the ward's code",
        )  # fmt: skip
    close = difflib.get_close_matches(name_key(name), known, n=1)
    names = dict(zip(codes, wards["ward_name"], strict=True))
    like = min(known[close[0]]) if close else codes[0]
    raise SaferWalksError(
        "No ward has that code or name", got=repr(name),
        todo=f"use a ward's code or name: {'did you mean' if close else 'such as'} {like}, "
        f"{names[like]}{'?' if close else ''}",
    )  # fmt: skip


def spellings(codes: Iterable[str], names: Iterable[str]) -> dict[str, set[str]]:
    """Map the key of every name that is known for the wards to the codes it may mean.

    Examples
    --------
    >>> spellings(["E05009331"], ["Bethnal Green West"])
    {'bethnalgreenwest': {'E05009331'}, 'stpeters': {'E05009331'}}
    """
    known: dict[str, set[str]] = {}
    for code, name in zip(codes, names, strict=True):
        for each in (name, TOWER_HAMLETS_NAMES.get(code, ""), *ALIASES.get(code, ())):
            if each:
                known.setdefault(name_key(each), set()).add(code)
    return known


def _straight(name: str) -> str:
    text = unicodedata.normalize("NFC", _decoded(name))
    return text.translate(_APOSTROPHES).strip()


def _decoded(name: str) -> str:
    """Mend UTF-8 that was read as an older encoding ("MÃ´n"); other text is left alone."""
    for encoding in () if name.isascii() else ("cp1252", "latin-1"):
        try:
            return name.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return name
