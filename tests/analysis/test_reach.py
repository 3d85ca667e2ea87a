"""Files that stop short of the wards are noticed, sparse data are not accused."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from analysis.reach import collar_density, doubtful_months
from geodata.crs import BNG


def test_a_month_from_another_borough_is_in_doubt() -> None:
    # Ten wards; in February only the two at the edge have reports.
    counts = pd.DataFrame({"2026-01": [50] * 10, "2026-02": [40, 3] + [0] * 8})
    assert doubtful_months(counts, 10).to_dict() == {"2026-02": 8}


def test_wards_without_a_row_are_silent_too() -> None:
    counts = pd.DataFrame({"2026-01": [100, 100]}, index=["A", "B"])
    assert doubtful_months(counts, 4).to_dict() == {"2026-01": 2}


def test_one_quiet_ward_is_no_news() -> None:
    assert doubtful_months(pd.DataFrame({"2026-01": [50] * 9 + [0]}), 10).empty


def test_sparse_sources_are_not_accused() -> None:
    assert doubtful_months(pd.DataFrame({"2026-01": [3, 0, 0, 0]}), 4).empty


def test_a_month_whose_rows_all_lie_elsewhere_is_in_doubt() -> None:
    counts = pd.DataFrame({"2026-01": [50, 50], "2026-02": [0, 0]})
    assert doubtful_months(counts, 2).to_dict() == {"2026-02": 2}


def test_density_by_hand() -> None:
    # 1 km2 inside with 400 reports; the collar is 2 km2 of strips and a circle of radius 500 m.
    square = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1000, 1000)], crs=BNG)
    around = 2.0 + 3.14159 * 0.25
    assert collar_density(square, 400, 50) == pytest.approx(50 / around / 400, rel=0.01)
    assert collar_density(square, 400, 0) == 0.0
    assert pd.isna(collar_density(square, 199, 5))
