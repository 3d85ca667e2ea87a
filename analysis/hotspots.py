r"""Hot spots: neighbourhoods with more reports than chance alone would put together.

The question is not "are busy places unevenly spread?" (they always are) but "do busy hexagons lie
together more than they would if the borough's own busy and quiet hexagons were shuffled over the
map?". `certify` answers it by doing just that: it relabels whole hexagons at random and asks how
high the highest neighbourhood of each shuffled map comes. The normal tables behind the usual Gi*
map are not used, because on counts as small or as uneven as ours they certify hot spots on maps
that have none; `docs/method_hotspots.md` has the simulation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.neighbours import Neighbourhoods
from analysis.residuals import Residuals, Transform, expected_counts, residuals, strata
from geodata.errors import NotEnoughDataError

if TYPE_CHECKING:
    from scipy import sparse

FEWEST = 30
"""Fewer places than this are not tested: too few ways to shuffle them."""
TRANSFORMS: tuple[Transform, ...] = ("count", "root")
HEAD_START = 0.3
"""What each further size of neighbourhood must exceed the one before by to be preferred."""
_BLOCK = 64
_TIE = 1e-4


@dataclass(frozen=True)
class Certified:
    """How much of the borough the certified hot spots are.

    Attributes
    ----------
    hexagons, hot_hexagons : int
        Places tested, and those certified.
    reports, hot_reports : int
        Reports in the places tested, and those in the certified ones.
    quiet : int
        Certified places with fewer reports than expected themselves: it is their neighbours that
        are busy.
    alpha : float
        Chance of any certified place on a map with no spatial structure, at most.
    """

    hexagons: int
    hot_hexagons: int
    reports: int
    hot_reports: int
    quiet: int
    alpha: float

    @property
    def hexagon_share(self) -> float:
        """Share of the places that are certified, 0-1."""
        return self.hot_hexagons / self.hexagons if self.hexagons else 0.0

    @property
    def report_share(self) -> float:
        """Share of the reports that lie in certified places, 0-1."""
        return self.hot_reports / self.reports if self.reports else 0.0

    def sentence(self) -> str:
        """Say it in plain words.

        Examples
        --------
        >>> print(Certified(250, 10, 4000, 800, 0, 0.05).sentence())
        10 of 250 hexagons (4.0%) are certified hot spots; they hold 800 of 4,000 reports (20.0%). \
