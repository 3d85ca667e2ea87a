"""The Wards compared page: a funnel in order of name, by residents or by area."""

from __future__ import annotations

import re
from pathlib import Path

from tests.pages.conftest import Open, html, words


def test_wards_by_residents_then_by_area_in_order_of_name(
    open_page: Open, demo_folder: Path
) -> None:
    at = open_page("Wards compared", demo_folder)
    assert not at.exception
    assert "Reports per 1,000 residents, in the order of names" in html(at)
    names = re.findall(r"<tr><th scope=\"row\">([^<]+)<td", html(at))
    assert len(names) == 20
    assert names == sorted(names)
    assert "Within the limits the order of wards" in words(at)
    at.selectbox(key="exposure").set_value("km2").run()
    assert not at.exception
    assert "Reports per km², in the order of names" in html(at)
    assert "Whitechapel (higher)" in html(at) or "Beyond the outer limits" in html(at)


def test_too_few_wards_are_said(open_page: Open, small: Path) -> None:
    at = open_page("Wards compared", small)
    assert not at.exception
    assert at.selectbox(key="exposure").options == ["Area, km²"]
    assert "needs at least 5 places" in html(at)
