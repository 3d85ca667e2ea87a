"""Stops for a walk of ninety minutes: our search, a greedy choice, and OR-tools' routing solver.

    python -m benchmarks.route [--stops 80] [--walks 5] [--seed 1]

Stops lie anywhere on the streets of the demo borough, with worths as skewed as scores are; the walk
is a loop after dark. Ours puts the stops on the streets, measures all ways and chooses; the peers
are given the same minutes and only choose. `solver` is OR-tools' routing model, each stop optional
at the price of its worth, with guided local search for five seconds. On walks of twelve stops the
search is also held against the exact choice. Trust the ratio of worths, and that of the times.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from analysis.routing.network import Rules, Walkable, on_streets, walkable
from analysis.routing.orienteering import Problem, exact, search
from analysis.routing.timetable import minutes_between
from analysis.routing.wishes import RouteWishes
from benchmarks.measure import Taken, Work
from geodata.demo.streets import draw_streets

WISHES = RouteWishes(minutes=90, stay_minutes=5, prefer_lit=True)
SCALE, SOLVER_S = 1_000, 5
MOST_S = 5.0


def write_walk(folder: Path, stops: int, seed: int = 1) -> None:
    """Write streets, the places of a start and of stops within reach of it, and their worths."""
    drawn = draw_streets(1)
    drawn.streets.to_parquet(folder / "streets.parquet")
    drawn.lamps.to_parquet(folder / "lamps.parquet")
    rng = np.random.default_rng(seed)
    middles = np.array([line.interpolate(0.5, normalized=True).coords[0]
                        for line in drawn.streets.geometry])  # fmt: skip
    start = middles[rng.integers(len(middles))]
    apart = np.hypot(*(middles - start).T)
    near = np.flatnonzero((apart > 0) & (apart < WISHES.metres_in(WISHES.minutes) / 3))
    places = np.vstack([start, middles[rng.choice(near, stops, replace=False)]])
    np.savez(folder / "walk.npz", places=places, worth=1 + 60 * rng.random(stops) ** 2)


def _streets(folder: Path) -> Walkable:
    lamps = gpd.read_parquet(folder / "lamps.parquet")
    return walkable(gpd.read_parquet(folder / "streets.parquet"), lamps)


def problem_of(folder: Path, known: Walkable) -> Problem:
    """Put the stops on the streets and measure all ways."""
    walk = np.load(folder / "walk.npz")
    ground = on_streets(known, walk["places"], Rules(prefer_lit=True))
    if ground is None:
        raise RuntimeError("the start is on a street")
    minutes, count = minutes_between(ground, WISHES), len(walk["worth"])
    return Problem(
        minutes[0, 1:], minutes[1:, 1:], minutes[1:, 0], np.full(count, WISHES.stay_minutes),
        walk["worth"], 0.0, WISHES.minutes,
    )  # fmt: skip


def ours(folder: Path) -> tuple[str, float]:
    """Streets, ways and stops, as the page works them out."""
    known = _streets(folder)
    begun = time.perf_counter()
    problem = problem_of(folder, known)
    small = problem.only(problem.reachable())
    found = search(small)
    return f"{found.worth:.1f}", time.perf_counter() - begun


def greedy(folder: Path) -> tuple[str, float]:
    """Go on to the stop worth most for its minutes, while one can still come home."""
    problem = problem_of(folder, _streets(folder))
    begun = time.perf_counter()
    worth = sum(problem.worth[n] for n in greedy_order(problem))
    return f"{worth:.1f}", time.perf_counter() - begun


def greedy_order(problem: Problem) -> list[int]:
    """Choose as somebody does who looks one stop ahead."""
    order: list[int] = []
    left, to = problem.budget, problem.first
    while True:
        cost = to + problem.stay
        fits = cost + problem.last <= left
        fits[order] = False
        if not fits.any():
            return order
        chosen = int(np.where(fits, problem.worth / np.maximum(cost, 1e-6), -1).argmax())
        order.append(chosen)
        left -= cost[chosen]
        to = problem.between[chosen]


def solver(folder: Path) -> tuple[str, float]:
    """OR-tools' routing model."""
    problem = problem_of(folder, _streets(folder))
    begun = time.perf_counter()
    return f"{solved(problem, SOLVER_S):.1f}", time.perf_counter() - begun


def solved(problem: Problem, seconds: int) -> float:
    """Let OR-tools' routing solver choose for some seconds, and give the worth it found."""
    n = len(problem.worth)
    walk = np.zeros((n + 1, n + 1))
    walk[1:, 1:], walk[0, 1:], walk[1:, 0] = problem.between, problem.first, problem.last
    walk[1:] += problem.stay[:, None]
    steps = np.rint(walk * SCALE).astype("int64").tolist()
    manager = pywrapcp.RoutingIndexManager(n + 1, 1, 0)
    model = pywrapcp.RoutingModel(manager)
    taken = model.RegisterTransitCallback(
        lambda a, b: steps[manager.IndexToNode(a)][manager.IndexToNode(b)]
    )
    model.AddDimension(taken, 0, int(problem.budget * SCALE), True, "minutes")
    free = model.RegisterTransitCallback(lambda _a, _b: 0)
    model.SetArcCostEvaluatorOfAllVehicles(free)
    for stop in range(n):
        model.AddDisjunction([manager.NodeToIndex(stop + 1)], round(problem.worth[stop] * SCALE))
    how = pywrapcp.DefaultRoutingSearchParameters()
    how.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    how.time_limit.seconds = seconds
    answer = model.SolveWithParameters(how)
    at, worth = model.Start(0), 0.0
    while answer is not None and not model.IsEnd(at):
        at = answer.Value(model.NextVar(at))
        if not model.IsEnd(at):
            worth += float(problem.worth[manager.IndexToNode(at) - 1])
    return worth


def _met(mine: Taken, peers: dict[str, Taken]) -> bool:
    return mine.seconds <= MOST_S and all(
        float(mine.answer) >= 0.98 * float(peer.answer) for peer in peers.values()
    )


def works(quick: bool) -> list[Work]:
    """Give the line of the table."""
    sizes = {"20 stops": {"stops": 20}} if quick else {}
    return [
        Work(
            "route", "Choose stops of a walk of 90 minutes", "ours",
            {"greedy choice": "greedy", "OR-tools routing, 5 s": "solver"},
            {**sizes, "80 stops": {"stops": 80}},
            "at most 5 s for 80 stops, worth no less than what others find", _met, "write_walk",
            same=False,
        )
    ]  # fmt: skip


def main() -> None:
    """Print a line a walk."""
    words = argparse.ArgumentParser()
    for name, usual in (("stops", 80), ("walks", 5), ("seed", 1)):
        words.add_argument(f"--{name}", type=int, default=usual)
    asked = words.parse_args()
    print(f"{'walk':>4} {'ours':>8} {'s':>6} {'greedy':>8} {'solver':>8}   12 stops: search/exact")
    for walk in range(asked.walks):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_walk(folder, asked.stops, asked.seed + walk)
            mine, seconds = ours(folder)
            plain, best = greedy(folder)[0], solver(folder)[0]
            problem = problem_of(folder, _streets(folder))
            few = problem.only(problem.reachable()[:12])
            share = search(few).worth / exact(few).worth
        print(f"{walk:>4} {mine:>8} {seconds:>6.2f} {plain:>8} {best:>8}   {share:.4f}", flush=True)


if __name__ == "__main__":
    main()
