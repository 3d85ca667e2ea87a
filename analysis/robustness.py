"""How sure is a rank? Intervals from the posterior of the rates, and a band for the weights.

Two questions, never mixed. The interval asks what chance in the counts does to a rank at fixed
weights. The band asks what other reasonable weights and scales would do to it with the counts as
they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis import components
from analysis.components import COMPONENT_CODES, VOLUME_MONTHS
from analysis.coverage import MonthCover, compared_months
from analysis.normalise import Normaliser, normalise, normalise_rows
from analysis.posterior import LEAST_MONTHS, Floats, draw_rates, fit_counts
from analysis.score import ScoreWeights, rank_by_total, score_locations
from geodata import months as m

DRAWS = 1000
SEED = 20260430
TOP = 10
TAIL = 0.05
"""Share of draws left out at each end: the interval holds 90 per cent of them."""

ROBUST, SENSITIVE = 0.8, 0.2
"""P(top k) from which a place is a robust pick, and from which a sensitive one."""

CONCENTRATION = 50.0
"""How close other weights stay to the chosen ones: a weight of 30 per cent is drawn with a
standard deviation of 6.4 points, one of 5 per cent with 3.1."""

SCALES: tuple[Normaliser, ...] = ("rank", "min-max", "z")
"""Ways of putting components on one scale that the band of weights tries in turn."""

MODEL_MONTHS = components.PERSISTENCE_WINDOWS + components.PERSISTENCE_LENGTH - 1


@dataclass(frozen=True)
class ComponentDraws:
    """Components worked out from drawn rates.

    Attributes
    ----------
    places : pandas.Index
        Location ids, in order.
    values : mapping of str to numpy.ndarray
        Draws by places, one array a component; a component that is missing has none.
    draws : int
        How many draws.
    seed : int
        What they were made from.
    """

    places: pd.Index
    values: Mapping[str, Floats]
    draws: int
    seed: int


def draw_components(
    matrix: pd.DataFrame,
    cover: MonthCover,
    as_at: str,
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    window: int = VOLUME_MONTHS,
) -> ComponentDraws:
    """Draw the report components from the posterior of the places' monthly rates.

    The same definitions as in `analysis.components`, applied to drawn rates in place of counts:
    volume is their sum over the months (not shrunk again), persistence and trend are read from the
    same rates. A component that the months cannot carry is missing in every draw.

    Parameters
    ----------
    matrix : pandas.DataFrame
        Reports, places by months that data cover.
    cover : MonthCover
        The months that data cover.
    as_at : str
        Last month, included; the model reads the 26 months that end with it.
    draws, seed : int
        How many, and what they are made from.
    window : int, default 12
        Months that volume counts.

    Returns
    -------
    ComponentDraws
        The same whatever the order of the rows of `matrix`.

    Examples
    --------
    >>> counts = pd.DataFrame([[5, 5, 6], [0, 0, 1]], ["a", "b"], m.window("2026-03", 3))
    >>> drawn = draw_components(counts, MonthCover(tuple(counts.columns), ()), "2026-03", draws=20)
    >>> list(drawn.values), drawn.values["volume"].shape
    (['volume'], (20, 2))
    """
    known = cover.within(None, as_at)
    read = [x for x in m.window(as_at, MODEL_MONTHS) if x in known.present]
    ordered = matrix.sort_index()
    reading = _reading(known, as_at, read, window)
    if not reading.parts or len(read) < LEAST_MONTHS:
        return ComponentDraws(ordered.index, {}, draws, seed)
    counts = ordered[read].to_numpy(dtype="float64")
    if not counts.any():
        flat = {code: np.zeros((draws, len(ordered))) for code in reading.parts}
        return ComponentDraws(ordered.index, flat, draws, seed)
    at = np.array([m.number(month) for month in read], dtype="float64")
    model, generator = fit_counts(counts, at), np.random.default_rng(seed)
    chunks = [reading.of(rates) for rates in draw_rates(counts, model, draws, generator)]
    values = {code: np.concatenate([c[code] for c in chunks]) for code in reading.parts}
    return ComponentDraws(ordered.index, values, draws, seed)


def rank_intervals(
    evidence: pd.DataFrame, weights: ScoreWeights, drawn: ComponentDraws, *, top: int = TOP
) -> pd.DataFrame:
    """Give the 90 per cent interval of every rank.

    Every draw is scored as `analysis.score.score_locations` scores the counts: components on the
    preset's scale, weighted mean, rank. Components without draws keep their values. Totals that
    are equal in a draw are put in an order by lot, and places that are equal in every component
    share their draws, so that they get the same interval.

    Parameters
    ----------
    evidence : pandas.DataFrame
        As for `score_locations`: raw components on the index of location ids.
    weights : ScoreWeights
        The preset.
    drawn : ComponentDraws
        From `draw_components`, for the same places.
    top : int, default 10
        How many places count as first.

    Returns
    -------
    pandas.DataFrame
        On the index of `evidence`: `rank_low`, `rank_high` (Int64; missing where a place has no
        rank), `p_top10` (share of draws in the first `top`) and `pick`: 'robust' from a share of
        0.8, 'sensitive' from 0.2, else ''.

    Raises
    ------
    ValueError
        If a place has no draws.

    Notes
    -----
    The interval is for the rank by the rates that lie under the counts, and covers that 90 per
    cent of the time (docs/method.md has the simulation). It can leave out the rank shown, which is
    by the counts: a place that rose by chance alone is expected to fall back.

    Examples
    --------
    >>> from analysis.score import PRESETS
    >>> counts = pd.DataFrame([[30] * 3, [0] * 3, [2] * 3], list("abc"), m.window("2026-03", 3))
    >>> cover = MonthCover(tuple(counts.columns), ())
    >>> evidence = components.volume(counts, cover, "2026-03").raw.to_frame("volume")
    >>> found = rank_intervals(evidence, PRESETS["walkabout"],
    ...                        draw_components(counts, cover, "2026-03"), top=1)
    >>> found.loc["a"].astype(str).tolist()
    ['1', '1', '1.0', 'robust']
    """
    ordered = evidence.sort_index()
    ranked = score_locations(ordered, weights)["rank"].notna().to_numpy()
    if not ranked.any() or not drawn.values:
        return _no_intervals(evidence.index)
    where = drawn.places.get_indexer(ordered.index)
    if (where < 0).any():
        raise ValueError(f"a location has no draws: {ordered.index[where < 0][0]!r}")
    scores = drawn_scores(ordered, drawn, where, weights.normaliser)
    totals = draw_totals(scores, weights)[:, ranked]
    generator = np.random.default_rng((drawn.seed, 1))
    ties = _tie_groups(ordered[ranked])
    low, high, first = summarise_ranks(ranks_by_lot(totals, generator), ties, top, generator)
    pick = np.select([first >= ROBUST, first >= SENSITIVE], ["robust", "sensitive"], "")
    table = pd.DataFrame(
        {"rank_low": low, "rank_high": high, "p_top10": first, "pick": pick},
        index=ordered.index[ranked],
    ).reindex(evidence.index)
    return table.astype({"rank_low": "Int64", "rank_high": "Int64"}).fillna({"pick": ""})


def weight_band(
    evidence: pd.DataFrame,
    weights: ScoreWeights,
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    concentration: float = CONCENTRATION,
    volumes: Sequence[pd.Series] = (),
) -> pd.DataFrame:
    """Say where other weights, scales and windows would rank each place, the counts staying.

    Weights are drawn from a Dirichlet distribution with the chosen weights as mean; each draw uses
    one of three scales in turn: percentile rank, min-max (0-100) and z (clipped at 3, then 0-100);
    and, where they are given, volume counted over one of several windows in turn. Which places are
    ranked at all stays as chosen. Nothing of this is chance in the counts: it is no confidence
    interval, and is kept apart from `rank_intervals`.

    Parameters
    ----------
    evidence : pandas.DataFrame
        As for `score_locations`.
    weights : ScoreWeights
        The chosen weights. A weight of zero stays zero.
    draws, seed : int
        How many, and what they are made from.
    concentration : float, default 50
        Larger keeps the weights closer to the chosen ones.
    volumes : sequence of pandas.Series
        Volume counted over other windows, on the same index, each known where volume is.

    Returns
    -------
    pandas.DataFrame
        `weight_low`, `weight_high` (Int64): the middle 90 per cent of the draws.

    Examples
    --------
    >>> from analysis.score import PRESETS
    >>> evidence = pd.DataFrame({"volume": [9.0, 1.0], "persistence": [1.0, 0.0]}, ["a", "b"])
    >>> weight_band(evidence, PRESETS["walkabout"]).to_numpy().tolist()
    [[1, 1], [2, 2]]
    """
    ordered = evidence.sort_index()
    ranked = score_locations(ordered, weights)["rank"].notna().to_numpy()
    table = pd.DataFrame(
        {"weight_low": pd.NA, "weight_high": pd.NA}, index=evidence.index, dtype="Int64"
    )
    if not ranked.any():
        return table
    generator = np.random.default_rng((seed, 2))
    used = [c for c in ordered.columns if weights.of(c) > 0]
    chosen = np.array([weights.of(c) for c in used])
    drawn = generator.dirichlet(concentration * chosen / chosen.sum(), size=draws)
    raw = ordered[used].astype("float64")
    others = [raw.assign(volume=v.reindex(raw.index)) for v in volumes if "volume" in raw]
    tried = [normalise(frame, how) for how in SCALES for frame in (raw, *others)]
    totals = np.empty((draws, int(ranked.sum())))
    for turn, scale in enumerate(tried):
        held = scale.notna().to_numpy()[ranked]
        some = drawn[turn :: len(tried)]
        sums = some @ scale.fillna(0.0).to_numpy()[ranked].T
        totals[turn :: len(tried)] = sums / (some @ held.T)
    every = pd.concat([ordered, *volumes], axis=1).loc[ordered.index[ranked]]
    ties = _tie_groups(every.set_axis(range(every.shape[1]), axis=1))
    low, high, _ = summarise_ranks(ranks_by_lot(totals, generator), ties, TOP, generator)
    table.loc[ordered.index[ranked], "weight_low"] = low
    table.loc[ordered.index[ranked], "weight_high"] = high
    return table


def leave_one_out(evidence: pd.DataFrame, weights: ScoreWeights) -> pd.DataFrame:
    """Say how many places each place would fall if one component were left out.

    Parameters
    ----------
    evidence : pandas.DataFrame
        As for `score_locations`.
    weights : ScoreWeights
        The chosen weights.

    Returns
    -------
    pandas.DataFrame
        `without_<component>` (Int64) for every component that has evidence and weight: the rank
        without it less the rank with it, among the places ranked with it. Above 0: the place
        owes places to that component.

    Examples
    --------
    >>> from analysis.score import PRESETS
    >>> evidence = pd.DataFrame({"volume": [9.0, 1.0], "persistence": [0.0, 1.0]}, ["a", "b"])
    >>> leave_one_out(evidence, PRESETS["walkabout"]).to_numpy().tolist()
    [[1, 0], [-1, 0]]
    """
    used = [c for c in COMPONENT_CODES if c in evidence and weights.of(c) > 0]
    known = [c for c in used if evidence[c].notna().any()]
    return leave_out(evidence, weights, {code: (code,) for code in known})


def leave_out(
    evidence: pd.DataFrame, weights: ScoreWeights, groups: Mapping[str, Sequence[str]]
) -> pd.DataFrame:
    """Say how many places each place would fall if some components were left out together.

    Parameters
    ----------
    evidence, weights
        As `leave_one_out`.
    groups : mapping of str to sequence of str
        For each name, the components to leave out: all that one source feeds, say.

    Returns
    -------
    pandas.DataFrame
        `without_<name>` (Int64) as in `leave_one_out`; missing where nothing is left to rank by.

    Examples
    --------
    >>> evidence = pd.DataFrame({"volume": [9.0, 1.0], "requests": [0.0, 1.0]}, ["a", "b"])
    >>> weights = ScoreWeights("x", "X", {"volume": 2, "requests": 1})
    >>> found = leave_out(evidence, weights, {"police_uk": ["volume", "trend"]})
    >>> found["without_police_uk"].tolist()
    [1, -1]
    """
    rank = score_locations(evidence, weights)["rank"]
    scores = normalise(evidence.astype("float64"), weights.normaliser)
    used = [c for c in COMPONENT_CODES if c in scores and weights.of(c) > 0]
    table = pd.DataFrame(index=evidence.index)
    for name, gone in groups.items():
        weight = np.array([0.0 if c in gone else weights.of(c) for c in used])
        held = scores[used].notna().to_numpy() @ weight
        total = scores[used].fillna(0.0).to_numpy() @ weight / np.where(held > 0, held, np.nan)
        among = pd.Series(total, index=evidence.index).where(rank.notna())
        table[f"without_{name}"] = rank_by_total(among) - rank
    return table


def rank_words(rank: float, low: float, high: float) -> str:
    """Write a rank with its interval.

    Examples
    --------
    >>> rank_words(3, 1, 12), rank_words(3, 5, 12), rank_words(1, 1, 1)
    ('3 (between 1 and 12)', '3 (more likely between 5 and 12)', '1 (no other likely)')
    """
    if low <= rank <= high:
        within = f"between {low:.0f} and {high:.0f}" if low < high else "no other likely"
        return f"{rank:.0f} ({within})"
    likely = f"between {low:.0f} and {high:.0f}" if low < high else f"{low:.0f}"
    return f"{rank:.0f} (more likely {likely})"


def drawn_scores(
    evidence: pd.DataFrame,
    drawn: ComponentDraws,
    where: npt.NDArray[np.intp],
    how: Normaliser = "rank",
) -> dict[str, Floats]:
    """Put every component on one scale within each draw.

    Parameters
    ----------
    evidence : pandas.DataFrame
        Raw components; where one is missing at a place it is missing in every draw.
    drawn : ComponentDraws
        The draws.
    where : numpy.ndarray
        For each row of `evidence`, its place in the draws.
    how : {'rank', 'min-max', 'z', 'index'}
        Which scale (`analysis.normalise`).

    Returns
    -------
    dict
        Draws (1 for a component without draws) by places, NaN where missing.
    """
    scores = {}
    for code in [c for c in COMPONENT_CODES if c in evidence]:
        known = evidence[code].notna().to_numpy()
        if code not in drawn.values:
            scores[code] = normalise(evidence[[code]], how).to_numpy().T
            continue
        put = np.full((drawn.draws, len(evidence)), np.nan)
        put[:, known] = normalise_rows(drawn.values[code][:, where[known]], how)
        scores[code] = put
    return scores


def ranks_by_lot(totals: Floats, generator: np.random.Generator) -> Floats:
    """Rank every row, highest first; totals equal to nine decimals are put in order by lot.

    Examples
    --------
    >>> ranks_by_lot(np.array([[10.0, 30.0, 20.0]]), np.random.default_rng(0)).tolist()
    [[3.0, 1.0, 2.0]]
    """
    lots = generator.random(totals.shape, dtype=np.float32)
    # Scores are 0-100 and differ by far more than 1e-9 where they differ at all.
    order = np.argsort(lots * 1e-9 - totals, axis=1)
    ranks = np.empty(totals.shape)
    places = np.arange(1.0, totals.shape[1] + 1)
    np.put_along_axis(ranks, order, np.broadcast_to(places, totals.shape), axis=1)
    return ranks


def summarise_ranks(
    ranks: Floats, ties: list[npt.NDArray[np.intp]], top: int, generator: np.random.Generator
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Floats]:
    """Give the middle 90 per cent of each place's ranks, and its share of draws in the first `top`.

    A rank is a whole number, so no interval holds exactly 90 per cent. Half a rank of noise before
    the quantile and rounding after it makes the ends fall on either side alike.

    Parameters
    ----------
    ranks : numpy.ndarray
        Draws by places.
    ties : list of numpy.ndarray
        Positions of places that are equal in everything and share their draws.
    top : int
        How many places count as first.
    generator : numpy.random.Generator
        Source of chance.

    Returns
    -------
    tuple
        Low, high (1 to the number of places) and share, one a place.
    """
    draws = len(ranks)
    steps = (generator.permutation(draws) + 0.5) / draws - 0.5
    blurred = ranks + steps[:, None]
    ends = _ends(blurred)
    first = (ranks <= top).mean(axis=0)
    for group in ties:
        ends[:, group] = _ends(blurred[:, group].reshape(-1, 1))
        first[group] = first[group].mean()
    low, high = np.clip(np.floor(ends + 0.5), 1, ranks.shape[1]).astype("int64")
    return low, high, np.asarray(first.round(9))


def _ends(values: Floats) -> Floats:
    count = len(values)
    low = max(int(TAIL * count), 0)
    high = count - 1 - low
    return np.asarray(np.partition(values, (low, high), axis=0)[[low, high]])


def _tie_groups(evidence: pd.DataFrame) -> list[npt.NDArray[np.intp]]:
    """Find places that are equal in every component, as the totals compare: to nine decimals."""
    keys = evidence.astype("float64").round(9)
    numbers = keys.groupby(list(keys.columns), dropna=False, sort=False).ngroup().to_numpy()
    order = numbers.argsort(kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(numbers[order])) + 1)
    return [g for g in groups if len(g) > 1]


def draw_totals(scores: Mapping[str, Floats], weights: ScoreWeights) -> Floats:
    """Give the total of every draw and place: the weighted mean of the scores that a place has.

    Examples
    --------
    >>> weights = ScoreWeights("x", "X", {"volume": 30, "requests": 10})
    >>> draw_totals({"volume": np.array([[80.0, 40.0]]), "requests": np.array([[0, np.nan]])},
    ...             weights).tolist()
    [[60.0, 40.0]]
    """
    shape = np.broadcast_shapes(*(s.shape for s in scores.values()))
    total, held = np.zeros(shape), np.zeros(shape[1])
    for code, score in scores.items():
        known = ~np.isnan(score[0])
        held += weights.of(code) * known
        total += weights.of(code) * (score if known.all() else np.where(known, score, 0.0))
    return np.asarray(total / np.where(held > 0, held, np.nan))


def _no_intervals(index: pd.Index) -> pd.DataFrame:
    table = pd.DataFrame({"rank_low": pd.NA, "rank_high": pd.NA}, index=index, dtype="Int64")
    return table.assign(p_top10=np.nan, pick="")


@dataclass(frozen=True)
class _Reading:
    """Which sums of months each component needs, as columns of one matrix.

    Attributes
    ----------
    sums : numpy.ndarray
        Months by sums, 1 where a month belongs to a sum.
    parts : dict
        For each component that the months can carry, the sums that it reads.
    """

    sums: Floats
    parts: Mapping[str, slice]

    def of(self, rates: Floats) -> dict[str, Floats]:
        """Work out the components, draws by places, from rates, places by draws by months."""
        sums = np.ascontiguousarray((rates @ self.sums).transpose(2, 1, 0))
        read = {"volume": _volume, "persistence": _persistence, "trend": _trend}
        return {code: read[code](sums[part]) for code, part in self.parts.items()}


def _volume(sums: Floats) -> Floats:
    return np.asarray(sums[0])


def _persistence(windows: Floats) -> Floats:
    """Share of windows in which a place is among the busiest tenth.

    Drawn rates have no ties but at zero, which is not busy: the places whose percentile rank is 90
    or more are those from one place of the order upwards.
    """
    count = windows.shape[2]
    if count < 2:
        return np.zeros(windows.shape[1:])
    percent = 100 * np.arange(count) / (count - 1)
    first = int(np.searchsorted(percent, 100 * (1 - components.TOP_SHARE) - 1e-9))
    least = np.partition(windows, first, axis=2)[:, :, first, None]
    return np.asarray(((windows >= least) & (windows > 0)).mean(axis=0))


def _trend(sums: Floats) -> Floats:
    now, before = sums
    return np.asarray(np.maximum(2 * (np.sqrt(now) - np.sqrt(before)), 0.0))


def _reading(cover: MonthCover, as_at: str, read: list[str], window: int) -> _Reading:
    """List the sums that each component needs, where the months can carry it."""
    wanted: dict[str, list[list[str]]] = {}
    year = components.volume_months(cover, as_at, window)
    if len(year) >= components.VOLUME_LEAST:
        wanted["volume"] = [year]
    windows = components.persistence_windows(cover, as_at)
    if len(windows) >= components.PERSISTENCE_LEAST:
        wanted["persistence"] = windows
    now = m.window(as_at, components.TREND_MONTHS)
    before = compared_months(now)
    if all(cover.is_complete(x) for x in [*before, *now]):
        wanted["trend"] = [now, before]
    columns = [months for sums in wanted.values() for months in sums]
    sums = np.array([[float(x in months) for months in columns] for x in read])
    ends = np.cumsum([0, *map(len, wanted.values())]).tolist()
    parts = {code: slice(*ends[i : i + 2]) for i, code in enumerate(wanted)}
    return _Reading(sums, parts)
