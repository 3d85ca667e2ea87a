"""For an operator: readiness, numbers behind a token, and a log that names no one and nothing."""

from __future__ import annotations

import asyncio
import json
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from analysis.jobs.readiness import readiness
from geodata.records.database import VARIABLE, open_records
from pages.server import operating
from pages.server.turns import turns
from tests.builders import workspace_of

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from starlette.testclient import TestClient

TOKEN = "a token that nobody guesses"  # noqa: S105


async def _page(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("a page")


async def _broken(_request: Request) -> PlainTextResponse:
    raise RuntimeError("the secret of a resident")


async def _socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.receive_bytes()
    await socket.close()


@pytest.fixture(autouse=True)
def as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The log's settings and the word that the server stops belong to the process."""
    logger = logging.getLogger("safer_walks")
    for name, value in {"handlers": [], "level": logger.level, "propagate": True}.items():
        monkeypatch.setattr(logger, name, value)
    yield
    operating._stopping.clear()


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setenv("SAFER_WALKS_WORKSPACE", str(tmp_path / "workspace"))
    monkeypatch.setenv(operating.TOKEN, TOKEN)
    return _client()


def _client() -> TestClient:
    app = Starlette(
        routes=[
            Route("/readyz", operating.readyz),
            Route("/metrics", operating.metrics),
            Route("/hotspots", _page),
            Route("/actions", _broken),
            WebSocketRoute("/_stcore/stream", _socket),
        ],
        middleware=[Middleware(operating.Observe)],
    )
    return TestClient(app, raise_server_exceptions=False)


def _numbers(client: TestClient) -> dict[tuple[str, ...], float]:
    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_an_empty_folder_is_ready_since_the_demo_is_made_there(client: TestClient) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})
    assert answer.headers["cache-control"] == "no-store"


def test_a_workspace_that_cannot_be_read_is_not_ready(
    tmp_path: Path, client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    workspace = workspace_of(tmp_path / "workspace")
    assert client.get("/readyz").json() == {"status": "ready"}
    (workspace.path / "manifest.json").write_text("{")
    with caplog.at_level(logging.ERROR, logger="safer_walks.operating"):
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "not ready", "faults": ["workspace"]}
    assert "manifest" in caplog.text  # the log says more than a stranger is told


def test_records_that_do_not_answer_are_named(
    tmp_path: Path, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = workspace_of(tmp_path / "workspace")
    open_records(workspace)
    assert readiness(workspace.path).workspace_version == workspace.version
    (workspace.path / "records.sqlite").write_bytes(b"no database at all, but long enough" * 99)
    assert client.get("/readyz").json()["faults"] == ["records"]
    monkeypatch.setenv(VARIABLE, "postgresql://nobody@127.0.0.1:1/nothing")
    found = readiness(workspace.path)
    assert found.faults == ("records",)
    assert "does not answer" in found.detail[0]


def test_a_server_that_stops_takes_nobody_new(client: TestClient) -> None:
    async def through_one_life() -> list[int]:
        statuses = []
        async with operating.lifespan(None):
            statuses.append(client.get("/readyz").status_code)
        statuses.append(client.get("/readyz").status_code)
        async with operating.lifespan(None):
            statuses.append(client.get("/readyz").status_code)
        return statuses

    assert asyncio.run(through_one_life()) == [200, 503, 200]


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer wrong", TOKEN[:-1]])
def test_numbers_need_the_token(client: TestClient, header: str) -> None:
    assert client.get("/metrics", headers={"Authorization": header}).status_code == 404


def test_without_a_token_set_there_are_no_numbers(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(operating.TOKEN)
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_requests_are_counted_by_route_and_answer(client: TestClient) -> None:
    before = _numbers(client)
    for _ in range(3):
        client.get("/hotspots?category=burglary")
    client.get("/actions")
    client.get("/.env")
    with client.websocket_connect("/_stcore/stream") as socket:
        assert _numbers(client)["safer_walks_open_pages",] == 1
        with turns.one():
            numbers = _numbers(client)
        assert numbers["safer_walks_scripts_running",] == 1
        assert numbers["safer_walks_scripts_waiting",] == 0
        socket.send_bytes(b"bye")
    after = _numbers(client)

    def more(*labels: str) -> float:
        name = ("safer_walks_requests_total", *labels)
        return after[name] - before.get(name, 0)

    assert more("hotspots", "200") == 3
    assert more("actions", "500") == 1
    assert more("nothing", "404") == 1
    assert after["safer_walks_open_pages",] == 0
    assert after["safer_walks_ready",] == 1
    assert after["safer_walks_request_seconds_count", "hotspots"] >= 3


def test_the_log_names_the_route_and_not_what_was_asked(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="safer_walks.requests"):
        client.get("/hotspots?ward=E05009317&event=EV-2024-001")
        client.get("/actions")
        client.get("/media-of-Jane-Doe.csv")
        client.get("/readyz")
    said = [record.getMessage() for record in caplog.records if "requests" in record.name]
    assert [line.rsplit(" ", 2)[0] for line in said] == [
        "GET hotspots 200", "GET actions 500", "GET nothing 404",
    ]  # fmt: skip
    assert not any(word in caplog.text for word in ("E05009317", "EV-2024", "Jane", "secret"))


def _line(record: logging.LogRecord) -> Any:
    return json.loads(operating.LineOfJson().format(record))


def test_a_line_is_one_json_object_whatever_is_said() -> None:
    words = 'a "quoted"\nline \u2028 with \U0001f600'
    record = logging.LogRecord("safer_walks.x", logging.WARNING, "", 0, words, None, None)
    record.facts = {"route": "hotspots", "ms": 12}
    line = operating.LineOfJson().format(record)
    assert "\n" not in line
    assert _line(record)["said"] == words
    assert _line(record)["ms"] == 12
    try:
        raise ValueError("broken")
    except ValueError as fault:
        record.exc_info = (ValueError, fault, fault.__traceback__)
    assert _line(record)["traceback"].endswith("ValueError: broken")


def test_the_log_is_set_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    logger = logging.getLogger("safer_walks")
    monkeypatch.setenv(operating.LOG, "json")
    operating.set_up_log()
    operating.set_up_log()
    assert len(logger.handlers) == 1
    assert isinstance(logger.handlers[0].formatter, operating.LineOfJson)
    assert logger.level == logging.INFO
