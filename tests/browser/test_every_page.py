"""Every page as it looks: on a narrow phone by day, and a choice on a wide screen in the dark.

A page is a stop on one walk through the app: loading the whole program anew for each shows nothing
more. What differs with the width and with the theme is met once each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.driving import CUT_OFF, Playwright, opened, says, settled, went_to

pytestmark = pytest.mark.usefixtures("nothing_leaves")

FURTHER = (
    "where-next?preset=womens_walk",
    "day-and-hour?source=council_asb",
    "trends?by=ward",
)
"""On a phone besides every page of the menu, in an order in which each has another heading."""

IN_THE_DARK = (
    "overview",
    "hotspots?layer=wards",
    "where-next?preset=womens_walk",
    "data",
    "trends?by=ward",
    "programme",
)
"""On a wide screen, in such an order too."""

HEADINGS = "nodes => nodes.map(node => Number(node.tagName[1]))"
TITLES = "frames => frames.map(frame => frame.title)"
LINKS = "links => links.map(link => new URL(link.href).pathname.slice(1) || 'overview')"


def faults(page: Playwright, axe: Callable[..., list[str]]) -> list[str]:
    """List what is cut off, unnamed or out of order, and what axe finds."""
    found = [
        f"cut off: {each}"
        for each in page.get_by_test_id("stMain").locator("*").evaluate_all(CUT_OFF)
    ]
    levels = page.locator("h1, h2, h3, h4").evaluate_all(HEADINGS)
    is_a_tree = all(b - a <= 1 for a, b in zip(levels, levels[1:], strict=False))
    if not is_a_tree or levels[0] != 1 or levels.count(1) != 1:
        found.append(f"levels of headings: {levels}")
    titles = page.locator("iframe").evaluate_all(TITLES)
    if not all(titles) or "streamlit_folium.st_folium" in titles:
        found.append(f"titles of frames: {titles}")
    return found + axe(page)


def test_every_page_on_a_narrow_phone_and_some_on_a_wide_screen_in_the_dark(
    app: str, new_page: Any, axe: Any
) -> None:
    page = opened(new_page(width=360, height=740), f"{app}/overview")
    found = {"overview": faults(page, axe)}
    menu = page.get_by_role("navigation", name="Pages", include_hidden=True)
    links = menu.get_by_role("link", include_hidden=True).evaluate_all(LINKS)
    assert links[:2] == ["overview", "hotspots"]
    assert len(links) > 20
    for path in (*links[1:], *FURTHER):
        went_to(page, f"/{path}")
        if path == "hotspots":  # what takes seconds is worked out and drawn in its place
            says(page, "Outlined: hot spots beyond chance")
            settled(page)
        found[path] = faults(page, axe)
    widened_in_the_dark(page)
    for path in IN_THE_DARK:
        found[f"{path}, wide and dark"] = faults(went_to(page, f"/{path}"), axe)
    assert {path: each for path, each in found.items() if each} == {}


def widened_in_the_dark(page: Playwright) -> None:
    """Turn the screen and the lights; the menu, closed on a phone, opens beside the page."""
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="dark")
    expect(page.get_by_test_id("stApp")).to_have_css("color-scheme", "dark")
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
