"""Put components of different units on one scale, so that they can be weighed against each other.

Four ways are offered. Each looks at the places with a value and leaves the rest missing; each
gives equal scores for equal values, and never a lower score for a higher value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.components import percentile_rank

Floats: TypeAlias = npt.NDArray[np.float64]
Normaliser = Literal["rank", "min-max", "z", "index"]
NORMALISERS: tuple[Normaliser, ...] = get_args(Normaliser)

CLIP = 3.0
"""A z score beyond this counts as this: one extreme place does not squeeze all others together."""

MIDDLE = 50.0
"""Score of every place where there is nothing to tell them apart by."""


def normalise(raw: pd.DataFrame, how: Normaliser = "rank") -> pd.DataFrame:
    r"""Put every column on one scale, over the places that have a value.

    .. math::

        \text{rank}: 100\,\frac{r_i - 1}{n - 1},\quad
        \text{min-max}: 100\,\frac{x_i - \min x}{\max x - \min x},\quad
        \text{z}: 50 + \frac{50}{3} \max(-3, \min(3, \frac{x_i - \bar x}{s})),\quad
        \text{index}: 100\,\frac{x_i}{\bar x}

    with r the rank from the lowest, ties sharing their mean rank, n the number of known values and
    s their standard deviation (divisor n). The first three run from 0 to 100; of the index 100 is
    the average and there is no upper end. Methods after the OECD/JRC Handbook on Constructing
    Composite Indicators, step "normalisation".

    Parameters
    ----------
    raw : pandas.DataFrame
        One column a component; NaN is missing. The index needs values of 0 or more.
    how : {'rank', 'min-max', 'z', 'index'}
        Which way.

    Returns
    -------
    pandas.DataFrame
        As `raw`. Where all known values are equal, one value included, every place gets 50; by
        'index' it gets 100, the average.

    Raises
    ------
    ValueError
        If `how` is none of the four.

    Notes
    -----
    Only the rank is indifferent to extreme values, and to what the values are measured in.

    Examples
    --------
    >>> x = pd.DataFrame({"x": [2.0, 2.0, 8.0, None]})
    >>> for how in NORMALISERS:
    ...     print(how, normalise(x, how)["x"].round(2).tolist())
    rank [25.0, 25.0, 100.0, nan]
    min-max [0.0, 0.0, 100.0, nan]
    z [38.21, 38.21, 73.57, nan]
    index [50.0, 50.0, 200.0, nan]
    """
    if how not in NORMALISERS:
        raise ValueError(f"no such normaliser: {how!r}")
    scores = raw.astype("float64")
    if how == "rank":
        return percentile_rank(scores)
    for name in scores.columns:
        known = scores[name].notna().to_numpy()
        values = scores[name].to_numpy()[known][None, :]
        put = scores[name].to_numpy(copy=True)
        put[known] = normalise_rows(values, how)[0] if known.any() else put[known]
        scores[name] = put
    return scores


def normalise_rows(values: Floats, how: Normaliser = "rank") -> Floats:
    """Give `normalise` of every row of an array without gaps.

    Examples
    --------
    >>> normalise_rows(np.array([[1.0, 1.0, 3.0], [5.0, 4.0, 3.0]])).tolist()
    [[25.0, 25.0, 100.0], [100.0, 50.0, 0.0]]
    """
    return _WAYS[how](values)


def percentile_rows(values: Floats) -> Floats:
    """Give the percentile rank (0-100) of every row of an array without gaps.

    Examples
    --------
    >>> percentile_rows(np.array([[7.0]])).tolist()
    [[50.0]]
    """
    count = values.shape[1]
    if count < 2:
        return np.full(values.shape, MIDDLE)
    order = values.argsort(axis=1)
    rising = np.take_along_axis(values, order, axis=1)
    tied = rising[:, 1:] == rising[:, :-1]
    place = np.arange(count, dtype="float64")
    mean = np.broadcast_to(place, values.shape)
    if tied.any():
        first = np.where(np.pad(tied, ((0, 0), (1, 0))), 0.0, place)
        last = np.where(np.pad(tied, ((0, 0), (0, 1))), float(count), place)
        first = np.maximum.accumulate(first, axis=1)
        last = np.minimum.accumulate(last[:, ::-1], axis=1)[:, ::-1]
        mean = (first + last) / 2
    ranks = np.empty(values.shape)
    np.put_along_axis(ranks, order, mean * (100 / (count - 1)), axis=1)
    return ranks


def _min_max(values: Floats) -> Floats:
    low = values.min(axis=1, keepdims=True)
    span = values.max(axis=1, keepdims=True) - low
    # Divided first: the greatest value is 100 to the last digit, and ties at the top stay ties.
    return np.where(span > 0, (values - low) / np.where(span > 0, span, 1.0) * 100, MIDDLE)


def _z(values: Floats) -> Floats:
    varies = values.max(axis=1, keepdims=True) > values.min(axis=1, keepdims=True)
    spread = np.where(varies, values.std(axis=1, keepdims=True), 1.0)
    z = (values - values.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1.0)
    return np.where(varies, MIDDLE + np.clip(z, -CLIP, CLIP) * (MIDDLE / CLIP), MIDDLE)


def _index(values: Floats) -> Floats:
    mean = values.mean(axis=1, keepdims=True)
    return np.where(mean > 0, 100 * values / np.where(mean > 0, mean, 1.0), 100.0)


_WAYS: Mapping[str, Callable[[Floats], Floats]] = {
    "rank": percentile_rows, "min-max": _min_max, "z": _z, "index": _index,
}  # fmt: skip
