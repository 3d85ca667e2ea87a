"""What a reader could work out from the numbers that are shown, and what to withhold against it.

Every number is a sum of parts: the count of one place, kind and quarter. A shown number is an
equation, a withheld one a range. A withheld number is safe while it could still be several numbers;
that is found by integer programming, not by rule of thumb, so that rows, columns, totals,
overlapping periods and earlier releases are all one system (Fischetti and Salazar 2001, "Solving
the cell suppression problem on tabular data with linear constraints"; here solved greedily).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import optimize, sparse

SECONDS = 2.0
"""Time given to one question; what is not shown to be safe by then counts as unsafe."""

ROOM = 100
"""How far above the truth the search goes."""

SWEEPS = 8
"""Random directions tried first: each settles many numbers at once."""


@dataclass
class System:
    """Numbers as sums of parts, and what is shown of them.

    Attributes
    ----------
    sums : scipy.sparse.csr_array
        A row a number, a column a part, 1 where the part is in the number.
    parts : numpy.ndarray
        The true counts of the parts.
    shown : numpy.ndarray of bool
        Which numbers a reader sees.
    low, high : numpy.ndarray
        What a reader knows of each number that is withheld; `high` may be infinite.
    free : numpy.ndarray of bool
        Which numbers may still be withheld: not those of earlier releases.
    widest : numpy.ndarray
        What `low` becomes if a mark that says a range no longer may.
    need : int
        A withheld number must be able to be at least `need` + 1 different numbers.
    small : tuple of int
        Parts from the first to the second of these are withheld even where no table shows them.
    order : numpy.ndarray
        Which numbers are withheld first, the least first; made without looking at any count.
    possible : list of numpy.ndarray
        Parts as a reader must reckon they may be, as found so far. They stay possible when more is
        withheld, so nothing is asked twice.
    """

    sums: sparse.csr_array
    parts: np.ndarray
    shown: np.ndarray
    low: np.ndarray
    high: np.ndarray
    free: np.ndarray
    widest: np.ndarray
    need: int
    small: tuple[int, int]
    order: np.ndarray
    values: np.ndarray = field(init=False)
    possible: list[np.ndarray] = field(init=False, default_factory=list)
    sizes: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        """Merge the parts that no number tells apart."""
        together = sparse.csr_array(self.sums).T.tocsr()
        together.sort_indices()
        keys: dict[bytes, int] = {}
        group = np.empty(together.shape[0], dtype="int64")
        for part in range(together.shape[0]):
            row = together.indices[together.indptr[part] : together.indptr[part + 1]]
            group[part] = keys.setdefault(row.tobytes(), len(keys))
        counts = np.bincount(group, weights=self.parts, minlength=len(keys)).round()
        first = np.unique(group, return_index=True)[1] if len(group) else group
        self.sizes = np.asarray(self.sums.sum(axis=1)).ravel()
        self.sums = sparse.csr_array(together[first].T.tocsr())
        self.parts = counts
        self.values = np.asarray(self.sums @ self.parts).ravel()
        self.possible.append(self.parts)

    def hide(self, number: int, least: float) -> None:
        """Withhold a number; a reader takes it to be `least` or more."""
        self.shown[number] = False
        self.low[number] = min(least, self.values[number])
        self.high[number] = np.inf

    def widen(self, number: int) -> None:
        """Let the mark of a withheld number say less."""
        self.low[number], self.high[number] = self.widest[number], np.inf


@dataclass(frozen=True)
class Leak:
    """A number that can be worked out too closely.

    Attributes
    ----------
    row : numpy.ndarray
        The parts it is the sum of.
    by : tuple of int
        The numbers that give it away, as far as is known.
    near : tuple of int
        All that hang together with it.
    """

    row: np.ndarray
    by: tuple[int, ...]
    near: tuple[int, ...] = ()


def leaks(system: System, *, seed: int = 1) -> list[Leak]:
    """Find the withheld numbers and small parts that can be worked out too closely.

    Parameters
    ----------
    system : System
        What is shown.
    seed : int, default 1
        Of the directions that are tried first; the answer does not hang on it.

    Returns
    -------
    list of Leak
        At most one for each set of numbers that hang together; empty when all is safe.
    """
    known, wanted = _known(system), _wanted(system)
    told = np.asarray(wanted @ (~known.parts).astype("int64")).ravel() == 0
    found = []
    for row in wanted[told].toarray():
        by = _why(system, known, np.flatnonzero(row))
        found.append(Leak(row, by))
    chance = np.random.default_rng(seed)
    for parts in _blocks(system, known.parts):
        leak = _leak_of(system, known, parts, wanted, chance)
        if leak is not None:
            found.append(leak)
    return found


@dataclass
class _Known:
    """Parts that follow from one number at a time: which, from which number, and when."""

    parts: np.ndarray
    by: np.ndarray


def _known(system: System) -> _Known:
    """Work out what follows by subtraction alone: a number all but one of whose parts are known."""
    shown = np.flatnonzero(system.shown)
    rows = system.sums[shown]
    known = _Known(np.zeros(len(system.parts), dtype=bool), np.full(len(system.parts), -1))
    for at in np.flatnonzero(system.values[shown] == 0):
        members = rows.indices[rows.indptr[at] : rows.indptr[at + 1]]
        known.by[members[~known.parts[members]]] = shown[at]
        known.parts[members] = True
    while True:
        left = np.asarray(rows @ (~known.parts).astype("int64")).ravel()
        new = np.flatnonzero(left == 1)
        if not len(new):
            return known
        for at in new:
            members = rows.indices[rows.indptr[at] : rows.indptr[at + 1]]
            last = members[~known.parts[members]]
            known.parts[last], known.by[last] = True, shown[at]


def _why(system: System, known: _Known, parts: np.ndarray) -> tuple[int, ...]:
    """List the numbers from which known parts follow, one step after the other."""
    numbers: set[int] = set()
    waiting, seen = list(parts), set()
    while waiting:
        part = waiting.pop()
        if part in seen or not known.parts[part]:
            continue
        seen.add(part)
        number = int(known.by[part])
        if number not in numbers:
            numbers.add(number)
            waiting.extend(_members(system, number))
    return tuple(sorted(numbers))


def _members(system: System, number: int) -> np.ndarray:
    at = system.sums.indptr
    return np.asarray(system.sums.indices[at[number] : at[number + 1]])


def _wanted(system: System) -> sparse.csr_array:
    """List what must not be worked out: withheld numbers, and small parts nobody shows."""
    singles = np.flatnonzero(np.diff(system.sums.indptr) == 1)
    listed = np.zeros(len(system.parts), dtype=bool)
    listed[system.sums.indices[system.sums.indptr[singles]]] = True
    low, high = system.small
    small = np.flatnonzero((system.parts >= low) & (system.parts <= high) & ~listed)
    alone = sparse.csr_array(
        (np.ones(len(small)), (np.arange(len(small)), small)),
        shape=(len(small), len(system.parts)),
    )
    return sparse.csr_array(sparse.vstack([system.sums[~system.shown], alone]).tocsr())


def _blocks(system: System, known: np.ndarray) -> list[np.ndarray]:
    """Split the unknown parts into those that hang together."""
    unknown = np.flatnonzero(~known)
    if not len(unknown):
        return []
    touching = sparse.csr_array(system.sums[:, unknown])
    _, label = sparse.csgraph.connected_components(touching.T @ touching, directed=False)
    return [unknown[label == name] for name in np.unique(label)]


@dataclass(frozen=True)
class _Block:
    """The equations and ranges of parts that hang together."""

    parts: np.ndarray
    numbers: np.ndarray
    rows: sparse.csr_array
    low: np.ndarray
    high: np.ndarray
    truth: np.ndarray

    def extreme(self, direction: np.ndarray) -> np.ndarray | None:
        """Find the whole counts a reader must reckon with that are least in a direction.

        Corners of what is possible are mostly whole already; only where one is not does it take
        an integer programme.
        """
        for whole in (0, 1):
            found = optimize.milp(
                direction, integrality=np.full(len(self.parts), whole),
                # A cap far above the truth: what grows without end is wide enough there.
                bounds=optimize.Bounds(0, self.truth.sum() + ROOM),
                constraints=optimize.LinearConstraint(self.rows, self.low, self.high),
                options={"time_limit": SECONDS},
            )  # fmt: skip
            if found.x is not None:
                counts = np.asarray(found.x).round()
                if whole or np.allclose(counts, found.x, atol=1e-6):
                    return counts
        return None

    def pinning(self, direction: np.ndarray) -> np.ndarray:
        """List the numbers that stop a sum from growing or shrinking: where the dual is not 0."""
        pinned = np.zeros(len(self.numbers), dtype=bool)
        equal = self.low == self.high
        above = ~equal & np.isfinite(self.high)
        below = ~equal & (self.low > 0)
        for sign in (1, -1):
            found = optimize.linprog(
                sign * direction, A_eq=self.rows[equal], b_eq=self.low[equal],
                A_ub=sparse.vstack([self.rows[above], -self.rows[below]]),
                b_ub=np.concatenate([self.high[above], -self.low[below]]),
                bounds=(0, None), method="highs",
            )  # fmt: skip
            if found.status == 0:
                pinned[np.flatnonzero(equal)[np.abs(found.eqlin.marginals) > 1e-7]] = True
                both = np.concatenate([np.flatnonzero(above), np.flatnonzero(below)])
                pinned[both[np.abs(found.ineqlin.marginals) > 1e-7]] = True
        return self.numbers[pinned]


def _block(system: System, known: np.ndarray, parts: np.ndarray) -> _Block:
    rows = sparse.csr_array(system.sums[:, parts])
    numbers = np.flatnonzero(np.diff(rows.indptr) > 0)
    told = np.asarray(system.sums[numbers] @ (system.parts * known)).ravel()
    truth = system.values[numbers]
    shown = system.shown[numbers]
    low = np.where(shown, truth, system.low[numbers]) - told
    high = np.where(shown, truth, system.high[numbers]) - told
    return _Block(parts, numbers, rows[numbers], low, high, system.parts[parts])


def _leak_of(
    system: System,
    known: _Known,
    parts: np.ndarray,
    wanted: sparse.csr_array,
    chance: np.random.Generator,
) -> Leak | None:
    """Find one number of a block that can be worked out too closely, or None."""
    local = sparse.csr_array(wanted[:, parts])
    inside = np.flatnonzero(np.diff(local.indptr) > 0)
    if not len(inside):
        return None
    block, asked = _block(system, known.parts, parts), local[inside].toarray()
    seen = asked @ np.array([witness[parts] for witness in system.possible]).T
    least, most = seen.min(axis=1), seen.max(axis=1)

    def learn(direction: np.ndarray) -> None:
        nonlocal least, most
        witness = block.extreme(direction)
        if witness is not None:
            least = np.minimum(least, asked @ witness)
            most = np.maximum(most, asked @ witness)
            whole = system.parts.copy()
            whole[parts] = witness
            system.possible.append(whole)

    for _ in range(SWEEPS):
        narrow = np.flatnonzero(most - least < system.need)
        if len(narrow):
            learn(chance.choice([-1.0, 1.0], len(narrow)) @ asked[narrow])
    for at, number in enumerate(inside):
        for sign in (1.0, -1.0):
            if most[at] - least[at] < system.need:
                learn(sign * asked[at])
        if most[at] - least[at] < system.need:
            by = _blamed(system, known, block, asked[at])
            near = (int(n) for n in block.numbers)
            return Leak(wanted[[number]].toarray().ravel(), by, tuple(near))
    return None


def _blamed(system: System, known: _Known, block: _Block, direction: np.ndarray) -> tuple[int, ...]:
    """List the numbers that pin a sum, and those that told what was subtracted from them."""
    pinning = block.pinning(direction)
    numbers = {int(n) for n in pinning}
    for number in pinning:
        numbers |= set(_why(system, known, _members(system, int(number))))
    return tuple(sorted(numbers))


def withhold(system: System, *, threshold: int) -> list[Leak]:
    """Withhold further numbers until none that is withheld can be worked out.

    Of the numbers that give one away, that with the fewest parts goes, and of those the first in
    an order of places that hangs on no count; zeros go last. A reader who knows this rule learns
    nothing from which of several was withheld; were it the smallest, it would be known to be no
    greater than those that are shown. Where none is left, marks that say a range are made to say
    less.

    Parameters
    ----------
    system : System
        Changed in place.
    threshold : int
        What a reader takes a further withheld number to be at least.

    Returns
    -------
    list of Leak
        What cannot be helped, since earlier releases give it away by themselves.
    """
    lost: list[Leak] = []
    given_up: set[bytes] = set()
    while True:
        found = [leak for leak in leaks(system) if leak.row.tobytes() not in given_up]
        if not found:
            return lost
        hidden: set[int] = set()
        for leak in found:
            if hidden & set(leak.by):
                continue  # something it hangs on has just gone: look again first
            choice = _choice(system, leak)
            if choice is not None:
                system.hide(choice, float(threshold))
                hidden.add(choice)
            elif not _widened(system, leak):
                given_up.add(leak.row.tobytes())
                lost.append(leak)


def _choice(system: System, leak: Leak) -> int | None:
    spare = [n for n in leak.by if system.shown[n] and system.free[n]]
    spare = spare or [n for n in leak.near if system.shown[n] and system.free[n]]
    return min(
        spare, default=None,
        key=lambda n: (system.values[n] == 0, system.sizes[n], system.order[n], n),
    )  # fmt: skip


def _widened(system: System, leak: Leak) -> bool:
    """Make the marks of a leak say less; tell whether any did."""
    own = np.flatnonzero(np.asarray(system.sums @ leak.row).ravel() > 0)
    said = (system.low > system.widest) | np.isfinite(system.high)
    marked = [n for n in {*leak.by, *leak.near, *own} if system.free[n] and said[n]]
    marked = [n for n in marked if not system.shown[n]]
    for number in marked:
        system.widen(number)
    return bool(marked)
