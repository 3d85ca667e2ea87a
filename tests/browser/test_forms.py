"""The full audit and the keyboard screen in a real browser: nothing typed is lost, or shown on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from analysis.jobs.people import grant
from geodata.crs import to_bng, to_lonlat
from geodata.records.fields import LONDON
from tests.oidc_provider import Provider, provider
from tests.serving import free_port, served
from tests.walks import LEAD, Walk, a_walk

Playwright = Any
OTHER = "ben@council.uk"
WHY = "The light by the bins is out & it's <dark>"


@dataclass
class Office:
    """A server with sign-in on, its provider, and a walk."""

    address: str
    provider: Provider
    walk: Walk


@pytest.fixture(scope="module")
def office(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("forms")
    now = dt.datetime.now(LONDON)
    walk = a_walk(folder / "w", at=now)
    grant(walk.workspace, OTHER, ["analyst"], by="test", at=now)
    place = {"easting": 700.0, "northing": 500.0}
    with walk.records.changing(by="test", at=now) as change:
        change.update("stops", walk.stops[1], place, version=None)
    port = free_port()
    with provider() as run:
        (folder / ".streamlit").mkdir()
        uri = f"http://localhost:{port}/oauth2callback"
        (folder / ".streamlit" / "secrets.toml").write_text(run.secrets(uri, session_hours=1))
        with served(walk.workspace.path, folder / "server.log", port=port):
            yield Office(f"http://localhost:{port}", run, walk)


def signed_in(page: Playwright, office: Office, email: str, form: str) -> None:
    """Sign out whoever is there, sign somebody in, and open a form."""
    office.provider.email = email
    page.goto(f"{office.address}/auth/logout")
    page.goto(f"{office.address}/{form}")
    page.get_by_role("link", name="Sign in").click()
    page.locator("#go").click()
    expect(page.get_by_label("Which walk")).to_contain_text("Mile End station")


def test_a_full_audit_outlives_a_reload_and_is_nobody_elses(
    office: Office, page: Playwright, traffic: Any, axe: Any
) -> None:
    before = len(office.walk.answers())
    signed_in(page, office, LEAD, "phone-audit")
    assert axe(page) == []
    page.get_by_label("Underpass", exact=True).check()
    why = page.get_by_label("Why? In their own words")
    why.fill(WHY)
    page.locator("#lighting").select_option("0")
    page.get_by_text("What people have met here").click()
    page.get_by_label("Followed").check()
    page.get_by_role("button", name="Pick it on the map").click()
    expect(page.locator(".stop-name")).to_have_text("Underpass")
    page.get_by_role("button", name="It is in the middle of the map").click()
    expect(page.locator("#here-said")).to_have_text("Place noted, picked on the map.")
    page.reload()
    expect(why).to_have_value(WHY)
    expect(page.locator("#lighting")).to_have_value("0")
    expect(page.get_by_label("Followed")).to_be_checked()

    signed_in(page, office, OTHER, "phone-audit")
    expect(why).to_have_value("")
    expect(page.locator("#lighting")).to_have_value("")
    signed_in(page, office, LEAD, "phone-audit")
    expect(why).to_have_value(WHY)

    page.get_by_label("They agree that this is kept").check()
    page.get_by_role("button", name="Store this answer").click()
    expect(page.locator("#state")).to_contain_text("Everything is sent.")
    expect(why).to_have_value("")
    page.reload()
    expect(page.locator("#state")).to_contain_text("Everything is sent.")
    expect(why).to_have_value("")
    assert "bins" not in page.evaluate("JSON.stringify(localStorage)")
    (stored,) = office.walk.answers()[before:]
    assert (stored["open_reason"], stored["lighting"], stored["behaviours"]) == (
        WHY, 0, ("followed",),
    )  # fmt: skip
    # The grid's own way there and back: beyond its edge, where these wards lie, it is not exact.
    easting, _ = to_bng(*to_lonlat(np.array([700.0]), np.array([500.0])))
    assert stored["easting"] == pytest.approx(easting[0], abs=3)
    assert traffic.outside == []
    assert not [error for error in traffic.errors if "Content Security Policy" in error]


def test_paper_is_typed_in_by_keyboard_and_a_mistake_comes_back(
    office: Office, page: Playwright, axe: Any
) -> None:
    before = len(office.walk.answers())
    signed_in(page, office, LEAD, "phone-paper")
    assert axe(page) == []
    keys = page.keyboard
    page.get_by_label("Stop: 1, 2").focus()
    for text in ("2", "", "9", "", "1", "2 14", "1"):
        keys.type(text)
        keys.press("Tab")
    page.reload()
    expect(page.get_by_label("What is wrong: numbers")).to_have_value("2 14")
    page.get_by_label("Agrees to keeping: y or n").fill("y")
    page.get_by_label("Agrees to keeping: y or n").press("Enter")
    expect(page.locator("#fault")).to_contain_text("Feels now, 1 to 6: type a number from 1 to 6")
    expect(page.get_by_label("What is wrong: numbers")).to_have_value("2 14")
    assert len(office.walk.answers()) == before
    page.get_by_label("Feels now, 1 to 6").fill("3")
    page.get_by_label("Feels now, 1 to 6").press("Enter")
    expect(page.locator("#done")).to_contain_text("is stored. The next one begins empty.")
    expect(page.get_by_label("Stop: 1, 2")).to_be_focused()
    expect(page.get_by_label("What is wrong: numbers")).to_have_value("")
    (stored,) = office.walk.answers()[before:]
    assert (stored["feel_now"], stored["feel_dark"], stored["stop_id"]) == (
        3, 1, office.walk.stops[1],
    )  # fmt: skip
