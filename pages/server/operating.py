"""What an operator needs: is it ready, how is it doing, what did it do. Never for whom, or what.

`/readyz` tells a proxy whether to send people here. `/metrics` gives numbers to a Prometheus that
knows the token in SAFER_WALKS_METRICS_TOKEN; without that setting it does not exist. Every request
is one line of the log: the route's name, never the address somebody asked for, since addresses hold
filters, names of files and event numbers. SAFER_WALKS_LOG=json makes each line one JSON object.
"""

from __future__ import annotations

import datetime as dt
import hmac
import json
import logging
import os
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pages.server import access, alert_post, plain, promptly, warming
from pages.server.turns import turns

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from analysis.jobs.readiness import Readiness

TOKEN = "SAFER_WALKS_METRICS_TOKEN"  # noqa: S105 - the setting's name
LOG = "SAFER_WALKS_LOG"
LEVEL = "SAFER_WALKS_LOG_LEVEL"
QUIET = frozenset({"health", "frontend", "leaflet", "settings", "operator"})
"""Routes that are counted and not told: a monitor's questions would drown what people do."""

_log = logging.getLogger("safer_walks.requests")
_operating = logging.getLogger("safer_walks.operating")
_stopping = threading.Event()

_registry = CollectorRegistry()
ProcessCollector(registry=_registry)
_requests = Counter(
    "safer_walks_requests", "Requests answered.", ("route", "status"), registry=_registry
)
_seconds = Histogram(
    "safer_walks_request_seconds", "Time until an answer was sent.", ("route",), registry=_registry
)
_sockets = Gauge(
    "safer_walks_open_pages", "Pages that are open in browsers now.", registry=_registry
)
_is_ready = Gauge(
    "safer_walks_ready", "1 while the workspace and its records answer.", registry=_registry
)
Gauge(
    "safer_walks_scripts_running", "Page scripts that have begun and not ended.",
    registry=_registry,
).set_function(lambda: turns.running)  # fmt: skip
Gauge(
    "safer_walks_scripts_waiting", "Page scripts that wait for their turn.", registry=_registry
).set_function(lambda: turns.waiting)


class LineOfJson(logging.Formatter):
    """One JSON object a line, with the fields a log store can search.

    Examples
    --------
    >>> record = logging.LogRecord("safer_walks", logging.INFO, "", 0, "ready", None, None)
    >>> record.created = 0.0
    >>> LineOfJson().format(record)
    '{"at": "1970-01-01T00:00:00.000Z", "level": "info", "logger": "safer_walks", "said": "ready"}'
    """

    def format(self, record: logging.LogRecord) -> str:
        """Write one line."""
        moment = dt.datetime.fromtimestamp(record.created, tz=dt.UTC)
        line: dict[str, Any] = {
            "at": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "said": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def set_up_log() -> None:
    """Send what the server has to tell to standard error, once, as lines or as JSON."""
    ours = logging.getLogger("safer_walks")
    if any(handler.name == "operating" for handler in ours.handlers):
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.name = "operating"
    as_json = os.environ.get(LOG, "").lower() == "json"
    lines = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(LineOfJson() if as_json else lines)
    ours.addHandler(handler)
    ours.setLevel(os.environ.get(LEVEL, "").upper() or logging.INFO)
    ours.propagate = False


@asynccontextmanager
async def lifespan(_app: object) -> AsyncIterator[dict[str, Any]]:
    """Open the log when the server starts; say that it stops, so that no one new is sent here."""
    set_up_log()
    _stopping.clear()
    _operating.info("started")
    promptly.send_at_once()
    warming.begin()
    try:
        with alert_post.running():
            yield {}
    finally:
        _stopping.set()
        _operating.info("stopped")


def _readiness() -> Readiness:
    from analysis.jobs.readiness import readiness
    from geodata.workspace import default_path

    return readiness(default_path())


async def readyz(_request: Request) -> JSONResponse:
    """Answer 200 where people can be served, else 503 with what does not answer."""
    found = await run_in_threadpool(_readiness)
    faults = ("stopping",) if _stopping.is_set() else found.faults
    for message in found.detail:
        _operating.error("not ready: %s", message)
    _is_ready.set(not faults)
    answer = {"status": "not ready", "faults": list(faults)} if faults else {"status": "ready"}
    return JSONResponse(answer, 503 if faults else 200, headers={"Cache-Control": "no-store"})


async def metrics(request: Request) -> Response:
    """Give the numbers to whoever brings the token; to anybody else there is no such page."""
    token = os.environ.get(TOKEN, "")
    brought = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(token.encode(), brought.encode()):
        return plain.missing()
    found = await run_in_threadpool(_readiness)
    _is_ready.set(found.ready and not _stopping.is_set())
    return Response(
        generate_latest(_registry),
        headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"},
    )


class Observe:
    """ASGI middleware: count and time each request, and write its line."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and remember how it went."""
        if scope["type"] == "websocket":
            with _sockets.track_inprogress():
                await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500  # what a fault without an answer amounts to

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            _tell(_named(scope), scope["method"], status, time.perf_counter() - began)


def _named(scope: Scope) -> str:
    asked = access.asked_for(access.own_path(scope["path"]), scope["method"])
    return asked.page or asked.route or "nothing"


def _tell(route: str, method: str, status: int, seconds: float) -> None:
    _requests.labels(route, str(status)).inc()
    _seconds.labels(route).observe(seconds)
    if route in QUIET and status < 500:
        return
    milliseconds = round(seconds * 1000)
    facts = {"route": route, "method": method, "status": status, "ms": milliseconds}
    _log.info("%s %s %s %s ms", method, route, status, milliseconds, extra={"facts": facts})
