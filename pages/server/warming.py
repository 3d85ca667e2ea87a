"""Load what a first page needs while the first browser still loads Streamlit's own scripts.

A server answers within a second of its start, and knows next to nothing: pandas, geopandas and the
pages come when they are first needed. A browser then takes about a second to fetch and start
Streamlit's front end before it asks for a page. That second is spent here. Nothing else is loaded
early: what only other pages need would take memory, and time from the first.
"""

from __future__ import annotations

import gc
import logging
import math
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool

from geodata.errors import SaferWalksError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_log = logging.getLogger("safer_walks.operating")

FRAME = ("sign_in", "concerns", "frame", "messages", "session", "maps", "charts", "downloads")
"""Parts of `pages.components` that the router and the first pages are made of."""

JOBS = ("choices", "areas", "overview", "bearings")
"""Of `analysis.jobs`: what the first pages count and draw."""

MOST_S = 10.0
"""A page is not kept waiting longer, whatever holds this up."""

KNOCK_S, STILL_S, FILES_S = 0.15, 0.05, 1.5
"""Loading begins when nobody has asked for anything for so long after the start; or when all that
was asked for is answered, and nothing more has been asked for so long; or after so long."""

_ready = threading.Event()
_ready.set()


class _Answers:
    """Answers on their way, and when the last had gone."""

    def __init__(self) -> None:
        self._on_their_way = 0
        self._gone = -math.inf

    @contextmanager
    def one(self) -> Iterator[None]:
        self._on_their_way += 1
        try:
            yield
        finally:
            self._gone = time.monotonic()
            self._on_their_way -= 1

    def still(self, now: float) -> bool:
        return self._on_their_way == 0 and now > self._gone + STILL_S


_answers = _Answers()


def begin() -> None:
    """Start, and let pages wait for it."""
    _ready.clear()
    threading.Thread(target=_warm, name="warming", daemon=True).start()


def _warm() -> None:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(0.0005)  # files that a browser asks for meanwhile come first
    _after_files()
    try:
        for part in FRAME:
            import_module(f"pages.components.{part}")
        for job in JOBS:
            import_module(f"analysis.jobs.{job}")
        _count()
    except SaferWalksError as fault:  # the page will say it to whoever asks
        _log.warning("nothing was counted ahead: %s", fault.what)
    finally:
        sys.setswitchinterval(usual)
        gc.freeze()  # what is loaded stays: looking for what to throw away need not look at it
        _ready.set()


def _after_files() -> None:
    """Let a browser that stands at the door have Streamlit's own files first.

    Loading a library keeps the interpreter for up to 50 ms at a time, and the files are a hundred.
    """
    began = time.monotonic()
    while (now := time.monotonic()) < began + FILES_S:
        if now > began + KNOCK_S and _answers.still(now):
            return
        time.sleep(0.005)


def _count() -> None:
    """Read what every map needs, so that it lies in memory."""
    from analysis.jobs.areas import area_table
    from analysis.jobs.choices import choices
    from geodata.workspace import Workspace, default_path

    if not Workspace.exists(default_path()):
        return
    here = Workspace.open(default_path())
    months = choices(here).months
    area_table(here, layer="hotspots", first=months[-12:][0], last=months[-1])


class Ready:
    """ASGI middleware: a page begins when what it needs is loaded, not twice at once."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, a web socket a little later where it comes too early."""
        if _ready.is_set() or scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await run_in_threadpool(_ready.wait, MOST_S)
            await self._app(scope, receive, send)
        else:
            with _answers.one():
                await self._app(scope, receive, send)
