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

Rows with references are compared one by one, not by their points. A council's next export usually
holds last month's cases again, some of them changed:

- A row that comes again (`geodata.repeats`: the same reference or, without one, the same case,
  start and kind, within a source, provider and record level) replaces the stored one, whatever
  month either is of, and counts once. The stored row retires; the rest of its file stays.
- Where every row of a file's month and of what is stored for it can be told apart in this way,
  nothing else is asked: rows that do not come again stay and count, since an export of what was
  changed lately holds only that. The report says how many they are. 'replace' retires them.
- Of two files in one call that hold the same row, the one that reaches a later month stands, by
  name where they reach as far. The other's row is kept aside as a repeat.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from geodata import months
from geodata.batches import AnyBatch, Key, Mode, Piece
from geodata.errors import StoreConflictError
from geodata.forces import AREA_SEARCH, force_name
from geodata.manifest import Manifest, Partition
from geodata.repeats import NEVER_REPEAT

POLICE_UK = "police_uk"
HELD_SHARE = 0.9
"""Share of a stored month's distinct points that a file must hold to count as its correction."""


@dataclass(frozen=True)
class Footprint:
    """Where rows lie: distinct points (see `point_keys`) and the wards they fall in."""

    points: np.ndarray
    wards: frozenset[str]


@dataclass(frozen=True)
class Arrival:
    """The rows of one file for one force and month.

    `dropped` tells the rows that another file of the call holds too and brings instead, in the
    order of the piece; None where there is none.
    """

    batch: AnyBatch
    key: Key
    piece: Piece
    dropped: np.ndarray | None = None

    @property
    def rows(self) -> int:
        """Rows that will count."""
        return self.piece.rows - (0 if self.dropped is None else int(self.dropped.sum()))


@dataclass(frozen=True)
class Thinned:
    """A stored partition some of whose rows come again; `again` tells which, in their order."""

    partition: Partition
    again: np.ndarray


@dataclass(frozen=True)
class Plan:
    """What an import will do.

    Rows to store, partitions to retire whole and in part, files not met before, rows that are
    known, what to say, and the months that the files speak of.
    """

    arrivals: tuple[Arrival, ...]
    retired: tuple[Partition, ...]
    new_batches: tuple[AnyBatch, ...]
    already_imported: int
    flags: tuple[str, ...] = ()
    months: tuple[str, ...] = ()
    thinned: tuple[Thinned, ...] = ()

    @property
    def replaced(self) -> int:
        """Stored rows that will no longer count."""
        whole = sum(p.rows for p in self.retired)
        return whole + sum(int(t.again.sum()) for t in self.thinned)


@dataclass(frozen=True)
class Questions:
    """What only rows can tell; asked where files and what is stored meet.

    Attributes
    ----------
    stored_footprint, footprint : callable
        Where stored and arriving rows lie.
    stored_keys, keys : callable
        What stored and arriving rows may repeat each other by (`geodata.repeats`), row by row;
        never asked for police.uk.
    expect : callable
        Told of every arrival before anything is asked.
    """

    stored_footprint: Callable[[Partition], Footprint]
    footprint: Callable[[Arrival], Footprint]
    stored_keys: Callable[[Partition], np.ndarray]
    keys: Callable[[Arrival], np.ndarray]
    expect: Callable[[Sequence[Arrival]], None]


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


def plan(manifest: Manifest, batches: Sequence[AnyBatch], mode: Mode, questions: Questions) -> Plan:
    """Decide what an import stores and what it retires.

    Parameters
    ----------
    manifest : Manifest
        What is stored.
    batches : sequence of Batch or SpooledBatch
        The files of one call.
    mode : {'correct', 'replace', 'add'}
        What a person said about files that meet stored months.
    questions : Questions
        What only rows can tell.

    Raises
    ------
    StoreConflictError
        If a file neither corrects what is stored nor a person said what is meant.
    """
    files, repeated = _each_content_once(batches)
    arrivals, known, new, spoken = _arrivals(manifest, files)
    questions.expect(arrivals)
    again = _Again.among(arrivals, manifest.live, questions)
    _refuse_rivals(arrivals, mode, again)
    retired = _other_readings(manifest, arrivals)
    read_anew = {id(p) for p in retired}
    live = _by_key(p for p in manifest.live if id(p) not in read_anew)
    of_month: dict[tuple[str, str], list[Partition]] = defaultdict(list)
    for (source, _, month), found in live.items():
        of_month[source, month] += found
    flags: list[str] = []
    for arrival in arrivals:
        rivals = _Meeting(arrival, _rivals(of_month, arrival), questions)
        gone = rivals.decide_between_channels(mode)
        retired += gone
        flags += [_other_forces_gone(arrival, p) for p in gone if p.force == AREA_SEARCH]
        stored = live.get(arrival.key, [])
        if not stored:
            continue
        _refuse_return(manifest, arrival, mode)
        if mode != "replace" and again.settles(arrival, stored):
            continue
        meeting = _Meeting(arrival, stored, questions)
        retiring = meeting.decide(mode)
        flags += meeting.flags([p for p in stored if p not in retiring])
        retired += retiring
    once = {id(p): p for p in retired}  # several files may replace one search
    staying = [p for p in manifest.live if id(p) not in once]
    thinned = again.thin(staying)
    flags += again.flags(thinned, staying)
    return Plan(
        tuple(again.without_repeats(arrivals)), tuple(once.values()), tuple(new),
        known + sum(b.rows_in for b in repeated), tuple(flags), tuple(sorted(spoken)),
        tuple(thinned),
    )  # fmt: skip


