"""Two servers of the app behind a proxy, on one workspace and one PostgreSQL."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from geodata.records.database import VARIABLE
from geodata.store import commit
from tests.browser.driving import main, opened, says, settled, went_to
from tests.builders import batch, incidents, workspace_of
from tests.databases import Server, postgres  # noqa: F401 - a fixture
from tests.proxy import COOKIE, proxied
from tests.serving import served

DEED = "Mend the light in the underpass"


def _reports(month: str, number: int) -> Any:
    return batch(month, incidents([(month, 100.0 * n + 50, 500.0) for n in range(number)]))


def test_what_one_server_takes_the_other_shows_and_one_may_go(
    postgres: Server,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    new_page: Callable[..., Any],
    nothing_leaves: None,
) -> None:
    """A visit stays where it began; imports and records cross; when a server stops, it moves."""
    workspace = workspace_of(tmp_path / "workspace", _reports("2026-01", 5))
    monkeypatch.setenv(VARIABLE, postgres.database())
    with contextlib.ExitStack() as second, contextlib.ExitStack() as first:
        servers = [
            stack.enter_context(served(workspace.path, tmp_path / f"{name}.log"))
            for name, stack in (("first", first), ("second", second))
        ]
        proxy = second.enter_context(proxied(servers))
        address = proxy.address
        anna, ben = new_page(), new_page()
        for page in (anna, ben):
            opened(page, f"{address}/data")
            says(page, "January 2026")
            expect(main(page)).not_to_contain_text("February 2026")
        assert [_server_of(page) for page in (anna, ben)] == ["0", "1"]

        went_to(anna, "/actions")
        anna.get_by_role("textbox", name="What will be done").fill(DEED)
        anna.get_by_role("button", name="Add the action").click()
        says(anna, "is added")
        says(went_to(ben, "/actions"), "1 of 1 actions")

        commit(workspace, [_reports("2026-02", 7)], mode="add")  # as an import elsewhere does
        for page in (anna, ben):
            says(went_to(page, "/data"), "February 2026")
        assert [_server_of(page) for page in (anna, ben)] == ["0", "1"]

        first.close()
        opened(anna, f"{address}/actions")
        says(anna, "1 of 1 actions")
        assert _server_of(anna) == "1"
        settled(anna)
        assert min(proxy.taken.values()) > 0


def _server_of(page: Any) -> str:
    return next(c["value"] for c in page.context.cookies() if c["name"] == COOKIE)
