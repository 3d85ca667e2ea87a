"""The door: every request and every message passes here, and what no rule names is refused.

Streamlit asks nobody who they are: its pages, its media files, its components and its uploads
answer whoever knows their address. Here each request is matched to a rule; the rule names a route
or a page of `geodata.roles`; and only a visitor whose roles have it goes further. A path that
matches nothing does not exist.

The web socket stays open for hours, so its messages are looked at one by one: when the visitor's
roles are no longer what they were, the message is replaced by a plain request to draw the page
anew. What was clicked is not done, and the page that is drawn is the one the visitor may see.

Where sign-in is off, only this machine is answered: a request that came from another one, or that
was passed on by a web server in front, is refused with a page that says why.
"""

from __future__ import annotations

import ipaddress
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.websockets import WebSocketClose
from streamlit.proto.BackMsg_pb2 import BackMsg

from geodata.errors import SaferWalksError
from geodata.roles import OPEN_ROUTES, PAGES, ROUTES, may
from pages.server import plain, sessions
from pages.server.sessions import Visitor

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger("safer_walks.access")

READ = frozenset({"GET", "HEAD"})
FRONT_PAGE = "overview"
AT_ONCE = frozenset({"frontend", "leaflet", "settings"})
"""Routes anybody may have, judged without asking the records: a page is made of a hundred files."""
NEXT = "safer_walks_next"
"""Cookie with the page somebody wanted before signing in."""


@dataclass(frozen=True)
class Rule:
    """Which paths, asked how, belong to which route of `geodata.roles`."""

    route: str
    path: re.Pattern[str]
    methods: frozenset[str] = READ


def _rule(route: str, path: str, methods: str = "GET HEAD") -> Rule:
    return Rule(route, re.compile(path), frozenset(methods.split()))


RULES: tuple[Rule, ...] = (
    _rule("health", "/healthz|/readyz|/_stcore/health"),
    _rule("operator", "/metrics"),
    _rule("settings", "/_stcore/host-config"),
    _rule("frontend", r"/static/[^\\]+|/own/[a-z_]+\.(css|svg)|/favicon\.(png|ico)"),
    _rule("frontend", r"/manifest\.json|/robots\.txt"),
    _rule("leaflet", r"/vendor/leaflet/[^\\]+"),
    _rule("sign in", "/sign-in|/auth/login|/auth/logout|/oauth2callback"),
    _rule("session", "/_stcore/stream"),
    _rule("media", r"/media/[^/\\]+"),
    _rule("components", r"/component/[^\\]+|/_stcore/bidi-components/[^\\]+"),
    _rule("upload", r"/_stcore/upload_file/[^\\]+", "PUT DELETE OPTIONS"),
    _rule("phone form", r"/phone(-audit|-paper)?|/phone/[a-z_]+\.(js|css|json)"),
    _rule("phone send", "/phone/(send|audit|paper|raise)", "POST"),
    _rule("paper form", "/paper"),
    _rule("agent", "/_stcore/agent/.+", "GET HEAD POST PUT PATCH DELETE OPTIONS"),
    _rule("metrics", "/_stcore/(metrics|script-health-check)/?"),
)
"""Everything the server answers, beside the pages. The first rule that fits counts."""


@dataclass(frozen=True)
class Asked:
    """What a request is for: a page or a route, or nothing there is ('')."""

    page: str = ""
    route: str = ""

    def allowed(self, visitor: Visitor) -> bool:
        """Tell whether a visitor may have it."""
        if self.page:
            return may(visitor.roles, "page", self.page)
        return self.route in OPEN_ROUTES or may(visitor.roles, "route", self.route)


def asked_for(path: str, method: str = "GET") -> Asked:
    """Find what a path is for.

    Parameters
    ----------
    path : str
        Without the base path of the server.
    method : str
        HTTP method; a web socket counts as GET.

    Examples
    --------
    >>> asked_for("/"), asked_for("/media/4f1.csv").route, asked_for("/nowhere")
    (Asked(page='overview', route=''), 'media', Asked(page='', route=''))
    """
    for rule in RULES:
        if method in rule.methods and rule.path.fullmatch(path):
            return Asked(route=rule.route)
    page = FRONT_PAGE if path == "/" else path[1:]
    return Asked(page=page) if method in READ and page in PAGES else Asked()


