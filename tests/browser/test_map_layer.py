"""The app's own map layer in a real browser, without the app: seen, used, and attacked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import xstatic.pkg.leaflet
from playwright.sync_api import expect

from analysis.report.classes import legend_for
from analysis.report.screen_map import ground_pack, picture, shapes_pack
from geodata.package_files import package_text
from tests.drawings import (
    HOSTILE,
    grid_wards,
    hexagons,
    hostile_areas,
    some_places,
    with_withheld,
)

LEAFLET = Path(xstatic.pkg.leaflet.BASE_DIR)
PROGRAM = package_text("pages", "assets/map_layer.js")
STYLE = package_text("pages", "assets/map_layer.css")
AREAS = ".leaflet-overlay-pane path.leaflet-interactive"

# As Streamlit's page under a base path: its own script tells where the server's root is.
PAGE = f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>A map</title>
<style>{STYLE}</style><script type="module" src="./static/js/index.js"></script>
<body><main id="here" style="width:600px"></main></body></html>"""

DRAW = """async ([packs, data]) => {
  const { default: put } = await import("/walks/own/map_layer.js");
  window.told ??= [];
  packs.forEach((pack) => put({ data: new TextEncoder().encode(pack) }));
  await window.saferWalksMap.draw({
    parentElement: document.getElementById("here"), data,
    setTriggerValue: (name, value) => window.told.push([name, value]),
  });
}"""

SAY_ALL = """() => {
  const [screen] = [...window.saferWalksMap.screens.values()];
  return screen.areas.map((area) => {
    area.fire("mouseover", { latlng: area.getCenter() }, true);
    return document.querySelector(".sw-tip").textContent;
  });
}"""


@pytest.fixture(scope="module")
def areas() -> gpd.GeoDataFrame:
    return with_withheld(hexagons(grid_wards()))


@pytest.fixture
def draw(new_page: Callable[..., Any]) -> Callable[..., Any]:
    """Draw a map on a page of its own; on a `page` it is drawn on already, anew."""

    def one(areas: gpd.GeoDataFrame, page: Any = None, program: str = PROGRAM, **other: Any) -> Any:
        page = page or served(new_page(), program)
        withheld = areas["withheld"].ne("") if "withheld" in areas else None
        legend = legend_for(areas["count"], title="Reports", withheld=withheld)
        ground, shapes = ground_pack(grid_wards(), some_places()), shapes_pack(areas)
        if "ward_name" in other:
            names = other.pop("ward_name")
            ground = ground_pack(names, names)
        data = {
            **picture(areas, value="count", legend=legend, selected=other.pop("selected", None)),
            "ground": ground.name, "shapes": shapes.name, "over": None, "label": "Map of hexagons",
            "name": "area", "drawing": False, "height": 420, **other,
        }  # fmt: skip
        page.evaluate(DRAW, [[p.data.decode() for p in (ground, shapes)], data])
        return page

    return one


def served(page: Any, program: str) -> Any:
    def answer(route: Any) -> None:
        _, _, name = route.request.url.partition("/walks/vendor/leaflet/")
        if name:
            route.fulfill(path=LEAFLET / name)
        elif route.request.url.endswith("map_layer.js"):
            route.fulfill(body=program, content_type="text/javascript; charset=utf-8")
        elif route.request.url.endswith("index.js"):
            route.fulfill(body="", content_type="text/javascript")
        else:
            route.fulfill(body=PAGE, content_type="text/html; charset=utf-8")

    page.route("http://127.0.0.1:9/**", answer)
    page.goto("http://127.0.0.1:9/walks/hotspots")
    return page


def fills(page: Any) -> list[str]:
    read = "paths => paths.map(path => path.getAttribute('fill'))"
    found: list[str] = page.locator(AREAS).evaluate_all(read)
    return found


