"""The drawing itself: the right shapes, in the right place, on the right scale."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import numpy as np
import pyproj
import pytest
import shapely

from analysis.report.classes import legend_for
from analysis.report.svg_map import mercator, path_data, svg_map
from geodata.crs import to_lonlat
from tests.drawings import grid_wards, hexagons, hostile_areas, some_places, with_withheld

ORIGIN = np.array([0, 100])


def _draw(areas, wards=None, places=None):
    withheld = areas["withheld"].ne("") if "withheld" in areas else None
    legend = legend_for(areas["count"], title="Reports", withheld=withheld)
    classes = legend.class_of(areas["count"], withheld)
    wards = grid_wards() if wards is None else wards
    return svg_map(areas, classes, legend, wards=wards, places=places, label="Map")


def test_mercator_is_the_projection_of_browsers_maps():
    x, y = np.array([530_000.0, 541_000.0]), np.array([180_000.0, 168_500.0])
    points = mercator(shapely.points(x, y))
    official = pyproj.Transformer.from_crs(4326, 3857, always_xy=True)
    expected = shapely.points(*official.transform(*to_lonlat(x, y)))
    assert (shapely.distance(points, expected) < 1).all()


@pytest.mark.parametrize(
    ("shape", "path"),
    [
        # y downwards from 100: (0,0) is at 100, (10,40) at 60; rings close by themselves
        (shapely.Polygon([(0, 0), (10, 40), (20, 0)]), "M0 100l10-40l10 40z"),
        (
            shapely.Polygon(
                [(30, 0), (30, 30), (0, 30), (0, 0)], [[(20, 10), (10, 10), (10, 20), (20, 20)]]
            ),
            "M30 100v-30h-30v30zM20 90h-10v-10h10z",
        ),
        (shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6)]), None),
        (None, ""),
    ],
)
def test_paths_are_written_as_short_relative_steps(shape, path):
    written = path_data(shape, ORIGIN)
    if path is None:
        assert written.count("M") == written.count("z") == 2
    else:
        assert written == path


def test_a_path_reads_back_as_the_shape():
    shape = mercator(grid_wards().geometry.to_numpy())[0]
    written = path_data(shape, np.array([0, 0]))
    points = [np.array(re.match(r"M(-?\d+) (-?\d+)", written).groups(), dtype=int)]
    for step, first, second in re.findall(r"([lhv])(-?\d+)(?: ?(-?\d+))?", written):
        move = {"l": (first, second or 0), "h": (first, 0), "v": (0, first)}[step]
        points.append(points[-1] + np.array(move, dtype=int))
    assert shapely.Polygon(np.array(points) * [1, -1]).equals(shape)


def test_the_drawing_is_well_formed_and_has_one_path_an_area():
    areas = with_withheld(hexagons(grid_wards()))
    root = ET.fromstring(_draw(areas, places=some_places()).svg)
    paths = root.find(".//g[@id='areas']")
    kinds = [path.get("class") for path in paths]
    assert len(kinds) == len(areas)
    assert (kinds[0], kinds[2], kinds[4]) == ("c0", "none", "held")
    assert root.get("role") == "img"
    assert root.get("aria-label") == "Map"


def test_every_area_above_zero_carries_its_class_number():
    areas = hexagons(grid_wards())
    root = ET.fromstring(_draw(areas).svg)
    legend = legend_for(areas["count"], title="Reports")
    classes = legend.class_of(areas["count"])
    said = [text.text for text in root.find(".//g[@id='numbers']")]
    assert said == [str(c) for c in classes if c > 0]


def test_nothing_is_styled_in_place_and_nothing_is_fetched():
    svg = _draw(hexagons(grid_wards()), places=some_places()).svg
    assert not re.search(r"\sstyle=|\son\w+=|https?:|<image|<foreignObject|<script", svg)
    assert set(re.findall(r'href="([^"]*)"', svg)) == {"#w"}


def test_hostile_names_stay_text():
    areas = hostile_areas()
    areas["ward_name"] = areas["name"]
    root = ET.fromstring(_draw(areas, wards=areas, places=areas).svg)
    assert {e.tag for e in root.iter()} <= {
        *("svg", "g", "defs", "pattern", "rect", "circle", "path", "use", "text", "tspan"),
    }
    texts = "".join(root.itertext())
    assert "<img src=x onerror" in texts  # there, and harmless


def test_names_that_would_cover_each_other_are_switched_off():
    wards = grid_wards(8, 8, 100.0)
    wards["ward_name"] = [f"A rather long name {n}" for n in range(64)]
    root = ET.fromstring(_draw(hexagons(grid_wards()), wards=wards).svg)
    names = list(root.find(".//g[@id='names']"))
    hidden = [name for name in names if name.get("class") == "off"]
    assert len(names) == 64
    assert 0 < len(names) - len(hidden) < 64


def test_where_areas_are_wards_the_number_stands_under_the_name():
    wards = grid_wards(2, 1)
    areas = wards.assign(area_id=wards["ward_code"], name=wards["ward_name"], count=[3.0, 9.0])
    drawing = _draw(areas, wards=wards)
    root = ET.fromstring(drawing.svg)
    assert "named" in root.get("class").split()
    assert [n.get("dy") for n in root.find(".//g[@id='numbers']")] == ["1.15em", "1.15em"]


def test_the_scale_bar_is_as_long_as_it_says():
    drawing = _draw(hexagons(grid_wards(6, 6)), wards=grid_wards(6, 6))
    root = ET.fromstring(drawing.svg)
    bar, words = root.find(".//g[@id='scale']")
    x, y, length = (
        int(re.search(p, bar.get("d")).group(1)) for p in (r"M(\d+)", r" (\d+)v", r"h(\d+)")
    )
    back = pyproj.Transformer.from_crs(3857, 4326, always_xy=True)
    ends = [back.transform(drawing.west + x + step, drawing.north - y) for step in (0, length)]
    ground = pyproj.Geod(ellps="WGS84").inv(*ends[0], *ends[1])[2]
    assert words.text == "1 km"
    assert ground == pytest.approx(1000, rel=0.005)


def test_the_drawing_holds_every_area_inside_its_frame():
    drawing = _draw(hexagons(grid_wards()))
    starts = re.findall(r"M(-?\d+) (-?\d+)", drawing.svg.split('id="areas"')[1].split("</g>")[0])
    assert all(0 < int(x) < drawing.width and 0 < int(y) < drawing.height for x, y in starts)
