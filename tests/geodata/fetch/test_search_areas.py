"""No place in the wards or their collar is left unsearched, whatever the wards look like."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.crs import BNG, to_bng
from geodata.fetch.search_areas import search_areas
from tests.replay_server import polygon_of


def unsearched(wards: gpd.GeoDataFrame, *, seed: int, count: int = 4_000) -> int:
    """Count random places within 499 m of the wards that lie in no ring as it is sent."""
    r = np.random.default_rng(seed)
    west, south, east, north = wards.total_bounds
    places = shapely.points(
        r.uniform(west - 500, east + 500, count), r.uniform(south - 500, north + 500, count)
    )
    near = places[shapely.dwithin(places, wards.union_all(), 499.0)]
    rings = []
    for area in search_areas(wards):
        sent = shapely.get_coordinates(polygon_of(area.poly()))
        rings.append(shapely.Polygon(np.column_stack(to_bng(sent[:, 0], sent[:, 1]))))
    everything = shapely.union_all(shapely.buffer(rings, 0.5))  # five decimals: a metre
    return int((~shapely.intersects(everything, near)).sum())


@settings(max_examples=25)
@given(
    cells=st.sets(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=12),
    split=st.integers(1, 11),
    seed=st.integers(0, 2**32 - 1),
)
def test_wards_of_any_shape_are_searched_whole(
    cells: set[tuple[int, int]], split: int, seed: int
) -> None:
    """Wards of squares of 600 m: with bays, islands, holes, and each other inside."""
    squares = [
        shapely.box(530_000 + 600 * x, 180_000 + 600 * y, 530_600 + 600 * x, 180_600 + 600 * y)
        for x, y in sorted(cells)
    ]
    split = min(split, len(squares) - 1)
    wards = gpd.GeoDataFrame(
        {"ward_code": ["A", "B"], "ward_name": ["One", "Two"]},
        geometry=[shapely.union_all(squares[:split]), shapely.union_all(squares[split:])],
        crs=BNG,
    )
    assert unsearched(wards, seed=seed, count=1_000) == 0


@pytest.mark.parametrize("file", ["tower_hamlets_wards_2014_bng.gpkg", "newham_wards_bng.gpkg"])
def test_real_boroughs_are_searched_whole(shared_data: Path, file: str) -> None:
    wards = gpd.read_file(shared_data / "wards" / file)
    wards = wards.rename(columns={"GSS_CODE": "ward_code", "NAME": "ward_name"})
    assert unsearched(wards, seed=1) == 0
    assert len(search_areas(wards)) == 20
    assert max(len(area.poly()) for area in search_areas(wards)) < 8_000
