"""Find places to compare with: as busy before, and moving the same way before.

What came after is never looked at here: the functions are only handed months before the date.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

PER_PLACE = 10
"""Places matched to each treated one: with fewer, their own chance blurs the comparison; with
more, the last ones are no longer alike."""

_SHOWN = ["before", "first", "second"]


@dataclass(frozen=True)
class Matched:
    """The places compared with.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a matched place, nearest first: `place`, `matched_to`, `before` (reports), `first`
        and `second` (its two halves), `distance`.
    treated : pandas.DataFrame
        The same columns for the treated places, without `matched_to` and `distance`.
    """

    table: pd.DataFrame
    treated: pd.DataFrame

    @property
    def is_out_of_reach(self) -> bool:
        """Whether some treated place was busier before than everything matched to it."""
        most = self.table.groupby("matched_to")["before"].max()
        own = self.treated.set_index("place")["before"]
        return bool((own.reindex(most.index) > most).any())


def match_places(
    before: pd.DataFrame,
    treated: Sequence[str],
    candidates: Sequence[str],
    *,
    each: int = PER_PLACE,
) -> Matched:
    r"""Match every treated place with the candidates nearest in level and trend.

    .. math::

        d^2 = \frac{(\sqrt{y_i + 1/4} - \sqrt{y_j + 1/4})^2}{1/4}
            + \frac{(g_i - g_j)^2}{1/2}, \quad
        g = \sqrt{y^{(2)} + 1/4} - \sqrt{y^{(1)} + 1/4}

    with y the reports before and :math:`y^{(1)}, y^{(2)}` those of the first and the second half
    of that time. Square roots put busy and quiet places on one scale: there 1/4 is the variance
    of a Poisson count, and 1/2 that of the difference of two. No candidate is used twice.

    Parameters
    ----------
    before : pandas.DataFrame
        Reports before the date, places by months. Months after it must not be in here.
    treated : sequence of str
        The places where something was done; the busiest chooses first.
    candidates : sequence of str
        Places that may be compared with: not treated, and not near a treated one.
    each : int, default 10
        Matches for each treated place; fewer if there are not as many.

    Returns
    -------
    Matched

    Raises
    ------
    ValueError
        If there are no candidates, or a treated place is among them.

    Examples
    --------
    >>> counts = pd.DataFrame([[5, 5], [9, 1], [4, 5], [0, 0]], index=list("tabc"))
    >>> match_places(counts, ["t"], ["a", "b", "c"], each=2).table["place"].tolist()
    ['b', 'a']
    """
    if not len(candidates):
        raise ValueError("there are no places to compare with")
    if set(treated) & set(candidates):
        raise ValueError("a treated place cannot be compared with itself")
    shape = _shape(before)
    own = shape.loc[list(treated)].sort_values("before", ascending=False, kind="stable")
    free = shape.loc[sorted(candidates)]
    level, trend = free["level"].to_numpy(), free["trend"].to_numpy()
    taken: list[int] = []
    apart: list[float] = []
    for one_level, one_trend in own[["level", "trend"]].to_numpy():
        squared = 4 * (level - one_level) ** 2 + 2 * (trend - one_trend) ** 2
        squared[taken] = np.inf
        order = np.argsort(squared, kind="stable")[: min(each, len(free) - len(taken))]
        taken.extend(order.tolist())
        apart.extend(np.sqrt(squared[order]).tolist())
    table = free.iloc[taken][_SHOWN].rename_axis("place").reset_index()
    ends = np.minimum(np.arange(1, len(own) + 1) * each, len(free))
    table.insert(1, "matched_to", np.repeat(own.index, np.diff(ends, prepend=0)))
    table["distance"] = apart
    return Matched(table, own[_SHOWN].rename_axis("place").reset_index())


def _shape(before: pd.DataFrame) -> pd.DataFrame:
    half = before.shape[1] // 2
    first, second = before.iloc[:, :half].sum(axis=1), before.iloc[:, half:].sum(axis=1)
    root = np.sqrt(pd.DataFrame({"whole": first + second, "a": first, "b": second}) + 0.25)
    return pd.DataFrame(
        {
            "before": first + second,
            "first": first,
            "second": second,
            "level": root["whole"],
            "trend": root["b"] - root["a"],
        }
    )
