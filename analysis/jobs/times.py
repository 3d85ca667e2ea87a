"""When reports are of, counted beside them: weekdays, hours, dates and light, by kind and ward.

The counts are kept as `geodata.aggregates` keeps others: a small file a partition, made when files
with times are imported, shared by all. Only reports inside the wards are counted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from analysis.aoristic import (
    Pieces,
    Spread,
    hour_pieces,
    spread_by_hour,
    spread_by_weekday,
    weekday_pieces,
)
from analysis.daylight import LIGHTS, clock_hours, clock_times, light_condition, why_no_hour
from analysis.jobs.ground import ground_of
from analysis.jobs.selection import Selection, is_one_of
from geodata import aggregates
from geodata.aggregates import Codes, Recipe, grouped
from geodata.crs import to_lonlat
from geodata.distinct import distinct_points
from geodata.manifest import Partition
from geodata.shared import Shared
from geodata.workspace import Workspace

_KEYS = ["category", "record_level", "ward_code"]
_TIMES = ["occurred_from", "occurred_to", "time_precision"]
_DATES = 1
"""The part of the tables that tells dates apart: the larger one, and wanted for one answer only."""


def recipe(workspace: Workspace) -> Recipe:
    """Say how times are counted in a workspace: what is dark depends on where its wards lie."""
    digest = workspace.manifest().layers["wards"].digest
    lat, lon = ground_of(workspace).middle
    schema = pa.schema(
        [
            pa.field("part", pa.int32()),
            *(pa.field(name, aggregates.TEXT) for name in ("month", *_KEYS, "what", "word")),
            pa.field("slot", pa.int32()),
            pa.field("amount", pa.float64()),
        ]
    )
    return Recipe(
        f"times-1-{digest[:12]}", (*_KEYS, "ward_match", *_TIMES), schema,
        partial(count_times, lat=lat, lon=lon),
    )  # fmt: skip


def dark_recipe(workspace: Workspace) -> Recipe:
    """Say how reports with an hour are counted by point and light, inside the wards."""
    digest = workspace.manifest().layers["wards"].digest
    west, south, east, north = workspace.wards().total_bounds
    lon, lat = to_lonlat(np.array([(west + east) / 2]), np.array([(south + north) / 2]))
    schema = pa.schema(
        [
            pa.field("part", pa.int32()),
            pa.field("month", aggregates.TEXT),
            pa.field("dark", pa.bool_()),
            pa.field("x", pa.float64()),
            pa.field("y", pa.float64()),
            pa.field("count", pa.int32()),
        ]
    )
    return Recipe(
        f"dark-1-{digest[:12]}", ("ward_match", "easting", "northing", *_TIMES), schema,
        partial(count_dark, lat=float(lat[0]), lon=float(lon[0])),
    )  # fmt: skip


def prepare(workspace: Workspace) -> None:
    """Count the times of what was imported, so that nobody waits for it later."""
    aggregates.prepare(workspace, recipe(workspace), dark_recipe(workspace))


def dark_points(workspace: Workspace, source: str, months: Sequence[str]) -> pd.DataFrame:
    """Count the reports with an hour by point, inside the wards: shared, never change it.

    Returns
    -------
    pandas.DataFrame
        `month`, `dark` (whether the sun was more than 6 degrees below the horizon), `x`, `y` (BNG
        metres), `count`.
    """
    live = [p for p in workspace.manifest().live if p.source == source and p.path]
    how = dark_recipe(workspace)
    key = (str(workspace.path.absolute()), how.name, tuple(p.path for p in live))
    names = ["month", "dark", "x", "y", "count"]
    table = _kept.get(key, lambda: aggregates.read(workspace, how, live, columns=names))
    return table[is_one_of(table["month"], months)]


@dataclass(frozen=True)
class Times:
    """When the reports of a selection are of.

    Attributes
    ----------
    counted : pandas.DataFrame
        `what` was counted, its `slot` or `word`, and the `amount`.
    dated : pandas.DataFrame
        `slot` (hours since 1970 of the local clock) and `amount`, of reports precise to the hour.
    """

    counted: pd.DataFrame
    dated: pd.DataFrame

    def hours(self, block: int = 1) -> Spread:
        """As `analysis.aoristic.day_by_hour`."""
        return spread_by_hour(
            self._slots("hours", 7 * 24), self._used("hours"), self.left_out("hours"),
            block=4 if block == 4 else 1,
        )  # fmt: skip

    def weekdays(self) -> Spread:
        """As `analysis.aoristic.by_weekday`."""
        return spread_by_weekday(
            self._slots("weekdays", 7), self._used("weekdays"), self.left_out("weekdays")
        )

    def light(self) -> pd.Series:
        """Count reports precise to the hour by light, in the order of LIGHTS."""
        return self._words("light").reindex(list(LIGHTS), fill_value=0)

    def left_out(self, what: str) -> dict[str, int]:
        """Count what could not be used for 'hours', 'weekdays' or 'light', by reason."""
        return {str(word): int(n) for word, n in self._words(f"no {what}").items()}

    def by_day(self, first: dt.date, last: dt.date) -> npt.NDArray[np.int64]:
        """Count reports precise to the hour: one row a date, one column an hour of the clock."""
        start, days = first.toordinal() - _EPOCH, (last - first).days + 1
        slot = self.dated["slot"].to_numpy("int64") - start * 24
        known = (slot >= 0) & (slot < days * 24)
        amount = self.dated["amount"].to_numpy()[known]
        return np.bincount(slot[known], amount, days * 24).astype("int64").reshape(days, 24)

    def _slots(self, what: str, size: int) -> npt.NDArray[np.float64]:
        mine = self.counted[is_one_of(self.counted["what"], [what])]
        return np.bincount(mine["slot"], mine["amount"], size).astype("float64")

    def _words(self, what: str) -> pd.Series:
        mine = self.counted[is_one_of(self.counted["what"], [what])]
        return mine.groupby("word", observed=True)["amount"].sum().astype("int64").sort_index()

    def _used(self, what: str) -> int:
        return int(self._words(f"used {what}").sum())


_EPOCH = dt.date(1970, 1, 1).toordinal()


def selected_times(workspace: Workspace, selection: Selection, ward: str = "") -> Times:
    """Give when the reports of a selection are of, without reading a row.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    selection : Selection
        What is counted, inside the wards.
    ward : str, optional
        Code of one ward; all by default.
    """
    live = [p for p in workspace.manifest().live if p.source == selection.source and p.path]
    how = recipe(workspace)
    where = (str(workspace.path.absolute()), how.name, tuple(p.path for p in live))
    parts = []
    for part in (0, _DATES):
        table = _kept.get((*where, part), partial(_read, workspace, how, live, part))
        kept = is_one_of(table["record_level"], [selection.record_level])
        kept &= is_one_of(table["month"], selection.cover.present)
        kept &= is_one_of(table["category"], selection.categories)
        if ward:
            kept &= is_one_of(table["ward_code"], [ward])
        parts.append(table[kept])
    return Times(*parts)


_kept: Shared[pd.DataFrame] = Shared(8)


def _read(workspace: Workspace, how: Recipe, live: Sequence[Partition], part: int) -> pd.DataFrame:
    names = ["month", *_KEYS, "slot", "amount", *([] if part else ["what", "word"])]
    return aggregates.read(workspace, how, live, part=part, columns=names)


def count_times(rows: pd.DataFrame, *, lat: float, lon: float) -> pd.DataFrame:
    """Count the times of rows inside the wards.

    Parameters
    ----------
    rows : pandas.DataFrame
        `partition`, and the columns of `recipe`.
    lat, lon : float
        Decimal degrees, of the middle of the wards.

    Returns
    -------
    pandas.DataFrame
        `partition` and the columns of `recipe` but `month`.
    """
    keys = ["partition", *_KEYS]
    rows = rows[rows["ward_match"].eq("inside")]
    same, entries = grouped(rows, [*keys, *_TIMES])
    count = np.bincount(same, minlength=len(entries)).astype("float64")
    group, groups = grouped(entries, keys)
    counted = _Counted(groups, group, count)
    tables = [
        *_spread(counted, "hours", hour_pieces(entries), 24),
        *_spread(counted, "weekdays", weekday_pieces(entries), 1),
        *_clock(counted, entries, lat, lon),
    ]
    table = pd.concat(tables, ignore_index=True)
    return table.assign(
        what=pd.Categorical.from_codes(table["what"], categories=pd.Index(_WHATS)),
        word=pd.Categorical.from_codes(table["word"], categories=pd.Index(counted.said)),
    )


def count_dark(rows: pd.DataFrame, *, lat: float, lon: float) -> pd.DataFrame:
    """Count rows inside the wards that are precise to the hour by point, and whether it was dark.

    Parameters
    ----------
    rows : pandas.DataFrame
        `partition`, and the columns of `dark_recipe`.
    lat, lon : float
        Decimal degrees, where the sun is looked at.
    """
    rows = rows[rows["ward_match"].eq("inside")]
    times, _ = clock_times(rows)
    kept = rows.loc[times.index]
    x, y = (kept[axis].to_numpy("float64") for axis in ("easting", "northing"))
    point, x, y = distinct_points(x, y)
    dark = light_condition(times, lat, lon).eq("dark").to_numpy()
    entries = pd.DataFrame({"partition": kept["partition"].to_numpy(), "dark": dark, "at": point})
    group, groups = grouped(entries, ["partition", "dark", "at"])
    at = groups.pop("at").to_numpy()
    return groups.assign(part=0, x=x[at], y=y[at], count=np.bincount(group, minlength=len(groups)))


_WHATS = [
    *("hours", "used hours", "no hours", "weekdays", "used weekdays", "no weekdays"),
    *("light", "no light", "dates"),
]


@dataclass(frozen=True)
class _Counted:
    """Distinct entries, the group each is in, and how many reports it stands for."""

    groups: pd.DataFrame
    group: Codes
    count: npt.NDArray[np.float64]
    said: list[str] = field(default_factory=list)
    """Words met so far; they and what is counted are numbers until all is put together."""

    def slots(
        self, what: str, entry: Codes, slot: Codes, weight: npt.NDArray[np.float64] | float = 1.0
    ) -> pd.DataFrame:
        """Add up by group and slot."""
        low = int(slot.min()) if len(slot) else 0
        span = int(slot.max()) - low + 1 if len(slot) else 1
        both, met = pd.factorize(self.group[entry] * span + (slot - low))
        amount = np.bincount(both, self.count[entry] * weight, len(met))
        return self.groups.take(met // span).assign(
            what=_WHATS.index(what), word=-1, slot=met % span + low, amount=amount, part=0
        )

    def words(self, what: str, entry: Codes, code: Codes, words: Sequence[str]) -> pd.DataFrame:
        """Add up by group and word, given by its number."""
        table = self.slots(what, entry, code)
        self.said.extend(word for word in words if word not in self.said)
        number = np.array([self.said.index(word) for word in words], dtype="int64")
        return table.assign(word=number[table["slot"]], slot=0)


def _spread(counted: _Counted, what: str, found: Pieces, hours: int) -> list[pd.DataFrame]:
    reason, words = pd.factorize(found.reason)
    is_used = (words == "")[reason]
    used, out = np.flatnonzero(is_used), np.flatnonzero(~is_used)
    slot = found.weekday * hours + (found.hour if hours > 1 else 0)
    return [
        counted.slots(what, found.row, slot, found.weight),
        counted.words(f"used {what}", used, np.zeros(len(used), dtype="int64"), ["all"]),
        counted.words(f"no {what}", out, reason[out], words.tolist()),
    ]


def _clock(counted: _Counted, entries: pd.DataFrame, lat: float, lon: float) -> list[pd.DataFrame]:
    times, why = clock_times(entries)[0], why_no_hour(entries)
    code, words = pd.factorize(why)
    out = np.flatnonzero(why.ne(""))
    entry = times.index.to_numpy()
    light = light_condition(times, lat, lon).cat.codes.to_numpy().astype("int64")
    return [
        counted.words("light", entry, light, LIGHTS),
        counted.words("no light", out, code[out], words.tolist()),
        counted.slots("dates", entry, clock_hours(times)).assign(part=_DATES),
    ]
