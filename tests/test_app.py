"""The server: its routes, its headers, whom it answers, and what it never calls."""

from __future__ import annotations

import doctest
import http.client
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pages.server import access, hosts, operating, security
from tests.serving import ROOT, served


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("server") / "server.log"


@pytest.fixture(scope="module")
def server(log: Path) -> Iterator[str]:
    with served(log.parent / "workspace", log, anew=True) as address:
        yield address


def ask(
    address: str, path: str, *, method: str = "GET", **headers: str
) -> tuple[http.client.HTTPResponse, str]:
    """Ask without following redirects, under any Host header."""
    parts = urlsplit(address)
    line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    line.request(method, path, headers=headers)
    answer = line.getresponse()
    body = answer.read().decode("utf-8", "replace")
    line.close()
    return answer, body


def test_health(server: str) -> None:
    answer, body = ask(server, "/healthz")
    assert (answer.status, json.loads(body)) == (200, {"status": "ok"})
    assert answer.headers["Cache-Control"] == "no-store"


def test_it_says_when_it_is_ready_and_keeps_its_numbers_to_itself(server: str) -> None:
    answer, body = ask(server, "/readyz")
    assert (answer.status, json.loads(body)) == (200, {"status": "ready"})
    assert ask(server, "/metrics")[0].status == 404


def test_leaflet_comes_from_here_and_nothing_else_does(server: str) -> None:
    answer, body = ask(server, "/vendor/leaflet/leaflet.js")
    assert answer.status == 200
    assert "Leaflet" in body[:200]
    assert ask(server, "/vendor/leaflet/leaflet.css")[0].status == 200
    assert ask(server, "/vendor/leaflet/../../__init__.py")[0].status in (400, 404)
    assert ask(server, "/vendor/leaflet/%2e%2e/__init__.py")[0].status in (400, 404)


def test_the_front_page_has_a_name_of_its_own(server: str) -> None:
    """Streamlit knows the default page only as /; a bookmark of /overview must work too."""
    answer, _ = ask(server, "/overview?category=burglary")
    assert (answer.status, answer.headers["Location"]) == (307, "./?category=burglary")


@pytest.mark.parametrize("path", ["/", "/hotspots", "/healthz", "/_stcore/health", "/overview"])
def test_every_answer_carries_the_security_headers(server: str, path: str) -> None:
    answer, _ = ask(server, path)
    for name, value in security.HEADERS.items():
        assert answer.headers[name] == value
    policy = dict(
        part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";")
    )
    port = urlsplit(server).port
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == "'self'"
    assert policy["connect-src"] == f"'self' ws://127.0.0.1:{port} wss://127.0.0.1:{port}"
    named = " ".join(policy.values())
    assert "http:" not in named
    assert "https:" not in named
    assert "*" not in named


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost@evil"])
def test_a_host_nobody_named_is_refused(server: str, host: str) -> None:
    answer, body = ask(server, "/", Host=host)
    assert answer.status == 400
    assert "evil" not in body


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8501", "127.0.0.1:1", "[::1]:8501"])
def test_this_machine_is_answered_by_any_of_its_names(server: str, host: str) -> None:
    assert ask(server, "/healthz", Host=host)[0].status == 200


def test_the_web_socket_refuses_other_hosts_and_other_sites(server: str) -> None:
    upgrade = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
    }
    host = urlsplit(server).netloc
    stream = "/_stcore/stream"
    assert ask(server, stream, **upgrade, Host="evil.example")[0].status == 403
    other_site = ask(server, stream, **upgrade, Host=host, Origin="http://evil.example")[0]
    assert other_site.status == 403


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/metrics/", "/_stcore/metrics?x=1"])
def test_metrics_are_not_for_strangers(server: str, path: str) -> None:
    assert ask(server, path)[0].status == 404


def test_a_page_under_a_base_path_keeps_the_guard() -> None:
    assert security._refusal("localhost", "/walks/_stcore/metrics").status_code == 404
    assert security._refusal("localhost", "/walks/_stcore/health") is None


def test_the_server_listens_on_this_machine_only(server: str, log: Path) -> None:
    said = log.read_text()
    assert "127.0.0.1" in said
    assert "Network URL" not in said
    assert "External URL" not in said


def test_the_settings_call_nobody() -> None:
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
    assert settings["server"]["address"] == "127.0.0.1"
    assert settings["browser"]["gatherUsageStats"] is False
    assert settings["client"]["disableDataExport"] is True
    assert settings["server"]["enableStaticServing"] is False
    assert "http" not in json.dumps(settings)


def test_the_examples_in_the_guards_run() -> None:
    tried = [doctest.testmod(module) for module in (access, hosts, security, operating)]
    assert [one.attempted for one in tried] == [7, 2, 1, 3]
    assert [one.failed for one in tried] == [0, 0, 0, 0]


def test_it_stops_when_told_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a service manager does: SIGTERM, then wait for the end."""
    monkeypatch.setenv("SAFER_WALKS_LOG", "json")
    log = tmp_path / "server.log"
    with served(tmp_path / "workspace", log) as address:
        assert ask(address, "/nothing-like-it")[0].status == 404
    said = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    assert [line["said"] for line in said][:1] == ["started"]
    assert [line["said"] for line in said][-1:] == ["stopped"]
    asked = next(line for line in said if line["logger"] == "safer_walks.requests")
    assert asked["status"] == 404
