"""A council's month in a real browser: mapped, brought in, corrected, and next month one click."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from geodata.workspace import Workspace
from tests.browser.driving import (
    CUT_OFF,
    Playwright,
    heading,
    opened,
    said,
    says,
    settled,
    upload,
    went_to,
)
from tests.browser.keys import picked_by_key, pressed, tab_to
from tests.builders import two_wards
from tests.pages.council_files import council_file
from tests.serving import served

pytestmark = pytest.mark.usefixtures("nothing_leaves")


def written(folder: Path, month: int) -> Path:
    name, content, _ = council_file(month)
    (folder / name).write_bytes(content)
    return folder / name


def test_a_council_month_from_the_first_file_to_the_second(
    page: Playwright, axe: Any, tmp_path: Path
) -> None:
    Workspace.create(tmp_path / "w", kind="real", wards=two_wards(), ward_info={})
    with served(tmp_path / "w", tmp_path / "server.log") as address:
        map_the_first_month_by_keyboard(page, address, written(tmp_path, 4), axe)
        correct_what_was_rejected(page, tmp_path, axe)
        bring_in_the_second_month(page, written(tmp_path, 5), axe)
        change_how_it_is_read_on_a_phone(page, written(tmp_path, 6), axe)


def map_the_first_month_by_keyboard(page: Playwright, address: str, file: Path, axe: Any) -> None:
    """No pointer until the file is in: chosen, its columns and kinds looked over, brought in."""
    opened(page, f"{address}/bring-in")
    tab_to(page, "Upload", tag="BUTTON")
    with page.expect_file_chooser() as asked:
        page.keyboard.press("Enter")
    asked.value.set_files(file)
    says(page, "Of the first 8 rows 6 come in")
    assert "Example" not in said(page)
    assert axe(page) == []
    picked_by_key(page, "“Gong farming” (1 rows)", "Fly-tipping or litter")
    says(page, "Fly-tipping or litter (“Gong farming”)")
    settled(page)
    pressed(page, "Save and bring in", tag="BUTTON")
    says(page, "6 of 8 rows stored, 5 of them inside the wards")
    settled(page)
    assert axe(page) == []
    pressed(page, "See the rejected rows", tag="A")
    heading(page, "Rejected rows")


def correct_what_was_rejected(page: Playwright, folder: Path, axe: Any) -> None:
    assert axe(page) == []
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the rejected rows").click()
    download.value.save_as(folder / "rejected.csv")
    with (folder / "rejected.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["Incident date"] for row in rows] == ["31/04/2026x"]
    with (folder / "corrected.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows([{**rows[0], "Incident date": "30/04/2026"}])
    upload(page, "The corrected file", folder / "corrected.csv")
    page.get_by_role("button", name="Bring in the corrected rows").click()
    says(page, "1 of 1 rows are in order and count now")


def bring_in_the_second_month(page: Playwright, file: Path, axe: Any) -> None:
    """Three clicks: the menu, the file, the button."""
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Bring in").click()
    heading(page, "Bring in reports")
    upload(page, "Files of reports", file)
    page.get_by_role("button", name="Bring in reports", exact=True).click()
    says(page, "6 of 8 rows stored")
    says(went_to(page, "/data"), "asb-05.csv")
    assert axe(settled(page)) == []


def change_how_it_is_read_on_a_phone(page: Playwright, file: Path, axe: Any) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    went_to(page, "/bring-in")
    upload(page, "Files of reports", file)
    page.get_by_text("Change how this file is read").click()
    expect(page.locator("h2", has_text="Save and bring in")).to_be_visible()
    settled(page)
    assert page.locator("[data-testid='stMain'] *").evaluate_all(CUT_OFF) == []
    assert axe(page) == []
