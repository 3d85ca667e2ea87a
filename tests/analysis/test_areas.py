"""Rates and ward shares."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from analysis.areas import share_words, with_rates
from geodata.crs import WGS84
from geodata.errors import CrsError
from tests.builders import EAST, WEST, two_wards

AREAS = two_wards().assign(count=[10, 0], area_km2=[1.0, 2.0])


def test_rates_by_hand() -> None:
    population = pd.DataFrame({"ward_code": [WEST, EAST], "residents": [5000, 8000]})
    rated = with_rates(AREAS, population)
    assert rated["per_km2"].tolist() == [10.0, 0.0]
    assert rated["per_1000"].tolist() == [2.0, 0.0]


def test_no_residents_known_gives_no_rate() -> None:
    assert with_rates(AREAS, pd.DataFrame())["per_1000"].isna().all()
    partly = with_rates(AREAS, pd.DataFrame({"ward_code": [EAST], "residents": [0]}))
    assert partly["per_1000"].isna().all()


def test_degrees_are_refused() -> None:
    with pytest.raises(CrsError):
        with_rates(gpd.GeoDataFrame(AREAS.to_crs(WGS84)), pd.DataFrame())


def test_small_shares_are_said_not_rounded_away() -> None:
    shares = pd.DataFrame(
        {"hexagon": ["h", "h", "k"], "ward_name": ["A", "B", "A"], "share": [0.997, 0.003, 1.0]}
    )
    assert share_words(shares).to_dict() == {"h": "A 100 %, B under 1 %", "k": "A 100 %"}
