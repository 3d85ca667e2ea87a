"""Places on the map: reports with nothing but words get theirs, and places are kept by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import shapely
from playwright.sync_api import expect

from analysis.jobs.imports import import_files
from analysis.jobs.quality import quality
from analysis.jobs.records import list_records
from geodata.workspace import Workspace
from tests.browser.driving import map_listens, on_map, opened, says, settled, went_to
from tests.builders import WEST, workspace_of
from tests.serving import served

AT = "2026-11-22T10:00:00+00:00"
LINES = [
    "Ref,Date,Type,Location,Easting,Northing",
    "1,03/06/2026,Noise,Back of the shops,,",
    "2,03/06/2026,Noise,back of the shops,,",
    "3,04/06/2026,Noise,By the bins,,",
    "4,04/06/2026,Noise,,530511,180507",
]


def click(page: Any, across: float, down: float) -> None:
    """Click on the map, at shares of its width and height."""
    settled(page)
    map_listens(page)
    drawn = on_map(page).locator(".leaflet-container")
    size = drawn.bounding_box()
    drawn.click(position={"x": size["width"] * across, "y": size["height"] * down})
    settled(page)


def by_ward(path: Path) -> dict[str, int]:
    table = quality(Workspace.open(path)).by_ward
    return dict(zip(table["ward_name"], table["reports"], strict=True))


def test_words_become_places_and_places_are_kept(
    page: Any, nothing_leaves: None, axe: Any, tmp_path: Path
) -> None:
    path = workspace_of(tmp_path / "workspace").path
    (tmp_path / "june.csv").write_text("\n".join(LINES), "utf-8")
    import_files(Workspace.open(path), [tmp_path / "june.csv"], source="council_asb", at=AT)
    with served(path, tmp_path / "server.log") as address:
        opened(page, f"{address}/repair")
        words_become_places(page, path, axe)
        went_to(page, "/places")
        a_point_an_outline_and_back(page, axe)
    kept = list_records(Workspace.open(path), "sites").set_index("name")
    assert kept.loc["The corner", "ward_code"] == WEST
    estate = shapely.from_wkt(kept.loc["The estate", "outline"])
    inside = shapely.Point(kept.loc["The estate", "easting"], kept.loc["The estate", "northing"])
    assert estate.contains(inside)


def words_become_places(page: Any, path: Path, axe: Any) -> None:
    """A report with nothing but words is given its place, and is counted in its ward."""
    assert by_ward(path) == {"West": 1, "East": 0}
    says(page, "0 of 3 rows placed")
    # By keyboard: the first wording, by its grid reference.
    box = page.get_by_role("textbox", name="Grid reference")
    box.fill("TQ 3120 8030")
    box.press("Enter")
    says(page, "531,205, 180,305, East")
    assert axe(settled(page)) == []
    page.get_by_role("button", name="Place 2 reports here").press("Enter")
    says(page, "2 of 3 rows placed")
    assert by_ward(path) == {"West": 1, "East": 2}
    # The next one came up; this time with a click on the map.
    expect(page.locator("dd", has_text="By the bins")).to_be_visible()
    click(page, 0.3, 0.5)
    says(page, "Chosen:")
    page.get_by_role("button", name="Place 1 report here").click()
    says(page, "Nothing waits for a place.")
    assert by_ward(path) == {"West": 2, "East": 2}


def a_point_an_outline_and_back(page: Any, axe: Any) -> None:
    """A place is clicked on the map, another drawn round, and each picked again by a click."""
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
