"""What a person does with the app in a browser, each step waiting until the app has answered.

A test never reads a page right after doing something to it: on a busy machine the answer has not
come yet. It says what must come (`says`, `asked_for`, playwright's own `expect`), which waits, and
uses `settled` before it reads what cannot be waited for: that something is absent, a list, axe.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

Playwright = Any

WAITS_MS = 60_000
"""How long anything may take on a machine that does much else; none of it is slept through."""

expect.set_options(timeout=WAITS_MS)

# Streamlit's page says that its script is not running also before a click has reached the server,
# between two runs of which one asks for the other, and before what came is drawn. So each page also
# tells when it last said or heard anything on its web socket, and when it last changed.
WATCH = """(() => {
  const seen = (window.__seen = { sent: 0, heard: 0, changed: 0 });
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...words) {
      super(...words);
      this.addEventListener("message", () => { seen.heard = performance.now(); });
    }
    send(words) { seen.sent = performance.now(); super.send(words); }
  };
  new MutationObserver(() => { seen.changed = performance.now(); }).observe(document, {
    attributes: true, characterData: true, childList: true, subtree: true,
  });
})();"""

_IS_SETTLED = """(quiet) => {
  const app = document.querySelector("[data-testid='stApp']"), seen = window.__seen;
  return app !== null && document.querySelector("h1") !== null
    && app.dataset.testConnectionState === "CONNECTED"
    && app.dataset.testScriptState === "notRunning"
    && seen.heard >= seen.sent
    && performance.now() - Math.max(seen.heard, seen.changed) > quiet
    && document.querySelector(
      "[data-testid='stSkeleton'], [data-testid='stMain'] [data-stale='true']") === null;
}"""
_QUIET_MS = 300

# The component hangs its clicks on the map and on each area some time after they are drawn.
_LISTENS = """() => {
  const map = window.map;
  if (!map || !map.listens || !map.listens("click")) return false;
  const areas = Object.values(map._layers).filter((layer) => layer.feature && layer._path);
  return areas.every((area) => !area.options.interactive || area.listens("click"));
}"""

LAYER, FRAME = ".stMain [class*='st-key-layer-']", ".stMain iframe"

CUT_OFF = """
nodes => nodes.filter(node => {
  const box = node.getBoundingClientRect();
  if (!box.width || !box.height || box.right <= innerWidth + 1) return false;
  for (let up = node.parentElement; up; up = up.parentElement)
    if (up.classList.contains('leaflet-container') ||
        ['auto', 'scroll'].includes(getComputedStyle(up).overflowX) &&
        up.dataset.testid !== 'stMain') return false;
  return true;
}).map(node => node.outerHTML.slice(0, 200))
"""
"""Elements that reach over the edge of the screen and lie in nothing that scrolls, nor in a map,
which is meant to go on beyond its edge."""


def settled(page: Playwright) -> Playwright:
    """Wait until the page has answered, drawn what came, and kept still for a moment."""
    page.wait_for_function(_IS_SETTLED, arg=_QUIET_MS, polling=100)
    return page


def opened(page: Playwright, address: str) -> Playwright:
    """Go to an address, with charts and map drawn and the map listening to clicks."""
    page.goto(address)
    settled(page)
    return drawn(page)


def went_to(page: Playwright, path: str) -> Playwright:
    """Go to another page of the app as the browser's own back and forward do, without a reload.

    `opened` loads the whole program anew; this does not.
    """
    was = page.locator("h1").inner_text()
    page.evaluate(
        "path => { history.pushState({}, '', path); dispatchEvent(new PopStateEvent('popstate')) }",
        path,
    )
    expect(page.locator("h1")).not_to_have_text(was)
    settled(page)
    return drawn(page)


def drawn(page: Playwright) -> Playwright:
    """Wait until the map of a settled page listens to clicks, where it has one."""
    if page.locator(f"{LAYER}, {FRAME}").count():
        map_listens(page)
        settled(page)
    return page


def on_map(page: Playwright) -> Playwright:
    """Look inside the page's map: the app's own layer, or the frame of one to point at."""
    return page.locator(LAYER) if page.locator(LAYER).count() else page.frame_locator(FRAME)


def map_listens(page: Playwright) -> None:
    """Wait until a click on the map, and on each of its areas, will be heard."""
    if page.locator(LAYER).count():
        expect(page.locator(f"{LAYER} .sw-map")).to_have_attribute("data-drawn", "yes")
        return
    body = on_map(page).locator("body")
    until(page, lambda: body.evaluate(_LISTENS))


def main(page: Playwright) -> Playwright:
    """Give the main part of the page."""
    return page.get_by_test_id("stMain")


def says(page: Playwright, *words: str) -> None:
    """Wait until the main part of the page says something."""
    for each in words:
        expect(main(page)).to_contain_text(each, use_inner_text=True)


def said(page: Playwright) -> str:
    """Read the main part of the page, once it has settled: for what must not be there."""
    return main(settled(page)).inner_text()


def heading(page: Playwright, title: str) -> Playwright:
    """Wait for the page of a title, and until it has settled."""
    expect(page.locator("h1")).to_have_text(title)
    return settled(page)


def asked_for(page: Playwright, query: str | re.Pattern[str]) -> None:
    """Wait until the address ends in these words: `?side=350`, or nothing at all."""
    if isinstance(query, str):
        page.wait_for_function("query => location.search === query", arg=query, polling=100)
    else:
        until(page, lambda: query.fullmatch(page.evaluate("location.search")))


def until(page: Playwright, done: Callable[[], Any]) -> None:
    """Wait until something holds that playwright itself cannot wait for."""
    for _ in range(WAITS_MS // 100):
        if done():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it never happened")


def steady(page: Playwright, read: Callable[[], Any]) -> Any:
    """Wait until two readings a moment apart are the same, and give it."""
    readings = [object(), read()]

    def is_steady() -> bool:
        readings.append(read())
        return bool(readings[-1] == readings[-2])

    until(page, is_steady)
    return readings[-1]


def choose(page: Playwright, label: str, option: str) -> None:
    """Choose from a list as a person does with the keyboard, and wait for the answer."""
    box = page.get_by_role("combobox", name=label)
    box.click()
    box.fill(option)
    page.get_by_role("option", name=option, exact=True).click()
    settled(page)


def picked(page: Playwright, label: str, option: str) -> None:
    """Wait until a list shows an option as the one chosen."""
    expect(page.get_by_role("combobox", name=label)).to_have_value(option)


def upload(page: Playwright, label: str, *files: Path) -> None:
    """Put files into a box, and wait until the server has them and the page has answered."""
    group = page.get_by_test_id("stFileUploader").filter(has_text=label)
    expect(group).to_have_count(1)  # the one used before goes a moment later
    stored: list[str] = []

    def is_last(answer: Any) -> bool:
        if answer.request.method == "PUT" and "/upload_file/" in answer.url:
            stored.append(answer.url)
        return len(stored) == len(files)

    with page.expect_response(is_last):
        group.locator("input[type=file]").set_input_files([str(path) for path in files])
    settled(page)
