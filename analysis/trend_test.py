"""Is a series rising or falling? The rank test of Mann and Kendall."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special


@dataclass(frozen=True)
class MannKendall:
    """Result of the test for each series.

    Attributes
    ----------
    s : numpy.ndarray
        Rises less falls over all pairs.
    variance : numpy.ndarray
        Variance of s where there is no trend, corrected for ties.
    z : numpy.ndarray
        Standardised with continuity correction; 0 where s is 0.
    p : numpy.ndarray
        Two-sided.
    tau : numpy.ndarray
        s over the number of pairs, -1 to 1.
    """

    s: np.ndarray
    variance: np.ndarray
    z: np.ndarray
    p: np.ndarray
    tau: np.ndarray


def mann_kendall(series: np.ndarray) -> MannKendall:
    r"""Test each row for a monotone trend.

    .. math::

        S = \sum_{i<j} \operatorname{sgn}(x_j - x_i), \quad
        \operatorname{Var} S = \frac{n(n-1)(2n+5) - \sum_t t(t-1)(2t+5)}{18}, \quad
        z = \frac{S - \operatorname{sgn} S}{\sqrt{\operatorname{Var} S}}

    with t the sizes of groups of tied values. Source: Mann, H. B. (1945), Econometrica 13;
    Kendall, M. G. (1975), Rank correlation methods.

    Parameters
    ----------
    series : numpy.ndarray
        Rows are series, columns are times in order, none missing.

    Returns
    -------
    MannKendall
        One value a row.

    Raises
    ------
    ValueError
        If a value is missing.

    Notes
    -----
    It supposes that one time tells nothing about the next; windows that overlap break that. With
    fewer than 8 times hardly any trend can be seen, and under 4 none.

    Examples
    --------
    >>> result = mann_kendall(np.array([[1.0, 2.0, 3.0, 4.0, 5.0]]))
    >>> result.s.tolist(), result.z.round(4).tolist(), result.tau.tolist()
    ([10.0], [2.2045], [1.0])
    """
    x = np.atleast_2d(np.asarray(series, dtype="float64"))
    if not np.isfinite(x).all():
        raise ValueError("a series with missing values has no Mann-Kendall test")
    n = x.shape[1]
    s = np.zeros(len(x))
    for lag in range(1, n):
        s += np.sign(x[:, lag:] - x[:, :-lag]).sum(axis=1)
    variance = (n * (n - 1) * (2 * n + 5) - _ties(x)) / 18
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(variance > 0, (s - np.sign(s)) / np.sqrt(variance), 0.0)
    pairs = n * (n - 1) / 2
    tau = s / pairs if pairs else np.zeros(len(x))
    return MannKendall(s, variance, z, 2 * special.ndtr(-np.abs(z)), tau)


def _ties(x: np.ndarray) -> np.ndarray:
    """Sum t(t-1)(2t+5) over groups of tied values, row by row."""
    ordered = np.sort(x, axis=1)
    total = np.zeros(len(x))
    run = np.ones(len(x))
    for column in range(1, x.shape[1] + 1):
        same = (
            ordered[:, column] == ordered[:, column - 1]
            if column < x.shape[1]
            else np.zeros(len(x), dtype=bool)
        )
        total += np.where(same, 0.0, run * (run - 1) * (2 * run + 5))
        run = np.where(same, run + 1, 1.0)
    return total
