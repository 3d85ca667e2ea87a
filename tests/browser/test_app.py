"""A walk through the app in a real browser, with no way out to any network."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.driving import (
    Playwright,
    asked_for,
    choose,
    heading,
    main,
    map_listens,
    on_map,
    opened,
    picked,
    said,
    says,
    settled,
    steady,
    until,
    upload,
    went_to,
)

MENU = (
    *("overview", "hotspots", "trends", "day-and-hour", "wards-compared", "voice"),
    *("where-next", "did-it-work", "programme", "route"),
    *("feedback", "actions", "ward-panel", "walk-requests", "places", "safeguarding"),
    "panel-pack",
    *("bring-in", "rejected", "open-data", "repair", "boundaries", "data"),
    *("people", "method"),
)
"""Every page, in the order of the menu."""

MONTHS = [f"2026-{n:02d}" for n in range(1, 7)]
HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context"
)


pytestmark = pytest.mark.usefixtures("nothing_leaves")


def view(page: Playwright) -> str:
    """Tell what the map looks at: the place of its fixed outlines."""
    return (
        on_map(page)
        .locator(".leaflet-map-pane")
        .evaluate(
            "pane => pane.style.transform + "
            "[...pane.querySelectorAll('.leaflet-outlines-pane path')]"
            ".map(path => path.getAttribute('d')).join().slice(0, 500)"
        )
    )


def test_hotspots_from_its_address_to_a_place_clicked(app: str, page: Playwright) -> None:
    """One visit: an address with filters, one of nonsense, a choice kept, a click, the view."""
    held: list[Any] = []
    page.route("**/leaflet.css", lambda route: held.append(route))
    page.goto(f"{app}/hotspots?side=350&category=burglary&category=drugs&first=2026-01")
    settled(page)
    names_stand_in_place_though_the_style_comes_late(page, held)
    asked_for(page, "?side=350&category=burglary&category=drugs&first=2026-01")
    says(page, "Reports by place, January 2026 to June 2026")
    picked(page, "Size of hexagon", "350 m")

    opened(page, f"{app}/hotspots?side=7&layer=<script>&first=2026-99")
    asked_for(page, "")
    expect(page.get_by_test_id("stAlert")).to_have_count(3)
    expect(page.get_by_test_id("stException")).to_have_count(0)

    the_address_keeps_what_was_chosen(page)
    choose(page, "Size of hexagon", "200 m")
    asked_for(page, "")
    a_click_on_a_hexagon_shows_its_numbers(page)
    the_map_keeps_its_view_when_a_filter_changes(page)


def names_stand_in_place_though_the_style_comes_late(page: Playwright, held: list[Any]) -> None:
    expect(on_map(page).locator(".leaflet-map-pane")).to_have_count(0)  # nothing out of its place
    held[0].continue_()
    frame = on_map(page).locator(".leaflet-container").bounding_box()
    for name in ("Weavers", "Island Gardens", "Lansbury"):
        label = on_map(page).locator(".sw-ward", has_text=name)
        until(page, lambda label=label: is_inside(label.bounding_box(), frame))
    page.unroute("**/leaflet.css")


def is_inside(label: dict[str, float] | None, frame: dict[str, float]) -> bool:
    """Tell whether a name of usual width lies inside the map."""
    if label is None or label["width"] >= 150:
        return False
    return frame["x"] < label["x"] < frame["x"] + frame["width"] - label["width"]


def the_address_keeps_what_was_chosen(page: Playwright) -> None:
    """The button for back goes back through the filters; the menu comes back to them."""
    choose(page, "Size of hexagon", "350 m")
    asked_for(page, "?side=350")
    page.go_back()
    asked_for(page, "")
    picked(page, "Size of hexagon", "200 m")
    settled(page)
    choose(page, "Size of hexagon", "350 m")
    menu = page.get_by_role("navigation", name="Pages")
    menu.get_by_role("link", name="Method").click()
    heading(page, "Method")
    menu.get_by_role("link", name="Hotspots").click()
    heading(page, "Hotspots")
    asked_for(page, "?side=350")
    picked(page, "Size of hexagon", "350 m")


def a_click_on_a_hexagon_shows_its_numbers(page: Playwright) -> None:
    on_map(page).locator("path.leaflet-interactive").nth(120).wait_for()
    map_listens(page)
    on_map(page).locator("path.leaflet-interactive").nth(120).click()
    asked_for(page, re.compile(r"\?area=h200_\d+_-?\d+"))
    says(page, "Lies in")
    settled(page)
    clicked = page.evaluate("location.search")
    place = page.locator(".sw-pairs dd").first.inner_text()
    listed = page.get_by_role("combobox", name="Pick a place on the map, or here")
    expect(listed).to_have_value(re.compile(rf"^{re.escape(place)} \("))
    # Chosen from the list instead, without a mouse: the map marks it just the same.
    listed.focus()
    listed.fill("near")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "clicked => location.search.startsWith('?area=h200_') && location.search !== clicked",
        arg=clicked,
    )
    settled(page)


def the_map_keeps_its_view_when_a_filter_changes(page: Playwright) -> None:
    first = steady(page, lambda: view(page))
    on_map(page).get_by_role("button", name="Zoom in").click()
    until(page, lambda: view(page) != first)
    before, fills = steady(page, lambda: view(page)), colours(page)
    choose(page, "From", "June 2026")
    until(page, lambda: colours(page) != fills)
    assert steady(page, lambda: view(page)) == before
    choose(page, "Size of hexagon", "350 m")
    until(page, lambda: len(colours(page)) < len(fills))
    assert steady(page, lambda: view(page)) == before


def colours(page: Playwright) -> list[str]:
    """Fills of the areas, in order."""
    return (
        on_map(page)
        .locator("path.leaflet-interactive")
        .evaluate_all("paths => paths.map(path => path.getAttribute('fill'))")
    )


def test_files_can_be_taken_away_and_opened(
    app: str, page: Playwright, traffic: Any, tmp_path: Path
) -> None:
    opened(page, f"{app}/hotspots?layer=wards")
    files = {}
    for label in ("Table (CSV)", "Shapes (GeoJSON)", "Shapes (GeoPackage)", "Map (one HTML file)"):
        with page.expect_download() as waiting:
            page.get_by_role("button", name=label).click()
        files[label] = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(files[label])
    names = sorted(path.name for path in files.values())
    assert names[0] == "safer-walks-demo-wards-12-months-to-2026-06.html"
    table = files["Table (CSV)"].read_text("utf-8").splitlines()
    assert len(table) == 21
    assert all("DEMO" in line for line in table[1:])
    shapes = json.loads(files["Shapes (GeoJSON)"].read_text("utf-8"))
    assert len(shapes["features"]) == 20
    assert files["Shapes (GeoPackage)"].read_bytes()[:15] == b"SQLite format 3"
    asked = len(traffic.requests)
    page.goto(files["Map (one HTML file)"].as_uri())
    expect(page.locator("body")).to_contain_text("DEMO")
    expect(page.locator("table").first).to_be_attached()
    assert [r for r in traffic.requests[asked:] if not r.startswith("file:")] == []


def ward_file(folder: Path) -> Path:
    """Two wards, drawn as degrees on the Greenwich meridian."""
    west, middle, east, south, north = -0.03, -0.015, 0.0, 51.50, 51.52
    squares = {
        "Left": [[west, south], [middle, south], [middle, north], [west, north], [west, south]],
        "Right": [[middle, south], [east, south], [east, north], [middle, north], [middle, south]],
    }
    features = [
        {
            "type": "Feature",
            "properties": {"WD24CD": f"E0599999{n}", "WD24NM": name},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for n, (name, ring) in enumerate(squares.items(), start=1)
    ]
    path = folder / "my-wards.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def street_file(folder: Path, month: str, points: list[tuple[float, float]]) -> Path:
    """One police.uk file: a report at each point."""
    rows = [
        f",{month},Metropolitan Police Service,Metropolitan Police Service,{x},{y},"
        "On or near High Street,,,Anti-social behaviour,,"
        for x, y in points
    ]
    path = folder / f"{month}-metropolitan-street.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n")
    return path


def bring_in(page: Playwright, *files: Path) -> None:
    upload(page, "Files of reports", *files)
    page.get_by_role("button", name="Bring in reports", exact=True).click()


LEFT = [(-0.02 - n / 10_000, 51.51) for n in range(40)]
RIGHT = [(-0.005, 51.51)] * 5
OUTSIDE = [(-0.10, 51.51)] * 3


def test_the_walk(own_app: str, page: Playwright, axe: Any, tmp_path: Path) -> None:
    """From the demo to one's own data: wards, reports, a conflict, the quality report."""
    opened(page, f"{own_app}/bring-in")
    a_deep_link_may_be_the_very_first_request(page, own_app)
    a_fault_of_ours_is_one_box_without_a_traceback(page, own_app, tmp_path / "workspace-demo")
    opened(page, f"{own_app}/bring-in")
    start_a_workspace(page, ward_file(tmp_path))
    assert axe(page) == []
    went_to(page, "/overview")
    says(page, "No reports are stored")
    page.get_by_role("link", name="Go to Bring in reports").click()
    heading(page, "Bring in reports")

    files = [street_file(tmp_path, month, LEFT + OUTSIDE) for month in MONTHS]
    bring_in(page, *files)
    says(page, "258 of 258 rows stored, 240 of them inside the wards")
    says(page, "Outside the wards: kept, not counted 18")
    assert axe(settled(page)) == []
    bring_in(page, files[0])
    says(page, "Nothing changed")
    settled(page)

    answer_a_conflict(page, street_file(tmp_path, "2026-06", RIGHT))
    refuse_a_broken_file(page, tmp_path / "holiday.csv")
    went_to(page, "/data")
    says(page, "Every row accounted for")
    assert axe(settled(page)) == []
    went_to(page, "/overview")
    expect(main(page)).to_contain_text(re.compile(r"\n245\n"), use_inner_text=True)


