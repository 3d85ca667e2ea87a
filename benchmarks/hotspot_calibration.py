"""Reproduce every claim made about certified hot spots, from a seed.

    python benchmarks/hotspot_calibration.py                    # the published tables, an hour
    python benchmarks/hotspot_calibration.py --maps 100         # a quick look
    python benchmarks/hotspot_calibration.py --write docs/method_hotspots.md

Maps are made without any spatial structure, or with a planted cluster of seven hexagons (nine
squares) whose rate is multiplied, and each is given to four procedures: the usual Gi* with normal
tables and Benjamini-Hochberg, exact binomial tails with Benjamini-Hochberg, the highest Gi* of
relabelled maps, and `analysis.hotspots.certify`. Only made-up maps are used.
"""

from __future__ import annotations

import argparse
import itertools
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy import special, stats

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from analysis.hotspots import adjusted_p, certify, gi_star, shuffles
from analysis.neighbours import Neighbourhoods, hexagon_neighbourhoods, square_neighbourhoods
from geodata.crs import BNG
from geodata.hexagons import cover

ALPHA = 0.05
SHUFFLES = 199  # the product uses 999: the level is the same, the power a little higher
Rule = Callable[[np.ndarray, Neighbourhoods, int], np.ndarray]


@dataclass(frozen=True)
class Spread:
    """How reports vary between hexagons: Poisson, or negative binomial where variance/mean > 1."""

    mean: float
    over: float = 1.0

    def __str__(self) -> str:
        """Name it as the tables do."""
        if self.over == 1:
            return f"Poisson, mean {self.mean:g}"
        return f"mean {self.mean:g}, variance/mean {self.over:g}"

    def draw(
        self, rng: np.random.Generator, times: np.ndarray, *, same_over: bool = False
    ) -> np.ndarray:
        """Draw a map whose mean is multiplied by `times`.

        A busier place is more uneven in proportion (its rate is multiplied), or as uneven as the
        rest (variance/mean stays).
        """
        mean = self.mean * times
        if self.over == 1:
            return rng.poisson(mean)
        k = (mean if same_over else self.mean) / (self.over - 1)
        return rng.poisson(rng.gamma(k, mean / k))


NULLS = (
    *(Spread(mean) for mean in (0.02, 0.05, 0.2, 1, 5)),
    *(Spread(43, 43), Spread(2, 4), Spread(0.2, 1.5)),
)
PLANTS: tuple[tuple[Spread, bool, tuple[float, ...]], ...] = (
    (Spread(0.02), False, (5, 10, 20)),
    (Spread(0.05), False, (5, 10, 20)),
    (Spread(0.2), False, (3, 5, 10)),
    (Spread(1), False, (2, 3, 5)),
    (Spread(5), False, (1.5, 2, 3)),
    (Spread(43, 43), False, (3, 5, 10)),
    (Spread(43, 43), True, (3, 5, 10)),
    (Spread(2, 4), False, (3, 5, 10)),
    (Spread(2, 4), True, (3, 5, 10)),
    (Spread(0.2, 1.5), False, (3, 5, 10)),
    (Spread(0.2, 1.5), True, (3, 5, 10)),
)


def borough() -> gpd.GeoDataFrame:
    """Draw an irregular borough with a bite out of it and cover it with about 250 hexagons."""
    turn = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    reach = 2560 * (
        1 + 0.25 * np.sin(2 * turn + 1) + 0.15 * np.sin(3 * turn) + 0.08 * np.sin(5 * turn)
    )
    outline = shapely.Polygon(
        np.column_stack([535_000 + reach * np.cos(turn), 181_000 + reach * np.sin(turn)])
    )
    ward = outline.difference(shapely.Point(535_900, 179_300).buffer(600))
    wards = gpd.GeoDataFrame(
        {"ward_code": ["E05000001"], "ward_name": ["A"]}, geometry=[ward], crs=BNG
    )
    return cover(wards, 200)


def benjamini_hochberg(p: np.ndarray) -> np.ndarray:
    """Mark the places that Benjamini and Hochberg's procedure rejects."""
    return stats.false_discovery_control(np.nan_to_num(p, nan=1.0)) <= ALPHA


def usual(values: np.ndarray, near: Neighbourhoods, _seed: int) -> np.ndarray:
    """Gi* read off normal tables, corrected by Benjamini and Hochberg."""
    return benjamini_hochberg(special.ndtr(-gi_star(values, near.sizes[0])))


