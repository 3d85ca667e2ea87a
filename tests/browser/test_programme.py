"""From a programme with holes to a proposal that is accepted, as a manager does it in a browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.driving import CUT_OFF, opened, says, settled

PAGES = ("programme", "actions", "walk-requests", "voice", "where-next?preset=womens_walk")


def test_what_is_open_is_proposed_and_accepted(
    own_app: str, page: Any, nothing_leaves: None
) -> None:
    opened(page, f"{own_app}/programme")
    says(page, "Location TBC")
    page.get_by_role("button", name="Propose a programme").click()
    says(page, "No better plan exists for these wishes.")
    settled(page)
    page.get_by_role("button", name="Accept all").click()
    says(page, "events have what was proposed for them.", "Without a place: 0 of")


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_cut_off_or_unnamed_on_a_phone(
    app: str, name: str, new_page: Callable[..., Any], axe: Callable[..., list[str]]
) -> None:
    page = opened(new_page(width=360), f"{app}/{name}")
    assert axe(page) == []
    assert page.locator("[data-testid='stMain'] *").evaluate_all(CUT_OFF) == []