@dataclass
class _Again:
    """Which arriving rows come again: in another file of the call, or being stored already.

    `dropped` tells the rows of an arrival, by its identity, that another file brings; `arriving`
    are all keys of a source and force that something else speaks of too, sorted.
    """

    questions: Questions
    dropped: dict[int, np.ndarray]
    arriving: dict[tuple[str, str], np.ndarray]
    _apart: dict[int, bool] = field(default_factory=dict)
    _stored: dict[int, np.ndarray] = field(default_factory=dict)

    @classmethod
    def among(
        cls, arrivals: Sequence[Arrival], live: Sequence[Partition], questions: Questions
    ) -> _Again:
        """Find the rows that several files of a call hold; the file that reaches latest stands."""
        dropped = {}
        arriving: dict[tuple[str, str], np.ndarray] = {}
        by_batch: dict[int, list[Arrival]] = defaultdict(list)
        for arrival in _met_elsewhere(arrivals, live):
            by_batch[id(arrival.batch)].append(arrival)
        order = sorted(by_batch.values(), key=_reach, reverse=True)
        for mine in order:
            fresh: dict[tuple[str, str], list[np.ndarray]] = defaultdict(list)
            for arrival in mine:
                scope, keys = arrival.key[:2], questions.keys(arrival)
                met = _is_among(keys, arriving.get(scope, _NONE))
                if met.any():
                    dropped[id(arrival)] = met
                fresh[scope].append(keys[keys != 0])
            for scope, found in fresh.items():
                arriving[scope] = np.concatenate([arriving.get(scope, _NONE), *found])
                arriving[scope].sort()
        return cls(questions, dropped, arriving)

    def settles(self, arrival: Arrival, stored: Sequence[Partition]) -> bool:
        """Tell whether every row, arriving and stored, can be told apart by its key."""
        if arrival.batch.source in NEVER_REPEAT:
            return False
        if id(arrival) not in self._apart:
            keys = self.questions.keys(arrival)
            self._apart[id(arrival)] = len(keys) > 0 and bool(keys.all())
        if not self._apart[id(arrival)]:
            return False
        return all(self._keys_of(p).all() for p in stored)

    def thin(self, live: Sequence[Partition]) -> list[Thinned]:
        """List the stored partitions some of whose rows come again."""
        found = []
        for partition in live:
            arriving = self.arriving.get(partition.key[:2], _NONE)
            if len(arriving) and partition.rows:
                again = _is_among(self._keys_of(partition), arriving)
                if again.any():
                    found.append(Thinned(partition, again))
        return found

    def without_repeats(self, arrivals: Sequence[Arrival]) -> list[Arrival]:
        """Mark the rows that another file of the call brings instead."""
        return [replace(a, dropped=self.dropped.get(id(a))) for a in arrivals]

    def flags(self, thinned: Sequence[Thinned], live: Sequence[Partition]) -> list[str]:
        """Say how many rows came again, and how many of the same months did not."""
        said = []
        twice = sum(int(d.sum()) for d in self.dropped.values())
        if twice:
            said.append(f"{twice:,} rows are in several of these files: the latest file's count.")
        again = sum(int(t.again.sum()) for t in thinned)
        if again:
            said.append(f"{again:,} stored rows came again: the newer ones count instead.")
            touched = {t.partition.key for t in thinned}
            staying = sum(p.rows for p in live if p.key in touched) - again
            if staying:
                said.append(
                    f"{staying:,} stored rows of the same months did not come again: they stay."
                )
        return said

    def _keys_of(self, partition: Partition) -> np.ndarray:
        if id(partition) not in self._stored:
            self._stored[id(partition)] = self.questions.stored_keys(partition)
        return self._stored[id(partition)]


