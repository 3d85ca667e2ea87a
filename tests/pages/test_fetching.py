"""The Open data page: real data in two clicks, stopped and gone on, or brought by hand."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analysis.jobs import background, fetch
from geodata import store
from geodata.errors import FetchError
from geodata.fetch import police_api
from geodata.fetch.http import Patience
from geodata.workspace import Workspace
from pages.data import fetching
from tests.analysis.jobs.test_fetch import reports
from tests.builders import EAST, WEST
from tests.geodata.fetch.test_ons import portal
from tests.pages.conftest import Open, html
from tests.replay_server import Asked, PoliceApi, Replay, Reply, replaying
from tests.street_files import along, street_csv

MONTHS = [f"2025-{n:02d}" for n in range(4, 13)] + [f"2026-{n:02d}" for n in range(1, 5)]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test does not serve is refused at once."""
    monkeypatch.setattr(fetch, "PATIENCE", Patience(tries=1, pause_s=0.01, read_s=5.0))
    monkeypatch.setattr(police_api, "BURST", 1_000)
    for name in ("POLICE_API", "ARCHIVE", "ONS", "NOMIS", "OVERPASS", "OS_OPEN"):
        monkeypatch.setenv(f"SAFER_WALKS_{name}", "http://127.0.0.1:1")


@pytest.fixture
def police(monkeypatch: pytest.MonkeyPatch) -> Iterator[Replay]:
    with replaying(PoliceApi([r for month in MONTHS for r in reports(month)])) as server:
        monkeypatch.setenv("SAFER_WALKS_POLICE_API", server.address)
        yield server


@pytest.fixture
def ons(monkeypatch: pytest.MonkeyPatch) -> Iterator[Replay]:
    with replaying(portal()) as server:
        monkeypatch.setenv("SAFER_WALKS_ONS", server.address)
        yield server


@pytest.fixture
def fresh(demo_folder: Path, tmp_path: Path) -> Path:
    """A folder with no workspace yet, and the demo beside it."""
    shutil.copytree(demo_folder, tmp_path / "new-demo")
    return tmp_path / "new"


def press(at: AppTest, label: str) -> AppTest:
    (button,) = [button for button in at.button if button.label == label]
    return button.click().run()


def wait(folder: Path) -> None:
    """Wait until the fetch has ended, well or not."""
    task = background.task_of(folder)
    assert task is not None
    try:
        task.result()
    except FetchError:
        return


GO = "Fetch wards and 12 months of reports"


def name_and_go(at: AppTest) -> AppTest:
    (box,) = [box for box in at.text_input if box.label == "Local authority"]
    box.set_value("Tower Hamlets").run()
    return press(at, GO)


def test_two_clicks_bring_wards_and_the_last_twelve_months(
    open_page: Open, fresh: Path, ons: Replay, police: Replay
) -> None:
    name_and_go(open_page("Open data", fresh))
    wait(fresh)
    at = open_page("Open data", fresh)
    assert not at.exception
    assert "Done: " in html(at)
    now = Workspace.open(fresh)
    assert now.wards()["ward_code"].tolist() == [WEST, EAST]
    assert sorted(store.stored_months(now)["month"]) == MONTHS[-12:]
    said = html(at)
    assert "Open Government Licence v3.0" in said
    assert "the ONS Open Geography Portal" in said
    press(at, "Close")
    assert background.task_of(fresh) is None


def test_a_stopped_fetch_leaves_no_report_and_goes_on_from_there(
    open_page: Open, fresh: Path, ons: Replay, police: Replay
) -> None:
    halfway, go_on = threading.Event(), threading.Event()

    def pause(asked: Asked) -> Reply | None:
        if asked.said("date") == MONTHS[6]:
            halfway.set()
            go_on.wait(5)
        return None

    police.answers.insert(0, pause)
    at = name_and_go(open_page("Open data", fresh))
    assert halfway.wait(20)
    at = open_page("Open data", fresh)  # another visit, or the same one come back
    assert "You may leave this page" in html(at)
    press(at, "Stop")
    go_on.set()
    wait(fresh)
    at = open_page("Open data", fresh)
    assert "stopped" in html(at)
    assert "The wards are here; no report was stored." in html(at)
    assert store.stored_months(Workspace.open(fresh)).empty
    asked = len(police.asked)
    press(at, "Go on")
    wait(fresh)
    again = [a.said("date") for a in police.asked[asked:] if a.path.endswith("all-crime")]
    assert len(store.stored_months(Workspace.open(fresh))) == 12
    assert MONTHS[2] not in again, "what had arrived is not asked for twice"


def test_a_network_that_refuses_is_one_box_with_the_way_by_hand(
    open_page: Open, empty: Path
) -> None:
    at = open_page("Open data", empty)
    press(at, "Fetch")
    wait(empty)
    at = open_page("Open data", empty)
    said = html(at)
    assert "could not be fetched" in said
    assert "https://data.police.uk/data/" in said
    (box, *_) = [b for b in at.file_uploader if b.label.startswith("Monthly files")]
    content = street_csv(along(1)).encode()
    box.set_value(("2026-04-metropolitan-street.csv", content, "text/csv")).run()
    next(b for b in at.button if b.label == "Read this file").click().run()
    assert not at.exception
    assert "Done: 1 of 1 rows stored" in html(at)
    assert background.task_of(empty) is None


def test_without_a_name_it_says_what_is_wanting(open_page: Open, fresh: Path) -> None:
    at = press(open_page("Open data", fresh), GO)
    assert "Name a local authority first" in html(at)
    assert background.task_of(fresh) is None


def test_every_kind_can_be_asked_for_and_brought_by_hand(open_page: Open, empty: Path) -> None:
    at = open_page("Open data", empty)
    for kind in fetching.KINDS:
        (what,) = [box for box in at.selectbox if box.label == "What to fetch"]
        what.set_value(kind).run()
        assert not at.exception
        assert fetch.by_hand(kind).split("`")[0][:40] in html(at)
        label, _ = fetching.FILES[kind]
        assert label in [box.label for box in at.file_uploader]
