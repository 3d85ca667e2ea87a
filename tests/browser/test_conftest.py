"""The browser fixtures themselves: a recorder that records nothing would pass every test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.browser.driving import until


def test_requests_that_leave_the_page_are_recorded(page: Any, traffic: Any) -> None:
    page.set_content("<img src='https://example.org/x.png'><script>nonsense(</script>")
    until(page, lambda: traffic.outside == ["https://example.org/x.png"])
    until(page, lambda: any("Unexpected end of input" in error for error in traffic.errors))


def test_web_sockets_that_leave_the_page_are_recorded(page: Any, traffic: Any) -> None:
    page.set_content("<script>new WebSocket('wss://example.org/x')</script>")
    until(page, lambda: traffic.outside == ["wss://example.org/x"])


def test_what_stays_here_is_not_outside(page: Any, traffic: Any) -> None:
    page.set_content("<img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>")
    assert traffic.outside == []
    assert traffic.errors == []


def test_faults_of_accessibility_are_listed(page: Any, axe: Callable[..., list[str]]) -> None:
    page.set_content("<html><body><main><h1>A</h1><img src='data:,'></main></body></html>")
    found = axe(page)
    assert any(line.startswith("image-alt") for line in found)
    assert any(line.startswith("html-has-lang") for line in found)


def test_zoom_and_theme_reach_the_page(new_page: Callable[..., Any]) -> None:
    page = new_page(width=1280, scale=2, dark=True)
    assert page.evaluate("innerWidth") == 640
    assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") is True
