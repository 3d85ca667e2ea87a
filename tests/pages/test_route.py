"""The Route page: a route at once, changed by hand, kept on its event, or from any point."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analysis.jobs.records import list_records
from geodata.records.fields import LONDON
from geodata.workspace import Workspace
from pages.server import clock
from tests.pages.conftest import Open, html

NOW = dt.datetime(2026, 7, 1, 12, tzinfo=LONDON)
EVENT = "EVT-2026-0005"
HELD = "EVT-2026-0001"


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def stops(at: AppTest) -> list[str]:
    """The places in the list, without start and end."""
    marks = re.findall(r'sw-stop-mark">(\w+)</span><span><strong>(.*?)</strong>', html(at))
    return [unescape(name) for label, name in marks if label.isdigit()]


def press(at: AppTest, key: str) -> None:
    at.button(key=key).click().run()
    assert not at.exception


def labelled(at: AppTest, label: str) -> None:
    next(b for b in at.button if b.label == label).click().run()
    assert not at.exception


def test_the_first_look_shows_a_route_for_the_next_walk(open_page: Open, demo_folder: Path) -> None:
    at = open_page("Route", demo_folder)
    assert not at.exception
    said = html(at)
    assert at.selectbox(key="event").value == EVENT
    assert not at.markdown  # Streamlit writes down what stands alone in a page's script
    assert len(stops(at)) >= 3
    assert "Restricted: a women-only walk" in said
    assert "Sunset is at 21:12 and it is dark from 21:56" in said
    assert "ASB reports in 12 months" in said
    found = re.search(r"stops, \d\.\d km and (\d+) minutes, back at Bethnal Green Gardens", said)
    assert found
    assert 45 <= int(found[1]) <= 60
    labels = [b.label for b in at.get("download_button")]
    assert labels == [
        "GPX, for a phone or watch", "Route card (PDF)", "Route card (HTML)",
        "Map as picture (PNG)", "Calendar entry", "GeoJSON",
    ]  # fmt: skip


def test_stops_are_moved_taken_out_and_put_in_and_times_follow(
    open_page: Open, demo_folder: Path
) -> None:
    at = open_page("Route", demo_folder)
    first = stops(at)
    press(at, "stop-0-Down")
    assert stops(at) == [first[1], first[0], *first[2:]]
    assert "minutes longer than asked for" in html(at)
    assert "Stops as somebody chose them" in html(at)
    press(at, "stop-1-Up")
    assert stops(at) == first
    press(at, "stop-0-remove")
    assert stops(at) == first[1:]
    box = next(b for b in at.selectbox if b.label == "Add a stop")
    box.select_index(0).run()
    assert not at.exception
    assert len(stops(at)) == len(first)
    labelled(at, "Propose stops anew")
    assert stops(at) == first


def test_wishes_make_another_proposal_but_keep_what_is_by_hand(
    open_page: Open, demo_folder: Path
) -> None:
    at = open_page("Route", demo_folder, minutes="90", shape="line")
    line = stops(at)
    assert re.search(r"90 minutes, to [A-Z]|8\d minutes, to [A-Z]", html(at))
    at.selectbox(key="minutes").set_value("45").run()
    short = stops(at)
    assert len(short) < len(line)
    press(at, "stop-0-remove")
    at.selectbox(key="minutes").set_value("90").run()
    assert stops(at) == short[1:]
    at.multiselect(key="avoid-streets").select("Cambridge Heath Road").run()
    assert not at.exception
    assert "by Cambridge Heath Road" not in html(at)


def test_the_stops_are_kept_on_the_event_and_shown_again(
    open_page: Open, demo_folder: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    shutil.copytree(demo_folder, own)
    at = open_page("Route", own)
    press(at, "stop-0-remove")
    kept = stops(at)
    labelled(at, "Save the stops to the event")
    assert f"{len(kept)} stops are stored. The feedback form offers them" in html(at)
    stored = list_records(Workspace.open(own), "stops", event_id=EVENT).sort_values("seq")
    assert stored["name"].tolist() == kept
    assert stops(at) == kept
    press(at, "stop-0-remove")
    labelled(at, "Back to what is stored")
    assert stops(at) == kept


def test_a_walk_that_was_held_shows_its_own_stops(open_page: Open, demo_folder: Path) -> None:
    at = open_page("Route", demo_folder, event=HELD)
    assert stops(at) == list(
        list_records(Workspace.open(demo_folder), "stops", event_id=HELD).sort_values("seq")["name"]
    )


def test_a_walk_from_a_point_without_streets_or_events(open_page: Open, small: Path) -> None:
    at = open_page("Route", small)
    assert not at.exception
    assert "Nothing is chosen yet." in html(at)
    at.text_input(key="route-typed").input("over there").run()
    assert "is no easting and northing" in html(at)
    at.text_input(key="route-typed").input("530300, 180500").run()
    assert not at.exception
    assert "No streets are loaded" in html(at)
    assert "+0 min" in html(at)
    labels = [b.label for b in at.get("download_button")]
    assert "Calendar entry" not in labels
    at.text_input(key="route-typed").input("1, 2").run()
    assert "far from the wards" in html(at)


def test_what_cannot_be_walked_is_said_with_what_to_do(open_page: Open, demo_folder: Path) -> None:
    at = open_page("Route", demo_folder, minutes="30", stay="10")
    for name in stops(at):
        assert name
    while stops(at):
        press(at, "stop-0-remove")
    assert "The route has no stop" in html(at)
    assert not at.exception
