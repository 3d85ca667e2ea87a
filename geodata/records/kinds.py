"""The kinds of record, each with its table, its ids and the rule its values must keep together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any

from sqlalchemy import Table

from geodata.errors import RecordError
from geodata.records import (
    actions,
    avoiding,
    decisions,
    events,
    feedback,
    panels,
    presets,
    priorities,
    requests,
    sites,
    tables,
    users,
)
from geodata.records.fields import Field
from geodata.records.labels import Naming, label_of

Values = Mapping[str, Any]
Check = Callable[[Values, Naming], list[str]]
"""Given a whole record, say what is wrong with it in sentences: [] if nothing is."""


@dataclass(frozen=True)
class Kind:
    """One kind of record.

    Attributes
    ----------
    name : str
        What programs call it, in the plural.
    label : str
        What people call one of it.
    model : type
        Its table's class.
    prefix : str
        What its ids begin with, as in EVT-2024-0007.
    check : callable
        What must hold between its columns.
    """

    name: str
    label: str
    model: type[tables.Base]
    prefix: str
    check: Check = lambda _values, _name: []

    @cached_property
    def table(self) -> Table:
        """The table."""
        return tables.Base.metadata.tables[self.model.__tablename__]

    @cached_property
    def id_column(self) -> str:
        """The column that holds the id."""
        return str(next(iter(self.table.primary_key)).name)

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """What each column holds, in the table's order: the id first, the stamps left out."""
        return MappingProxyType(
            {
                c.name: replace(c.info["field"], label=label_of(self.name, c.name))
                for c in self.table.columns
                if "field" in c.info
            }
        )

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """What people call each column: forms and messages have these words from here."""
        return MappingProxyType({name: about.label for name, about in self.fields.items()})

    @cached_property
    def links(self) -> Mapping[str, str]:
        """Columns that name another record, with the kind of that record."""
        by_table = {kind.model.__tablename__: kind.name for kind in KINDS.values()}
        return MappingProxyType(
            {
                c.name: by_table[key.column.table.name]
                for c in self.table.columns
                for key in c.foreign_keys
            }
        )


_ALL = (
    Kind("sites", "place", tables.Site, "SIT", sites.check),
    Kind("users", "user", tables.User, "USR", users.check),
    Kind("meetings", "panel meeting", tables.PanelMeeting, "MTG", panels.check),
    Kind("asks", "line of the request register", tables.Ask, "ASK", requests.check_ask),
    Kind("decisions", "decision", tables.Decision, "DEC", decisions.check),
    Kind("events", "event", tables.Event, "EVT", events.check),
    Kind("stops", "stop", tables.Stop, "STP", events.check_stop),
    Kind("responses", "response", tables.Response, "RSP", feedback.check),
    Kind("requests", "walk request", tables.WalkRequest, "REQ", requests.check),
    Kind("contacts", "contact", tables.RequestContact, "CON"),
    Kind("alerts", "safeguarding concern", tables.SafeguardingAlert, "ALT"),
    Kind("priorities", "ward priority", tables.Priority, "PRI", priorities.check),
    Kind("actions", "action", tables.Action, "ACT", actions.check),
    Kind("plans", "ward plan", tables.WardPlan, "PLN"),
    Kind("plan_answers", "agency's answer", tables.PlanAnswer, "ANS", panels.check_answer),
    Kind("published", "publication", tables.PublishedFeedback, "PUB"),
    Kind("presets", "preset", tables.Preset, "PST", presets.check),
    Kind("avoid", "date to avoid", tables.DateToAvoid, "AVD", avoiding.check),
)
KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _ALL})
"""Every kind by name, those that others name before those that name them."""


def kind_of(name: str) -> Kind:
    """Find a kind by its name.

    Raises
    ------
    RecordError
        If there is no such kind.

    Examples
    --------
    >>> kind_of("events").id_column, kind_of("stops").links["event_id"]
    ('event_id', 'events')
    """
    if name not in KINDS:
        raise RecordError(
            "There is no such kind of record", got=repr(name), todo=f"use one of {', '.join(KINDS)}"
        )
    return KINDS[name]


@cache
def links_to(name: str) -> tuple[tuple[Kind, str], ...]:
    """List the columns of every kind that name a record of this kind.

    Examples
    --------
    >>> [(kind.name, column) for kind, column in links_to("meetings")]
    [('asks', 'meeting_id'), ('priorities', 'meeting_id'), ('actions', 'meeting_id')]
    """
    return tuple(
        (kind, column)
        for kind in KINDS.values()
        for column, other in kind.links.items()
        if other == name
    )
