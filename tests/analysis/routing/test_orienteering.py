"""Stops and their order: by hand, against two other methods, and never over time."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model

from analysis.routing.orienteering import EXACT_MOST, Problem, best_tour, exact, search


def problem(seed: int, n: int, *, budget: float, line: bool = False, clustered: bool = False
            ) -> Problem:  # fmt: skip
    """Stops on a plane of 2 km, walked at 75 m a minute."""
    rng = np.random.default_rng(seed)
    places = rng.uniform(0, 2000, (n, 2))
    if clustered:
        middles = rng.uniform(0, 2000, (3, 2))
        places = middles[rng.integers(0, 3, n)] + rng.normal(0, 120, (n, 2))
    start = np.array([1000.0, 1000.0])
    end = rng.uniform(0, 2000, 2) if line else start

    def minutes(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.hypot(*(a - b).T) * 1.25 / 75

    between = np.array([minutes(places, p) for p in places]).reshape(n, n)
    return Problem(
        minutes(places, start), between, minutes(places, end), rng.choice([5.0, 7.0, 10.0], n),
        1 + np.round(rng.random(n) ** 2 * 60), float(minutes(start[None], end)[0]), budget,
    )  # fmt: skip


def by_every_order(p: Problem) -> float:
    """Try every order of every set: nothing is shared with the code under test."""
    best = 0.0
    for size in range(1, len(p.worth) + 1):
        for order in itertools.permutations(range(len(p.worth)), size):
            total = p.first[order[0]] + p.last[order[-1]] + sum(p.stay[i] for i in order)
            total += sum(p.between[a, b] for a, b in itertools.pairwise(order))
            if total <= p.budget + 1e-9:
                best = max(best, sum(p.worth[i] for i in order))
    return float(best)


def by_solver(p: Problem) -> float:
    """Ask CP-SAT: a circuit through the start in which every stop may be left out."""
    model, n = cp_model.CpModel(), len(p.worth)
    scale, arcs, cost = 10_000, [], []

    def arc(a: int, b: int, minutes: float) -> None:
        used = model.new_bool_var("")
        arcs.append((a, b, used))
        cost.append(round(minutes * scale) * used)

    inside = []
    for i in range(n):
        arc(0, i + 1, p.first[i])
        arc(i + 1, 0, p.last[i])
        left_out = model.new_bool_var("")
        arcs.append((i + 1, i + 1, left_out))
        inside.append(left_out.negated())
        cost.append(round(p.stay[i] * scale) * left_out.negated())
        for j in range(n):
            if i != j:
                arc(i + 1, j + 1, p.between[i, j])
    empty = model.new_bool_var("")
    arcs.append((0, 0, empty))
    model.add(sum(inside) == 0).only_enforce_if(empty)
    model.add_circuit(arcs)
    model.add(sum(cost) <= round(p.budget * scale) + n)
    model.maximize(sum(int(w) * x for w, x in zip(p.worth, inside, strict=True)))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(model) == cp_model.OPTIMAL
    return float(solver.objective_value)


# Three stops on a line east of the start, 10 minutes apart, 5 minutes each.
LINE = Problem(
    np.array([10.0, 20.0, 30.0]), np.array([[0.0, 10, 20], [10, 0, 10], [20, 10, 0]]),
    np.array([10.0, 20.0, 30.0]), np.full(3, 5.0), np.array([3.0, 1.0, 9.0]), 0.0, 60.0,
)  # fmt: skip


@pytest.mark.parametrize(
    ("budget", "stops", "worth", "minutes"),
    [
        (24.9, set(), 0, 0),
        (25.0, {0}, 3, 25),
        (50.0, {0, 1}, 4, 50),
        (65.0, {2}, 9, 65),
        (70.0, {0, 2}, 12, 70),
        (75.0, {0, 1, 2}, 13, 75),
    ],
)
@pytest.mark.parametrize("method", [exact, search], ids=["exact", "search"])
def test_worked_out_by_hand(method, budget, stops, worth, minutes) -> None:
    p = Problem(LINE.first, LINE.between, LINE.last, LINE.stay, LINE.worth, 0.0, budget)
    found = method(p)
    assert (set(found.order), found.worth, found.minutes) == (stops, worth, minutes)


@pytest.mark.parametrize("seed", range(4))
def test_exact_is_what_every_order_and_a_solver_find(seed: int) -> None:
    small = problem(seed, 6, budget=50, line=seed % 2 == 1)
    assert exact(small).worth == by_every_order(small)
    larger = problem(seed, 11, budget=70, line=seed % 2 == 1)
    assert exact(larger).worth == by_solver(larger)


@pytest.mark.parametrize("clustered", [False, True], ids=["spread", "clustered"])
@pytest.mark.parametrize("line", [False, True], ids=["loop", "line"])
@pytest.mark.parametrize("budget", [45.0, 60.0, 90.0])
def test_the_search_is_within_two_in_a_hundred_of_the_best(
    budget: float, line: bool, clustered: bool
) -> None:
    for seed in range(2):
        p = problem(seed, 11, budget=budget, line=line, clustered=clustered)
        best, found = exact(p), search(p)
        assert found.worth >= 0.98 * best.worth, seed


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.integers(0, 30), st.floats(0, 120), st.booleans())
def test_never_over_time_each_stop_once_and_told_right(
    seed: int, n: int, budget: float, line: bool
) -> None:
    p = problem(seed, n, budget=budget, line=line)
    found = best_tour(p, rounds=3)
    assert len(set(found.order)) == len(found.order)
    assert found.minutes == pytest.approx(p.minutes(found.order))
    assert found.worth == pytest.approx(p.worth[list(found.order)].sum())
    assert found.minutes <= budget + 1e-6 or not found.order


def test_more_time_is_never_worth_less_and_the_same_seed_gives_the_same() -> None:
    worth = [exact(problem(4, 10, budget=b)).worth for b in range(0, 121, 10)]
    assert worth == sorted(worth)
    p = problem(9, EXACT_MOST + 4, budget=60)
    assert best_tour(p) == best_tour(p)
    assert best_tour(p).method == "search"


def test_stops_out_of_reach_or_worth_nothing_are_left_out() -> None:
    p = Problem(
        np.array([5.0, np.inf, 5.0]), np.full((3, 3), np.inf), np.array([5.0, np.inf, 5.0]),
        np.full(3, 5.0), np.array([1.0, 99.0, 0.0]), 0.0, 60.0,
    )  # fmt: skip
    assert best_tour(p).order == (0,)
