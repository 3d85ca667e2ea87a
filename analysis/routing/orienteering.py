"""Which stops, in which order: worth most within the time (the orienteering problem).

Small instances are solved exactly; larger ones by a search that is deterministic for its seed.
Minutes throughout. A loop and a line are the same here: only the minutes to the end differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

EXACT_MOST = 12
"""Stops up to which every choice is looked at: 2^12 sets."""

ROUNDS = 100
"""Times the search shakes its best route and mends it again."""

_SLACK = 1e-9


@dataclass(frozen=True)
class Problem:
    """Stops to choose from.

    Attributes
    ----------
    first, last : numpy.ndarray
        Minutes from the start to each stop, and from each stop to the end; infinite where there is
        no way.
    between : numpy.ndarray
        Minutes from stop to stop.
    stay : numpy.ndarray
        Minutes at each stop.
    worth : numpy.ndarray
        What a stop is worth, above zero.
    direct : float
        Minutes from the start to the end without a stop.
    budget : float
        Minutes there are.
    """

    first: np.ndarray
    between: np.ndarray
    last: np.ndarray
    stay: np.ndarray
    worth: np.ndarray
    direct: float
    budget: float

    @cached_property
    def apart(self) -> np.ndarray:
        """Minutes between all places: the stops, then the start, then the end."""
        n = len(self.worth)
        all_ = np.full((n + 2, n + 2), np.inf)
        all_[:n, :n] = self.between
        all_[n, :n], all_[:n, n] = self.first, self.first
        all_[:n, n + 1] = self.last
        all_[n, n + 1] = self.direct
        return all_

    def minutes(self, order: tuple[int, ...]) -> float:
        """Say how long a route takes, stops included."""
        n = len(self.worth)
        path = (n, *order, n + 1)
        walked = sum(self.apart[a, b] for a, b in zip(path[:-1], path[1:], strict=True))
        return float(walked + sum(self.stay[list(order)]))

    def only(self, chosen: np.ndarray) -> Problem:
        """Keep some of the stops."""
        return Problem(
            self.first[chosen], self.between[np.ix_(chosen, chosen)], self.last[chosen],
            self.stay[chosen], self.worth[chosen], self.direct, self.budget,
        )  # fmt: skip

    def reachable(self) -> np.ndarray:
        """List the stops that fit into the time alone, by their numbers."""
        alone = self.first + self.stay + self.last
        return np.flatnonzero((alone <= self.budget + _SLACK) & (self.worth > 0))


@dataclass(frozen=True)
class Tour:
    """A route through some of the stops.

    Attributes
    ----------
    order : tuple of int
        The stops, in order.
    worth : float
        What they are worth together.
    minutes : float
        How long it takes.
    method : {'exact', 'search'}
        'exact' where no choice is worth more, and none worth as much is shorter.
    """

    order: tuple[int, ...]
    worth: float
    minutes: float
    method: Literal["exact", "search"]


def best_tour(problem: Problem, *, seed: int = 0, rounds: int = ROUNDS) -> Tour:
    """Choose stops and their order: exactly where they are few, else by search.

    Parameters
    ----------
    problem : Problem
        The stops. Those that do not fit into the time alone are left out first.
    seed, rounds : int
        Of the search.

    Returns
    -------
    Tour
        Never longer than the time there is, unless the way from start to end alone is; it has no
        stop then.

    Examples
    --------
    >>> line = Problem(np.array([5.0, 20.0]), np.array([[0.0, 15.0], [15.0, 0.0]]),
    ...     np.array([30.0, 5.0]), np.array([5.0, 5.0]), np.array([1.0, 9.0]), 25.0, 45.0)
    >>> best_tour(line)
    Tour(order=(0, 1), worth=10.0, minutes=35.0, method='exact')
    """
    kept = problem.reachable()
    small = problem.only(kept)
    found = exact(small) if len(kept) <= EXACT_MOST else search(small, seed=seed, rounds=rounds)
    return Tour(tuple(int(kept[i]) for i in found.order), found.worth, found.minutes, found.method)


def exact(problem: Problem) -> Tour:
    """Look at every set of stops, in the best order of each (dynamic programming over sets).

    After Held, M. and Karp, R. (1962), A dynamic programming approach to sequencing problems: the
    shortest way through a set that ends at a stop, from those through the set without it. Work
    grows as 2^n n^2.

    Parameters
    ----------
    problem : Problem
        At most some 15 stops.

    Examples
    --------
    >>> one = Problem(np.array([9.0]), np.zeros((1, 1)), np.array([9.0]), np.array([5.0]),
    ...               np.array([1.0]), 2.0, 20.0)
    >>> exact(one)
    Tour(order=(), worth=0.0, minutes=2.0, method='exact')
    """
    n = len(problem.worth)
    if not n:
        return Tour((), 0.0, problem.direct, "exact")
    best = np.full((1 << n, n), np.inf)
    came = np.full((1 << n, n), -1, dtype="int64")
    best[1 << np.arange(n), np.arange(n)] = problem.first + problem.stay
    everyone = np.arange(n)
    for chosen in range(1, 1 << n):
        now = best[chosen]
        others = everyone[(chosen >> everyone) & 1 == 0]
        if not len(others) or not (now <= problem.budget).any():
            continue
        through = now[:, None] + problem.between[:, others]
        by = through.argmin(axis=0)
        sets = chosen | (1 << others)
        best[sets, others] = through[by, np.arange(len(others))] + problem.stay[others]
        came[sets, others] = by
    return _read_back(problem, best, came)


def _read_back(problem: Problem, best: np.ndarray, came: np.ndarray) -> Tour:
    """Find the set worth most, then the shortest, then the lowest; and its order."""
    n = len(problem.worth)
    numbers = np.arange(1 << n)
    held = (numbers[:, None] >> np.arange(n)) & 1
    worth = np.round(held @ problem.worth, 9)
    ends = best + problem.last
    minutes = ends.min(axis=1)
    minutes[0] = problem.direct
    fits = (minutes <= problem.budget + _SLACK) | (numbers == 0)
    order = np.lexsort((numbers, minutes, -worth, ~fits))
    chosen = int(order[0])
    total, left = float(minutes[chosen]), chosen
    at = int(ends[chosen].argmin()) if chosen else -1
    stops: list[int] = []
    while left:
        stops.append(at)
        left, at = left & ~(1 << at), int(came[left, at])
    return Tour(tuple(stops[::-1]), float(problem.worth[stops].sum()), total, "exact")


def search(problem: Problem, *, seed: int = 0, rounds: int = ROUNDS) -> Tour:
    """Build a route by insertion, mend it by local moves, shake it, and keep the best.

    Moves: turn a stretch round (2-opt), move a stop (or-opt), put a stop in, take one or two out
    and fill up with others. Each round takes a random stretch out, keeps it out for one filling,
    and mends again.

    Parameters
    ----------
    problem : Problem
        Any number of stops.
    seed, rounds : int
        The same give the same route; more rounds never give a worse one.

    Returns
    -------
    Tour
        Never longer than the time there is.
    """
    rng = np.random.default_rng(seed)
    route = _Route(problem)
    if not len(problem.reachable()) or problem.direct > problem.budget + _SLACK:
        return Tour((), 0.0, problem.direct, "search")
    # One start a stop too: two clusters far apart are two routes, and no small move leads across.
    firsts = sorted(problem.reachable(), key=lambda stop: -problem.worth[stop])[:_FIRSTS]
    begun = [[], *([int(stop)] for stop in firsts)]
    powers = {0: (1.0, 2.0, 0.5)}
    starts = [
        route.mended(route.filled(order, power))
        for order in begun
        for power in powers.get(len(order), (1.0,))
    ]
    best = max(starts, key=route.quality)
    now = best
    for _ in range(rounds):
        tried = route.mended(_shaken(route, now, rng))
        if route.quality(tried) >= route.quality(now):
            now = tried
        elif rng.random() < _RETURN:
            now = best
        if route.quality(now) > route.quality(best):
            best = now
    order = tuple(best)
    return Tour(order, float(problem.worth[best].sum()), problem.minutes(order), "search")


_FIRSTS = 20
"""Stops worth most, each of which a start is built round."""

_RETURN = 0.2
"""How often the search goes back to its best route when a shake made it worse."""


def _shaken(route: _Route, now: list[int], rng: np.random.Generator) -> list[int]:
    """Take a stretch out and fill up with others."""
    if not now:
        return now
    length = int(rng.integers(1, max(2, len(now) // 2 + 1)))
    begin = int(rng.integers(0, len(now) - length + 1))
    out = now[begin : begin + length]
    kept = now[:begin] + now[begin + length :]
    power = float(rng.choice([0.5, 1.0, 2.0, 4.0]))
    return route.filled(kept, power, without=out if rng.random() < 0.7 else out[:1])


class _Route:
    """Moves on routes, which are lists of stops; every one fits into the time."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.apart = problem, problem.apart
        self.n = len(problem.worth)
        self.steps = self.apart.tolist()

    def quality(self, order: list[int]) -> tuple[float, float]:
        """Worth first, then time: more is better."""
        worth = round(float(self.problem.worth[order].sum()), 9)
        return worth, -round(self.problem.minutes(tuple(order)), 6)

    def filled(self, order: list[int], power: float, *, without: list[int] | None = None
               ) -> list[int]:  # fmt: skip
        """Put stops in while they fit: those with most worth (to a power) for their time first."""
        order = list(order)
        barred = np.zeros(self.n, dtype=bool)
        barred[[*order, *(without or [])]] = True
        left = self.problem.budget - self.problem.minutes(tuple(order))
        while True:
            cost, place = self._insertions(order)
            fits = ~barred & (cost <= left + _SLACK)
            if not fits.any():
                return order
            gain = np.where(
                fits, self.problem.worth**power / np.maximum(cost, 1e-6), -np.inf
            )  # fmt: skip
            stop = int(gain.argmax())
            order.insert(int(place[stop]), stop)
            barred[stop] = True
            left -= cost[stop]

    def _insertions(self, order: list[int]) -> tuple[np.ndarray, np.ndarray]:
        """Give the minutes each stop would add at its best place, and that place."""
        path = [self.n, *order, self.n + 1]
        a, b = path[:-1], path[1:]
        into, out = self.apart[a, : self.n], self.apart[: self.n, b].T
        cost = into + out - self.apart[a, b][:, None]
        place = cost.argmin(axis=0)
        return cost[place, np.arange(self.n)] + self.problem.stay, place

    def mended(self, order: list[int]) -> list[int]:
        """Move until nothing helps."""
        order = self._shorter(order)
        while True:
            better = self._exchanged(self.filled(order, 1.0))
            better = self._shorter(better)
            if self.quality(better) <= self.quality(order):
                return order
            order = better

    def _exchanged(self, order: list[int]) -> list[int]:
        """Take one stop, or two that follow, out and fill up with others; keep what is best."""
        best, quality = order, self.quality(order)
        for size in (1, 2):
            for begin in range(len(order) - size + 1):
                out = order[begin : begin + size]
                kept = order[:begin] + order[begin + size :]
                for power in (1.0, 4.0):
                    tried = self.filled(kept, power, without=out)
                    if (found := self.quality(tried)) > quality:
                        best, quality = tried, found
        return best

    def _shorter(self, order: list[int]) -> list[int]:
        """Turn stretches round and move stops until the walk gets no shorter."""
        path = [self.n, *order, self.n + 1]
        improved = True
        while improved:
            improved = self._turn(path) or self._move(path)
        return path[1:-1]

    def _turn(self, path: list[int]) -> bool:
        d = self.steps
        for i in range(1, len(path) - 2):
            for j in range(i + 1, len(path) - 1):
                before = d[path[i - 1]][path[i]] + d[path[j]][path[j + 1]]
                after = d[path[i - 1]][path[j]] + d[path[i]][path[j + 1]]
                if after < before - _SLACK:
                    path[i : j + 1] = path[i : j + 1][::-1]
                    return True
        return False

    def _move(self, path: list[int]) -> bool:
        d = self.steps
        for size in (1, 2, 3):
            for i in range(1, len(path) - size):
                part = path[i : i + size]
                rest = path[:i] + path[i + size :]
                saved = (
                    d[path[i - 1]][part[0]] + d[part[-1]][path[i + size]]
                    - d[path[i - 1]][path[i + size]]
                )  # fmt: skip
                for k in range(len(rest) - 1):
                    for piece in (part, part[::-1]):
                        added = (
                            d[rest[k]][piece[0]] + d[piece[-1]][rest[k + 1]]
                            - d[rest[k]][rest[k + 1]]
                        )  # fmt: skip
                        if added < saved - _SLACK:
                            path[:] = rest[: k + 1] + piece + rest[k + 1 :]
                            return True
        return False
