"""Who may sign in, and in what roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from geodata.errors import RecordError
from geodata.records import history
from geodata.records.labels import Naming
from geodata.records.tables import User

if TYPE_CHECKING:
    from geodata.records.changes import Change

REASON = "reason"
"""What a line of the history does that says why."""

REASONS: Mapping[str, str] = {
    "left": "Left the organisation or the panel",
    "moved": "Moved to other work",
    "not_needed": "The work no longer needs it",
    "lapsed": "Training, vetting or an agreement has lapsed",
    "misused": "A concern about how it was used",
    "mistake": "Given by mistake",
}
"""Why a role is taken away: a closed list, since the history keeps no free text about people."""


def check(values: Mapping[str, Any], name: Naming) -> list[str]:
    """Say what is wrong with a user."""
    email = values["email"]
    wrong = []
    if "@" not in email.strip("@") or email != email.casefold().strip():
        wrong.append(f"{name('email')} must be an address in small letters, as anna@example.org")
    if "action_owner" in values["roles"] and not values["agency"]:
        wrong.append(f"{name('agency')} must be filled in for an action owner")
    return wrong


def find_user(connection: sa.Connection, email: str) -> str | None:
    """Give the id of the active user of an e-mail address, in any case; None if there is none."""
    query = sa.select(User.user_id).where(
        User.email == email.casefold().strip(), User.active.is_(True)
    )
    return connection.execute(query).scalar_one_or_none()


def those_with(change: Change, roles: Sequence[str]) -> list[str]:
    """List the ids of the active users with one of some roles, held until the change is stored.

    They are held so that two people who each take the role from another one cannot both succeed.
    """
    query = sa.select(User.user_id, User.roles).where(User.active.is_(True)).order_by(User.user_id)
    rows = change.connection.execute(query.with_for_update()).all()
    return [row.user_id for row in rows if not set(roles).isdisjoint(row.roles)]


def say_why(change: Change, user_id: str, reason: str) -> None:
    """Write into the history why a role was taken away.

    Raises
    ------
    RecordError
        If the reason is not in `REASONS`.
    """
    if reason not in REASONS:
        raise RecordError(
            "This is no reason of the list",
            got=reason[:40],
            todo=f"use one of {', '.join(REASONS)}",
        )
    history.add(
        change.connection, at=change.at, by=change.by, kind="users", record_id=user_id,
        doing=REASON, field="", hidden=False, old=None, new=reason,
    )  # fmt: skip