Shuffled maps show any certified hexagon at most 5 times in 100.
        """
        if not self.hot_hexagons:
            return (
                f"None of the {self.hexagons:,} hexagons is a certified hot spot: busy hexagons "
                "lie together no more than shuffling them over the map would put them. Single "
                "places can still be busy."
            )
        one = self.hot_hexagons == 1
        verb = "is a certified hot spot; it holds" if one else "are certified hot spots; they hold"
        have, them = ("has", "it") if self.quiet == 1 else ("have", "them")
        quiet = (
            f" {self.quiet:,} of them {have} fewer reports than expected: it is the hexagons "
            f"around {them} that are busy."
        )
        return (
            f"{self.hot_hexagons:,} of {self.hexagons:,} hexagons ({self.hexagon_share:.1%}) "
            f"{verb} {self.hot_reports:,} of {self.reports:,} reports ({self.report_share:.1%}). "
            f"Shuffled maps show any certified hexagon at most {self.alpha * 100:g} times in 100."
            + (quiet if self.quiet else "")
        )


def gi_star(values: np.ndarray, near: sparse.csr_array) -> np.ndarray:
    r"""Work out the local statistic Gi* of Getis and Ord, the place itself included.

    .. math::

        G_i^* = \frac{\sum_j w_{ij} x_j - \bar x W_i}
                     {S \sqrt{\left(n \sum_j w_{ij}^2 - W_i^2\right) / (n - 1)}}, \quad
        W_i = \sum_j w_{ij}, \quad S^2 = \frac{\sum_j x_j^2}{n} - \bar x^2

    Source: Ord, J. K. and Getis, A. (1995), Local spatial autocorrelation statistics,
    Geographical Analysis 27(4).

    Parameters
    ----------
    values : numpy.ndarray
        One value a place.
    near : scipy.sparse.csr_array
        Neighbourhoods, the place itself included.

    Returns
    -------
    numpy.ndarray
        NaN throughout where all values are equal, or where a neighbourhood is the whole map.

    Notes
    -----
    Approximately standard normal only where neighbourhoods hold many counts that are not too
    uneven. Never read as a test here: see `certify`.

    Examples
    --------
    >>> from analysis.neighbours import square_neighbourhoods
    >>> gi_star(np.array([9.0, 1.0, 1.0, 1.0]), square_neighbourhoods(1, 4, rings=(1,)).sizes[0])
    array([ 1.        ,  0.57735027, -1.73205081, -1.        ])
    """
    x, n = np.asarray(values, dtype="float64"), len(values)
    near = near.astype("float64")
    w, w2 = near.sum(axis=1), near.power(2).sum(axis=1)
    mean = x.mean()
    spread = np.sqrt(max((x**2).mean() - mean**2, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        return (near @ x - mean * w) / (spread * np.sqrt((n * w2 - w**2) / (n - 1)))


def gi(values: np.ndarray, near: sparse.csr_array) -> np.ndarray:
    r"""Work out the local statistic Gi of Getis and Ord, the place itself left out.

    As `gi_star`, but over :math:`j \ne i` throughout: the mean and the spread are those of the
    other n - 1 places, and the divisor under the root is n - 2. Source as there.

    Parameters
    ----------
    values : numpy.ndarray
        One value a place.
    near : scipy.sparse.csr_array
        Neighbourhoods; the place itself is taken out of its own.

    Returns
    -------
    numpy.ndarray

    Examples
    --------
    >>> from analysis.neighbours import square_neighbourhoods
    >>> row = square_neighbourhoods(1, 4, rings=(1,)).sizes[0]
    >>> gi(np.array([9.0, 1.0, 1.0, 3.0]), row).round(4)
    array([-0.7071,  0.3922, -1.3728, -0.7071])
    """
    x, n = np.asarray(values, dtype="float64"), len(values)
    others = near.astype("float64").tolil()
    others.setdiag(0.0)
    others = others.tocsr()
    w, w2 = others.sum(axis=1), others.power(2).sum(axis=1)
    mean = (x.sum() - x) / (n - 1)
    spread = np.sqrt(np.maximum(((x**2).sum() - x**2) / (n - 1) - mean**2, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        return (others @ x - mean * w) / (spread * np.sqrt(((n - 1) * w2 - w**2) / (n - 2)))


def certify(
    counts: pd.Series,
    neighbours: Neighbourhoods,
    *,
    seed: int,
    exposure: pd.Series | None = None,
    judged: pd.Series | None = None,
    permutations: int = 999,
    alpha: float = 0.05,
) -> pd.DataFrame:
    r"""Certify hot spots so that a map with no spatial structure rarely shows any.

    Each place has a score: how far its neighbourhood's reports exceed what its exposure leads to
    expect. The neighbourhood is summed in two ways, as counts and as square roots (the second
    gives one huge hexagon less say), each sum is standardised by its exact variance under
    relabelling and its skewness is taken out (Wilson and Hilferty's cube root), and the two are
    averaged; the score is the highest over the neighbourhood sizes, less 0.3 for each size beyond
    the first (so that looking for large clusters costs hardly any power against small ones). The
    places' residuals are then dealt out anew at random, `permutations` times, and

    .. math:: p_i = \frac{1 + \#\{b : \max_j T_j^{(b)} \ge T_i\}}{1 + R}

    so that one number, the highest score anywhere on a shuffled map, guards the whole map
    (Westfall and Young's max-T). Neighbourhoods of the places certified are set aside and the rest
    is tested again in the same way, until a round certifies nothing more; p is never smaller than
    in an earlier round.

    Sources: Ord and Getis (1995), as `gi_star`; Westfall, P. H. and Young, S. S. (1993),
    Resampling-based multiple testing; Wilson, E. B. and Hilferty, M. M. (1931), PNAS 17(12).

    Parameters
    ----------
    counts : pandas.Series
        Reports by place over the whole borough, zeros included, whole numbers; index as
        `neighbours.places` in any order. Several months or years are pooled by adding them up.
    neighbours : Neighbourhoods
        Who is near whom, at one or more sizes.
    seed : int
        Seed of the shuffling.
    exposure : pandas.Series, optional
        What reports are expected in proportion to (length of street, footfall, the share of a cell
        inside the borough where no collar is stored). Missing or not positive: the place takes no
        part. Places are then shuffled only among places of like exposure.
    judged : pandas.Series, optional
        Places that may be certified (bool). The others, such as cells of the collar, only serve as
        neighbours. All by default.
    permutations : int, default 999
        Shuffled maps in a round.
    alpha : float, default 0.05
        Chance of any certified place where there is no spatial structure.

    Returns
    -------
    pandas.DataFrame
        Index of `counts`: `count`, `expected` (in proportion to exposure), `statistic` (the score
        of the round that settled it, about standard normal for one neighbourhood), `p` (adjusted
        for the whole map), `hot` (p at most alpha). Places that take no part have NaN and are not
        hot.

    Raises
    ------
    NotEnoughDataError
        If fewer than 30 places take part.
    ValueError
        If the index differs from the places, or a count is negative or not whole.

    Notes
    -----
    A hot spot is a neighbourhood and bears the name of the place in its middle, which may itself
    be quiet. Several months are pooled by adding them up: treating them as replicates (sums of
    roots, months with a report) found no more in simulation.

    Limits. A single busy hexagon among quiet ones is not certified, however busy: there is no
    arrangement in one. Half a hexagon at the borough's edge looks quiet and its neighbours busy:
    give whole hexagons (with the collar), or `analysis.neighbours.share_as_exposure` where no
    collar is stored. If exposure is the wrong yardstick and bunches together on the map, so will
    the hot spots. Beside a true hot spot the next ring of hexagons may be certified with it.

    Examples
    --------
    >>> from analysis.neighbours import square_neighbourhoods
    >>> grid = np.tile([1, 0, 2, 1, 0, 3, 1, 0], (8, 1))
    >>> grid[2:5, 2:5] += 12
    >>> table = certify(pd.Series(grid.ravel()), square_neighbourhoods(8, 8), seed=1)
    >>> int(table["hot"].sum()), float(table.loc[27, "p"])
    (7, 0.001)
    >>> print(certified(table).sentence().split(";")[0])
    7 of 64 hexagons (10.9%) are certified hot spots
    """
    places = _Places.of(counts, neighbours, exposure, judged)
    table = pd.DataFrame(
        {"count": counts, "expected": np.nan, "statistic": np.nan, "p": np.nan, "hot": False}
    )
    if len(places.counts) < FEWEST:
        raise NotEnoughDataError(
            f"Hot spots need at least {FEWEST} hexagons.", got=f"{len(places.counts)}"
        )
    rng = np.random.default_rng(seed)
    expected = expected_counts(places.counts, places.exposure)
    statistic, p = _rounds(places, rng, permutations, alpha)
    found = pd.DataFrame(
        {"expected": expected, "statistic": statistic, "p": p, "hot": p <= alpha},
        index=places.names,
    )
    table.loc[places.names, ["expected", "statistic", "p", "hot"]] = found
    return table.astype({"hot": bool})


def certified(table: pd.DataFrame, *, alpha: float = 0.05) -> Certified:
    """Add up how many hexagons and reports are certified.

    Parameters
    ----------
    table : pandas.DataFrame
        From `certify`. Places that were not judged or took no part (p NaN) are passed over.
    alpha : float, default 0.05
        As given to `certify`.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {"count": [8, 2], "expected": 5.0, "p": [0.01, 1.0], "hot": [True, False]}
    ... )
    >>> certified(table).report_share
    0.8
    """
    known = table[table["p"].notna()]
    hot = known[known["hot"]]
    return Certified(
        len(known),
        len(hot),
        int(known["count"].sum()),
        int(hot["count"].sum()),
        int((hot["count"] < hot["expected"]).sum()),
        alpha,
    )


def neighbourhood_scores(
    fields: Sequence[Residuals], neighbours: Neighbourhoods, order: np.ndarray
) -> list[np.ndarray]:
    """Score every neighbourhood of shuffled maps, once for each size of neighbourhood.

    Parameters
    ----------
    fields : sequence of Residuals
        The same places seen as counts and as square roots.
    neighbours : Neighbourhoods
        Who is near whom.
    order : numpy.ndarray
        Places by maps: which place's residual each place is dealt.

    Returns
    -------
    list of numpy.ndarray
        Scores, places by maps, float32; one array a size.
    """
    scores = [np.zeros(order.shape, dtype="float32") for _ in neighbours.sizes]
    for field in fields:
        dealt = field.value.astype("float32")[order]
        dealt *= field.weight.astype("float32")[:, None]
        for score, near in zip(scores, neighbours.sizes, strict=True):
            score += _standardised(near @ dealt, field, near) / np.float32(len(fields))
    return scores


def best_of_sizes(scores: Sequence[np.ndarray]) -> np.ndarray:
    """Take the highest score over the sizes, each further size less 0.3 more.

    Examples
    --------
    >>> best_of_sizes([np.array([1.0, 1.0]), np.array([1.2, 2.0])]).tolist()
    [1.0, 1.7]
    """
    return np.maximum.reduce([score - HEAD_START * k for k, score in enumerate(scores)])


def shuffles(
    groups: Sequence[np.ndarray], rng: np.random.Generator, permutations: int
) -> Iterator[np.ndarray]:
    """Deal places out anew within each group, a block of maps at a time.

    Parameters
    ----------
    groups : sequence of numpy.ndarray
        Positions that may change places with each other; together every position once.
    rng : numpy.random.Generator
        Source of chance.
    permutations : int
        Maps in all.

    Yields
    ------
    numpy.ndarray
        Places by maps: which place each place is dealt.

    Examples
    --------
    >>> blocks = list(shuffles([np.arange(3), np.arange(3, 5)], np.random.default_rng(1), 70))
    >>> [block.shape for block in blocks], sorted(blocks[0][:3, 0].tolist())
    ([(5, 64), (5, 6)], [0, 1, 2])
    """
    n = sum(len(group) for group in groups)
    for start in range(0, permutations, _BLOCK):
        order = np.empty((min(_BLOCK, permutations - start), n), dtype="int32")
        for row in order:
            for group in groups:
                row[group] = rng.permutation(group)
        yield order.T


def adjusted_p(observed: np.ndarray, highest: np.ndarray) -> np.ndarray:
    """Rank scores among the highest scores of shuffled maps: (1 + as high) / (1 + maps).

    Equal sums added up in another order differ in their last bits, so scores closer than a
    ten-thousandth count as ties, and a tie counts against the place.

    Examples
    --------
    >>> adjusted_p(np.array([5.0, 2.0]), np.array([1.0, 2.0, 3.0])).tolist()
    [0.25, 0.75]
    """
    above = len(highest) - np.searchsorted(np.sort(highest), observed - _TIE, side="left")
    return (1 + above) / (1 + len(highest))


@dataclass(frozen=True)
class _Places:
    """Places that take part, in the order of their neighbourhoods."""

    names: pd.Index
    counts: np.ndarray
    exposure: np.ndarray
    judged: np.ndarray
    near: Neighbourhoods

    @classmethod
    def of(
        cls,
        counts: pd.Series,
        near: Neighbourhoods,
        exposure: pd.Series | None,
        judged: pd.Series | None,
    ) -> _Places:
        _check(counts, near, exposure, judged)
        names = near.places
        x = counts.reindex(names).to_numpy(dtype="float64")
        e = _aligned(exposure, names, 1.0).astype("float64")
        may = _aligned(judged, names, True).astype(bool)
        part = np.isfinite(x) & np.isfinite(e) & (e > 0)
        return cls(names[part], x[part], e[part], may[part], near.among(part))

    def among(self, kept: np.ndarray) -> _Places:
        return _Places(
            self.names[kept], self.counts[kept], self.exposure[kept], self.judged[kept],
            self.near.among(kept),
        )  # fmt: skip


def _aligned(values: pd.Series | None, names: pd.Index, default: float | bool) -> np.ndarray:
    if values is None:
        return np.full(len(names), default)
    return values.reindex(names).to_numpy()


def _check(
    counts: pd.Series,
    near: Neighbourhoods,
    exposure: pd.Series | None,
    judged: pd.Series | None,
) -> None:
    for name, series in (("counts", counts), ("exposure", exposure), ("judged", judged)):
        if series is not None and (
            series.index.has_duplicates or set(series.index) != set(near.places)
        ):
            raise ValueError(f"the index of {name} differs from the places of the neighbourhoods")
    known = counts.dropna().to_numpy(dtype="float64")
    if (known < 0).any() or (known % 1 != 0).any():
        raise ValueError("counts must be whole and not negative")


def _rounds(
    places: _Places, rng: np.random.Generator, permutations: int, alpha: float
) -> tuple[np.ndarray, np.ndarray]:
    """Test, set the neighbourhoods of what is certified aside, test the rest."""
    n = len(places.counts)
    statistic, p = np.full(n, np.nan), np.full(n, np.nan)
    left, least = np.ones(n, dtype=bool), 0.0
    while left.sum() >= FEWEST and (left & places.judged).any():
        rest = places.among(left)
        score, adjusted = _one_round(rest, rng, permutations)
        at = np.flatnonzero(left)[rest.judged]
        statistic[at] = score[rest.judged]
        p[at] = np.maximum(adjusted[rest.judged], least)
        certain = left & places.judged & (p <= alpha)
        if not certain.any():
            break
        least = float(p[certain].max())
        left &= ~_reach(places.near, certain)
    return statistic, p


def _reach(near: Neighbourhoods, chosen: np.ndarray) -> np.ndarray:
    """Mark the chosen places and the smallest neighbourhood of each."""
    return (near.sizes[0].T @ chosen.astype("float32") > 0) | chosen


def _one_round(
    places: _Places, rng: np.random.Generator, permutations: int
) -> tuple[np.ndarray, np.ndarray]:
    fields = [residuals(places.counts, places.exposure, kind) for kind in TRANSFORMS]
    as_is = np.arange(len(places.counts))[:, None]
    here = best_of_sizes(neighbourhood_scores(fields, places.near, as_is))[:, 0]
    highest = np.concatenate(
        [
            best_of_sizes(neighbourhood_scores(fields, places.near, order))[places.judged].max(
                axis=0
            )
            for order in shuffles(strata(places.exposure), rng, permutations)
        ]
    )
    return here.astype("float64"), adjusted_p(here, highest)


def _standardised(sums: np.ndarray, field: Residuals, near: sparse.csr_array) -> np.ndarray:
    """Bring sums over neighbourhoods to mean 0, variance 1 and hardly any skewness."""
    n, weight = len(field.value), field.weight
    w, w2, w3 = near @ weight, near @ weight**2, near @ weight**3
    variance = np.maximum(w2 - w**2 / n, 1e-12) * n / max(n - 1, 1)
    skewness = np.maximum(field.skewness * w3 / variance**1.5, 0.02)
    return _unskewed(sums, np.sqrt(variance), skewness)


def _unskewed(sums: np.ndarray, spread: np.ndarray, skewness: np.ndarray) -> np.ndarray:
    """Take a gamma variable's skewness out, in place: the cube root of Wilson and Hilferty."""
    shape = 4 / skewness**2
    sums *= (skewness / (2 * spread)).astype("float32")[:, None]
    sums += np.float32(1)
    np.maximum(sums, np.float32(0), out=sums)
    np.cbrt(sums, out=sums)
    sums -= (1 - 1 / (9 * shape)).astype("float32")[:, None]
    sums *= (3 * np.sqrt(shape)).astype("float32")[:, None]
    return sums
