"""How readily people report, told apart from how much happens by several reports of one event.

Counts alone cannot say whether a place is quiet or silent. Where a source knows which reports are
of one event, those that follow the first one can: an event that is there to be seen is reported
again at the rate at which people report, whatever the number of events.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2, norm

LEAST_EVENTS = 20
"""Events a group must have before a rate is given."""

LEAST_REPEATS = 10
"""Repeat reports a group must have: with fewer the interval says nothing."""


@dataclass(frozen=True)
class Ratio:
    """One group's reporting rate over another's, with its 95 % interval."""

    ratio: float
    low: float
    high: float


def reporting_rates(events: pd.DataFrame) -> pd.DataFrame:
    r"""Estimate how often an event is reported again, by group.

    .. math::

        \hat\lambda_g = \frac{\sum_{i \in g} m_i}{\sum_{i \in g} t_i}

    with m the reports of an event after the first and t the days it was looked at. The interval is
    that of a Poisson count (Garwood 1936), widened by the spread that events show beyond chance.
    Based on Liu, Z., Bhandaram, U. and Garg, N. (2024), Quantifying spatial under-reporting
    disparities in resident crowdsourcing, Nature Computational Science 4.

    Parameters
    ----------
    events : pandas.DataFrame
        One row an event: `group`, `repeats` (reports after the first), `days` (looked at, above 0).

    Returns
    -------
    pandas.DataFrame
        Index: group. `events`, `repeats`, `rate` (repeat reports an event and 28 days), `low`,
        `high`; the last three missing for groups with fewer than 20 events or 10 repeats.

    Raises
    ------
    ValueError
        If an event was looked at for no time.

    Notes
    -----
    It assumes that events of a kind last as long in every group while they are looked at, and that
    one report does not draw the next. Where an agency is quicker in one place, people there have
    less time to report again, and its rate looks lower.

    Examples
    --------
    >>> events = pd.DataFrame({"group": ["a"] * 40 + ["b"] * 40, "days": 28.0,
    ...                        "repeats": [2, 1] * 20 + [1, 0] * 20})
    >>> reporting_rates(events)["rate"].tolist()
    [1.5, 0.5]
    """
    if (events["days"] <= 0).any():
        raise ValueError("every event must have been looked at for some time")
    rows = {str(group): _rate(those) for group, those in events.groupby("group", sort=True)}
    columns = ["events", "repeats", "rate", "low", "high"]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("group")
    return frame.astype({"events": "int64", "repeats": "int64"})


def _rate(events: pd.DataFrame) -> tuple[int, int, float, float, float]:
    n, repeats, days = len(events), int(events["repeats"].sum()), float(events["days"].sum())
    if n < LEAST_EVENTS or repeats < LEAST_REPEATS:
        return n, repeats, np.nan, np.nan, np.nan
    per = 28 / days
    spread = _spread(events)
    count = repeats / spread  # as many independent reports as the spread leaves
    low = spread * float(chi2.ppf(0.025, 2 * count)) / 2
    high = spread * float(chi2.ppf(0.975, 2 * count + 2)) / 2
    return n, repeats, repeats * per, low * per, high * per


def _spread(events: pd.DataFrame) -> float:
    """Variance of repeats over what chance gives, 1 at least (Pearson)."""
    expected = events["days"] * events["repeats"].sum() / events["days"].sum()
    residual = (events["repeats"] - expected) ** 2 / expected
    return max(1.0, float(residual.sum()) / (len(events) - 1))


def ratio(rates: pd.DataFrame, one: str, other: str) -> Ratio | None:
    """Compare the rates of two groups.

    Parameters
    ----------
    rates : pandas.DataFrame
        From `reporting_rates`.
    one, other : str
        Groups.

    Returns
    -------
    Ratio or None
        With an interval from the logarithms of both, whose spread is read from their own
        intervals; None where one of the two has no rate.

    Examples
    --------
    >>> rates = pd.DataFrame({"rate": [1.5, 0.5], "low": [1.2, 0.3], "high": [1.9, 0.8]},
    ...                      ["a", "b"])
    >>> round(ratio(rates, "a", "b").ratio, 1)
    3.0
    """
    pair = rates.loc[[one, other], ["rate", "low", "high"]].to_numpy("float64")
    if np.isnan(pair).any():
        return None
    found = float(pair[0, 0] / pair[1, 0])
    spread = np.log(pair[:, 2] / pair[:, 1]) / (2 * norm.ppf(0.975))
    reach = float(np.exp(norm.ppf(0.975) * np.hypot(*spread)))
    return Ratio(found, found / reach, found * reach)
