"""The back-test of a workspace: what is tested, and what is said where too little is stored."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from analysis.jobs.backtest import backtest
from geodata import months as m
from geodata.crs import BNG
from geodata.errors import NotEnoughDataError, SaferWalksError
from geodata.layers import put
from geodata.workspace import Workspace
from tests.builders import ORIGIN, batch, incidents, workspace_of

MONTHS = m.span("2024-07", "2026-06")


def made_of(folder: Path, months: list[str]) -> Workspace:
    """Ten places whose reports a month differ, drawn from a seed."""
    rng = np.random.default_rng(6)
    rows = [
        (month, 100.0 + 180 * place, 500.0)
        for month in months
        for place in range(10)
        for _ in range(rng.poisson(1 + place))
    ]
    return workspace_of(folder, batch("street", incidents(rows)))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return made_of(tmp_path_factory.mktemp("backtest") / "workspace", MONTHS)


def test_the_list_stands_beside_the_count_and_chance(made: Workspace) -> None:
    found = backtest(made, coverage=(0.05, 0.2), horizon=3, side=100)
    assert found.origins == tuple(m.span("2025-06", "2026-03"))
    assert found.table["method"].unique().tolist() == [
        "score", "count_12", "recent_weighted", "last_month", "chance",
    ]  # fmt: skip
    assert set(found.table["coverage"]) == {0.05, 0.2}
    rates = found.table.set_index(["coverage", "method"])["hit_rate"]
    assert rates[0.2, "count_12"] > rates[0.2, "last_month"] > rates[0.2, "chance"] == 0.2
    assert found.table["pai_street"].isna().all()  # no network is loaded
    assert "chance would hold 20 %" in found.message
    json.dumps(found.to_json(), allow_nan=False)


def test_nothing_is_called_a_forecast_that_does_not_beat_the_count(made: Workspace) -> None:
    found = backtest(made, coverage=(0.2,), side=100)
    verdict = found.table.set_index("method").loc["score", "verdict"]
    assert verdict in {"worse", "no clear difference", ""}
    assert "no forecast" in found.message


def test_a_back_test_of_the_past_looks_no_further(made: Workspace) -> None:
    found = backtest(made, horizon=2, as_at="2025-12", side=100)
    assert found.origins == tuple(m.span("2025-06", "2025-10"))


def test_streets_are_measured_where_they_are_loaded(made: Workspace, tmp_path: Path) -> None:
    copied = Workspace.open(shutil.copytree(made.path, tmp_path / "copy"))
    x, y = ORIGIN
    street = gpd.GeoDataFrame(
        {"street_id": ["1"], "name": ["Long Street"], "kind": ["residential"], "lit": ["yes"],
         "length_m": [2000.0]},
        geometry=[shapely.LineString([(x, y + 500), (x + 2000, y + 500)])], crs=BNG,
    )  # fmt: skip
    put(copied, "streets", {}, streets=street)
    table = backtest(copied.reopen(), coverage=(0.2,), side=100).table.set_index("method")
    assert table.loc["chance", "pai_street"] == pytest.approx(1)
    # All reports lie on the one street, so per km of it the count does less well than per km2.
    assert 1 < table.loc["count_12", "pai_street"] < table.loc["count_12", "pai"]


def test_short_data_are_tested_and_that_is_said(tmp_path: Path) -> None:
    found = backtest(made_of(tmp_path / "short", MONTHS[:10]), side=100)
    assert found.origins == ("2024-12", "2025-01")
    assert any("as little as 6 months" in note for note in found.notes)
    assert any("too few separate periods" in note for note in found.notes)


def test_faults_are_said(made: Workspace, tmp_path: Path) -> None:
    with pytest.raises(NotEnoughDataError, match="needs 9 months"):
        backtest(made_of(tmp_path / "less", MONTHS[:7]))
    with pytest.raises(SaferWalksError, match="1 to 12 months ahead"):
        backtest(made, horizon=13)
    with pytest.raises(SaferWalksError, match="share of the area"):
        backtest(made, coverage=(5.0,))


def test_the_womens_walk_has_no_list_to_judge(made: Workspace) -> None:
    found = backtest(made, preset="womens_walk", side=100)
    assert "score" not in set(found.table["method"])
    assert "a plain count of 12 months" in found.message
