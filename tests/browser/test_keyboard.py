"""The main tasks with the keyboard alone: no pointer is ever moved or pressed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from geodata.records.fields import LONDON
from tests.browser.driving import Playwright, asked_for, heading, opened, says, settled, until
from tests.serving import served
from tests.walks import a_walk

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


def picked_by_key(page: Playwright, label: str, option: str) -> None:
    """Tab to a list, type what is wanted, and take it."""
    tab_to(page, label, tag="INPUT")
    page.keyboard.type(option)
    expect(page.get_by_role("option", name=option).first).to_be_visible()
    page.keyboard.press("Enter")
    settled(page)


def written_by_key(page: Playwright, label: str, words: str, *, tag: str = "INPUT") -> None:
    """Tab to a field and type."""
    tab_to(page, label, tag=tag)
    page.keyboard.type(words)


def pressed(page: Playwright, label: str, key: str = "Enter", *, tag: str = "") -> None:
    """Tab to a button or link, and press it."""
    tab_to(page, label, tag=tag)
    page.keyboard.press(key)


def went_by_menu(page: Playwright, name: str, title: str) -> None:
    """Go to another page by the menu."""
    pressed(page, name, tag="A")
    heading(page, title)


def test_a_manager_reads_plans_promises_and_hands_on_by_keyboard(own_app: str, page: Any) -> None:
    opened(page, f"{own_app}/hotspots")
    picked_by_key(page, "Colour by", "Reports per km²")
    asked_for(page, "?measure=per_km2")
    tab_to(page, "Reports by place", tag="DIV")  # the map's twin takes the focus, and scrolls
    page.keyboard.press("PageDown")
    until(page, lambda: page.evaluate("document.activeElement.scrollTop") > 0)

    went_by_menu(page, "Programme", "Programme")
    pressed(page, "Propose a programme", tag="BUTTON")
    says(page, "No better plan exists for these wishes.")
    settled(page)
    pressed(page, "Accept all", tag="BUTTON")
    says(page, "events have what was proposed for them.")
    settled(page)

    went_by_menu(page, "Actions", "Actions")
    written_by_key(page, "What will be done", "Mend the lamp by the bridge")
    picked_by_key(page, "Ward", "Whitechapel")
    picked_by_key(page, "Owner", "Transport for London")
    pressed(page, "Add the action", tag="BUTTON")
    says(page, "is added.")
    settled(page)
    picked_by_key(page, "Action", "Mend the lamp")
    picked_by_key(page, "Status", "In progress")
    pressed(page, "Save", tag="BUTTON")
    says(page, "is saved")
    settled(page)

    went_by_menu(page, "Panel packs", "Panel packs")
    picked_by_key(page, "Wards", "Whitechapel")
    pressed(page, "Make drafts", tag="BUTTON")
    says(page, "The drafts")
    settled(page)
    with page.expect_download() as taken:
        pressed(page, "Whitechapel (zip)", tag="BUTTON")
    assert taken.value.suggested_filename.endswith("-panel.zip")


def test_an_answer_is_written_down_on_a_phone_by_keyboard(new_page: Any, tmp_path: Path) -> None:
    walk = a_walk(tmp_path / "w", at=dt.datetime.now(LONDON))
    before = len(walk.answers())
    with served(walk.workspace.path, tmp_path / "server.log") as address:
        page = new_page(width=360, height=740)
        page.goto(f"{address}/phone")
        page.get_by_label("Underpass", exact=True).wait_for()
        page.get_by_label("Station entrance", exact=True).focus()
        page.keyboard.press("ArrowDown")
        expect(page.get_by_label("Underpass", exact=True)).to_be_checked()
        by_tab(page, page.locator("input[name=feel_now]").first)
        page.keyboard.press("ArrowRight")
        expect(page.get_by_label("2, Unsafe")).to_be_checked()
        by_tab(page, page.locator("#open_reason"))
        page.keyboard.type("It is dark")
        by_tab(page, page.get_by_label("They agree that this is kept"))
        page.keyboard.press("Space")
        by_tab(page, page.get_by_role("button", name="Save this stop"))
        page.keyboard.press("Enter")
        until(page, lambda: len(walk.answers()) == before + 1)


def by_tab(page: Playwright, target: Playwright) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(MOST):
        if target.evaluate("at => at === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail("Tab never came to it")
