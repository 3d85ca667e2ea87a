"""Pages without Streamlit: small, without scripts, for whoever may not have what they asked for."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import HTMLResponse, PlainTextResponse, Response

from analysis.report.escaping import html_text
from geodata.errors import SaferWalksError

NAME = "Safer Walks"
POLICY = "; ".join(
    (
        "default-src 'none'", "style-src 'self'", "img-src 'self'", "base-uri 'none'",
        "form-action 'none'", "frame-ancestors 'none'",
    )
)  # fmt: skip
_NO_STORE = {"Cache-Control": "no-store"}
Link = tuple[str, str]


def page(
    title: str, lines: Sequence[str], links: Sequence[Link] = (), *, status: int = 200
) -> HTMLResponse:
    """Write a page: a heading, paragraphs, and links that look like buttons."""
    text = "".join(f"<p>{html_text(line)}</p>" for line in lines)
    ways = "".join(
        f'<p><a class="button" href="{html_text(to)}">{html_text(word)}</a></p>'
        for word, to in links
    )
    body = (
        '<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html_text(title)} - {NAME}</title>"
        '<link rel="icon" href="own/icon.svg"><link rel="stylesheet" href="own/plain.css">'
        f'</head><body><main><p class="brand">{NAME}</p><h1>{html_text(title)}</h1>'
        f"{text}{ways}</main></body></html>"
    )
    headers = {**_NO_STORE, "Content-Security-Policy": POLICY}
    return HTMLResponse(body, status_code=status, headers=headers)


def missing() -> Response:
    """Say that there is no such thing, whether there is or not."""
    return page(
        "There is no such page", ["The address may be mistyped, or the page has gone."],
        [("Go to the front page", "./")], status=404,
    )  # fmt: skip


def fault(error: SaferWalksError) -> Response:
    """Say that nobody can be let in, and what the operator has to do."""
    return page("Nobody can be let in just now", [error.what, error.todo], status=503)


def refused(why: str) -> Response:
    """Refuse a request that no person made."""
    return PlainTextResponse(why, status_code=403, headers=_NO_STORE)


def only_this_machine() -> Response:
    """Say that without sign-in only the machine itself is answered."""
    return page(
        "Only this machine is answered",
        [
            "Sign-in is off here, so anybody who could reach this server could see and change "
            "everything. It therefore answers only the machine it runs on.",
            "Whoever runs this server can set up sign-in: see docs/sign-in.md.",
        ],
        status=403,
    )


def no_role(name: str, *, as_page: bool) -> Response:
    """Tell somebody signed in that none of their roles has what they asked for."""
    if not as_page:
        return refused("None of your roles has this.")
    return page(
        "Your roles do not include this page",
        [
            f"You are signed in as {name}.",
            "If your work needs this page, ask whoever manages people here to give you the role.",
        ],
        [("Go to the front page", "./"), ("Sign out", "auth/logout")],
        status=403,
    )


def sign_in_first(wanted: str, *, as_page: bool) -> Response:
    """Ask somebody unknown to sign in."""
    if not as_page:
        return PlainTextResponse("Sign in first.", status_code=401, headers=_NO_STORE)
    return page(
        "Sign in",
        [
            "This server holds what residents told the council. Sign in with your work account.",
            "Use a device that is yours or your employer's, and sign out when you have finished.",
        ],
        [("Sign in", f"sign-in?next={wanted}")],
        status=401,
    )
