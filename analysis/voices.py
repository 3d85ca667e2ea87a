"""What people said, asked for and were promised, as components of a location's score.

Frames in, frames out; places are whatever the caller calls them (hexagons here). Missing is
missing: a place where nobody was asked is never one that feels safe. Requests and open actions are
different: once their registers are in use, no entry is a true zero.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from analysis.components import Reading

UNSAFE = 2
"""The two lowest of six points: 'very unsafe' and 'unsafe'."""

HALF_LIFE_DAYS = 365.25
"""After a year what was said counts half."""

PRIOR_UNSAFE, PRIOR_ALL = 2.0, 4.0
"""Two of four imagined answers are unsafe: a place with few answers is pulled to one half."""

ON_SITE = ("today_on_site", "recent_visit")
"""Experiences that count as having been there; pictures and hearsay are shown, not scored."""

MOST_REQUESTS = 5
"""Distinct people beyond this add nothing: a campaign is heard, and does not outvote the rest."""

PRIORITY_COUNTS = 3
"""An active ward priority that names a place counts as so many people asking."""

OPEN_ACTIONS = ("agreed", "in_progress", "blocked")
"""Statuses of an action that somebody still owes."""


def concern(responses: pd.DataFrame, places: pd.Index, on: dt.date) -> Reading:
    r"""Share of people who felt unsafe, shrunk and with older answers counting less.

    .. math::

        \hat u = \frac{\sum_i w_i\,[f_i \le 2] + 2}{\sum_i w_i + 4}, \qquad
        w_i = 2^{-a_i / 365.25}

    with f the feeling (1 to 6) and a the age of the answer in days. The prior of two in four is
    the design's; it is that of a Beta(2, 2).

    Parameters
    ----------
    responses : pandas.DataFrame
        `place`, `mode`, `experience`, `feel_now`, `feel_dark` (1 to 6 or missing), `said_on`.
        Only answers of one person (`mode` 'individual') who was there count here: group answers
        and a walk lead's own view are other things and are never averaged with them. The feeling
        on the spot counts, else the feeling after dark. Answers after `on` are not looked at.
    places : pandas.Index
        Every place to be scored.
    on : datetime.date
        The day the score stands for.

    Returns
    -------
    Reading
        Raw values 0 to 1, missing where nobody answered. `used` is the number of answers.

    Notes
    -----
    Those who come on walks chose to come; groups at different places are not alike. The share is
    one voice among others in the score, not a measure of the place.

    Examples
    --------
    >>> said = pd.DataFrame({"place": ["a", "a"], "mode": "individual",
    ...     "experience": "today_on_site", "feel_now": [1, 5], "feel_dark": None,
    ...     "said_on": pd.Timestamp("2026-06-30")})
    >>> concern(said, pd.Index(["a", "b"]), dt.date(2026, 6, 30)).raw.tolist()
    [0.5, nan]
    """
    said = scored_answers(responses, on)
    by_place = said.groupby("place", observed=True)
    unsafe = (said["weight"] * said["feel"].le(UNSAFE)).groupby(said["place"]).sum()
    raw = (unsafe + PRIOR_UNSAFE) / (by_place["weight"].sum() + PRIOR_ALL)
    spoke = len(by_place)
    note = (
        f"{len(said)} answers at {spoke} places, of people who were there"
        if len(said)
        else "needs feedback from walks, given on the spot"
    )
    return Reading(raw.reindex(places).astype("float64"), len(said), note)


def scored_answers(responses: pd.DataFrame, on: dt.date) -> pd.DataFrame:
    """Keep the answers that `concern` counts, with `feel` and `weight`."""
    frame = responses.assign(feel=responses["feel_now"].fillna(responses["feel_dark"]))
    when = pd.to_datetime(frame["said_on"])
    counts = (
        frame["mode"].eq("individual")
        & frame["experience"].isin(ON_SITE)
        & frame["feel"].notna()
        & frame["place"].notna()
        & when.le(pd.Timestamp(on))
    )
    kept = frame[counts]
    age = (pd.Timestamp(on) - when[counts]).dt.days
    return kept.assign(feel=kept["feel"].astype("float64"), weight=0.5 ** (age / HALF_LIFE_DAYS))


def requests(asks: pd.DataFrame, named: pd.Series, places: pd.Index, *, in_use: bool) -> Reading:
    """Count the people who asked for a walk at a place, and active priorities that name it.

    Parameters
    ----------
    asks : pandas.DataFrame
        `place`, `people` (distinct people asking); one row a place or several to be added.
    named : pandas.Series
        Places that active ward priorities name, one entry a priority.
    places : pandas.Index
        Every place to be scored.
    in_use : bool
        Whether the register is kept: then a place without a request is a true zero.

    Returns
    -------
    Reading
        min(people, 5) + 3 for each active priority; missing throughout while no register is kept.

    Examples
    --------
    >>> asked = pd.DataFrame({"place": ["a", "b"], "people": [9, 1]})
    >>> requests(asked, pd.Series(["b"]), pd.Index(["a", "b", "c"]), in_use=True).raw.tolist()
    [5.0, 4.0, 0.0]
    """
    if not in_use:
        return _absent(places, "needs a register of requests and ward priorities")
    people = asks.groupby("place")["people"].sum().clip(upper=MOST_REQUESTS)
    priorities = named.value_counts() * PRIORITY_COUNTS
    raw = people.reindex(places).fillna(0.0) + priorities.reindex(places).fillna(0.0)
    heard, asked = int(people.reindex(places).gt(0).sum()), int(asks["people"].sum())
    note = f"{asked} requests at {heard} places; {len(named)} active ward priorities name a place"
    return Reading(raw.astype("float64"), asked + len(named), note)


def unresolved(actions: pd.Series, places: pd.Index, *, in_use: bool) -> Reading:
    """Count the actions that somebody still owes at a place.

    Parameters
    ----------
    actions : pandas.Series
        Place of every open action, one entry an action; missing where it has none.
    places : pandas.Index
        Every place to be scored.
    in_use : bool
        Whether actions are kept: then a place without an open one is a true zero.

    Examples
    --------
    >>> unresolved(pd.Series(["a", "a", None]), pd.Index(["a", "b"]), in_use=True).raw.tolist()
    [2.0, 0.0]
    """
    if not in_use:
        return _absent(places, "needs a list of actions")
    known = actions.dropna()
    raw = known.value_counts().reindex(places).fillna(0.0).astype("float64")
    # An action near two named places stands here twice, under one index.
    there = known[known.isin(places)].index.nunique()
    nowhere = actions.index.nunique() - there
    note = f"{there} open actions at {int(raw.gt(0).sum())} places"
    return Reading(raw, there, note + (f"; {nowhere} have no place here" if nowhere else ""))


def tally(
    rows: pd.Series, places: pd.Index, *, note: str, counts: pd.Series | None = None
) -> Reading:
    """Count rows of reports at every place: after dark, or of harassment and threats.

    Parameters
    ----------
    rows : pandas.Series
        Place of every report that counts.
    places : pandas.Index
        Every place to be scored; one without a report is a true zero, since the source covers all.
    note : str
        What was counted, in words.
    counts : pandas.Series, optional
        How many reports each row stands for; one if None.

    Examples
    --------
    >>> tally(pd.Series(["a", "a"]), pd.Index(["a", "b"]), note="reports after dark").raw.tolist()
    [2.0, 0.0]
    """
    met = rows.value_counts() if counts is None else counts.groupby(rows.to_numpy()).sum()
    raw = met.reindex(places).fillna(0.0).astype("float64")
    return Reading(raw, int(raw.sum()), note)


def _absent(places: pd.Index, note: str) -> Reading:
    return Reading(pd.Series(float("nan"), places), 0, note)
