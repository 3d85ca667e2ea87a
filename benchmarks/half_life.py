"""Which plain order of places does best: the choice of a half-life, and how it did elsewhere.

    python benchmarks/half_life.py [--seed 2026] [--boroughs 6]
    python benchmarks/half_life.py --choose WORKSPACE --until 2017-06 --judge WORKSPACE ...

Hit rate over that of the plain 12-month count, mean over 1, 2, 5, 10 and 20 % of the area, one and
three months ahead. Without workspaces: made-up boroughs from a seed (43 reports a hexagon and year,
a season, rates that keep, drift by 5 % a month, or come in busy spells). With them: origins whose
three months end by `--until` in the first for choosing; its later ones and all of the others for
judging. docs/method_backtest.md was made from workspaces of Newham and the City of London.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.backtest import COUNT, Method, backtest, count_12, last_month, origins
from analysis.coverage import MonthCover
from geodata import months as m
from geodata.hexagons import hexagon_area_km2

COVERAGES = (0.01, 0.02, 0.05, 0.1, 0.2)
HALF_LIVES = (3, 6, 9, 12, 18, 24)
Frames = tuple[pd.DataFrame, MonthCover, pd.DataFrame]


def halving(months: int) -> Callable[..., pd.Series]:
    """Weigh a month half as much as one so many months later."""

    def rank(matrix: pd.DataFrame, _cover: MonthCover, origin: str) -> pd.Series:
        age = np.array([m.number(origin) - m.number(str(x)) for x in matrix], dtype="float64")
        return pd.Series(matrix.to_numpy() @ 0.5 ** (age / months), matrix.index)

    return rank


def last(months: int) -> Callable[..., pd.Series]:
    """Count the newest months alone."""
    return lambda matrix, _cover, _origin: matrix.iloc[:, -months:].sum(axis=1).astype("float64")


METHODS = (
    Method(COUNT, "plain 12-month count", count_12),
    *(Method(f"half{n}", f"half-life {n} months", halving(n)) for n in HALF_LIVES),
    Method("all", "all months alike", last(1000)),
    Method("last3", "last 3 months", last(3)),
    Method("last_month", "last month", last_month),
)


def made_up(kind: str, rng: np.random.Generator, size: int = 400, length: int = 36) -> Frames:
    """Draw a borough."""
    level = rng.gamma(43 / 42, 42, size) / 12
    path = np.zeros((size, length))
    if kind == "drift":
        path = 0.05 * np.cumsum(rng.normal(size=path.shape), axis=1)
    if kind == "spells":
        own = rng.normal(size=size)
        for month in range(length):
            own = 0.8 * own + 0.6 * rng.normal(size=size)
            path[:, month] = 0.5 * own
    season = 1 + 0.25 * np.cos(2 * np.pi * np.arange(length) / 12)
    months = m.span("2023-01", m.shift("2023-01", length - 1))
    rate = level[:, None] * season * np.exp(path)
    matrix = pd.DataFrame(rng.poisson(rng.gamma(2 * rate) / 2), columns=months)
    areas = pd.DataFrame({"area_km2": hexagon_area_km2(200)}, matrix.index)
    return matrix, MonthCover(tuple(months), ()), areas


def stored(path: Path, side: int) -> Frames:
    """Read ASB by hexagon and month from a workspace."""
    from analysis.evidence import hexagon_matrix
    from analysis.jobs.selection import select, selected_counts
    from analysis.tally import inside_rows
    from geodata.hexagons import cover
    from geodata.workspace import Workspace

    place = Workspace.open(path)
    chosen = select(place)
    counted = inside_rows(selected_counts(place, chosen, side=side))
    cells = cover(place.wards(), side)
    matrix = hexagon_matrix(counted, cells, chosen.cover)
    share = cells["inside_share"].to_numpy() * hexagon_area_km2(side)
    return matrix, chosen.cover, pd.DataFrame({"area_km2": share}, matrix.index)


def ratios(frames: Frames, horizon: int, starts: list[str]) -> pd.Series:
    """Give each method's hit rate over the count's, mean over the shares of the area."""
    matrix, cover, areas = frames
    found = backtest(matrix, cover, areas, METHODS, starts, horizon=horizon,
                     coverages=COVERAGES, seed=1, draws=10)  # fmt: skip
    rates = found.pivot(index="coverage", columns="method", values="hit_rate")
    return rates.div(rates[COUNT], axis=0).mean()


def judged(name: str, frames: Frames, first: str = "", until: str = "9999-12") -> list[tuple]:
    """Work out the columns of one borough, one and three months ahead."""
    columns = []
    for horizon in (1, 3):
        cover = frames[1]
        starts = [x for x in origins(cover, horizon=horizon, as_at=cover.present[-1], history=12)
                  if x >= first and m.shift(x, horizon) <= until]  # fmt: skip
        if starts:
            columns.append((f"{name}, {horizon} ahead", ratios(frames, horizon, list(starts))))
    return columns


def columns_of(said: argparse.Namespace) -> list[tuple[str, pd.Series]]:
    """Work out every column that was asked for."""
    if said.choose:
        found = []
        for side in (200, 100):
            first = stored(said.choose, side)
            found += judged(f"chosen, {side} m", first, until=said.until)
            found += judged(f"later, {side} m", first, first=said.until)
            for path in said.judge:
                found += judged(f"{path.name}, {side} m", stored(path, side))
        return found
    columns = []
    for kind in ("steady", "drift", "spells"):
        tries = [judged(kind, made_up(kind, np.random.default_rng([said.seed, n])))
                 for n in range(said.boroughs)]  # fmt: skip
        for parts in zip(*tries, strict=True):
            mean = pd.concat([part[1] for part in parts], axis=1).mean(axis=1)
            columns.append((parts[0][0], mean))
    return columns


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--boroughs", type=int, default=6)
    parser.add_argument("--choose", type=Path)
    parser.add_argument("--until", default="2017-06")
    parser.add_argument("--judge", type=Path, nargs="*", default=[])
    columns = columns_of(parser.parse_args())
    head = ["order of places by", *(name for name, _ in columns), "mean"]
    print("| " + " | ".join(head) + " |\n| " + " | ".join(["---"] * len(head)) + " |")
    for method in METHODS:
        row = [float(column[method.code]) for _, column in columns]
        told = [f"{x:.3f}" for x in [*row, float(np.mean(row))]]
        print("| " + " | ".join([method.label, *told]) + " |")


if __name__ == "__main__":
    main()
