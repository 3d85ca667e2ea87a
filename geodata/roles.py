"""Who may do what: the one table that pages, routes, downloads and fields obey.

Everything is denied unless it stands here. A page, a route of the server, something a person does,
a file that leaves the building and a group of fields each name the roles that may have them;
`may` is the only question asked of the table. A test walks every entry with every role.

Where sign-in is off the app answers only the machine it runs on, and whoever sits there has
`THIS_LAPTOP`: every role at once. What stands in no list is denied there too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from geodata.errors import SaferWalksError

Role = Literal[
    "viewer",
    "panel_member",
    "panel_chair",
    "action_owner",
    "walk_lead",
    "safeguarding_officer",
    "manager",
    "analyst",
    "information_governance",
]
Kind = Literal["page", "route", "action", "download", "field"]

LABELS: dict[Role, str] = {
    "viewer": "Viewer",
    "panel_member": "Ward panel member",
    "panel_chair": "Ward panel chair",
    "action_owner": "Action owner",
    "walk_lead": "Walk lead",
    "safeguarding_officer": "Safeguarding officer",
    "manager": "Manager",
    "analyst": "Analyst",
    "information_governance": "Information governance",
}

ROLES: tuple[Role, ...] = get_args(Role)
THIS_LAPTOP: frozenset[Role] = frozenset(ROLES)
"""What somebody at a machine without sign-in may do: everything that is in the table."""

PUBLIC: frozenset[Role] = frozenset({"viewer"})
"""What somebody without a role, or not signed in, may do where public viewing is on."""

_EVERY_ROLE = frozenset(ROLES)
_PANEL = frozenset[Role]({"panel_member", "panel_chair"})
_OFFICE = frozenset[Role]({"manager", "analyst"})
_CHAIR = frozenset[Role]({"panel_chair"})
_OWNERS = frozenset[Role]({"action_owner"})
_GOVERNANCE = frozenset[Role]({"information_governance"})
_CONFIDENTIAL = _GOVERNANCE | frozenset[Role]({"safeguarding_officer"})
_WALKS = frozenset[Role]({"walk_lead", "manager", "analyst"})
_FOLLOW_UP = _WALKS | _PANEL | _OWNERS
_NOBODY: frozenset[Role] = frozenset()

PAGES: dict[str, frozenset[Role]] = {
    "overview": _EVERY_ROLE,
    "hotspots": _EVERY_ROLE,
    "method": _EVERY_ROLE,
    "trends": _OFFICE | _PANEL,
    "day-and-hour": _OFFICE | _PANEL,
    "wards-compared": _OFFICE | _PANEL,
    "voice": _OFFICE,
    "did-it-work": _OFFICE | _PANEL,
    "where-next": _OFFICE,
    "route": _WALKS,
    "selection": _OFFICE,
    "panel-pack": _OFFICE | _CHAIR,
    "programme": _FOLLOW_UP,
    "feedback": _WALKS,
    "actions": _FOLLOW_UP,
    "walk-requests": frozenset({"walk_lead", "manager", "safeguarding_officer"}),
    "places": _OFFICE,
    "ward-panel": _OFFICE | _PANEL,
    "safeguarding": frozenset({"safeguarding_officer"}),
    "bring-in": _OFFICE,
    "rejected": _OFFICE,
    "repair": _OFFICE,
    "boundaries": _OFFICE,
    "open-data": _OFFICE,
    "data": _OFFICE,
    "people": frozenset({"manager", "information_governance"}),
}
"""Pages by the name they have in the address."""

ROUTES: dict[str, frozenset[Role]] = {
    "session": _EVERY_ROLE,
    "media": _EVERY_ROLE,
    "components": _EVERY_ROLE,
    "upload": _WALKS | _OWNERS,
    "phone form": _WALKS,
    "phone send": _WALKS,
    "paper form": _WALKS,
    "agent": _NOBODY,
    "metrics": _NOBODY,
}
"""Routes of the server that hold or take data. Those that anybody may have, because they hold none,
stand in `OPEN_ROUTES`."""

OPEN_ROUTES: frozenset[str] = frozenset(
    {"health", "operator", "frontend", "leaflet", "sign in", "settings"}
)
"""Routes without data: the health checks, the operator's numbers (which ask for a token of their
own), the scripts every page is made of, and signing in."""

ACTIONS: dict[str, frozenset[Role]] = {
    "import reports": _OFFICE,
    "set ward boundaries": _OFFICE,
    "edit known breaks": _OFFICE,
    "choose a site": frozenset({"manager"}),
    "edit events": _WALKS,
    "record feedback": _WALKS,
    "record every walk": _OFFICE,
    "edit every action": _OFFICE,
    "edit own actions": _OFFICE | _OWNERS,
    "record panel meetings": _OFFICE | _CHAIR,
    "record walk requests": frozenset({"walk_lead", "manager"}),
    "edit places": _OFFICE,
    "acknowledge safeguarding": frozenset({"safeguarding_officer"}),
    "edit reporting routes": frozenset({"safeguarding_officer", "manager"}),
    "set the smallest number": frozenset({"manager", "information_governance"}),
    "grant roles": frozenset({"information_governance"}),
    "read history": frozenset({"information_governance", "manager"}),
    "back up": frozenset({"information_governance", "manager"}),
}

DOWNLOADS: dict[str, frozenset[Role]] = {
    "public": _EVERY_ROLE,
    "internal": _OFFICE,
    "rejected rows": _OFFICE,
    "actions": _FOLLOW_UP,
    "records": _OFFICE,
    "records with restricted fields": frozenset({"analyst", "information_governance"}),
    "panel pack": _OFFICE | _CHAIR,
    "paper form": _WALKS,
}

FIELDS: dict[str, frozenset[Role]] = {
    "open": _EVERY_ROLE,
    "staff": _WALKS | _CONFIDENTIAL,
    "restricted": frozenset({"analyst", "information_governance"}),
    "contact": frozenset({"manager", "walk_lead", "information_governance"}),
    "safeguarding": frozenset({"safeguarding_officer"}),
    "small counts": _OFFICE | _GOVERNANCE,
}
"""Who may see a field, by what `geodata.records.fields.Field.seen` says of it, and who may see
small counts of sources that are not open data."""

TABLE: dict[Kind, dict[str, frozenset[Role]]] = {
    "page": PAGES,
    "route": ROUTES,
    "action": ACTIONS,
    "download": DOWNLOADS,
    "field": FIELDS,
}


OWN: dict[tuple[Kind, str], dict[Role, Literal["ward", "agency"]]] = {
    ("page", "programme"): dict.fromkeys(_PANEL, "ward"),
    ("page", "did-it-work"): dict.fromkeys(_PANEL, "ward"),
    ("page", "ward-panel"): dict.fromkeys(_PANEL, "ward"),
    ("page", "actions"): {**dict.fromkeys(_PANEL, "ward"), "action_owner": "agency"},
    ("download", "actions"): {**dict.fromkeys(_PANEL, "ward"), "action_owner": "agency"},
    ("download", "panel pack"): dict.fromkeys(_CHAIR, "ward"),
}
"""Where a role has not all of a thing, but what lies in the person's own wards or belongs to their
own agency. What stands here holds what few people said or were promised. What does not is the same
for everybody who may open it: open data, and counts that are masked for the public."""


@dataclass(frozen=True)
class Reach:
    """How much of a thing somebody has.

    Attributes
    ----------
    everything : bool
        All of it.
    wards : frozenset of str
        Otherwise what lies in one of these wards,
    agency : str
        and what belongs to this agency; '' for none.
    """

    everything: bool = True
    wards: frozenset[str] = frozenset()
    agency: str = ""

    def covers(self, wards: Iterable[str], agency: str = "") -> bool:
        """Tell whether something of these wards and this owner is within it.

        Examples
        --------
        >>> own = Reach(False, frozenset({"E05009327"}), "tfl")
        >>> own.covers(["E05009327"]), own.covers([]), own.covers([], "tfl"), own.covers([""], "")
        (True, False, True, False)
        """
        is_own = bool(agency) and agency == self.agency
        return self.everything or is_own or not self.wards.isdisjoint(wards)


def reach(
    roles: Collection[Role], kind: Kind, name: str, *, wards: Iterable[str], agency: str
) -> Reach:
    """Tell how much of a thing somebody has, by the roles that have it at all.

    Parameters
    ----------
    roles : collection of str
        The roles a person has.
    kind, name
        As `may` takes them.
    wards : iterable of str
        The person's own wards.
    agency : str
        The person's own agency.

    Examples
    --------
    >>> mine = {"wards": ["E05009327"], "agency": ""}
    >>> reach({"panel_member"}, "page", "actions", **mine)
    Reach(everything=False, wards=frozenset({'E05009327'}), agency='')
    >>> reach({"panel_member", "manager"}, "page", "actions", **mine).everything
    True
    >>> reach({"viewer"}, "page", "actions", **mine).covers(["E05009327"])
    False
    """
    having = TABLE[kind].get(name, _NOBODY).intersection(roles)
    limits = {OWN.get((kind, name), {}).get(role) for role in having}
    if None in limits:
        return Reach()
    own_wards = frozenset(wards) if "ward" in limits else frozenset[str]()
    return Reach(False, own_wards, agency if "agency" in limits else "")


def may(roles: Collection[Role], kind: Kind, name: str) -> bool:
    """Tell whether somebody with these roles may have something.

    Parameters
    ----------
    roles : collection of str
        The roles a person has; none at all gets nothing.
    kind : {'page', 'route', 'action', 'download', 'field'}
        Which list to look in.
    name : str
        The thing as the list names it. What is on no list is denied, whoever asks.

    Examples
    --------
    >>> may({"walk_lead"}, "page", "feedback"), may({"viewer"}, "page", "feedback")
    (True, False)
    >>> may(THIS_LAPTOP, "page", "no-such-page"), may((), "page", "method")
    (False, False)
    """
    return not TABLE[kind].get(name, _NOBODY).isdisjoint(roles)


def pages_of(roles: Collection[Role]) -> tuple[str, ...]:
    """List the pages somebody with these roles may open, in the order of the table.

    Examples
    --------
    >>> pages_of({"viewer"})
    ('overview', 'hotspots', 'method')
    """
    return tuple(page for page in PAGES if may(roles, "page", page))


def visible(
    columns: Iterable[str], roles: Collection[Role], *, seen: Mapping[str, str]
) -> list[str]:
    """Keep the columns that somebody with these roles may see, in their order.

    Parameters
    ----------
    columns : iterable of str
        The columns there are.
    roles : collection of str
        The roles of whoever asks.
    seen : mapping of str to str
        Column to its group in `FIELDS`. A column that it does not name is dropped, so that one
        that somebody adds is hidden until it is listed.

    Examples
    --------
    >>> seen = {"event_id": "open", "feel_now": "staff", "open_reason": "restricted"}
    >>> visible([*seen, "extra"], {"walk_lead"}, seen=seen)
    ['event_id', 'feel_now']
    >>> visible([*seen, "extra"], {"analyst"}, seen=seen)
    ['event_id', 'feel_now', 'open_reason']
    """
    return [c for c in columns if c in seen and may(roles, "field", seen[c])]


def check_roles(names: Iterable[str]) -> tuple[Role, ...]:
    """Turn words into roles, each once, in the order of the list.

    Raises
    ------
    SaferWalksError
        If a word is no role.

    Examples
    --------
    >>> check_roles(["manager", "analyst", "manager"])
    ('manager', 'analyst')
    """
    wanted = list(names)
    unknown = [name for name in wanted if name not in ROLES]
    if unknown:
        raise SaferWalksError(
            "This is no role", got=unknown[0], todo=f"use one of {', '.join(ROLES)}"
        )
    return tuple(role for role in ROLES if role in wanted)