def exact(values: np.ndarray, near: Neighbourhoods, _seed: int) -> np.ndarray:
    """Exact binomial tails given the total, corrected by Benjamini and Hochberg."""
    size = near.sizes[0].sum(axis=1) / len(values)
    sums = near.sizes[0] @ values.astype("float64")
    return benjamini_hochberg(stats.binom.sf(sums - 1, int(values.sum()), size))


def relabelled(values: np.ndarray, near: Neighbourhoods, seed: int, *, maps: int) -> np.ndarray:
    """Certify by the highest Gi* of relabelled maps: the procedure to beat."""
    x, matrix = values.astype("float32"), near.sizes[0]
    if np.ptp(x) == 0:
        return np.zeros(len(x), dtype=bool)
    n, w = len(x), matrix.sum(axis=1)
    scale = (x.std() * np.sqrt((n * w - w**2) / (n - 1)))[:, None]
    shift = (x.mean() * w)[:, None]
    orders = shuffles([np.arange(n)], np.random.default_rng(seed), maps)
    highest = np.concatenate(
        [((matrix @ x[order] - shift) / scale).max(axis=0) for order in orders]
    )
    here = ((matrix @ x)[:, None] - shift) / scale
    return adjusted_p(here[:, 0], highest) <= ALPHA


def ours(values: np.ndarray, near: Neighbourhoods, seed: int, *, maps: int) -> np.ndarray:
    """Certify with the product's own procedure."""
    counts = pd.Series(values, index=near.places)
    return certify(counts, near, seed=seed, permutations=maps, alpha=ALPHA)["hot"].to_numpy()


def rules(maps: int) -> dict[str, Rule]:
    """Name the four procedures in the order of the tables."""
    return {
        "Gi*, normal, BH": usual,
        "exact, BH": exact,
        "highest Gi* relabelled": partial(relabelled, maps=maps),
        "ours": partial(ours, maps=maps),
    }


def interval(found: int, of: int) -> str:
    """Write a share with its 95 % interval (Wilson)."""
    low, high = stats.binomtest(found, of).proportion_ci(method="wilson")
    return f"{found / of:.3f} ({low:.3f}-{high:.3f})"


