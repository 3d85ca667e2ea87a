"""The door: every page and every route with every role, and what no rule names."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.web.server.starlette import starlette_app

from geodata.errors import SaferWalksError
from geodata.roles import OPEN_ROUTES, PAGES, PUBLIC, ROLES, ROUTES
from pages.phone.endpoints import FORM_ROUTES
from pages.server import routes, sessions
from pages.server.access import NEXT, RULES, Access, Asked, asked_for
from pages.server.sessions import LAPTOP, Visitor

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from starlette.testclient import TestClient

HERE = ("127.0.0.1", 50_000)
ONE_OF_EACH = {
    "health": "/healthz",
    "operator": "/metrics",
    "settings": "/_stcore/host-config",
    "frontend": "/static/js/index.js",
    "leaflet": "/vendor/leaflet/leaflet.js",
    "sign in": "/sign-in",
    "media": "/media/0f3c.csv",
    "components": "/component/streamlit_folium.st_folium/index.html",
    "upload": "/_stcore/upload_file/session/file",
    "phone form": "/phone",
    "phone send": "/phone/send",
    "paper form": "/paper",
}
METHODS = {"upload": "PUT", "phone send": "POST"}

Door = Callable[..., TestClient]


async def _behind(request: Request) -> PlainTextResponse:
    answer = PlainTextResponse("behind the door")
    answer.set_cookie("_streamlit_user", "x", httponly=True)
    return answer


async def _socket(socket: WebSocket) -> None:
    await socket.accept()
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            await socket.send_bytes(await socket.receive_bytes())


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Door:
    """A server of nothing but the door, asked by one visitor; `roles=None` is nobody."""

    def with_visitor(visitor: Visitor, client: tuple[str, int] = HERE) -> TestClient:
        monkeypatch.setattr(sessions, "visitor", lambda cookies: visitor)
        everything = ["GET", "POST", "PUT", "DELETE"]
        app = Starlette(
            routes=[WebSocketRoute("/_stcore/stream", _socket)]
            + [Mount("/", Starlette(routes=[Route("/{x:path}", _behind, methods=everything)]))],
            middleware=[Middleware(Access)],
        )
        return TestClient(
            app, base_url="http://localhost", client=client, follow_redirects=False,
            headers={"Origin": "http://localhost"},
        )  # fmt: skip

    return with_visitor


def somebody(*roles: Any) -> Visitor:
    return Visitor("person", "a@b.uk", "A", frozenset(roles))


def address(page: str) -> str:
    return "/" if page == "overview" else f"/{page}"


@pytest.mark.parametrize("role", ROLES)
def test_every_page_with_every_role(role: Any, door: Door) -> None:
    ask = door(somebody(role))
    for page, allowed in PAGES.items():
        answer = ask.get(address(page))
        assert answer.status_code == (200 if role in allowed else 403), page
        assert ("behind the door" in answer.text) == (role in allowed)


@pytest.mark.parametrize("role", ROLES)
def test_every_route_with_every_role(role: Any, door: Door) -> None:
    ask = door(somebody(role))
    for route, path in ONE_OF_EACH.items():
        answer = ask.request(METHODS.get(route, "GET"), path)
        may = route in OPEN_ROUTES or role in ROUTES[route]
        assert answer.status_code == (200 if may else 403), route
        assert ("behind the door" in answer.text) == may


def test_one_path_of_every_route_was_tried() -> None:
    assert {rule.route for rule in RULES} == OPEN_ROUTES | set(ROUTES)
    assert set(ONE_OF_EACH) | {"session", "agent", "metrics"} == OPEN_ROUTES | set(ROUTES)
    for route, path in ONE_OF_EACH.items():
        assert asked_for(path, METHODS.get(route, "GET")).route == route


def test_nobody_gets_nothing_but_the_way_in(door: Door) -> None:
    ask = door(Visitor("stranger"))
    for page in PAGES:
        answer = ask.get(address(page))
        assert answer.status_code == 401
        assert f'href="sign-in?next={page}"' in answer.text
    for route, path in ONE_OF_EACH.items():
        answer = ask.request(METHODS.get(route, "GET"), path)
        assert answer.status_code == (200 if route in OPEN_ROUTES else 401), route
    with pytest.raises(WebSocketDisconnect), ask.websocket_connect("/_stcore/stream"):
        pass


def test_somebody_signed_in_without_a_role_gets_no_more(door: Door) -> None:
    ask = door(somebody())
    assert {ask.get(address(page)).status_code for page in PAGES} == {403}
    with pytest.raises(WebSocketDisconnect), ask.websocket_connect("/_stcore/stream"):
        pass


def test_public_viewing_opens_the_viewers_pages_alone(door: Door) -> None:
    ask = door(Visitor("stranger", roles=PUBLIC))
    for page, allowed in PAGES.items():
        assert ask.get(address(page)).status_code == (200 if "viewer" in allowed else 401)
    assert ask.put(ONE_OF_EACH["upload"]).status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        *("/nowhere", "/hotspots/", "/hotspots/x", "/_stcore", "/_stcore/new", "/media/", "/app/"),
        *("/app/static/secret.csv", "/_stcore/stream/", "/media/a/b", "/phone/x.py"),
        *("/_stcore/agent/openapi.json", "/_stcore/agent/mcp", "/_stcore/metrics", "/HOTSPOTS"),
        *("/_stcore/script-health-check", "/.streamlit/secrets.toml", "/static/..\\secrets"),
    ],
)
def test_what_no_rule_names_is_not_there(path: str, door: Door) -> None:
    answer = door(LAPTOP).get(path)
    assert answer.status_code == 404
    assert "There is no such page" in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_pages_are_only_read(method: str, door: Door) -> None:
    assert door(LAPTOP).request(method, "/hotspots").status_code == 404


def test_every_route_that_streamlit_and_we_serve_is_known_to_the_door() -> None:
    """A new version of Streamlit with a new route makes this fail, and the route stays shut."""
    ours = [*routes.ROUTES, *FORM_ROUTES]
    served = [*starlette_app.create_streamlit_routes(_Runtime()), *ours]
    unknown = set()
    for route in served:
        path = getattr(route, "path", "").replace("{path:path}", "x").replace("{name}", "plain.css")
        for part in ("session_id", "file_id"):
            path = path.replace(f"{{{part}}}", "x").replace(f"{{{part}:path}}", "x")
        path = f"{path}/x" if isinstance(route, Mount) and path else path or "/"
        methods = getattr(route, "methods", None) or {"GET"}
        methods = set(methods) - {"OPTIONS"}  # asked by other sites before they send: never ours
        if methods and all(asked_for(path, method) == Asked() for method in methods):
            unknown.add(path)
    assert not unknown


class _Runtime:
    """As much of Streamlit's runtime as listing its routes needs."""

    def __getattr__(self, name: str) -> Any:
        return _Runtime()


