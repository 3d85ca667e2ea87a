"""The best plan there is, with a proof or the gap to one, found with OR-tools' CP-SAT.

Every wish becomes a variable that says how often it is broken; the sum of the scores of the places
chosen, less what the broken wishes are worth, is made as large as it can be. `assignment.value`
works out the same number from the plan alone.

Places come first, dates after: if, with the best places there are, the dates cost nothing, no plan
is better. Only where dates do cost something are places and dates looked for together.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from itertools import combinations
from typing import TypeAlias

import numpy as np
from ortools.sat.python import cp_model
from scipy.spatial import cKDTree

from analysis.planning.assignment import (
    WOMENS_WALK,
    Event,
    Plan,
    Programme,
    is_held_back,
    quarter,
    week_of,
)
from analysis.planning.wishes import SAME_SPOT_M, WishKind
from geodata.errors import NotEnoughDataError

_Var: TypeAlias = cp_model.IntVar
_Sum: TypeAlias = cp_model.LinearExpr
_total = cp_model.LinearExpr.sum

SECONDS = 5.0
"""How long the solver may look for a better plan."""

EXPLAIN_SECONDS = 0.3
"""How long to look for what a wish collides with, each time."""

SCALE = 1000
"""Points are counted in thousandths: the solver works in whole numbers."""

NO_PLACE = 10_000_000
"""What leaving an event without a place costs, in thousandths: done only where none is left."""


@dataclass(frozen=True)
class Collision:
    """Wishes that cannot all be kept.

    Attributes
    ----------
    given_up : tuple of str
        The wish that the best plan gives up: its kind and where or when.
    collides_with : tuple of tuple of str
        The fewest other wishes that stand against it.
    ruled_out : bool
        Whether it was shown that no plan keeps it together with those, or, where there are none,
        with what is fixed. If not, it may be that keeping it loses more score than it is worth.
    points : float
        What giving it up costs.
    """

    given_up: tuple[WishKind, str]
    collides_with: tuple[tuple[WishKind, str], ...]
    ruled_out: bool
    points: float


@dataclass(frozen=True)
class Solved:
    """A plan with what is known about how good it is.

    Attributes
    ----------
    plan : Plan
        Place and day of every event.
    points : float
        Its value.
    gap : float
        Points by which a better plan could still be better; 0 when proven. One that finds a place
        for an event that has none here counts as 10,000 points better.
    proven : bool
        Whether no better plan exists.
    collisions : tuple of Collision
        Wishes given up, and why; at most 6 are explained.
    """

    plan: Plan
    points: float
    gap: float
    proven: bool
    collisions: tuple[Collision, ...]


@dataclass
class _Model:
    """The variables of a programme; built once, solved for the best plan and for collisions."""

    programme: Programme
    cp: cp_model.CpModel = field(default_factory=cp_model.CpModel)
    at: dict[tuple[str, str], _Var] = field(default_factory=dict)
    on: dict[tuple[str, date], _Var] = field(default_factory=dict)
    nowhere: dict[str, _Var] = field(default_factory=dict)
    lost: dict[tuple[WishKind, str], _Var] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.candidates = {e.event_id: self.programme.candidates(e) for e in self.programme.events}
        self.days = {e.event_id: self.programme.days_for(e) for e in self.programme.events}
        for event in self.programme.events:
            self._choices(event)
        self.used, self.fixed = self._uses()
        self._one_spot_once()
        for rule in (
            *(self._same_place, self._spacing, self._ward_quarter, self._pairs, self._teams),
            self._hours,
            *(self._recently_visited, self._step_free, self._avoid_date, self._dark),
            self._coverage,
        ):
            rule()

    def _choices(self, event: Event) -> None:
        own = event.event_id
        for place in self.candidates[own]:
            self.at[own, place] = self.cp.new_bool_var(f"{own} at {place}")
        self.nowhere[own] = self.cp.new_bool_var(f"{own} nowhere")
        self.cp.add_exactly_one(
            [self.nowhere[own], *(self.at[own, p] for p in self.candidates[own])]
        )
        for day in self.days[own]:
            self.on[own, day] = self.cp.new_bool_var(f"{own} on {day}")
        if self.days[own]:
            self.cp.add_exactly_one([self.on[own, day] for day in self.days[own]])

    def _uses(self) -> tuple[dict[str, list[_Var]], dict[str, int]]:
        used: dict[str, list[_Var]] = defaultdict(list)
        fixed: dict[str, int] = defaultdict(int)
        for event in self.programme.events:
            if event.place is not None:
                fixed[event.place] += 1
                continue
            if event.event_id in self.programme.followers:
                continue  # at the place of its pair: it takes no further spot
            for place in self.candidates[event.event_id]:
                used[place].append(self.at[event.event_id, place])
        return used, fixed

    def _same_place(self) -> None:
        """Two of a pair that are both open go to one place."""
        for event in self.programme.events:
            own, other = event.event_id, self.programme.partner.get(event.event_id, "")
            if own not in self.programme.followers or self.programme.by_id[other].place is not None:
                continue
            for place in sorted({*self.candidates[own], *self.candidates[other]}):
                self.cp.add(self.at.get((own, place), 0) == self.at.get((other, place), 0))
            self.cp.add(self.nowhere[own] == self.nowhere[other])

    def _near(self, metres: float) -> Iterator[tuple[str, str]]:
        """Pairs of different places closer than so many metres."""
        names = sorted({*self.used, *self.fixed})
        where = self.programme.places.loc[names, ["easting", "northing"]].to_numpy("float64")
        known = np.isfinite(where).all(axis=1)
        kept = [name for name, ok in zip(names, known, strict=True) if ok]
        if not kept:
            return
        pairs = cKDTree(where[known]).query_pairs(np.nextafter(metres, 0), output_type="ndarray")
        for i, j in sorted(map(tuple, pairs.tolist())):
            yield kept[i], kept[j]

    def _one_spot_once(self) -> None:
        for place, uses in self.used.items():
            self.cp.add(_total(uses) <= (0 if self.fixed.get(place) else 1))
        for a, b in self._near(SAME_SPOT_M):
            both = [*self.used.get(a, []), *self.used.get(b, [])]
            taken = bool(self.fixed.get(a) or self.fixed.get(b))
            if both:
                self.cp.add(_total(both) <= (0 if taken else 1))

    def _broken(self, kind: WishKind, what: str, most: int = 1) -> _Var:
        """Count how often a wish is broken; asked for again, the same count."""
        if (kind, what) not in self.lost:
            self.lost[kind, what] = self.cp.new_int_var(0, most, f"{kind} {what}")
        return self.lost[kind, what]

    def _spacing(self) -> None:
        least = self.programme.wishes.spacing_m
        if least is None:
            return
        for a, b in self._near(least):
            first, second = self.used.get(a, []), self.used.get(b, [])
            times = 1 + self.fixed.get(a, 0) + self.fixed.get(b, 0)
            if first and second:
                self.cp.add(
                    _total(first) + _total(second) - 1 <= self._broken("spacing", f"{a}|{b}", times)
                )
            for free, taken in ((first, self.fixed.get(b, 0)), (second, self.fixed.get(a, 0))):
                if free and taken:
                    self.cp.add(taken * _total(free) <= self._broken("spacing", f"{a}|{b}", times))

    def _in_ward(self, event: Event) -> dict[str, _Sum]:
        wards: dict[str, list[_Var]] = defaultdict(list)
        codes = self.programme.ward
        for place in self.candidates[event.event_id]:
            if place in codes:
                wards[codes[place]].append(self.at[event.event_id, place])
        return {ward: _total(uses) for ward, uses in sorted(wards.items())}

    def _ward_quarter(self) -> None:
        most = self.programme.wishes.per_ward_quarter
        if most is None:
            return
        there: dict[tuple[str, str], list[_Sum]] = defaultdict(list)
        for event in self.programme.events:
            quarters = sorted({quarter(day) for day in self.days[event.event_id]})
            for ward, uses in self._in_ward(event).items():
                for when in quarters:
                    there[ward, when].append(self._both(event, uses, when, len(quarters)))
        for (ward, when), events in there.items():
            if len(events) > most:
                left = len(events) - most
                self.cp.add(
                    _total(events) - most <= self._broken("ward_quarter", f"{ward}, {when}", left)
                )

    def _both(self, event: Event, uses: _Sum, when: str, quarters: int) -> _Sum:
        """Count an event in a ward in a quarter."""
        if quarters == 1:
            return uses
        days = [self.on[event.event_id, d] for d in self.days[event.event_id] if quarter(d) == when]
        both = self.cp.new_bool_var("")
        self.cp.add(both >= uses + _total(days) - 1)
        return both

    def _pairs(self) -> None:
        """Events in one ward lie days apart; none on one day in wards that touch."""
        wishes = self.programme.wishes
        dated = [e for e in self.programme.events if self.days[e.event_id]]
        wards = {e.event_id: self._in_ward(e) for e in dated}
        for a, b in combinations(dated, 2):
            if self.programme.partner.get(a.event_id) == b.event_id:
                continue
            one, two = wards[a.event_id], wards[b.event_id]
            same = self._meet(one, two, touching=False)
            if wishes.ward_days is not None and same is not None:
                self._apart(a, b, same, wishes.ward_days)
            near = self._meet(one, two, touching=True)
            if wishes.neighbours_apart and near is not None:
                self._not_together(a, b, near)

    def _meet(self, one: dict[str, _Sum], two: dict[str, _Sum], *, touching: bool) -> _Var | None:
        """Whether two events are in one ward (or in wards that touch); None if they cannot be."""
        near = None
        for ward, uses in one.items():
            beside = [
                u for v, u in two.items()
                if v == ward or (touching and frozenset((v, ward)) in self.programme.neighbours)
            ]  # fmt: skip
            if beside:
                near = self.cp.new_bool_var("") if near is None else near
                self.cp.add(near >= uses + _total(beside) - 1)
        return near

    def _apart(self, a: Event, b: Event, near: _Var, least: int) -> None:
        broken = self._broken("ward_days", f"{a.event_id}|{b.event_id}")
        first, second = self._ordinal(a), self._ordinal(b)
        earlier, fine = self.cp.new_bool_var(""), self.cp.new_bool_var("")
        self.cp.add(first - second >= least).only_enforce_if([fine, earlier])
        self.cp.add(second - first >= least).only_enforce_if([fine, earlier.Not()])
        self.cp.add(near - fine <= broken)

    def _ordinal(self, event: Event) -> _Sum:
        days = self.days[event.event_id]
        return _total([self.on[event.event_id, day] * day.toordinal() for day in days])

    def _not_together(self, a: Event, b: Event, near: _Var) -> None:
        shared = set(self.days[a.event_id]) & set(self.days[b.event_id])
        for day in sorted(shared):
            broken = self._broken("neighbours", f"{a.event_id}|{b.event_id}")
            on = self.on[a.event_id, day] + self.on[b.event_id, day]
            self.cp.add(near + on - 2 <= broken)

    def _teams(self) -> None:
        most = self.programme.wishes.teams
        if most is None:
            return
        days: dict[date, list[_Var]] = defaultdict(list)
        for (_, day), var in self.on.items():
            days[day].append(var)
        for day, events in sorted(days.items()):
            if len(events) > most:
                left = len(events) - most
                self.cp.add(_total(events) - most <= self._broken("teams", day.isoformat(), left))

    def _hours(self) -> None:
        most = self.programme.wishes.hours_week
        if most is None:
            return
        weeks: dict[str, list[_Sum]] = defaultdict(list)
        at_most: dict[str, int] = defaultdict(int)
        for event in self.programme.events:
            for day in self.days[event.event_id]:
                weeks[week_of(day)].append(self.on[event.event_id, day] * event.minutes)
            for week in {week_of(day) for day in self.days[event.event_id]}:
                at_most[week] += event.minutes
        for week, minutes in sorted(weeks.items()):
            over = at_most[week] - round(60 * most)
            if over > 0:
                broken = self._broken("hours", week, -(-over // 60))
                self.cp.add(_total(minutes) - round(60 * most) <= 60 * broken)

    def _recently_visited(self) -> None:
        for event in self.programme.events:
            if event.place is not None:
                continue
            days = self.days[event.event_id]
            for place in self.candidates[event.event_id]:
                until, here = self.programme.held.get(place), self.at[event.event_id, place]
                if until is None:
                    continue
                what = f"{event.event_id}|{place}"
                early = [self.on[event.event_id, day] for day in days if day < until]
                if early:
                    broken = self._broken("recently_visited", what)
                    self.cp.add(here + _total(early) - 1 <= broken)
                elif not days and is_held_back(self.programme, place, None):
                    self.cp.add(here <= self._broken("recently_visited", what))

    def _step_free(self) -> None:
        if not self.programme.wishes.step_free:
            return
        known = self.programme.places["step_free"]
        for event in self.programme.events:
            if event.place is None:
                steps = [p for p in self.candidates[event.event_id] if known[p] is not True]
                uses = [self.at[event.event_id, place] for place in steps]
                if uses:
                    self.cp.add(_total(uses) <= self._broken("step_free", event.event_id))

    def _avoid_date(self) -> None:
        for event in self.programme.events:
            self._no_day(event, "avoid_date", lambda day: not self.programme.wishes.avoided(day))

    def _dark(self) -> None:
        for event in self.programme.events:
            if self.programme.wishes.dark and event.event_type == WOMENS_WALK:
                self._no_day(event, "dark", partial(self.programme.is_light_kept, event))

    def _no_day(self, event: Event, kind: WishKind, fine: Callable[[date], bool]) -> None:
        wrong = [self.on[event.event_id, d] for d in self.days[event.event_id] if not fine(d)]
        if wrong:
            self.cp.add(_total(wrong) <= self._broken(kind, event.event_id))

    def _coverage(self) -> None:
        due, owed = self.programme.for_coverage()
        if not owed:
            return
        wards = self.programme.ward
        there = [
            self.at[e.event_id, place]
            for e in self.programme.events
            if e.place is None and e.ward is None
            for place in self.candidates[e.event_id]
            if wards.get(place) in due
        ]
        self.cp.add(owed - _total(there) <= self._broken("coverage", ", ".join(due), owed))

    def objective(self) -> _Sum:
        """Points gained less points lost, in thousandths."""
        gained = [
            round(self.programme.points(event, place) * SCALE) * self.at[event.event_id, place]
            for event in self.programme.events
            if event.place is None
            for place in self.candidates[event.event_id]
        ]
        lost = [
            round(self.programme.wishes.points(kind) * SCALE) * var
            for (kind, _), var in self.lost.items()
        ]
        return _total(gained) - _total(lost) - NO_PLACE * _total(list(self.nowhere.values()))


def solve(programme: Programme, *, seconds: float = SECONDS, seed: int = 1) -> Solved:
    """Find the best plan.

    Parameters
    ----------
    programme : Programme
        Events, places, days and wishes.
    seconds : float, default 5
        How long to look; what was found by then is given with its gap.
    seed : int
        Of the search: the same programme gives the same plan.

    Returns
    -------
    Solved
        Every event has a place where any is left; what was fixed is kept.

    Examples
    --------
    >>> import pandas as pd
    >>> from analysis.planning.wishes import Wishes
    >>> places = pd.DataFrame({"ward_code": ["A", "A"], "easting": [0.0, 900.0],
    ...     "northing": [0.0, 0.0], "choosable": True, "venue": True, "step_free": None,
    ...     "last_visited": None, "unresolved": False}, index=["p", "q"])
    >>> worth = pd.DataFrame({"walkabout": [40.0, 70.0]}, index=["p", "q"])
    >>> events = (Event("1", "walkabout", ward="A"), Event("2", "walkabout", place="q"))
    >>> solve(Programme(events, places, worth, Wishes())).plan.place
    {'1': 'p', '2': 'q'}
    """
    started = time.monotonic()
    first = _run(_Model(replace(programme, days=())), seconds / 2, seed)
    model = _Model(programme)
    second = _run(model, seconds / 4, seed, places=first.plan.place) if programme.days else first
    bound = first.bound
    if not second.is_worth(bound):
        left = max(0.5, seconds - (time.monotonic() - started))
        third = _run(_Model(programme), left, seed, hint=second.plan)
        bound = min(first.bound, third.bound)
        second = third if third.objective >= second.objective else second
    return Solved(
        second.plan,
        second.points,
        (bound - second.objective) / SCALE,
        second.is_worth(bound),
        tuple(_collisions(programme, second, seed)),
    )


@dataclass(frozen=True)
class _Run:
    """What one search found, in thousandths of a point."""

    plan: Plan
    objective: float
    bound: float
    lost: dict[tuple[WishKind, str], int]

    @property
    def points(self) -> float:
        """Value of the plan; that an event has no place is said apart and costs no points."""
        short = NO_PLACE * sum(place is None for place in self.plan.place.values())
        return (self.objective + short) / SCALE

    def is_worth(self, bound: float) -> bool:
        """Whether no plan is worth more."""
        return self.objective >= bound - 0.5


def _run(
    model: _Model,
    seconds: float,
    seed: int,
    *,
    places: Mapping[str, str | None] | None = None,
    hint: Plan | None = None,
) -> _Run:
    """Search once: with the places settled, or from a plan that is known, or from nothing."""
    for event, place in (places or {}).items():
        model.cp.add((model.nowhere[event] if place is None else model.at[event, place]) == 1)
    if hint is not None:
        for (event, place), var in model.at.items():
            model.cp.add_hint(var, hint.place[event] == place)
        for (event, day), var in model.on.items():
            model.cp.add_hint(var, hint.day[event] == day)
    model.cp.maximize(model.objective())
    solver = _solver(seconds, seed)
    status = solver.solve(model.cp)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise NotEnoughDataError(
            "No plan was found in the time given",
            got=f"{seconds:.1f} seconds ({solver.status_name(status).lower()})",
            todo="give it longer, or plan fewer events at once",
        )
    lost = {key: int(solver.value(var)) for key, var in model.lost.items()}
    return _Run(_plan(model, solver), solver.objective_value, solver.best_objective_bound, lost)


def _solver(seconds: float, seed: int) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.random_seed = seed
    solver.parameters.num_workers = 1  # several find one of several equal plans, by chance
    return solver


def _plan(model: _Model, solver: cp_model.CpSolver) -> Plan:
    place: dict[str, str | None] = {e.event_id: None for e in model.programme.events}
    day: dict[str, date | None] = {e.event_id: None for e in model.programme.events}
    place.update({event: where for (event, where), var in model.at.items() if solver.value(var)})
    day.update({event: when for (event, when), var in model.on.items() if solver.value(var)})
    return Plan(place, day)


MOST_EXPLAINED = 6
DATED: tuple[WishKind, ...] = (
    "ward_quarter",
    "ward_days",
    "teams",
    "hours",
    "neighbours",
    "avoid_date",
    "dark",
)
"""Wishes that turn on the date. With the places settled they collide with each other only."""


def _collisions(programme: Programme, run: _Run, seed: int) -> Iterator[Collision]:
    """Say of each wish given up which others it cannot be had with."""
    by_place = _Model(replace(programme, days=()))
    by_date = _Model(programme)
    for event, place in run.plan.place.items():
        chosen = by_date.nowhere[event] if place is None else by_date.at[event, place]
        by_date.cp.add(chosen == 1)
        by_place.cp.add(by_place.nowhere[event] == int(place is None))
    given_up = [key for key, times in run.lost.items() if times]
    for key in given_up[:MOST_EXPLAINED]:
        model = by_date if key[0] in DATED or key not in by_place.lost else by_place
        kept = [k for k in model.lost if not run.lost.get(k)]
        core = _core(model, [*kept, key], key, seed)
        cost = programme.wishes.points(key[0]) * run.lost[key]
        yield Collision(key, tuple(core or ()), core is not None, cost)


def _core(
    model: _Model, wanted: list[tuple[WishKind, str]], key: tuple[WishKind, str], seed: int
) -> list[tuple[WishKind, str]] | None:
    """List the fewest wishes that cannot be kept together with `key`; None if all can."""
    if _infeasible(model, [key], seed) is not None:
        return []  # what is fixed rules it out by itself
    core = _infeasible(model, wanted, seed)
    if core is None:
        return None
    rest = [k for k in core if k != key]
    for candidate in list(rest):
        smaller = [k for k in rest if k != candidate]
        if _infeasible(model, [*smaller, key], seed) is not None:
            rest = smaller
    return rest


def _infeasible(
    model: _Model, wanted: list[tuple[WishKind, str]], seed: int
) -> list[tuple[WishKind, str]] | None:
    """Give wishes among the wanted that cannot all be kept, or None if they can."""
    cp = model.cp.clone()
    literals = {}
    for key in wanted:
        literal = cp.new_bool_var("")
        cp.add(cp.get_int_var_from_proto_index(model.lost[key].index) == 0).only_enforce_if(literal)
        literals[literal.index] = key
        cp.add_assumption(literal)
    solver = _solver(EXPLAIN_SECONDS, seed)
    if solver.solve(cp) != cp_model.INFEASIBLE:
        return None
    return [literals[i] for i in solver.sufficient_assumptions_for_infeasibility() if i in literals]
