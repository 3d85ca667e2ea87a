"""What people said of places, by light: how many felt unsafe, what they named, how far they agree.

Those who come on a walk chose to come, in small groups that differ: places are described one by
one, never ranked by what was said. One person's answers, a group's and a walk lead's own view are
three different things and are never averaged together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.perception import felt
from analysis.voices import PRIOR_ALL, PRIOR_UNSAFE, UNSAFE

MODES = ("individual", "group_consensus", "facilitator_observed")
MUCH, FEW = 75.0, 40.0
"""Percentiles of the under-reporting tag: much concern from 75, few reports up to 40."""

LEAST_RATED = 3
"""Stops that several people rated, from which agreement is worked out."""


def by_place(responses: pd.DataFrame) -> pd.DataFrame:
    """Say of every place and light how many felt unsafe.

    Parameters
    ----------
    responses : pandas.DataFrame
        `place`, `mode`, `virtual` (bool: not seen on site) and what `analysis.perception.felt`
        needs.

    Returns
    -------
    pandas.DataFrame
        `place`, `mode`, `virtual`, `light` ('day', 'dusk', 'dark'), `people`, `unsafe` (people who
        answered 1 or 2 of 6), `share` (unsafe + 2) / (people + 4), `median` feel, by place, mode
        and light. Recalled feelings are left out.

    Examples
    --------
    >>> said = pd.DataFrame({"place": ["a"] * 3, "mode": "individual", "virtual": False,
    ...     "said_on": pd.Timestamp("2026-03-01"), "n_people": 1, "feel_now": [1, 2, 6],
    ...     "light": "dark", "feel_day": None, "feel_dark": None, "feel_day_recalled": None,
    ...     "feel_dark_recalled": None})
    >>> by_place(said)[["light", "people", "unsafe", "share"]].round(2).to_numpy().tolist()
    [['dark', 3, 2, 0.57]]
    """
    groups = []
    for (place, mode, virtual), rows in responses.groupby(["place", "mode", "virtual"]):
        answers = felt(rows)
        for light, those in answers.groupby("light"):
            people = int(those["people"].sum())
            unsafe = int(those.loc[those["feel"].le(UNSAFE), "people"].sum())
            repeated = np.repeat(those["feel"].astype("float64"), those["people"].astype(int))
            groups.append(
                (place, mode, bool(virtual), str(light), people, unsafe,
                 (unsafe + PRIOR_UNSAFE) / (people + PRIOR_ALL), float(np.median(repeated)))
            )  # fmt: skip
    columns = ["place", "mode", "virtual", "light", "people", "unsafe", "share", "median"]
    return pd.DataFrame(groups, columns=columns)


def dark_gap(responses: pd.DataFrame) -> pd.DataFrame:
    """Say how much less safe people feel after dark than by day, from those who answered both.

    Parameters
    ----------
    responses : pandas.DataFrame
        `place`, `mode`, `feel_day`, `feel_dark` (1-6 or missing). Only answers of one person.

    Returns
    -------
    pandas.DataFrame
        `place`, `pairs`, `gap`: mean of feel_day - feel_dark over the pairs; above 0 is less safe
        after dark. Recalled answers count: the two are compared within one person.

    Examples
    --------
    >>> said = pd.DataFrame({"place": ["a", "a", "b"], "mode": "individual",
    ...     "feel_day": [5, 4, 6], "feel_dark": [2, 3, None]})
    >>> dark_gap(said).to_numpy().tolist()
    [['a', 2, 2.0]]
    """
    both = responses[
        responses["mode"].eq("individual")
        & responses["feel_day"].notna()
        & responses["feel_dark"].notna()
    ]
    gap = (both["feel_day"].astype("float64") - both["feel_dark"].astype("float64")).groupby(
        both["place"]
    )
    found = pd.DataFrame({"pairs": gap.size(), "gap": gap.mean()})
    return found.rename_axis("place").reset_index()


def named_most(responses: pd.DataFrame, column: str, *, most: int = 3) -> pd.DataFrame:
    """List what was named most at each place.

    Parameters
    ----------
    responses : pandas.DataFrame
        `place`, and `column`: a tuple of codes.
    column : str
        'issues' or 'positives'.
    most : int
        How many a place.

    Returns
    -------
    pandas.DataFrame
        `place`, `code`, `named` (responses that name it), most first, ties by code.
    """
    rows: list[tuple[str, str, int]] = []
    for place, codes in responses.groupby("place")[column]:
        counted = Counter(code for several in codes for code in _each(several))
        best = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:most]
        rows += [(str(place), code, count) for code, count in best]
    return pd.DataFrame(rows, columns=["place", "code", "named"])


def _each(several: Iterable[str]) -> set[str]:
    return set(several) if isinstance(several, tuple | list | set) else set()


@dataclass(frozen=True)
class Agreement:
    """How far people who rated the same stop agree.

    Attributes
    ----------
    icc, low, high : float
        Intraclass correlation ICC(1) and its 95 % interval: 1 is perfect, 0 no more than chance.
    stops, ratings : int
        What it is made from.
    """

    icc: float
    low: float
    high: float
    stops: int
    ratings: int

    def sentence(self) -> str:
        """Say it in words.

        Examples
        --------
        >>> Agreement(0.72, 0.5, 0.86, 20, 61).sentence()
        'People who rated the same stop agree well (ICC 0.72, 95% interval 0.50 to 0.86; 61 \
ratings of 20 stops).'
        """
        words = (
            "hardly agree"
            if self.icc < 0.4
            else "agree fairly"
            if self.icc < 0.6
            else ("agree well")
        )
        return (
            f"People who rated the same stop {words} (ICC {self.icc:.2f}, 95% interval "
            f"{self.low:.2f} to {self.high:.2f}; {self.ratings} ratings of {self.stops} stops)."
        )


def agreement(ratings: pd.DataFrame) -> Agreement | None:
    r"""Work out how far ratings of the same stop agree.

    One-way random effects, single ratings:

    .. math::

        ICC(1) = \frac{MS_b - MS_w}{MS_b + (n_0 - 1) MS_w}, \qquad
        n_0 = \frac{N - \sum n_i^2 / N}{k - 1}

    with the interval from the F distribution. Based on Shrout, P. and Fleiss, J. (1979),
    Intraclass correlations: uses in assessing rater reliability, Psychological Bulletin 86(2);
    n0 stands in for the number of ratings where stops have different numbers, which makes the
    interval approximate.

    Parameters
    ----------
    ratings : pandas.DataFrame
        `stop`, `rating`; stops rated once take no part.

    Returns
    -------
    Agreement or None
        None with fewer than three stops that several people rated, or where all ratings are one.

    Examples
    --------
    >>> rated = pd.DataFrame({"stop": [1, 1, 2, 2, 3, 3], "rating": [1, 1, 3, 4, 6, 6]})
    >>> found = agreement(rated)
    >>> round(found.icc, 3), found.stops
    (0.974, 3)
    """
    known = ratings.dropna()
    sizes = known.groupby("stop")["rating"].transform("size")
    several = known[sizes.ge(2)]
    groups = several.astype({"rating": "float64"}).groupby("stop")["rating"]
    n, total, stops = groups.size(), len(several), groups.ngroups
    if stops < LEAST_RATED:
        return None
    means = groups.mean()
    between = float((n * (means - several["rating"].mean()) ** 2).sum()) / (stops - 1)
    within = float(((several["rating"] - groups.transform("mean")) ** 2).sum()) / (total - stops)
    n0 = (total - float((n**2).sum()) / total) / (stops - 1)
    if between + (n0 - 1) * within == 0:
        return None
    icc = (between - within) / (between + (n0 - 1) * within)
    if within == 0:
        return Agreement(1.0, 1.0, 1.0, stops, total)
    from scipy.stats import f as f_distribution  # slow to load, seldom asked for

    ratio = between / within
    low = ratio / float(f_distribution.ppf(0.975, stops - 1, total - stops))
    high = ratio * float(f_distribution.ppf(0.975, total - stops, stops - 1))
    return Agreement(icc, (low - 1) / (low + n0 - 1), (high - 1) / (high + n0 - 1), stops, total)


def beside_record(places: pd.DataFrame) -> pd.Series:
    """Tag places where what people say and what is reported differ.

    Parameters
    ----------
    places : pandas.DataFrame
        `concern` (share that felt unsafe, missing where nobody was asked) and `reports`.

    Returns
    -------
    pandas.Series
        'few reports, much concern' where concern is at or above the 75th percentile of places
        asked and reports at or below the 40th of all; 'many reports, few say so' where concern is
        at or below the 25th and reports at or above the 60th; '' elsewhere. Quiet is not safe: a
        tag is a question to ask, never a correction of a number.

    Examples
    --------
    >>> places = pd.DataFrame({"concern": [0.9, 0.5, 0.4, 0.1, None],
    ...                        "reports": [1, 20, 30, 90, 5]})
    >>> beside_record(places).tolist()
    ['few reports, much concern', '', '', 'many reports, few say so', '']
    """
    asked = places["concern"].rank(pct=True, method="average").mul(100)
    reported = places["reports"].rank(pct=True, method="average").mul(100)
    much = asked.ge(MUCH) & reported.le(FEW)
    calm = asked.le(100 - MUCH) & reported.ge(100 - FEW)
    tags = np.select([much, calm], ["few reports, much concern", "many reports, few say so"], "")
    return pd.Series(tags, places.index)
