"""The main tasks with the keyboard alone: no pointer is ever moved or pressed."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser.driving import Playwright, asked_for, heading, opened, says, settled, until
from tests.browser.keys import (
    MOST,
    has_ring,
    picked_by_key,
    pressed,
    tab_to,
    walked,
    went_by_menu,
    written_by_key,
)

pytestmark = pytest.mark.usefixtures("nothing_leaves")


def test_a_manager_reads_plans_promises_and_hands_on_by_keyboard(own_app: str, page: Any) -> None:
    opened(page, f"{own_app}/overview")
    where_next_is_found_and_taken_away(page)

    went_by_menu(page, "Hotspots", "Hotspots")
    picked_by_key(page, "Colour by", "Reports per km²")
    asked_for(page, "?measure=per_km2")
    tab_to(page, "Reports by place", tag="DIV")  # the map's twin takes the focus, and scrolls
    page.keyboard.press("PageDown")
    until(page, lambda: page.evaluate("document.activeElement.scrollTop") > 0)

    went_by_menu(page, "Programme", "Programme")
    says(page, "Location TBC")
    pressed(page, "Propose a programme", tag="BUTTON")
    says(page, "No better plan exists for these wishes.")
    settled(page)
    pressed(page, "Accept all", tag="BUTTON")
    says(page, "events have what was proposed for them.", "Without a place: 0 of")
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
    assert re.search(r"-panel\b.*\.zip$", taken.value.suggested_filename)


def where_next_is_found_and_taken_away(page: Playwright) -> None:
    tab_to(page, "Where next", tag="A")
    assert has_ring(page), "the focus on a link of the menu cannot be seen"
    page.keyboard.press("Enter")
    heading(page, "Where next")
    stops = walked(page)
    inside = [stop for stop in stops if stop["main"]]
    assert len(stops) < MOST, "the focus never leaves the page again"
    assert len(inside) > 5
    to_press = [stop for stop in inside if stop["tag"] in ("A", "BUTTON", "SUMMARY")]
    hidden = [stop["name"] for stop in to_press if not stop["ring"]]
    assert hidden == []
    with page.expect_download() as taken:
        tab_to(page, "Table (CSV)", tag="BUTTON")
        page.keyboard.press("Enter")
    assert taken.value.suggested_filename.endswith(".csv")
