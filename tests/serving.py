"""A server of the app in a process of its own, on a free port, for as long as a test needs it."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STARTS_WITHIN_S = 180
"""Far more than it takes: a machine that does much else may be slow."""


@contextlib.contextmanager
def served(
    workspace: Path, log: Path, *settings: str, port: int = 0, anew: bool = False
) -> Iterator[str]:
    """Start `streamlit run app.py` on a workspace and give its address.

    It is started from the log's folder, not from the checkout: the settings beside app.py must
    be found all the same. Its process is copied from one that has imported the libraries already,
    which saves three seconds each time; `anew` starts Python itself, as a person does.
    """
    port = port or free_port()
    words = ["run", str(ROOT / "app.py"), f"--server.port={port}", "--server.headless=true"]
    environment = {**os.environ, "SAFER_WALKS_WORKSPACE": str(workspace)}
    start = _started if anew or "forkserver" not in _METHODS else _copied
    with start([*words, *settings], log, environment):
        address = f"http://127.0.0.1:{port}"
        _wait_for(address, log)
        yield address


@contextlib.contextmanager
def _started(words: Sequence[str], log: Path, environment: Mapping[str, str]) -> Iterator[None]:
    with log.open("w") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", *words],
            cwd=log.parent, env=environment, stdout=out, stderr=out,
        )  # fmt: skip
        try:
            yield
        finally:
            server.terminate()
            try:
                server.wait(timeout=60)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


_METHODS = multiprocessing.get_all_start_methods()


def _imported() -> list[str]:
    """Name what a server imports sooner or later and what is the same wherever it is imported.

    Not the pages: Streamlit reads its settings, which depend on the folder, when it loads them.
    """
    ours = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for package in ("geodata", "analysis")
        for path in sorted((ROOT / package).rglob("*.py"))
        if path.stem != "__init__"
    ]
    server = ["pages.server.routes", "pages.server.security", "streamlit.web.bootstrap", "uvicorn"]
    return [*ours, *server, "streamlit.web.cli"]


@contextlib.contextmanager
def _copied(words: Sequence[str], log: Path, environment: Mapping[str, str]) -> Iterator[None]:
    context = multiprocessing.get_context("forkserver")
    with contextlib.chdir(ROOT):  # where the first start finds what is to be imported
        context.set_forkserver_preload(_imported())
        server = context.Process(target=_run, args=(list(words), log, dict(environment)))
        server.start()
    try:
        yield
    finally:
        server.terminate()
        server.join(60)
        if server.is_alive():
            server.kill()
            server.join()
        server.close()


def _run(words: list[str], log: Path, environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(log.parent)
    with log.open("w") as out:
        for stream in (1, 2):
            os.dup2(out.fileno(), stream)
    sys.argv = ["streamlit", *words]
    from streamlit.web.cli import main

    main(words)


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
