"""Concentration of reports over places, beside what chance alone would give.

When reports are few, most places have none by chance alone, and any curve of concentration looks
steep. So every measure here stands beside what it would be if each report had landed on a place
at random.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

DRAWS, CURVE_DRAWS = 499, 199
TOP_SHARES = (0.01, 0.05, 0.10, 0.20)


@dataclass(frozen=True)
class Concentration:
    """Concentration of reports over places, beside what chance alone gives.

    Attributes
    ----------
    places, reports : int
        How many there are.
    gini : float
        0: the same everywhere; towards 1: all in one place.
    chance : float
        Mean Gini over maps on which reports landed at random.
    chance_low, chance_high : float
        Where 95 in 100 of those maps lie.
    top : pandas.DataFrame
        For shares of the places (`places_share`): the share of reports in the busiest
        (`reports_share`) and what chance alone gives (`chance_share`).
    """

    places: int
    reports: int
    gini: float
    chance: float
    chance_low: float
    chance_high: float
    top: pd.DataFrame

    @property
    def is_beyond_chance(self) -> bool:
        """Whether reports are more concentrated than nearly all random maps."""
        return self.gini > self.chance_high

    def sentence(self) -> str:
        """Say it in plain words.

        Examples
        --------
        >>> print(concentration(pd.Series([9, 1, 0, 0, 0]), seed=1).sentence())
        The busiest 20% of places hold 90% of the 10 reports; if each report had landed at random \
