"""Pages run without a browser: on the demo, on two wards drawn by hand, and on nothing."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from geodata.workspace import VARIABLE
from tests.builders import batch, incidents, workspace_of
from tests.serving import ROOT

PAGES = {
    "Overview": "explore/overview.py",
    "Hotspots": "explore/hotspots.py",
    "Trends": "explore/trends.py",
    "Day and hour": "explore/day_and_hour.py",
    "Wards compared": "explore/wards_compared.py",
    "Voice": "explore/voice.py",
    "Where next": "plan/where_next.py",
    "Did it work?": "plan/did_it_work.py",
    "Programme": "plan/programme.py",
    "Route": "plan/route.py",
    "Actions": "record/actions.py",
    "Ward panel": "record/ward_panel.py",
    "Walk requests": "record/walk_requests.py",
    "Places": "record/places.py",
    "Panel packs": "share/panel_packs.py",
    "Bring in reports": "data/bring_in.py",
    "Rejected rows": "data/rejected.py",
    "Open data": "data/open_data.py",
    "Repair places": "data/repair_places.py",
    "Ward boundaries": "data/boundaries.py",
    "What is stored": "data/data.py",
    "People": "record/people.py",
    "Method": "about/method.py",
}

Open = Callable[..., AppTest]

SIX_MONTHS = [f"2026-0{n}" for n in range(1, 7)]


manifest_scanner.scan_component_manifests = functools.cache(
    manifest_scanner.scan_component_manifests
)
"""Every AppTest looks through all installed packages for components: once is enough for all."""


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Open:
    """Open a page of the app on a workspace: `open_page("Hotspots", folder, side="350")`."""

    def open_one(page: str, workspace: Path, **query: str | list[str]) -> AppTest:
        monkeypatch.setenv(VARIABLE, str(workspace))
        at = AppTest.from_file(str(ROOT / "pages" / "router.py"), default_timeout=180)
        if "_" in PAGES[page]:  # its address is not its file's name: AppTest asks for a first run
            at.run()
        for key, value in query.items():
            at.query_params[key.replace("_", "-")] = value
        if page != "Overview":
            at.switch_page(PAGES[page])
        return at.run()

    return open_one


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Two wards, six months: a report a month at one place in West, two a month in East."""
    rows = [(month, x, 500) for month in SIX_MONTHS for x in (300, 1300, 1300)]
    return workspace_of(tmp_path / "small", batch("street", incidents(rows))).path


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """Wards, and no report."""
    return workspace_of(tmp_path / "empty").path


def map_told(at: AppTest) -> dict[str, Any]:
    """What the page's map layer is told, with its packs under `ground_pack` and `shapes_pack`."""
    found = [element.proto for element in at.get("bidi_component")]
    packs = {p.bytes[:32].decode(): json.loads(p.bytes[32:]) for p in found if p.bytes}
    (told,) = (json.loads(p.mixed.json or p.json) for p in found if not p.bytes)
    return {**told, **{f"{name}_pack": packs[told[name]] for name in ("ground", "shapes")}}


def html(at: AppTest) -> str:
    """Everything the page wrote as HTML, in order."""
    return "\n".join(element.proto.body for element in at.get("html"))


def words(at: AppTest) -> str:
    """Everything a person can read on the page, the side bar included."""
    headings = [e.value for kind in (at.title, at.header, at.subheader) for e in kind]
    prose = [e.value for e in at.markdown]
    numbers = [f"{e.label} {e.value}" for e in at.metric]
    return "\n".join([*headings, *prose, *numbers, html(at)])