_NONE = np.empty(0, dtype="u8")


def _met_elsewhere(arrivals: Sequence[Arrival], live: Sequence[Partition]) -> list[Arrival]:
    """List the arrivals whose rows another file of the call may hold, or what is stored."""
    files: dict[tuple[str, str], set[int]] = defaultdict(set)
    for arrival in arrivals:
        files[arrival.key[:2]].add(id(arrival.batch))
    stored = {p.key[:2] for p in live}
    return [
        a
        for a in arrivals
        if a.batch.source not in NEVER_REPEAT and (a.key[:2] in stored or len(files[a.key[:2]]) > 1)
    ]


def _is_among(keys: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Tell which keys are among others, which are sorted; 0 never is."""
    if not len(others):
        return np.zeros(len(keys), dtype=bool)
    place = np.searchsorted(others, keys)
    place[place == len(others)] = 0
    return (others[place] == keys) & (keys != 0)


def _reach(arrivals: Sequence[Arrival]) -> tuple[str, str, str]:
    batch = arrivals[0].batch
    return batch.last_month, batch.file, batch.digest


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


def _rivals(of_month: dict[tuple[str, str], list[Partition]], arrival: Arrival) -> list[Partition]:
    """List what another channel brought for the month under the name of another force."""
    source, force, month = arrival.key
    return [
        p
        for p in of_month.get((source, month), ())
        if p.force != force
        and AREA_SEARCH in (p.force, force)
        and p.channel != arrival.batch.channel
    ]


def _each_content_once(
    batches: Sequence[AnyBatch],
) -> tuple[list[AnyBatch], list[AnyBatch]]:
    first: dict[tuple[str, str], AnyBatch] = {}
    repeated = []
    for batch in sorted(batches, key=lambda b: (b.source, b.file, b.digest)):
        if first.setdefault((batch.source, batch.digest), batch) is not batch:
            repeated.append(batch)
    return list(first.values()), repeated


def _arrivals(
    manifest: Manifest, batches: Sequence[AnyBatch]
) -> tuple[list[Arrival], int, list[AnyBatch], set[str]]:
    seen = {(f.source, f.digest) for f in manifest.files}
    counting = {(p.key, p.digest) for p in manifest.live}
    arrivals, known, new, spoken = [], 0, [], set()
    for batch in batches:
        if (batch.source, batch.digest) in seen:
            known += batch.rejected_rows
        else:
            new.append(batch)
        for key, piece in batch.pieces().items():
            spoken.add(key[2])
            if (key, batch.digest) in counting:
                known += piece.rows + piece.merged + piece.duplicates
            else:
                arrivals.append(Arrival(batch, key, piece))
    return arrivals, known, new, spoken


def _by_key(partitions: Iterable[Partition]) -> dict[Key, list[Partition]]:
    live: dict[Key, list[Partition]] = defaultdict(list)
    for partition in partitions:
        live[partition.key].append(partition)
    return live


def _refuse_rivals(arrivals: Sequence[Arrival], mode: Mode, again: _Again) -> None:
    first: dict[Key, Arrival] = {}
    for arrival in arrivals:
        other = first.setdefault(arrival.key, arrival)
        two_channels = other.batch.channel != arrival.batch.channel
        if other is arrival or (mode == "add" and not two_channels):
            continue
        if again.settles(arrival, ()) and again.settles(other, ()):
            continue
        raise StoreConflictError(
            f"Two different files speak of {_force_month(arrival.key)}",
            got=f"{other.batch.file} ({other.rows:,} rows) and {arrival.batch.file} "
            f"({arrival.rows:,} rows)",
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
    questions: Questions

    def decide_between_channels(self, mode: Mode) -> list[Partition]:
        """List what retires of another channel's partitions, which bear other forces' names."""
        met = [p for p in self.stored if p.rows and self.arrival.rows]
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
        mine = self.questions.footprint(self.arrival)
        theirs = self.questions.stored_footprint(partition)
        return len(np.intersect1d(mine.points, theirs.points, assume_unique=True))

    def _held(self, partition: Partition) -> float:
        if partition.points:
            return self._shared(partition) / partition.points
        return 1.0 if partition.source == POLICE_UK or not partition.rows else 0.0

    def _is_edition(self, partition: Partition) -> bool:
        searched_again = partition.channel == self.arrival.batch.channel == "api"
        return searched_again or self._held(partition) >= HELD_SHARE

    def _elsewhere(self, partition: Partition) -> bool:
        mine = self.questions.footprint(self.arrival)
        theirs = self.questions.stored_footprint(partition)
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
            f"retire and {self.arrival.rows:,} come in), or --add if it covers another area "
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
