"""A place is clicked on the map, another drawn round, and each picked again by a click."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import shapely
from playwright.sync_api import expect

from analysis.jobs.records import list_records
from geodata.workspace import Workspace
from tests.browser.driving import map_listens, on_map, opened, says, settled
from tests.builders import WEST, workspace_of
from tests.serving import served


def click(page: Any, across: float, down: float) -> None:
    """Click on the map, at shares of its width and height."""
    settled(page)
    map_listens(page)
    drawn = on_map(page).locator(".leaflet-container")
    size = drawn.bounding_box()
    drawn.click(position={"x": size["width"] * across, "y": size["height"] * down})
    settled(page)


def test_a_point_an_outline_and_back(new_page: Any, traffic: Any, axe: Any, tmp_path: Path) -> None:
    path = workspace_of(tmp_path / "workspace").path
    with served(path, tmp_path / "server.log") as address:
        page = opened(new_page(), f"{address}/places")
        says(page, "No place is kept yet")
        page.get_by_role("radio", name="Add a place").click()
        says(page, "Nothing is said yet of where it is")
        click(page, 0.3, 0.5)
        says(page, "Chosen: the point clicked (West)")
        page.get_by_role("textbox", name="Name").fill("The corner")
        page.get_by_role("button", name="Add the place").click()
        says(page, "The corner is added as SIT-")
        settled(page)
        page.get_by_role("radio", name="An outline").click()
        for corners, (across, down) in enumerate(((0.6, 0.4), (0.7, 0.4), (0.7, 0.6)), start=1):
            click(page, across, down)
            says(page, f"So far: {corners} corner")
        says(page, "hectares")
        page.get_by_role("textbox", name="Name").fill("The estate")
        page.get_by_role("button", name="Add the place").click()
        says(page, "The estate is added as SIT-")
        assert axe(settled(page)) == []
        page.get_by_role("radio", name="Look at one, or change it").click()
        says(page, "2 places")
        click(page, 0.3, 0.5)
        expect(page.locator("h2", has_text="The corner")).to_be_visible()
        click(page, 0.68, 0.5)
        expect(page.locator("h2", has_text="The estate")).to_be_visible()
    assert traffic.outside == []
    kept = list_records(Workspace.open(path), "sites").set_index("name")
    assert kept.loc["The corner", "ward_code"] == WEST
    estate = shapely.from_wkt(kept.loc["The estate", "outline"])
    inside = shapely.Point(kept.loc["The estate", "easting"], kept.loc["The estate", "northing"])
    assert estate.contains(inside)
