"""Tell safeguarding officers by e-mail that a concern waits, until somebody acknowledges it.

The message says that something waits and where, and nothing of what it is. Every active officer
with an address gets it, the named one and whoever covers; each by a message of their own.
"""

from __future__ import annotations

import datetime as dt
import logging
import smtplib
from dataclasses import dataclass
from typing import Any

from analysis.jobs.safeguarding import OFFICER
from geodata import mail
from geodata.records import feedback
from geodata.records.database import open_records
from geodata.workspace import Workspace

_log = logging.getLogger("safer_walks.alerts")

AGAIN_MINUTES = 15.0
"""A concern that nobody has acknowledged is told of again after this."""

SUBJECT = "Safer Walks: an alert waits for you"
BODY = """An alert waits for you in Safer Walks.

Sign in and open Safeguarding: {link}

This message says nothing of what it is about. It comes again every {minutes:.0f} minutes until
somebody acknowledges the alert.
"""
NOBODY = "no safeguarding officer with an e-mail address is on the list of people"


@dataclass(frozen=True)
class Told:
    """What became of one look.

    Attributes
    ----------
    is_on : bool
        Whether e-mail is set up.
    waiting : int
        Concerns nobody has acknowledged.
    sent, failed : int
        Messages.
    fault : str
        Why the last one failed; '' for no reason.
    """

    is_on: bool
    waiting: int = 0
    sent: int = 0
    failed: int = 0
    fault: str = ""


def tell_officers(workspace: Workspace, *, at: dt.datetime) -> Told:
    """E-mail the officers if a concern waits that they were not told of lately.

    Parameters
    ----------
    workspace : Workspace
        Whose concerns.
    at : datetime
        Now.

    Raises
    ------
    SaferWalksError
        If e-mail is half set up.
    """
    by = mail.post()
    if by is None:
        return Told(is_on=False)
    records = open_records(workspace)
    with records.reading() as connection:
        waiting = feedback.unacknowledged(connection)
    with mail.log(workspace.path) as known:
        if known is None:  # another server is telling them
            return Told(True, len(waiting))
        sent = {name: when for name, when in known.get("sent", {}).items() if name in waiting}
        known["sent"] = sent
        if not any(_is_due(sent.get(name), at) for name in waiting):
            return Told(True, len(waiting))
        told = _send_all(by, _officers(records), len(waiting), at=at)
        known["fault"], known["fault_at"] = told.fault, at.isoformat() if told.fault else ""
        if told.sent:
            known["sent"] = dict.fromkeys(waiting, at.isoformat())
            known["last"] = at.isoformat()
    return told


def standing(workspace: Workspace) -> dict[str, Any]:
    """Say how e-mail to the officers stands: `is_on`, `last` (sent), `fault`, `fault_at`.

    Raises
    ------
    SaferWalksError
        If it is half set up.
    """
    known = mail.read_log(workspace.path)
    told = {name: str(known.get(name, "")) for name in ("last", "fault", "fault_at")}
    return {"is_on": mail.post() is not None, **told}


def _is_due(sent: str | None, at: dt.datetime) -> bool:
    if sent is None:
        return True
    return at - dt.datetime.fromisoformat(sent) >= dt.timedelta(minutes=AGAIN_MINUTES)


def _officers(records: Any) -> list[str]:  # noqa: ANN401 - the records, open
    users = records.list("users", active=True)
    return sorted(str(user["email"]) for user in users if OFFICER in user["roles"])


def _send_all(by: mail.Post, officers: list[str], waiting: int, *, at: dt.datetime) -> Told:
    link = f"{by.address}/safeguarding" if by.address else "on the council's own address"
    body = BODY.format(link=link, minutes=AGAIN_MINUTES)
    sent, fault = 0, "" if officers else NOBODY
    for officer in officers:
        try:
            mail.send(by, officer, SUBJECT, body, at=at)
            sent += 1
        except (OSError, smtplib.SMTPException) as error:
            # What a server answers may hold an address: the log gets the kind of fault alone.
            fault = f"the mail server {_why(error)}"
    if fault:
        _log.error("an alert could not be e-mailed: %s", fault)
    if sent:
        _log.info("told %d officers by e-mail that an alert waits", sent)
    return Told(True, waiting, sent, len(officers) - sent, fault)


def _why(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "did not take the user and password"
    if isinstance(error, smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused):
        return "did not take the message"
    return f"could not be reached ({type(error).__name__})"
