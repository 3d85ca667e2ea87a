"""Send e-mail, where an operator has set it up: to tell an officer that something waits.

Off unless SAFER_WALKS_MAIL_URL is set. Nothing that anybody wrote ever goes into a message: mail
lies on servers and telephones that are not the council's to clear.

    SAFER_WALKS_MAIL_URL=smtp+starttls://user:password@mail.example.org:587
    SAFER_WALKS_MAIL_FROM=safer-walks@example.org
    SAFER_WALKS_ADDRESS=https://walks.example.org
"""

from __future__ import annotations

import datetime as dt
import json
import os
import smtplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import filelock

from geodata import durable
from geodata.errors import SaferWalksError

URL = "SAFER_WALKS_MAIL_URL"
SENDER = "SAFER_WALKS_MAIL_FROM"
ADDRESS = "SAFER_WALKS_ADDRESS"
PORTS: Mapping[str, int] = {"smtps": 465, "smtp+starttls": 587, "smtp": 25}
"""How a server is reached, with its usual port. Plain `smtp` goes to this machine alone."""

SECONDS = 20.0
LOG_NAME = "alert-mail.json"
_LOCK_NAME = "alert-mail.lock"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Post:
    """How e-mail leaves here.

    Attributes
    ----------
    scheme : str
        Of `PORTS`.
    host, port
        The server that takes messages.
    user, password : str
        '' for none.
    sender : str
        From whom.
    address : str
        Where people reach the app; '' if nobody said.
    """

    scheme: str
    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    address: str = ""


def post() -> Post | None:
    """Read how e-mail leaves here; None where it is off.

    Raises
    ------
    SaferWalksError
        If it is half set up, or would send a password or a message in clear.
    """
    url = os.environ.get(URL, "").strip()
    if not url:
        return None
    parts = urlsplit(url)
    sender = os.environ.get(SENDER, "").strip()
    if parts.scheme not in PORTS or not parts.hostname or "@" not in sender:
        raise SaferWalksError(
            "E-mail is not fully set up", got=f"{URL} or {SENDER}",
            todo=f"write {URL}=smtp+starttls://user:password@server:587 and an address in {SENDER}",
        )  # fmt: skip
    if parts.scheme == "smtp" and parts.hostname not in _LOOPBACK:
        raise SaferWalksError(
            "E-mail would leave this machine in clear", got=f"{URL} begins with smtp://",
            todo="use smtp+starttls:// or smtps://",
        )  # fmt: skip
    return Post(
        parts.scheme, parts.hostname, parts.port or PORTS[parts.scheme], sender,
        unquote(parts.username or ""), unquote(parts.password or ""),
        os.environ.get(ADDRESS, "").rstrip("/"),
    )  # fmt: skip


def send(by: Post, to: str, subject: str, body: str, *, at: dt.datetime) -> None:
    """Hand one message to the server.

    Parameters
    ----------
    by : Post
        How it leaves.
    to : str
        One address.
    subject, body : str
        What it says: never anything that somebody wrote.
    at : datetime
        When; goes into the message.

    Raises
    ------
    OSError, smtplib.SMTPException
        If the server does not answer or does not take it.
    """
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = by.sender, to, subject
    message["Date"] = format_datetime(at)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body)
    secure = ssl.create_default_context()
    kind = smtplib.SMTP_SSL if by.scheme == "smtps" else smtplib.SMTP
    further: dict[str, Any] = {"context": secure} if by.scheme == "smtps" else {}
    with kind(by.host, by.port, timeout=SECONDS, **further) as server:
        if by.scheme == "smtp+starttls":
            server.starttls(context=secure)
        if by.user:
            server.login(by.user, by.password)
        server.send_message(message)


@contextmanager
def log(folder: Path) -> Iterator[dict[str, Any] | None]:
    """Hold what is known of messages sent, and store what became of it; None if another holds it.

    Several servers of one workspace take turns by it, so that nobody is told twice.
    """
    held = filelock.FileLock(folder / _LOCK_NAME, timeout=0)
    try:
        held.acquire()
    except filelock.Timeout:
        yield None
        return
    try:
        told = read_log(folder)
        before = json.dumps(told)
        yield told
        if json.dumps(told) != before:
            durable.write_file(folder / LOG_NAME, json.dumps(told, indent=1).encode())
    finally:
        held.release()


def read_log(folder: Path) -> dict[str, Any]:
    """Read what is known of messages sent: `sent` (what -> when), `fault`, `fault_at`."""
    path = folder / LOG_NAME
    try:
        told = json.loads(durable.read_file(path)) if path.is_file() else {}
    except ValueError:
        told = {}
    return told if isinstance(told, dict) else {}
