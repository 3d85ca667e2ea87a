"""Signing in, as a plain address: what `st.login` does, before Streamlit has run anything.

Whoever is not signed in gets no web socket, so no script can call `st.login` for them. This route
does the same: it sends the browser to Streamlit's own log-in, which sends it to the provider.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from streamlit.user_info import generate_login_redirect_url

from pages.server import plain, sessions
from pages.server.access import NEXT, Asked, asked_for

NEXT_SECONDS = 600


async def sign_in(request: Request) -> Response:
    """Send the browser to the provider, and remember which page was wanted."""
    settings = sessions.sign_in()
    if settings is None:
        return RedirectResponse("./", status_code=307)
    named = request.query_params.get("provider", "")
    providers = list(settings.clients)
    if named not in providers and len(providers) > 1:
        links = [(f"With {name}", f"sign-in?provider={name}") for name in providers]
        return _remember(request, plain.page("Sign in", ["Which account do you have?"], links))
    provider = named if named in providers else providers[0]
    return _remember(request, RedirectResponse(generate_login_redirect_url(provider)))


def _remember(request: Request, answer: Response) -> Response:
    wanted = request.query_params.get("next", "")
    if wanted and asked_for(f"/{wanted}") != Asked():
        answer.set_cookie(NEXT, wanted, max_age=NEXT_SECONDS, httponly=True, samesite="lax")
    answer.headers["Cache-Control"] = "no-store"
    return answer
