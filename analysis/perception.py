"""How safe people said they felt at a place, before and after, under the same light.

A place by day and the same place after dark are two places to the people who walk there, so
answers are compared by day with by day and after dark with after dark, never across. Groups are
small and choose themselves: a share stands with the number of people behind it and a range.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

UNSAFE = 2
"""Answers of 1 or 2, of 1 (very unsafe) to 6 (very safe), count as feeling unsafe."""
LEAST_PEOPLE = 5
"""With fewer people on either side nothing is said, and nothing is published."""
LIGHTS = {"day": "by day", "dusk": "at dusk", "dark": "after dark"}


def felt(responses: pd.DataFrame, keep: Sequence[str] = ()) -> pd.DataFrame:
    """Turn responses into one row for each answer under a light that was there.

    Parameters
    ----------
    responses : pandas.DataFrame
        `said_on` (date), `n_people`, `feel_day`, `feel_dark` (1 to 6 or missing), and whether they
        were recalled rather than felt (`feel_day_recalled`, `feel_dark_recalled`). With `light`
        ('day', 'dusk', 'dark') and `feel_now`, the answer given on the spot counts first.
    keep : sequence of str, optional
        Further columns that each answer takes along.

    Returns
    -------
    pandas.DataFrame
        `on` (date), `light`, `feel` (1-6), `people`. Recalled answers are left out: they are not
        about the place as it was on that day.

    Examples
    --------
    >>> given = pd.DataFrame({"said_on": ["2026-03-01"] * 2, "n_people": [1, 4],
    ...     "feel_day": [5, None], "feel_dark": [2, 1],
    ...     "feel_day_recalled": [True, None], "feel_dark_recalled": [False, None]})
    >>> felt(given)[["light", "feel", "people"]].to_numpy().tolist()
    [['dark', 2, 1], ['dark', 1, 4]]
    """
    parts = []
    now = responses.get("feel_now", pd.Series(pd.NA, responses.index))
    seen = responses.get("light", pd.Series("", responses.index))
    parts.append(_answers(responses, now.where(seen.isin(list(LIGHTS))), seen))
    for light in ("day", "dark"):
        recalled = responses[f"feel_{light}_recalled"].eq(True).fillna(False)
        said_now = now.notna() & seen.eq(light)
        answer = responses[f"feel_{light}"].where(~recalled & ~said_now)
        parts.append(_answers(responses, answer, pd.Series(light, responses.index)))
    found = pd.concat(parts)
    return found.join(responses[list(keep)]).reset_index(drop=True)


def before_and_after(answers: pd.DataFrame, on: str) -> pd.DataFrame:
    r"""Compare the share that felt unsafe before a date and after it, light by light.

    .. math::

        d = \hat p_a - \hat p_b, \quad
        d - \sqrt{(\hat p_a - l_a)^2 + (u_b - \hat p_b)^2} \;\text{ to }\;
        d + \sqrt{(u_a - \hat p_a)^2 + (\hat p_b - l_b)^2}

    with Wilson's limits l and u of each share. Based on Newcombe (1998), Interval estimation for
    the difference between independent proportions, Statistics in Medicine 17, method 10.

    Parameters
    ----------
    answers : pandas.DataFrame
        From `felt`: `on`, `light`, `feel`, `people`.
    on : str
        The date, 'YYYY-MM-DD'. Answers of that very day are before: they were part of what was
        done.

    Returns
    -------
    pandas.DataFrame
        One row a light: `light`, `n_before`, `unsafe_before`, `n_after`, `unsafe_after` (people),
        `share_before`, `share_after`, `change`, `low`, `high` (95 %), `reading` ('fewer', 'more',
        'no_sign', 'too_few').

    Notes
    -----
    A group that answered together counts as its number of people, though they heard each other.
    People before and after are seldom the same; who came is part of the difference.

    Examples
    --------
    >>> answers = pd.DataFrame({"on": ["2026-01-01"] * 10 + ["2026-06-01"] * 10,
    ...     "light": "dark", "feel": [1] * 8 + [5] * 2 + [1] * 2 + [5] * 8, "people": 1})
    >>> row = before_and_after(answers, "2026-03-01").set_index("light").loc["dark"]
    >>> row[["change", "low", "high"]].astype(float).round(2).tolist(), row["reading"]
    ([-0.6, -0.8, -0.16], 'fewer')
    """
    after = pd.to_datetime(answers["on"]) > pd.Timestamp(on)
    rows = []
    for light in LIGHTS:
        here = answers["light"].eq(light)
        sides = [_unsafe(answers[here & ~after]), _unsafe(answers[here & after])]
        rows.append((light, *sides[0], *sides[1], *_difference(*sides[0], *sides[1])))
    names = ["light", "n_before", "unsafe_before", "n_after", "unsafe_after", "share_before"]
    return pd.DataFrame(rows, columns=[*names, "share_after", "change", "low", "high", "reading"])


def _answers(responses: pd.DataFrame, feel: pd.Series, light: pd.Series) -> pd.DataFrame:
    known = feel.notna()
    return pd.DataFrame(
        {
            "on": responses.loc[known, "said_on"],
            "light": light[known],
            "feel": feel[known].astype("int64"),
            "people": responses.loc[known, "n_people"].astype("int64"),
        }
    )


def _unsafe(answers: pd.DataFrame) -> tuple[int, int]:
    people = answers["people"]
    return int(people.sum()), int(people[answers["feel"] <= UNSAFE].sum())


def _difference(
    n_before: int, unsafe_before: int, n_after: int, unsafe_after: int
) -> tuple[float, float, float, float, float, str]:
    if min(n_before, n_after) < LEAST_PEOPLE:
        return (math.nan,) * 5 + ("too_few",)
    before, after = unsafe_before / n_before, unsafe_after / n_after
    low_b, high_b = _wilson(unsafe_before, n_before)
    low_a, high_a = _wilson(unsafe_after, n_after)
    change = after - before
    low = change - math.hypot(after - low_a, high_b - before)
    high = change + math.hypot(high_a - after, before - low_b)
    reading = "fewer" if high < 0 else "more" if low > 0 else "no_sign"
    return before, after, change, low, high, reading


def _wilson(found: int, of: int) -> tuple[float, float]:
    from scipy.stats import norm

    z = float(norm.ppf(0.975))
    middle = (found + z * z / 2) / (of + z * z)
    half = z * math.sqrt(found * (of - found) / of + z * z / 4) / (of + z * z)
    return middle - half, middle + half
