"""Who may sign in, and in what roles: the list of users, asked anew each time.

Nothing is remembered between two questions, so that a role taken away is gone at the next click.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.jobs.demo import DEMO_SUFFIX
from geodata.errors import RecordError
from geodata.records import users
from geodata.records.changes import Change, Record
from geodata.records.database import VARIABLE, Records, open_records
from geodata.records.vocabularies import AGENCIES
from geodata.roles import ACTIONS, DOWNLOADS, LABELS, PAGES, Role, check_roles
from geodata.workspace import Workspace

ABOUT = ("name", "phone", "agency", "subject")
"""What is said of a person beside the roles and the wards."""

SHOWN = ("roles", "agency", "ward_codes", "active")
"""Columns whose changes say what somebody may do; the others are about the person."""


@dataclass(frozen=True)
class Person:
    """Somebody on the list of users.

    Attributes
    ----------
    user_id : str
        Names the person in the records.
    roles : frozenset of str
        What they may do, by `geodata.roles`.
    agency : str
        Whose actions an action owner may change; '' for no agency.
    wards : frozenset of str
        Codes of the wards whose panel they sit on.
    is_shut_out : bool
        Whether every role was taken away from them here: then a role that their provider names
        does not count either.
    """

    user_id: str = ""
    roles: frozenset[Role] = frozenset()
    agency: str = ""
    wards: frozenset[str] = frozenset()
    is_shut_out: bool = False


NOBODY = Person()


def find_person(folder: Path | str, name: str) -> Person:
    """Find somebody by the name their provider gives: an e-mail address, or a subject.

    Parameters
    ----------
    folder : Path or str
        Where the workspace is; where nothing is yet, the demo beside it counts.
    name : str
        In any case.

    Returns
    -------
    Person
        `NOBODY` if the list has no such user; without roles, if every one was taken away.
    """
    workspace = standing_workspace(Path(folder))
    if workspace is None:
        return NOBODY
    address = os.environ.get(VARIABLE, "")
    found = _find(_records(workspace.path, workspace.version, address), name)
    if found is None:
        return NOBODY
    if not found["active"]:
        return Person(is_shut_out=True)
    roles = frozenset(check_roles(found["roles"]))
    return Person(found.id, roles, found["agency"], frozenset(found["ward_codes"]))


def list_people(workspace: Workspace) -> list[dict[str, Any]]:
    """List everybody who may sign in, and who no longer may, by e-mail address."""
    people = open_records(workspace).list("users")
    return [_row(user) for user in sorted(people, key=lambda user: str(user["email"]))]


def grant(
    workspace: Workspace,
    email: str,
    roles: Iterable[str],
    *,
    by: str,
    at: dt.datetime,
    about: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Give somebody roles; who is not on the list yet is put there.

    Parameters
    ----------
    workspace : Workspace
        Whose list.
    email : str
        Who.
    roles : iterable of str
        Codes of `geodata.roles.ROLES`, added to those they have.
    by : str
        Who gives them.
    at : datetime
        When.
    about : mapping, optional
        Further columns: `name`, `agency`, `phone`, `subject`, `ward_codes`; empty ones stay.

    Raises
    ------
    SaferWalksError
        If a role or the address is none, an action owner has no agency, or there is no such ward.
    """
    email, wanted = email.strip().casefold(), check_roles(roles)
    told = {name: value for name, value in (about or {}).items() if value}
    _check_wards(workspace, told)
    records = open_records(workspace)
    found = _find(records, email)
    with records.changing(by=by, at=at) as change:
        if found is None:
            made = change.create("users", {"email": email, "active": True, **told})
            # The roles are a step of their own: of what is new the history tells only that it is.
            return _row(change.update("users", made.id, {"roles": wanted}, version=None))
        everything = check_roles({*found["roles"], *wanted})
        values = {"roles": everything, "active": True, **told}
        return _row(change.update("users", found.id, values, version=None))


