"""What the rates of places may be, given their monthly counts: draws from a posterior.

A count is chance on top of a rate. The model here has three parts, each estimated from all places
together (empirical Bayes): how far places differ, how far a place's months scatter round its rate,
and how far a place's rate itself changes from month to month.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LEAST_MONTHS = 3
"""Months needed to tell scatter from rate."""

WAVES = 8
"""Smooth waves that a place's change over the months is made of; the slowest come first."""

AT_ONCE = 50
NEWTON_STEPS = 6
LEAST_SPREAD = 1e-6
"""Smallest between-place variance, as a share of the squared mean: on a map with no more spread
than chance nothing is known of the order, which is not the same as knowing that all are equal."""


@dataclass(frozen=True)
class CountModel:
    """How monthly counts of places come about.

    Attributes
    ----------
    season : numpy.ndarray
        One a month, mean 1: the months of all places together.
    at : numpy.ndarray
        When each month is, in months; gaps leave gaps.
    mean, between : float
        Mean and variance of the places' rates, reports a month.
    scatter : numpy.ndarray
        One a place: variance of a month's count over its mean, at least 1 (Poisson).
    drift : float
        Variance that the logarithm of a place's rate gains in a month.
    """

    season: Floats
    at: Floats
    mean: float
    between: float
    scatter: Floats
    drift: float


def fit_counts(counts: Floats, at: Floats) -> CountModel:
    r"""Estimate the model from the counts of all places.

    .. math::

        y_{it} \sim (\lambda_{it},\; \phi_i \lambda_{it}), \quad
        \lambda_{it} = \theta_i s_t e^{u_{it}}, \quad
        \phi_i = \phi_0 + \kappa \theta_i, \quad
        u_{it} - u_{i,t-1} \sim N(0, \tau^2)

    with :math:`\theta_i` from a gamma distribution over places and :math:`s_t` the season that all
    share. For each place and lag h the mean squared difference of deseasonalised months has
    expectation :math:`\phi_0 \theta + \kappa \theta^2 + \tau^2 \theta^2 h / 2` (over
    :math:`1/s_t + 1/s_{t+h}`): what does not grow with the lag is scatter, what does is change.
    Weighted least squares over places and lags up to half the months gives the three.

    Parameters
    ----------
    counts : numpy.ndarray
        Places by months, not negative, at least 3 months and one report.
    at : numpy.ndarray
        When each month is, in months, rising.

    Returns
    -------
    CountModel

    Notes
    -----
    The estimate of :math:`\tau^2` is its mean over what is possible (zero or more), never zero:
    that no place changes at all cannot be shown by data. Neighbours are taken to be independent.

    Examples
    --------
    >>> counts = np.array([[4.0, 6.0, 5.0, 5.0], [0.0, 1.0, 0.0, 1.0], [9.0, 12.0, 10.0, 11.0]])
    >>> model = fit_counts(counts, np.arange(4.0))
    >>> model.season.round(2).tolist(), round(model.mean, 2)
    ([0.81, 1.19, 0.94, 1.06], 5.33)
    """
    season = counts.sum(axis=0) / counts.sum(axis=0).mean()
    rate = counts.mean(axis=1)
    mean = float(rate.mean())
    pearson = _pearson(counts, rate[:, None] * season)
    between = _between(rate, pearson * rate, counts.shape[1])
    shrunk = (mean**2 / between + counts.sum(axis=1) / pearson) / (
        mean / between + counts.shape[1] / pearson
    )
    scatter, drift = _scatter_and_drift(counts, season, at, shrunk)
    between = _between(rate, scatter * rate, counts.shape[1])
    return CountModel(season, at, mean, between, scatter, drift)


def draw_rates(
    counts: Floats, model: CountModel, draws: int, generator: np.random.Generator
) -> Iterator[Floats]:
    r"""Draw monthly rates of all places from the posterior.

    The level of a place over all its months is gamma: with scatter :math:`\phi` a count of y over
    an exposure S tells as much as :math:`y / \phi` Poisson reports over :math:`S / \phi`. How the
    level divides over the months is, given the total, multinomial; its logarithm is drawn from the
    normal distribution at the peak of that posterior (Laplace), as `WAVES` smooth waves. The
    season is drawn too, once for all places.

    Parameters
    ----------
    counts : numpy.ndarray
        Places by months.
    model : CountModel
        From `fit_counts` of the same counts.
    draws : int
        How many.
    generator : numpy.random.Generator
        Source of chance.

    Yields
    ------
    numpy.ndarray
        Places by draws by months, reports a month; at most `AT_ONCE` draws at a time, because all
        together they would fill the memory.

    Examples
    --------
    >>> counts = np.array([[4.0, 6.0, 5.0, 5.0], [0.0, 1.0, 0.0, 1.0], [9.0, 12.0, 10.0, 11.0]])
    >>> model = fit_counts(counts, np.arange(4.0))
    >>> drawn = next(draw_rates(counts, model, 50, np.random.default_rng(1)))
    >>> drawn.shape, bool((drawn.mean(axis=(1, 2)).argsort() == [1, 0, 2]).all())
    ((3, 50, 4), True)
    """
    total, months = counts.sum(axis=1), counts.shape[1]
    shape = (model.mean**2 / model.between + total / model.scatter)[:, None]
    pace = (model.mean / model.between + months / model.scatter)[:, None]
    waves = _waves(model)
    peak, spread = _peak(counts, model, waves)
    for start in range(0, draws, AT_ONCE):
        size = min(AT_ONCE, draws - start)
        level = generator.standard_gamma(shape, size=(len(counts), size)) / pace
        noise = generator.standard_normal((len(counts), size, waves.shape[1]))
        path = (noise @ spread + peak[:, None, :]) @ waves.T
        np.exp(path, out=path)
        path *= (level * months / (path @ model.season))[:, :, None]
        path *= _season_draws(counts, model, size, generator)
        yield path


