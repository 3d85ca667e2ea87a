"""How places are reached and where one can meet, worked out by hand."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from analysis.score import PRESETS, can_rank
from analysis.setting import access, venues

CELLS = pd.DataFrame({"easting": [0.0, 300.0, 5000.0], "northing": 0.0}, index=list("abc"))


def spots(**kinds: float) -> gpd.GeoDataFrame:
    points = gpd.points_from_xy(list(kinds.values()), [0.0] * len(kinds))
    return gpd.GeoDataFrame({"kind": list(kinds)}, geometry=points)


def test_near_stations_count_more_and_far_ones_not_at_all() -> None:
    reading = access(spots(station=100.0, bus_stop=300.0, market=0.0), CELLS)
    assert reading.raw.tolist() == pytest.approx([0.75 + 0.25, 0.5 + 1.0, 0.0])
    assert reading.note == "stations and stops within 400 m, 2 on the map"


def test_a_market_is_somewhere_to_meet_and_a_station_is_not() -> None:
    assert venues(spots(station=0.0, market=200.0), CELLS).raw.tolist() == [0.5, 0.75, 0.0]


def test_a_map_that_was_not_loaded_is_missing_not_zero() -> None:
    assert access(spots(market=0.0), CELLS).is_missing
    assert venues(spots(), CELLS).is_missing


def test_what_reports_and_the_map_know_is_enough_to_rank_for_a_surgery() -> None:
    assert PRESETS["engagement"].total == 100
    assert PRESETS["engagement"].share_of_reports() == 70
    assert can_rank(PRESETS["engagement"], "reports_only")
