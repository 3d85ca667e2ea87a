"""Post answers to a server that is killed without warning, and count what it had acknowledged."""

from __future__ import annotations

import json
import os
import random
import secrets
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.serving import ROOT, STARTS_WITHIN_S, free_port
from tests.walks import Walk

SENDERS = 4


@dataclass
class Sent:
    """What phones sent: every key, and what the server said it stored under it."""

    keys: list[str] = field(default_factory=list)
    acknowledged: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


@dataclass
class Server:
    """A server in a process of its own that can be killed and started again on the same port."""

    walk: Walk
    port: int = field(default_factory=free_port)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        """Run it; whoever leaves kills it with signal 9."""
        words = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py")]
        words += [f"--server.port={self.port}", "--server.headless=true"]
        folder = self.walk.workspace.path
        environment = {**os.environ, "SAFER_WALKS_WORKSPACE": str(folder)}
        with (folder.parent / "killed.log").open("ab") as log:
            process = subprocess.Popen(
                words, cwd=folder.parent, env=environment, stdout=log, stderr=log
            )
            try:
                self._wait()
                yield process
            finally:
                process.kill()
                process.wait(timeout=20)

    def _wait(self) -> None:
        until = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"{self.address}/healthz", timeout=5):
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the server did not start")

    def post(self, key: str) -> str:
        """Send one answer as the phone form does; give the number it is stored under."""
        said = {
            "event_id": self.walk.event_id, "stop_id": self.walk.stops[0], "mode": "individual",
            "n_people": 1, "said_on": "2026-11-22", "feel_now": 3, "open_reason": key,
            "issues": [], "suggestion": "", "consent_store": True, "consent_quote": False,
        }  # fmt: skip
        request = urllib.request.Request(
            f"{self.address}/phone/send", json.dumps({"key": key, "said": said}).encode(),
            {"Content-Type": "application/json", "X-Safer-Walks": "form", "Origin": self.address},
        )  # fmt: skip
        with urllib.request.urlopen(request, timeout=60) as answer:
            return str(json.load(answer)["stored"])


def send_until_killed(server: Server, sent: Sent, *, seconds: float) -> None:
    """Let several phones send at once, and kill the server in the middle of it."""
    lock = threading.Lock()

    def phone() -> None:
        while True:
            key = secrets.token_hex(16)
            with lock:
                sent.keys.append(key)
            try:
                stored = server.post(key)
            except urllib.error.HTTPError as fault:  # it answered, and not with what was stored
                sent.errors.append(f"{fault.code} {fault.read().decode()[:80]}")
                return
            except OSError:
                return
            except ValueError:  # the answer was cut off
                return
            with lock:
                sent.acknowledged[key] = stored

    phones = [threading.Thread(target=phone) for _ in range(SENDERS)]
    with server.running() as process:
        before = len(sent.acknowledged)
        for one in phones:
            one.start()
        until = time.monotonic() + STARTS_WITHIN_S
        while len(sent.acknowledged) < before + SENDERS and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(seconds)
        process.kill()
        for one in phones:
            one.join()


def kill_often(walk: Walk, *, kills: int, seed: int) -> Sent:
    """Kill a server several times while phones send, then send again what was not acknowledged."""
    server, sent, moments = Server(walk), Sent(), random.Random(seed)
    for _ in range(kills):
        send_until_killed(server, sent, seconds=moments.uniform(0.0, 0.6))
    with server.running():
        for key in sent.keys:
            if key not in sent.acknowledged:
                sent.acknowledged[key] = server.post(key)
    return sent


def lost(walk: Walk, sent: Sent) -> list[str]:
    """List the keys whose answer is not stored exactly once under the number that was told."""
    stored: dict[str, list[str]] = {}
    for answer in walk.answers():
        stored.setdefault(str(answer["open_reason"]), []).append(str(answer["response_id"]))
    return [key for key, number in sent.acknowledged.items() if stored.get(key) != [number]]
