"""New, persistent, fading: what a planted cluster is called, from a seed.

    python benchmarks/hotspot_word_trial.py [--maps 40] [--seed 2026] [--write FILE]

238 hexagons, 24 months, hexagons that differ for good (gamma, mean 43 a year, variance 43 times
that) and a cluster of seven with eight times the rate of an ordinary one: all along, from six
months ago on, or until six months ago. `steady`: nothing else moves. `bursts`: rates swing by a
half for some months. `season`: the cluster is busy from May to October every year, and the year
ends in April. Shares are of certified hexagons of the cluster.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.hotspot_words import hotspot_words, recent_change
from analysis.hotspots import certify
from analysis.neighbours import Neighbourhoods, hexagon_neighbourhoods
from benchmarks.hotspot_calibration import borough, plant, table

MONTHS = 24
TIMES = 8.0
WHEN = {"all along": slice(0, 24), "from six months ago on": slice(18, 24),
        "until six months ago": slice(0, 18)}  # fmt: skip
CASES = [*((when, moves) for when in WHEN for moves in ("steady", "bursts")),
         ("all along", "season")]  # fmt: skip


def counts(when: str, moves: str, near: Neighbourhoods, rng: np.random.Generator) -> tuple:
    """Draw monthly counts, and say which hexagons were planted."""
    size = len(near.places)
    rate = np.repeat(rng.gamma(43 / 42, 42, size)[:, None] / 12, MONTHS, axis=1)
    _, planted = plant(near, rng)
    busy = np.zeros(MONTHS, dtype=bool)
    busy[WHEN[when]] = True
    if moves == "season":
        busy &= np.arange(MONTHS) % 12 < 6
    rate[np.ix_(planted, busy)] = TIMES * 43 / 12
    if moves == "bursts":
        own = rng.normal(size=size)
        for month in range(MONTHS):
            own = 0.6 * own + 0.8 * rng.normal(size=size)
            rate[:, month] *= np.exp(0.5 * own - 0.125)
    return rng.poisson(rate), planted


def told(seen: np.ndarray, near: Neighbourhoods) -> pd.Series:
    """Certify and give words as the product does."""

    def total(months: slice) -> pd.Series:
        return pd.Series(seen[:, months].sum(axis=1), near.places)

    def change(last: int) -> pd.Series:
        now, before = total(slice(last - 6, last)), total(slice(last - 12, last - 6))
        return recent_change(now, before, near.sizes[0])["z"]

    hot = certify(total(slice(12, 24)), near, seed=1, permutations=199)["hot"]
    before = certify(total(slice(6, 18)), near, seed=1, permutations=199)["hot"]
    return hotspot_words(hot, before, change(24), change(12))


def trial(when: str, moves: str, maps: int, seed: int, near: Neighbourhoods) -> list[str]:
    """Count the words of one line."""
    words: Counter[str] = Counter()
    for number in range(maps):
        seen, planted = counts(when, moves, near, np.random.default_rng([seed, number]))
        found = told(seen, near).to_numpy()[planted]
        words.update(word for word in found if word)
    whole = sum(words.values())
    shares = [f"{words[w] / whole:.2f}" if whole else "" for w in ("new", "persistent", "fading")]
    return [when, moves, *shares, f"{whole} of {7 * maps}"]


def main() -> None:
    """Print the table, or put it between its marks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--maps", type=int, default=40)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--write", type=Path)
    said = parser.parse_args()
    near = hexagon_neighbourhoods(borough()["hexagon"])
    rows = []
    for when, moves in CASES:
        rows.append(trial(when, moves, said.maps, said.seed, near))
        print(" | ".join(rows[-1]), file=sys.stderr, flush=True)
    head = ["the cluster is there", "else", "new", "persistent", "fading", "certified"]
    text = table(head, rows)
    if said.write is None:
        print(text)
        return
    page = said.write.read_text(encoding="utf-8")
    marked = re.compile(r"(<!-- table: words -->\n).*?(<!-- end -->)", re.DOTALL)
    said.write.write_text(marked.sub(rf"\1\n{text}\n\n\2", page), encoding="utf-8")


if __name__ == "__main__":
    main()
