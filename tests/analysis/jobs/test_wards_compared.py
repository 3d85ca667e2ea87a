"""Wards as a funnel: rates on their scale, in order of name, and what is lacking said."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from analysis.jobs.wards_compared import compare_wards
from geodata.crs import BNG
from geodata.errors import NotEnoughDataError, SaferWalksError
from geodata.store import commit
from geodata.workspace import Workspace
from tests.builders import ORIGIN, batch, incidents

COUNTS = [100, 95, 104, 99, 102, 180]


@pytest.fixture
def six(tmp_path: Path) -> Workspace:
    """Six wards of 1 km2 and 1,000 residents in a row, named from F down to A."""
    x, y = ORIGIN
    codes = [f"E0599999{n}" for n in range(1, 7)]
    wards = gpd.GeoDataFrame(
        {"ward_code": codes, "ward_name": list("FEDCBA")},
        geometry=[shapely.box(x + 1000 * n, y, x + 1000 * (n + 1), y + 1000) for n in range(6)],
        crs=BNG,
    )
    people = pd.DataFrame({"ward_code": codes, "residents": 1000, "source": "test", "year": 2024})
    made = Workspace.create(
        tmp_path / "w", kind="real", wards=wards, ward_info={}, population=people
    )
    rows = [("2026-01", 1000 * n + 500, 500) for n, k in enumerate(COUNTS) for _ in range(k)]
    commit(made, [batch("s", incidents(rows))], mode="add")
    return made.reopen()


@pytest.mark.parametrize(("exposure", "rate"), [("residents", 180.0), ("km2", 180.0)])
def test_the_one_that_differs_and_no_other(six: Workspace, exposure: str, rate: float) -> None:
    found = compare_wards(six, exposure=exposure)  # type: ignore[arg-type]
    assert found.table["ward_name"].tolist() == list("ABCDEF")
    assert found.table["stands_out"].tolist() == ["higher", "", "", "", "", ""]
    assert found.table["rate"].iloc[0] == pytest.approx(rate)
    assert found.common == pytest.approx(sum(COUNTS) / 6)
    row = found.table.iloc[0]
    assert (
        row["low998"] < row["low95"] < found.common < row["high95"] < row["high998"] < row["rate"]
    )
    assert found.common < row["shrunk"] < row["rate"]
    answer = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert answer["stand_out"] == {"A": "higher"}


def test_residents_that_are_not_known_are_asked_for(six: Workspace, tmp_path: Path) -> None:
    bare = Workspace.create(tmp_path / "b", kind="real", wards=six.wards(), ward_info={})
    commit(bare, [batch("s", incidents([("2026-01", 500, 500)]))], mode="add")
    with pytest.raises(NotEnoughDataError, match="6 of 6 without"):
        compare_wards(bare.reopen())
    assert len(compare_wards(bare.reopen(), exposure="km2").table) == 6


def test_another_yardstick_is_refused(six: Workspace) -> None:
    with pytest.raises(SaferWalksError, match="by residents or by area"):
        compare_wards(six, exposure="pubs")  # type: ignore[arg-type]
