"""Wards compared without a league table: a funnel shows which differ by more than chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from analysis.smoothing import empirical_bayes
from geodata.errors import NotEnoughDataError

FEWEST = 5
LEVELS: dict[str, float] = {"95": 0.05, "998": 0.002}
"""Share of places that lie outside each pair of limits by chance, both sides together."""
WINSOR = 0.10
# Variance of a standard normal variable winsorised at c = 1.28155, its highest and lowest tenth:
# 0.8 - 2 c phi(c) + 0.2 c^2.
_LEFT = 0.678655


@dataclass(frozen=True)
class Funnel:
    """Places around their common rate.

    Attributes
    ----------
    rate : float
        Events per unit of exposure over all places.
    overdispersion : float
        By how much the variance between places exceeds chance; 1 where it does not demonstrably.
    table : pandas.DataFrame
        Index of the events: `events`, `exposure`, `rate`, `shrunk` (empirical Bayes), `low95`,
        `high95`, `low998`, `high998` (limits of the rate at the place's exposure), `stands_out`
        ('higher', 'lower' or '': outside the outer limits).
    """

    rate: float
    overdispersion: float
    table: pd.DataFrame

    def sentence(self) -> str:
        """Say it in plain words."""
        out = int((self.table["stands_out"] != "").sum())
        places = f"{len(self.table)} places"
        if not out:
            return (
                f"None of the {places} differs from the others by more than their usual spread: "
                "read nothing into the order of their rates."
            )
        differ = "differs" if out == 1 else "differ"
        return f"{out} of the {places} {differ} from the others by more than their usual spread."


def funnel(events: pd.Series, exposure: pd.Series) -> Funnel:
    r"""Compare rates of places of different size.

    Limits at exposure b are those of a Poisson count of mean :math:`E = m b`, with m the common
    rate, interpolated between whole counts, and moved away from the centre by
    :math:`\sqrt{\varphi}`:

    .. math::

        \varphi = \frac{1}{0.679\, I} \sum_i z_i^2, \quad
        z_i = 2\left(\sqrt{x_i} - \sqrt{E_i}\right),

    the z winsorised at the lowest and highest tenth, so that the places looked for do not widen
    the limits themselves; 0.679 is what winsorising leaves of the variance of normal values (our
    correction: without it the limits of uneven wards are a fifth too narrow). :math:`\varphi` is
    at least 1, and is 1 unless the :math:`z_i^2` add up to more than chance makes of I places (95th
    percentile of chi-square). Source: Spiegelhalter, D. J. (2005), Funnel plots for comparing
    institutional performance, Statistics in Medicine 24, and Handling over-dispersion of
    performance indicators, Quality and Safety in Health Care 14.

    Parameters
    ----------
    events : pandas.Series
        Reports by place, whole, not negative.
    exposure : pandas.Series
        Residents or km2, positive, on the same index.

    Returns
    -------
    Funnel

    Raises
    ------
    NotEnoughDataError
        If there are fewer than 5 places or no events.
    ValueError
        If counts or exposures are impossible or missing.

    Notes
    -----
    Residents are the wrong yardstick for a ward that others visit: a town centre will stand out.
    Wards differ for many reasons that no yardstick here allows for, so the spread among them is
    part of what is usual; where it is large the limits are wide and say little. No ranking.

    Examples
    --------
    >>> events = pd.Series([100, 95, 104, 99, 102, 180])
    >>> result = funnel(events, pd.Series([1000] * 6))
    >>> result.table["stands_out"].tolist()
    ['', '', '', '', '', 'higher']
    """
    x, b = _checked(events, exposure)
    rate = float(x.sum() / b.sum())
    expected = rate * b
    spread = overdispersion(x, expected)
    table = pd.DataFrame(
        {"events": events, "exposure": exposure, "rate": x / b}, index=events.index
    )
    table["shrunk"] = empirical_bayes(events.astype("float64"), exposure)
    for name, share in LEVELS.items():
        for side, chance in (("low", share / 2), ("high", 1 - share / 2)):
            away = poisson_limit(expected, chance) - expected
            table[f"{side}{name}"] = np.maximum(expected + np.sqrt(spread) * away, 0.0) / b
    table["stands_out"] = np.select(
        [table["rate"] > table["high998"], table["rate"] < table["low998"]], ["higher", "lower"], ""
    )
    return Funnel(rate, spread, table)


def overdispersion(events: np.ndarray, expected: np.ndarray) -> float:
    r"""Estimate by how much variances exceed chance, without the extremes.

    Formula in `funnel`.

    Examples
    --------
    >>> round(overdispersion(np.array([4.0, 16.0, 4.0, 16.0]), np.array([9.0] * 4)), 3)
    5.894
    """
    z = 2 * (np.sqrt(events) - np.sqrt(expected))
    if float((z**2).sum()) <= float(special.chdtri(len(z), 0.05)):
        return 1.0
    low, high = np.quantile(z, [WINSOR, 1 - WINSOR])
    return max(1.0, float((np.clip(z, low, high) ** 2).mean()) / _LEFT)


def poisson_limit(expected: np.ndarray, chance: float) -> np.ndarray:
    r"""Find the count below which a Poisson variable falls with a given chance, interpolated.

    With r the smallest whole count for which :math:`P(X \le r) \ge p`,

    .. math:: r - \frac{P(X \le r) - p}{P(X \le r) - P(X \le r - 1)}

    and at least 0: Spiegelhalter's smooth edge of the funnel (Statistics in Medicine 24, appendix).

    Examples
    --------
    >>> poisson_limit(np.array([4.0]), 0.975).round(4).tolist()
    [7.8778]
    """
    whole = np.ceil(special.pdtrik(chance, expected))
    whole += special.pdtr(whole, expected) < chance  # the inverse is only good to some digits
    whole = np.maximum(whole - (_pdtr(whole - 1, expected) >= chance), 0.0)
    at, below = _pdtr(whole, expected), _pdtr(whole - 1, expected)
    return np.maximum(whole - (at - chance) / (at - below), 0.0)


def _pdtr(count: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Chance of at most so many; 0 below zero, where scipy gives NaN."""
    return np.where(count < 0, 0.0, special.pdtr(np.maximum(count, 0.0), mean))


def _checked(events: pd.Series, exposure: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    x = events.to_numpy(dtype="float64")
    b = exposure.reindex(events.index).to_numpy(dtype="float64")
    if not (x >= 0).all() or (x % 1 != 0).any() or not (b > 0).all():
        raise ValueError("events must be whole and not negative, exposures positive; none missing")
    if len(x) < FEWEST or not x.sum():
        raise NotEnoughDataError(
            f"A comparison needs at least {FEWEST} places and some reports.",
            got=f"{len(x)} places, {x.sum():,.0f} reports",
        )
    return x, b
