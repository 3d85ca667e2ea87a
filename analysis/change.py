"""Has it changed? Two counts compared, with the part that chance plays."""

from __future__ import annotations

from typing import overload

import pandas as pd

STANDS_OUT = 3.0
"""A Poisson z beyond this is called a change that stands out."""


@overload
def poisson_z(current: pd.Series, before: pd.Series) -> pd.Series: ...
@overload
def poisson_z(current: float, before: float) -> float: ...
def poisson_z(current: pd.Series | float, before: pd.Series | float) -> pd.Series | float:
    r"""Compare a count with an earlier one.

    .. math:: z = 2\left(\sqrt{c} - \sqrt{e}\right)

    with c the current count and e the count it is compared with. The square root makes the spread
    of a Poisson count nearly constant, so that z is roughly standard normal when `before` is a
    known expectation. Source: Wheeler, A. (2016), Tables and graphs for monitoring crime patterns.

    Parameters
    ----------
    current, before : pandas.Series or float
        Counts over periods of equal length. NaN in either gives NaN.

    Returns
    -------
    pandas.Series or float
        z, positive when there is more now.

    Notes
    -----
    `before` is itself a count with chance in it, and reports of anti-social behaviour vary more
    than Poisson counts do: read only values beyond 3 as a change, and look at the places.

    Examples
    --------
    >>> poisson_z(49.0, 25.0)
    4.0
    """
    return 2 * (current**0.5 - before**0.5)


def change_words(current: float, before: float) -> str:
    """Say in words how a count compares with the same months a year before.

    Examples
    --------
    >>> change_words(49, 25)
    'more than in the same months a year before (49, was 25)'
    >>> change_words(30, 28)
    'about the same as in the same months a year before (30, was 28)'
    """
    z = poisson_z(current, before)
    said = (
        "more than" if z > STANDS_OUT else "fewer than" if z < -STANDS_OUT else "about the same as"
    )
    return f"{said} in the same months a year before ({current:,.0f}, was {before:,.0f})"