def table(head: list[str], rows: list[list[str]]) -> str:
    """Write a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def false_alarms(grids: dict[str, Neighbourhoods], n_maps: int, seed: int) -> str:
    """Count the structureless maps on which each procedure certifies anything."""
    rows = []
    for name, near in grids.items():
        large = len(near.places) > 1000
        of, chosen = (n_maps // 5 if large else n_maps), rules(SHUFFLES)
        for spread in NULLS:
            found = dict.fromkeys(chosen, 0)
            for i in range(of):
                rng = np.random.default_rng([seed, 1, i])
                values = spread.draw(rng, np.ones(len(near.places)))
                for rule, test in chosen.items():
                    found[rule] += bool(test(values, near, i).any())
            rows.append([name, str(spread), *(interval(k, of) for k in found.values()), f"{of:,}"])
            note(rows[-1])
    return table(["grid", "reports a cell", *rules(1), "maps"], rows)


def power(grids: dict[str, Neighbourhoods], n_maps: int, seed: int) -> str:
    """Count how often a planted cluster is found, at the same rate of false alarms."""
    rows = []
    for name, near in grids.items():
        large = len(near.places) > 1000
        of = max(n_maps // (40 if large else 8), 10)
        chosen = rules(SHUFFLES)
        names = ("highest Gi* relabelled", "ours")
        for ring, (spread, same, multiples) in itertools.product((1, 2), PLANTS):
            if ring == 2 and (large or spread.mean < 0.2):
                continue
            for times in multiples:
                got = {rule: Finds() for rule in names}
                for i in range(of):
                    rng = np.random.default_rng([seed, 2, i])
                    centre, planted = plant(near, rng, ring)
                    values = spread.draw(rng, np.where(planted, times, 1.0), same_over=same)
                    for rule in names:
                        got[rule].add(chosen[rule](values, near, i), planted, centre, near)
                manner = "" if spread.over == 1 else (", as uneven" if same else ", more uneven")
                shares = zip(*(each.shares() for each in got.values()), strict=True)
                rows.append(
                    [name, f"{planted.sum()}", f"{spread}{manner}", f"x{times:g}"]
                    + [f"{a:.2f} / {b:.2f}" for a, b in shares]
                    + [f"{of}"]
                )
                note(rows[-1])
    head = ["grid", "planted", "reports a cell", "rate", "centre", "any cell", "share of cells"]
    return table([*head, "beyond", "maps"], rows)


class Finds:
    """What a procedure found on maps with a planted cluster."""

    def __init__(self) -> None:
        self.seen: list[tuple[float, float, float, float]] = []

    def add(self, hot: np.ndarray, planted: np.ndarray, centre: int, near: Neighbourhoods) -> None:
        """Take in one map."""
        around = near.sizes[1] @ planted.astype("float32") > 0
        self.seen.append((hot[centre], hot[planted].any(), hot[planted].mean(), hot[~around].any()))

    def shares(self) -> list[float]:
        """Centre found, any cell found, share of planted cells, any cell beyond two rings."""
        return [float(x) for x in np.mean(self.seen, axis=0)]


def plant(near: Neighbourhoods, rng: np.random.Generator, ring: int = 1) -> tuple[int, np.ndarray]:
    """Choose a full neighbourhood at random."""
    matrix = near.sizes[ring - 1]
    size = matrix.sum(axis=1)
    centre = int(rng.choice(np.flatnonzero(size == size.max())))
    return centre, matrix[[centre]].toarray()[0] > 0


def several(near: Neighbourhoods, n_maps: int, seed: int) -> str:
    """Count the clusters found of three planted, and false alarms beyond them."""
    rows = []
    chosen = rules(SHUFFLES)
    for spread, times in ((Spread(43, 43), 5), (Spread(2, 4), 5), (Spread(1), 3)):
        for rule in ("highest Gi* relabelled", "ours"):
            found, beyond = [], 0
            for i in range(n_maps // 10):
                rng = np.random.default_rng([seed, 3, i])
                planted, centres = np.zeros(len(near.places), dtype=bool), list[int]()
                while len(centres) < 3:
                    centre, cells = plant(near, rng)
                    if not (near.sizes[0] @ cells.astype("float32") > 0)[planted].any():
                        planted |= cells
                        centres.append(centre)
                hot = chosen[rule](spread.draw(rng, np.where(planted, times, 1.0)), near, i)
                around = near.sizes[1] @ planted.astype("float32") > 0
                found.append(sum(hot[near.sizes[0][[c]].indices].any() for c in centres))
                beyond += bool(hot[~around].any())
            rows.append(
                [
                    f"{spread}, x{times}",
                    rule,
                    f"{np.mean(found):.2f} of 3",
                    interval(beyond, len(found)),
                ]
            )
            note(rows[-1])
    return table(
        ["reports a cell", "procedure", "clusters found", "maps with any hot cell beyond"], rows
    )


def exposures(cells: gpd.GeoDataFrame, near: Neighbourhoods, n_maps: int, seed: int) -> str:
    """Count false alarms where exposure differs, told to the procedure and not."""
    rows = []
    share = cells["inside_share"].clip(lower=1e-3).to_numpy()
    kinds: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
        "half cells at the edge": lambda _: share,
        "smooth, tenfold": partial(smooth, near),
    }
    for kind, make in kinds.items():
        for spread in (Spread(0.2), Spread(5), Spread(2, 4), Spread(43, 43)):
            found = [0, 0]
            for i in range(n_maps):
                rng = np.random.default_rng([seed, 4, i])
                exposure = make(rng)
                values = spread.draw(rng, exposure / exposure.mean())
                counts = pd.Series(values, index=near.places)
                told = pd.Series(exposure, index=near.places)
                for at, given in enumerate((told, None)):
                    hot = certify(counts, near, seed=i, exposure=given, permutations=SHUFFLES)[
                        "hot"
                    ]
                    found[at] += bool(hot.any())
            rows.append([kind, str(spread), *(interval(k, n_maps) for k in found)])
            note(rows[-1])
    return table(["exposure", "reports a cell", "exposure told", "exposure not told"], rows)


def smooth(near: Neighbourhoods, rng: np.random.Generator) -> np.ndarray:
    """Draw an exposure that changes slowly over the map."""
    field, matrix = rng.normal(size=len(near.places)), near.sizes[0]
    for _ in range(3):
        field = (matrix @ field) / matrix.sum(axis=1)
    return np.exp(0.8 * field / field.std())


def pooling(near: Neighbourhoods, n_maps: int, seed: int) -> str:
    """Compare one month with months added up, for three ways of being uneven."""
    ways = {
        "chance only (Poisson), mean .02 a month": (0.02, None, None, 10),
        "lasting unevenness, mean .17 a month": (0.17, 0.67, None, 5),
        "bursts that come and go, mean .17 a month": (0.17, None, 0.1, 5),
    }
    rows = []
    for way, (mean, lasting, passing, times) in ways.items():
        for months in (1, 12, 36):
            any_null, found = 0, 0
            of = max(n_maps // 10, 10)
            for i in range(of):
                rng = np.random.default_rng([seed, 5, i])
                centre, planted = plant(near, rng)
                for rate in (np.ones(len(planted)), np.where(planted, float(times), 1.0)):
                    level = np.repeat((mean * rate)[:, None], months, axis=1)
                    if lasting:
                        level *= rng.gamma(lasting, 1 / lasting, len(planted))[:, None]
                    if passing:
                        level *= rng.gamma(passing, 1 / passing, level.shape)
                    hot = ours(rng.poisson(level).sum(axis=1), near, i, maps=SHUFFLES)
                    if rate.max() > 1:
                        found += bool(hot[centre])
                    else:
                        any_null += bool(hot.any())
            rows.append(
                [f"{way}, x{times}", f"{months}", interval(any_null, of), f"{found / of:.2f}"]
            )
            note(rows[-1])
    return table(["unevenness", "months", "false alarms", "centre found"], rows)


def speed() -> str:
    """Time 999 relabellings beside esda's conditional permutations, where it is installed."""
    rows = []
    for side in (45, 245):
        near = square_neighbourhoods(side, side)
        rng = np.random.default_rng(1)
        values = rng.poisson(rng.gamma(0.5, 4, side * side))
        start = time.perf_counter()
        ours(values, near, 1, maps=999)
        mine = time.perf_counter() - start
        rows.append([f"{side * side:,}", f"{mine:.1f}", esda_seconds(values, side)])
        note(rows[-1])
    return table(["cells", "ours, one core, s", "esda G_Local, all cores, s"], rows)


