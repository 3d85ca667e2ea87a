r"""Hot spots through time: the full classes, window by window.

The borough is a cube of hexagons by periods, zeros included. `hot_bins` decides which bins of the
cube are hot or cold, guarded over the whole cube; `classify` turns each hexagon's row of bins into
one class. The everyday words of a certified hot spot come from `analysis.hotspot_words`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from analysis.hotspots import (
    FEWEST,
    TRANSFORMS,
    adjusted_p,
    best_of_sizes,
    neighbourhood_scores,
    shuffles,
)
from analysis.neighbours import Neighbourhoods
from analysis.residuals import Residuals, residuals, strata
from analysis.trend_test import mann_kendall
from geodata.errors import NotEnoughDataError

Reading = Literal["current", "older"]
Pattern = Literal[
    "new", "consecutive", "intensifying", "persistent", "diminishing", "sporadic", "oscillating",
    "historical", "none",
]  # fmt: skip

HOT, COLD, NEITHER = 1, -1, 0
MOSTLY = 0.9
PATTERNS: tuple[str, ...] = get_args(Pattern)

PATTERN_WORDS: dict[str, str] = {
    "new": "hot in the last period and never before",
    "consecutive": "hot in the last periods in a row, and never before them",
    "intensifying": "hot nearly all the time, and rising",
    "persistent": "hot nearly all the time",
    "diminishing": "hot nearly all the time, and falling",
    "sporadic": "hot on and off",
    "oscillating": "hot now, and once a cold spot",
    "historical": "hot nearly all the time, but no longer",
    "none": "no pattern",
}
"""What each class says of a hot spot; read 'cold' for 'hot' in the mirrored classes."""


@dataclass(frozen=True)
class Bins:
    """Which bins of the cube are hot or cold.

    Attributes
    ----------
    score : pandas.DataFrame
        Places by periods: the score that `state` is judged by.
    state : pandas.DataFrame
        1 hot, -1 cold, 0 neither.
    memory : int
        Periods before a bin's own that count towards it.
    """

    score: pd.DataFrame
    state: pd.DataFrame
    memory: int


def hot_bins(
    cube: pd.DataFrame,
    neighbours: Neighbourhoods,
    *,
    seed: int,
    exposure: pd.Series | None = None,
    memory: int = 1,
    permutations: int = 999,
    alpha: float = 0.05,
) -> Bins:
    """Find the hot and cold bins of a cube of places by periods.

    A bin's neighbourhood is its place's neighbourhood in this period and the `memory` periods
    before it. The score is that of `analysis.hotspots.certify`, worked out within each period so
    that a busy summer makes no hot spots. Whole places, with all their periods, are dealt out anew
    at random; a bin is hot if its score is reached by the highest score anywhere in at most
    `alpha` of the shuffled cubes, and cold likewise at the low end.

    Parameters
    ----------
    cube : pandas.DataFrame
        Reports, places by periods in order; zeros included, none missing. Every hexagon of the
        borough has a row: a cube of the reported hexagons only would call the borough's ordinary
        hexagons cold.
    neighbours : Neighbourhoods
        Who is near whom.
    seed : int
        Seed of the shuffling.
    exposure : pandas.Series, optional
        As in `certify`, positive throughout.
    memory : int, default 1
        Periods before a bin's own that count towards it.
    permutations : int, default 999
        Shuffled cubes.
    alpha : float, default 0.05
        Chance of any hot bin in a cube with no spatial structure; the same again for cold.

    Returns
    -------
    Bins

    Raises
    ------
    NotEnoughDataError
        If there are fewer than 30 places or 2 periods.
    ValueError
        If counts are missing, negative or on other places, or an exposure is not positive.

    Notes
    -----
    With months as periods and a memory of 2 the bins are rolling three-month windows, and the share
    of hot bins (`hot_share` in `classify`) says how lasting a hot spot is.

    Guarding a whole cube is strict: fewer bins are hot than a test of the last period alone would
    find. Cold spots can hardly ever be shown where counts are small.

    Examples
    --------
    >>> from analysis.neighbours import square_neighbourhoods
    >>> rng = np.random.default_rng(1)
    >>> cube = pd.DataFrame(rng.poisson(2.0, (64, 4)))
    >>> cube.loc[[18, 19, 26, 27, 34, 35], 2:] += 15
    >>> hot_bins(cube, square_neighbourhoods(8, 8), seed=1).state.loc[27].tolist()
    [0, 0, 1, 1]
    """
    counts, share = _checked(cube, neighbours, exposure)
    windows = np.stack(
        [counts[:, max(0, t - memory) : t + 1].sum(axis=1) for t in range(counts.shape[1])]
    )
    fields = [tuple(residuals(w, share, kind) for kind in TRANSFORMS) for w in windows]
    as_is = np.arange(len(counts))[:, None]
    here = [_ends(field, neighbours, as_is) for field in fields]
    high, low = (np.column_stack([pair[end][:, 0] for pair in here]) for end in (0, 1))
    highest, lowest = _extremes(
        fields, neighbours, shuffles(strata(share), np.random.default_rng(seed), permutations)
    )
    hot = adjusted_p(high, highest) <= alpha
    cold = adjusted_p(-low, -lowest) <= alpha
    state = np.select([hot, cold], [HOT, COLD], NEITHER)
    index, columns = neighbours.places, cube.columns
    return Bins(
        pd.DataFrame(high.astype("float64"), index, columns).reindex(cube.index),
        pd.DataFrame(state, index, columns).reindex(cube.index),
        memory,
    )


def classify(
    state: pd.DataFrame,
    score: pd.DataFrame,
    *,
    reading: Reading = "current",
    memory: int = 0,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Give each place one class, from its bins through time.

    With T the last period and H the share of hot periods:

    - new: hot at T only, never before.
    - consecutive: one run of at least two hot periods that ends at T, never hot before, H < 0.9.
    - intensifying, persistent, diminishing: H >= 0.9 and hot at T, with a rising, no, or falling
      Mann-Kendall trend of the score.
    - historical: H >= 0.9, not hot at T.
    - oscillating: hot at T, some time cold, H < 0.9.
    - sporadic: on and off, never cold, H < 0.9. The current definition asks for hot at T, the
      older one did not.
    - cold spots mirror all of these; none otherwise.

    The classes exclude each other in the order written here. Two places where the published words
    leave room are settled so: `C....H`, hot only at T and once cold, is new, not oscillating; and
    in the older reading a single hot run that is over is sporadic. Source: Esri, How Emerging Hot
    Spot Analysis works (the definitions; nothing of its programs).

    Parameters
    ----------
    state : pandas.DataFrame
        Places by periods: 1 hot, -1 cold, 0 neither. At least two periods.
    score : pandas.DataFrame
        Places by periods, for the trend.
    reading : {'current', 'older'}, default 'current'
        Which definition of sporadic.
    memory : int, default 0
        As given to `hot_bins`. Windows that overlap are alike, which the trend test would take for
        a trend; so it looks at every (memory + 1)th period, the last among them.
    alpha : float, default 0.05
        Level of the trend test, two-sided.

    Returns
    -------
    pandas.DataFrame
        Index of `state`: `class` (as above), `side` ('hot', 'cold' or ''), `hot_share` (H) and
        `trend_z`.

    Raises
    ------
    NotEnoughDataError
        If there are fewer than two periods.

    Examples
    --------
    >>> rows = pd.DataFrame([[0, 0, 0, 1], [1, 0, 1, 1], [1, 1, 1, 1]])
    >>> classify(rows, rows.astype(float))["class"].tolist()
    ['new', 'sporadic', 'persistent']
    """
    if state.shape[1] < 2:
        raise NotEnoughDataError(
            "Classes through time need at least two periods.", got=f"{state.shape[1]}"
        )
    apart = score.loc[state.index].to_numpy()[:, :: -(memory + 1)][:, ::-1]
    trend = mann_kendall(apart)
    rising = np.where(trend.p <= alpha, np.sign(trend.s), 0.0)
    bins = state.to_numpy()
    hot = _one_side(bins == HOT, bins == COLD, rising, reading)
    cold = _one_side(bins == COLD, bins == HOT, -rising, reading)
    is_hot = hot != "none"
    classes = np.where(is_hot, hot, cold)
    side = np.select([is_hot, cold != "none"], ["hot", "cold"], "")
    table = pd.DataFrame({"class": classes, "side": side}, index=state.index)
    table["hot_share"] = (bins == HOT).mean(axis=1)
    table["trend_z"] = trend.z
    return table


