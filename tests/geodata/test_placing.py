from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geodata.batches import Batch
from geodata.crs import to_lonlat
from geodata.incidents import COUNCIL_COLUMNS
from geodata.placing import place_rows
from geodata.store import commit, read_incidents, relocate, stored_months
from geodata.workspace import Workspace
from tests.builders import EAST, ORIGIN, WEST, batch, incidents, workspace_of

AT = "2026-11-22T10:00:00+00:00"


def by_postcode(rows: pd.DataFrame) -> pd.DataFrame:
    """Know one postcode: it lies in East, 1500 m east and 500 m north of the origin."""
    found = rows["postcode"].eq("E1 6AN").fillna(value=False).to_numpy(dtype=bool)
    return rows.assign(
        easting=np.where(found, ORIGIN[0] + 1500, np.nan),
        northing=np.where(found, ORIGIN[1] + 500, np.nan),
        geo_precision=np.where(found, "postcode", "none"),
        category="other",  # is not its business
    )


def council(postcodes: list[str | None], name: str = "c") -> Batch:
    """One report at the middle of West, then one a postcode without a place."""
    rows = incidents(
        [("2026-04", 500, 500, "rowdy"), *[("2026-04", None, None, "rowdy")] * len(postcodes)],
        source="council_asb",
    )
    return batch(name, rows.assign(postcode=["E9 9ZZ", *postcodes]))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return workspace_of(tmp_path / "workspace").path


def wards(path: Path) -> list[str]:
    codes = read_incidents(Workspace.open(path))["ward_code"].astype("object")
    return [str(code) for code in codes.where(codes.notna(), "")]


def test_only_rows_without_a_place_are_asked_about() -> None:
    rows = incidents([("2026-04", 500, 500), ("2026-04", None, None)]).iloc[[1, 0]]
    asked: list[pd.DataFrame] = []

    def place(given: pd.DataFrame) -> pd.DataFrame:
        asked.append(given)
        return given.assign(easting=530_100.0, northing=180_100.0, geo_precision="street", lat=51.5)

    placed, count = place_rows(rows, place)
    assert (count, len(asked), asked[0].index.tolist()) == (1, 1, [1])
    assert set(COUNCIL_COLUMNS) <= set(asked[0])
    assert placed["easting"].tolist() == [530_100.0, 530_500.0]
    assert placed["geo_precision"].tolist() == ["street", "snap_point"]
    assert placed["geo_radius_m"].tolist()[0] == 100.0
    lon, lat = to_lonlat(np.array([530_100.0]), np.array([180_100.0]))  # half a pair is no pair
    assert (placed["lon"].iloc[0], placed["lat"].iloc[0]) == (lon[0], lat[0])
    assert place_rows(placed, place)[1] == 0
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda rows: rows.reset_index(drop=True), "on the index of the rows"),
        (lambda rows: rows.assign(easting=1.0, northing=1.0), "needs one of exact, uprn"),
    ],
)
def test_a_place_that_is_none_is_refused(wrong: object, message: str) -> None:
    rows = incidents([("2026-04", 500, 500), ("2026-04", None, None)])
    with pytest.raises(ValueError, match=message):
        place_rows(rows, wrong)  # type: ignore[arg-type]


def test_an_import_places_what_it_can_before_the_join(path: Path) -> None:
    report = commit(Workspace.open(path), [council(["E1 6AN", None])], locate=by_postcode, at=AT)
    assert (report.inside, report.no_location, report.placed) == (2, 1, 1)
    assert report.to_json()["placed"] == 1
    assert wards(path) == [WEST, EAST, ""]
    found = read_incidents(Workspace.open(path), columns=["geo_precision", "category", "postcode"])
    assert found["geo_precision"].tolist() == ["snap_point", "postcode", "none"]
    assert set(found["category"]) == {"rowdy"}
    again = commit(Workspace.open(path), [council(["E1 6AN", None])], locate=by_postcode)
    assert (again.unchanged, again.placed) == (True, 0)


def test_a_dry_run_places_and_stores_nothing(path: Path) -> None:
    workspace = Workspace.open(path)
    report = commit(workspace, [council(["E1 6AN"])], locate=by_postcode, dry_run=True)
    assert (report.inside, report.placed) == (2, 1)
    assert workspace.reopen().version == workspace.version


def test_stored_rows_are_placed_joined_and_remembered(path: Path) -> None:
    commit(
        Workspace.open(path),
        [council(["E1 6AN", None]), batch("p", incidents([("2026-04", 1, 1)]))],
    )
    before = read_incidents(Workspace.open(path))
    assert relocate(Workspace.open(path), by_postcode, at=AT) == 1
    workspace = Workspace.open(path)
    assert wards(path) == [WEST, EAST, "", WEST]
    assert stored_months(workspace)[["inside", "no_location"]].to_numpy().tolist() == [
        [2, 1], [1, 0],
    ]  # fmt: skip
    after = read_incidents(workspace)
    same = ["incident_uid", "category", "month"]
    pd.testing.assert_frame_equal(before[same], after[same])
    assert (workspace.manifest().live[0].points, workspace.manifest().live[1].points) == (2, 1)
    entry = workspace.manifest().imports[-1]
    assert (entry.mode, entry.at, entry.counts["placed"]) == ("relocated", AT, 1)


def test_nothing_to_place_changes_nothing(path: Path) -> None:
    commit(Workspace.open(path), [council([None])])
    version = Workspace.open(path).version
    assert relocate(Workspace.open(path), by_postcode) == 0
    assert Workspace.open(path).version == version