def esda_seconds(values: np.ndarray, side: int) -> str:
    """Time esda's G_Local; second of two runs, so that what it compiles is ready."""
    try:
        import esda
        import libpysal
    except ImportError:
        return "not installed"
    weights = libpysal.weights.lat2W(side, side, rook=False)
    for _ in range(2):
        start = time.perf_counter()
        esda.G_Local(
            values.astype("float64"), weights, transform="B", star=1.0, permutations=999, seed=1
        )
    return f"{time.perf_counter() - start:.1f}"


def note(row: list[str]) -> None:
    """Tell whoever waits what has just been worked out."""
    print(" | ".join(row), file=sys.stderr, flush=True)


def sections(n_maps: int, seed: int, wanted: set[str]) -> Iterator[tuple[str, str]]:
    """Work out the tables one by one."""
    cells = borough()
    hexagons = hexagon_neighbourhoods(cells["hexagon"])
    grids = {
        f"{len(cells)} hexagons": hexagons,
        "16 x 16 squares": square_neighbourhoods(16, 16),
        "50 x 50 squares": square_neighbourhoods(50, 50),
    }
    every: dict[str, Callable[[], str]] = {
        "false-alarms": lambda: false_alarms(grids, n_maps, seed),
        "power": lambda: power(grids, n_maps, seed),
        "several": lambda: several(hexagons, n_maps, seed),
        "exposure": lambda: exposures(cells, hexagons, n_maps // 4, seed),
        "pooling": lambda: pooling(hexagons, n_maps, seed),
        "speed": speed,
    }
    for name, make in every.items():
        if not wanted or name in wanted:
            yield name, make()


def main() -> None:
    """Read the options, work the tables out, print or write them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--maps", type=int, default=2000, help="structureless maps a line")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--only", nargs="*", default=[], help="names of tables")
    parser.add_argument("--write", type=Path, help="Markdown file with <!-- table: NAME --> marks")
    options = parser.parse_args()
    for name, text in sections(options.maps, options.seed, set(options.only)):
        if options.write is None:
            print(f"\n## {name}\n\n{text}", flush=True)
            continue
        page = options.write.read_text(encoding="utf-8")
        marked = re.compile(rf"(<!-- table: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        filled = marked.sub(rf"\1\n{text}\n\n\2", page)
        options.write.write_text(filled, encoding="utf-8")


if __name__ == "__main__":
    main()