def _season_draws(
    counts: Floats, model: CountModel, draws: int, generator: np.random.Generator
) -> Floats:
    total = counts.sum(axis=1)
    scatter = float((model.scatter * total).sum() / total.sum())
    worth = counts.sum(axis=0) / scatter
    drawn = generator.standard_gamma(worth, size=(draws, len(worth)))
    return np.asarray(drawn * np.divide(model.season, worth, where=worth > 0, out=0 * worth))


def _pearson(counts: Floats, expected: Floats) -> float:
    months = counts.shape[1]
    chi = ((counts - expected) ** 2).sum() / expected.sum()
    return float(max(1.0, float(chi) * months / (months - 1)))


def _between(rate: Floats, noise: Floats, months: int) -> float:
    least = LEAST_SPREAD * float(rate.mean()) ** 2
    spread = float(rate.var(ddof=1)) if len(rate) > 1 else 0.0
    return float(max(least, spread - float(noise.mean()) / months))


def _scatter_and_drift(
    counts: Floats, season: Floats, at: Floats, rate: Floats
) -> tuple[Floats, float]:
    known = season > 0
    level, when, share = counts[:, known] / season[known], at[known], season[known]
    months = level.shape[1]
    if months < LEAST_MONTHS:
        return np.ones(len(rate)), 0.0
    rows, seen = [], []
    for lag in range(1, max(2, months // 2) + 1):
        shared = 1 / share[lag:] + 1 / share[:-lag]
        apart = (when[lag:] - when[:-lag]).mean()
        # A squared difference scatters like the rate; half a report keeps quiet places in bounds.
        weight = math.sqrt(months - lag) / (rate + 0.5)
        rows.append(np.column_stack([rate, rate**2, rate**2 * apart / 2]) * weight[:, None])
        seen.append(((level[:, lag:] - level[:, :-lag]) ** 2 / shared).mean(axis=1) * weight)
    by_place, value = np.stack(rows, axis=1), np.stack(seen, axis=1)
    drift = _not_negative(*_third_coefficient(by_place, value))
    rest = value - by_place[:, :, 2] * drift
    flat = by_place[:, :, :2].reshape(-1, 2)
    base, growth = np.linalg.lstsq(flat, rest.ravel(), rcond=None)[0]
    if growth < 0:
        base, growth = np.linalg.lstsq(flat[:, :1], rest.ravel(), rcond=None)[0][0], 0.0
    return np.maximum(1.0, base + growth * rate), drift


def _third_coefficient(rows: Floats, value: Floats) -> tuple[float, float]:
    """Least squares, with a standard error that lets the lags of one place go together."""
    inverse = np.linalg.pinv(np.einsum("ilj,ilk->jk", rows, rows))
    best = inverse @ np.einsum("ilj,il->j", rows, value)
    pull = np.einsum("ilj,il->ij", rows, value - rows @ best)
    variance = inverse @ (pull.T @ pull) @ inverse
    return float(best[2]), math.sqrt(max(float(variance[2, 2]), 0.0))


def _not_negative(estimate: float, error: float) -> float:
    """Mean of a normal distribution cut at zero."""
    from scipy.special import log_ndtr

    if error == 0:
        return max(estimate, 0.0)
    z = estimate / error
    hazard = math.exp(-0.5 * z * z - 0.5 * math.log(2 * math.pi) - float(log_ndtr(z)))
    return float(max(estimate + error * hazard, 0.0))


def _waves(model: CountModel) -> Floats:
    """Cosines: the components of a random walk round its own mean (Karhunen-Loeve)."""
    span = model.at[-1] - model.at[0] + 1
    number = np.arange(1, min(WAVES, len(model.at) - 1) + 1)
    where = (model.at - model.at[0] + 0.5) / span
    waves = math.sqrt(2) * np.cos(np.pi * where[:, None] * number)
    # Scaled so that each wave has a prior of N(0, 1), also where there is no drift at all.
    waves *= math.sqrt(model.drift * span) / (np.pi * number)
    return np.asarray(waves - (model.season @ waves) / model.season.sum())


def _peak(counts: Floats, model: CountModel, waves: Floats) -> tuple[Floats, Floats]:
    """Find each place's most likely waves, and a square root of the inverse curvature there."""
    peak = np.zeros((len(counts), waves.shape[1]))
    curvature = np.broadcast_to(np.eye(waves.shape[1]), (len(counts), *[waves.shape[1]] * 2))
    worth = 1 / model.scatter
    total = counts.sum(axis=1) * worth
    pairs = np.einsum("tj,tk->tjk", waves, waves).reshape(len(waves), -1)
    for _ in range(NEWTON_STEPS):
        share = np.exp(peak @ waves.T) * model.season
        share /= share.sum(axis=1, keepdims=True)
        slope = (counts * worth[:, None] - total[:, None] * share) @ waves - peak
        middle = share @ waves
        second = (share @ pairs).reshape(curvature.shape)
        second = second - middle[:, :, None] * middle[:, None, :]
        curvature = second * total[:, None, None] + np.eye(waves.shape[1])
        peak = peak + np.linalg.solve(curvature, slope[:, :, None])[:, :, 0]
    return peak, np.linalg.inv(np.linalg.cholesky(curvature))
