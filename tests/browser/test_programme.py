"""From a programme with holes to a proposal that is accepted, as a manager does it in a browser."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from analysis.jobs.demo import make_demo
from tests.browser.test_app import CUT_OFF, opened, said, settled
from tests.serving import served

PAGES = ("programme", "actions", "walk-requests", "voice", "where-next?preset=womens_walk")


@pytest.fixture(scope="module")
def app(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server on the demo."""
    folder = tmp_path_factory.mktemp("programme")
    made = make_demo(folder / "made").path
    shutil.move(made, folder / "workspace-demo")
    with served(folder / "workspace", folder / "server.log") as address:
        yield address


def test_what_is_open_is_proposed_and_accepted(app: str, page: Any, traffic: Any) -> None:
    opened(page, f"{app}/programme")
    assert "Location TBC" in said(page)
    page.get_by_role("button", name="Propose a programme").click()
    page.wait_for_selector("text=No better plan exists for these wishes.")
    settled(page)
    page.get_by_role("button", name="Accept all").click()
    page.wait_for_selector("text=events have what was proposed for them.")
    settled(page)
    assert "Without a place:</strong> 0 of" in page.content()
    assert traffic.outside == []


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_cut_off_or_unnamed_on_a_phone(
    app: str, name: str, new_page: Callable[..., Any], axe: Callable[..., list[str]]
) -> None:
    page = new_page(width=360)
    opened(page, f"{app}/{name}")
    settled(page)
    assert axe(page) == []
    assert page.locator("[data-testid='stMain'] *").evaluate_all(CUT_OFF) == []
