"""Signing in and out with a real provider, in a real browser, on loopback."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from analysis.jobs.people import grant, revoke
from geodata.workspace import Workspace
from tests.browser.driving import Playwright, heading, opened
from tests.browser.keys import has_ring, pressed, tab_to
from tests.builders import batch, incidents, workspace_of
from tests.oidc_provider import Provider, provider
from tests.serving import free_port, served

SIX_MONTHS = [f"2026-0{n}" for n in range(1, 7)]
NOW = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)


@dataclass
class Office:
    """A server with sign-in on, its provider, and its workspace."""

    address: str
    provider: Provider
    workspace: Workspace
    log: Path


@pytest.fixture(scope="module")
def office(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    rows = [(month, x, 500) for month in SIX_MONTHS for x in (300, 1300, 1300)]
    made = workspace_of(folder / "w", batch("street", incidents(rows)))
    port = free_port()
    with provider() as run:
        (folder / ".streamlit").mkdir()
        uri = f"http://localhost:{port}/oauth2callback"
        (folder / ".streamlit" / "secrets.toml").write_text(run.secrets(uri, session_hours=1))
        with served(made.path, folder / "server.log", port=port):
            yield Office(f"http://localhost:{port}", run, made, folder / "server.log")


@pytest.fixture(autouse=True)
def _well_behaved(office: Office) -> None:
    office.provider.email = "amina@council.uk"
    office.provider.claims = {}
    grant(office.workspace, "amina@council.uk", ["analyst"], by="test", at=NOW)


def signed_in(page: Playwright, office: Office, path: str = "") -> Playwright:
    """Ask for a page, and go through the provider."""
    page.goto(f"{office.address}/{path}")
    page.get_by_role("link", name="Sign in").click()
    page.locator("#go").click()
    return page


def test_from_a_page_asked_for_to_signing_out_by_keyboard(
    office: Office, page: Playwright, axe: Any
) -> None:
    answer = page.goto(f"{office.address}/data")
    assert answer.status == 401
    expect(page.locator("h1")).to_have_text("Sign in")
    assert axe(page) == []
    tab_to(page, "Sign in", tag="A")
    assert has_ring(page), "the focus on the only link cannot be seen"
    page.keyboard.press("Enter")
    page.locator("#go").wait_for()
    pressed(page, "Go on", tag="A")
    page.wait_for_url("**/data")
    heading(page, "What is stored")
    side = page.get_by_test_id("stSidebar")
    expect(side).to_contain_text(re.compile(r"Signed in as\s*Amina\s*Roles\s*Analyst"))
    expect(side).not_to_contain_text("Safeguarding")
    assert page.goto(f"{office.address}/people").status == 403
    expect(page.locator("h1")).to_have_text("Your roles do not include this page")
    assert axe(page) == []
    opened(page, f"{office.address}/data")
    copy = page.context.cookies()
    pressed(page, "Sign out", tag="BUTTON")
    page.get_by_role("link", name="Sign in").wait_for()
    assert "/end" in office.provider.seen
    page.context.add_cookies(copy)  # a copy of the cookie somebody kept
    assert page.goto(f"{office.address}/data").status == 401


def test_a_role_taken_away_while_signed_in_holds_at_the_next_click(
    office: Office, page: Playwright
) -> None:
    signed_in(page, office, "where-next")
    heading(page, "Where next")
    revoke(office.workspace, "amina@council.uk", ["analyst"], by="test", at=NOW)
    page.get_by_text("Women's safety walk").first.click()
    page.get_by_role("heading", level=1, name="Your roles do not include this page").wait_for()
    assert page.goto(f"{office.address}/where-next").status == 403
    grant(office.workspace, "amina@council.uk", ["analyst"], by="test", at=NOW)
    assert page.goto(f"{office.address}/where-next").status == 200


NOT_GOOD: dict[str, dict[str, Any]] = {
    "audience": {"aud": "another-app"},
    "audience and azp": {"aud": ["another-app"], "azp": "safer-walks"},
    "expired": {"exp": int(time.time()) - 3600, "iat": int(time.time()) - 7200},
    "not on the list": {"email": "stranger@elsewhere.example"},
}


def test_a_sign_in_that_is_not_good_gets_nothing(office: Office, page: Playwright) -> None:
    ask = page.context.request
    for what, claims in NOT_GOOD.items():
        page.context.clear_cookies()
        office.provider.claims = claims
        signed_in(page, office, "data")
        is_known = what == "not on the list"
        words = "Your roles do not include this page" if is_known else "Sign in"
        expect(page.locator("h1")).to_have_text(words)
        for path in ("/data", "/media/0f3c.csv", "/component/x/index.html", "/phone", "/"):
            assert ask.get(f"{office.address}{path}").status in (401, 403), (what, path)


def test_a_cookie_of_another_secret_opens_no_socket(office: Office, page: Playwright) -> None:
    page.goto(f"{office.address}/healthz")
    page.context.add_cookies(
        [{"name": "_streamlit_user", "value": "ImZvcmdlZCI.aQ.x", "url": office.address}]
    )
    told = page.evaluate(
        """() => new Promise(done => {
            const socket = new WebSocket(`ws://${location.host}/_stcore/stream`, ["streamlit"]);
            socket.onopen = () => done("open"); socket.onerror = () => done("refused"); })"""
    )
    assert told == "refused"


def test_the_log_holds_no_secret(office: Office) -> None:
    log = office.log.read_text()
    for secret in ("a-client-secret-for-tests-alone", "a-cookie-secret-of", "eyJ", "amina@"):
        assert secret not in log
