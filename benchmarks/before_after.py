"""Did it work? How often intervals hold the truth, and how often nothing passes for something.

    python benchmarks/before_after.py [--maps 500] [--seed 2026] [--only steady] [--write FILE]

Made-up boroughs of 256 hexagons after the twelve real months of Tower Hamlets: reports a place and
year 43 on average, their variance over places 43 times that, a season, a borough-wide fall of a
tenth, counts that scatter 1.5 times as much as Poisson. One place is chosen among the ten busiest
of the year before ("hot") or at random ("any"), and something is done there:

nothing     its rate and its surroundings' stay as they were to be
moves       its rate falls by 30 per cent, and those of the six hexagons around it rise by 10
spreads     its rate falls by 30 per cent, and those around it fall by 10

The truth is the change of rates that was put in, over the year after, along the way those rates
really took. `here`, `in all`: share of 95 % intervals that hold it, at the place and with its
surroundings. `fewer`: verdicts "fewer reports than expected, beyond chance". `WDD`: the published
weighted displacement difference with its published variance calls it a fall, and the share of its
intervals that hold the truth.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.evaluation import Periods, evaluate
from analysis.neighbours import hexagon_neighbourhoods
from geodata import months as m
from geodata.hexagons import hexagon_ids

SIDE = 16
BEFORE, DONE, AFTER = m.span("2024-01", "2024-12"), "2025-01", m.span("2025-02", "2026-01")
EFFECTS = {"nothing": (0.0, 0.0), "moves": (-0.3, 0.1), "spreads": (-0.3, -0.1)}
CHOSEN = 10


@dataclass(frozen=True)
class World:
    """One kind of borough: reports a year, and how rates and counts move."""

    words: str
    mean: float = 43.0
    ratio: float = 43.0
    scatter: float = 1.5
    drift: float = 0.0
    burst: float = 0.0
    shared: float = 0.0


WORLDS = {
    "poisson": World("steady rates, Poisson counts", scatter=1.0),
    "steady": World("steady rates"),
    "noisy": World("steady rates, variance over mean 2", scatter=2.0),
    "drift": World("rates drift by 5 % a month", drift=0.05),
    "bursts": World("busy spells of months, a quarter up or down", burst=0.25),
    "wild": World("busy spells, a half up or down", burst=0.5),
    "shared": World("busy spells that neighbours share", shared=0.25),
    "sparse": World("5 reports a year", mean=5.0, ratio=6.0),
}


class Borough:
    """The hexagons, and who is near whom."""

    def __init__(self) -> None:
        q, row = np.meshgrid(np.arange(SIDE), np.arange(SIDE))
        self.names = pd.Index(hexagon_ids(q.ravel(), (row - q // 2).ravel(), 200))
        self.near = hexagon_neighbourhoods(self.names, rings=(1,)).sizes[0].toarray() > 0
        self.mixing = self.near / np.sqrt(self.near.sum(axis=1, keepdims=True))

    def rates(self, world: World, rng: np.random.Generator) -> np.ndarray:
        """Draw reports a month to be expected, by hexagon and month."""
        size, length = len(self.names), len(BEFORE) + 1 + len(AFTER)
        spread = world.ratio - 1
        level = rng.gamma(world.mean / spread, spread, size) / 12
        season = 1 + 0.25 * np.cos(2 * np.pi * np.arange(length) / 12)
        season *= np.where(np.arange(length) > len(BEFORE), 0.9, 1.0)
        path = world.drift * np.cumsum(rng.normal(size=(size, length)), axis=1)
        own, common = rng.normal(size=size), self.mixing @ rng.normal(size=size)
        for month in range(length):
            own = 0.6 * own + 0.8 * rng.normal(size=size)
            common = 0.6 * common + 0.8 * (self.mixing @ rng.normal(size=size))
            path[:, month] += world.burst * own + world.shared * common
        return level[:, None] * season * np.exp(path)

    def trial(
        self, world: World, effect: tuple[float, float], hot: bool, rng: np.random.Generator
    ) -> tuple[float, ...]:
        """Draw one borough, do something at one place, and judge it."""
        rates, months = self.rates(world, rng), [*BEFORE, DONE, *AFTER]
        earlier, later = slice(0, len(BEFORE) + 1), slice(len(BEFORE) + 1, None)
        counts = np.empty(rates.shape)
        counts[:, earlier] = draw(rates[:, earlier], world.scatter, rng)
        year = counts[:, : len(BEFORE)].sum(axis=1)
        at = int(rng.choice(np.argsort(-year)[:CHOSEN]) if hot else rng.integers(len(year)))
        times = np.ones(len(year))
        times[self.near[at]] += effect[1]
        times[at] = 1 + effect[0]
        changed = rates[:, later] * times[:, None]
        counts[:, later] = draw(changed, world.scatter, rng)
        true = (changed - rates[:, later]).sum(axis=1)
        here, whole = float(true[at]), float(true.sum())
        matrix = pd.DataFrame(counts, self.names, months)
        when = Periods(tuple(BEFORE), tuple(AFTER), DONE)
        found = evaluate(matrix, [self.names[at]], when)
        one, both, plain = found.here.change, found.together.change, found.plain
        return (
            one.low <= here <= one.high, both.low <= whole <= both.high,
            found.verdict == "fewer", found.verdict == "moved", found.verdict == "more",
            plain.high < 0, plain.low <= whole <= plain.high, found.here.smallest_share,
        )  # fmt: skip


def draw(rates: np.ndarray, scatter: float, rng: np.random.Generator) -> np.ndarray:
    """Draw counts whose variance is `scatter` times their mean."""
    if scatter <= 1:
        return rng.poisson(rates)
    return rng.poisson(rng.gamma(np.maximum(rates / (scatter - 1), 1e-9)) * (scatter - 1))


def rows(maps: int, seed: int, wanted: list[str]) -> Iterator[list[str]]:
    """Work the table out line by line."""
    borough = Borough()
    for name, world in WORLDS.items():
        if wanted and name not in wanted:
            continue
        for done, effect in EFFECTS.items():
            for hot in (True, False) if done == "nothing" else (True,):
                seen = [
                    borough.trial(world, effect, hot, np.random.default_rng([seed, i]))
                    for i in range(maps)
                ]
                shares = np.mean(np.array(seen, dtype="float64"), axis=0)
                line = [world.words, done, "hot" if hot else "any", *(f"{x:.3f}" for x in shares)]
                line.append(str(maps))
                print(" | ".join(line), file=sys.stderr, flush=True)
                yield line


def table(lines: list[list[str]]) -> str:
    """Write a Markdown table."""
    head = ["borough", "done", "chosen", "here", "in all", "fewer", "moved", "more", "WDD: fall"]
    whole = [[*head, "WDD: holds", "smallest fall", "n"], ["---"] * 12, *lines]
    return "\n".join("| " + " | ".join(line) + " |" for line in whole)


def main() -> None:
    """Read the options, work the table out, print or write it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--maps", type=int, default=500, help="boroughs a line")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--only", nargs="*", default=[], help=f"among {', '.join(WORLDS)}")
    parser.add_argument("--write", type=Path, help="Markdown file with a <!-- table --> mark")
    options = parser.parse_args()
    text = table(list(rows(options.maps, options.seed, options.only)))
    if options.write is None:
        print(text)
        return
    page = options.write.read_text(encoding="utf-8")
    marked = re.compile(r"(<!-- table: before-after -->\n).*?(<!-- end -->)", re.DOTALL)
    options.write.write_text(marked.sub(rf"\1\n{text}\n\n\2", page), encoding="utf-8")


if __name__ == "__main__":
    main()
