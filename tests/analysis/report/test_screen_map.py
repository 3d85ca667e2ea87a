"""What the app's own map layer is told: shapes once, then classes and words, nothing withheld."""

from __future__ import annotations

import json
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.report.classes import Legend, legend_for
from analysis.report.map_lines import DASHES, LINE
from analysis.report.palette import DARK, LIGHT
from analysis.report.screen_map import (
    STEP,
    Pack,
    coded,
    fingerprint,
    ground_pack,
    lines_over,
    picture,
    shapes_pack,
    with_shapes,
)
from geodata.crs import BNG, to_lonlat
from geodata.errors import CrsError
from tests.drawings import HOSTILE, grid_wards, hexagons, hostile_areas, some_places, with_withheld


@pytest.fixture(scope="module")
def areas() -> gpd.GeoDataFrame:
    return with_withheld(hexagons(grid_wards()))


def legend_of(areas: gpd.GeoDataFrame) -> Legend:
    withheld = areas["withheld"].ne("") if "withheld" in areas else None
    return legend_for(areas["count"], title="Reports", withheld=withheld)


def said(pack: Pack) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(pack.data[32:])
    return found


def words(shown: dict[str, Any], at: int) -> list[str]:
    """Give the lines of an area's tooltip, as the map layer puts them together."""
    return [f"{label}: {texts[which[at]]}" for label, texts, which in shown["tip"]]


def shapes_back(told: dict[str, Any]) -> list[list[list[list[tuple[int, int]]]]]:
    """Read shapes as the map layer does, by another way: slices of running sums."""

    def each(given: int | list[int], count: int) -> list[int]:
        return [given] * count if isinstance(given, int) else given

    corners = np.cumsum(np.array(told["xy"]).reshape(-1, 2), axis=0).tolist()
    groups: list[Any] = [tuple(corner) for corner in corners]
    parts = each(told["parts"], told["count"])
    rings = each(told["rings"], sum(parts))
    for sizes in (each(told["corners"], sum(rings)), rings, parts):
        ends = np.cumsum(sizes).tolist()
        groups = [groups[end - size : end] for size, end in zip(sizes, ends, strict=True)]
    return groups


def expected(shape: shapely.Geometry) -> list[list[list[tuple[int, int]]]]:
    def corners(ring: shapely.LinearRing) -> list[tuple[int, int]]:
        lon, lat = to_lonlat(*np.array(ring.coords[:-1]).T)
        return [(round(x / STEP), round(y / STEP)) for x, y in zip(lon, lat, strict=True)]

    return [
        [corners(ring) for ring in (part.exterior, *part.interiors)]
        for part in shapely.get_parts(shape)
    ]


def test_holes_and_islands_come_back_as_they_were() -> None:
    x, y = 530_000.0, 180_000.0
    ring = shapely.box(x, y, x + 900, y + 900).difference(
        shapely.box(x + 300, y + 300, x + 600, y + 600)
    )
    island = shapely.box(x + 2000, y, x + 2100, y + 100)
    both = shapely.MultiPolygon([ring, island])
    told = coded(np.array([island, both, ring]))
    assert shapes_back(told) == [expected(shape) for shape in (island, both, ring)]
    assert (told["parts"], told["rings"], told["corners"]) == ([1, 2, 1], [1, 2, 1, 2], 4)


MANY = hexagons(grid_wards(6, 5), 350).geometry.to_numpy()


@settings(max_examples=30)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=5))
def test_any_hexagons_come_back_as_they_were(which: list[int]) -> None:
    shapes = MANY[which]
    assert shapes_back(coded(shapes)) == [expected(shape) for shape in shapes]


def test_lines_keep_both_ends_and_points_are_left_out() -> None:
    line = shapely.LineString([(530_000, 180_000), (530_500, 180_000), (530_000, 180_000)])
    lines = shapely.MultiLineString([line, shapely.LineString([(0, 0), (500, 9)])])
    told = coded(np.array([line, lines, shapely.Point(1, 1)]))
    assert (told["parts"], told["corners"], told["count"]) == ([1, 2, 0], [3, 3, 2], 3)


def test_neighbours_share_their_corners_after_rounding(areas: gpd.GeoDataFrame) -> None:
    groups = shapes_back(coded(areas.geometry.to_numpy()))
    corners = {corner for ((ring,),) in groups for corner in ring}
    # With every corner its own there would be six an area; inside a borough three meet at each.
    assert len(corners) < 4 * len(areas)
    assert len(corners) == len({c for s in areas.geometry for (r,) in expected(s) for c in r})


def test_a_pack_is_named_after_its_content_and_holds_no_number_of_reports(
    areas: gpd.GeoDataFrame,
) -> None:
    pack = shapes_pack(areas)
    assert pack.data[:32].decode() == pack.name
    assert set(said(pack)) == {"ids", "names", "xy", "corners", "rings", "parts", "count"}
    assert said(pack)["ids"] == areas["area_id"].tolist()
    assert shapes_pack(areas.assign(count=99.0)) == pack
    assert shapes_pack(areas.assign(name="x")).name != pack.name
    assert fingerprint(areas.assign(count=99.0), "name") == fingerprint(areas, "name")
    assert fingerprint(areas[1:], "name") != fingerprint(areas, "name")


def test_two_thousand_hexagons_take_less_than_200_kb_and_a_change_less_than_25() -> None:
    wards = grid_wards(9, 6)
    areas = hexagons(wards, 100).head(2000)
    assert len(areas) == 2000
    tip = [("count", "Reports"), ("count", "Per km²")]
    change = picture(areas, value="count", legend=legend_of(areas), tip=tip)
    assert len(shapes_pack(areas).data) < 200_000
    assert len(json.dumps(change)) < 25_000


