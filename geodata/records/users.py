"""Who may sign in, and in what roles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from geodata.records.tables import User


def check(values: Mapping[str, Any]) -> list[str]:
    """Say what is wrong with a user."""
    email = values["email"]
    wrong = []
    if "@" not in email.strip("@") or email != email.casefold().strip():
        wrong.append("email must be an address in small letters")
    if "action_owner" in values["roles"] and not values["agency"]:
        wrong.append("agency must be filled in for an action owner")
    return wrong


def find_user(connection: sa.Connection, email: str) -> str | None:
    """Give the id of the active user of an e-mail address, in any case; None if there is none."""
    query = sa.select(User.user_id).where(
        User.email == email.casefold().strip(), User.active.is_(True)
    )
    return connection.execute(query).scalar_one_or_none()
