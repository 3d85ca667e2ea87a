"""Which stored rows a file replaces: the rules for two files that speak of one force and month.

A file of police.uk reports is either a whole month of a force, a later edition of it, or somebody's
cut of it (one borough, one search by the API). Nothing in the file says which, so its points do:

- A file **corrects** a stored one if it holds at least 90 % of the stored one's distinct points,
  force by force and month by month. Then the stored rows retire and the new ones count.
- Otherwise somebody must say what is meant: 'replace' (this file stands for the whole month of
  that force) or 'add' (both count, as with two boroughs' cuts of one force).
- After an 'add' several files stand for one month; a correction replaces those that it holds.
  Whatever stays beside it and shares points with it is named in the report.

Odd cases, decided here:

- Points are compared at six decimals of a degree (a tenth of a metre), the precision police.uk
  gives, so that a file re-saved with 51.526299999999996 is still recognised.
- A stored month without a single located row is held by any file; a file without one holds only
  such a month.
- A file seen before is recognised by its content. Its rows that still count are left alone
  whatever the mode. If a later file replaced them, it comes back only with 'replace'.
- Two different files for one force and month in one call contradict each other unless the mode is
  'add': which of them is the later edition cannot be known.
- What came by the API and what came from a file never both count for one month and area. The API
  does not say whose its reports are, so there it matters not which force the file is of. Their
  areas differ only if they share no ward and no distinct point, and both have some; otherwise
  even 'add' is refused. In one call they are refused together.
- A fetch by the API searches the whole area of the workspace, so it always replaces what the last
  one brought for that month.
- A file that was read before in another way (another profile: its digest is the content's, a
  hyphen, and the profile's) always replaces its earlier reading, whole: one file counts once,
  whatever force and months its columns were taken to say.
- A council's month stored without a single located row is held by no file: files without places
  cannot be compared by them, so somebody must say what is meant.
- With 'replace' everything stored for the force and month retires, also parts added by hand and
  also what came by another channel.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geodata import months
from geodata.batches import Batch, Mode
from geodata.errors import StoreConflictError
from geodata.forces import AREA_SEARCH, force_name
from geodata.manifest import Manifest, Partition

POLICE_UK = "police_uk"
HELD_SHARE = 0.9
"""Share of a stored month's distinct points that a file must hold to count as its correction."""

Key = tuple[str, str, str]
"""Source, force and month."""


@dataclass(frozen=True)
class Footprint:
    """Where rows lie: distinct points (see `point_keys`) and the wards they fall in."""

    points: np.ndarray
    wards: frozenset[str]


@dataclass(frozen=True)
class Arrival:
    """The rows of one file for one force and month; `rows` are positions in its incidents."""

    batch: Batch
    key: Key
    rows: np.ndarray


@dataclass(frozen=True)
class Plan:
    """What an import will do: rows to store, partitions to retire, rows that are known."""

    arrivals: tuple[Arrival, ...]
    retired: tuple[Partition, ...]
    new_batches: tuple[Batch, ...]
    already_imported: int
    flags: tuple[str, ...] = ()


