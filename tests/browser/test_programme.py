"""From a programme with holes to a proposal that is accepted, as a manager does it in a browser."""

from __future__ import annotations

from typing import Any

from tests.browser.driving import opened, says, settled


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
