"""Whose routes may be in nothing public: those of women-only walks and of Walk and Talks.

Where and when women walk by themselves, and the way one woman takes, tell who could be met there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from analysis.disclosure.gate import Audience, marking

RESTRICTED_TYPES = frozenset({"walk_and_talk"})
"""Kinds of event whose routes are always restricted."""

RESTRICTED = "RESTRICTED: for those who lead this walk. Do not publish or pass on"
INTERNAL = "INTERNAL: not for publication"


def route_is_restricted(event_type: str, *, women_only: bool | None) -> bool:
    """Tell whether the route and exact times of an event may be in nothing public.

    Parameters
    ----------
    event_type : str
        A code of `geodata.records.vocabularies.EVENT_TYPES`.
    women_only : bool or None
        As the event says; not said is no.

    Examples
    --------
    >>> route_is_restricted("walk_and_talk", women_only=None)
    True
    >>> [route_is_restricted("womens_walk", women_only=w) for w in (True, False, None)]
    [True, False, False]
    """
    return event_type in RESTRICTED_TYPES or bool(women_only)


def route_marking(*, is_restricted: bool) -> str:
    """Say what a route that leaves the building has printed on it: no route is made for the public.

    Examples
    --------
    >>> route_marking(is_restricted=False)
    'INTERNAL: not for publication'
    """
    return RESTRICTED if is_restricted else INTERNAL


EXACT = frozenset(
    {"planned_start", "planned_end", "actual_start", "actual_end"}
    | {"meeting_point", "easting", "northing"}
)
"""Columns of an event that tell exactly when and where a women-only walk runs. Its day, ward and
place by name may be known: that is how women hear of it."""


def without_routes(
    kind: str,
    rows: pd.DataFrame,
    audience: Audience,
    *,
    talks: Collection[str],
    women_only: Collection[str],
    event_of: Mapping[str, str],
) -> pd.DataFrame:
    """Take out of a list of records what would tell a restricted route.

    Parameters
    ----------
    kind : str
        'events', 'stops', or another kind, which is left as it is.
    rows : pandas.DataFrame
        Records as text, the id in the first column.
    audience : {'public', 'internal'}
        Internal readers get everything.
    talks, women_only : collection of str
        Events that are Walk and Talks; other events that are for women only.
    event_of : mapping of str to str
        Event of each record, by the record's id.

    Returns
    -------
    pandas.DataFrame
        Without Walk and Talks and without stops of either; the exact times and places of
        women-only walks are empty.

    Examples
    --------
    >>> rows = pd.DataFrame({"event_id": ["a", "b"], "planned_start": ["18:00", "19:00"]})
    >>> own = {"a": "a", "b": "b"}
    >>> without_routes("events", rows, "public", talks=["a"], women_only=["b"],
    ...                event_of=own).to_numpy().tolist()
    [['b', '']]
    """
    if marking(audience) or kind not in ("events", "stops"):
        return rows
    event = rows.iloc[:, 0].map(event_of).fillna("")
    gone = event.isin(talks) | (event.isin(women_only) if kind == "stops" else False)
    kept = rows[~gone].reset_index(drop=True)
    if kind == "events":
        blank = kept.iloc[:, 0].isin(women_only)
        for column in EXACT & set(kept.columns):
            kept[column] = kept[column].mask(blank, "")
    return kept
