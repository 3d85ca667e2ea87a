"""Files that a browser is told of early."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit.file_util import get_static_dir

from pages.server import front_end
from pages.server.front_end import WIDGETS, Early, needed
from pages.server.security import MIDDLEWARE

STATIC = Path(get_static_dir())
PAGE = (
    '<html><head><script type="module" src="./static/js/index.0.js"></script>'
    '<link href="static/js/known.js">'
)
SCRIPTS = {
    "index.0.js": 'm=["./known.js","./Map.1a.js","./Deep.2-b.js","./Mapping.3c.js","./Map.1a.js"]',
    "Map.1a.js": 'import{a as b}from"./Deep.2-b.js";import"./known.js";import("./later.js");',
    "Deep.2-b.js": "import './Map.1a.js'; import x from './Base.js'",
    "Base.js": "",
}


def test_what_a_widget_imports_comes_with_it_and_what_the_page_names_does_not() -> None:
    asked = needed(SCRIPTS.__getitem__, PAGE, ["Map", "Unknown"])
    assert asked == ("Map.1a.js", "Deep.2-b.js", "Base.js")


def _client(*inside: Middleware) -> TestClient:
    async def page(_request: object) -> HTMLResponse:
        return HTMLResponse(PAGE)

    async def own(_request: object) -> HTMLResponse:
        return HTMLResponse(PAGE, headers={"Content-Security-Policy": "default-src 'none'"})

    async def text(_request: object) -> PlainTextResponse:
        return PlainTextResponse("")

    routes = [Route("/page", page), Route("/own", own), Route("/text", text),
              Route("/component/a/index.html", page)]  # fmt: skip
    return TestClient(Starlette(routes=routes, middleware=[Middleware(Early), *inside]))


def test_the_installed_front_end_is_read_and_every_file_named_is_there() -> None:
    parts = [part.split(">; ") for part in _client().get("/page").headers["link"].split(", ")]
    assert {kind for _, kind in parts} == {"rel=modulepreload"}
    files = [address.removeprefix("<./") for address, _ in parts]
    assert len(files) == len(set(files)) > len(WIDGETS)
    assert [name for name in files if not (STATIC / name).is_file()] == []
    begun = {re.sub(r".*/(\w+)\..*", r"\1", name) for name in files}
    assert set(WIDGETS) <= begun  # else Streamlit calls them something else now
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    assert [name for name in files if name in page] == []


@pytest.mark.parametrize("other", ["/own", "/text", "/component/a/index.html"])
def test_other_answers_name_none(other: str) -> None:
    answer = _client().get(other)
    assert "link" not in answer.headers
    assert "BACKEND_BASE_URL" not in answer.text


def test_the_page_is_told_where_the_server_is_and_its_length_is_right() -> None:
    answer = _client().get("/page")
    told = '<script>window.__streamlit={BACKEND_BASE_URL:new URL("./",location.href).href}</script>'
    assert answer.text == PAGE.replace("<head>", f"<head>{told}")
    assert int(answer.headers["content-length"]) == len(answer.content)
    packed = _client(Middleware(GZipMiddleware, minimum_size=1)).get("/page")
    assert (packed.text, packed.headers["content-encoding"]) == (answer.text, "gzip")
    assert _client().head("/page").status_code == 200
    # What Streamlit reads is still called so, and is still all that is asked for it.
    read = "".join(
        path.read_text(encoding="utf-8") for path in (STATIC / "static" / "js").glob("index.*.js")
    )
    assert "window.__streamlit" in read
    assert "BACKEND_BASE_URL" in read
    assert "<head>" in (STATIC / "index.html").read_text(encoding="utf-8")


def test_a_front_end_of_another_make_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_package: str, path: str) -> str:
        if path.endswith(".html"):
            return PAGE
        raise FileNotFoundError(path)

    monkeypatch.setattr(front_end, "package_text", gone)
    monkeypatch.setattr(front_end, "_links", front_end._links.__wrapped__)
    assert "link" not in _client().get("/page").headers


def test_it_stands_behind_the_door() -> None:
    assert Early in [each.cls for each in MIDDLEWARE]
