"""From an empty folder to a borough's wards and reports, in a real browser: stopped, gone on."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from geodata.store import stored_months
from geodata.workspace import Workspace
from tests.analysis.jobs.test_fetch import reports
from tests.browser.driving import main, opened, says
from tests.builders import two_wards
from tests.geodata.fetch.test_ons import portal
from tests.replay_server import Asked, PoliceApi, Reply, replaying
from tests.serving import served

MONTHS = ["2026-02", "2026-03", "2026-04"]


class Gate:
    """Holds the second month back until it is opened."""

    def __init__(self) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()

    def __call__(self, asked: Asked) -> Reply | None:
        if asked.path.endswith("all-crime") and asked.said("date") == MONTHS[1]:
            self.reached.set()
            self.opened.wait(120)
        return None


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def app(
    chromium: str, tmp_path: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """A server on a folder with a demo beside it, whose publishers answer on loopback."""
    Workspace.create(tmp_path / "new-demo", kind="demo", wards=two_wards(), ward_info={})
    api = PoliceApi([r for month in MONTHS for r in reports(month)])
    with replaying(gate, api) as police, replaying(portal()) as ons:
        monkeypatch.setenv("SAFER_WALKS_POLICE_API", police.address)
        monkeypatch.setenv("SAFER_WALKS_ONS", ons.address)
        with served(tmp_path / "new", tmp_path / "server.log") as address:
            yield address


def test_two_clicks_a_stop_and_going_on(
    app: str, gate: Gate, page: Any, traffic: Any, tmp_path: Path
) -> None:
    opened(page, f"{app}/open-data")
    page.get_by_label("Local authority").fill("tower hamlets")
    page.get_by_role("button", name="Fetch wards and 12 months of reports").click()
    page.get_by_text("Fetching March 2026").wait_for()
    assert gate.reached.wait(60)
    page.get_by_role("link", name="Ward boundaries").click()  # away, and back
    page.get_by_role("heading", name="Ward boundaries", level=1).wait_for()
    page.get_by_role("link", name="Open data").click()
    page.get_by_role("button", name="Stop").click()
    gate.opened.set()
    page.get_by_text("The wards are here; no report was stored.").wait_for()
    assert stored_months(Workspace.open(tmp_path / "new")).empty
    page.get_by_role("button", name="Go on").click()
    page.get_by_text("18 of 18 rows stored, 15 of them inside the wards").wait_for()
    assert stored_months(Workspace.open(tmp_path / "new"))["month"].tolist() == MONTHS
    page.get_by_role("button", name="Close").click()
    says(page, "Sources, their licences and dates")
    expect(main(page)).to_contain_text(
        re.compile("(Open Government Licence v3.0.*){2}", re.S), use_inner_text=True
    )
    assert traffic.outside == []
