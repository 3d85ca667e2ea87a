"""A report with nothing but words is given its place on the page, and is counted in its ward."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from analysis.jobs.imports import import_files
from analysis.jobs.quality import quality
from geodata.workspace import Workspace
from tests.browser.driving import map_listens, on_map, opened, says, settled
from tests.builders import workspace_of
from tests.serving import served

AT = "2026-11-22T10:00:00+00:00"
LINES = [
    "Ref,Date,Type,Location,Easting,Northing",
    "1,03/06/2026,Noise,Back of the shops,,",
    "2,03/06/2026,Noise,back of the shops,,",
    "3,04/06/2026,Noise,By the bins,,",
    "4,04/06/2026,Noise,,530511,180507",
]


def by_ward(path: Path) -> dict[str, int]:
    table = quality(Workspace.open(path)).by_ward
    return dict(zip(table["ward_name"], table["reports"], strict=True))


def test_words_become_places(new_page: Any, traffic: Any, axe: Any, tmp_path: Path) -> None:
    path = workspace_of(tmp_path / "workspace").path
    (tmp_path / "june.csv").write_text("\n".join(LINES), "utf-8")
    import_files(Workspace.open(path), [tmp_path / "june.csv"], source="council_asb", at=AT)
    assert by_ward(path) == {"West": 1, "East": 0}
    with served(path, tmp_path / "server.log") as address:
        page = opened(new_page(), f"{address}/repair")
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
        settled(page)
        map_listens(page)
        drawn = on_map(page).locator(".leaflet-container")
        size = drawn.bounding_box()
        drawn.click(position={"x": size["width"] * 0.3, "y": size["height"] * 0.5})
        says(page, "Chosen:")
        settled(page)
        page.get_by_role("button", name="Place 1 report here").click()
        says(page, "Nothing waits for a place.")
        assert by_ward(path) == {"West": 2, "East": 2}
    assert traffic.outside == []
