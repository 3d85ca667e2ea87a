"""Rank intervals: do they cover the true rank, and how fast are they beside a plain pandas loop?

    python benchmarks/rank_intervals.py [--maps 60] [--places 250] [--seed 1] [--speed-only]

Made-up maps after the twelve real months of Tower Hamlets: reports a place and year 43 on average,
their variance over places 43 times that, a season, negative binomial months whose variance is 1 to
2 times their mean. The truth is the rank by the rates, through the same score. Five kinds of map:

steady    every place keeps its rate for ever (but for the season)
drift a   the logarithm of every rate gains a standard deviation of `a` each month
bursts    rates swing by a quarter for some months (correlation 0.6 a month); the swing is true
no trend  the trend weighs nothing

`all`: share of places whose true rank is in the 90 per cent interval; `first 20`: of those that
the score ranks first; `truly`: of those truly first. After each: two standard errors over maps.
`width`: places, on average; `outside`: share whose shown rank lies outside. Trust the ratio of
the times, not the seconds.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.coverage import MonthCover
from analysis.evidence import report_evidence
from analysis.robustness import (
    draw_components,
    draw_totals,
    drawn_scores,
    rank_intervals,
    ranks_by_lot,
    summarise_ranks,
)
from analysis.score import PRESETS, ScoreWeights, score_locations
from geodata import months as m

WALKABOUT = PRESETS["walkabout"]
NO_TREND = ScoreWeights("no_trend", "No trend", {**WALKABOUT.weights, "trend": 0})
LAST = "2026-04"
YEAR_MEAN, YEAR_RATIO = 43.0, 43.0


@dataclass(frozen=True)
class Case:
    """One kind of map."""

    name: str
    months: int
    ratio: float
    drift: float = 0.0
    burst: float = 0.0
    weights: ScoreWeights = WALKABOUT


CASES = (
    *(Case("steady", 12, ratio) for ratio in (1.0, 1.5, 2.0)),
    Case("drift 0.05", 12, 1.5, drift=0.05),
    Case("bursts", 12, 1.5, burst=0.25),
    *(Case(f"drift {d}", 36, 1.5, drift=d) for d in (0.01, 0.02, 0.05)),
    *(Case("drift 0.05", 36, ratio, drift=0.05) for ratio in (1.0, 2.0)),
    Case("bursts", 36, 1.5, burst=0.25),
    *(Case("steady", 36, ratio) for ratio in (1.0, 1.5, 2.0)),
    Case("steady, no trend", 36, 1.5, weights=NO_TREND),
)


def made_up_map(
    case: Case, places: int, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw the rates of places by month, and counts that come of them."""
    mean, spread = YEAR_MEAN / 12, (YEAR_RATIO - 1) / 12
    level = rng.gamma(mean / spread, spread, places)
    season = 1 + 0.25 * np.cos(2 * np.pi * np.arange(case.months) / 12)
    steps = rng.normal(0, 1, (2, places, case.months))
    path = case.drift * np.cumsum(steps[0], axis=1)
    swing = steps[1, :, 0]
    for month in range(case.months):
        swing = 0.6 * swing + 0.8 * steps[1, :, month]
        path[:, month] += case.burst * swing
    rates = level[:, None] * season * np.exp(path)
    if case.ratio > 1:
        chance = rng.gamma(np.maximum(rates / (case.ratio - 1), 1e-9)) * (case.ratio - 1)
        counts = rng.poisson(chance)
    else:
        counts = rng.poisson(rates)
    names, columns = [f"h{i:04d}" for i in range(places)], m.window(LAST, case.months)
    return pd.DataFrame(rates, names, columns), pd.DataFrame(counts, names, columns)


def ranks_of(
    matrix: pd.DataFrame, weights: ScoreWeights = WALKABOUT
) -> tuple[pd.DataFrame, pd.Series]:
    """Give the evidence and the ranks of a matrix of counts or rates."""
    cover = MonthCover(tuple(matrix.columns), ())
    evidence = report_evidence(matrix.round(9), cover, LAST).table().round(9)
    return evidence, score_locations(evidence, weights)["rank"].astype(int)


