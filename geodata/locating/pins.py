"""What people decided about texts that no gazetteer knows: pinned once, remembered. BNG metres.

A pin belongs to a text of one source and provider, in the form by which texts are grouped, with the
ward that the file gives beside it: 'High Street' in Bow and in Poplar are two.
"""

from __future__ import annotations

import io
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

import pandas as pd

from geodata.crs import BNG_EXTENT
from geodata.errors import PinError, how_to_open
from geodata.locating.words import name_key
from geodata.vocabularies import SOURCES

Verdict = Literal["here", "outside", "nowhere"]
VERDICTS: dict[Verdict, str] = {
    "here": "pinned on the map",
    "outside": "outside the area",
    "nowhere": "cannot be placed",
}
PIN_FRAME = (
    *("source", "provider", "text", "postcode", "number", "ward", "verdict"),
    *("easting", "northing", "radius_m", "by", "at"),
)
_NUMBERS = ("easting", "northing", "radius_m")
_LARGEST_M = 5_000.0
_MOST_BYTES = 50_000_000


@dataclass(frozen=True)
class Wording:
    """What rows say of their place, the same for all of a group.

    Attributes
    ----------
    source, provider : str
        Whose rows.
    text, postcode, number, ward : str
        As the file gives them; `number` ('UPRN 100...') only where there is nothing else.
    """

    source: str
    provider: str
    text: str
    postcode: str = ""
    number: str = ""
    ward: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What pins and rows are brought together by."""
        return self.source, self.provider, text_key(
            self.text, self.postcode, self.number, self.ward
        )  # fmt: skip

    @property
    def shown(self) -> str:
        """The wording for people.

        Examples
        --------
        >>> Wording("council_asb", "x", "Back of Tesco", "E1 6AN", ward="Bow East").shown
        'Back of Tesco, E1 6AN (ward: Bow East)'
        """
        words = ", ".join(w for w in (self.text, self.postcode, self.number) if w)
        return f"{words} (ward: {self.ward})" if self.ward else words


@dataclass(frozen=True)
class Pin:
    """A decision about one wording.

    Attributes
    ----------
    wording : Wording
        What it is about.
    verdict : {'here', 'outside', 'nowhere'}
        Where it is, or that it is outside the area, or that nobody can say.
    easting, northing, radius_m : float
        Where, and metres within which the true place may lie; NaN unless 'here'.
    by, at : str
        Who decided, and when, as the caller tells it.
    """

    wording: Wording
    verdict: Verdict
    easting: float = float("nan")
    northing: float = float("nan")
    radius_m: float = float("nan")
    by: str = ""
    at: str = ""

    def __post_init__(self) -> None:
        """Refuse a pin that is no place."""
        if self.verdict not in get_args(Verdict):
            raise PinError(
                "This is not something that can be said of a place", got=repr(self.verdict),
                todo=f"say one of {', '.join(VERDICTS)}",
            )  # fmt: skip
        if self.verdict == "here":
            _require_a_place(self.easting, self.northing, self.radius_m)


def _require_a_place(easting: float, northing: float, radius_m: float) -> None:
    west, south, east, north = BNG_EXTENT
    if not (west <= easting <= east and south <= northing <= north):
        raise PinError(
            "A pin must be a place in Great Britain", got=f"{easting:g}, {northing:g}",
            todo="give easting and northing in metres, a grid reference or a postcode",
        )  # fmt: skip
    if not 0 < radius_m <= _LARGEST_M:
        raise PinError(
            "A pin must say how exact it is", got=f"{radius_m:g} m",
            todo=f"give a radius between 1 and {_LARGEST_M:,.0f} m",
        )  # fmt: skip


def text_key(text: str, postcode: str, number: str, ward: str) -> str:
    """Bring a wording to the one form by which it is grouped and pinned.

    Examples
    --------
    >>> text_key("Mile End Rd.", "E1 6AN", "", "Bow East")
    'MILE END ROAD|E16AN||BOW EAST'
    """
    tight = "".join(postcode.split()).upper()
    return "|".join((name_key(text), tight, number.upper(), name_key(ward)))


def as_frame(pins: list[Pin]) -> pd.DataFrame:
    """Write pins as a table with the columns `PIN_FRAME`, ordered by their keys."""
    ordered = sorted(pins, key=lambda pin: pin.wording.key)
    rows = [asdict(pin.wording) | asdict(pin) for pin in ordered]
    frame = pd.DataFrame(rows, columns=list(PIN_FRAME))
    words = [c for c in PIN_FRAME if c not in _NUMBERS]
    return frame.astype(dict.fromkeys(words, "str") | dict.fromkeys(_NUMBERS, "float64"))


def as_pins(frame: pd.DataFrame | None) -> dict[tuple[str, str, str], Pin]:
    """Read a table of pins; None gives none.

    Raises
    ------
    PinError
        If a row is no pin.
    """
    found = {}
    names = ("source", "provider", "text", "postcode", "number", "ward")
    for row in [] if frame is None else frame.to_dict("records"):
        wording = Wording(**{name: row[name] for name in names})
        others = {name: row[name] for name in PIN_FRAME if name not in names}
        found[wording.key] = Pin(wording, **others)
    return found


def read_pins(file: Path | bytes) -> list[Pin]:
    """Read pins from a CSV file with the columns `PIN_FRAME`.

    Columns `postcode`, `number`, `ward`, `by` and `at` may be left out.

    Raises
    ------
    PinError
        If the file cannot be read, lacks a column, or a row is no pin: the message names the line.
    """
    name = file.name if isinstance(file, Path) else "The file"
    try:
        data = file.read_bytes() if isinstance(file, Path) else file
        if len(data) > _MOST_BYTES:
            raise PinError(f"{name} is too large to be a table of pins", got=f"{len(data):,} bytes")
        table = pd.read_csv(io.BytesIO(data), dtype="str", encoding="utf-8-sig").fillna("")
    except OSError as error:
        raise PinError(
            f"{name} cannot be read", got=error.strerror or str(error), todo=how_to_open(error)
        ) from error
    except (ValueError, UnicodeDecodeError) as error:  # pandas' parser errors are ValueErrors
        raise PinError(
            f"{name} is not a table of pins", got=str(error).strip()[:120],
            todo="save it as CSV in UTF-8, as `safer-walks places export` writes it",
        ) from error  # fmt: skip
    lacking = [c for c in ("source", "provider", "text", "verdict") if c not in table]
    if lacking:
        raise PinError(
            f"{name} lacks a column", got=", ".join(map(str, table.columns))[:200],
            todo=f"add {', '.join(lacking)}",
        )  # fmt: skip
    table = table.reindex(columns=list(PIN_FRAME), fill_value="")
    rows = ({str(k): str(v) for k, v in row.items()} for row in table.to_dict("records"))
    return [_read_row(name, line, row) for line, row in enumerate(rows, 2)]


def _read_row(name: str, line: int, row: dict[str, str]) -> Pin:
    try:
        if row["source"] not in SOURCES:
            raise PinError("No source has that name", got=row["source"])
        numbers = {n: float(row[n]) if row[n].strip() else float("nan") for n in _NUMBERS}
        [pin] = as_pins(pd.DataFrame([{**row, **numbers}])).values()
    except (PinError, ValueError) as error:
        raise PinError(
            f"{name} has a row that is no pin", got=str(error), first_bad=f"line {line}",
            todo="mend the row or take it out; nothing was stored",
        ) from error  # fmt: skip
    return pin
