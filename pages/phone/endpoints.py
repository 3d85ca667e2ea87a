"""The routes of the forms: the page, its files, the walks to choose from, and what is sent.

A phone sends an answer until it is told that it is stored; a key of its own makes that once. What
is refused for what it holds gets 422 and a sentence, which the phone shows to whoever typed it;
the log gets the number of the record and the roles, and no word of it.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from analysis.jobs.people import standing_workspace
from analysis.jobs.safeguarding import whom_to_ring
from analysis.jobs.walk_forms import (
    Sender,
    every_walk,
    raise_concern,
    send_answer,
    send_audit,
    send_paper,
    walks,
)
from analysis.jobs.walk_maps import walk_map
from analysis.report.forms import ADDRESSES, FormKind, paper_form, phone_form
from geodata.errors import RecordError, SaferWalksError
from geodata.package_files import package_text
from geodata.reporting import ways
from geodata.roles import may
from geodata.wording import ENGLISH, languages, wording
from geodata.workspace import Workspace, default_path
from pages.server import alert_post, plain, sessions
from pages.server.clock import now
from pages.server.sessions import Visitor

_log = logging.getLogger("safer_walks.forms")

MOST_BYTES = 64 * 1024
SCRIPT = "text/javascript"
FILES = {"form.js": SCRIPT, "map.js": SCRIPT, "form.css": "text/css", "worker.js": SCRIPT}
POLICY = "; ".join(
    (
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'",
        "connect-src 'self'", "worker-src 'self'", "base-uri 'none'", "form-action 'none'",
        "frame-ancestors 'none'",
    )
)  # fmt: skip
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
    "Cache-Control": "no-cache",
}


def sender(visitor: Visitor) -> Sender:
    """Say in whose name somebody sends, and which walks are theirs."""
    return Sender(visitor.user, visitor.user_id, may(visitor.roles, "action", "record every walk"))


def _workspace() -> Workspace:
    found = standing_workspace(default_path())
    if found is None:
        raise SaferWalksError("Nothing is set up yet", todo="open the app once, then this page")
    return found


def _form(kind: FormKind) -> Callable[[Request], Awaitable[Response]]:
    async def form(request: Request) -> Response:
        return await run_in_threadpool(_screen, request, partial(_phone_page, kind=kind))

    return form


async def _paper(request: Request) -> Response:
    return await run_in_threadpool(_screen, request, _paper_page)


def _screen(request: Request, write: Callable[[Request, Workspace], str]) -> Response:
    try:
        return HTMLResponse(write(request, _workspace()), headers=HEADERS)
    except SaferWalksError as fault:
        return plain.page(
            "This form cannot be shown just now", [fault.what, fault.todo], status=503
        )


def _language(request: Request, here: Workspace) -> str:
    asked = request.query_params.get("lang", ENGLISH)
    return asked if asked in languages(folder=here.path) else ENGLISH


def _phone_page(request: Request, here: Workspace, *, kind: FormKind) -> str:
    words = wording(_language(request, here), folder=here.path)
    visitor = sessions.visitor(request.cookies)
    return phone_form(
        words, ways(here.path), ring=whom_to_ring(here), is_laptop=visitor.kind == "laptop",
        kind=kind, who=mark(visitor),
    )  # fmt: skip


def mark(visitor: Visitor) -> str:
    """Tell people apart on one device, without a name on it."""
    return hashlib.sha256(f"{visitor.kind}:{visitor.user}".encode()).hexdigest()[:16]


def _paper_page(request: Request, here: Workspace) -> str:
    words = wording(_language(request, here), folder=here.path)
    asked = request.query_params.get("walk", "")
    mine = every_walk(here, sender(sessions.visitor(request.cookies))) if asked else []
    walk = next((one for one in mine if one["event_id"] == asked), None)
    return paper_form(words, ways(here.path), walk=walk)


async def _file(request: Request) -> Response:
    name = request.path_params["name"]
    if name in DATA:
        return await run_in_threadpool(_data, request, DATA[name])
    if name not in FILES:
        return plain.missing()
    scope = request.url.path.removesuffix(f"/{name}")  # /phone, and what begins with it
    headers = {"Cache-Control": "no-cache", "Service-Worker-Allowed": scope}
    return Response(package_text("pages", f"phone/{name}"), media_type=FILES[name], headers=headers)


def _data(request: Request, find: Callable[[Request, Workspace, Sender], Any]) -> Response:
    try:
        found = find(request, _workspace(), sender(sessions.visitor(request.cookies)))
    except RecordError as fault:
        return _told(404, fault.what)
    except SaferWalksError as fault:
        return _told(503, fault.what)
    return JSONResponse(found, headers={"Cache-Control": "no-store"})


def _walks(request: Request, here: Workspace, who: Sender) -> dict[str, Any]:
    """List the walks of these days; every walk for those who type in what came later."""
    if request.query_params.get("every"):
        return {"walks": every_walk(here, who)}
    return {"walks": walks(here, who, today=now().date())}


def _map(request: Request, here: Workspace, who: Sender) -> dict[str, Any]:
    return walk_map(here, who, request.query_params.get("walk", ""))


DATA = {"walks.json": _walks, "map.json": _map}


Job = Callable[..., str]


def _taking(job: Job) -> Callable[[Request], Awaitable[Response]]:
    async def take(request: Request) -> Response:
        return await _take(request, job)

    return take


async def _take(request: Request, job: Job) -> Response:
    """Read what a phone sent, and store it."""
    is_ours = request.headers.get("x-safer-walks") == "form"
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if not is_ours or kind != "application/json":
        return _told(415, "Only the form itself sends here.")
    try:
        body = await _body(request)
    except ClientDisconnect:
        return _told(400, "It did not arrive whole.")
    if body is None:
        return _told(413, "That is longer than the form allows.")
    try:
        sent = json.loads(body)
        key, said = sent["key"], sent["said"]
    except (ValueError, KeyError, TypeError):
        return _told(400, "That was not understood. Load the form again.")
    if not isinstance(key, str) or not isinstance(said, dict):
        return _told(400, "That was not understood. Load the form again.")
    return await run_in_threadpool(_store, job, sessions.visitor(request.cookies), key, said)


async def _body(request: Request) -> bytes | None:
    held = b""
    async for part in request.stream():
        held += part
        if len(held) > MOST_BYTES:
            return None
    return held


def _store(job: Job, visitor: Visitor, key: str, said: dict[str, Any]) -> Response:
    store = partial(job, said=said, key=key, at=now())
    try:
        record = store(_workspace(), sender(visitor))
    except RecordError as fault:
        _log.info("refused what a form sent, for roles %s", ", ".join(sorted(visitor.roles)))
        return _told(422, f"{fault.what}: {fault.got}" if fault.got else fault.what)
    except SaferWalksError as fault:
        _log.warning("a form could not be stored: %s", fault.what)
        return _told(503, fault.what)
    _log.info("stored %s for roles %s", record, ", ".join(sorted(visitor.roles)))
    if job is raise_concern:
        alert_post.wake()
    return JSONResponse({"stored": record}, headers={"Cache-Control": "no-store"})


def _told(status: int, error: str) -> JSONResponse:
    return JSONResponse({"error": error}, status_code=status, headers={"Cache-Control": "no-store"})


TAKES: dict[str, Job] = {
    "send": send_answer, "audit": send_audit, "paper": send_paper, "raise": raise_concern,
}  # fmt: skip
"""What a form sends to which job."""

FORM_ROUTES: tuple[BaseRoute, ...] = (
    *(
        Route(f"/{address}", _form(kind), methods=["GET", "HEAD"])
        for kind, address in ADDRESSES.items()
    ),
    *(Route(f"/phone/{name}", _taking(job), methods=["POST"]) for name, job in TAKES.items()),
    Route("/phone/{name}", _file, methods=["GET", "HEAD"]),
    Route("/paper", _paper, methods=["GET", "HEAD"]),
)
