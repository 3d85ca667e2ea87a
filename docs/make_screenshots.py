"""Take the screenshots of the README: each page of the demo, in a real browser.

Run from the root of the project: `python docs/make_screenshots.py`. It makes the demo in a
temporary folder, so the pictures change only when the pages or the demo do.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from analysis.jobs.demo import make_demo  # noqa: E402
from tests.serving import served  # noqa: E402

FOLDER = ROOT / "docs" / "screenshots"
PICTURES = {
    "overview": ("overview", 1280, 1000),
    "hotspots": ("hotspots?area=h200_1793_-373", 1280, 1120),
    "trends": ("trends", 1280, 1080),
    "voice": ("voice", 1280, 1000),
    "where_next": ("where-next", 1280, 1180),
    "programme": ("programme", 1280, 1000),
    "route": ("route", 1280, 1180),
    "panel_packs": ("panel-pack", 1280, 1180),
    "actions": ("actions", 1280, 900),
    "data": ("data", 1280, 1120),
    "method": ("method", 1280, 1000),
}
COLOURS = 128
LARGEST = 200_000
"""Bytes a picture may have: they live in the repository."""


def main() -> None:
    """Write docs/screenshots/*.png."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        make_demo(Path(folder) / "workspace-demo")
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        with served(Path(folder) / "workspace", Path(folder) / "server.log") as address:
            for name, (path, width, height) in PICTURES.items():
                page = browser.new_page(
                    viewport={"width": width, "height": height}, reduced_motion="reduce"
                )
                page.goto(f"{address}/{path}")
                if name == "panel_packs":
                    make_drafts(page)
                save(taken(page), FOLDER / f"{name}.png")
                page.close()
        browser.close()


def make_drafts(page: Page) -> None:
    """Make the packs of two wards, so that there is something to see."""
    for ward in ("Bethnal Green East", "Whitechapel"):
        box = page.get_by_role("combobox", name="Wards")
        box.fill(ward)
        page.get_by_role("option", name=ward).click()
        page.wait_for_timeout(1500)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Make drafts").click()
    page.get_by_text("(zip)").first.wait_for(timeout=120_000)


def taken(page: Page) -> bytes:
    """Photograph a page once it is all there."""
    page.wait_for_selector("h1")
    page.wait_for_selector("[data-testid='stApp'][data-test-script-state='notRunning']")
    page.wait_for_selector("[data-testid='stSkeleton']", state="detached")
    if page.locator("iframe").count():
        page.frame_locator(".stMain iframe").locator(
            "path.leaflet-interactive:visible"
        ).first.wait_for()
    page.wait_for_timeout(1500)
    return page.screenshot()


def save(picture: bytes, path: Path) -> None:
    """Write a picture with few colours, which is enough for flat areas and small."""
    image = Image.open(BytesIO(picture)).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    if path.stat().st_size > LARGEST:
        raise SystemExit(f"{path.name} is {path.stat().st_size:,} bytes: take less of the page")


if __name__ == "__main__":
    main()
