"""Layers beside the wards, and where each thing came from."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geodata import layers
from geodata.crs import BNG
from geodata.errors import CrsError, WorkspaceError
from geodata.store import change_wards, commit, read_incidents
from geodata.workspace import Workspace
from tests.builders import EAST, ORIGIN, WEST, batch, incidents, two_wards, workspace_of

ORIGIN_OF = {"licence": "OGL", "fetched_at": "2026-11-22"}


def residents(*counts: int) -> pd.DataFrame:
    return pd.DataFrame(
        {"ward_code": [WEST, EAST], "residents": counts, "source": "x", "year": 2022}
    )


def stops(*names: str) -> gpd.GeoDataFrame:
    spots = [shapely.Point(ORIGIN[0] + n, ORIGIN[1]) for n in range(len(names))]
    return gpd.GeoDataFrame(
        {"place_id": list(names), "name": list(names), "kind": "station"}, geometry=spots, crs=BNG
    )


def test_a_layer_is_stored_with_its_origin_and_nothing_else_changes(tmp_path: Path) -> None:
    made = workspace_of(tmp_path, batch("a", incidents([("2026-01", 500, 500)])))
    assert layers.put(made, "population", ORIGIN_OF, population=residents(10, 20))
    assert layers.put(made, "streets", ORIGIN_OF, places=stops("A", "B"))
    now = made.reopen()
    assert now.population()["residents"].tolist() == [10, 20]
    assert now.places()["name"].tolist() == ["A", "B"]
    assert layers.origins(now) == {"population": ORIGIN_OF, "streets": ORIGIN_OF}
    assert len(read_incidents(now)) == 1


def test_the_same_layer_on_another_day_keeps_its_day(tmp_path: Path) -> None:
    made = workspace_of(tmp_path)
    layers.put(made, "population", ORIGIN_OF, population=residents(10, 20))
    before = made.reopen().version
    later = ORIGIN_OF | {"fetched_at": "2026-11-23"}
    assert not layers.put(made, "population", later, population=residents(10, 20))
    assert made.reopen().version == before
    assert layers.put(made, "population", later, population=residents(10, 21))
    assert layers.origins(made.reopen())["population"] == later


def test_a_replaced_layer_is_read_by_who_opened_before(tmp_path: Path) -> None:
    made = workspace_of(tmp_path)
    layers.put(made, "population", ORIGIN_OF, population=residents(10, 20))
    old = made.reopen()
    layers.put(made, "population", ORIGIN_OF, population=residents(1, 2))
    commit(old, [batch("a", incidents([("2026-01", 500, 500)]))])
    assert old.population()["residents"].tolist() == [10, 20]
    assert old.reopen().population()["residents"].tolist() == [1, 2]


def test_streets_and_a_gazetteer_come_back_as_they_went_in(tmp_path: Path) -> None:
    made = workspace_of(tmp_path)
    assert layers.streets(made) is None
    assert layers.gazetteer(made) is None
    lines = gpd.GeoDataFrame(
        {"street_id": ["1"], "name": [""], "kind": ["path"], "lit": ["no"], "length_m": [100.0]},
        geometry=[shapely.LineString([ORIGIN, (ORIGIN[0] + 100, ORIGIN[1])])],
        crs=BNG,
    )
    names = pd.DataFrame(
        {"key": ["E16AN"], "name": ["E1 6AN"], "kind": ["postcode"], "easting": [1.0],
         "northing": [2.0]}
    )  # fmt: skip
    layers.put(made, "streets", ORIGIN_OF, streets=lines)
    layers.put(made, "gazetteer", ORIGIN_OF, gazetteer=names)
    now = made.reopen()
    pd.testing.assert_frame_equal(pd.DataFrame(layers.streets(now)), pd.DataFrame(lines))
    pd.testing.assert_frame_equal(layers.gazetteer(now), names, check_dtype=False)
    (now.path / now.manifest().layers["gazetteer"].path).unlink()
    with pytest.raises(WorkspaceError, match="missing"):
        layers.gazetteer(now)


def test_streets_must_be_in_the_grid(tmp_path: Path) -> None:
    lines = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 51), (0, 52)])], crs="OGC:CRS84")
    with pytest.raises(CrsError):
        layers.put(workspace_of(tmp_path), "streets", ORIGIN_OF, streets=lines)


def test_layers_outlive_new_wards(tmp_path: Path) -> None:
    made = workspace_of(tmp_path)
    layers.put(made, "population", ORIGIN_OF, population=residents(10, 20))
    known = layers.with_origin(tmp_path, "wards", {"licence": "new"})
    change_wards(made, two_wards().iloc[:1], known)
    now = Workspace.open(tmp_path)
    assert set(layers.origins(now)) == {"wards", "population"}
    assert len(now.population()) == 2
    assert layers.with_origin(tmp_path, "wards", None) == {
        layers.ORIGINS: {"population": ORIGIN_OF}
    }
