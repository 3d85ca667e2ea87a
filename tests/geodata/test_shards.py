"""Partitions wherever they lie: read by whichever place they have, written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geodata import shards
from geodata.crs import BNG, WGS84, to_lonlat
from geodata.errors import ReportFileError, SaferWalksError
from tests.builders import ORIGIN, two_wards

EAST = ORIGIN[0] + np.array([10.0, 10.0, np.nan, 990.0])
NORTH = ORIGIN[1] + np.array([10.0, 10.0, np.nan, 5.0])
SAID = {"month": ["2026-01"] * 4, "category": ["drugs", None, "drugs", "burglary"]}


def _degrees() -> dict[str, np.ndarray]:
    lon, lat = to_lonlat(EAST[:2].repeat(2), NORTH[:2].repeat(2))
    lon[2], lat[2] = np.nan, np.nan
    lon[3:], lat[3:] = to_lonlat(EAST[3:], NORTH[3:])
    return {"lon": lon, "lat": lat}


@pytest.mark.parametrize("place", ["metres", "degrees", "points", "points in degrees"])
def test_a_place_is_read_however_it_is_written(place: str, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    if place == "metres":
        pd.DataFrame({**SAID, "easting": EAST, "northing": NORTH}).to_parquet(path)
    elif place == "degrees":
        pd.DataFrame({**SAID, **_degrees()}).to_parquet(path)
    else:
        points = gpd.GeoSeries.from_xy(EAST, NORTH, crs=BNG)
        frame = gpd.GeoDataFrame(SAID, geometry=points)
        (frame if place == "points" else frame.to_crs(WGS84)).to_parquet(path)
    read = shards.read_reports(str(path))
    np.testing.assert_allclose(read["easting"], EAST, atol=0.01)
    np.testing.assert_allclose(read["northing"], NORTH, atol=0.01)
    assert read["category"].tolist() == ["drugs", shards.NOT_SAID, "drugs", "burglary"]


def test_what_cannot_be_used_is_said(tmp_path: Path) -> None:
    with pytest.raises(ReportFileError, match="no parquet file"):
        shards.find_shards(str(tmp_path))
    pd.DataFrame({"month": ["2026-01"], "category": ["a"]}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(ReportFileError, match="lacks columns"):
        shards.read_reports(str(tmp_path / "a.parquet"))
    pd.DataFrame(
        {"month": ["2026-01", None], "category": "a", "easting": 1.0, "northing": 2.0}
    ).to_parquet(tmp_path / "b.parquet")
    with pytest.raises(ReportFileError, match="row 2"):
        shards.read_reports(str(tmp_path / "b.parquet"))
    (tmp_path / "c.parquet").write_bytes(b"no parquet at all")
    with pytest.raises(ReportFileError, match="cannot be read"):
        shards.read_reports(str(tmp_path / "c.parquet"))
    with pytest.raises(SaferWalksError, match="cannot be reached"):
        shards.find_shards("nowhere://bucket/reports")


def test_what_is_written_is_read_again_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    wards = two_wards()
    shards.write_wards(f"{tmp_path}/deep/er/wards.parquet", wards)
    again = shards.read_wards(f"{tmp_path}/deep/er/wards.parquet")
    assert again.geometry.geom_equals_exact(wards.geometry, 0).all()
    assert again["ward_code"].tolist() == wards["ward_code"].tolist()
    shards.write_facts(f"{tmp_path}/deep/facts.json", {"rows": 3, "name": "Château"})
    assert shards.read_facts(f"{tmp_path}/deep/facts.json") == {"rows": 3, "name": "Château"}
    names = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert names == ["facts.json", "wards.parquet"]


def test_another_kind_of_storage_serves_as_well(tmp_path: Path) -> None:
    """Object storage is reached through the same calls; fsspec's own memory stands for it."""
    frame = pd.DataFrame({**SAID, "easting": EAST, "northing": NORTH})
    shards.write_table("memory://county/reports/2026-01.parquet", frame)
    [found] = shards.find_shards("memory://county/reports")
    assert len(shards.read_reports(found)) == 4
    shards.remove("memory://county")
    assert not shards.exists(found)
