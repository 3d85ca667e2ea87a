"""Give rows their places: by pins, then by gazetteer. See `geodata.placing`. BNG metres."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa

from geodata import layers
from geodata.council.personal import blank_personal, without_house_numbers
from geodata.locating.gazetteer import Gazetteer
from geodata.locating.match import METHODS as WAYS
from geodata.locating.match import WANTED, match, precision_of
from geodata.locating.pins import Pin, Wording, as_pins
from geodata.placing import PLACED, Place
from geodata.workspace import Workspace

PINS = "pins"
"""The layer of a workspace that holds what people pinned."""

UNTOUCHED = frozenset({"police_uk"})
"""Sources whose rows are never looked for: they come as snap points, or without any place."""

ROW_COLUMNS = ("source", "force", "location", "postcode", "uprn", "usrn", "ward_code_source")
"""What rows must have to be looked for."""

WORDINGS = ("source", "provider", "text", "postcode", "number", "ward")
PINNED_ELSEWHERE = "settled"
"""The reason of rows of which a person said that they cannot be placed or lie outside."""


@dataclass(frozen=True)
class Locator:
    """A `geodata.placing.Place` made of what a workspace knows.

    Attributes
    ----------
    gazetteer : Gazetteer
        Postcodes, properties, streets and places.
    pins : mapping
        Decisions by the key of their wording.
    """

    gazetteer: Gazetteer
    pins: Mapping[tuple[str, str, str], Pin] = field(default_factory=dict)

    @classmethod
    def of(cls, workspace: Workspace) -> Locator:
        """Take what a workspace knows at the state it was opened in."""
        known = Gazetteer(
            workspace.wards(), layers.gazetteer(workspace), workspace.places(),
            layers.streets(workspace),
        )  # fmt: skip
        return cls(known, as_pins(layers.table(workspace, PINS)))

    def __call__(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Give some rows a place; each says in `dq_flags` by which way it was found."""
        found = self.find(rows)
        placed = found["method"].ne("").to_numpy()
        flags = rows["dq_flags"].astype("object").to_numpy().copy()
        words = PLACED + found["method"].astype("object").to_numpy()
        before = pd.isna(flags) | (flags == "")
        both = np.where(before, words, np.where(before, "", flags).astype("O") + ";" + words)
        return rows.assign(
            easting=found["easting"], northing=found["northing"], lon=np.nan, lat=np.nan,
            geo_radius_m=found["radius_m"], geo_precision=found["precision"],
            dq_flags=np.where(placed, both, flags),
        )  # fmt: skip

    def find(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Look for rows.

        Parameters
        ----------
        rows : pandas.DataFrame
            Columns `ROW_COLUMNS`.

        Returns
        -------
        pandas.DataFrame
            Columns `geodata.locating.match.MATCHED`, on the same index.
        """
        said = wordings(rows)
        found = match(said[list(WANTED)], self.gazetteer)
        numbered = found["reason"].eq("nothing") & said["number"].ne("")
        found["reason"] = found["reason"].mask(numbered, "number_unknown")
        if not self.pins:
            return found
        codes = said.groupby(list(WORDINGS), sort=False).ngroup().to_numpy()
        distinct = said.loc[:, list(WORDINGS)].drop_duplicates()
        keys = [Wording(*map(str, row)).key for row in distinct.itertuples(index=False)]
        pinned = [self.pins.get(key) for key in keys]
        return _with_pins(found, pinned, codes) if any(pinned) else found


@dataclass
class CountedPlace:
    """A `geodata.placing.Place` that counts what it does, for the report of an import.

    Attributes
    ----------
    place : callable
        Whose work is counted.
    ways : Counter
        Rows by the way in which they were given their place.
    waiting : int
        Rows that say something of their place, and have none.
    """

    place: Place
    ways: Counter[str] = field(default_factory=Counter)
    waiting: int = 0

    def __call__(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Place rows, and count them."""
        answer = self.place(rows)
        self.ways += ways(answer)
        self.waiting += int((answer["easting"].isna() & says_something(rows)).sum())
        return answer

    @property
    def sentences(self) -> tuple[str, ...]:
        """Say how rows were given their places, and what is left to do."""
        said = [f"{self.ways[way]:,} {words}" for way, words in WAYS.items() if self.ways[way]]
        placed = f"Rows without coordinates were placed: {', '.join(said)}." if said else ""
        waits = (
            f"{self.waiting:,} rows say where they are in words that no gazetteer here knows for "
            "sure: they wait on the page Repair places (`safer-walks places waiting`)."
        )
        return tuple(filter(None, (placed, waits if self.waiting else "")))


def says_something(rows: pd.DataFrame) -> pd.Series:
    """Tell which rows say anything of their place that may be shown."""
    said = wordings(rows)
    return said["text"].ne("") | said["postcode"].ne("") | said["number"].ne("")


def _with_pins(found: pd.DataFrame, pins: list[Pin | None], codes: np.ndarray) -> pd.DataFrame:
    table = pd.DataFrame([_as_match(pin) for pin in pins]).take(codes).set_axis(found.index)
    has = np.array([pin is not None for pin in pins])[codes]
    columns = {str(n): found[n].mask(has, table[n].astype(found[n].dtype)) for n in table}
    return found.assign(**columns)


def _as_match(pin: Pin | None) -> dict[str, object]:
    here = pin is not None and pin.verdict == "here"
    number = {n: getattr(pin, n) if here else np.nan for n in ("easting", "northing", "radius_m")}
    return {
        "method": "pin" if here else "", **number,
        "precision": precision_of(pin.radius_m) if pin and here else "none", "candidates": 0,
        "reason": "" if here else PINNED_ELSEWHERE,
    }  # fmt: skip


def wordings(rows: pd.DataFrame) -> pd.DataFrame:
    """Say of each row what it says of its place; '' throughout for rows never looked for.

    What looks personal is blanked and house numbers are taken off, even where a profile let them
    in: these words are shown to whoever mends places.

    Returns
    -------
    pandas.DataFrame
        Columns `WORDINGS` and `uprn`, on the same index, text without missing values.
    """
    said = {name: _text(rows[name]) for name in ("source", "force", *ROW_COLUMNS[2:])}
    looked_for = ~said["source"].isin(list(UNTOUCHED))
    text, postcode, uprn, usrn, ward = (
        said[name].where(looked_for, "") for name in ROW_COLUMNS[2:]
    )
    text = _bare(text)
    alone = text.eq("") & postcode.eq("")
    number = ("UPRN " + uprn).where(uprn.ne(""), ("USRN " + usrn).where(usrn.ne(""), ""))
    number = number.where(alone, "")
    anything = text.ne("") | postcode.ne("") | number.ne("")
    return pd.DataFrame(
        {
            "source": said["source"], "provider": said["force"], "text": text,
            "postcode": postcode, "number": number, "ward": ward.where(anything, ""), "uprn": uprn,
        }
    )  # fmt: skip


def _text(column: pd.Series) -> pd.Series:
    words = column.astype("object")
    return words.where(words.notna(), "").astype("str").str.strip()


def _bare(text: pd.Series) -> pd.Series:
    codes, words = pd.factorize(text)
    bare, _ = blank_personal(pa.array(words, pa.string()))
    bare, _ = without_house_numbers(bare)
    return pd.Series(np.array(bare.to_pylist(), dtype="O")[codes], text.index, dtype="str")


def ways(rows: pd.DataFrame) -> Counter[str]:
    """Count rows by the way in which they were given their place.

    Examples
    --------
    >>> ways(pd.DataFrame({"dq_flags": ["closed;placed_by_pin", None, "placed_by_pin"]}))
    Counter({'pin': 2})
    """
    found: Counter[str] = Counter()
    for flags, count in rows["dq_flags"].value_counts().items():
        for word in str(flags).split(";"):
            if word.startswith(PLACED) and count:
                found[word.removeprefix(PLACED)] += int(count)
    return found