def add_person(
    workspace: Workspace, email: str, values: Mapping[str, Any], *, by: str, at: dt.datetime
) -> dict[str, Any]:
    """Put somebody on the list who is not on it.

    Parameters
    ----------
    workspace : Workspace
        Whose list.
    email : str
        As the provider names them.
    values : mapping
        `roles`, and columns as in `grant`.
    by, at
        Who does it, and when.

    Raises
    ------
    SaferWalksError
        If somebody has this address already, or as `grant` does.
    """
    key = email.strip().casefold()
    if _find(open_records(workspace), key) is not None:
        raise RecordError(
            "Somebody on the list has this address", got=key,
            todo="pick the person from the list and change the roles there",
        )  # fmt: skip
    about = {name: value for name, value in values.items() if name != "roles"}
    return grant(workspace, key, values.get("roles", ()), by=by, at=at, about=about)


def change_person(
    workspace: Workspace,
    user_id: str,
    values: Mapping[str, Any],
    *,
    version: int,
    by: str,
    at: dt.datetime,
    reason: str = "",
) -> dict[str, Any]:
    """Change what somebody may do, as the person who changes it has seen it.

    Parameters
    ----------
    workspace : Workspace
        Whose list.
    user_id : str
        Who.
    values : mapping
        Columns to change: `roles`, `ward_codes`, `name`, `phone`, `agency`, `subject`. Who is left
        without a role may no longer sign in.
    version : int
        What was seen.
    by, at
        Who changes it, and when.
    reason : str, optional
        Of `geodata.records.users.REASONS`; needed where a role is taken away.

    Raises
    ------
    StaleRecordError
        If somebody else changed it since, with both versions.
    SaferWalksError
        If a role is taken away without a reason, nobody would be left who may manage people, or
        as `grant` does.
    """
    _check_wards(workspace, values)
    told = dict(values)
    if "roles" in told:
        told["roles"] = check_roles(told["roles"])
        told["active"] = bool(told["roles"])
    with open_records(workspace).changing(by=by, at=at) as change:
        before = change.get("users", user_id)
        gone = [role for role in before["roles"] if role not in told.get("roles", before["roles"])]
        if gone and not reason and before.version == version:
            raise RecordError(
                "Say why a role is taken away", got=", ".join(LABELS[role] for role in gone)
            )
        return _row(_stored(change, user_id, told, version=version, reason=reason))


def revoke(
    workspace: Workspace,
    email: str,
    roles: Collection[str] = (),
    *,
    by: str,
    at: dt.datetime,
    reason: str = "",
) -> dict[str, Any]:
    """Take roles away, all of them where none is named: then the person may no longer sign in.

    Raises
    ------
    SaferWalksError
        If a word is no role, nobody has this address, or nobody would be left who may manage
        people.
    """
    gone = check_roles(roles)
    records = open_records(workspace)
    found = _find(records, email)
    if found is None:
        raise RecordError(
            "Nobody on the list has this address", got=email, todo="see `safer-walks users list`"
        )
    with records.changing(by=by, at=at) as change:
        now = change.get("users", found.id)
        left = [role for role in now["roles"] if gone and role not in gone]
        values = {"roles": left, "active": bool(left)}
        return _row(_stored(change, found.id, values, version=None, reason=reason))


def role_changes(workspace: Workspace, *, limit: int = 0) -> pd.DataFrame:
    """Tell who was given and who lost what, by whom and why, latest first.

    Parameters
    ----------
    workspace : Workspace
        Whose list.
    limit : int, optional
        At most so many changes; all if 0.

    Returns
    -------
    pandas.DataFrame
        `at`, `by`, `person` (address; id where the person is gone), `what` (column, or 'added'),
        `before`, `after`, `why`.
    """
    records = open_records(workspace)
    told = records.history(kind="users")
    emails = {user.id: str(user["email"]) for user in records.list("users")}
    same = ["record_id", "at", "by"]
    why = told[told["doing"].eq(users.REASON)].drop_duplicates(same).set_index(same)["new"]
    rows = told[told["field"].isin(SHOWN) | told["doing"].isin(["create", "delete"])]
    reasons = [why.get(key) for key in rows[same].itertuples(index=False, name=None)]
    said = pd.DataFrame(
        {
            "at": rows["at"], "by": rows["by"],
            "person": rows["record_id"].map(emails).fillna(rows["record_id"]),
            "what": rows["field"].where(rows["field"].ne(""), rows["doing"]),
            "before": rows["old"].fillna(""), "after": rows["new"].fillna(""),
            "why": [users.REASONS.get(str(code), "") for code in reasons],
        }
    ).reset_index(drop=True)  # fmt: skip
    return said.head(limit) if limit else said


