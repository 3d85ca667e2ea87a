"""What a person does who has a keyboard and no pointer: Tab until it is reached, then press."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.driving import Playwright, heading, settled

FOCUSED = """() => {
  const at = document.activeElement;
  return {
    name: at.getAttribute("aria-label") || at.innerText || at.title || at.tagName,
    tag: at.tagName, main: !!at.closest("[data-testid='stMain']"),
  };
}"""
RING = """() => {
  const at = document.activeElement;
  const ring = (style) => (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0)
    || style.boxShadow !== "none";
  let seen = ring(getComputedStyle(at));
  for (let up = at.parentElement, n = 0; up && n < 4 && !seen; up = up.parentElement, n++)
    seen = ring(getComputedStyle(up)) || up.matches(":focus-within[data-baseweb]");
  return seen;
}"""
MOST = 300
"""No page has as many stops: past them, what is looked for cannot be reached."""


def has_ring(page: Playwright) -> bool:
    """Tell whether it can be seen where the focus is."""
    return bool(page.evaluate(RING))


def tab_to(page: Playwright, words: str, *, tag: str = "") -> None:
    """Press Tab until something named so has the focus."""
    for _ in range(MOST):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if words.lower() in at["name"].lower() and tag in ("", at["tag"]):
            return
    pytest.fail(f"Tab never came to {words!r}")


def walked(page: Playwright) -> list[dict[str, Any]]:
    """Tab through a page until the focus leaves it or comes back to the start."""
    seen: list[dict[str, Any]] = []
    for _ in range(MOST):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if seen and (at["tag"] == "BODY" or "Skip to main" in at["name"]):
            break
        seen.append({**at, "ring": has_ring(page)})
    return seen


def by_tab(page: Playwright, target: Playwright) -> None:
    """Press Tab until an element has the focus, or one of several."""
    for _ in range(MOST):
        if target.evaluate_all("all => all.includes(document.activeElement)"):
            return
        page.keyboard.press("Tab")
    pytest.fail("Tab never came to it")


def pressed(page: Playwright, label: str, key: str = "Enter", *, tag: str = "") -> None:
    """Tab to a button or link, and press it."""
    tab_to(page, label, tag=tag)
    page.keyboard.press(key)


def written_by_key(page: Playwright, label: str, words: str, *, tag: str = "INPUT") -> None:
    """Tab to a field and type."""
    tab_to(page, label, tag=tag)
    page.keyboard.type(words)


def picked_by_key(page: Playwright, label: str, option: str) -> None:
    """Tab to a list, type what is wanted, and take it."""
    tab_to(page, label, tag="INPUT")
    page.keyboard.type(option)
    expect(page.get_by_role("option", name=option).first).to_be_visible()
    page.keyboard.press("Enter")
    settled(page)


def went_by_menu(page: Playwright, name: str, title: str) -> None:
    """Go to another page by the menu."""
    pressed(page, name, tag="A")
    heading(page, title)