def comes_from_here(client: str, headers: Mapping[str, str]) -> bool:
    """Tell whether a request was made on this machine, and was passed on by nobody.

    Examples
    --------
    >>> comes_from_here("127.0.0.1", {}), comes_from_here("10.0.0.7", {})
    (True, False)
    >>> comes_from_here("::1", {"x-forwarded-for": "10.0.0.7"})
    False
    """
    passed_on = ("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "forwarded", "via")
    if any(name in headers for name in (*passed_on, "x-real-ip")):
        return False
    try:
        return ipaddress.ip_address(client).is_loopback
    except ValueError:
        return False


def same_origin(headers: Mapping[str, str]) -> bool:
    """Tell whether a request that changes something was sent by a page of this server.

    Browsers name the page's origin in every such request; one without it is refused too.

    Examples
    --------
    >>> same_origin({"origin": "https://walks.example", "host": "walks.example"})
    True
    >>> same_origin({"origin": "https://evil.example", "host": "walks.example"})
    False
    >>> same_origin({"host": "walks.example"})
    False
    """
    origin = urlsplit(headers.get("origin", ""))
    return bool(origin.netloc) and origin.netloc.lower() == headers.get("host", "").lower()


class Access:
    """ASGI middleware: let through what the visitor may have, and answer the rest here."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        asked = asked_for(own_path(scope["path"]), scope.get("method", "GET"))
        if asked.route in AT_ONCE:
            answer, visitor = _judge(scope)
        else:
            answer, visitor = await run_in_threadpool(_judge, scope)
        if answer is not None and scope["type"] == "websocket":
            await WebSocketClose(code=1008)(scope, receive, send)
        elif answer is not None:
            await answer(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._app(scope, _watched(scope, receive, visitor), send)
        else:
            await self._app(scope, receive, _with_secure_cookies(send))


def _judge(scope: Scope) -> tuple[Response | None, Visitor]:
    """Decide on one request: the answer that refuses it, or None; and who asked."""
    headers = Headers(scope=scope)
    method, path = scope.get("method", "GET"), own_path(scope["path"])
    asked = asked_for(path, method)
    nobody = Visitor("stranger")
    if asked.route in ("health", "operator"):  # asked every few seconds; the second by its token
        return None, nobody
    if asked == Asked() or ROUTES.get(asked.route, True) == frozenset():
        return plain.missing(), nobody
    try:
        is_open = asked.route in OPEN_ROUTES and sessions.sign_in() is not None
        visitor = nobody if is_open else sessions.visitor(_cookies(scope))
    except SaferWalksError as fault:
        _log.error("nobody is let in: %s", fault)
        return plain.fault(fault), nobody
    client = scope["client"][0] if scope.get("client") else ""
    if visitor.kind == "laptop" and not comes_from_here(client, headers):
        _log.warning("refused %s: sign-in is off", _named(asked))
        return plain.only_this_machine(), nobody
    if method not in READ and not same_origin(headers):
        _log.warning("refused %s: sent by a page that is not ours", _named(asked))
        return plain.refused("This was not sent by a page of this server."), nobody
    if asked.allowed(visitor):
        return _on_the_way(path, scope, visitor), visitor
    _log.info("refused %s to %s with roles %s", _named(asked), visitor.kind, _roles(visitor))
    return _refusal(asked, visitor, path), visitor


def _on_the_way(path: str, scope: Scope, visitor: Visitor) -> Response | None:
    """Do what signing in and out need besides; None to let the request pass."""
    cookies = _cookies(scope)
    if path == "/auth/logout":
        sessions.sign_out(cookies)
    wanted = cookies.get(NEXT, "")
    is_front = path == "/" and visitor.kind == "person"
    if is_front and wanted and asked_for(f"/{wanted}") != Asked():
        answer = RedirectResponse(f"./{wanted}", status_code=307)
        answer.delete_cookie(NEXT)
        return answer
    return None


def _refusal(asked: Asked, visitor: Visitor, path: str) -> Response:
    is_form = asked.route in ("phone form", "paper form") and "." not in path
    is_screen = bool(asked.page) or is_form
    if visitor.kind == "person":
        return plain.no_role(visitor.name, as_page=is_screen)
    return plain.sign_in_first(asked.page or path[1:] if is_screen else "", as_page=is_screen)


def _named(asked: Asked) -> str:
    return f"page {asked.page}" if asked.page else f"route {asked.route}"


def _roles(visitor: Visitor) -> str:
    return ", ".join(sorted(visitor.roles)) or "none"


def _cookies(scope: Scope) -> dict[str, str]:
    return HTTPConnection(scope).cookies


def own_path(path: str) -> str:
    """Take the base path of the server off; what lies outside it is nothing of ours ('').

    Examples
    --------
    >>> own_path("/healthz")
    '/healthz'
    """
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    if not base:
        return path
    inside = path == f"/{base}" or path.startswith(f"/{base}/")
    return (path[len(base) + 1 :] or "/") if inside else ""


def _watched(scope: Scope, receive: Receive, visitor: Visitor) -> Receive:
    """Look at who is asking again with every message of a web socket."""
    cookies, standing = _cookies(scope), visitor

    async def receive_watched() -> Message:
        nonlocal standing
        message = await receive()
        if message["type"] == "websocket.receive":
            now = await run_in_threadpool(_visitor_now, cookies)
            if now != standing:
                standing = now
                _log.info("roles are now %s: the page is drawn anew", _roles(now))
                return {**message, "bytes": _draw_anew(), "text": None}
        return message

    return receive_watched


def _visitor_now(cookies: Mapping[str, str]) -> Visitor:
    try:
        return sessions.visitor(cookies)
    except SaferWalksError as fault:
        _log.error("nobody is let in: %s", fault)
        return Visitor("stranger")


def _draw_anew() -> bytes:
    message = BackMsg()
    message.rerun_script.SetInParent()
    return message.SerializeToString()


def _with_secure_cookies(send: Send) -> Send:
    """Mark the sign-in's cookies for HTTPS alone where that is how the app is reached."""

    async def send_secure(message: Message) -> None:
        if message["type"] == "http.response.start" and sessions.is_https():
            headers = MutableHeaders(scope=message)
            held = headers.getlist("set-cookie")
            if held:
                del headers["set-cookie"]
            for cookie in held:
                ours = cookie.startswith("_streamlit_") and "secure" not in cookie.lower()
                headers.append("set-cookie", f"{cookie}; Secure" if ours else cookie)
        await send(message)

    return send_secure
