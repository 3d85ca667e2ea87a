"""Somebody who has every public table of every release, and a solver: what can they work out?

It shares nothing with the code it attacks: it takes published tables, writes each number as a sum
of small counts (ward x kind x quarter), and asks a linear programme for the least and greatest each
withheld number, and each small count, could be.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linprog

QUARTERS = ("01", "04", "07", "10")


def quarters(first: str, last: str) -> list[str]:
    """List the quarters of a period by their first months."""
    every = [f"{y}-{q}" for y in range(2000, 2100) for q in QUARTERS]
    return [q for q in every if first <= q <= last]


class Attacker:
    """Holds what was published: one equation or range a number."""

    def __init__(self, axes: dict[str, Sequence[str]]) -> None:
        self.names = list(axes)
        self.parts = list(itertools.product(*axes.values()))
        self.equal: list[tuple[np.ndarray, float]] = []
        self.ranges: list[tuple[np.ndarray, float, float]] = []
        self.hidden: list[tuple[dict[str, Any], np.ndarray, str]] = []

    def row(self, where: dict[str, Any], span: Sequence[str]) -> np.ndarray:
        """Write a number as a sum of parts."""
        fixed = [(self.names.index(k), v) for k, v in where.items()]
        at = self.names.index("quarter")
        return np.array(
            [float(p[at] in span and all(p[n] == v for n, v in fixed)) for p in self.parts]
        )

    def reads(self, table: pd.DataFrame, secondaries: float = 5) -> None:
        """Take in a published table; a further withheld number is known to be at least this."""
        by = [c for c in table if c not in ("first", "last", "count", "withheld")]
        for line in table.to_dict("records"):
            where = {c: line[c] for c in by}
            row = self.row(where, quarters(line["first"], line["last"]))
            if line["withheld"] == "":
                self.equal.append((row, line["count"]))
                continue
            self.hidden.append(({**where, "period": line["last"]}, row, line["withheld"]))
            low, high = secondaries, np.inf
            if " to " in line["withheld"]:
                low, high = map(float, line["withheld"].split(" to "))
            self.ranges.append((row, low, high))

    def bounds(self, row: np.ndarray) -> tuple[float, float]:
        """Find the least and greatest a sum of parts could be."""
        upper = [(r, h) for r, _, h in self.ranges if np.isfinite(h)]
        upper += [(-r, -low) for r, low, _ in self.ranges]
        ends = []
        for sign in (1, -1):
            found = linprog(
                sign * row,
                A_eq=np.array([r for r, _ in self.equal]) if self.equal else None,
                b_eq=[v for _, v in self.equal] if self.equal else None,
                A_ub=np.array([r for r, _ in upper]) if upper else None,
                b_ub=[v for _, v in upper] if upper else None,
                bounds=(0, 10_000), method="highs",
            )  # fmt: skip
            assert found.status == 0, found.message
            ends.append(sign * found.fun)
        return ends[0], ends[1]

    def narrow(self, need: float) -> list[str]:
        """List the withheld numbers that are known to fewer than `need` + 1 numbers."""
        found = []
        for where, row, mark in self.hidden:
            low, high = self.bounds(row)
            if high - low < need - 1e-6:
                found.append(f"{where} marked {mark!r} is {low:g} to {high:g}")
        return found
