"""Routes beside Streamlit's own: a health check, signing in, our own files, Leaflet's, and more.

`pages.server.access` says who may have which.
Leaflet comes from an installed Python package, so that maps draw on a network that blocks, or
does not have, the outside world.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.staticfiles import StaticFiles
from xstatic.pkg import leaflet

from geodata.package_files import package_text
from pages.server import operating, plain
from pages.server.signing import sign_in

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

LEAFLET_PATH = "/vendor/leaflet"
FORM_PATHS = ("/phone", "/phone-audit", "/phone-paper", "/phone/{name}", "/paper")
"""What `pages.phone.endpoints` answers."""
OWN_FILES = {
    "plain.css": "assets/plain.css",
    "paper.css": "assets/paper.css",
    "icon.svg": "assets/icon.svg",
}


async def _healthz(_request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


async def _overview(request: Request) -> RedirectResponse:
    """Send /overview to the front page: Streamlit gives the default page no name of its own."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"./{query}", status_code=307)


async def _own(request: Request) -> Response:
    """Serve the styles and the icon of pages that are not Streamlit's."""
    name = request.path_params["name"]
    if name not in OWN_FILES:
        return plain.missing()
    return Response(package_text("pages", OWN_FILES[name]), media_type=_type(name))


class Forms:
    """The forms for phone and paper: loaded when the first is asked for, not at the start."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on to the routes of the forms."""
        await (await run_in_threadpool(_forms))(scope, receive, send)


@cache
def _forms() -> Router:
    from pages.phone.endpoints import FORM_ROUTES

    return Router(FORM_ROUTES)


def _type(name: str) -> str:
    return {"css": "text/css", "svg": "image/svg+xml"}[name.rpartition(".")[2]]


ROUTES: tuple[BaseRoute, ...] = (
    Route("/healthz", _healthz, methods=["GET", "HEAD"]),
    Route("/readyz", operating.readyz, methods=["GET", "HEAD"]),
    Route("/metrics", operating.metrics, methods=["GET"]),
    Route("/overview", _overview, methods=["GET", "HEAD"]),
    Route("/sign-in", sign_in, methods=["GET"]),
    Route("/own/{name}", _own, methods=["GET", "HEAD"]),
    *(Route(path, Forms()) for path in FORM_PATHS),
    Mount(LEAFLET_PATH, StaticFiles(directory=leaflet.BASE_DIR), name="leaflet"),
)
