r"""What a place has beyond its exposure, on a scale on which places can be exchanged.

Counts are compared with :math:`\mu_i = m e_i`, exposure times the borough's rate. Reports are more
uneven than chance alone, so their variance is taken to be
:math:`V_i = \mu_i + \mu_i^2 / k` (negative binomial), with k estimated by moments.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

Transform = Literal["count", "root"]

FEWEST_IN_GROUP = 20
MOST_GROUPS = 10


@dataclass(frozen=True)
class Residuals:
    """Standardised residuals of places.

    Attributes
    ----------
    value : numpy.ndarray
        Residuals with mean 0 and variance 1 over the places.
    weight : numpy.ndarray
        What a place's residual counts for in a sum over places: how many of its own standard
        deviations a given relative rise moves it. All 1 where exposures are equal.
    skewness : float
        Skewness of the residuals.
    """

    value: np.ndarray
    weight: np.ndarray
    skewness: float


def expected_counts(counts: np.ndarray, exposure: np.ndarray) -> np.ndarray:
    """Share the reports out in proportion to exposure.

    Examples
    --------
    >>> expected_counts(np.array([3.0, 0.0, 3.0]), np.array([1.0, 1.0, 2.0])).tolist()
    [1.5, 1.5, 3.0]
    """
    return exposure * (counts.sum() / exposure.sum())


def dispersion(counts: np.ndarray, expected: np.ndarray) -> float:
    r"""Estimate 1/k of the negative binomial by moments, 0 for no more spread than chance.

    .. math:: 1/k = \max\left(0, \frac{\sum (x - \mu)^2 - \mu}{\sum \mu^2}\right)

    Examples
    --------
    >>> dispersion(np.array([0.0, 8.0]), np.array([4.0, 4.0]))
    0.75
    """
    total = float((expected**2).sum())
    return max(0.0, float(((counts - expected) ** 2 - expected).sum()) / total) if total else 0.0


def residuals(counts: np.ndarray, exposure: np.ndarray, transform: Transform) -> Residuals:
    """Standardise counts by what their exposure leads to expect.

    With equal exposures the residual is the transformed count less its mean, over its standard
    deviation, and nothing is assumed about how counts are distributed. With unequal exposures mean
    and standard deviation come from a negative binomial with the place's own expectation.

    Parameters
    ----------
    counts : numpy.ndarray
        Reports by place.
    exposure : numpy.ndarray
        Positive.
    transform : {'count', 'root'}
        Residuals of the count itself or of its square root.

    Returns
    -------
    Residuals
        All values 0 where the counts are all equal.

    Examples
    --------
    >>> residuals(np.array([0.0, 4.0]), np.array([1.0, 1.0]), "root").value.tolist()
    [-1.0, 1.0]
    """
    x = np.sqrt(counts) if transform == "root" else counts
    if np.ptp(exposure) <= 1e-12 * exposure.max():
        raw, weight = x - x.mean(), np.ones(len(x))
    else:
        mean = expected_counts(counts, exposure)
        centre, spread, slope = _moments(mean, dispersion(counts, mean), transform)
        raw, weight = (x - centre) / spread, slope / spread
    value, skewness = _standard(raw)
    return Residuals(value, weight / np.sqrt((weight**2).mean()), skewness)


def strata(exposure: np.ndarray) -> list[np.ndarray]:
    """Group places of like exposure.

    A residual is standardised but keeps the shape of its own distribution, which is more skewed
    where exposure is small; so residuals are exchanged within groups only. Equal exposures are
    never parted; a group holds at least 20 places where there are as many; at most 10 groups.

    Returns
    -------
    list of numpy.ndarray
        Positions, in rising order of exposure from group to group.

    Examples
    --------
    >>> [len(group) for group in strata(np.array([1.0] * 50 + [0.5] * 25 + [0.2] * 5))]
    [30, 50]
    """
    n = len(exposure)
    order = np.argsort(exposure, kind="stable")
    ranked = exposure[order]
    least = max(FEWEST_IN_GROUP, -(-n // MOST_GROUPS))
    cuts, start = [], 0
    for end in (np.flatnonzero(np.diff(ranked)) + 1).tolist():
        if end - start >= least and n - end >= least:
            cuts.append(end)
            start = end
    return [np.sort(group) for group in np.split(order, cuts)]


def _standard(raw: np.ndarray) -> tuple[np.ndarray, float]:
    centred = raw - raw.mean()
    spread = np.sqrt((centred**2).mean())
    if spread <= 1e-12:
        return np.zeros(len(raw)), 0.0
    value = centred / spread
    return value, float((value**3).mean())


def _moments(
    mean: np.ndarray, overdispersion: float, transform: Transform
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, standard deviation and slope against the log of the rate, of each place."""
    if transform == "count":
        spread = np.sqrt(mean + overdispersion * mean**2)
        return mean, spread, mean
    low, high = np.log(mean.min()), np.log(mean.max())
    grid = np.linspace(low - 0.01, high + 0.01, 65)
    first = np.array([_root_moments(float(m), overdispersion) for m in np.exp(grid)])
    slope = np.gradient(first[:, 0], grid)
    at = np.log(mean)
    columns = (first[:, 0], np.sqrt(first[:, 1]), slope)
    centre, spread, rise = (np.interp(at, grid, column) for column in columns)
    return centre, spread, rise


def _root_moments(mean: float, overdispersion: float) -> tuple[float, float]:
    """Mean and variance of the square root of a negative binomial (or Poisson) count."""
    spread = np.sqrt(mean + overdispersion * mean**2)
    count = np.arange(0, int(mean + 20 * spread + 30))
    if overdispersion < 1e-9:
        log_chance = special.xlogy(count, mean) - mean - special.gammaln(count + 1)
    else:
        k = 1 / overdispersion
        log_chance = (
            special.gammaln(count + k) - special.gammaln(k) - special.gammaln(count + 1)
            + k * np.log(k / (k + mean)) + special.xlogy(count, mean / (k + mean))
        )  # fmt: skip
    chance = np.exp(log_chance)
    chance /= chance.sum()
    first = float((chance * np.sqrt(count)).sum())
    return first, max(mean - first**2, 1e-12)
