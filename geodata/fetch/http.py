"""The one module that speaks to the network.

Patient and suspicious: a busy server is asked again, with pauses; an answer that is cut short, too
large, or not what it should be is never kept; a redirect is followed only to a host that the
configured addresses name. What was kept is used after the server has said that it still holds.
"""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode, urljoin, urlsplit

import urllib3

from geodata import manifest
from geodata.archives import GIB, MIB
from geodata.errors import FetchCancelledError, FetchError
from geodata.fetch.cache import Cache, Stored, checksum
from geodata.fetch.rates import TokenBucket
from geodata.fetch.sources import Source

T = TypeVar("T")

AGENT = "safer-walks (open source; ward-level community safety)"
BUSY = frozenset({429, 500, 502, 503, 504})
"""Answers that mean 'not now': asked again after a pause."""

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 5
LARGEST_ANSWER = 256 * MIB
LARGEST_FILE = 8 * GIB
_CHUNK = MIB
_NAP_S = 0.2
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})

_FAULTS = (urllib3.exceptions.HTTPError, ConnectionError, TimeoutError)
"""What a connection that fails, stalls or breaks off was seen to raise."""


class _FaultyAnswerError(Exception):
    """An answer that arrived and is of no use; asked again."""


@dataclass(frozen=True)
class Answer:
    """What a server answered.

    Attributes
    ----------
    status : int
        200, or what the caller said it can use.
    data : bytes
        The body.
    fetched_at : str
        When these bytes came.
    kept : bool
        They were here already, and still hold.
    """

    status: int
    data: bytes
    fetched_at: str
    kept: bool = False


@dataclass(frozen=True)
class Patience:
    """How long to try.

    Attributes
    ----------
    tries : int
        Requests before giving up.
    pause_s : float
        Seconds before the second request; doubled each time.
    longest_s : float
        The longest pause that a server may ask for.
    connect_s, read_s : float
        Seconds to wait for a connection, and for the next bytes.
    """

    tries: int = 4
    pause_s: float = 1.0
    longest_s: float = 120.0
    connect_s: float = 15.0
    read_s: float = 60.0


