"""The phone form as a walk lead uses it: 360 pixels wide, in the dark, losing the connection."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from geodata.records.fields import LONDON
from tests.browser.driving import Playwright, until
from tests.browser.keys import by_tab
from tests.serving import served
from tests.walks import Walk, a_walk

WHY = "The light by the bins is out & it's <dark>"


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    return a_walk(tmp_path_factory.mktemp("phone") / "w", at=dt.datetime.now(LONDON))


@pytest.fixture(scope="module")
def server(chromium: str, walk: Walk) -> Iterator[str]:
    log = walk.workspace.path.parent / "server.log"
    with served(walk.workspace.path, log) as address:
        yield address


@pytest.fixture
def phone(new_page: Any, server: str, traffic: Any) -> Iterator[Playwright]:
    """A phone with the form open, its service worker installed."""
    page = new_page(
        width=360, height=740, dark=True, has_touch=True, permissions=["geolocation"],
        geolocation={"latitude": 51.5255, "longitude": -0.0332, "accuracy": 12},
    )  # fmt: skip
    opened(page, server)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    yield page
    assert traffic.outside == []
    assert not [e for e in traffic.errors if "Content Security Policy" in e]


def opened(page: Playwright, server: str) -> Playwright:
    page.goto(f"{server}/phone")
    page.get_by_label("Underpass", exact=True).wait_for()
    return page


def fill(page: Playwright, *, feel: str, why: str) -> None:
    page.get_by_label("Underpass", exact=True).check()
    page.get_by_label(feel).check()
    page.get_by_label("Why? In their own words").fill(why)
    page.get_by_text("What is wrong here?").click()
    page.get_by_label("Light not working").check()
    page.get_by_label("They agree that this is kept").check()


def test_an_answer_saved_without_a_connection_is_sent_once(
    phone: Playwright, server: str, walk: Walk, axe: Any
) -> None:
    before = len(walk.answers())
    assert axe(phone) == []
    assert phone.evaluate("document.documentElement.scrollWidth") == 360
    expect(phone.locator("input[name=stop]:checked")).to_have_count(0)  # nobody has chosen yet
    fill(phone, feel="2, Unsafe", why=WHY)
    phone.get_by_role("button", name="Use where I am").click()
    phone.get_by_text("Place noted, to within 12 metres").wait_for()
    phone.reload()  # the phone was locked, the browser began anew: nothing typed is lost
    phone.get_by_label("Underpass", exact=True).wait_for()
    expect(phone.locator("#open_reason")).to_have_value(WHY)
    expect(phone.get_by_label("2, Unsafe")).to_be_checked()
    expect(phone.get_by_label("Light not working")).to_be_checked()

    phone.context.set_offline(True)
    phone.get_by_role("button", name="Save this stop").click()
    phone.get_by_text("1 kept on this device, not sent yet. No connection").wait_for()
    expect(phone.locator("#open_reason")).to_have_value("")
    phone.reload()
    phone.get_by_text("1 kept on this device, not sent yet.").wait_for()
    fill(phone, feel="3, A bit unsafe", why="Another")
    phone.get_by_role("button", name="Save this stop").click()
    phone.get_by_text("2 kept on this device, not sent yet.").wait_for()
    assert axe(phone) == []
    assert len(walk.answers()) == before

    phone.context.set_offline(False)
    phone.get_by_text("Everything is sent.").wait_for()
    phone.reload()
    phone.get_by_text("Everything is sent.").wait_for()
    until(phone, lambda: "bins" not in phone.evaluate("JSON.stringify(localStorage)"))
    stored = walk.answers()[before:]
    said = sorted((a["feel_now"], a["open_reason"], a["stop_id"]) for a in stored)
    assert said == [(2, WHY, walk.stops[1]), (3, "Another", walk.stops[1])]


def test_an_answer_the_server_took_without_our_hearing_is_not_stored_twice(
    phone: Playwright, walk: Walk
) -> None:
    before = len(walk.answers())
    lost = []

    def lose_the_answer(route: Any) -> None:
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch().status)
            route.abort()

    phone.route("**/phone/send", lose_the_answer)
    fill(phone, feel="4, A bit safe", why="Lost on the way back")
    phone.get_by_role("button", name="Save this stop").click()
    phone.get_by_text("1 kept on this device").wait_for()
    phone.get_by_role("button", name="Try to send now").click()
    phone.get_by_text("Everything is sent.").wait_for()
    assert lost == [200]
    assert len(walk.answers()) == before + 1


def test_what_is_missing_is_said_and_a_refused_answer_can_be_mended(
    phone: Playwright, walk: Walk
) -> None:
    before = len(walk.answers())
    save = phone.get_by_role("button", name="Save this stop")
    save.click()
    expect(phone.locator("#fault")).to_have_text("Before it can be saved: say where")
    phone.get_by_label("Underpass", exact=True).check()
    phone.get_by_label("6, Very safe").check()
    save.click()
    expect(phone.locator("#fault")).to_have_text("Before it can be saved: ask for their agreement")
    phone.get_by_label("They agree that this is kept").check()
    phone.get_by_label("The group agreed").check()
    phone.get_by_label("How many people agree").fill("0")
    save.click()
    phone.get_by_text("Needs a look").wait_for()
    phone.get_by_role("button", name="Open it again").click()
    phone.get_by_label("How many people agree").fill("5")
    save.click()
    phone.get_by_text("Everything is sent.").wait_for()
    assert [a["n_people"] for a in walk.answers()[before:]] == [5]


def test_a_safeguarding_tick_says_at_once_whom_to_ring(
    phone: Playwright, walk: Walk, axe: Any
) -> None:
    known = len(walk.concerns())
    phone.context.set_offline(True)
    phone.get_by_label("Somebody may be at risk of harm").check()
    ring = phone.get_by_role("link", name="020 7364 0000")
    expect(ring).to_have_attribute("href", "tel:02073640000")
    expect(phone.get_by_text("In danger this minute: 999.")).to_be_visible()
    assert axe(phone) == []
    phone.get_by_label("What the officer has to know").fill("She is followed home")
    phone.get_by_role("button", name="Alert the officer").click()
    phone.get_by_text("1 kept on this device").wait_for()
    phone.context.set_offline(False)
    phone.get_by_text("Everything is sent.").wait_for()
    assert [c["detail"] for c in walk.concerns()[known:]] == ["She is followed home"]
    assert not any("followed home" in str(a) for a in walk.answers())


def test_the_keyboard_alone_is_enough(phone: Playwright, walk: Walk) -> None:
    before = len(walk.answers())
    by_tab(phone, phone.locator("input[name=stop]"))
    underpass = phone.get_by_label("Underpass", exact=True)
    for _ in range(3):  # the stops and "Somewhere else", whichever is first
        if not underpass.is_checked():
            phone.keyboard.press("ArrowDown")
    expect(underpass).to_be_checked()
    by_tab(phone, phone.locator("input[name=feel_now]").first)
    phone.keyboard.press("ArrowRight")
    expect(phone.get_by_label("2, Unsafe")).to_be_checked()
    by_tab(phone, phone.locator("#open_reason"))
    phone.keyboard.type("By keys alone")
    by_tab(phone, phone.get_by_label("They agree that this is kept"))
    phone.keyboard.press("Space")
    by_tab(phone, phone.get_by_role("button", name="Save this stop"))
    phone.keyboard.press("Enter")
    phone.get_by_text("Everything is sent.").wait_for()
    stored = [(a["open_reason"], a["feel_now"], a["stop_id"]) for a in walk.answers()[before:]]
    assert stored == [("By keys alone", 2, walk.stops[1])]


def test_the_paper_twin_prints_large_and_reads_well(
    page: Playwright, server: str, walk: Walk, axe: Any, tmp_path: Path
) -> None:
    page.goto(f"{server}/paper?walk={walk.event_id}")
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "18.6667px"  # 14 point
    assert axe(page) == []
    printed = page.pdf(format="A4")
    assert 2 <= printed.count(b"/Type /Page\n") <= 6
