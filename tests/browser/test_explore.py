"""The pages of Explore in a real browser: an area is drawn and counted; nothing is cut off."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from analysis.jobs.demo import make_demo
from tests.browser.test_app import CUT_OFF, on_map, opened, said, settled
from tests.serving import served

PAGES = ("hotspots", "trends?by=ward", "day-and-hour?source=council_asb", "wards-compared")


@pytest.fixture(scope="module")
def app(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server on the demo, for the tests that change nothing."""
    folder = tmp_path_factory.mktemp("explore")
    made = make_demo(folder / "made").path
    shutil.move(made, folder / "workspace-demo")
    with served(folder / "workspace", folder / "server.log") as address:
        yield address


def test_hot_spots_come_by_themselves_and_an_area_is_drawn_corner_by_corner(
    app: str, page: Any, traffic: Any
) -> None:
    opened(page, f"{app}/hotspots")
    page.wait_for_selector("text=Outlined: hot spots beyond chance")
    settled(page)
    lines = on_map(page).locator("path[stroke='#A3195B']")
    lines.first.wait_for()
    page.get_by_text("Drawn on the map", exact=True).click()
    page.wait_for_selector("text=So far: 0 corners.")
    settled(page)
    area = on_map(page).locator(".leaflet-container")
    for number, (x, y) in enumerate(((200, 200), (320, 200), (320, 320), (200, 320)), start=1):
        area.click(position={"x": x, "y": y}, force=True)  # whatever hexagon lies there
        plural = "" if number == 1 else "s"
        page.wait_for_selector(f"text=So far: {number} corner{plural}.")
        settled(page)
    page.wait_for_selector("text=lie in the area drawn")
    assert "within 25 m of its edge" in said(page)
    assert page.evaluate("new URLSearchParams(location.search).get('area')") is None
    page.get_by_role("button", name="Start again").click()
    page.wait_for_selector("text=So far: 0 corners.")
    assert traffic.outside == []


def test_a_team_adds_a_break_to_the_trends(app: str, page: Any) -> None:
    opened(page, f"{app}/trends")
    page.get_by_text("Add or remove a break of your own").click()
    page.get_by_role("textbox", name="What changed").fill("A new web form")
    page.get_by_role("button", name="Add this break").click()
    page.wait_for_selector("text=The series starts anew in June 2026")
    opened(page, f"{app}/trends")  # anew: whether the box stayed open is not what is tried here
    page.get_by_text("Add or remove a break of your own").click()
    page.get_by_role("button", name="Remove June 2026: A new web form").click()
    page.wait_for_selector("text=The series starts anew in June 2026", state="detached")


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_shows_everything_and_axe_finds_nothing(
    path: str, app: str, new_page: Any, axe: Any
) -> None:
    page = opened(new_page(width=360, height=740, dark=path == "trends?by=ward"), f"{app}/{path}")
    if path == "hotspots":
        page.wait_for_selector("text=Outlined: hot spots beyond chance")
        settled(page)
    assert page.locator("[data-testid='stMain'] *").evaluate_all(CUT_OFF) == []
    assert axe(page) == []
