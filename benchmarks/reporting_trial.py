"""How readily people report: is a planted ratio of three found, and held by its interval?

    python benchmarks/reporting_trial.py [--trials 1000] [--seed 2026]

Two wards; events of one are reported again .9 times in 28 days on average, of the other .3 times;
or, uneven, at rates that differ between events by a gamma distribution of variance one.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

from analysis.reporting_rate import ratio, reporting_rates


def events(name: str, count: int, rate: float, uneven: bool, rng: np.random.Generator) -> object:
    """Draw events of one ward."""
    own = rng.gamma(1, rate, count) if uneven else np.full(count, rate)
    return pd.DataFrame({"group": name, "repeats": rng.poisson(own), "days": 28.0})


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=2026)
    said = parser.parse_args()
    print("| events a ward | rates | no estimate | within 25 % | interval holds 3 |")
    print("| --- | --- | --- | --- | --- |")
    for count in (50, 100, 300):
        for uneven in (False, True):
            rng, found = np.random.default_rng([said.seed, count, uneven]), []
            for _ in range(said.trials):
                both = [events("a", count, 0.9, uneven, rng), events("b", count, 0.3, uneven, rng)]
                found.append(ratio(reporting_rates(pd.concat(both)), "a", "b"))
            known = [each for each in found if each is not None]
            near = np.mean([abs(each.ratio - 3) <= 0.75 for each in known])
            held = np.mean([each.low <= 3 <= each.high for each in known])
            none = 1 - len(known) / said.trials
            words = "uneven" if uneven else "alike"
            print(f"| {count} | {words} | {none:.3f} | {near:.3f} | {held:.3f} |", flush=True)


if __name__ == "__main__":
    main()