def coverage(case: Case, places: int, maps: int, seed: int, draws: int) -> dict[str, object]:
    """Draw maps and see how often the intervals hold the true rank."""
    rng, seen = np.random.default_rng(seed), []
    for number in range(maps):
        rates, counts = made_up_map(case, places, rng)
        true = ranks_of(rates, case.weights)[1]
        evidence, shown = ranks_of(counts, case.weights)
        cover = MonthCover(tuple(counts.columns), ())
        drawn = draw_components(counts, cover, LAST, draws=draws, seed=number)
        found = rank_intervals(evidence, case.weights, drawn)
        held = (found["rank_low"] <= true) & (true <= found["rank_high"])
        outside = (shown < found["rank_low"]) | (shown > found["rank_high"])
        width = (found["rank_high"] - found["rank_low"] + 1).mean()
        seen.append((held.mean(), held[shown <= 20].mean(), held[true <= 20].mean(), width,
                     outside.mean()))  # fmt: skip
    values = np.array(seen, dtype="float64")
    mean, error = values.mean(axis=0), 2 * values.std(axis=0, ddof=1) / maps**0.5
    return {
        "map": case.name, "months": case.months, "var/mean": case.ratio,
        "all": f"{mean[0]:.3f} ± {error[0]:.3f}", "first 20": f"{mean[1]:.3f} ± {error[1]:.3f}",
        "truly": f"{mean[2]:.3f} ± {error[2]:.3f}", "width": round(mean[3]),
        "outside": f"{mean[4]:.3f}",
    }  # fmt: skip


def by_pandas(evidence: pd.DataFrame, values: dict[str, np.ndarray], draws: int) -> pd.DataFrame:
    """Score draw after draw as one would at first: the same intervals, slowly."""
    ranks = [
        score_locations(
            evidence.assign(**{code: array[d] for code, array in values.items()}), WALKABOUT
        )["rank"].astype("float64")
        for d in range(draws)
    ]
    return pd.concat(ranks, axis=1).quantile([0.05, 0.95], axis=1).T


def speed(draws: int, places: int, seed: int) -> None:
    """Time each step on one map, and the loop on a tenth of the draws."""
    case = Case("drift 0.05", 36, 1.5, drift=0.05)
    counts = made_up_map(case, places, np.random.default_rng(seed))[1]
    evidence, cover = ranks_of(counts)[0], MonthCover(tuple(counts.columns), ())
    started = time.perf_counter()
    drawn = draw_components(counts, cover, LAST, draws=draws, seed=seed)
    marks = [time.perf_counter()]
    scores = drawn_scores(evidence, drawn, np.arange(places))
    marks.append(time.perf_counter())
    generator = np.random.default_rng(seed)
    summarise_ranks(ranks_by_lot(draw_totals(scores, WALKABOUT), generator), [], 10, generator)
    marks.append(time.perf_counter())
    by_pandas(evidence, dict(drawn.values), draws // 10)
    marks.append(time.perf_counter())
    drew, scaled, ranked, loop = np.diff([started, *marks])
    print(f"\n{draws:,} draws x {places:,} places, seconds")
    print(f"  windows: rates drawn and read   {drew:8.2f}")
    print(f"  normalisers: percentile ranks   {scaled:8.2f}")
    print(f"  totals, ranks and intervals     {ranked:8.2f}")
    print(f"  pandas loop over the last two   {10 * loop:8.2f}  (ten times a tenth of the draws)")
    print(f"  ratio                           {10 * loop / (scaled + ranked):8.1f}")


def main() -> None:
    """Print the table of coverage and the times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--maps", type=int, default=60)
    parser.add_argument("--places", type=int, default=250)
    parser.add_argument("--draws", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speed-only", action="store_true")
    said = parser.parse_args()
    if not said.speed_only:
        print(f"{said.maps} maps of {said.places} places, {said.draws} draws, seed {said.seed}")
    for number, case in enumerate(() if said.speed_only else CASES):
        row = coverage(case, said.places, said.maps, said.seed, said.draws)
        if number == 0:
            print(" | ".join(row))
        print(" | ".join(map(str, row.values())), flush=True)
    speed(1000, 1000, said.seed)


if __name__ == "__main__":
    main()
