"""Scoring a workspace: candidates, mode, what is absent, and the names of places."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from analysis.jobs import score as job
from analysis.jobs.counts import counts
from analysis.jobs.ground import location_names
from analysis.jobs.score import score
from analysis.tags import LIT, UNLIT
from geodata import layers
from geodata import months as m
from geodata.crs import BNG
from geodata.errors import NotEnoughDataError, SaferWalksError
from geodata.hexagons import cover
from geodata.workspace import Workspace
from tests.builders import batch, incidents, two_wards, workspace_of


def _busy(last: str, length: int) -> list[tuple[str, float, float]]:
    """Five reports a month at one corner, one a month at another."""
    rows = []
    for month in m.window(last, length):
        rows += [(month, 200, 200)] * 5 + [(month, 1800, 800)]
    return rows


@pytest.fixture
def year(tmp_path: Path) -> Workspace:
    return workspace_of(tmp_path / "w", batch("met", incidents(_busy("2026-04", 12))))


def test_every_hexagon_that_meets_a_ward_is_a_candidate(year: Workspace) -> None:
    table = score(year, as_at="2026-04").table
    assert sorted(table["location_id"]) == sorted(cover(two_wards(), 200)["hexagon"])
    assert (table["volume_raw"].min()) < 1


def test_columns_are_those_of_the_contract(year: Workspace) -> None:
    table = score(year, as_at="2026-04").table
    assert list(table.columns[:5]) == ["location_id", "name", "ward_code", "easting", "northing"]
    assert list(table.columns[-10:-6]) == ["coverage", "mode", "total", "rank"]
    assert list(table.columns[-6:-2]) == ["rank_low", "rank_high", "p_top10", "tags"]
    assert list(table.columns[-2:]) == ["why", "geometry"]
    assert all(re.fullmatch(r"h200_-?\d+_-?\d+", x) for x in table["location_id"])


def test_the_busy_corner_comes_first_and_says_its_numbers(year: Workspace) -> None:
    first = score(year, as_at="2026-04").table.iloc[0]
    assert first["rank"] == 1
    assert first["why"].startswith("60 ASB reports in 12 months, more than at ")
    assert "in the busiest tenth in 10 of 10 three-month periods" in first["why"]


def test_every_rank_has_its_interval_and_the_draws_are_named(year: Workspace) -> None:
    result = score(year, as_at="2026-04", draws=200, seed=4)
    table = result.table
    assert (table["rank_low"] <= table["rank_high"]).all()
    assert table.iloc[0][["rank_low", "rank_high", "p_top10"]].tolist() == [1, 1, 1.0]
    assert table["p_top10"].sum() == pytest.approx(10)
    empty = table[table["why"].str.startswith("no ASB")]
    assert len(empty) > 10
    assert len(empty[["rank_low", "rank_high", "p_top10"]].drop_duplicates()) == 1
    assert {"draws": 200, "seed": 4}.items() <= result.to_json().items()


def test_other_weights_draw_nothing_anew_and_another_month_does(
    year: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People try one weight after another; what is drawn does not depend on them."""
    fresh = score(year, as_at="2026-04", weights={"volume": 10, "persistence": 90})
    job._drawn._kept.clear()
    job._known._kept.clear()
    score(year, as_at="2026-04")
    monkeypatch.setattr(job, "draw_components", lambda *_, **__: pytest.fail("drawn again"))
    monkeypatch.setattr(job, "_gather", lambda *_, **__: pytest.fail("gathered again"))
    again = score(year, as_at="2026-04", weights={"volume": 10, "persistence": 90})
    pd.testing.assert_frame_equal(again.full_table, fresh.full_table)
    for other in ({"as_at": "2026-03"}, {"window": 6}, {"side": 350}, {"reports_only": True}):
        with pytest.raises(pytest.fail.Exception):
            score(year, **({"as_at": "2026-04"} | other))


def test_the_weights_have_a_band_of_their_own(year: Workspace) -> None:
    result = score(year, as_at="2026-04")
    assert set(result.robustness.index) == set(result.table["location_id"])
    assert list(result.robustness.columns) == [
        "pick", "weight_low", "weight_high", "without_volume", "without_persistence",
    ]  # fmt: skip
    first = result.robustness.loc[result.table["location_id"].iloc[0]]
    assert first[["pick", "weight_low", "weight_high"]].tolist() == ["robust", 1, 1]