def test_no_data_and_withheld_say_so_and_are_hatched_differently(areas: gpd.GeoDataFrame) -> None:
    shown = picture(areas, value="count", legend=legend_of(areas))
    assert words(shown, 0) == ["Reports: 0"]
    assert words(shown, 2) == ["Reports: No data"]
    assert words(shown, 4) == ["Reports: Withheld: too few to show"]
    fills = [shown["fills"][str(shown["classes"][at])] for at in (2, 4)]
    assert fills == ["no-data", "withheld"]


def test_a_withheld_number_is_never_sent_whatever_the_frame_still_holds(
    areas: gpd.GeoDataFrame,
) -> None:
    slipped = areas.assign(rate=np.where(areas["withheld"].ne(""), 76543.0, 1.0))
    shown = picture(slipped, value="count", legend=legend_of(areas), tip=[("rate", "Rate")])
    assert words(shown, 4) == ["Rate: Withheld: too few to show"]
    assert words(shown, 5) == ["Rate: 1"]
    assert "76" not in json.dumps(shown["tip"]).replace("\\u00b2", "")


@pytest.mark.parametrize(("theme", "palette"), [("light", LIGHT), ("dark", DARK)])
def test_areas_take_the_colour_of_their_class(theme: Any, palette: Any) -> None:
    areas = hexagons(grid_wards()).head(3).assign(count=[0.0, 3.0, 9.0])
    shown = picture(areas, value="count", legend=legend_of(areas), theme=theme)
    fills = [shown["fills"][str(number)] for number in shown["classes"]]
    assert fills == [palette.shades[0], palette.shades[2], palette.shades[4]]
    assert shown["colours"]["accent"] == palette.accent
    assert shown["colours"]["line"] == LINE[theme]


def test_the_chosen_area_is_told_by_its_position(areas: gpd.GeoDataFrame) -> None:
    legend = legend_of(areas)
    chosen = picture(areas, value="count", legend=legend, selected=areas["area_id"].iloc[7])
    assert chosen["selected"] == 7
    assert picture(areas, value="count", legend=legend)["selected"] == -1
    assert picture(areas, value="count", legend=legend, selected="gone")["selected"] == -1


def test_further_lines_of_the_tooltip_are_taken_from_their_columns() -> None:
    areas = hexagons(grid_wards()).head(2)
    areas = areas.assign(per_km2=[12.345, np.nan], ward_shares="Ward 1: 60 %")
    tip = [("per_km2", "Per km²"), ("ward_shares", "Lies in")]
    shown = picture(areas, value="count", legend=legend_of(areas), tip=tip)
    assert words(shown, 0) == ["Per km²: 12.3", "Lies in: Ward 1: 60 %"]
    assert words(shown, 1) == ["Per km²: no data", "Lies in: Ward 1: 60 %"]


def test_an_empty_frame_and_areas_without_a_shape_are_no_error(areas: gpd.GeoDataFrame) -> None:
    none = areas.head(0)
    assert said(shapes_pack(none))["xy"] == []
    assert picture(none, value="count", legend=legend_of(none))["classes"] == []
    shapeless = areas.set_geometry([None, *areas.geometry[1:]], crs=BNG)
    assert with_shapes(shapeless)["area_id"].tolist() == areas["area_id"].tolist()[1:]
    assert with_shapes(areas) is areas


def test_hostile_words_are_sent_as_the_text_they_are() -> None:
    areas = hostile_areas()
    told = said(shapes_pack(areas))
    assert told["names"][1] == HOSTILE[1]  # the map layer writes it as text
    assert told["names"][HOSTILE.index("\u202egnp.exe")] == "gnp.exe"
    assert len(said(ground_pack(areas, areas))["labels"]) == 2 * len(HOSTILE)


def test_the_ground_holds_wards_with_names_and_stations_before_parks() -> None:
    told = said(ground_pack(grid_wards(), some_places()))
    assert [(kind, lines) for kind, _, lines in told["labels"]] == [
        ("ward", ["Ward 1"]),
        ("ward", ["Ward 2"]),
        ("place", ["Mill Station"]),
        ("place", ["Green Park"]),
    ]
    [south, west], [north, east] = told["bounds"]
    lat, lon = told["labels"][0][1]
    assert south < lat < north
    assert west < lon < east
    assert north - south < 0.02  # a kilometre and its margin
    assert told["water"] is None


def test_a_kind_of_outline_has_its_dashes(areas: gpd.GeoDataFrame) -> None:
    over = gpd.GeoDataFrame({"kind": ["new", "fading"]}, geometry=areas.geometry[:2], crs=BNG)
    told = lines_over(over)
    assert told is not None
    assert told["dashes"] == [DASHES["new"], DASHES["fading"]]
    assert told["count"] == 2
    assert lines_over(over.head(0)) is None


@pytest.mark.parametrize("make", [shapes_pack, ground_pack, lines_over])
def test_frames_in_degrees_are_refused(make: Any) -> None:
    wards = grid_wards().assign(area_id="a", name="b", kind="new")
    with pytest.raises(CrsError):
        make(wards.to_crs(4326))


def test_roads_in_degrees_are_refused() -> None:
    with pytest.raises(CrsError):
        ground_pack(grid_wards(), roads=grid_wards().to_crs(4326))