def _one_side(on: np.ndarray, off: np.ndarray, rising: np.ndarray, reading: Reading) -> np.ndarray:
    """Classify hot spots; with the arguments mirrored, cold spots."""
    now, share = on[:, -1], on.mean(axis=1)
    mostly, ever, other = share >= MOSTLY, on.any(axis=1), off.any(axis=1)
    run = np.cumprod(on[:, ::-1], axis=1).sum(axis=1)
    only_run = now & (run == on.sum(axis=1))
    rules = {
        "new": only_run & (run == 1),
        "consecutive": only_run & (run >= 2) & ~mostly,
        "intensifying": mostly & now & (rising > 0),
        "diminishing": mostly & now & (rising < 0),
        "persistent": mostly & now,
        "historical": mostly,
        "oscillating": now & other,
        "sporadic": ever & ~other & (now if reading == "current" else True),
    }
    return np.select(list(rules.values()), list(rules), "none")


def _checked(
    cube: pd.DataFrame, near: Neighbourhoods, exposure: pd.Series | None
) -> tuple[np.ndarray, np.ndarray]:
    if cube.index.has_duplicates or set(cube.index) != set(near.places):
        raise ValueError("the index of the cube differs from the places of the neighbourhoods")
    if len(cube) < FEWEST or cube.shape[1] < 2:
        raise NotEnoughDataError(
            f"Hot spots through time need at least {FEWEST} hexagons and 2 periods.",
            got=f"{len(cube)} hexagons, {cube.shape[1]} periods",
        )
    counts = cube.reindex(near.places).to_numpy(dtype="float64")
    share = (
        np.ones(len(cube))
        if exposure is None
        else exposure.reindex(near.places).to_numpy(dtype="float64")
    )
    if not (counts >= 0).all() or not (share > 0).all():
        raise ValueError("counts must not be missing or negative, and exposures be positive")
    return counts, share


def _ends(
    field: Sequence[Residuals], near: Neighbourhoods, order: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give the highest and the lowest score over the sizes of neighbourhood."""
    scores = neighbourhood_scores(field, near, order)
    return best_of_sizes(scores), -best_of_sizes([-score for score in scores])


def _extremes(
    fields: Sequence[Sequence[Residuals]], near: Neighbourhoods, orders: Iterable[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Give the highest and the lowest score anywhere in each shuffled cube."""
    highest, lowest = [], []
    for order in orders:
        ends = [_ends(field, near, order) for field in fields]
        highest.append(np.max([high.max(axis=0) for high, _ in ends], axis=0))
        lowest.append(np.min([low.min(axis=0) for _, low in ends], axis=0))
    return np.concatenate(highest), np.concatenate(lowest)
