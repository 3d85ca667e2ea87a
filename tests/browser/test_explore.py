"""The pages of Explore in a real browser: hot spots, an area drawn, a break."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from tests.browser.driving import (
    main,
    map_listens,
    on_map,
    opened,
    says,
    settled,
)


def test_hot_spots_come_by_themselves_and_an_area_is_drawn_corner_by_corner(
    own_app: str, page: Any, nothing_leaves: None
) -> None:
    page.goto(f"{own_app}/hotspots")
    says(page, "Outlined: hot spots beyond chance")
    settled(page)
    expect(on_map(page).locator("path[stroke='#A63E00']").first).to_be_attached()
    page.get_by_text("Drawn on the map", exact=True).click()
    says(page, "So far: 0 corners.")
    area = on_map(page).locator(".leaflet-container")
    for number, (x, y) in enumerate(((200, 200), (320, 200), (320, 320), (200, 320)), start=1):
        settled(page)
        map_listens(page)
        area.click(position={"x": x, "y": y}, force=True)  # whatever hexagon lies there
        says(page, f"So far: {number} corner{'' if number == 1 else 's'}.")
    says(page, "lie in the area drawn", "within 25 m of its edge")
    assert page.evaluate("new URLSearchParams(location.search).get('area')") is None
    settled(page)
    page.get_by_role("button", name="Start again").click()
    says(page, "So far: 0 corners.")
    add_a_break_and_take_it_out(page, own_app)


def add_a_break_and_take_it_out(page: Any, address: str) -> None:
    """A team marks a month from which its reports are not comparable."""
    broken = "The series starts anew in June 2026"
    opened(page, f"{address}/trends")
    page.get_by_text("Add or remove a break of your own").click()
    page.get_by_role("textbox", name="What changed").fill("A new web form")
    page.get_by_role("button", name="Add this break").click()
    says(page, broken)
    opened(page, f"{address}/trends")  # anew: whether the box stayed open is not what is tried here
    says(page, broken)
    page.get_by_text("Add or remove a break of your own").click()
    settled(page)
    page.get_by_role("button", name="Remove June 2026: A new web form").click()
    expect(main(page)).not_to_contain_text(broken, use_inner_text=True)
