"""A server of the app in a process of its own, on a free port, for as long as a test needs it."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STARTS_WITHIN_S = 180
"""Far more than it takes: a machine that does much else may be slow."""


@contextlib.contextmanager
def served(workspace: Path, log: Path, *settings: str, port: int = 0) -> Iterator[str]:
    """Start `streamlit run app.py` on a workspace and give its address.

    It is started from the log's folder, not from the checkout: the settings beside app.py must
    be found all the same.
    """
    port = port or free_port()
    words = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py")]
    words += [f"--server.port={port}", "--server.headless=true", *settings]
    environment = {**os.environ, "SAFER_WALKS_WORKSPACE": str(workspace)}
    with log.open("w") as out:
        server = subprocess.Popen(words, cwd=log.parent, env=environment, stdout=out, stderr=out)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(address, log)
            yield address
        finally:
            server.terminate()
            try:
                server.wait(timeout=60)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def free_port() -> int:
    """Find a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(address: str, log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=30) as answer:
                if answer.status == 200:
                    return
        except OSError:  # refused, or too busy starting to answer in time
            time.sleep(0.1)
    raise AssertionError(f"{address} did not answer\n{log.read_text()}")
