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


OF_WHAT = ("event_type", "origin", "purpose")
"""Columns that say of what kind of event a record is, or came from."""


def without_routes(
    kind: str,
    rows: pd.DataFrame,
    audience: Audience,
    *,
    talks: Collection[str],
    women_only: Collection[str],
    event_of: Mapping[str, str],
    private: Collection[str] = (),
) -> pd.DataFrame:
    """Take out of a list of records what would tell a restricted route.

    Parameters
    ----------
    kind : str
        'events', 'stops', 'actions' or any other.
    rows : pandas.DataFrame
        Records as text, the id in the first column.
    audience : {'public', 'internal'}
        Internal readers get everything.
    talks, women_only : collection of str
        Events that are Walk and Talks; other events that are for women only.
    event_of : mapping of str to str
        Event of each record, by the record's id.
    private : collection of str
        Ids of records that stand for nothing but a Walk and Talk, such as the place of one.

    Returns
    -------
    pandas.DataFrame
        Without Walk and Talks, without what came of them, and without stops of women-only walks;
        the exact times and places of those walks are empty.

    Examples
    --------
    >>> rows = pd.DataFrame({"event_id": ["a", "b"], "planned_start": ["18:00", "19:00"]})
    >>> own = {"a": "a", "b": "b"}
    >>> without_routes("events", rows, "public", talks=["a"], women_only=["b"],
    ...                event_of=own).to_numpy().tolist()
    [['b', '']]
    >>> came = pd.DataFrame({"action_id": ["x", "y"], "origin": ["walk_and_talk", "walkabout"]})
    >>> without_routes("actions", came, "public", talks=[], women_only=[],
    ...                event_of={})["action_id"].tolist()
    ['y']
    """
    if marking(audience):
        return rows
    names = rows.iloc[:, 0]
    event = names.map(lambda name: event_of.get(name, ""))
    gone = event.isin(list(talks)) | names.isin(list(private))
    if kind == "stops":
        gone |= event.isin(list(women_only))
    for column in set(OF_WHAT) & set(rows.columns):
        gone |= rows[column].isin(RESTRICTED_TYPES)
    kept = rows[~gone].reset_index(drop=True)
    if kind == "events":
        blank = kept.iloc[:, 0].isin(list(women_only))
        for column in EXACT & set(kept.columns):
            kept[column] = kept[column].mask(blank, "")
    return kept