def point_keys(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Find the distinct points among coordinates (decimal degrees): sorted whole numbers.

    Examples
    --------
    >>> import numpy as np
    >>> a = point_keys(np.array([-0.216618, -0.21661799999999998, np.nan]), np.array([51.5] * 3))
    >>> len(a)
    1
    """
    known = np.isfinite(lon) & np.isfinite(lat)
    whole = np.rint(lon[known] * 1e6).astype("int64") + 180_000_000
    return np.unique(whole * 1_000_000_000 + np.rint(lat[known] * 1e6).astype("int64"))


def plan(
    manifest: Manifest,
    batches: Sequence[Batch],
    mode: Mode,
    *,
    stored_footprint: Callable[[Partition], Footprint],
    footprint: Callable[[Arrival], Footprint],
) -> Plan:
    """Decide what an import stores and what it retires.

    Parameters
    ----------
    manifest : Manifest
        What is stored.
    batches : sequence of Batch
        The files of one call.
    mode : {'correct', 'replace', 'add'}
        What a person said about files that meet stored months.
    stored_footprint, footprint : callable
        Where stored and arriving rows lie; asked only where the two meet.

    Raises
    ------
    StoreConflictError
        If a file neither corrects what is stored nor a person said what is meant.
    """
    files, repeated = _each_content_once(batches)
    arrivals, known, new = _arrivals(manifest, files)
    _refuse_rivals(arrivals, mode)
    retired = _other_readings(manifest, arrivals)
    read_anew = {id(p) for p in retired}
    live = _by_key(p for p in manifest.live if id(p) not in read_anew)
    flags: list[str] = []
    for arrival in arrivals:
        rivals = _Meeting(arrival, _rivals(live, arrival), stored_footprint, footprint)
        gone = rivals.decide_between_channels(mode)
        retired += gone
        flags += [_other_forces_gone(arrival, p) for p in gone if p.force == AREA_SEARCH]
        stored = live.get(arrival.key, [])
        if not stored:
            continue
        _refuse_return(manifest, arrival, mode)
        meeting = _Meeting(arrival, stored, stored_footprint, footprint)
        retiring = meeting.decide(mode)
        flags += meeting.flags([p for p in stored if p not in retiring])
        retired += retiring
    known += sum(b.rows_in for b in repeated)
    once = {id(p): p for p in retired}.values()  # several files may replace one search of an area
    return Plan(tuple(arrivals), tuple(once), tuple(new), known, tuple(flags))


def _other_readings(manifest: Manifest, arrivals: Sequence[Arrival]) -> list[Partition]:
    """List what other readings of the same content brought, by another profile."""
    digests = {(a.batch.source, a.batch.digest) for a in arrivals}
    contents = {(source, _content(digest)) for source, digest in digests}
    return [
        p
        for p in manifest.live
        if (p.source, _content(p.digest)) in contents and (p.source, p.digest) not in digests
    ]


def _content(digest: str) -> str:
    return digest.partition("-")[0]


def _rivals(live: dict[Key, list[Partition]], arrival: Arrival) -> list[Partition]:
    """List what another channel brought for the month under the name of another force."""
    source, force, month = arrival.key
    return [
        p
        for key, partitions in live.items()
        if key[0] == source
        and key[2] == month
        and key[1] != force
        and AREA_SEARCH in (key[1], force)
        for p in partitions
        if p.channel != arrival.batch.channel
    ]


def _each_content_once(batches: Sequence[Batch]) -> tuple[list[Batch], list[Batch]]:
    first: dict[tuple[str, str], Batch] = {}
    repeated = []
    for batch in sorted(batches, key=lambda b: (b.source, b.file, b.digest)):
        if first.setdefault((batch.source, batch.digest), batch) is not batch:
            repeated.append(batch)
    return list(first.values()), repeated


def _arrivals(
    manifest: Manifest, batches: Sequence[Batch]
) -> tuple[list[Arrival], int, list[Batch]]:
    seen = {(f.source, f.digest) for f in manifest.files}
    counting = {(p.key, p.digest) for p in manifest.live}
    arrivals, known, new = [], 0, []
    for batch in batches:
        if (batch.source, batch.digest) in seen:
            known += len(batch.rejected)
        else:
            new.append(batch)
        for key, rows in split(batch).items():
            if (key, batch.digest) in counting:
                known += len(rows)
            else:
                arrivals.append(Arrival(batch, key, rows))
    return arrivals, known, new


def split(batch: Batch) -> dict[Key, np.ndarray]:
    """Find the rows of each force and month in a file; months it says were empty have none."""
    found: dict[Key, np.ndarray] = {}
    for name, month in batch.empty_months:
        found[batch.source, name, month] = np.empty(0, dtype="int64")
    force, forces = pd.factorize(batch.incidents["force"], use_na_sentinel=True)
    month_of, stored = pd.factorize(batch.incidents["month"])
    pair, pairs = pd.factorize(month_of.astype("int64") * (len(forces) + 1) + force + 1, sort=True)
    order = np.argsort(pair, kind="stable")
    groups = np.split(order, np.cumsum(np.bincount(pair, minlength=len(pairs)))[:-1])
    for code, rows in zip(pairs.tolist() if len(pair) else [], groups, strict=False):
        at_month, at_force = divmod(code, len(forces) + 1)
        name = str(forces[at_force - 1]) if at_force else ""
        found[batch.source, name, str(stored[at_month])] = rows
    return found


def _by_key(partitions: Iterable[Partition]) -> dict[Key, list[Partition]]:
    live: dict[Key, list[Partition]] = defaultdict(list)
    for partition in partitions:
        live[partition.key].append(partition)
    return live


def _refuse_rivals(arrivals: Sequence[Arrival], mode: Mode) -> None:
    first: dict[Key, Arrival] = {}
    for arrival in arrivals:
        other = first.setdefault(arrival.key, arrival)
        two_channels = other.batch.channel != arrival.batch.channel
        if other is arrival or (mode == "add" and not two_channels):
            continue
        raise StoreConflictError(
            f"Two different files speak of {_force_month(arrival.key)}",
            got=f"{other.batch.file} ({len(other.rows):,} rows) and {arrival.batch.file} "
            f"({len(arrival.rows):,} rows)",
            todo="import only the one that holds"
            if two_channels
            else "import only the later edition, or say --add if each covers another area",
        )


def _refuse_return(manifest: Manifest, arrival: Arrival, mode: Mode) -> None:
    gone = [
        p
        for p in manifest.partitions
        if p.retired_by and p.key == arrival.key and p.digest == arrival.batch.digest
    ]
    if gone and mode != "replace":
        raise StoreConflictError(
            f"{arrival.batch.file} was imported before and has since been replaced",
            got=f"an older edition of {_force_month(arrival.key)}, replaced by import "
            f"{gone[-1].retired_by}",
            todo="leave it out, or say --replace to go back to it",
        )


@dataclass(frozen=True)
class _Meeting:
    """A file's rows and the stored partitions of the same force and month."""

    arrival: Arrival
    stored: Sequence[Partition]
    stored_footprint: Callable[[Partition], Footprint]
    footprint: Callable[[Arrival], Footprint]

    def decide_between_channels(self, mode: Mode) -> list[Partition]:
        """List what retires of another channel's partitions, which bear other forces' names."""
        met = [p for p in self.stored if p.rows and len(self.arrival.rows)]
        met = [p for p in met if not self._elsewhere(p)]
        if met and mode != "replace":
            raise self._two_channels(met[0])
        return met

    def decide(self, mode: Mode) -> list[Partition]:
        """List the partitions that retire."""
        if mode == "replace":
            return list(self.stored)
        held = [] if mode == "add" else [p for p in self.stored if self._is_edition(p)]
        if mode == "correct" and not held:
            raise self._conflict()
        beside = [p for p in self.stored if p not in held]
        for partition in beside:
            if partition.channel != self.arrival.batch.channel and not self._elsewhere(partition):
                raise self._two_channels(partition)
        return held

    def flags(self, staying: Sequence[Partition]) -> list[str]:
        """Say where what comes in and what stays count the same points."""
        shared = [(p, self._shared(p)) for p in staying]
        return [
            f"{self.arrival.batch.file} shares {n:,} of {p.points:,} points with what stays stored "
            f"for {_force_month(p.key)}: reports there may count twice."
            for p, n in shared
            if n
        ]

    def _shared(self, partition: Partition) -> int:
        mine, theirs = self.footprint(self.arrival), self.stored_footprint(partition)
        return len(np.intersect1d(mine.points, theirs.points, assume_unique=True))

    def _held(self, partition: Partition) -> float:
        if partition.points:
            return self._shared(partition) / partition.points
        return 1.0 if partition.source == POLICE_UK or not partition.rows else 0.0

    def _is_edition(self, partition: Partition) -> bool:
        searched_again = partition.channel == self.arrival.batch.channel == "api"
        return searched_again or self._held(partition) >= HELD_SHARE

    def _elsewhere(self, partition: Partition) -> bool:
        mine, theirs = self.footprint(self.arrival), self.stored_footprint(partition)
        both_known = len(mine.points) and len(theirs.points)
        return bool(both_known and not self._shared(partition) and not mine.wards & theirs.wards)

    def _conflict(self) -> StoreConflictError:
        best = max(self.stored, key=self._held)
        replaced = sum(p.rows for p in self.stored)
        return StoreConflictError(
            f"{self.arrival.batch.file} is not a correction of what is stored for "
            f"{_force_month(self.arrival.key)}",
            got=f"it holds {self._shared(best):,} of the {best.points:,} places stored "
            f"({self._held(best):.0%}; a correction holds at least {HELD_SHARE:.0%})"
            if best.points
            else "what is stored has no places to compare by",
            todo=f"say --replace if it stands for the whole month ({replaced:,} stored rows would "
            f"retire and {len(self.arrival.rows):,} come in), or --add if it covers another area "
            "and both should count",
        )

    def _two_channels(self, partition: Partition) -> StoreConflictError:
        words = {"file": "a file", "api": "the police.uk API"}
        return StoreConflictError(
            f"{_force_month(self.arrival.key)} is already stored from {words[partition.channel]}",
            got=f"{self.arrival.batch.file}, from {words[self.arrival.batch.channel]}, for the "
            "same area: the same reports would count twice",
            todo="say --replace to keep only what comes now, or leave it out",
        )


def _other_forces_gone(arrival: Arrival, partition: Partition) -> str:
    return (
        f"The {partition.rows:,} reports that the police.uk API gave for "
        f"{months.label(partition.month)} no longer count. They held every force; "
        f"{arrival.batch.file} holds one: import the files of the others too."
    )


def _force_month(key: Key) -> str:
    _, force, month = key
    name = force_name(force) if force == AREA_SEARCH else force or "the reports"
    return f"{name}, {months.label(month)}"