they would hold 37%. That is more than chance alone gives.
        """
        if not self.reports:
            return "There are no reports, so nothing can be said of how concentrated they are."
        row = self.top.iloc[-1]
        verdict = "more than chance alone gives" if self.is_beyond_chance else (
            "no more than chance alone could give"
        )  # fmt: skip
        return (
            f"The busiest {row['places_share']:.0%} of places hold {row['reports_share']:.0%} of "
            f"the {self.reports:,} reports; if each report had landed at random they would hold "
            f"{row['chance_share']:.0%}. That is {verdict}."
        )


def gini(counts: np.ndarray) -> np.ndarray:
    r"""Work out the Gini coefficient of each row.

    .. math:: G = \frac{2 \sum_i i\, x_{(i)}}{n \sum_i x_i} - \frac{n + 1}{n}

    with :math:`x_{(i)}` the counts in rising order. NaN where a row adds up to 0.

    Examples
    --------
    >>> gini(np.array([[1, 1, 1, 1], [0, 0, 0, 8]])).tolist()
    [0.0, 0.75]
    """
    return _gini(np.sort(np.atleast_2d(counts), axis=1))


def _gini(rising: np.ndarray) -> np.ndarray:
    x = rising.astype("float64")
    n, total = x.shape[1], x.sum(axis=1)
    rank = np.arange(1, n + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return 2 * (x @ rank) / (n * total) - (n + 1) / n


def poisson_gini(mean: float) -> float:
    r"""Work out the Gini coefficient of a Poisson variable.

    .. math:: G = e^{-2\lambda}\left[I_0(2\lambda) + I_1(2\lambda)\right]

    with I the modified Bessel functions: half the mean difference of two counts, over the mean.
    Source: Ramasubban, T. A. (1958), The mean difference and the mean deviation of some
    discontinuous distributions, Biometrika 45. It is what very many places with equal chances
    come to.

    Examples
    --------
    >>> round(poisson_gini(0.1), 3), round(poisson_gini(10.0), 3)
    (0.909, 0.177)
    """
    return float(special.ive(0, 2 * mean) + special.ive(1, 2 * mean))


def concentration(
    counts: pd.Series, *, seed: int, exposure: pd.Series | None = None, draws: int = DRAWS
) -> Concentration:
    """Measure how concentrated reports are, beside maps on which they landed at random.

    The Gini coefficient and the shares in the busiest places, for the counts and for `draws` maps
    on which the same number of reports landed on places in proportion to `exposure`. Following
    the warning of Bernasco, W. and Steenbeek, W. (2017), More places than crimes, Journal of
    Quantitative Criminology 33, and of Mohler, G. et al. (2019), Reducing bias in estimates for
    the law of crime concentration, ibid. 35.

    Parameters
    ----------
    counts : pandas.Series
        Reports by place, places without a report included: leaving them out hides concentration.
    seed : int
        Seed of the random maps.
    exposure : pandas.Series, optional
        What reports would be in proportion to; equal by default.
    draws : int, default 499
        Random maps.

    Returns
    -------
    Concentration

    Raises
    ------
    ValueError
        If a count is missing, negative or not whole, or an exposure is negative or adds up to 0.

    Notes
    -----
    A share of the places that is not a whole number of places takes a fraction of the next one.
    The busiest places are found from the same reports, so they hold more than they will hold next
    year: this describes a period, it does not forecast.

    Examples
    --------
    >>> result = concentration(pd.Series([1] * 10 + [0] * 90), seed=1)
    >>> round(result.gini, 3), result.is_beyond_chance
    (0.9, False)
    """
    return _measured(counts, _Landed.of(counts, seed, exposure, draws))


def concentration_and_curve(
    counts: pd.Series, *, seed: int, exposure: pd.Series | None = None
) -> tuple[Concentration, pd.DataFrame]:
    """Give `concentration` and `lorenz` of the same counts from one set of random maps.

    Examples
    --------
    >>> counts = pd.Series([1, 3, 0, 0])
    >>> found, curve = concentration_and_curve(counts, seed=1)
    >>> found.chance == concentration(counts, seed=1).chance, curve.equals(lorenz(counts, seed=1))
    (True, True)
    """
    landed = _Landed.of(counts, seed, exposure, DRAWS)
    return _measured(counts, landed), _drawn(counts, landed.curve[:CURVE_DRAWS])


@dataclass(frozen=True)
class _Landed:
    """Maps on which the same number of reports landed at random: sorted once for all measures."""

    ginis: np.ndarray
    curve: np.ndarray

    @classmethod
    def of(cls, counts: pd.Series, seed: int, exposure: pd.Series | None, draws: int) -> _Landed:
        x = _checked(counts)
        weight = np.ones(len(x)) if exposure is None else exposure.reindex(counts.index).to_numpy()
        if not (weight >= 0).all() or not weight.sum() > 0:
            raise ValueError("exposures must not be negative or missing, nor all 0")
        chance = np.random.default_rng(seed)
        # Maps are drawn one after another: the first of many are those of a few.
        random = chance.multinomial(int(x.sum()), weight / weight.sum(), size=draws)
        rising = np.sort(random, axis=1)
        return cls(_gini(rising), _curve(rising))


def _measured(counts: pd.Series, landed: _Landed) -> Concentration:
    rising = np.sort(_checked(counts))[None]
    total = int(rising.sum())
    own, n = _curve(rising), rising.shape[1]
    low, high = _range(landed.ginis) if total else (np.nan, np.nan)
    top = pd.DataFrame(
        {
            "places_share": TOP_SHARES,
            "reports_share": [float(_held(own, share)[0]) for share in TOP_SHARES],
            "chance_share": [float(_held(landed.curve, share).mean()) for share in TOP_SHARES],
        }
    )
    chance = float(landed.ginis.mean())
    return Concentration(n, total, float(_gini(rising)[0]), chance, low, high, top)


def _checked(counts: pd.Series) -> np.ndarray:
    x = counts.to_numpy(dtype="float64")
    if not (x >= 0).all() or (x % 1 != 0).any():
        raise ValueError("counts must be whole and not negative")
    return x


def lorenz(
    counts: pd.Series, *, seed: int, exposure: pd.Series | None = None, draws: int = CURVE_DRAWS
) -> pd.DataFrame:
    """Draw the curve of concentration, busiest places first, beside chance alone.

    Parameters
    ----------
    counts, seed, exposure
        As `concentration`.
    draws : int, default 199
        Random maps.

    Returns
    -------
    pandas.DataFrame
        One row a place and one for none: `places_share` (0-1), `reports_share` (held by the
        busiest so many) and `chance_share` (the mean over random maps). All shares are NaN where
        there are no reports.

    Examples
    --------
    >>> lorenz(pd.Series([1, 3, 0, 0]), seed=1)["reports_share"].tolist()
    [0.0, 0.75, 1.0, 1.0, 1.0]
    """
    return _drawn(counts, _Landed.of(counts, seed, exposure, draws).curve)


def _drawn(counts: pd.Series, by_chance: np.ndarray) -> pd.DataFrame:
    n = len(counts)
    return pd.DataFrame(
        {
            "places_share": np.arange(n + 1) / n,
            "reports_share": _curve(np.sort(_checked(counts))[None])[0],
            "chance_share": by_chance.mean(axis=0),
        }
    )


def _curve(rising: np.ndarray) -> np.ndarray:
    """Give the share that the busiest hold, none of them to all, of rows in rising order."""
    held = np.zeros((len(rising), rising.shape[1] + 1))
    np.cumsum(rising[:, ::-1], axis=1, out=held[:, 1:])
    with np.errstate(divide="ignore", invalid="ignore"):
        return held / held[:, -1:]


def _held(curve: np.ndarray, share: float) -> np.ndarray:
    places = curve.shape[1] - 1
    at = share * places
    whole = int(at)
    more = curve[:, min(whole + 1, places)] - curve[:, whole]
    return curve[:, whole] + (at - whole) * more


def _range(values: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)
