"""A route from an event to its files, on two made-up wards with streets drawn by hand."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import astral.sun
import geopandas as gpd
import gpxpy
import icalendar
import numpy as np
import pytest
import shapely
from PIL import Image
from pypdf import PdfReader

from analysis.cli import main
from analysis.jobs.records import (
    add_record,
    change_record,
    get_record,
    list_records,
    record_sheets,
)
from analysis.jobs.route import (
    NO_STREETS,
    STEPS_KNOWN,
    Route,
    follow,
    plan_route,
    propose,
    save_route,
)
from analysis.jobs.route_files import ENDINGS, route_file
from analysis.jobs.route_start import Surroundings, outset_of, surroundings, walks_to_route
from analysis.jobs.walk_forms import Sender, every_walk
from analysis.routing.spots import Spot
from analysis.routing.wishes import Around, RouteWishes
from geodata import layers
from geodata import months as m
from geodata.crs import BNG
from geodata.errors import RecordError, SaferWalksError, StaleRecordError
from geodata.records.fields import LONDON
from geodata.street_network import network_of
from geodata.workspace import Workspace
from tests.builders import ORIGIN, WEST, batch, incidents, once, workspace_of

X, Y = ORIGIN
BY = {"by": "test", "at": dt.datetime(2026, 9, 1, 12, tzinfo=LONDON)}
HOSTILE = "The <b>Gate</b> & ${alert(1)} ]]> #eval"


def streets() -> gpd.GeoDataFrame:
    """A grid of 200 m; Dark Row (the third from the south) is unlit, Stair Way has steps."""
    rows = []
    for n in range(6):
        lit = "no" if n == 2 else "yes"
        name = "Dark Row" if n == 2 else f"Row {n}"
        line = [(X + 200 * i, Y + 200 * n) for i in range(11)]
        rows.append((f"row{n}", name, "residential", lit, False, line))
    for n in range(11):
        kind = "steps" if n == 3 else "residential"
        name = "Stair Way" if n == 3 else f"Column {n}"
        line = [(X + 200 * n, Y + 200 * i) for i in range(6)]
        rows.append((f"col{n}", name, kind, "yes", n == 3, line))
    content = {
        k: [r[i] for r in rows] for i, k in enumerate(("way_id", "name", "kind", "lit", "steps"))
    }
    shapes = [shapely.LineString(r[-1]) for r in rows]
    return network_of(gpd.GeoDataFrame({**content, "tunnel": False}, geometry=shapes, crs=BNG))


def made(folder: Path, *, with_streets: bool = True) -> Workspace:
    once(folder, lambda: _make(folder, with_streets=with_streets), "route", with_streets)
    return Workspace.open(folder)


def _make(folder: Path, *, with_streets: bool) -> None:
    busy = [(month, x, y) for month in m.window("2026-08", 24) for x, y in
            [(300, 500)] * 3 + [(1300, 500)] * 4 + [(700, 900)] * 2]  # fmt: skip
    here = workspace_of(folder, batch("met", incidents(busy)))
    stations = gpd.GeoDataFrame(
        {"place_id": ["s1", "s2"], "name": ["West station", "East station"], "kind": "station"},
        geometry=gpd.points_from_xy([X + 100, X + 1600], [Y, Y + 600]), crs=BNG,
    )  # fmt: skip
    layers.put(
        here, "streets", {}, places=stations, streets=streets() if with_streets else None
    )  # fmt: skip
    here = here.reopen()
    site = {"name": HOSTILE, "kind": "park", "status": "current", "easting": X + 600,
            "northing": Y + 400}  # fmt: skip
    add_record(here, "sites", site, **BY)
    walk = {"event_type": "womens_walk", "status": "confirmed", "women_only": True,
            "site_id": "SIT-2026-0001", "location_name": HOSTILE, "ward_codes": [WEST],
            "planned_date": "2026-10-24", "planned_start": "2026-10-24 18:00"}  # fmt: skip
    add_record(here, "events", walk, **BY)
    open_walk = {**walk, "event_type": "walkabout", "women_only": False,
                 "planned_date": "2026-06-01", "planned_start": "2026-06-01 11:00"}  # fmt: skip
    add_record(here, "events", open_walk, **BY)
    add_record(here, "events", {"event_type": "walkabout", "status": "proposed"}, **BY)
    action = {"origin": "walkabout", "action_text": "Mend the lamp", "status": "agreed",
              "owner_agency": "council_parks", "site_id": "SIT-2026-0001",
              "due_on": "2026-09-30"}  # fmt: skip
    add_record(here, "actions", action, **BY)


WOMEN, OPEN, NOWHERE = "EVT-2026-0001", "EVT-2026-0002", "EVT-2026-0003"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return made(tmp_path_factory.mktemp("route") / "w")


@pytest.fixture(scope="module")
def near(here: Workspace) -> Surroundings:
    return surroundings(here, outset_of(here, WOMEN))


def named(*places: tuple[str, float, float]) -> list[Spot]:
    return [Spot(name, X + x, Y + y) for name, x, y in places]


def test_a_proposal_starts_and_ends_right_and_keeps_to_the_time(near: Surroundings) -> None:
    for minutes in (45, 60, 90):
        found = propose(near, RouteWishes(minutes=minutes))
        assert found.minutes <= minutes + 1e-6
        assert found.stops
        line = shapely.get_coordinates(found.line)
        assert line[0].tolist() == line[-1].tolist() == [X + 600, Y + 400]
        assert found.line.length == pytest.approx(found.metres, abs=0.5)
        assert found.made == "exact"
        arrive = [s.arrive for s in found.stops]
        assert arrive == sorted(arrive)
        assert all(s.leave == s.arrive + 7 for s in found.stops)


def test_what_was_promised_at_the_meeting_point_is_looked_at(near: Surroundings) -> None:
    stops = propose(near, RouteWishes(minutes=60)).stops
    looks = next(s.spot.look_at for s in stops if s.spot.name == HOSTILE)
    assert looks[0] == "Has it been done? “Mend the lamp” (Council parks by 30 September 2026)."
    assert "ASB reports in 12 months" in stops[-1].spot.why


def test_a_line_ends_at_a_station_that_is_not_the_start(near: Surroundings) -> None:
    found = propose(near, RouteWishes(minutes=60, shape="line"))
    assert found.end.name in ("West station", "East station")
    east = propose(near, RouteWishes(minutes=75, shape="line", end="east STATION"))
    assert east.end.name == "East station"
    assert shapely.get_coordinates(east.line)[-1].tolist() == [X + 1600, Y + 600]
    with pytest.raises(SaferWalksError, match="No station or stop of this name"):
        propose(near, RouteWishes(shape="line", end="Nowhere"))
    with pytest.raises(SaferWalksError, match="nowhere to end"):
        propose(near, RouteWishes(minutes=15, pace_kmh=2, shape="line"))


def test_times_by_hand_in_any_order(near: Surroundings) -> None:
    wishes = RouteWishes(pace_kmh=6, stay_minutes=5)  # 100 m a minute
    found = follow(near, wishes, named(("One", 1000, 400), ("Two", 800, 400)))
    assert [(s.spot.name, s.arrive, s.leave) for s in found.stops] == [
        ("One", 4, 9), ("Two", 11, 16),
    ]  # fmt: skip
    assert (found.minutes, found.metres, found.over, found.made) == (18, 800, 0, "by hand")
    assert [found.clock(s.arrive) for s in found.stops] == ["18:04", "18:11"]
    long = follow(near, RouteWishes(minutes=15, pace_kmh=6), named(("One", 1000, 400)))
    assert long.over == 0
    assert follow(near, RouteWishes(minutes=15), named(("Far", 2000, 400))).message.endswith(
        "longer than asked for."
    )
    assert follow(near, wishes, []).message == f"No stop, 0.0 km and 0 minutes, back at {HOSTILE}."


def test_after_dark_the_unlit_row_is_left_for_a_lit_one(near: Surroundings) -> None:
    # 600 m of the unlit row count as 1,200; round by the lit rows it is 1,000.
    spots = named(("Other end", 1200, 400))
    dark = follow(near, RouteWishes(prefer_lit=True), spots)
    light = follow(near, RouteWishes(prefer_lit=False), spots)
    assert light.stops[0].way.metres == 600
    assert light.lit_share == 0
    assert dark.stops[0].way.metres == 1000
    assert dark.lit_share == 1
    # On 24 October 2026 the sun is down before 18:00.
    assert follow(near, RouteWishes(), spots).lit_share == 1
    assert any("Lit and overlooked streets are preferred" in n for n in dark.notes)


def test_the_light_of_the_day_is_said_and_decides(here: Workspace, near: Surroundings) -> None:
    found = propose(near, RouteWishes(minutes=90))
    assert found.light is not None
    assert (found.light.sunset, found.light.dusk) == (dt.time(17, 49), dt.time(18, 24))
    sun = astral.sun.sun(astral.Observer(51.5, -0.12), dt.date(2026, 10, 24), tzinfo=LONDON)
    for ours, theirs in ((found.light.sunset, sun["sunset"]), (found.light.dusk, sun["dusk"])):
        assert abs(ours.hour * 60 + ours.minute - theirs.hour * 60 - theirs.minute) <= 2
    assert found.light.sentence.endswith("the walk begins at dusk and ends in the dark.")
    by_day = plan_route(here, event_id=OPEN)
    assert by_day.light is not None
    assert by_day.light.at_start == by_day.light.at_end == "day"
    assert not any("preferred" in note for note in by_day.notes)


def test_steps_streets_circles_and_places_are_left_out(near: Surroundings) -> None:
    spots = named(("Up the steps", 600, 800))
    day = RouteWishes(prefer_lit=False)
    assert follow(near, day, spots).stops[0].way.streets == ("Stair Way",)
    free = follow(near, RouteWishes(prefer_lit=False, step_free=True), spots)
    assert free.stops[0].way.metres == 800
    assert STEPS_KNOWN in free.notes
    off = RouteWishes(prefer_lit=False, avoid_streets=("stair way",))
    assert "Stair Way" not in follow(near, off, spots).stops[0].way.streets
    circle = RouteWishes(prefer_lit=False, avoid_areas=(Around(X + 600, Y + 600, 20),))
    assert follow(near, circle, spots).stops[0].way.metres == 800
    without = propose(near, RouteWishes(avoid_stops=(HOSTILE.upper(),)))
    assert HOSTILE not in [s.spot.name for s in without.stops]


def test_a_stop_that_no_way_leads_to_is_named(near: Surroundings) -> None:
    found = follow(near, RouteWishes(), named(("Across the river", 600, 3_000), ("Near", 800, 400)))
    assert [s.spot.name for s in found.stops] == ["Near"]
    assert found.unreachable == ("Across the river: no way leads there from the start",)


def test_a_start_without_streets_near_it_is_refused(near: Surroundings) -> None:
    wishes = RouteWishes(avoid_areas=(Around(X + 600, Y + 400, 900),))
    with pytest.raises(SaferWalksError, match="No street that may be walked lies near"):
        propose(near, wishes)


def test_without_streets_lines_are_straight_and_it_is_said(tmp_path: Path) -> None:
    bare = made(tmp_path / "bare", with_streets=False)
    found = plan_route(bare, event_id=OPEN)
    assert not found.is_on_streets
    assert found.lit_share is None
    assert NO_STREETS in found.notes
    assert found.minutes <= 60
    east = follow(
        surroundings(bare, outset_of(bare, OPEN)), RouteWishes(), named(("East", 1100, 400))
    )
    assert east.stops[0].way.metres == pytest.approx(650)


def test_events_that_walk_and_have_a_place_those_to_come_first(here: Workspace) -> None:
    found = walks_to_route(here, today=dt.date(2026, 9, 1))
    assert [w.event_id for w in found] == [WOMEN, OPEN]
    assert [w.is_restricted for w in found] == [True, False]
    with pytest.raises(RecordError, match="no place on the map"):
        outset_of(here, NOWHERE)
    with pytest.raises(SaferWalksError, match="far from the wards"):
        plan_route(here, start=(400_000, 180_000))


def test_the_stops_flow_into_the_feedback_form_and_change_with_the_route(tmp_path: Path) -> None:
    here = made(tmp_path / "w")
    first = plan_route(here, event_id=WOMEN, wishes=RouteWishes(minutes=90))
    count = save_route(here, first, **BY)
    walk = next(w for w in every_walk(here, Sender("t", every_walk=True)) if w["event_id"] == WOMEN)
    assert [s["name"] for s in walk["stops"]] == [s.spot.name for s in first.stops]
    event = get_record(here, "events", WOMEN)
    assert event["route"].startswith("LINESTRING")
    assert event["planned_end"] - event["planned_start"] == dt.timedelta(
        minutes=round(first.minutes)
    )
    again = surroundings(here, outset_of(here, WOMEN))
    kept = again.stored()
    assert [s.name for s in kept] == [s.spot.name for s in first.stops]
    ids = {s.stop_id for s in kept}
    changed = follow(again, RouteWishes(), [*kept[:0:-1], Spot("New", X + 200, Y + 200)])
    assert save_route(here, changed, **BY) == count
    stored = list_records(here, "stops", event_id=WOMEN).sort_values("seq")
    assert stored["name"].tolist()[-1] == "New"
    assert len(ids & set(stored["stop_id"])) == count - 1
    assert set(stored["ward_code"]) <= {WEST, "E05999992"}
    with pytest.raises(StaleRecordError):
        save_route(here, changed, **BY)


def test_a_stop_with_answers_is_not_lost(tmp_path: Path) -> None:
    here = made(tmp_path / "w")
    save_route(here, plan_route(here, event_id=WOMEN), **BY)
    near = surroundings(here, outset_of(here, WOMEN))
    stop = near.stored()[0]
    said = {"event_id": WOMEN, "stop_id": stop.stop_id, "mode": "individual", "n_people": 1,
            "form": "quick", "consent_store": True, "consent_quote": False}  # fmt: skip
    add_record(here, "responses", said, **BY)
    with pytest.raises(RecordError, match="answers at a stop"):
        save_route(here, follow(near, RouteWishes(), []), **BY)
    assert len(list_records(here, "stops", event_id=WOMEN)) == len(near.stored())


def test_a_route_from_a_point_belongs_to_no_event(here: Workspace) -> None:
    found = plan_route(here, start=(X + 600, Y + 400))
    with pytest.raises(RecordError, match="no event"):
        save_route(here, found, **BY)
    assert found.light is None
    assert found.clock(4.4) == "+4 min"
    assert any("No start is set, so lit" in note for note in found.notes)


def test_a_public_list_tells_no_restricted_route(tmp_path: Path) -> None:
    here = made(tmp_path / "w")
    talk = {"event_type": "walk_and_talk", "status": "proposed", "easting": X, "northing": Y}
    add_record(here, "events", talk, **BY)
    for event in (WOMEN, OPEN, "EVT-2026-0004"):
        save_route(here, plan_route(here, event_id=event), **BY)
    inside = record_sheets(here, "events")
    assert len(inside["events"]) == 4
    told = record_sheets(here, "events", audience="public")
    open_stops = list_records(here, "stops", event_id=OPEN)["stop_id"]
    assert set(told["stops"]["stop_id"]) == set(open_stops) < set(inside["stops"]["stop_id"])
    events = told["events"].set_index("event_id")
    assert list(events.index) == [WOMEN, OPEN, NOWHERE]
    assert events.loc[WOMEN, ["planned_start", "planned_end", "easting"]].tolist() == ["", "", ""]
    assert events.loc[WOMEN, "planned_date"]
    assert events.loc[OPEN, "planned_start"]


def written(here: Workspace, event: str, ending: str) -> bytes:
    return route_file(here, plan_route(here, event_id=event), ending, at=BY["at"])


Writer = Callable[[str, str], bytes]


@pytest.fixture(scope="module")
def routes(here: Workspace) -> dict[str, Route]:
    """The two routes of `here`: to plan one takes longer than to write its files."""
    return {event: plan_route(here, event_id=event) for event in (WOMEN, OPEN)}


@pytest.fixture(scope="module")
def file_of(here: Workspace, routes: dict[str, Route]) -> Writer:
    return lambda event, ending: route_file(here, routes[event], ending, at=BY["at"])


def test_gpx_read_again_has_the_stops_and_the_way(
    here: Workspace, routes: dict[str, Route], file_of: Writer
) -> None:
    route = routes[WOMEN]
    read = gpxpy.parse(file_of(WOMEN, ".gpx"))
    names = [f"{n}. {s.spot.name}" for n, s in enumerate(route.stops, start=1)]
    assert [w.name for w in read.waypoints] == [f"Meet at {HOSTILE}", *names, f"End at {HOSTILE}"]
    assert read.length_2d() == pytest.approx(route.metres, rel=0.004)
    assert read.description.startswith("RESTRICTED")
    assert file_of(WOMEN, ".gpx") == written(here, WOMEN, ".gpx")


def test_the_calendar_entry_read_again_is_private_and_keeps_to_the_clock(tmp_path: Path) -> None:
    here = made(tmp_path / "w")
    # The clocks go back at 02:00 on 25 October 2026: a walk from 01:30 lasts as long as it lasts.
    late = {"planned_date": "2026-10-25", "planned_start": "2026-10-25T01:30:00+01:00"}
    change_record(here, "events", WOMEN, late, version=1, **BY)
    route = plan_route(here, event_id=WOMEN)
    read = icalendar.Calendar.from_ical(route_file(here, route, ".ics", at=BY["at"]))
    (entry,) = read.events
    assert entry.start.utcoffset() == dt.timedelta(hours=1)
    assert entry["duration"].dt == dt.timedelta(minutes=round(route.minutes))
    assert str(entry["class"]) == "PRIVATE"
    assert str(entry["location"]) == f"Meet at {HOSTILE}"
    assert [str(z["tzid"]) for z in read.timezones] == ["Europe/London"]
    (open_,) = icalendar.Calendar.from_ical(written(here, OPEN, ".ics")).events
    assert (str(open_["class"]), open_.start.isoformat()) == ("PUBLIC", "2026-06-01T11:00:00+01:00")
    with pytest.raises(SaferWalksError, match="no start"):
        route_file(here, plan_route(here, start=(X + 600, Y + 400)), ".ics", at=BY["at"])


def test_the_card_is_one_page_tagged_and_inert(file_of: Writer) -> None:
    page = file_of(WOMEN, ".html").decode()
    assert "<b>Gate" not in page
    assert "${alert" not in page
    assert page.count("<svg") == 1
    assert "default-src 'none'" in page
    assert not re.search(r"(src|href)=|<script", page)
    for said in ("RESTRICTED", "Why: ", "Mend the lamp", "Sunset is at 17:49", "101", "18:00"):
        assert said in page
    card = PdfReader(io.BytesIO(file_of(WOMEN, ".pdf")))
    assert len(card.pages) == 1
    assert card.trailer["/Root"]["/MarkInfo"]["/Marked"]
    text = " ".join(card.pages[0].extract_text().split())
    assert "The <b>Gate</b> & ${alert(1)} ]]> #eval" in text
    assert "RESTRICTED" in text


def test_every_other_file_says_whom_it_is_for(file_of: Writer) -> None:
    assert b"INTERNAL: not for publication" in file_of(OPEN, ".html")
    found = json.loads(file_of(OPEN, ".geojson"))
    assert {f["properties"]["mark"] for f in found["features"]} == {"INTERNAL: not for publication"}
    assert [f["properties"]["part"] for f in found["features"]][-2:] == ["end", "route"]
    with Image.open(io.BytesIO(file_of(WOMEN, ".png"))) as picture:
        picture.load()
        assert "Map of the route. Meet at" in picture.text["Description"]  # type: ignore[attr-defined]
    with pytest.raises(SaferWalksError, match="by the ending"):
        file_of(OPEN, ".doc")
    assert set(ENDINGS) == {".gpx", ".pdf", ".html", ".png", ".ics", ".geojson"}


def run(here: Workspace, *words: str) -> int:
    return main(["--workspace", str(here.path), "route", *words])


def test_the_command_writes_a_file_and_tells_it(
    here: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "r.gpx"
    wanted = ["--event", WOMEN, "--minutes", "45", "--step-free", "--exclude", "Row 4"]
    assert run(here, *wanted, "--out", str(out), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["restricted"]
    assert told["minutes"] <= 45
    assert told["stops"][0]["why"]
    assert gpxpy.parse(out.read_bytes()).waypoints
    from_point = f"{X + 600},{Y + 400}"
    line = ["--from", from_point, "--at", "2026-10-02T18:30", "--line", "--keep-out",
            f"{X},{Y},50", "--without", "West station"]  # fmt: skip
    assert run(here, *line, "--out", str(tmp_path / "r.ics")) == 0
    assert "sunset: 18:3" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--event", WOMEN, "--out", "r.doc"], 2),
        (["--out", "r.gpx"], 2),
        (["--event", WOMEN, "--from", "1,2", "--out", "r.gpx"], 2),
        (["--from", "west", "--out", "r.gpx"], 2),
        (["--from", "1,2", "--at", "noon", "--out", "r.gpx"], 2),
        (["--event", WOMEN, "--keep-out", "1,2", "--out", "r.gpx"], 2),
        (["--from", "1,2", "--out", "r.gpx"], 1),
        (["--event", "EVT-1999-0001", "--out", "r.gpx"], 1),
        (["--event", WOMEN, "--minutes", "3", "--out", "r.gpx"], 1),
    ],
)
def test_a_wrong_word_is_told_from_data_at_fault(
    here: Workspace, words: list[str], code: int
) -> None:
    assert run(here, *words) == code


def test_the_command_keeps_the_stops_when_asked(tmp_path: Path) -> None:
    here = made(tmp_path / "w")
    assert run(here, "--event", OPEN, "--save", "--out", str(tmp_path / "r.html")) == 0
    assert len(list_records(here, "stops", event_id=OPEN))
    assert np.isfinite(list_records(here, "stops", event_id=OPEN)["easting"]).all()