def who_may() -> pd.DataFrame:
    """Write out the table of roles: which of them may open, do and take away what.

    Returns
    -------
    pandas.DataFrame
        `kind` ('page', 'action', 'download'), `name`, and `roles` in words.

    Examples
    --------
    >>> table = who_may().set_index(["kind", "name"])["roles"]
    >>> table["page", "safeguarding"], table["action", "grant roles"]
    ('Safeguarding officer', 'Information governance')
    """
    tables = {"page": PAGES, "action": ACTIONS, "download": DOWNLOADS}
    rows = [
        (kind, name, "every role" if len(held) == len(LABELS) else _words(held))
        for kind, table in tables.items()
        for name, held in table.items()
    ]
    return pd.DataFrame(rows, columns=["kind", "name", "roles"])


def _words(roles: Collection[str]) -> str:
    return ", ".join(label for role, label in LABELS.items() if role in roles) or "nobody"


def _stored(
    change: Change, user_id: str, values: Mapping[str, Any], *, version: int | None, reason: str
) -> Record:
    """Change a user, say why, and leave somebody who may manage people."""
    could = users.those_with(change, sorted(ACTIONS["grant roles"]))
    before = change.get("users", user_id).version
    after = change.update("users", user_id, values, version=version)
    if could and not users.those_with(change, sorted(ACTIONS["grant roles"])):
        raise RecordError(
            "Nobody would be left who may manage people",
            got=f"the last one with the role {_words(ACTIONS['grant roles'])}",
            todo="give that role to somebody else first, then take it away here",
        )
    if reason and after.version != before:
        users.say_why(change, user_id, reason)
    return after


def _check_wards(workspace: Workspace, values: Mapping[str, Any]) -> None:
    known = set(workspace.wards()["ward_code"])
    unknown = [code for code in values.get("ward_codes") or () if code not in known]
    if unknown:
        raise RecordError(
            "This workspace has no such ward", got=str(unknown[0])[:40],
            todo="use the code of a ward, as E05009327 is",
        )  # fmt: skip


def standing_workspace(folder: Path) -> Workspace | None:
    """Open the workspace that the server shows, its own or the demo; None where neither is yet."""
    beside = folder.with_name(folder.name + DEMO_SUFFIX)
    for path in (folder, beside):
        if Workspace.exists(path):
            return Workspace.open(path)
    return None


@lru_cache(maxsize=8)
def _records(folder: Path, _version: str, _address: str) -> Records:
    """Keep the way into the records, not what is in them: asked at every click, it has to be quick.

    No connection stays open with it, so that a role taken away is seen at once all the same.
    """
    return open_records(Workspace.open(folder))


def _find(records: Records, name: str) -> Record | None:
    key = name.strip().casefold()
    column = "email" if "@" in key else "subject"
    same = [user for user in records.list("users") if str(user[column]).casefold() == key]
    return same[0] if len(same) == 1 and key else None


def _row(user: Record) -> dict[str, Any]:
    columns = ("user_id", "email", *ABOUT, "roles", "ward_codes", "active")
    said = {name: list(v) if isinstance(v := user[name], tuple) else v for name in columns}
    return {**said, "agency_name": AGENCIES.get(user["agency"], ""), "version": user.version}
