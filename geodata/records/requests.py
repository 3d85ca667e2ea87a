"""Requests for a Walk and Talk, and the register of who asks for a walk where.

Contact details are kept apart from the request and deleted on a date that is set when they come
in. The register counts distinct people without keeping who they are: of whoever asks it keeps a
mark made with a secret key of the workspace, a different one for each place.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
import sqlalchemy as sa

from geodata.records.checks import both_coordinates, needs
from geodata.records.labels import Naming
from geodata.records.tables import Ask, RequestContact, Site

if TYPE_CHECKING:
    from geodata.records.changes import Change, Record

KEEP_CONTACTS_DAYS = 90
"""Days after a request came in until its contact details are deleted, unless another day is set."""


def check(values: Mapping[str, Any], name: Naming) -> list[str]:
    """Say what is wrong with a walk request."""
    return [
        *both_coordinates(values, name),
        *needs(values, name, "status", {"assigned": "assigned_agency|assigned_to"}),
    ]


def check_ask(values: Mapping[str, Any], name: Naming) -> list[str]:
    """Say what is wrong with a line of the register."""
    if values["site_id"] or values["ward_code"] or values["place_text"]:
        return []
    named = f"{name('site_id')}, {name('place_text')} or {name('ward_code')}"
    return [f"{named} must be filled in"]


def receive(
    change: Change,
    values: Mapping[str, Any],
    *,
    contact: Mapping[str, Any] | None = None,
    key: str = "",
) -> Record:
    """Store a walk request and, apart from it, how to reach who asked.

    Parameters
    ----------
    change : Change
        Of whoever enters it.
    values : mapping
        Columns of `geodata.records.tables.WalkRequest`; `received_on` and `status` are filled in.
    contact : mapping, optional
        Columns of `RequestContact`; `delete_after` is `KEEP_CONTACTS_DAYS` later unless given.
    key : str, optional
        The sender's own.
    """
    given = {"received_on": change.at.date(), "status": "received"} | dict(values)
    stored = change.create("requests", given, key=key)
    if contact and change.is_new(stored):
        until = stored["received_on"] + dt.timedelta(days=KEEP_CONTACTS_DAYS)
        about = {"delete_after": until} | dict(contact) | {"request_id": stored.id}
        change.create("contacts", about)
    return stored


def delete_due_contacts(change: Change) -> int:
    """Delete the contact details whose day has come; the history says that, not what, was deleted.

    Returns
    -------
    int
        How many were deleted.
    """
    due = sa.select(RequestContact.contact_id).where(
        RequestContact.delete_after <= change.at.date()
    )
    ids = change.connection.scalars(due).all()
    for contact_id in ids:
        change.delete("contacts", contact_id, version=None)
    return len(ids)


def register(
    change: Change, values: Mapping[str, Any], *, person: str = "", secret: bytes, key: str = ""
) -> Record:
    """Add a line to the register.

    Parameters
    ----------
    change : Change
        Of whoever enters it.
    values : mapping
        Columns of `geodata.records.tables.Ask`; `asked_on` is filled in.
    person : str, optional
        Anything that tells this person from others, as an e-mail address or telephone number. It
        is not stored. Without it the line counts as a person of its own.
    secret : bytes
        The workspace's key (`Records.secret`).
    key : str, optional
        The sender's own.
    """
    given = {"asked_on": change.at.date()} | dict(values)
    if person.strip():
        place = str(given.get("site_id") or given.get("place_text") or given.get("ward_code") or "")
        given["person_mark"] = mark(secret, place, person)
    return change.create("asks", given, key=key)


def mark(secret: bytes, place: str, person: str) -> str:
    """Make the mark of a person who asks for a walk at a place.

    The same person has another mark at every other place, so that nobody's requests can be put
    together, and without the key nobody can try names out.

    Examples
    --------
    >>> mark(b"k", "SIT-1", "Ann@Example.org") == mark(b"k", "SIT-1", " ann@example.org ")
    True
    >>> mark(b"k", "SIT-1", "ann@example.org") == mark(b"k", "SIT-2", "ann@example.org")
    False
    """
    who = "".join(unicodedata.normalize("NFKC", person).casefold().split())
    message = f"{place.casefold().strip()}\n{who}".encode()
    return hmac.new(secret, message, hashlib.sha256).hexdigest()[:24]


def asked(connection: sa.Connection) -> pd.DataFrame:
    """Count what was asked for, by place.

    Returns
    -------
    pandas.DataFrame
        `site_id`, `name`, `ward_code`, `place_text`, `asks` (lines), `people` (distinct; a line
        without a mark is a person of its own), `residents` (distinct residents among them),
        `first_on`, `last_on`; most people first.
    """
    who = sa.case((Ask.person_mark == "", Ask.ask_id), else_=Ask.person_mark)
    keys = (Ask.site_id, sa.func.coalesce(Site.name, "").label("name"), Ask.ward_code,
            Ask.place_text)  # fmt: skip
    query = (
        sa.select(
            *keys,
            sa.func.count().label("asks"),
            sa.func.count(sa.distinct(who)).label("people"),
            sa.func.count(sa.distinct(sa.case((Ask.asker == "resident", who)))).label("residents"),
            sa.func.min(Ask.asked_on).label("first_on"),
            sa.func.max(Ask.asked_on).label("last_on"),
        )
        .select_from(Ask)
        .outerjoin(Site, Site.site_id == Ask.site_id)
        .group_by(*keys[:1], Site.name, *keys[2:])
    )
    frame = pd.DataFrame(connection.execute(query).mappings().all())
    if frame.empty:
        names = ("site_id", "name", "ward_code", "place_text", "asks", "people", "residents")
        return pd.DataFrame(columns=[*names, "first_on", "last_on"])
    order = ["people", "asks", "name", "ward_code", "place_text"]
    down = [False, False, True, True, True]
    return frame.sort_values(order, ascending=down, ignore_index=True, kind="stable")
