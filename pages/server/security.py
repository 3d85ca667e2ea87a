"""Guards that Streamlit does not bring: who may be asked for, and what a browser may do with it.

Streamlit sends no security headers, answers to any host name, and shows its metrics to everyone.
Here every answer carries the headers below, a request under an unknown host name gets 400, and
the metrics do not exist. Behind this guard stands the door, `pages.server.access`, which asks who
may have what.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocketClose

from pages.server.access import Access
from pages.server.front_end import Early
from pages.server.hosts import LOCAL_HOSTS, host_allowed
from pages.server.operating import Observe
from pages.server.warming import Ready

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

DENIED_PATHS = ("/_stcore/metrics", "/_stcore/script-health-check")
"""Streamlit's own routes that tell strangers about the server; compared by ending, since the server
may lie under a base path."""

HEADERS: dict[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def content_security_policy(host: str) -> str:
    """Say what a page may load: nothing from anywhere but this server.

    Scripts may be inline and evaluated because the map component builds its map that way; no
    address outside is allowed, so what runs cannot send anything away. The web socket is named in
    full, since not every browser counts it as 'self'.

    Parameters
    ----------
    host : str
        The Host header of the request, already checked; '' leaves the web socket to 'self'.

    Examples
    --------
    >>> "connect-src 'self' ws://localhost:8501 wss://localhost:8501;" in content_security_policy(
    ...     "localhost:8501")
    True
    """
    sockets = f" ws://{host} wss://{host}" if host else ""
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            f"connect-src 'self'{sockets}",
            "worker-src 'self' blob:",
            "frame-src 'self' blob:",
            "frame-ancestors 'self'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
        )
    )


class Guard:
    """ASGI middleware: refuse unknown hosts and denied paths, add security headers to the rest."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it here."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        host = Headers(scope=scope).get("host", "")
        refusal = _refusal(host, scope["path"])
        if refusal is None:
            await self._app(scope, receive, _with_headers(send, host, scope["path"]))
        elif scope["type"] == "websocket":
            await WebSocketClose(code=1008)(scope, receive, send)
        else:
            await refusal(scope, receive, _with_headers(send, "", scope["path"]))


def _refusal(host: str, path: str) -> PlainTextResponse | None:
    if not host_allowed(host, st.get_option("server.allowedHosts") or LOCAL_HOSTS):
        return PlainTextResponse("This server does not answer to that name.", status_code=400)
    if path.rstrip("/").endswith(DENIED_PATHS):
        return PlainTextResponse("Not found", status_code=404)
    return None


def _with_headers(send: Send, host: str, path: str) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            # Pages of our own bring stricter rules for themselves.
            headers.setdefault("Content-Security-Policy", content_security_policy(host))
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            if "/media/" in path:  # downloads hold data: no shared cache keeps them
                headers["Cache-Control"] = "no-store"
        await send(message)

    return send_with_headers


MIDDLEWARE: tuple[Middleware, ...] = (
    Middleware(Observe), Middleware(Guard), Middleware(Access), Middleware(Ready), Middleware(Early)
)  # fmt: skip
