"""Charts and maps to take away: who may have which, and what they say of themselves."""

from __future__ import annotations

import io
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from PIL import Image

from analysis.hotspot_words import OUTLINES
from analysis.jobs.areas import area_table
from analysis.jobs.overview import overview
from analysis.jobs.pictures import chart_picture, map_picture, point_picture
from analysis.report.charts import monthly_summary
from analysis.report.taken import RECORDS, ChartParts, MapParts, PointParts, Shown
from geodata import layers
from geodata import months as m
from geodata.crs import BNG
from geodata.errors import SaferWalksError
from geodata.workspace import Workspace
from tests.builders import batch, incidents, workspace_of

MONTHS = m.span("2025-07", "2026-06")


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    police = [(month, 300, 500) for month in MONTHS]
    return workspace_of(
        tmp_path_factory.mktemp("pictures") / "w", batch("police", incidents(police))
    )


def _words(png: bytes) -> dict[str, str]:
    with Image.open(io.BytesIO(png)) as found:
        found.load()
        return dict(found.text)  # type: ignore[attr-defined]


def _map(here: Workspace, *sources: str, audience: str = "internal") -> bytes:
    areas = area_table(here, layer="wards", first=MONTHS[0], last=MONTHS[-1])
    over = areas.iloc[:1].assign(kind="new")[["kind", "geometry"]]
    parts = MapParts(areas, "count", "Reports", "wards", over, OUTLINES)
    return map_picture(here, parts, Shown("Reports by ward", "A year", sources), audience=audience)  # type: ignore[arg-type]


def test_a_map_of_open_data_is_for_everybody_and_names_its_source(here: Workspace) -> None:
    told = _words(_map(here, "police_uk", audience="public"))
    assert told["Description"].startswith("Reports: 0 in 1, 12 in the other") or (
        "12" in told["Description"]
    )
    assert told["Copyright"].startswith("Source: Police reports (police.uk).")
    assert "Open Government Licence" in told["Copyright"]


@pytest.mark.parametrize("sources", [("council_asb",), ("police_uk", RECORDS)])
def test_what_people_told_leaves_in_no_public_picture(
    here: Workspace, sources: tuple[str, ...]
) -> None:
    with pytest.raises(SaferWalksError, match="not open|packs"):
        _map(here, *sources, audience="public")
    assert _map(here, *sources).startswith(b"\x89PNG")


def test_a_chart_is_drawn_light_with_what_it_shows(here: Workspace, tmp_path: Path) -> None:
    months = overview(here).by_month
    said = monthly_summary(months)
    parts = ChartParts("charts.monthly_chart", (months,), {"what": "Reports"}, said)
    png = chart_picture(here, parts, Shown("By month", "A year", ("police_uk",)), audience="public")
    assert _words(png)["Description"] == said
    with pytest.raises(SaferWalksError):
        chart_picture(here, parts, Shown("x", "y", ("mps_cad",)), audience="public")


def test_a_map_of_named_places_is_numbered_and_for_colleagues_alone(here: Workspace) -> None:
    shapes = [shapely.Point(300, 300), shapely.box(500, 500, 700, 600)]
    places = gpd.GeoDataFrame({"name": ["Gate <1>", "The Green"]}, geometry=shapes, crs=BNG)
    shown = Shown("Places", "As at 3 May 2026", ())
    told = _words(point_picture(here, PointParts(places, "places"), shown))
    assert told["Description"] == "2 places: 1 Gate <1>; 2 The Green."
    assert "the council's own records" in told["Copyright"]
    with pytest.raises(SaferWalksError, match="No place of the list"):
        point_picture(here, PointParts(places.iloc[:0], "places"), shown)


def test_a_picture_names_whose_streets_it_draws(
    here: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    osm = {"attribution": "© OpenStreetMap contributors, ODbL."}
    monkeypatch.setattr(layers, "origins", lambda _: {"streets": osm, "water": osm, "wards": {}})
    assert layers.credits_of(here) == ("© OpenStreetMap contributors, ODbL.",)
    told = _words(_map(here, "police_uk", audience="public"))
    assert told["Copyright"].endswith("Map: © OpenStreetMap contributors, ODbL.")