def test_a_map_is_drawn_recoloured_and_clicked(
    draw: Callable[..., Any], areas: gpd.GeoDataFrame, traffic: Any
) -> None:
    page = draw(areas)
    expect(page.locator(AREAS)).to_have_count(len(areas))
    expect(page.get_by_role("region", name="Map of hexagons")).to_be_visible()
    expect(page.locator(".sw-label.sw-ward")).to_have_text(["Ward 1", "Ward 2"])
    assert traffic.outside == []
    asked = sorted(address.partition("/walks/")[2] for address in traffic.requests)
    assert asked == [
        *("hotspots", "own/map_layer.js", "static/js/index.js"),
        *("vendor/leaflet/leaflet.css", "vendor/leaflet/leaflet.js"),
    ]
    for at, kind in ((2, "no-data"), (4, "withheld")):
        name = fills(page)[at].removeprefix("url(#").removesuffix(")")
        assert name.endswith(kind)
        expect(page.locator(f"pattern#{name}")).to_be_attached()
    assert page.evaluate(SAY_ALL)[4].endswith("Reports: Withheld: too few to show")
    # Other numbers: the same shapes are coloured anew, in the view that a person chose.
    page.get_by_role("button", name="Zoom in").click()
    where = "() => [...saferWalksMap.screens.values()][0].map.getZoom()"
    zoom = page.evaluate(where)
    first, before = page.locator(AREAS).first.element_handle(), fills(page)
    draw(areas.assign(count=areas["count"].iloc[::-1].to_numpy()), page=page)
    assert fills(page) != before
    assert page.evaluate(where) == zoom
    assert first.evaluate("path => path.isConnected")
    # A click tells the area, once: what is chosen already tells nothing.
    chosen = areas["area_id"].iloc[7]
    for _ in range(2):
        page.evaluate("() => [...saferWalksMap.screens.values()][0].areas[7].fire('click', "
                      "{ latlng: L.latLng(51.5, 0.1) }, true)")  # fmt: skip
    assert page.evaluate("told") == [["click", {"id": chosen, "lng": 0.1, "lat": 51.5}]]
    # While a person draws, a click is a corner and no area.
    draw(areas, page=page, drawing=True, selected=chosen)
    page.locator(".sw-map").click(position={"x": 300, "y": 200})
    (name, corner) = page.evaluate("told").pop()
    assert (name, corner["id"]) == ("click", "")
    assert 51 < corner["lat"] < 52
    assert traffic.errors == []


def test_hostile_text_neither_runs_nor_fetches(draw: Callable[..., Any], traffic: Any) -> None:
    areas = hostile_areas().assign(note=list(HOSTILE))
    every = " ".join(HOSTILE)
    page = draw(
        areas, ward_name=areas, label=every, tip=[[every, list(HOSTILE), [*range(len(HOSTILE))]]]
    )
    page.on("dialog", lambda _: pytest.fail("a dialog opened"))
    told = page.evaluate(SAY_ALL)
    assert len(told) == len(HOSTILE)
    assert HOSTILE[0] in told[0]  # as the words they are
    page.wait_for_timeout(300)
    assert page.evaluate("window.__pwned") is None
    assert traffic.outside == []
    assert traffic.errors == []


def test_the_attack_works_where_words_are_written_as_html(draw: Callable[..., Any]) -> None:
    # A check of the check: with one line changed the very same steps run the first text.
    careless = PROGRAM.replace("node.textContent = line", "node.innerHTML = line")
    assert careless != PROGRAM
    page = draw(hostile_areas().head(1), program=careless)
    page.evaluate(SAY_ALL)
    page.wait_for_function("window.__pwned === 1")


def test_without_leaflet_it_says_so(draw: Callable[..., Any], new_page: Any, areas: Any) -> None:
    page = served(new_page(), PROGRAM)
    page.route("**/vendor/leaflet/**", lambda route: route.abort())
    draw(areas, page=page)
    expect(page.locator(".sw-map")).to_contain_text("The map could not be drawn.")