@pytest.mark.parametrize("client", ["10.0.0.7", "192.168.1.4", "2a00::1", "", "unknown"])
def test_without_sign_in_only_this_machine_is_answered(client: str, door: Door) -> None:
    ask = door(LAPTOP, client=(client, 50_000))
    for page in PAGES:
        answer = ask.get(address(page))
        assert answer.status_code == 403
        assert "Only this machine is answered" in answer.text
    assert ask.get("/media/0f3c.csv").status_code == 403
    assert ask.get("/healthz").status_code == 200
    with pytest.raises(WebSocketDisconnect), ask.websocket_connect("/_stcore/stream"):
        pass


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_without_sign_in_nothing_passed_on_is_answered(header: str, door: Door) -> None:
    assert door(LAPTOP).get("/", headers={header: "127.0.0.1"}).status_code == 403


def test_with_sign_in_any_machine_may_ask(door: Door) -> None:
    ask = door(somebody("analyst"), client=("10.0.0.7", 50_000))
    assert ask.get("/", headers={"X-Forwarded-For": "10.0.0.8"}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost.evil.example"])
def test_what_other_sites_send_is_refused(origin: str, door: Door) -> None:
    ask = door(somebody("walk_lead"))
    assert ask.post("/phone/send", headers={"Origin": origin}).status_code == 403
    assert ask.put(ONE_OF_EACH["upload"], headers={"Origin": origin}).status_code == 403


def test_sign_in_half_set_up_lets_nobody_in(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = door(LAPTOP)

    def broken(cookies: object) -> Visitor:
        raise SaferWalksError("Sign-in is not fully set up, so nobody can be let in")

    monkeypatch.setattr(sessions, "visitor", broken)
    answer = ask.get("/")
    assert answer.status_code == 503
    assert "not fully set up" in answer.text
    assert ask.get("/healthz").status_code == 200
    with pytest.raises(WebSocketDisconnect), ask.websocket_connect("/_stcore/stream"):
        pass


def test_a_change_of_roles_stops_the_very_next_click(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = door(somebody("manager"))
    click = BackMsg()
    click.rerun_script.widget_states.widgets.add(id="delete-everything", trigger_value=True)
    with ask.websocket_connect("/_stcore/stream") as socket:
        socket.send_bytes(click.SerializeToString())
        assert socket.receive_bytes() == click.SerializeToString()
        monkeypatch.setattr(sessions, "visitor", lambda cookies: somebody("viewer"))
        socket.send_bytes(click.SerializeToString())
        seen = BackMsg.FromString(socket.receive_bytes())
        assert seen.WhichOneof("type") == "rerun_script"
        assert not seen.rerun_script.widget_states.widgets
        socket.send_bytes(click.SerializeToString())  # drawn anew by now: clicks count again
        assert socket.receive_bytes() == click.SerializeToString()


def test_the_page_wanted_before_signing_in_comes_after(door: Door) -> None:
    ask = door(somebody("walk_lead"))
    answer = ask.get("/", headers={"Cookie": f"{NEXT}=phone"})
    assert (answer.status_code, answer.headers["Location"]) == (307, "./phone")
    assert f'{NEXT}=""' in answer.headers["Set-Cookie"]
    for elsewhere in ("//evil.example", "nowhere", "https:evil"):
        assert ask.get("/", headers={"Cookie": f"{NEXT}={elsewhere}"}).status_code == 200


def test_the_cookie_of_a_sign_in_goes_by_https_alone(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = door(somebody("analyst"))
    assert "Secure" not in ask.get("/").headers["Set-Cookie"]
    monkeypatch.setattr(sessions, "is_https", lambda: True)
    assert ask.get("/").headers["Set-Cookie"].endswith("; Secure")


def test_the_log_names_the_page_and_the_roles(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="safer_walks.access")
    door(somebody("walk_lead")).get("/data?secret=what-she-said")
    assert "refused page data to person with roles walk_lead" in caplog.text
    assert "what-she-said" not in caplog.text
    assert "a@b.uk" not in caplog.text


def test_under_a_base_path_the_same_holds(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "pages.server.access.st.get_option", {"server.baseUrlPath": "walks"}.get, raising=True
    )
    ask = door(somebody("viewer"))
    assert ask.get("/walks/hotspots").status_code == 200
    assert ask.get("/walks/").status_code == 200
    assert ask.get("/walks/data").status_code == 403
    assert ask.get("/hotspots").status_code == 404
    assert ask.get("/walksx/hotspots").status_code == 404
