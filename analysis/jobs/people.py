"""Who may sign in, and in what roles: the list of users, asked anew each time.

Nothing is remembered between two questions, so that a role taken away is gone at the next click.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from analysis.jobs.demo import DEMO_SUFFIX
from geodata.errors import RecordError
from geodata.records.changes import Record
from geodata.records.database import VARIABLE, Records, open_records
from geodata.roles import Role, check_roles
from geodata.workspace import Workspace


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
    """

    user_id: str = ""
    roles: frozenset[Role] = frozenset()
    agency: str = ""


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
        `NOBODY` if the list has no such user, or none who is active.
    """
    workspace = standing_workspace(Path(folder))
    if workspace is None:
        return NOBODY
    address = os.environ.get(VARIABLE, "")
    found = _find(_records(workspace.path, workspace.version, address), name)
    if found is None or not found["active"]:
        return NOBODY
    return Person(found.id, frozenset(check_roles(found["roles"])), found["agency"])


def list_people(workspace: Workspace) -> list[dict[str, Any]]:
    """List everybody who may sign in, by e-mail address."""
    users = open_records(workspace).list("users")
    return [_row(user) for user in sorted(users, key=lambda user: str(user["email"]))]


def grant(
    workspace: Workspace,
    email: str,
    roles: Iterable[str],
    *,
    by: str,
    at: dt.datetime,
    about: dict[str, str] | None = None,
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
    about : dict of str to str, optional
        Further columns: `name`, `agency`, `phone`, `subject`.

    Raises
    ------
    SaferWalksError
        If a role or the address is none, or an action owner has no agency.
    """
    email, wanted = email.strip().casefold(), check_roles(roles)
    told = {name: text for name, text in (about or {}).items() if text}
    records = open_records(workspace)
    found = _find(records, email)
    with records.changing(by=by, at=at) as change:
        if found is None:
            values = {"email": email, "roles": wanted, "active": True, **told}
            return _row(change.create("users", values))
        everything = check_roles({*found["roles"], *wanted})
        values = {"roles": everything, "active": True, **told}
        return _row(change.update("users", found.id, values, version=None))


def revoke(
    workspace: Workspace,
    email: str,
    roles: Collection[str] = (),
    *,
    by: str,
    at: dt.datetime,
) -> dict[str, Any]:
    """Take roles away, all of them where none is named: then the person may no longer sign in.

    Raises
    ------
    SaferWalksError
        If a word is no role, or nobody has this address.
    """
    gone = check_roles(roles)
    records = open_records(workspace)
    found = _find(records, email)
    if found is None:
        raise RecordError(
            "Nobody on the list has this address", got=email, todo="see `safer-walks users list`"
        )
    left = [role for role in found["roles"] if gone and role not in gone]
    with records.changing(by=by, at=at) as change:
        values = {"roles": left, "active": bool(left)}
        return _row(change.update("users", found.id, values, version=None))


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
    columns = ("email", "name", "roles", "agency", "active")
    return {name: list(v) if isinstance(v := user[name], tuple) else v for name in columns}
