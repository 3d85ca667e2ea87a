"""Areas with counts: zeros included, rates by hand, gaps in the months kept."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analysis.jobs.areas import area_months, area_table
from geodata.hexagons import cover
from geodata.store import commit
from geodata.workspace import Workspace
from tests.builders import EAST, WEST, batch, incidents, two_wards, workspace_of

ROWS = [
    *[("2026-01", 200, 200)] * 3,
    ("2026-03", 200, 200),
    ("2026-03", 1500, 500),
    ("2026-03", 2300, 500),
]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_of(tmp_path / "w", batch("met", incidents(ROWS)))


def test_wards_by_hand(workspace: Workspace) -> None:
    table = area_table(workspace, layer="wards")
    assert table["area_id"].tolist() == [WEST, EAST]
    assert table["count"].tolist() == [4, 1]
    assert table["per_km2"].tolist() == [4.0, 1.0]
    assert table["per_1000"].isna().all()


def test_residents_give_a_rate_to_wards_and_none_to_hexagons(tmp_path: Path) -> None:
    people = pd.DataFrame(
        {"ward_code": [WEST, EAST], "residents": [2000, 1000], "source": "test", "year": 2026}
    )
    folder = tmp_path / "w"
    Workspace.create(folder, kind="real", wards=two_wards(), ward_info={}, population=people)
    commit(Workspace.open(folder), [batch("met", incidents(ROWS))])
    made = Workspace.open(folder)
    assert area_table(made, layer="wards")["per_1000"].tolist() == [2.0, 1.0]
    assert area_table(made, layer="hotspots")["per_1000"].isna().all()


def test_every_hexagon_that_meets_a_ward_is_there(workspace: Workspace) -> None:
    table = area_table(workspace, layer="hotspots")
    assert table["area_id"].tolist() == cover(two_wards(), 200)["hexagon"].tolist()
    assert table["count"].sum() == 5
    assert table["area_km2"].sum() == pytest.approx(2.0)
    assert (table["per_km2"] * table["area_km2"]).sum() == pytest.approx(5.0)


def test_a_straddling_hexagon_names_both_wards(workspace: Workspace) -> None:
    words = area_table(workspace, layer="hotspots")["ward_shares"]
    assert words.str.contains("West .*%, East .*%|East .*%, West .*%").any()


def test_the_months_of_an_area_keep_the_gap(workspace: Workspace) -> None:
    months = area_months(workspace, WEST, layer="wards")
    assert months["month"].tolist() == ["2026-01", "2026-02", "2026-03"]
    assert months["count"].tolist()[::2] == [3.0, 1.0]
    assert pd.isna(months["count"][1])


def test_a_month_that_one_force_lacks_is_marked_partial(tmp_path: Path) -> None:
    btp = incidents([("2026-01", 200, 200), ("2026-03", 200, 200)], force="btp")
    rows = [*ROWS, ("2026-02", 200, 200)]
    made = workspace_of(tmp_path / "w", batch("met", incidents(rows)), batch("btp", btp))
    months = area_months(made, WEST, layer="wards")
    assert months["is_partial"].tolist() == [False, True, False]
    assert months["count"].tolist() == [4.0, 1.0, 2.0]
