"""The exported map and the app's map in a real browser: seen, used, attacked, printed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xstatic.pkg.leaflet
from playwright.sync_api import expect

from analysis.report.classes import legend_for
from analysis.report.html_export import map_html
from analysis.report.maps import base_map
from analysis.report.palette import DARK, LIGHT
from analysis.report.tables import write_text
from tests.browser.driving import steady, until
from tests.drawings import (
    HOSTILE,
    export_arguments,
    grid_wards,
    hexagons,
    hostile_areas,
    some_places,
    with_withheld,
)

LEAFLET = Path(xstatic.pkg.leaflet.BASE_DIR)
NewPage = Callable[..., Any]

OPEN_TOOLTIPS = """() => {
    const map = Object.values(window).find(v => v instanceof L.Map);
    let opened = 0;
    map.eachLayer(l => { if (l.getTooltip && l.getTooltip()) { l.openTooltip(); opened++; } });
    return opened;
}"""


@pytest.fixture(scope="module")
def areas() -> Any:
    return with_withheld(hexagons(grid_wards()))


@pytest.fixture(scope="module")
def exported(areas: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of an export on the disc."""
    path = tmp_path_factory.mktemp("export") / "map.html"
    write_text(map_html(areas, **export_arguments(areas)), path)
    return path.as_uri()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of an export in which every text tries to break out."""
    areas, every = hostile_areas(), " ".join(HOSTILE)
    path = tmp_path_factory.mktemp("hostile") / "map.html"
    page = map_html(
        areas,
        **export_arguments(
            areas, title=every, subtitle=every, summary=HOSTILE, notes=HOSTILE, licences=HOSTILE,
            marks=HOSTILE, areas_are=every, legend=legend_for(areas["count"], title=every),
            wards=areas, places=areas, columns=[("name", every), ("count", every)],
        ),
    )  # fmt: skip
    write_text(page, path)
    return path.as_uri()


def _open(new_page: NewPage, address: str, **options: Any) -> Any:
    page = new_page(**options)
    page.goto(address)
    return page


def _centre(page: Any, index: int) -> tuple[float, float]:
    box = page.locator("#areas path").nth(index).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


# Opened from a disc


def test_it_opens_from_a_disc_and_asks_for_nothing(new_page, exported, traffic, areas):
    page = _open(new_page, exported)
    expect(page.locator("#map .leaflet-overlay-pane svg #areas path")).to_have_count(len(areas))
    expect(page.locator(".leaflet-control-zoom")).to_be_visible()
    page.wait_for_timeout(300)
    assert traffic.requests == [exported]
    assert traffic.errors == []
    assert page.title() == "DEMO - invented data | Reports by hexagon"


def test_the_policy_stops_what_does_not_belong(new_page, exported, traffic):
    page = _open(new_page, exported)
    blocked = page.evaluate(
        """async () => {
            const seen = [];
            document.addEventListener("securitypolicyviolation",
                e => seen.push(e.effectiveDirective));
            const script = document.createElement("script");
            script.textContent = "window.__pwned = 1";
            document.body.append(script);
            document.body.insertAdjacentHTML("beforeend",
                "<img src='https://evil.example/x.png'><p style='color:red' onclick='1'>x</p>");
            document.querySelector("p[onclick]").click();
            await fetch("https://evil.example/").catch(() => {});
            await new Promise(r => setTimeout(r, 200));
            return [...new Set(seen)].sort();
        }"""
    )
    assert blocked == [
        *("connect-src", "img-src", "script-src-attr", "script-src-elem", "style-src-attr"),
    ]
    assert page.evaluate("window.__pwned") is None


def test_hostile_text_neither_runs_nor_fetches(new_page, hostile, traffic):
    page = _open(new_page, hostile)
    page.on("dialog", lambda _: pytest.fail("a dialog opened"))
    find = page.locator("#find")
    expect(find.locator("option")).to_have_count(len(HOSTILE) + 1)
    for index in range(len(HOSTILE)):
        find.select_option(str(index))
        page.locator("#areas path").nth(index).dispatch_event("pointermove")
    page.wait_for_timeout(300)
    assert page.evaluate("window.__pwned") is None
    assert traffic.requests == [hostile]
    assert traffic.errors == []
    expect(page.locator("#said dd").first).to_have_text(HOSTILE[-1])


def test_axe_finds_nothing_however_it_is_looked_at(new_page, exported, axe):
    page, found = _open(new_page, exported), {}
    page.locator("#find").select_option("1")
    for width, height in ((1280, 900), (360, 740), (640, 450)):  # a desk, a phone, 200 per cent
        page.set_viewport_size({"width": width, "height": height})
        for colours in ("light", "dark"):
            page.emulate_media(color_scheme=colours)
            found[width, colours] = axe(page)
    assert {seen: faults for seen, faults in found.items() if faults} == {}


def test_nothing_needs_sideways_scrolling(new_page, exported):
    page = new_page()
    for width, height in ((360, 900), (320, 900), (320, 225)):  # the last as at 400 per cent
        page.set_viewport_size({"width": width, "height": height})
        page.goto(exported)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (width, height)


# With scripts off


def test_without_scripts_the_map_the_legend_and_the_table_are_there(new_page, exported, areas):
    page = _open(new_page, exported, scripts=False)
    assert page.locator("#map > svg").is_visible()
    assert page.locator("#areas path").count() == len(areas)
    assert page.locator(".legend li").count() == 9
    assert page.locator("tbody tr").count() == len(areas)
    assert page.locator(".tools").is_hidden()
    assert page.locator("#scale").is_visible()


# Used


def test_it_is_used_with_a_pointer(new_page, exported, areas):
    page = _open(new_page, exported)
    it_has_a_name_and_says_how_it_is_used(page)
    pointing_at_an_area_names_it(page, areas)
    clicking_an_area_shows_its_numbers_and_marks_its_row(page, areas)
    page.goto(exported)
    show_everything_brings_the_whole_map_back(page)
    choosing_a_row_brings_its_area_into_the_middle(page)
    page.goto(exported)
    names_keep_their_size_when_the_map_grows(page)


def it_has_a_name_and_says_how_it_is_used(page):
    name = page.locator("#map").get_attribute("aria-label")
    assert page.locator("#map").get_attribute("role") == "region"
    assert name.startswith("Map of hexagons, coloured by reports. The table holds the same.")
    assert "Arrow keys" in name


def pointing_at_an_area_names_it(page, areas):
    page.locator("#map").scroll_into_view_if_needed()
    page.mouse.move(*_centre(page, 5))
    expect(page.locator("#tip")).to_have_text(f"{areas['name'][5]} Reports: 5", use_inner_text=True)
    page.mouse.move(5, 5)
    expect(page.locator("#tip")).to_be_hidden()


def clicking_an_area_shows_its_numbers_and_marks_its_row(page, areas):
    page.locator("#map").scroll_into_view_if_needed()
    page.mouse.click(*_centre(page, 4))
    said = ["Place", areas["name"][4], "Reports", "1 to 4", "Class on the map", "withheld"]
    expect(page.locator("#said")).to_have_text(" ".join(said), use_inner_text=True)
    expect(page.locator("tr.chosen th")).to_have_text(areas["name"][4])
    expect(page.locator("#find")).to_have_value("4")


def show_everything_brings_the_whole_map_back(page):
    before = _centre(page, 3)
    page.locator("#find").select_option("7")
    page.locator("#all").click()
    until(page, lambda: _centre(page, 3) == pytest.approx(before, abs=2))


def choosing_a_row_brings_its_area_into_the_middle(page):
    page.locator("tbody th").nth(9).click()

    def is_in_the_middle() -> bool:
        box = page.locator("#map").bounding_box()
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        return _centre(page, 9) == pytest.approx(middle, abs=3)

    until(page, is_in_the_middle)


def names_keep_their_size_when_the_map_grows(page):
    name = page.locator("#names text").first

    def height() -> float:
        return name.bounding_box()["height"]

    def width() -> float:
        return page.locator("#areas path").nth(0).bounding_box()["width"]

    before, narrow = height(), width()
    for times in (2, 4):
        page.locator(".leaflet-control-zoom-in").click()
        until(page, lambda times=times: width() > 0.9 * times * narrow)
    assert steady(page, height) == pytest.approx(before, rel=0.15)


def test_it_is_used_by_keyboard_alone(new_page, exported, areas):
    page = _open(new_page, exported)
    the_keyboard_reaches_everything(page)
    page.goto(exported)
    the_skip_link_leads_to_the_table(page)
    page.goto(exported)
    page.locator("#find").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#said")).to_contain_text(areas["name"][0])
    page.goto(exported)
    arrow_keys_move_the_map_and_plus_zooms_it(page)


def the_keyboard_reaches_everything(page):
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["x"] >= 0
    reached = []
    for _ in range(8):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("document.activeElement.id || document.activeElement.className")
        )
    assert reached[:5] == [
        *("find", "all", "map", "leaflet-control-zoom-in", "leaflet-control-zoom-out"),
    ]
    assert {"scroll"} <= set(reached)


def the_skip_link_leads_to_the_table(page):
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_function("location.hash === '#table' && document.activeElement.id === 'table'")


def arrow_keys_move_the_map_and_plus_zooms_it(page):
    page.locator("#map").focus()
    before = _centre(page, 0)
    page.keyboard.press("ArrowRight")
    until(page, lambda: _centre(page, 0)[0] < before[0] - 20)
    steady(page, lambda: _centre(page, 0))
    width = page.locator("#areas path").nth(0).bounding_box()["width"]
    page.keyboard.press("+")
    until(page, lambda: page.locator("#areas path").nth(0).bounding_box()["width"] > 1.5 * width)


# Light, dark, paper


def test_colours_follow_the_theme(new_page, exported):
    page = _open(new_page, exported)
    for colours, palette in (("light", LIGHT), ("dark", DARK)):
        page.emulate_media(color_scheme=colours)
        red, green, blue = (int(palette.shades[5][i : i + 2], 16) for i in (1, 3, 5))
        expect(page.locator("#areas .c5").first).to_have_css("fill", f"rgb({red}, {green}, {blue})")


def test_paper_shows_the_whole_map_in_light_colours_whatever_the_screen_showed(new_page, exported):
    page = _open(new_page, exported, dark=True, width=700)
    page.locator("#find").select_option("7")
    page.locator(".leaflet-control-zoom-in").click()
    page.emulate_media(media="print", color_scheme="dark")

    def widths() -> list[float]:
        return [page.locator(name).bounding_box()["width"] for name in ("#map", "#map svg")]

    until(page, lambda: widths()[1] == pytest.approx(widths()[0], abs=1))
    sheet = page.locator("#map").bounding_box()
    for index in (0, -1):
        x, y = _centre(page, index)
        assert sheet["x"] < x < sheet["x"] + sheet["width"]
        assert sheet["y"] < y < sheet["y"] + sheet["height"]
    assert page.locator(".tools").is_hidden()
    assert page.locator(".leaflet-control-zoom").is_hidden()
    fill = page.locator("#areas .c5").first.evaluate("e => getComputedStyle(e).fill")
    assert fill == "rgb(18, 67, 109)"
    assert page.pdf(format="A4").startswith(b"%PDF")


# The app's map to point at


def test_the_map_to_point_at_asks_only_for_our_own_leaflet_and_runs_no_name(new_page, traffic):
    page, names = new_page(), hostile_areas()
    page.on("dialog", lambda _: pytest.fail("a dialog opened"))
    drawn = base_map(names, names, label=" ".join(HOSTILE)).get_root().render()
    _serve(page, drawn)
    page.locator(".sw-label.sw-ward").first.wait_for(state="attached")
    opened = page.evaluate(OPEN_TOOLTIPS)
    page.wait_for_timeout(300)
    assert opened == 2 * len(HOSTILE)  # wards, places
    assert page.evaluate("window.__pwned") is None
    assert traffic.outside == []
    assert [r.rpartition("/")[2] for r in traffic.requests] == [
        *("index.html", "leaflet.js", "leaflet.css"),
    ]
    assert traffic.errors == []


def test_the_attack_works_where_nothing_is_escaped(new_page, monkeypatch):
    # A check of the check: without escaping the very same steps run the first text of the corpus.
    monkeypatch.setattr("analysis.report.maps.html_text", str)
    page, evil = new_page(), '<img/src="x"onerror="window.__pwned=1">'  # names break at blanks
    names = some_places().assign(name=evil)
    _serve(page, base_map(grid_wards(), names).get_root().render())
    page.evaluate(OPEN_TOOLTIPS)
    page.wait_for_function("window.__pwned === 1")


def _serve(page: Any, html: str) -> None:
    def answer(route: Any) -> None:
        _, _, name = route.request.url.partition("/vendor/leaflet/")
        if name:
            route.fulfill(path=LEAFLET / name)
        else:
            route.fulfill(body=html, content_type="text/html; charset=utf-8")

    page.route("http://127.0.0.1:9/**", answer)
    page.goto("http://127.0.0.1:9/component/streamlit_folium.st_folium/index.html")
