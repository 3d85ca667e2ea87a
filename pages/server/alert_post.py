"""Look every minute whether officers have to be told by e-mail; at once when a concern came in."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from geodata.errors import SaferWalksError
from pages.server.clock import now

_log = logging.getLogger("safer_walks.alerts")

EVERY_SECONDS = 60.0
_wake = threading.Event()


def wake() -> None:
    """Look now: something came in."""
    _wake.set()


@contextmanager
def running() -> Iterator[None]:
    """Look for as long as the server runs, in a thread of its own; never where e-mail is off."""
    from geodata.mail import post

    try:
        is_on = post() is not None
    except SaferWalksError as fault:
        _log.error("officers are not told by e-mail: %s", fault)
        is_on = False
    stopping = threading.Event()
    thread = threading.Thread(target=_look, args=(stopping,), name="alert-post", daemon=True)
    if is_on:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        _wake.set()
        if is_on:
            thread.join(timeout=5)


def _look(stopping: threading.Event) -> None:
    from analysis.jobs.alert_mail import tell_officers
    from analysis.jobs.people import standing_workspace
    from geodata.workspace import default_path

    while not stopping.is_set():
        try:
            here = standing_workspace(default_path())
            if here is not None:
                tell_officers(here, at=now())
        except SaferWalksError as fault:
            _log.error("officers could not be told by e-mail: %s", fault.what)
        _wake.wait(EVERY_SECONDS)
        _wake.clear()
