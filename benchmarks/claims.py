"""Every claim of the method pages that rests on simulation, each from its seed.

    python -m benchmarks.claims [NAME ...] [--quick]

Prints the tables one after another. `--quick` draws a twentieth to a tenth of what the pages report
and takes some minutes; without it, the hours that the scripts themselves name.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from benchmarks.measure import ROOT

CLAIMS: dict[str, tuple[str, str, list[str], list[str]]] = {
    "hot-spots": (
        "False alarms, power, several clusters, exposure, pooling: docs/method_hotspots.md",
        "hotspot_calibration", ["--maps", "1600"], ["--maps", "80", "--only", "false-alarms"],
    ),
    "words": ("New, persistent, fading: docs/method_hotspots.md",
              "hotspot_word_trial", [], ["--maps", "5"]),
    "ranks": ("Rank intervals hold the true rank: docs/method.md",
              "rank_intervals", [], ["--maps", "5"]),
    "did-it-work": ("Ranges hold the truth; nothing done is seldom credited: "
                    "docs/method_evaluation.md",
                    "before_after", [], ["--maps", "40", "--only", "steady", "shared", "sparse"]),
    "half-life": ("Orders of places beside the 12-month count: docs/method_backtest.md",
                  "half_life", [], ["--boroughs", "2"]),
    "reporting": ("A planted ratio of three: docs/method.md",
                  "reporting_trial", [], ["--trials", "100"]),
}  # fmt: skip


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.claims", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*CLAIMS, []], help="only these")
    parser.add_argument("--quick", action="store_true")
    said = parser.parse_args()
    for name, (words, script, whole, short) in CLAIMS.items():
        if said.names and name not in said.names:
            continue
        print(f"\n{words}\n", flush=True)
        options = short if said.quick else whole
        command = [sys.executable, "-m", f"benchmarks.{script}", *options]
        subprocess.run(command, cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
