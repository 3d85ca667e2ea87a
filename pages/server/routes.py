"""Routes beside Streamlit's own: a health check, Leaflet's files, and one old address.

Leaflet comes from an installed Python package, so that maps draw on a network that blocks, or
does not have, the outside world.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from xstatic.pkg import leaflet

LEAFLET_PATH = "/vendor/leaflet"


async def _healthz(_request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


async def _overview(request: Request) -> RedirectResponse:
    """Send /overview to the front page: Streamlit gives the default page no name of its own."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"./{query}", status_code=307)


ROUTES: tuple[BaseRoute, ...] = (
    Route("/healthz", _healthz, methods=["GET", "HEAD"]),
    Route("/overview", _overview, methods=["GET", "HEAD"]),
    Mount(LEAFLET_PATH, StaticFiles(directory=leaflet.BASE_DIR), name="leaflet"),
)
