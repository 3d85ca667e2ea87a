"""Empirical Bayes: pull small counts towards the mean, as far as chance would move them."""

from __future__ import annotations

import numpy as np
import pandas as pd


def empirical_bayes(events: pd.Series, base: pd.Series | None = None) -> pd.Series:
    r"""Shrink rates towards their mean (Marshall's global estimator).

    .. math::

        m = \frac{\sum e}{\sum b}, \quad
        s^2 = \frac{\sum b (r - m)^2}{\sum b}, \quad
        A = \max\left(0,\; s^2 - \frac{m}{\bar b}\right), \quad
        w = \frac{A}{A + m / b}, \quad
        \hat r = w r + (1 - w) m

    with e events, b exposure, r = e / b the raw rate and :math:`\bar b` the mean exposure.

    Based on Marshall, R. (1991), Mapping disease and mortality rates using empirical Bayes
    estimators, Applied Statistics 40(2). A negative between-place variance A is clipped to 0, so
    that a map with no more spread than chance gives every place the mean; without the clip the
    estimator pushes places away from the mean.

    Parameters
    ----------
    events : pandas.Series
        Counts, not negative. NaN is a place without data: it takes no part and stays NaN.
    base : pandas.Series, optional
        Exposure on the same index, positive. One per place by default, so that the result is a
        shrunk count.

    Returns
    -------
    pandas.Series
        Shrunk rates on the index of `events`.

    Raises
    ------
    ValueError
        If a count is negative or an exposure is not positive.

    Notes
    -----
    With equal exposures the order of places does not change, only the distance between them. It
    assumes that neighbours tell nothing about each other.

    Examples
    --------
    >>> empirical_bayes(pd.Series([0, 0, 10, 2])).round(3).tolist()
    [0.529, 0.529, 8.765, 2.176]
    """
    exposure = pd.Series(1.0, index=events.index) if base is None else base.astype("float64")
    known = events.notna() & exposure.notna()
    e, b = events[known].astype("float64"), exposure[known]
    if (e < 0).any() or (b <= 0).any():
        raise ValueError("counts must not be negative and exposures must be positive")
    shrunk = pd.Series(np.nan, index=events.index, dtype="float64")
    if not known.any():
        return shrunk
    rate, mean = e / b, e.sum() / b.sum()
    spread = (b * (rate - mean) ** 2).sum() / b.sum()
    between = max(0.0, spread - mean / b.mean())
    weight = between / (between + mean / b) if between > 0 else 0.0 * b
    shrunk[known] = weight * rate + (1 - weight) * mean
    return shrunk
