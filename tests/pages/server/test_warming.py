"""What is loaded ahead, and who waits for it."""

from __future__ import annotations

import asyncio
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from geodata.workspace import VARIABLE
from pages.server import warming


async def _nothing(*_: Any) -> Any:
    return {}


def _passed(kinds: list[str], release: Any = None) -> list[str]:
    """Send scopes of these kinds through the middleware; the order in which they arrive."""
    arrived: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        arrived.append(scope["type"])
        if release is not None and scope["type"] == "http":
            release()

    async def send_all() -> None:
        door = warming.Ready(app)
        await asyncio.gather(*(door({"type": kind}, _nothing, _nothing) for kind in kinds))

    asyncio.run(send_all())
    return arrived


def test_a_page_waits_until_what_it_needs_is_loaded_and_files_do_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ready = threading.Event()
    monkeypatch.setattr(warming, "_ready", ready)
    assert _passed(["websocket", "http"], ready.set) == ["http", "websocket"]
    assert _passed(["websocket", "http"]) == ["websocket", "http"]  # from then on nobody waits


def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warming, "_ready", threading.Event())
    monkeypatch.setattr(warming, "MOST_S", 0.01)
    assert _passed(["websocket"]) == ["websocket"]


@pytest.mark.parametrize("which", ["small", "empty", "nowhere"])
def test_what_cannot_be_counted_ahead_is_left_to_the_page(
    which: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    folder = tmp_path / "nowhere" if which == "nowhere" else request.getfixturevalue(which)
    monkeypatch.setenv(VARIABLE, str(folder))
    monkeypatch.setattr(warming, "_ready", threading.Event())
    monkeypatch.setattr(warming.gc, "freeze", lambda: None)  # the tests go on in this process
    usual = sys.getswitchinterval()
    with caplog.at_level("WARNING", logger="safer_walks.operating"):
        warming._warm()
    said = [record.getMessage() for record in caplog.records]
    assert [line.startswith("nothing was counted ahead") for line in said] == (
        [True] if which == "empty" else []
    )
    assert warming._ready.is_set()
    assert sys.getswitchinterval() == usual
    assert "pages.components.maps" in sys.modules


def test_a_browser_at_the_door_has_its_files_before_anything_is_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(warming, "_answers", answers := warming._Answers())
    monkeypatch.setattr(warming, "KNOCK_S", 0.0)
    monkeypatch.setattr(warming, "STILL_S", 0.01)
    monkeypatch.setattr(warming, "FILES_S", 600.0)
    waiting = threading.Thread(target=warming._after_files)
    with answers.one():
        waiting.start()
        waiting.join(0.05)
        assert waiting.is_alive()
    waiting.join(30)
    assert not waiting.is_alive()


def test_somebody_who_never_has_enough_keeps_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(warming, "_answers", answers := warming._Answers())
    monkeypatch.setattr(warming, "FILES_S", 0.02)
    with answers.one():
        warming._after_files()  # comes back
    assert answers.still(float("inf"))