def a_deep_link_may_be_the_very_first_request(page: Playwright, address: str) -> None:
    expect(page.locator("h1")).to_have_text("Bring in reports")
    expect(page).to_have_title("Bring in reports - Safer Walks")
    expect(page.get_by_role("dialog")).to_have_count(0)
    menu = page.get_by_role("navigation", name="Pages")
    expect(page.locator("[aria-current='page']")).to_have_text("Bring in reports")
    links = menu.get_by_role("link")
    expect(links).to_have_count(len(MENU))
    assert links.evaluate_all("links => links.map(link => link.href)") == [
        f"{address}/{'' if name == 'overview' else name}" for name in MENU
    ]


def a_fault_of_ours_is_one_box_without_a_traceback(
    page: Playwright, address: str, demo: Path
) -> None:
    """Nothing was counted yet on this server: what it holds in memory cannot help."""
    for path in demo.rglob("*.parquet"):  # reports, and their counts
        path.write_bytes(b"not parquet")
    page.goto(f"{address}/overview?category=burglary")
    says(page, "Something went wrong in the program")
    shown = settled(page).inner_text("body")
    assert "Traceback" not in shown
    assert "parquet" not in shown.lower()


def start_a_workspace(page: Playwright, wards: Path) -> None:
    says(page, "DEMO")
    upload(page, "Ward boundaries", wards)
    page.get_by_role("button", name="Start my workspace").click()
    says(page, "2 wards read")
    assert "DEMO" not in said(page)


def answer_a_conflict(page: Playwright, file: Path) -> None:
    bring_in(page, file)
    says(page, "is not a correction of what is stored", "Nothing was stored")
    settled(page)
    page.get_by_text("Add: these files cover another area").click()
    settled(page)
    page.get_by_role("button", name="Bring in like this").click()
    says(page, "5 of 5 rows stored")
    settled(page)


def refuse_a_broken_file(page: Playwright, file: Path) -> None:
    file.write_bytes(gzip.compress(b"not a table"))
    upload(page, "Files of reports", file)
    says(page, "There is a problem")
    expect(page.get_by_role("alert")).to_have_count(1)
