"""How many are in here: a ward, a hexagon, round a place, an outline; by kind and month."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
import shapely

from analysis.jobs.count_in import (
    Area,
    count_in,
    hexagon_area,
    place_area,
    ward_area,
)
from analysis.jobs.counts import counts
from geodata.errors import SaferWalksError
from geodata.hexagons import hexagon_ids_of
from geodata.workspace import Workspace
from tests.builders import EAST, ORIGIN, WEST, batch, incidents, workspace_of

ROWS = [
    ("2026-01", 100, 500), ("2026-01", 990, 500, "burglary"), ("2026-03", 990, 500),
    ("2026-03", 1010, 500), ("2026-03", None, None), ("2026-03", 300, 1200),
]  # fmt: skip


@pytest.fixture
def made(tmp_path: Path) -> Workspace:
    return workspace_of(tmp_path / "w", batch("street", incidents(ROWS)))


def _box(west: float, south: float, east: float, north: float) -> Area:
    x, y = ORIGIN
    return Area("a box", shapely.box(x + west, y + south, x + east, y + north))


def test_an_outline_by_kind_month_and_edge(made: Workspace) -> None:
    found = count_in(made, _box(0, 0, 1000, 1000), categories=("all",))
    assert (found.total, found.near_edge, found.just_outside) == (3, 2, 1)
    kinds = found.by_category.set_index("category")["count"]
    assert kinds.to_dict() == {"police_uk_unspecified": 2, "burglary": 1}
    months = found.by_month.set_index("month")["count"]
    assert months["2026-01"] == 2
    assert pd.isna(months["2026-02"])  # no file: a gap, never a zero
    assert months["2026-03"] == 1
    assert found.by_category_month["count"].sum() == 3
    assert set(found.by_category_month["month"]) == {"2026-01", "2026-03"}
    said = " ".join(found.caveats)
    assert "1 reports of these months have no place" in said
    assert "Police.uk gives a nearby map point" in said


def test_a_ward_agrees_with_every_other_table(made: Workspace) -> None:
    table = counts(made, ["ward"]).table.set_index("ward")["count"]
    for code, name in ((WEST, "West"), (EAST, "east")):
        assert count_in(made, ward_area(made, code)).total == table[code]
        assert count_in(made, ward_area(made, name)).total == table[code]


def test_a_report_on_the_line_between_wards_is_in_one_of_them(tmp_path: Path) -> None:
    on_line = workspace_of(tmp_path / "w", batch("m", incidents([("2026-01", 1000, 500)])))
    totals = [count_in(on_line, ward_area(on_line, code)).total for code in (WEST, EAST)]
    assert totals == [1, 0]


def test_a_hexagon_and_its_caveat(made: Workspace) -> None:
    name = str(hexagon_ids_of([ORIGIN[0] + 990.0], [ORIGIN[1] + 500.0], 100)[0])
    found = count_in(made, hexagon_area(name))
    assert found.total == 2  # the burglary is no anti-social behaviour
    assert "up to about 200 m away" in " ".join(found.caveats)
    assert found.area.km2 == pytest.approx(0.026, abs=0.001)


def test_outside_the_wards_is_said(made: Workspace) -> None:
    found = count_in(made, _box(0, 500, 1000, 1500))
    assert found.total == 3 - 1 + 1  # two in West, one north of it in the collar
    assert any("50% of this area lies outside the wards" in c for c in found.caveats)


def test_months_and_source_are_as_everywhere(made: Workspace) -> None:
    found = count_in(made, _box(0, 0, 2000, 1000), first="2026-03", last="2026-03")
    assert found.total == 2
    answer = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert answer["total"] == 2
    assert answer["by_month"] == {"2026-03": 2}
    assert answer["message"].startswith("2 ASB reports from March 2026 to March 2026 lie in a box")


def test_round_a_place(made: Workspace) -> None:
    import geopandas as gpd

    from tests.builders import two_wards

    x, y = ORIGIN
    places = gpd.GeoDataFrame(
        {"place_id": ["p1"], "name": ["The Green"], "kind": ["park"]},
        geometry=gpd.points_from_xy([x + 900], [y + 500]), crs=two_wards().crs,
    )  # fmt: skip
    again = Workspace.create(made.path, kind="real", wards=two_wards(), ward_info={}, places=places)
    for name in ("p1", "the green"):
        assert count_in(again, place_area(again, name)).total == 2
    assert count_in(again, place_area(again, "p1", metres=50)).total == 0
    with pytest.raises(SaferWalksError, match="no such place"):
        place_area(again, "nowhere")


def test_names_that_are_not_there(made: Workspace) -> None:
    with pytest.raises(SaferWalksError, match="No ward has that code or name"):
        ward_area(made, "Middle")
    with pytest.raises(SaferWalksError, match="not the name of a hexagon"):
        hexagon_area("h7_x")
    with pytest.raises(SaferWalksError, match="no such place"):
        place_area(made, "nowhere")
