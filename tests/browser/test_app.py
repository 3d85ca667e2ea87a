"""A walk through the app in a real browser, with no way out to any network."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from analysis.jobs.demo import make_demo
from tests.serving import served

PAGES = {
    "overview": "Overview",
    "hotspots": "Hotspots",
    "where-next": "Where next",
    "bring-in": "Bring in reports",
    "rejected": "Rejected rows",
    "open-data": "Open data",
    "boundaries": "Ward boundaries",
    "data": "What is stored",
    "method": "Method",
}
MENU = (
    *("overview", "hotspots", "trends", "day-and-hour", "wards-compared", "voice"),
    *("where-next", "did-it-work", "programme"),
    *("feedback", "actions", "walk-requests", "safeguarding"),
    *("bring-in", "rejected", "open-data", "repair", "boundaries", "data", "method"),
)
"""Every page, in the order of the menu; those that are not in PAGES are tried in other files."""

MONTHS = [f"2026-{n:02d}" for n in range(1, 7)]
HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context"
)

Playwright = Any


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, made once; copied for each server."""
    return make_demo(tmp_path_factory.mktemp("made") / "workspace-demo").path


@pytest.fixture(scope="module")
def app(
    chromium: str, demo_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """One server on the demo, for the tests that change nothing."""
    folder = tmp_path_factory.mktemp("app")
    shutil.copytree(demo_folder, folder / "workspace-demo")
    with served(folder / "workspace", folder / "server.log") as address:
        yield address


@pytest.fixture(autouse=True)
def nothing_leaves(traffic: Any) -> Iterator[None]:
    """Whatever a test does, no page of it asks anybody outside for anything."""
    yield
    assert traffic.outside == []


def settled(page: Playwright) -> Playwright:
    """Wait until the page has finished working."""
    page.wait_for_selector("h1")
    page.wait_for_selector("[data-testid='stApp'][data-test-script-state='notRunning']")
    page.wait_for_selector("[data-testid='stSkeleton']", state="detached")
    return page


def opened(page: Playwright, address: str) -> Playwright:
    """Go to an address, with charts and map drawn."""
    page.goto(address)
    settled(page)
    if page.locator("iframe").count():
        on_map(page).locator("path.leaflet-interactive").first.wait_for()
        page.wait_for_timeout(500)  # the map listens to clicks a moment after it is drawn
    return page


def on_map(page: Playwright) -> Playwright:
    """Look inside the map's frame."""
    return page.frame_locator(".stMain iframe")


def said(page: Playwright) -> str:
    """Read the main part of the page."""
    return page.inner_text("[data-testid='stMain']")


def choose(page: Playwright, label: str, option: str) -> None:
    """Choose from a list as a person does with the keyboard."""
    box = page.get_by_role("combobox", name=label)
    box.click()
    box.fill(option)
    page.get_by_role("option", name=option, exact=True).click()
    page.wait_for_timeout(100)
    settled(page)


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


@pytest.mark.parametrize("path", ["bring-in"])  # the first page is asked for first by all others
def test_a_deep_link_may_be_the_very_first_request(
    path: str, demo_folder: Path, page: Playwright, tmp_path: Path
) -> None:
    """Each on a server of its own that nobody has asked anything yet."""
    shutil.copytree(demo_folder, tmp_path / "workspace-demo")
    with served(tmp_path / "workspace", tmp_path / "server.log") as address:
        opened(page, f"{address}/{path}")
        assert page.inner_text("h1") == PAGES[path]
        assert page.title() == f"{PAGES[path]} - Safer Walks"
        assert page.get_by_role("dialog").count() == 0
        menu = page.get_by_role("navigation", name="Pages")
        assert menu.get_by_role("link").count() == len(MENU)
        assert page.locator("[aria-current='page']").inner_text() == PAGES[path]
        links = menu.get_by_role("link")
        assert links.evaluate_all("links => links.map(link => link.href)") == [
            f"{address}/{'' if name == 'overview' else name}" for name in MENU
        ]


def test_a_deep_link_brings_its_filters(app: str, page: Playwright) -> None:
    opened(page, f"{app}/hotspots?side=350&category=burglary&category=drugs&first=2026-01")
    assert page.evaluate("location.search") == (
        "?side=350&category=burglary&category=drugs&first=2026-01"
    )
    assert "Reports by place, January 2026 to June 2026" in said(page)
    assert page.get_by_role("combobox", name="Size of hexagon").input_value() == "350 m"


def test_nonsense_in_an_address_is_said_and_goes(app: str, page: Playwright) -> None:
    opened(page, f"{app}/hotspots?side=7&layer=<script>&first=2026-99")
    assert page.locator("[data-testid='stAlert']").count() == 3
    assert page.locator("[data-testid='stException']").count() == 0
    assert page.evaluate("location.search") == ""


def test_the_back_button_goes_back_through_the_filters(app: str, page: Playwright) -> None:
    opened(page, f"{app}/hotspots")
    choose(page, "Size of hexagon", "350 m")
    assert page.evaluate("location.search") == "?side=350"
    page.go_back()
    page.wait_for_function("location.search === ''")
    page.wait_for_timeout(500)
    settled(page)
    assert page.get_by_role("combobox", name="Size of hexagon").input_value() == "200 m"


def test_the_menu_keeps_what_was_chosen(app: str, page: Playwright) -> None:
    opened(page, f"{app}/hotspots")
    choose(page, "Size of hexagon", "350 m")
    menu = page.get_by_role("navigation", name="Pages")
    menu.get_by_role("link", name="Method").click()
    page.wait_for_selector("h1:has-text('Method')")
    settled(page)
    menu.get_by_role("link", name="Hotspots").click()
    page.wait_for_selector("h1:has-text('Hotspots')")
    settled(page)
    assert page.evaluate("location.search") == "?side=350"
    assert page.get_by_role("combobox", name="Size of hexagon").input_value() == "350 m"


def test_a_click_on_a_hexagon_shows_its_numbers(app: str, page: Playwright) -> None:
    opened(page, f"{app}/hotspots")
    hexagon = on_map(page).locator("path.leaflet-interactive").nth(120)
    hexagon.click()
    page.wait_for_function("location.search.startsWith('?area=h200_')")
    settled(page)
    page.wait_for_selector("text=Lies in")
    area = page.evaluate("new URLSearchParams(location.search).get('area')")
    assert re.fullmatch(r"h200_\d+_-?\d+", area)
    listed = page.get_by_role("combobox", name="Pick a place on the map, or here").input_value()
    place = page.locator(".sw-pairs dd").first.inner_text()
    assert listed.startswith(f"{place} (")
    # Chosen from the list instead, without a mouse: the map marks it just the same.
    choose_first_of_list(page)
    assert page.evaluate("new URLSearchParams(location.search).get('area')") != area


def choose_first_of_list(page: Playwright) -> None:
    box = page.get_by_role("combobox", name="Pick a place on the map, or here")
    box.focus()
    box.fill("near")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    settled(page)


def test_the_map_keeps_its_view_when_a_filter_changes(app: str, page: Playwright) -> None:
    opened(page, f"{app}/hotspots")
    on_map(page).get_by_role("button", name="Zoom in").click()
    page.wait_for_timeout(700)
    before, fills = view(page), colours(page)
    choose(page, "From", "June 2026")
    wait_until(lambda: colours(page) != fills)
    assert view(page) == before
    choose(page, "Size of hexagon", "350 m")
    wait_until(lambda: len(colours(page)) < len(fills))
    assert view(page) == before


def colours(page: Playwright) -> list[str]:
    """Fills of the areas, in order."""
    return (
        on_map(page)
        .locator("path.leaflet-interactive")
        .evaluate_all("paths => paths.map(path => path.getAttribute('fill'))")
    )


def wait_until(done: Callable[[], bool], seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.05)


def test_names_stand_in_place_though_the_style_comes_late(app: str, page: Playwright) -> None:
    page.route("**/leaflet.css", lambda route: (time.sleep(1.5), route.continue_()))
    opened(page, f"{app}/hotspots")
    page.wait_for_timeout(2500)
    frame = on_map(page).locator(".leaflet-container").bounding_box()
    for name in ("Weavers", "Island Gardens", "Lansbury"):
        label = on_map(page).locator(".sw-ward", has_text=name).bounding_box()
        assert frame["x"] < label["x"] < frame["x"] + frame["width"] - label["width"]
        assert label["width"] < 150


def test_files_can_be_taken_away_and_opened(
    app: str, page: Playwright, new_page: Any, traffic: Any, tmp_path: Path
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
    export = new_page()
    export.goto(files["Map (one HTML file)"].as_uri())
    assert "DEMO" in export.inner_text("body")
    assert export.locator("table").count() >= 1
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


def upload(page: Playwright, label: str, *files: Path) -> None:
    group = page.get_by_test_id("stFileUploader").filter(has_text=label)
    wait_until(lambda: group.count() == 1)  # the one used before goes a moment later
    group.locator("input[type=file]").set_input_files([str(path) for path in files])
    page.wait_for_timeout(500)
    settled(page)


def bring_in(page: Playwright, *files: Path) -> None:
    upload(page, "Files of reports", *files)
    page.get_by_role("button", name="Bring in reports", exact=True).click()


LEFT = [(-0.02 - n / 10_000, 51.51) for n in range(40)]
RIGHT = [(-0.005, 51.51)] * 5
OUTSIDE = [(-0.10, 51.51)] * 3


def test_the_walk(demo_folder: Path, page: Playwright, axe: Any, tmp_path: Path) -> None:
    """From the demo to one's own data: wards, reports, a conflict, the quality report."""
    shutil.copytree(demo_folder, tmp_path / "workspace-demo")
    with served(tmp_path / "workspace", tmp_path / "server.log") as address:
        start_a_workspace(page, address, ward_file(tmp_path))
        assert axe(page) == []
        opened(page, f"{address}/overview")
        assert "No reports are stored" in said(page)
        page.get_by_role("link", name="Go to Bring in reports").click()
        page.wait_for_selector("h1:has-text('Bring in reports')")
        settled(page)

        files = [street_file(tmp_path, month, LEFT + OUTSIDE) for month in MONTHS]
        bring_in(page, *files)
        page.wait_for_selector("text=258 of 258 rows stored, 240 of them inside the wards")
        assert "Outside the wards: kept, not counted\n18" in said(page)
        assert axe(page) == []
        bring_in(page, files[0])
        page.wait_for_selector("text=Nothing changed")

        answer_a_conflict(page, street_file(tmp_path, "2026-06", RIGHT))
        refuse_a_broken_file(page, tmp_path / "holiday.csv")
        opened(page, f"{address}/data")
        page.wait_for_selector("text=Every row accounted for")
        assert axe(page) == []
        opened(page, f"{address}/overview")
        assert "\n245\n" in said(page)


def start_a_workspace(page: Playwright, address: str, wards: Path) -> None:
    opened(page, f"{address}/bring-in")
    assert "DEMO" in said(page)
    upload(page, "Ward boundaries", wards)
    page.get_by_role("button", name="Start my workspace").click()
    page.wait_for_selector("text=2 wards read")
    settled(page)
    assert "DEMO" not in said(page)


def answer_a_conflict(page: Playwright, file: Path) -> None:
    bring_in(page, file)
    page.wait_for_selector("text=is not a correction of what is stored")
    assert "Nothing was stored" in said(page)
    page.get_by_text("Add: these files cover another area").click()
    settled(page)
    page.get_by_role("button", name="Bring in like this").click()
    page.wait_for_selector("text=5 of 5 rows stored")
    settled(page)


def refuse_a_broken_file(page: Playwright, file: Path) -> None:
    file.write_bytes(gzip.compress(b"not a table"))
    upload(page, "Files of reports", file)
    page.wait_for_selector("text=There is a problem")
    assert page.get_by_role("alert").count() == 1


@pytest.mark.parametrize(  # the phone tries every page; these differ on a wide screen
    "path", ["hotspots?layer=wards", "where-next", "where-next?preset=womens_walk", "data"]
)
def test_axe_finds_nothing_and_everything_is_named(
    path: str, app: str, page: Playwright, axe: Any
) -> None:
    opened(page, f"{app}/{path}")
    page.wait_for_timeout(500)
    assert axe(page) == []
    levels = page.locator("h1, h2, h3, h4").evaluate_all(
        "nodes => nodes.map(node => Number(node.tagName[1]))"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in zip(levels, levels[1:], strict=False))
    titles = page.locator("iframe").evaluate_all("frames => frames.map(frame => frame.title)")
    assert all(titles)
    assert "streamlit_folium.st_folium" not in titles


@pytest.mark.parametrize("path", ["overview", "hotspots", "where-next", "data"])
def test_axe_finds_nothing_in_the_dark(path: str, app: str, new_page: Any, axe: Any) -> None:
    page = opened(new_page(dark=True), f"{app}/{path}")
    page.wait_for_timeout(500)
    assert axe(page) == []


@pytest.mark.parametrize("path", PAGES)
def test_a_narrow_phone_shows_everything(path: str, app: str, new_page: Any, axe: Any) -> None:
    page = opened(new_page(width=360, height=740), f"{app}/{path}")
    main = page.locator("[data-testid='stMain']")
    assert main.evaluate("main => main.scrollWidth <= main.clientWidth")
    wide = page.locator("[data-testid='stMain'] *").evaluate_all(CUT_OFF)
    assert wide == []
    assert axe(page) == []


# Elements that reach over the edge of the screen and do not lie in something that scrolls.
CUT_OFF = """
nodes => nodes.filter(node => {
  const box = node.getBoundingClientRect();
  if (!box.width || !box.height || box.right <= innerWidth + 1) return false;
  for (let up = node.parentElement; up; up = up.parentElement)
    if (['auto', 'scroll'].includes(getComputedStyle(up).overflowX) &&
        up.dataset.testid !== 'stMain') return false;
  return true;
}).map(node => node.outerHTML.slice(0, 200))
"""


def test_a_fault_of_ours_is_one_box_without_a_traceback(
    demo_folder: Path, page: Playwright, tmp_path: Path
) -> None:
    shutil.copytree(demo_folder, tmp_path / "workspace-demo")
    with served(tmp_path / "workspace", tmp_path / "server.log") as address:
        opened(page, f"{address}/overview")
        for path in (tmp_path / "workspace-demo" / "incidents").rglob("*.parquet"):
            path.write_bytes(b"not parquet")
        page.goto(f"{address}/overview?category=burglary")
        page.wait_for_selector("text=Something went wrong in the program")
        assert "Traceback" not in page.inner_text("body")
        assert "parquet" not in page.inner_text("body").lower()
