"""Reports counted at their points: any area gives what looking at every row gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geodata import aggregates, points
from geodata.points import Points, points_near, points_of
from geodata.store import commit, read_incidents
from geodata.workspace import Workspace
from tests.builders import ORIGIN, batch, incidents, workspace_of

SPOTS = [(100, 500), (100, 500), (990, 500), (1010, 500), (300, 1200), (1500, 20), (None, None)]
ROWS = [
    (month, *spot, kind)
    for month in ("2026-03", "2026-04")
    for number, spot in enumerate(SPOTS)
    for kind in ("rowdy", "burglary", "police_uk_unspecified")[: number % 3 + 1]
]
METRES = st.floats(0, 1200, allow_nan=False)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    months = [[row for row in ROWS if row[0] == month] for month in ("2026-03", "2026-04")]
    batches = [batch(str(n), incidents(rows)) for n, rows in enumerate(months)]
    return workspace_of(tmp_path_factory.mktemp("points") / "w", *batches)


@pytest.fixture(scope="module")
def rows(made: Workspace) -> pd.DataFrame:
    return read_incidents(made)


def test_they_lie_from_west_to_east_and_add_up_to_all_rows(
    made: Workspace, rows: pd.DataFrame
) -> None:
    found = points_of(made, "police_uk")
    assert found.x.tolist() == sorted(found.x.tolist())
    assert len(found.x) == 5
    assert found.count.sum() == len(rows)
    assert found.count[found.point < 0].sum() == rows["easting"].isna().sum()
    assert found.start[-1] == (found.point >= 0).sum()
    assert found.count[found.in_wards].sum() == rows["ward_match"].eq("inside").sum()
    for number in range(5):
        part = slice(found.start[number], found.start[number + 1])
        here = rows["easting"].eq(found.x[number]) & rows["northing"].eq(found.y[number])
        assert set(found.point[part]) == {number}
        assert found.count[part].sum() == here.sum()
    assert points_of(made, "police_uk") is found  # once a process


@given(METRES, METRES, METRES, METRES, st.sampled_from([0.0, 25.0, 200.0]))
def test_an_area_holds_the_rows_that_looking_at_each_gives(
    made: Workspace, rows: pd.DataFrame, a: float, b: float, c: float, d: float, metres: float
) -> None:
    """Also the edge: rows lie on whole metres, and boxes often end there."""
    x, y = ORIGIN
    shape = shapely.box(x + min(a, b), y + min(c, d), x + max(a, b), y + max(c, d))
    found = points_of(made, "police_uk")
    kept = found.at(found.inside(shape, metres=metres))
    kept &= found.which(category=["rowdy", "burglary"], month=["2026-04"])
    placed = rows[rows["easting"].notna() & rows["month"].eq("2026-04")]
    placed = placed[placed["category"].isin(["rowdy", "burglary"])]
    each = shapely.points(placed["easting"], placed["northing"])
    wanted = shapely.distance(shape, each) <= metres
    assert found.count[kept].sum() == wanted.sum()


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ({"month": ["2026-04"]}, len(ROWS) // 2),
        ({"category": ["rowdy"]}, 2 * len(SPOTS)),
        ({"category": ["never met"]}, 0),
        ({"month": []}, 0),
        ({"geo_precision": ["none"]}, 2),
    ],
)
def test_which_counts_are_of_certain_words(
    made: Workspace, words: dict[str, list[str]], count: int
) -> None:
    found = points_of(made, "police_uk")
    assert found.count[found.which(**words)].sum() == count


def test_a_point_near_two_places_counts_at_both(made: Workspace) -> None:
    x, y = ORIGIN
    found = points_of(made, "police_uk")
    shapes = shapely.points([(x + 1000, y + 500), (x + 1020, y + 500), (x + 9000, y)])
    near = points_near(found, shapes, 15.0)
    months = ["2026-04", "2026-05", "2026-03"]
    table = found.matrix(*near, 3, found.which(category=["rowdy"]), months)
    assert table.tolist() == [[2, 0, 2], [1, 0, 1], [0, 0, 0]]
    assert points_near(found, shapes, 15.0)[0] is near[0]  # no filter changes it
    assert len(points_near(found, shapes, 5.0)[0]) == 0
    assert len(points_near(found, shapes[:0])[0]) == 0


def test_an_import_is_seen_and_an_older_state_keeps_its_own(tmp_path: Path) -> None:
    old = workspace_of(tmp_path / "w", batch("m", incidents([("2026-03", 100, 500)])))
    assert points_of(old, "police_uk").count.sum() == 1
    commit(old, [batch("n", incidents([("2026-04", 100, 500), ("2026-04", 7, 7)]))])
    assert points_of(old.reopen(), "police_uk").count.sum() == 3
    assert points_of(old, "police_uk").count.sum() == 1
    assert points_of(old, "council_asb").inside(shapely.box(0, 0, 1e6, 1e6)).tolist() == []


def test_nothing_lies_in_an_empty_shape(made: Workspace) -> None:
    assert points_of(made, "police_uk").inside(shapely.Polygon()).tolist() == []


def test_they_are_read_from_files_made_at_import(
    made: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No row is read again, whatever is asked."""
    points._kept._kept.clear()
    monkeypatch.setattr(aggregates, "_worked_out", lambda *_: pytest.fail("rows were read"))
    assert isinstance(points_of(made, "police_uk"), Points)
    assert np.isfinite(points_of(made, "police_uk").x).all()
