"""Partitions wherever they lie: read by whichever place they have, written whole or not at all."""

from __future__ import annotations

import errno
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geodata import shards
from geodata.crs import BNG, WGS84, to_bng, to_lonlat
from geodata.errors import ReportFileError, SaferWalksError
from tests.builders import ORIGIN, two_wards

EAST = ORIGIN[0] + np.array([10.0, 10.0, np.nan, 990.0])
NORTH = ORIGIN[1] + np.array([10.0, 10.0, np.nan, 5.0])
ELSEWHERE = "+proj=utm +zone=31 +datum=WGS84"
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
    with shards.opened(str(path), ("category",)) as shard:
        batches = list(shard.batches(2))
        assert (shard.rows, shard.degrees) == (4, "degrees" in place)
    x, y = (np.concatenate([getattr(batch, axis) for batch in batches]) for axis in "xy")
    x, y = to_bng(x, y) if shard.degrees else (x, y)
    np.testing.assert_allclose(x, EAST, atol=0.01)
    np.testing.assert_allclose(y, NORTH, atol=0.01)
    words = [
        [*known, None][code] for b in batches for codes, known in b.words for code in codes.tolist()
    ]
    assert words == ["drugs", None, "drugs", "burglary"]


def test_what_cannot_be_used_is_said(tmp_path: Path) -> None:
    with pytest.raises(ReportFileError, match="no parquet file"):
        shards.find_shards(str(tmp_path))
    pd.DataFrame({"month": ["2026-01"], "category": ["a"]}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(ReportFileError, match="lacks columns"):
        shards.total_rows([str(tmp_path / "a.parquet")])
    pd.DataFrame({"lon": ["0.1"], "lat": ["51"]}).to_parquet(tmp_path / "b.parquet")
    with pytest.raises(ReportFileError, match="not numbers"):
        shards.total_rows([str(tmp_path / "b.parquet")])
    (tmp_path / "c.parquet").write_bytes(b"no parquet at all")
    with pytest.raises(ReportFileError, match="cannot be read"):
        shards.total_rows([str(tmp_path / "c.parquet")])
    french = gpd.GeoDataFrame(SAID, geometry=gpd.GeoSeries.from_xy(EAST, NORTH, crs=BNG))
    french.set_crs(ELSEWHERE, allow_override=True).to_parquet(tmp_path / "d.parquet")
    with pytest.raises(ReportFileError, match="not converted"):
        shards.total_rows([str(tmp_path / "d.parquet")])
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
    assert shards.total_rows([found], ("month", "category")) == 4
    assert shards.anything_below("memory://county")
    shards.remove("memory://county")
    assert not shards.exists(found)


def test_a_table_is_read_from_here_to_there(tmp_path: Path) -> None:
    """In three groups of rows and more, against a plain filter; also where there is no row."""
    q = np.sort(np.random.default_rng(1).integers(-50, 50, 3 * shards.GROUP_ROWS))
    frame = pd.DataFrame({"q": q, "month": pd.Categorical.from_codes(q % 2, ["a", "b"])})
    url = f"{tmp_path}/a.parquet"
    shards.write_ordered(url, frame)
    for low, high in ((-50, 51), (-3, 4), (-9, -9), (60, 70)):
        found = shards.read_between(url, low, high)
        plain = frame[frame["q"].between(low, high, inclusive="left")]
        assert found["q"].tolist() == plain["q"].tolist()
        assert found["month"].tolist() == plain["month"].tolist()
        assert isinstance(found["month"].dtype, pd.CategoricalDtype)
    shards.write_ordered(url, frame.head(0))
    assert shards.read_between(url, -50, 50).empty


def test_a_full_or_closed_disk_is_said_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SaferWalksError, match=r"cannot be written.*File exists"):
        shards.write_facts(f"{tmp_path}/file/facts.json", {})
    files, _path = shards.storage(str(tmp_path))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(type(files), "mv", full)
    with pytest.raises(SaferWalksError, match=r"No space left on device.*free space"):
        shards.write_facts(f"{tmp_path}/facts.json", {})
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
