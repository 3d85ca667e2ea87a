"""Map files: whose they are, what they say, what they never hold."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from PIL import Image

from analysis.jobs.handing_out import map_for
from analysis.jobs.maps import MapLayer, map_file
from geodata import months as m
from geodata.errors import NotEnoughDataError, SaferWalksError
from geodata.workspace import Workspace
from tests.builders import batch, incidents, two_wards, workspace_of

LAYERS: tuple[MapLayer, ...] = ("wards", "hotspots", "locations")
ROWS = [(month, 200, 200) for month in m.window("2026-04", 12) for _ in range(3)]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_of(tmp_path / "w", batch("met", incidents(ROWS)))


@pytest.mark.parametrize("layer", LAYERS)
def test_the_file_names_its_cut_off_and_licences_and_asks_for_nothing(
    workspace: Workspace, layer: MapLayer
) -> None:
    page = map_file(workspace, layer=layer, as_at="2026-04")
    assert "April 2026" in page
    assert "Open Government Licence" in page
    assert "Leaflet" in page
    markup = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r"""(src|href)\s*=\s*["']?(https?:)?//""", markup)
    assert "<table" in page


def test_the_same_map_is_a_picture_where_its_name_says_so(workspace: Workspace) -> None:
    asked = {"layer": "hotspots", "as_at": "2026-04", "at": "2026-05-01"}
    for audience, marked in (("internal", True), ("public", False)):
        png = map_for(workspace, audience=audience, name="m.PNG", **asked)  # type: ignore[arg-type]
        with Image.open(io.BytesIO(png)) as found:
            found.load()
            assert found.text["Title"] == "Where reports were received: hexagons of 200 m"  # type: ignore[attr-defined]
            assert "36 in each of the other 1" in found.text["Description"]  # type: ignore[attr-defined]
            heights = found.height
        if marked:
            tall = heights
    assert heights < tall  # the mark takes a line


@pytest.mark.parametrize("layer", LAYERS)
def test_internal_files_are_marked_and_public_ones_are_not(
    workspace: Workspace, layer: MapLayer
) -> None:
    assert "INTERNAL" in map_file(workspace, layer=layer)
    assert "INTERNAL" not in map_file(workspace, layer=layer, audience="public")


def test_a_ranking_from_reports_alone_is_marked_provisional(workspace: Workspace) -> None:
    assert "Provisional" in map_file(workspace, layer="locations")


def test_a_preset_that_cannot_rank_says_what_to_collect(workspace: Workspace) -> None:
    page = map_file(workspace, layer="locations", preset="womens_walk")
    assert "Collect first: virtual walks" in page
    assert "No data" in page


def test_the_window_is_the_twelve_months_to_the_month_asked_for(tmp_path: Path) -> None:
    later = [("2026-05", 200, 200)] * 70
    made = workspace_of(tmp_path / "w", batch("met", incidents(ROWS + later)))
    page = map_file(made, layer="wards", as_at="2026-04")
    assert "May 2025 to April 2026" in page
    assert ">36<" in page
    assert ">106<" not in page


@pytest.mark.parametrize("layer", LAYERS)
def test_a_public_map_of_council_reports_is_not_made_unregistered(
    tmp_path: Path, layer: MapLayer
) -> None:
    council = incidents(
        [("2026-04", 200, 200, "rowdy")] * 90, source="council_asb", force="council"
    )
    made = workspace_of(tmp_path / "w", batch("council", council))
    assert "90" in map_file(made, layer="wards")
    with pytest.raises(SaferWalksError, match="checked against everything published before"):
        map_file(made, layer=layer, audience="public")


def test_a_month_that_one_force_lacks_is_said(tmp_path: Path) -> None:
    btp = incidents([("2026-01", 200, 200), ("2026-03", 200, 200)], force="btp")
    made = workspace_of(tmp_path / "w", batch("met", incidents(ROWS)), batch("btp", btp))
    assert "February 2026 is not complete" in map_file(made, layer="hotspots", as_at="2026-04")


def test_a_demo_is_marked(tmp_path: Path) -> None:
    demo = Workspace.create(tmp_path / "w", kind="demo", wards=two_wards(), ward_info={})
    from geodata.store import commit

    commit(demo, [batch("met", incidents(ROWS))])
    assert "DEMO" in map_file(Workspace.open(tmp_path / "w"), layer="wards", audience="public")


def test_a_month_that_is_not_stored_is_refused(workspace: Workspace) -> None:
    with pytest.raises(NotEnoughDataError):
        map_file(workspace, layer="wards", as_at="2027-01")
