"""Places people keep: found by what they were called, put in their ward, merged and unmerged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import shapely

from analysis.cli import main
from analysis.jobs import sites
from analysis.jobs.records import add_record, change_record, get_record
from geodata.errors import RecordError, StaleRecordError
from geodata.workspace import Workspace
from tests.builders import EAST, ORIGIN, WEST, workspace_of
from tests.databases import AT

WHO: dict[str, Any] = {"by": "anna", "at": AT}
X, Y = ORIGIN
PARK = {"name": "St. Mary's Park", "kind": "park", "easting": X + 300, "northing": Y + 500}
WALK = {"event_type": "womens_walk", "status": "planned_tbc"}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.delenv("SAFER_WALKS_DATABASE_URL", raising=False)
    return workspace_of(tmp_path / "w")


def test_where_a_place_lies_says_its_ward(here: Workspace) -> None:
    made = sites.add_place(here, PARK, **WHO)
    assert (made["ward_code"], made["status"]) == (WEST, "current")
    moved = {"easting": X + 1300, "northing": Y + 500}
    moved_to = sites.change_place(here, made.id, moved, version=1, **WHO)
    assert moved_to["ward_code"] == EAST
    drawn = shapely.box(X + 100, Y + 100, X + 200, Y + 300).wkt
    estate = {"name": "An estate", "kind": "estate", "outline": drawn}
    shaped = sites.add_place(here, estate, **WHO)
    assert shaped["ward_code"] == WEST
    assert (shaped["easting"], shaped["northing"]) == (X + 150, Y + 200)
    outside = sites.add_place(here, PARK | {"name": "Far", "easting": X - 5000}, **WHO)
    assert outside["ward_code"] == ""
    nowhere = sites.add_place(here, {"name": "Somewhere", "kind": "street"}, **WHO)
    assert nowhere["ward_code"] == ""
    shapes = sites.place_shapes(sites.known_places(here))
    assert dict(zip(shapes["name"], shapes.geom_type, strict=True)) == {
        "An estate": "Polygon", "Far": "Point", "St. Mary's Park": "Point",
    }  # fmt: skip


def test_a_place_is_found_by_what_it_was_called(here: Workspace) -> None:
    made = sites.add_place(here, PARK, **WHO)
    sites.change_place(here, made.id, {"name": "Jubilee Gardens"}, version=1, **WHO)
    sites.add_place(here, PARK | {"name": "Elsewhere", "northing": Y + 900}, **WHO)
    for words in ("jubilee", "Saint Marys Pk", "mary's", made.id.lower()):
        found = sites.known_places(here, find=words)
        assert found["name"].tolist() == ["Jubilee Gardens"], words
    assert sites.known_places(here, find="Jubilee")["also"].tolist() == ["St. Mary's Park"]
    assert sites.known_places(here, find="nothing like it").empty
    again = sites.change_place(here, made.id, {"name": "St. Mary's Park"}, version=2, **WHO)
    assert again["former_names"] == ("Jubilee Gardens",)


def test_the_same_name_close_by_is_refused_and_far_away_is_not(here: Workspace) -> None:
    made = sites.add_place(here, PARK, **WHO)
    near = PARK | {"name": "Saint Mary's Pk", "easting": X + 300 + sites.SAME_NAME_M - 1}
    with pytest.raises(RecordError, match="close by already") as fault:
        sites.add_place(here, near, **WHO)
    assert made.id in str(fault.value)
    sites.add_place(here, near | {"easting": X + 300 + sites.SAME_NAME_M}, **WHO)
    with pytest.raises(RecordError, match="close by"):  # nobody can say where: may be the same
        sites.add_place(here, {"name": "St Mary's Park", "kind": "park"}, **WHO)


def test_a_retired_place_is_kept_and_offered_no_more(here: Workspace) -> None:
    made = sites.add_place(here, PARK, **WHO)
    add_record(here, "events", WALK | {"site_id": made.id}, **WHO)
    sites.retire_place(here, made.id, version=1, **WHO)
    assert sites.known_places(here).empty
    kept = sites.known_places(here, unused=True)
    assert kept[["status_name", "used"]].to_numpy().tolist() == [["Retired", 1]]
    sites.retire_place(here, made.id, version=2, again=True, **WHO)
    assert sites.known_places(here)["site_id"].tolist() == [made.id]


def test_a_merge_tells_what_it_moved_and_can_be_taken_back(here: Workspace) -> None:
    gone = sites.add_place(here, PARK, **WHO)
    stays = sites.add_place(here, PARK | {"name": "The green", "northing": Y + 900}, **WHO)
    walks = [add_record(here, "events", WALK | {"site_id": gone.id}, **WHO).id for _ in range(2)]
    theirs = add_record(here, "events", WALK | {"site_id": stays.id}, **WHO).id
    ask = {"received_on": "2026-01-01", "status": "received", "site_id": gone.id}
    request = add_record(here, "requests", ask, **WHO).id
    aim = {"ward_code": WEST, "title": "x", "status": "active", "site_ids": [gone.id, "SIT-1"]}
    priority = add_record(here, "priorities", aim, **WHO).id
    later: dict[str, Any] = {"by": "anna", "at": AT.replace(hour=11)}
    merged = sites.merge_places(here, gone.id, stays.id, version=1, **later)
    assert merged["moved"] == {"events": 2, "requests": 1, "priorities": 1}
    assert merged["message"].startswith("2 events, 1 walk request, 1 ward priority now name The gr")
    assert sites.known_places(here, find="mary's")["site_id"].tolist() == [stays.id]
    change_record(here, "events", walks[1], {"site_id": None}, version=2, **later)
    undone = sites.undo_merge(here, gone.id, version=2, **later)
    assert undone["moved"] == {"events": 1, "requests": 1, "priorities": 1}
    assert undone["left"] == [walks[1]]
    assert "1 stay where they were put since" in undone["message"]
    assert get_record(here, "events", walks[0])["site_id"] == gone.id
    assert get_record(here, "events", walks[1])["site_id"] is None
    assert get_record(here, "events", theirs)["site_id"] == stays.id
    assert get_record(here, "requests", request)["site_id"] == gone.id
    assert get_record(here, "priorities", priority)["site_ids"] == (gone.id, "SIT-1")
    names = sites.known_places(here).set_index("name")["also"]
    assert names.to_dict() == {"St. Mary's Park": "", "The green": ""}
    with pytest.raises(RecordError, match="was not merged"):
        sites.undo_merge(here, gone.id, version=3, **later)


def test_a_second_editor_of_a_place_is_told(here: Workspace) -> None:
    made = sites.add_place(here, PARK, **WHO)
    sites.change_place(here, made.id, {"name": "One"}, version=1, **WHO)
    with pytest.raises(StaleRecordError):
        sites.change_place(here, made.id, {"name": "Two"}, version=1, **WHO)
    with pytest.raises(StaleRecordError):
        sites.retire_place(here, made.id, version=1, **WHO)
    assert pd.Series(sites.known_places(here)["name"]).tolist() == ["One"]


def run(here: Workspace, *words: object, capsys: Any, code: int = 0) -> dict[str, Any]:
    assert main(["--workspace", str(here.path), *map(str, words), "--json"]) == code
    return dict(json.loads(capsys.readouterr().out))


def test_places_are_kept_by_command(
    here: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = sites.add_place(here, PARK, **WHO).id
    two = sites.add_place(here, PARK | {"name": "B", "northing": Y + 900}, **WHO).id
    named = run(here, "places", "sites", "rename", one, "The green", capsys=capsys)
    assert named["former_names"] == ["St. Mary's Park"]
    found = run(here, "places", "sites", "find", "mary's", capsys=capsys)
    assert [s["site_id"] for s in found["sites"]] == [one]
    merged = run(here, "places", "sites", "merge", one, two, capsys=capsys)
    assert merged["into"] == two
    answer = run(here, "places", "sites", "merge", one, two, capsys=capsys, code=1)
    assert "merged before" in answer["error"]
    assert run(here, "places", "sites", "unmerge", one, capsys=capsys)["into"] == two
    retired = run(here, "places", "sites", "retire", one, capsys=capsys)
    assert retired == {"id": one, "status": "retired"}
    out = tmp_path / "sites.csv"
    run(here, "places", "sites", "export", "--out", out, capsys=capsys)
    other = workspace_of(tmp_path / "other")
    assert run(other, "places", "sites", "import", out, capsys=capsys)["added"] == {"sites": 2}
    assert run(other, "places", "sites", "list", capsys=capsys) == run(
        here, "places", "sites", "list", capsys=capsys
    )