@dataclass
class Client:
    """Asks one source.

    Parameters
    ----------
    source : Source
        Whose addresses may be asked.
    cache : Cache
        Where answers are kept.
    at : str
        The time, for the record, as the caller tells it.
    rate : TokenBucket, optional
        How often the source may be asked.
    patience : Patience, optional
        How long to try.
    cancel : callable, optional
        Asked before each request and while waiting; True stops the fetch.
    sleep : callable, optional
        Waits some seconds.
    largest : int
        Bytes of an answer beyond which it is refused.
    """

    source: Source
    cache: Cache
    at: str = ""
    rate: TokenBucket | None = None
    patience: Patience = field(default_factory=Patience)
    cancel: Callable[[], bool] = lambda: False
    sleep: Callable[[float], None] = time.sleep
    largest: int = LARGEST_ANSWER
    mark: str = ""
    requests: int = field(default=0, init=False)
    _pools: dict[str, urllib3.PoolManager] = field(default_factory=dict, init=False, repr=False)

    def get_json(self, path: str, params: Mapping[str, object] | None = None) -> Any:  # noqa: ANN401
        """Ask for JSON.

        Parameters
        ----------
        path : str
            After the source's address.
        params : mapping, optional
            The question.

        Raises
        ------
        FetchError
            If the source cannot be reached, refuses, or answers with something else than JSON.
        FetchCancelledError
            If a person stopped it.
        """
        query = f"?{urlencode(params)}" if params else ""
        answer = self.ask("GET", f"{self.source.address}/{path}{query}", check=_parse_json)
        return _parse_json(answer.data)

    def ask(
        self,
        method: str,
        url: str,
        fields: Mapping[str, str] | None = None,
        *,
        check: Callable[[bytes], object] | None = None,
        also: frozenset[int] = frozenset(),
        fresh: bool = False,
    ) -> Answer:
        """Ask, unless the answer is here and still holds.

        Parameters
        ----------
        method : {'GET', 'POST'}
            POST for questions too long for an address.
        url : str
            Whom and what.
        fields : mapping, optional
            The question of a POST.
        check : callable, optional
            Raises ValueError if the bytes are not what they should be; such an answer is asked
            for again and never kept.
        also : frozenset of int
            Statuses, beside 200, that the caller can use; they are not kept. A busy one that
            names a time to come back is waited for all the same.
        fresh : bool
            Ask the server whatever is here.

        Raises
        ------
        FetchError, FetchCancelledError
            As `get_json`.
        """
        body = urlencode(fields).encode() if fields else None
        key = manifest.digest_of(f"{method} {url}\0".encode() + (body or b""))
        found = self.cache.find(key)
        if found and not fresh and self.mark and found[0].mark == self.mark:
            return Answer(200, found[1], found[0].fetched_at, kept=True)
        headers = _conditions(found[0] if found else None)
        answer, got = self._persist(method, url, body, headers, check, also)
        if answer.status == 304 and found:
            self.cache.note(key, replace(found[0], mark=self.mark))
            return Answer(200, found[1], found[0].fetched_at, kept=True)
        if answer.status == 200:
            sha = checksum(answer.data)
            stored = Stored(url, sha, self.at, got.get("ETag", ""), got.get("Last-Modified", ""),
                            self.mark)  # fmt: skip
            self.cache.keep(key, stored, answer.data)
        return answer

    def download(
        self, url: str, path: Path, *, progress: Callable[[float], None] | None = None
    ) -> Path:
        """Stream a large file to `path`, going on where a stopped download left off.

        Parameters
        ----------
        url : str
            What to fetch.
        path : Path
            Where it goes; it is there only once it is whole.
        progress : callable, optional
            Told the share that has arrived.

        Raises
        ------
        FetchError, FetchCancelledError
            As `get_json`; what has arrived stays for the next try.
        """
        about, part = path.with_name(f"{path.name}.json"), path.with_name(f"{path.name}.part")
        tell = progress or (lambda _share: None)

        def once() -> None:
            start, edition = _part_so_far(part, about)
            headers = {"Range": f"bytes={start}-", "If-Range": edition} if start else {}
            response = self._open("GET", url, None, headers)
            try:
                if response.status == 416:  # nothing is left of what the part claims to begin
                    part.unlink(missing_ok=True)
                    raise _FaultyAnswerError("what had arrived does not fit")
                if response.status not in (200, 206):
                    raise self._refused(response.status, url)
                start = _begin(part, about, response, start)
                self._pour(response, part, start, tell)
            finally:
                response.release_conn()
                response.close()

        self._again(once, url)
        part.replace(path)
        about.unlink(missing_ok=True)
        return path

    def _persist(
        self,
        method: str,
        url: str,
        body: bytes | None,
        headers: dict[str, str],
        check: Callable[[bytes], object] | None,
        also: frozenset[int],
    ) -> tuple[Answer, Mapping[str, str]]:
        def once() -> tuple[Answer, Mapping[str, str]]:
            response = self._open(method, url, body, headers, also=also)
            try:
                if response.status not in {200, 304} | also:
                    raise self._refused(response.status, url)
                data = self._read(response, url)
            finally:
                response.release_conn()
            if response.status == 200 and check is not None:
                try:
                    check(data)
                except ValueError as error:
                    raise _FaultyAnswerError(f"{_short(error)} ({len(data):,} bytes)") from error
            return Answer(response.status, data, self.at), response.headers

        return self._again(once, url)

    def _again(self, once: Callable[[], T], url: str) -> T:
        """Try until it works, the patience is over, or the server says no."""
        cause = ""
        for number in range(self.patience.tries):
            if number:
                self._wait(self.patience.pause_s * 2 ** (number - 1))
            try:
                return once()
            except _BusyError as busy:
                cause = f"the server answered {busy.status}"
                self._wait(busy.after_s)
            except (*_FAULTS, _FaultyAnswerError) as error:
                cause = _short(error)
        raise self._cannot(f"{cause}, {self.patience.tries} times", url)

    def _open(
        self,
        method: str,
        url: str,
        body: bytes | None,
        headers: dict[str, str],
        *,
        also: frozenset[int] = frozenset(),
    ) -> urllib3.BaseHTTPResponse:
        """Send one request, and follow it to where the source sends it, within its own hosts."""
        for _ in range(MOST_REDIRECTS + 1):
            self._check_host(url)
            self._wait(self.rate.wait_s() if self.rate else 0.0)
            self.requests += 1
            sent = {"User-Agent": AGENT, "Accept-Encoding": "gzip, deflate", **headers}
            if body is not None:
                sent["Content-Type"] = "application/x-www-form-urlencoded"
            response = self._pool(url).urlopen(
                method, url, body=body, headers=sent, redirect=False, retries=False,
                preload_content=False,
                timeout=urllib3.Timeout(connect=self.patience.connect_s, read=self.patience.read_s),
            )  # fmt: skip
            if response.status in BUSY and not (
                response.status in also and "Retry-After" not in response.headers
            ):
                response.drain_conn()
                raise _BusyError(response.status, self._pause_asked(response, url))
            if response.status not in REDIRECTS:
                return response
            url = self._next(url, response)
            if response.status == 303:  # after the others the question is put again as it was
                method, body = "GET", None
            response.drain_conn()
        raise self._cannot(f"it was sent on more than {MOST_REDIRECTS} times", url)

    def _next(self, url: str, response: urllib3.BaseHTTPResponse) -> str:
        target = urljoin(url, response.headers.get("Location", ""))
        if urlsplit(url).scheme == "https" and urlsplit(target).scheme != "https":
            raise self._cannot(f"it was sent on to {target}, which is not encrypted", url)
        return target

    def _check_host(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.netloc.lower() in self.source.hosts:
            return
        raise self._cannot(f"it was sent on to {parts.scheme}://{parts.netloc}, a stranger", url)

    def _pool(self, url: str) -> urllib3.PoolManager:
        """Choose how to reach a host: directly, or by the proxy that the system names."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        proxy = urllib.request.getproxies().get(parts.scheme, "")
        if host in _LOCAL or urllib.request.proxy_bypass(host):
            proxy = ""
        if proxy not in self._pools:
            made = urllib3.ProxyManager(proxy) if proxy else urllib3.PoolManager()
            self._pools[proxy] = made
        return self._pools[proxy]

    def _pause_asked(self, response: urllib3.BaseHTTPResponse, url: str) -> float:
        asked = response.headers.get("Retry-After")
        if not asked:
            return 0.0
        try:
            seconds = urllib3.Retry().parse_retry_after(asked)
        except urllib3.exceptions.InvalidHeader:
            return 0.0
        if seconds > self.patience.longest_s:
            raise self._cannot(f"it asks to come back in {seconds:,.0f} seconds", url)
        return seconds

    def _wait(self, seconds: float) -> None:
        """Sleep in naps, so that a person can stop it."""
        self.check_cancelled()
        while seconds > 0:
            self.sleep(min(seconds, _NAP_S))
            seconds -= _NAP_S
            self.check_cancelled()

    def check_cancelled(self) -> None:
        """Raise `FetchCancelledError` if a person asked to stop."""
        if self.cancel():
            raise FetchCancelledError(
                "The fetch was stopped",
                todo="start it again to go on: what has arrived is kept in the workspace",
            )

    def _read(self, response: urllib3.BaseHTTPResponse, url: str) -> bytes:
        parts, size = [], 0
        for chunk in response.stream(_CHUNK, decode_content=True):
            self.check_cancelled()
            parts.append(chunk)
            size += len(chunk)
            if size > self.largest:
                raise self._cannot(f"its answer is larger than {self.largest / MIB:,.0f} MiB", url)
        return b"".join(parts)

    def _pour(
        self,
        response: urllib3.BaseHTTPResponse,
        part: Path,
        start: int,
        tell: Callable[[float], None],
    ) -> None:
        length = response.headers.get("Content-Length", "")
        whole = start + int(length) if length.isdigit() else 0
        size = start
        with part.open("ab") as handle:
            for chunk in response.stream(_CHUNK, decode_content=False):
                self.check_cancelled()
                handle.write(chunk)
                size += len(chunk)
                if size > LARGEST_FILE:
                    raise self._cannot(f"the file is larger than {LARGEST_FILE / GIB:.0f} GiB", "")
                tell(size / whole if whole else 0.0)
        if whole and size < whole:
            raise _FaultyAnswerError("the file broke off")

    def _refused(self, status: int, url: str) -> FetchError:
        words = {404: "it has nothing under this address", 403: "it refuses", 401: "it refuses"}
        return self._cannot(f"{words.get(status, 'it refuses')} (status {status})", url)

    def _cannot(self, cause: str, url: str) -> FetchError:
        address = url.split("?")[0] or self.source.address
        return FetchError(
            f"{self.source.title[:1].upper()}{self.source.title[1:]} could not be fetched",
            got=f"{address}: {cause}",
            todo=f"try again later, or bring it by hand: {self.source.by_hand}",
        )


class _BusyError(Exception):
    """The server said 'not now', and perhaps for how long."""

    def __init__(self, status: int, after_s: float) -> None:
        self.status, self.after_s = status, after_s
        super().__init__(status)


def _conditions(stored: Stored | None) -> dict[str, str]:
    """Ask for the answer only if it is another than the one that is here."""
    if stored is None:
        return {}
    headers = {"If-None-Match": stored.etag, "If-Modified-Since": stored.last_modified}
    return {name: value for name, value in headers.items() if value}


def _part_so_far(part: Path, about: Path) -> tuple[int, str]:
    """Tell how much of a file has arrived, and of which edition; nothing without its name."""
    try:
        edition = str(json.loads(about.read_bytes())["edition"])
        return (part.stat().st_size, edition) if edition else (0, "")
    except (OSError, ValueError, KeyError, TypeError):
        return 0, ""


def _begin(part: Path, about: Path, response: urllib3.BaseHTTPResponse, start: int) -> int:
    """Go on behind what has arrived, or start anew where the server sends the whole file."""
    if response.status == 206 and start:
        return start
    part.write_bytes(b"")
    headers = response.headers
    edition = headers.get("ETag") or headers.get("Last-Modified") or ""
    about.write_bytes(json.dumps({"edition": edition}).encode())
    return 0


def _parse_json(data: bytes) -> Any:  # noqa: ANN401 - JSON is what it is
    """Read JSON; an empty answer and one that is not UTF-8 are wrong too."""
    if not data.strip():
        raise ValueError("the answer is empty")
    try:
        return json.loads(data)
    except ValueError as error:
        raise ValueError(f"the answer is not JSON: {_short(error)}") from error


def _short(error: BaseException) -> str:
    """Say in a few words what broke, without the library's own inner names."""
    if isinstance(error, urllib3.exceptions.NewConnectionError):
        return "no connection"
    if isinstance(error, urllib3.exceptions.TimeoutError | TimeoutError):
        return "no answer in time"
    if isinstance(error, urllib3.exceptions.SSLError):
        return f"no secure connection ({error})"[:160]
    if isinstance(error, urllib3.exceptions.ProtocolError | urllib3.exceptions.DecodeError):
        return "the connection broke off"
    return str(error)[:160]
