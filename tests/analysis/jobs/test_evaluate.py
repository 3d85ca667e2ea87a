"""Before and after in a workspace: the same reports as everywhere, and sites where they lie."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from analysis.jobs.counts import counts
from analysis.jobs.evaluate import TOGETHER, evaluate, evaluate_file, evaluate_place, month_of
from geodata import months as m
from geodata.crs import BNG
from geodata.errors import NotEnoughDataError, SaferWalksError
from geodata.workspace import Workspace
from tests.builders import ORIGIN, batch, incidents, workspace_of

MONTHS = m.span("2024-01", "2025-12")
X, Y = ORIGIN


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Two years of reports all over the two wards, from a seed."""
    rng = np.random.default_rng(8)
    rows = [
        (month, float(x), float(y))
        for month in MONTHS
        for x, y in rng.uniform((5, 5), (1995, 995), (120, 2))
    ]
    folder = tmp_path_factory.mktemp("evaluate") / "workspace"
    return workspace_of(folder, batch("street", incidents(rows)))


def sites(*points: tuple[float, float]) -> gpd.GeoDataFrame:
    shapes = [shapely.Point(X + x, Y + y) for x, y in points]
    names = [f"S{n}" for n in range(len(shapes))]
    return gpd.GeoDataFrame({"name": names}, geometry=shapes, crs=BNG)


def test_what_came_after_is_what_is_counted_there(made: Workspace) -> None:
    found = evaluate(made, sites((700, 500)), on="2025-01-17", side=100)
    one = found.found["S0"]
    assert one.periods.before == tuple(m.span("2024-01", "2024-12"))
    assert one.periods.after == tuple(m.span("2025-02", "2025-12"))
    table = counts(made, ["hexagon", "month"], side=100, first="2025-02").table
    here = table[table["hexagon"].isin(one.places)]
    assert one.here.observed == here["count"].sum()
    assert found.table["verdict"].tolist() == [one.verdict]
    json.dumps(found.to_json(), allow_nan=False)


def test_months_after_the_cut_are_not_looked_at(made: Workspace) -> None:
    found = evaluate(made, sites((700, 500)), on="2024-08", as_at="2024-12", side=100)
    assert found.found["S0"].periods.after == tuple(m.span("2024-09", "2024-12"))
    assert found.as_at == "2024-12"


def test_several_sites_are_judged_alone_and_together(made: Workspace) -> None:
    found = evaluate(made, sites((300, 500), (1700, 500)), on="2025-01", side=100)
    assert list(found.found) == ["S0", "S1", TOGETHER]
    whole, parts = found.found[TOGETHER], [found.found[f"S{n}"] for n in (0, 1)]
    assert set(whole.places) == {p for part in parts for p in part.places}
    assert whole.here.observed == sum(part.here.observed for part in parts)
    # No site is compared with another.
    assert not set(parts[0].places) & set(parts[1].matched.table["place"])
    assert found.to_json()["message"].startswith(TOGETHER)
    assert "by chance alone" in found.notes[0]


def test_a_shape_holds_the_hexagons_whose_middle_is_in_it(made: Workspace) -> None:
    park = sites((0, 0)).set_geometry([shapely.box(X + 300, Y + 300, X + 700, Y + 700)])
    found = evaluate(made, park.set_crs(BNG), on="2025-01", side=100).found["S0"]
    # 0.16 km2 in hexagons of 0.026 km2: about six.
    assert 4 <= len(found.places) <= 8


def test_a_file_and_a_hexagon_give_the_same(made: Workspace, tmp_path: Path) -> None:
    one = evaluate(made, sites((700, 500)), on="2025-01", side=100)
    hexagon = one.found["S0"].places[0]
    path = tmp_path / "sites.csv"
    path.write_text(f"name,hexagon\nHere,{hexagon}\n")
    from_file = evaluate_file(made, path, on="2025-01", side=100)
    by_id = evaluate_place(made, hexagon, "Here", on="2025-01")
    assert from_file.to_json() == by_id.to_json()


def test_faults_are_said(made: Workspace) -> None:
    with pytest.raises(SaferWalksError, match="outside the wards"):
        evaluate(made, sites((700, 500), (90_000, 0)), on="2025-01", side=100)
    with pytest.raises(SaferWalksError, match="not a date"):
        month_of("17/01/2025")
    with pytest.raises(NotEnoughDataError, match="20 places"):
        evaluate(made, sites((700, 500)), on="2025-01", side=350)
