"""An OpenID Connect provider on loopback, small enough to misbehave on purpose.

It has one page: a button to sign in as whoever `email` says. What it puts into the identity token
can be changed while it runs (`claims`), which is how tests try a wrong audience or an old token.
"""

from __future__ import annotations

import contextlib
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, CLIENT_SECRET = "safer-walks", "a-client-secret-for-tests-alone"


@dataclass
class Provider:
    """A running provider.

    Attributes
    ----------
    address : str
        Its issuer.
    email : str
        Whom its button signs in.
    claims : dict
        Laid over the identity token; None takes a claim out.
    seen : list of str
        Paths it was asked for.
    """

    address: str
    email: str = "amina@council.uk"
    claims: dict[str, Any] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    _nonces: dict[str, str] = field(default_factory=dict)
    _key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))

    def routes(self) -> list[Route]:
        return [
            Route("/.well-known/openid-configuration", self._configuration),
            Route("/authorize", self._authorize),
            Route("/token", self._token, methods=["POST"]),
            Route("/keys", self._keys),
            Route("/end", self._end),
        ]

    def secrets(self, redirect_uri: str, **ours: object) -> str:
        """Write the secrets.toml of an app that signs people in here."""
        lines = [
            "[auth]", f'redirect_uri = "{redirect_uri}"',
            'cookie_secret = "a-cookie-secret-of-more-than-32-letters"',
            f'client_id = "{CLIENT}"', f'client_secret = "{CLIENT_SECRET}"',
            f'server_metadata_url = "{self.address}/.well-known/openid-configuration"',
            "[safer_walks]", *(f"{name} = {value}" for name, value in ours.items()),
        ]  # fmt: skip
        return "\n".join(lines)

    async def _configuration(self, request: Request) -> Response:
        self.seen.append(request.url.path)
        at = self.address
        return JSONResponse(
            {
                "issuer": at, "authorization_endpoint": f"{at}/authorize",
                "token_endpoint": f"{at}/token", "jwks_uri": f"{at}/keys",
                "end_session_endpoint": f"{at}/end", "response_types_supported": ["code"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
            }
        )  # fmt: skip

    async def _authorize(self, request: Request) -> Response:
        self.seen.append(request.url.path)
        asked = request.query_params
        if asked["client_id"] != CLIENT or "openid" not in asked["scope"].split():
            return Response("unknown client", status_code=400)
        code = secrets.token_urlsafe(16)
        self._nonces[code] = asked["nonce"]
        back = urlencode({"code": code, "state": asked["state"]})
        return HTMLResponse(
            f'<h1>The provider</h1><a id="go" href="{asked["redirect_uri"]}?{back}">Go on</a>'
        )

    async def _token(self, request: Request) -> Response:
        self.seen.append(request.url.path)
        form = await request.form()
        now = int(time.time())
        claims = {
            "iss": self.address, "sub": self.email, "aud": CLIENT, "iat": now, "exp": now + 600,
            "nonce": self._nonces.pop(str(form["code"])), "email": self.email,
            "email_verified": True, "name": self.email.partition("@")[0].title(), **self.claims,
        }  # fmt: skip
        held = {name: value for name, value in claims.items() if value is not None}
        token = jwt.encode({"alg": "RS256", "kid": "one"}, held, self._key)
        return JSONResponse({"access_token": "unused", "token_type": "Bearer", "id_token": token})

    async def _keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self._key.as_dict(private=False)]})

    async def _end(self, request: Request) -> Response:
        self.seen.append(request.url.path)
        return RedirectResponse(request.query_params["post_logout_redirect_uri"])


@contextlib.contextmanager
def provider() -> Iterator[Provider]:
    """Run a provider in a thread, on a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    made = Provider(f"http://127.0.0.1:{port}")
    server = uvicorn.Server(
        uvicorn.Config(
            Starlette(routes=made.routes()), host="127.0.0.1", port=port, log_level="error"
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 60
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    try:
        yield made
    finally:
        server.should_exit = True
        thread.join(timeout=60)
