"""Whoever leads a walk changes its route on a phone, keeps it, and takes it along."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gpxpy
from playwright.sync_api import expect

from tests.browser.driving import drawn, on_map, opened, says, settled


def marks(page: Any) -> Any:
    """The numbered stops on the map, start and end among them."""
    return on_map(page).locator(".sw-stop")


def test_a_route_is_changed_by_hand_kept_and_taken_along(
    own_app: str, new_page: Callable[..., Any], nothing_leaves: None, axe: Any, tmp_path: Path
) -> None:
    page = opened(new_page(width=360, height=800), f"{own_app}/route")
    lines = page.locator(".sw-stop-line")
    count = lines.count()
    assert count >= 4  # the start, two stops or more, the end
    expect(marks(page)).to_have_count(count - 1)  # a loop ends where it starts
    assert axe(settled(page)) == []
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 360
    # A stop is put in with a finger on the map, away from every mark, and then one taken out.
    frame = page.locator(".stMain iframe")
    frame.scroll_into_view_if_needed()
    drawn(page)
    frame.click(position={"x": 270, "y": 400})
    expect(lines).to_have_count(count + 1)
    says(page, "Stops as somebody chose them")
    expect(marks(page)).to_have_count(count)
    settled(page)
    page.get_by_role("radio", name="takes one out").or_(
        page.get_by_role("button", name="takes one out")
    ).click()
    settled(page)
    frame.click(position={"x": 160, "y": 300})
    expect(lines).to_have_count(count)
    settled(page)
    page.get_by_role("button", name="Save the stops to the event").click()
    says(page, f"{count - 2} stops are stored. The feedback form offers them in this order.")
    expect(lines).to_have_count(count)
    settled(page)
    with page.expect_download() as coming:
        page.get_by_role("button", name="GPX, for a phone or watch").click()
    file = tmp_path / "route.gpx"
    coming.value.save_as(file)
    assert coming.value.suggested_filename.startswith("safer-walks-demo-route-")
    assert len(gpxpy.parse(file.read_text("utf-8")).waypoints) == count
