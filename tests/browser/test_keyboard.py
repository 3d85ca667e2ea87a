"""The main tasks with the keyboard alone: no pointer is ever moved or pressed."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.driving import Playwright, opened, settled

pytestmark = pytest.mark.usefixtures("nothing_leaves")

FOCUSED = """() => {
  const at = document.activeElement, style = getComputedStyle(at);
  const ring = (s) => (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0)
    || s.boxShadow !== "none";
  let seen = ring(style);
  for (let up = at.parentElement, n = 0; up && n < 4 && !seen; up = up.parentElement, n++)
    seen = ring(getComputedStyle(up)) || up.matches(":focus-within[data-baseweb]");
  return {
    name: at.getAttribute("aria-label") || at.innerText || at.title || at.tagName,
    tag: at.tagName, main: !!at.closest("[data-testid='stMain']"), ring: seen,
  };
}"""
MOST = 300


def tab_to(page: Playwright, words: str, *, tag: str = "") -> dict[str, Any]:
    """Press Tab until something named so has the focus, and tell what it is."""
    for _ in range(MOST):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if words.lower() in at["name"].lower() and tag in ("", at["tag"]):
            return dict(at)
    pytest.fail(f"Tab never came to {words!r}")


def walked(page: Playwright) -> list[dict[str, Any]]:
    """Tab through a page until the focus leaves it or comes back to the start."""
    seen: list[dict[str, Any]] = []
    for _ in range(MOST):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if seen and (at["tag"] == "BODY" or "Skip to main" in at["name"]):
            break
        seen.append(at)
    return seen


def test_where_next_is_found_chosen_and_taken_away_by_keyboard(app: str, new_page: Any) -> None:
    page = opened(new_page(), f"{app}/overview")
    link = tab_to(page, "Where next", tag="A")
    assert link["ring"], "the focus on a link of the menu cannot be seen"
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Where next")
    settled(page)
    stops = walked(page)
    inside = [stop for stop in stops if stop["main"]]
    assert len(stops) < MOST, "the focus never leaves the page again"
    assert len(inside) > 5
    pressed = [stop for stop in inside if stop["tag"] in ("A", "BUTTON", "SUMMARY")]
    hidden = [stop["name"] for stop in pressed if not stop["ring"]]
    assert hidden == []
    with page.expect_download() as taken:
        tab_to(page, "Table (CSV)", tag="BUTTON")
        page.keyboard.press("Enter")
    assert taken.value.suggested_filename.endswith(".csv")
