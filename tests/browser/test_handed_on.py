"""A pack's page in a browser: no network, no script, light, dark, small and large."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from analysis.jobs.pack import Wanted, make_packs
from analysis.jobs.records import add_record
from analysis.report.tables import write_text
from geodata.records.fields import LONDON
from tests.builders import WEST, batch, incidents, workspace_of
from tests.drawings import HOSTILE

NewPage = Callable[..., Any]
NOW = dt.datetime(2026, 7, 1, 12, tzinfo=LONDON)


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of a pack on the disc in which every text tries to break out."""
    folder = tmp_path_factory.mktemp("pack")
    months = [f"{year}-{n:02d}" for year in (2025, 2026) for n in range(1, 7)]
    rows = [(month, x, 500) for month in months for x in (300, 300, 700)]
    here = workspace_of(folder / "w", batch("street", incidents(rows)))
    # The records refuse control characters by themselves.
    every = "".join(c for c in " ".join(HOSTILE) if c.isprintable())[:2_000]
    promise = {"origin": "walkabout", "ward_code": WEST, "owner_agency": "tfl", "status": "agreed",
               "action_text": every, "you_said": every, "issue_text": every,
               "agreed_on": "2026-01-05", "due_on": "2026-06-15"}  # fmt: skip
    add_record(here, "actions", promise, by="test", at=NOW)
    wanted = Wanted((WEST,), "internal", prepared_by=every[:200])
    path = folder / "pack.html"
    write_text(make_packs(here, wanted, at=NOW).made[0].page(), path)
    return path.as_uri()


def test_it_opens_with_no_network_no_script_and_runs_nothing(
    new_page: NewPage, packed: str, traffic: Any
) -> None:
    page = new_page(scripts=False)
    page.goto(packed)
    expect(page.get_by_role("heading", level=1)).to_have_text("Ward panel pack: West")
    expect(page.locator("#map svg path").first).to_be_visible()
    expect(page.locator("#summary table")).to_be_visible()
    assert page.locator("table").count() >= 4
    scripted = new_page()
    scripted.goto(packed)
    assert scripted.evaluate("window.__pwned") is None
    assert traffic.requests == [packed, packed]
    assert traffic.errors == []


def test_axe_finds_nothing_on_a_phone_in_the_dark_and_enlarged(
    new_page: NewPage, packed: str, axe: Callable[..., list[str]]
) -> None:
    page = new_page(dark=True, width=360, height=740)
    page.goto(packed)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.set_viewport_size({"width": 640, "height": 450})
    page.emulate_media(color_scheme="light")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 640


def test_it_can_be_gone_through_by_keyboard(new_page: NewPage, packed: str) -> None:
    page = new_page()
    page.goto(packed)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
