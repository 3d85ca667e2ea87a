"""A real Chromium for the tests in this folder, with no way out to any network.

Where no Chromium is found the tests skip with a reason; where the environment variable CI is set
they fail instead, so that a missing browser never passes for a working page.

Fixtures: `app` is a server on the demo that all share and none changes, `own_app` one of a test's
own; `new_page` opens pages (light or dark, any width, scripts on or off), `page` is one with the
defaults; `traffic` holds what they asked for and what they complained of, `nothing_leaves` fails
the test that asked anybody outside; `axe` lists the accessibility faults of a page. A failing test
leaves a screenshot of each page it opened in build/browser-failures/.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import playwright.sync_api as playwright
import pytest

from tests.browser.driving import WAITS_MS, WATCH
from tests.serving import served

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ARGUMENTS = (
    "--no-sandbox",
    # The only flag that stops every outside look-up, also those the page's own log never shows.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
)
FAILURES = Path(__file__).resolve().parents[2] / "build" / "browser-failures"
_HERE = ("127.0.0.1", "localhost", "::1")
_FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Try a test of this folder, and of no other, a second time when it fails.

    A machine that does much else may stall a browser for longer than any test should wait. What is
    broken fails twice, and is a failure; pytest counts what it ran again ("rerun") at the end.
    """
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.flaky(reruns=1))


@dataclass
class Traffic:
    """What the pages of one test asked for, and what they complained of.

    Attributes
    ----------
    requests : list of str
        Every address asked for, web sockets included, in order.
    errors : list of str
        Console errors (blocked scripts and styles among them) and uncaught exceptions.
    """

    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def outside(self) -> list[str]:
        """Addresses that are not this machine's: must be empty."""
        return [address for address in self.requests if _leaves(address)]

    def watch(self, context: Any) -> None:
        """Record everything that the pages of a browser context do from now on."""
        context.on("request", lambda request: self.requests.append(request.url))
        context.on("console", self._console)
        context.on("weberror", lambda fault: self.errors.append(str(fault.error)))
        context.on(
            "page",
            lambda page: page.on("websocket", lambda socket: self.requests.append(socket.url)),
        )

    def _console(self, message: Any) -> None:
        if message.type == "error":
            self.errors.append(message.text)


def _leaves(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme not in ("data", "blob", "file", "about") and parts.hostname not in _HERE


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the Chromium to drive."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    reason = f"no browser found: none of {', '.join(NAMES)} is on the PATH"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


# One browser for this folder, not a session: playwright keeps an event loop running in this thread
# as long as it is open, and other tests must be able to start their own.
@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Any]:
    """One headless Chromium, shared by the tests of this folder that a process runs in a row."""
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        yield running
        running.close()


@pytest.fixture(scope="session")
def app(
    chromium: str, demo_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """One server on the demo, for all tests that change nothing."""
    folder = tmp_path_factory.mktemp("app")
    shutil.copytree(demo_folder, folder / "workspace-demo")
    with served(folder / "workspace", folder / "server.log") as address:
        yield address


@pytest.fixture
def own_app(chromium: str, demo_folder: Path, tmp_path: Path) -> Iterator[str]:
    """A server that nobody has asked anything yet, on a demo that a test may change.

    The demo is `tmp_path / "workspace-demo"`.
    """
    shutil.copytree(demo_folder, tmp_path / "workspace-demo")
    with served(tmp_path / "workspace", tmp_path / "server.log") as address:
        yield address


@pytest.fixture
def traffic() -> Traffic:
    """What the pages of this test asked for and complained of."""
    return Traffic()


@pytest.fixture
def nothing_leaves(traffic: Traffic) -> Iterator[None]:
    """Whatever a test does, no page of it asks anybody outside for anything."""
    yield
    assert traffic.outside == []


@pytest.fixture
def new_page(
    request: pytest.FixtureRequest, browser: Any, traffic: Traffic
) -> Iterator[Callable[..., Any]]:
    """Open a page in a browser context of its own: `new_page(width=360, dark=True, ...)`.

    `scale` is the browser's zoom as a person sets it: at 2 the page gets half the CSS pixels.
    Anything else is passed to playwright's `new_context`.
    """
    opened: list[Any] = []

    def open_one(
        *,
        width: int = 1280,
        height: int = 900,
        dark: bool = False,
        scripts: bool = True,
        scale: float = 1,
        **options: Any,
    ) -> Any:
        context = browser.new_context(
            viewport={"width": round(width / scale), "height": round(height / scale)},
            device_scale_factor=scale,
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            locale="en-GB",
            timezone_id="Europe/London",
            reduced_motion="reduce",
            accept_downloads=True,
            **options,
        )
        context.set_default_timeout(WAITS_MS)
        context.add_init_script(WATCH)
        traffic.watch(context)
        opened.append(context)
        return context.new_page()

    yield open_one
    if request.node.stash.get(_FAILED, False):
        _screenshots(request.node.nodeid, opened)
    for context in opened:
        context.close()


@pytest.fixture
def page(new_page: Callable[..., Any]) -> Any:
    """One page: light, 1280 by 900, scripts on."""
    return new_page()


# Frames are left alone: axe is not in them, and would wait half a second for each to answer.
_AXE = """async (context) => {
  const { violations } = await axe.run(
    context ?? document, { resultTypes: ["violations"], iframes: false });
  return violations.map((v) =>
    `${v.id}: ${v.help} at ${v.nodes.slice(0, 3).map((n) => n.target).join(", ")}`);
}"""


@pytest.fixture
def axe() -> Callable[..., list[str]]:
    """List the accessibility faults axe finds on a page, one readable line each."""
    from axe_playwright_python.base import AXE_SCRIPT

    def check(page: Any, context: str | None = None) -> list[str]:
        if not page.evaluate("'axe' in window"):  # going to another page of the app keeps it
            page.evaluate(AXE_SCRIPT)
        found: list[str] = page.evaluate(_AXE, context)
        return found

    return check


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Remember that a test failed, so that its pages are photographed before they close."""
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
    return report


def _screenshots(test: str, contexts: list[Any]) -> None:
    FAILURES.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^A-Za-z0-9]+", "-", test).strip("-")[-120:]
    pages = [page for context in contexts for page in context.pages]
    for number, page in enumerate(pages, start=1):
        try:
            page.screenshot(path=FAILURES / f"{name}-{number}.png", full_page=True)
        except playwright.Error:  # the page crashed or is gone: nothing to photograph
            continue
