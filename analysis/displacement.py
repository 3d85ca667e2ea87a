"""Before and after at a place, around it, and at places to compare with: WDD and WDQ.

These are the published measures, from eight counts: the place treated (T), the ring around it (D,
where trouble may move to or calm may spread), the places compared with (C) and the rings around
those (DC), each before and after. They know nothing of how the place was chosen: a place chosen
because its count was high falls back by itself, and these measures credit that to whatever was
done. `analysis.evaluation` corrects for it; they are shown beside it, for those who know them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from scipy.stats import norm


class Pair(NamedTuple):
    """Reports before and after."""

    before: float
    after: float


@dataclass(frozen=True)
class Estimate:
    """A number with its interval.

    Attributes
    ----------
    value, se, low, high : float
        In reports; `low` and `high` bound the interval.
    """

    value: float
    se: float
    low: float
    high: float

    @property
    def z(self) -> float:
        """Value over standard error; NaN where there is no spread."""
        return self.value / self.se if self.se else math.nan


@dataclass(frozen=True)
class Quotient:
    """The weighted displacement quotient and its companions.

    Attributes
    ----------
    wdq : float
        Above 1: the surroundings gained more than the place; 0 to 1: some of the gain spread;
        -1 to 0: some of it moved there; below -1: more moved than was gained. NaN where the place
        did not fall against the comparison, since then nothing could spread or move.
    low, high : float
        Interval (Fieller); infinite where the fall at the place itself is not certain.
    gross, net : float
        GE, reports fewer at the place; NE, the same as a difference of ratios to the comparison.
    total_net : float
        TNE: reports fewer at the place and around it than the comparison led to expect.
    """

    wdq: float
    low: float
    high: float
    gross: float
    net: float
    total_net: float


NONE = Pair(0.0, 0.0)


def wdd(
    treated: Pair,
    control: Pair,
    near_treated: Pair = NONE,
    near_control: Pair = NONE,
    *,
    area_weights: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0),
    time_weights: Pair = Pair(1.0, 1.0),  # noqa: B008 - a tuple, which nothing can change
    dispersion: float = 1.0,
    level: float = 0.95,
) -> Estimate:
    r"""Weighted displacement difference.

    .. math::

        \mathrm{WDD} = (T_a - T_b) - (C_a - C_b) + (D_a - D_b) - (DC_a - DC_b)

    with the sum of the eight counts, each over its weight squared, as variance (Poisson).

    Based on Wheeler and Ratcliffe (2018), A simple weighted displacement difference test to
    evaluate place based crime interventions, Crime Science 7:11.

    Parameters
    ----------
    treated, control, near_treated, near_control : Pair
        Reports before and after.
    area_weights : tuple of float
        Sizes of treated, control, near treated and near control; counts are divided by them.
    time_weights : Pair
        Lengths of the two periods.
    dispersion : float, default 1
        Variance of a count over its mean; 1 is Poisson, and real reports have more.
    level : float, default 0.95
        Of the interval.

    Notes
    -----
    The comparison must have moved in step with the place in numbers, not in proportion. Regression
    to the mean is not corrected.

    Examples
    --------
    >>> found = wdd(Pair(20, 10), Pair(20, 20), level=0.9)
    >>> found.value, round(found.se, 4), round(found.low, 2), round(found.high, 2)
    (-10.0, 8.3666, -23.76, 3.76)
    """
    value = variance = 0.0
    signs = (1, -1, 1, -1)
    groups = (treated, control, near_treated, near_control)
    for sign, pair, area in zip(signs, groups, area_weights, strict=True):
        for when, side in ((1, "after"), (-1, "before")):
            size = area * getattr(time_weights, side)
            count = float(getattr(pair, side))
            value += sign * when * count / size
            variance += dispersion * count / size**2
    se = math.sqrt(variance)
    reach = float(norm.ppf(0.5 + level / 2)) * se
    return Estimate(value, se, value - reach, value + reach)


def wdq(
    treated: Pair, near: Pair, control: Pair, *, dispersion: float = 1.0, level: float = 0.95
) -> Quotient:
    r"""Weighted displacement quotient, with an interval.

    .. math::

        \mathrm{WDQ} = \frac{D_a/C_a - D_b/C_b}{R_a/C_a - R_b/C_b}, \quad
        \mathrm{TNE} = (R_b C_a/C_b - R_a) + (D_b C_a/C_b - D_a)

    Based on Bowers and Johnson (2003), Measuring the geographical displacement and diffusion of
    benefit effects of crime prevention activity, Journal of Quantitative Criminology 19. The
    interval is Fieller's for a ratio, with Poisson counts times `dispersion`; numerator and
    denominator share the comparison, and their covariance is taken in.

    Parameters
    ----------
    treated, near, control : Pair
        Reports at the place, around it, and at the comparison.
    dispersion, level
        As `wdd`.

    Returns
    -------
    Quotient

    Raises
    ------
    ValueError
        If the comparison has no reports before or none after.

    Examples
    --------
    >>> found = wdq(Pair(207, 110), Pair(178, 157), Pair(308, 318))
    >>> round(found.wdq, 4), found.gross, round(found.net, 4), round(found.total_net, 1)
    (0.2582, 97.0, 0.3262, 130.5)
    """
    if control.before <= 0 or control.after <= 0:
        raise ValueError("the comparison needs reports both before and after")
    top, bottom = _ratio_change(near, control), _ratio_change(treated, control)
    growth = control.after / control.before
    total = treated.before * growth - treated.after + near.before * growth - near.after
    gross = float(treated.before - treated.after)
    if bottom >= 0:
        return Quotient(math.nan, -math.inf, math.inf, gross, -bottom, total)
    z2 = float(norm.ppf(0.5 + level / 2)) ** 2 * dispersion
    low, high = _fieller(
        top, bottom, z2 * _shared(near, near, control), z2 * _shared(treated, treated, control),
        z2 * _shared(near, treated, control),
    )  # fmt: skip
    return Quotient(top / bottom, low, high, gross, -bottom, total)


def _ratio_change(pair: Pair, control: Pair) -> float:
    return pair.after / control.after - pair.before / control.before


def _shared(one: Pair, other: Pair, control: Pair) -> float:
    """Covariance of two changes of ratios to the same comparison (delta method)."""
    whole = 0.0
    for a, b, c in zip(one, other, control, strict=True):
        whole += a * b / c**3 + (a / c**2 if one is other else 0.0)
    return whole


def _fieller(
    top: float, bottom: float, var_top: float, var_bottom: float, both: float
) -> tuple[float, float]:
    square = bottom**2 - var_bottom
    middle = top * bottom - both
    rest = top**2 - var_top
    inside = middle**2 - square * rest
    if square <= 0 or inside < 0:
        return -math.inf, math.inf
    reach = math.sqrt(inside)
    return (middle - reach) / square, (middle + reach) / square
