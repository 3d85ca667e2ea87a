"""Street in places: by hand, and nothing lost over places that cover the plane."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from analysis.street_length import street_km
from geodata.crs import BNG, WGS84
from geodata.errors import CrsError
from geodata.hexagons import cover
from tests.builders import ORIGIN, two_wards


def test_the_cells_of_a_borough_share_its_streets_out() -> None:
    x, y = ORIGIN
    lines = [
        shapely.LineString([(x + 100, y + 130), (x + 1900, y + 770)]),
        shapely.LineString([(x + 50, y + 900), (x + 50, y + 100), (x + 990, y + 100)]),
    ]
    streets = gpd.GeoDataFrame(geometry=lines, crs=BNG)
    cells = cover(two_wards(), 200)
    found = street_km(cells, streets)
    assert found.index.equals(cells.index)
    assert found.sum() == pytest.approx(sum(line.length for line in lines) / 1000)


def test_other_reference_systems_are_refused() -> None:
    streets = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 51), (0, 52)])], crs=WGS84)
    with pytest.raises(CrsError):
        street_km(cover(two_wards(), 200), streets)
