"""The Places page: found by old names, added where it was said, changed, merged and taken back."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import shapely
from streamlit.testing.v1 import AppTest

from analysis.jobs import sites
from analysis.jobs.records import add_record, get_record, list_records
from geodata.locating.gazetteer import Spot
from geodata.records.fields import LONDON
from geodata.workspace import Workspace
from pages.server.sessions import Visitor
from tests.builders import EAST, ORIGIN, WEST
from tests.pages.conftest import PAGES, Open, html
from tests.pages.test_sign_in import as_seen_by

NOW = dt.datetime(2026, 9, 1, 12, tzinfo=LONDON)
WHO: dict[str, Any] = {"by": "test", "at": NOW}
X, Y = ORIGIN
PARK = {"name": "Old Park", "kind": "park", "easting": X + 300, "northing": Y + 500,
        "step_free": True, "note": "Gates open at eight"}  # fmt: skip


@pytest.fixture
def kept(small: Path) -> Workspace:
    """A renamed park that a walk names, and a station."""
    here = Workspace.open(small)
    park = sites.add_place(here, PARK, **WHO)
    sites.change_place(here, park.id, {"name": "Jubilee Gardens"}, version=1, **WHO)
    station = {"name": "West station", "kind": "station", "easting": X + 900, "northing": Y + 500}
    sites.add_place(here, station, **WHO)
    walk = {"event_type": "womens_walk", "status": "planned_tbc", "site_id": park.id}
    add_record(here, "events", walk, **WHO)
    return here


def labelled(elements: Any, label: str) -> Any:
    return next(e for e in elements if e.label == label)


def press(at: AppTest, label: str) -> None:
    labelled(at.button, label).click().run()
    assert not at.exception


def task(at: AppTest, name: str) -> None:
    labelled(at.button_group, "What would you like to do?").set_value(name).run()
    assert not at.exception


def site(here: Workspace, name: str) -> str:
    return str(sites.known_places(here, find=name)["site_id"].iloc[0])


def test_a_place_is_found_by_its_old_name_and_tells_its_history(
    open_page: Open, kept: Workspace
) -> None:
    at = open_page("Places", kept.path)
    at.text_input(key="places-find").input("old park").run()
    said = html(at)
    assert "<h2>Jubilee Gardens</h2>" in said
    assert "West station" not in said
    for words in ("Also known as", "Old Park", "Gates open at eight", "Reached without steps"):
        assert words in said
    assert "Name: Old Park became Jubilee Gardens" in said
    assert "Gates open at eight became" not in said
    at.text_input(key="places-find").input("atlantis").run()
    assert "No place is called that" in html(at)


def test_a_place_is_added_where_it_was_found(open_page: Open, kept: Workspace) -> None:
    at = open_page("Places", kept.path)
    task(at, "add")
    assert "Nothing is said yet of where it is" in html(at)
    labelled(at.text_input, "Or find it").input(f"{X + 1500:.0f} {Y + 500:.0f}").run()
    assert "(East), 531,500, 180,500" in html(at)
    labelled(at.text_input, "Name").input("Library")
    labelled(at.selectbox, "Kind").select("library")
    labelled(at.selectbox, "A van can stand at the kerb").select("yes")
    press(at, "Add the place")
    assert "Library is added as SIT-" in html(at)
    made = get_record(kept, "sites", site(kept, "Library"))
    assert (made["ward_code"], made["kerb_space"], made["step_free"]) == (EAST, True, None)
    labelled(at.text_input, "Or find it").input(f"{X + 1510:.0f} {Y + 500:.0f}").run()
    labelled(at.text_input, "Name").input("library")
    press(at, "Add the place")
    assert "There is a place of this name close by already" in html(at)
    labelled(at.text_input, "Or find it").input("nowhere at all").run()
    assert "Nothing here goes by this name" in html(at)


def test_an_outline_is_drawn_corner_by_corner(open_page: Open, kept: Workspace) -> None:
    at = open_page("Places", kept.path)
    task(at, "add")
    labelled(at.button_group, "On the map, draw").set_value("outline").run()
    assert "So far: 0 corners." in html(at)
    at.session_state["_where_corners"] = [(-0.128, 51.5047), (-0.127, 51.5047), (-0.127, 51.5055)]
    at.run()
    assert "It holds 0.3 hectares" in html(at)
    press(at, "Take the last corner back")
    assert "So far: 2 corners." in html(at)
    at.session_state["_where_corners"] = [(-0.128, 51.5047), (-0.127, 51.5047), (-0.127, 51.5055)]
    labelled(at.text_input, "Name").input("The estate")
    press(at, "Add the place")
    made = get_record(kept, "sites", site(kept, "The estate"))
    shape = shapely.from_wkt(made["outline"])
    assert shape.contains(shapely.Point(made["easting"], made["northing"]))
    assert made["ward_code"] == WEST


def test_a_place_is_changed_moved_and_retired(open_page: Open, kept: Workspace) -> None:
    at = open_page("Places", kept.path)
    park = site(kept, "Jubilee")
    at.selectbox(key="places-place").select(park).run()
    labelled(at.toggle, "It lies elsewhere: set its point or outline anew").set_value(True).run()
    spot = shapely.Point(X + 1200, Y + 300)
    at.session_state["_where_spot"] = Spot("", "point", spot.x, spot.y, 10.0, spot)
    labelled(at.text_input, "Name").input("The Gardens")
    press(at, "Save")
    made = get_record(kept, "sites", park)
    assert (made["name"], made["ward_code"]) == ("The Gardens", EAST)
    assert made["former_names"] == ("Old Park", "Jubilee Gardens")
    assert made["note"] == "Gates open at eight"
    press(at, "Retire this place")
    assert "it is retired" in html(at).lower()
    assert park not in set(sites.known_places(kept)["site_id"])


def test_a_second_editor_is_told_and_shown_both(open_page: Open, kept: Workspace) -> None:
    at = open_page("Places", kept.path)
    park = site(kept, "Jubilee")
    at.selectbox(key="places-place").select(park).run()
    sites.change_place(kept, park, {"name": "Hers"}, version=2, by="somebody else", at=NOW)
    labelled(at.text_input, "Name").input("Mine")
    press(at, "Save")
    said = html(at)
    assert "Nothing was overwritten" in said
    assert "<td>Hers" in said
    assert "<td>Mine" in said
    assert get_record(kept, "sites", park)["name"] == "Hers"


def test_two_entries_become_one_and_two_again(open_page: Open, kept: Workspace) -> None:
    park, station = site(kept, "Jubilee"), site(kept, "station")
    at = open_page("Places", kept.path)
    task(at, "merge")
    press(at, "Merge them")
    assert "Choose both entries first" in html(at)
    at.selectbox(key="merge-gone").select(park).run()
    assert "Jubilee Gardens is named by 1 record now" in html(at)
    at.selectbox(key="merge-stays").select(station).run()
    press(at, "Merge them")
    assert "1 event now name West station" in html(at)
    assert list_records(kept, "events")["site_id"].tolist() == [station]
    press(at, "Make it a place of its own again")
    assert list_records(kept, "events")["site_id"].tolist() == [park]
    task(at, "files")
    assert [b.label for b in at.get("download_button")] == ["Places (.xlsx)", "Places (.csv)"]


def test_without_the_role_it_is_read_only(kept: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("geodata.roles").roles.PAGES, "places", frozenset({"viewer"}))
    who = Visitor("person", "a@b.uk", "A", frozenset({"viewer"}))
    at = as_seen_by(who, kept.path, monkeypatch, PAGES["Places"])
    assert not at.exception
    assert [b.label for b in at.button if b.label in ("Save", "Retire this place")] == []
    assert "Gates open at eight" not in html(at)
