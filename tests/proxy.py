"""A small reverse proxy on loopback: what a council would use nginx or Caddy for, in a test.

A browser stays with the server it met first, by a cookie, because a visit lives in one server's
memory. A server that does not answer, or is not ready, is passed over.
"""

from __future__ import annotations

import contextlib
import itertools
import re
import socket
import socketserver
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence

COOKIE = "replica"
_END = b"\r\n\r\n"


class Proxy(socketserver.ThreadingTCPServer):
    """Passes connections on to `servers` ("host:port"); `taken` counts them by server."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, servers: Sequence[str]) -> None:
        self.servers, self.taken = list(servers), dict.fromkeys(servers, 0)
        self.open: set[socket.socket] = set()
        self._turns = itertools.count()
        super().__init__(("127.0.0.1", 0), _PassOn)

    @property
    def address(self) -> str:
        """Where browsers find it."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def choose(self, head: bytes) -> str:
        """Give the server a browser has met, or the next one; never one that is not ready."""
        met = re.search(rb"\r\n[Cc]ookie:[^\r]*\b" + COOKIE.encode() + rb"=(\d+)", head)
        number = int(met[1]) if met else next(self._turns)
        count = len(self.servers)
        in_turn = [self.servers[(number + turn) % count] for turn in range(count)]
        return next(filter(_ready, in_turn), in_turn[0])

    def stop(self) -> None:
        """Stop listening and hang up on everybody."""
        self.shutdown()
        self.server_close()
        for line in list(self.open):
            _hang_up(line)


class _PassOn(socketserver.BaseRequestHandler):
    server: Proxy

    def handle(self) -> None:
        browser = self.request
        with contextlib.suppress(OSError):
            head, rest = _head(browser)
            chosen = self.server.choose(head)
            host, port = chosen.split(":")
            with socket.create_connection((host, int(port))) as ahead:
                self.server.open |= {browser, ahead}
                self.server.taken[chosen] += 1
                ahead.sendall(_closing(head) + rest)
                up = threading.Thread(target=_pump, args=(browser, ahead), daemon=True)
                up.start()
                answer, rest = _head(ahead)
                browser.sendall(_marked(answer, self.server.servers.index(chosen)) + rest)
                _pump(ahead, browser)
                _hang_up(browser)
                up.join()
                self.server.open -= {browser, ahead}


def _head(line: socket.socket) -> tuple[bytes, bytes]:
    """Read the head of a request or an answer, and what came with it."""
    got = b""
    while _END not in got:
        some = line.recv(65536)
        if not some:
            raise ConnectionError("hung up")
        got += some
    head, rest = got.split(_END, 1)
    return head + _END, rest


def _closing(head: bytes) -> bytes:
    """Ask for one answer a connection, unless it becomes a web socket."""
    if b"upgrade: websocket" in head.lower():
        return head
    without = re.sub(rb"\r\n[Cc]onnection:[^\r]*", b"", head)
    return without.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)


def _marked(answer: bytes, number: int) -> bytes:
    cookie = f"\r\nSet-Cookie: {COOKIE}={number}; Path=/; HttpOnly\r\n"
    return answer.replace(b"\r\n", cookie.encode(), 1)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while some := source.recv(65536):
            target.sendall(some)
        target.shutdown(socket.SHUT_WR)


def _hang_up(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _ready(server: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{server}/readyz", timeout=30) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError as refusal:
        refusal.close()
        return False
    except OSError:
        return False


@contextlib.contextmanager
def proxied(addresses: Sequence[str]) -> Iterator[Proxy]:
    """Run a proxy before the servers at these addresses ("http://host:port")."""
    proxy = Proxy([address.removeprefix("http://") for address in addresses])
    thread = threading.Thread(target=proxy.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield proxy
    finally:
        proxy.stop()
        thread.join()
