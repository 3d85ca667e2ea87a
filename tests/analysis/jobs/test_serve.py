"""`safer-walks serve` becomes the server: one object first, then nothing but the server."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from analysis.jobs import serve

ROOT = Path(__file__).resolve().parents[3]


def test_the_command_names_the_app_beside_the_packages() -> None:
    words = serve.command(port=8502, address="127.0.0.1")
    assert words[:4] == [sys.executable, "-m", "streamlit", "run"]
    assert Path(words[4]) == ROOT / "app.py"
    assert words[5:] == ["--server.port=8502", "--server.address=127.0.0.1"]


@pytest.mark.skipif(os.name == "nt", reason="on Windows the server is a process of its own")
def test_it_says_where_and_then_becomes_the_server(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [sys.executable, "-m", "analysis", "--workspace", "w", "serve", "--json"]
    child = subprocess.Popen(
        [*words, "--port", str(port)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "STREAMLIT_SERVER_HEADLESS": "true"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert child.stdout
        answer = json.loads(child.stdout.readline())
        assert answer == {"url": f"http://127.0.0.1:{port}", "workspace": "w"}
        _wait_for(f"{answer['url']}/healthz")
    finally:
        child.terminate()  # reaches the server itself: there is no process in between
        rest, log = child.communicate(timeout=60)
    assert rest == ""
    assert str(port) in log
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2)


def _wait_for(address: str) -> None:
    until = time.monotonic() + 180
    while True:
        try:
            with urllib.request.urlopen(address, timeout=30) as answer:
                assert answer.status == 200
                return
        except (urllib.error.URLError, ConnectionError):
            assert time.monotonic() < until, f"{address} did not answer"
            time.sleep(0.1)
