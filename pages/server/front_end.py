"""Tell a browser early which files of Streamlit's front end it will need, and where the server is.

Streamlit's own scripts fetch the code of a widget when the first such widget arrives, and the code
it builds on after that: by then the server has long been waiting for the browser. Named in the
answer's head, all of it comes while the server works out the page. Told where the server is, they
need not ask for it where nothing is.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

from geodata.package_files import package_text

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

WIDGETS = ("BidiComponent", "ButtonGroup", "DownloadButton", "Html", "Multiselect", "PageLink",
           "Selectbox")  # fmt: skip
"""What the first pages are made of, by the names of their files. One that is not there is left."""

_SCRIPT = re.compile(r"static/js/([\w.-]+\.js)")
_FILE = re.compile(r"\./((?:[\w-]+\.)+js)\b")
_IMPORTED = re.compile(r"""(?:from|import)\s*["']\./([\w.-]+\.js)["']""")


def needed(read: Callable[[str], str], page: str, names: Iterable[str]) -> tuple[str, ...]:
    """Find the files that widgets are made of and that a page does not name already.

    Parameters
    ----------
    read : callable
        Gives the text of a script by its file name, and raises FileNotFoundError.
    page : str
        What a browser gets: it names the script that begins, among others. That one names the
        file of each widget, `./Name.hash.js`, which imports further ones at its head.
    names : iterable of str
        Widgets, without hash and ending. One that is not there is left out.

    Returns
    -------
    tuple of str
        File names, each after those that import it.
    """
    known = set(_SCRIPT.findall(page))
    begins = "".join(read(name) for name in known if name.startswith("index."))
    files = dict.fromkeys(_FILE.findall(begins))
    waiting = [file for name in names for file in files if file.startswith(f"{name}.")]
    found: dict[str, None] = {}
    while waiting:
        file = waiting.pop(0)
        if file not in found and file not in known:
            found[file] = None
            waiting += _IMPORTED.findall(read(file))
    return tuple(found)


def _script(name: str) -> str:
    return package_text("streamlit", f"static/static/js/{name}")


@cache
def _links() -> str:
    page = package_text("streamlit", "static/index.html")
    try:
        files = needed(_script, page, WIDGETS)
    except FileNotFoundError:  # built in another way: a page comes all the same, a little later
        return ""
    # Relative, as in the page itself: the server may lie under a base path.
    return ", ".join(f"<./static/js/{name}>; rel=modulepreload" for name in files)


_COMPONENT = "/component/"
"""Where pages of components lie: they have scripts of their own, and not these."""


class Early:
    """ASGI middleware: name those files, and the server's address, to Streamlit's page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on."""
        is_front_end = scope["type"] == "http" and _COMPONENT not in scope["path"]
        await self._app(scope, receive, _with_links(send) if is_front_end else send)


def _with_links(send: Send) -> Send:
    held: list[Message] = []

    async def send_with_links(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            is_page = headers.get("content-type", "").startswith("text/html")
            # Pages of our own bring a stricter policy, and no script of Streamlit's.
            if is_page and "content-security-policy" not in headers:
                if links := _links():
                    headers["Link"] = links
                held.append(message)  # how long it is, is known with its first part
                return
        for begun in held:
            await send(_with_address(begun, message))
        held.clear()
        await send(message)

    return send_with_links


_HEAD = b"<head>"
_ADDRESS = (
    b'<script>window.__streamlit={BACKEND_BASE_URL:new URL("./",location.href).href}</script>'
)
"""Pages lie one level below the server, where their files are sought too. Streamlit's script would
ask under the page's own address first, and be told twice that nothing is there."""

_LEVEL = 6
"""Of compression: as zlib has it by itself."""


def _with_address(begun: Message, message: Message) -> Message:
    """Tell the page where the server is; give its head with the length it then has."""
    headers, body = MutableHeaders(scope=begun), message.get("body", b"")
    packed = headers.get("content-encoding") == "gzip"
    if begun["status"] != 200 or not body or message.get("more_body", False):
        return begun
    page = gzip.decompress(body) if packed else body
    page = page.replace(_HEAD, _HEAD + _ADDRESS, 1)
    message["body"] = gzip.compress(page, _LEVEL, mtime=0) if packed else page
    if "content-length" in headers:
        headers["content-length"] = str(len(message["body"]))
    return begun
