"""Names of streets and places brought to one form, and texts taken apart into what they name."""

from __future__ import annotations

import re

_SUFFIXES = {
    "AV": "AVENUE", "AVE": "AVENUE", "BDWY": "BROADWAY", "BLDG": "BUILDING",
    "BLDGS": "BUILDINGS", "BLVD": "BOULEVARD", "BRDG": "BRIDGE", "CL": "CLOSE", "CLS": "CLOSE",
    "CRES": "CRESCENT", "CRESC": "CRESCENT", "CRT": "COURT", "CT": "COURT", "CTR": "CENTRE",
    "DR": "DRIVE", "DRV": "DRIVE", "EMB": "EMBANKMENT", "EST": "ESTATE", "GDN": "GARDEN",
    "GDNS": "GARDENS", "GRN": "GREEN", "GRO": "GROVE", "GRV": "GROVE", "HSE": "HOUSE",
    "LA": "LANE", "LN": "LANE", "MKT": "MARKET", "PASS": "PASSAGE", "PDE": "PARADE",
    "PK": "PARK", "PL": "PLACE", "RD": "ROAD", "SQ": "SQUARE", "STN": "STATION", "STR": "STREET",
    "TCE": "TERRACE", "TER": "TERRACE", "TERR": "TERRACE", "WK": "WALK", "WLK": "WALK",
    "WY": "WAY", "YD": "YARD",
}  # fmt: skip
"""What the last words of a name are shortened to. ST is told by where it stands."""

_ANYWHERE = {"NTH": "NORTH", "STH": "SOUTH", "UPR": "UPPER", "LWR": "LOWER", "GT": "GREAT"}
_DIRECTIONS = frozenset({"NORTH", "SOUTH", "EAST", "WEST", "N", "S", "E", "W"})
_OF_A_RAILWAY = frozenset(
    {"UNDERGROUND", "TUBE", "DLR", "OVERGROUND", "RAIL", "RAILWAY", "TRAIN", "ELIZABETH", "LINE"}
)
_APOSTROPHES = re.compile(r"['’‘`´]")
_WORD = re.compile(r"[A-Z0-9]+")

_MEETING = re.compile(
    r"\b(?:JUNCTIONS?|JUNC|JCT|JNCT|JN|J ?/ ?W|J ?/ ?O|JW|CORNERS?|CNR|CROSSROADS?|INTERSECTION)\b"
    r"(?: +(?:OF|WITH|AT))?"
)
_PARTS = (
    re.compile(r"[,;:()\n|]+| - | – "),
    re.compile(r"\b(?:REAR OF|NEXT TO|ADJACENT TO|CLOSE TO|ON OR NEAR|OUTSIDE|O ?/ ?S|OPPOSITE"
               r"|OPP|BEHIND|NEAR|BETWEEN|ALONG|OFF|ON|IN|AT|BY|WITH|TOWARDS|FROM)\b|[@/]| X "),
    re.compile(r"\bAND\b|&"),
)  # fmt: skip
"""Where a text is cut, from the surest signs to those that also stand inside names."""

_LEADING = re.compile(r"^(?:(?:AT|IN|ON|OF|BY|NEAR|THE|WITH|TO|AND|OUTSIDE) +)+(?=\S)")


def capitals(text: str) -> str:
    """Write a text in capitals without accents' apostrophes and double blanks.

    Examples
    --------
    >>> capitals(" St.  Katharine’s Way ")
    'ST. KATHARINES WAY'
    """
    return " ".join(_APOSTROPHES.sub("", text).upper().split())


def name_key(name: str) -> str:
    """Bring the name of a street or place to the one form by which it is looked up.

    Examples
    --------
    >>> name_key("St. Katharine's Way"), name_key("Saint Katharines Wy")
    ('SAINT KATHARINES WAY', 'SAINT KATHARINES WAY')
    >>> name_key("The Highway"), name_key("Cambridge Heath Rd. North"), name_key("High St")
    ('HIGHWAY', 'CAMBRIDGE HEATH ROAD NORTH', 'HIGH STREET')
    """
    words = _WORD.findall(capitals(name).replace("&", " AND "))
    while len(words) > 1 and words[0] == "THE":
        words = words[1:]
    last = len(words) - 1
    if last > 0 and words[last] in _DIRECTIONS:
        last -= 1
    return " ".join(_spelled(word, n, last) for n, word in enumerate(words))


def _spelled(word: str, position: int, last: int) -> str:
    if word == "ST":
        return "STREET" if position and position == last else "SAINT"
    if word == "MT":
        return "MOUNT"
    if position and position == last:
        word = _SUFFIXES.get(word, word)
    return _ANYWHERE.get(word, word)


def station_key(key: str) -> str:
    """Leave out of a station's key which railway it is on; '' if it is no station.

    Examples
    --------
    >>> station_key("MILE END UNDERGROUND STATION"), station_key("MILE END TUBE")
    ('MILE END STATION', 'MILE END STATION')
    >>> station_key("MILE END ROAD")
    ''
    """
    words = key.split()
    if not words or words[-1] not in {"STATION", "TUBE", "DLR", "OVERGROUND", "UNDERGROUND"}:
        return ""
    words = words[:-1]
    while len(words) > 1 and words[-1] in _OF_A_RAILWAY:
        words = words[:-1]
    return " ".join([*words, "STATION"]) if words else ""


def without_meeting(text: str) -> tuple[str, bool]:
    """Take the words for a junction out of a text in capitals; say whether there were any.

    Examples
    --------
    >>> without_meeting("JUNCTION OF BOW ROAD AND FAIRFIELD ROAD")
    ('BOW ROAD AND FAIRFIELD ROAD', True)
    >>> without_meeting("BOW ROAD J/W FAIRFIELD ROAD")
    ('BOW ROAD , FAIRFIELD ROAD', True)
    """
    if not _MEETING.search(text):
        return text, False
    rest = " ".join(_MEETING.sub(" , ", text).split())
    return rest.strip(" ,"), True


def cut(text: str, step: int) -> list[str]:
    """Cut a text in capitals where `step` (0, 1, 2: ever less sure) says that names may end.

    Examples
    --------
    >>> cut("TESCO, MILE END ROAD", 0), cut("MILE END ROAD AT BURDETT ROAD", 1)
    (['TESCO', 'MILE END ROAD'], ['MILE END ROAD', 'BURDETT ROAD'])
    """
    pieces = (_LEADING.sub("", part.strip(" .,-")) for part in _PARTS[step].split(text))
    return [piece for piece in pieces if piece]


STEPS = len(_PARTS)
