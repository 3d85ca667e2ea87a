"""One borough: calibrated hot spots, the range of ranks, a programme; lines of `-m benchmarks`."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.hotspots import certify
from analysis.neighbours import square_neighbourhoods
from benchmarks.measure import Taken, Work

MONDAY = dt.date(2026, 11, 2)


def write_cells(folder: Path, side: int) -> None:
    """Write a map as uneven as real reports, with no spatial structure."""
    rng = np.random.default_rng(1)
    np.save(folder / "cells.npy", rng.poisson(rng.gamma(0.5, 4, side * side)))


def ours_hotspots(folder: Path) -> tuple[str, float]:
    """Certify with 999 shuffles of the whole map."""
    values = np.load(folder / "cells.npy")
    side = round(len(values) ** 0.5)
    near = square_neighbourhoods(side, side)
    start = time.perf_counter()
    found = certify(pd.Series(values, near.places), near, seed=1)
    return f"{int(found['hot'].sum())} certified", time.perf_counter() - start


def esda_hotspots(folder: Path) -> tuple[str, float]:
    """G_Local with 999 conditional permutations; the second run, so that it is compiled."""
    import warnings

    import esda
    import libpysal

    values = np.load(folder / "cells.npy").astype("float64")
    side = round(len(values) ** 0.5)
    weights = libpysal.weights.lat2W(side, side, rook=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(2):
            start = time.perf_counter()
            found = esda.G_Local(values, weights, transform="B", star=1.0, permutations=999, seed=1)
    hot = int(((found.p_sim <= 0.05) & (found.Zs > 0)).sum())
    return f"{hot} at .05", time.perf_counter() - start


def write_map(folder: Path, places: int, draws: int) -> None:
    """Write a made-up map and how many draws."""
    from benchmarks.rank_intervals import Case, made_up_map

    case = Case("drift 0.05", 36, 1.5, drift=0.05)
    counts = made_up_map(case, places, np.random.default_rng(1))[1]
    counts.to_pickle(folder / "counts.pkl")
    (folder / "draws").write_text(str(draws))


def ours_ranks(folder: Path) -> tuple[str, float]:
    """Totals, ranks and their ranges, as counted for the goal."""
    return _ranks(folder, loop=False)


def loop_ranks(folder: Path) -> tuple[str, float]:
    """Score draw after draw in pandas: a tenth of the draws, times ten."""
    return _ranks(folder, loop=True)


def _ranks(folder: Path, *, loop: bool) -> tuple[str, float]:
    from analysis.coverage import MonthCover
    from analysis.robustness import (
        draw_components,
        draw_totals,
        drawn_scores,
        ranks_by_lot,
        summarise_ranks,
    )
    from benchmarks import rank_intervals as r

    counts = pd.read_pickle(folder / "counts.pkl")  # noqa: S301 - our own file
    draws = int((folder / "draws").read_text())
    cover = MonthCover(tuple(counts.columns), ())
    evidence = r.ranks_of(counts)[0]
    drawn = draw_components(counts, cover, r.LAST, draws=draws, seed=1)
    if loop:
        start = time.perf_counter()
        r.by_pandas(evidence, dict(drawn.values), draws // 10)
        return f"{len(counts)} places", 10 * (time.perf_counter() - start)
    scores = drawn_scores(evidence, drawn, np.arange(len(counts)))
    generator = np.random.default_rng(1)
    start = time.perf_counter()
    summarise_ranks(ranks_by_lot(draw_totals(scores, r.WALKABOUT), generator), [], 10, generator)
    return f"{len(counts)} places", time.perf_counter() - start


def write_programme(folder: Path, events: int, places: int) -> None:
    """Write how many."""
    (folder / "size").write_text(f"{events} {places}")


def ours_plan(folder: Path) -> tuple[str, float]:
    """Plan events over 20 wards with every wish as it comes."""
    from analysis.planning.assignment import Event, Programme
    from analysis.planning.model import solve
    from analysis.planning.wishes import Wishes

    events, count = map(int, (folder / "size").read_text().split())
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {"ward_code": [f"W{n:02d}" for n in rng.integers(0, 20, count)],
         "easting": rng.uniform(0, 6_000, count), "northing": rng.uniform(0, 4_000, count)},
        index=[f"p{n:04d}" for n in range(count)],
    )  # fmt: skip
    frame = frame.assign(
        choosable=True, venue=True, step_free=None, last_visited=None, unresolved=False
    )
    points = pd.Series(rng.uniform(0, 100, count), frame.index)
    worth = pd.DataFrame({"walkabout": points, "womens_walk": points})
    wanted = tuple(Event(str(n), "walkabout", ward=f"W{n % 20:02d}") for n in range(events))
    dusk = {MONDAY + dt.timedelta(days=n): dt.time(17, 5) for n in range(-400, 400)}
    start = time.perf_counter()
    solved = solve(Programme(wanted, frame, worth, Wishes(), dusk=dusk), seconds=60.0)
    return f"{solved.points:.0f} points, proven {solved.proven}", time.perf_counter() - start


def works(quick: bool) -> list[Work]:
    """List the lines of the table."""

    def within(seconds: float) -> object:
        return lambda taken, _peers: taken.seconds <= seconds

    def faster(taken: Taken, peers: dict[str, Taken]) -> bool:
        return all(taken.seconds < peer.seconds for peer in peers.values())

    esda = "esda G_Local, 999, not calibrated"
    sides = (45, 100) if quick else (45, 245)
    return [
        Work("hotspots", "calibrated hot spots", "ours_hotspots", {esda: "esda_hotspots"},
             {f"{n * n:,} cells": {"side": n} for n in sides}, "faster than esda", faster,
             "write_cells", same=False),
        Work("ranks", "robustness: totals, ranks, ranges", "ours_ranks",
             {"a pandas loop over draws": "loop_ranks"},
             {f"{n:,} x {n:,}": {"places": n, "draws": n} for n in (100, 1_000)},
             "<= 0.3 s", within(0.3), "write_map", same=False),
        Work("plan", "plan a programme", "ours_plan", {},
             {f"{e} events, {p} places": {"events": e, "places": p}
              for e, p in ((5, 100), (20, 400))}, "<= 5 s", within(5.0), "write_programme"),
    ]  # fmt: skip