def test_twelve_months_rank_walkabouts_provisionally(year: Workspace) -> None:
    result = score(year, preset="walkabout")
    assert result.mode == "reports_only"
    assert result.is_ranked
    assert result.table["coverage"].unique().tolist() == [45.0]
    assert result.message.startswith("Provisional: made from reports only.")
    assert "requests for a walk and ward priorities" in result.absent
    trend = result.components.set_index("component").loc["trend"]
    assert trend["status"] == "missing"
    assert trend["note"].startswith("needs 15 months")


def test_the_womens_walk_is_not_ranked_and_says_what_to_collect(year: Workspace) -> None:
    result = score(year, preset="womens_walk")
    assert not result.is_ranked
    assert result.table["total"].isna().all()
    assert result.table[["rank_low", "rank_high", "p_top10"]].isna().all(axis=None)
    assert "Collect first: virtual walks, feedback from walks" in result.message


def test_fifteen_months_give_a_trend(tmp_path: Path) -> None:
    made = workspace_of(tmp_path / "w", batch("met", incidents(_busy("2026-04", 15))))
    result = score(made)
    assert result.table["coverage"].unique().tolist() == [55.0]
    assert result.table["trend_raw"].max() == 0.0


def test_two_months_rank_nothing_and_say_why(tmp_path: Path) -> None:
    made = workspace_of(tmp_path / "w", batch("met", incidents(_busy("2026-04", 2))))
    result = score(made)
    assert not result.is_ranked
    assert result.message.startswith("Too few months are stored")


def test_as_at_looks_at_nothing_later(tmp_path: Path) -> None:
    later = [("2026-05", 1800, 800)] * 500
    long = workspace_of(tmp_path / "a", batch("met", incidents(_busy("2026-04", 12) + later)))
    short = workspace_of(tmp_path / "b", batch("met", incidents(_busy("2026-04", 12))))
    pd.testing.assert_frame_equal(
        pd.DataFrame(score(long, as_at="2026-04").table),
        pd.DataFrame(score(short, as_at="2026-04").table),
    )


def test_a_month_that_is_not_stored_is_refused(year: Workspace) -> None:
    with pytest.raises(NotEnoughDataError, match="2025-05 to 2026-04"):
        score(year, as_at="2026-05")


def test_an_unknown_preset_is_refused(year: Workspace) -> None:
    with pytest.raises(SaferWalksError, match="walkabout, womens_walk"):
        score(year, preset="patrol")


def test_raw_counts_reconcile_to_counts_by_hexagon(year: Workspace) -> None:
    table = score(year, as_at="2026-04").table.set_index("location_id")
    by_hexagon = counts(year, ["hexagon"]).table.set_index("hexagon")["count"]
    order = by_hexagon.reindex(table.index)
    assert order.sum() == 72
    assert (table["volume_raw"].rank() == order.rank()).all()


def test_a_place_close_by_names_the_hexagon_and_a_grid_reference_the_rest() -> None:
    cells = cover(two_wards(), 200)
    at = cells.iloc[0]
    places = gpd.GeoDataFrame(
        {"name": ["Zoo", "Ash Park"]},
        geometry=gpd.points_from_xy([at["easting"]] * 2, [at["northing"]] * 2), crs=BNG,
    )  # fmt: skip
    names = location_names(cells, places)
    assert names.iloc[0] == f"{at['ward_name']}: near Ash Park"
    assert re.fullmatch(r"(East|West): around TQ \d{3} \d{3}", names.iloc[-1])
    assert (
        location_names(cells, places.iloc[:0]).iloc[0].startswith(f"{at['ward_name']}: around TQ")
    )


def test_lamps_are_told_of_where_somebody_mapped_them(
    year: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = score(year, draws=20).table
    here, far = at.iloc[0], at.iloc[(at["easting"] - at["easting"][0]).abs().argmax()]
    near = gpd.points_from_xy([here["easting"] + 100], [here["northing"]])
    lamps = gpd.GeoDataFrame({"lamp_id": ["1"]}, geometry=near, crs=BNG)
    monkeypatch.setattr(layers, "lamps", lambda _: lamps)
    tags = score(year, draws=20).table.set_index("location_id")["tags"]
    assert LIT in tags[here["location_id"]]
    assert tags[far["location_id"]] == ""  # over 500 m from any lamp on the map: nobody mapped it
    assert tags.str.contains(UNLIT).any()
    assert not score(year, draws=20, reports_only=True).table["tags"].str.contains("lamp").any()
