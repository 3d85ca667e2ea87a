"""Named places as candidates: catchments that overlap, distinct reports, and what counts where."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.jobs.candidates import candidates
from analysis.jobs.maps import map_file
from analysis.jobs.score import score
from geodata import months as m
from geodata.errors import SaferWalksError
from geodata.records.database import open_records
from geodata.records.fields import LONDON
from geodata.workspace import Workspace
from tests.builders import ORIGIN, batch, incidents, workspace_of

WHO: dict[str, Any] = {"by": "test", "at": dt.datetime(2026, 5, 1, 12, tzinfo=LONDON)}


def site(name: str, x: float, y: float = 200, **more: Any) -> dict[str, Any]:
    at = {"easting": ORIGIN[0] + x, "northing": ORIGIN[1] + y}
    return {"name": name, "kind": "street", **at, **more}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Each month two reports at 200 east and one at 450; places at 200, 400 and 1700."""
    rows = [(month, x, 200) for month in m.window("2026-04", 12) for x in (200, 200, 450)]
    made = workspace_of(tmp_path / "w", batch("met", incidents(rows)))
    with open_records(made).changing(**WHO) as change:
        for number, x in enumerate((200, 400, 1700), 1):
            change.create("sites", site(f"At {x}", x), record_id=f"S-{number}")
        change.create("sites", site("Far away", -9_000))
        change.create("sites", site("Used no more", 210, status="retired"))
        change.create("sites", {"name": "Nowhere", "kind": "other"})
        change.create("asks", {"asked_on": "2026-02-01", "asker": "resident", "site_id": "S-1"})
        action = {"origin": "walkabout", "action_text": "Mend", "status": "agreed",
                  "owner_agency": "theo", "agreed_on": "2026-03-01"}  # fmt: skip
        change.create("actions", action | {"site_id": "S-3"})
    return made


def test_named_places_inside_the_wards_are_compared(workspace: Workspace) -> None:
    found = candidates(workspace, "sites", side=200)
    assert found.table["location_id"].tolist() == ["S-1", "S-2", "S-3"]
    assert (found.overlapping, found.left_out) == (2, 2)
    assert "within 200 m" in found.words()
    assert "2 of 3 overlap" in found.words()
    assert candidates(workspace, "hexagons", side=200).words() == ""


def test_a_point_counts_for_every_place_it_is_near(workspace: Workspace) -> None:
    found = candidates(workspace, "sites", side=200, catchment=200)
    east = ORIGIN[0] + np.array([300.0, 0.0, np.nan, 700.0, 1900.0, 1900.1])
    near = found.near(east, np.full(6, ORIGIN[1] + 200.0))
    assert list(near.items()) == [(0, "S-1"), (0, "S-2"), (1, "S-1"), (4, "S-3")]


def test_a_report_counts_once_at_each_place_and_the_places_are_not_added_up(
    workspace: Workspace,
) -> None:
    found = score(workspace, places="sites", draws=50)
    table = found.table.set_index("location_id")
    # 24 reports lie within 200 m of the first, those and 12 more of the second, none of the third.
    assert table.loc[["S-1", "S-2", "S-3"], "why"].str.extract(r"(\d+|no) ASB")[0].tolist() == [
        "24", "36", "no",
    ]  # fmt: skip
    assert table["name"].to_dict() == {"S-1": "At 200", "S-2": "At 400", "S-3": "At 1700"}
    assert "must not be added up" in found.message
    assert found.to_json()["places"] == "sites"
    assert found.where is not None
    assert table.geometry.area.round(-2).nunique() == 1


def test_what_people_asked_for_counts_at_every_place_near(workspace: Workspace) -> None:
    table = score(workspace, places="sites", draws=20).table.set_index("location_id")
    assert table["requests_raw"].to_dict() == {"S-1": 1.0, "S-2": 1.0, "S-3": 0.0}
    assert table["unresolved_raw"].to_dict() == {"S-1": 0.0, "S-2": 0.0, "S-3": 1.0}
    narrow = score(workspace, places="sites", catchment=150, draws=20)
    asked = narrow.table.set_index("location_id")["requests_raw"]
    assert asked.to_dict() == {"S-1": 1.0, "S-2": 0.0, "S-3": 0.0}
    notes = narrow.components.set_index("component")["note"]
    assert notes["unresolved"] == "1 open actions at 1 places"


def test_an_outline_is_measured_from_its_edge(workspace: Workspace) -> None:
    west, south = ORIGIN[0] + 1000, ORIGIN[1] + 100
    outline = (
        f"POLYGON (({west} {south}, {west + 100} {south}, {west + 100} {south + 100},"
        f" {west} {south + 100}, {west} {south}))"
    )
    with open_records(workspace).changing(**WHO) as change:
        change.create("sites", site("Park", 1050, 150, outline=outline), record_id="S-4")
    found = candidates(workspace, "sites", side=200, catchment=100)
    east = ORIGIN[0] + np.array([1199.0, 1201.0, 1050.0])
    near = found.near(east, np.full(3, ORIGIN[1] + 150.0))
    assert list(near.items()) == [(0, "S-4"), (2, "S-4")]


def test_what_is_not_offered_is_told(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(SaferWalksError, match="hexagons or sites"):
        candidates(workspace, "streets", side=200)
    with pytest.raises(SaferWalksError, match="100, 150, 200"):
        candidates(workspace, "sites", side=200, catchment=170)
    with pytest.raises(SaferWalksError, match="No place has been named"):
        candidates(workspace_of(tmp_path / "empty"), "sites", side=200)


def test_hexagons_are_counted_as_ever(workspace: Workspace) -> None:
    by_matrix = score(workspace, draws=20)
    reports = by_matrix.facts["reports"]
    assert reports.sum() == 36
    assert isinstance(reports, pd.Series)


def test_leaving_a_source_out_is_said_for_each_that_feeds_the_score(workspace: Workspace) -> None:
    robustness = score(workspace, places="sites", draws=20).robustness
    assert {"without_police_uk", "without_records"} <= set(robustness)
    full = score(workspace, places="sites", draws=20).full_table
    assert {"pick", "weight_low", "without_records", "location_id"} <= set(full)
    assert full["weight_low"].le(full["weight_high"]).all()


def test_the_map_is_made_as_the_list_was(workspace: Workspace) -> None:
    how = {"places": "sites", "catchment": 150, "normaliser": "index"}
    made = map_file(workspace, layer="locations", audience="public", how=how)
    assert "At 200" in made
    assert "Score, the average is 100" in made
    assert "At 200" in map_file(workspace, layer="locations", audience="internal", how=how)
