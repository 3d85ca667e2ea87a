"""Mend places: list what could not be found on the map, pin it once, look for it again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import shapely

from analysis.report.escaping import plain_cell
from analysis.report.tables import table_bytes, write_table
from geodata import layers, store
from geodata.council.places import read_places
from geodata.errors import PinError
from geodata.locating.gazetteer import Spot
from geodata.locating.match import METHODS, REASONS, Match, match_one
from geodata.locating.pins import (
    PIN_FRAME,
    VERDICTS,
    Pin,
    Verdict,
    Wording,
    as_frame,
    as_pins,
    read_pins,
)
from geodata.locating.postcodes import read_postcode
from geodata.locating.rows import (
    PINNED_ELSEWHERE,
    PINS,
    ROW_COLUMNS,
    UNTOUCHED,
    WORDINGS,
    Locator,
    ways,
    wordings,
)
from geodata.locating.words import name_key
from geodata.vocabularies import SOURCES
from geodata.workspace import Workspace

Progress = Callable[[float, str], None]

RADII: Mapping[float, str] = {
    10.0: "This exact spot",
    50.0: "About here: a few doors either way",
    100.0: "Somewhere along this street",
    250.0: "Somewhere on this estate or in this park",
    500.0: "Somewhere in this neighbourhood",
}
"""How exact a pin is, in words, by its radius in metres."""

_COLUMNS = (*ROW_COLUMNS, "month", "easting", "dq_flags")


@dataclass(frozen=True)
class Group:
    """Rows that say the same of their place and wait for one.

    Attributes
    ----------
    wording : Wording
        What they say.
    rows : int
        How many.
    first, last : str
        Months YYYY-MM.
    reason : str
        Code of `geodata.locating.match.REASONS`.
    """

    wording: Wording
    rows: int
    first: str
    last: str
    reason: str

    def to_json(self) -> dict[str, Any]:
        """Turn the group into what JSON can hold."""
        w = self.wording
        return {
            "source": w.source, "provider": w.provider, "text": w.text, "postcode": w.postcode,
            "number": w.number, "ward": w.ward, "shown": w.shown, "rows": self.rows,
            "first": self.first, "last": self.last, "reason": self.reason,
            "reason_words": REASONS[self.reason],
        }  # fmt: skip


@dataclass(frozen=True)
class Waiting:
    """What waits for a place, and what has one.

    Attributes
    ----------
    groups : tuple of Group
        By wording, most rows first.
    rows : int
        Rows whose file gave no usable coordinates, of all sources that are looked for.
    placed : dict of str to int
        Those that have a place now, by the way it was found (`METHODS`).
    settled : int
        Those of which a person said that they lie outside, or cannot be placed.
    silent : int
        Those that say nothing of their place, or nothing that may be shown.
    """

    groups: tuple[Group, ...]
    rows: int
    placed: dict[str, int]
    settled: int
    silent: int

    @property
    def waiting(self) -> int:
        """Rows that a person could place."""
        return sum(g.rows for g in self.groups)

    @property
    def message(self) -> str:
        """Say in one sentence how far it is."""
        if not self.rows:
            return "Every report came with coordinates: nothing waits for a place."
        done = sum(self.placed.values())
        settled = f"; {self.settled:,} cannot be placed or lie outside" if self.settled else ""
        silent = f"; {self.silent:,} say nothing of their place" if self.silent else ""
        return (
            f"{done:,} of {self.rows:,} rows without coordinates are placed, {self.waiting:,} "
            f"wait under {len(self.groups):,} wordings{settled}{silent}."
        )

    @cached_property
    def table(self) -> pd.DataFrame:
        """The groups as a table: `shown`, `label` (source), `rows`, `first`, `last`, `why`."""
        return pd.DataFrame(
            [
                (g.wording.shown, SOURCES[g.wording.source], g.rows, g.first, g.last,
                 REASONS[g.reason])
                for g in self.groups
            ],
            columns=["shown", "label", "rows", "first", "last", "why"],
        )  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """Turn it into what JSON can hold."""
        return {
            "rows": self.rows, "placed": self.placed, "settled": self.settled,
            "silent": self.silent, "waiting": self.waiting, "message": self.message,
            "groups": [g.to_json() for g in self.groups],
        }  # fmt: skip


@dataclass(frozen=True)
class Pinned:
    """What pinning, or taking pins out, did: rows that changed, and words for it."""

    rows: int
    pins: int
    message: str

    def to_json(self) -> dict[str, Any]:
        """Turn it into what JSON can hold."""
        return {"rows": self.rows, "pins": self.pins, "message": self.message}


def waiting(workspace: Workspace) -> Waiting:
    """List what could not be found on the map, grouped by what it says.

    Parameters
    ----------
    workspace : Workspace
        Read at the state it was opened in. Rows of police.uk are never listed: theirs come as snap
        points, or without any place.

    Returns
    -------
    Waiting
        Texts that look personal are in no group; they count as `silent`.
    """
    sources = _sources(workspace)
    if not sources:
        return Waiting((), 0, {}, 0, 0)
    stored = store.read_incidents(workspace, sources=sources, columns=_COLUMNS)
    placed = ways(stored)
    rows = stored[stored["easting"].isna()].reset_index(drop=True)
    counts: dict[str, int] = {m: placed[m] for m in METHODS if placed[m]}
    if rows.empty:
        return Waiting((), sum(counts.values()), counts, 0, 0)
    found = locator(workspace).find(rows)
    # What the gazetteer would place by now waits for no person but for `locate_again`.
    settled = int(found["reason"].eq(PINNED_ELSEWHERE).sum())
    open_rows = found["reason"].isin(list(REASONS)) & found["reason"].ne("nothing")
    groups = _groups(wordings(rows)[open_rows], rows[open_rows], found[open_rows])
    waits = sum(g.rows for g in groups)
    silent = len(rows) - settled - waits - int(found["method"].ne("").sum())
    return Waiting(groups, len(rows) + sum(counts.values()), counts, settled, silent)


def _sources(workspace: Workspace) -> list[str]:
    return sorted({p.source for p in workspace.manifest().live} - UNTOUCHED)


def _groups(said: pd.DataFrame, rows: pd.DataFrame, found: pd.DataFrame) -> tuple[Group, ...]:
    distinct = said.loc[:, list(WORDINGS)].drop_duplicates()
    names = {row: Wording(*map(str, row)) for row in distinct.itertuples(index=False, name=None)}
    keys = pd.Series([names[row].key for row in said[list(WORDINGS)].itertuples(False, None)])
    frame = pd.DataFrame(
        {
            "key": keys.to_numpy(), "month": rows["month"].astype("str").to_numpy(),
            "reason": found["reason"].to_numpy(),
            "said": list(said[list(WORDINGS)].itertuples(index=False, name=None)),
        }
    )  # fmt: skip
    groups = []
    for _, part in frame.groupby("key", sort=False):
        [(commonest, _)] = Counter(part["said"]).most_common(1)
        [(reason, _)] = Counter(part["reason"]).most_common(1)
        months = part["month"]
        groups.append(Group(names[commonest], len(part), months.min(), months.max(), reason))
    return tuple(sorted(groups, key=lambda g: (-g.rows, g.wording.key)))


def find_wording(
    workspace: Workspace,
    text: str,
    *,
    source: str = "",
    provider: str = "",
    postcode: str = "",
    ward: str = "",
) -> Wording:
    """Find the wording that a person means, among those that wait and those that are pinned.

    Parameters
    ----------
    workspace : Workspace
        Read at the state it was opened in.
    text : str
        As it is shown, or the text alone; case, full stops and short forms do not matter.
    source, provider, postcode, ward : str
        Tell wordings with the same text apart; '' for any.

    Raises
    ------
    PinError
        If none or several are meant; the message lists them.
    """
    known = {g.wording.key: g.wording for g in waiting(workspace).groups}
    known |= {key: pin.wording for key, pin in as_pins(layers.table(workspace, PINS)).items()}
    asked = {"source": source, "provider": provider, "postcode": postcode, "ward": ward}
    meant = [
        w for w in known.values()
        if name_key(text) in {name_key(n) for n in (w.text or w.postcode or w.number, w.shown)}
        and all(not v or name_key(v) == name_key(getattr(w, n)) for n, v in asked.items())
    ]  # fmt: skip
    if len(meant) == 1:
        return meant[0]
    if not meant:
        raise PinError(
            "No report that waits says this, and no pin does", got=text,
            todo="take the wording from `safer-walks places waiting`",
        )  # fmt: skip
    raise PinError(
        "Several wordings are meant", got="; ".join(f"{w.shown} [{w.source}]" for w in meant[:5]),
        todo="say --ward, --postcode, --source or --provider as well",
    )  # fmt: skip


def candidates(workspace: Workspace, wording: Wording) -> Match:
    """Look at one wording with the gazetteer: why it is not placed, and what it could be."""
    number = wording.number.removeprefix("UPRN ")
    return match_one(
        wording.text, wording.postcode, number if number.isdigit() else "", wording.ward,
        locator(workspace).gazetteer,
    )  # fmt: skip


def find_place(workspace: Workspace, typed: str) -> Spot:
    """Find the place that a person typed: a grid reference, two coordinates, or a postcode.

    Parameters
    ----------
    workspace : Workspace
        Its gazetteer knows the postcodes.
    typed : str
        'TQ 3465 8176', '534650 181760', '51.5190, -0.0600' or 'E1 1BJ'.

    Raises
    ------
    PinError
        If it is none of these, or a postcode that is not known here.
    """
    postcode = read_postcode(typed)
    if postcode and postcode.unit:
        point = locator(workspace).gazetteer.find("postcode", postcode.key)
        if point is None:
            raise PinError(
                "This postcode is not in the gazetteer", got=postcode.unit,
                todo="check it, bring in Code-Point Open, or give a grid reference",
            )  # fmt: skip
        x, y, radius = (float(point[n]) for n in ("easting", "northing", "radius_m"))
        return spot_at(x, y, radius, postcode.unit)
    x, y = _typed(typed)
    return spot_at(x, y, 10.0, typed.strip())


def _typed(typed: str) -> tuple[float, float]:
    text = pa.array([typed.strip()], pa.string())
    for name in ("grid_reference", "coordinates"):
        found = read_places({name: text}, 1)
        if found.easting[0] == found.easting[0]:
            return float(found.easting[0]), float(found.northing[0])
    raise PinError(
        "This is not a place", got=repr(typed[:60]),
        todo="write a grid reference like TQ 3465 8176, easting and northing like 534650 181760, "
        "or a postcode",
    )  # fmt: skip


def spot_at(easting: float, northing: float, radius_m: float, name: str = "") -> Spot:
    """Make a spot of a point."""
    point = shapely.Point(easting, northing)
    return Spot(name, "point", easting, northing, radius_m, point)


def pin(
    workspace: Workspace,
    wording: Wording,
    verdict: Verdict = "here",
    *,
    easting: float = float("nan"),
    northing: float = float("nan"),
    radius_m: float = float("nan"),
    by: str = "",
    at: str = "",
    progress: Progress | None = None,
) -> Pinned:
    """Remember where a wording is, and place all rows that have it.

    Parameters
    ----------
    workspace : Workspace
        Which one; open it again to see the rows placed.
    wording : Wording
        As in a `Group`.
    verdict : {'here', 'outside', 'nowhere'}
        'here' with a place, or why there is none.
    easting, northing, radius_m : float
        BNG metres; how exact it is.
    by, at : str
        Who decided, and the time as the caller tells it.
    progress : callable, optional
        Told the share done and what is being done.

    Raises
    ------
    PinError
        If the place is not in Great Britain, or has no radius.
    WorkspaceError
        If another import holds the workspace for too long.
    """
    decided = Pin(wording, verdict, easting, northing, radius_m, by, at)
    rows = _store(workspace, add=[decided], at=at, progress=progress)
    words = f"{wording.shown} is {VERDICTS[verdict]}: {rows:,} rows changed."
    return Pinned(rows, 1, words)


def unpin(workspace: Workspace, wording: Wording, *, at: str = "") -> Pinned:
    """Forget a pin; its rows wait again, or go where the gazetteer says.

    Raises
    ------
    PinError
        If the wording was never pinned.
    """
    if wording.key not in as_pins(layers.table(workspace, PINS)):
        raise PinError(
            "There is no such pin", got=wording.shown,
            todo="take its source, provider and text from `safer-walks places list`",
        )  # fmt: skip
    rows = _store(workspace, drop=[wording], at=at)
    return Pinned(rows, 1, f"The pin of {wording.shown} is taken out: {rows:,} rows changed.")


def import_pins(workspace: Workspace, file: Path | bytes, *, at: str = "") -> Pinned:
    """Take pins from a CSV file; one that is there already is replaced.

    Raises
    ------
    PinError
        If the file or a row of it is no pin; nothing is stored then.
    """
    pins = [replace(p, wording=_plain(p.wording)) for p in read_pins(file)]
    rows = _store(workspace, add=pins, at=at)
    return Pinned(rows, len(pins), f"{len(pins):,} pins were taken in: {rows:,} rows changed.")


def _plain(wording: Wording) -> Wording:
    """Take off the apostrophes that keep a spreadsheet from running a text as a formula."""
    words = {name: plain_cell(getattr(wording, name)) for name in WORDINGS}
    return replace(wording, **words)


def export_pins(workspace: Workspace) -> bytes:
    """Write every pin as CSV that `import_pins` takes."""
    return table_bytes(list_pins(workspace), ".csv")


def write_pins(workspace: Workspace, path: Path) -> dict[str, Any]:
    """Write every pin to a CSV file that `import_pins` takes, and count them.

    Raises
    ------
    SaferWalksError
        If the file cannot be written.
    """
    pins = list_pins(workspace)
    write_table(pins, path)
    return {"pins": len(pins), "out": str(path), "message": f"{len(pins):,} pins are in {path}."}


def pins_json(workspace: Workspace) -> list[dict[str, Any]]:
    """List the pins as JSON can hold them."""
    rows = list_pins(workspace).to_dict("records")
    return [{str(k): None if v != v else v for k, v in row.items()} for row in rows]


def candidates_json(workspace: Workspace, wording: Wording) -> dict[str, Any]:
    """Say what a wording could be, as JSON can hold it."""
    found = candidates(workspace, wording)
    listed = [
        {
            "name": c.name, "kind": c.kind, "easting": round(c.easting, 1),
            "northing": round(c.northing, 1), "radius_m": round(c.radius_m, 1),
        }
        for c in found.candidates
    ]  # fmt: skip
    why = REASONS.get(found.reason, f"It is found {METHODS.get(found.method, '')}.")
    return {
        "wording": wording.shown, "reason": found.reason, "candidates": listed,
        "message": f"{wording.shown}: {why}",
    }  # fmt: skip


def list_pins(workspace: Workspace) -> pd.DataFrame:
    """List the pins: columns `geodata.locating.pins.PIN_FRAME`."""
    found = layers.table(workspace, PINS)
    return as_frame([]) if found is None else found[list(PIN_FRAME)]


def pinned(workspace: Workspace) -> list[Pin]:
    """List the pins, in the order of `list_pins`."""
    return list(as_pins(list_pins(workspace)).values())


@lru_cache(maxsize=2)
def locator(workspace: Workspace) -> Locator:
    """Take what a workspace knows of places, once for each of its states."""
    return Locator.of(workspace)


def locate_again(workspace: Workspace, *, at: str = "", progress: Progress | None = None) -> int:
    """Look again for everything without coordinates of its own, with what is known by now.

    Returns
    -------
    int
        Rows that are placed otherwise than before.

    Raises
    ------
    WorkspaceError
        If another import holds the workspace for too long.
    """
    sources = _sources(workspace)
    if not sources:
        return 0
    return store.relocate(workspace, locator(workspace), sources=sources, at=at, progress=progress)


def _store(
    workspace: Workspace,
    *,
    add: Sequence[Pin] = (),
    drop: Sequence[Wording] = (),
    at: str,
    progress: Progress | None = None,
) -> int:
    def change(table: pd.DataFrame | None) -> pd.DataFrame:
        known = as_pins(table)
        for wording in drop:
            known.pop(wording.key, None)
        return as_frame(list((known | {p.wording.key: p for p in add}).values()))

    layers.update(workspace, PINS, change)
    return locate_again(workspace.reopen(), at=at, progress=progress)
